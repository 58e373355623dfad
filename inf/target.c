/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inf/target.h"

#include <string.h>

#include "inf/inf.h"

/* the first build that can read a build number in a decoration */
#define BUILD_DECORATION_FIRST 14310u

#define TABLE_SIZE(table) (sizeof(table) / sizeof((table)[0]))

static const char *const arch_names[INF_ARCH_COUNT] = {
    [INF_ARCH_NONE] = "",   [INF_ARCH_X86] = "x86",     [INF_ARCH_AMD64] = "amd64",
    [INF_ARCH_ARM] = "arm", [INF_ARCH_ARM64] = "arm64", [INF_ARCH_IA64] = "ia64",
};

/* first builds; a server and a client of one build are two rows */
static const struct inf_release releases[] = {
    {"w7", "Windows 7", 6, 1, 7600, INF_PRODUCT_WORKSTATION},
    {"2k8R2", "Windows Server 2008 R2", 6, 1, 7600, INF_PRODUCT_SERVER},
    {"w8", "Windows 8", 6, 2, 9200, INF_PRODUCT_WORKSTATION},
    {"2k12", "Windows Server 2012", 6, 2, 9200, INF_PRODUCT_SERVER},
    {"w8.1", "Windows 8.1", 6, 3, 9600, INF_PRODUCT_WORKSTATION},
    {"2k12R2", "Windows Server 2012 R2", 6, 3, 9600, INF_PRODUCT_SERVER},
    {"w10", "Windows 10", 10, 0, 10240, INF_PRODUCT_WORKSTATION},
    {"2k16", "Windows Server 2016", 10, 0, 14393, INF_PRODUCT_SERVER},
    {"2k19", "Windows Server 2019", 10, 0, 17763, INF_PRODUCT_SERVER},
    {"2k22", "Windows Server 2022", 10, 0, 20348, INF_PRODUCT_SERVER},
    {"w11", "Windows 11", 10, 0, 22000, INF_PRODUCT_WORKSTATION},
    {"2k25", "Windows Server 2025", 10, 0, 26100, INF_PRODUCT_SERVER},
};

const char *inf_arch_name(enum inf_arch arch)
{
    return arch_names[arch];
}

enum inf_arch inf_arch_named(const char *name)
{
    for (int arch = INF_ARCH_X86; arch < INF_ARCH_COUNT; arch++)
        if (inf_name_equal(arch_names[arch], name))
            return (enum inf_arch)arch;
    return INF_ARCH_NONE;
}

const struct inf_release *inf_release_at(size_t index)
{
    return index < TABLE_SIZE(releases) ? &releases[index] : NULL;
}

const struct inf_release *inf_release_named(const char *name)
{
    for (size_t i = 0; i < TABLE_SIZE(releases); i++)
        if (inf_name_equal(releases[i].name, name))
            return &releases[i];
    return NULL;
}

/* Copy [text, end) into a buffer as C text; false where it does not fit. */
static bool part(const char *text, const char *end, char *out, size_t room)
{
    size_t size = (size_t)(end - text);

    if (size >= room)
        return false;
    memcpy(out, text, size);
    out[size] = '\0';
    return true;
}

/*
 * Read dot-separated numbers, of which some may be empty, into at most count places. Returns how
 * many parts there were, 0 where one is no number of 32 bits or there are too many.
 */
static size_t numbers(const char *text, size_t count, uint32_t *values, bool *given)
{
    size_t found = 0;

    for (;;) {
        const char *end = text + strcspn(text, ".");
        char piece[24];
        int64_t value = 0;
        if (found == count || !part(text, end, piece, sizeof(piece)))
            return 0;
        given[found] = piece[0] != '\0';
        if (given[found] && (piece[0] == '-' || !inf_number(piece, &value) || value > UINT32_MAX))
            return 0;
        values[found++] = (uint32_t)value;
        if (!*end)
            return found;
        text = end + 1;
    }
}

bool inf_target_parse(const char *text, struct inf_target *target)
{
    const char *slash = strchr(text, '/');
    char name[32];
    uint32_t values[3];
    bool given[3];

    if (!slash || !part(text, slash, name, sizeof(name)))
        return false;
    enum inf_arch arch = inf_arch_named(slash + 1);
    if (arch == INF_ARCH_NONE)
        return false;

    const struct inf_release *release = inf_release_named(name);
    if (release) {
        *target = (struct inf_target){arch, release->major, release->minor, release->build,
                                      release->product};
        return true;
    }
    if (numbers(name, 3, values, given) != 3 || !given[0] || !given[1] || !given[2])
        return false;
    *target = (struct inf_target){arch, values[0], values[1], values[2], INF_PRODUCT_ANY};
    return true;
}

bool inf_decoration_parse(const char *text, struct inf_decoration *decoration)
{
    uint32_t values[5] = {0};
    bool given[5] = {false};
    char name[16];

    if (!inf_name_begins(text, "NT"))
        return false;
    text += 2;
    const char *dot = text + strcspn(text, ".");
    if (!part(text, dot, name, sizeof(name)))
        return false;
    enum inf_arch arch = inf_arch_named(name);
    if (name[0] && arch == INF_ARCH_NONE)
        return false;
    if (*dot && numbers(dot + 1, 5, values, given) == 0)
        return false;
    *decoration = (struct inf_decoration){
        .arch = arch,
        .major_given = given[0],
        .minor_given = given[1],
        .product_given = given[2],
        .suite_given = given[3],
        .build_given = given[4],
        .major = values[0],
        .minor = values[1],
        .product = values[2],
        .suite = values[3],
        .build = values[4],
    };
    return true;
}

static int compare(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

bool inf_decoration_fits(const struct inf_decoration *decoration, const struct inf_target *target)
{
    enum inf_arch arch = decoration->arch ? decoration->arch : INF_ARCH_X86;
    int version = compare(decoration->major, target->major);

    if (version == 0)
        version = compare(decoration->minor, target->minor);
    if (arch != target->arch || (decoration->suite_given && decoration->suite) ||
        (decoration->product_given && target->product &&
         decoration->product != (uint32_t)target->product))
        return false;
    if (!decoration->build_given)
        return version <= 0;
    /* a release that cannot read build numbers takes the decoration for none of its own */
    return target->build >= BUILD_DECORATION_FIRST &&
           (version < 0 || (version == 0 && decoration->build <= target->build));
}

bool inf_decoration_closer(const struct inf_decoration *a, const struct inf_decoration *b)
{
    const int order[] = {
        compare(a->major, b->major),     compare(a->minor, b->minor),
        compare(a->build, b->build),     a->product_given - b->product_given,
        (a->arch != 0) - (b->arch != 0),
    };

    for (size_t i = 0; i < TABLE_SIZE(order); i++)
        if (order[i])
            return order[i] > 0;
    return false;
}
