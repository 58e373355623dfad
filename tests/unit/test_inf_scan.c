/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/inf_make.h"

#include <stdio.h>
#include <stdlib.h>

/* The first line of section [s], for a one-line check of how it splits. */
static void check_line(const char *text, const char *key, size_t count, const char *const *fields)
{
    struct vf_buf whole = VF_BUF_INIT;

    vf_buf_printf(&whole, "[s]\n%s\n", text);
    struct inf_file *file = inf_make_bytes(whole.data, whole.size);
    const struct inf_line *line = inf_line_first(file, inf_section_find(file, "s"));
    assert_non_null(line);
    if (key)
        assert_string_equal(inf_key(file, line), key);
    else
        assert_null(inf_key(file, line));
    assert_int_equal(inf_field_count(line), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(inf_field(file, line, i), fields[i]);
    inf_free(file);
    vf_buf_free(&whole);
}

#define FIELDS(...)                                                          \
    sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]) \
    {                                                                        \
        __VA_ARGS__                                                          \
    }

static void lines_split_into_key_and_fields(void **state)
{
    (void)state;
    check_line("a=b", "a", FIELDS("b"));
    check_line("  a  =  b , c ", "a", FIELDS("b", "c"));
    check_line("HKR,,x,,\"y z\"", NULL, FIELDS("HKR", "", "x", "", "y z"));
    check_line("a=b=c", "a", FIELDS("b=c"));
    check_line("a,b=c", NULL, FIELDS("a", "b=c"));
    check_line("a=", "a", FIELDS(""));
    check_line("=b", "", FIELDS("b"));
    check_line("alone", NULL, FIELDS("alone"));
    check_line("two words", NULL, FIELDS("two words"));
}

static void empty_fields_count(void **state)
{
    (void)state;
    check_line("a,b,,", NULL, FIELDS("a", "b", "", ""));
    check_line(",", NULL, FIELDS("", ""));
    check_line("k=a, ; none", "k", FIELDS("a", ""));
    check_line("k=a,\"\"", "k", FIELDS("a", ""));
    check_line("k=\"\"", "k", FIELDS(""));
}

static void quotes_protect_what_they_hold(void **state)
{
    (void)state;
    check_line("k=\"a;b,c=d\\\"", "k", FIELDS("a;b,c=d\\"));
    check_line("k=\"say \"\"hi\"\" \"", "k", FIELDS("say \"hi\" "));
    check_line("\"a=b\"=c", "a=b", FIELDS("c"));
    check_line("k=one\" two \"three", "k", FIELDS("one two three"));
    check_line("k=\"open", "k", FIELDS("open"));
}

static void comments_end_a_line(void **state)
{
    (void)state;
    check_line("k=a ; b", "k", FIELDS("a"));
    check_line("; nothing\nk=a", "k", FIELDS("a"));
    check_line("k=%a;b%", "k", FIELDS("%a;b%"));
    check_line("k=5% ; more than 4%", "k", FIELDS("5%"));
}

static void backslashes_continue_lines(void **state)
{
    (void)state;
    check_line("k=a,\\\n  b", "k", FIELDS("a", "b"));
    check_line("k=a,\\ ; why\r\nb", "k", FIELDS("a", "b"));
    check_line("k=a\\\\\n,b", "k", FIELDS("a", "b"));
    check_line("k=\"dir\\\"\\\n,b", "k", FIELDS("dir\\", "b"));
    check_line("k=a\\b\\c", "k", FIELDS("a\\b\\c"));
    check_line("k=a\\ \\ b ", "k", FIELDS("a\\ \\ b"));
    check_line("k=a\\", "k", FIELDS("a"));
}

