/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "util/epoch.h"

static void environment_sets_the_time(void **state)
{
    (void)state;
    int64_t t = 0;
    setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    assert_int_equal(vf_epoch(&t, NULL), VF_OK);
    assert_int_equal(t, 1700000000);
}

static void without_it_the_present_is_used(void **state)
{
    (void)state;
    int64_t t = 0;
    time_t before = time(NULL);
    unsetenv("SOURCE_DATE_EPOCH");
    assert_int_equal(vf_epoch(&t, NULL), VF_OK);
    assert_in_range(t, before, time(NULL));
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "x", "12x", "-1", " 5", "+5", "4133980800", "99999999999999999999"};
    int64_t t;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        setenv("SOURCE_DATE_EPOCH", bad[i], 1);
        assert_int_equal(vf_epoch(&t, NULL), VF_USAGE);
    }
}

static void calendar_is_utc_in_any_zone(void **state)
{
    (void)state;
    struct tm tm;
    setenv("TZ", "Pacific/Kiritimati", 1);
    tzset();
    vf_epoch_utc(1700000000, &tm);
    assert_int_equal(tm.tm_year, 123);
    assert_int_equal(tm.tm_mon, 10);
    assert_int_equal(tm.tm_mday, 14);
    assert_int_equal(tm.tm_hour, 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_sets_the_time),
        cmocka_unit_test(without_it_the_present_is_used),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(calendar_is_utc_in_any_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
