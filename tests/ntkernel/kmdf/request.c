/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files, queues and requests of a KMDF driver. A request is its IRP's stand-in between dispatch and
 * completion: it waits in its queue, where its IRP can be cancelled, or is presented, when the
 * driver decides that.
 */
#include "kmdf/kmdf.h"
#include "ntos/mm.h"

#define STATUS_INVALID_DEVICE_REQUEST ((NTSTATUS)0xC0000010)
#define STOP_MS                       20000

struct request {
    struct kmdf_object object;
    struct kmdf_queue *queue;
    IRP *irp;
    LIST_ENTRY entry;
    bool acknowledged; /* the driver keeps it over a loss of power */
    WDF_OBJECT_CALLBACK *cancel;
};

static struct request *request_of(WDFOBJECT handle)
{
    return kmdf_object_of(handle, KMDF_REQUEST);
}

static IRP *take_cancel_routine(IRP *irp)
{
    return __atomic_exchange_n(&irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST) ? irp : NULL;
}

/* The next request may be presented only when the driver is out of its own locks. */
static void present_later(struct kmdf_queue *q)
{
    bool on = nk_critical_enter(), queue = !q->work_queued;

    q->work_queued = true;
    nk_critical_leave(on);
    if (queue)
        nk_work_queue(&q->work);
}

static void end(struct request *r, NTSTATUS status, ULONG64 information)
{
    struct kmdf_queue *q = r->queue;
    IRP *irp = r->irp;
    bool on = nk_critical_enter();

    nk_list_remove(&r->entry);
    nk_critical_leave(on);
    kmdf_delete(&r->object);
    irp->IoStatus.Information = information;
    nk_irp_finish(irp, status);
    nk_event_set(&q->changed);
    present_later(q);
}

static VOID cancel_waiting(DEVICE_OBJECT *wdm, IRP *irp)
{
    nk_irp_cancel_unlock(irp->CancelIrql);
    end(irp->DriverContext[0], STATUS_CANCELLED, 0);
}

static VOID cancel_presented(DEVICE_OBJECT *wdm, IRP *irp)
{
    struct request *r = irp->DriverContext[0];

    nk_irp_cancel_unlock(irp->CancelIrql);
    NK_CALL_VOID("EvtRequestCancel", r->cancel(&r->object));
}

static void present(struct kmdf_queue *q, struct request *r)
{
    const IO_STACK_LOCATION *location = r->irp->CurrentStackLocation;
    WDF_IO_CALLBACK *callback =
        location->MajorFunction == IRP_MJ_READ ? q->config.IoRead : q->config.IoWrite;

    if (!callback) {
        end(r, STATUS_INVALID_DEVICE_REQUEST, 0);
        return;
    }
    if (q->device->synchronized)
        kmdf_device_lock(q->device);
    NK_CALL_VOID("EvtIo", callback(&q->object, &r->object, location->Parameters.Read.Length));
    if (q->device->synchronized)
        kmdf_device_unlock(q->device);
}

/* Take the first request that waits if it may be presented now. */
static struct request *next_request(struct kmdf_queue *q)
{
    bool on = nk_critical_enter();
    struct request *r = NULL;
    LIST_ENTRY *entry;

    if (!q->stopped &&
        (q->config.DispatchType != WDF_DISPATCH_SEQUENTIAL || nk_list_empty(&q->presented))) {
        for (entry = q->waiting.Flink; entry != &q->waiting && !r; entry = entry->Flink) {
            r = NK_CONTAINER(entry, struct request, entry);
            if (!take_cancel_routine(r->irp))
                r = NULL; /* its cancel routine is about to end it */
        }
    }
    if (r) {
        nk_list_remove(&r->entry);
        nk_list_append(&q->presented, &r->entry);
    }
    nk_critical_leave(on);
    return r;
}

static void run_queue(struct kmdf_queue *q)
{
    struct request *r;

    while ((r = next_request(q)) != NULL)
        present(q, r);
}

static void on_queue_work(struct nk_work *work)
{
    struct kmdf_queue *q = NK_CONTAINER(work, struct kmdf_queue, work);

    q->work_queued = false;
    run_queue(q);
}

/* At the end of the queue, or at its head if the driver gave it back. */
static void enqueue(struct kmdf_queue *q, struct request *r, bool first)
{
    IRP *irp = r->irp;
    bool on = nk_critical_enter();

    nk_list_append(first ? q->waiting.Flink : &q->waiting, &r->entry);
    irp->CancelRoutine = cancel_waiting;
    nk_critical_leave(on);
    if (irp->Cancel && take_cancel_routine(irp))
        end(r, STATUS_CANCELLED, 0);
}

