/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/package/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "builder/package/package.h"
#include "util/file.h"
#include "util/outfile.h"

#define TEMPLATE_ENDING ".inf.in"

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text), end = strlen(ending);
    return length > end && strcasecmp(text + length - end, ending) == 0;
}

struct package_file *package_files_find(const struct package_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcasecmp(files->list[i].name, name) == 0)
            return &files->list[i];
    return NULL;
}

enum vf_code package_files_add(struct package_files *files, const char *name, const char *source,
                               struct package_file **out, struct vf_err *err)
{
    const struct package_file *other = package_files_find(files, name);
    if (other)
        return vf_fail(err, VF_USAGE, "%s: a package has one file of a name, and %s is there too",
                       source, other->source);
    if (files->count == PACKAGE_FILES_MAX)
        return vf_fail(err, VF_MALFORMED, "%s: more than %u files in one package", source,
                       PACKAGE_FILES_MAX);
    if (files->count == files->room) {
        size_t room = files->room ? 2 * files->room : 8;
        struct package_file *more = reallocarray(files->list, room, sizeof(*more));
        if (!more)
            return vf_fail_memory(err);
        files->list = more;
        files->room = room;
    }
    struct package_file *file = &files->list[files->count];
    memset(file, 0, sizeof(*file));
    file->name = strdup(name);
    file->source = strdup(source);
    if (!file->name || !file->source) {
        free(file->name);
        free(file->source);
        return vf_fail_memory(err);
    }
    files->count++;
    *out = file;
    return VF_OK;
}

static enum vf_code read_file(struct package_files *files, const char *path, struct vf_err *err)
{
    struct package_file *file;
    const char *base = vf_path_base(path);

    char *name = strdup(base);
    if (!name)
        return vf_fail_memory(err);
    if (ends_in(name, TEMPLATE_ENDING))
        name[strlen(name) - strlen(".in")] = '\0';
    enum vf_code code = package_files_add(files, name, path, &file, err);
    free(name);
    if (!code)
        code = vf_file_read(path, PACKAGE_FILE_MAX, &file->content, err);
    return code;
}

static enum vf_code read_folder(struct package_files *files, const char *path, struct vf_err *err)
{
    char **names;
    size_t count;
    enum vf_code code = vf_dir_names(path, PACKAGE_FILES_MAX, &names, &count, err);
    if (code)
        return code;
    for (size_t i = 0; i < count && !code; i++) {
        /* a catalog is made anew from the files as they will be */
        if (ends_in(names[i], ".cat"))
            continue;
        char *below = vf_path_join(path, names[i]);
        code = below ? read_file(files, below, err) : vf_fail_memory(err);
        free(below);
    }
    vf_names_free(names, count);
    return code;
}

enum vf_code package_files_read(struct package_files *files, const char *const *inputs,
                                size_t count, struct vf_err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct stat st;
        if (stat(inputs[i], &st) != 0)
            return vf_fail_errno(err, errno, "%s: cannot open", inputs[i]);
        enum vf_code code = S_ISDIR(st.st_mode) ? read_folder(files, inputs[i], err)
                                                : read_file(files, inputs[i], err);
        if (code)
            return code;
    }
    return VF_OK;
}

void package_files_free(struct package_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->list[i].name);
        free(files->list[i].source);
        vf_buf_free(&files->list[i].content);
    }
    free(files->list);
    *files = (struct package_files){NULL, 0, 0};
}

enum vf_code package_files_inf(const struct package_files *files, struct package_file **inf,
                               struct vf_err *err)
{
    *inf = NULL;
    for (size_t i = 0; i < files->count; i++) {
        if (!ends_in(files->list[i].name, ".inf"))
            continue;
        if (*inf)
            return vf_fail(err, VF_MALFORMED, "%s: a package has one INF, and %s is there too",
                           files->list[i].source, (*inf)->source);
        *inf = &files->list[i];
    }
    if (!*inf)
        return vf_fail(err, VF_MALFORMED, "no .inf file among the %zu inputs", files->count);
    return VF_OK;
}

enum vf_code package_files_write(const struct package_files *files, const char *folder, bool force,
                                 struct vf_err *err)
{
    struct vf_outdir *dir;
    enum vf_code code = vf_outdir_open(folder, force, &dir, err);
    if (code)
        return code;
    for (size_t i = 0; i < files->count && !code; i++) {
        const struct package_file *file = &files->list[i];
        char *path = vf_path_join(vf_outdir_path(dir), file->name);
        code =
            path ? vf_out_file(path, false, vf_view_of(&file->content), err) : vf_fail_memory(err);
        free(path);
    }
    if (code) {
        vf_outdir_abort(dir);
        return code;
    }
    return vf_outdir_commit(dir, err);
}
