/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "iso/diff.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iso/ecma119.h"

#define CHUNK 65536

struct comparison {
    struct iso_reader *a, *b;
    iso_diff_visit *visit;
    void *context;
    size_t count;
};

const char *iso_diff_text(enum iso_difference_kind kind)
{
    static const char *const texts[] = {
        [ISO_DIFF_LABEL] = "label",
        [ISO_DIFF_ONLY_A] = "only in the first",
        [ISO_DIFF_ONLY_B] = "only in the second",
        [ISO_DIFF_TYPE] = "type",
        [ISO_DIFF_SIZE] = "size",
        [ISO_DIFF_CONTENT] = "content",
        [ISO_DIFF_DATE] = "date",
        [ISO_DIFF_BYTES] = "bytes",
    };
    return texts[kind];
}

static enum vf_code report(struct comparison *c, struct vf_err *err, enum iso_difference_kind kind,
                           const char *path, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static enum vf_code report(struct comparison *c, struct vf_err *err, enum iso_difference_kind kind,
                           const char *path, const char *format, ...)
{
    char detail[512];
    va_list args;

    va_start(args, format);
    vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    c->count++;
    const struct iso_difference difference = {kind, path, detail};
    return c->visit(c->context, &difference, err);
}

static enum vf_code compare_content(struct comparison *c, const struct iso_entry *a,
                                    const struct iso_entry *b, struct vf_err *err)
{
    struct vf_digest x, y;

    enum vf_code code = iso_reader_digest(c->a, a, VF_SHA256, &x, err);
    if (!code)
        code = iso_reader_digest(c->b, b, VF_SHA256, &y, err);
    if (!code && memcmp(x.bytes, y.bytes, sizeof(x.bytes)) != 0)
        code = report(c, err, ISO_DIFF_CONTENT, a->path, "%s", "");
    return code;
}

/* Entries of one path. */
static enum vf_code compare_entries(struct comparison *c, const struct iso_entry *a,
                                    const struct iso_entry *b, struct vf_err *err)
{
    enum vf_code code = VF_OK;

    if (a->directory != b->directory)
        return report(c, err, ISO_DIFF_TYPE, a->path, "a %s and a %s",
                      a->directory ? "directory" : "file", b->directory ? "directory" : "file");
    if (a->size != b->size)
        code = report(c, err, ISO_DIFF_SIZE, a->path, "%llu and %llu bytes",
                      (unsigned long long)a->size, (unsigned long long)b->size);
    else if (!a->directory && a->size)
        code = compare_content(c, a, b, err);
    if (!code && a->date != b->date)
        code = report(c, err, ISO_DIFF_DATE, a->path, "%lld and %lld seconds since 1970",
                      (long long)a->date, (long long)b->date);
    return code;
}

/* Walk both sorted lists at once. */
static enum vf_code compare_lists(struct comparison *c, struct vf_err *err)
{
    const struct iso_entry *a = iso_reader_entry(c->a, 0), *b = iso_reader_entry(c->b, 0);
    size_t i = 0, j = 0;
    enum vf_code code = VF_OK;

    while ((a || b) && !code) {
        int order = !a ? 1 : !b ? -1 : strcmp(a->path, b->path);
        if (order == 0)
            code = compare_entries(c, a, b, err);
        else if (order < 0)
            code = report(c, err, ISO_DIFF_ONLY_A, a->path, "%s", "");
        else
            code = report(c, err, ISO_DIFF_ONLY_B, b->path, "%s", "");
        if (order <= 0)
            a = iso_reader_entry(c->a, ++i);
        if (order >= 0)
            b = iso_reader_entry(c->b, ++j);
    }
    return code;
}

/* Fields of a volume descriptor (8.4, 8.5), by where they begin. */
static const struct {
    unsigned offset;
    const char *name;
} descriptor_fields[] = {
    {ISO_VD_TYPE, "type"},
    {ISO_VD_ID, "standard identifier"},
    {ISO_VD_VERSION, "version"},
    {ISO_VD_SYSTEM, "system identifier"},
    {ISO_VD_LABEL, "volume identifier"},
    {ISO_VD_SPACE, "volume size"},
    {ISO_VD_ESCAPES, "escape sequences"},
    {ISO_VD_SET_SIZE, "volume set size"},
    {ISO_VD_SEQUENCE, "volume sequence number"},
    {ISO_VD_BLOCK_SIZE, "block size"},
    {ISO_VD_PATH_TABLE_SIZE, "path table size"},
    {ISO_VD_PATH_TABLE_L, "place of the path tables"},
    {ISO_VD_ROOT, "root directory record"},
    {ISO_VD_SET_ID, "volume set identifier"},
    {ISO_VD_PUBLISHER, "publisher identifier"},
    {ISO_VD_PREPARER, "data preparer identifier"},
    {ISO_VD_APPLICATION, "application identifier"},
    {ISO_VD_COPYRIGHT, "copyright file identifier"},
    {ISO_VD_ABSTRACT, "abstract file identifier"},
    {ISO_VD_BIBLIOGRAPHIC, "bibliographic file identifier"},
    {ISO_VD_CREATED, "creation date"},
    {ISO_VD_MODIFIED, "modification date"},
    {ISO_VD_EXPIRES, "expiration date"},
    {ISO_VD_EFFECTIVE, "effective date"},
    {ISO_VD_STRUCTURE, "file structure version"},
    {ISO_VD_STRUCTURE + 1, "room for applications"},
};

static const char *field_name(uint64_t offset)
{
    size_t i = sizeof(descriptor_fields) / sizeof(descriptor_fields[0]) - 1;

    while (descriptor_fields[i].offset > offset)
        i--;
    return descriptor_fields[i].name;
}

/* The file whose content lies at an offset of the image; NULL where none does. */
static const struct iso_entry *file_at(struct iso_reader *reader, uint64_t offset)
{
    const struct iso_entry *entry;

    for (size_t i = 0; (entry = iso_reader_entry(reader, i)); i++) {
        uint64_t start = (uint64_t)entry->extent * ISO_BLOCK;
        if (!entry->directory && offset >= start && offset - start < entry->size)
            return entry;
    }
    return NULL;
}

/*
 * Say what stands at the first differing byte. Both images list the same, so what the first one
 * has there is taken for both.
 */
static enum vf_code report_place(struct comparison *c, uint64_t offset, const uint8_t *block,
                                 struct vf_err *err)
{
    const struct iso_entry *file = file_at(c->a, offset);
    unsigned long long at = offset;

    if (offset < ISO_SYSTEM_BLOCKS * ISO_BLOCK)
        return report(c, err, ISO_DIFF_BYTES, "", "from offset %llu, in the system area", at);
    if (file)
        return report(c, err, ISO_DIFF_BYTES, file->path, "from offset %llu", at);
    if (memcmp(block + ISO_VD_ID, ISO_MAGIC, ISO_MAGIC_SIZE) == 0)
        return report(c, err, ISO_DIFF_BYTES, "", "from offset %llu, in descriptor %llu: %s", at,
                      at / ISO_BLOCK - ISO_SYSTEM_BLOCKS, field_name(offset % ISO_BLOCK));
    return report(c, err, ISO_DIFF_BYTES, "",
                  "from offset %llu, in a path table, a directory or unused space", at);
}

static enum vf_code compare_streams(struct comparison *c, FILE *a, FILE *b, struct vf_err *err)
{
    uint8_t x[CHUNK], y[CHUNK];

    for (uint64_t offset = 0;; offset += CHUNK) {
        size_t got_a = fread(x, 1, sizeof(x), a), got_b = fread(y, 1, sizeof(y), b);
        if (ferror(a) || ferror(b))
            return vf_fail(err, VF_IO, "%s: cannot read", iso_reader_path(ferror(a) ? c->a : c->b));
        size_t common = got_a < got_b ? got_a : got_b, same = 0;
        while (same < common && x[same] == y[same])
            same++;
        /* both images are whole blocks as far as their volumes go */
        if (same < common && same / ISO_BLOCK < common / ISO_BLOCK)
            return report_place(c, offset + same, x + same / ISO_BLOCK * ISO_BLOCK, err);
        if (same < common || got_a != got_b)
            return report(c, err, ISO_DIFF_BYTES, "", "from offset %llu, behind the volume",
                          (unsigned long long)offset + same);
        if (got_a < CHUNK)
            return VF_OK;
    }
}

static enum vf_code compare_bytes(struct comparison *c, struct vf_err *err)
{
    enum vf_code code;

    FILE *a = fopen(iso_reader_path(c->a), "rbe");
    FILE *b = fopen(iso_reader_path(c->b), "rbe");
    if (a && b)
        code = compare_streams(c, a, b, err);
    else
        code = vf_fail_errno(err, errno, "%s: cannot open", iso_reader_path(a ? c->b : c->a));
    if (a)
        fclose(a);
    if (b)
        fclose(b);
    return code;
}

enum vf_code iso_diff(struct iso_reader *a, struct iso_reader *b, iso_diff_visit *visit,
                      void *context, size_t *count, struct vf_err *err)
{
    struct comparison c = {a, b, visit, context, 0};
    enum vf_code code = VF_OK;

    if (strcmp(iso_reader_label(a), iso_reader_label(b)) != 0)
        code = report(&c, err, ISO_DIFF_LABEL, "", "'%s' and '%s'", iso_reader_label(a),
                      iso_reader_label(b));
    if (!code)
        code = compare_lists(&c, err);
    if (!code && c.count == 0)
        code = compare_bytes(&c, err);
    *count = c.count;
    return code;
}
