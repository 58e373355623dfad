/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/inf_make.h"

#include <stdio.h>

static void tokens_stand_for_their_strings(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[s]\n%Key%=%a%,\"x %A% y\",%a%%b%\n"
                                     "[Strings]\nkey=name\na=one\nb=\"two %a%\"\na=ignored\n");
    const struct inf_line *line = inf_line_first(file, inf_section_find(file, "s"));

    assert_string_equal(inf_key(file, line), "name");
    assert_string_equal(inf_key_raw(file, line), "%Key%");
    assert_string_equal(inf_field(file, line, 0), "one");
    assert_string_equal(inf_field_raw(file, line, 0), "%a%");
    assert_string_equal(inf_field(file, line, 1), "x one y");
    assert_string_equal(inf_field(file, line, 2), "onetwo %a%");
    assert_string_equal(inf_string(file, "B"), "two %a%");
    assert_null(inf_string(file, "c"));
    inf_free(file);
}

static void unknown_tokens_and_directory_ids_stay(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[s]\nk=%13%\\x.sys,%none%,100%%,50%,%a\n[Strings]\na=1\n");
    const struct inf_line *line = inf_line_first(file, inf_section_find(file, "s"));
    static const char *const want[] = {"%13%\\x.sys", "%none%", "100%", "50%", "%a"};

    for (size_t i = 0; i < 5; i++)
        assert_string_equal(inf_field(file, line, i), want[i]);
    inf_free(file);
}

static const char *value_in(const char *text, uint16_t language, char *out, size_t room)
{
    struct inf_file *file;
    struct vf_err err;

    assert_int_equal(inf_parse_language((struct vf_view){(const uint8_t *)text, strlen(text)},
                                        "test.inf", language, &file, &err),
                     VF_OK);
    snprintf(out, room, "%s", inf_value(file, "s", "k", 0));
    inf_free(file);
    return out;
}

static void one_strings_section_serves_a_language(void **state)
{
    (void)state;
    static const char text[] = "[s]\nk=%a%\n[Strings]\na=plain\n[Strings.0407]\na=german\n"
                               "[Strings.0007]\na=neutral\n[Strings.0C0A]\na=spanish\n"
                               "[Strings.0410]\nb=italian\n[Strings.zzzz]\na=none\n";
    char out[32];

    assert_string_equal(value_in(text, 0, out, sizeof(out)), "plain");
    assert_string_equal(value_in(text, 0x0407, out, sizeof(out)), "german");
    assert_string_equal(value_in(text, 0x0C07, out, sizeof(out)), "neutral");
    assert_string_equal(value_in(text, 0x040A, out, sizeof(out)), "spanish");
    assert_string_equal(value_in(text, 0x0411, out, sizeof(out)), "plain");
    /* the section wins as a whole: a key it lacks is not looked for elsewhere */
    assert_string_equal(value_in(text, 0x0410, out, sizeof(out)), "%a%");
}

static void expansion_is_bounded(void **state)
{
    (void)state;
    struct vf_buf text = VF_BUF_INIT;

    vf_buf_append_text(&text, "[Strings]\na=");
    for (int i = 0; i < 4000; i++)
        vf_buf_append_byte(&text, 'x');
    vf_buf_append_text(&text, "\n[s]\n");
    for (int i = 0; i < 2000; i++)
        vf_buf_append_text(&text, "%a%,");
    assert_non_null(strstr(inf_refused(text.data, text.size), "string tokens expand to more"));
    vf_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_stand_for_their_strings),
        cmocka_unit_test(unknown_tokens_and_directory_ids_stay),
        cmocka_unit_test(one_strings_section_serves_a_language),
        cmocka_unit_test(expansion_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
