/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stddef.h>

#include "inf/classes.h"
#include "inf/package.h"

static void classes_are_found_by_name_and_by_guid(void **state)
{
    (void)state;
    const struct inf_class *system = inf_class_named("SYSTEM");

    assert_non_null(system);
    assert_string_equal(system->name, "System");
    assert_false(system->reserved);
    assert_ptr_equal(inf_class_guid("{4D36E97D-E325-11CE-BFC1-08002BE10318}"), system);
    assert_true(inf_class_named("Sample")->reserved);
    assert_null(inf_class_named("Sys"));
    assert_null(inf_class_named(""));
    assert_null(inf_class_guid("{00000000-0000-0000-0000-000000000000}"));
}

static void what_the_drivers_here_use_is_right(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"SCSIAdapter", "{4d36e97b-e325-11ce-bfc1-08002be10318}"},
        {"Net", "{4d36e972-e325-11ce-bfc1-08002be10318}"},
        {"System", "{4d36e97d-e325-11ce-bfc1-08002be10318}"},
    };

    for (size_t i = 0; i < 3; i++) {
        const struct inf_class *found = inf_class_named(pairs[i][0]);
        assert_true(inf_guid_valid(found->guid));
        assert_string_equal(found->guid, pairs[i][1]);
        assert_ptr_equal(inf_class_guid(found->guid), found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_found_by_name_and_by_guid),
        cmocka_unit_test(what_the_drivers_here_use_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
