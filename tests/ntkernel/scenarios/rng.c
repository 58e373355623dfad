/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenarios/rng.h"

#define LEFT_OUT_LIMIT 65536

ULONG64 rng_found(ULONG64 seed, ULONG64 position, const UCHAR *data, ULONG64 length)
{
    ULONG64 at, n;

    for (at = position; at < position + LEFT_OUT_LIMIT; at++) {
        for (n = 0; n < length && data[n] == nk_random_byte(seed, at + n); n++)
            ;
        if (n == length)
            return at + n;
    }
    nk_report("check", "what was read is not in the host's file behind place %llu", position);
}
