/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scsi_fixture.h"

static void expect_transfer(const struct scsi_fixture *fix, enum scsi_action action, uint64_t lba,
                            uint32_t bytes)
{
    assert_int_equal(fix->outcome.action, action);
    assert_true(fix->outcome.lba == lba);
    assert_int_equal(fix->outcome.bytes, bytes);
}

static void every_read_and_write_finds_address_and_count(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.disk.blocks = UINT64_C(0x300000000);
    fix.command.data_length = 1 << 20;
    SCSI_RUN(&fix, 0x08, 0xe1, 0x02, 0x03, 4, 0); /* the upper bits were a unit number once */
    expect_transfer(&fix, SCSI_READ, 0x010203, 4 * 512);
    SCSI_RUN(&fix, 0x0a, 0x01, 0x02, 0x03, 4, 0);
    expect_transfer(&fix, SCSI_WRITE, 0x010203, 4 * 512);
    SCSI_RUN(&fix, 0x28, 0, 1, 2, 3, 4, 0, 0x01, 0x00, 0);
    expect_transfer(&fix, SCSI_READ, 0x01020304, 256 * 512);
    SCSI_RUN(&fix, 0x2a, 0, 1, 2, 3, 4, 0, 0x00, 0x01, 0);
    expect_transfer(&fix, SCSI_WRITE, 0x01020304, 512);
    SCSI_RUN(&fix, 0xa8, 0, 1, 2, 3, 4, 0, 0, 0x02, 0x00, 0, 0);
    expect_transfer(&fix, SCSI_READ, 0x01020304, 512 * 512);
    SCSI_RUN(&fix, 0xaa, 0, 1, 2, 3, 4, 0, 0, 0x00, 0x02, 0, 0);
    expect_transfer(&fix, SCSI_WRITE, 0x01020304, 2 * 512);
    SCSI_RUN(&fix, 0x88, 0, 0, 0, 0, 2, 1, 2, 3, 4, 0, 0, 0, 7, 0, 0);
    expect_transfer(&fix, SCSI_READ, UINT64_C(0x201020304), 7 * 512);
    SCSI_RUN(&fix, 0x8a, 0, 0, 0, 0, 2, 1, 2, 3, 4, 0, 0, 0, 8, 0, 0);
    expect_transfer(&fix, SCSI_WRITE, UINT64_C(0x201020304), 8 * 512);
}

static void count_zero_means_256_in_read_6_only(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.data_length = 256 * 512;
    SCSI_RUN(&fix, 0x08, 0, 0, 0, 0, 0);
    expect_transfer(&fix, SCSI_READ, 0, 256 * 512);
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    scsi_expect_good(&fix);
}

static void last_block_is_reached_and_no_further(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.data_length = 4096;
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0x03, 0xe7, 0, 0, 1, 0); /* block 999 */
    expect_transfer(&fix, SCSI_READ, 999, 512);
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0x03, 0xe7, 0, 0, 2, 0);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    SCSI_RUN(&fix, 0x2a, 0, 0, 0, 0x03, 0xe8, 0, 0, 1, 0);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0x03, 0xe9, 0, 0, 0, 0); /* nothing, but beyond the end */
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
}

static void address_and_count_that_wrap_are_out_of_range(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2, 0, 0);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    fix.disk.blocks = UINT64_MAX;
    SCSI_RUN(&fix, 0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    /* 2^32 - 1 blocks of 4096 bytes do not fit 32 bits of bytes. */
    fix.disk.block_bytes = 4096;
    fix.command.data_length = UINT32_MAX;
    SCSI_RUN(&fix, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0);
    scsi_expect_bad_field(&fix, 10);
}

static void transfer_larger_than_the_buffer_is_refused(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.data_length = 1023;
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0);
    scsi_expect_bad_field(&fix, 7);
    SCSI_RUN(&fix, 0x0a, 0, 0, 0, 2, 0);
    scsi_expect_bad_field(&fix, 4);
    SCSI_RUN(&fix, 0xa8, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0);
    scsi_expect_bad_field(&fix, 6);
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0); /* a buffer too large is no error */
    expect_transfer(&fix, SCSI_READ, 0, 512);
}

static void protection_information_is_refused(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.data_length = 512;
    SCSI_RUN(&fix, 0x28, 0x20, 0, 0, 0, 0, 0, 0, 1, 0);
    scsi_expect_bad_field(&fix, 1);
    SCSI_RUN(&fix, 0x8a, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0);
    scsi_expect_bad_field(&fix, 1);
    SCSI_RUN(&fix, 0x2f, 0x20, 0, 0, 0, 0, 0, 0, 1, 0);
    scsi_expect_bad_field(&fix, 1);
}

