/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device of a KMDF driver: PnP, power, interrupts. */
#include "kmdf/kmdf.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define WAIT_MS 20000

enum { POWER_SYSTEM, POWER_DEVICE };

/* A callback of the table `pnp`, if the driver has it. */
#define CALL_IF(device, member, ...)                                                   \
    ((device)->pnp.member                                                              \
         ? NK_CALL("Evt" #member, (device)->pnp.member(&(device)->object __VA_ARGS__)) \
         : STATUS_SUCCESS)

struct kmdf_device *kmdf_device_of_wdm(DEVICE_OBJECT *wdm)
{
    return *(struct kmdf_device **)wdm->DeviceExtension;
}

void kmdf_device_lock(struct kmdf_device *d)
{
    if (d->passive) {
        nk_wait(&d->mutex.Header, ~0ull);
    } else {
        KIRQL irql = nk_lock_raise(&d->spin_lock, DISPATCH_LEVEL);

        d->spin_irql = irql; /* the lock holder's */
    }
}

void kmdf_device_unlock(struct kmdf_device *d)
{
    if (d->passive)
        nk_mutex_release(&d->mutex);
    else
        nk_lock_lower(&d->spin_lock, d->spin_irql);
}

static VOID WdfObjectAcquireLock(PVOID g, WDFOBJECT handle)
{
    kmdf_device_lock(kmdf_object_of(handle, KMDF_DEVICE));
}

static VOID WdfObjectReleaseLock(PVOID g, WDFOBJECT handle)
{
    kmdf_device_unlock(kmdf_object_of(handle, KMDF_DEVICE));
}

/* Interrupts: all of the device's are connected at once; its n-th message belongs to the n-th
 * interrupt object, the line to all. */

static BOOLEAN on_message(PVOID interrupt, PVOID context, ULONG message)
{
    struct kmdf_device *d = context;

    if (message >= d->interrupt_count)
        return false;
    return d->interrupts[message]->config.Isr(&d->interrupts[message]->object, message);
}

static BOOLEAN on_line(PVOID interrupt, PVOID context)
{
    struct kmdf_device *d = context;
    unsigned n;

    for (n = 0; n < d->interrupt_count; n++) {
        if (d->interrupts[n]->config.Isr(&d->interrupts[n]->object, 0))
            return true;
    }
    return false;
}

static VOID on_dpc(KDPC *dpc, PVOID context, PVOID a, PVOID b)
{
    struct kmdf_interrupt *i = context;

    i->config.Dpc(&i->object, &i->device->object);
}

struct toggle {
    struct kmdf_interrupt *interrupt;
    NTSTATUS (*callback)(WDFOBJECT interrupt, WDFOBJECT device);
    NTSTATUS status;
};

static BOOLEAN run_toggle(PVOID context)
{
    struct toggle *t = context;

    t->status = t->callback(&t->interrupt->object, &t->interrupt->device->object);
    return true;
}

/* The callbacks run at device IRQL under the interrupt's lock. */
static NTSTATUS toggle_interrupts(struct kmdf_device *d, bool enable)
{
    NTSTATUS status = STATUS_SUCCESS;
    unsigned n;

    for (n = 0; n < d->interrupt_count && NT_SUCCESS(status); n++) {
        struct kmdf_interrupt *i = d->interrupts[n];
        struct toggle t = {i, enable ? i->config.Enable : i->config.Disable, STATUS_SUCCESS};
        const IO_INTERRUPT_MESSAGE_INFO *info = d->connection;

        if (!t.callback)
            continue;
        NK_CALL("EvtInterruptEnable",
                nk_interrupt_synchronize(d->connection_version == CONNECT_MESSAGE_BASED
                                             ? info->MessageInfo[n].InterruptObject
                                             : d->connection,
                                         run_toggle, &t));
        status = t.status;
    }
    return status;
}

static NTSTATUS connect_interrupts(struct kmdf_device *d)
{
    IO_CONNECT_INTERRUPT_PARAMETERS p = {.Version = CONNECT_MESSAGE_BASED,
                                         .PhysicalDeviceObject = d->pdo,
                                         .InterruptObject = &d->connection,
                                         .ServiceRoutine = (PVOID)on_message,
                                         .ServiceContext = d,
                                         .FallBackServiceRoutine = on_line};
    NTSTATUS status = nk_interrupt_connect(&p);

    if (NT_SUCCESS(status))
        d->connection_version = p.Version;
    return status;
}

static void disconnect_interrupts(struct kmdf_device *d)
{
    IO_DISCONNECT_INTERRUPT_PARAMETERS p = {d->connection_version, d->connection};
    unsigned n;

    if (!d->connection_version)
        return;
    nk_interrupt_disconnect(&p);
    d->connection_version = 0;
    for (n = 0; n < d->interrupt_count; n++)
        nk_dpc_unqueue(&d->interrupts[n]->dpc);
}

static void describe_interrupts(struct kmdf_device *d)
{
    unsigned n, next = 0;

    for (n = 0; n < d->resources->PartialCount && next < d->interrupt_count; n++) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *r = &d->resources->Partial[n];
        WDF_INTERRUPT_INFO *info = &d->interrupts[next]->info;

        if (r->Type != CM_RESOURCE_INTERRUPT)
            continue;
        info->Vector = r->u.Interrupt.Vector;
        info->Irql = (KIRQL)r->u.Interrupt.Level;
        info->MessageSignaled = (r->Flags & CM_INTERRUPT_MESSAGE) != 0;
        info->MessageNumber = info->MessageSignaled ? next : 0;
        info->ShareDisposition = r->ShareDisposition;
        next++;
    }
}

