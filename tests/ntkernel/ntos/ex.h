/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NK_EX_H
#define NK_EX_H

#include "ntos/verifier.h"

/** Allocate from guarded pool for the driver, filled with a pattern. NULL only when the run asked
 * for this allocation to fail. */
void *nk_pool_alloc(SIZE_T size, ULONG tag, bool pageable);
/** The same for the kernel's and the scenario's own use: never refused, no leak. */
void *nk_pool_own(SIZE_T size, ULONG tag, bool pageable);
/** The same, filled with zeros. */
void *nk_pool_zero(SIZE_T size, ULONG tag);
/** `tag` 0 accepts any. */
void nk_pool_free(void *address, ULONG tag);

/** Each call is one request of the driver's for memory or an object of the system; true if that one
 * is to be refused. */
bool nk_scarce(void);
/** Refuse the nth request from now on, or none if 0. The option fail_alloc=n does so at the start.
 */
void nk_scarce_set(ULONG64 nth);
/** Whether the refusal is still to come. */
bool nk_scarce_waits(void);

#endif
