/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an INF says of how its files are listed. Marks on request: [SignatureAttributes] ("INF
 * SignatureAttributes Section"). How Inf2Cat spells them, and which systems a file is listed for,
 * is seen in published catalogs.
 */
#include <string.h>

#include "builder/cat/cat_private.h"
#include "inf/inf.h"

#define SECTION "SignatureAttributes"

static bool is_true(const char *value)
{
    return value && inf_name_equal(value, "true");
}

static const struct inf_line *first_line(const struct inf_file *inf, const char *name)
{
    return inf_line_find(inf, inf_section_find(inf, SECTION), name);
}

/* A HAL extension's is the one kind of mark that goes without page hashes. */
bool cat_attributes_pages(const struct inf_file *inf, const char *name)
{
    for (const struct inf_line *line = first_line(inf, name); line;
         line = inf_line_find_next(inf, line, name)) {
        const char *section = inf_field(inf, line, 0);
        if (inf_value(inf, section, "DRMLevel", 0) ||
            is_true(inf_value(inf, section, "PETrust", 0)) ||
            is_true(inf_value(inf, section, "WindowsHello", 0)))
            return true;
    }
    return false;
}

static bool has_value(const struct cat_member *member, const char *name)
{
    for (size_t i = 0; i < member->value_count; i++)
        if (inf_name_equal(member->values[i].name, name))
            return true;
    return false;
}

bool cat_attributes_add(const struct inf_file *inf, const char *name, struct cat_member *member)
{
    bool good = true;

    for (const struct inf_line *line = first_line(inf, name); line && good;
         line = inf_line_find_next(inf, line, name)) {
        const char *section = inf_field(inf, line, 0);
        const char *level = inf_value(inf, section, "DRMLevel", 0);
        if (level && *level && !has_value(member, "DRMLevel"))
            good = cat_add_value(&member->values, &member->value_count, "DRMLevel", level,
                                 CAT_VALUE_FLAGS);
        if (good && is_true(inf_value(inf, section, "PETrust", 0)) &&
            !has_value(member, "PETrusted"))
            good = cat_add_value(&member->values, &member->value_count, "PETrusted", "1",
                                 CAT_VALUE_FLAGS);
    }
    return good;
}

/* The architecture behind the last ".NT" of an install section's name; NONE where none is named. */
static enum inf_arch install_arch(const char *name)
{
    struct inf_decoration decoration;
    const char *dot = strrchr(name, '.');

    return dot && inf_decoration_parse(dot + 1, &decoration) ? decoration.arch : INF_ARCH_NONE;
}

unsigned cat_attributes_arches(const struct inf_file *inf)
{
    unsigned arches = 0;

    for (size_t i = 0; i < inf_section_count(inf); i++) {
        const struct inf_section *section = inf_section_at(inf, i);
        if (!inf_line_find(inf, section, "CopyFiles"))
            continue;
        enum inf_arch arch = install_arch(inf_section_name(inf, section));
        if (arch == INF_ARCH_NONE)
            return 0;
        arches |= INF_ARCH_BIT(arch);
    }
    return arches;
}

bool cat_attributes_trusted(const struct inf_file *inf)
{
    for (size_t i = 0; i < inf_section_count(inf); i++) {
        const char *name = inf_section_name(inf, inf_section_at(inf, i));
        if (inf_name_begins(name, SECTION ".") && is_true(inf_value(inf, name, "PETrust", 0)))
            return true;
    }
    return false;
}
