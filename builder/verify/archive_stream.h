/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of a compressed file, with a bound on the memory that unpacking takes.
 *
 * An .xz or .zst file states how large a window its reader must keep, up to gigabytes, whatever
 * its own size; libarchive takes that memory. These two are therefore unpacked here, with a
 * window in proportion to the file, and libarchive sees the result. What it unpacks itself (gzip,
 * bzip2, the methods of cabinets, zip's deflation) has windows of at most a few MiB by definition.
 */
#ifndef BUILDER_VERIFY_ARCHIVE_STREAM_H
#define BUILDER_VERIFY_ARCHIVE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

enum archive_packing { ARCHIVE_PLAIN, ARCHIVE_XZ, ARCHIVE_ZSTD };

struct archive_stream;

/*
 * Open a file packed with ARCHIVE_XZ or ARCHIVE_ZSTD. Ends with archive_stream_close(). At most
 * `limit` unpacked bytes are given out. path is borrowed and named in messages.
 */
enum vf_code archive_stream_open(const char *path, enum archive_packing packing, uint64_t limit,
                                 struct archive_stream **stream, struct vf_err *err);

/*
 * The next piece: *data is borrowed until the next call, *size is 0 at the end. VF_MALFORMED for
 * damaged data, a window beyond the bound, or more than the limit.
 */
enum vf_code archive_stream_read(struct archive_stream *stream, const void **data, size_t *size,
                                 struct vf_err *err);
void archive_stream_close(struct archive_stream *stream);

#endif
