/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IRQL, deferred procedure calls and spin locks.
 *
 * DPCs run when the IRQL falls below DISPATCH_LEVEL: in nk_irql_lower() and on the way out of an
 * interrupt. Both test the queue again after the drop, with interrupts off, so that a DPC queued
 * between test and drop is not left lying.
 */
#include "nk.h"
#include "cpu/delivery.h"
#include "ntos/verifier.h"

#define LOCKS_HELD_LIMIT 16
#define LOCK_WAIT_S      10

/* What each processor has to itself. */
static struct {
    LIST_ENTRY dpcs;
    bool draining;
    unsigned held_count;
    struct {
        KSPIN_LOCK *lock;
        void *taken_at;
    } held[LOCKS_HELD_LIMIT];
} cpus[NK_CPUS];

static int critical_owner = -1;
static unsigned critical_depth;

bool nk_critical_enter(void)
{
    bool were_on = nk_interrupts_off();
    int self = (int)nk_cpu_index(), nobody = -1;

    if (__atomic_load_n(&critical_owner, __ATOMIC_RELAXED) != self) {
        while (!__atomic_compare_exchange_n(&critical_owner, &nobody, self, false, __ATOMIC_ACQUIRE,
                                            __ATOMIC_RELAXED)) {
            nobody = -1;
            nk_relax();
        }
    }
    critical_depth++;
    return were_on;
}

void nk_critical_leave(bool were_on)
{
    if (!--critical_depth)
        __atomic_store_n(&critical_owner, -1, __ATOMIC_RELEASE);
    if (were_on)
        nk_sti();
}

void nk_list_put(LIST_ENTRY *head, LIST_ENTRY *entry)
{
    bool on = nk_critical_enter();

    nk_list_append(head, entry);
    nk_critical_leave(on);
}

LIST_ENTRY *nk_list_take(LIST_ENTRY *head)
{
    bool on = nk_critical_enter();
    LIST_ENTRY *first = nk_list_empty(head) ? NULL : head->Flink;

    if (first)
        nk_list_remove(first);
    nk_critical_leave(on);
    return first;
}

static LIST_ENTRY *own_dpcs(void)
{
    LIST_ENTRY *queue = &cpus[nk_cpu_index()].dpcs;

    if (!queue->Flink)
        nk_list_init(queue);
    return queue;
}

KIRQL nk_irql_raise(KIRQL level)
{
    KIRQL former = nk_irql();

    if (level < former)
        nk_report("irql", "raise from IRQL %u to %u, which is lower", former, level);
    nk_irql_set(level);
    if (level >= DISPATCH_LEVEL)
        nk_pageable_out();
    return former;
}

/* Run one queued DPC with interrupts on; false if there is none. Its members are read before it is
 * unlinked: from then on another processor may queue it again. */
static bool run_dpc(void)
{
    LIST_ENTRY *queue = own_dpcs();
    bool on = nk_critical_enter();
    KDPC dpc, *self;

    if (nk_list_empty(queue)) {
        nk_critical_leave(on);
        return false;
    }
    self = NK_CONTAINER(queue->Flink, KDPC, DpcListEntry);
    dpc = *self;
    nk_list_remove(&self->DpcListEntry);
    self->DpcData = NULL;
    nk_critical_leave(on);
    nk_sti();
    NK_CALL_VOID("DPC", dpc.DeferredRoutine(self, dpc.DeferredContext, dpc.SystemArgument1,
                                            dpc.SystemArgument2));
    nk_cli();
    return true;
}

/* Called at DISPATCH_LEVEL with interrupts off; returns the same way, the queue empty. */
static void drain(void)
{
    bool *draining = &cpus[nk_cpu_index()].draining;

    *draining = true;
    while (run_dpc())
        ;
    *draining = false;
}

void nk_irql_lower(KIRQL level)
{
    KIRQL former = nk_irql();
    bool were_on;

    if (level > former)
        nk_report("irql", "lower from IRQL %u to %u, which is higher", former, level);
    if (level >= DISPATCH_LEVEL || former < DISPATCH_LEVEL) {
        nk_irql_set(level);
        return;
    }
    were_on = nk_interrupts_off();
    nk_irql_set(DISPATCH_LEVEL);
    /* else a DPC would be run with interrupts on where they must be off */
    if (were_on && (nk_list_empty(own_dpcs()) || !nk_delivery_leaves_dpcs()))
        drain();
    nk_irql_set(level);
    if (were_on)
        nk_sti();
}

void nk_dpc_drain_at_exit(KIRQL former)
{
    if (former < DISPATCH_LEVEL && !nk_list_empty(own_dpcs()) && !nk_delivery_leaves_dpcs()) {
        nk_irql_set(DISPATCH_LEVEL);
        nk_pageable_out();
        drain();
    }
    nk_irql_set(former);
}

void nk_dpcs_flush(void)
{
    unsigned cpu;

    nk_irql_lower(nk_irql_raise(DISPATCH_LEVEL));
    for (cpu = 0; cpu < nk_cpu_count(); cpu++) {
        const volatile LIST_ENTRY *queue = &cpus[cpu].dpcs;

        while ((queue->Flink && queue->Flink != queue) ||
               __atomic_load_n(&cpus[cpu].draining, __ATOMIC_ACQUIRE))
            nk_relax();
    }
}

