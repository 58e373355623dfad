/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "iso/name.h"

static void assert_good(const char *name)
{
    struct vf_err err = {VF_OK, ""};
    enum vf_code code = iso_name_check(name, &err);
    if (code)
        print_error("'%s': %s\n", name, err.text);
    assert_int_equal(code, VF_OK);
}

static void assert_refused(const char *name, const char *reason)
{
    struct vf_err err = {VF_OK, ""};
    assert_int_equal(iso_name_check(name, &err), VF_MALFORMED);
    if (!strstr(err.text, reason))
        print_error("'%s' should mention '%s'\n", err.text, reason);
    assert_non_null(strstr(err.text, reason));
}

static void ordinary_names_are_good(void **state)
{
    (void)state;
    assert_good("viostor.inf");
    assert_good("ARM64");
    assert_good("a b+c,d=e [1] (2).x");
    assert_good("\xC3\x84\xC3\xB6.txt");
    assert_good(".hidden");
    assert_good("console.txt");
    assert_good("com10");
    assert_good("lpt");
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
    (void)state;
    assert_refused("", "cannot be");
    assert_refused(".", "cannot be");
    assert_refused("..", "cannot be");
    assert_refused("a/b", "'/'");
    assert_refused("a\\b", "'\\'");
}

static void forbidden_characters_are_named(void **state)
{
    (void)state;
    static const char forbidden[] = "\"*:;<>?|";
    for (const char *c = forbidden; *c; c++) {
        const char name[] = {'a', *c, 'b', 0};
        const char reason[] = {'\'', *c, '\'', 0};
        assert_refused(name, reason);
    }
    assert_refused("a\tb", "U+0009");
    assert_refused("a\x7F", "U+007F");
    assert_refused("\xC2\x85", "U+0085");
}

static void what_readers_cut_is_refused(void **state)
{
    (void)state;
    assert_good("\xE9\xA9\xB1\xE5\x8A\xA8.txt"); /* two of three bytes, four of one */
    assert_refused("\xE9\xA9\xB1\xE5\x8A\xA8", "two bytes a character");
    assert_refused("\xF0\x9F\x98\x80", "U+1F600");
    assert_refused("a\xFFz", "not UTF-8 at its byte 2");
}

static void length_is_counted_in_characters(void **state)
{
    (void)state;
    char name[2 * 65 + 1] = "";
    for (int i = 0; i < 64; i++)
        strcat(name, "\xC3\xA4");
    assert_good(name);
    strcat(name, "x");
    assert_refused(name, "65 characters");
}

static void what_windows_drops_at_the_end_is_refused(void **state)
{
    (void)state;
    assert_refused("name.", "dot");
    assert_refused("name ", "space");
}

static void device_names_are_refused(void **state)
{
    (void)state;
    assert_refused("aux", "device");
    assert_refused("NUL.txt", "device");
    assert_refused("Com1.inf", "device");
    assert_refused("lpt9.tar.gz", "device");
    assert_refused("com\xC2\xB2", "device");
    assert_refused("con .txt", "device");
    assert_refused("CONOUT$", "device");
}

static void labels_have_1_to_16_characters(void **state)
{
    (void)state;
    struct vf_err err;
    assert_int_equal(iso_name_check_label("vioforge-0.1.0", &err), VF_OK);
    assert_int_equal(iso_name_check_label("0123456789ABCDEF", &err), VF_OK);
    assert_int_equal(iso_name_check_label("0123456789ABCDEFG", &err), VF_USAGE);
    assert_non_null(strstr(err.text, "17"));
    assert_int_equal(iso_name_check_label("", &err), VF_USAGE);
    assert_int_equal(iso_name_check_label("a/b", &err), VF_MALFORMED);
}

static void assert_same_key(const char *a, const char *b, bool same)
{
    struct vf_buf x = VF_BUF_INIT, y = VF_BUF_INIT;
    assert_true(iso_name_key(a, &x) && iso_name_key(b, &y));
    assert_int_equal(strcmp((char *)x.data, (char *)y.data) == 0, same);
    vf_buf_free(&x);
    vf_buf_free(&y);
}

