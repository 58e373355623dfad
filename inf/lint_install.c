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

/* The companion suffix a section's name ends with; "" for none. */
static const char *suffix_of(const char *name)
{
    for (size_t i = 1; i < COMPANION_COUNT; i++)
        if (inf_name_ends(name, companions[i].suffix))
            return companions[i].suffix;
    return "";
}

static void lint_needs(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    const struct inf_file *file = lint->file;
    const char *here = suffix_of(inf_section_name(file, at->section));

    for (size_t i = 0; i < inf_field_count(line) && lint_step(lint); i++) {
        const char *name = inf_field(file, line, i), *there = suffix_of(name);
        struct inf_place place = inf_field_place(file, line, i);
        if (!*name)
            continue;
        if (!inf_section_find(file, name) && !at->includes)
            lint_add(lint, RULE_1315, place, "there is no section [%s], and no INF is included",
                     name);
        if (*there && !inf_name_equal(here, there))
            lint_add(lint, RULE_1310, place, "[%s] is needed by [%s]", name,
                     inf_section_name(file, at->section));
        else if (!*there && *here)
            lint_add(lint, RULE_1311, place, "[%s] is needed by [%s] but has no suffix %s", name,
                     inf_section_name(file, at->section), here);
    }
}

static void lint_include(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    (void)at;
    for (size_t i = 0; i < inf_field_count(line) && lint_step(lint); i++) {
        const char *name = inf_field(lint->file, line, i);
        if (!inf_name_ends(name, ".inf") || strpbrk(name, "\\/:"))
            lint_add(lint, RULE_1202, inf_field_place(lint->file, line, i),
                     "'%s' is no bare name of an INF", name);
    }
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
    {"AddReg", lint_add_reg, false},
    {"AddService", lint_add_service, false},
    {"CopyFiles", lint_copy_files, false},
    {"DelFiles", lint_del_files, true},
    {"DelReg", lint_del_reg, true},
    {"DelService", lint_del_reg, true},
    {"FeatureScore", lint_feature_score, false},
    {"Include", lint_include, false},
    {"Ini2Reg", lint_legacy, true},
    {"KmdfService", lint_framework, false},
    {"LogConfig", lint_legacy, true},
    {"Needs", lint_needs, false},
    {"ProfileItems", lint_legacy, true},
    {"RegisterDlls", lint_legacy, true},
    {"RenFiles", lint_del_files, true},
    {"UmdfService", lint_framework, false},
    {"UnregisterDlls", lint_legacy, true},
    {"UpdateIniFields", lint_legacy, true},
    {"UpdateInis", lint_legacy, true},
};

static void check_section(struct lint *lint, const struct lint_at *at)
{
    const struct inf_file *file = lint->file;
    bool extension = lint_is_extension(lint);

    for (const struct inf_line *line = inf_line_first(file, at->section); line && lint_step(lint);
         line = inf_line_next(file, line)) {
        const char *key = inf_key(file, line);
        for (size_t i = 0; key && i < sizeof(directives) / sizeof(directives[0]); i++) {
            if (!inf_name_equal(key, directives[i].key))
                continue;
            if (extension && directives[i].no_extension)
                lint_add(lint, RULE_1382, inf_line_place(file, line), "%s in an extension INF",
                         directives[i].key);
            directives[i].check(lint, at, line);
        }
    }
}

void lint_install(struct lint *lint, const struct inf_section *install, enum inf_arch arch)
{
    const struct inf_file *file = lint->file;

    for (size_t i = 0; i < COMPANION_COUNT; i++) {
        const struct inf_section *section = inf_companion(file, install, companions[i].suffix);
        if (!section)
            continue;
        lint_role(lint, section, ROLE_COMPANION);
        struct lint_at at = {arch, section, companions[i].owner, "",
                             inf_line_find(file, section, "Include") != NULL};
        check_section(lint, &at);
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

/* A section's own companion ".security" is used where the section is. */
static bool guards_used(const struct lint *lint, const char *name)
{
    static const char suffix[] = ".security";
    char base[INF_NAME_MAX * 4 + 1];
    size_t size = strlen(name);

    if (!inf_name_ends(name, suffix) || size >= sizeof(base))
        return false;
    memcpy(base, name, size - strlen(suffix));
    base[size - strlen(suffix)] = '\0';
    const struct inf_section *section = inf_section_find(lint->file, base);
    return section && lint->roles[section - lint->file->sections];
}

void lint_sections(struct lint *lint)
{
    const struct inf_file *file = lint->file;

    for (size_t i = 0; i < file->slot_count; i++) {
        const struct inf_section *section =
            inf_section_find(file, inf_texts_at(file, file->slots[i].text));
        if (section)
            lint_role(lint, section, ROLE_NAMED);
    }
    for (size_t i = 0; i < inf_section_count(file) && !lint->report->cut; i++) {
        const struct inf_section *section = inf_section_at(file, i);
        const char *name = inf_section_name(file, section);
        if (inf_heading_count(section) > 1)
            lint_add(lint, RULE_1209, inf_heading_place(file, section, 1),
                     "[%s] is also on line %u", name, inf_heading_place(file, section, 0).line);
        if (!lint->roles[i] && !well_known(name) && !guards_used(lint, name))
            lint_add(lint, RULE_2083, inf_heading_place(file, section, 0), "nothing leads to [%s]",
                     name);
    }
}
