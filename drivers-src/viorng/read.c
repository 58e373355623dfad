// SPDX-License-Identifier: BSD-3-Clause
//
// The readers' side: waiting reads, dealing out bytes, the clock.
//
// A file object's FsContext is NULL until its last handle is closed. From then on none of its reads
// is put in line, be it one that was being served meanwhile.
//
// A waiting IRP keeps two numbers in Tail.Overlay.DriverContext (whose last place is the CSQ's
// own): the bytes it has got, and the ticks it may still wait for the next.

#include "viorng/viorng.h"
#include "viorng/viorng_public.h"

#define READ_TICKS (VIORNG_TIMEOUT_SECONDS * 1000 / RNG_TICK_MS)

static ULONG read_length(const IRP *irp)
{
    return IoGetCurrentIrpStackLocation((IRP *)irp)->Parameters.Read.Length;
}

// NULL: it could not be mapped.
static UCHAR *read_buffer(IRP *irp)
{
    return MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority | MdlMappingNoExecute);
}

static ULONG read_got(const IRP *irp)
{
    return (ULONG)(ULONG_PTR)irp->Tail.Overlay.DriverContext[0];
}

static void read_set_got(IRP *irp, ULONG got)
{
    irp->Tail.Overlay.DriverContext[0] = (PVOID)(ULONG_PTR)got;
}

static ULONG read_ticks(const IRP *irp)
{
    return (ULONG)(ULONG_PTR)irp->Tail.Overlay.DriverContext[1];
}

static void read_set_ticks(IRP *irp, ULONG ticks)
{
    irp->Tail.Overlay.DriverContext[1] = (PVOID)(ULONG_PTR)ticks;
}

// Which waiting reads rng_csq_peek() finds.
struct peek {
    FILE_OBJECT *file; // those of this handle, or of all if NULL
    BOOLEAN expired;   // only those that have no tick left
};

static IRP *next_read(struct rng *rng, LIST_ENTRY *after)
{
    LIST_ENTRY *next = after->Flink;

    return next == &rng->waiting ? NULL : CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry);
}

static NTSTATUS NTAPI csq_insert(IO_CSQ *csq, IRP *irp, PVOID context)
{
    struct rng *rng = CONTAINING_RECORD(csq, struct rng, csq);
    const FILE_OBJECT *file = IoGetCurrentIrpStackLocation(irp)->FileObject;

    UNREFERENCED_PARAMETER(context);
    if (!NT_SUCCESS(rng->closed))
        return rng->closed;
    if (file != NULL && file->FsContext != NULL)
        return STATUS_CANCELLED;
    InsertTailList(&rng->waiting, &irp->Tail.Overlay.ListEntry);
    return STATUS_SUCCESS;
}

static VOID NTAPI csq_remove(IO_CSQ *csq, IRP *irp)
{
    UNREFERENCED_PARAMETER(csq);
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
}

static IRP *NTAPI csq_peek(IO_CSQ *csq, IRP *irp, PVOID context)
{
    struct rng *rng = CONTAINING_RECORD(csq, struct rng, csq);
    const struct peek *peek = context;
    IRP *next = next_read(rng, irp == NULL ? &rng->waiting : &irp->Tail.Overlay.ListEntry);

    for (; next != NULL; next = next_read(rng, &next->Tail.Overlay.ListEntry)) {
        if (peek == NULL)
            break;
        if (peek->file != NULL && IoGetCurrentIrpStackLocation(next)->FileObject != peek->file)
            continue;
        if (!peek->expired || read_ticks(next) == 0)
            break;
    }
    return next;
}

static VOID NTAPI csq_acquire(IO_CSQ *csq, KIRQL *irql)
{
    KeAcquireSpinLock(&CONTAINING_RECORD(csq, struct rng, csq)->csq_lock, irql);
}

static VOID NTAPI csq_release(IO_CSQ *csq, KIRQL irql)
{
    KeReleaseSpinLock(&CONTAINING_RECORD(csq, struct rng, csq)->csq_lock, irql);
}

static VOID NTAPI csq_cancelled(IO_CSQ *csq, IRP *irp)
{
    struct rng *rng = CONTAINING_RECORD(csq, struct rng, csq);

    nt_complete(rng->dev, irp, STATUS_CANCELLED, 0);
}

