/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exceptions become reports; device vectors run at their IRQL. */
#include "nk.h"
#include "cpu/delivery.h"
#include "cpu/memory.h"
#include "ntos/verifier.h"

#define VECTOR_FIRST   0x30
#define VECTOR_DEVICES 0x50
#define VECTOR_CLOCK   0xC0
#define VECTOR_LAST    0xEF

#define LATE_TICKS 10

#define VECTOR_DEBUG       1
#define VECTOR_FAST_FAIL   0x29
#define VECTOR_ASSERTION   0x2C
#define VECTOR_DEBUG_PRINT 0x2D

static struct {
    nk_vector_fn *fn;
    void *context;
    unsigned running; /* on so many processors */
} vectors[256];
static UCHAR next_vector = VECTOR_DEVICES;
static ULONG64 closed_at[NK_CPUS]; /* nk_ticks() when a vector was closed last */

static const char *const exception_names[32] = {
    [0] = "divide error",        [1] = "debug",
    [3] = "breakpoint",          [4] = "overflow",
    [6] = "invalid opcode",      [7] = "no FPU",
    [8] = "double fault",        [10] = "invalid TSS",
    [11] = "segment missing",    [12] = "stack fault",
    [13] = "general protection", [14] = "page fault",
    [16] = "x87 error",          [17] = "alignment check",
    [18] = "machine check",      [19] = "SIMD error",
};

void nk_trace_frame(const struct nk_frame *f)
{
    nk_log("  rip %s  rsp %016llx  rflags %08llx\n", nk_code_name((void *)f->rip), f->rsp,
           f->rflags);
    nk_log("  rax %016llx rbx %016llx rcx %016llx rdx %016llx\n", f->rax, f->rbx, f->rcx, f->rdx);
    nk_log("  rsi %016llx rdi %016llx rbp %016llx r8  %016llx\n", f->rsi, f->rdi, f->rbp, f->r8);
    nk_log("  r9  %016llx r10 %016llx r11 %016llx r12 %016llx\n", f->r9, f->r10, f->r11, f->r12);
    nk_log("  r13 %016llx r14 %016llx r15 %016llx\n", f->r13, f->r14, f->r15);
}

/* Not an unwinder: every word on the stack that points behind code is taken, so some are stale. */
unsigned nk_trace_collect(ULONG64 rsp, void **out, unsigned limit)
{
    unsigned found = 0, n;

    rsp &= ~7ull;
    for (n = 0; n < 512 && found < limit; n++, rsp += 8) {
        if (nk_physical((void *)rsp) == ~0ull || nk_pageable_is(rsp))
            break;
        if (nk_code_is(*(ULONG64 *)rsp))
            out[found++] = *(void **)rsp;
    }
    return found;
}

void nk_trace_stack(ULONG64 rsp)
{
    void *found[24];
    unsigned count = nk_trace_collect(rsp, found, NK_COUNT(found)), n;

    for (n = 0; n < count; n++)
        nk_log("  stack %s\n", nk_code_name(found[n]));
}

static _Noreturn void report_page_fault(const struct nk_frame *f, ULONG64 address)
{
    const char *access = f->error & 16 ? "execution of" : f->error & 2 ? "write to" : "read of";
    char place[160];

    nk_format(place, sizeof(place), "%s", nk_code_name((void *)f->rip));
    nk_log("\n");
    nk_trace_frame(f);
    nk_trace_stack(f->rsp);
    if (nk_stack_guard(address))
        nk_report("stack", "kernel stack overflow at %s", place);
    if (nk_pageable_is(address))
        nk_report("paged", "%s pageable memory %s at IRQL %u, by %s", access,
                  nk_address_name(address), nk_irql(), place);
    nk_report("fault", "%s %s (%s), by %s", access, nk_address_name(address),
              f->error & 1 ? "protection" : "not mapped", place);
}

static _Noreturn void report_exception(const struct nk_frame *f)
{
    const char *name = f->vector < 32 ? exception_names[f->vector] : NULL;
    char place[160];

    nk_format(place, sizeof(place), "%s", nk_code_name((void *)f->rip));
    nk_log("\n");
    nk_trace_frame(f);
    nk_trace_stack(f->rsp);
    if (f->vector == VECTOR_FAST_FAIL)
        nk_report("bugcheck", "fast fail %llu at %s", f->rcx, place);
    if (f->vector == VECTOR_ASSERTION || f->vector == VECTOR_DEBUG_PRINT || f->vector == 3)
        nk_report("bugcheck", "breakpoint or assertion at %s", place);
    if (f->vector == 8 && nk_stack_guard(f->rsp - 8))
        nk_report("stack", "kernel stack overflow at %s", place);
    nk_report("fault", "%s (vector %llu, error %llx) at %s", name ? name : "unexpected interrupt",
              f->vector, f->error, place);
}

