/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Windows versions that a catalog can be made for. */
#ifndef BUILDER_CAT_OS_H
#define BUILDER_CAT_OS_H

#include <stddef.h>

#include "inf/target.h"
#include "util/error.h"

struct cat_os {
    const char *name;       /* as Inf2Cat's /os takes it: "10_X64" */
    const char *catalog;    /* as catalogs hold it: "_v100_X64" */
    const char *attributes; /* versions of the kernel: "2:10.0", or several with commas */
    int version;            /* of the catalog it needs: 1, or 2 where SHA-256 is understood */
};

/* All of them, oldest first. */
extern const struct cat_os cat_systems[];
extern const size_t cat_system_count;

/* By name, without regard to case; NULL where there is none. */
const struct cat_os *cat_os_find(const char *name);

/* The architecture that its name ends with. */
enum inf_arch cat_os_arch(const struct cat_os *system);

/* At most this many in one list. */
#define CAT_SYSTEMS_MAX 64

/*
 * Read "10_X64,Server10_X64" into out[] and *count. VF_USAGE naming what is not known, given twice,
 * or missing.
 */
enum vf_code cat_os_parse(const char *text, const struct cat_os *out[CAT_SYSTEMS_MAX],
                          size_t *count, struct vf_err *err);

#endif
