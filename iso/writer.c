/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of names that becomes an image. */
#include "iso/writer.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iso/ecma119.h"
#include "iso/name.h"
#include "iso/writer_private.h"
#include "util/epoch.h"
#include "util/file.h"

/* content needs 32 bits for its size in a directory record (9.1.4) */
#define FILE_SIZE_MAX UINT32_MAX

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct iso_node *)a)->key, ((const struct iso_node *)b)->key);
}

static void keep_node(void *node)
{
    (void)node; /* nodes are freed through the arrays of children */
}

static void node_free(struct iso_node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->child_count; i++)
        node_free(node->children[i]);
    tdestroy(node->by_key, keep_node);
    free(node->children);
    free(node->name);
    free(node->key);
    free(node->path);
    free(node->source);
    free(node->bytes);
    free(node);
}

/* Room for one more pointer in an array that doubles. */
static bool grow(struct iso_node ***array, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? 2 * *capacity : 16;
    struct iso_node **bigger = reallocarray(*array, wanted, sizeof(**array));
    if (!bigger)
        return false;
    *array = bigger;
    *capacity = wanted;
    return true;
}

static struct iso_node *node_new(const char *name, bool directory)
{
    struct vf_buf key = VF_BUF_INIT;

    struct iso_node *node = calloc(1, sizeof(*node));
    if (!node)
        return NULL;
    node->directory = directory;
    node->name = strdup(name);
    if (!node->name || !iso_name_key(name, &key)) {
        vf_buf_free(&key);
        node_free(node);
        return NULL;
    }
    node->key = (char *)key.data;
    return node;
}

enum vf_code iso_writer_open(const char *label, int64_t epoch, struct iso_writer **writer,
                             struct vf_err *err)
{
    enum vf_code code = iso_name_check_label(label, err);
    if (code)
        return code;
    if (epoch < 0 || epoch > VF_EPOCH_MAX)
        return vf_fail(err, VF_USAGE, "a disc's date must lie between the years 1970 and 2100");
    struct iso_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return vf_fail_memory(err);
    w->epoch = epoch;
    w->label = strdup(label);
    w->root = node_new("", true);
    if (!w->label || !w->root) {
        iso_writer_close(w);
        return vf_fail_memory(err);
    }
    *writer = w;
    return VF_OK;
}

void iso_writer_close(struct iso_writer *writer)
{
    if (!writer)
        return;
    node_free(writer->root);
    free(writer->files);
    free(writer->label);
    free(writer);
}

static enum vf_code attach(struct iso_writer *writer, struct iso_node *parent,
                           struct iso_node *node, struct vf_err *err)
{
    if (writer->node_count >= ISO_WRITER_NODES_MAX)
        return vf_fail(err, VF_MALFORMED, "more than %d files and directories for one disc",
                       ISO_WRITER_NODES_MAX);
    if (!grow(&parent->children, parent->child_count, &parent->child_capacity) ||
        !grow(&writer->files, writer->file_count, &writer->file_capacity) ||
        !tsearch(node, &parent->by_key, compare_keys))
        return vf_fail_memory(err);
    node->parent = parent;
    parent->children[parent->child_count++] = node;
    writer->node_count++;
    if (!node->directory)
        writer->files[writer->file_count++] = node;
    return VF_OK;
}

static struct iso_node *find_child(const struct iso_node *parent, const struct iso_node *like)
{
    struct iso_node *const *found = tfind(like, &parent->by_key, compare_keys);

    return found ? *found : NULL;
}

/* An existing child that gets in the way of a new one of this name. */
static enum vf_code refuse_taken(const struct iso_node *taken, const struct iso_node *wanted,
                                 struct vf_err *err)
{
    if (strcmp(taken->name, wanted->name) != 0)
        return vf_fail(err, VF_MALFORMED,
                       "'%s' and '%s' are one name to Windows, which ignores case; rename one",
                       taken->name, wanted->name);
    return vf_fail(err, VF_MALFORMED, "is on the disc already, as a %s",
                   taken->directory ? "directory" : "file");
}

/* Add node under parent, or, both being directories, find the one that is there. */
static enum vf_code place(struct iso_writer *writer, struct iso_node *parent, struct iso_node *node,
                          struct iso_node **out, struct vf_err *err)
{
    enum vf_code code = VF_OK;

    struct iso_node *taken = find_child(parent, node);
    if (!taken) {
        code = attach(writer, parent, node, err);
        *out = node;
    } else {
        if (!taken->directory || !node->directory || strcmp(taken->name, node->name) != 0)
            code = refuse_taken(taken, node, err);
        *out = taken;
    }
    if (code || taken)
        node_free(node);
    return code;
}

/* Characters of checked UTF-8. */
static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += (*text & 0xC0) != 0x80;
    return count;
}

/* Walk or make the directories of path and place node at its end; node is taken over. */
static enum vf_code add_node(struct iso_writer *writer, const char *path, bool directory,
                             struct iso_node **out, struct vf_err *err)
{
    struct iso_node *at = writer->root;
    unsigned level = 1;
    const char *rest = path;

