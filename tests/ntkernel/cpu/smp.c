/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other processors: started once, then each waits for work from the first. */
#include "nk.h"
#include "cpu/memory.h"

#define TRAMPOLINE \
    0x8000u /* below 1 MiB, on a page boundary: the start-up message names the page */
#define STACK_PAGES 8
#define START_MS    2000
#define MSR_GS_BASE 0xC0000101u
#define KPCR_SIZE   0x2000
#define KPCR_NUMBER 0x1A4

extern const UCHAR nk_trampoline[], nk_trampoline_end[];
extern ULONG64 nk_ap_stacks[NK_CPUS], nk_ap_root;
void nk_ap_start(unsigned index);

/* Drivers may look into their processor's control region; but for the number, they find zeros. */
static UCHAR control_regions[NK_CPUS][KPCR_SIZE] __attribute__((aligned(4096)));
static unsigned cpu_count = 1, cpus_started = 1;

static struct {
    void (*fn)(void *context);
    void *context;
} jobs[NK_CPUS];

void nk_cpu_identify(unsigned index)
{
    *(ULONG *)&control_regions[index][KPCR_NUMBER] = index;
    nk_wrmsr(MSR_GS_BASE, (ULONG64)control_regions[index]);
}

unsigned nk_cpu_count(void)
{
    return cpu_count;
}

/* The clock wakes an idle processor, so that it looks for work once a tick. */
void nk_ap_start(unsigned index)
{
    LONG never = 0;

    nk_cpu_identify(index);
    nk_trap_init();
    nk_apic_init();
    __atomic_add_fetch(&cpus_started, 1, __ATOMIC_SEQ_CST);
    nk_sti();
    for (;;) {
        void (*fn)(void *) = __atomic_load_n(&jobs[index].fn, __ATOMIC_ACQUIRE);

        if (!fn) {
            nk_rest_unless(&never);
            continue;
        }
        fn(jobs[index].context);
        __atomic_store_n(&jobs[index].fn, NULL, __ATOMIC_RELEASE);
    }
}

void nk_cpus_start(unsigned count)
{
    ULONG64 end = nk_tsc() + nk_tsc_hz() / 1000 * START_MS;
    unsigned n;

    if (count > NK_CPUS)
        nk_report("usage", "%u processors are asked for, at most %u are supported", count, NK_CPUS);
    if (count <= 1)
        return;
    for (n = 1; n < count; n++)
        nk_ap_stacks[n] = nk_stack_alloc(STACK_PAGES);
    nk_ap_root = nk_memory_root();
    nk_memcpy(nk_direct(TRAMPOLINE), nk_trampoline, (size_t)(nk_trampoline_end - nk_trampoline));
    nk_apic_start_others(TRAMPOLINE);
    while (__atomic_load_n(&cpus_started, __ATOMIC_SEQ_CST) < count) {
        if (nk_tsc() > end)
            nk_report("kernel", "only %u of %u processors have started", cpus_started, count);
        nk_relax();
    }
    cpu_count = count;
}

void nk_cpu_run(unsigned cpu, void (*fn)(void *context), void *context)
{
    jobs[cpu].context = context;
    __atomic_store_n(&jobs[cpu].fn, fn, __ATOMIC_RELEASE);
}

void nk_cpu_wait(unsigned cpu)
{
    while (__atomic_load_n(&jobs[cpu].fn, __ATOMIC_ACQUIRE))
        nk_stall_us(50);
}