void nk_dpc_init(KDPC *dpc, KDEFERRED_ROUTINE *routine, void *context)
{
    *dpc = (KDPC){
        .Type = 0x13, .Importance = 1, .DeferredRoutine = routine, .DeferredContext = context};
}

bool nk_dpc_queue(KDPC *dpc, void *arg1, void *arg2)
{
    bool on = nk_critical_enter(), queued = !dpc->DpcData;

    if (!dpc->DeferredRoutine)
        nk_report("argument", "DPC %p is queued before it is initialised", (void *)dpc);
    if (queued) {
        dpc->SystemArgument1 = arg1;
        dpc->SystemArgument2 = arg2;
        dpc->DpcData = own_dpcs();
        nk_list_append(dpc->DpcData, &dpc->DpcListEntry);
    }
    nk_critical_leave(on);
    if (queued && nk_irql() < DISPATCH_LEVEL && on) {
        KIRQL former = nk_irql_raise(DISPATCH_LEVEL);

        nk_irql_lower(former);
    }
    return queued;
}

bool nk_dpc_unqueue(KDPC *dpc)
{
    bool on = nk_critical_enter(), queued = dpc->DpcData;

    if (queued) {
        nk_list_remove(&dpc->DpcListEntry);
        dpc->DpcData = NULL;
    }
    nk_critical_leave(on);
    return queued;
}

bool nk_dpc_queued_within(ULONG64 start, ULONG64 size)
{
    bool on = nk_critical_enter(), found = false;
    unsigned cpu;

    for (cpu = 0; cpu < nk_cpu_count(); cpu++) {
        LIST_ENTRY *queue = &cpus[cpu].dpcs, *entry;

        for (entry = queue->Flink; entry && entry != queue && !found; entry = entry->Flink)
            found = (ULONG64)NK_CONTAINER(entry, KDPC, DpcListEntry) - start < size;
    }
    nk_critical_leave(on);
    return found;
}

/* A lock's word says where it was taken, which a report can name. */
static void acquire(KSPIN_LOCK *lock, void *taken_at)
{
    unsigned cpu = nk_cpu_index(), *count = &cpus[cpu].held_count, n;
    ULONG64 end = nk_tsc() + nk_tsc_hz() * LOCK_WAIT_S, nobody = 0;
    bool on;

    for (n = 0; n < *count; n++) {
        if (cpus[cpu].held[n].lock == lock)
            nk_report("lock", "spin lock %p is acquired while held (deadlock); held since %s",
                      (void *)lock, nk_code_name((void *)*lock));
        nk_lock_order(cpus[cpu].held[n].lock, cpus[cpu].held[n].taken_at, lock, taken_at);
    }
    if (*count == LOCKS_HELD_LIMIT)
        nk_report("lock", "more than %u spin locks held at once", LOCKS_HELD_LIMIT);
    while (!__atomic_compare_exchange_n(lock, &nobody, (ULONG64)taken_at, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED)) {
        if (nk_tsc() > end)
            nk_report("lock", "spin lock %p cannot be had in %u s; held since %s", (void *)lock,
                      LOCK_WAIT_S, nk_code_name((void *)nobody));
        nobody = 0;
        nk_relax();
    }
    on = nk_interrupts_off(); /* or a lock of one that comes now would be noted in the same place */
    cpus[cpu].held[*count].lock = lock;
    cpus[cpu].held[*count].taken_at = taken_at;
    ++*count;
    if (on)
        nk_sti();
}

void nk_lock_acquire(KSPIN_LOCK *lock)
{
    acquire(lock, nk_taker());
}

KIRQL nk_lock_raise(KSPIN_LOCK *lock, KIRQL level)
{
    KIRQL former = nk_irql_raise(level > nk_irql() ? level : nk_irql());

    acquire(lock, nk_taker());
    return former;
}

void nk_lock_lower(KSPIN_LOCK *lock, KIRQL former)
{
    nk_lock_release(lock);
    nk_irql_lower(former);
}

void nk_lock_release(KSPIN_LOCK *lock)
{
    unsigned cpu = nk_cpu_index(), *count = &cpus[cpu].held_count, n;

    for (n = *count; n > 0 && cpus[cpu].held[n - 1].lock != lock; n--)
        ;
    if (!n)
        nk_report("lock", "spin lock %p is released but not held", (void *)lock);
    for (; n < *count; n++)
        cpus[cpu].held[n - 1] = cpus[cpu].held[n];
    --*count;
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

unsigned nk_lock_count(void)
{
    return cpus[nk_cpu_index()].held_count;
}

void nk_lock_describe(char *out, size_t size)
{
    unsigned cpu = nk_cpu_index(), count = cpus[cpu].held_count;

    if (count)
        nk_format(out, size, "spin lock %p, acquired at %s", (void *)cpus[cpu].held[count - 1].lock,
                  nk_code_name(cpus[cpu].held[count - 1].taken_at));
    else
        nk_format(out, size, "no spin lock");
}
