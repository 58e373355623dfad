/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors, path tables and directories as bytes. */
#include <stdio.h>
#include <string.h>

#include "iso/ecma119.h"
#include "iso/name.h"
#include "iso/writer_private.h"
#include "util/epoch.h"
#include "util/utf16.h"

#define APPLICATION_ID "VIOFORGE"

static const char version_number[] = ";1"; /* SEPARATOR 2 and the only version, 7.5.1 */

/* 7.2.3: both byte orders, the little one first */
static void put_both16(uint8_t *p, uint16_t v)
{
    vf_put_le16(p, v);
    vf_put_be16(p + 2, v);
}

/* 7.3.3 */
static void put_both32(uint8_t *p, uint32_t v)
{
    vf_put_le32(p, v);
    vf_put_be32(p + 4, v);
}

/* 9.1.5; the time zone is always UTC */
static void put_short_date(uint8_t *p, int64_t epoch)
{
    struct tm tm;

    vf_epoch_utc(epoch, &tm);
    p[0] = (uint8_t)tm.tm_year;
    p[1] = (uint8_t)(tm.tm_mon + 1);
    p[2] = (uint8_t)tm.tm_mday;
    p[3] = (uint8_t)tm.tm_hour;
    p[4] = (uint8_t)tm.tm_min;
    p[5] = (uint8_t)tm.tm_sec;
    p[6] = 0;
}

/* 8.4.26.1 */
static void put_long_date(uint8_t *p, int64_t epoch)
{
    struct tm tm;
    char text[ISO_LONG_DATE_SIZE];

    vf_epoch_utc(epoch, &tm);
    strftime(text, sizeof(text), "%Y%m%d%H%M%S00", &tm);
    memcpy(p, text, ISO_LONG_DATE_SIZE - 1);
    p[ISO_LONG_DATE_SIZE - 1] = 0;
}

/* 8.4.26.1: a date that is not specified */
static void put_no_date(uint8_t *p)
{
    memset(p, '0', ISO_LONG_DATE_SIZE - 1);
    p[ISO_LONG_DATE_SIZE - 1] = 0;
}

/* An identifier filled up with spaces, in the characters of its tree. */
static void put_text(uint8_t *p, size_t size, const char *text, enum iso_tree tree)
{
    if (tree == ISO_PRIMARY) {
        size_t used = 0;
        for (; used < size && text[used]; used++)
            p[used] = (uint8_t)text[used];
        memset(p + used, ' ', size - used);
        return;
    }
    struct vf_view view = {(const uint8_t *)text, strlen(text)};
    size_t offset = 0;
    /* an odd last byte stays zero */
    for (; size >= 2; p += 2, size -= 2)
        vf_put_be16(p, offset < view.size ? (uint16_t)vf_utf8_next(view, &offset) : ' ');
}

/* The identifier of a file ends with its version number, that of a directory does not. */
static size_t id_size(const struct iso_node *node, enum iso_tree tree)
{
    size_t version = node->directory ? 0 : sizeof(version_number) - 1;

    return node->place[tree].id_size + (tree == ISO_JOLIET ? 2 * version : version);
}

size_t iso_record_size(const struct iso_node *node, enum iso_tree tree)
{
    size_t size = ISO_DR_ID + id_size(node, tree);

    return size + size % 2;
}

/* All of a directory record (9.1) but its identifier. */
static void put_record(uint8_t *p, size_t record_size, uint32_t extent, uint32_t size,
                       bool directory, size_t identifier_size, int64_t epoch)
{
    p[ISO_DR_LENGTH] = (uint8_t)record_size;
    put_both32(p + ISO_DR_EXTENT, extent);
    put_both32(p + ISO_DR_SIZE, size);
    put_short_date(p + ISO_DR_DATE, epoch);
    p[ISO_DR_FLAGS] = directory ? ISO_FLAG_DIRECTORY : 0;
    put_both16(p + ISO_DR_SEQUENCE, 1);
    p[ISO_DR_ID_SIZE] = (uint8_t)identifier_size;
}

static void append_dot(const struct iso_node *directory, uint8_t id, enum iso_tree tree,
                       int64_t epoch, struct vf_buf *out)
{
    uint8_t record[ISO_ROOT_RECORD_SIZE] = {0};
    const struct iso_place *place = &directory->place[tree];

    put_record(record, sizeof(record), place->extent, place->size, true, 1, epoch);
    record[ISO_DR_ID] = id;
    vf_buf_append(out, record, sizeof(record));
}

static void append_record(const struct iso_node *node, enum iso_tree tree, int64_t epoch,
                          struct vf_buf *out)
{
    uint8_t record[256] = {0};
    const struct iso_place *place = &node->place[tree];
    size_t size = iso_record_size(node, tree);

    if (node->directory)
        put_record(record, size, place->extent, place->size, true, id_size(node, tree), epoch);
    else
        put_record(record, size, node->twin->extent, (uint32_t)node->size, false,
                   id_size(node, tree), epoch);
    memcpy(record + ISO_DR_ID, place->id, place->id_size);
    if (!node->directory)
        put_text(record + ISO_DR_ID + place->id_size, id_size(node, tree) - place->id_size,
                 version_number, tree);
    vf_buf_append(out, record, size);
}

void iso_record_directory(const struct iso_writer *writer, const struct iso_node *directory,
                          enum iso_tree tree, struct vf_buf *out)
{
    const struct iso_place *place = &directory->place[tree];

