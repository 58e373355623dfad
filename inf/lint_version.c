/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of [Version], of the strings sections and of the text as such. */
#include <stdio.h>
#include <string.h>

#include "inf/classes.h"
#include "inf/lint_private.h"

#define CLASS_NAME_MAX 31

/* the whole file */
static const struct inf_place top = {1, 1};

static struct inf_place key_place(const struct lint *lint, const char *key)
{
    const struct inf_section *version = inf_section_find(lint->file, "Version");
    const struct inf_line *line = inf_line_find(lint->file, version, key);

    if (line)
        return inf_line_place(lint->file, line);
    return version ? inf_heading_place(lint->file, version, 0) : top;
}

static void check_signature(struct lint *lint)
{
    const char *signature = inf_value(lint->file, "Version", "Signature", 0);

    if (!signature)
        lint_add(lint, RULE_1001, key_place(lint, "Signature"), "[Version] has no Signature");
    else if (!inf_name_equal(signature, "$Windows NT$") && !inf_name_equal(signature, "$Chicago$"))
        lint_add(lint, RULE_1001, key_place(lint, "Signature"),
                 "the Signature '%s' is not \"$Windows NT$\"", signature);
}

static void check_required(struct lint *lint)
{
    static const char *const keys[] = {"Class", "ClassGuid", "Provider", "DriverVer"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *value = inf_value(lint->file, "Version", keys[i], 0);
        if (!value || !*value)
            lint_add(lint, RULE_1234, key_place(lint, keys[i]), "[Version] has no %s", keys[i]);
    }
    if (lint->package->catalog_count == 0)
        lint_add(lint, RULE_1233, key_place(lint, "CatalogFile"), "[Version] has no CatalogFile");
    const char *lockdown = inf_value(lint->file, "Version", "PnpLockdown", 0);
    int64_t on;
    if (!lockdown || !inf_number(lockdown, &on) || on != 1)
        lint_add(lint, RULE_1324, key_place(lint, "PnpLockdown"),
                 "[Version] does not say PnpLockdown = 1");
}

static void check_extra_values(struct lint *lint)
{
    static const struct {
        const char *key;
        size_t values;
    } limits[] = {
        {"Signature", 1}, {"Class", 1},       {"ClassGuid", 1},   {"Provider", 1},
        {"DriverVer", 2}, {"PnpLockdown", 1}, {"CatalogFile", 1},
    };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        const struct inf_line *line =
            inf_line_find(lint->file, inf_section_find(lint->file, "Version"), limits[i].key);
        const char *extra = line ? inf_field(lint->file, line, limits[i].values) : "";
        lint_once(lint, inf_section_find(lint->file, "Version"), limits[i].key);
        if (*extra)
            lint_add(lint, RULE_1201, inf_field_place(lint->file, line, limits[i].values),
                     "%s has the extra value '%s'", limits[i].key, extra);
    }
}

static void check_class(struct lint *lint)
{
    const char *name = lint->package->class_name, *guid = lint->package->class_guid;
    const struct inf_class *by_name = inf_class_named(name), *by_guid = inf_class_guid(guid);

    if (strlen(name) > CLASS_NAME_MAX)
        lint_add(lint, RULE_1286, key_place(lint, "Class"), "'%s' is longer than %d characters",
                 name, CLASS_NAME_MAX);
    if (*guid && !inf_guid_valid(guid)) {
        lint_add(lint, RULE_1010, key_place(lint, "ClassGuid"), "'%s' is no GUID", guid);
        return;
    }
    if (by_guid && *name && by_guid != by_name)
        lint_add(lint, RULE_1280, key_place(lint, "Class"), "%s is class %s, not '%s'", guid,
                 by_guid->name, name);
    else if (by_name && *guid && by_name != by_guid)
        lint_add(lint, RULE_1281, key_place(lint, "ClassGuid"), "class %s is %s, not %s",
                 by_name->name, by_name->guid, guid);
    if (by_name && by_name->reserved)
        lint_add(lint, RULE_1284, key_place(lint, "Class"), "class %s is reserved for Windows",
                 by_name->name);
    if (!by_guid && !by_name)
        return;
    for (size_t i = 0; i < inf_section_count(lint->file); i++) {
        const struct inf_section *section = inf_section_at(lint->file, i);
        const char *heading = inf_section_name(lint->file, section);
        if (inf_name_equal(heading, "ClassInstall32") ||
            inf_name_begins(heading, "ClassInstall32."))
            lint_add(lint, RULE_1285, inf_heading_place(lint->file, section, 0),
                     "[%s] for class %s, which Windows installs itself", heading, name);
    }
}

