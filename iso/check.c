/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks of everything in an image that libiso9660 walks: the volume descriptors and the tree of
 * directories that it will choose. The walk goes level by level over a queue, so it is bound by
 * the number of entries and by nothing on the stack.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>

#include "iso/ecma119.h"
#include "iso/reader.h"
#include "iso/reader_private.h"
#include "util/checked.h"
#include "util/utf16.h"

#define DESCRIPTORS_MAX 64

/* Bytes of one directory: 65536 entries of the longest kind. */
#define DIRECTORY_SIZE_MAX (16u * 1024 * 1024)

/*
 * libiso9660 finds a directory by reading all those above it, each time anew. The bytes it will
 * read in this way are added up and kept below this bound, some seconds' work.
 */
#define LOOKUP_BYTES_MAX (1024ull * 1024 * 1024)

struct directory {
    uint32_t extent, size;
    unsigned depth;
    uint64_t lookup; /* bytes of this directory and all above it */
};

struct walk {
    const struct iso_image *image;
    struct iso_checked *checked;
    struct directory *queue;
    size_t queued, capacity;
    uint8_t *seen; /* a bit per block: is it part of a directory already met? */
    uint64_t lookup;
};

static enum vf_code malformed(const struct iso_image *image, uint64_t offset, const char *what,
                              struct vf_err *err)
{
    return vf_fail(err, VF_MALFORMED, "%s: offset %llu: %s", image->path,
                   (unsigned long long)offset, what);
}

enum vf_code iso_image_read(const struct iso_image *image, uint64_t offset, void *data, size_t size,
                            struct vf_err *err)
{
    uint8_t *p = data;

