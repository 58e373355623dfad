/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "builder/pe/check.h"
#include "builder/pe/exports_text.h"

/* Is it a name as x86 decorates those of functions that clear their arguments: "_Name@8"? */
static bool is_decorated(const char *name, size_t size)
{
    size_t digits = 0;

    while (digits < size && name[size - 1 - digits] >= '0' && name[size - 1 - digits] <= '9')
        digits++;
    return digits && size > digits + 2 && name[0] == '_' && name[size - digits - 1] == '@';
}

static uint32_t find_build(const char *module, const char *name, size_t name_size)
{
    size_t module_size = strlen(module);
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

uint32_t pe_export_build(const char *module, const char *name)
{
    size_t size = strlen(name);
    uint32_t build = find_build(module, name, size);

    if (!build && is_decorated(name, size))
        build = find_build(module, name + 1, (size_t)(strchr(name + 1, '@') - name - 1));
    return build;
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
