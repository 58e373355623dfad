/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NK_MM_H
#define NK_MM_H

#include "ntos/verifier.h"

/** Physically contiguous memory with guard pages; filled with a pattern. NULL when there is none.
 */
void *nk_contiguous_alloc(SIZE_T size, ULONG64 highest, ULONG64 boundary);
void nk_contiguous_free(void *address);
/** Map device registers for the driver; NULL when refused. */
void *nk_registers_map(PHYSICAL_ADDRESS physical, SIZE_T size);
void nk_registers_unmap(void *address, SIZE_T size);
/** A locked, unmapped MDL for memory that stays resident, as the I/O manager makes for direct I/O.
 */
MDL *nk_mdl_create(void *va, ULONG length);
void nk_mdl_free(MDL *mdl);
/** Map a locked MDL into system space (`mode` 0), until it is freed; NULL when refused. */
void *nk_mdl_map(MDL *mdl, CHAR mode);

/** Pages that the driver has taken for MDLs and not given back; of those, how many hold nothing but
 * zeros. */
ULONG64 nk_mdl_pages_out(ULONG64 *zero);

#endif
