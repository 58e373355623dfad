/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files, queues and requests of a KMDF driver. A request is its IRP's stand-in between dispatch and
 * completion: it waits in its queue, where its IRP can be cancelled, or is presented, when the
 * driver decides that.
 */
#include "kmdf/kmdf.h"
#include "image/image.h"
#include "ntos/pnp.h"

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

struct file {
    struct kmdf_object object;
    struct kmdf_device *device;
};

static struct request *request_of(WDFOBJECT handle)
{
    return kmdf_object_of(handle, KMDF_REQUEST);
}

static IRP *take_cancel_routine(IRP *irp)
{
    return __atomic_exchange_n(&irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST) ? irp : NULL;
}

/* The next request may be presented only when the driver is out of its own locks: from a DPC, or
 * for passive devices from a work item. */
static void present_later(struct kmdf_queue *q)
{
    bool on = nk_critical_enter(), queue = q->device->passive && !q->work_queued;

    q->work_queued |= queue;
    nk_critical_leave(on);
    if (queue)
        nk_work_queue(&q->work);
    else if (!q->device->passive)
        nk_dpc_queue(&q->dpc, NULL, NULL);
}

static void end(struct request *r, NTSTATUS status, ULONG64 information)
{
    struct kmdf_queue *q = r->queue;
    IRP *irp = r->irp;
    bool on = nk_critical_enter();

    nk_list_remove(&r->entry);
    nk_critical_leave(on);
    kmdf_delete(&r->object);
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    nk_irp_complete(irp);
    nk_event_set(&q->changed);
    present_later(q);
}

static VOID cancel_waiting(DEVICE_OBJECT *wdm, IRP *irp)
{
    (void)wdm;
    nk_irp_cancel_unlock(irp->CancelIrql);
    end(irp->DriverContext[0], STATUS_CANCELLED, 0);
}

static VOID cancel_presented(DEVICE_OBJECT *wdm, IRP *irp)
{
    struct request *r = irp->DriverContext[0];

    (void)wdm;
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

static VOID on_queue_dpc(KDPC *dpc, PVOID context, PVOID a, PVOID b)
{
    (void)dpc;
    (void)a;
    (void)b;
    run_queue(context);
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
    NTSTATUS status = STATUS_SUCCESS;

    q = q ? q : d->default_queue;
    if (!q || d->gone)
        status = d->gone ? STATUS_NO_SUCH_DEVICE : STATUS_INVALID_DEVICE_REQUEST;
    if (!q || d->gone ||
        (!location->Parameters.Read.Length && !q->config.AllowZeroLengthRequests)) {
        irp->IoStatus.Status = status;
        nk_irp_complete(irp);
        return status;
    }
    location->Control |= SL_PENDING_RETURNED;
    r = kmdf_create(KMDF_REQUEST, sizeof(*r), NULL, q);
    r->queue = q;
    r->irp = irp;
    irp->DriverContext[0] = r;
    enqueue(q, r, false);
    run_queue(q);
    return STATUS_PENDING;
}

/* Every kind of queue of a device, each once. */
static struct kmdf_queue *queue_at(struct kmdf_device *d, unsigned n)
{
    unsigned m;

    if (n > IRP_MJ_MAXIMUM_FUNCTION)
        return NULL;
    for (m = 0; m < n; m++) {
        if (d->queues[m] == d->queues[n])
            return NULL;
    }
    return d->queues[n];
}

#define FOR_EACH_QUEUE(q, d)                                       \
    for (unsigned n_ = 0; n_ <= IRP_MJ_MAXIMUM_FUNCTION + 1; n_++) \
        if ((q = n_ ? queue_at(d, n_ - 1) : (d)->default_queue) != NULL)

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
}

static NTSTATUS queue_create(PVOID g, WDFOBJECT device, const WDF_IO_QUEUE_CONFIG *config,
                             const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    struct kmdf_device *d = kmdf_object_of(device, KMDF_DEVICE);
    struct kmdf_queue *q = kmdf_create(KMDF_QUEUE, sizeof(*q), a, d);

    (void)g;
    q->device = d;
    q->config = *config;
    q->stopped = true;
    nk_list_init(&q->waiting);
    nk_list_init(&q->presented);
    nk_event_init(&q->changed, false, false);
    nk_dpc_init(&q->dpc, on_queue_dpc, q);
    q->work.run = on_queue_work;
    if (config->DefaultQueue)
        d->default_queue = q;
    if (out)
        *out = &q->object;
    return STATUS_SUCCESS;
}

