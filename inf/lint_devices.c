/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of [Manufacturer], models sections and primitive drivers, down to install sections. */
#include <stdio.h>
#include <string.h>

#include "inf/lint_private.h"

/* the first build that can read a build number in a decoration */
#define BUILD_DECORATION_FIRST 14310u

/* a section name, in bytes of UTF-8, with room for a decoration */
#define NAME_ROOM (INF_NAME_MAX * 4 + 64)

/* what stands for the architecture in a file not stamped yet */
#define VARIABLE "$ARCH$"

static const char *id_of(const void *owner, uint32_t number)
{
    const struct inf_file *file = owner;
    return inf_field(file, &file->lines[number], 1);
}

/* Is there, for this install section, a service that drives the device? */
static bool has_service(const struct inf_file *file, const struct inf_section *install)
{
    const struct inf_section *services = inf_companion(file, install, ".Services");
    int64_t flags;

    for (const struct inf_line *line = inf_line_first(file, services); line;
         line = inf_line_next(file, line)) {
        const char *key = inf_key(file, line);
        if (!key)
            continue;
        if (inf_name_equal(key, "Needs"))
            return true;
        if (inf_name_equal(key, "AddService") && inf_number(inf_field(file, line, 1), &flags) &&
            (flags & 2))
            return true;
    }
    return false;
}

