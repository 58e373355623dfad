/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builder/package/files.h"
#include "builder/package/target.h"
#include "util/file.h"
#include "util/outfile.h"

static void files_and_folders_are_read(void **state)
{
    (void)state;
    struct package_files files = {NULL, 0, 0};
    struct package_file *inf;
    const char *const inputs[] = {"in", "extra.sys"};
    assert_int_equal(vf_make_dirs("in", NULL), VF_OK);
    scratch_put("in/x.inf.in", "inf");
    scratch_put("in/old.cat", "not taken");
    scratch_put("extra.sys", "sys");
    assert_int_equal(package_files_read(&files, inputs, 2, NULL), VF_OK);
    assert_int_equal(files.count, 2);
    assert_non_null(package_files_find(&files, "EXTRA.sys"));
    assert_null(package_files_find(&files, "old.cat"));
    assert_int_equal(package_files_inf(&files, &inf, NULL), VF_OK);
    assert_string_equal(inf->name, "x.inf");
    assert_string_equal(inf->source, "in/x.inf.in");
    package_files_free(&files);
}

static void two_files_of_one_name_are_refused(void **state)
{
    (void)state;
    struct package_files files = {NULL, 0, 0};
    struct vf_err err;
    const char *const inputs[] = {"a.sys", "in/A.SYS"};
    assert_int_equal(vf_make_dirs("in", NULL), VF_OK);
    scratch_put("a.sys", "");
    scratch_put("in/A.SYS", "");
    assert_int_equal(package_files_read(&files, inputs, 2, &err), VF_USAGE);
    assert_non_null(strstr(err.text, "in/A.SYS"));
    assert_non_null(strstr(err.text, "a.sys"));
    package_files_free(&files);
}

static void one_inf_is_needed(void **state)
{
    (void)state;
    struct package_files files = {NULL, 0, 0};
    struct package_file *file, *inf;
    struct vf_err err;
    assert_int_equal(package_files_inf(&files, &inf, &err), VF_MALFORMED);
    assert_int_equal(package_files_add(&files, "a.inf", "a.inf", &file, NULL), VF_OK);
    assert_int_equal(package_files_inf(&files, &inf, &err), VF_OK);
    assert_int_equal(package_files_add(&files, "b.INF", "b.INF", &file, NULL), VF_OK);
    assert_int_equal(package_files_inf(&files, &inf, &err), VF_MALFORMED);
    package_files_free(&files);
}

static void the_number_of_files_is_bounded(void **state)
{
    (void)state;
    struct package_files files = {NULL, 0, 0};
    struct package_file *file;
    char name[32];
    enum vf_code code = VF_OK;
    for (unsigned i = 0; i < 2000 && !code; i++) {
        snprintf(name, sizeof(name), "f%u", i);
        code = package_files_add(&files, name, name, &file, NULL);
    }
    assert_int_equal(code, VF_MALFORMED);
    assert_int_equal(files.count, 1024);
    package_files_free(&files);
}

static void missing_input_is_named(void **state)
{
    (void)state;
    struct package_files files = {NULL, 0, 0};
    struct vf_err err;
    const char *const inputs[] = {"no-such.sys"};
    assert_int_equal(package_files_read(&files, inputs, 1, &err), VF_IO);
    assert_non_null(strstr(err.text, "no-such.sys"));
    package_files_free(&files);
}

static void the_folder_appears_whole(void **state)
{
    (void)state;
    struct package_files files = {NULL, 0, 0};
    struct package_file *file;
    struct vf_buf buf = VF_BUF_INIT;
    assert_int_equal(package_files_add(&files, "a", "a", &file, NULL), VF_OK);
    vf_buf_append_text(&file->content, "content");
    assert_int_equal(package_files_write(&files, "out", false, NULL), VF_OK);
    assert_int_equal(vf_file_read("out/a", 100, &buf, NULL), VF_OK);
    assert_string_equal(vf_buf_text(&buf), "content");
    assert_int_equal(package_files_write(&files, "out", false, NULL), VF_USAGE);
    assert_int_equal(package_files_write(&files, "out", true, NULL), VF_OK);
    vf_buf_free(&buf);
    package_files_free(&files);
}

static void targets_are_found_caselessly(void **state)
{
    (void)state;
    assert_string_equal(package_target_find("W11/arm64")->arch, "ARM64");
    assert_string_equal(package_target_find("2k16/amd64")->inf_arch, "amd64");
    assert_null(package_target_find("w11"));
    assert_null(package_target_find("w11/"));
    assert_null(package_target_find("w11/x86"));
    assert_null(package_target_find("w1/amd64"));
    for (size_t i = 0; i < package_target_count(); i++)
        for (size_t j = 0; j < i; j++)
            assert_false(strcmp(package_target_at(i)->os, package_target_at(j)->os) == 0 &&
                         strcmp(package_target_at(i)->arch, package_target_at(j)->arch) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(files_and_folders_are_read),
        SCRATCH_TEST(two_files_of_one_name_are_refused),
        SCRATCH_TEST(one_inf_is_needed),
        SCRATCH_TEST(the_number_of_files_is_bounded),
        SCRATCH_TEST(missing_input_is_named),
        SCRATCH_TEST(the_folder_appears_whole),
        cmocka_unit_test(targets_are_found_caselessly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