static NTSTATUS route_requests(PVOID g, WDFOBJECT device, WDFOBJECT queue, ULONG type)
{
    struct kmdf_device *d = kmdf_object_of(device, KMDF_DEVICE);

    (void)g;
    if (type > IRP_MJ_MAXIMUM_FUNCTION)
        return STATUS_INVALID_PARAMETER;
    d->queues[type] = kmdf_object_of(queue, KMDF_QUEUE);
    return STATUS_SUCCESS;
}

static WDFOBJECT queue_device(PVOID g, WDFOBJECT handle)
{
    struct kmdf_queue *q = kmdf_object_of(handle, KMDF_QUEUE);

    (void)g;
    return &q->device->object;
}

/* Requests. */

static VOID complete_with(PVOID g, WDFOBJECT handle, NTSTATUS status, ULONG64 information)
{
    struct request *r = request_of(handle);

    (void)g;
    if (r->irp->CancelRoutine)
        nk_report("irp", "a request is completed that is still cancelable");
    end(r, status, information);
}

static VOID complete(PVOID g, WDFOBJECT handle, NTSTATUS status)
{
    complete_with(g, handle, status, request_of(handle)->irp->IoStatus.Information);
}

static NTSTATUS mark_cancelable(PVOID g, WDFOBJECT handle, WDF_OBJECT_CALLBACK *cancel)
{
    struct request *r = request_of(handle);

    (void)g;
    r->cancel = cancel;
    r->irp->CancelRoutine = cancel_presented;
    return r->irp->Cancel && take_cancel_routine(r->irp) ? STATUS_CANCELLED : STATUS_SUCCESS;
}

static NTSTATUS unmark_cancelable(PVOID g, WDFOBJECT handle)
{
    (void)g;
    return take_cancel_routine(request_of(handle)->irp) ? STATUS_SUCCESS : STATUS_CANCELLED;
}

static VOID acknowledge_stop(PVOID g, WDFOBJECT handle, BOOLEAN requeue)
{
    struct request *r = request_of(handle);
    bool on = nk_critical_enter();

    (void)g;
    r->acknowledged = !requeue;
    if (requeue)
        nk_list_remove(&r->entry);
    nk_critical_leave(on);
    if (requeue)
        enqueue(r->queue, r, true);
    nk_event_set(&r->queue->changed);
}

static WDFOBJECT request_queue(PVOID g, WDFOBJECT handle)
{
    (void)g;
    return &request_of(handle)->queue->object;
}

static NTSTATUS retrieve_buffer(PVOID g, WDFOBJECT handle, SIZE_T least, PVOID *buffer,
                                SIZE_T *length)
{
    IRP *irp = request_of(handle)->irp;
    MDL *mdl = irp->MdlAddress;
    SIZE_T size = irp->CurrentStackLocation->Parameters.Read.Length;

    (void)g;
    if (size < least)
        return STATUS_BUFFER_TOO_SMALL;
    *buffer = irp->SystemBuffer;
    if (mdl)
        *buffer = mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA
                      ? mdl->MappedSystemVa
                      : KMDF_IMPORT(PVOID(*)(MDL *, CHAR, ULONG, PVOID, ULONG, ULONG),
                                    MmMapLockedPagesSpecifyCache)(mdl, 0, 1, NULL, 0, 16);
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
    struct file *file = wdm_file->FsContext;

    if (major == IRP_MJ_CREATE) {
        file = kmdf_create(KMDF_FILE, sizeof(*file), NULL, d);
        file->device = d;
        wdm_file->FsContext = file;
    } else if (major == IRP_MJ_CLEANUP && d->files.FileCleanup) {
        NK_CALL_VOID("EvtFileCleanup", d->files.FileCleanup(&file->object));
    } else if (major == IRP_MJ_CLOSE) {
        if (d->files.FileClose)
            NK_CALL_VOID("EvtFileClose", d->files.FileClose(&file->object));
        kmdf_delete(&file->object);
    }
    irp->IoStatus.Status = STATUS_SUCCESS;
    nk_irp_complete(irp);
    return STATUS_SUCCESS;
}

static WDFOBJECT file_device(PVOID g, WDFOBJECT handle)
{
    struct file *file = kmdf_object_of(handle, KMDF_FILE);

    (void)g;
    return &file->device->object;
}

const struct kmdf_function kmdf_request_functions[] = {
    {93, route_requests},
    {139, file_device},
    {152, queue_create},
    {157, queue_device},
    {256, unmark_cancelable},
    {263, complete},
    {265, complete_with},
    {269, retrieve_buffer},
    {270, retrieve_buffer},
    {282, request_queue},
    {284, acknowledge_stop},
    {393, mark_cancelable},
    {0, NULL},
};
