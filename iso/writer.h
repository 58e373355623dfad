/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing an ISO 9660 image with a Joliet tree, the same bytes from the same input on any host.
 *
 * Life cycle: open, add files and directories in any order, write once or more often, close. The
 * writer copies every string and every byte it is given; files named by path are read while the
 * image is written and must stay as they were when added (a change is found and refused).
 *
 * The image: sixteen empty blocks, the primary and the Joliet descriptor, the end of descriptors,
 * four path tables, the directories of both trees, then the content of every file in path order.
 * Files with equal content (size and SHA-256) share one extent. All dates are the one given. Both
 * trees are sorted by what is recorded, so neither the order of the calls nor that of readdir
 * shows. Memory grows with the number of files, not with their size; the image is written from
 * front to back in one pass.
 *
 * Not there, on purpose: Rock Ridge (Linux reads Joliet), files of 4 GiB and more (they need
 * several extents, which readers get wrong), links, and any owner or mode.
 */
#ifndef ISO_WRITER_H
#define ISO_WRITER_H

#include <stdint.h>

#include "util/bytes.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/outfile.h"

/* Files and directories of one image, together. */
#define ISO_WRITER_NODES_MAX 200000

struct iso_writer;

/*
 * Begin an image. label: 1 to 16 characters (iso_name_check_label). epoch: seconds since 1970 for
 * every date, 0 to VF_EPOCH_MAX.
 */
enum vf_code iso_writer_open(const char *label, int64_t epoch, struct iso_writer **writer,
                             struct vf_err *err);
void iso_writer_close(struct iso_writer *writer);

/*
 * Add to the image. Paths on the disc are relative, with '/' between names; missing parents are
 * made. VF_MALFORMED where a name cannot be (iso_name_check), where the path is longer than 240
 * characters or deeper than 8 levels, where it is there already or differs from one that is there
 * only in case, and where the file has 4 GiB or more. A directory may be added again. After VF_IO
 * the writer is good for nothing but iso_writer_close.
 */
enum vf_code iso_writer_add_directory(struct iso_writer *writer, const char *path,
                                      struct vf_err *err);
enum vf_code iso_writer_add_file(struct iso_writer *writer, const char *path, const char *source,
                                 struct vf_err *err);
enum vf_code iso_writer_add_bytes(struct iso_writer *writer, const char *path,
                                  struct vf_view content, struct vf_err *err);

/*
 * Add all that the directory source holds under path ("" for the root of the disc). Symbolic
 * links and special files are refused: a disc cannot hold them, and following links could leave
 * the directory.
 */
enum vf_code iso_writer_add_tree(struct iso_writer *writer, const char *path, const char *source,
                                 struct vf_err *err);

/* Is there a file or directory at this path, written exactly so? */
bool iso_writer_has(const struct iso_writer *writer, const char *path);

/*
 * Visit every file in byte order of its path, with its SHA-256 (the files are read for it, once).
 * Ends early with the first code that visit returns, if that is not VF_OK.
 */
typedef enum vf_code iso_writer_visit(void *context, const char *path, uint64_t size,
                                      const struct vf_digest *digest, struct vf_err *err);
enum vf_code iso_writer_each(struct iso_writer *writer, iso_writer_visit *visit, void *context,
                             struct vf_err *err);

/* Told now and then how many bytes of the image are written. */
typedef void iso_progress(void *context, uint64_t done, uint64_t total);

struct iso_written {
    uint64_t size;           /* bytes of the image */
    struct vf_digest digest; /* its SHA-256 */
    uint64_t files, directories;
    uint64_t shared_files; /* of the files, those that needed no space of their own */
    uint64_t shared_bytes; /* and what they would have taken */
};

/*
 * Append the image to out, which the caller opened and will commit or abort. progress may be
 * NULL. VF_IO where a source changed since it was added, or cannot be read, or out failed.
 */
enum vf_code iso_writer_write(struct iso_writer *writer, struct vf_out *out, iso_progress *progress,
                              void *context, struct iso_written *written, struct vf_err *err);

#endif
