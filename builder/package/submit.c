/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/package/submit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <libgcab.h>

#include "inf/package.h"
#include "util/file.h"

#define FOLDER_NAME_MAX 39

struct submission {
    GCabFolder *folder;
    GDateTime *date;
    package_submit_warn *warn;
    void *context;
    size_t bytes; /* taken so far */

    /* the package at hand */
    const char *dir;
    char name[FOLDER_NAME_MAX + 1];
    size_t files, infs;
};

/* The last part of a path, slashes at its end left out. */
static enum vf_code folder_name(const char *dir, char name[FOLDER_NAME_MAX + 1], struct vf_err *err)
{
    size_t end = strlen(dir);

    while (end > 0 && dir[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && dir[start - 1] != '/')
        start--;
    size_t size = end - start;
    bool good = size > 0 && size <= FOLDER_NAME_MAX;
    for (size_t i = start; good && i < end; i++)
        good = (dir[i] >= 'a' && dir[i] <= 'z') || (dir[i] >= 'A' && dir[i] <= 'Z') ||
               (dir[i] >= '0' && dir[i] <= '9') || dir[i] == '-' || dir[i] == '_';
    if (!good)
        return vf_fail(err, VF_POLICY,
                       "%s: the folder's name becomes the package's; the portal takes letters, "
                       "digits, - and _, at most %d",
                       dir, FOLDER_NAME_MAX);
    memcpy(name, dir + start, size);
    name[size] = '\0';
    return VF_OK;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t size = strlen(name), tail = strlen(suffix);
    return size > tail && strcasecmp(name + size - tail, suffix) == 0;
}

static bool is_printable_ascii(const char *name)
{
    for (; *name; name++)
        if (*name <= 0x20 || *name > 0x7e || strchr("\\/:*?\"<>|", *name))
            return false;
    return true;
}

static enum vf_code add_bytes(struct submission *s, const char *stored, struct vf_view content,
                              struct vf_err *err)
{
    GError *fault = NULL;
    GBytes *bytes = g_bytes_new(content.data, content.size);
    GCabFile *file = gcab_file_new_with_bytes(stored, bytes);
    enum vf_code code = VF_OK;