    for (;;) {
        size_t size = strcspn(rest, "/");
        bool last = rest[size] == '\0';
        char *name = strndup(rest, size);
        if (!name)
            return vf_fail_memory(err);
        enum vf_code code = iso_name_check(name, err);
        if (!code && ++level > ISO_LEVELS_MAX && (!last || directory))
            code = vf_fail(err, VF_MALFORMED,
                           "deeper than the %d levels of directories that a disc can have",
                           ISO_LEVELS_MAX);
        struct iso_node *node = NULL;
        if (!code && !(node = node_new(name, !last || directory)))
            code = vf_fail_memory(err);
        free(name);
        if (!code)
            code = place(writer, at, node, &at, err);
        if (code)
            return vf_err_prefix(err, "%s", path);
        if (last)
            break;
        rest += size + 1;
    }
    /* every name is UTF-8 by now */
    if (characters(path) > ISO_PATH_UNITS_MAX)
        return vf_fail(err, VF_MALFORMED,
                       "%s: the path has %zu characters, %d are possible on a disc", path,
                       characters(path), ISO_PATH_UNITS_MAX);
    *out = at;
    return VF_OK;
}

enum vf_code iso_writer_add_directory(struct iso_writer *writer, const char *path,
                                      struct vf_err *err)
{
    struct iso_node *node;

    return add_node(writer, path, true, &node, err);
}

static enum vf_code add_file_node(struct iso_writer *writer, const char *path, uint64_t size,
                                  struct iso_node **file, struct vf_err *err)
{
    if (size > FILE_SIZE_MAX)
        return vf_fail(err, VF_MALFORMED,
                       "%s: %llu bytes; a file on this kind of disc has less than 4 GiB", path,
                       (unsigned long long)size);
    enum vf_code code = add_node(writer, path, false, file, err);
    if (code)
        return code;
    (*file)->size = size;
    (*file)->path = strdup(path);
    return (*file)->path ? VF_OK : vf_fail_memory(err);
}

enum vf_code iso_writer_add_file(struct iso_writer *writer, const char *path, const char *source,
                                 struct vf_err *err)
{
    struct stat st;
    struct iso_node *file = NULL;

    if (lstat(source, &st) != 0)
        return vf_fail_errno(err, errno, "%s: cannot examine", source);
    if (S_ISLNK(st.st_mode))
        return vf_fail(err, VF_MALFORMED,
                       "%s: a symbolic link, which a disc cannot hold; put the file in its place",
                       source);
    if (!S_ISREG(st.st_mode))
        return vf_fail(err, VF_MALFORMED, "%s: neither a file nor a directory; remove it", source);
    enum vf_code code = add_file_node(writer, path, (uint64_t)st.st_size, &file, err);
    if (code)
        return code;
    file->was = st;
    file->source = strdup(source);
    return file->source ? VF_OK : vf_fail_memory(err);
}

enum vf_code iso_writer_add_bytes(struct iso_writer *writer, const char *path,
                                  struct vf_view content, struct vf_err *err)
{
    struct iso_node *file = NULL;

    enum vf_code code = add_file_node(writer, path, content.size, &file, err);
    if (code || content.size == 0)
        return code;
    file->bytes = malloc(content.size);
    if (!file->bytes) {
        file->size = 0;
        return vf_fail_memory(err);
    }
    memcpy(file->bytes, content.data, content.size);
    return VF_OK;
}

static enum vf_code add_entry(struct iso_writer *writer, const char *path, const char *source,
                              struct vf_err *err)
{
    struct stat st;

    if (lstat(source, &st) != 0)
        return vf_fail_errno(err, errno, "%s: cannot examine", source);
    if (!S_ISDIR(st.st_mode))
        return iso_writer_add_file(writer, path, source, err);
    enum vf_code code = iso_writer_add_directory(writer, path, err);
    if (code)
        return code;
    /* the depth of a disc bounds this recursion */
    return iso_writer_add_tree(writer, path, source, err);
}

enum vf_code iso_writer_add_tree(struct iso_writer *writer, const char *path, const char *source,
                                 struct vf_err *err)
{
    char **names;
    size_t count;

    enum vf_code code = vf_dir_names(source, ISO_WRITER_NODES_MAX, &names, &count, err);
    if (code)
        return code;
    for (size_t i = 0; i < count && !code; i++) {
        char *from = vf_path_join(source, names[i]);
        char *to = vf_path_join(path, names[i]);
        code = from && to ? add_entry(writer, to, from, err) : vf_fail_memory(err);
        free(from);
        free(to);
    }
    vf_names_free(names, count);
    return code;
}

bool iso_writer_has(const struct iso_writer *writer, const char *path)
{
    const struct iso_node *at = writer->root;

    while (at) {
        size_t size = strcspn(path, "/");
        char *name = strndup(path, size);
        struct iso_node *like = name ? node_new(name, false) : NULL;
        at = like ? find_child(at, like) : NULL;
        if (at && strcmp(at->name, name) != 0)
            at = NULL;
        node_free(like);
        free(name);
        if (!path[size])
            break;
        path += size + 1;
    }
    return at != NULL;
}

enum vf_code iso_writer_each(struct iso_writer *writer, iso_writer_visit *visit, void *context,
                             struct vf_err *err)
{
    enum vf_code code = VF_OK;

    iso_content_sort(writer);
    for (size_t i = 0; i < writer->file_count && !code; i++) {
        struct iso_node *file = writer->files[i];
        code = iso_content_hash(file, err);
        if (!code)
            code = visit(context, file->path, file->size, &file->digest, err);
    }
    return code;
}
