/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catalogs from INFs in folders, and folders held against catalogs. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builder/cat/package.h"
#include "tests/unit/pe_fixture.h"
#include "util/file.h"
#include "util/outfile.h"

static const char inf[] = "[Version]\r\n"
                          "Signature=\"$WINDOWS NT$\"\r\n"
                          "CatalogFile=Driver.cat\r\n"
                          "[Manufacturer]\r\n"
                          "M=Models,NTamd64\r\n"
                          "[Models.NTamd64]\r\n"
                          "D=Install,PCI\\VEN_1AF4&DEV_1042\r\n"
                          "[SourceDisksNames]\r\n"
                          "1=disk\r\n"
                          "[SourceDisksFiles]\r\n"
                          "driver.sys=1\r\n"
                          "Tool.TXT=1,Sub\r\n"
                          "driver.cat=1\r\n";

static void write_text(const char *path, const char *text)
{
    struct vf_view view = {(const uint8_t *)text, strlen(text)};
    assert_int_equal(vf_out_file(path, true, view, NULL), VF_OK);
}

static int make_folder(void **state)
{
    (void)state;
    struct vf_buf image = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_AMD64, &image);
    vf_make_dirs("package/sub", NULL);
    vf_out_file("package/DRIVER.sys", true, vf_view_of(&image), NULL);
    vf_buf_free(&image);
    write_text("package/driver.INF", inf);
    write_text("package/sub/tool.txt", "tool");
    unlink("package/second.inf");
    unlink("package/extra.pdb");
    return 0;
}

static enum vf_code create(struct cat_list **list, struct vf_err *err)
{
    const struct cat_os *systems[] = {cat_os_find("10_X64")};
    const struct cat_package_options options = {.systems = systems, .system_count = 1, .time = 1};
    char **infs;
    size_t count;
    enum vf_code code = cat_package_infs("package", &infs, &count, err);
    if (code)
        return code;
    code = cat_package_create((const char *const *)infs, count, &options, list, err);
    vf_names_free(infs, count);
    return code;
}

static void files_of_the_inf_are_listed_however_they_are_spelled(void **state)
{
    (void)state;
    struct cat_list *list;
    assert_int_equal(create(&list, NULL), VF_OK);
    assert_int_equal(list->entry_count, 6);
    unsigned seen = 0;
    for (size_t i = 0; i < list->entry_count; i++) {
        const char *name = cat_entry_value(&list->entries[i], "File");
        seen |= strcmp(name, "driver.inf") == 0 ? 1 : 0;
        seen |= strcmp(name, "driver.sys") == 0 ? 2 : 0;
        seen |= strcmp(name, "tool.txt") == 0 ? 4 : 0;
    }
    assert_int_equal(seen, 7);
    assert_string_equal(cat_list_value(list, "HWID1"), "pci\\ven_1af4&dev_1042");
    cat_list_free(list);
}

static void absent_file_is_named_with_its_line(void **state)
{
    (void)state;
    struct cat_list *list;
    struct vf_err err;
    assert_int_equal(unlink("package/sub/tool.txt"), 0);
    assert_int_equal(create(&list, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "driver.INF:12"));
    assert_non_null(strstr(err.text, "tool.txt"));
}

static void folder_without_inf_is_refused(void **state)
{
    (void)state;
    struct vf_err err;
    char **infs;
    size_t count;
    vf_make_dirs("empty", NULL);
    assert_int_equal(cat_package_infs("empty", &infs, &count, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "empty"));
    assert_int_equal(cat_package_infs("absent", &infs, &count, &err), VF_IO);
}

static void catalog_name_is_the_one_all_infs_give(void **state)
{
    (void)state;
    static const char *const infs[] = {"package/driver.INF", "package/second.inf"};
    struct vf_err err;
    char *name;
    assert_int_equal(cat_package_name(infs, 1, &name, NULL), VF_OK);
    assert_string_equal(name, "driver.cat");
    free(name);
    write_text(infs[1], "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\nCatalogFile=other.cat\r\n");
    assert_int_equal(cat_package_name(infs, 2, &name, &err), VF_MALFORMED);
    assert_null(name);
    assert_non_null(strstr(err.text, "other.cat"));
    write_text(infs[1], "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\n");
    assert_int_equal(cat_package_name(infs, 2, &name, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "CatalogFile"));
}

