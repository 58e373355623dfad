/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local and I/O interrupt controllers and the clock's source. */
#include "nk.h"
#include "cpu/delivery.h"
#include "cpu/memory.h"

#define LAPIC_PHYSICAL  0xFEE00000ull
#define IOAPIC_PHYSICAL 0xFEC00000ull

/* Local APIC registers, as indices of 32-bit words. */
enum {
    LAPIC_ID = 0x20 / 4,
    LAPIC_EOI = 0xB0 / 4,
    LAPIC_SPURIOUS = 0xF0 / 4,
    LAPIC_COMMAND = 0x300 / 4,
    LAPIC_TIMER = 0x320 / 4,
    LAPIC_INITIAL = 0x380 / 4,
    LAPIC_CURRENT = 0x390 / 4,
    LAPIC_DIVIDE = 0x3E0 / 4
};

#define VECTOR_SPURIOUS   0xFF
#define TIMER_PERIODIC    0x20000u
#define TICK_US           1000
#define PIT_HZ            1193182u
#define CALIBRATE_MS      1
#define CALIBRATE_WINDOWS 8

static volatile ULONG *lapic, *ioapic;
static ULONG timer_per_ms;
static UCHAR apic_ids[NK_CPUS];

void nk_apic_eoi(void)
{
    lapic[LAPIC_EOI] = 0;
}

ULONG64 nk_msi_address(unsigned message)
{
    return LAPIC_PHYSICAL | (ULONG64)apic_ids[nk_delivery_msi_cpu(message)] << 12;
}

ULONG nk_msi_data(UCHAR vector)
{
    return vector;
}

static void ioapic_write(UCHAR index, ULONG value)
{
    ioapic[0] = index;
    ioapic[4] = value;
}

void nk_vector_raise(UCHAR vector)
{
    lapic[LAPIC_COMMAND] = 0x44000u | vector; /* to this processor only */
}

void nk_ioapic_connect(UCHAR pin, UCHAR vector)
{
    ioapic_write((UCHAR)(0x11 + 2 * pin), lapic[LAPIC_ID]);
    ioapic_write((UCHAR)(0x10 + 2 * pin), 0x8000u | vector); /* level triggered, active high */
}

void nk_ioapic_disconnect(UCHAR pin)
{
    ioapic_write((UCHAR)(0x10 + 2 * pin), 0x10000u);
}

void nk_rest_unless(const volatile LONG *condition)
{
    static int spins = -1;

    /* where the clock counts instructions, rest would be counted as many of them */
    if (spins < 0)
        spins = nk_option("spin", 0) != 0;
    nk_cli();
    if (*condition || spins)
        nk_sti();
    else
        __asm__ volatile("sti; hlt" : : : "memory");
}

/* The start-up sequence for all processors but this one: reset, then start at a page. */
void nk_apic_start_others(ULONG page)
{
    lapic[LAPIC_COMMAND] = 0xC4500;
    nk_stall_us(10000);
    lapic[LAPIC_COMMAND] = 0xC4600 | page >> 12;
    nk_stall_us(1000);
}

static USHORT pit_count(void)
{
    UCHAR low;

    nk_out8(0x43, 0x80); /* latch channel 2 */
    low = nk_in8(0x42);
    return (USHORT)(low | nk_in8(0x42) << 8);
}

/*
 * Hold the faster clocks against channel 2 of the PIT. The host may take the processor away at any
 * time: the PIT is read after the other clocks at the start of a window and before them at its end,
 * so that a pause makes them seem faster, never slower, and the least of several windows is right.
 */
static ULONG64 calibrate(void)
{
    ULONG64 tsc_least = ~0ull;
    ULONG timer_least = ~0u, n;

    nk_out8(0x61, (UCHAR)((nk_in8(0x61) & ~2) | 1));
    nk_out8(0x43, 0xB4); /* channel 2 counts down from 65536 again and again */
    nk_out8(0x42, 0);
    nk_out8(0x42, 0);
    lapic[LAPIC_INITIAL] = ~0u;
    for (n = 0; n < CALIBRATE_WINDOWS; n++) {
        ULONG64 tsc = nk_tsc();
        ULONG timer = lapic[LAPIC_CURRENT];
        USHORT start = pit_count(), ticks;

        do
            ticks = (USHORT)(start - pit_count());
        while (ticks < PIT_HZ / 1000 * CALIBRATE_MS);
        timer = (ULONG)((ULONG64)(timer - lapic[LAPIC_CURRENT]) * PIT_HZ / 1000 / ticks);
        tsc = (nk_tsc() - tsc) * PIT_HZ / 1000 / ticks;
        tsc_least = tsc < tsc_least ? tsc : tsc_least;
        timer_least = timer < timer_least ? timer : timer_least;
    }
    timer_per_ms = timer_least;
    return tsc_least;
}

static void init_first(void)
{
    ULONG64 tsc_per_ms;
    ULONG pin;

    nk_out8(0x21, 0xFF); /* both legacy controllers masked */
    nk_out8(0xA1, 0xFF);
    lapic = nk_map_device(LAPIC_PHYSICAL, NK_PAGE_SIZE);
    ioapic = nk_map_device(IOAPIC_PHYSICAL, NK_PAGE_SIZE);
    for (pin = 0; pin < 24; pin++)
        nk_ioapic_disconnect((UCHAR)pin);
    lapic[LAPIC_DIVIDE] = 3; /* by 16 */
    tsc_per_ms = calibrate();
    if (!timer_per_ms || !tsc_per_ms)
        nk_report("kernel", "the clocks could not be calibrated");
    nk_clock_start(tsc_per_ms);
    nk_vector_set(NK_VECTOR_CLOCK, nk_clock_tick, NULL);
}

void nk_apic_init(void)
{
    if (!nk_cpu_index())
        init_first();
    apic_ids[nk_cpu_index()] = (UCHAR)(lapic[LAPIC_ID] >> 24);
    lapic[LAPIC_SPURIOUS] = 0x100 | VECTOR_SPURIOUS;
    lapic[LAPIC_DIVIDE] = 3;
    lapic[LAPIC_TIMER] = TIMER_PERIODIC | NK_VECTOR_CLOCK;
    lapic[LAPIC_INITIAL] = timer_per_ms * TICK_US / 1000;
}
