/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tampering: a signed package, one byte of it changed at a time, must never be judged good. Each
 * byte of the catalog in turn; of the driver and the INF, bytes chosen at random from a fixed seed.
 * No roots are given, so nothing but the signatures themselves can notice.
 */
#include "tests/unit/scratch.h"

#include <stdio.h>

#include "builder/cat/package.h"
#include "builder/verify/verify.h"
#include "tests/unit/pe_fixture.h"
#include "tests/unit/sign_fixture.h"
#include "util/file.h"

#define RANDOM_CHANGES 2000u

static const char inf[] = "[Version]\r\n"
                          "Signature=\"$WINDOWS NT$\"\r\n"
                          "Class=System\r\n"
                          "ClassGuid={4d36e97d-e325-11ce-bfc1-08002be10318}\r\n"
                          "Provider=%P%\r\n"
                          "DriverVer=01/02/2024,1.2.3.4\r\n"
                          "CatalogFile=tamper.cat\r\n"
                          "PnpLockdown=1\r\n"
                          "[SourceDisksNames]\r\n"
                          "1=%P%\r\n"
                          "[SourceDisksFiles]\r\n"
                          "tamper.sys=1\r\n"
                          "[DestinationDirs]\r\n"
                          "DefaultDestDir=13\r\n"
                          "[Manufacturer]\r\n"
                          "%P%=Models,NTamd64.10.0...16299\r\n"
                          "[Models.NTamd64.10.0...16299]\r\n"
                          "%P%=Install,PCI\\VEN_1234&DEV_5678\r\n"
                          "[Install]\r\n"
                          "CopyFiles=@tamper.sys\r\n"
                          "[Install.Services]\r\n"
                          "AddService=tamper,2,Service\r\n"
                          "[Service]\r\n"
                          "ServiceType=1\r\n"
                          "StartType=0\r\n"
                          "ErrorControl=1\r\n"
                          "ServiceBinary=%13%\\tamper.sys\r\n"
                          "[Strings]\r\n"
                          "P=\"Tamper\"\r\n";

/* Written without the care of vf_out_file(): thousands of times. */
static void write_plainly(const char *path, const struct vf_buf *content)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content->data, 1, content->size, file), content->size);
    assert_int_equal(fclose(file), 0);
}

/* The package in the folder "t", signed: the driver itself, and the catalog. */
static void make_package(const struct sign_key *key)
{
    const struct cat_os *systems[] = {cat_os_find("10_X64")};
    const struct cat_package_options options = {
        .systems = systems, .system_count = 1, .time = 1700000000};
    const char *const infs[] = {"t/tamper.inf"};
    struct vf_buf image = VF_BUF_INIT, driver = VF_BUF_INIT;
    struct vf_buf list_bytes = VF_BUF_INIT, catalog = VF_BUF_INIT;
    struct cat_list *list;

    pe_fixture_finished(PE_MACHINE_AMD64, &image);
    sign_fixture_sign(vf_view_of(&image), key, &driver);
    scratch_put("t/tamper.inf", inf);
    write_plainly("t/tamper.sys", &driver);
    assert_int_equal(cat_package_create(infs, 1, &options, &list, NULL), VF_OK);
    assert_int_equal(cat_write(list, &list_bytes, NULL), VF_OK);
    sign_fixture_sign(vf_view_of(&list_bytes), key, &catalog);
    write_plainly("t/tamper.cat", &catalog);
    cat_list_free(list);
    vf_buf_free(&image);
    vf_buf_free(&driver);
    vf_buf_free(&list_bytes);
    vf_buf_free(&catalog);
}

/* Is the package in "t" judged good? */
static bool is_good(void)
{
    const struct verify_options options = {NULL, 0};
    struct verify_report *report;
    struct tree *tree;

    assert_int_equal(tree_open("t", &tree, NULL), VF_OK);
    enum vf_code code = verify_run(tree, &options, &report, NULL);
    tree_close(tree);
    if (code)
        return false;
    bool good = verify_error_count(report) == 0;
    verify_report_free(report);
    return good;
}

static void change_is_noticed(const char *path, struct vf_buf *content, size_t at, uint8_t mask)
{
    content->data[at] ^= mask;
    write_plainly(path, content);
    if (is_good())
        fail_msg("%s: byte %zu of %zu changed from 0x%02x to 0x%02x, and nobody minds", path, at,
                 content->size, content->data[at] ^ mask, content->data[at]);
    content->data[at] ^= mask;
}

static void read_back(const char *path, struct vf_buf *content)
{
    assert_int_equal(vf_file_read(path, (size_t)1 << 20, content, NULL), VF_OK);
}

static void the_package_is_good_as_it_was_made(void **state)
{
    make_package(*state);
    assert_true(is_good());
}

static void every_byte_of_the_catalog_counts(void **state)
{
    static const uint8_t masks[] = {0x01, 0x20, 0xff}; /* 0x20 changes the case of a letter */
    struct vf_buf content = VF_BUF_INIT;

    make_package(*state);
    read_back("t/tamper.cat", &content);
    for (size_t at = 0; at < content.size; at++)
        change_is_noticed("t/tamper.cat", &content, at, masks[at % sizeof(masks)]);
    write_plainly("t/tamper.cat", &content);
    assert_true(is_good());
    vf_buf_free(&content);
}

/* xorshift64: the same places in every run */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void random_bytes_count(const char *path)
{
    struct vf_buf content = VF_BUF_INIT;
    uint64_t seed = 0x76696f666f726765;

    read_back(path, &content);
    for (unsigned i = 0; i < RANDOM_CHANGES; i++) {
        size_t at = (size_t)(next_random(&seed) % content.size);
        change_is_noticed(path, &content, at, (uint8_t)(1 + next_random(&seed) % 255));
    }
    write_plainly(path, &content);
    assert_true(is_good());
    vf_buf_free(&content);
}

static void bytes_of_the_driver_count(void **state)
{
    make_package(*state);
    random_bytes_count("t/tamper.sys");
}

static void bytes_of_the_inf_count(void **state)
{
    make_package(*state);
    random_bytes_count("t/tamper.inf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_package_is_good_as_it_was_made),
        cmocka_unit_test(every_byte_of_the_catalog_counts),
        cmocka_unit_test(bytes_of_the_driver_count),
        cmocka_unit_test(bytes_of_the_inf_count),
    };
    return cmocka_run_group_tests(tests, sign_fixture_setup, sign_fixture_teardown);
}
