/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a random-number device may return: bytes of the host's file, in order, some left out. */
#ifndef NK_RNG_H
#define NK_RNG_H

#include "scenarios/scenario.h"

/** Where the next bytes begin, after these were found in the file of this seed, at or behind
 * `position`; reported if they are not. */
ULONG64 rng_found(ULONG64 seed, ULONG64 position, const UCHAR *data, ULONG64 length);

#endif
