/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "inf/index.h"

#define NAMES 1000

static const char *name_of(const void *owner, uint32_t number)
{
    return ((const char(*)[16])owner)[number];
}

static void names_are_found_whatever_their_case(void **state)
{
    (void)state;
    static char names[NAMES][16];
    struct inf_index index = {NULL, 0, 0};

    assert_int_equal(inf_index_find(&index, 0, "n1", name_of, names), UINT32_MAX);
    for (uint32_t i = 0; i < NAMES; i++) {
        snprintf(names[i], sizeof(names[i]), "Name%u", i);
        assert_true(inf_index_add(&index, 0, names[i], i));
    }
    for (uint32_t i = 0; i < NAMES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "nAME%u", i);
        assert_int_equal(inf_index_find(&index, 0, name, name_of, names), i);
    }
    assert_int_equal(inf_index_find(&index, 0, "Name1000", name_of, names), UINT32_MAX);
    inf_index_free(&index);
}

static void scopes_keep_equal_names_apart(void **state)
{
    (void)state;
    static const char names[2][16] = {"same", "SAME"};
    struct inf_index index = {NULL, 0, 0};

    assert_true(inf_index_add(&index, 1, names[0], 0));
    assert_int_equal(inf_index_find(&index, 2, "same", name_of, names), UINT32_MAX);
    assert_true(inf_index_add(&index, 2, names[1], 1));
    assert_int_equal(inf_index_find(&index, 1, "same", name_of, names), 0);
    assert_int_equal(inf_index_find(&index, 2, "same", name_of, names), 1);
    inf_index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_whatever_their_case),
        cmocka_unit_test(scopes_keep_equal_names_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
