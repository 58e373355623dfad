/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of an image as files of the host. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iso/reader.h"
#include "util/file.h"
#include "util/outfile.h"

struct extraction {
    struct iso_reader *reader;
    const char *dir;
    bool *wanted; /* per entry */
    uint64_t done, total;
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
    int fd; /* of the file being written */
};

/* Is entry the one named, or below it? */
static bool is_below(const struct iso_entry *entry, const struct iso_entry *top)
{
    size_t size = strlen(top->path);

    return strncmp(entry->path, top->path, size) == 0 &&
           (entry->path[size] == '\0' || entry->path[size] == '/');
}

static enum vf_code choose(struct extraction *x, const char *const *names, size_t count,
                           struct vf_err *err)
{
    for (size_t n = 0; n < count; n++) {
        size_t size = strlen(names[n]);
        char *name = strdup(names[n]);
        if (!name)
            return vf_fail_memory(err);
        while (size && name[size - 1] == '/')
            name[--size] = '\0';
        const struct iso_entry *top = iso_reader_find(x->reader, name + (name[0] == '/'));
        free(name);
        if (!top)
            return vf_fail(err, VF_USAGE,
                           "%s: holds no '%s'; 'vioforge iso list' shows what it holds",
                           iso_reader_path(x->reader), names[n]);
        for (size_t i = 0; i < iso_reader_count(x->reader); i++)
            if (is_below(iso_reader_entry(x->reader, i), top))
                x->wanted[i] = true;
    }
    for (size_t i = 0; i < iso_reader_count(x->reader); i++) {
        x->wanted[i] |= count == 0;
        x->total += x->wanted[i] ? iso_reader_entry(x->reader, i)->size : 0;
    }
    return VF_OK;
}

static enum vf_code sink_file(void *context, const uint8_t *data, size_t size, struct vf_err *err)
{
    struct extraction *x = context;

    for (size_t used = 0; used < size;) {
        ssize_t wrote = write(x->fd, data + used, size - used);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return vf_fail_errno(err, errno, "%s: cannot write", x->dir);
        used += (size_t)wrote;
    }
    x->done += size;
    if (x->progress)
        x->progress(x->context, x->done, x->total);
    return VF_OK;
}

/*
 * The directory is fresh and ours alone, so no link can be in the way, and a file that is there
 * already differs in case only, on a host that ignores case: it is refused.
 */
static enum vf_code extract_file(struct extraction *x, const struct iso_entry *entry,
                                 const char *path, struct vf_err *err)
{
    x->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (x->fd < 0)
        return vf_fail_errno(err, errno, "%s: cannot create", path);
    enum vf_code code = VF_OK;
    if (fchmod(x->fd, 0644) != 0)
        code = vf_fail_errno(err, errno, "%s: cannot set the mode", path);
    if (!code)
        code = iso_reader_pass(x->reader, entry, sink_file, x, err);
    if (close(x->fd) != 0 && !code)
        code = vf_fail_errno(err, errno, "%s: cannot write", path);
    return code;
}

static enum vf_code extract_entry(struct extraction *x, const struct iso_entry *entry,
                                  struct vf_err *err)
{
    char *path = vf_path_join(x->dir, entry->path);
    char *slash = path ? strrchr(path, '/') : NULL;
    if (!slash) {
        free(path);
        return vf_fail_memory(err);
    }
    if (!entry->directory)
        *slash = '\0';
    enum vf_code code = vf_make_dirs(path, err);
    *slash = '/';
    if (!code && !entry->directory)
        code = extract_file(x, entry, path, err);
    free(path);
    return code;
}

enum vf_code iso_reader_extract(struct iso_reader *reader, const char *dir,
                                const char *const *names, size_t count, bool force,
                                void (*progress)(void *context, uint64_t done, uint64_t total),
                                void *context, struct iso_extracted *extracted, struct vf_err *err)
{
    struct extraction x = {.reader = reader, .progress = progress, .context = context};
    struct vf_outdir *out = NULL;

    *extracted = (struct iso_extracted){0};
    x.wanted = calloc(iso_reader_count(reader) + 1, sizeof(x.wanted[0]));
    if (!x.wanted)
        return vf_fail_memory(err);
    enum vf_code code = choose(&x, names, count, err);
    if (!code)
        code = vf_outdir_open(dir, force, &out, err);
    if (code)
        goto free_wanted;
    x.dir = vf_outdir_path(out);
    for (size_t i = 0; i < iso_reader_count(reader) && !code; i++) {
        if (!x.wanted[i])
            continue;
        code = extract_entry(&x, iso_reader_entry(reader, i), err);
        extracted->files += !iso_reader_entry(reader, i)->directory;
    }
    extracted->bytes = x.done;
    if (code)
        vf_outdir_abort(out);
    else
        code = vf_outdir_commit(out, err);
free_wanted:
    free(x.wanted);
    return code;
}
