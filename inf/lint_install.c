/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Install sections with their companions, directive by directive; sections nothing leads to. */
#include <string.h>

#include "inf/lint_private.h"

static const struct {
    const char *suffix;
    enum inf_registry_owner owner;
} companions[] = {
    {"", INF_REGISTRY_SOFTWARE},
    {".CoInstallers", INF_REGISTRY_SOFTWARE},
    {".COM", INF_REGISTRY_SOFTWARE},
    {".Components", INF_REGISTRY_SOFTWARE},
    {".Events", INF_REGISTRY_SOFTWARE},
    {".FactDef", INF_REGISTRY_SOFTWARE},
    {".Filters", INF_REGISTRY_SOFTWARE},
    {".HW", INF_REGISTRY_HARDWARE},
    {".Interfaces", INF_REGISTRY_SOFTWARE},
    {".LogConfigOverride", INF_REGISTRY_SOFTWARE},
    {".Services", INF_REGISTRY_SERVICE},
    {".Software", INF_REGISTRY_SOFTWARE},
    {".Wdf", INF_REGISTRY_SOFTWARE},
    {".WMI", INF_REGISTRY_SOFTWARE},
};

#define COMPANION_COUNT (sizeof(companions) / sizeof(companions[0]))

const char *lint_suffix_of(const char *name)
{
    for (size_t i = 1; i < COMPANION_COUNT; i++)
        if (inf_name_ends(name, companions[i].suffix))
            return companions[i].suffix;
    return "";
}

static void lint_feature_score(struct lint *lint, const struct lint_at *at,
                               const struct inf_line *line)
{
    const char *score = inf_field(lint->file, line, 0);
    size_t digits;

    (void)at;
    if (score[0] == '0' && (score[1] == 'x' || score[1] == 'X'))
        score += 2;
    digits = strspn(score, "0123456789abcdefABCDEF");
    if (digits < 1 || digits > 2 || score[digits])
        lint_add(lint, RULE_1245, inf_line_place(lint->file, line), "the score is '%s'", score);
}

static void lint_legacy(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    (void)at;
    lint_add(lint, RULE_1300, inf_line_place(lint->file, line), "%s is no longer carried out",
             inf_key(lint->file, line));
}

static void lint_legacy_operation(struct lint *lint, const struct lint_at *at,
                                  const struct inf_line *line)
{
    (void)at;
    lint_add(lint, RULE_1301, inf_line_place(lint->file, line), "%s is no longer carried out",
             inf_key(lint->file, line));
}

/* As before, where the directive names what it is about. */
static void lint_legacy_target(struct lint *lint, const struct lint_at *at,
                               const struct inf_line *line)
{
    (void)at;
    for (size_t i = 0; i < inf_field_count(line) && lint_step(lint); i++)
        lint_add(lint, RULE_1302, inf_field_place(lint->file, line, i),
                 "%s is no longer carried out for '%s'", inf_key(lint->file, line),
                 inf_field(lint->file, line, i));
}

static void lint_del_reg(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    (void)at;
    lint_add(lint, RULE_1308, inf_line_place(lint->file, line), "%s removes what others may use",
             inf_key(lint->file, line));
}

/* DelFiles and RenFiles; neither may touch the driver store. */
static void lint_del_files(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    const struct inf_file *file = lint->file;
    const struct inf_section *dirs = inf_section_find(file, "DestinationDirs");

    (void)at;
    lint_add(lint, RULE_1309, inf_line_place(file, line), "%s removes what others may use",
             inf_key(file, line));
    for (size_t i = 0; i < inf_field_count(line) && lint_step(lint); i++) {
        const struct inf_line *dir = inf_line_find(file, dirs, inf_field(file, line, i));
        int64_t dirid;
        if (!dir)
            dir = inf_line_find(file, dirs, "DefaultDestDir");
        if (dir && inf_number(inf_field(file, dir, 0), &dirid) && dirid == 13)
            lint_add(lint, RULE_1102, inf_field_place(file, line, i),
                     "%s of files in the driver store", inf_key(file, line));
    }
}

