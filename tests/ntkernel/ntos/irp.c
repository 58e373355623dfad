/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IRPs, cancellation, cancel-safe queues. */
#include "ntos/irp.h"
#include "ntos/ex.h"
#include "ntos/ke.h"
#include "ntos/mm.h"
#include "image/image.h"

#define TAG_IRP 0x20707249u

#define CSQ_EX 3 /* IO_TYPE_CSQ_EX */

/* What precedes each IRP in its block. */
struct irp_block {
    nk_irp_done *done;
    void *context;
    IRP irp __attribute__((aligned(16)));
    IO_STACK_LOCATION stack[];
};

static KSPIN_LOCK cancel_lock;
static const DRIVER_OBJECT *guarded;

void nk_irp_guard_driver(const DRIVER_OBJECT *driver)
{
    guarded = driver;
}

static struct irp_block *block_of(IRP *irp)
{
    return NK_CONTAINER(irp, struct irp_block, irp);
}

IRP *nk_irp_create(DEVICE_OBJECT *device, nk_irp_done *done, void *context)
{
    unsigned locations = (unsigned)device->StackSize;
    SIZE_T size = sizeof(struct irp_block) + locations * sizeof(IO_STACK_LOCATION);
    struct irp_block *block = nk_pool_zero(size, TAG_IRP);

    block->done = done;
    block->context = context;
    block->irp.Type = 6;
    block->irp.Size = (USHORT)(size - offsetof(struct irp_block, irp));
    block->irp.StackCount = (CHAR)locations;
    block->irp.CurrentLocation = (CHAR)(locations + 1);
    block->irp.CurrentStackLocation = &block->stack[locations];
    block->irp.IoStatus.Status = STATUS_NOT_SUPPORTED;
    nk_resource_add(NK_IRP, &block->irp, block->irp.Size, TAG_IRP);
    return &block->irp;
}

IO_STACK_LOCATION *nk_irp_first(IRP *irp)
{
    return irp->CurrentStackLocation - 1;
}

bool nk_irp_live(const IRP *irp)
{
    return nk_resource_find(NK_IRP, irp);
}

static void check_live(const IRP *irp)
{
    if (!nk_irp_live(irp))
        nk_report("irp", "%s is no live IRP (completed already?)", nk_address_name((ULONG64)irp));
}

static const char *dispatch_name(const IO_STACK_LOCATION *location)
{
    static const char *const names[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
        [IRP_MJ_CREATE] = "dispatch create",   [IRP_MJ_CLOSE] = "dispatch close",
        [IRP_MJ_CLEANUP] = "dispatch cleanup", [IRP_MJ_READ] = "dispatch read",
        [IRP_MJ_WRITE] = "dispatch write",     [IRP_MJ_POWER] = "dispatch power",
        [IRP_MJ_PNP] = "dispatch PnP",
    };
    const char *name = names[location->MajorFunction];

    return name ? name : "dispatch";
}

/* What a dispatch routine returns must match what it did to the IRP, if that still exists: no
 * completion can free it while the section lasts. */
static void check_returned(IRP *irp, const IO_STACK_LOCATION *location, NTSTATUS status,
                           const char *what)
{
    bool on = nk_critical_enter(), wrong = false, pending = false;

    if (nk_irp_live(irp) && irp->CurrentStackLocation == location) {
        pending = location->Control & SL_PENDING_RETURNED;
        wrong = (status == STATUS_PENDING) != pending;
    }
    nk_critical_leave(on);
    if (wrong)
        nk_report("irp", "%s returns %08x but the IRP is%s marked pending", what, status,
                  pending ? "" : " not");
}

NTSTATUS nk_irp_send(DEVICE_OBJECT *device, IRP *irp)
{
    DRIVER_OBJECT *driver = device->DriverObject;
    IO_STACK_LOCATION *location;
    const char *what;
    NTSTATUS status;

    check_live(irp);
    if (irp->CurrentLocation <= 1)
        nk_report("irp", "an IRP has no stack location left for the next driver");
    irp->CurrentLocation--;
    location = --irp->CurrentStackLocation;
    location->DeviceObject = device;
    if (location->MajorFunction > IRP_MJ_MAXIMUM_FUNCTION)
        nk_report("irp", "an IRP has major function %x", location->MajorFunction);
    if (driver != guarded)
        return driver->MajorFunction[location->MajorFunction](device, irp);
    if (!driver->MajorFunction[location->MajorFunction])
        nk_report("irp", "the driver has no routine for major function %x",
                  location->MajorFunction);
    what = dispatch_name(location); /* the IRP may be gone after the call */
    status = NK_CALL(what, driver->MajorFunction[location->MajorFunction](device, irp));
    check_returned(irp, location, status, what);
    return status;
}

