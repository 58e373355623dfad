// SPDX-License-Identifier: GPL-3.0-or-later
//
// Archives: any bytes, or a valid one bent by the input, through libarchive as a tree of files.
//
// Input: a byte that chooses what follows. 0: an archive as it is. 1 to 6: changes to a zip, a
// plain tar, or a tar packed with gzip, bzip2, xz or zstd: a 16-bit offset, a count below 64, that
// many bytes. What must hold: an archive is either refused with a message, or every path lies
// inside the folder it would be unpacked to, no two are equal, every file can be read with the
// size it is listed with, and all together stay within the bound for the archive's size.

#include "tests/fuzz/fuzz.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "builder/verify/tree.h"
#include "util/bytes.h"

enum { BASE_SIZE_MAX = 16384, PATCH_MASK = 63 };

static const struct base {
    int format, filter;
} bases[] = {
    {ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE},
    {ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_GZIP},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2},
    {ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_XZ},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD},
};

#define BASE_COUNT (sizeof(bases) / sizeof(bases[0]))

static uint8_t made[BASE_COUNT][BASE_SIZE_MAX];
static size_t made_size[BASE_COUNT];

static void make_base(size_t index)
{
    static const char *const paths[] = {"drv/a.inf", "drv/a.sys", "empty"};
    struct archive *writer = archive_write_new();

    FUZZ_CHECK(writer != NULL);
    FUZZ_CHECK(archive_write_set_format(writer, bases[index].format) == ARCHIVE_OK);
    FUZZ_CHECK(archive_write_add_filter(writer, bases[index].filter) == ARCHIVE_OK);
    // xz's own preset keeps a window that is large beside the bound of a run
    if (bases[index].filter == ARCHIVE_FILTER_XZ)
        FUZZ_CHECK(archive_write_set_options(writer, "xz:compression-level=0") == ARCHIVE_OK);
    FUZZ_CHECK(archive_write_open_memory(writer, made[index], BASE_SIZE_MAX, &made_size[index]) ==
               ARCHIVE_OK);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct archive_entry *entry = archive_entry_new();
        const char *content = i < 2 ? paths[i] : "";
        FUZZ_CHECK(entry != NULL);
        archive_entry_set_pathname(entry, paths[i]);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, (la_int64_t)strlen(content));
        FUZZ_CHECK(archive_write_header(writer, entry) == ARCHIVE_OK);
        FUZZ_CHECK(archive_write_data(writer, content, strlen(content)) ==
                   (la_ssize_t)strlen(content));
        archive_entry_free(entry);
    }
    FUZZ_CHECK(archive_write_free(writer) == ARCHIVE_OK);
}

static void make_bases(void)
{
    for (size_t i = 0; i < BASE_COUNT && made_size[i] == 0; i++)
        make_base(i);
}

// The archive that an input means.
static void make_archive(const uint8_t *data, size_t size, struct vf_buf *out)
{
    size_t kind = data[0] % (BASE_COUNT + 1);

    if (kind == 0) {
        vf_buf_append(out, data + 1, size - 1);
        return;
    }
    vf_buf_append(out, made[kind - 1], made_size[kind - 1]);
    FUZZ_CHECK(vf_buf_ok(out));
    for (size_t at = 1; at + 3 <= size;) {
        size_t offset = vf_le16(data + at) % out->size;
        size_t count = data[at + 2] & PATCH_MASK;
        at += 3;
        for (; count && at < size; count--, at++)
            out->data[(offset++) % out->size] = data[at];
    }
}

static void check_path(const char *path)
{
    FUZZ_CHECK(path[0] != '\0' && path[0] != '/' && !strpbrk(path, "\\:"));
    while (*path != '\0') {
        size_t size = strcspn(path, "/");
        FUZZ_CHECK(size != 0);
        FUZZ_CHECK(!(size == 1 && path[0] == '.'));
        FUZZ_CHECK(!(size == 2 && path[0] == '.' && path[1] == '.'));
        path += size;
        if (*path == '/')
            FUZZ_CHECK(*++path != '\0');
    }
}

static void check_tree(const struct tree *tree, size_t archive_size)
{
    uint64_t total = 0;

    for (size_t i = 0; i < tree_count(tree); i++) {
        const struct tree_file *file = tree_at(tree, i);
        struct vf_buf content = VF_BUF_INIT;

        check_path(file->path);
        FUZZ_CHECK(i == 0 || strcmp(tree_at(tree, i - 1)->path, file->path) < 0);
        FUZZ_CHECK(tree_read(tree, file, (size_t)file->size, &content, NULL) == VF_OK);
        FUZZ_CHECK(content.size == file->size);
        total += content.size;
        vf_buf_free(&content);
    }
    FUZZ_CHECK(total <= (7u << 20) + 24 * (uint64_t)archive_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vf_buf archive = VF_BUF_INIT;
    struct tree *tree = NULL;
    struct vf_err err = {VF_OK, ""};
    char path[64];

    if (size == 0)
        return 0;
    make_bases();
    make_archive(data, size, &archive);
    FUZZ_CHECK(vf_buf_ok(&archive));
    int fd = memfd_create("archive", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(write(fd, archive.data, archive.size) == (ssize_t)archive.size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (tree_open(path, &tree, &err) == VF_OK) {
        if (tree_kind(tree) == TREE_ARCHIVE)
            check_tree(tree, archive.size);
        tree_close(tree);
    } else {
        FUZZ_CHECK(err.text[0] != '\0');
    }
    close(fd);
    vf_buf_free(&archive);
    return 0;
}
