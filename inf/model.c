/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inf/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inf/inf_private.h"
#include "inf/pool.h"

/* a section name, in bytes of UTF-8, with room for a suffix */
#define NAME_ROOM (INF_NAME_MAX * 4 + 64)

struct model {
    struct inf_model parts;
    struct inf_pool pool;
    size_t device_room, copy_room, service_room, registry_room, include_room;
};

/* The making of one model. */
struct make {
    const struct inf_file *file;
    const struct inf_target *target;
    struct model *model;
    struct vf_err *err;
    bool *installed; /* per section: an install section is walked once */
    uint32_t steps;
    unsigned depth;                                           /* of Needs */
    const struct inf_section *chain[INF_NEEDS_DEPTH_MAX + 1]; /* the sections that led here */
};

/* What the walk of an install section and its companions is about at the moment. */
struct walk {
    enum inf_registry_owner owner;
    const char *service;
    bool leaf; /* a service's or event log's section: of all directives it has AddReg alone */
};

const char *inf_path_base(const char *path)
{
    const char *base = path;

    for (; *path; path++)
        if (*path == '\\' || *path == '/')
            base = path + 1;
    return base;
}

const struct inf_section *inf_companion(const struct inf_file *file,
                                        const struct inf_section *section, const char *suffix)
{
    char name[NAME_ROOM];
    int size = snprintf(name, sizeof(name), "%s%s", inf_section_name(file, section), suffix);

    return size > 0 && (size_t)size < sizeof(name) ? inf_section_find(file, name) : NULL;
}

const struct inf_section *inf_install_section(const struct inf_file *file, const char *name,
                                              enum inf_arch arch)
{
    const struct inf_section *section = NULL;
    char text[NAME_ROOM];
    char suffixes[3][16] = {"", ".NT", ""};

    snprintf(suffixes[0], sizeof(suffixes[0]), ".NT%s", inf_arch_name(arch));
    for (size_t i = 0; i < 3 && !section; i++) {
        int size = snprintf(text, sizeof(text), "%s%s", name, suffixes[i]);
        if (size > 0 && (size_t)size < sizeof(text))
            section = inf_section_find(file, text);
    }
    return section;
}

static enum vf_code step(struct make *make, const struct inf_line *line)
{
    if (++make->steps <= INF_MODEL_STEPS_MAX)
        return VF_OK;
    return inf_malformed(
        make->file, line->span.begin, make->err,
        "more than %u lines and names to install; sections are named again and again",
        INF_MODEL_STEPS_MAX);
}

static enum vf_code put_copy(struct make *make, const struct inf_line *line, const char *section,
                             const char *name, const char *source, int64_t flags)
{
    struct model *model = make->model;
    const struct inf_file *file = make->file;
    const struct inf_section *dirs = inf_section_find(file, "DestinationDirs");
    const struct inf_line *dir = *section ? inf_line_find(file, dirs, section) : NULL;

    if (!dir)
        dir = inf_line_find(file, dirs, "DefaultDestDir");
    struct inf_copy copy = {
        .name = inf_pool_lower(&model->pool, name),
        .source = inf_pool_lower(&model->pool, source),
        .directory = dir ? inf_field(file, dir, 1) : "",
        .flags = flags,
        .section = section,
        .place = inf_line_place(file, line),
    };
    copy.placed = dir && inf_number(inf_field(file, dir, 0), &copy.dirid);
    if (!inf_grow((void **)&model->parts.copies, &model->copy_room, model->parts.copy_count,
                  sizeof(copy)))
        return vf_fail_memory(make->err);
    model->parts.copies[model->parts.copy_count++] = copy;
    return VF_OK;
}

