/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How two catalogs differ, in words. */
#ifndef BUILDER_CAT_DIFF_H
#define BUILDER_CAT_DIFF_H

#include "builder/cat/cat.h"

/* One difference as a sentence; return false to end. */
typedef bool cat_diff_seen(void *context, const char *text);

/*
 * Tell how the second list differs from the first: version, identifier, time, attributes of the
 * catalog, and entries (by digest). *same: there was nothing to tell. Fails only for want of
 * memory.
 */
enum vf_code cat_diff(const struct cat_list *first, const struct cat_list *second,
                      cat_diff_seen *seen, void *context, bool *same, struct vf_err *err);

#endif
