/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of files: where they come from, where they go. */
#include <stdio.h>
#include <string.h>

#include "inf/lint_private.h"

#define DIRID_ABSOLUTE   (-1)
#define DIRID_STORE      13
#define DIRID_USER_FIRST 32768
#define DIRID_UNKNOWN    65535

/* What each directory id of Windows means to the rules ("Using Dirids"). */
static const struct dirid {
    int64_t id;
    bool system; /* lies in the system's own directories (rule 1306) */
    bool open;   /* still allowed for a WHQL signature ("InfVerif /h") */
} dirids[] = {
    {-1, false, false},    {1, false, false},     {10, true, true},      {11, true, true},
    {12, true, true},      {13, true, true},      {17, true, false},     {18, true, false},
    {20, true, false},     {21, true, false},     {23, true, true},      {24, false, false},
    {25, true, false},     {30, false, false},    {50, true, false},     {51, true, true},
    {52, true, true},      {53, false, false},    {54, false, false},    {55, true, true},
    {65535, false, false}, {16384, false, false}, {16386, false, false}, {16387, false, false},
    {16388, false, false}, {16389, false, false}, {16391, false, false}, {16393, false, false},
    {16404, true, false},  {16406, false, false}, {16407, false, false}, {16408, false, false},
    {16409, false, false}, {16419, false, false}, {16420, true, false},  {16421, true, false},
    {16422, false, true},  {16425, true, true},   {16426, false, true},  {16427, false, true},
    {16428, false, true},  {66000, true, true},   {66001, true, true},   {66002, true, true},
    {66003, true, true},   {66004, true, true},
};

static const struct dirid *find_dirid(int64_t id)
{
    for (size_t i = 0; i < sizeof(dirids) / sizeof(dirids[0]); i++)
        if (dirids[i].id == id)
            return &dirids[i];
    return NULL;
}

static const char *source_name(const void *owner, uint32_t number)
{
    const struct inf_package *package = owner;
    return package->sources[number].name;
}

static const char *target_key(const void *owner, uint32_t number)
{
    const struct lint *lint = owner;
    return lint->targets[number].key;
}

static const char *target_source(const void *owner, uint32_t number)
{
    const struct lint *lint = owner;
    return lint->targets[number].source;
}

/* The source listed for an architecture, else the one listed for all; NULL where there is none. */
static const struct inf_source *find_source(const struct lint *lint, const char *name,
                                            enum inf_arch arch)
{
    uint32_t number = inf_index_find(&lint->sources, arch, name, source_name, lint->package);

    if (number == INF_NONE)
        number = inf_index_find(&lint->sources, INF_ARCH_NONE, name, source_name, lint->package);
    return number == INF_NONE ? NULL : &lint->package->sources[number];
}

/* The sources are indexed when the first of them is asked for. */
static void index_sources(struct lint *lint)
{
    const struct inf_package *package = lint->package;

    if (lint->sources.count)
        return;
    for (size_t i = 0; i < package->source_count && !lint->failed; i++) {
        const struct inf_source *source = &package->sources[i];
        if (inf_index_find(&lint->sources, source->arch, source->name, source_name, package) ==
            INF_NONE)
            lint->failed |= !inf_index_add(&lint->sources, source->arch, source->name, (uint32_t)i);
    }
}

static void check_dirid(struct lint *lint, const struct inf_line *dir, int64_t id,
                        const char *file_name)
{
    const struct dirid *known = find_dirid(id);
    struct inf_place place = inf_field_place(lint->file, dir, 0);

    const char *folder = inf_field(lint->file, dir, 1);
    if (id == DIRID_UNKNOWN || (id == DIRID_ABSOLUTE && !strpbrk(folder, ":\\")))
        lint_add(lint, RULE_1242, place, "directory id %lld and the path '%s' lead nowhere",
                 (long long)id, folder);
    if (id >= DIRID_USER_FIRST && !known)
        lint_add(lint, RULE_1241, place, "directory id %lld is user-defined", (long long)id);
    else if (!known)
        lint_add(lint, RULE_1243, place, "%lld is no directory id of Windows", (long long)id);
    else if (!known->open)
        lint_add(lint, RULE_1340, place, "directory id %lld is closed to drivers", (long long)id);
    if (known && !known->system)
        lint_add(lint, RULE_1306, place, "'%s' goes to directory %lld", file_name, (long long)id);
    if (id != DIRID_STORE && !(lint->options->mode == INF_MODE_H && known && known->open))
        lint_add(lint, RULE_1322, place, "'%s' goes to directory %lld, not 13", file_name,
                 (long long)id);
}

/* Note a destination; two different sources must not share one on any Windows. */
static void note_target(struct lint *lint, uint32_t scope, const char *key, const char *source,
                        struct inf_place place)
{
    uint32_t number = inf_index_find(&lint->target_index, scope, key, target_key, lint);

