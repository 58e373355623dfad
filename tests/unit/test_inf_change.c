/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/inf_make.h"

#include "inf/change.h"

static const char text[] =
    "; first\r\n[One]\r\n  A = 1 , 2 ; of A\r\nB=\"x; y\"\r\n\r\n"
    "; of Two\r\n[Two]\r\nHKR,,V,,1\r\n[one]\r\na=3\r\n"
    "[Strings]\r\nT=\"token\"\r\n[Three]\r\n%T% = \\ ; more\r\n  9 ; end\r\nC=";

/* Replace the first find in the text above by put. */
static void expected(const char *find, const char *put, struct vf_buf *out)
{
    const char *at = strstr(text, find);

    assert_non_null(at);
    vf_buf_append(out, text, (size_t)(at - text));
    vf_buf_append_text(out, put);
    vf_buf_append_text(out, at + strlen(find));
}

static void one_change_leaves_every_other_byte(void **state)
{
    (void)state;
    static const struct {
        struct inf_change change;
        const char *find, *put;
    } cases[] = {
        {{INF_SET, "One", "A", "7"}, "1 , 2 ;", "7 ;"},
        {{INF_SET, "ONE", "b", "z,\"w\""}, "B=\"x; y\"", "B=z,\"w\""},
        {{INF_SET, "Three", "token", "1,2"}, "  9 ;", "  1,2 ;"},
        {{INF_SET, "Three", "%T%", "1"}, "  9 ;", "  1 ;"},
        {{INF_SET, "Three", "C", "c"}, "C=", "C= c"},
        {{INF_SET, "One", "N", "n"}, "a=3\r\n", "a=3\r\nN=n\r\n"},
        {{INF_ADD, "One", "A", "4"}, "a=3\r\n", "a=3\r\nA=4\r\n"},
        {{INF_ADD, "Two", NULL, "HKR,,W,,\"2\""}, "V,,1\r\n", "V,,1\r\nHKR,,W,,\"2\"\r\n"},
        {{INF_ADD, "Two", "K", ""}, "V,,1\r\n", "V,,1\r\nK = \r\n"},
        {{INF_ADD, "Three", "D", "d"}, "C=", "C=\r\nD=d"},
        {{INF_ADD, "Four", "D", "d"}, "C=", "C=\r\n\r\n[Four]\r\nD = d\r\n"},
        {{INF_REMOVE, "Three", "token", NULL}, "%T% = \\ ; more\r\n  9 ; end\r\n", ""},
        {{INF_SET, "Three", "\"C\"", "c"}, "C=", "C= c"},
        {{INF_REMOVE, "one", "\"B\"", NULL}, "B=\"x; y\"\r\n", ""},
        {{INF_REMOVE, "one", "B", NULL}, "B=\"x; y\"\r\n", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct inf_file *file = inf_make(text);
        struct vf_buf out = VF_BUF_INIT, want = VF_BUF_INIT;
        struct vf_err err = {VF_OK, ""};
        expected(cases[i].find, cases[i].put, &want);
        if (inf_apply(file, &cases[i].change, 1, &out, &err))
            fail_msg("case %zu: %s", i, err.text);
        assert_string_equal(vf_buf_text(&out), vf_buf_text(&want));
        vf_buf_free(&want);
        vf_buf_free(&out);
        inf_free(file);
    }
}

static void check(const char *before, const struct inf_change *changes, size_t count,
                  const char *after)
{
    struct inf_file *file = inf_make(before);
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};

    if (inf_apply(file, changes, count, &out, &err))
        fail_msg("%s", err.text);
    assert_string_equal(vf_buf_text(&out), after);
    vf_buf_free(&out);
    inf_free(file);
}

