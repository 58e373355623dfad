/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder, a disc or an archive, seen as one thing: a sorted list of files that can be read.
 *
 * Paths use '/' and are relative to the root ("viorng/w11/amd64/viorng.inf"). Looking up is
 * caseless, as Windows does it; names keep the case they are stored with.
 */
#ifndef BUILDER_VERIFY_TREE_H
#define BUILDER_VERIFY_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"
#include "util/error.h"

/* Bounds on what is looked at: far above any driver disc, far below what hurts. */
#define TREE_FILES_MAX 100000u
#define TREE_DEPTH_MAX 32u

struct tree_file {
    char *path;
    uint64_t size; /* bytes */
};

struct tree;

enum tree_kind { TREE_FOLDER, TREE_DISC, TREE_ARCHIVE };

/* What a kind of tree can do; `source` is its own. */
struct tree_ops {
    /* Append the whole content of a file of at most `limit` bytes. */
    enum vf_code (*read)(void *source, const struct tree_file *file, size_t limit,
                         struct vf_buf *out, struct vf_err *err);
    void (*close)(void *source);
};

/*
 * Open what stands at path: a directory, an archive (zip, cabinet, tar; tar packed with gzip,
 * bzip2, xz or zstd), or else a disc image. The tree must be closed with tree_close(). An
 * archive's files are kept in memory, within the bounds that tree_archive.c states. VF_IO, or
 * VF_MALFORMED for what is none of these.
 */
enum vf_code tree_open(const char *path, struct tree **tree, struct vf_err *err);
void tree_close(struct tree *tree);

enum tree_kind tree_kind(const struct tree *tree);
/* "folder", "disc", "archive" */
const char *tree_kind_text(enum tree_kind kind);
/* The volume label of a disc, "" for the others. Borrowed. */
const char *tree_label(const struct tree *tree);
/* The path that was opened. Borrowed. */
const char *tree_path(const struct tree *tree);

/* Files in order of their paths (byte order). Borrowed. */
size_t tree_count(const struct tree *tree);
const struct tree_file *tree_at(const struct tree *tree, size_t index);
/* The same files in caseless order, names that differ in case only side by side. Borrowed. */
const struct tree_file *tree_caseless_at(const struct tree *tree, size_t index);

/*
 * The file at dir/name, caselessly; dir "" is the root. NULL where there is none.
 * With several candidates (a folder on Linux can hold names that differ in case only) the exact
 * one comes first, then the first in byte order.
 */
const struct tree_file *tree_find(const struct tree *tree, const char *dir, const char *name);

/* Append a file's content. Larger than limit: VF_MALFORMED. Messages name the file. */
enum vf_code tree_read(const struct tree *tree, const struct tree_file *file, size_t limit,
                       struct vf_buf *out, struct vf_err *err);

/* The folder part of a path ("" for the root) as a new string; NULL where memory is short. */
char *tree_dirname(const char *path);

/* Are two names or paths the same to Windows? */
bool tree_same_name(const char *a, const char *b);

/* Does name end in the extension (".inf"), caselessly? */
bool tree_has_extension(const char *name, const char *extension);

#endif
