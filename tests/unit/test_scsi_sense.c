/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scsi_fixture.h"

static const struct scsi_sense bad_field = {.key = SCSI_ILLEGAL_REQUEST,
                                            .asc = SCSI_ASC_INVALID_FIELD_IN_CDB,
                                            .has_field = true,
                                            .field = 7};

static void fixed_format_has_key_code_and_field(void **state)
{
    static const uint8_t expected[SCSI_SENSE_BYTES] = {0x70, 0, 5, 0,    0, 0, 0,    10, 0,
                                                       0,    0, 0, 0x24, 0, 0, 0xc0, 0,  7};
    uint8_t bytes[SCSI_SENSE_BYTES + 1] = {0};

    (void)state;
    bytes[SCSI_SENSE_BYTES] = 0xa5;
    assert_int_equal(scsi_sense_fixed(&bad_field, bytes, sizeof(bytes)), SCSI_SENSE_BYTES);
    assert_memory_equal(bytes, expected, sizeof(expected));
    assert_int_equal(bytes[SCSI_SENSE_BYTES], 0xa5);
}

static void descriptor_format_has_key_code_and_field(void **state)
{
    static const uint8_t expected[16] = {0x72, 5, 0x24, 0, 0, 0, 0, 8, 2, 6, 0, 0, 0xc0, 0, 7, 0};
    const struct scsi_sense plain = {.key = SCSI_UNIT_ATTENTION, .asc = SCSI_ASC_CAPACITY_CHANGED};
    uint8_t bytes[18];

    (void)state;
    assert_int_equal(scsi_sense_descriptor(&bad_field, bytes, sizeof(bytes)), 16);
    assert_memory_equal(bytes, expected, sizeof(expected));
    assert_int_equal(scsi_sense_descriptor(&plain, bytes, sizeof(bytes)), 8);
    assert_memory_equal(bytes, "\x72\x06\x2a\x09\0\0\0\0", 8);
}

static void sense_is_cut_to_a_small_buffer(void **state)
{
    uint8_t bytes[8];

    (void)state;
    memset(bytes, 0xa5, sizeof(bytes));
    assert_int_equal(scsi_sense_fixed(&bad_field, bytes, 3), 3);
    assert_int_equal(bytes[2], SCSI_ILLEGAL_REQUEST);
    assert_int_equal(bytes[3], 0xa5);
    assert_int_equal(scsi_sense_fixed(&bad_field, bytes, 0), 0);
    assert_int_equal(scsi_sense_descriptor(&bad_field, bytes, 1), 1);
}

static void request_sense_without_news_is_no_sense(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x03, 0, 0, 0, 252, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, SCSI_SENSE_BYTES);
    assert_int_equal(fix.data[0], 0x70);
    assert_int_equal(fix.data[2], SCSI_NO_SENSE);
    assert_int_equal(fix.data[12], 0);
}

static void request_sense_tells_and_clears_the_attention(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    fix.command.attention = SCSI_ASC_CAPACITY_CHANGED;
    SCSI_RUN(&fix, 0x03, 0, 0, 0, 18, 0);
    scsi_expect_good(&fix);
    assert_true(fix.outcome.attention_told);
    assert_int_equal(fix.data[2], SCSI_UNIT_ATTENTION);
    assert_int_equal(fix.data[12], 0x2a);
    assert_int_equal(fix.data[13], 0x09);
}

static void request_sense_answers_in_descriptor_format_on_demand(void **state)
{
    struct scsi_fixture fix;

    (void)state;
    scsi_fixture_init(&fix);
    SCSI_RUN(&fix, 0x03, 1, 0, 0, 252, 0);
    scsi_expect_good(&fix);
    assert_int_equal(fix.outcome.transferred, 8);
    assert_int_equal(fix.data[0], 0x72);
    SCSI_RUN(&fix, 0x03, 1, 0, 0, 2, 0);
    assert_int_equal(fix.outcome.transferred, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_format_has_key_code_and_field),
        cmocka_unit_test(descriptor_format_has_key_code_and_field),
        cmocka_unit_test(sense_is_cut_to_a_small_buffer),
        cmocka_unit_test(request_sense_without_news_is_no_sense),
        cmocka_unit_test(request_sense_tells_and_clears_the_attention),
        cmocka_unit_test(request_sense_answers_in_descriptor_format_on_demand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
