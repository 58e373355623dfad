/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ISO_LAYOUT_LAYOUT_PRIVATE_H
#define ISO_LAYOUT_LAYOUT_PRIVATE_H

#include <jansson.h>

#include "iso/layout/layout.h"

/* A Windows version as discs name it. */
struct iso_layout_os {
    const char *folder;
    const char *windows; /* for README.txt */
    bool short_tree;     /* also in the trees that Setup looks in */
};

/* A processor. */
struct iso_layout_arch {
    const char *folder;     /* of a package */
    const char *short_tree; /* the top folder of the tree that Setup looks in */
};

/* The tables, ended by an entry without folder. */
extern const struct iso_layout_os iso_layout_oses[];
extern const struct iso_layout_arch iso_layout_arches[];
/* Drivers that Setup needs to see a disk, ended by NULL. */
extern const char *const iso_layout_storage[];

/* What is collected while packages are added. */
struct iso_layout_found {
    json_t *drivers;       /* the entries of data/info.json */
    struct vf_buf listing; /* "  viostor   w11   ARM64 amd64 x86" lines for README.txt */
};

/* Append README.txt with the line ends of Windows. */
enum vf_code iso_layout_readme(const struct iso_layout *layout,
                               const struct iso_layout_found *found, struct vf_buf *out,
                               struct vf_err *err);

#endif
