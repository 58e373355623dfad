/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scratch.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/outfile.h"

static const struct vf_view one = {(const uint8_t *)"one", 3};
static const struct vf_view two = {(const uint8_t *)"two", 3};

static void assert_content(const char *path, const char *expected)
{
    struct vf_buf buf = VF_BUF_INIT;
    assert_int_equal(vf_file_read(path, 1000, &buf, NULL), VF_OK);
    assert_string_equal(vf_buf_text(&buf), expected);
    vf_buf_free(&buf);
}

static size_t entries(const char *dir)
{
    char **names;
    size_t count;
    assert_int_equal(vf_dir_names(dir, 100, &names, &count, NULL), VF_OK);
    vf_names_free(names, count);
    return count;
}

static void existing_output_needs_force(void **state)
{
    (void)state;
    struct vf_err err;
    assert_int_equal(vf_out_file("f", false, one, &err), VF_OK);
    assert_int_equal(vf_out_file("f", false, two, &err), VF_USAGE);
    assert_non_null(strstr(err.text, "--force"));
    assert_content("f", "one");
    assert_int_equal(vf_out_file("f", true, two, &err), VF_OK);
    assert_content("f", "two");
    assert_int_equal(entries("."), 1);
}

static void nothing_stands_until_commit(void **state)
{
    (void)state;
    struct vf_out *out;
    assert_int_equal(vf_out_open("f", false, &out, NULL), VF_OK);
    vf_out_write(out, "abc", 3);
    assert_int_not_equal(access("f", F_OK), 0);
    vf_out_write_at(out, 1, "X", 1);
    vf_out_write(out, "d", 1);
    assert_int_equal(vf_out_commit(out, NULL), VF_OK);
    assert_content("f", "aXcd");
}

static void abort_leaves_nothing(void **state)
{
    (void)state;
    struct vf_out *out;
    assert_int_equal(vf_out_open("f", false, &out, NULL), VF_OK);
    vf_out_write(out, "abc", 3);
    vf_out_abort(out);
    assert_int_equal(entries("."), 0);
}

static void a_name_that_appears_meanwhile_is_kept(void **state)
{
    (void)state;
    struct vf_out *out;
    struct vf_err err;
    assert_int_equal(vf_out_open("f", false, &out, NULL), VF_OK);
    vf_out_write(out, "mine", 4);
    assert_int_equal(vf_out_file("f", false, one, NULL), VF_OK);
    assert_int_equal(vf_out_commit(out, &err), VF_IO);
    assert_content("f", "one");
    assert_int_equal(entries("."), 1);
}

static void a_full_disk_leaves_nothing(void **state)
{
    (void)state;
    struct rlimit old, small;
    struct vf_err err;
    struct vf_out *out;
    char block[8192] = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    small = old;
    small.rlim_cur = 4096;
    assert_int_equal(vf_out_open("f", false, &out, NULL), VF_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    vf_out_write(out, block, sizeof(block));
    enum vf_code code = vf_out_commit(out, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(code, VF_IO);
    assert_int_equal(entries("."), 0);
}

static void mode_does_not_depend_on_the_umask(void **state)
{
    (void)state;
    struct stat st;
    mode_t old = umask(077);
    assert_int_equal(vf_out_file("f", false, one, NULL), VF_OK);
    assert_int_equal(vf_make_dirs("a/b", NULL), VF_OK);
    umask(old);
    assert_int_equal(stat("f", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(stat("a/b", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
}

static void missing_directory_is_named(void **state)
{
    (void)state;
    struct vf_err err;
    assert_int_equal(vf_out_file("no/such/f", false, one, &err), VF_IO);
    assert_non_null(strstr(err.text, "no/such/f"));
}

static void directory_appears_whole(void **state)
{
    (void)state;
    struct vf_outdir *dir;
    assert_int_equal(vf_outdir_open("tree/", false, &dir, NULL), VF_OK);
    char *path = vf_path_join(vf_outdir_path(dir), "f");
    assert_int_equal(vf_out_file(path, false, one, NULL), VF_OK);
    free(path);
    assert_int_not_equal(access("tree", F_OK), 0);
    assert_int_equal(vf_outdir_commit(dir, NULL), VF_OK);
    assert_content("tree/f", "one");
    assert_int_equal(entries("."), 1);
}

static void directory_is_replaced_only_with_force(void **state)
{
    (void)state;
    struct vf_outdir *dir;
    struct vf_err err;
    assert_int_equal(vf_make_dirs("tree/old", NULL), VF_OK);
    assert_int_equal(vf_outdir_open("tree", false, &dir, &err), VF_USAGE);
    assert_int_equal(vf_outdir_open("tree", true, &dir, &err), VF_OK);
    assert_int_equal(vf_outdir_commit(dir, &err), VF_OK);
    assert_int_equal(entries("tree"), 0);
    assert_int_equal(entries("."), 1);
    assert_int_equal(vf_out_file("plain", false, one, NULL), VF_OK);
    assert_int_equal(vf_outdir_open("plain", true, &dir, &err), VF_USAGE);
}

static void aborted_directory_leaves_nothing(void **state)
{
    (void)state;
    struct vf_outdir *dir;
    assert_int_equal(vf_outdir_open("tree", false, &dir, NULL), VF_OK);
    char *path = vf_path_join(vf_outdir_path(dir), "a/b");
    assert_int_equal(vf_make_dirs(path, NULL), VF_OK);
    free(path);
    vf_outdir_abort(dir);
    assert_int_equal(entries("."), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(existing_output_needs_force),
        SCRATCH_TEST(nothing_stands_until_commit),
        SCRATCH_TEST(abort_leaves_nothing),
        SCRATCH_TEST(a_name_that_appears_meanwhile_is_kept),
        SCRATCH_TEST(a_full_disk_leaves_nothing),
        SCRATCH_TEST(mode_does_not_depend_on_the_umask),
        SCRATCH_TEST(missing_directory_is_named),
        SCRATCH_TEST(directory_appears_whole),
        SCRATCH_TEST(directory_is_replaced_only_with_force),
        SCRATCH_TEST(aborted_directory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
