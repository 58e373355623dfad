/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cat/os.h"

#include <string.h>
#include <strings.h>

#define NT5_0  "2:5.00"
#define NT5_1  "2:5.1"
#define NT5_2  "2:5.2"
#define NT6_0  "2:6.0"
#define NT6_1  "2:6.1"
#define NT6_2  "2:6.2"
#define NT6_3  "2:6.3"
#define NT6_4  "2:6.4"
#define NT10_0 "2:10.0"

/* Names: "Inf2Cat", learn.microsoft.com/windows-hardware/drivers/devtest/inf2cat. */
const struct cat_os cat_systems[] = {
    {"2000", "2000", NT5_0, 1},
    {"XP_X86", "XPX86", NT5_1, 1},
    {"XP_X64", "XPX64", NT5_1 "," NT5_2, 1},
    {"Server2003_X86", "Server2003X86", NT5_2, 1},
    {"Server2003_X64", "Server2003X64", NT5_2, 1},
    {"Server2003_IA64", "Server2003IA64", NT5_2, 1},
    {"Vista_X86", "VistaX86", NT6_0, 1},
    {"Vista_X64", "VistaX64", NT6_0, 1},
    {"Server2008_X86", "Server2008X86", NT6_0, 1},
    {"Server2008_X64", "Server2008X64", NT6_0, 1},
    {"Server2008_IA64", "Server2008IA64", NT6_0, 1},
    {"7_X86", "7X86", NT6_1, 1},
    {"7_X64", "7X64", NT6_1, 1},
    {"Server2008R2_X64", "Server2008R2X64", NT6_1, 1},
    {"Server2008R2_IA64", "Server2008R2IA64", NT6_1, 1},
    {"8_X86", "8X86", NT6_2, 2},
    {"8_X64", "8X64", NT6_2, 2},
    {"8_ARM", "8ARM", NT6_2, 2},
    {"Server8_X64", "Server2012X64", NT6_2, 2},
    {"6_3_X86", "_v63", NT6_3, 2},
    {"6_3_X64", "_v63_X64", NT6_3, 2},
    {"6_3_ARM", "_v63_ARM", NT6_3, 2},
    {"Server6_3_X64", "_v63_Server_X64", NT6_3, 2},
    /* as the first kits for Windows 10 spelled it */
    {"10X86", "10X86", NT6_4, 2},
    {"10X64", "10X64", NT6_4, 2},
    {"Server10X64", "Server10X64", NT6_4, 2},
    {"10_X86", "_v100", NT10_0, 2},
    {"10_X64", "_v100_X64", NT10_0, 2},
    {"Server10_X64", "Server_v100_X64", NT10_0, 2},
    {"Server10_ARM64", "Server_v100_ARM64", NT10_0, 2},
    {"10_AU_X86", "_v100_RS1", NT10_0, 2},
    {"10_AU_X64", "_v100_X64_RS1", NT10_0, 2},
    {"Server2016_X64", "Server_v100_X64_RS1", NT10_0, 2},
    {"10_RS2_X86", "_v100_RS2", NT10_0, 2},
    {"10_RS2_X64", "_v100_X64_RS2", NT10_0, 2},
    {"10_RS3_X86", "_v100_RS3", NT10_0, 2},
    {"10_RS3_X64", "_v100_X64_RS3", NT10_0, 2},
    {"10_RS3_ARM64", "_v100_ARM64_RS3", NT10_0, 2},
    {"10_RS4_X86", "_v100_RS4", NT10_0, 2},
    {"10_RS4_X64", "_v100_X64_RS4", NT10_0, 2},
    {"10_RS4_ARM64", "_v100_ARM64_RS4", NT10_0, 2},
    {"10_RS5_X86", "_v100_RS5", NT10_0, 2},
    {"10_RS5_X64", "_v100_X64_RS5", NT10_0, 2},
    {"10_RS5_ARM64", "_v100_ARM64_RS5", NT10_0, 2},
    {"ServerRS5_X64", "Server_v100_X64_RS5", NT10_0, 2},
    {"ServerRS5_ARM64", "Server_v100_ARM64_RS5", NT10_0, 2},
    {"10_19H1_X86", "_v100_19H1", NT10_0, 2},
    {"10_19H1_X64", "_v100_X64_19H1", NT10_0, 2},
    {"10_19H1_ARM64", "_v100_ARM64_19H1", NT10_0, 2},
    {"10_VB_X86", "_v100_Vb", NT10_0, 2},
    {"10_VB_X64", "_v100_X64_Vb", NT10_0, 2},
    {"10_VB_ARM64", "_v100_ARM64_Vb", NT10_0, 2},
    {"ServerFE_X64", "Server_v100_X64_21H2", NT10_0, 2},
    {"ServerFE_ARM64", "Server_v100_ARM64_21H2", NT10_0, 2},
    {"10_CO_X64", "_v100_X64_21H2", NT10_0, 2},
    {"10_CO_ARM64", "_v100_ARM64_21H2", NT10_0, 2},
    {"10_NI_X64", "_v100_X64_22H2", NT10_0, 2},
    {"10_NI_ARM64", "_v100_ARM64_22H2", NT10_0, 2},
    {"10_GE_X64", "_v100_X64_24H2", NT10_0, 2},
    {"10_GE_ARM64", "_v100_ARM64_24H2", NT10_0, 2},
    {"Server2025_X64", "Server_v100_X64_24H2", NT10_0, 2},
    {"Server2025_ARM64", "Server_v100_ARM64_24H2", NT10_0, 2},
    {"10_25H2_X64", "_v100_X64_25H2", NT10_0, 2},
    {"10_25H2_ARM64", "_v100_ARM64_25H2", NT10_0, 2},
};

