/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What files hold, and which hold the same.
 *
 * A file is read twice only where another file has its size; several names of one file (hard
 * links) count as one. What was hashed is compared again while it is written, so two files share
 * an extent only if both were read whole and had one size and one SHA-256.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iso/writer_private.h"

static enum vf_code changed(const struct iso_node *file, struct vf_err *err)
{
    return vf_fail(err, VF_IO, "%s: changed while the disc was made; make it again", file->source);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool unchanged(const struct stat *a, const struct stat *b)
{
    return same_file(a, b) && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

enum vf_code iso_content_open(const struct iso_node *file, int *fd, struct vf_err *err)
{
    struct stat now;

    *fd = open(file->source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0)
        return vf_fail_errno(err, errno, "%s: cannot open", file->source);
    if (fstat(*fd, &now) == 0 && unchanged(&now, &file->was))
        return VF_OK;
    close(*fd);
    return changed(file, err);
}

enum vf_code iso_content_close(const struct iso_node *file, int fd, struct vf_err *err)
{
    struct stat now;

    bool good = fstat(fd, &now) == 0 && unchanged(&now, &file->was);
    close(fd);
    return good ? VF_OK : changed(file, err);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp((*(struct iso_node *const *)a)->path, (*(struct iso_node *const *)b)->path);
}

void iso_content_sort(struct iso_writer *writer)
{
    if (writer->file_count)
        qsort(writer->files, writer->file_count, sizeof(struct iso_node *), compare_paths);
}

static enum vf_code hash_source(struct iso_node *file, struct vf_err *err)
{
    int fd;

    enum vf_code code = iso_content_open(file, &fd, err);
    if (code)
        return code;
    close(fd);
    code = vf_digest_file(VF_SHA256, file->source, &file->digest, err);
    if (code)
        return code;
    code = iso_content_open(file, &fd, err);
    if (!code)
        close(fd);
    return code;
}

enum vf_code iso_content_hash(struct iso_node *file, struct vf_err *err)
{
    enum vf_code code;

    if (file->hashed)
        return VF_OK;
    if (file->source)
        code = hash_source(file, err);
    else
        code = vf_digest_view(VF_SHA256, (struct vf_view){file->bytes, (size_t)file->size},
                              &file->digest, err);
    file->hashed = code == VF_OK;
    return code;
}

/* by size, then by inode, so that names of one file follow each other */
static int compare_sources(const void *a, const void *b)
{
    const struct iso_node *x = *(struct iso_node *const *)a, *y = *(struct iso_node *const *)b;

    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    if (x->was.st_dev != y->was.st_dev)
        return x->was.st_dev < y->was.st_dev ? -1 : 1;
    if (x->was.st_ino != y->was.st_ino)
        return x->was.st_ino < y->was.st_ino ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* of hashed files of one size */
static int compare_contents(const void *a, const void *b)
{
    const struct iso_node *x = *(struct iso_node *const *)a, *y = *(struct iso_node *const *)b;

    int order = memcmp(x->digest.bytes, y->digest.bytes, sizeof(x->digest.bytes));
    return order ? order : strcmp(x->path, y->path);
}

/* Names of one unchanged file, which are one content without a look at it. */
static bool one_file(const struct iso_node *a, const struct iso_node *b)
{
    return a->source && b->source && unchanged(&a->was, &b->was);
}

/* Give the same digest to all names of a file, hashing it once. */
static enum vf_code hash_group(struct iso_node **files, size_t count, struct vf_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (i && one_file(files[i - 1], files[i])) {
            files[i]->digest = files[i - 1]->digest;
            files[i]->hashed = true;
        }
        enum vf_code code = iso_content_hash(files[i], err);
        if (code)
            return code;
    }
    return VF_OK;
}

/* Files of one size, sorted by compare_sources. The first by path becomes the twin of its equals.
 */
static enum vf_code share_group(struct iso_node **files, size_t count, struct vf_err *err)
{
    bool one = true;

    for (size_t i = 0; i < count; i++) {
        files[i]->twin = files[0];
        one &= i == 0 || one_file(files[i - 1], files[i]);
    }
    if (one)
        return VF_OK;
    enum vf_code code = hash_group(files, count, err);
    if (code)
        return code;
    qsort(files, count, sizeof(struct iso_node *), compare_contents);
    for (size_t i = 0; i < count; i++) {
        bool equal = i && memcmp(files[i]->digest.bytes, files[i - 1]->digest.bytes,
                                 sizeof(files[i]->digest.bytes)) == 0;
        files[i]->twin = equal ? files[i - 1]->twin : files[i];
    }
    return VF_OK;
}

enum vf_code iso_content_share(struct iso_writer *writer, struct vf_err *err)
{
    struct iso_node **files = writer->files;
    size_t count = writer->file_count;
    enum vf_code code = VF_OK;

    if (count == 0)
        return VF_OK;
    qsort(files, count, sizeof(struct iso_node *), compare_sources);
    for (size_t i = 0, end; i < count && !code; i = end) {
        for (end = i + 1; end < count && files[end]->size == files[i]->size;)
            end++;
        if (files[i]->size)
            code = share_group(files + i, end - i, err);
        else
            for (size_t e = i; e < end; e++)
                files[e]->twin = files[e];
    }
    iso_content_sort(writer);
    return code;
}
