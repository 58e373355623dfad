/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "builder/package/submit.h"
#include "util/outfile.h"

static const char inf[] = "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\nCatalogFile=driver.cat\r\n";

static void write_text(const char *path, const char *text)
{
    struct vf_view view = {(const uint8_t *)text, strlen(text)};
    assert_int_equal(vf_out_file(path, true, view, NULL), VF_OK);
}

/* A folder that the portal would take. */
static void make_package(const char *dir)
{
    static const char *const names[] = {"driver.inf", "driver.cat", "Driver.sys", "driver.PDB"};
    char path[256];
    assert_int_equal(vf_make_dirs(dir, NULL), VF_OK);
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        write_text(path, i ? "content" : inf);
    }
}

static int start_anew(void **state)
{
    (void)state;
    make_package("good");
    unlink("good/odd name.txt");
    unlink("good/link");
    return 0;
}

static void count_warning(void *context, const char *text)
{
    unsigned *warnings = context;
    assert_non_null(text);
    (*warnings)++;
}

static enum vf_code submit(const char *const *dirs, size_t count, struct vf_buf *out,
                           unsigned *warnings, struct vf_err *err)
{
    *warnings = 0;
    return package_submit(dirs, count, 1700000000, count_warning, warnings, out, err);
}

static void good_package_becomes_a_cabinet_with_a_folder(void **state)
{
    (void)state;
    static const char *const dirs[] = {"good/", "more/other_one"};
    struct vf_buf once = VF_BUF_INIT, twice = VF_BUF_INIT;
    unsigned warnings;
    make_package(dirs[1]);
    assert_int_equal(submit(dirs, 2, &once, &warnings, NULL), VF_OK);
    assert_int_equal(warnings, 0);
    assert_memory_equal(once.data, "MSCF", 4);
    assert_non_null(memmem(once.data, once.size, "good\\Driver.sys", 16));
    assert_non_null(memmem(once.data, once.size, "other_one\\driver.inf", 21));
    assert_int_equal(submit(dirs, 2, &twice, &warnings, NULL), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&once), vf_view_of(&twice)));
    vf_buf_free(&once);
    vf_buf_free(&twice);
}

static void missing_symbols_are_only_warned_of(void **state)
{
    (void)state;
    static const char *const dirs[] = {"good"};
    struct vf_buf out = VF_BUF_INIT;
    unsigned warnings;
    assert_int_equal(unlink("good/driver.PDB"), 0);
    assert_int_equal(submit(dirs, 1, &out, &warnings, NULL), VF_OK);
    assert_int_equal(warnings, 1);
    vf_buf_free(&out);
}

static void expect_refusal(const char *const *dirs, size_t count, const char *says)
{
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err;
    unsigned warnings;
    assert_int_equal(submit(dirs, count, &out, &warnings, &err), VF_POLICY);
    if (!strstr(err.text, says))
        fail_msg("no '%s' in '%s'", says, err.text);
    assert_int_equal(out.size, 0);
}

static void names_the_portal_does_not_take_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"a.b", "with space", "..", "/",
                                        "a_name_of_forty_characters_is_one_too_ma"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        expect_refusal(&wrong[i], 1, "folder's name");
    static const char *const twins[] = {"good", "elsewhere/GOOD"};
    expect_refusal(twins, 2, "one folder");
    static const char *const good[] = {"good"};
    write_text("good/odd name.txt", "x");
    expect_refusal(good, 1, "odd name.txt");
}

static void package_without_inf_or_catalog_is_refused(void **state)
{
    (void)state;
    static const char *const dirs[] = {"good"};
    assert_int_equal(unlink("good/driver.cat"), 0);
    expect_refusal(dirs, 1, "driver.inf:3: the catalog driver.cat");
    write_text("good/driver.inf", "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\n");
    expect_refusal(dirs, 1, "CatalogFile");
    assert_int_equal(unlink("good/driver.inf"), 0);
    expect_refusal(dirs, 1, "expected an INF");
}

static void links_are_refused(void **state)
{
    (void)state;
    static const char *const dirs[] = {"good"};
    assert_int_equal(symlink("/etc/passwd", "good/link"), 0);
    expect_refusal(dirs, 1, "good/link");
}

#define with_package(test) cmocka_unit_test_setup(test, start_anew)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_package(good_package_becomes_a_cabinet_with_a_folder),
        with_package(missing_symbols_are_only_warned_of),
        with_package(names_the_portal_does_not_take_are_refused),
        with_package(package_without_inf_or_catalog_is_refused),
        with_package(links_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
