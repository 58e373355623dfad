// SPDX-License-Identifier: GPL-3.0-or-later
//
// Disc images: a valid one, bent by the input, through the reader with libiso9660 underneath.
//
// Input: a byte that chooses the image (0: Joliet; 1: no Joliet, but Rock Ridge), then changes to
// it: a 16-bit offset behind the system area, a count below 64, that many bytes. What must hold: an
// image is either refused with a message, or everything listed lies inside it, can be read, is
// found again under its own path, and no path leads out of a folder.

#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "iso/ecma119.h"
#include "iso/reader.h"
#include "iso/reader_private.h"
#include "iso/writer.h"
#include "util/file.h"
#include "util/outfile.h"

enum {
    SYSTEM_BYTES = ISO_SYSTEM_BLOCKS * ISO_BLOCK,
    DESCRIPTOR_JOLIET = (ISO_SYSTEM_BLOCKS + 1) * ISO_BLOCK,
    PATCH_MASK = 63,
};

static void add(struct iso_writer *writer, const char *path, const char *text)
{
    struct vf_view view = {(const uint8_t *)text, strlen(text)};

    FUZZ_CHECK(iso_writer_add_bytes(writer, path, view, NULL) == VF_OK);
}

// The image that changes are made to, written once through a temporary folder.
static void make_image(struct vf_buf *image)
{
    char folder[] = "/tmp/fuzz_iso.XXXXXX";
    struct iso_writer *writer = NULL;
    struct iso_written written;
    struct vf_out *out = NULL;

    FUZZ_CHECK(mkdtemp(folder) != NULL);
    char *path = vf_path_join(folder, "disc.iso");
    FUZZ_CHECK(path != NULL);
    FUZZ_CHECK(iso_writer_open("fuzz", 1700000000, &writer, NULL) == VF_OK);
    add(writer, "readme.txt", "hello");
    add(writer, "Drivers/w11/amd64/a.inf", "inf");
    add(writer, "Drivers/w11/amd64/a.sys", "sys");
    add(writer, "Drivers/w10/empty", "");
    FUZZ_CHECK(vf_out_open(path, false, &out, NULL) == VF_OK);
    FUZZ_CHECK(iso_writer_write(writer, out, NULL, NULL, &written, NULL) == VF_OK);
    FUZZ_CHECK(vf_out_commit(out, NULL) == VF_OK);
    iso_writer_close(writer);
    FUZZ_CHECK(vf_file_read(path, 1 << 20, image, NULL) == VF_OK);
    unlink(path);
    rmdir(folder);
    free(path);
}

// The same with Rock Ridge fields behind the records of the primary root, and no Joliet.
static void make_rock_ridge(const struct vf_buf *image, struct vf_buf *out)
{
    static const uint8_t fields[] = "RR\5\1\x89"
                                    "NM\x09\1\0name"
                                    "PX\x24\1\xa4\x81\0\0\0\0\x81\xa4\1\0\0\0\0\0\0\1"
                                    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                    "TF\x1a\1\x0e\x7b\x0b\x0e\x16\x0d\x14\0\x7b\x0b\x0e\x16\x0d\x14"
                                    "\0\x7b\x0b\x0e\x16\x0d\x14\0";
    uint8_t block[ISO_BLOCK] = {0};
    size_t used = 0, index = 0;

    vf_buf_append_view(out, vf_view_of(image));
    FUZZ_CHECK(vf_buf_ok(out));
    memset(out->data + DESCRIPTOR_JOLIET + ISO_VD_ESCAPES, 0, 3);
    uint8_t *root =
        out->data +
        (size_t)vf_le32(out->data + SYSTEM_BYTES + ISO_VD_ROOT + ISO_DR_EXTENT) * ISO_BLOCK;
    for (const uint8_t *record = root; *record != 0; record += *record, index++) {
        size_t size = *record;
        memcpy(block + used, record, size);
        if (index >= 2) {
            memcpy(block + used + size, fields, sizeof(fields) - 1);
            block[used + size + 13] = (uint8_t)('0' + index); // the names differ
            size += sizeof(fields);
            block[used] = (uint8_t)size;
        }
        used += size;
    }
    memcpy(root, block, sizeof(block));
}

static void check_path(const char *path)
{
    FUZZ_CHECK(path[0] != '\0' && path[0] != '/');
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

static void check_entries(struct iso_reader *reader)
{
    const struct iso_entry *entry = NULL;

    FUZZ_CHECK(iso_reader_label(reader) != NULL);
    // At most as many as fit into the image.
    for (size_t i = 0; (entry = iso_reader_entry(reader, i)) != NULL; i++) {
        struct vf_digest digest;
        check_path(entry->path);
        FUZZ_CHECK(iso_reader_find(reader, entry->path) == entry);
        if (entry->directory)
            continue;
        FUZZ_CHECK(entry->size == 0 ||
                   entry->extent * (uint64_t)ISO_BLOCK + entry->size <= iso_reader_size(reader));
        FUZZ_CHECK(iso_reader_digest(reader, entry, VF_SHA256, &digest, NULL) == VF_OK);
    }
}

static void run(const struct vf_buf *image, bool valid)
{
    struct iso_reader *reader = NULL;
    struct vf_err err = {VF_OK, ""};
    char path[64];

    int fd = memfd_create("image", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(write(fd, image->data, image->size) == (ssize_t)image->size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    enum vf_code code = iso_reader_open(path, &reader, &err);
    FUZZ_CHECK(code == VF_OK || !valid);
    if (code == VF_OK) {
        check_entries(reader);
        iso_reader_close(reader);
    } else {
        FUZZ_CHECK(code == VF_MALFORMED && err.text[0] != '\0');
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vf_buf images[2]; // made by the first run
    struct fuzz_input in = {data, size};
    struct vf_buf bent = VF_BUF_INIT;

    if (images[0].size == 0) {
        make_image(&images[0]);
        make_rock_ridge(&images[0], &images[1]);
    }
    (void)iso_signature((struct vf_view){data, size}, size);

    vf_buf_append_view(&bent, vf_view_of(&images[fuzz_u8(&in) & 1]));
    FUZZ_CHECK(vf_buf_ok(&bent));
    bool valid = in.left == 0; // nothing is changed
    while (in.left != 0) {     // each step takes some of the input
        size_t offset = SYSTEM_BYTES + fuzz_u16(&in);
        size_t count = fuzz_u8(&in) & PATCH_MASK;
        for (size_t i = 0; i < count && offset + i < bent.size; i++)
            bent.data[offset + i] = fuzz_u8(&in);
    }
    run(&bent, valid);
    vf_buf_free(&bent);
    return 0;
}
