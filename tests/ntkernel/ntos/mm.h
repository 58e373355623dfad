/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NK_MM_H
#define NK_MM_H

#include "ntos/verifier.h"

/** Physically contiguous memory with guard pages; filled with a pattern. NULL when there is none.
 */
void *nk_contiguous_alloc(SIZE_T size, ULONG64 highest, ULONG64 boundary, void *caller);
void nk_contiguous_free(void *address, const char *what);
/** A locked, unmapped MDL for memory that stays resident, as the I/O manager makes for direct I/O.
 */
MDL *nk_mdl_create(void *va, ULONG length, void *caller);
void nk_mdl_free(MDL *mdl);

#endif
