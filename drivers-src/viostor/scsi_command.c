// SPDX-License-Identifier: BSD-3-Clause
//
// The opcode table, and what is common to all commands.

#include "scsi_private.h"

enum row_flag {
    ROW_ATTENTION = 1, // runs although a unit attention is pending (SPC-4, 5.14.3)
    ROW_MEDIUM = 2     // needs a medium
};

struct row {
    uint8_t opcode;
    uint8_t flags;
    void (*run)(struct scsi_run *run);
};

// A command's length follows from its opcode (SPC-4, 4.2.5.1), so it needs no column.
static const struct row rows[] = {
    {0x00, ROW_MEDIUM, scsi_do_test_unit_ready},
    {0x03, ROW_ATTENTION, scsi_do_request_sense},
    {0x08, ROW_MEDIUM, scsi_do_read},
    {0x0a, ROW_MEDIUM, scsi_do_write},
    {0x12, ROW_ATTENTION, scsi_do_inquiry},
    {0x1a, 0, scsi_do_mode_sense_6},
    {0x1b, 0, scsi_do_start_stop},
    {0x1e, 0, scsi_do_prevent_removal},
    {0x25, ROW_MEDIUM, scsi_do_read_capacity_10},
    {0x28, ROW_MEDIUM, scsi_do_read},
    {0x2a, ROW_MEDIUM, scsi_do_write},
    {0x2f, ROW_MEDIUM, scsi_do_verify},
    {0x35, ROW_MEDIUM, scsi_do_synchronize_cache},
    {0x5a, 0, scsi_do_mode_sense_10},
    {0x88, ROW_MEDIUM, scsi_do_read},
    {0x8a, ROW_MEDIUM, scsi_do_write},
    {0x8f, ROW_MEDIUM, scsi_do_verify},
    {0x91, ROW_MEDIUM, scsi_do_synchronize_cache},
    {0x9e, 0, scsi_do_service_action_in_16},
    {0xa0, ROW_ATTENTION, scsi_do_report_luns},
    {0xa8, ROW_MEDIUM, scsi_do_read},
    {0xaa, ROW_MEDIUM, scsi_do_write},
    {0xaf, ROW_MEDIUM, scsi_do_verify},
};

static const struct row *row_find(uint8_t opcode)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].opcode == opcode)
            return &rows[i];
    }
    return NULL;
}

// The length that an opcode's group stands for; 0 for the groups without a fixed one.
static uint8_t cdb_bytes(uint8_t opcode)
{
    static const uint8_t by_group[8] = {6, 10, 10, 0, 16, 12, 0, 0};

    return by_group[opcode >> 5];
}

void scsi_fail(struct scsi_run *run, enum scsi_sense_key key, enum scsi_asc asc)
{
    run->outcome->action = SCSI_COMPLETE;
    run->outcome->status = SCSI_CHECK_CONDITION;
    run->outcome->sense = (struct scsi_sense){.key = (uint8_t)key, .asc = (uint16_t)asc};
    run->outcome->transferred = 0;
}

void scsi_fail_field(struct scsi_run *run, uint16_t field)
{
    scsi_fail(run, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
    run->outcome->sense.has_field = true;
    run->outcome->sense.field = field;
}

void scsi_answer(struct scsi_run *run, const uint8_t *bytes, uint32_t length, uint32_t allocation)
{
    uint32_t count = length;

    if (count > allocation)
        count = allocation;
    run->outcome->answer = count;
    if (run->command->data == NULL)
        count = 0;
    else if (count > run->command->data_length)
        count = run->command->data_length;
    for (uint32_t i = 0; i < count; i++)
        run->command->data[i] = bytes[i];
    run->outcome->transferred = count;
}

void scsi_execute(const struct scsi_disk *disk, const struct scsi_command *command,
                  struct scsi_outcome *outcome)
{
    struct scsi_run run = {.disk = disk, .command = command, .outcome = outcome};
    const struct row *row;

    *outcome = (struct scsi_outcome){.action = SCSI_COMPLETE, .status = SCSI_GOOD};
    if (command->path != 0 || command->target != 0 || command->lun != 0) {
        outcome->action = SCSI_NO_UNIT;
        return;
    }
    if (command->cdb_length == 0) {
        scsi_fail(&run, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_COMMAND);
        return;
    }
    row = row_find(command->cdb[0]);
    if (row == NULL) {
        scsi_fail(&run, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_COMMAND);
        return;
    }
    if (command->cdb_length < cdb_bytes(row->opcode)) {
        scsi_fail_field(&run, command->cdb_length);
        return;
    }
    for (uint8_t i = 0; i < cdb_bytes(row->opcode); i++)
        run.cdb[i] = command->cdb[i];

    if (command->attention != 0 && (row->flags & ROW_ATTENTION) == 0) {
        scsi_fail(&run, SCSI_UNIT_ATTENTION, (enum scsi_asc)command->attention);
        outcome->attention_told = true;
        return;
    }
    if (disk->blocks == 0 && (row->flags & ROW_MEDIUM) != 0) {
        scsi_fail(&run, SCSI_NOT_READY, SCSI_ASC_NO_MEDIUM);
        return;
    }
    row->run(&run);
}
