/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In what two disc images differ: their entries, and where those are all the same, the first byte
 * and the field it belongs to.
 */
#ifndef ISO_DIFF_H
#define ISO_DIFF_H

#include "iso/reader.h"

enum iso_difference_kind {
    ISO_DIFF_LABEL,   /* of the discs; path is "" */
    ISO_DIFF_ONLY_A,  /* path is in the first only */
    ISO_DIFF_ONLY_B,  /* path is in the second only */
    ISO_DIFF_TYPE,    /* a file in one, a directory in the other */
    ISO_DIFF_SIZE,    /* of a file */
    ISO_DIFF_CONTENT, /* files of one size, not of one content */
    ISO_DIFF_DATE,    /* of an entry */
    ISO_DIFF_BYTES,   /* the images, at an offset; reported where nothing else differs */
};

struct iso_difference {
    enum iso_difference_kind kind;
    const char *path; /* on the disc; "" where the difference is none of an entry */
    const char
        *detail; /* a phrase for a person: "3 and 5 bytes"; "" where there is no more to say */
};

/* A word for a kind: "only in the first", "content"; never NULL. */
const char *iso_diff_text(enum iso_difference_kind kind);

/* Told each difference, in byte order of paths; texts live until it returns. */
typedef enum vf_code iso_diff_visit(void *context, const struct iso_difference *difference,
                                    struct vf_err *err);

/* Compare two discs; *count is set to the number of differences. */
enum vf_code iso_diff(struct iso_reader *a, struct iso_reader *b, iso_diff_visit *visit,
                      void *context, size_t *count, struct vf_err *err);

#endif
