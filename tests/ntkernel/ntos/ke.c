/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dispatcher objects, timers, DPCs, spin locks: the Ke exports.
 *
 * A wait serves interrupts and work items on the waiter's stack, and lets other threads run, until
 * its object is signalled. One of the scenario's own thread that nothing ends is reported as a
 * hang.
 */
#include "cpu/delivery.h"
#include "ntos/ke.h"
#include "ntos/thread.h"
#include "image/image.h"

#define HANG_SECONDS 30

static LIST_ENTRY timers = {&timers, &timers};
static LIST_ENTRY work_queue = {&work_queue, &work_queue};

static void header_init(DISPATCHER_HEADER *header, UCHAR type, LONG state)
{
    header->Type = type;
    header->SignalState = state;
    nk_list_init(&header->WaitListHead);
}

void nk_event_init(KEVENT *event, bool synchronization, bool signalled)
{
    header_init(&event->Header, synchronization ? NK_SYNCHRONIZATION_EVENT : NK_NOTIFICATION_EVENT,
                signalled);
}

LONG nk_event_set(KEVENT *event)
{
    return __atomic_exchange_n(&event->Header.SignalState, 1, __ATOMIC_SEQ_CST);
}

void nk_work_queue(struct nk_work *work)
{
    nk_list_put(&work_queue, &work->entry);
}

bool nk_work_run(void)
{
    bool any = false;
    LIST_ENTRY *entry;

    while ((entry = nk_list_take(&work_queue)) != NULL) {
        struct nk_work *work = NK_CONTAINER(entry, struct nk_work, entry);

        any = true;
        work->run(work);
    }
    return any;
}

/* Take the object if it is signalled. Who holds a mutex may take it again. */
static bool acquire(DISPATCHER_HEADER *object)
{
    KMUTANT *mutex = object->Type == NK_MUTANT ? (KMUTANT *)object : NULL;
    bool on = nk_critical_enter(), taken = object->SignalState > 0;

    if (mutex && (taken || mutex->OwnerThread == nk_thread_current())) {
        taken = true;
        mutex->OwnerThread = nk_thread_current();
        object->SignalState--;
    } else if (taken && object->Type == NK_SYNCHRONIZATION_EVENT) {
        object->SignalState = 0;
    }
    nk_critical_leave(on);
    return taken;
}

/* Until the object is taken (true) or the time has come. */
static bool wait_until(DISPATCHER_HEADER *object, ULONG64 end, ULONG64 hang)
{
    while (!acquire(object)) {
        ULONG64 now = nk_time();

        /* first: a thread of the system's would have done it in time, however late this host is */
        if (nk_irql() == PASSIVE_LEVEL && nk_work_run())
            continue;
        if (now >= end)
            return false;
        if (now >= hang)
            nk_report("hang", "a wait for %s has not ended in %u s",
                      nk_address_name((ULONG64)object), HANG_SECONDS);
        nk_thread_rest(object, end < hang ? end : hang);
    }
    return true;
}

NTSTATUS nk_wait(DISPATCHER_HEADER *object, ULONG64 timeout)
{
    ULONG64 start = nk_time(), end = timeout < ~0ull - start ? start + timeout : ~0ull, watch, tsc;
    struct nk_span span;
    bool taken;

    if (timeout && nk_irql() >= DISPATCH_LEVEL)
        nk_report("irql", "a wait at IRQL %u", nk_irql());
    if (object->Type > NK_NOTIFICATION_TIMER || object->WaitListHead.Flink == NULL)
        nk_report("argument", "a wait for %s, which is no initialised dispatcher object",
                  nk_address_name((ULONG64)object));
    if (acquire(object))
        return STATUS_SUCCESS;
    if (!timeout)
        return STATUS_TIMEOUT;
    nk_span_begin(&span);
    tsc = nk_tsc();
    watch = nk_watchdog_restore(0);
    taken =
        wait_until(object, end, nk_thread_is_main() ? start + HANG_SECONDS * 10000000ull : ~0ull);
    nk_watchdog_restore(watch ? watch + nk_tsc() - tsc : 0);
    nk_span_end(&span);
    return taken ? STATUS_SUCCESS : STATUS_TIMEOUT;
}

void nk_sleep(ULONG ms)
{
    KEVENT never;

    nk_event_init(&never, false, false);
    nk_wait(&never.Header, ms * 10000ull);
}

/* Timers. */

void nk_timers_tick(ULONG64 now)
{
    LIST_ENTRY *entry, *next;
    bool on = nk_critical_enter();

    for (entry = timers.Flink; entry != &timers; entry = next) {
        KTIMER *timer = NK_CONTAINER(entry, KTIMER, TimerListEntry);

        next = entry->Flink;
        if (timer->DueTime > now || nk_delivery_timer_late())
            continue;
        timer->Header.SignalState = 1;
        if (timer->Period) {
            timer->DueTime = now + timer->Period * 10000ull;
        } else {
            nk_list_remove(entry);
            entry->Flink = NULL;
        }
        if (timer->Dpc)
            nk_dpc_queue(timer->Dpc, NULL, NULL);
    }
    nk_critical_leave(on);
}

