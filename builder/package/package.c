/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/package/package.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder/cat/cat.h"
#include "builder/package/files.h"
#include "builder/pe/pe.h"
#include "builder/sign/sign.h"
#include "inf/inf.h"
#include "inf/package.h"
#include "inf/stamp.h"
#include "util/epoch.h"

/* What is at hand while one package is made. */
struct making {
    const struct package_request *request;
    struct package_files files;
    struct inf_package *facts; /* of the stamped INF */
    struct package_summary summary;
};

/* "viorng.inf" to "viorng.cat" */
static char *catalog_name(const char *inf_name)
{
    char *name;
    if (asprintf(&name, "%.*s.cat", (int)(strlen(inf_name) - strlen(".inf")), inf_name) < 0)
        return NULL;
    return name;
}

static enum vf_code stamp_inf(struct making *m, struct package_file *file, const char *catalog,
                              struct vf_err *err)
{
    const struct package_request *request = m->request;
    struct inf_file *raw = NULL, *stamped = NULL;
    struct vf_buf text = VF_BUF_INIT;
    struct tm date;

    struct inf_variable variables[INF_TARGET_VARIABLES];
    struct inf_target target;
    char name[64];

    snprintf(name, sizeof(name), "%s/%s", request->target->os, request->target->arch);
    if (!inf_target_parse(name, &target))
        return vf_fail(err, VF_USAGE, "%s: not a target that INF files know", name);
    inf_stamp_target(&target, variables);
    enum vf_code code = inf_parse(vf_view_of(&file->content), file->source, &raw, err);
    if (code)
        goto release;
    vf_epoch_utc(request->epoch, &date);
    struct inf_stamp stamp = {
        .version = request->version,
        .year = request->version ? (unsigned)date.tm_year + 1900 : 0,
        .month = (unsigned)date.tm_mon + 1,
        .day = (unsigned)date.tm_mday,
        .catalog = catalog,
        .variables = variables,
        .variable_count = INF_TARGET_VARIABLES,
        .newline = "\r\n",
    };
    code = inf_stamp(raw, &stamp, &text, err);
    if (!code)
        code = inf_parse(vf_view_of(&text), file->source, &stamped, err);
    if (!code)
        code = inf_package_make(stamped, &m->facts, err);
    if (code)
        goto release;
    vf_buf_free(&file->content);
    file->content = text;
    text = (struct vf_buf)VF_BUF_INIT;
    file->is_member = true;
release:
    vf_buf_free(&text);
    inf_free(stamped);
    inf_free(raw);
    return code;
}

/* Every file the INF names must be there; each becomes a member of the catalog. */
static enum vf_code mark_members(struct making *m, const struct package_file *inf,
                                 struct vf_err *err)
{
    const struct package_target *target = m->request->target;
    enum inf_arch arch = inf_arch_named(target->inf_arch);

    if (!(m->facts->arches & INF_ARCH_BIT(arch)))
        return vf_fail(err, VF_MALFORMED,
                       "%s: no models section is decorated for %s, which the target %s/%s needs",
                       inf->source, target->inf_arch, target->os, target->arch);
    for (size_t i = 0; i < m->facts->source_count; i++) {
        const struct inf_source *source = &m->facts->sources[i];
        if (source->arch != INF_ARCH_NONE && source->arch != arch)
            continue;
        if (*source->directory)
            return vf_fail(err, VF_MALFORMED,
                           "%s:%u: '%s' is in the folder '%s'; packages made here are flat",
                           inf->source, source->place.line, source->name, source->directory);
        struct package_file *file = package_files_find(&m->files, source->name);
        if (!file)
            return vf_fail(err, VF_MALFORMED,
                           "%s:%u: names '%s', which is not among the inputs; add it, or take "
                           "the line out",
                           inf->source, source->place.line, source->name);
        file->is_member = true;
    }
    return VF_OK;
}

static enum vf_code sign_content(struct making *m, struct package_file *file, struct vf_err *err)
{
    struct vf_buf out = VF_BUF_INIT;
    const struct sign_options options = {.replace = false};

    if (!m->request->key)
        return VF_OK;
    enum vf_code code = sign_file(vf_view_of(&file->content), m->request->key, &options, &out, err);
    if (code) {
        vf_buf_free(&out);
        return vf_err_prefix(err, "%s", file->source);
    }
    vf_buf_free(&file->content);
    file->content = out;
    return VF_OK;
}

/* A driver gets its flags and checksum and must be of the target's machine. */
static enum vf_code finish_image(struct making *m, struct package_file *file, struct vf_err *err)
{
    const struct package_request *request = m->request;
    struct pe_image image;

