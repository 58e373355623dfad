/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NK_EX_H
#define NK_EX_H

#include "ntos/verifier.h"

/** Allocate from guarded pool, filled with a pattern. `caller` as in nk_resource_add(). NULL only
 * when the run asked for this allocation to fail. */
void *nk_pool_alloc(SIZE_T size, ULONG tag, bool pageable, void *caller);
/** `tag` 0 accepts any. */
void nk_pool_free(void *address, ULONG tag);

#endif
