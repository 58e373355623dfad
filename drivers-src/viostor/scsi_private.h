// SPDX-License-Identifier: BSD-3-Clause
//
// What the scsi_*.c files share: one command in work, answering it, big-endian fields.

#ifndef VIOSTOR_SCSI_PRIVATE_H
#define VIOSTOR_SCSI_PRIVATE_H

#include "scsi.h"

// One command in work. `cdb` is a copy padded with zeros, so handlers may read any byte of it.
struct scsi_run {
    const struct scsi_disk *disk;
    const struct scsi_command *command;
    struct scsi_outcome *outcome;
    uint8_t cdb[SCSI_CDB_MAX];
};

// Ends the command with CHECK CONDITION.
void scsi_fail(struct scsi_run *run, enum scsi_sense_key key, enum scsi_asc asc);

// Ends it with INVALID FIELD IN CDB, pointing at byte `field` of the CDB.
void scsi_fail_field(struct scsi_run *run, uint16_t field);

// Ends it with `length` bytes of answer, cut to `allocation` and to the buffer.
void scsi_answer(struct scsi_run *run, const uint8_t *bytes, uint32_t length, uint32_t allocation);

void scsi_do_read(struct scsi_run *run);
void scsi_do_write(struct scsi_run *run);
void scsi_do_verify(struct scsi_run *run);
void scsi_do_synchronize_cache(struct scsi_run *run);
void scsi_do_start_stop(struct scsi_run *run);
void scsi_do_prevent_removal(struct scsi_run *run);
void scsi_do_test_unit_ready(struct scsi_run *run);
void scsi_do_read_capacity_10(struct scsi_run *run);
void scsi_do_service_action_in_16(struct scsi_run *run);
void scsi_do_inquiry(struct scsi_run *run);
void scsi_do_report_luns(struct scsi_run *run);
void scsi_do_mode_sense_6(struct scsi_run *run);
void scsi_do_mode_sense_10(struct scsi_run *run);
void scsi_do_request_sense(struct scsi_run *run);

// The T10 vendor and product identification. They equal those of virtio-win, so that Windows takes
// a disk for the same one after an exchange of drivers. Padded with blanks, not terminated.
#define SCSI_VENDOR_BYTES  8u
#define SCSI_PRODUCT_BYTES 16u

static inline uint16_t scsi_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t scsi_get32(const uint8_t *p)
{
    return (uint32_t)scsi_get16(p) << 16 | scsi_get16(p + 2);
}

static inline uint64_t scsi_get64(const uint8_t *p)
{
    return (uint64_t)scsi_get32(p) << 32 | scsi_get32(p + 4);
}

static inline void scsi_put16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void scsi_put32(uint8_t *p, uint32_t value)
{
    scsi_put16(p, (uint16_t)(value >> 16));
    scsi_put16(p + 2, (uint16_t)value);
}

static inline void scsi_put64(uint8_t *p, uint64_t value)
{
    scsi_put32(p, (uint32_t)(value >> 32));
    scsi_put32(p + 4, (uint32_t)value);
}

#endif