static KDEFERRED_ROUTINE clock_tick;

NTSTATUS rng_read_init(struct rng *rng)
{
    KeInitializeSpinLock(&rng->csq_lock);
    InitializeListHead(&rng->waiting);
    KeInitializeTimer(&rng->clock);
    KeInitializeDpc(&rng->clock_dpc, clock_tick, rng);
    return IoCsqInitializeEx(&rng->csq, csq_insert, csq_remove, csq_peek, csq_acquire, csq_release,
                             csq_cancelled);
}

// Ends a read with what it has got, or with `status` if that is nothing.
static void end_read(struct rng *rng, IRP *irp, NTSTATUS status)
{
    const ULONG got = read_got(irp);

    nt_complete(rng->dev, irp, got > 0 ? STATUS_SUCCESS : status, got);
}

// Puts a read in line, or back in line; a closed one ends it. It may have ended in any way when
// this returns. The IRP has been marked pending.
static void queue_read(struct rng *rng, IRP *irp)
{
    const NTSTATUS status = IoCsqInsertIrpEx(&rng->csq, irp, NULL, NULL);

    if (!NT_SUCCESS(status))
        end_read(rng, irp, status);
}

NTSTATUS rng_read(struct rng *rng, IRP *irp)
{
    if (read_length(irp) == 0)
        return nt_complete(rng->dev, irp, STATUS_SUCCESS, 0);
    // Mapped here, where it may fail; the mapping lives as long as the IRP.
    if (irp->MdlAddress == NULL || read_buffer(irp) == NULL)
        return nt_complete(rng->dev, irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    read_set_got(irp, 0);
    read_set_ticks(irp, READ_TICKS);
    IoMarkIrpPending(irp);
    queue_read(rng, irp);
    rng_pump(rng);
    return STATUS_PENDING;
}

static BOOLEAN any_waiting(struct rng *rng)
{
    BOOLEAN any;
    KIRQL irql;

    csq_acquire(&rng->csq, &irql);
    any = !IsListEmpty(&rng->waiting);
    csq_release(&rng->csq, irql);
    return any;
}

static void clock_start(struct rng *rng)
{
    LARGE_INTEGER due;

    due.QuadPart = -(LONGLONG)RNG_TICK_MS * 10000;
    rng->ticking = TRUE;
    KeSetTimer(&rng->clock, due, &rng->clock_dpc);
}

// Lends the buffer if it is wanted. Under the lock.
static void pump_locked(struct rng *rng)
{
    const struct vq_sg sg = {.pa = rng->buffer.pa, .len = VIORNG_PIECE_BYTES};

    if (!rng->running || !any_waiting(rng))
        return;
    if (!rng->ticking)
        clock_start(rng);
    if (rng->lent || rng->rest)
        return;
    // What fails here has poisoned the queue, and a reset is on its way.
    if (vq_add(rng->queue.vq, &sg, 0, 1, rng, NULL) != VIO_OK)
        return;
    rng->lent = TRUE;
    rng->lent_ticks = 0;
    vq_kick(rng->queue.vq);
}

void rng_pump(struct rng *rng)
{
    KIRQL irql;

    KeAcquireSpinLock(&rng->lock, &irql);
    pump_locked(rng);
    KeReleaseSpinLock(&rng->lock, irql);
}

// Gives `irp` what it still wants of the `len` bytes at `from`. Returns how many that were.
static ULONG give(IRP *irp, const UCHAR *from, ULONG len)
{
    const ULONG got = read_got(irp);
    const ULONG left = read_length(irp) - got;
    const ULONG n = len < left ? len : left;

    RtlCopyMemory(read_buffer(irp) + got, from, n);
    read_set_got(irp, got + n);
    read_set_ticks(irp, READ_TICKS);
    return n;
}

// Deals out `len` bytes of the buffer. Reads that are satisfied are put on `done`; the last one may
// want more and is returned. Bound: each read takes at least one byte, so at most
// VIORNG_PIECE_BYTES. Under the lock.
static IRP *deal_locked(struct rng *rng, ULONG len, LIST_ENTRY *done)
{
    const UCHAR *bytes = rng->buffer.va;
    ULONG used = 0;

    while (used < len) {
        IRP *irp = IoCsqRemoveNextIrp(&rng->csq, NULL);

        if (irp == NULL)
            return NULL;
        used += give(irp, bytes + used, len - used);
        if (read_got(irp) < read_length(irp))
            return irp;
        InsertTailList(done, &irp->Tail.Overlay.ListEntry);
    }
    return NULL;
}

static void end_list(struct rng *rng, LIST_ENTRY *done)
{
    while (!IsListEmpty(done)) {
        LIST_ENTRY *entry = RemoveHeadList(done);

        end_read(rng, CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry), STATUS_SUCCESS);
    }
}

