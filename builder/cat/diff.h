/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How two catalogs differ, in words. */
#ifndef BUILDER_CAT_DIFF_H
#define BUILDER_CAT_DIFF_H

#include "builder/cat/cat.h"

/* One difference as a sentence; return false to end. */
typedef bool cat_diff_seen(void *context, const char *text);

/*
 * Tell how the second list differs from the first: version, identifier, time, attributes of the
 * catalog, and entries (by digest). Returns true where there was nothing to tell.
 */
bool cat_diff(const struct cat_list *first, const struct cat_list *second, cat_diff_seen *seen,
              void *context);

#endif
