/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scsi_fixture.h"

static void standard_data_names_a_queueing_disk(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x12, 0, 0, 0, 96, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 36);
    assert_int_equal(fix.data[0], 0x00);
    assert_int_equal(fix.data[3] & 0x0f, 2);
    assert_int_equal(fix.data[4], 31);
    assert_int_equal(fix.data[7] & 0x02, 0x02);
    assert_memory_equal(fix.data + 8, "Red Hat VirtIO          0001", 28);
}

static void answer_is_cut_to_allocation_length_and_to_buffer(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x12, 0, 0, 0, 5, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 5);
    SCSI_RUN(&fix, 0x12, 0, 0, 0, 0, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 0);
    fix.command.data_length = 7;
    SCSI_RUN(&fix, 0x12, 0, 0, 0x01, 0x00, 0); /* 256: the length has two bytes */
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 7);
}

static void page_code_without_evpd_and_cmddt_are_refused(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x12, 0, 0x80, 0, 36, 0);
    scsi_expect_bad_field(&fix, 2);
    SCSI_RUN(&fix, 0x12, 2, 0, 0, 36, 0);
    scsi_expect_bad_field(&fix, 1);
}

static void supported_pages_are_listed_in_order(void **state)
{
    static const uint8_t with[] = {0, 0, 0, 3, 0x00, 0x80, 0x83};
    static const uint8_t without[] = {0, 0, 0, 2, 0x00, 0x83};
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x12, 1, 0x00, 0, 255, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, sizeof(with));
    assert_memory_equal(fix.data, with, sizeof(with));
    fix.disk.serial_length = 0;
    SCSI_RUN(&fix, 0x12, 1, 0x00, 0, 255, 0);
    assert_int_equal(fix.outcome.transferred, sizeof(without));
    assert_memory_equal(fix.data, without, sizeof(without));
}

static void listed_pages_exist_and_others_do_not(void **state)
{
    struct scsi_fixture fix;
    uint8_t list[16];
    uint8_t count;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x12, 1, 0x00, 0, 255, 0);
    count = fix.data[3];
    memcpy(list, fix.data + 4, count);
    for (unsigned page = 0; page < 256; page++) {
        bool listed = memchr(list, (int)page, count) != NULL;

        SCSI_RUN(&fix, 0x12, 1, (uint8_t)page, 0, 255, 0);
        if (listed) {
            scsi_expect_good(&fix);
            assert_int_equal(fix.data[1], page);
            assert_int_equal(fix.outcome.transferred, fix.data[3] + 4);
        } else {
            scsi_expect_bad_field(&fix, 2);
        }
    }
}

static void serial_number_page_holds_the_serial_number(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x12, 1, 0x80, 0, 255, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 9);
    assert_memory_equal(fix.data, "\0\x80\0\x05SN-42", 9);
    fix.disk.serial_length = 0;
    SCSI_RUN(&fix, 0x12, 1, 0x80, 0, 255, 0);
    scsi_expect_bad_field(&fix, 2);
}

static void identification_is_unique_only_with_a_serial_number(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x12, 1, 0x83, 0, 255, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.data[4], 0x02);
    assert_int_equal(fix.data[5], 0x01);
    assert_int_equal(fix.data[7], 8 + 16 + 5);
    assert_int_equal(fix.data[3], fix.data[7] + 4);
    assert_memory_equal(fix.data + 8, "Red Hat VirtIO          SN-42", 29);
    fix.disk.serial_length = 0;
    SCSI_RUN(&fix, 0x12, 1, 0x83, 0, 255, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.data[5], 0x00);
    assert_int_equal(fix.data[7], 24);
}

static void longest_serial_number_fits_every_page(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    scsi_disk_set_serial(&fix.disk, "01234567890123456789+", 21);
    assert_int_equal(fix.disk.serial_length, SCSI_SERIAL_MAX);
    SCSI_RUN(&fix, 0x12, 1, 0x83, 0, 255, 0);
    assert_int_equal(fix.outcome.transferred, 8 + 24 + 20);
    assert_memory_equal(fix.data + 32, "01234567890123456789", 20);
    SCSI_RUN(&fix, 0x12, 1, 0x80, 0, 255, 0);
    assert_int_equal(fix.outcome.transferred, 24);
}

static void serial_number_is_trimmed_and_made_printable(void **state)
{
    struct scsi_disk disk = {0};

    (void)state;
    scsi_disk_set_serial(&disk, "  a\xff\n b \0cde", 12);
    assert_int_equal(disk.serial_length, 5);
    assert_memory_equal(disk.serial, "a__ b", 5);
    scsi_disk_set_serial(&disk, "    ", 4);
    assert_int_equal(disk.serial_length, 0);
    scsi_disk_set_serial(&disk, "", 0);
    assert_int_equal(disk.serial_length, 0);
}

static void report_luns_lists_unit_0_alone(void **state)
{
    static const uint8_t expected[16] = {0, 0, 0, 8};
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 16);
    assert_memory_equal(fix.data, expected, 16);
    SCSI_RUN(&fix, 0xa0, 0, 1, 0, 0, 0, 0, 0, 0, 64, 0, 0); /* well known units */
    assert_int_equal(fix.outcome.transferred, 8);
    SCSI_RUN(&fix, 0xa0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0);
    assert_int_equal(fix.outcome.transferred, 10);
    SCSI_RUN(&fix, 0xa0, 0, 3, 0, 0, 0, 0, 0, 0, 64, 0, 0);
    scsi_expect_bad_field(&fix, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_data_names_a_queueing_disk),
        cmocka_unit_test(answer_is_cut_to_allocation_length_and_to_buffer),
        cmocka_unit_test(page_code_without_evpd_and_cmddt_are_refused),
        cmocka_unit_test(supported_pages_are_listed_in_order),
        cmocka_unit_test(listed_pages_exist_and_others_do_not),
        cmocka_unit_test(serial_number_page_holds_the_serial_number),
        cmocka_unit_test(identification_is_unique_only_with_a_serial_number),
        cmocka_unit_test(longest_serial_number_fits_every_page),
        cmocka_unit_test(serial_number_is_trimmed_and_made_printable),
        cmocka_unit_test(report_luns_lists_unit_0_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
