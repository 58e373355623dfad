/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Windows versions and architectures that packages are made for. */
#ifndef BUILDER_PACKAGE_TARGET_H
#define BUILDER_PACKAGE_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* One cell of the matrix of a virtio-win style disc: "w11/amd64". */
struct package_target {
    const char *os;         /* folder name: w10, w11, 2k16, 2k19, 2k22, 2k25 */
    const char *arch;       /* folder name: amd64, x86, ARM64 */
    const char *inf_arch;   /* architecture in INF decorations: amd64, x86, arm64 */
    uint16_t machine;       /* IMAGE_FILE_MACHINE of its drivers */
    const char *catalog_os; /* comma list of OS names for the catalog */
};

/* All targets in a fixed order. */
size_t package_target_count(void);
const struct package_target *package_target_at(size_t index);

/* The target of "os/arch", caselessly; NULL where there is none. */
const struct package_target *package_target_find(const char *name);

#endif