    if (number != INF_NONE) {
        if (!inf_name_equal(lint->targets[number].source, source))
            lint_add(lint, RULE_1330, place, "'%s' and '%s' are copied to one destination",
                     lint->targets[number].source, source);
        return;
    }
    if (!inf_grow((void **)&lint->targets, &lint->target_room, lint->target_count,
                  sizeof(*lint->targets))) {
        lint->failed = true;
        return;
    }
    number = (uint32_t)lint->target_count++;
    lint->targets[number] =
        (struct lint_target){inf_pool_lower(lint->pool, key), inf_pool_lower(lint->pool, source)};
    lint->failed |= !inf_index_add(&lint->target_index, scope, key, number);
    if (inf_index_find(&lint->copied, 0, source, target_source, lint) == INF_NONE)
        lint->failed |= !inf_index_add(&lint->copied, 0, source, number);
}

/* One file of CopyFiles; list is its section's name, "" for CopyFiles=@name. */
static void check_copy(struct lint *lint, const struct lint_at *at, const char *list,
                       const char *name, const char *source, struct inf_place place)
{
    const struct inf_file *file = lint->file;
    const struct inf_section *dirs = inf_section_find(file, "DestinationDirs");
    const struct inf_line *dir = *list ? inf_line_find(file, dirs, list) : NULL;
    const struct inf_source *found = find_source(lint, source, at->windows.arch);
    char key[1024];
    int64_t id;

    if (!*name) {
        lint_add(lint, RULE_1229, place, "no file is named");
        return;
    }
    if (!found)
        lint_add(lint, RULE_1230, place, "'%s' is not in [SourceDisksFiles]%s%s", source,
                 at->windows.arch ? " for " : "", inf_arch_name(at->windows.arch));
    /* where the place is not known, the file counts as copied all the same */
    snprintf(key, sizeof(key), "?|%.400s|%.400s", list, name);
    if (!dir)
        dir = inf_line_find(file, dirs, "DefaultDestDir");
    if (!dir) {
        note_target(lint, at->windows.scope, key, source, place);
        lint_add(lint, RULE_1275, place, "%s '%s' is not in [DestinationDirs]",
                 *list ? "the list" : "the file", *list ? list : name);
        return;
    }
    if (!inf_number(inf_field(file, dir, 0), &id)) {
        note_target(lint, at->windows.scope, key, source, place);
        lint_add(lint, RULE_1243, inf_field_place(file, dir, 0), "'%s' is no directory id",
                 inf_field(file, dir, 0));
        return;
    }
    check_dirid(lint, dir, id, name);
    const char *folder = inf_field(file, dir, 1);
    if (id == DIRID_STORE && !inf_name_equal(name, source))
        lint_add(lint, RULE_1100, place, "'%s' becomes '%s' in the driver store", source, name);
    else if (id == DIRID_STORE && found && !inf_name_equal(folder, found->directory))
        lint_add(lint, RULE_1100, place, "'%s' moves from folder '%s' to '%s' in the driver store",
                 source, found->directory, folder);
    snprintf(key, sizeof(key), "%lld|%.400s|%.400s", (long long)id, folder, name);
    note_target(lint, at->windows.scope, key, source, place);
}

void lint_copy_files(struct lint *lint, const struct lint_at *at, const struct inf_line *directive)
{
    const struct inf_file *file = lint->file;

    index_sources(lint);
    if (!*inf_field(file, directive, 0))
        lint_add(lint, RULE_1005, inf_line_place(file, directive), "CopyFiles names no section");
    for (size_t i = 0; i < inf_field_count(directive) && lint_step(lint); i++) {
        const char *name = inf_field(file, directive, i);
        if (*name == '@') {
            check_copy(lint, at, "", name + 1, name + 1, inf_field_place(file, directive, i));
            continue;
        }
        const struct inf_section *list = inf_section_find(file, name);
        if (!list && *name)
            lint_missing(lint, at, inf_field_place(file, directive, i), name);
        if (!list || !lint_visit(lint, list, ROLE_COPY, at->windows.scope))
            continue;
        for (const struct inf_line *line = inf_line_first(file, list); line && lint_step(lint);
             line = inf_line_next(file, line)) {
            const char *target = inf_field(file, line, 0), *source = inf_field(file, line, 1);
            check_copy(lint, at, inf_section_name(file, list), target, *source ? source : target,
                       inf_line_place(file, line));
        }
    }
}

static bool disk_known_for(const struct inf_file *file, const char *disk, enum inf_arch arch)
{
    char name[32];

    snprintf(name, sizeof(name), "SourceDisksNames.%s", inf_arch_name(arch));
    return inf_line_find(file, inf_section_find(file, name), disk) != NULL;
}

/*
 * Is the disk id of a file defined, in the bare names section or that of its architecture? For a
 * file of all architectures: of each that the INF is for.
 */
