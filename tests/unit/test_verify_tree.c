/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/verify/tree.h"
#include "util/file.h"
#include "util/outfile.h"

static void folder_is_listed_sorted_with_sizes(void **state)
{
    (void)state;
    struct tree *tree;
    scratch_put("t/b/x.inf", "12345");
    scratch_put("t/a", "1");
    scratch_put("t/b-c", "");
    assert_int_equal(tree_open("t", &tree, NULL), VF_OK);
    assert_int_equal(tree_count(tree), 3);
    assert_string_equal(tree_at(tree, 0)->path, "a");
    assert_string_equal(tree_at(tree, 1)->path, "b-c");
    assert_string_equal(tree_at(tree, 2)->path, "b/x.inf");
    assert_int_equal(tree_at(tree, 2)->size, 5);
    assert_int_equal(tree_kind(tree), TREE_FOLDER);
    tree_close(tree);
}

static void names_are_found_caselessly_exact_one_first(void **state)
{
    (void)state;
    struct tree *tree;
    scratch_put("t/Dir/File.SYS", "upper");
    scratch_put("t/Dir/file.sys", "lower");
    scratch_put("t/top", "");
    assert_int_equal(tree_open("t", &tree, NULL), VF_OK);
    assert_string_equal(tree_find(tree, "dir", "FILE.sys")->path, "Dir/File.SYS");
    assert_string_equal(tree_find(tree, "Dir", "file.sys")->path, "Dir/file.sys");
    assert_non_null(tree_find(tree, "", "TOP"));
    assert_null(tree_find(tree, "Dir", "fil"));
    assert_null(tree_find(tree, "Di", "r/file.sys"));
    tree_close(tree);
}

static void content_is_read_up_to_the_limit(void **state)
{
    (void)state;
    struct tree *tree;
    struct vf_err err;
    struct vf_buf buf = VF_BUF_INIT;
    scratch_put("t/f", "hello");
    assert_int_equal(tree_open("t", &tree, NULL), VF_OK);
    assert_int_equal(tree_read(tree, tree_at(tree, 0), 4, &buf, &err), VF_MALFORMED);
    assert_int_equal(tree_read(tree, tree_at(tree, 0), 5, &buf, &err), VF_OK);
    assert_string_equal(vf_buf_text(&buf), "hello");
    vf_buf_free(&buf);
    tree_close(tree);
}

static void links_are_refused_not_followed(void **state)
{
    (void)state;
    struct tree *tree;
    struct vf_err err;
    scratch_put("t/f", "hello");
    assert_int_equal(symlink("f", "t/link"), 0);
    assert_int_equal(tree_open("t", &tree, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "t/link"));
}

static void endless_depth_is_refused(void **state)
{
    (void)state;
    struct tree *tree;
    struct vf_err err;
    char path[4096] = "t";
    for (unsigned i = 0; i < TREE_DEPTH_MAX + 2; i++)
        strcat(path, "/d");
    assert_int_equal(vf_make_dirs(path, NULL), VF_OK);
    assert_int_equal(tree_open("t", &tree, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "deeper"));
}

static void what_is_no_disc_is_refused(void **state)
{
    (void)state;
    struct tree *tree;
    struct vf_err err;
    scratch_put("page.iso", "<!DOCTYPE html><html></html>");
    assert_int_equal(tree_open("page.iso", &tree, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "page.iso"));
    assert_non_null(strstr(err.text, "HTML"));
    assert_int_equal(tree_open("absent.iso", &tree, &err), VF_IO);
}

static void parts_of_paths(void **state)
{
    (void)state;
    char *dir = tree_dirname("a/b/c");
    assert_string_equal(dir, "a/b");
    free(dir);
    dir = tree_dirname("c");
    assert_string_equal(dir, "");
    free(dir);
    assert_true(tree_has_extension("X.INF", ".inf"));
    assert_false(tree_has_extension(".inf", ".inf"));
    assert_false(tree_has_extension("inf", ".inf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(folder_is_listed_sorted_with_sizes),
        SCRATCH_TEST(names_are_found_caselessly_exact_one_first),
        SCRATCH_TEST(content_is_read_up_to_the_limit),
        SCRATCH_TEST(links_are_refused_not_followed),
        SCRATCH_TEST(endless_depth_is_refused),
        SCRATCH_TEST(what_is_no_disc_is_refused),
        SCRATCH_TEST(parts_of_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
