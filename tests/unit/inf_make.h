/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INF files for tests, written as C text. */
#ifndef TESTS_UNIT_INF_MAKE_H
#define TESTS_UNIT_INF_MAKE_H

#include <string.h>

#include "inf/inf.h"
#include "tests/unit/unit.h"

/* Parse bytes that must be good; named "test.inf". */
static inline struct inf_file *inf_make_bytes(const void *bytes, size_t size)
{
    struct inf_file *file;
    struct vf_err err = {VF_OK, ""};

    if (inf_parse((struct vf_view){bytes, size}, "test.inf", &file, &err) != VF_OK)
        fail_msg("%s", err.text);
    return file;
}

static inline struct inf_file *inf_make(const char *text)
{
    return inf_make_bytes(text, strlen(text));
}

/* The message for bytes that must be refused as malformed; valid until the next call. */
static inline const char *inf_refused(const void *bytes, size_t size)
{
    static struct vf_err err;
    struct inf_file *file;

    assert_int_equal(inf_parse((struct vf_view){bytes, size}, "test.inf", &file, &err),
                     VF_MALFORMED);
    assert_null(file);
    return err.text;
}

#endif
