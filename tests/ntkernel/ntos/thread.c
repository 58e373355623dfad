/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntos/thread.h"
#include "ntos/ex.h"
#include "ntos/ob.h"
#include "image/image.h"

#define STACK_PAGES       8 /* 32 KiB: Windows gives a thread 24 */
#define STACK_LIMIT       16
#define PRIORITY_DEFAULT  8
#define PRIORITY_LIMIT    32
#define SAVED_REGISTERS   8
#define SAVED_SSE         520 /* what nk_thread_switch() keeps below them */
#define SYSTEM_PROCESS_ID 4ull

typedef VOID KSTART_ROUTINE(PVOID context);

struct thread {
    DISPATCHER_HEADER header; /* signalled when the thread has ended */
    struct thread *next;      /* a ring */
    ULONG64 rsp, stack, wake_at;
    const DISPATCHER_HEADER *waits_for; /* NULL: it need not wait */
    KSTART_ROUTINE *routine;
    PVOID context;
    LONG priority;
    KIRQL irql;
};

static struct thread main_thread = {.next = &main_thread, .priority = PRIORITY_DEFAULT};
static struct thread *current = &main_thread, *to_bury;
static struct thread others[NK_CPUS]; /* their objects only */
static ULONG64 free_stacks[STACK_LIMIT];
static unsigned free_stack_count;

/* Save the callee's registers, leave the stack pointer at *save, take `load` instead. */
void nk_thread_switch(ULONG64 *save, ULONG64 load);
/* Where a new thread begins; it calls nk_thread_first(). */
void nk_thread_start(void);
_Noreturn void nk_thread_first(void);

void *nk_thread_current(void)
{
    return nk_cpu_index() ? &others[nk_cpu_index()] : current;
}

bool nk_thread_is_main(void)
{
    return nk_cpu_index() || current == &main_thread;
}

static struct thread *find_ready(void)
{
    struct thread *t;
    ULONG64 now = nk_time();

    for (t = current->next; t != current; t = t->next) {
        if (!t->waits_for || t->waits_for->SignalState > 0 || now >= t->wake_at)
            return t;
    }
    return NULL;
}

/* A thread's stack and object can go once another stack is in use. */
static void bury(void)
{
    struct thread *t = to_bury;

    to_bury = NULL;
    if (!t)
        return;
    free_stacks[free_stack_count++] = t->stack;
    nk_object_release(t);
}

static void switch_to(struct thread *next)
{
    struct thread *self = current;
    const struct nk_service service = nk_service_clear();

    self->irql = nk_irql();
    current = next;
    nk_thread_switch(&self->rsp, next->rsp);
    nk_service_set(service);
    bury();
    if (nk_irql() < self->irql)
        nk_irql_raise(self->irql);
    else
        nk_irql_lower(self->irql);
}

void nk_thread_rest(DISPATCHER_HEADER *object, ULONG64 wake_at)
{
    struct thread *next;

    if (nk_cpu_index()) {
        nk_rest_unless(&object->SignalState);
        return;
    }
    current->waits_for = object;
    current->wake_at = wake_at;
    next = find_ready();
    if (next)
        switch_to(next);
    else
        nk_rest_unless(&object->SignalState);
    current->waits_for = NULL;
}

static _Noreturn void end_current(void)
{
    struct thread *t, *next;

    if (nk_irql() != PASSIVE_LEVEL || nk_lock_count())
        nk_report("irql", "a thread ends at IRQL %u with %u spin locks held", nk_irql(),
                  nk_lock_count());
    nk_watchdog_restore(0);
    nk_resource_drop(NK_RUNNING, current);
    current->header.SignalState = 1;
    while ((next = find_ready()) == NULL)
        nk_rest_unless(&main_thread.header.SignalState);
    for (t = current; t->next != current; t = t->next)
        ;
    t->next = current->next;
    to_bury = current;
    switch_to(next);
    __builtin_unreachable();
}

void nk_thread_first(void)
{
    bury();
    nk_irql_lower(PASSIVE_LEVEL);
    NK_CALL_VOID("thread", current->routine(current->context));
    end_current();
}

static ULONG64 new_stack(void)
{
    static unsigned made;

    if (free_stack_count)
        return free_stacks[--free_stack_count];
    if (made++ == STACK_LIMIT)
        nk_report("kernel", "more than %u threads at once", STACK_LIMIT);
    return nk_stack_alloc(STACK_PAGES);
}

/* What nk_thread_switch() finds there: registers of no meaning, and a place to return to. */
static ULONG64 first_frame(ULONG64 stack)
{
    ULONG64 *top = (ULONG64 *)stack - 3;

    *top = (ULONG64)nk_thread_start;
    nk_memset(top - SAVED_REGISTERS, 0, SAVED_REGISTERS * 8);
    __asm__ volatile("fxsave (%0)"
                     :
                     : "r"((ULONG64)(top - SAVED_REGISTERS) - SAVED_SSE)
                     : "memory");
    return (ULONG64)(top - SAVED_REGISTERS) - SAVED_SSE;
}

static NTSTATUS PsCreateSystemThread(PVOID *handle, ULONG access, PVOID attributes, PVOID process,
                                     ULONG64 *client, KSTART_ROUTINE *routine, PVOID context)
{
    struct thread *t;
    bool on;

    if (process || !routine)
        nk_report("argument", "a thread in a process, or without a routine");
    if (nk_scarce())
        return STATUS_INSUFFICIENT_RESOURCES;
    t = nk_object_create(sizeof(*t));
    t->header.Type = NK_THREAD;
    nk_list_init(&t->header.WaitListHead);
    t->routine = routine;
    t->context = context;
    t->priority = PRIORITY_DEFAULT;
    t->stack = new_stack();
    t->rsp = first_frame(t->stack);
    nk_resource_add(NK_RUNNING, t, sizeof(*t), 0);
    *handle = nk_object_handle(t);
    if (client)
        client[0] = SYSTEM_PROCESS_ID, client[1] = (ULONG64)t;
    on = nk_critical_enter();
    t->next = current->next;
    current->next = t;
    nk_critical_leave(on);
    return STATUS_SUCCESS;
}

static NTSTATUS PsTerminateSystemThread(NTSTATUS status)
{
    if (nk_thread_is_main())
        nk_report("argument", "outside of a system thread");
    end_current();
}

/* Noted only: threads are switched in turn. */
static LONG KeSetPriorityThread(struct thread *t, LONG priority)
{
    LONG former;

    if (t != nk_thread_current() && !nk_object_is(t))
        nk_report("argument", "%s is no thread", nk_address_name((ULONG64)t));
    if (priority < 1 || priority >= PRIORITY_LIMIT)
        nk_report("argument", "priority %d", priority);
    former = t->priority;
    t->priority = priority;
    return former;
}

static const struct nk_export ps_entries[] = {
    NK_EXPORT(PsCreateSystemThread, PASSIVE_LEVEL),
    NK_EXPORT(PsTerminateSystemThread, PASSIVE_LEVEL),
    NK_EXPORT(KeSetPriorityThread, PASSIVE_LEVEL),
};
NK_EXPORT_TABLE(nk_ps_exports, "ntoskrnl.exe", ps_entries);