static void changes_are_made_one_after_the_other(void **state)
{
    (void)state;
    static const struct inf_change changes[] = {
        {INF_REMOVE, "s", "a", NULL}, {INF_SET, "s", "b", "2"},    {INF_SET, "s", "b", "3"},
        {INF_ADD, "s", "a", "4"},     {INF_ADD, "new", NULL, "x"}, {INF_SET, "new", "y", "%%"},
    };

    check("[s]\n\ta=1\na = 2\n", changes, 6, "[s]\nb = 3\na = 4\n\n[new]\nx\ny = %%\n");
    /* a line that still continues must not swallow the next */
    check("[s]\na=x\\", changes + 1, 1, "[s]\nb=2\na=x\\");
    check("[s]\na=x\\\n", changes + 1, 1, "[s]\nb=2\na=x\\\n");
    check("[s]\n", changes, 0, "[s]\n");
    check("[t]", changes + 1, 1, "[t]\r\n\r\n[s]\r\nb = 2\r\n");
    check("[s]\nb=1\n\x1A rest", changes + 4, 1, "[s]\nb=1\n\n[new]\nx\n\x1A rest");
}

static void what_is_no_line_is_refused(void **state)
{
    (void)state;
    static const struct inf_change bad[] = {
        {INF_SET, "s", "a", "1 ; comment"},
        {INF_SET, "s", "a", "\"open"},
        {INF_SET, "s", "a", "1\nb=2"},
        {INF_SET, "s", "a", "1\r[t]"},
        {INF_SET, "s", "a", "\\"},
        {INF_SET, "s", "a", "1 "},
        {INF_SET, "s", "a=b", "1"},
        {INF_SET, "s", "a;b", "1"},
        {INF_SET, "s", "a,b", "1"},
        {INF_SET, "s", "[a", "1"},
        {INF_ADD, "s", NULL, ""},
        {INF_ADD, "s", NULL, "[t]"},
        {INF_ADD, "s", NULL, "a\x1A"},
        {INF_ADD, "s", NULL, "; note"},
        {INF_SET, "s]", "a", "1"},
        {INF_SET, "", "a", "1"},
        {INF_SET, "s", "", "1"},
        {INF_SET, "s\nt", "a", "1"},
        {INF_REMOVE, "s", "none", NULL},
        {INF_REMOVE, "none", "a", NULL},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct inf_file *file = inf_make("[s]\na=1\n");
        struct vf_buf out = VF_BUF_INIT;
        struct vf_err err = {VF_OK, ""};
        if (inf_apply(file, &bad[i], 1, &out, &err) != VF_USAGE)
            fail_msg("case %zu is not refused", i);
        assert_non_null(strstr(err.text, "test.inf: "));
        vf_buf_free(&out);
        inf_free(file);
    }
}

static void the_encoding_is_kept(void **state)
{
    (void)state;
    static const struct inf_change word = {INF_SET, "s", "a", "\xC3\xA4"};
    static const struct inf_change far = {INF_SET, "s", "a", "\xE4\xB8\xAD"};
    static const uint8_t utf16[] = "\xFF\xFE[\0s\0]\0\r\0\n\0a\0=\0"
                                   "1\0\r\0\n";
    static const uint8_t want16[] = "\xFF\xFE[\0s\0]\0\r\0\n\0a\0=\0"
                                    "\x2D\x4E\r\0\n";
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};

    check("[s]\na=1 ; \xFC\n", &word, 1, "[s]\na=\xE4 ; \xFC\n");
    struct inf_file *file = inf_make("[s]\na=1\n");
    assert_int_equal(inf_apply(file, &far, 1, &out, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "UTF-16LE"));
    inf_free(file);
    vf_buf_free(&out);

    file = inf_make_bytes(utf16, sizeof(utf16));
    assert_int_equal(inf_apply(file, &far, 1, &out, &err), VF_OK);
    assert_int_equal(out.size, sizeof(want16));
    assert_memory_equal(out.data, want16, sizeof(want16));
    inf_free(file);
    vf_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_change_leaves_every_other_byte),
        cmocka_unit_test(changes_are_made_one_after_the_other),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(the_encoding_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