NTSTATUS kmdf_dispatch_io(DEVICE_OBJECT *wdm, IRP *irp)
{
    struct kmdf_device *d = kmdf_device_of_wdm(wdm);
    IO_STACK_LOCATION *location = irp->CurrentStackLocation;
    struct kmdf_queue *q = d->queues[location->MajorFunction];
    struct request *r;

    q = q ? q : d->default_queue;
    if (d->gone)
        return nk_irp_finish(irp, STATUS_NO_SUCH_DEVICE);
    if (!q)
        return nk_irp_finish(irp, STATUS_INVALID_DEVICE_REQUEST);
    if (!location->Parameters.Read.Length && !q->config.AllowZeroLengthRequests)
        return nk_irp_finish(irp, STATUS_SUCCESS);
    location->Control |= SL_PENDING_RETURNED;
    r = kmdf_create(KMDF_REQUEST, sizeof(*r), NULL, q);
    r->queue = q;
    r->irp = irp;
    irp->DriverContext[0] = r;
    enqueue(q, r, false);
    run_queue(q);
    return STATUS_PENDING;
}

/* The device's queues are among its children. */
#define FOR_EACH_QUEUE(q, d)                                                                       \
    for (LIST_ENTRY *e_ = (d)->object.children.Flink; e_ != &(d)->object.children; e_ = e_->Flink) \
        if ((q = (void *)NK_CONTAINER(e_, struct kmdf_object, sibling))->object.kind == KMDF_QUEUE)

void kmdf_queues_start(struct kmdf_device *d)
{
    struct kmdf_queue *q;

    FOR_EACH_QUEUE(q, d)
    {
        q->stopped = false;
        run_queue(q);
    }
}

static struct request *unacknowledged(struct kmdf_queue *q)
{
    LIST_ENTRY *entry;

    for (entry = q->presented.Flink; entry != &q->presented; entry = entry->Flink) {
        struct request *r = NK_CONTAINER(entry, struct request, entry);

        if (!r->acknowledged)
            return r;
    }
    return NULL;
}

static void stop_queue(struct kmdf_queue *q, bool for_ever)
{
    ULONG flags = for_ever ? WDF_STOP_PURGE : WDF_STOP_SUSPEND;
    struct request *r;
    LIST_ENTRY *entry, *next;

    q->stopped = true;
    for (entry = q->presented.Flink; q->config.IoStop && entry != &q->presented; entry = next) {
        next = entry->Flink;
        r = NK_CONTAINER(entry, struct request, entry);
        NK_CALL_VOID("EvtIoStop",
                     q->config.IoStop(&q->object, &r->object,
                                      flags | (r->irp->CancelRoutine ? WDF_STOP_CANCELABLE : 0)));
    }
    while (unacknowledged(q)) {
        q->changed.Header.SignalState = 0;
        if (nk_wait(&q->changed.Header, STOP_MS * 10000ull))
            nk_report("hang", "a request is neither completed nor acknowledged at a power change");
    }
    while (for_ever && !nk_list_empty(&q->waiting)) {
        r = NK_CONTAINER(q->waiting.Flink, struct request, entry);
        if (take_cancel_routine(r->irp))
            end(r, STATUS_CANCELLED, 0);
    }
}

void kmdf_queues_stop(struct kmdf_device *d, bool for_ever)
{
    struct kmdf_queue *q;

    FOR_EACH_QUEUE(q, d)
    stop_queue(q, for_ever);
    if (for_ever)
        nk_work_run(); /* the queues may go now */
}

static NTSTATUS WdfIoQueueCreate(PVOID g, WDFOBJECT device, const WDF_IO_QUEUE_CONFIG *config,
                                 const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    struct kmdf_device *d = kmdf_object_of(device, KMDF_DEVICE);
    struct kmdf_queue *q = kmdf_create(KMDF_QUEUE, sizeof(*q), a, d);

    q->device = d;
    q->config = *config;
    q->stopped = true;
    nk_list_init(&q->waiting);
    nk_list_init(&q->presented);
    nk_event_init(&q->changed, false, false);
    q->work.run = on_queue_work;
    if (config->DefaultQueue)
        d->default_queue = q;
    if (out)
        *out = &q->object;
    return STATUS_SUCCESS;
}

static NTSTATUS WdfDeviceConfigureRequestDispatching(PVOID g, WDFOBJECT device, WDFOBJECT queue,
                                                     ULONG type)
{
    struct kmdf_device *d = kmdf_object_of(device, KMDF_DEVICE);

    if (type > IRP_MJ_MAXIMUM_FUNCTION)
        return STATUS_INVALID_PARAMETER;
    d->queues[type] = kmdf_object_of(queue, KMDF_QUEUE);
    return STATUS_SUCCESS;
}

/* Requests. */

