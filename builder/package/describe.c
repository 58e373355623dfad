/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/package/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inf/inf.h"

/* The section "models" or "models.decoration"; NULL where there is none. */
static const struct inf_section *models_section(const struct inf_file *file, const char *models,
                                                const char *decoration)
{
    char *name;

    if (asprintf(&name, "%s%s%s", models, decoration[0] ? "." : "", decoration) < 0)
        return NULL;
    const struct inf_section *section = inf_section_find(file, name);
    free(name);
    return section;
}

/* The first model of the first manufacturer that has one (INF Manufacturer and Models sections). */
static const char *first_device(const struct inf_file *file)
{
    const struct inf_line *maker = inf_line_first(file, inf_section_find(file, "Manufacturer"));

    for (; maker; maker = inf_line_next(file, maker)) {
        size_t fields = inf_field_count(maker);
        /* a line of one field names the section itself, or the name is the key */
        const char *models = fields ? inf_field(file, maker, 0) : inf_key(file, maker);
        for (size_t i = 0; models && i <= fields; i++) {
            const char *decoration = i && i < fields ? inf_field(file, maker, i) : "";
            const struct inf_line *model =
                inf_line_first(file, models_section(file, models, decoration));
            const char *name = model ? inf_key(file, model) : NULL;
            if (name)
                return name;
        }
    }
    return "";
}

enum vf_code package_describe(void *context, const char *path, struct vf_view inf,
                              struct iso_layout_inf *out, struct vf_err *err)
{
    struct inf_file *file;

    (void)context;
    enum vf_code code = inf_parse(inf, path, &file, err);
    if (code)
        return code;
    const char *version = inf_value(file, "Version", "DriverVer", 1);
    out->name = strdup(first_device(file));
    out->version = strdup(version ? version : "");
    inf_free(file);
    return out->name && out->version ? VF_OK : vf_fail_memory(err);
}
