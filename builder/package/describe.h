/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a disc's index of drivers says of a package. */
#ifndef BUILDER_PACKAGE_DESCRIBE_H
#define BUILDER_PACKAGE_DESCRIBE_H

#include "iso/layout/layout.h"

/*
 * Read an INF for data/info.json: an iso_layout_describe that needs no context. The name is the
 * description of the first device the INF has a model for, the version that of DriverVer; both
 * are "" where the INF has none. VF_MALFORMED where it is no INF.
 */
enum vf_code package_describe(void *context, const char *path, struct vf_view inf,
                              struct iso_layout_inf *out, struct vf_err *err);

#endif