static void finish(IRP *irp)
{
    struct irp_block *block = block_of(irp);

    if (irp->UserIosb)
        *irp->UserIosb = irp->IoStatus;
    if (irp->UserEvent)
        nk_event_set(irp->UserEvent);
    if (block->done)
        block->done(irp, block->context);
    if (irp->MdlAddress)
        nk_mdl_free(irp->MdlAddress);
    nk_resource_drop(NK_IRP, irp);
    nk_pool_free(block, TAG_IRP);
}

static bool wants(const IO_STACK_LOCATION *location, const IRP *irp)
{
    UCHAR flag = NT_SUCCESS(irp->IoStatus.Status) ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR;

    if (irp->Cancel)
        flag |= SL_INVOKE_ON_CANCEL;
    return location->CompletionRoutine && location->Control & flag;
}

void nk_irp_complete(IRP *irp)
{
    check_live(irp);
    if (irp->CurrentLocation > irp->StackCount)
        nk_report("irp", "an IRP is completed twice, the second time");
    if (irp->IoStatus.Status == STATUS_PENDING)
        nk_report("irp", "an IRP is completed with STATUS_PENDING");
    if (irp->CancelRoutine)
        nk_report("irp", "an IRP is completed with its cancel routine set");
    while (irp->CurrentLocation <= irp->StackCount) {
        IO_STACK_LOCATION *location = irp->CurrentStackLocation;
        NTSTATUS status;

        irp->PendingReturned = location->Control & SL_PENDING_RETURNED;
        irp->CurrentLocation++;
        irp->CurrentStackLocation++;
        if (wants(location, irp)) {
            DEVICE_OBJECT *device = irp->CurrentLocation > irp->StackCount
                                        ? NULL
                                        : irp->CurrentStackLocation->DeviceObject;

            status = NK_CALL("completion routine",
                             location->CompletionRoutine(device, irp, location->Context));
            if (status == STATUS_MORE_PROCESSING_REQUIRED)
                return;
        } else if (irp->PendingReturned && irp->CurrentLocation <= irp->StackCount) {
            irp->CurrentStackLocation->Control |= SL_PENDING_RETURNED;
        }
    }
    finish(irp);
}

NTSTATUS nk_irp_finish(IRP *irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    nk_irp_complete(irp);
    return status;
}

NTSTATUS nk_irp_pass(DEVICE_OBJECT *lower, IRP *irp)
{
    irp->CurrentLocation++;
    irp->CurrentStackLocation++;
    return nk_irp_send(lower, irp);
}

void nk_irp_cancel_unlock(KIRQL irql)
{
    nk_lock_lower(&cancel_lock, irql);
}

/* The routine releases the cancel lock itself. */
bool nk_irp_cancel(IRP *volatile *slot)
{
    struct nk_service service;
    KIRQL former = nk_lock_raise(&cancel_lock, DISPATCH_LEVEL);
    DRIVER_CANCEL *routine = NULL;
    bool on;
    IRP *irp;

    on = nk_critical_enter();
    irp = *slot;
    if (irp) {
        irp->Cancel = true;
        routine = __atomic_exchange_n(&irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST);
    }
    nk_critical_leave(on);
    if (!routine) {
        nk_irp_cancel_unlock(former);
        return false;
    }
    irp->CancelIrql = former;
    service = nk_service_clear();
    routine(irp->CurrentStackLocation->DeviceObject, irp);
    nk_service_set(service);
    if (nk_irql() != former)
        nk_report("irql", "a cancel routine called at IRQL %u returned at IRQL %u", former,
                  nk_irql());
    return true;
}