/* CopyFiles = @file | section, ... */
static enum vf_code on_copy_files(struct make *make, const struct walk *walk,
                                  const struct inf_line *directive)
{
    const struct inf_file *file = make->file;
    enum vf_code code = VF_OK;

    (void)walk;
    for (size_t i = 0; i < inf_field_count(directive) && !code; i++) {
        const char *name = inf_field(file, directive, i);
        code = step(make, directive);
        if (*name == '@' && !code) {
            code = put_copy(make, directive, "", name + 1, name + 1, 0);
            continue;
        }
        const struct inf_section *list = inf_section_find(file, name);
        for (const struct inf_line *line = inf_line_first(file, list); line && !code;
             line = inf_line_next(file, line)) {
            const char *target = inf_field(file, line, 0), *source = inf_field(file, line, 1);
            int64_t flags = 0;
            code = step(make, line);
            if (!inf_number(inf_field(file, line, 3), &flags))
                flags = 0;
            if (!code)
                code = put_copy(make, line, inf_section_name(file, list), target,
                                *source ? source : target, flags);
        }
    }
    return code;
}

static enum vf_code on_add_reg(struct make *make, const struct walk *walk,
                               const struct inf_line *directive)
{
    struct model *model = make->model;
    const struct inf_file *file = make->file;
    enum vf_code code = VF_OK;

    for (size_t i = 0; i < inf_field_count(directive) && !code; i++) {
        const struct inf_section *list = inf_section_find(file, inf_field(file, directive, i));
        code = step(make, directive);
        for (const struct inf_line *line = inf_line_first(file, list); line && !code;
             line = inf_line_next(file, line)) {
            code = step(make, line);
            if (!inf_grow((void **)&model->parts.registry, &model->registry_room,
                          model->parts.registry_count, sizeof(*model->parts.registry)))
                return vf_fail_memory(make->err);
            model->parts.registry[model->parts.registry_count++] =
                (struct inf_registry){walk->owner, walk->service, line};
        }
    }
    return code;
}

static enum vf_code on_include(struct make *make, const struct walk *walk,
                               const struct inf_line *directive)
{
    struct model *model = make->model;
    enum vf_code code = VF_OK;

    (void)walk;
    for (size_t i = 0; i < inf_field_count(directive) && !code; i++) {
        code = step(make, directive);
        if (!inf_grow((void **)&model->parts.includes, &model->include_room,
                      model->parts.include_count, sizeof(*model->parts.includes)))
            return vf_fail_memory(make->err);
        model->parts.includes[model->parts.include_count++] = inf_field(make->file, directive, i);
    }
    return code;
}

static enum vf_code walk_section(struct make *make, const struct walk *walk,
                                 const struct inf_section *section);

/*
 * Does Needs name a section that led here, beside an Include? Then the one of the same name in the
 * included INF is meant.
 */
static bool is_included_one(const struct make *make, const struct inf_line *directive,
                            const struct inf_section *needed)
{
    if (!inf_line_find(make->file, inf_line_section(make->file, directive), "Include"))
        return false;
    for (unsigned i = 0; i < make->depth; i++)
        if (make->chain[i] == needed)
            return true;
    return false;
}

static enum vf_code on_needs(struct make *make, const struct walk *walk,
                             const struct inf_line *directive)
{
    enum vf_code code = VF_OK;

    if (make->depth == INF_NEEDS_DEPTH_MAX)
        return inf_malformed(make->file, directive->span.begin, make->err,
                             "Needs leads through more than %u sections; is there a cycle?",
                             INF_NEEDS_DEPTH_MAX);
    make->depth++;
    for (size_t i = 0; i < inf_field_count(directive) && !code; i++) {
        const struct inf_section *needed =
            inf_section_find(make->file, inf_field(make->file, directive, i));
        code = step(make, directive);
        if (needed && !code && !is_included_one(make, directive, needed))
            code = walk_section(make, walk, needed);
    }
    make->depth--;
    return code;
}

static int64_t number_of(const struct inf_file *file, const struct inf_section *section,
                         const char *key)
{
    const struct inf_line *line = inf_line_find(file, section, key);
    int64_t number;

    return line && inf_number(inf_field(file, line, 0), &number) ? number : -1;
}

static const char *text_of(const struct inf_file *file, const struct inf_section *section,
                           const char *key)
{
    const struct inf_line *line = inf_line_find(file, section, key);
    return line ? inf_field(file, line, 0) : "";
}

