/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_DIRS_AT_ONCE 16

struct vf_outdir {
    char *path;
    char *temporary;
    bool force;
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int remove_tree(const char *path)
{
    return nftw(path, remove_entry, OPEN_DIRS_AT_ONCE, FTW_DEPTH | FTW_PHYS);
}

static int flush_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)ftw;
    if (type != FTW_F && type != FTW_DP)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -1;
    int result = fsync(fd);
    if (result != 0 && errno == EINVAL && S_ISDIR(st->st_mode))
        result = 0;
    int errnum = errno;
    close(fd);
    errno = errnum;
    return result;
}

enum vf_code vf_outdir_open(const char *path, bool force, struct vf_outdir **dir,
                            struct vf_err *err)
{
    struct stat st;
    enum vf_code code;

    if (lstat(path, &st) == 0) {
        if (!force)
            return vf_fail(err, VF_USAGE, "%s: exists already; use --force to replace it", path);
        if (!S_ISDIR(st.st_mode))
            return vf_fail(err, VF_USAGE, "%s: exists and is not a directory", path);
    }
    struct vf_outdir *d = calloc(1, sizeof(*d));
    if (!d)
        return vf_fail_memory(err);
    d->force = force;
    d->path = strdup(path);
    if (!d->path) {
        code = vf_fail_memory(err);
        goto free_dir;
    }
    for (size_t n = strlen(d->path); n > 1 && d->path[n - 1] == '/'; n--)
        d->path[n - 1] = '\0';
    const char *slash = strrchr(d->path, '/');
    int parent = slash ? (int)(slash - d->path + 1) : 0;
    if (asprintf(&d->temporary, "%.*s.%s.XXXXXX", parent, d->path, d->path + parent) < 0) {
        d->temporary = NULL;
        code = vf_fail_memory(err);
        goto free_path;
    }
    if (!mkdtemp(d->temporary)) {
        code = vf_fail_errno(err, errno, "%s: cannot create", path);
        goto free_temporary;
    }
    if (chmod(d->temporary, 0755) != 0) {
        code = vf_fail_errno(err, errno, "%s: cannot create", path);
        rmdir(d->temporary);
        goto free_temporary;
    }
    *dir = d;
    return VF_OK;

free_temporary:
    free(d->temporary);
free_path:
    free(d->path);
free_dir:
    free(d);
    return code;
}

const char *vf_outdir_path(const struct vf_outdir *dir)
{
    return dir->temporary;
}

static void outdir_free(struct vf_outdir *dir)
{
    free(dir->temporary);
    free(dir->path);
    free(dir);
}

void vf_outdir_abort(struct vf_outdir *dir)
{
    if (!dir)
        return;
    remove_tree(dir->temporary);
    outdir_free(dir);
}

/* Exchange the finished tree with the one in place, then remove the old one. */
static int replace_tree(const char *temporary, const char *path)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EEXIST)
        return -1;
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_EXCHANGE) != 0)
        return -1;
    return remove_tree(temporary);
}

enum vf_code vf_outdir_commit(struct vf_outdir *dir, struct vf_err *err)
{
    enum vf_code code = VF_OK;

    if (nftw(dir->temporary, flush_entry, OPEN_DIRS_AT_ONCE, FTW_DEPTH | FTW_PHYS) != 0)
        code = vf_fail_errno(err, errno, "%s: cannot flush to disk", dir->path);
    else if (dir->force
                 ? replace_tree(dir->temporary, dir->path)
                 : renameat2(AT_FDCWD, dir->temporary, AT_FDCWD, dir->path, RENAME_NOREPLACE))
        code = vf_fail_errno(err, errno, "%s: cannot move into place", dir->path);
    if (code) {
        vf_outdir_abort(dir);
        return code;
    }
    outdir_free(dir);
    return VF_OK;
}

enum vf_code vf_make_dirs(const char *path, struct vf_err *err)
{
    char *copy = strdup(path);
    if (!copy)
        return vf_fail_memory(err);

    enum vf_code code = VF_OK;
    for (char *p = copy + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        /* 0755 whatever the umask, but only for directories made here */
        if (mkdir(copy, 0755) == 0) {
            if (chmod(copy, 0755) != 0)
                code = vf_fail_errno(err, errno, "%s: cannot set its mode", copy);
        } else if (errno != EEXIST) {
            code = vf_fail_errno(err, errno, "%s: cannot make the directory", copy);
        }
        *p = end;
        if (code || end == '\0')
            break;
    }
    free(copy);
    return code;
}
