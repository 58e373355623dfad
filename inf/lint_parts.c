/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of directives that add filters, components, software and event providers. */
#include "inf/lint_private.h"

#define KEYS_MAX 2

static const struct part {
    const char *directive;
    size_t field;               /* that names the section */
    const char *keys[KEYS_MAX]; /* which the section must have */
    bool one_of_them;           /* exactly one, not both */
} parts[] = {
    {"AddComponent", 2, {"ComponentIDs"}, false},
    {"AddEventProvider", 1, {"ProviderName", "ResourceFile"}, false},
    {"AddFilter", 2, {"FilterLevel", "FilterPosition"}, true},
    {"AddSoftware", 2, {"SoftwareType"}, false},
};

static bool has_key(const struct inf_file *file, const struct inf_section *section, const char *key)
{
    const struct inf_line *line = inf_line_find(file, section, key);
    return line && *inf_field(file, line, 0);
}

static void check_keys(struct lint *lint, const struct part *part,
                       const struct inf_section *section)
{
    const struct inf_file *file = lint->file;
    struct inf_place place = inf_heading_place(file, section, 0);
    const char *name = inf_section_name(file, section);

    if (part->one_of_them) {
        bool first = has_key(file, section, part->keys[0]);
        bool second = has_key(file, section, part->keys[1]);
        if (first && second)
            lint_add(lint, RULE_1087, place, "[%s] has both %s and %s", name, part->keys[0],
                     part->keys[1]);
        else if (!first && !second)
            lint_add(lint, RULE_1013, place, "[%s] has neither %s nor %s", name, part->keys[0],
                     part->keys[1]);
        return;
    }
    for (size_t i = 0; i < KEYS_MAX && part->keys[i]; i++)
        if (!has_key(file, section, part->keys[i]))
            lint_add(lint, RULE_1013, place, "[%s] has no %s", name, part->keys[i]);
}

void lint_part(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    const struct inf_file *file = lint->file;
    const struct part *part = parts;

    while (!inf_name_equal(inf_key(file, line), part->directive))
        part++;
    const char *name = inf_field(file, line, part->field);
    struct inf_place place = inf_field_place(file, line, part->field);
    const struct inf_section *section = inf_section_find(file, name);
    if (!*name)
        lint_add(lint, RULE_1005, place, "%s names no section", part->directive);
    else if (!section)
        lint_missing(lint, at, place, name);
    else
        check_keys(lint, part, section);
}