/* AddService = name, [flags], section[, event log section, ...] */
static enum vf_code on_add_service(struct make *make, const struct walk *walk,
                                   const struct inf_line *directive)
{
    struct model *model = make->model;
    const struct inf_file *file = make->file;
    const struct inf_section *section = inf_section_find(file, inf_field(file, directive, 2));
    const char *log = inf_field(file, directive, 3);
    const struct inf_line *binary = inf_line_find(file, section, "ServiceBinary");
    enum vf_code code = VF_OK;

    (void)walk;
    struct inf_service service = {
        .name = inf_field(file, directive, 0),
        .section = section,
        .section_name = inf_field(file, directive, 2),
        .type = number_of(file, section, "ServiceType"),
        .start = number_of(file, section, "StartType"),
        .error_control = number_of(file, section, "ErrorControl"),
        .binary = binary ? inf_field(file, binary, 0) : "",
        .display_name = text_of(file, section, "DisplayName"),
        .group = text_of(file, section, "LoadOrderGroup"),
        .event_log = *log ? inf_section_find(file, log) : NULL,
        .place = inf_line_place(file, directive),
        .binary_place = inf_line_place(file, binary ? binary : directive),
    };
    service.file = inf_pool_lower(&model->pool, inf_path_base(service.binary));
    if (!inf_number(inf_field(file, directive, 1), &service.flags))
        service.flags = 0;
    if (!inf_grow((void **)&model->parts.services, &model->service_room, model->parts.service_count,
                  sizeof(service)))
        return vf_fail_memory(make->err);
    model->parts.services[model->parts.service_count++] = service;

    struct walk inner = {INF_REGISTRY_SERVICE, service.name, true};
    if (section)
        code = walk_section(make, &inner, section);
    inner.owner = INF_REGISTRY_EVENT_LOG;
    if (service.event_log && !code)
        code = walk_section(make, &inner, service.event_log);
    return code;
}

static const struct directive {
    const char *key;
    enum vf_code (*handle)(struct make *make, const struct walk *walk,
                           const struct inf_line *directive);
} directives[] = {
    {"AddReg", on_add_reg},       {"AddService", on_add_service},
    {"CopyFiles", on_copy_files}, {"Include", on_include},
    {"Needs", on_needs},
};

static enum vf_code walk_section(struct make *make, const struct walk *walk,
                                 const struct inf_section *section)
{
    const struct inf_file *file = make->file;
    const struct inf_section *outer = make->chain[make->depth];
    enum vf_code code = VF_OK;

    make->chain[make->depth] = section;
    for (const struct inf_line *line = inf_line_first(file, section); line && !code;
         line = inf_line_next(file, line)) {
        const char *key = inf_key(file, line);
        code = step(make, line);
        for (size_t i = 0; key && !code && i < sizeof(directives) / sizeof(directives[0]); i++)
            if (inf_name_equal(key, directives[i].key) &&
                (!walk->leaf || directives[i].handle == on_add_reg))
                code = directives[i].handle(make, walk, line);
    }
    make->chain[make->depth] = outer;
    return code;
}

/* An install section and its companions. */
static enum vf_code walk_install(struct make *make, const struct inf_section *install)
{
    static const struct {
        const char *suffix;
        enum inf_registry_owner owner;
    } companions[] = {
        {"", INF_REGISTRY_SOFTWARE},     {".CoInstallers", INF_REGISTRY_SOFTWARE},
        {".HW", INF_REGISTRY_HARDWARE},  {".Services", INF_REGISTRY_SERVICE},
        {".Wdf", INF_REGISTRY_SOFTWARE},
    };
    enum vf_code code = VF_OK;

    if (make->installed[install - make->file->sections])
        return VF_OK;
    make->installed[install - make->file->sections] = true;
    for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]) && !code; i++) {
        struct walk walk = {companions[i].owner, "", false};
        code = walk_section(make, &walk, inf_companion(make->file, install, companions[i].suffix));
    }
    return code;
}

