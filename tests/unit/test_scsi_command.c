/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scsi_fixture.h"

static void unknown_opcode_is_an_invalid_command(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0); /* UNMAP */
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_COMMAND);
    SCSI_RUN(&fix, 0x15, 0, 0, 0, 0, 0); /* MODE SELECT (6) */
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_COMMAND);
    SCSI_RUN(&fix, 0xff);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_COMMAND);
    assert_false(fix.outcome.sense.has_field);
}

static void every_opcode_ends_in_a_defined_way(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        for (unsigned fill = 0; fill < 256; fill += 85) {
            memset(fix.cdb, (int)fill, sizeof(fix.cdb));
            fix.cdb[0] = (uint8_t)opcode;
            fix.command.cdb_length = sizeof(fix.cdb);
            scsi_fixture_run(&fix);
            assert_true(fix.outcome.action <= SCSI_FLUSH);
            if (fix.outcome.action == SCSI_READ || fix.outcome.action == SCSI_WRITE) {
                assert_true(fix.outcome.bytes <= fix.command.data_length);
                assert_true(fix.outcome.lba + fix.outcome.bytes / 512 <= fix.disk.blocks);
            }
        }
    }
}

static void command_without_bytes_is_refused(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.cdb_length = 0;
    scsi_fixture_run(&fix);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_COMMAND);
}

static void cdb_shorter_than_its_opcode_wants_is_refused(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0, 0, 0, 0, 1); /* READ (10) of 9 bytes */
    scsi_expect_bad_field(&fix, 9);
    SCSI_RUN(&fix, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
    scsi_expect_bad_field(&fix, 15);
    SCSI_RUN(&fix, 0x12, 0, 0, 0, 36);
    scsi_expect_bad_field(&fix, 5);
}

static void nobody_is_at_other_addresses(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.lun = 1;
    SCSI_RUN(&fix, 0x12, 0, 0, 0, 36, 0);
    assert_int_equal(fix.outcome.action, SCSI_NO_UNIT);
    fix.command.lun = 0;
    fix.command.target = 1;
    SCSI_RUN(&fix, 0x00, 0, 0, 0, 0, 0);
    assert_int_equal(fix.outcome.action, SCSI_NO_UNIT);
    fix.command.target = 0;
    fix.command.path = 255;
    SCSI_RUN(&fix, 0xee);
    assert_int_equal(fix.outcome.action, SCSI_NO_UNIT);
}

static void pending_attention_is_told_once_by_a_failed_command(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.attention = SCSI_ASC_CAPACITY_CHANGED;
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    scsi_expect_sense(&fix, SCSI_UNIT_ATTENTION, SCSI_ASC_CAPACITY_CHANGED);
    assert_true(fix.outcome.attention_told);
    fix.command.attention = 0;
    SCSI_RUN(&fix, 0x00, 0, 0, 0, 0, 0);
    scsi_expect_good(&fix);
    assert_false(fix.outcome.attention_told);
}

static void inquiry_and_report_luns_leave_the_attention_pending(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.attention = SCSI_ASC_CAPACITY_CHANGED;
    SCSI_RUN(&fix, 0x12, 0, 0, 0, 36, 0);
    scsi_expect_good(&fix);
    assert_false(fix.outcome.attention_told);
    SCSI_RUN(&fix, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0);
    scsi_expect_good(&fix);
    assert_false(fix.outcome.attention_told);
}

static void disk_without_blocks_is_not_ready(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.disk.blocks = 0;
    SCSI_RUN(&fix, 0x00, 0, 0, 0, 0, 0);
    scsi_expect_sense(&fix, SCSI_NOT_READY, SCSI_ASC_NO_MEDIUM);
    SCSI_RUN(&fix, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    scsi_expect_sense(&fix, SCSI_NOT_READY, SCSI_ASC_NO_MEDIUM);
    SCSI_RUN(&fix, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0);
    scsi_expect_sense(&fix, SCSI_NOT_READY, SCSI_ASC_NO_MEDIUM);
    SCSI_RUN(&fix, 0x12, 0, 0, 0, 36, 0);
    scsi_expect_good(&fix);
}

static void answer_without_a_buffer_is_known_but_not_written(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.data = NULL;
    SCSI_RUN(&fix, 0x12, 0, 0, 0, 36, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.answer, 36);
    assert_int_equal(fix.outcome.transferred, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_opcode_is_an_invalid_command),
        cmocka_unit_test(every_opcode_ends_in_a_defined_way),
        cmocka_unit_test(command_without_bytes_is_refused),
        cmocka_unit_test(cdb_shorter_than_its_opcode_wants_is_refused),
        cmocka_unit_test(nobody_is_at_other_addresses),
        cmocka_unit_test(pending_attention_is_told_once_by_a_failed_command),
        cmocka_unit_test(inquiry_and_report_luns_leave_the_attention_pending),
        cmocka_unit_test(disk_without_blocks_is_not_ready),
        cmocka_unit_test(answer_without_a_buffer_is_known_but_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
