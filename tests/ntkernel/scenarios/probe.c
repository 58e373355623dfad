/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the machine runs this kernel at all, and natively: vector registers, interrupts, a loop
 * in the time it should take. No driver is loaded. Some KVMs emulate ring 0 one instruction at a
 * time, and without vector instructions.
 */
#include "scenarios/scenario.h"

#define LOOPS    1000000u
#define LIMIT_MS 500 /* natively below 1, under TCG a few */

static void run(void)
{
    ULONG64 start, value = 0x0123456789ABCDEFull, back;
    volatile ULONG n;

    __asm__ volatile("movq %1, %%xmm0; movdqa %%xmm0, %%xmm1; movq %%xmm1, %0"
                     : "=r"(back)
                     : "r"(value)
                     : "memory");
    NK_EXPECT(back == value, "vector registers do not keep what they are given");
    nk_sleep(5);
    start = nk_time();
    for (n = 0; n < LOOPS; n++)
        ;
    nk_counter("loop us", (nk_time() - start) / 10);
    NK_EXPECT(nk_time() - start < LIMIT_MS * 10000ull, "%u loops take %llu ms: ring 0 is emulated",
              LOOPS, (nk_time() - start) / 10000);
}

NK_SCENARIO(probe, "probe", run);
