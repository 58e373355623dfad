/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading whole files, with a limit the caller sets before any memory is taken. */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stddef.h>

#include "util/bytes.h"
#include "util/error.h"

/*
 * Append the content of the regular file at path to out. Larger than limit bytes: VF_MALFORMED,
 * nothing allocated for it. Not a regular file, absent or unreadable: VF_IO. The message names the
 * path. On failure out keeps what it held before.
 */
enum vf_code vf_file_read(const char *path, size_t limit, struct vf_buf *out, struct vf_err *err);

/*
 * A new string "dir/name" (or just name where dir is ""), to be freed by the caller; NULL where
 * memory is short.
 */
char *vf_path_join(const char *dir, const char *name);

/* The part of path behind its last slash; path itself where there is none. Borrowed from path. */
const char *vf_path_base(const char *path);

/*
 * Every entry of a directory except "." and "..", sorted by byte value, as an array of count
 * strings. Free with vf_names_free(). More than limit entries: VF_MALFORMED.
 */
enum vf_code vf_dir_names(const char *path, size_t limit, char ***names, size_t *count,
                          struct vf_err *err);
void vf_names_free(char **names, size_t count);

#endif
