/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a catalog claims to be for: the devices and the Windows of its INF? */
#include "builder/verify/verify_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "builder/cat/os.h"

static int compare_texts(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* The texts of a catalog's HWID1, HWID2, ... sorted; to be freed. NULL where memory is short. */
static const char **claimed_ids(const struct cat_list *list, size_t *count)
{
    const char **ids = calloc(list->value_count + 1, sizeof(*ids));

    *count = 0;
    for (size_t i = 0; ids && i < list->value_count; i++)
        if (strncasecmp(list->values[i].name, "HWID", 4) == 0)
            ids[(*count)++] = list->values[i].text;
    if (ids)
        qsort(ids, *count, sizeof(*ids), compare_texts);
    return ids;
}

static enum vf_code check_ids(struct verify_run *run, const char *catalog,
                              const struct cat_list *list, const struct inf_package *package,
                              struct vf_err *err)
{
    const char *first = NULL;
    size_t missing = 0, count;
    const char **ids = claimed_ids(list, &count);

    if (!ids)
        return vf_fail_memory(err);
    for (size_t i = 0; i < package->id_count; i++) {
        const char *id = package->ids[i].id;
        if (bsearch(&id, ids, count, sizeof(*ids), compare_texts))
            continue;
        first = first ? first : id;
        missing++;
    }
    free(ids);
    if (missing)
        verify_add(run->report, RULE_CAT_HWID, catalog, 0,
                   "%zu of the INF's %zu hardware ids are not in it, such as %s", missing,
                   package->id_count, first);
    return VF_OK;
}

/* The architecture of a system's name in a catalog, such as "_v100_X64_RS1" or "7X86". */
static enum inf_arch system_arch(const char *name, size_t size)
{
    static const struct {
        const char *token;
        enum inf_arch arch;
    } tokens[] = {
        {"ARM64", INF_ARCH_ARM64}, {"ARM", INF_ARCH_ARM}, {"IA64", INF_ARCH_IA64},
        {"X64", INF_ARCH_AMD64},   {"", INF_ARCH_X86},
    };
    size_t i = 0;

    for (;; i++) {
        size_t token = strlen(tokens[i].token);
        for (size_t at = 0; at + token <= size; at++)
            if (strncasecmp(name + at, tokens[i].token, token) == 0)
                return tokens[i].arch;
    }
}

static void check_systems(struct verify_run *run, const char *catalog, const struct cat_list *list,
                          unsigned arches)
{
    const char *systems = cat_list_value(list, "OS");
    unsigned claimed = 0;

    for (const char *name = systems; name && *name;) {
        size_t size = strcspn(name, ",");
        claimed |= INF_ARCH_BIT(system_arch(name, size));
        name += size + (name[size] == ',');
    }
    for (int arch = INF_ARCH_X86; arch < INF_ARCH_COUNT; arch++)
        if (arches & ~claimed & INF_ARCH_BIT(arch))
            verify_add(run->report, RULE_CAT_OS, catalog, 0, "names no Windows for %s: '%s'",
                       inf_arch_name((enum inf_arch)arch), systems ? systems : "");
}

/* The system that a catalog names so; NULL for one not known. */
static const struct cat_os *system_of(const char *name, size_t size)
{
    size_t i = 0;

    while (i < cat_system_count &&
           (strncasecmp(cat_systems[i].catalog, name, size) != 0 || cat_systems[i].catalog[size]))
        i++;
    return i < cat_system_count ? &cat_systems[i] : NULL;
}

bool verify_is_for_10(const struct cat_list *list)
{
    const char *name = cat_list_value(list, "OS");

    if (!name || !*name)
        return true;
    while (*name) {
        size_t size = strcspn(name, ",");
        const struct cat_os *system = system_of(name, size);
        /* whoever had the first kits for Windows 10 called it 6.4 */
        if (!system || strstr(system->attributes, ":10.") || strstr(system->attributes, ":6.4"))
            return true;
        name += size + (name[size] == ',');
    }
    return false;
}

enum vf_code verify_claims(struct verify_run *run, const char *catalog, const struct cat_list *list,
                           const struct inf_package *package, unsigned arches, struct vf_err *err)
{
    check_systems(run, catalog, list, arches);
    return check_ids(run, catalog, list, package, err);
}