static void keys_are_equal_where_only_case_differs(void **state)
{
    (void)state;
    assert_same_key("Viostor.INF", "vioSTOR.inf", true);
    assert_same_key("\xC3\xA9t\xC3\xA9", "\xC3\x89T\xC3\x89", true); /* Latin-1 */
    assert_same_key("\xC4\x8D", "\xC4\x8C", true);                   /* pair, capital even */
    assert_same_key("\xC5\xBE", "\xC5\xBD", true);                   /* pair, capital odd */
    assert_same_key("\xCE\xB1", "\xCE\x91", true);                   /* Greek */
    assert_same_key("\xD1\x8F", "\xD0\xAF", true);                   /* Cyrillic */
    assert_same_key("\xC3\xB7", "\xC3\x97", false);                  /* signs, not letters */
    assert_same_key("a_b", "a-b", false);
    assert_same_key("a[", "a{", false);
}

static void key_of_what_is_not_utf8_fails(void **state)
{
    (void)state;
    struct vf_buf key = VF_BUF_INIT;
    assert_false(iso_name_key("\xFF", &key));
    vf_buf_free(&key);
}

static void assert_primary(const char *name, bool directory, unsigned attempt, const char *expected)
{
    char id[ISO_PRIMARY_MAX];
    iso_name_primary(name, directory, attempt, id);
    assert_string_equal(id, expected);
}

static void primary_names_keep_to_level_2(void **state)
{
    (void)state;
    assert_primary("viostor.inf", false, 0, "VIOSTOR.INF");
    assert_primary("README", false, 0, "README.");
    assert_primary("a.tar.gz", false, 0, "A_TAR.GZ");
    assert_primary(".profile", false, 0, "_PROFILE.");
    assert_primary("w8.1", true, 0, "W8_1");
    assert_primary("\xC3\xA9t\xC3\xA9.txt", false, 0, "_T_.TXT");
    /* 30 characters of name and extension */
    assert_primary("abcdefghijklmnopqrstuvwxyz0123456789.text", false, 0,
                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ.TEXT");
    assert_primary("x.abcdefghijk", false, 0, "X.ABCDEFGH");
    assert_primary("abcdefghijklmnopqrstuvwxyz0123456789", true, 0,
                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234");
}

static void further_attempts_end_in_a_number(void **state)
{
    (void)state;
    assert_primary("a-b.inf", false, 1, "A_B_1.INF");
    assert_primary("abcdefghijklmnopqrstuvwxyz0123456789.text", false, 12,
                   "ABCDEFGHIJKLMNOPQRSTUVW_12.TEXT");
    assert_primary("abcdefghijklmnopqrstuvwxyz0123456789", true, 3,
                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ012_3");
}

static void primary_label_has_d_characters(void **state)
{
    (void)state;
    char label[33];
    iso_name_primary_label("vioforge-0.1.0", label);
    assert_string_equal(label, "VIOFORGE_0_1_0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_names_are_good),
        cmocka_unit_test(names_that_lead_elsewhere_are_refused),
        cmocka_unit_test(forbidden_characters_are_named),
        cmocka_unit_test(what_readers_cut_is_refused),
        cmocka_unit_test(length_is_counted_in_characters),
        cmocka_unit_test(what_windows_drops_at_the_end_is_refused),
        cmocka_unit_test(device_names_are_refused),
        cmocka_unit_test(labels_have_1_to_16_characters),
        cmocka_unit_test(keys_are_equal_where_only_case_differs),
        cmocka_unit_test(key_of_what_is_not_utf8_fails),
        cmocka_unit_test(primary_names_keep_to_level_2),
        cmocka_unit_test(further_attempts_end_in_a_number),
        cmocka_unit_test(primary_label_has_d_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
