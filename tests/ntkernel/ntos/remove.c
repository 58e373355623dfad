/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Remove locks. Each acquisition is kept with its tag until it is released, so that one too few and
 * one too many are told apart from those that happen to make up for each other.
 */
#include "ntos/ke.h"
#include "ntos/nt_io.h"
#include "image/image.h"

#define HOLD_LIMIT 256
#define WAIT_MS    10000 /* unless the option watchdog says otherwise */

static struct {
    const IO_REMOVE_LOCK *lock;
    PVOID tag;
    void *taken_at;
} holds[HOLD_LIMIT];

static void check_live(const IO_REMOVE_LOCK *lock, ULONG size)
{
    if (size != sizeof(*lock) || !lock->RemoveEvent.Header.WaitListHead.Flink)
        nk_report("argument", "a remove lock with size %u, or not initialized", size);
}

static VOID IoInitializeRemoveLockEx(IO_REMOVE_LOCK *lock, ULONG tag, ULONG minutes, ULONG high,
                                     ULONG size)
{
    if (size != sizeof(*lock))
        nk_report("argument", "a remove lock of %u bytes", size);
    *lock = (IO_REMOVE_LOCK){.IoCount = 1};
    nk_event_init(&lock->RemoveEvent, false, false);
}

static NTSTATUS IoAcquireRemoveLockEx(IO_REMOVE_LOCK *lock, PVOID tag, const char *file, ULONG line,
                                      ULONG size)
{
    bool on, removed;
    unsigned n;

    check_live(lock, size);
    on = nk_critical_enter();
    for (n = 0; n < HOLD_LIMIT && holds[n].lock; n++)
        ;
    if (n == HOLD_LIMIT)
        nk_report("memory", "more than %u remove locks are held", HOLD_LIMIT);
    removed = lock->Removed;
    if (!removed) {
        holds[n].lock = lock;
        holds[n].tag = tag;
        holds[n].taken_at = nk_taker();
        lock->IoCount++;
    }
    nk_critical_leave(on);
    return removed ? STATUS_DELETE_PENDING : STATUS_SUCCESS;
}

static void release(IO_REMOVE_LOCK *lock, PVOID tag, LONG count)
{
    bool on = nk_critical_enter();
    unsigned n;

    for (n = 0; n < HOLD_LIMIT && (holds[n].lock != lock || holds[n].tag != tag); n++)
        ;
    if (n == HOLD_LIMIT)
        nk_report("lock", "a remove lock is released but not held with tag %p", tag);
    holds[n].lock = NULL;
    lock->IoCount -= count;
    if (!lock->IoCount)
        nk_event_set(&lock->RemoveEvent);
    nk_critical_leave(on);
}

static VOID IoReleaseRemoveLockEx(IO_REMOVE_LOCK *lock, PVOID tag, ULONG size)
{
    check_live(lock, size);
    release(lock, tag, 1);
}

static VOID IoReleaseRemoveLockAndWaitEx(IO_REMOVE_LOCK *lock, PVOID tag, ULONG size)
{
    ULONG64 limit = nk_option("watchdog", WAIT_MS) * 10000;
    unsigned n;

    check_live(lock, size);
    lock->Removed = true;
    release(lock, tag, 2);
    if (nk_wait(&lock->RemoveEvent.Header, limit) == STATUS_SUCCESS)
        return;
    for (n = 0; n < HOLD_LIMIT && holds[n].lock != lock; n++)
        ;
    nk_report("lock", "a remove lock waited for is still held, taken at %s",
              n < HOLD_LIMIT ? nk_code_name(holds[n].taken_at) : "?");
}

static const struct nk_export remove_entries[] = {
    NK_EXPORT(IoInitializeRemoveLockEx, PASSIVE_LEVEL),
    NK_EXPORT(IoAcquireRemoveLockEx, DISPATCH_LEVEL),
    NK_EXPORT(IoReleaseRemoveLockEx, DISPATCH_LEVEL),
    NK_EXPORT(IoReleaseRemoveLockAndWaitEx, PASSIVE_LEVEL),
};
NK_EXPORT_TABLE(nk_remove_exports, "ntoskrnl.exe", remove_entries);