static const struct directive {
    const char *key;
    void (*check)(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
    bool no_extension; /* extension INFs must not have it */
} directives[] = {
    {"AddComponent", lint_part, false},
    {"AddEventProvider", lint_part, false},
    {"AddFilter", lint_part, false},
    {"AddReg", lint_add_reg, false},
    {"AddService", lint_add_service, false},
    {"AddSoftware", lint_part, false},
    {"BitReg", lint_legacy_operation, true},
    {"CopyFiles", lint_copy_files, false},
    {"DelFiles", lint_del_files, true},
    {"DelProperty", lint_del_reg, true},
    {"DelReg", lint_del_reg, true},
    {"DelService", lint_del_reg, true},
    {"FeatureScore", lint_feature_score, false},
    {"Include", lint_include, false},
    {"Ini2Reg", lint_legacy_operation, true},
    {"KmdfService", lint_framework, false},
    {"LogConfig", lint_legacy, true},
    {"Needs", lint_needs, false},
    {"ProfileItems", lint_legacy_target, true},
    {"Reboot", lint_reboot, false},
    {"RegisterDlls", lint_legacy_target, true},
    {"RenFiles", lint_del_files, true},
    {"Restart", lint_reboot, false},
    {"UmdfService", lint_framework, false},
    {"UnregisterDlls", lint_legacy_target, true},
    {"UpdateIniFields", lint_legacy_operation, true},
    {"UpdateInis", lint_legacy_operation, true},
};

/* The directive of a key; NULL for any other key. */
static const struct directive *find_directive(const char *key)
{
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
        if (inf_name_equal(key, directives[i].key))
            return &directives[i];
    return NULL;
}

void lint_directives(struct lint *lint, const struct lint_at *at)
{
    const struct inf_file *file = lint->file;
    bool extension = lint_is_extension(lint);

    for (const struct inf_line *line = inf_line_first(file, at->section); line && lint_step(lint);
         line = inf_line_next(file, line)) {
        const char *key = inf_key(file, line);
        const struct directive *directive = find_directive(key ? key : inf_field(file, line, 0));
        /* of all directives Reboot and Restart alone stand without '=' */
        if (!directive || (!key && directive->check != lint_reboot))
            continue;
        if (extension && directive->no_extension)
            lint_add(lint, RULE_1382, inf_line_place(file, line), "%s in an extension INF",
                     directive->key);
        directive->check(lint, at, line);
    }
}

/* Companions that no Windows reads any more. */
static void check_legacy_companion(struct lint *lint, const struct inf_section *section)
{
    const char *name = inf_section_name(lint->file, section);

    if (inf_name_ends(name, ".FactDef") || inf_name_ends(name, ".LogConfigOverride"))
        lint_add(lint, RULE_1300, inf_heading_place(lint->file, section, 0),
                 "[%s] is no longer carried out", name);
}

void lint_install(struct lint *lint, const struct inf_section *install,
                  const struct lint_windows *windows)
{
    const struct inf_file *file = lint->file;

    for (size_t i = 0; i < COMPANION_COUNT; i++) {
        const struct inf_section *section = inf_companion(file, install, companions[i].suffix);
        if (!section)
            continue;
        struct lint_at at = {
            .windows = *windows,
            .section = section,
            .first = section,
            .owner = companions[i].owner,
            .service = "",
            .includes = inf_line_find(file, section, "Include") != NULL,
        };
        lint_visit(lint, section, ROLE_COMPANION, 0);
        check_legacy_companion(lint, section);
        lint_directives(lint, &at);
    }
}

/* Sections that Windows finds by their own names, decorations and companions included. */
static bool well_known(const char *name)
{
    static const char *const names[] = {
        "ClassInstall32",
        "ControlFlags",
        "DefaultInstall",
        "DefaultUninstall",
        "DestinationDirs",
        "DeviceInstall32",
        "InterfaceInstall32",
        "Manufacturer",
        "SignatureAttributes",
        "SourceDisksFiles",
        "SourceDisksNames",
        "Strings",
        "Version",
    };
    size_t size = strcspn(name, ".");

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == size && inf_name_begins(name, names[i]))
            return true;
    return false;
}

/* Sections that are used where the one they are named after is. */
static bool companion_used(const struct lint *lint, const char *name)
{
    /* the last two belong to network components, whose class removes by them */
    static const char *const suffixes[] = {".security", ".Remove", ".Remove.Services"};
    char base[INF_NAME_MAX * 4 + 1];
    size_t size = strlen(name);

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (!inf_name_ends(name, suffixes[i]) || size >= sizeof(base))
            continue;
        memcpy(base, name, size - strlen(suffixes[i]));
        base[size - strlen(suffixes[i])] = '\0';
        const struct inf_section *section = inf_section_find(lint->file, base);
        if (section && lint_is_used(lint, section))
            return true;
    }
    return false;
}

/* Does something lead to a section, as far as the checks before have met it? */
static bool is_reached(const struct lint *lint, const struct inf_section *section)
{
    const char *name = inf_section_name(lint->file, section);
    return lint_is_used(lint, section) || well_known(name) || companion_used(lint, name);
}

/* Of directives that are not known here a section's name in any field is a use. */
static void note_named(struct lint *lint)
{
    const struct inf_file *file = lint->file;

    for (size_t i = 0; i < file->slot_count; i++) {
        const struct inf_section *section =
            inf_section_find(file, inf_texts_at(file, file->slots[i].text));
        if (section)
            lint_visit(lint, section, ROLE_NAMED, 0);
    }
}

void lint_sections(struct lint *lint)
{
    const struct inf_file *file = lint->file;
    bool all = true;

    for (size_t i = 0; i < inf_section_count(file) && all; i++)
        all = is_reached(lint, inf_section_at(file, i));
    if (!all)
        note_named(lint);
    for (size_t i = 0; i < inf_section_count(file) && !lint->report->cut; i++) {
        const struct inf_section *section = inf_section_at(file, i);
        const char *name = inf_section_name(file, section);
        if (inf_heading_count(section) > 1)
            lint_add(lint, RULE_1209, inf_heading_place(file, section, 1),
                     "[%s] is also on line %u", name, inf_heading_place(file, section, 0).line);
        if (!all && !is_reached(lint, section))
            lint_add(lint, RULE_2083, inf_heading_place(file, section, 0), "nothing leads to [%s]",
                     name);
    }
}
