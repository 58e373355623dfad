/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inf/package.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inf/inf_private.h"
#include "inf/pool.h"

/* The package as handed out, with what owns its parts behind it. */
struct package {
    struct inf_package facts;
    struct inf_pool pool;
    size_t catalog_room, source_room, id_room;
    struct inf_index id_index;
};

struct gather {
    const struct inf_file *file;
    struct package *package;
    bool *seen; /* per section: a models section is read once */
};

/* A number of at most so many digits at *text, which moves behind it; false where there is none. */
static bool take_number(const char **text, size_t digits, unsigned *number)
{
    size_t count = strspn(*text, "0123456789");

    if (count == 0 || count > digits)
        return false;
    *number = 0;
    for (size_t i = 0; i < count; i++)
        *number = *number * 10 + (unsigned)((*text)[i] - '0');
    *text += count;
    return true;
}

bool inf_date_parse(const char *text, unsigned *year, unsigned *month, unsigned *day)
{
    static const unsigned days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned m, d, y;

    if (!take_number(&text, 2, &m))
        return false;
    char mark = *text++;
    if ((mark != '/' && mark != '-') || !take_number(&text, 2, &d) || *text++ != mark ||
        !take_number(&text, 4, &y) || *text)
        return false;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (m < 1 || m > 12 || d < 1 || d > days[m - 1] || (m == 2 && d == 29 && !leap) || y < 1601)
        return false;
    *year = y, *month = m, *day = d;
    return true;
}

unsigned inf_version_parse(const char *text, unsigned parts[4])
{
    unsigned count = 0;

    memset(parts, 0, 4 * sizeof(*parts));
    while (count < 4 && take_number(&text, 9, &parts[count]) && parts[count] <= 65535) {
        count++;
        if (!*text)
            return count;
        if (*text++ != '.')
            return 0;
    }
    return 0;
}

bool inf_guid_valid(const char *text)
{
    static const char form[] = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";

    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == 'x' ? !strchr("0123456789abcdefABCDEF", text[i]) : text[i] != form[i])
            return false;
    }
    return true;
}

static const char *value_or_empty(struct gather *gather, const char *key)
{
    const char *value = inf_value(gather->file, "Version", key, 0);
    return value ? inf_pool_copy(&gather->package->pool, value) : "";
}

static void gather_driver_ver(struct gather *gather)
{
    struct inf_driver_ver *ver = &gather->package->facts.driver_ver;
    const struct inf_file *file = gather->file;
    const struct inf_line *line =
        inf_line_find(file, inf_section_find(file, "Version"), "DriverVer");

    ver->date_text = ver->version_text = "";
    if (!line)
        return;
    ver->place = inf_line_place(file, line);
    ver->date_text = inf_pool_copy(&gather->package->pool, inf_field(file, line, 0));
    ver->version_text = inf_pool_copy(&gather->package->pool, inf_field(file, line, 1));
    ver->date_valid = inf_date_parse(ver->date_text, &ver->year, &ver->month, &ver->day);
    ver->part_count = inf_version_parse(ver->version_text, ver->parts);
    ver->version_valid = ver->part_count > 0;
}

static bool gather_catalogs(struct gather *gather)
{
    struct package *package = gather->package;
    struct inf_package *facts = &package->facts;
    const struct inf_file *file = gather->file;
    const struct inf_line *line = inf_line_first(file, inf_section_find(file, "Version"));

    for (; line; line = inf_line_next(file, line)) {
        const char *key = inf_key(file, line);
        enum inf_arch arch = INF_ARCH_NONE;
        if (!key || !inf_name_begins(key, "CatalogFile"))
            continue;
        const char *suffix = key + strlen("CatalogFile");
        if (*suffix && !inf_name_equal(suffix, ".NT")) {
            if (!inf_name_begins(suffix, ".NT"))
                continue;
            arch = inf_arch_named(suffix + 3);
            if (arch == INF_ARCH_NONE)
                continue;
        }
        if (!inf_grow((void **)&facts->catalogs, &package->catalog_room, facts->catalog_count,
                      sizeof(*facts->catalogs)))
            return false;
        facts->catalogs[facts->catalog_count++] =
            (struct inf_catalog){inf_pool_lower(&package->pool, inf_field(file, line, 0)), arch,
                                 inf_line_place(file, line)};
    }
    return true;
}

