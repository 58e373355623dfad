/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/package/target.h"

#include <string.h>
#include <strings.h>

#include "builder/pe/pe.h"

/*
 * One build of a driver serves every Windows since 10 of its architecture, so folders of one
 * architecture get one list of catalog names and thereby the same bytes, which a disc stores once.
 * The lists name the first release and, for the readers that look, its server.
 */
#define AMD64_OS "10_X64,Server10_X64"
#define X86_OS   "10_X86"
#define ARM64_OS "10_RS3_ARM64,Server10_ARM64"

static const struct package_target targets[] = {
    {"w10", "x86", "x86", PE_MACHINE_X86, X86_OS},
    {"w10", "amd64", "amd64", PE_MACHINE_AMD64, AMD64_OS},
    {"w10", "ARM64", "arm64", PE_MACHINE_ARM64, ARM64_OS},
    {"w11", "amd64", "amd64", PE_MACHINE_AMD64, AMD64_OS},
    {"w11", "ARM64", "arm64", PE_MACHINE_ARM64, ARM64_OS},
    {"2k16", "amd64", "amd64", PE_MACHINE_AMD64, AMD64_OS},
    {"2k19", "amd64", "amd64", PE_MACHINE_AMD64, AMD64_OS},
    {"2k22", "amd64", "amd64", PE_MACHINE_AMD64, AMD64_OS},
    {"2k25", "amd64", "amd64", PE_MACHINE_AMD64, AMD64_OS},
    {"2k25", "ARM64", "arm64", PE_MACHINE_ARM64, ARM64_OS},
};

size_t package_target_count(void)
{
    return sizeof(targets) / sizeof(targets[0]);
}

const struct package_target *package_target_at(size_t index)
{
    return &targets[index];
}

const struct package_target *package_target_find(const char *name)
{
    const char *slash = strchr(name, '/');

    for (size_t i = 0; slash && i < package_target_count(); i++) {
        const struct package_target *t = &targets[i];
        if (strlen(t->os) == (size_t)(slash - name) &&
            strncasecmp(t->os, name, (size_t)(slash - name)) == 0 &&
            strcasecmp(t->arch, slash + 1) == 0)
            return t;
    }
    return NULL;
}
