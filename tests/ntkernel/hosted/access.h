/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instructions that fault in a process and are carried out in its place. */
#ifndef NK_HOSTED_ACCESS_H
#define NK_HOSTED_ACCESS_H

#include <stdbool.h>
#include <ucontext.h>

#include "tests/ntkernel/hosted/os.h"

/** The access to a device register at `address` that these registers were about to make: made, and
 * the instruction passed over. False if it is none, or not a plain load or store. */
bool access_register(greg_t *r, os_word address);
/** mov reg, cr8: likewise. */
bool access_cr8(greg_t *r);

#endif
