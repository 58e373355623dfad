/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder as a tree. Symbolic links and special files are not followed: they are refused. */
#include "builder/verify/tree_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/file.h"

static enum vf_code directory_read(void *source, const struct tree_file *file, size_t limit,
                                   struct vf_buf *out, struct vf_err *err)
{
    char *path = vf_path_join(source, file->path);
    if (!path)
        return vf_fail_memory(err);
    enum vf_code code = vf_file_read(path, limit, out, err);
    free(path);
    return code;
}

static const struct tree_ops directory_ops = {directory_read, free};

static enum vf_code walk(struct tree *tree, const char *relative, unsigned depth,
                         struct vf_err *err);

static enum vf_code visit(struct tree *tree, const char *relative, unsigned depth,
                          struct vf_err *err)
{
    struct stat st;
    enum vf_code code;

    char *path = vf_path_join(tree->source, relative);
    if (!path)
        return vf_fail_memory(err);
    if (lstat(path, &st) != 0)
        code = vf_fail_errno(err, errno, "%s: cannot examine", path);
    else if (S_ISDIR(st.st_mode))
        code = walk(tree, relative, depth + 1, err);
    else if (S_ISREG(st.st_mode))
        code = tree_add(tree, relative, (uint64_t)st.st_size, err);
    else
        code = vf_fail(err, VF_MALFORMED,
                       "%s: neither a file nor a folder; a disc can hold nothing else", path);
    free(path);
    return code;
}

static enum vf_code walk(struct tree *tree, const char *relative, unsigned depth,
                         struct vf_err *err)
{
    char **names;
    size_t count;

    char *path = vf_path_join(tree->source, relative);
    if (!path)
        return vf_fail_memory(err);
    enum vf_code code;
    if (depth > TREE_DEPTH_MAX)
        code =
            vf_fail(err, VF_MALFORMED, "%s: folders deeper than %u levels", path, TREE_DEPTH_MAX);
    else
        code = vf_dir_names(path, TREE_FILES_MAX, &names, &count, err);
    free(path);
    if (code)
        return code;
    for (size_t i = 0; i < count && !code; i++) {
        char *below = vf_path_join(relative, names[i]);
        code = below ? visit(tree, below, depth, err) : vf_fail_memory(err);
        free(below);
    }
    vf_names_free(names, count);
    return code;
}

enum vf_code tree_load_directory(struct tree *tree, struct vf_err *err)
{
    char *root = strdup(tree->path);
    if (!root)
        return vf_fail_memory(err);
    tree->ops = &directory_ops;
    tree->source = root;
    return walk(tree, "", 0, err);
}
