/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading an ISO 9660 image, ours or anyone's, through libiso9660: code that shares nothing with
 * the writer.
 *
 * Life cycle: open reads the whole list of entries, sorted by path; content is read on demand;
 * close frees all. Entries belong to the reader.
 *
 * An image is hostile until shown otherwise, and libiso9660 has faults that a hostile image can
 * reach (it copies Rock Ridge fields by lengths it does not check, follows directory loops, cuts
 * names). So before it is let near, everything it will walk is checked here: descriptors, every
 * directory record, system use fields, extents inside the image, no loop. What it returns must
 * then be as many entries as were checked.
 *
 * The names are the Joliet ones where the image has them, as Windows does it; otherwise those of
 * the primary tree or of Rock Ridge, without version numbers. No name holds '/', '\', a control
 * character, or is "." or "..": a path can be used below a directory of the host as it is.
 *
 * Not read: images of several extents per file, interleaving, links and moved directories of Rock
 * Ridge, raw CD sectors, UDF.
 */
#ifndef ISO_READER_H
#define ISO_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "util/bytes.h"
#include "util/digest.h"
#include "util/error.h"

/* Bounds on what is accepted. */
#define ISO_READER_ENTRIES_MAX 200000
#define ISO_READER_DEPTH_MAX   32

struct iso_reader;

struct iso_entry {
    const char *path; /* UTF-8, '/' between names, no '/' at either end; the root is no entry */
    bool directory;
    uint64_t size;   /* bytes; 0 for a directory */
    uint32_t extent; /* first block of the content */
    time_t date;     /* seconds since 1970; -1 where the record's date is none */
};

/*
 * Open the image at path. VF_MALFORMED, saying what it is instead where that can be seen (a web
 * page, an archive, a UDF disc, an empty file), or what in it is wrong. VF_IO: cannot be read.
 */
enum vf_code iso_reader_open(const char *path, struct iso_reader **reader, struct vf_err *err);
void iso_reader_close(struct iso_reader *reader);

const char *iso_reader_path(const struct iso_reader *reader);  /* as given to open */
const char *iso_reader_label(const struct iso_reader *reader); /* never NULL */
bool iso_reader_is_joliet(const struct iso_reader *reader);
uint64_t iso_reader_size(const struct iso_reader *reader); /* bytes of the image */

/* Entries in byte order of their paths; NULL behind the last. */
size_t iso_reader_count(const struct iso_reader *reader);
const struct iso_entry *iso_reader_entry(const struct iso_reader *reader, size_t index);

/*
 * The entry at a path: the one that is written so, else one that differs in case only, as Windows
 * would take it; NULL where there is none.
 */
const struct iso_entry *iso_reader_find(const struct iso_reader *reader, const char *path);

/* Append a file's content to out; VF_MALFORMED, before any allocation, where it exceeds limit. */
enum vf_code iso_reader_read(struct iso_reader *reader, const struct iso_entry *entry, size_t limit,
                             struct vf_buf *out, struct vf_err *err);

/* Take a piece of content; anything but VF_OK ends the reading and is its result. */
typedef enum vf_code iso_sink(void *context, const uint8_t *data, size_t size, struct vf_err *err);

/* Hand a file's content of any size to sink, in order, in pieces. */
enum vf_code iso_reader_pass(struct iso_reader *reader, const struct iso_entry *entry,
                             iso_sink *sink, void *context, struct vf_err *err);

enum vf_code iso_reader_digest(struct iso_reader *reader, const struct iso_entry *entry,
                               enum vf_hash hash, struct vf_digest *digest, struct vf_err *err);

/* What an extraction did. */
struct iso_extracted {
    uint64_t files, bytes;
};

/*
 * Write entries as files below dir, which must not exist yet (or is replaced, with force) and
 * appears only when all is in it. names: count paths of files or directories (with all below
 * them), found as iso_reader_find does; count 0 means everything. VF_USAGE where a name is not on
 * the disc. progress may be NULL and is told bytes.
 */
enum vf_code iso_reader_extract(struct iso_reader *reader, const char *dir,
                                const char *const *names, size_t count, bool force,
                                void (*progress)(void *context, uint64_t done, uint64_t total),
                                void *context, struct iso_extracted *extracted, struct vf_err *err);

#endif