static void check_extension(struct lint *lint)
{
    const char *id = lint->package->extension_id;
    bool extension = lint_is_extension(lint);

    if (extension && !*id)
        lint_add(lint, RULE_1381, key_place(lint, "ClassGuid"),
                 "an extension INF without ExtensionId");
    else if (*id && !inf_guid_valid(id))
        lint_add(lint, RULE_1380, key_place(lint, "ExtensionId"), "'%s' is no GUID", id);
}

static void check_driver_ver(struct lint *lint)
{
    const struct inf_driver_ver *ver = &lint->package->driver_ver;
    const struct inf_lint_options *now = lint->options;

    if (!ver->place.line)
        return;
    if (!ver->date_valid)
        lint_add(lint, RULE_1218, ver->place, "DriverVer's date is '%s'", ver->date_text);
    if (ver->part_count != 4 || !(ver->parts[0] | ver->parts[1] | ver->parts[2] | ver->parts[3]))
        lint_add(lint, RULE_1217, ver->place, "DriverVer's version is '%s'", ver->version_text);
    if (!ver->date_valid || !now->year)
        return;
    unsigned date = ver->year * 10000 + ver->month * 100 + ver->day;
    if (date > now->year * 10000 + now->month * 100 + now->day)
        lint_add(lint, RULE_VF102, ver->place, "DriverVer's date %s lies in the future",
                 ver->date_text);
}

void lint_version(struct lint *lint)
{
    check_signature(lint);
    check_required(lint);
    check_extra_values(lint);
    check_class(lint);
    check_extension(lint);
    check_driver_ver(lint);
    if (inf_name_begins(lint->package->provider, "Microsoft"))
        lint_add(lint, RULE_1204, key_place(lint, "Provider"), "the Provider is '%s'",
                 lint->package->provider);
    for (size_t i = 0; i < lint->package->catalog_count; i++) {
        const struct inf_catalog *catalog = &lint->package->catalogs[i];
        if (strpbrk(catalog->name, "\\/:*?\"<>|") || !inf_name_ends(catalog->name, ".cat") ||
            strlen(catalog->name) <= strlen(".cat"))
            lint_add(lint, RULE_1214, catalog->place, "'%s' is no catalog file's name",
                     catalog->name);
    }
}

/* Report each undefined %token% of a value as written. */
static void check_tokens(struct lint *lint, const char *text, struct inf_place place)
{
    for (const char *open = strchr(text, '%'); open && !lint->report->cut;
         open = strchr(open, '%')) {
        const char *close = strchr(open + 1, '%');
        char token[INF_NAME_MAX + 1];
        if (!close)
            return;
        size_t size = (size_t)(close - open - 1);
        if (size && size < sizeof(token)) {
            memcpy(token, open + 1, size);
            token[size] = '\0';
            int64_t dirid;
            if (!inf_string(lint->file, token) && !inf_number(token, &dirid))
                lint_add(lint, RULE_1235, place, "%%%s%% is not defined in [Strings]", token);
        }
        open = close + 1;
    }
}

/* Does a localized section have each string of the plain one? */
static void check_same_strings(struct lint *lint, const struct inf_section *plain,
                               const struct inf_section *localized)
{
    const struct inf_file *file = lint->file;

    for (const struct inf_line *line = inf_line_first(file, plain); line && lint_step(lint);
         line = inf_line_next(file, line)) {
        const char *key = inf_key(file, line);
        if (key && !inf_line_find(file, localized, key))
            lint_add(lint, RULE_1295, inf_heading_place(file, localized, 0),
                     "[%s] lacks the string '%s' of line %u", inf_section_name(file, localized),
                     key, inf_line_place(file, line).line);
    }
}

void lint_strings(struct lint *lint)
{
    const struct inf_file *file = lint->file;
    const struct inf_section *plain = inf_section_find(file, "Strings");

    for (size_t i = 0; i < inf_section_count(file); i++) {
        const struct inf_section *section = inf_section_at(file, i);
        const char *name = inf_section_name(file, section);
        if (inf_name_begins(name, "Strings.")) {
            size_t have = inf_line_count(section), want = plain ? inf_line_count(plain) : 0;
            if (have != want)
                lint_add(lint, RULE_1295, inf_heading_place(file, section, 0),
                         "[%s] has %zu strings, [Strings] has %zu", name, have, want);
            else
                check_same_strings(lint, plain, section);
            continue;
        }
        if (section == plain)
            continue;
        for (const struct inf_line *line = inf_line_first(file, section);
             line && !lint->report->cut; line = inf_line_next(file, line)) {
            if (inf_key(file, line))
                check_tokens(lint, inf_key_raw(file, line), inf_line_place(file, line));
            for (size_t f = 0; f < inf_field_count(line) && !lint->report->cut; f++)
                if (strchr(inf_field_raw(file, line, f), '%'))
                    check_tokens(lint, inf_field_raw(file, line, f),
                                 inf_field_place(file, line, f));
        }
    }
}

