/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changing lines of an INF file and keeping every other byte: encoding, line ends, comments,
 * spaces, order. Values are given as an INF writes them: "11/22/2026,1.2.3.4", "\"a, b\"".
 */
#ifndef INF_CHANGE_H
#define INF_CHANGE_H

#include "inf/inf.h"

enum inf_change_kind {
    INF_SET,    /* give a key its value: in place of that of its first line, else as INF_ADD */
    INF_ADD,    /* a line more, behind the section's last; the section is made where it is not */
    INF_REMOVE, /* every line of a key, with the comments on it */
};

struct inf_change {
    enum inf_change_kind kind;
    const char *section;
    const char *key;   /* with its tokens expanded or as written; of INF_ADD, NULL for none */
    const char *value; /* not of INF_REMOVE */
};

/*
 * Append the file with the changes made, one after the other, to out. VF_USAGE where a change is
 * not one line of a good INF (a comment, an open quote, a line end in its value), or removes what
 * is not there; VF_MALFORMED where the file's encoding has no form for it.
 */
enum vf_code inf_apply(const struct inf_file *file, const struct inf_change *changes, size_t count,
                       struct vf_buf *out, struct vf_err *err);

#endif
