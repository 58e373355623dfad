/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a package while it is made: names and contents in memory. */
#ifndef BUILDER_PACKAGE_FILES_H
#define BUILDER_PACKAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "util/bytes.h"
#include "util/error.h"

struct package_file {
    char *name;   /* bare, as it will stand in the package */
    char *source; /* the path it came from, for messages */
    struct vf_buf content;
    bool is_member; /* named by the INF, or the INF itself: goes into the catalog */
};

struct package_files {
    struct package_file *list;
    size_t count;
    size_t room;
};

/*
 * Read the inputs: files, and the files of folders (one level, no folders below). An INF template
 * "x.inf.in" is called "x.inf". Two inputs of one name (case does not count): VF_USAGE.
 */
enum vf_code package_files_read(struct package_files *files, const char *const *inputs,
                                size_t count, struct vf_err *err);
void package_files_free(struct package_files *files);

/* Add an empty file; *file is valid until the next addition. */
enum vf_code package_files_add(struct package_files *files, const char *name, const char *source,
                               struct package_file **file, struct vf_err *err);

/* The file of a name, case does not count; NULL where there is none. */
struct package_file *package_files_find(const struct package_files *files, const char *name);

/* The one INF among them. VF_MALFORMED where there is none or more than one. */
enum vf_code package_files_inf(const struct package_files *files, struct package_file **inf,
                               struct vf_err *err);

/* Write all of them into a new folder, which appears whole or not at all. */
enum vf_code package_files_write(const struct package_files *files, const char *folder, bool force,
                                 struct vf_err *err);

#endif
