/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the catalog verbs share. */
#ifndef BUILDER_CLI_CATALOG_H
#define BUILDER_CLI_CATALOG_H

#include "builder/cat/cat.h"

/* Read the catalog at path: its bytes and its list. Both are the caller's, even on failure. */
enum vf_code cli_catalog_read(const char *path, struct vf_buf *file, struct cat_list **list,
                              struct vf_err *err);

#endif