void rng_deal(struct rng *rng)
{
    IRP *unfinished = NULL;
    LIST_ENTRY done;
    uint32_t len;
    KIRQL irql;

    InitializeListHead(&done);
    KeAcquireSpinLock(&rng->lock, &irql);
    // There is one buffer, so one turn takes all there can be.
    if (rng->running && vq_pop(rng->queue.vq, &len) != NULL) {
        rng->lent = FALSE;
        if (len == 0) {
            rng->rest = TRUE;
        } else {
            // The core has cut the length to the buffer's.
            nt_device_progress(rng->dev);
            unfinished = deal_locked(rng, len, &done);
            RtlSecureZeroMemory(rng->buffer.va, len);
        }
    }
    KeReleaseSpinLock(&rng->lock, irql);

    end_list(rng, &done);
    if (unfinished != NULL)
        queue_read(rng, unfinished);
    rng_pump(rng);
}

// Takes a tick from each waiting read.
static void count_down(struct rng *rng)
{
    IRP *irp;
    KIRQL irql;

    csq_acquire(&rng->csq, &irql);
    for (irp = next_read(rng, &rng->waiting); irp != NULL;
         irp = next_read(rng, &irp->Tail.Overlay.ListEntry)) {
        if (read_ticks(irp) > 0)
            read_set_ticks(irp, read_ticks(irp) - 1);
    }
    csq_release(&rng->csq, irql);
}

static VOID NTAPI clock_tick(KDPC *tick, PVOID context, PVOID unused1, PVOID unused2)
{
    struct rng *rng = context;
    struct peek peek = {.file = NULL, .expired = TRUE};
    BOOLEAN running;
    IRP *irp;
    KIRQL irql;

    UNREFERENCED_PARAMETER(tick);
    UNREFERENCED_PARAMETER(unused1);
    UNREFERENCED_PARAMETER(unused2);

    // A device that has lost an interrupt has its buffer found here.
    rng_deal(rng);

    KeAcquireSpinLock(&rng->lock, &irql);
    running = rng->running;
    rng->ticking = FALSE;
    rng->rest = FALSE;
    if (running) {
        count_down(rng);
        if ((rng->lent && ++rng->lent_ticks >= READ_TICKS) || vdev_needs_reset(rng->dev->vdev))
            nt_device_reset_soon(rng->dev);
    }
    KeReleaseSpinLock(&rng->lock, irql);
    // While the device is away, nothing waits for it; enabling it starts the clock again.
    if (!running)
        return;

    // Bound: each turn takes a read out of line, and none is put back with no tick left.
    while ((irp = IoCsqRemoveNextIrp(&rng->csq, &peek)) != NULL)
        end_read(rng, irp, STATUS_IO_TIMEOUT);
    rng_pump(rng);
}

void rng_end_reads(struct rng *rng, NTSTATUS why, FILE_OBJECT *file)
{
    struct peek peek = {.file = file, .expired = FALSE};
    IRP *irp;
    KIRQL irql;

    csq_acquire(&rng->csq, &irql);
    if (!NT_SUCCESS(why))
        rng->closed = why;
    if (file != NULL)
        file->FsContext = rng;
    csq_release(&rng->csq, irql);
    // Bound: nothing joins a closed line, and no read of a closed handle.
    while ((irp = IoCsqRemoveNextIrp(&rng->csq, &peek)) != NULL)
        end_read(rng, irp, NT_SUCCESS(why) ? STATUS_CANCELLED : why);
}

void rng_clock_stop(struct rng *rng)
{
    KeCancelTimer(&rng->clock);
    KeFlushQueuedDpcs();
}
