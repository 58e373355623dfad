/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/inf_make.h"

static const char text[] = "; top\r\n[s]\r\nk = \"old\" , x ; why\r\n";

static void an_edit_changes_its_part_only(void **state)
{
    (void)state;
    struct inf_file *file = inf_make(text);
    const struct inf_line *line = inf_line_first(file, inf_section_find(file, "s"));
    struct inf_span end = inf_line_span(line);
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err;
    struct inf_edit edits[] = {
        {inf_field_span(file, line, 0), "new"},
        {{end.end, end.end}, "more=1\r\n"},
    };

    assert_int_equal(inf_write(file, edits, 2, &out, &err), VF_OK);
    assert_string_equal(vf_buf_text(&out), "; top\r\n[s]\r\nk = new , x ; why\r\nmore=1\r\n");
    vf_buf_free(&out);
    inf_free(file);
}

static void edits_out_of_order_or_range_are_refused(void **state)
{
    (void)state;
    struct inf_file *file = inf_make(text);
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err;
    static const struct inf_edit bad[][2] = {
        {{{5, 6}, "a"}, {{2, 3}, "b"}},
        {{{2, 5}, "a"}, {{4, 6}, "b"}},
        {{{0, 1}, "a"}, {{5, 1000}, "b"}},
        {{{3, 2}, "a"}, {{5, 6}, "b"}},
    };

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(inf_write(file, bad[i], 2, &out, &err), VF_USAGE);
    vf_buf_free(&out);
    inf_free(file);
}

static void text_the_encoding_lacks_is_refused(void **state)
{
    (void)state;
    struct inf_file *file = inf_make(text);
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err;
    struct inf_edit edit = {{0, 0}, "; \xE6\x97\xA5\r\n"};

    assert_int_equal(inf_write(file, &edit, 1, &out, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "Windows-1252"));
    vf_buf_free(&out);
    inf_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edit_changes_its_part_only),
        cmocka_unit_test(edits_out_of_order_or_range_are_refused),
        cmocka_unit_test(text_the_encoding_lacks_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
