/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct vf_out {
    char *path;
    char *temporary;
    int fd;
    int errnum;
    uint64_t size;
    bool force;
};

/* "dir/.name.XXXXXX" beside path, for mkstemp and mkdtemp */
static char *temporary_name(const char *path)
{
    char *name;
    const char *slash = strrchr(path, '/');
    int dir = slash ? (int)(slash - path + 1) : 0;

    if (asprintf(&name, "%.*s.%s.XXXXXX", dir, path, path + dir) < 0)
        return NULL;
    return name;
}

static enum vf_code refuse_existing(const char *path, bool force, struct vf_err *err)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return VF_OK;
    if (!force)
        return vf_fail(err, VF_USAGE, "%s: exists already; use --force to replace it", path);
    return VF_OK;
}

/* A rename is on disk only when the directory that holds the name is. */
static int sync_parent(const char *path)
{
    char *parent = strdup(path);
    if (!parent)
        return ENOMEM;
    char *slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent] = '\0';

    int errnum = 0;
    int fd = open(slash ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        errnum = errno;
    /* some file systems cannot flush a directory and say EINVAL: nothing is lost by that */
    else if (fsync(fd) != 0 && errno != EINVAL)
        errnum = errno;
    if (fd >= 0)
        close(fd);
    free(parent);
    return errnum;
}

enum vf_code vf_out_open(const char *path, bool force, struct vf_out **out, struct vf_err *err)
{
    enum vf_code code = refuse_existing(path, force, err);
    if (code)
        return code;

    struct vf_out *o = calloc(1, sizeof(*o));
    if (!o)
        return vf_fail_memory(err);
    o->force = force;
    o->path = strdup(path);
    o->temporary = temporary_name(path);
    if (!o->path || !o->temporary) {
        code = vf_fail_memory(err);
        goto free_names;
    }
    o->fd = mkostemp(o->temporary, O_CLOEXEC);
    if (o->fd < 0) {
        code = vf_fail_errno(err, errno, "%s: cannot create", path);
        goto free_names;
    }
    if (fchmod(o->fd, 0644) != 0)
        o->errnum = errno;
    *out = o;
    return VF_OK;

free_names:
    free(o->temporary);
    free(o->path);
    free(o);
    return code;
}

void vf_out_write_at(struct vf_out *out, uint64_t offset, const void *data, size_t size)
{
    const uint8_t *p = data;

    while (size && !out->errnum) {
        ssize_t wrote = pwrite(out->fd, p, size, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            out->errnum = wrote < 0 ? errno : EIO;
            return;
        }
        p += wrote;
        offset += (uint64_t)wrote;
        size -= (size_t)wrote;
    }
}

void vf_out_write(struct vf_out *out, const void *data, size_t size)
{
    vf_out_write_at(out, out->size, data, size);
    out->size += size;
}

const char *vf_out_path(const struct vf_out *out)
{
    return out->path;
}

int vf_out_errno(const struct vf_out *out)
{
    return out->errnum;
}

static void out_free(struct vf_out *out)
{
    free(out->temporary);
    free(out->path);
    free(out);
}

void vf_out_abort(struct vf_out *out)
{
    if (!out)
        return;
    close(out->fd);
    unlink(out->temporary);
    out_free(out);
}

enum vf_code vf_out_commit(struct vf_out *out, struct vf_err *err)
{
    if (!out->errnum && fsync(out->fd) != 0)
        out->errnum = errno;
    if (close(out->fd) != 0 && !out->errnum)
        out->errnum = errno;
    /* link() refuses an existing name where rename() would silently replace it */
    if (!out->errnum) {
        if (out->force ? rename(out->temporary, out->path) : link(out->temporary, out->path))
            out->errnum = errno;
        else if (!out->force)
            unlink(out->temporary);
    }
    enum vf_code code = VF_OK;
    if (out->errnum) {
        code = vf_fail_errno(err, out->errnum, "%s: cannot write", out->path);
        unlink(out->temporary);
    } else {
        int errnum = sync_parent(out->path);
        if (errnum)
            code = vf_fail_errno(err, errnum, "%s: cannot flush its directory", out->path);
    }
    out_free(out);
    return code;
}

enum vf_code vf_out_file(const char *path, bool force, struct vf_view content, struct vf_err *err)
{
    struct vf_out *out;
    enum vf_code code = vf_out_open(path, force, &out, err);
    if (code)
        return code;
    vf_out_write(out, content.data, content.size);
    return vf_out_commit(out, err);
}