/* SourceDisksNames' path of a disk id: the section of the same decoration, else the bare one. */
static const char *disk_path(const struct inf_file *file, const char *disk, enum inf_arch arch)
{
    char name[32];

    snprintf(name, sizeof(name), "SourceDisksNames.%s", inf_arch_name(arch));
    const char *const sections[] = {arch ? name : "SourceDisksNames", "SourceDisksNames"};
    for (size_t i = 0; i < 2; i++) {
        const struct inf_line *line =
            inf_line_find(file, inf_section_find(file, sections[i]), disk);
        if (line)
            return inf_field(file, line, 3);
    }
    return "";
}

/* Append a part of a path, no separators at its ends, behind a backslash if it is not the first. */
static void append_part(struct vf_buf *path, const char *part)
{
    part += strspn(part, "\\/. ");
    size_t size = strlen(part);

    while (size && strchr("\\/", part[size - 1]))
        size--;
    if (size && path->size)
        vf_buf_append_byte(path, '\\');
    vf_buf_append(path, part, size);
}

/* Two parts of a path with one backslash between, none at the ends. */
static const char *join_path(struct inf_pool *pool, const char *a, const char *b)
{
    struct vf_buf path = VF_BUF_INIT;

    append_part(&path, a);
    append_part(&path, b);
    const char *text = vf_buf_text(&path);
    pool->failed |= !text;
    const char *joined = inf_pool_copy(pool, text ? text : "");
    vf_buf_free(&path);
    return joined;
}

static bool gather_sources(struct gather *gather)
{
    struct package *package = gather->package;
    struct inf_package *facts = &package->facts;
    const struct inf_file *file = gather->file;
    static const char base[] = "SourceDisksFiles";

    for (size_t s = 0; s < inf_section_count(file); s++) {
        const struct inf_section *section = inf_section_at(file, s);
        const char *name = inf_section_name(file, section);
        enum inf_arch arch = INF_ARCH_NONE;
        if (!inf_name_begins(name, base))
            continue;
        if (name[sizeof(base) - 1] == '.')
            arch = inf_arch_named(name + sizeof(base));
        if (name[sizeof(base) - 1] && arch == INF_ARCH_NONE)
            continue;

        const struct inf_line *line = inf_line_first(file, section);
        for (; line; line = inf_line_next(file, line)) {
            /* a line without '=' names a file all the same, without a disk */
            const char *key = inf_key(file, line);
            const char *source = key ? key : inf_field(file, line, 0);
            const char *disk = key ? inf_field(file, line, 0) : "";
            int64_t size;
            if (!inf_grow((void **)&facts->sources, &package->source_room, facts->source_count,
                          sizeof(*facts->sources)))
                return false;
            if (!key || !inf_number(inf_field(file, line, 2), &size) || size < 0)
                size = -1;
            facts->sources[facts->source_count++] = (struct inf_source){
                .name = inf_pool_lower(&package->pool, source),
                .directory = join_path(&package->pool, disk_path(file, disk, arch),
                                       key ? inf_field(file, line, 1) : ""),
                .disk = inf_pool_copy(&package->pool, disk),
                .size = size,
                .arch = arch,
                .place = inf_line_place(file, line),
            };
        }
    }
    return true;
}

static const char *id_name(const void *owner, uint32_t number)
{
    const struct inf_package *facts = owner;
    return facts->ids[number].id;
}

static bool gather_id(struct gather *gather, const struct inf_line *line, size_t field)
{
    struct package *package = gather->package;
    struct inf_package *facts = &package->facts;
    const char *id = inf_field(gather->file, line, field);

    if (!*id || inf_index_find(&package->id_index, 0, id, id_name, facts) != INF_NONE)
        return true;
    if (!inf_grow((void **)&facts->ids, &package->id_room, facts->id_count, sizeof(*facts->ids)) ||
        !inf_index_add(&package->id_index, 0, id, (uint32_t)facts->id_count))
        return false;
    facts->ids[facts->id_count++] = (struct inf_device_id){
        inf_pool_lower(&package->pool, id), inf_field_place(gather->file, line, field)};
    return true;
}

static bool gather_models(struct gather *gather, const char *name)
{
    const struct inf_file *file = gather->file;
    const struct inf_section *section = inf_section_find(file, name);

    if (!section || gather->seen[section - file->sections])
        return true;
    gather->seen[section - file->sections] = true;
    const struct inf_line *line = inf_line_first(file, section);
    for (; line; line = inf_line_next(file, line)) {
        /* field 0 is the install section, the ids follow */
        for (size_t field = 1; field < inf_field_count(line); field++)
            if (!gather_id(gather, line, field))
                return false;
    }
    return true;
}

