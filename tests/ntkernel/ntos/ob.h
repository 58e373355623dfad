/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects that live as long as anybody refers to them, by handle or by reference. */
#ifndef NK_OB_H
#define NK_OB_H

#include "ntos/verifier.h"

/** An object of `size` bytes, cleared, with one reference: the kernel's own. */
void *nk_object_create(SIZE_T size);
/** A handle for the object, entered as the driver's, which has to close it. */
PVOID nk_object_handle(void *object);
/** Drop the kernel's own reference. */
void nk_object_release(void *object);
bool nk_object_is(const void *object);

#endif