static enum vf_code walk_models(struct make *make, const struct inf_section *models)
{
    struct model *model = make->model;
    const struct inf_file *file = make->file;
    enum vf_code code = VF_OK;

    for (const struct inf_line *line = inf_line_first(file, models); line && !code;
         line = inf_line_next(file, line)) {
        if (!inf_key(file, line))
            continue;
        const struct inf_section *install =
            inf_install_section(file, inf_field(file, line, 0), make->target->arch);
        code = step(make, line);
        if (!inf_grow((void **)&model->parts.devices, &model->device_room,
                      model->parts.device_count, sizeof(*model->parts.devices)))
            return vf_fail_memory(make->err);
        model->parts.devices[model->parts.device_count++] = (struct inf_device){line, install};
        if (install && !code)
            code = walk_install(make, install);
    }
    return code;
}

/* The models section of one [Manufacturer] line that is closest to the target; NULL for none. */
static const struct inf_section *closest_models(const struct make *make,
                                                const struct inf_line *line)
{
    const struct inf_file *file = make->file;
    const char *base = inf_field(file, line, 0);
    struct inf_decoration best, decoration;
    const struct inf_section *section = NULL;
    char name[NAME_ROOM];

    for (size_t i = 1; i < inf_field_count(line); i++) {
        if (!inf_decoration_parse(inf_field(file, line, i), &decoration) ||
            !inf_decoration_fits(&decoration, make->target) ||
            (section && !inf_decoration_closer(&decoration, &best)))
            continue;
        int size = snprintf(name, sizeof(name), "%s.%s", base, inf_field(file, line, i));
        const struct inf_section *found =
            size > 0 && (size_t)size < sizeof(name) ? inf_section_find(file, name) : NULL;
        if (found) {
            section = found;
            best = decoration;
        }
    }
    /* without decorations the bare section serves, and that means x86 */
    if (!section && make->target->arch == INF_ARCH_X86)
        section = inf_section_find(file, base);
    return section;
}

static enum vf_code walk_manufacturers(struct make *make)
{
    const struct inf_file *file = make->file;
    const struct inf_section *manufacturers = inf_section_find(file, "Manufacturer");
    enum vf_code code = VF_OK;

    for (const struct inf_line *line = inf_line_first(file, manufacturers); line && !code;
         line = inf_line_next(file, line)) {
        const struct inf_section *models = closest_models(make, line);
        code = step(make, line);
        if (models && !code)
            code = walk_models(make, models);
    }
    if (!manufacturers && !code) {
        /* a primitive driver: installed as a whole */
        const struct inf_section *install =
            inf_install_section(file, "DefaultInstall", make->target->arch);
        if (install)
            code = walk_install(make, install);
    }
    return code;
}

enum vf_code inf_model_make(const struct inf_file *file, const struct inf_target *target,
                            struct inf_model **model, struct vf_err *err)
{
    struct model *made = calloc(1, sizeof(*made));
    struct make make = {
        .file = file,
        .target = target,
        .model = made,
        .err = err,
        .installed = calloc(file->section_count + 1, sizeof(bool)),
    };
    enum vf_code code = VF_OK;

    *model = NULL;
    if (!made || !make.installed) {
        code = vf_fail_memory(err);
        goto done;
    }
    code = walk_manufacturers(&make);
    if (!code && made->pool.failed)
        code = vf_fail_memory(err);
    if (code)
        goto done;
    *model = &made->parts;
    made = NULL;
done:
    free(make.installed);
    inf_model_free(made ? &made->parts : NULL);
    return code;
}

void inf_model_free(struct inf_model *model)
{
    /* the parts are the first member */
    struct model *whole = (struct model *)model;

    if (!whole)
        return;
    free(whole->parts.includes);
    free(whole->parts.registry);
    free(whole->parts.services);
    free(whole->parts.copies);
    free(whole->parts.devices);
    inf_pool_free(&whole->pool);
    free(whole);
}
