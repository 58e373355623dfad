/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of AddReg lists: root, key, type and data of each value. */
#include <stdio.h>
#include <string.h>

#include "inf/lint_private.h"

/* "INF AddReg Directive": flags, and the type in the bits of TYPE_MASK */
#define FLAG_APPEND    0x00000008
#define FLAG_KEY_ONLY  0x00000010
#define TYPE_MASK      0xFFFF0001
#define TYPE_SZ        0x00000000
#define TYPE_BINARY    0x00000001
#define TYPE_MULTI_SZ  0x00010000
#define TYPE_DWORD     0x00010001
#define TYPE_EXPAND_SZ 0x00020000
#define TYPE_QWORD     0x000B0001

/* Keys of HKLM that a driver may still write for a WHQL signature ("InfVerif /h"). */
static const char *const open_keys[] = {
    "SYSTEM\\CurrentControlSet",
    "SOFTWARE\\Classes",
    "SOFTWARE\\Khronos",
    "SOFTWARE\\Microsoft\\Analog\\Providers",
    "SOFTWARE\\Microsoft\\Cellular\\MVSettings\\DeviceSpecific\\CellUX",
    "SOFTWARE\\Microsoft\\Cryptography\\Calais\\Readers",
    "SOFTWARE\\Microsoft\\Cryptography\\Calais\\SmartCards",
    "SOFTWARE\\Microsoft\\Cryptography\\DRM_RNG",
    "SOFTWARE\\Microsoft\\EAPOL",
    "SOFTWARE\\Microsoft\\Palm\\DelayManipulationDuration",
    "SOFTWARE\\Microsoft\\Shell\\OEM\\QuickActions\\ColorProfileQuickAction",
    "SOFTWARE\\Microsoft\\Speech_OneCore\\AudioInput",
    "SOFTWARE\\Microsoft\\Windows Media Foundation",
    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\AdaptiveDisplayBrightness",
    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\drivers.desc",
    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Drivers32",
    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ICM",
    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\OpenGlDrivers",
    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\Notify\\ScCertProp",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\App Paths",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Audio",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Control Panel",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Controls Folder",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Explorer",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Reliability\\UserDefined",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\RunOnce",
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall",
    "SOFTWARE\\Wow6432Node\\Microsoft\\Windows Media Foundation",
    "SOFTWARE\\Wow6432Node\\Khronos",
    "SOFTWARE\\WowAA32Node\\Microsoft\\Windows Media Foundation",
    "SOFTWARE\\WowAA32Node\\Khronos",
};

/* Values that Windows reads in one type (their own pages of the driver documentation). */
static const struct {
    const char *name;
    int64_t type;
} well_known[] = {
    {"DevicePolicy", TYPE_DWORD},
    {"DevicePriority", TYPE_DWORD},
    {"DmaRemappingCompatible", TYPE_DWORD},
    {"EventMessageFile", TYPE_EXPAND_SZ},
    {"GroupPolicy", TYPE_DWORD},
    {"MessageNumberLimit", TYPE_DWORD},
    {"MSISupported", TYPE_DWORD},
    {"TypesSupported", TYPE_DWORD},
};

/* Is key a registry path below base, or base itself? */
static bool below(const char *key, const char *base)
{
    size_t size = strlen(base);
    return inf_name_begins(key, base) && (key[size] == '\0' || key[size] == '\\');
}

static bool open_to_drivers(const struct lint *lint, const char *root, const char *key)
{
    if (lint->options->mode != INF_MODE_H)
        return false;
    if (inf_name_equal(root, "HKCR"))
        return true;
    if (!inf_name_equal(root, "HKLM"))
        return false;
    for (size_t i = 0; i < sizeof(open_keys) / sizeof(open_keys[0]); i++)
        if (below(key, open_keys[i]))
            return true;
    return false;
}

/* One byte in hexadecimal, with or without 0x. */
static bool is_byte(const char *text)
{
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    size_t digits = strspn(text, "0123456789abcdefABCDEF");
    return digits >= 1 && digits <= 2 && text[digits] == '\0';
}

static void check_data(struct lint *lint, const struct inf_line *line, int64_t flags)
{
    const struct inf_file *file = lint->file;
    size_t count = inf_field_count(line), first = 4;
    int64_t type = flags & TYPE_MASK, number;
    bool numeric = type == TYPE_DWORD || type == TYPE_QWORD;

    if (count <= first || (flags & FLAG_KEY_ONLY))
        return;
    /* a number may be given as its bytes as well */
    if (numeric && count == first + 1) {
        const char *text = inf_field(file, line, first);
        if (*text && (!inf_number(text, &number) ||
                      (type == TYPE_DWORD && (number > UINT32_MAX || number < INT32_MIN))))
            lint_add(lint, RULE_1268, inf_field_place(file, line, first),
                     "'%s' is no number of %d bits", text, type == TYPE_DWORD ? 32 : 64);
        return;
    }
    if (type != TYPE_BINARY && !numeric)
        return;
    for (size_t i = first; i < count && lint_step(lint); i++) {
        const char *text = inf_field(file, line, i);
        if (*text && !is_byte(text)) {
            lint_add(lint, RULE_1267, inf_field_place(file, line, i), "'%s' is no byte", text);
            return;
        }
    }
}