static NTSTATUS WdfInterruptCreate(PVOID g, WDFOBJECT device, const WDF_INTERRUPT_CONFIG *config,
                                   const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    struct kmdf_device *d = kmdf_object_of(device, KMDF_DEVICE);
    struct kmdf_interrupt *i = kmdf_create(KMDF_INTERRUPT, sizeof(*i), a, d);

    if (d->interrupt_count == KMDF_INTERRUPTS)
        nk_report("unsupported", "more than %u interrupt objects", KMDF_INTERRUPTS);
    i->device = d;
    i->config = *config;
    nk_dpc_init(&i->dpc, on_dpc, i);
    d->interrupts[d->interrupt_count++] = i;
    *out = &i->object;
    return STATUS_SUCCESS;
}

static BOOLEAN WdfInterruptQueueDpcForIsr(PVOID g, WDFOBJECT handle)
{
    struct kmdf_interrupt *i = kmdf_object_of(handle, KMDF_INTERRUPT);

    return nk_dpc_queue(&i->dpc, NULL, NULL);
}

static VOID WdfInterruptGetInfo(PVOID g, WDFOBJECT handle, WDF_INTERRUPT_INFO *info)
{
    struct kmdf_interrupt *i = kmdf_object_of(handle, KMDF_INTERRUPT);
    ULONG size = info->Size;

    *info = i->info;
    info->Size = size;
}

/* Power. */

static NTSTATUS power_up(struct kmdf_device *d, ULONG former)
{
    NTSTATUS status = CALL_IF(d, D0Entry, , former);

    if (NT_SUCCESS(status) && d->interrupt_count)
        status = connect_interrupts(d);
    if (NT_SUCCESS(status))
        status = toggle_interrupts(d, true);
    if (NT_SUCCESS(status))
        status = CALL_IF(d, D0EntryPostInterruptsEnabled, , former);
    if (NT_SUCCESS(status))
        status = d->self_managed ? CALL_IF(d, SelfManagedIoRestart) : CALL_IF(d, SelfManagedIoInit);
    if (!NT_SUCCESS(status)) {
        disconnect_interrupts(d);
        return status;
    }
    d->self_managed = d->working = true;
    kmdf_queues_start(d);
    return status;
}