static void every_line_end_counts(void **state)
{
    (void)state;
    static const char *const ends[] = {"\r", "\n", "\r\n"};

    for (size_t i = 0; i < 3; i++) {
        struct vf_buf text = VF_BUF_INIT;
        vf_buf_printf(&text, "[s]%sa=1%s%sb=2", ends[i], ends[i], ends[i]);
        struct inf_file *file = inf_make_bytes(text.data, text.size);
        const struct inf_section *s = inf_section_find(file, "s");
        assert_int_equal(inf_line_count(s), 2);
        assert_int_equal(inf_line_place(file, inf_line_find(file, s, "B")).line, 4);
        assert_string_equal(inf_newline(file), ends[i]);
        inf_free(file);
        vf_buf_free(&text);
    }
}

static void sections_of_one_name_are_one(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[A] rest ignored\nx=1\n[b]\ny=2\n[a]\nX=3\n");
    const struct inf_section *a = inf_section_find(file, "a");

    assert_int_equal(inf_section_count(file), 2);
    assert_string_equal(inf_section_name(file, a), "A");
    assert_int_equal(inf_line_count(a), 2);
    assert_int_equal(inf_heading_count(a), 2);
    assert_int_equal(inf_heading_place(file, a, 0).line, 1);
    assert_int_equal(inf_heading_place(file, a, 1).line, 5);
    const struct inf_line *line = inf_line_find(file, a, "x");
    assert_string_equal(inf_field(file, line, 0), "1");
    line = inf_line_find_next(file, line, "x");
    assert_string_equal(inf_field(file, line, 0), "3");
    assert_null(inf_line_find_next(file, line, "x"));
    assert_string_equal(inf_value(file, "B", "Y", 0), "2");
    assert_null(inf_value(file, "B", "Y", 1));
    assert_null(inf_value(file, "B", "Z", 0));
    inf_free(file);
}

static void places_count_characters_from_one(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[s]\n\n  k = \"\xE4\", \\\n   last\n");
    const struct inf_line *line = inf_line_first(file, inf_section_find(file, "s"));

    assert_int_equal(inf_line_place(file, line).line, 3);
    assert_int_equal(inf_line_place(file, line).column, 3);
    assert_int_equal(inf_field_place(file, line, 0).column, 7);
    assert_int_equal(inf_field_place(file, line, 1).line, 4);
    assert_int_equal(inf_field_place(file, line, 1).column, 4);
    struct inf_span span = inf_field_span(file, line, 0);
    assert_memory_equal(inf_text(file).data + span.begin, "\"\xC3\xA4\"", span.end - span.begin);
    inf_free(file);
}

static void control_z_ends_the_file(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[s]\na=1\n\x1A[t]\n");

    assert_null(inf_section_find(file, "t"));
    inf_free(file);
}

/* U+00A0 and its like, in every encoding: setupapi takes them for spaces. */
static void all_white_space_of_unicode_counts(void **state)
{
    (void)state;
    static const char *const spaces[] = {
        "\v",           "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80",
        "\xE2\x80\x80", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9",
        "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80",
    };
    static const char *const others[] = {"\xC2\xA1", "\xE2\x80\x8B", "\xE2\x80\xAA", "\x1F",
                                         "\xE1\xA0\x8E"};
    char text[256], wanted[64];

    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        const char *s = spaces[i];
        snprintf(text, sizeof(text),
                 "\xEF\xBB\xBF[s]%s\n%sk%s=%sa%sb%s,\"c\"%s\nd=\\%s;\n%se\nf=\\%sg\n", s, s, s, s,
                 s, s, s, s, s, s);
        struct inf_file *file = inf_make(text);
        snprintf(wanted, sizeof(wanted), "a%sb", s);
        assert_string_equal(inf_value(file, "s", "k", 0), wanted);
        assert_string_equal(inf_value(file, "s", "k", 1), "c");
        assert_string_equal(inf_value(file, "s", "d", 0), "e");
        snprintf(wanted, sizeof(wanted), "\\%sg", s);
        assert_string_equal(inf_value(file, "s", "f", 0), wanted);
        inf_free(file);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        snprintf(text, sizeof(text), "\xEF\xBB\xBF[s]\nk=%sa\n", others[i]);
        struct inf_file *file = inf_make(text);
        snprintf(wanted, sizeof(wanted), "%sa", others[i]);
        assert_string_equal(inf_value(file, "s", "k", 0), wanted);
        inf_free(file);
    }
    /* as Windows-1252 has it, and cut short at the end of the file */
    struct inf_file *file = inf_make("[s]\nk\xA0=\xA0"
                                     "a\xA0");
    assert_string_equal(inf_value(file, "s", "k", 0), "a");
    inf_free(file);
}