    enum vf_code code = pe_read(vf_view_of(&file->content), &image, err);
    if (code)
        return vf_err_prefix(err, "%s", file->source);
    const char *machine = pe_machine_name(image.machine);
    bool native = image.subsystem == PE_SUBSYSTEM_NATIVE;
    if (native && image.machine != request->target->machine)
        return vf_fail(err, VF_MALFORMED, "%s: a driver for %s, but the target is %s/%s",
                       file->source, machine ? machine : "an unknown machine", request->target->os,
                       request->target->arch);
    m->summary.binaries++;
    /* what carries its maker's signature is taken as it is */
    if (image.directories[PE_DIR_CERTIFICATE].size != 0)
        return VF_OK;
    if (native) {
        code = pe_finish(file->content.data, file->content.size, image.timestamp, err);
        if (code)
            return vf_err_prefix(err, "%s", file->source);
    }
    return sign_content(m, file, err);
}

static enum vf_code finish_members(struct making *m, struct vf_err *err)
{
    for (size_t i = 0; i < m->files.count; i++) {
        struct package_file *file = &m->files.list[i];
        if (!file->is_member)
            continue;
        bool driver = inf_name_ends(file->name, ".sys");
        if (!driver && !pe_is_image(vf_view_of(&file->content)))
            continue;
        enum vf_code code = finish_image(m, file, err);
        if (code)
            return code;
    }
    return VF_OK;
}

/* The catalog's members from the files as they now are. */
static enum vf_code collect_members(const struct making *m, struct cat_member *members,
                                    size_t *count, struct vf_err *err)
{
    *count = 0;
    for (size_t i = 0; i < m->files.count; i++) {
        const struct package_file *file = &m->files.list[i];
        if (!file->is_member)
            continue;
        enum vf_code code =
            cat_member_make(file->name, vf_view_of(&file->content), false, &members[*count], err);
        if (code)
            return vf_err_prefix(err, "%s", file->source);
        (*count)++;
    }
    return VF_OK;
}

static enum vf_code write_catalog(struct making *m, const struct cat_spec *spec, const char *name,
                                  struct vf_err *err)
{
    struct package_file *file;
    struct cat_list *list;

    enum vf_code code = cat_create(spec, &list, err);
    if (code)
        return code;
    code = package_files_add(&m->files, name, name, &file, err);
    if (!code)
        code = cat_write(list, &file->content, err);
    if (!code)
        code = sign_content(m, file, err);
    cat_list_free(list);
    return code;
}

static enum vf_code make_catalog(struct making *m, const char *name, struct vf_err *err)
{
    const struct package_request *request = m->request;
    const struct cat_os *systems[CAT_SYSTEMS_MAX];
    struct cat_spec spec = {.systems = systems, .time = request->epoch};

    enum vf_code code =
        cat_os_parse(request->catalog_os ? request->catalog_os : request->target->catalog_os,
                     systems, &spec.system_count, err);
    if (code)
        return code;
    struct cat_member *members = calloc(m->files.count, sizeof(*members));
    const char **ids = calloc(m->facts->id_count ? m->facts->id_count : 1, sizeof(*ids));
    if (!members || !ids) {
        code = vf_fail_memory(err);
        goto release;
    }
    for (size_t i = 0; i < m->facts->id_count; i++)
        ids[i] = m->facts->ids[i].id;
    spec.members = members;
    spec.hardware_ids = ids;
    spec.hardware_id_count = m->facts->id_count;
    code = collect_members(m, members, &spec.member_count, err);
    if (!code)
        code = write_catalog(m, &spec, name, err);
    m->summary.ids = spec.hardware_id_count;
release:
    for (size_t i = 0; i < spec.member_count; i++)
        cat_member_free(&members[i]);
    free(ids);
    free(members);
    return code;
}

enum vf_code package_make(const struct package_request *request, struct package_summary *summary,
                          struct vf_err *err)
{
    struct making m = {.request = request};
    struct package_file *inf;

    enum vf_code code = package_files_read(&m.files, request->inputs, request->input_count, err);
    if (!code)
        code = package_files_inf(&m.files, &inf, err);
    if (code)
        goto release_files;
    char *catalog = catalog_name(inf->name);
    if (!catalog) {
        code = vf_fail_memory(err);
        goto release_files;
    }
    code = stamp_inf(&m, inf, catalog, err);
    if (!code)
        code = mark_members(&m, inf, err);
    if (!code)
        code = finish_members(&m, err);
    if (!code)
        code = make_catalog(&m, catalog, err);
    if (!code)
        code = package_files_write(&m.files, request->output, request->force, err);
    if (!code) {
        m.summary.files = m.files.count;
        *summary = m.summary;
    }
    inf_package_free(m.facts);
    free(catalog);
release_files:
    package_files_free(&m.files);
    return code;
}
