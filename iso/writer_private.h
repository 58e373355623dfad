/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The writer's parts: the tree of names (writer.c), which files are equal (content.c), where
 * everything goes (plan.c), how it looks as bytes (record.c), and the pass that writes (emit.c).
 */
#ifndef ISO_WRITER_PRIVATE_H
#define ISO_WRITER_PRIVATE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "iso/writer.h"

/* The two trees of directory records over the same files. */
enum iso_tree { ISO_PRIMARY, ISO_JOLIET, ISO_TREES };

/* A file or directory in one of the trees. */
struct iso_place {
    uint8_t *id; /* its identifier as recorded, without version number */
    uint8_t id_size;
    struct iso_node **children; /* of a directory, in the order of 9.3 */
    uint32_t extent, size;      /* of a directory: first block and bytes */
    uint16_t number;            /* of a directory: its record in the path table, from 1 */
};

struct iso_node {
    char *name; /* UTF-8, "" for the root */
    char *key;  /* equal for names that differ in case only */
    struct iso_node *parent;
    bool directory;

    struct iso_node **children; /* in order of addition */
    size_t child_count, child_capacity;
    void *by_key; /* the same, for tfind(3) */

    char *path;      /* of a file, on the disc */
    char *source;    /* of a file: where it is read from; NULL: from bytes */
    uint8_t *bytes;  /* NULL where size is 0 */
    uint64_t size;   /* of a file */
    struct stat was; /* of a source when it was added */
    bool hashed;
    struct vf_digest digest;
    struct iso_node *twin; /* the file whose extent serves this one too; itself mostly */
    uint32_t extent;       /* first block of a twin's content; 0 where it has none */

    struct iso_place place[ISO_TREES];
};

struct iso_writer {
    char *label;
    int64_t epoch;
    struct iso_node *root;
    struct iso_node **files; /* all files; sorted by path once iso_content_sort ran */
    size_t file_count, file_capacity;
    size_t node_count;
};

/* Where the parts of the image go, in blocks. */
struct iso_plan {
    struct iso_node **directories[ISO_TREES]; /* in the order of the path table (6.9.1) */
    size_t directory_count;
    uint32_t path_table_size[ISO_TREES]; /* bytes */
    uint32_t path_table_l[ISO_TREES], path_table_m[ISO_TREES];
    uint32_t data; /* first block of files' content */
    uint32_t end;  /* blocks of the image */
};

/* content.c */

/* Open a source and make sure that it is what was added. */
enum vf_code iso_content_open(const struct iso_node *file, int *fd, struct vf_err *err);
/* After the last byte was read: is it still? */
enum vf_code iso_content_close(const struct iso_node *file, int fd, struct vf_err *err);
/* Sort the files by path. */
void iso_content_sort(struct iso_writer *writer);
/* Hash one file, once. */
enum vf_code iso_content_hash(struct iso_node *file, struct vf_err *err);
/* Set every file's twin. */
enum vf_code iso_content_share(struct iso_writer *writer, struct vf_err *err);

/* plan.c */
enum vf_code iso_plan_make(struct iso_writer *writer, struct iso_plan *plan, struct vf_err *err);
void iso_plan_free(struct iso_writer *writer, struct iso_plan *plan);

/* record.c: every function appends to out */
size_t iso_record_size(const struct iso_node *node, enum iso_tree tree);
void iso_record_descriptors(const struct iso_writer *writer, const struct iso_plan *plan,
                            struct vf_buf *out);
void iso_record_path_table(const struct iso_plan *plan, enum iso_tree tree, bool big,
                           struct vf_buf *out);
void iso_record_directory(const struct iso_writer *writer, const struct iso_node *directory,
                          enum iso_tree tree, struct vf_buf *out);

#endif
