/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "builder/pe/check.h"
#include "builder/pe/exports_text.h"

uint32_t pe_export_build(const char *module, const char *name)
{
    size_t module_size = strlen(module), name_size = strlen(name);
    uint32_t build = 0;
    bool known = false, inside = false;

    for (const char *line = pe_exports_text; *line;) {
        size_t size = strcspn(line, "\n");
        if (line[0] == '@') {
            inside = size > module_size + 3 && strncasecmp(line + 2, module, module_size) == 0 &&
                     line[2 + module_size] == ' ';
            known = known || inside;
            build = inside ? (uint32_t)strtoul(line + 3 + module_size, NULL, 10) : 0;
        } else if (inside && size == name_size && memcmp(line, name, size) == 0) {
            return build;
        }
        line += size + (line[size] == '\n');
    }
    return known ? 0 : UINT32_MAX;
}

struct oldest {
    uint32_t build;
    unsigned unknown;
};

static bool note_import(void *context, const char *dll, const char *name, uint16_t ordinal)
{
    struct oldest *oldest = context;
    uint32_t build = name ? pe_export_build(dll, name) : 0;

    (void)ordinal;
    if (!build || build == UINT32_MAX)
        oldest->unknown++;
    else if (build > oldest->build)
        oldest->build = build;
    return true;
}

enum vf_code pe_imports_build(const struct pe_image *image, uint32_t *build, unsigned *unknown,
                              struct vf_err *err)
{
    struct oldest oldest = {0, 0};

    enum vf_code code = pe_imports(image, note_import, &oldest, err);
    *build = oldest.build;
    *unknown = oldest.unknown;
    return code;
}