static VOID WdfRequestCompleteWithInformation(PVOID g, WDFOBJECT handle, NTSTATUS status,
                                              ULONG64 information)
{
    struct request *r = request_of(handle);

    if (r->irp->CancelRoutine)
        nk_report("irp", "a request is completed that is still cancelable");
    end(r, status, information);
}

static VOID WdfRequestComplete(PVOID g, WDFOBJECT handle, NTSTATUS status)
{
    WdfRequestCompleteWithInformation(g, handle, status,
                                      request_of(handle)->irp->IoStatus.Information);
}

static NTSTATUS WdfRequestMarkCancelableEx(PVOID g, WDFOBJECT handle, WDF_OBJECT_CALLBACK *cancel)
{
    struct request *r = request_of(handle);

    r->cancel = cancel;
    r->irp->CancelRoutine = cancel_presented;
    return r->irp->Cancel && take_cancel_routine(r->irp) ? STATUS_CANCELLED : STATUS_SUCCESS;
}

static NTSTATUS WdfRequestUnmarkCancelable(PVOID g, WDFOBJECT handle)
{
    return take_cancel_routine(request_of(handle)->irp) ? STATUS_SUCCESS : STATUS_CANCELLED;
}

static VOID WdfRequestStopAcknowledge(PVOID g, WDFOBJECT handle, BOOLEAN requeue)
{
    struct request *r = request_of(handle);
    bool on = nk_critical_enter();

    r->acknowledged = !requeue;
    if (requeue)
        nk_list_remove(&r->entry);
    nk_critical_leave(on);
    if (requeue)
        enqueue(r->queue, r, true);
    nk_event_set(&r->queue->changed);
}

static NTSTATUS retrieve_buffer(PVOID g, WDFOBJECT handle, SIZE_T least, PVOID *buffer,
                                SIZE_T *length)
{
    IRP *irp = request_of(handle)->irp;
    MDL *mdl = irp->MdlAddress;
    SIZE_T size = irp->CurrentStackLocation->Parameters.Read.Length;

    if (size < least)
        return STATUS_BUFFER_TOO_SMALL;
    *buffer = irp->SystemBuffer;
    if (mdl)
        *buffer =
            mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA ? mdl->MappedSystemVa : nk_mdl_map(mdl, 0);
    if (length)
        *length = size;
    return *buffer ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* Files. */

NTSTATUS kmdf_dispatch_file(DEVICE_OBJECT *wdm, IRP *irp)
{
    struct kmdf_device *d = kmdf_device_of_wdm(wdm);
    UCHAR major = irp->CurrentStackLocation->MajorFunction;
    FILE_OBJECT *wdm_file = irp->CurrentStackLocation->FileObject;
    struct kmdf_object *file = wdm_file->FsContext;

    if (major == IRP_MJ_CREATE) {
        wdm_file->FsContext = kmdf_create(KMDF_FILE, sizeof(*file), NULL, d);
    } else if (major == IRP_MJ_CLEANUP && d->files.FileCleanup) {
        NK_CALL_VOID("EvtFileCleanup", d->files.FileCleanup(file));
    } else if (major == IRP_MJ_CLOSE) {
        if (d->files.FileClose)
            NK_CALL_VOID("EvtFileClose", d->files.FileClose(file));
        kmdf_delete(file);
    }
    return nk_irp_finish(irp, STATUS_SUCCESS);
}

const struct kmdf_function kmdf_request_functions[] = {
    KMDF_FUNCTION(93, WdfDeviceConfigureRequestDispatching, DISPATCH_LEVEL),
    KMDF_FUNCTION_AS(139, WdfFileObjectGetDevice, kmdf_parent, HIGH_LEVEL),
    KMDF_FUNCTION(152, WdfIoQueueCreate, DISPATCH_LEVEL),
    KMDF_FUNCTION_AS(157, WdfIoQueueGetDevice, kmdf_parent, HIGH_LEVEL),
    KMDF_FUNCTION(256, WdfRequestUnmarkCancelable, DISPATCH_LEVEL),
    KMDF_FUNCTION(263, WdfRequestComplete, DISPATCH_LEVEL),
    KMDF_FUNCTION(265, WdfRequestCompleteWithInformation, DISPATCH_LEVEL),
    KMDF_FUNCTION_AS(269, WdfRequestRetrieveInputBuffer, retrieve_buffer, DISPATCH_LEVEL),
    KMDF_FUNCTION_AS(270, WdfRequestRetrieveOutputBuffer, retrieve_buffer, DISPATCH_LEVEL),
    KMDF_FUNCTION_AS(282, WdfRequestGetIoQueue, kmdf_parent, HIGH_LEVEL),
    KMDF_FUNCTION(284, WdfRequestStopAcknowledge, DISPATCH_LEVEL),
    KMDF_FUNCTION(393, WdfRequestMarkCancelableEx, DISPATCH_LEVEL),
    {0, {NULL, NULL, 0}},
};
