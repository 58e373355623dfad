/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ethernet frames both sides can compute: the guest sends one, the host answers it with the same
 * number and length and other contents.
 */
#ifndef NK_FRAME_H
#define NK_FRAME_H

#include "pattern.h"

#define NK_FRAME_MIN  60u
#define NK_FRAME_MAX  1514u
#define NK_FRAME_TYPE 0x88B5u /* for experiments (IEEE 802) */
#define NK_FRAME_PEER 0x02u   /* the host's address is this byte six times */

struct nk_ethernet {
    unsigned char to[6], from[6], type[2], length[2];
    unsigned sequence, answer; /* 0 from the guest, 1 from the host */
    unsigned long long words[(NK_FRAME_MAX - 24) / 8 + 1];
};
_Static_assert(sizeof(struct nk_ethernet) == 24 + 8 * ((NK_FRAME_MAX - 24) / 8 + 1), "padding");

static inline void nk_frame_fill(struct nk_ethernet *f, unsigned length, unsigned long long seed,
                                 unsigned sequence, unsigned answer)
{
    unsigned long long start = nk_mix(seed ^ (unsigned long long)sequence << 1 ^ answer);
    unsigned n;

    f->type[0] = NK_FRAME_TYPE >> 8;
    f->type[1] = NK_FRAME_TYPE & 0xFF;
    f->length[0] = (unsigned char)length;
    f->length[1] = (unsigned char)(length >> 8);
    f->sequence = sequence;
    f->answer = answer;
    for (n = 0; n * 8 + 24 < length; n++)
        f->words[n] = start + n * 0x9E3779B97F4A7C15ull;
}

/** A frame's part of a run's digest: the sum is independent of the order. */
static inline unsigned long long nk_frame_digest(unsigned sequence, unsigned length)
{
    return nk_mix((unsigned long long)sequence << 16 ^ length);
}

#endif
