/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SSE registers: callers of the Microsoft convention lose xmm0 to xmm5 and keep xmm6 to xmm15.
 * These drivers are compiled without, so nothing else touches them. */
#ifndef NK_BAD_REGISTERS_H
#define NK_BAD_REGISTERS_H

#include "bad/bad.h"

#define REGISTERS 16

struct registers {
    ULONG64 word[REGISTERS][2];
} __attribute__((aligned(16)));

#define LOAD(n)  __asm__ volatile("movdqa %0, %%xmm" #n : : "m"(r->word[n]))
#define STORE(n) __asm__ volatile("movdqa %%xmm" #n ", %0" : "=m"(r->word[n]))

static inline VOID registers_fill(struct registers *r, ULONG64 seed)
{
    for (ULONG n = 0; n < REGISTERS; n++) {
        r->word[n][0] = seed << 32 | n;
        r->word[n][1] = ~r->word[n][0];
    }
}

/* The registers that a call may change. */
static inline VOID registers_load_low(const struct registers *r)
{
    LOAD(0);
    LOAD(1);
    LOAD(2);
    LOAD(3);
    LOAD(4);
    LOAD(5);
}

static inline VOID registers_load(const struct registers *r)
{
    registers_load_low(r);
    LOAD(6);
    LOAD(7);
    LOAD(8);
    LOAD(9);
    LOAD(10);
    LOAD(11);
    LOAD(12);
    LOAD(13);
    LOAD(14);
    LOAD(15);
}

static inline VOID registers_store(struct registers *r)
{
    STORE(0);
    STORE(1);
    STORE(2);
    STORE(3);
    STORE(4);
    STORE(5);
    STORE(6);
    STORE(7);
    STORE(8);
    STORE(9);
    STORE(10);
    STORE(11);
    STORE(12);
    STORE(13);
    STORE(14);
    STORE(15);
}

static inline BOOLEAN registers_equal(const struct registers *a, const struct registers *b,
                                      ULONG first)
{
    for (ULONG n = first; n < REGISTERS; n++) {
        if (a->word[n][0] != b->word[n][0] || a->word[n][1] != b->word[n][1])
            return 0;
    }
    return 1;
}

#endif