    gcab_file_set_date_time(file, s->date);
    gcab_file_set_attributes(file, GCAB_FILE_ATTRIBUTE_ARCH);
    if (!gcab_folder_add_file(s->folder, file, FALSE, NULL, &fault))
        code = vf_fail(err, VF_IO, "%s: %s", stored, fault ? fault->message : "cannot be added");
    g_clear_error(&fault);
    g_object_unref(file);
    g_bytes_unref(bytes);
    return code;
}

/* below: path under the package, with slashes. */
static enum vf_code add_file(struct submission *s, const char *path, const char *below,
                             struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT, stored = VF_BUF_INIT;

    enum vf_code code = vf_file_read(path, PACKAGE_SUBMIT_MAX - s->bytes, &content, err);
    if (code)
        return code;
    vf_buf_printf(&stored, "%s\\%s", s->name, below);
    const char *text = vf_buf_text(&stored);
    if (text) {
        for (char *p = (char *)stored.data; *p; p++)
            *p = (char)(*p == '/' ? '\\' : *p);
        code = add_bytes(s, text, vf_view_of(&content), err);
    } else {
        code = vf_fail_memory(err);
    }
    s->bytes += content.size;
    s->files++;
    vf_buf_free(&content);
    vf_buf_free(&stored);
    return code;
}

static bool lists_name(char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

/* Is the catalog that the INF names there? */
static enum vf_code check_inf(const char *path, char *const *names, size_t count,
                              struct vf_err *err)
{
    struct inf_package *package;
    struct inf_file *file;

    enum vf_code code = inf_read(path, &file, err);
    if (code)
        return code;
    code = inf_package_make(file, &package, err);
    inf_free(file);
    if (code)
        return code;
    if (!package->catalog_count)
        code = vf_fail(err, VF_POLICY, "%s: expected CatalogFile in [Version]", path);
    for (size_t i = 0; !code && i < package->catalog_count; i++)
        if (!lists_name(names, count, package->catalogs[i].name))
            code = vf_fail(err, VF_POLICY, "%s:%u: the catalog %s is not in the folder", path,
                           package->catalogs[i].place.line, package->catalogs[i].name);
    inf_package_free(package);
    return code;
}

static void check_symbols(struct submission *s, const char *path, char *const *names, size_t count)
{
    char symbols[NAME_MAX + 8], text[VF_ERR_TEXT_MAX];
    const char *name = vf_path_base(path);

    snprintf(symbols, sizeof(symbols), "%.*s.pdb", (int)(strlen(name) - 4), name);
    if (lists_name(names, count, symbols))
        return;
    snprintf(text, sizeof(text), "%.900s: no symbol file %.80s beside it", path, symbols);
    s->warn(s->context, text);
}

static enum vf_code add_folder(struct submission *s, const char *below, unsigned depth,
                               struct vf_err *err);

static enum vf_code add_entry(struct submission *s, const char *path, const char *below,
                              char *const *names, size_t count, unsigned depth, struct vf_err *err)
{
    struct stat status;

    if (s->files == PACKAGE_SUBMIT_FILES_MAX || depth > PACKAGE_SUBMIT_DEPTH_MAX)
        return vf_fail(err, VF_POLICY, "%s: more than %d files, or folders deeper than %d", s->dir,
                       PACKAGE_SUBMIT_FILES_MAX, PACKAGE_SUBMIT_DEPTH_MAX);
    if (!is_printable_ascii(vf_path_base(path)))
        return vf_fail(err, VF_POLICY, "%s: a name with characters that the portal does not take",
                       path);
    if (lstat(path, &status) != 0)
        return vf_fail_errno(err, errno, "%s: cannot look at it", path);
    if (S_ISDIR(status.st_mode))
        return add_folder(s, below, depth + 1, err);
    if (!S_ISREG(status.st_mode))
        return vf_fail(err, VF_POLICY, "%s: neither a file nor a folder", path);
    if (has_suffix(path, ".sys"))
        check_symbols(s, path, names, count);
    if (depth == 0 && has_suffix(path, ".inf")) {
        s->infs++;
        enum vf_code code = check_inf(path, names, count, err);
        if (code)
            return code;
    }
    return add_file(s, path, below, err);
}

static enum vf_code add_folder(struct submission *s, const char *below, unsigned depth,
                               struct vf_err *err)
{
    char **names = NULL;
    size_t count = 0;

    char *dir = below[0] ? vf_path_join(s->dir, below) : strdup(s->dir);
    enum vf_code code = dir ? VF_OK : vf_fail_memory(err);
    if (!code)
        code = vf_dir_names(dir, PACKAGE_SUBMIT_FILES_MAX, &names, &count, err);
    for (size_t i = 0; !code && i < count; i++) {
        char *path = vf_path_join(dir, names[i]), *inner = vf_path_join(below, names[i]);
        code = path && inner ? add_entry(s, path, inner, names, count, depth, err)
                             : vf_fail_memory(err);
        free(path);
        free(inner);
    }
    vf_names_free(names, count);
    free(dir);
    return code;
}

static enum vf_code add_package(struct submission *s, const char *dir, struct vf_err *err)
{
    enum vf_code code = folder_name(dir, s->name, err);
    if (code)
        return code;
    s->dir = dir;
    s->files = s->infs = 0;
    code = add_folder(s, "", 0, err);
    if (!code && !s->infs)
        code = vf_fail(err, VF_POLICY, "%s: expected an INF file in this folder", dir);
    return code;
}

static enum vf_code check_names(const char *const *dirs, size_t count, struct vf_err *err)
{
    char one[FOLDER_NAME_MAX + 1], two[FOLDER_NAME_MAX + 1];

    for (size_t i = 0; i < count; i++) {
        enum vf_code code = folder_name(dirs[i], one, err);
        for (size_t j = 0; !code && j < i; j++) {
            code = folder_name(dirs[j], two, err);
            if (!code && strcasecmp(one, two) == 0)
                code =
                    vf_fail(err, VF_POLICY, "%s and %s would become one folder", dirs[j], dirs[i]);
        }
        if (code)
            return code;
    }
    return VF_OK;
}

static enum vf_code write_cabinet(GCabFolder *folder, struct vf_buf *out, struct vf_err *err)
{
    GCabCabinet *cabinet = gcab_cabinet_new();
    GOutputStream *stream = g_memory_output_stream_new_resizable();
    GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM(stream);
    GError *fault = NULL;
    enum vf_code code = VF_OK;

    if (!gcab_cabinet_add_folder(cabinet, folder, &fault) ||
        !gcab_cabinet_write_simple(cabinet, stream, NULL, NULL, NULL, &fault))
        code = vf_fail(err, VF_IO, "cannot make the cabinet: %s",
                       fault ? fault->message : "unknown reason");
    if (!code) {
        vf_buf_append(out, g_memory_output_stream_get_data(memory),
                      g_memory_output_stream_get_data_size(memory));
        if (!vf_buf_ok(out))
            code = vf_fail_memory(err);
    }
    g_clear_error(&fault);
    g_object_unref(stream);
    g_object_unref(cabinet);
    return code;
}

enum vf_code package_submit(const char *const *dirs, size_t count, int64_t time,
                            package_submit_warn *warn, void *context, struct vf_buf *out,
                            struct vf_err *err)
{
    struct submission s = {.warn = warn, .context = context};

    enum vf_code code = check_names(dirs, count, err);
    if (code)
        return code;
    s.folder = gcab_folder_new(GCAB_COMPRESSION_MSZIP);
    s.date = g_date_time_new_from_unix_utc(time);
    if (!s.date)
        code = vf_fail(err, VF_USAGE, "the time %lld is out of range", (long long)time);
    for (size_t i = 0; !code && i < count; i++)
        code = add_package(&s, dirs[i], err);
    if (!code)
        code = write_cabinet(s.folder, out, err);
    if (s.date)
        g_date_time_unref(s.date);
    g_object_unref(s.folder);
    return code;
}
