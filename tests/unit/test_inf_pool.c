/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "inf/pool.h"

static void texts_stay_where_they_are(void **state)
{
    (void)state;
    struct inf_pool pool = {NULL, false};
    const char *first = inf_pool_copy(&pool, "first");
    char text[1000];

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 100; i++)
        assert_string_equal(inf_pool_copy(&pool, text), text);
    assert_string_equal(first, "first");
    assert_false(pool.failed);
    inf_pool_free(&pool);
}

static void texts_longer_than_a_chunk_fit(void **state)
{
    (void)state;
    static char text[100000];
    struct inf_pool pool = {NULL, false};

    memset(text, 'y', sizeof(text) - 1);
    assert_string_equal(inf_pool_copy(&pool, text), text);
    assert_string_equal(inf_pool_copy(&pool, "short"), "short");
    inf_pool_free(&pool);
}

static void copies_can_be_lower_case_or_a_part(void **state)
{
    (void)state;
    struct inf_pool pool = {NULL, false};

    assert_string_equal(inf_pool_lower(&pool, "PCI\\VEN_1AF4\xC3\x84"), "pci\\ven_1af4\xC3\x84");
    assert_string_equal(inf_pool_part(&pool, "drv.sys", 3), "drv");
    assert_string_equal(inf_pool_part(&pool, "drv.sys", 0), "");
    assert_string_equal(inf_pool_lower(&pool, ""), "");
    inf_pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_stay_where_they_are),
        cmocka_unit_test(texts_longer_than_a_chunk_fit),
        cmocka_unit_test(copies_can_be_lower_case_or_a_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