    append_dot(directory, ISO_ID_SELF, tree, writer->epoch, out);
    /* the root is its own parent (6.8.2.2) */
    append_dot(directory->parent ? directory->parent : directory, ISO_ID_PARENT, tree,
               writer->epoch, out);
    for (size_t i = 0; i < directory->child_count; i++) {
        if (out->size % ISO_BLOCK + iso_record_size(place->children[i], tree) > ISO_BLOCK)
            vf_buf_align(out, ISO_BLOCK);
        append_record(place->children[i], tree, writer->epoch, out);
    }
    vf_buf_align(out, ISO_BLOCK);
}

void iso_record_path_table(const struct iso_plan *plan, enum iso_tree tree, bool big,
                           struct vf_buf *out)
{
    static const uint8_t root_id[] = {ISO_ID_SELF};

    for (size_t i = 0; i < plan->directory_count; i++) {
        const struct iso_node *directory = plan->directories[tree][i];
        const struct iso_place *place = &directory->place[tree];
        const struct iso_node *parent = directory->parent ? directory->parent : directory;
        struct vf_view id = {place->id, place->id_size};
        uint8_t record[ISO_PATH_RECORD_SIZE] = {0};
        if (!directory->parent)
            id = (struct vf_view){root_id, sizeof(root_id)};
        record[0] = (uint8_t)id.size;
        if (big) {
            vf_put_be32(record + 2, place->extent);
            vf_put_be16(record + 6, parent->place[tree].number);
        } else {
            vf_put_le32(record + 2, place->extent);
            vf_put_le16(record + 6, parent->place[tree].number);
        }
        vf_buf_append(out, record, sizeof(record));
        vf_buf_append_view(out, id);
        vf_buf_append_zero(out, id.size % 2);
    }
    vf_buf_align(out, ISO_BLOCK);
}

/* The primary (8.4) or the Joliet (8.5) descriptor; they differ in type, escapes and characters. */
static void append_descriptor(const struct iso_writer *writer, const struct iso_plan *plan,
                              enum iso_tree tree, struct vf_buf *out)
{
    static const struct {
        unsigned offset, size;
    } blank[] = {
        {ISO_VD_SYSTEM, ISO_SYSTEM_SIZE},         {ISO_VD_SET_ID, ISO_SET_ID_SIZE},
        {ISO_VD_PUBLISHER, ISO_PERSON_SIZE},      {ISO_VD_PREPARER, ISO_PERSON_SIZE},
        {ISO_VD_COPYRIGHT, ISO_FILE_ID_SIZE},     {ISO_VD_ABSTRACT, ISO_FILE_ID_SIZE},
        {ISO_VD_BIBLIOGRAPHIC, ISO_FILE_ID_SIZE},
    };
    uint8_t d[ISO_BLOCK] = {0};
    char label[ISO_LABEL_SIZE + 1];
    struct vf_buf root = VF_BUF_INIT;

    d[ISO_VD_TYPE] = tree == ISO_PRIMARY ? ISO_TYPE_PRIMARY : ISO_TYPE_SUPPLEMENTARY;
    put_text(d + ISO_VD_ID, ISO_MAGIC_SIZE, ISO_MAGIC, ISO_PRIMARY);
    d[ISO_VD_VERSION] = 1;
    for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++)
        put_text(d + blank[i].offset, blank[i].size, "", tree);
    iso_name_primary_label(writer->label, label);
    put_text(d + ISO_VD_LABEL, ISO_LABEL_SIZE, tree == ISO_PRIMARY ? label : writer->label, tree);
    put_text(d + ISO_VD_APPLICATION, ISO_PERSON_SIZE, APPLICATION_ID, tree);
    put_both32(d + ISO_VD_SPACE, plan->end);
    if (tree == ISO_JOLIET)
        put_text(d + ISO_VD_ESCAPES, ISO_ESCAPE_SIZE, ISO_JOLIET_ESCAPE, ISO_PRIMARY);
    put_both16(d + ISO_VD_SET_SIZE, 1);
    put_both16(d + ISO_VD_SEQUENCE, 1);
    put_both16(d + ISO_VD_BLOCK_SIZE, ISO_BLOCK);
    put_both32(d + ISO_VD_PATH_TABLE_SIZE, plan->path_table_size[tree]);
    vf_put_le32(d + ISO_VD_PATH_TABLE_L, plan->path_table_l[tree]);
    vf_put_be32(d + ISO_VD_PATH_TABLE_M, plan->path_table_m[tree]);
    append_dot(writer->root, ISO_ID_SELF, tree, writer->epoch, &root);
    if (vf_buf_ok(&root))
        memcpy(d + ISO_VD_ROOT, root.data, ISO_ROOT_RECORD_SIZE);
    else
        out->failed = true;
    vf_buf_free(&root);
    put_long_date(d + ISO_VD_CREATED, writer->epoch);
    put_long_date(d + ISO_VD_MODIFIED, writer->epoch);
    put_no_date(d + ISO_VD_EXPIRES);
    put_no_date(d + ISO_VD_EFFECTIVE);
    d[ISO_VD_STRUCTURE] = 1;
    vf_buf_append(out, d, sizeof(d));
}

void iso_record_descriptors(const struct iso_writer *writer, const struct iso_plan *plan,
                            struct vf_buf *out)
{
    uint8_t end[ISO_BLOCK] = {ISO_TYPE_END, 'C', 'D', '0', '0', '1', 1}; /* 8.3 */

    append_descriptor(writer, plan, ISO_PRIMARY, out);
    append_descriptor(writer, plan, ISO_JOLIET, out);
    vf_buf_append(out, end, sizeof(end));
}
