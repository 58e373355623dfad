/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands between a foreign image and libiso9660. */
#ifndef ISO_READER_PRIVATE_H
#define ISO_READER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/bytes.h"
#include "util/error.h"

/* An image open for checking. */
struct iso_image {
    int fd;
    const char *path; /* for messages */
    uint64_t size;    /* bytes */
};

/* Read exactly size bytes at offset; VF_MALFORMED where the image ends before. */
enum vf_code iso_image_read(const struct iso_image *image, uint64_t offset, void *data, size_t size,
                            struct vf_err *err);

/*
 * What a file that is no ISO 9660 image is, judging by its first bytes: "a ZIP archive"; NULL
 * where that cannot be told. size is that of the whole file.
 */
const char *iso_signature(struct vf_view head, uint64_t size);

/* What the checks found out. */
struct iso_checked {
    bool joliet;     /* the tree checked, and the one libiso9660 will choose */
    uint64_t blocks; /* of the volume */
    size_t entries;  /* files and directories without the root */
};

/* Check all that libiso9660 is going to walk. */
enum vf_code iso_check(const struct iso_image *image, struct iso_checked *checked,
                       struct vf_err *err);

/* Where the system use area of a record goes on. */
struct iso_continuation {
    bool there;
    uint32_t extent, offset, size;
};

/*
 * Check the system use area of a directory record (IEEE P1281): fields inside the area, and long
 * enough for what libiso9660 reads of each. next: zeroed; is told of a continuation, which must be
 * checked in its turn; NULL where there must be none. reason: set to a phrase where false.
 */
bool iso_check_system_use(struct vf_view area, struct iso_continuation *next, const char **reason);

#endif
