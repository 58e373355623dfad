/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/inf_make.h"

#define SAY "[\0s\0]\0\n\0k\0=\0\xE4\0"

static void check(const void *bytes, size_t size, enum inf_encoding encoding)
{
    struct inf_file *file = inf_make_bytes(bytes, size);
    struct vf_buf back = VF_BUF_INIT;
    struct vf_err err;

    assert_int_equal(inf_encoding(file), encoding);
    assert_string_equal(inf_value(file, "s", "k", 0), "\xC3\xA4");
    assert_int_equal(inf_write(file, NULL, 0, &back, &err), VF_OK);
    assert_int_equal(back.size, size);
    assert_memory_equal(back.data, bytes, size);
    vf_buf_free(&back);
    inf_free(file);
}

static void each_encoding_reads_alike_and_writes_back_the_same(void **state)
{
    (void)state;
    check("[s]\nk=\xE4", 7, INF_ANSI);
    check("\xEF\xBB\xBF[s]\nk=\xC3\xA4", 11, INF_UTF8_BOM);
    check("\xFF\xFE" SAY, 2 + sizeof(SAY) - 1, INF_UTF16LE_BOM);
    check(SAY, sizeof(SAY) - 1, INF_UTF16LE);
}

static void every_eight_bit_character_survives(void **state)
{
    (void)state;
    char text[4 + 256] = "[s]\n";
    size_t size = 4;
    struct vf_buf back = VF_BUF_INIT;

    for (int c = 0x80; c < 0x100; c++)
        text[size++] = (char)c;
    struct inf_file *file = inf_make_bytes(text, size);
    assert_int_equal(inf_write(file, NULL, 0, &back, NULL), VF_OK);
    assert_int_equal(back.size, size);
    assert_memory_equal(back.data, text, size);
    const struct inf_line *line = inf_line_first(file, inf_section_find(file, "s"));
    assert_memory_equal(inf_field(file, line, 0), "\xE2\x82\xAC\xC2\x81", 5);
    vf_buf_free(&back);
    inf_free(file);
}

static void other_encodings_are_refused_by_name(void **state)
{
    (void)state;
    assert_non_null(strstr(inf_refused("\xFE\xFF\0[", 4), "UTF-16BE"));
    assert_non_null(strstr(inf_refused("\0[\0s\0]", 6), "UTF-16BE"));
    assert_non_null(strstr(inf_refused("\xFF\xFE\0\0[\0\0\0", 8), "UTF-32"));
}

static void malformed_characters_are_refused(void **state)
{
    (void)state;
    assert_non_null(strstr(inf_refused("\xEF\xBB\xBF[s]\n\xFF", 8), "byte 7"));
    assert_non_null(strstr(inf_refused("\xFF\xFE[\0s", 5), "UTF-16LE"));
    assert_non_null(strstr(inf_refused("\xFF\xFE\x00\xD8", 4), "UTF-16LE"));
}

static void a_file_beyond_the_limit_is_refused_before_it_is_read(void **state)
{
    (void)state;
    /* the bytes behind the view are never touched */
    assert_non_null(strstr(inf_refused("", (size_t)INF_BYTES_MAX + 1), "at most 16777216"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_encoding_reads_alike_and_writes_back_the_same),
        cmocka_unit_test(every_eight_bit_character_survives),
        cmocka_unit_test(other_encodings_are_refused_by_name),
        cmocka_unit_test(malformed_characters_are_refused),
        cmocka_unit_test(a_file_beyond_the_limit_is_refused_before_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