const size_t cat_system_count = sizeof(cat_systems) / sizeof(cat_systems[0]);

static const struct cat_os *find(const char *name, size_t size)
{
    for (size_t i = 0; i < cat_system_count; i++)
        if (strlen(cat_systems[i].name) == size &&
            strncasecmp(cat_systems[i].name, name, size) == 0)
            return &cat_systems[i];
    return NULL;
}

enum inf_arch cat_os_arch(const struct cat_os *system)
{
    static const struct {
        const char *suffix;
        enum inf_arch arch;
    } suffixes[] = {
        {"ARM64", INF_ARCH_ARM64},
        {"ARM", INF_ARCH_ARM},
        {"IA64", INF_ARCH_IA64},
        {"X64", INF_ARCH_AMD64},
    };
    size_t size = strlen(system->name);

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t length = strlen(suffixes[i].suffix);
        if (size >= length && strcmp(system->name + size - length, suffixes[i].suffix) == 0)
            return suffixes[i].arch;
    }
    return INF_ARCH_X86;
}

const struct cat_os *cat_os_find(const char *name)
{
    return find(name, strlen(name));
}

enum vf_code cat_os_parse(const char *text, const struct cat_os *out[CAT_SYSTEMS_MAX],
                          size_t *count, struct vf_err *err)
{
    *count = 0;
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, ",");
        const struct cat_os *os = find(at, size);
        if (!os)
            return vf_fail(err, VF_USAGE,
                           "'%.*s' is no Windows known here; names are those of Inf2Cat, such as "
                           "10_X64,Server10_X64,10_X86,10_RS3_ARM64",
                           (int)(size < 64 ? size : 64), at);
        for (size_t i = 0; i < *count; i++)
            if (out[i] == os)
                return vf_fail(err, VF_USAGE, "%s is given twice", os->name);
        if (*count == CAT_SYSTEMS_MAX)
            return vf_fail(err, VF_USAGE, "more than %d systems", CAT_SYSTEMS_MAX);
        out[(*count)++] = os;
        at += size;
        if (!*at)
            return VF_OK;
    }
}