/* A PnP or power IRP that the driver sends by itself and waits for. */
static IRP *IoBuildSynchronousFsdRequest(ULONG major, DEVICE_OBJECT *device, PVOID buffer,
                                         ULONG length, LARGE_INTEGER *offset, KEVENT *event,
                                         IO_STATUS_BLOCK *iosb)
{
    IRP *irp;

    if (major != IRP_MJ_PNP || buffer || length)
        nk_report("unsupported", "major function %x", major);
    if (nk_scarce())
        return NULL;
    irp = nk_irp_create(device, NULL, NULL);
    nk_irp_first(irp)->MajorFunction = (UCHAR)major;
    irp->UserEvent = event;
    irp->UserIosb = iosb;
    return irp;
}

/* Cancel-safe queues, after the published contract: the queue's own lock orders removal and
 * cancellation, and DriverContext[3] belongs to the queue while the IRP is in it. */

static VOID csq_cancel(DEVICE_OBJECT *device, IRP *irp)
{
    IO_CSQ *csq = irp->DriverContext[3];
    KIRQL irql = 0;

    nk_irp_cancel_unlock(irp->CancelIrql);
    csq->CsqAcquireLock(csq, &irql);
    csq->CsqRemoveIrp(csq, irp);
    csq->CsqReleaseLock(csq, irql);
    NK_CALL_VOID("CsqCompleteCanceledIrp", csq->CsqCompleteCanceledIrp(csq, irp));
}

static NTSTATUS IoCsqInitializeEx(IO_CSQ *csq, IO_CSQ_INSERT_IRP_EX *insert,
                                  IO_CSQ_REMOVE_IRP *removal, IO_CSQ_PEEK_NEXT_IRP *peek,
                                  IO_CSQ_ACQUIRE_LOCK *lock, IO_CSQ_RELEASE_LOCK *unlock,
                                  IO_CSQ_REMOVE_IRP *cancel)
{
    *csq = (IO_CSQ){CSQ_EX, insert, removal, peek, lock, unlock, cancel, NULL};
    return STATUS_SUCCESS;
}

static NTSTATUS IoCsqInsertIrpEx(IO_CSQ *csq, IRP *irp, PVOID context, PVOID insert)
{
    KIRQL irql = 0;
    NTSTATUS status;

    check_live(irp);
    if (context)
        nk_report("unsupported", "a context is given");
    irp->DriverContext[3] = csq;
    csq->CsqAcquireLock(csq, &irql);
    status = csq->CsqInsertIrp(csq, irp, insert);
    if (!NT_SUCCESS(status)) {
        csq->CsqReleaseLock(csq, irql);
        return status;
    }
    irp->CurrentStackLocation->Control |= SL_PENDING_RETURNED;
    irp->CancelRoutine = csq_cancel;
    if (irp->Cancel && __atomic_exchange_n(&irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST)) {
        csq->CsqRemoveIrp(csq, irp);
        csq->CsqReleaseLock(csq, irql);
        csq->CsqCompleteCanceledIrp(csq, irp);
        return status;
    }
    csq->CsqReleaseLock(csq, irql);
    return status;
}

static IRP *IoCsqRemoveNextIrp(IO_CSQ *csq, PVOID context)
{
    KIRQL irql = 0;
    IRP *irp = NULL;

    csq->CsqAcquireLock(csq, &irql);
    while ((irp = csq->CsqPeekNextIrp(csq, irp, context)) != NULL) {
        if (!__atomic_exchange_n(&irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST))
            continue; /* on its way to csq_cancel */
        csq->CsqRemoveIrp(csq, irp);
        break;
    }
    csq->CsqReleaseLock(csq, irql);
    return irp;
}

static const struct nk_export irp_entries[] = {
    NK_EXPORT_AS(IofCallDriver, nk_irp_send, DISPATCH_LEVEL),
    NK_EXPORT_AS(IofCompleteRequest, nk_irp_complete, DISPATCH_LEVEL),
    NK_EXPORT(IoBuildSynchronousFsdRequest, PASSIVE_LEVEL),
    NK_EXPORT(IoCsqInitializeEx, DISPATCH_LEVEL),
    NK_EXPORT(IoCsqInsertIrpEx, DISPATCH_LEVEL),
    NK_EXPORT(IoCsqRemoveNextIrp, DISPATCH_LEVEL),
};
NK_EXPORT_TABLE(nk_irp_exports, "ntoskrnl.exe", irp_entries);
