/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of AddService and the sections it leads to. */
#include <stdio.h>
#include <string.h>

#include "inf/lint_private.h"

/* AddService's flag of the device's function driver */
#define SPSVCINST_ASSOCSERVICE 2

/* ServiceType bits of programs, as against drivers; StartType values (winnt.h) */
#define SERVICE_WIN32        0x30
#define SERVICE_BOOT_START   0
#define SERVICE_SYSTEM_START 1
#define SERVICE_DISABLED     4

static const char *service_name(const void *owner, uint32_t number)
{
    const struct lint *lint = owner;
    return inf_field(lint->file, lint->services[number].line, 0);
}

/* A number that the section must have; -1 where it has not. */
static int64_t required_number(struct lint *lint, const struct inf_section *section,
                               const char *key)
{
    const struct inf_file *file = lint->file;
    const struct inf_line *line = inf_line_find(file, section, key);
    int64_t number;

    lint_once(lint, section, key);
    if (!line || !*inf_field(file, line, 0)) {
        lint_add(lint, RULE_1289, inf_heading_place(file, section, 0), "[%s] has no %s",
                 inf_section_name(file, section), key);
        return -1;
    }
    if (!inf_number(inf_field(file, line, 0), &number) || number < 0 || number > UINT32_MAX) {
        lint_add(lint, RULE_1268, inf_field_place(file, line, 0), "%s is '%s'", key,
                 inf_field(file, line, 0));
        return -1;
    }
    if (*inf_field(file, line, 1))
        lint_add(lint, RULE_1201, inf_field_place(file, line, 1), "%s has the extra value '%s'",
                 key, inf_field(file, line, 1));
    return number;
}

static void check_install(struct lint *lint, const struct lint_at *at, const char *name,
                          const struct inf_section *section, int64_t flags, struct inf_place place)
{
    const struct inf_file *file = lint->file;
    int64_t type = required_number(lint, section, "ServiceType");
    int64_t start = required_number(lint, section, "StartType");
    const struct inf_line *binary = inf_line_find(file, section, "ServiceBinary");

    required_number(lint, section, "ErrorControl");
    lint_once(lint, section, "ServiceBinary");
    if (!binary || !*inf_field(file, binary, 0))
        lint_add(lint, RULE_1289, inf_heading_place(file, section, 0), "[%s] has no ServiceBinary",
                 inf_section_name(file, section));
    if (start == SERVICE_DISABLED && (flags & SPSVCINST_ASSOCSERVICE))
        lint_add(lint, RULE_1251, place, "the function driver '%s' is disabled", name);
    if (type > 0 && (type & SERVICE_WIN32) &&
        (start == SERVICE_BOOT_START || start == SERVICE_SYSTEM_START))
        lint_add(lint, RULE_1252, place, "the program '%s' has StartType %lld", name,
                 (long long)start);

    if (lint_is_display(lint) && (flags & SPSVCINST_ASSOCSERVICE))
        lint_display_service(lint, at, name, section);

    struct lint_at inner = *at;
    inner.section = section;
    inner.owner = INF_REGISTRY_SERVICE;
    inner.service = name;
    for (const struct inf_line *line = inf_line_find(file, section, "AddReg");
         line && lint_step(lint); line = inf_line_find_next(file, line, "AddReg"))
        lint_add_reg(lint, &inner, line);
}

/* Two sections that set up one service must agree. */
static void compare_services(struct lint *lint, const struct inf_line *old,
                             const struct inf_line *line)
{
    static const char *const keys[] = {"ServiceType", "StartType", "ErrorControl", "ServiceBinary"};
    const struct inf_file *file = lint->file;
    const struct inf_section *a = inf_section_find(file, inf_field(file, old, 2));
    const struct inf_section *b = inf_section_find(file, inf_field(file, line, 2));

    if (!a || !b || a == b)
        return;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct inf_line *x = inf_line_find(file, a, keys[i]);
        const struct inf_line *y = inf_line_find(file, b, keys[i]);
        if (x && y && !inf_name_equal(inf_field(file, x, 0), inf_field(file, y, 0))) {
            lint_add(lint, RULE_1333, inf_line_place(file, y),
                     "%s of service '%s' is '%s' here and '%s' in [%s]", keys[i],
                     inf_field(file, line, 0), inf_field(file, y, 0), inf_field(file, x, 0),
                     inf_section_name(file, a));
            return;
        }
    }
}

static void note_service(struct lint *lint, const struct lint_at *at, const char *name,
                         const struct inf_line *line)
{
    uint32_t scope = at->windows.scope;
    uint32_t number = inf_index_find(&lint->service_index, scope, name, service_name, lint);

    if (number != INF_NONE) {
        compare_services(lint, lint->services[number].line, line);
        return;
    }
    if (!inf_grow((void **)&lint->services, &lint->service_room, lint->service_count,
                  sizeof(*lint->services))) {
        lint->failed = true;
        return;
    }
    lint->services[lint->service_count].line = line;
    lint->failed |=
        !inf_index_add(&lint->service_index, scope, name, (uint32_t)lint->service_count++);
}

/* The function driver that the section has before this one; NULL for none. */
static const struct inf_line *other_function_driver(struct lint *lint, const struct lint_at *at,
                                                    const struct inf_line *line)
{
    const struct inf_file *file = lint->file;
    const struct inf_line *other = inf_line_find(file, at->section, "AddService");
    int64_t flags;

    while (other && other != line && lint_step(lint) &&
           !(inf_number(inf_field(file, other, 1), &flags) && (flags & SPSVCINST_ASSOCSERVICE)))
        other = inf_line_find_next(file, other, "AddService");
    return other == line ? NULL : other;
}

