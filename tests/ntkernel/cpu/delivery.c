/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interrupts, DPCs and timers at random times, chosen by the option delivery=SEED (0, the default:
 * as they come). All of it may happen on hardware, most of it seldom:
 *  - an interrupt is held back until a later clock tick, or its routine is called once more;
 *  - DPCs are left queued when the IRQL falls, until it does so again or the clock ticks;
 *  - a timer that is due expires some ticks later;
 *  - a processor is taken away at any instruction of a call into the driver, as under a hypervisor,
 *    while the device, the clock and other processors go on. The call is single-stepped so far.
 * Each processor has a sequence of choices of its own. With one, the same seed gives the same
 * choices as far as interrupts come at the same places.
 */
#include "nk.h"
#include "cpu/delivery.h"

#define TRAP_FLAG      0x100ull
#define INTERRUPT_FLAG 0x200ull
#define STEP_BITS      9 /* of the greatest number of instructions stepped */
#define STALL_US       3000

static struct {
    ULONG64 state;
    ULONG steps;     /* still to go, 0 when none are counted */
    ULONG64 late[4]; /* vectors held back */
} cpus[NK_CPUS];

static ULONG64 stalls, held_back, repeated, dpcs_left, timers_late;

static ULONG64 seed(void)
{
    static ULONG64 value = ~0ull;

    if (value == ~0ull)
        value = nk_option("delivery", 0);
    return value;
}

static ULONG below(ULONG limit)
{
    ULONG64 *state = &cpus[nk_cpu_index()].state, x;

    if (!*state)
        *state = seed() * NK_CPUS + nk_cpu_index() + 1;
    *state ^= *state << 13; /* xorshift64 */
    *state ^= *state >> 7;
    *state ^= *state << 17;
    x = *state * 0x2545F4914F6CDD1Dull;
    return (ULONG)((x >> 32) * limit >> 32);
}

static bool one_in(ULONG n, ULONG64 *count)
{
    if (!seed() || below(n))
        return false;
    __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    return true;
}

static void mark_late(UCHAR vector)
{
    __atomic_or_fetch(&cpus[nk_cpu_index()].late[vector / 64], 1ull << vector % 64,
                      __ATOMIC_RELAXED);
}

bool nk_delivery_holds_back(UCHAR vector)
{
    if (!one_in(4, &held_back))
        return false;
    mark_late(vector);
    return true;
}

void nk_delivery_done(UCHAR vector)
{
    if (one_in(16, &repeated))
        mark_late(vector);
}

UCHAR nk_delivery_late(KIRQL former)
{
    unsigned n;

    for (n = NK_COUNT(cpus[0].late); seed() && n-- > 0;) {
        ULONG64 *late = &cpus[nk_cpu_index()].late[n], bits = __atomic_load_n(late, 0);

        while (bits) {
            unsigned bit = 63 - (unsigned)__builtin_clzll(bits);

            bits &= ~(1ull << bit);
            if ((64 * n + bit) >> 4 <= former || below(2))
                continue;
            __atomic_and_fetch(late, ~(1ull << bit), __ATOMIC_RELAXED);
            return (UCHAR)(64 * n + bit);
        }
    }
    return 0;
}

void nk_delivery_forget(UCHAR vector)
{
    unsigned cpu;

    for (cpu = 0; cpu < NK_CPUS; cpu++)
        __atomic_and_fetch(&cpus[cpu].late[vector / 64], ~(1ull << vector % 64), __ATOMIC_RELAXED);
}

bool nk_delivery_leaves_dpcs(void)
{
    return one_in(4, &dpcs_left);
}

bool nk_delivery_timer_late(void)
{
    return one_in(4, &timers_late);
}

unsigned nk_delivery_msi_cpu(unsigned message)
{
    if (seed())
        return (unsigned)((seed() * 0x9E3779B97F4A7C15ull >> 8 * (message % 4)) % nk_cpu_count());
    return message ? (message - 1) % nk_cpu_count() : 0;
}

bool nk_delivery_step_begin(void)
{
    ULONG *steps = &cpus[nk_cpu_index()].steps;

    if (!seed() || *steps || below(8))
        return false;
    *steps = 1 + below(1u << (1 + below(STEP_BITS)));
    __asm__ volatile("pushfq; orq %0, (%%rsp); popfq" : : "i"(TRAP_FLAG) : "memory", "cc");
    return true;
}

void nk_delivery_step_end(void)
{
    __asm__ volatile("pushfq; andq %0, (%%rsp); popfq" : : "i"(~TRAP_FLAG) : "memory", "cc");
    cpus[nk_cpu_index()].steps = 0;
}

bool nk_delivery_step(struct nk_frame *f)
{
    ULONG *steps = &cpus[nk_cpu_index()].steps;

    if (!seed())
        return false;
    if (*steps > 1) {
        --*steps;
        return true;
    }
    f->rflags &= ~TRAP_FLAG;
    if (!*steps)
        return true;
    *steps = 0;
    if (f->rflags & INTERRUPT_FLAG) {
        ULONG us = 1 + below(STALL_US);

        __atomic_add_fetch(&stalls, 1, __ATOMIC_RELAXED);
        nk_sti();
        nk_stall_us(us);
        nk_cli();
    }
    return true;
}

void nk_delivery_counters(void)
{
    if (!seed())
        return;
    nk_counter("delivery.stalls", stalls);
    nk_counter("delivery.interrupts held back", held_back);
    nk_counter("delivery.interrupts repeated", repeated);
    nk_counter("delivery.DPCs left", dpcs_left);
    nk_counter("delivery.timers late", timers_late);
}
