/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/file.h"
#include "util/outfile.h"

static const struct vf_view hello = {(const uint8_t *)"hello", 5};

static void whole_content_is_appended(void **state)
{
    (void)state;
    struct vf_buf buf = VF_BUF_INIT;
    assert_int_equal(vf_out_file("hello", true, hello, NULL), VF_OK);
    vf_buf_append_text(&buf, ">");
    assert_int_equal(vf_file_read("hello", 5, &buf, NULL), VF_OK);
    assert_string_equal(vf_buf_text(&buf), ">hello");
    vf_buf_free(&buf);
}

static void larger_than_the_limit_is_refused(void **state)
{
    (void)state;
    struct vf_err err;
    struct vf_buf buf = VF_BUF_INIT;
    assert_int_equal(vf_out_file("hello", true, hello, NULL), VF_OK);
    assert_int_equal(vf_file_read("hello", 4, &buf, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "hello"));
    assert_int_equal(buf.size, 0);
    vf_buf_free(&buf);
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    struct vf_err err;
    struct vf_buf buf = VF_BUF_INIT;
    assert_int_equal(vf_file_read(".", 100, &buf, &err), VF_IO);
    assert_int_equal(vf_file_read("absent", 100, &buf, &err), VF_IO);
    assert_non_null(strstr(err.text, "absent"));
    vf_buf_free(&buf);
}

static void paths_join_with_one_slash(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *name, *path;
    } cases[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"}, {"/", "b", "/b"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *path = vf_path_join(cases[i].dir, cases[i].name);
        assert_string_equal(path, cases[i].path);
        assert_string_equal(vf_path_base(path), "b");
        free(path);
    }
}

static void names_are_sorted_and_limited(void **state)
{
    (void)state;
    char **names;
    size_t count;
    struct vf_err err;
    assert_int_equal(vf_make_dirs("listing/sub", NULL), VF_OK);
    assert_int_equal(vf_out_file("listing/b", true, hello, NULL), VF_OK);
    assert_int_equal(vf_out_file("listing/A", true, hello, NULL), VF_OK);
    assert_int_equal(vf_dir_names("listing", 3, &names, &count, NULL), VF_OK);
    assert_int_equal(count, 3);
    assert_string_equal(names[0], "A");
    assert_string_equal(names[1], "b");
    assert_string_equal(names[2], "sub");
    vf_names_free(names, count);
    assert_int_equal(vf_dir_names("listing", 2, &names, &count, &err), VF_MALFORMED);
    assert_int_equal(vf_dir_names("absent", 2, &names, &count, &err), VF_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_content_is_appended),
        cmocka_unit_test(larger_than_the_limit_is_refused),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(paths_join_with_one_slash),
        cmocka_unit_test(names_are_sorted_and_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
