/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Would Windows load this kernel-mode image? Findings in words, each with a code that stays.
 *
 * Sources: "PE Format"; "Hypervisor-protected code integrity" and "Driver compatibility with memory
 * integrity" (learn.microsoft.com); for builds of exports, exports.txt.
 */
#ifndef BUILDER_PE_CHECK_H
#define BUILDER_PE_CHECK_H

#include "builder/pe/pe.h"

enum pe_level {
    PE_NOTE,    /* worth knowing */
    PE_WARNING, /* may keep the image from loading somewhere, or cannot be judged */
    PE_ERROR,   /* Windows refuses the image */
};

/* One finding; code such as "pe.checksum". Return false to end the check. */
typedef bool pe_finding_seen(void *context, enum pe_level level, const char *code,
                             const char *text);

/* The oldest Windows the image is meant for. */
struct pe_target {
    uint32_t major, minor; /* of the system: 6.1 is Windows 7 */
    uint32_t build;        /* 0: no target, imports are only looked up */
};

/* Signatures are not judged here: sign_inspect() does that. */
enum vf_code pe_check(const struct pe_image *image, const struct pe_target *target,
                      pe_finding_seen *seen, void *context, struct vf_err *err);

/* The first build that exports a name from a kernel module: 7600 for Windows 7 or earlier; 0 where
 * the name is not known, UINT32_MAX where the module is not. The module's case does not count. */
uint32_t pe_export_build(const char *module, const char *name);

/*
 * The oldest build that has all of the image's imports by name; unknown names are left out and
 * counted.
 */
enum vf_code pe_imports_build(const struct pe_image *image, uint32_t *build, unsigned *unknown,
                              struct vf_err *err);

#endif