static void read_only_disk_refuses_writes_and_nothing_else(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.disk.read_only = true;
    fix.command.data_length = 512;
    SCSI_RUN(&fix, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
    scsi_expect_sense(&fix, SCSI_DATA_PROTECT, SCSI_ASC_WRITE_PROTECTED);
    SCSI_RUN(&fix, 0x0a, 0, 0, 0, 1, 0);
    scsi_expect_sense(&fix, SCSI_DATA_PROTECT, SCSI_ASC_WRITE_PROTECTED);
    SCSI_RUN(&fix, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
    expect_transfer(&fix, SCSI_READ, 0, 512);
}

static void forced_write_flushes_only_a_write_cache(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.data_length = 512;
    SCSI_RUN(&fix, 0x2a, 0x08, 0, 0, 0, 0, 0, 0, 1, 0);
    expect_transfer(&fix, SCSI_WRITE, 0, 512);
    assert_true(fix.outcome.force);
    SCSI_RUN(&fix, 0x2a, 0x00, 0, 0, 0, 0, 0, 0, 1, 0);
    assert_false(fix.outcome.force);
    SCSI_RUN(&fix, 0x0a, 0x08, 0, 0, 1, 0); /* in WRITE (6) the bit is part of the address */
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    fix.disk.write_cache = false;
    SCSI_RUN(&fix, 0x2a, 0x08, 0, 0, 0, 0, 0, 0, 1, 0);
    assert_false(fix.outcome.force);
}

static void flush_goes_to_the_device_if_it_can(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(fix.outcome.action, SCSI_FLUSH);
    SCSI_RUN(&fix, 0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(fix.outcome.action, SCSI_FLUSH);
    SCSI_RUN(&fix, 0x35, 0, 0, 0, 0x03, 0xe8, 0, 0, 1, 0);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    fix.disk.can_flush = false;
    SCSI_RUN(&fix, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    scsi_expect_good(&fix);
}

static void verify_checks_the_range_and_compares_nothing(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x2f, 0x10, 0, 0, 0x03, 0xe7, 0, 0, 1, 0); /* DPO */
    scsi_expect_good(&fix);
    SCSI_RUN(&fix, 0x2f, 0, 0, 0, 0x03, 0xe7, 0, 0, 2, 0);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    SCSI_RUN(&fix, 0x8f, 0, 0, 0, 0, 0, 0, 0, 0x03, 0xe8, 0, 0, 0, 1, 0, 0);
    scsi_expect_sense(&fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    SCSI_RUN(&fix, 0xaf, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0);
    scsi_expect_good(&fix);
    SCSI_RUN(&fix, 0x2f, 0x02, 0, 0, 0, 0, 0, 0, 1, 0); /* BYTCHK */
    scsi_expect_bad_field(&fix, 1);
}

static void stop_flushes_start_does_not_and_nothing_is_ejected(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x1b, 0, 0, 0, 0x00, 0);
    assert_int_equal(fix.outcome.action, SCSI_FLUSH);
    SCSI_RUN(&fix, 0x1b, 0, 0, 0, 0x04, 0); /* NO_FLUSH */
    scsi_expect_good(&fix);
    SCSI_RUN(&fix, 0x1b, 0, 0, 0, 0x01, 0);
    scsi_expect_good(&fix);
    SCSI_RUN(&fix, 0x1b, 0, 0, 0, 0x30, 0); /* power condition STANDBY */
    scsi_expect_good(&fix);
    SCSI_RUN(&fix, 0x1b, 0, 0, 0, 0x02, 0);
    scsi_expect_bad_field(&fix, 4);
    SCSI_RUN(&fix, 0x1e, 0, 0, 0, 0x01, 0);
    scsi_expect_good(&fix);
}

static void read_capacity_10_tells_the_last_block(void **state)
{
    static const uint8_t expected[8] = {0, 0, 0x03, 0xe7, 0, 0, 0x10, 0};
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.disk.block_bytes = 4096;
    SCSI_RUN(&fix, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 8);
    assert_memory_equal(fix.data, expected, 8);
    fix.command.data_length = 5;
    SCSI_RUN(&fix, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(fix.outcome.transferred, 5);
}

static void read_capacity_10_of_a_large_disk_refers_to_the_16_byte_one(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.disk.blocks = UINT64_C(0xffffffff); /* the last block is 0xfffffffe */
    SCSI_RUN(&fix, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_memory_equal(fix.data, "\xff\xff\xff\xfe", 4);
    fix.disk.blocks = UINT64_C(0x100000001);
    SCSI_RUN(&fix, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_memory_equal(fix.data, "\xff\xff\xff\xff", 4);
}

static void read_capacity_16_tells_size_and_physical_blocks(void **state)
{
    static const uint8_t expected[16] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 5};
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.disk.blocks = UINT64_C(0x100000002);
    fix.disk.physical_exponent = 3;
    fix.disk.lowest_aligned = 5;
    SCSI_RUN(&fix, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 32);
    assert_memory_equal(fix.data, expected, 16);
    SCSI_RUN(&fix, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0);
    assert_int_equal(fix.outcome.transferred, 12);
    SCSI_RUN(&fix, 0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0);
    scsi_expect_bad_field(&fix, 1); /* GET LBA STATUS */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_read_and_write_finds_address_and_count),
        cmocka_unit_test(count_zero_means_256_in_read_6_only),
        cmocka_unit_test(last_block_is_reached_and_no_further),
        cmocka_unit_test(address_and_count_that_wrap_are_out_of_range),
        cmocka_unit_test(transfer_larger_than_the_buffer_is_refused),
        cmocka_unit_test(protection_information_is_refused),
        cmocka_unit_test(read_only_disk_refuses_writes_and_nothing_else),
        cmocka_unit_test(forced_write_flushes_only_a_write_cache),
        cmocka_unit_test(flush_goes_to_the_device_if_it_can),
        cmocka_unit_test(verify_checks_the_range_and_compares_nothing),
        cmocka_unit_test(stop_flushes_start_does_not_and_nothing_is_ejected),
        cmocka_unit_test(read_capacity_10_tells_the_last_block),
        cmocka_unit_test(read_capacity_10_of_a_large_disk_refers_to_the_16_byte_one),
        cmocka_unit_test(read_capacity_16_tells_size_and_physical_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