/* The first line that ends otherwise than with CR LF; 0 where all do. */
static uint32_t odd_line_end(const struct inf_file *file)
{
    const uint8_t *text = file->text.data;

    /* each line but the last ends where the next one begins */
    for (size_t i = 1; i < file->start_count; i++) {
        uint32_t end = file->starts[i];
        if (text[end - 1] != '\n' || end - file->starts[i - 1] < 2 || text[end - 2] != '\r')
            return (uint32_t)i;
    }
    uint32_t last = file->start_count ? file->starts[file->start_count - 1] : 0;
    size_t size = file->text.size;
    bool ended = size > last && (text[size - 1] == '\n' || text[size - 1] == '\r');
    bool pair = size >= last + 2 && text[size - 1] == '\n' && text[size - 2] == '\r';
    return ended && !pair ? (uint32_t)file->start_count : 0;
}

/* The first byte beyond ASCII; the text's size where there is none. */
static size_t beyond_ascii(struct vf_view text)
{
    size_t i = 0;
    uint64_t word;

    for (; i + sizeof(word) <= text.size; i += sizeof(word)) {
        memcpy(&word, text.data + i, sizeof(word));
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < text.size && text.data[i] < 0x80)
        i++;
    return i;
}

/* Variables of INX files and templates, "$NAME$"; the signatures are none. */
static void check_variables(struct lint *lint, const char *text, struct inf_place place)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    for (const char *p = strchr(text, '$'); p && !lint->report->cut; p = strchr(p + 1, '$')) {
        size_t size = strspn(p + 1, letters);
        if (size == 0 || p[1 + size] != '$' || strncmp(p, "$CHICAGO$", 9) == 0)
            continue;
        lint_add(lint, strncmp(p, "$ARCH$", 6) == 0 ? RULE_1274 : RULE_VF105, place,
                 "the variable %.*s is not filled in", size > 64 ? 64 : (int)size + 2, p);
        p += size + 1;
    }
}

/* Comments may speak of variables; headings and values may not. */
static void check_all_variables(struct lint *lint)
{
    const struct inf_file *file = lint->file;

    if (!memchr(file->text.data, '$', file->text.size))
        return;
    for (size_t i = 0; i < file->section_count && !lint->report->cut; i++)
        check_variables(lint, inf_section_name(file, &file->sections[i]),
                        inf_heading_place(file, &file->sections[i], 0));
    for (size_t i = 0; i < file->slot_count && !lint->report->cut; i++)
        if (strchr(inf_texts_at(file, file->slots[i].raw), '$'))
            check_variables(lint, inf_texts_at(file, file->slots[i].raw),
                            inf_place_of(file, file->slots[i].span.begin));
}

static void check_oddities(struct lint *lint)
{
    const struct inf_file *file = lint->file;

    for (size_t i = 0; i < file->oddity_count && !lint->report->cut; i++) {
        struct inf_place place = inf_place_of(file, file->oddities[i].offset);
        if (file->oddities[i].kind == INF_STRAY_TEXT)
            lint_add(lint, RULE_VF106, place, "this text is passed over");
        else
            lint_add(lint, RULE_VF107, place, "the quote is not closed on its line");
    }
}

void lint_text(struct lint *lint)
{
    struct vf_view text = inf_text(lint->file);
    uint32_t odd = odd_line_end(lint->file);
    size_t far = inf_encoding(lint->file) == INF_ANSI ? beyond_ascii(text) : text.size;

    if (inf_encoding(lint->file) == INF_UTF8_BOM)
        lint_add(lint, RULE_1003, top, "the file is %s",
                 inf_encoding_text(inf_encoding(lint->file)));
    if (odd)
        lint_add(lint, RULE_VF101, (struct inf_place){odd, 1}, "this line does not end with CR LF");
    if (far < text.size)
        lint_add(lint, RULE_VF103, inf_place_of(lint->file, (uint32_t)far),
                 "a character beyond ASCII in a file without byte order mark");
    check_all_variables(lint);
    check_oddities(lint);
}