static void malformed_text_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } bad[] = {
        {"; note\n  key=1\n", "test.inf:2:3: text, and no [section]"},
        {"", "test.inf:1:1: no [section]"},
        {"; note\n", "test.inf:1:1: no [section]"},
        {"<html>", "test.inf:1:1: text, and no [section]"},
        {"[s]\n[t\n", "test.inf:2:1: a section heading lacks its ']'"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_memory_equal(inf_refused(bad[i].text, strlen(bad[i].text)), bad[i].message,
                            strlen(bad[i].message));
    assert_non_null(strstr(inf_refused("[s]\na\0b", 7), "test.inf:2:2: a NUL character"));
}

/* what each file below begins with */
static const char heading[4] = {'[', 's', ']', '\n'};

static void names_and_values_have_a_greatest_length(void **state)
{
    (void)state;
    char text[INF_FIELD_MAX + 16];

    memset(text, 'n', sizeof(text));
    text[0] = '[';
    text[INF_NAME_MAX + 1] = ']';
    inf_free(inf_make_bytes(text, INF_NAME_MAX + 2));
    text[INF_NAME_MAX + 1] = 'n';
    text[INF_NAME_MAX + 2] = ']';
    assert_non_null(strstr(inf_refused(text, INF_NAME_MAX + 3), "at most 255"));

    memset(text, 'v', sizeof(text));
    memcpy(text, heading, sizeof(heading));
    inf_free(inf_make_bytes(text, INF_FIELD_MAX + 4));
    assert_non_null(strstr(inf_refused(text, INF_FIELD_MAX + 5), "at most 4096"));
}

static void too_many_of_anything_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        size_t each;
        const char *piece; /* NULL: a heading of its own */
        const char *message;
    } cases[] = {
        {INF_SECTIONS_MAX + 1, 9, NULL, "sections"},
        {INF_LINES_MAX + 1, 2, "a\n", "lines"},
        {INF_FIELDS_MAX + 1, 1, ",", "values"},
    };

    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        size_t size = 4 + cases[c].count * cases[c].each;
        char *text = malloc(size + 1);
        assert_non_null(text);
        memcpy(text, heading, sizeof(heading));
        for (size_t i = 0; i < cases[c].count; i++) {
            char own[32];
            snprintf(own, sizeof(own), "[%06zx]\n", i);
            memcpy(text + 4 + i * cases[c].each, cases[c].piece ? cases[c].piece : own,
                   cases[c].each);
        }
        assert_non_null(strstr(inf_refused(text, size), cases[c].message));
        free(text);
    }
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[s]");

    assert_int_equal(inf_section_count(file), 1);
    assert_null(inf_section_find(file, "Version"));
    assert_null(inf_value(file, "Version", "Class", 0));
    inf_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_split_into_key_and_fields),
        cmocka_unit_test(empty_fields_count),
        cmocka_unit_test(quotes_protect_what_they_hold),
        cmocka_unit_test(comments_end_a_line),
        cmocka_unit_test(backslashes_continue_lines),
        cmocka_unit_test(every_line_end_counts),
        cmocka_unit_test(sections_of_one_name_are_one),
        cmocka_unit_test(places_count_characters_from_one),
        cmocka_unit_test(control_z_ends_the_file),
        cmocka_unit_test(all_white_space_of_unicode_counts),
        cmocka_unit_test(malformed_text_is_refused_with_its_place),
        cmocka_unit_test(names_and_values_have_a_greatest_length),
        cmocka_unit_test(too_many_of_anything_is_refused),
        cmocka_unit_test(what_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