/* Services without which Windows does not run; no package installs or changes them. */
static bool is_reserved(const char *name)
{
    static const char *const names[] = {
        "ACPI",     "AFD",      "CNG",   "Disk",   "FltMgr",  "HTTP",     "IntelPPM",  "KSecDD",
        "MountMgr", "MUP",      "NDIS",  "NTFS",   "PartMgr", "PCI",      "PlugPlay",  "RpcSs",
        "StorAHCI", "StorNVMe", "Tcpip", "VolMgr", "VolSnap", "Wdf01000", "WinDefend",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (inf_name_equal(name, names[i]))
            return true;
    return false;
}

void lint_add_service(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    const struct inf_file *file = lint->file;
    const char *name = inf_field(file, line, 0), *where = inf_field(file, line, 2);
    const char *log = inf_field(file, line, 3);
    struct inf_place place = inf_line_place(file, line);
    int64_t flags = 0;

    if (*inf_field(file, line, 1) && !inf_number(inf_field(file, line, 1), &flags))
        lint_add(lint, RULE_1268, inf_field_place(file, line, 1), "AddService's flags are '%s'",
                 inf_field(file, line, 1));
    if ((flags & SPSVCINST_ASSOCSERVICE) && lint_is_extension(lint))
        lint_add(lint, RULE_1383, place, "flag 0x2 in an extension INF");
    if (!*name) {
        if (*where)
            lint_add(lint, RULE_1272, place, "[%s] belongs to a service without name", where);
        else if (!(flags & SPSVCINST_ASSOCSERVICE))
            lint_add(lint, RULE_1253, place, "AddService without a name");
        return;
    }
    if (flags & SPSVCINST_ASSOCSERVICE) {
        const struct inf_line *other = other_function_driver(lint, at, line);
        if (other)
            lint_add(lint, RULE_1211, place, "'%s' is a function driver, and so is '%s'", name,
                     inf_field(file, other, 0));
    }
    const struct inf_section *section = inf_section_find(file, where);
    if (is_reserved(name))
        lint_add(lint, RULE_1293, place, "service '%s' is Windows' own", name);
    if (!section) {
        if (*where && at->includes)
            lint_missing(lint, at, inf_field_place(file, line, 2), where);
        else
            lint_add(lint, RULE_2006, place, "service '%s' has no section [%s]", name, where);
        return;
    }
    note_service(lint, at, name, line);
    if (lint_visit(lint, section, ROLE_SERVICE_INSTALL, at->windows.scope))
        check_install(lint, at, name, section, flags, place);

    const char *kind = inf_field(file, line, 4);
    if (*kind && !inf_name_equal(kind, "System") && !inf_name_equal(kind, "Application") &&
        !inf_name_equal(kind, "Security"))
        lint_add(lint, RULE_1250, inf_field_place(file, line, 4), "there is no event log '%s'",
                 kind);
    const struct inf_section *events = *log ? inf_section_find(file, log) : NULL;
    if (*log && !events)
        lint_missing(lint, at, inf_field_place(file, line, 3), log);
    struct lint_at inner = *at;
    inner.section = events;
    inner.owner = INF_REGISTRY_EVENT_LOG;
    for (const struct inf_line *reg = inf_line_find(file, events, "AddReg"); reg && lint_step(lint);
         reg = inf_line_find_next(file, reg, "AddReg"))
        lint_add_reg(lint, &inner, reg);
}

/*
 * From Windows 10 on the framework comes with Windows alone: does every Windows that the section
 * serves have it? KMDF 1.n and UMDF 2.n came together ("KMDF Version History").
 */
static void check_framework_build(struct lint *lint, const struct lint_at *at,
                                  const struct inf_line *version, unsigned minor)
{
    static const struct {
        unsigned minor;
        uint32_t build;
    } releases[] = {
        {17, 10586}, {19, 14393}, {21, 15063}, {23, 16299}, {25, 17134},
        {27, 17763}, {29, 18362}, {31, 19041}, {33, 20348},
    };
    uint32_t needed = 0;

    for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
        if (minor >= releases[i].minor)
            needed = releases[i].build;
    if (needed > at->windows.build)
        lint_add(lint, RULE_VF108, inf_field_place(lint->file, version, 0),
                 "version %s comes with build %u, and '%s' serves earlier ones",
                 inf_field(lint->file, version, 0), needed, lint->scopes[at->windows.scope]);
}

/* KmdfService or UmdfService = service, section: the section tells the framework's version. */
void lint_framework(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    const struct inf_file *file = lint->file;
    bool user = inf_name_equal(inf_key(file, line), "UmdfService");
    const char *key = user ? "UmdfLibraryVersion" : "KmdfLibraryVersion";
    const char *name = inf_field(file, line, 1);
    const struct inf_section *section = inf_section_find(file, name);
    const struct inf_line *version = inf_line_find(file, section, key);
    unsigned parts[4];

    if (!section)
        lint_missing(lint, at, inf_line_place(file, line), name);
    else if (!version)
        lint_add(lint, RULE_1084, inf_heading_place(file, section, 0), "[%s] has no %s", name, key);
    else if (!inf_version_parse(inf_field(file, version, 0), parts))
        return;
    else if (user && parts[0] == 1)
        lint_add(lint, RULE_1402, inf_line_place(file, version), "the driver needs UMDF %s",
                 inf_field(file, version, 0));
    else
        check_framework_build(lint, at, version, parts[1]);
}
