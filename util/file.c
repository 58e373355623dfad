/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum vf_code read_all(int fd, const char *path, size_t size, size_t limit,
                             struct vf_buf *out, struct vf_err *err)
{
    size_t start = out->size;

    if (!vf_buf_reserve(out, size))
        return vf_fail_memory(err);
    for (;;) {
        uint8_t chunk[65536];
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int errnum = errno;
            out->size = start;
            return vf_fail_errno(err, errnum, "%s: cannot read", path);
        }
        if (got == 0)
            return VF_OK;
        /* the file may grow while it is read */
        if ((size_t)got > limit - (out->size - start)) {
            out->size = start;
            return vf_fail(err, VF_MALFORMED, "%s: larger than the %zu bytes expected at most",
                           path, limit);
        }
        vf_buf_append(out, chunk, (size_t)got);
        if (!vf_buf_ok(out)) {
            out->size = start;
            return vf_fail_memory(err);
        }
    }
}

enum vf_code vf_file_read(const char *path, size_t limit, struct vf_buf *out, struct vf_err *err)
{
    struct stat st;
    enum vf_code code;

    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return vf_fail_errno(err, errno, "%s: cannot open", path);
    if (fstat(fd, &st) != 0)
        code = vf_fail_errno(err, errno, "%s: cannot examine", path);
    else if (!S_ISREG(st.st_mode))
        code = vf_fail(err, VF_IO, "%s: not a regular file", path);
    else if ((uintmax_t)st.st_size > limit)
        code = vf_fail(err, VF_MALFORMED, "%s: %jd bytes, larger than the %zu expected at most",
                       path, (intmax_t)st.st_size, limit);
    else
        code = read_all(fd, path, (size_t)st.st_size, limit, out, err);
    close(fd);
    return code;
}

char *vf_path_join(const char *dir, const char *name)
{
    char *path;
    size_t length = strlen(dir);
    const char *slash = length == 0 || dir[length - 1] == '/' ? "" : "/";

    if (asprintf(&path, "%s%s%s", dir, slash, name) < 0)
        return NULL;
    return path;
}

const char *vf_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void vf_names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

enum vf_code vf_dir_names(const char *path, size_t limit, char ***names, size_t *count,
                          struct vf_err *err)
{
    char **list = NULL;
    size_t used = 0, room = 0;
    enum vf_code code = VF_OK;

    DIR *dir = opendir(path);
    if (!dir)
        return vf_fail_errno(err, errno, "%s: cannot list", path);
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry) {
            if (errno)
                code = vf_fail_errno(err, errno, "%s: cannot list", path);
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (used == limit) {
            code = vf_fail(err, VF_MALFORMED, "%s: more than %zu entries", path, limit);
            break;
        }
        if (used == room) {
            room = room ? 2 * room : 32;
            char **more = reallocarray(list, room, sizeof(*list));
            if (!more) {
                code = vf_fail_memory(err);
                break;
            }
            list = more;
        }
        list[used] = strdup(entry->d_name);
        if (!list[used]) {
            code = vf_fail_memory(err);
            break;
        }
        used++;
    }
    closedir(dir);
    if (code) {
        vf_names_free(list, used);
        return code;
    }
    if (used)
        qsort(list, used, sizeof(*list), name_order);
    *names = list;
    *count = used;
    return VF_OK;
}
