/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time, the clock interrupt, the watchdog. */
#include "nk.h"
#include "cpu/memory.h"
#include "ntos/verifier.h"

static ULONG64 tsc_start, tsc_per_ms, clock_ticks[NK_CPUS];
static struct {
    const char *what;
    ULONG64 deadline;
} watch[NK_CPUS];

void nk_clock_start(ULONG64 speed)
{
    tsc_per_ms = speed;
    tsc_start = nk_tsc();
}

ULONG64 nk_time(void)
{
    return (nk_tsc() - tsc_start) * 10000 / tsc_per_ms;
}

ULONG64 nk_tsc_hz(void)
{
    return tsc_per_ms * 1000;
}

void nk_stall_us(ULONG microseconds)
{
    ULONG64 end = nk_tsc() + tsc_per_ms * microseconds / 1000;

    while (nk_tsc() < end)
        nk_relax();
}

/* Interrupt time, system time (not aligned) and tick count where drivers read them inline. */
static void update_shared_page(ULONG64 now)
{
    UCHAR *page = nk_shared_page();
    ULONG ticks = (ULONG)(now / 156250);

    if (!page)
        return;
    nk_memcpy(page + 0x08, &now, sizeof(now));
    nk_memcpy(page + 0x14, &now, sizeof(now));
    nk_memcpy(page + 0x320, &ticks, sizeof(ticks));
}

void nk_watchdog_check(void)
{
    unsigned cpu = nk_cpu_index();

    if (!watch[cpu].deadline || nk_tsc() <= watch[cpu].deadline)
        return;
    nk_service_clear(); /* whether it still lasts is not known */
    nk_report("watchdog", "%s does not return; interrupted at %s", watch[cpu].what,
              nk_code_name(nk_interrupted_at[cpu]));
}

ULONG64 nk_ticks(unsigned cpu)
{
    return __atomic_load_n(&clock_ticks[cpu], __ATOMIC_RELAXED);
}

/* Each processor watches itself; the first also keeps time. */
void nk_clock_tick(void *context)
{
    ULONG64 now = nk_time();
    unsigned cpu = nk_cpu_index();

    __atomic_store_n(&clock_ticks[cpu], clock_ticks[cpu] + 1, __ATOMIC_RELAXED);
    nk_watchdog_check();
    if (cpu)
        return;
    update_shared_page(now);
    nk_timers_tick(now);
}

ULONG64 nk_watchdog_arm(const char *what, ULONG ms)
{
    unsigned cpu = nk_cpu_index();
    ULONG64 former = watch[cpu].deadline;

    watch[cpu].what = what;
    watch[cpu].deadline = nk_tsc() + tsc_per_ms * ms;
    return former;
}

ULONG64 nk_watchdog_restore(ULONG64 deadline)
{
    unsigned cpu = nk_cpu_index();
    ULONG64 former = watch[cpu].deadline;

    watch[cpu].deadline = deadline;
    return former;
}
