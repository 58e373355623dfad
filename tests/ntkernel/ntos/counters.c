/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntos/counters.h"
#include "nk.h"

#define COUNTER_LIMIT 64

static struct {
    const char *what;
    ULONG64 calls, cycles;
    struct nk_calls fresh; /* since they were last taken */
} counters[COUNTER_LIMIT];

/* Cycles of all stretches that have ended, for each processor. */
static ULONG64 ended[NK_CPUS];

/* An interrupt between the two readings would be counted wrongly. */
void nk_span_begin(struct nk_span *span)
{
    bool on = nk_interrupts_off();

    span->inner = ended[nk_cpu_index()];
    span->start = nk_tsc();
    if (on)
        nk_sti();
}

ULONG64 nk_span_end(struct nk_span *span)
{
    bool on = nk_interrupts_off();
    ULONG64 *total = &ended[nk_cpu_index()], all = nk_tsc() - span->start;
    ULONG64 own = all - (*total - span->inner);

    *total = span->inner + all;
    if (on)
        nk_sti();
    return own;
}

void nk_count_call(const char *what, ULONG64 cycles)
{
    bool on = nk_critical_enter();
    unsigned n;

    for (n = 0; n < COUNTER_LIMIT && counters[n].what && counters[n].what != what; n++)
        ;
    if (n < COUNTER_LIMIT) {
        counters[n].what = what;
        counters[n].calls++;
        counters[n].cycles += cycles;
        if (!counters[n].fresh.calls++ || cycles < counters[n].fresh.least)
            counters[n].fresh.least = cycles;
        counters[n].fresh.cycles += cycles;
    }
    nk_critical_leave(on);
}

struct nk_calls nk_calls_take(const char *what)
{
    bool on = nk_critical_enter();
    struct nk_calls taken = {0};
    unsigned n;

    for (n = 0; n < COUNTER_LIMIT && counters[n].what; n++) {
        if (!nk_streq(counters[n].what, what))
            continue;
        taken = counters[n].fresh;
        counters[n].fresh = (struct nk_calls){0};
        break;
    }
    nk_critical_leave(on);
    return taken;
}

void nk_counters_print(void)
{
    char name[96];
    unsigned n;

    for (n = 0; n < COUNTER_LIMIT && counters[n].what; n++) {
        nk_format(name, sizeof(name), "calls.%s", counters[n].what);
        nk_counter(name, counters[n].calls);
        nk_format(name, sizeof(name), "cycles.%s", counters[n].what);
        nk_counter(name, counters[n].cycles);
    }
}