/* Keys that Windows keeps to itself. */
static void check_closed_key(struct lint *lint, struct inf_place place, const char *root,
                             const char *key)
{
    static const char *const closed[] = {
        "BCD00000000", "HARDWARE", "SAM", "SECURITY", "SYSTEM\\CurrentControlSet\\Enum",
    };

    if (!inf_name_equal(root, "HKLM"))
        return;
    if (below(key, "SYSTEM") && !below(key, "SYSTEM\\CurrentControlSet"))
        lint_add(lint, RULE_1222, place, "%s\\%s is not below HKLM\\SYSTEM\\CurrentControlSet",
                 root, key);
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        if (below(key, closed[i]))
            lint_add(lint, RULE_1223, place, "%s\\%s belongs to Windows", root, key);
}

/* Values of a device's own keys that mean something to Windows. */
static void check_device_value(struct lint *lint, const struct lint_at *at, struct inf_place place,
                               const char *value, int64_t type)
{
    /* "INF AddReg Directive", special value entry names */
    static const struct {
        const char *name;
        int64_t type;
    } special[] = {
        {"DeviceCharacteristics", TYPE_DWORD},
        {"DeviceType", TYPE_DWORD},
        {"Exclusive", TYPE_DWORD},
        {"LowerFilters", TYPE_MULTI_SZ},
        {"UpperFilters", TYPE_MULTI_SZ},
    };
    /* "Opening a Device's Software Key" */
    static const char *const state[] = {
        "DriverDate", "DriverDateData", "DriverDesc",       "DriverVersion", "InfPath",
        "InfSection", "InfSectionExt",  "MatchingDeviceId", "ProviderName",
    };

    if (at->owner == INF_REGISTRY_HARDWARE)
        for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
            if (inf_name_equal(value, special[i].name) && type != special[i].type)
                lint_add(lint, RULE_1225, place, "%s must have type 0x%08llx", value,
                         (unsigned long long)special[i].type);
    if (at->owner == INF_REGISTRY_SOFTWARE)
        for (size_t i = 0; i < sizeof(state) / sizeof(state[0]); i++)
            if (inf_name_equal(value, state[i]))
                lint_add(lint, RULE_1430, place, "%s is written by Windows alone", value);
}

static void check_place_of_value(struct lint *lint, const struct lint_at *at,
                                 const struct inf_line *line, const char *root, const char *key,
                                 const char *value, int64_t flags)
{
    struct inf_place place = inf_line_place(lint->file, line);

    if (!inf_name_equal(root, "HKR")) {
        lint_add(lint, RULE_1304, place, "%s\\%s is an absolute key", root, key);
        check_closed_key(lint, place, root, key);
        if (!open_to_drivers(lint, root, key))
            lint_add(lint, *value && !(flags & FLAG_KEY_ONLY) ? RULE_1321 : RULE_1320, place,
                     "%s\\%s is not below HKR", root, key);
        return;
    }
    if (at->owner == INF_REGISTRY_SERVICE && !below(key, "Parameters"))
        lint_add(lint, RULE_1323, place, "key '%s' of service '%s' is not below Parameters", key,
                 at->service);
    if (at->owner == INF_REGISTRY_HARDWARE && !*key &&
        (inf_name_equal(value, "UpperFilters") || inf_name_equal(value, "LowerFilters")))
        lint_add(lint, lint_is_extension(lint) ? RULE_1384 : RULE_1329, place,
                 "%s is set in the registry", value);
    if (!*key && !(flags & FLAG_KEY_ONLY))
        check_device_value(lint, at, place, value, flags & TYPE_MASK);
    if (!*key && lint_is_display(lint))
        lint_display_value(lint, at, line);
    if (inf_name_equal(value, "CoInstallers32") || inf_name_equal(value, "Installer32"))
        lint_add(lint, RULE_1303, place, "%s registers an installer", value);
}

static const char *value_key(const void *owner, uint32_t number)
{
    const struct lint *lint = owner;
    return lint->values[number].key;
}

/*
 * Note a value of a key that is the same for all devices: a service's, or an absolute one. Where
 * another section sets it, type and data must be the same; within one section the last line wins.
 */
