/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of INF files for display adapters. */
#include <string.h>

#include "inf/lint_private.h"

#define DIRID_STORE 13

/* from this build on, every build of Windows runs drivers from the driver store */
#define STORE_BUILD_FIRST 16299u

#define SERVICE_KERNEL_DRIVER 1 /* winnt.h */
#define SERVICE_DEMAND_START  3

bool lint_is_display(const struct lint *lint)
{
    return inf_name_equal(lint->package->class_guid, "{4d36e968-e325-11ce-bfc1-08002be10318}");
}

static void check_number(struct lint *lint, const char *name, const struct inf_section *section,
                         const char *key, int64_t wanted)
{
    const struct inf_line *line = inf_line_find(lint->file, section, key);
    int64_t number;

    if (line && inf_number(inf_field(lint->file, line, 0), &number) && number != wanted)
        lint_add(lint, RULE_2602, inf_field_place(lint->file, line, 0),
                 "service '%s' has %s %lld, not %lld", name, key, (long long)number,
                 (long long)wanted);
}

/* "Run From Driver Store": asked for where every Windows that the section serves can do it. */
static void check_store(struct lint *lint, const struct lint_at *at, enum lint_rule rule,
                        const char *what, const char *path, struct inf_place place)
{
    int64_t dirid;

    if (at->windows.build >= STORE_BUILD_FIRST &&
        (!lint_path_dirid(path, &dirid) || dirid != DIRID_STORE))
        lint_add(lint, rule, place, "%s is '%s', which is not below %%13%%", what, path);
}

void lint_display_service(struct lint *lint, const struct lint_at *at, const char *name,
                          const struct inf_section *section)
{
    const struct inf_file *file = lint->file;
    const struct inf_line *binary = inf_line_find(file, section, "ServiceBinary");

    check_number(lint, name, section, "ServiceType", SERVICE_KERNEL_DRIVER);
    check_number(lint, name, section, "StartType", SERVICE_DEMAND_START);
    if (binary)
        check_store(lint, at, RULE_2600, "ServiceBinary", inf_field(file, binary, 0),
                    inf_field_place(file, binary, 0));
}

void lint_display_value(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    static const char *const names[] = {
        "UserModeDriverName",
        "UserModeDriverNameWow",
        "OpenGLDriverName",
        "OpenGLDriverNameWow",
    };
    const struct inf_file *file = lint->file;
    const char *value = inf_field(file, line, 2);

    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        if (!inf_name_equal(value, names[n]))
            continue;
        for (size_t i = 4; i < inf_field_count(line) && lint_step(lint); i++)
            if (*inf_field(file, line, i))
                check_store(lint, at, RULE_2601, names[n], inf_field(file, line, i),
                            inf_field_place(file, line, i));
    }
}

void lint_reboot(struct lint *lint, const struct lint_at *at, const struct inf_line *line)
{
    const char *key = inf_key(lint->file, line);

    (void)at;
    if (lint_is_display(lint))
        lint_add(lint, RULE_2603, inf_line_place(lint->file, line), "%s in a display driver's INF",
                 key ? key : inf_field(lint->file, line, 0));
}
