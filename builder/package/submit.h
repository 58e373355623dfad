/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cabinet in which driver packages are handed to Microsoft's portal for attestation signing.
 *
 * What the portal wants ("Attestation sign Windows drivers", learn.microsoft.com): no file at the
 * top, one folder for each package with its INF, binaries, symbol files and catalog, folder names
 * below 40 characters without special ones, compressed with MSZIP. The cabinet itself must then be
 * signed with the certificate registered there.
 */
#ifndef BUILDER_PACKAGE_SUBMIT_H
#define BUILDER_PACKAGE_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"
#include "util/error.h"

/* All files together; the portal's own limit is higher, but a driver is not that large. */
#define PACKAGE_SUBMIT_MAX ((size_t)512 << 20)
/* Files of one package, and how deep its folders may lie. */
#define PACKAGE_SUBMIT_FILES_MAX 4096
#define PACKAGE_SUBMIT_DEPTH_MAX 8

/* Called for what the portal accepts but its reviewers ask about; text names the file. */
typedef void package_submit_warn(void *context, const char *text);

/*
 * Append to out (empty) a cabinet with one folder for each package directory, named as that is,
 * files sorted, all dated with time (seconds since 1970). VF_POLICY naming what the portal would
 * refuse: a name it does not take, two packages of one name, a package without INF or without the
 * catalog that the INF names. A missing symbol file is a warning.
 */
enum vf_code package_submit(const char *const *dirs, size_t count, int64_t time,
                            package_submit_warn *warn, void *context, struct vf_buf *out,
                            struct vf_err *err);

#endif