static void note_value(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    const struct inf_file *file = lint->file;
    bool service =
        at->owner == INF_REGISTRY_SERVICE && inf_name_equal(inf_field(file, line, 0), "HKR");
    char key[1024];

    snprintf(key, sizeof(key), "%.200s|%.8s|%.500s|%.200s", service ? at->service : "",
             inf_field(file, line, 0), inf_field(file, line, 1), inf_field(file, line, 2));
    uint32_t number = inf_index_find(&lint->value_index, at->windows.scope, key, value_key, lint);
    if (number == INF_NONE) {
        if (!inf_grow((void **)&lint->values, &lint->value_room, lint->value_count,
                      sizeof(*lint->values))) {
            lint->failed = true;
            return;
        }
        number = (uint32_t)lint->value_count++;
        lint->values[number] = (struct lint_value){inf_pool_lower(lint->pool, key), line};
        lint->failed |= !inf_index_add(&lint->value_index, at->windows.scope, key, number);
        return;
    }
    const struct inf_line *other = lint->values[number].line;
    if (other->section == line->section)
        return;
    size_t count = inf_field_count(line) > inf_field_count(other) ? inf_field_count(line)
                                                                  : inf_field_count(other);
    for (size_t i = 3; i < count && lint_step(lint); i++) {
        if (strcmp(inf_field(file, line, i), inf_field(file, other, i)) != 0) {
            lint_add(lint, service ? RULE_1332 : RULE_1331, inf_line_place(file, line),
                     "'%s' is set to something else on line %u", inf_field(file, line, 2),
                     inf_line_place(file, other).line);
            return;
        }
    }
}

static void check_value(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    static const char *const roots[] = {"HKR", "HKLM", "HKCR", "HKCU", "HKU"};
    const struct inf_file *file = lint->file;
    const char *root = inf_field(file, line, 0), *key = inf_field(file, line, 1);
    const char *value = inf_field(file, line, 2), *text = inf_field(file, line, 3);
    size_t known = 0, count = sizeof(roots) / sizeof(roots[0]);
    int64_t flags = 0;

    while (known < count && !inf_name_equal(roots[known], root))
        known++;
    if (known == count) {
        lint_add(lint, RULE_1224, inf_line_place(file, line), "'%s' is no registry root", root);
        return;
    }
    if (*text && (!inf_number(text, &flags) || flags < 0 || flags > UINT32_MAX)) {
        lint_add(lint, RULE_1268, inf_field_place(file, line, 3), "the flags are '%s'", text);
        return;
    }
    check_place_of_value(lint, at, line, root, key, value, flags);
    if (!(flags & (FLAG_APPEND | FLAG_KEY_ONLY)) &&
        (at->owner == INF_REGISTRY_SERVICE || !inf_name_equal(root, "HKR")))
        note_value(lint, at, line);
    if (flags & FLAG_APPEND) {
        bool list = (flags & TYPE_MASK) == TYPE_MULTI_SZ;
        lint_add(lint, list ? RULE_1305 : RULE_1265, inf_field_place(file, line, 3),
                 "'%s' is appended to%s", value, list ? "" : " but is no list of strings");
    }
    for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++)
        if (inf_name_equal(value, well_known[i].name) &&
            (flags & TYPE_MASK) != well_known[i].type && !(flags & FLAG_KEY_ONLY))
            lint_add(lint, RULE_1431, inf_line_place(file, line), "%s must have type 0x%08llx",
                     value, (unsigned long long)well_known[i].type);
    check_data(lint, line, flags);
    for (size_t i = 4; i < inf_field_count(line) && !(flags & TYPE_BINARY) && lint_step(lint); i++)
        lint_path(lint, inf_field(file, line, i), inf_field_place(file, line, i));
}

void lint_add_reg(struct lint *lint, const struct lint_at *at, const struct inf_line *directive)
{
    static const enum lint_role roles[] = {
        [INF_REGISTRY_SOFTWARE] = ROLE_SOFTWARE,
        [INF_REGISTRY_HARDWARE] = ROLE_HARDWARE,
        [INF_REGISTRY_SERVICE] = ROLE_SERVICE,
        [INF_REGISTRY_EVENT_LOG] = ROLE_EVENT_LOG,
    };
    const struct inf_file *file = lint->file;

    if (!*inf_field(file, directive, 0))
        lint_add(lint, RULE_1005, inf_line_place(file, directive), "AddReg names no section");
    for (size_t i = 0; i < inf_field_count(directive) && lint_step(lint); i++) {
        const char *name = inf_field(file, directive, i);
        const struct inf_section *list = inf_section_find(file, name);
        if (!list && *name)
            lint_missing(lint, at, inf_field_place(file, directive, i), name);
        if (!list || !lint_visit(lint, list, roles[at->owner], at->windows.scope))
            continue;
        for (const struct inf_line *line = inf_line_first(file, list); line && lint_step(lint);
             line = inf_line_next(file, line))
            check_value(lint, at, line);
    }
}