    while (size) {
        ssize_t got = pread(image->fd, p, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vf_fail_errno(err, errno, "%s: cannot read", image->path);
        if (got == 0)
            return malformed(image, offset, "the image ends here; fetch or make it again", err);
        p += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return VF_OK;
}

/* A number recorded in both byte orders (7.2.3, 7.3.3); false where the two differ. */
static bool both16(const uint8_t *p, uint16_t *value)
{
    *value = vf_le16(p);
    return *value == vf_be16(p + 2);
}

static bool both32(const uint8_t *p, uint32_t *value)
{
    *value = vf_le32(p);
    return *value == vf_be32(p + 4);
}

static uint64_t blocks(uint64_t bytes)
{
    return (bytes + ISO_BLOCK - 1) / ISO_BLOCK;
}

/* Queue a directory whose record was checked. */
static enum vf_code queue_directory(struct walk *walk, const struct directory *directory,
                                    uint64_t offset, struct vf_err *err)
{
    const struct iso_image *image = walk->image;

    if (directory->size == 0 || directory->size % ISO_BLOCK)
        return malformed(image, offset, "a directory's size is not a multiple of 2048", err);
    if (directory->size > DIRECTORY_SIZE_MAX)
        return malformed(image, offset, "a directory is larger than 16 MiB", err);
    if (directory->depth > ISO_READER_DEPTH_MAX)
        return malformed(image, offset, "directories are deeper than 32 levels", err);
    walk->lookup += directory->lookup;
    if (walk->lookup > LOOKUP_BYTES_MAX)
        return malformed(image, offset, "more and larger directories than can be read", err);
    for (uint64_t b = directory->extent; b < directory->extent + blocks(directory->size); b++) {
        if (walk->seen[b / 8] & 1u << b % 8)
            return malformed(image, offset, "a directory lies where another one is: a loop", err);
        walk->seen[b / 8] |= (uint8_t)(1u << b % 8);
    }
    if (walk->queued == walk->capacity) {
        size_t capacity = walk->capacity ? 2 * walk->capacity : 64;
        struct directory *bigger = reallocarray(walk->queue, capacity, sizeof(*bigger));
        if (!bigger)
            return vf_fail_memory(err);
        walk->queue = bigger;
        walk->capacity = capacity;
    }
    walk->queue[walk->queued++] = *directory;
    return VF_OK;
}

/* An identifier that libiso9660 will return whole, or a phrase why it will not. */
static const char *identifier_fault(const uint8_t *id, size_t size, bool joliet)
{
    struct vf_view view = {id, size};
    struct vf_buf text = VF_BUF_INIT;
    const char *fault = NULL;

    if (size == 1 && (id[0] == ISO_ID_SELF || id[0] == ISO_ID_PARENT))
        return "a second record for the directory itself or its parent";
    if (!joliet)
        return memchr(id, 0, size) ? "a name with a zero byte" : NULL;
    if (!vf_utf16_to_utf8(view, VF_BIG, &text))
        fault = "a name that is not UCS-2";
    /* libiso9660 has room for as many bytes as the identifier on the disc */
    else if (text.size > size)
        fault = "a name that is longer in UTF-8 than libiso9660 can hold";
    else if (memchr(text.data, 0, text.size))
        fault = "a name with a zero character";
    vf_buf_free(&text);
    return fault;
}

/* The fields of a record (9.1) that hold for directories and files alike, or what is wrong. */
static const char *record_fault(const struct walk *walk, const uint8_t *record, uint32_t *extent,
                                uint32_t *size)
{
    if (!both32(record + ISO_DR_EXTENT, extent) || !both32(record + ISO_DR_SIZE, size))
        return "the two byte orders of a record's extent or size differ";
    if (record[ISO_DR_XATTR] || record[ISO_DR_UNIT] || record[ISO_DR_GAP])
        return "extended attributes or interleaving, which are not supported";
    if (record[ISO_DR_FLAGS] & (ISO_FLAG_MULTI_EXTENT | ISO_FLAG_ASSOCIATED))
        return "a file in several extents or an associated file, which is not supported";
    if (*size && !vf_range_ok(*extent, blocks(*size), walk->checked->blocks))
        return "a file or directory lies outside the image";
    return NULL;
}

/* The system use area of a record, and what continues it in another block. */
static enum vf_code check_system_use(const struct walk *walk, struct vf_view area, uint64_t offset,
                                     struct vf_err *err)
{
    struct iso_continuation next = {false, 0, 0, 0};
    uint8_t block[ISO_BLOCK];
    const char *fault = NULL;

    bool good = iso_check_system_use(area, &next, &fault);
    if (good && next.there) {
        if (!vf_range_ok(next.offset, next.size, ISO_BLOCK) || next.extent >= walk->checked->blocks)
            return malformed(walk->image, offset, "a system use field points outside", err);
        enum vf_code code = iso_image_read(walk->image, (uint64_t)next.extent * ISO_BLOCK, block,
                                           sizeof(block), err);
        if (code)
            return code;
        area = (struct vf_view){block + next.offset, next.size};
        good = iso_check_system_use(area, NULL, &fault);
    }
    if (good)
        return VF_OK;
    return vf_fail(err, VF_MALFORMED, "%s: offset %llu: a directory record %s", walk->image->path,
                   (unsigned long long)offset, fault);
}

/* One record; index counts from 0 in its directory. */
static enum vf_code check_record(struct walk *walk, const struct directory *in,
                                 const uint8_t *record, size_t index, uint64_t offset,
                                 struct vf_err *err)
{
    const struct iso_image *image = walk->image;
    size_t length = record[ISO_DR_LENGTH], id_size = record[ISO_DR_ID_SIZE];
    uint32_t extent, size;

    if (length < ISO_ROOT_RECORD_SIZE || id_size == 0 || ISO_DR_ID + id_size > length)
        return malformed(image, offset, "a directory record is too short for its name", err);
    const char *fault = record_fault(walk, record, &extent, &size);
    if (fault)
        return malformed(image, offset, fault, err);

    size_t system_use = ISO_DR_ID + id_size + (ISO_DR_ID + id_size) % 2;
    struct vf_view area = {record + system_use, length > system_use ? length - system_use : 0};
    enum vf_code code = check_system_use(walk, area, offset, err);
    if (code)
        return code;
    if (index < 2) {
        /* libisofs writes the directory itself as the parent in Joliet trees: let that pass */
        bool right = id_size == 1 && record[ISO_DR_ID] == index &&
                     (record[ISO_DR_FLAGS] & ISO_FLAG_DIRECTORY) &&
                     (index == ISO_ID_PARENT || extent == in->extent);
        return right ? VF_OK
                     : malformed(image, offset,
                                 "a directory does not begin with itself and its parent", err);
    }

    fault = identifier_fault(record + ISO_DR_ID, id_size, walk->checked->joliet);
    if (fault)
        return malformed(image, offset, fault, err);
    if (++walk->checked->entries > ISO_READER_ENTRIES_MAX)
        return malformed(image, offset, "more than 200000 files and directories", err);
    if (!(record[ISO_DR_FLAGS] & ISO_FLAG_DIRECTORY))
        return VF_OK;
    struct directory directory = {extent, size, in->depth + 1, in->lookup + size};
    return queue_directory(walk, &directory, offset, err);
}

/* The records of one block; what follows the last must be zero (6.8.1.1). */
static enum vf_code check_block(struct walk *walk, const struct directory *in, const uint8_t *block,
                                size_t *index, uint64_t offset, struct vf_err *err)
{
    size_t at = 0;

    while (at < ISO_BLOCK && block[at]) {
        size_t length = block[at];
        if (length > ISO_BLOCK - at)
            return malformed(walk->image, offset + at, "a directory record crosses a block", err);
        if (length < ISO_ROOT_RECORD_SIZE)
            return malformed(walk->image, offset + at, "a directory record is too short", err);
        enum vf_code code = check_record(walk, in, block + at, (*index)++, offset + at, err);
        if (code)
            return code;
        at += length;
    }
    for (size_t i = at; i < ISO_BLOCK; i++)
        if (block[i])
            return malformed(walk->image, offset + i, "data behind a directory's last record", err);
    return VF_OK;
}

static enum vf_code check_directory(struct walk *walk, struct directory in, struct vf_err *err)
{
    uint8_t block[ISO_BLOCK];
    size_t index = 0;
    enum vf_code code = VF_OK;

    for (uint32_t b = 0; b < in.size / ISO_BLOCK && !code; b++) {
        uint64_t offset = ((uint64_t)in.extent + b) * ISO_BLOCK;
        code = iso_image_read(walk->image, offset, block, sizeof(block), err);
        if (!code)
            code = check_block(walk, &in, block, &index, offset, err);
    }
    if (!code && index < 2)
        code = malformed(walk->image, (uint64_t)in.extent * ISO_BLOCK,
                         "a directory without records for itself and its parent", err);
    return code;
}

/* Walk the tree whose root record stands in the descriptor at offset. */
static enum vf_code check_tree(struct walk *walk, const uint8_t *descriptor, uint64_t offset,
                               struct vf_err *err)
{
    const uint8_t *root = descriptor + ISO_VD_ROOT;
    struct directory top = {0};

    offset += ISO_VD_ROOT;
    const char *fault = record_fault(walk, root, &top.extent, &top.size);
    if (!fault && (root[ISO_DR_LENGTH] != ISO_ROOT_RECORD_SIZE || root[ISO_DR_ID_SIZE] != 1 ||
                   root[ISO_DR_ID] != ISO_ID_SELF || !(root[ISO_DR_FLAGS] & ISO_FLAG_DIRECTORY)))
        fault = "the record of the root directory is malformed";
    if (fault)
        return malformed(walk->image, offset, fault, err);
    top.depth = 1;
    top.lookup = top.size;
    enum vf_code code = queue_directory(walk, &top, offset, err);
    for (size_t i = 0; i < walk->queued && !code; i++)
        code = check_directory(walk, walk->queue[i], err);
    return code;
}

static bool is_joliet(const uint8_t *descriptor)
{
    const uint8_t *escapes = descriptor + ISO_VD_ESCAPES;

    return descriptor[ISO_VD_TYPE] == ISO_TYPE_SUPPLEMENTARY && escapes[0] == '%' &&
           escapes[1] == '/' && (escapes[2] == '@' || escapes[2] == 'C' || escapes[2] == 'E');
}

/* The volume's size and block size, as one of its descriptors has them. */
static enum vf_code check_volume(const struct iso_image *image, const uint8_t *descriptor,
                                 uint64_t offset, struct iso_checked *checked, struct vf_err *err)
{
    uint16_t block_size;
    uint32_t space;

    if (!both16(descriptor + ISO_VD_BLOCK_SIZE, &block_size) || block_size != ISO_BLOCK)
        return malformed(image, offset + ISO_VD_BLOCK_SIZE, "the block size is not 2048", err);
    if (!both32(descriptor + ISO_VD_SPACE, &space))
        return malformed(image, offset + ISO_VD_SPACE,
                         "the two byte orders of the volume's size differ", err);
    if (space > INT32_MAX)
        return malformed(image, offset + ISO_VD_SPACE, "the volume has more than 2^31 blocks", err);
    if ((uint64_t)space * ISO_BLOCK > image->size)
        return vf_fail(err, VF_MALFORMED,
                       "%s: cut off: the disc has %llu bytes, the file %llu; fetch it again",
                       image->path, (unsigned long long)space * ISO_BLOCK,
                       (unsigned long long)image->size);
    checked->blocks = space;
    return VF_OK;
}

/*
 * Find the descriptor whose tree will be read: the first Joliet one, else the primary one, which
 * must come first (6.7.1, and libiso9660 looks nowhere else).
 */
static enum vf_code find_descriptor(const struct iso_image *image, uint8_t chosen[ISO_BLOCK],
                                    uint64_t *chosen_offset, bool *joliet, struct vf_err *err)
{
    uint8_t d[ISO_BLOCK];

    for (uint64_t i = 0; i < DESCRIPTORS_MAX; i++) {
        uint64_t offset = (ISO_SYSTEM_BLOCKS + i) * ISO_BLOCK;
        enum vf_code code = iso_image_read(image, offset, d, sizeof(d), err);
        if (code)
            return code;
        if (memcmp(d + ISO_VD_ID, ISO_MAGIC, ISO_MAGIC_SIZE) != 0)
            return malformed(image, offset, "no volume descriptor where one is expected", err);
        if (i == 0 && d[ISO_VD_TYPE] != ISO_TYPE_PRIMARY)
            return malformed(image, offset, "the first descriptor is not the primary one", err);
        if (d[ISO_VD_TYPE] == ISO_TYPE_END)
            return VF_OK;
        if (i == 0 || (!*joliet && is_joliet(d))) {
            *joliet = i != 0;
            *chosen_offset = offset;
            memcpy(chosen, d, ISO_BLOCK);
        }
    }
    return malformed(image, (uint64_t)ISO_SYSTEM_BLOCKS * ISO_BLOCK,
                     "no end in the first 64 volume descriptors", err);
}

enum vf_code iso_check(const struct iso_image *image, struct iso_checked *checked,
                       struct vf_err *err)
{
    struct walk walk = {.image = image, .checked = checked};
    uint8_t descriptor[ISO_BLOCK] = {0};
    uint64_t offset = 0;

    *checked = (struct iso_checked){0};
    enum vf_code code = find_descriptor(image, descriptor, &offset, &checked->joliet, err);
    if (!code)
        code = check_volume(image, descriptor, offset, checked, err);
    if (code)
        return code;
    walk.seen = calloc(1, checked->blocks / 8 + 1);
    if (!walk.seen)
        return vf_fail_memory(err);
    code = check_tree(&walk, descriptor, offset, err);
    free(walk.queue);
    free(walk.seen);
    return code;
}