static void power_down(struct kmdf_device *d, ULONG target, bool for_ever)
{
    if (!d->working)
        return;
    kmdf_queues_stop(d, for_ever);
    CALL_IF(d, SelfManagedIoSuspend);
    CALL_IF(d, D0ExitPreInterruptsDisabled, , target);
    toggle_interrupts(d, false);
    disconnect_interrupts(d);
    CALL_IF(d, D0Exit, , target);
    d->working = false;
}

static void release(struct kmdf_device *d, bool for_ever)
{
    power_down(d, WDF_POWER_D3_FINAL, for_ever);
    if (d->prepared)
        CALL_IF(d, ReleaseHardware, , d->resources);
    d->prepared = false;
}

/* IRPs on their way down. */

static NTSTATUS pass(struct kmdf_device *d, IRP *irp)
{
    return nk_irp_pass(d->lower, irp);
}

static NTSTATUS on_returned(DEVICE_OBJECT *wdm, IRP *irp, PVOID context)
{
    nk_event_set(context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS pass_and_wait(struct kmdf_device *d, IRP *irp)
{
    IO_STACK_LOCATION *next = irp->CurrentStackLocation - 1;
    KEVENT returned;

    nk_event_init(&returned, false, false);
    *next = *irp->CurrentStackLocation;
    next->CompletionRoutine = on_returned;
    next->Context = &returned;
    next->Control = SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR | SL_INVOKE_ON_CANCEL;
    nk_irp_send(d->lower, irp);
    if (nk_wait(&returned.Header, WAIT_MS * 10000ull))
        nk_report("hang", "the bus driver keeps an IRP");
    return irp->IoStatus.Status;
}

static void set_interface(struct kmdf_device *d, bool enable)
{
    if (d->link.Buffer)
        nk_pnp_interface_set(enable);
}

static NTSTATUS start(struct kmdf_device *d, IRP *irp)
{
    const IO_STACK_LOCATION *location = irp->CurrentStackLocation;
    NTSTATUS status = pass_and_wait(d, irp);

    if (NT_SUCCESS(status)) {
        d->resources = location->Parameters.StartDevice.AllocatedResourcesTranslated;
        describe_interrupts(d);
        d->prepared = true;
        status = CALL_IF(d, PrepareHardware, , location->Parameters.StartDevice.AllocatedResources,
                         d->resources);
    }
    if (NT_SUCCESS(status))
        status = power_up(d, WDF_POWER_D3_FINAL);
    if (NT_SUCCESS(status))
        set_interface(d, true);
    else
        release(d, true);
    return nk_irp_finish(irp, status);
}

static void destroy(struct kmdf_device *d)
{
    DEVICE_OBJECT *lower = d->lower, *wdm = d->wdm;
    UNICODE_STRING link = d->link;

    kmdf_delete(&d->object);
    lower->AttachedDevice = NULL;
    nk_device_delete(wdm);
    if (link.Buffer)
        nk_pool_free(link.Buffer, 0);
}

static NTSTATUS remove(struct kmdf_device *d, IRP *irp)
{
    NTSTATUS status;

    set_interface(d, false);
    release(d, true);
    kmdf_queues_stop(d, true);
    if (d->pnp.SelfManagedIoCleanup && d->self_managed)
        NK_CALL_VOID("EvtSelfManagedIoCleanup", d->pnp.SelfManagedIoCleanup(&d->object));
    irp->IoStatus.Status = STATUS_SUCCESS;
    status = pass(d, irp);
    destroy(d);
    return status;
}

NTSTATUS kmdf_dispatch_pnp(DEVICE_OBJECT *wdm, IRP *irp)
{
    struct kmdf_device *d = kmdf_device_of_wdm(wdm);

    switch (irp->CurrentStackLocation->MinorFunction) {
    case IRP_MN_START_DEVICE:
        return start(d, irp);
    case IRP_MN_STOP_DEVICE:
        release(d, false);
        irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    case IRP_MN_SURPRISE_REMOVAL:
        d->gone = true;
        if (d->pnp.SurpriseRemoval)
            NK_CALL_VOID("EvtSurpriseRemoval", d->pnp.SurpriseRemoval(&d->object));
        set_interface(d, false);
        release(d, true);
        irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    case IRP_MN_REMOVE_DEVICE:
        return remove(d, irp);
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
        irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    default:
        break;
    }
    return pass(d, irp);
}

/* A system power request asks for the device's: D0 for S0, else D3. */
static void request_device_power(struct kmdf_device *d, UCHAR minor, ULONG64 system)
{
    nk_power_request(d->pdo, minor, system == 1 ? WDF_POWER_D0 : WDF_POWER_D3, NULL, NULL, NULL);
}

NTSTATUS kmdf_dispatch_power(DEVICE_OBJECT *wdm, IRP *irp)
{
    struct kmdf_device *d = kmdf_device_of_wdm(wdm);
    const IO_STACK_LOCATION *location = irp->CurrentStackLocation;
    ULONG state = (ULONG)location->Parameters.Power.State;
    NTSTATUS status;

    if (location->Parameters.Power.Type == POWER_SYSTEM) {
        request_device_power(d, location->MinorFunction, state);
        return pass(d, irp);
    }
    if (location->MinorFunction != IRP_MN_SET_POWER || !d->prepared)
        return pass(d, irp);
    if (state != WDF_POWER_D0) {
        power_down(d, state, false);
        return pass(d, irp);
    }
    status = pass_and_wait(d, irp);
    if (NT_SUCCESS(status) && !d->working)
        status = power_up(d, WDF_POWER_D3);
    return nk_irp_finish(irp, status);
}

NTSTATUS kmdf_dispatch_other(DEVICE_OBJECT *wdm, IRP *irp)
{
    return pass(kmdf_device_of_wdm(wdm), irp);
}

/* Making a device. */

NTSTATUS kmdf_device_add(DRIVER_OBJECT *driver, DEVICE_OBJECT *pdo)
{
    struct kmdf_driver *k = kmdf_driver_the();
    struct kmdf_init init = {.pdo = pdo, .io_type = WDF_IO_BUFFERED};
    NTSTATUS status = NK_CALL("EvtDriverDeviceAdd", k->config.DeviceAdd(&k->object, &init));

    if (NT_SUCCESS(status) && init.device)
        init.device->wdm->Flags &= ~DO_DEVICE_INITIALIZING;
    else if (init.device) /* the framework's to delete, not the driver's */
        destroy(init.device);
    return status;
}

static VOID WdfDeviceInitSetPnpPowerEventCallbacks(PVOID g, struct kmdf_init *init,
                                                   const WDF_PNPPOWER_EVENT_CALLBACKS *callbacks)
{
    nk_memcpy(&init->pnp, callbacks,
              callbacks->Size < sizeof(init->pnp) ? callbacks->Size : sizeof(init->pnp));
}

static VOID WdfDeviceInitSetIoType(PVOID g, struct kmdf_init *init, ULONG type)
{
    init->io_type = type;
}

static VOID WdfDeviceInitSetFileObjectConfig(PVOID g, struct kmdf_init *init,
                                             const WDF_FILEOBJECT_CONFIG *config,
                                             const WDF_OBJECT_ATTRIBUTES *a)
{
    init->files = *config;
}

static NTSTATUS WdfDeviceCreate(PVOID g, struct kmdf_init **init, const WDF_OBJECT_ATTRIBUTES *a,
                                WDFOBJECT *out)
{
    struct kmdf_device *d = kmdf_create(KMDF_DEVICE, sizeof(*d), a, kmdf_driver_the());

    d->pdo = (*init)->pdo;
    d->pnp = (*init)->pnp;
    d->files = (*init)->files;
    d->passive = a && a->ExecutionLevel == WDF_EXECUTION_PASSIVE;
    d->synchronized = a && a->SynchronizationScope == WDF_SCOPE_DEVICE;
    nk_mutex_init(&d->mutex);
    d->wdm = nk_device_create(kmdf_driver_the()->wdm, sizeof(PVOID), d->pdo->DeviceType, 0);
    *(struct kmdf_device **)d->wdm->DeviceExtension = d;
    d->wdm->Flags |= (*init)->io_type == WDF_IO_DIRECT ? DO_DIRECT_IO : DO_BUFFERED_IO;
    d->lower = nk_device_attach(d->wdm, d->pdo);
    (*init)->device = d;
    *init = NULL;
    *out = &d->object;
    return STATUS_SUCCESS;
}

static NTSTATUS WdfDeviceCreateDeviceInterface(PVOID g, WDFOBJECT device, const GUID *class,
                                               UNICODE_STRING *reference)
{
    struct kmdf_device *d = kmdf_object_of(device, KMDF_DEVICE);

    return nk_interface_register(d->pdo, class, reference, &d->link);
}

static ULONG WdfDeviceGetAlignmentRequirement(PVOID g, WDFOBJECT device)
{
    struct kmdf_device *d = kmdf_object_of(device, KMDF_DEVICE);

    return d->wdm->AlignmentRequirement;
}

static void interface_done(IRP *irp, void *context)
{
    *(NTSTATUS *)context = irp->IoStatus.Status;
}

static NTSTATUS WdfFdoQueryForInterface(PVOID g, WDFOBJECT device, const GUID *type, PVOID out,
                                        USHORT size, USHORT version, PVOID data)
{
    struct kmdf_device *d = kmdf_object_of(device, KMDF_DEVICE);
    NTSTATUS status = STATUS_PENDING;
    IRP *irp = nk_irp_create(d->lower, interface_done, &status);
    IO_STACK_LOCATION *location = nk_irp_first(irp);

    location->MajorFunction = IRP_MJ_PNP;
    location->MinorFunction = IRP_MN_QUERY_INTERFACE;
    location->Parameters.QueryInterface.InterfaceType = type;
    location->Parameters.QueryInterface.Size = size;
    location->Parameters.QueryInterface.Version = version;
    location->Parameters.QueryInterface.Interface = out;
    location->Parameters.QueryInterface.InterfaceSpecificData = data;
    nk_irp_send(d->lower, irp); /* the bus driver answers at once */
    return status;
}

const struct kmdf_function kmdf_device_functions[] = {
    KMDF_FUNCTION(52, WdfDeviceGetAlignmentRequirement, HIGH_LEVEL),
    KMDF_FUNCTION(55, WdfDeviceInitSetPnpPowerEventCallbacks, PASSIVE_LEVEL),
    KMDF_FUNCTION(61, WdfDeviceInitSetIoType, PASSIVE_LEVEL),
    KMDF_FUNCTION(71, WdfDeviceInitSetFileObjectConfig, PASSIVE_LEVEL),
    KMDF_FUNCTION(75, WdfDeviceCreate, PASSIVE_LEVEL),
    KMDF_FUNCTION(77, WdfDeviceCreateDeviceInterface, PASSIVE_LEVEL),
    KMDF_FUNCTION(131, WdfFdoQueryForInterface, PASSIVE_LEVEL),
    KMDF_FUNCTION(141, WdfInterruptCreate, PASSIVE_LEVEL),
    KMDF_FUNCTION(142, WdfInterruptQueueDpcForIsr, HIGH_LEVEL),
    KMDF_FUNCTION(149, WdfInterruptGetInfo, HIGH_LEVEL),
    KMDF_FUNCTION_AS(151, WdfInterruptGetDevice, kmdf_parent, HIGH_LEVEL),
    KMDF_FUNCTION(310, WdfObjectAcquireLock, DISPATCH_LEVEL),
    KMDF_FUNCTION(311, WdfObjectReleaseLock, DISPATCH_LEVEL),
    {0, {NULL, NULL, 0}},
};
