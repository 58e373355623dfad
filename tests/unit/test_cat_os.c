/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "builder/cat/os.h"

static void names_are_found_without_regard_to_case(void **state)
{
    (void)state;
    assert_string_equal(cat_os_find("10_x64")->catalog, "_v100_X64");
    assert_string_equal(cat_os_find("SERVER2016_X64")->catalog, "Server_v100_X64_RS1");
    assert_null(cat_os_find("10_X65"));
}

static void no_name_stands_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < cat_system_count; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(strcasecmp(cat_systems[i].name, cat_systems[j].name), 0);
}

/* Windows 8 (6.2) is the first that understands SHA-256 catalogs. */
static void version_follows_from_the_kernel(void **state)
{
    (void)state;
    for (size_t i = 0; i < cat_system_count; i++) {
        const char *attributes = cat_systems[i].attributes;
        bool old = strstr(attributes, "2:5.") || strstr(attributes, "2:6.0") ||
                   strstr(attributes, "2:6.1");
        assert_int_equal(cat_systems[i].version, old ? 1 : 2);
    }
}

static void lists_are_read_in_their_order(void **state)
{
    (void)state;
    const struct cat_os *out[CAT_SYSTEMS_MAX];
    size_t count;
    assert_int_equal(cat_os_parse("10_GE_X64,8_X86", out, &count, NULL), VF_OK);
    assert_int_equal(count, 2);
    assert_string_equal(out[0]->name, "10_GE_X64");
    assert_string_equal(out[1]->name, "8_X86");
}

static void wrong_lists_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "''"}, {"10_X64,", "''"}, {"10_X64,nt4", "'nt4'"}, {"10_X64,10_x64", "twice"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct cat_os *out[CAT_SYSTEMS_MAX];
        size_t count;
        struct vf_err err;
        assert_int_equal(cat_os_parse(cases[i].text, out, &count, &err), VF_USAGE);
        assert_non_null(strstr(err.text, cases[i].says));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_without_regard_to_case),
        cmocka_unit_test(no_name_stands_twice),
        cmocka_unit_test(version_follows_from_the_kernel),
        cmocka_unit_test(lists_are_read_in_their_order),
        cmocka_unit_test(wrong_lists_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