bool nk_timer_set_within(ULONG64 start, ULONG64 size)
{
    LIST_ENTRY *entry;
    bool on = nk_critical_enter(), found = false;

    for (entry = timers.Flink; entry != &timers && !found; entry = entry->Flink)
        found = (ULONG64)entry - start < size;
    nk_critical_leave(on);
    return found;
}

void nk_timer_init(KTIMER *timer)
{
    nk_memset(timer, 0, sizeof(*timer));
    header_init(&timer->Header, NK_NOTIFICATION_TIMER, 0);
}

bool nk_timer_cancel(KTIMER *timer)
{
    bool on = nk_critical_enter(), set = timer->TimerListEntry.Flink;

    if (set) {
        nk_list_remove(&timer->TimerListEntry);
        timer->TimerListEntry.Flink = NULL;
    }
    nk_critical_leave(on);
    return set;
}

bool nk_timer_set(KTIMER *timer, LARGE_INTEGER due, LONG period, KDPC *dpc)
{
    bool on = nk_critical_enter(), was_set = nk_timer_cancel(timer);

    timer->Header.SignalState = 0;
    timer->DueTime = due.QuadPart < 0 ? nk_time() + (ULONG64)-due.QuadPart : (ULONG64)due.QuadPart;
    timer->Period = (ULONG)period;
    timer->Dpc = dpc;
    nk_list_append(&timers, &timer->TimerListEntry);
    nk_critical_leave(on);
    return was_set;
}

static BOOLEAN KeSetTimer(KTIMER *timer, LARGE_INTEGER due, KDPC *dpc)
{
    return nk_timer_set(timer, due, 0, dpc);
}

/* Events, mutexes, waits. */

static VOID KeInitializeEvent(KEVENT *event, ULONG type, BOOLEAN state)
{
    nk_event_init(event, type != 0, state);
}

static LONG KeSetEvent(KEVENT *event, LONG increment, BOOLEAN wait)
{
    if (wait)
        nk_report("argument", "Wait is TRUE");
    return nk_event_set(event);
}

void nk_mutex_init(KMUTANT *mutex)
{
    nk_memset(mutex, 0, sizeof(*mutex));
    header_init(&mutex->Header, NK_MUTANT, 1);
}

LONG nk_mutex_release(KMUTANT *mutex)
{
    if (mutex->Header.SignalState > 0 || mutex->OwnerThread != nk_thread_current())
        nk_report("lock", "mutex %p is released but not held by this thread", (void *)mutex);
    if (!mutex->Header.SignalState)
        mutex->OwnerThread = NULL;
    return mutex->Header.SignalState++;
}

static ULONG64 relative(const LARGE_INTEGER *timeout)
{
    ULONG64 now = nk_time();

    if (!timeout)
        return ~0ull;
    if (timeout->QuadPart <= 0)
        return (ULONG64)-timeout->QuadPart;
    return (ULONG64)timeout->QuadPart > now ? (ULONG64)timeout->QuadPart - now : 0;
}

static NTSTATUS KeWaitForSingleObject(PVOID object, ULONG reason, CHAR mode, BOOLEAN alertable,
                                      const LARGE_INTEGER *timeout)
{
    return nk_wait(object, relative(timeout));
}

static NTSTATUS KeDelayExecutionThread(CHAR mode, BOOLEAN alertable, const LARGE_INTEGER *interval)
{
    KEVENT never;

    nk_event_init(&never, false, false);
    nk_wait(&never.Header, relative(interval));
    return STATUS_SUCCESS;
}

/* DPCs. */

/* IRQL and spin locks. */

static VOID KeInitializeSpinLock(KSPIN_LOCK *lock)
{
    nk_lock_order_forget(lock, sizeof(*lock));
    *lock = 0;
}

static KIRQL KeAcquireSpinLockRaiseToDpc(KSPIN_LOCK *lock)
{
    return nk_lock_raise(lock, DISPATCH_LEVEL);
}

static VOID KeReleaseSpinLock(KSPIN_LOCK *lock, KIRQL level)
{
    if (nk_irql() != DISPATCH_LEVEL)
        nk_report("irql", "IRQL is %u, not 2", nk_irql());
    nk_lock_lower(lock, level);
}

static VOID KeAcquireSpinLockAtDpcLevel(KSPIN_LOCK *lock)
{
    if (nk_irql() < DISPATCH_LEVEL)
        nk_report("irql", "IRQL is %u, at least 2 is needed", nk_irql());
    nk_lock_acquire(lock);
}

