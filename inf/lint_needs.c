/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of Include and Needs, and of what the needed sections of this file hold. */
#include <stdio.h>
#include <string.h>

#include "inf/lint_private.h"

/* Is name of the form BASE.NTx, and is there a section BASE or BASE plus what follows NTx? */
static bool undecorated_exists(const struct inf_file *file, const char *name)
{
    char base[INF_NAME_MAX * 4 + 64];

    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        size_t size = 1 + strcspn(dot + 1, ".");
        char part[64];
        struct inf_decoration decoration;
        if (size >= sizeof(part))
            continue;
        memcpy(part, dot + 1, size - 1);
        part[size - 1] = '\0';
        if (!lint_decoration(part, &decoration))
            continue;
        int used = snprintf(base, sizeof(base), "%.*s%s", (int)(dot - name), name, dot + size);
        if (used > 0 && (size_t)used < sizeof(base) && inf_section_find(file, base))
            return true;
    }
    return false;
}

static void missing(struct lint *lint, const struct lint_at *at, struct inf_place place,
                    const char *name)
{
    const char *here = inf_section_name(lint->file, at->section);

    if (undecorated_exists(lint->file, name))
        lint_add(lint, RULE_1316, place, "there is no section [%s], only the undecorated one",
                 name);
    else if (lint->includes)
        lint_add(lint, RULE_1314, place, "there is no section [%s] here, and [%s] includes no INF",
                 name, here);
    else
        lint_add(lint, RULE_1315, place, "there is no section [%s], and no INF is included", name);
}

/* The suffix of a needed section against those of the section that needs it and of the first. */
static void check_suffix(struct lint *lint, const struct lint_at *at, struct inf_place place,
                         const char *name)
{
    const char *parent_name = inf_section_name(lint->file, at->section);
    const char *first_name = inf_section_name(lint->file, at->first);
    const char *there = lint_suffix_of(name), *parent = lint_suffix_of(parent_name);
    const char *first = lint_suffix_of(first_name);

    if (*there && !inf_name_equal(there, first))
        lint_add(lint, RULE_1310, place, "[%s] is needed by [%s]", name, first_name);
    else if (!*there && *first)
        lint_add(lint, RULE_1311, place, "[%s] is needed by [%s] but has no suffix %s", name,
                 first_name, first);
    else if (*there && !inf_name_equal(there, parent))
        lint_add(lint, RULE_1312, place, "[%s] is needed by [%s]", name, parent_name);
    else if (!*there && *parent)
        lint_add(lint, RULE_1313, place, "[%s] is needed by [%s] but has no suffix %s", name,
                 parent_name, parent);
}

/* Is a section one of those that led here? */
static bool leads_back(const struct lint_at *at, const struct inf_section *needed)
{
    while (at && at->section != needed)
        at = at->needed_by;
    return at != NULL;
}

void lint_needs(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    const struct inf_file *file = lint->file;

    for (size_t i = 0; i < inf_field_count(line) && lint_step(lint); i++) {
        const char *name = inf_field(file, line, i);
        struct inf_place place = inf_field_place(file, line, i);
        if (!*name)
            continue;
        check_suffix(lint, at, place, name);
        const struct inf_section *needed = inf_section_find(file, name);
        if (!needed && !at->includes)
            missing(lint, at, place, name);
        bool back = needed && leads_back(at, needed);
        /* where INFs are included, a section of theirs with the same name is meant */
        if (needed && ((back && !at->includes) || at->depth == INF_NEEDS_DEPTH_MAX))
            lint->endless = line;
        if (!needed || back || lint->endless ||
            !lint_visit(lint, needed, ROLE_NEEDED + at->owner, at->windows.scope))
            continue;
        struct lint_at inner = *at;
        inner.section = needed;
        inner.needed_by = at;
        inner.includes |= inf_line_find(file, needed, "Include") != NULL;
        inner.depth++;
        lint_directives(lint, &inner);
    }
}

void lint_include(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    (void)at;
    for (size_t i = 0; i < inf_field_count(line) && lint_step(lint); i++) {
        const char *name = inf_field(lint->file, line, i);
        if (!inf_name_ends(name, ".inf") || strpbrk(name, "\\/:"))
            lint_add(lint, RULE_1202, inf_field_place(lint->file, line, i),
                     "'%s' is no bare name of an INF", name);
    }
}
