/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/verify/tree_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "util/file.h"

enum vf_code tree_add(struct tree *tree, const char *path, uint64_t size, struct vf_err *err)
{
    if (tree->count == TREE_FILES_MAX)
        return vf_fail(err, VF_MALFORMED, "%s: more than %u files", tree->path, TREE_FILES_MAX);
    if (tree->count == tree->room) {
        size_t room = tree->room ? 2 * tree->room : 64;
        struct tree_file *more = reallocarray(tree->files, room, sizeof(*more));
        if (!more)
            return vf_fail_memory(err);
        tree->files = more;
        tree->room = room;
    }
    char *copy = strdup(path);
    if (!copy)
        return vf_fail_memory(err);
    struct tree_file *file = &tree->files[tree->count++];
    file->path = copy;
    file->size = size;
    return VF_OK;
}

static int file_order(const void *a, const void *b)
{
    const struct tree_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

/* Caseless first, so that all spellings of one name stand together. */
static int caseless_order(const void *a, const void *b)
{
    const struct tree_file *const *x = a, *const *y = b;
    int order = strcasecmp((*x)->path, (*y)->path);
    return order ? order : strcmp((*x)->path, (*y)->path);
}

static enum vf_code build_index(struct tree *tree, struct vf_err *err)
{
    tree->caseless = calloc(tree->count ? tree->count : 1, sizeof(const struct tree_file *));
    if (!tree->caseless)
        return vf_fail_memory(err);
    if (!tree->count)
        return VF_OK;
    qsort(tree->files, tree->count, sizeof(*tree->files), file_order);
    for (size_t i = 0; i < tree->count; i++)
        tree->caseless[i] = &tree->files[i];
    qsort(tree->caseless, tree->count, sizeof(const struct tree_file *), caseless_order);
    return VF_OK;
}

enum vf_code tree_open(const char *path, struct tree **out, struct vf_err *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return vf_fail_errno(err, errno, "%s: cannot open", path);
    struct tree *tree = calloc(1, sizeof(*tree));
    if (!tree)
        return vf_fail_memory(err);
    enum vf_code code = VF_OK;
    tree->path = strdup(path);
    if (!tree->path)
        code = vf_fail_memory(err);
    else if (S_ISDIR(st.st_mode))
        code = tree_load_directory(tree, err);
    else if (S_ISREG(st.st_mode) && tree_is_archive_file(path))
        code = tree_load_archive(tree, err);
    else
        code = tree_load_disc(tree, err);
    if (!code && !tree->label && !(tree->label = strdup("")))
        code = vf_fail_memory(err);
    if (!code)
        code = build_index(tree, err);
    if (code) {
        tree_close(tree);
        return code;
    }
    *out = tree;
    return VF_OK;
}

void tree_close(struct tree *tree)
{
    if (!tree)
        return;
    if (tree->source)
        tree->ops->close(tree->source);
    for (size_t i = 0; i < tree->count; i++)
        free(tree->files[i].path);
    free(tree->caseless);
    free(tree->files);
    free(tree->label);
    free(tree->path);
    free(tree);
}

enum tree_kind tree_kind(const struct tree *tree)
{
    return tree->kind;
}

const char *tree_kind_text(enum tree_kind kind)
{
    static const char *const texts[] = {
        [TREE_FOLDER] = "folder", [TREE_DISC] = "disc", [TREE_ARCHIVE] = "archive"};
    return texts[kind];
}

const char *tree_label(const struct tree *tree)
{
    return tree->label;
}

const char *tree_path(const struct tree *tree)
{
    return tree->path;
}

size_t tree_count(const struct tree *tree)
{
    return tree->count;
}

const struct tree_file *tree_at(const struct tree *tree, size_t index)
{
    return &tree->files[index];
}

const struct tree_file *tree_find(const struct tree *tree, const char *dir, const char *name)
{
    const struct tree_file *found = NULL;
    size_t low = 0, high = tree->count;

    char *path = vf_path_join(dir, name);
    if (!path)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcasecmp(tree->caseless[middle]->path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < tree->count && strcasecmp(tree->caseless[low]->path, path) == 0)
        found = tree->caseless[low];
    for (; low < tree->count && strcasecmp(tree->caseless[low]->path, path) == 0; low++)
        if (strcmp(tree->caseless[low]->path, path) == 0)
            found = tree->caseless[low];
    free(path);
    return found;
}

const struct tree_file *tree_caseless_at(const struct tree *tree, size_t index)
{
    return tree->caseless[index];
}

enum vf_code tree_read(const struct tree *tree, const struct tree_file *file, size_t limit,
                       struct vf_buf *out, struct vf_err *err)
{
    if (file->size > limit)
        return vf_fail(err, VF_MALFORMED, "%s: %llu bytes, larger than the %zu expected at most",
                       file->path, (unsigned long long)file->size, limit);
    return tree->ops->read(tree->source, file, limit, out, err);
}

char *tree_dirname(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strndup(path, slash ? (size_t)(slash - path) : 0);
}

bool tree_same_name(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool tree_has_extension(const char *name, const char *extension)
{
    size_t length = strlen(name), end = strlen(extension);
    return length > end && strcasecmp(name + length - end, extension) == 0;
}
