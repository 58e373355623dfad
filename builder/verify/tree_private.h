/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BUILDER_VERIFY_TREE_PRIVATE_H
#define BUILDER_VERIFY_TREE_PRIVATE_H

#include "builder/verify/tree.h"

struct tree {
    char *path;
    char *label;
    enum tree_kind kind;
    struct tree_file *files;
    size_t count;
    size_t room;
    const struct tree_file **caseless; /* the same files, in caseless order of their paths */
    const struct tree_ops *ops;
    void *source;
};

/* Add a file found while opening. Takes a copy of path. */
enum vf_code tree_add(struct tree *tree, const char *path, uint64_t size, struct vf_err *err);

/* Is the file, by its first bytes, one for tree_load_archive()? */
bool tree_is_archive_file(const char *path);

/* Fill a new tree from a directory, an archive or a disc image. */
enum vf_code tree_load_directory(struct tree *tree, struct vf_err *err);
enum vf_code tree_load_archive(struct tree *tree, struct vf_err *err);
enum vf_code tree_load_disc(struct tree *tree, struct vf_err *err);

#endif
