/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IRQL, deferred procedure calls and spin locks of one processor.
 *
 * DPCs run when the IRQL falls below DISPATCH_LEVEL: in nk_irql_lower() and on the way out of an
 * interrupt. Both test the queue again after the drop, with interrupts off, so that a DPC queued
 * between test and drop is not left lying.
 */
#include "nk.h"
#include "ntos/verifier.h"

#define LOCKS_HELD_LIMIT 16

static LIST_ENTRY dpc_queue = {&dpc_queue, &dpc_queue};

static struct {
    KSPIN_LOCK *lock;
    void *caller;
} held[LOCKS_HELD_LIMIT];
static unsigned held_count;

static void set_irql(KIRQL level)
{
    __asm__ volatile("movq %0, %%cr8" : : "r"((ULONG64)level) : "memory");
}

KIRQL nk_irql_raise(KIRQL level)
{
    KIRQL former = nk_irql();

    if (level < former)
        nk_report("irql", "raise from IRQL %u to %u, which is lower", former, level);
    set_irql(level);
    if (level >= DISPATCH_LEVEL)
        nk_pageable_out();
    return former;
}

static void run_dpc(KDPC *dpc)
{
    KDEFERRED_ROUTINE *routine = dpc->DeferredRoutine;
    void *context = dpc->DeferredContext;
    void *arg1 = dpc->SystemArgument1, *arg2 = dpc->SystemArgument2;

    dpc->DpcData = NULL;
    NK_CALL_VOID("DPC", routine(dpc, context, arg1, arg2));
}

/* Called at DISPATCH_LEVEL with interrupts off; returns the same way, the queue empty. */
static void drain(void)
{
    while (!nk_list_empty(&dpc_queue)) {
        LIST_ENTRY *entry = dpc_queue.Flink;

        nk_list_remove(entry);
        nk_sti();
        run_dpc(NK_CONTAINER(entry, KDPC, DpcListEntry));
        nk_cli();
    }
}

void nk_irql_lower(KIRQL level)
{
    KIRQL former = nk_irql();
    bool on;

    if (level > former)
        nk_report("irql", "lower from IRQL %u to %u, which is higher", former, level);
    if (level >= DISPATCH_LEVEL || former < DISPATCH_LEVEL) {
        set_irql(level);
        return;
    }
    on = nk_interrupts_off();
    set_irql(DISPATCH_LEVEL);
    drain();
    set_irql(level);
    nk_interrupts_restore(on);
}

void nk_dpc_drain_at_exit(KIRQL former)
{
    if (former < DISPATCH_LEVEL && !nk_list_empty(&dpc_queue)) {
        set_irql(DISPATCH_LEVEL);
        nk_pageable_out();
        drain();
    }
    set_irql(former);
}

void nk_dpc_init(KDPC *dpc, KDEFERRED_ROUTINE *routine, void *context)
{
    *dpc = (KDPC){
        .Type = 0x13, .Importance = 1, .DeferredRoutine = routine, .DeferredContext = context};
}

bool nk_dpc_queue(KDPC *dpc, void *arg1, void *arg2)
{
    bool on = nk_interrupts_off(), queued = !dpc->DpcData;

    if (!dpc->DeferredRoutine)
        nk_report("argument", "DPC %p is queued before it is initialised", (void *)dpc);
    if (queued) {
        dpc->SystemArgument1 = arg1;
        dpc->SystemArgument2 = arg2;
        dpc->DpcData = &dpc_queue;
        nk_list_append(&dpc_queue, &dpc->DpcListEntry);
    }
    nk_interrupts_restore(on);
    if (queued && nk_irql() < DISPATCH_LEVEL && on) {
        KIRQL former = nk_irql_raise(DISPATCH_LEVEL);

        nk_irql_lower(former);
    }
    return queued;
}

bool nk_dpc_unqueue(KDPC *dpc)
{
    bool on = nk_interrupts_off(), queued = dpc->DpcData;

    if (queued) {
        nk_list_remove(&dpc->DpcListEntry);
        dpc->DpcData = NULL;
    }
    nk_interrupts_restore(on);
    return queued;
}

bool nk_dpc_queued_within(ULONG64 start, ULONG64 size)
{
    LIST_ENTRY *entry;
    bool on = nk_interrupts_off(), found = false;

    for (entry = dpc_queue.Flink; entry != &dpc_queue && !found; entry = entry->Flink)
        found = (ULONG64)NK_CONTAINER(entry, KDPC, DpcListEntry) - start < size;
    nk_interrupts_restore(on);
    return found;
}

/* A lock's word holds its first holder's return address, which a report can name. */
void nk_lock_acquire(KSPIN_LOCK *lock, void *caller)
{
    bool on = nk_interrupts_off();

    if (*lock)
        nk_report("lock", "spin lock %p is acquired while held (deadlock); held since %s",
                  (void *)lock, nk_code_name((void *)*lock));
    if (held_count == LOCKS_HELD_LIMIT)
        nk_report("lock", "more than %u spin locks held at once", LOCKS_HELD_LIMIT);
    *lock = (ULONG64)caller;
    held[held_count].lock = lock;
    held[held_count++].caller = caller;
    nk_interrupts_restore(on);
}

void nk_lock_release(KSPIN_LOCK *lock, void *caller)
{
    bool on = nk_interrupts_off();
    unsigned n;

    for (n = held_count; n > 0 && held[n - 1].lock != lock; n--)
        ;
    if (!n)
        nk_report("lock", "spin lock %p is released at %s but not held", (void *)lock,
                  nk_code_name(caller));
    for (; n < held_count; n++)
        held[n - 1] = held[n];
    held_count--;
    *lock = 0;
    nk_interrupts_restore(on);
}

unsigned nk_lock_count(void)
{
    return held_count;
}

void nk_lock_describe(char *out, size_t size)
{
    if (held_count)
        nk_format(out, size, "spin lock %p, acquired at %s", (void *)held[held_count - 1].lock,
                  nk_code_name(held[held_count - 1].caller));
    else
        nk_format(out, size, "no spin lock");
}
