/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "iso/ecma119.h"
#include "iso/reader_private.h"

#define LONG_ENOUGH 1000000

static void assert_is(const void *data, size_t size, const char *expected)
{
    const char *what = iso_signature((struct vf_view){data, size}, LONG_ENOUGH);
    assert_non_null(what);
    if (!strstr(what, expected))
        print_error("'%s' should mention '%s'\n", what, expected);
    assert_non_null(strstr(what, expected));
}

#define ASSERT_IS(text, expected) assert_is(text, sizeof(text) - 1, expected)

static void web_pages_are_told(void **state)
{
    (void)state;
    ASSERT_IS("<!DOCTYPE html><html>", "HTML page");
    ASSERT_IS("\xEF\xBB\xBF\r\n <!doctype HTML>", "HTML page");
    ASSERT_IS("<html lang=en>", "HTML page");
    ASSERT_IS("<?xml version=\"1.0\"?><Error>", "XML");
    ASSERT_IS("{\"message\": \"not found\"}", "JSON");
}

static void archives_are_told(void **state)
{
    (void)state;
    ASSERT_IS("PK\x03\x04rest", "ZIP");
    ASSERT_IS("\x1F\x8B\x08", "gzip");
    ASSERT_IS("\xFD"
              "7zXZ\0...",
              "xz");
    ASSERT_IS("7z\xBC\xAF\x27\x1C...", "7z");
    ASSERT_IS("MSCF\0\0\0\0", "cabinet");
    ASSERT_IS("\xED\xAB\xEE\xDB\x03", "RPM");
    ASSERT_IS("MSWIM\0\0\0\xD0", "WIM");
}

static void tar_is_told_by_its_magic_inside(void **state)
{
    (void)state;
    char block[512] = "name";
    memcpy(block + 257, "ustar", 5);
    assert_is(block, sizeof(block), "tar");
}

static void udf_alone_is_told(void **state)
{
    (void)state;
    static char head[17 * ISO_BLOCK];
    head[0] = 1;
    memcpy(head + 16 * ISO_BLOCK + 1, "BEA01", 5);
    assert_is(head, sizeof(head), "UDF disc without");
}

static void empty_and_zero_files_are_told(void **state)
{
    (void)state;
    static const char zeros[17 * ISO_BLOCK];
    const char *what = iso_signature((struct vf_view){NULL, 0}, 0);
    assert_non_null(strstr(what, "empty file"));
    assert_is(zeros, sizeof(zeros), "zeros");
}

static void short_files_are_told(void **state)
{
    (void)state;
    const char *what = iso_signature((struct vf_view){(const uint8_t *)"text", 4}, 4);
    assert_non_null(strstr(what, "too short"));
}

static void the_unknown_stays_unknown(void **state)
{
    (void)state;
    static char head[17 * ISO_BLOCK];
    memset(head, 'x', sizeof(head));
    assert_null(iso_signature((struct vf_view){(const uint8_t *)head, sizeof(head)}, LONG_ENOUGH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(web_pages_are_told),
        cmocka_unit_test(archives_are_told),
        cmocka_unit_test(tar_is_told_by_its_magic_inside),
        cmocka_unit_test(udf_alone_is_told),
        cmocka_unit_test(empty_and_zero_files_are_told),
        cmocka_unit_test(short_files_are_told),
        cmocka_unit_test(the_unknown_stays_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
