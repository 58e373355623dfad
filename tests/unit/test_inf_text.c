/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "inf/inf.h"

static void names_compare_without_case(void **state)
{
    (void)state;
    assert_true(inf_name_equal("Version", "vERSION"));
    assert_false(inf_name_equal("Version", "Versio"));
    assert_false(inf_name_equal("\xC3\x84", "\xC3\xA4"));
    assert_true(inf_name_begins("NTamd64.10.0", "ntAMD64"));
    assert_false(inf_name_begins("NT", "ntamd64"));
    assert_true(inf_name_ends("drv.SYS", ".sys"));
    assert_false(inf_name_ends("sys", ".sys"));
}

static void numbers_are_read_in_both_bases(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},       {"42", 42}, {"0x2A", 42},
                {" -1 ", -1},   {"+7", 7},  {"0x7fffffffffffffff", INT64_MAX},
                {"-0x10", -16}, {"007", 7}};
    static const char *const bad[] = {"", " ", "x", "1x", "0x", "12 3", "99999999999999999999",
                                      "-"};
    int64_t value;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(inf_number(good[i].text, &value));
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(inf_number(bad[i], &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_compare_without_case),
        cmocka_unit_test(numbers_are_read_in_both_bases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