static VOID KeReleaseSpinLockFromDpcLevel(KSPIN_LOCK *lock)
{
    if (nk_irql() < DISPATCH_LEVEL)
        nk_report("irql", "IRQL is %u, at least 2 is needed", nk_irql());
    nk_lock_release(lock);
}

/* Processors, time, the end. */

struct processor_number {
    USHORT group;
    UCHAR number, reserved;
};

static ULONG KeGetCurrentProcessorNumberEx(struct processor_number *number)
{
    if (number)
        *number = (struct processor_number){.number = (UCHAR)nk_cpu_index()};
    return nk_cpu_index();
}

static NTSTATUS KeGetProcessorNumberFromIndex(ULONG index, struct processor_number *number)
{
    if (index >= nk_cpu_count())
        return STATUS_INVALID_PARAMETER;
    *number = (struct processor_number){.number = (UCHAR)index};
    return STATUS_SUCCESS;
}

static ULONG KeGetProcessorIndexFromNumber(const struct processor_number *number)
{
    return number->group || number->number >= nk_cpu_count() ? ~0u : number->number;
}

static VOID KeBugCheckEx(ULONG code, ULONG64 p1, ULONG64 p2, ULONG64 p3, ULONG64 p4)
{
    nk_report("bugcheck", "%08x (%llx %llx %llx %llx)", code, p1, p2, p3, p4);
}

static VOID KeBugCheck(ULONG code)
{
    nk_report("bugcheck", "%08x", code);
}

static const struct nk_export ke_entries[] = {
    NK_EXPORT_AS(KeInitializeTimer, nk_timer_init, DISPATCH_LEVEL),
    NK_EXPORT(KeSetTimer, DISPATCH_LEVEL),
    NK_EXPORT_AS(KeSetTimerEx, nk_timer_set, DISPATCH_LEVEL),
    NK_EXPORT_AS(KeCancelTimer, nk_timer_cancel, DISPATCH_LEVEL),
    NK_EXPORT(KeInitializeEvent, HIGH_LEVEL),
    NK_EXPORT(KeSetEvent, DISPATCH_LEVEL),
    NK_EXPORT_AS(KeInitializeMutex, nk_mutex_init, DISPATCH_LEVEL),
    NK_EXPORT_AS(KeReleaseMutex, nk_mutex_release, DISPATCH_LEVEL),
    NK_EXPORT(KeWaitForSingleObject, DISPATCH_LEVEL),
    NK_EXPORT(KeDelayExecutionThread, APC_LEVEL),
    NK_EXPORT_AS(KeInitializeDpc, nk_dpc_init, HIGH_LEVEL),
    NK_EXPORT_AS(KeInsertQueueDpc, nk_dpc_queue, HIGH_LEVEL),
    NK_EXPORT_AS(KeFlushQueuedDpcs, nk_dpcs_flush, PASSIVE_LEVEL),
    NK_EXPORT_AS(KeGetCurrentIrql, nk_irql, HIGH_LEVEL),
    NK_EXPORT_AS(KfRaiseIrql, nk_irql_raise, HIGH_LEVEL),
    NK_EXPORT_AS(KeLowerIrql, nk_irql_lower, HIGH_LEVEL),
    NK_EXPORT(KeInitializeSpinLock, HIGH_LEVEL),
    NK_EXPORT(KeAcquireSpinLockRaiseToDpc, DISPATCH_LEVEL),
    NK_EXPORT(KeReleaseSpinLock, DISPATCH_LEVEL),
    NK_EXPORT(KeAcquireSpinLockAtDpcLevel, HIGH_LEVEL),
    NK_EXPORT(KeReleaseSpinLockFromDpcLevel, HIGH_LEVEL),
    NK_EXPORT_AS(KeQueryActiveProcessorCountEx, nk_cpu_count, HIGH_LEVEL),
    NK_EXPORT_AS(KeQueryMaximumProcessorCountEx, nk_cpu_count, HIGH_LEVEL),
    NK_EXPORT(KeGetCurrentProcessorNumberEx, HIGH_LEVEL),
    NK_EXPORT(KeGetProcessorNumberFromIndex, HIGH_LEVEL),
    NK_EXPORT(KeGetProcessorIndexFromNumber, HIGH_LEVEL),
    NK_EXPORT_AS(KeQueryUnbiasedInterruptTime, nk_time, HIGH_LEVEL),
    NK_EXPORT(KeBugCheckEx, HIGH_LEVEL),
    NK_EXPORT(KeBugCheck, HIGH_LEVEL),
};
NK_EXPORT_TABLE(nk_ke_exports, "ntoskrnl.exe", ke_entries);

static const struct nk_export hal_entries[] = {
    NK_EXPORT_AS(KeStallExecutionProcessor, nk_stall_us, HIGH_LEVEL),
};
NK_EXPORT_TABLE(nk_hal_exports, "hal.dll", hal_entries);