static enum cat_file_state state_of(const struct cat_result *result, const char *path)
{
    for (size_t i = 0; i < result->count; i++)
        if (strcmp(result->files[i].path, path) == 0)
            return result->files[i].state;
    fail_msg("%s is not among the results", path);
    return CAT_FILE_MISSING;
}

static void unchanged_folder_is_covered(void **state)
{
    (void)state;
    struct cat_list *list;
    struct cat_result result;
    assert_int_equal(create(&list, NULL), VF_OK);
    write_text("package/extra.pdb", "symbols");
    write_text("package/driver.cat", "not looked at");
    assert_int_equal(cat_verify_dir(list, "package", &result, NULL), VF_OK);
    assert_int_equal(result.wrong, 0);
    assert_int_equal(result.count, 4);
    assert_int_equal(state_of(&result, "sub/tool.txt"), CAT_FILE_COVERED);
    assert_int_equal(state_of(&result, "extra.pdb"), CAT_FILE_UNLISTED);
    cat_result_free(&result);
    cat_list_free(list);
}

static void changed_cut_and_missing_files_are_found(void **state)
{
    (void)state;
    struct cat_list *list;
    struct cat_result result;
    assert_int_equal(create(&list, NULL), VF_OK);
    assert_int_equal(unlink("package/sub/tool.txt"), 0);
    assert_int_equal(truncate("package/DRIVER.sys", 2000), 0);
    write_text("package/driver.INF", "[Version]\r\n");
    assert_int_equal(cat_verify_dir(list, "package", &result, NULL), VF_OK);
    assert_int_equal(result.wrong, 3);
    assert_int_equal(state_of(&result, "DRIVER.sys"), CAT_FILE_CHANGED);
    assert_int_equal(state_of(&result, "driver.INF"), CAT_FILE_CHANGED);
    assert_int_equal(state_of(&result, "tool.txt"), CAT_FILE_MISSING);
    cat_result_free(&result);
    cat_list_free(list);
}

static void other_line_ends_are_found(void **state)
{
    (void)state;
    struct cat_list *list;
    struct cat_result result;
    char text[sizeof(inf)];
    size_t size = 0;
    for (const char *p = inf; *p; p++)
        if (*p != '\r')
            text[size++] = *p;
    text[size] = '\0';
    assert_int_equal(create(&list, NULL), VF_OK);
    write_text("package/driver.INF", text);
    assert_int_equal(cat_verify_dir(list, "package", &result, NULL), VF_OK);
    assert_int_equal(result.wrong, 1);
    assert_int_equal(state_of(&result, "driver.INF"), CAT_FILE_LINE_ENDS);
    cat_result_free(&result);
    cat_list_free(list);
}

/* A link out of the folder is no file of the package. */
static void links_are_not_followed(void **state)
{
    (void)state;
    struct cat_list *list;
    struct cat_result result;
    assert_int_equal(create(&list, NULL), VF_OK);
    assert_int_equal(symlink("..", "package/sub/up"), 0);
    assert_int_equal(cat_verify_dir(list, "package", &result, NULL), VF_OK);
    assert_int_equal(result.count, 3);
    assert_int_equal(unlink("package/sub/up"), 0);
    cat_result_free(&result);
    cat_list_free(list);
}

#define with_folder(test) cmocka_unit_test_setup(test, make_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(files_of_the_inf_are_listed_however_they_are_spelled),
        with_folder(absent_file_is_named_with_its_line),
        with_folder(folder_without_inf_is_refused),
        with_folder(catalog_name_is_the_one_all_infs_give),
        with_folder(unchanged_folder_is_covered),
        with_folder(changed_cut_and_missing_files_are_found),
        with_folder(other_line_ends_are_found),
        with_folder(links_are_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
