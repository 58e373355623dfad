/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names on a disc: which ones Windows can use, when two of them are the same to it, and what they
 * become in the primary tree.
 *
 * The Joliet tree carries the real names, and every system that installs drivers reads it. The
 * primary tree is for the few readers that know nothing else, so it keeps strictly to interchange
 * level 2 (10.2: capital letters, digits and underscore, at most 30 characters and one dot). Long
 * mixed-case primary names, as discs without Joliet need, are outside the standard and each
 * reader treats them in its own way.
 */
#ifndef ISO_NAME_H
#define ISO_NAME_H

#include <stdbool.h>

#include "util/bytes.h"
#include "util/error.h"

/* Name, dot and extension (7.5.1), version number and its separator (7.5.2), NUL. */
#define ISO_PRIMARY_MAX (31 + 2 + 1)

/* Longest path on a disc in characters, so that "X:\" and some folder fit into Windows' 259. */
#define ISO_PATH_UNITS_MAX 240

/*
 * May a file or directory have this name (UTF-8)? VF_MALFORMED with the reason where not: empty,
 * "." or "..", longer than 64 characters, a character that Windows forbids in names or that lies
 * above U+FFFF, more than two bytes a character on average (libiso9660 cuts such names), a space
 * or dot at the end, a device name such as "aux" or "com1.inf". The message quotes the name; the
 * caller may put the path before it.
 */
enum vf_code iso_name_check(const char *name, struct vf_err *err);

/* As iso_name_check for a volume label: 1 to 16 characters, because the label in a Joliet
 * descriptor holds no more. */
enum vf_code iso_name_check_label(const char *label, struct vf_err *err);

/*
 * Append a key and a NUL: two names differ only in case where their keys are equal. Case is known
 * of the letters up to U+07FF. The name must
 * be well-formed UTF-8; false where it is not or memory is short.
 */
bool iso_name_key(const char *name, struct vf_buf *out);

/*
 * The name of the primary tree for a real name, without version number. Attempt 0 is the plain
 * conversion; each further attempt ends the part before the dot in "_ATTEMPT", to tell names
 * apart that would become equal.
 */
void iso_name_primary(const char *name, bool directory, unsigned attempt,
                      char out[ISO_PRIMARY_MAX]);

/* The label of the primary descriptor: capitals, digits and underscores, at most 32. */
void iso_name_primary_label(const char *label, char out[33]);

#endif
