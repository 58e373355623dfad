// SPDX-License-Identifier: BSD-3-Clause
//
// Sense data: how a failed command tells why.

#include "scsi_private.h"

// Sense-key specific bytes that point at a byte of the CDB (SPC-4, 4.5.2.4.2): valid, in the CDB.
static void put_field_pointer(const struct scsi_sense *sense, uint8_t *specific)
{
    specific[0] = 0xc0;
    scsi_put16(specific + 1, sense->field);
}

static size_t copy_out(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t room)
{
    size_t count = length < room ? length : room;

    for (size_t i = 0; i < count; i++)
        buffer[i] = bytes[i];
    return count;
}

size_t scsi_sense_fixed(const struct scsi_sense *sense, void *buffer, size_t room)
{
    uint8_t bytes[SCSI_SENSE_BYTES] = {0};

    bytes[0] = 0x70; // current error, fixed format
    bytes[2] = sense->key;
    bytes[7] = sizeof(bytes) - 8;
    scsi_put16(bytes + 12, sense->asc);
    if (sense->has_field)
        put_field_pointer(sense, bytes + 15);
    return copy_out(bytes, sizeof(bytes), buffer, room);
}

size_t scsi_sense_descriptor(const struct scsi_sense *sense, void *buffer, size_t room)
{
    uint8_t bytes[16] = {0};
    size_t length = 8;

    bytes[0] = 0x72; // current error, descriptor format
    bytes[1] = sense->key;
    scsi_put16(bytes + 2, sense->asc);
    if (sense->has_field) {
        bytes[8] = 0x02; // sense-key specific descriptor, 6 bytes more
        bytes[9] = 0x06;
        put_field_pointer(sense, bytes + 12);
        length = 16;
    }
    bytes[7] = (uint8_t)(length - 8);
    return copy_out(bytes, length, buffer, room);
}

// REQUEST SENSE (SPC-4, 6.39). Failures travel with their commands, so all that can be waiting is
// a unit attention.
void scsi_do_request_sense(struct scsi_run *run)
{
    uint8_t bytes[SCSI_SENSE_BYTES];
    struct scsi_sense sense = {.key = SCSI_NO_SENSE};
    size_t length;

    if (run->command->attention != 0) {
        sense.key = SCSI_UNIT_ATTENTION;
        sense.asc = run->command->attention;
        run->outcome->attention_told = true;
    }
    if ((run->cdb[1] & 0x01) != 0)
        length = scsi_sense_descriptor(&sense, bytes, sizeof(bytes));
    else
        length = scsi_sense_fixed(&sense, bytes, sizeof(bytes));
    scsi_answer(run, bytes, (uint32_t)length, run->cdb[4]);
}
