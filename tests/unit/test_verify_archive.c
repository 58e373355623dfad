/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives as trees: what is read, and what is refused before it costs memory or trust. */
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "builder/verify/tree.h"
#include "builder/verify/verify.h"
#include "tests/unit/archive_fixture.h"
#include "util/file.h"

#define MIB ((size_t)1 << 20)

static const struct kind {
    int format, filter;
    const char *options;
} kinds[] = {
    {ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL},
    {ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "zip:compression=store"},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, NULL},
    {ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_NONE, NULL},
    {ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_GZIP, NULL},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2, NULL},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, NULL},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, "xz:compression-level=7"},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void put_text(const struct made_archive *made, const char *path, const char *text)
{
    archive_put(made, path, AE_IFREG, text, strlen(text));
}

/* The archive "a" must be refused as malformed, with these words. */
static void refused(const char *words)
{
    struct tree *tree = NULL;
    struct vf_err err = {VF_OK, ""};
    assert_int_equal(tree_open("a", &tree, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "a: "));
    if (!strstr(err.text, words))
        fail_msg("no '%s' in: %s", words, err.text);
}

static void every_kind_is_read_with_its_contents(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct made_archive made =
            archive_make("a", kinds[i].format, kinds[i].filter, kinds[i].options);
        struct tree *tree;
        struct vf_err err;
        struct vf_buf content = VF_BUF_INIT;
        archive_put(&made, "drv", AE_IFDIR, NULL, 0);
        put_text(&made, "drv/b.sys", "the driver");
        put_text(&made, "drv/a.inf", "the inf");
        put_text(&made, "./empty", "");
        archive_done(&made);
        if (tree_open("a", &tree, &err))
            fail_msg("kind %zu: %s", i, err.text);
        assert_int_equal(tree_kind(tree), TREE_ARCHIVE);
        assert_int_equal(tree_count(tree), 3);
        assert_string_equal(tree_at(tree, 0)->path, "drv/a.inf");
        assert_string_equal(tree_at(tree, 2)->path, "empty");
        const struct tree_file *file = tree_find(tree, "DRV", "B.sys");
        assert_non_null(file);
        assert_int_equal(file->size, 10);
        assert_int_equal(tree_read(tree, file, 9, &content, &err), VF_MALFORMED);
        assert_int_equal(tree_read(tree, file, 10, &content, &err), VF_OK);
        assert_string_equal(vf_buf_text(&content), "the driver");
        vf_buf_free(&content);
        tree_close(tree);
    }
}

static void paths_that_lead_elsewhere_are_refused(void **state)
{
    static const struct {
        const char *path, *words;
    } cases[] = {
        {"../evil.sys", "'..'"},   {"a/../../evil.sys", "'..'"}, {"/etc/evil.sys", "absolute"},
        {"a\\b.sys", "backslash"}, {"C:evil.sys", "colon"},      {"a//b", "empty part"},
        {"a/./b", "'.'"},          {"a\nb", "control"},          {"\xFF\xFE.sys", "UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made_archive made =
            archive_make("a", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, NULL);
        put_text(&made, "good", "x");
        put_text(&made, cases[i].path, "x");
        archive_done(&made);
        refused(cases[i].words);
    }
}

static void zip_slip_is_refused(void **state)
{
    (void)state;
    struct made_archive made = archive_make("a", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL);
    put_text(&made, "d/../../evil.sys", "x");
    archive_done(&made);
    refused("'..'");
}

static void links_and_devices_are_refused(void **state)
{
    static const mode_t types[] = {AE_IFLNK, AE_IFCHR, AE_IFBLK, AE_IFIFO};
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        struct made_archive made =
            archive_make("a", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, NULL);
        archive_put(&made, "odd", types[i], "/etc/passwd", 0);
        archive_done(&made);
        refused(types[i] == AE_IFLNK ? "a link" : "neither a file nor a folder");
    }
    struct made_archive made =
        archive_make("a", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, NULL);
    put_text(&made, "x", "x");
    archive_put_hardlink(&made, "y", "x");
    archive_done(&made);
    refused("'y': a link");

    made = archive_make("a", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL);
    archive_put(&made, "odd", AE_IFLNK, "/etc/passwd", 0);
    archive_done(&made);
    refused("a link");
}

static void one_path_twice_is_refused(void **state)
{
    (void)state;
    struct made_archive made = archive_make("a", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL);
    put_text(&made, "d/x.sys", "one");
    put_text(&made, "d/x.sys", "two");
    archive_done(&made);
    refused("twice");
}

