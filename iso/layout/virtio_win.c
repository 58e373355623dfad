/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "iso/layout/layout_private.h"
#include "util/file.h"

#define ENTRIES_MAX  4096 /* in one folder of packages */
#define INF_SIZE_MAX ((size_t)16 << 20)
#define JSON_FORM    (JSON_INDENT(4) | JSON_SORT_KEYS | JSON_ENSURE_ASCII)

/* One package on its way to the disc. */
struct package {
    const struct iso_layout *layout;
    struct iso_writer *writer;
    struct iso_layout_found *found;
    const char *driver;
    const struct iso_layout_os *os;
    const struct iso_layout_arch *arch;
    const char *source; /* its folder */
};

/* What is done with each entry of a folder. */
typedef enum vf_code entry_visit(void *context, const char *path, const char *name,
                                 struct vf_err *err);

static enum vf_code each_entry(const char *folder, entry_visit *visit, void *context,
                               struct vf_err *err)
{
    char **names;
    size_t count;

    enum vf_code code = vf_dir_names(folder, ENTRIES_MAX, &names, &count, err);
    if (code)
        return code;
    for (size_t i = 0; i < count && !code; i++) {
        char *path = vf_path_join(folder, names[i]);
        code = path ? visit(context, path, names[i], err) : vf_fail_memory(err);
        free(path);
    }
    vf_names_free(names, count);
    return code;
}

static bool has_extension(const char *name, const char *extension)
{
    size_t size = strlen(name), tail = strlen(extension);

    return size > tail && strcasecmp(name + size - tail, extension) == 0;
}

static bool is_storage(const char *driver)
{
    for (const char *const *name = iso_layout_storage; *name; name++)
        if (strcasecmp(*name, driver) == 0)
            return true;
    return false;
}

/* An entry of data/info.json for the INF at path, which is on the disc at disc_path. */
static enum vf_code describe(const struct package *package, const char *path, const char *disc_path,
                             struct vf_err *err)
{
    struct iso_layout_inf inf = {NULL, NULL};
    struct vf_buf content = VF_BUF_INIT;

    enum vf_code code = vf_file_read(path, INF_SIZE_MAX, &content, err);
    if (!code)
        code = package->layout->describe(package->layout->context, path, vf_view_of(&content), &inf,
                                         err);
    if (!code) {
        json_t *entry = json_pack("{ss, ss, ss, ss, ss}", "arch", package->arch->folder,
                                  "driver_version", inf.version, "inf_path", disc_path, "name",
                                  inf.name, "windows_version", package->os->folder);
        if (!entry || json_array_append_new(package->found->drivers, entry) != 0)
            code = vf_fail_memory(err);
    }
    free(inf.name);
    free(inf.version);
    vf_buf_free(&content);
    return code;
}

static enum vf_code add_file(const struct package *package, const char *path, const char *name,
                             struct vf_err *err)
{
    struct vf_buf at = VF_BUF_INIT, at_short = VF_BUF_INIT;
    enum vf_code code;

    vf_buf_printf(&at, "%s/%s/%s/%s", package->driver, package->os->folder, package->arch->folder,
                  name);
    vf_buf_printf(&at_short, "%s/%s/%s", package->arch->short_tree, package->os->folder, name);
    const char *disc_path = vf_buf_text(&at), *short_path = vf_buf_text(&at_short);
    if (!disc_path || !short_path)
        code = vf_fail_memory(err);
    else
        code = iso_writer_add_file(package->writer, disc_path, path, err);
    if (!code && is_storage(package->driver) && package->os->short_tree)
        code = iso_writer_add_file(package->writer, short_path, path, err);
    if (!code && has_extension(name, ".inf"))
        code = describe(package, path, disc_path, err);
    vf_buf_free(&at);
    vf_buf_free(&at_short);
    return code;
}

static enum vf_code visit_file(void *context, const char *path, const char *name,
                               struct vf_err *err)
{
    const struct package *package = context;

    if (has_extension(name, ".pdb") && !package->layout->pdb)
        return VF_OK;
    return add_file(package, path, name, err);
}

static enum vf_code check_folder(const char *path, struct vf_err *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return vf_fail_errno(err, errno, "%s: cannot examine", path);
    if (!S_ISDIR(st.st_mode))
        return vf_fail(err, VF_MALFORMED,
                       "%s: a file where a folder is expected, of <Driver>/<os>/<arch>", path);
    return VF_OK;
}

static enum vf_code visit_arch(void *context, const char *path, const char *name,
                               struct vf_err *err)
{
    struct package *package = context;
    const struct iso_layout_arch *arch = iso_layout_arches;

    while (arch->folder && strcmp(arch->folder, name) != 0)
        arch++;
    if (!arch->folder)
        return vf_fail(err, VF_MALFORMED,
                       "%s: '%s' is no folder of a processor; expected amd64, x86 or ARM64", path,
                       name);
    package->arch = arch;
    size_t before = json_array_size(package->found->drivers);
    enum vf_code code = check_folder(path, err);
    if (!code)
        code = each_entry(path, visit_file, package, err);
    if (!code && json_array_size(package->found->drivers) == before)
        code = vf_fail(err, VF_MALFORMED, "%s: a package without INF file", path);
    vf_buf_printf(&package->found->listing, " %s", arch->folder);
    return code;
}

