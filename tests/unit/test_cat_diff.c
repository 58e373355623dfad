/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Differences in words, and who stands behind a catalog. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "builder/cat/diff.h"
#include "builder/cat/origin.h"
#include "tests/unit/cat_fixture.h"

static bool note(void *context, const char *text)
{
    struct vf_buf *all = context;
    vf_buf_append_text(all, text);
    vf_buf_append_byte(all, '\n');
    return true;
}

static bool is_same(const struct cat_list *one, const struct cat_list *two, struct vf_buf *text)
{
    bool same;

    assert_int_equal(cat_diff(one, two, note, text, &same, NULL), VF_OK);
    return same;
}

static void equal_lists_have_no_difference(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    struct vf_buf text = VF_BUF_INIT;
    cat_fixture_make(&fixture);
    struct cat_list *one = cat_fixture_list(&fixture, "10_X64");
    struct cat_list *two = cat_fixture_list(&fixture, "10_X64");
    assert_true(is_same(one, two, &text));
    assert_int_equal(text.size, 0);
    cat_list_free(one);
    cat_list_free(two);
    cat_fixture_free(&fixture);
}

static void each_difference_is_told(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    struct vf_buf text = VF_BUF_INIT;
    cat_fixture_make(&fixture);
    struct cat_list *one = cat_fixture_list(&fixture, "10_X64");
    fixture.members[1].sha256.bytes[0] ^= 1;
    fixture.members[1].sha1.bytes[0] ^= 1;
    fixture.members[0].name = "renamed.sys";
    struct cat_list *two = cat_fixture_list(&fixture, "8_X64");
    two->time++;
    assert_false(is_same(one, two, &text));
    const char *all = vf_buf_text(&text);
    assert_non_null(all);
    assert_non_null(strstr(all, "the identifier is"));
    assert_non_null(strstr(all, "the time is 2023-11-14 22:13:20, then 2023-11-14 22:13:21"));
    assert_non_null(strstr(all, "the catalog: OS is \"_v100_X64\", then \"8X64\""));
    assert_non_null(
        strstr(all, "driver.sys, SHA-256: File is \"driver.sys\", then \"renamed.sys\""));
    assert_non_null(strstr(all, "driver.inf, SHA-256: other content"));
    vf_buf_free(&text);
    cat_list_free(one);
    cat_list_free(two);
    cat_fixture_free(&fixture);
}

static void missing_and_new_entries_are_told(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    struct vf_buf text = VF_BUF_INIT;
    cat_fixture_make(&fixture);
    struct cat_list *one = cat_fixture_list(&fixture, "10_X64");
    struct cat_list *two = cat_fixture_list(&fixture, "7_X64");
    assert_false(is_same(two, one, &text));
    assert_false(is_same(one, two, &text));
    const char *all = vf_buf_text(&text);
    assert_non_null(strstr(all, "the version is 1, then 2"));
    assert_non_null(strstr(all, "driver.sys, SHA-256: newly listed"));
    assert_non_null(strstr(all, "driver.sys, SHA-256: no longer listed"));
    vf_buf_free(&text);
    cat_list_free(one);
    cat_list_free(two);
    cat_fixture_free(&fixture);
}

/* Looking for each entry among all others would take many seconds of the processor's time. */
static void long_lists_take_no_time_for_each_entry(void **state)
{
    enum { ENTRIES = 100000, SECONDS = 4 };
    (void)state;
    struct cat_entry *entries = calloc(ENTRIES, sizeof(*entries));
    struct cat_value *values = calloc(ENTRIES, sizeof(*values));
    struct cat_list one = {.version = 1, .entry_count = ENTRIES, .value_count = ENTRIES};
    struct cat_list two;
    struct vf_buf text = VF_BUF_INIT;
    static char names[ENTRIES][16];
    assert_true(entries && values);
    for (size_t i = 0; i < ENTRIES; i++) {
        snprintf(names[i], sizeof(names[i]), "HWID%zu", i);
        values[i] = (struct cat_value){names[i], names[i], CAT_VALUE_FLAGS};
        memcpy(entries[i].digest.bytes, &i, sizeof(i));
    }
    one.entries = entries;
    one.values = values;
    two = one;
    two.entry_count--;
    clock_t start = clock();
    assert_false(is_same(&one, &two, &text));
    assert_true(clock() - start < (clock_t)SECONDS * CLOCKS_PER_SEC);
    assert_string_equal(vf_buf_text(&text), "a file without name, SHA-1: no longer listed\n");
    vf_buf_free(&text);
    free(entries);
    free(values);
}

static void origin_follows_from_signer_and_marks(void **state)
{
    (void)state;
    struct cat_value mark = {(char *)"Qualification Level", (char *)"1000", CAT_VALUE_FLAGS};
    const struct cat_list plain = {.version = 2}, marked = {.values = &mark, .value_count = 1};
    struct sign_report report = {.present = false};
    assert_int_equal(cat_origin_of(&plain, &report), CAT_UNSIGNED);
    report.present = true;
    assert_int_equal(cat_origin_of(&plain, &report), CAT_VENDOR);
    report.signer.self_signed = true;
    assert_int_equal(cat_origin_of(&plain, &report), CAT_TEST);
    report.signer.self_signed = false;
    report.signer.usage_count = 1;
    strcpy(report.signer.usages[0], "1.3.6.1.4.1.311.10.3.5");
    assert_int_equal(cat_origin_of(&plain, &report), CAT_VENDOR);
    assert_int_equal(cat_origin_of(&marked, &report), CAT_WHQL);
    report.signer.usage_count = 2;
    strcpy(report.signer.usages[1], "1.3.6.1.4.1.311.10.3.5.1");
    assert_int_equal(cat_origin_of(&plain, &report), CAT_ATTESTATION);
    assert_string_equal(cat_origin_text(CAT_ATTESTATION), "attestation");
}

static void identifiers_are_read_as_they_are_printed(void **state)
{
    (void)state;
    static const char text[] = "00112233-4455-4677-8899-aabbccddeeff";
    static const char *const wrong[] = {"",
                                        "00112233-4455-4677-8899-aabbccddeef",
                                        "00112233-4455-4677-8899-aabbccddeeff0",
                                        "{00112233-4455-4677-8899-aabbccddeeff",
                                        "0011223344554677-8899-aabbccddeeff--",
                                        "0g112233-4455-4677-8899-aabbccddeeff"};
    uint8_t identifier[CAT_IDENTIFIER_SIZE];
    char back[CAT_GUID_TEXT_SIZE];
    assert_true(cat_identifier_parse(text, identifier));
    assert_int_equal(identifier[0], 0x33);
    cat_identifier_text(identifier, back);
    assert_string_equal(back, text);
    assert_true(cat_identifier_parse("{00112233-4455-4677-8899-AABBCCDDEEFF}", identifier));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(cat_identifier_parse(wrong[i], identifier));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_lists_have_no_difference),
        cmocka_unit_test(each_difference_is_told),
        cmocka_unit_test(missing_and_new_entries_are_told),
        cmocka_unit_test(long_lists_take_no_time_for_each_entry),
        cmocka_unit_test(origin_follows_from_signer_and_marks),
        cmocka_unit_test(identifiers_are_read_as_they_are_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