static bool disk_known(const struct lint *lint, const struct inf_source *source)
{
    const struct inf_file *file = lint->file;
    unsigned arches =
        source->arch == INF_ARCH_NONE ? lint->package->arches : INF_ARCH_BIT(source->arch);
    bool known = arches != 0;

    if (inf_line_find(file, inf_section_find(file, "SourceDisksNames"), source->disk))
        return true;
    for (enum inf_arch arch = INF_ARCH_X86; known && arch < INF_ARCH_COUNT; arch++)
        known = !(arches & INF_ARCH_BIT(arch)) || disk_known_for(file, source->disk, arch);
    return known;
}

void lint_sources(struct lint *lint)
{
    const struct inf_package *package = lint->package;

    for (size_t i = 0; i < package->source_count && lint_step(lint); i++) {
        const struct inf_source *source = &package->sources[i];
        int64_t disk;
        if (inf_name_ends(source->name, ".cat"))
            lint_add(lint, RULE_1213, source->place, "'%s' is a catalog", source->name);
        else if (!inf_name_ends(source->name, ".inf") &&
                 inf_index_find(&lint->copied, 0, source->name, target_source, lint) == INF_NONE)
            lint_add(lint, RULE_VF104, source->place, "nothing copies '%s'", source->name);
        if (inf_name_ends(source->name, "_"))
            lint_add(lint, RULE_1231, source->place, "'%s' looks like a compressed file's name",
                     source->name);
        if (!inf_number(source->disk, &disk))
            lint_add(lint, RULE_1008, source->place, "'%s' has the disk id '%s'", source->name,
                     source->disk);
        else if (!disk_known(lint, source))
            lint_add(lint, RULE_1273, source->place,
                     "'%s' uses disk id %s, which [SourceDisksNames] lacks", source->name,
                     source->disk);
    }
}

bool lint_path_dirid(const char *path, int64_t *dirid)
{
    const char *close = *path == '%' ? strchr(path + 1, '%') : NULL;
    char number[24];

    if (!close || close[1] != '\\' || (size_t)(close - path) > sizeof(number))
        return false;
    memcpy(number, path + 1, (size_t)(close - path - 1));
    number[close - path - 1] = '\0';
    return inf_number(number, dirid);
}

void lint_path(struct lint *lint, const char *path, struct inf_place place)
{
    int64_t id;

    if (!lint_path_dirid(path, &id))
        return;
    const struct dirid *known = find_dirid(id);
    if (known && !known->open)
        lint_add(lint, RULE_1341, place, "'%s' lies below a directory that is closed to drivers",
                 path);
}

/* The program of a service's image path, without quotes and arguments; false where it has none. */
static bool image_path(const char *binary, char *path, size_t room)
{
    bool quoted = *binary == '"';
    size_t size;

    binary += quoted;
    size = strcspn(binary, quoted ? "\"" : " \t");
    if (size == 0 || size >= room || (quoted && binary[size] != '"'))
        return false;
    memcpy(path, binary, size);
    path[size] = '\0';
    return true;
}

/* Is "%dirid%\folder\name" copied to, on any Windows? */
static bool is_target(const struct lint *lint, int64_t id, const char *path)
{
    const char *tail = strchr(path + 1, '%') + 2, *base = inf_path_base(tail);
    int folder = base > tail ? (int)(base - tail - 1) : 0;
    char key[1024];

    snprintf(key, sizeof(key), "%lld|%.*s|%.400s", (long long)id, folder > 400 ? 400 : folder, tail,
             base);
    for (uint32_t scope = 0; scope < lint->scope_count; scope++)
        if (inf_index_find(&lint->target_index, scope, key, target_key, lint) != INF_NONE)
            return true;
    return false;
}

void lint_service_binaries(struct lint *lint)
{
    const struct inf_file *file = lint->file;

    for (size_t i = 0; i < lint->service_count && lint_step(lint); i++) {
        const struct inf_section *section =
            inf_section_find(file, inf_field(file, lint->services[i].line, 2));
        const struct inf_line *line = inf_line_find(file, section, "ServiceBinary");
        char path[INF_FIELD_MAX];
        int64_t id;
        if (!line || !*inf_field(file, line, 0))
            continue;
        const char *binary = inf_field(file, line, 0);
        struct inf_place place = inf_field_place(file, line, 0);
        lint_path(lint, binary + (*binary == '"'), place);
        if (!image_path(binary, path, sizeof(path)))
            lint_add(lint, RULE_1254, place, "%s is no path to a program", binary);
        else if (!lint_path_dirid(path, &id))
            lint_add(lint, RULE_2085, place,
                     "'%s' does not begin with a directory id such as %%13%%", binary);
        else if (!is_target(lint, id, path))
            lint_add(lint, RULE_2084, place, "'%s'%s is not among the copied files", path,
                     *binary != '"' && binary[strlen(path)]
                         ? ", which an unquoted path with a space is cut down to,"
                         : "");
    }
}