/* Network components, whose services belong to no device, and printers, which need none. */
static bool class_without_services(const struct lint *lint)
{
    static const char *const names[] = {"NetClient", "NetService", "NetTrans", "Printer"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (inf_name_equal(lint->package->class_name, names[i]))
            return true;
    return false;
}

bool lint_decoration(const char *text, struct inf_decoration *decoration)
{
    char filled[64];
    const char *variable = strstr(text, VARIABLE);

    if (variable && strlen(text) < sizeof(filled)) {
        snprintf(filled, sizeof(filled), "%.*samd64%s", (int)(variable - text), text,
                 variable + strlen(VARIABLE));
        text = filled;
    }
    return inf_decoration_parse(text, decoration);
}

/* As inf_install_section(); in a file not stamped yet the architecture may be missing. */
static const struct inf_section *install_section(const struct inf_file *file, const char *name,
                                                 enum inf_arch arch)
{
    const struct inf_section *section = inf_install_section(file, name, arch);
    char text[NAME_ROOM];

    if (section)
        return section;
    int size = snprintf(text, sizeof(text), "%s.NT" VARIABLE, name);
    return size > 0 && (size_t)size < sizeof(text) ? inf_section_find(file, text) : NULL;
}

static void check_device(struct lint *lint, const struct inf_line *line,
                         const struct lint_windows *windows, struct inf_index *ids)
{
    const struct inf_file *file = lint->file;
    const char *name = inf_field(file, line, 0), *id = inf_field(file, line, 1);
    struct inf_place place = inf_line_place(file, line);

    if (!*name) {
        lint_add(lint, RULE_1271, place, "no install section for hardware id '%s'", id);
        return;
    }
    if (*id) {
        uint32_t other = inf_index_find(ids, 0, id, id_of, file);
        if (other != INF_NONE)
            lint_add(lint, RULE_1294, inf_field_place(file, line, 1),
                     "hardware id '%s' is also on line %u", id,
                     inf_line_place(file, &file->lines[other]).line);
        else
            lint->failed |= !inf_index_add(ids, 0, id, (uint32_t)(line - file->lines));
    }

    const struct inf_section *install = install_section(file, name, windows->arch);
    if (!install) {
        lint_add(lint, RULE_1261, inf_field_place(file, line, 0),
                 "there is no section [%s], [%s.NT] or [%s.NT%s]", name, name, name,
                 inf_arch_name(windows->arch));
        return;
    }
    if (!lint_visit(lint, install, ROLE_INSTALL, windows->scope))
        return;
    if (!lint_is_extension(lint) && !class_without_services(lint) && !has_service(file, install))
        lint_add(lint, RULE_1296, inf_heading_place(file, install, 0),
                 "[%s] has no .Services section that adds a function driver",
                 inf_section_name(file, install));
    lint_install(lint, install, windows);
}

/* A models section, by its decoration; NULL for none. */
static void check_models(struct lint *lint, const struct inf_section *models,
                         const struct inf_decoration *decoration, const char *text)
{
    struct lint_windows windows = {
        .arch = decoration && decoration->arch ? decoration->arch : INF_ARCH_X86,
        .scope = lint_scope(lint, text),
        .build = decoration && decoration->build_given ? decoration->build : 0,
    };
    const struct inf_file *file = lint->file;
    struct inf_index ids = {NULL, 0, 0};

    if (!lint_visit(lint, models, ROLE_MODELS, 0))
        return;
    for (const struct inf_line *line = inf_line_first(file, models); line && lint_step(lint);
         line = inf_line_next(file, line))
        check_device(lint, line, &windows, &ids);
    inf_index_free(&ids);
}

/* One decoration of a [Manufacturer] line and the models section it stands for. */
static void check_decoration(struct lint *lint, const struct inf_line *line, size_t field)
{
    const struct inf_file *file = lint->file;
    const char *base = inf_field(file, line, 0), *text = inf_field(file, line, field);
    struct inf_place place = inf_field_place(file, line, field);
    struct inf_decoration decoration;
    char name[NAME_ROOM];

    /* of a file not stamped yet, rule 1274 tells; the rest is judged for some architecture */
    if (!lint_decoration(text, &decoration)) {
        lint_add(lint, RULE_1287, place, "'%s' is no OS decoration", text);
        return;
    }
    if (decoration.build_given &&
        (decoration.major < 10 || decoration.build < BUILD_DECORATION_FIRST))
        lint_add(lint, RULE_1288, place, "'%s' asks for a build before 10.0.%u", text,
                 BUILD_DECORATION_FIRST);
    int size = snprintf(name, sizeof(name), "%s.%s", base, text);
    const struct inf_section *models =
        size > 0 && (size_t)size < sizeof(name) ? inf_section_find(file, name) : NULL;
    if (!decoration.arch)
        lint_add(lint, RULE_2010, place, "'%s' names no architecture", text);
    if (!models)
        lint_add(lint, RULE_1203, place, "there is no section [%.300s]", name);
    else
        check_models(lint, models, &decoration, text);
}

static void check_manufacturers(struct lint *lint, const struct inf_section *manufacturers)
{
    const struct inf_file *file = lint->file;

    for (const struct inf_line *line = inf_line_first(file, manufacturers); line && lint_step(lint);
         line = inf_line_next(file, line)) {
        const char *base = inf_field(file, line, 0);
        bool decorated = false;
        if (!*base) {
            lint_add(lint, RULE_1011, inf_line_place(file, line),
                     "no models section for this manufacturer");
            continue;
        }
        for (size_t i = 1; i < inf_field_count(line) && lint_step(lint); i++) {
            if (*inf_field(file, line, i)) {
                decorated = true;
                check_decoration(lint, line, i);
            }
        }
        const struct inf_section *models = inf_section_find(file, base);
        if (models && !decorated)
            lint_add(lint, RULE_2010, inf_field_place(file, line, 0), "[%s] names no architecture",
                     base);
        if (models)
            check_models(lint, models, NULL, "");
        else if (!decorated)
            lint_add(lint, RULE_1203, inf_field_place(file, line, 0), "there is no section [%s]",
                     base);
    }
    if (lint->package->id_count == 0)
        lint_add(lint, RULE_1297, inf_heading_place(file, manufacturers, 0),
                 "no line of a models section has a hardware id");
}

/* Is a section's name this one, bare or with a decoration? */
static bool named(const char *name, const char *base, struct inf_decoration *decoration)
{
    size_t size = strlen(base);

    *decoration = (struct inf_decoration){.arch = INF_ARCH_NONE};
    return inf_name_begins(name, base) &&
           (!name[size] || (name[size] == '.' && lint_decoration(name + size + 1, decoration)));
}

static void check_uninstall(struct lint *lint, const struct inf_section *section,
                            const struct inf_decoration *decoration)
{
    const struct inf_file *file = lint->file;
    const struct inf_line *line = inf_line_find(file, section, "LegacyUninstall");
    int64_t legacy;

    if (!line || !inf_number(inf_field(file, line, 0), &legacy) || legacy != 1)
        lint_add(lint, RULE_1422, inf_heading_place(file, section, 0),
                 "[%s] does not say LegacyUninstall = 1", inf_section_name(file, section));
    if (!decoration->arch)
        lint_add(lint, RULE_1421, inf_heading_place(file, section, 0), "[%s] names no architecture",
                 inf_section_name(file, section));
}

/* [DefaultInstall.NTarch] and [DefaultUninstall...] of a primitive driver. */
static void check_primitive(struct lint *lint)
{
    const struct inf_file *file = lint->file;
    bool any = false, decorated = false, bare = false;

    for (size_t i = 0; i < inf_section_count(file) && lint_step(lint); i++) {
        const struct inf_section *section = inf_section_at(file, i);
        const char *name = inf_section_name(file, section);
        struct inf_decoration decoration;

        if (named(name, "DefaultUninstall", &decoration))
            check_uninstall(lint, section, &decoration);
        if (!named(name, "DefaultInstall", &decoration))
            continue;
        any = true;
        decorated |= decoration.arch != INF_ARCH_NONE;
        bare |= decoration.arch == INF_ARCH_NONE;
        if (!decoration.arch)
            lint_add(lint, RULE_1421, inf_heading_place(file, section, 0),
                     "[%s] names no architecture", name);
        struct lint_windows windows = {
            .arch = decoration.arch ? decoration.arch : INF_ARCH_X86,
            .scope = lint_scope(lint, name + strlen("DefaultInstall")),
            .build = decoration.build_given ? decoration.build : 0,
        };
        if (lint_visit(lint, section, ROLE_INSTALL, windows.scope))
            lint_install(lint, section, &windows);
    }
    if (bare)
        lint_add(lint, RULE_1420, (struct inf_place){1, 1},
                 "[DefaultInstall] is there without an architecture");
    if (any && !decorated)
        lint_add(lint, RULE_1423, (struct inf_place){1, 1},
                 "no [DefaultInstall] section names an architecture");
    if (!any)
        lint_add(lint, RULE_1297, (struct inf_place){1, 1},
                 "there is neither a [Manufacturer] nor a [DefaultInstall] section");
}

/* What a new class is set up by, on any architecture. */
static void check_class_install(struct lint *lint)
{
    const struct inf_file *file = lint->file;

    for (size_t i = 0; i < inf_section_count(file) && lint_step(lint); i++) {
        const struct inf_section *section = inf_section_at(file, i);
        struct inf_decoration decoration;
        if (!named(inf_section_name(file, section), "ClassInstall32", &decoration))
            continue;
        struct lint_windows windows = {
            .arch = decoration.arch,
            .scope = lint_scope(lint, inf_section_name(file, section)),
        };
        lint_install(lint, section, &windows);
    }
}

void lint_devices(struct lint *lint)
{
    const struct inf_section *manufacturers = inf_section_find(lint->file, "Manufacturer");

    if (manufacturers)
        check_manufacturers(lint, manufacturers);
    else
        check_primitive(lint);
    check_class_install(lint);
}
