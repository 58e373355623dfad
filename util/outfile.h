/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Outputs that appear whole or not at all.
 *
 * An output is written under a temporary name in the directory where it will stand, flushed to
 * disk (fsync), and renamed into place by commit; until then, and after any failure, the place
 * holds what it held before. Mode bits are 0644 for files and 0755 for directories whatever the
 * umask, so that outputs do not depend on it.
 *
 *   struct vf_out *out;
 *   code = vf_out_open(path, force, &out, err);
 *   if (code) return code;
 *   vf_out_write(out, data, size);        // errors are kept until commit
 *   return vf_out_commit(out, err);       // frees out in every case; or vf_out_abort(out)
 */
#ifndef UTIL_OUTFILE_H
#define UTIL_OUTFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/bytes.h"
#include "util/error.h"

struct vf_out;

/*
 * Begin an output file at path. Where path exists already and force is false: VF_USAGE, asking
 * for --force. The caller ends it with exactly one of commit and abort.
 */
enum vf_code vf_out_open(const char *path, bool force, struct vf_out **out, struct vf_err *err);

/* Append; a failure is remembered and reported by commit. */
void vf_out_write(struct vf_out *out, const void *data, size_t size);

/* Overwrite bytes already written, at an offset from the start; position for appends is kept. */
void vf_out_write_at(struct vf_out *out, uint64_t offset, const void *data, size_t size);

/* Where the output will stand. Borrowed. */
const char *vf_out_path(const struct vf_out *out);

/* The failure remembered so far (an errno value), 0 where there is none. */
int vf_out_errno(const struct vf_out *out);

enum vf_code vf_out_commit(struct vf_out *out, struct vf_err *err);
void vf_out_abort(struct vf_out *out);

/* All of the above for content at hand. */
enum vf_code vf_out_file(const char *path, bool force, struct vf_view content, struct vf_err *err);

/*
 * A whole directory as one output: a fresh directory beside path to be filled through
 * vf_outdir_path(), then renamed to path by commit. With force an existing directory at path is
 * replaced and removed. Abort removes all that was written.
 */
struct vf_outdir;
enum vf_code vf_outdir_open(const char *path, bool force, struct vf_outdir **dir,
                            struct vf_err *err);
const char *vf_outdir_path(const struct vf_outdir *dir);
enum vf_code vf_outdir_commit(struct vf_outdir *dir, struct vf_err *err);
void vf_outdir_abort(struct vf_outdir *dir);

/* Make path and its missing parents, mode 0755. */
enum vf_code vf_make_dirs(const char *path, struct vf_err *err);

#endif