static void endless_depth_is_refused(void **state)
{
    (void)state;
    struct vf_buf path = VF_BUF_INIT;
    for (unsigned i = 0; i < TREE_DEPTH_MAX + 1; i++)
        vf_buf_append_text(&path, "d/");
    vf_buf_append_text(&path, "f");
    struct made_archive made =
        archive_make("a", ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_NONE, NULL);
    put_text(&made, vf_buf_text(&path), "x");
    vf_buf_free(&path);
    archive_done(&made);
    refused("deeper");
}

static void a_small_archive_that_unpacks_to_much_is_refused(void **state)
{
    (void)state;
    uint8_t *zeros = calloc(32, MIB);
    assert_non_null(zeros);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        /* bzip2 is slow with zeros, and the level of xz makes no difference to them */
        if (kinds[i].filter == ARCHIVE_FILTER_BZIP2 || kinds[i].filter == ARCHIVE_FILTER_XZ)
            continue;
        struct made_archive made =
            archive_make("a", kinds[i].format, kinds[i].filter, kinds[i].options);
        struct vf_view packed;
        struct vf_buf file = VF_BUF_INIT;
        archive_put(&made, "big", AE_IFREG, zeros, 32 * MIB);
        archive_done(&made);
        assert_int_equal(vf_file_read("a", 64 * MIB, &file, NULL), VF_OK);
        packed = vf_view_of(&file);
        if (packed.size < 2 * MIB)
            refused("unpacks to more than");
        vf_buf_free(&file);
    }
    free(zeros);
}

static void the_bound_is_on_all_files_together(void **state)
{
    (void)state;
    uint8_t *zeros = calloc(1, MIB);
    assert_non_null(zeros);
    struct made_archive made =
        archive_make("a", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, NULL);
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "f%d", i);
        archive_put(&made, name, AE_IFREG, zeros, MIB);
    }
    archive_done(&made);
    refused("unpacks to");
    free(zeros);
}

/* A window larger than the file could ever need is not allocated. */
static void xz_and_zstd_windows_are_bounded(void **state)
{
    (void)state;
    struct made_archive made = archive_make("a", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, NULL);
    put_text(&made, "x", "x");
    archive_done(&made);
    struct vf_buf file = VF_BUF_INIT;
    assert_int_equal(vf_file_read("a", MIB, &file, NULL), VF_OK);
    /* the first block's header: size, flags, LZMA2's id 0x21, property size 1, window, CRC-32 */
    assert_int_equal(file.data[14], 0x21);
    file.data[16] = 38; /* 3 GiB */
    uint32_t crc = UINT32_MAX;
    for (size_t i = 12; i < 20; i++) {
        crc ^= file.data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    vf_put_le32(file.data + 20, ~crc);
    assert_int_equal(vf_out_file("a", true, vf_view_of(&file), NULL), VF_OK);
    vf_buf_free(&file);
    refused("more than 18 MiB");

    /* a frame header that states a window of 2^31, no dictionary, no content size */
    static const uint8_t frame[] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x01, 0x00, 0x00};
    struct vf_view view = {frame, sizeof(frame)};
    assert_int_equal(vf_out_file("a", true, view, NULL), VF_OK);
    refused("a window of more than 16 MiB");
}

/* The window of 'xz -9', 64 MiB: too much for a small file, not for a large one. */
static void strong_presets_are_for_large_files(void **state)
{
    (void)state;
    size_t size = 5 * MIB;
    uint8_t *noise = malloc(size);
    assert_non_null(noise);
    uint32_t x = 1;
    for (size_t i = 0; i < size; i++)
        noise[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    for (int large = 0; large < 2; large++) {
        struct made_archive made = archive_make("a", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ,
                                                "xz:compression-level=9");
        struct tree *tree;
        struct vf_err err;
        archive_put(&made, "noise", AE_IFREG, noise, large ? size : 1000);
        archive_done(&made);
        if (!large) {
            refused("'xz -6'");
            continue;
        }
        if (tree_open("a", &tree, &err))
            fail_msg("%s", err.text);
        tree_close(tree);
    }
    free(noise);
}

static void zip_methods_with_windows_of_their_own_are_refused(void **state)
{
    (void)state;
    struct made_archive made =
        archive_make("a", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "zip:compression=store");
    put_text(&made, "x", "some content");
    archive_done(&made);
    struct vf_buf file = VF_BUF_INIT;
    assert_int_equal(vf_file_read("a", MIB, &file, NULL), VF_OK);
    vf_put_le16(file.data + 8, 14); /* LZMA in the local header; the directory says it too */
    for (size_t i = 0; i + 12 < file.size; i++)
        if (memcmp(file.data + i, "PK\1\2", 4) == 0)
            vf_put_le16(file.data + i + 10, 14);
    assert_int_equal(vf_out_file("a", true, vf_view_of(&file), NULL), VF_OK);
    vf_buf_free(&file);
    refused("method");
}

static void a_cut_archive_is_refused_at_every_length(void **state)
{
    (void)state;
    /* zip has its directory at the end, packed tars a checksum; a bare tar may end after a file */
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (kinds[i].format != ARCHIVE_FORMAT_ZIP && kinds[i].filter != ARCHIVE_FILTER_XZ)
            continue;
        struct made_archive made =
            archive_make("a", kinds[i].format, kinds[i].filter, kinds[i].options);
        put_text(&made, "x.inf", "some content");
        archive_done(&made);
        struct vf_buf file = VF_BUF_INIT;
        assert_int_equal(vf_file_read("a", MIB, &file, NULL), VF_OK);
        for (size_t size = 6; size < file.size; size += 29) {
            struct vf_view cut = {file.data, size};
            struct tree *tree = NULL;
            struct vf_err err;
            assert_int_equal(vf_out_file("a", true, cut, NULL), VF_OK);
            enum vf_code code = tree_open("a", &tree, &err);
            /* in the last bytes xz has nothing but its index left, behind the tar's end */
            if (code == VF_OK && kinds[i].filter == ARCHIVE_FILTER_XZ)
                assert_int_equal(tree_count(tree), 1);
            else
                assert_int_equal(code, VF_MALFORMED);
            tree_close(tree);
            tree = NULL;
        }
        vf_buf_free(&file);
    }
}