static enum vf_code visit_os(void *context, const char *path, const char *name, struct vf_err *err)
{
    struct package *package = context;
    const struct iso_layout_os *os = iso_layout_oses;

    while (os->folder && strcmp(os->folder, name) != 0)
        os++;
    if (!os->folder)
        return vf_fail(err, VF_MALFORMED,
                       "%s: '%s' is no folder of a Windows version; expected w10, w11, 2k16, "
                       "2k19, 2k22, 2k25 or an older one as virtio-win names it",
                       path, name);
    package->os = os;
    vf_buf_printf(&package->found->listing, "  %-12s %-7s", package->driver, os->folder);
    enum vf_code code = check_folder(path, err);
    if (!code)
        code = each_entry(path, visit_arch, package, err);
    vf_buf_append_text(&package->found->listing, "\n");
    return code;
}

static enum vf_code visit_driver(void *context, const char *path, const char *name,
                                 struct vf_err *err)
{
    struct package *package = context;

    package->driver = name;
    enum vf_code code = check_folder(path, err);
    return code ? code : each_entry(path, visit_os, package, err);
}

static enum vf_code add_info(struct iso_writer *writer, const struct iso_layout_found *found,
                             struct vf_err *err)
{
    json_t *info = json_pack("{sO}", "drivers", found->drivers);
    char *text = info ? json_dumps(info, JSON_FORM) : NULL;
    struct vf_buf content = VF_BUF_INIT;

    json_decref(info);
    if (!text)
        return vf_fail_memory(err);
    vf_buf_printf(&content, "%s\n", text);
    free(text);
    enum vf_code code = vf_buf_ok(&content) ? iso_writer_add_bytes(writer, "data/info.json",
                                                                   vf_view_of(&content), err)
                                            : vf_fail_memory(err);
    vf_buf_free(&content);
    return code;
}

/* A file under its own name in a folder of the disc. */
static enum vf_code add_named(struct iso_writer *writer, const char *folder, const char *source,
                              struct vf_err *err)
{
    char *path = vf_path_join(folder, vf_path_base(source));
    enum vf_code code = path ? iso_writer_add_file(writer, path, source, err) : vf_fail_memory(err);

    free(path);
    return code;
}

static enum vf_code add_texts(const struct iso_layout *layout, struct iso_writer *writer,
                              const struct iso_layout_found *found, struct vf_err *err)
{
    struct vf_buf readme = VF_BUF_INIT;
    enum vf_code code = VF_OK;

    if (layout->certificate)
        code = add_named(writer, "cert", layout->certificate, err);
    for (size_t i = 0; i < layout->license_count && !code; i++)
        code = add_named(writer, "licenses", layout->licenses[i], err);
    if (!code)
        code = iso_layout_readme(layout, found, &readme, err);
    if (!code)
        code = iso_writer_add_bytes(writer, "README.txt", vf_view_of(&readme), err);
    vf_buf_free(&readme);
    return code;
}

/* A line as sha256sum(1) writes and reads it. */
static enum vf_code append_sum(void *context, const char *path, uint64_t size,
                               const struct vf_digest *digest, struct vf_err *err)
{
    struct vf_buf *sums = context;
    char hex[VF_DIGEST_HEX_MAX];

    (void)size;
    vf_digest_hex(digest, hex);
    vf_buf_printf(sums, "%s  %s\n", hex, path);
    return vf_buf_ok(sums) ? VF_OK : vf_fail_memory(err);
}

static enum vf_code add_sums(struct iso_writer *writer, struct vf_err *err)
{
    struct vf_buf sums = VF_BUF_INIT;

    enum vf_code code = iso_writer_each(writer, append_sum, &sums, err);
    if (!code)
        code = iso_writer_add_bytes(writer, "SHA256SUMS", vf_view_of(&sums), err);
    vf_buf_free(&sums);
    return code;
}

enum vf_code iso_layout_virtio_win(const struct iso_layout *layout, struct iso_writer *writer,
                                   struct vf_err *err)
{
    struct iso_layout_found found = {json_array(), VF_BUF_INIT};
    struct package package = {.layout = layout, .writer = writer, .found = &found};

    if (!found.drivers)
        return vf_fail_memory(err);
    enum vf_code code = each_entry(layout->packages, visit_driver, &package, err);
    if (!code && json_array_size(found.drivers) == 0)
        code = vf_fail(err, VF_MALFORMED, "%s: no packages; expected folders <Driver>/<os>/<arch>",
                       layout->packages);
    if (!code)
        code = add_info(writer, &found, err);
    if (!code)
        code = add_texts(layout, writer, &found, err);
    if (!code)
        code = add_sums(writer, err);
    json_decref(found.drivers);
    vf_buf_free(&found.listing);
    return code;
}