/* With interrupts off; the caller has put the IRQL at or above the vector's. */
static void serve(UCHAR vector)
{
    nk_vector_fn *fn;

    nk_irql_set(vector >> 4);
    nk_sti();
    __atomic_add_fetch(&vectors[vector].running, 1, __ATOMIC_SEQ_CST);
    fn = __atomic_load_n(&vectors[vector].fn, __ATOMIC_SEQ_CST);
    if (fn) /* not disconnected since the interrupt was looked at */
        fn(vectors[vector].context);
    __atomic_sub_fetch(&vectors[vector].running, 1, __ATOMIC_SEQ_CST);
    nk_cli();
}

/* An interrupt that comes while its vector changes hands. */
static void changing(void *context)
{
}

static bool is_device(UCHAR vector)
{
    return vector >= VECTOR_DEVICES && vector < VECTOR_CLOCK;
}

void nk_trap(struct nk_frame *f)
{
    KIRQL former = nk_irql();
    UCHAR vector = (UCHAR)f->vector, late;
    struct nk_service service;
    struct nk_span span;

    if (f->vector < VECTOR_FIRST) {
        ULONG64 address = nk_fault_address();

        if (f->vector == NK_VECTOR_PAGE_FAULT && !(f->error & 1) && former < DISPATCH_LEVEL &&
            nk_pageable_in(address))
            return;
        if (f->vector == VECTOR_DEBUG && nk_delivery_step(f))
            return;
        if (nk_reporting())
            nk_report("fault", "while reporting");
        if (!nk_kernel_code_is(f->rip)) /* the driver is back from what it called last */
            nk_service_clear();
        if (f->vector == NK_VECTOR_PAGE_FAULT)
            report_page_fault(f, address);
        report_exception(f);
    }
    if (f->vector > VECTOR_LAST) /* the controller's spurious interrupt wants no end-of-interrupt */
        return;
    if (!vectors[f->vector].fn)
        nk_report("interrupt", "vector %llx fired but nothing is connected to it", f->vector);
    service = nk_service_clear();
    nk_span_begin(&span);
    nk_irql_raise(vector >> 4);
    nk_interrupted_at[nk_cpu_index()] = (void *)f->rip;
    if (!is_device(vector)) {
        serve(vector);
    } else if (!nk_delivery_holds_back(vector)) {
        serve(vector);
        nk_delivery_done(vector);
    }
    nk_apic_eoi();
    while (vector == NK_VECTOR_CLOCK && (late = nk_delivery_late(former)) != 0)
        serve(late);
    nk_dpc_drain_at_exit(former);
    nk_span_end(&span);
    nk_service_set(service);
}

void nk_vector_set(UCHAR vector, nk_vector_fn *fn, void *context)
{
    nk_delivery_forget(vector);
    __atomic_store_n(&vectors[vector].fn, changing, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&vectors[vector].running, __ATOMIC_SEQ_CST))
        nk_relax();
    vectors[vector].context = context;
    __atomic_store_n(&vectors[vector].fn, fn, __ATOMIC_SEQ_CST);
}

/* A message waits in the processor that it is for, for as long as the host gives that one no time.
 * The clock's interrupts wait with it, so that they are the measure of what is late. */
static void on_closed(void *context)
{
    unsigned cpu = nk_cpu_index();

    if (nk_ticks(cpu) - __atomic_load_n(&closed_at[cpu], __ATOMIC_RELAXED) >= LATE_TICKS)
        nk_report("interrupt", "the device interrupts although its interrupt is disconnected");
}

void nk_vector_close(UCHAR vector)
{
    unsigned cpu;

    for (cpu = 0; cpu < nk_cpu_count(); cpu++)
        __atomic_store_n(&closed_at[cpu], nk_ticks(cpu), __ATOMIC_RELAXED);
    nk_vector_set(vector, on_closed, NULL);
}

UCHAR nk_vector_alloc(void)
{
    return next_vector < VECTOR_CLOCK ? next_vector++ : 0;
}