static void formats_left_off_are_not_read(void **state)
{
    static const struct {
        int format;
        const char *words;
    } formats[] = {
        {ARCHIVE_FORMAT_ISO9660, "no files in it"}, /* its first blocks are zeros, as a tar's end */
        {ARCHIVE_FORMAT_CPIO_POSIX, "not a whole zip, cabinet or tar archive"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct made_archive made = archive_make("a", formats[i].format, ARCHIVE_FILTER_GZIP, NULL);
        put_text(&made, "x.inf", "x");
        archive_done(&made);
        refused(formats[i].words);
    }
}

/*
 * An INF of 10,000 devices and 200 files, so that reading it again for each file would take half a
 * minute of the processor's time.
 */
static void many_files_of_a_long_inf_take_no_time_each(void **state)
{
    enum { DEVICES = 10000, FILES = 200, SECONDS = 5 };
    (void)state;
    struct made_archive made = archive_make("a", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL);
    struct verify_options options = {NULL, 0};
    struct verify_report *report;
    struct vf_buf inf = VF_BUF_INIT;
    struct tree *tree;
    vf_buf_append_text(&inf, "[Version]\r\nSignature=$Chicago$\r\n[Manufacturer]\r\nM=S,NTamd64\r\n"
                             "[SourceDisksFiles]\r\n");
    for (int i = 0; i < FILES; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d.sys", i);
        put_text(&made, name, "");
        vf_buf_printf(&inf, "%s=1\r\n", name);
    }
    for (int i = 0; i < DEVICES; i++)
        vf_buf_printf(&inf, "[A%d]\r\nAddReg=R\r\n", i);
    vf_buf_append_text(&inf, "[S.NTamd64]\r\n");
    for (int i = 0; i < DEVICES; i++)
        vf_buf_printf(&inf, "D=A%d,ID%d\r\n", i, i);
    put_text(&made, "d.inf", vf_buf_text(&inf));
    archive_done(&made);
    clock_t start = clock();
    assert_int_equal(tree_open("a", &tree, NULL), VF_OK);
    assert_int_equal(verify_run(tree, &options, &report, NULL), VF_OK);
    assert_true(clock() - start < (clock_t)SECONDS * CLOCKS_PER_SEC);
    verify_report_free(report);
    tree_close(tree);
    vf_buf_free(&inf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(every_kind_is_read_with_its_contents),
        SCRATCH_TEST(paths_that_lead_elsewhere_are_refused),
        SCRATCH_TEST(zip_slip_is_refused),
        SCRATCH_TEST(links_and_devices_are_refused),
        SCRATCH_TEST(one_path_twice_is_refused),
        SCRATCH_TEST(endless_depth_is_refused),
        SCRATCH_TEST(a_small_archive_that_unpacks_to_much_is_refused),
        SCRATCH_TEST(the_bound_is_on_all_files_together),
        SCRATCH_TEST(xz_and_zstd_windows_are_bounded),
        SCRATCH_TEST(strong_presets_are_for_large_files),
        SCRATCH_TEST(zip_methods_with_windows_of_their_own_are_refused),
        SCRATCH_TEST(a_cut_archive_is_refused_at_every_length),
        SCRATCH_TEST(formats_left_off_are_not_read),
        SCRATCH_TEST(many_files_of_a_long_inf_take_no_time_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