static bool gather_devices(struct gather *gather)
{
    struct inf_package *facts = &gather->package->facts;
    const struct inf_file *file = gather->file;
    const struct inf_line *line = inf_line_first(file, inf_section_find(file, "Manufacturer"));

    for (; line; line = inf_line_next(file, line)) {
        /* a line without '=' is the manufacturer's and the models section's name at once */
        const char *base = inf_field(file, line, 0);
        size_t fields = inf_field_count(line);
        if (!*inf_field(file, line, 1))
            facts->arches |= INF_ARCH_BIT(INF_ARCH_X86);
        if (!gather_models(gather, base))
            return false;
        for (size_t i = 1; i < fields; i++) {
            struct inf_decoration decoration;
            char name[INF_NAME_MAX * 4 + 1];
            int size = snprintf(name, sizeof(name), "%s.%s", base, inf_field(file, line, i));
            if (inf_decoration_parse(inf_field(file, line, i), &decoration))
                facts->arches |= INF_ARCH_BIT(decoration.arch ? decoration.arch : INF_ARCH_X86);
            if (size > 0 && (size_t)size < sizeof(name) && !gather_models(gather, name))
                return false;
        }
    }
    return true;
}

/* A primitive driver is installed by [DefaultInstall], decorated for each architecture. */
static void gather_default_install(struct gather *gather)
{
    struct inf_package *facts = &gather->package->facts;
    const struct inf_file *file = gather->file;
    static const char base[] = "DefaultInstall";

    if (inf_section_find(file, "Manufacturer"))
        return;
    for (size_t s = 0; s < inf_section_count(file); s++) {
        const char *name = inf_section_name(file, inf_section_at(file, s));
        struct inf_decoration decoration = {.arch = INF_ARCH_NONE};
        if (!inf_name_begins(name, base))
            continue;
        const char *suffix = name + sizeof(base) - 1;
        if (*suffix && (*suffix != '.' || !inf_decoration_parse(suffix + 1, &decoration)))
            continue;
        facts->primitive = true;
        facts->arches |= INF_ARCH_BIT(decoration.arch ? decoration.arch : INF_ARCH_X86);
    }
}

enum vf_code inf_package_make(const struct inf_file *file, struct inf_package **package,
                              struct vf_err *err)
{
    struct package *made = calloc(1, sizeof(*made));
    struct gather gather = {file, made, calloc(file->section_count + 1, sizeof(bool))};
    enum vf_code code = VF_OK;

    *package = NULL;
    if (!made || !gather.seen) {
        code = vf_fail_memory(err);
        goto done;
    }
    made->facts.provider = value_or_empty(&gather, "Provider");
    made->facts.class_name = value_or_empty(&gather, "Class");
    made->facts.class_guid = value_or_empty(&gather, "ClassGuid");
    made->facts.extension_id = value_or_empty(&gather, "ExtensionId");
    gather_driver_ver(&gather);
    gather_default_install(&gather);
    if (!gather_catalogs(&gather) || !gather_sources(&gather) || !gather_devices(&gather) ||
        made->pool.failed) {
        code = vf_fail_memory(err);
        goto done;
    }
    *package = &made->facts;
    made = NULL;
done:
    free(gather.seen);
    inf_package_free(made ? &made->facts : NULL);
    return code;
}

void inf_package_free(struct inf_package *package)
{
    /* the facts are the first member */
    struct package *whole = (struct package *)package;

    if (!whole)
        return;
    inf_index_free(&whole->id_index);
    free(whole->facts.ids);
    free(whole->facts.sources);
    free(whole->facts.catalogs);
    inf_pool_free(&whole->pool);
    free(whole);
}

const struct inf_catalog *inf_package_catalog(const struct inf_package *package, enum inf_arch arch)
{
    const struct inf_catalog *bare = NULL;

    for (size_t i = 0; i < package->catalog_count; i++) {
        if (package->catalogs[i].arch == arch)
            return &package->catalogs[i];
        if (package->catalogs[i].arch == INF_ARCH_NONE && !bare)
            bare = &package->catalogs[i];
    }
    return bare;
}
