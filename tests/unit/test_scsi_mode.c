/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scsi_fixture.h"

static void caching_page_tells_the_write_cache(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x1a, 0x08, 0x08, 0, 255, 0); /* no block descriptor */
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 24);
    assert_int_equal(fix.data[0], 23);
    assert_int_equal(fix.data[3], 0);
    assert_int_equal(fix.data[4], 0x08);
    assert_int_equal(fix.data[5], 0x12);
    assert_int_equal(fix.data[6], 0x04);
    fix.disk.write_cache = false;
    SCSI_RUN(&fix, 0x1a, 0x08, 0x08, 0, 255, 0);
    assert_int_equal(fix.data[6], 0x00);
}

static void header_tells_write_protection(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x1a, 0x08, 0x3f, 0, 255, 0);
    assert_int_equal(fix.data[2], 0x10);
    fix.disk.read_only = true;
    SCSI_RUN(&fix, 0x1a, 0x08, 0x3f, 0, 255, 0);
    assert_int_equal(fix.data[2], 0x90);
    SCSI_RUN(&fix, 0x5a, 0x08, 0x3f, 0, 0, 0, 0, 0, 255, 0);
    assert_int_equal(fix.data[3], 0x90);
}

static void all_pages_come_in_order_behind_the_block_descriptor(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x5a, 0, 0x3f, 0xff, 0, 0, 0, 1, 0, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 8 + 8 + 20 + 12);
    assert_int_equal(fix.data[0] << 8 | fix.data[1], 46);
    assert_int_equal(fix.data[7], 8);
    assert_memory_equal(fix.data + 8, "\0\0\x03\xe8\0\0\x02\0", 8);
    assert_int_equal(fix.data[16], 0x08);
    assert_int_equal(fix.data[36], 0x0a);
    assert_int_equal(fix.data[37], 0x0a);
}

static void nothing_is_changeable(void **state)
{
    static const uint8_t zeros[18] = {0};
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x1a, 0x08, 0x48, 0, 255, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.data[4], 0x08);
    assert_memory_equal(fix.data + 6, zeros, sizeof(zeros));
    SCSI_RUN(&fix, 0x1a, 0x08, 0x88, 0, 255, 0); /* default values */
    assert_int_equal(fix.data[6], 0x04);
}

static void saved_values_unknown_pages_and_subpages_are_refused(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x1a, 0, 0xc8, 0, 255, 0);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_SAVING_NOT_SUPPORTED);
    SCSI_RUN(&fix, 0x1a, 0, 0x1c, 0, 255, 0);
    scsi_expect_bad_field(&fix, 2);
    SCSI_RUN(&fix, 0x5a, 0, 0x0a, 1, 0, 0, 0, 0, 255, 0);
    scsi_expect_bad_field(&fix, 3);
}

static void answer_is_cut_but_tells_its_whole_length(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x1a, 0x08, 0x08, 0, 4, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 4);
    assert_int_equal(fix.data[0], 23);
    fix.command.data_length = 9;
    SCSI_RUN(&fix, 0x5a, 0x08, 0x08, 0, 0, 0, 0, 0xff, 0xff, 0);
    assert_int_equal(fix.outcome.transferred, 9);
    assert_int_equal(fix.data[1], 26);
}

static void block_descriptor_of_a_large_disk_saturates(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.disk.blocks = UINT64_C(0x123456789a);
    SCSI_RUN(&fix, 0x1a, 0, 0x08, 0, 255, 0);
    assert_int_equal(fix.data[3], 8);
    assert_memory_equal(fix.data + 4, "\xff\xff\xff\xff\0\0\x02\0", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caching_page_tells_the_write_cache),
        cmocka_unit_test(header_tells_write_protection),
        cmocka_unit_test(all_pages_come_in_order_behind_the_block_descriptor),
        cmocka_unit_test(nothing_is_changeable),
        cmocka_unit_test(saved_values_unknown_pages_and_subpages_are_refused),
        cmocka_unit_test(answer_is_cut_but_tells_its_whole_length),
        cmocka_unit_test(block_descriptor_of_a_large_disk_saturates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
