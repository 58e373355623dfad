/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Device objects, interfaces, work items, interrupts: the Io exports. */
#include "cpu/delivery.h"
#include "ntos/driver.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define TAG_DEVICE 0x69766544u

/* A line nobody claims this often in a row would hang a machine. */
#define UNCLAIMED_LIMIT 1000

/* Device objects. */

static NTSTATUS IoCreateDevice(DRIVER_OBJECT *driver, ULONG extension, UNICODE_STRING *name,
                               ULONG type, ULONG characteristics, BOOLEAN exclusive,
                               DEVICE_OBJECT **out)
{
    if (nk_scarce())
        return STATUS_INSUFFICIENT_RESOURCES;
    *out = nk_device_create(driver, extension, type, characteristics);
    return STATUS_SUCCESS;
}

DEVICE_OBJECT *nk_device_attach(DEVICE_OBJECT *device, DEVICE_OBJECT *target)
{
    DEVICE_OBJECT *top = nk_device_top(target);

    top->AttachedDevice = device;
    device->StackSize = (CCHAR)(top->StackSize + 1);
    device->AlignmentRequirement = top->AlignmentRequirement;
    return top;
}

static VOID IoDetachDevice(DEVICE_OBJECT *lower)
{
    if (!lower->AttachedDevice)
        nk_report("argument", "nothing is attached to the device");
    lower->AttachedDevice = NULL;
}

NTSTATUS nk_interface_register(DEVICE_OBJECT *pdo, const GUID *class, UNICODE_STRING *reference,
                               UNICODE_STRING *link)
{
    static const WCHAR text[] = L"\\??\\Test#Interface";

    nk_pnp_check_pdo(pdo);
    if (!class)
        nk_report("argument", "an interface without class");
    link->Buffer = nk_pool_alloc(sizeof(text), TAG_DEVICE, true);
    if (!link->Buffer)
        return STATUS_INSUFFICIENT_RESOURCES;
    nk_memcpy(link->Buffer, text, sizeof(text));
    link->Length = sizeof(text) - 2;
    link->MaximumLength = sizeof(text);
    return STATUS_SUCCESS;
}

static NTSTATUS IoSetDeviceInterfaceState(UNICODE_STRING *link, BOOLEAN enable)
{
    if (!link || !link->Buffer || !nk_resource_find(NK_POOL, link->Buffer))
        nk_report("argument", "the link is not from registration");
    return nk_pnp_interface_set(enable) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

/* Work items. */

struct work_item {
    struct nk_work work;
    nk_work_routine *routine;
    void *first, *second, *device;
    bool queued;
};

static void run_work_item(struct nk_work *work)
{
    struct work_item *item = NK_CONTAINER(work, struct work_item, work), now = *item;

    item->queued = false; /* the routine may free the item */
    NK_CALL_VOID("work item", now.routine(now.first, now.second));
}

struct work_item *nk_work_item_create(void *device)
{
    struct work_item *item;

    if (nk_scarce())
        return NULL;
    item = nk_pool_zero(sizeof(*item), TAG_DEVICE);
    item->device = device;
    item->work.run = run_work_item;
    nk_resource_add(NK_WORK_ITEM, item, sizeof(*item), 0);
    return item;
}

void nk_work_item_queue(struct work_item *item, nk_work_routine *routine, void *first, void *second)
{
    if (!nk_resource_find(NK_WORK_ITEM, item) || item->queued)
        nk_report("argument", "a work item is freed or queued already");
    item->routine = routine;
    item->first = first;
    item->second = second;
    item->queued = true;
    nk_work_queue(&item->work);
}

void nk_work_item_free(struct work_item *item)
{
    nk_resource_drop(NK_WORK_ITEM, item);
    if (item->queued)
        nk_report("argument", "a work item is freed while queued");
    nk_pool_free(item, TAG_DEVICE);
}

static VOID IoQueueWorkItem(struct work_item *item, nk_work_routine *routine, ULONG queue,
                            PVOID context)
{
    nk_work_item_queue(item, routine, item->device, context);
}

/* Interrupts. */

struct interrupt {
    void *routine, *context;
    KSPIN_LOCK *lock, own_lock;
    KIRQL irql;
    UCHAR vector;
    bool message;
    ULONG index, unclaimed;
};

static void on_interrupt(void *context)
{
    struct interrupt *i = context;
    KIRQL former = nk_lock_raise(i->lock, i->irql);
    BOOLEAN claimed;

    nk_pnp_count_interrupt();
    if (i->message) {
        KMESSAGE_SERVICE_ROUTINE *routine = i->routine;

        claimed = NK_CALL("message ISR", routine(i, i->context, i->index));
    } else {
        KSERVICE_ROUTINE *routine = i->routine;

        claimed = NK_CALL("line ISR", routine(i, i->context));
    }
    i->unclaimed = claimed ? 0 : i->unclaimed + 1;
    if (!i->message && i->unclaimed > UNCLAIMED_LIMIT)
        nk_report("interrupt", "the line interrupt is asserted but the ISR does not claim it");
    nk_lock_lower(i->lock, former);
}

static struct interrupt *connect(const IO_CONNECT_INTERRUPT_PARAMETERS *p, void *routine,
                                 UCHAR vector, KIRQL irql, bool message, ULONG index)
{
    struct interrupt *i = nk_pool_own(sizeof(*i), TAG_DEVICE, false);

    *i = (struct interrupt){.routine = routine,
                            .context = p->ServiceContext,
                            .irql = irql,
                            .vector = vector,
                            .message = message,
                            .index = index,
                            .lock = p->SpinLock};
    if (!i->lock)
        i->lock = &i->own_lock;
    nk_resource_add(NK_INTERRUPT, i, sizeof(*i), vector);
    nk_vector_set(vector, on_interrupt, i);
    return i;
}

static void disconnect(struct interrupt *i)
{
    nk_resource_drop(NK_INTERRUPT, i);
    nk_vector_close(i->vector);
    nk_pool_free(i, TAG_DEVICE);
}

static NTSTATUS connect_line(IO_CONNECT_INTERRUPT_PARAMETERS *p, void *routine)
{
    UCHAR vector = nk_pnp_line_vector();

    *p->InterruptObject = connect(p, routine, vector, vector >> 4, false, 0);
    nk_pnp_line_enable(true);
    return STATUS_SUCCESS;
}

static NTSTATUS connect_messages(IO_CONNECT_INTERRUPT_PARAMETERS *p)
{
    const UCHAR *vectors;
    unsigned count = nk_pnp_message_vectors(&vectors), n;
    IO_INTERRUPT_MESSAGE_INFO *info;
    KIRQL irql = vectors[count - 1] >> 4;

    if (p->SynchronizeIrql > irql)
        irql = p->SynchronizeIrql;
    info = nk_pool_zero(sizeof(*info) + count * sizeof(info->MessageInfo[0]), TAG_DEVICE);
    info->UnifiedIrql = irql;
    info->MessageCount = count;
    for (n = 0; n < count; n++) {
        struct interrupt *i = connect(p, p->ServiceRoutine, vectors[n], irql, true, n);

        info->MessageInfo[n] = (IO_INTERRUPT_MESSAGE_INFO_ENTRY){
            .MessageAddress.QuadPart = (LONG64)nk_msi_address(n),
            .TargetProcessorSet = 1ull << nk_delivery_msi_cpu(n),
            .InterruptObject = i,
            .MessageData = nk_msi_data(vectors[n]),
            .Vector = vectors[n],
            .Irql = irql,
            .Mode = 1,
        };
    }
    *p->InterruptObject = info;
    return STATUS_SUCCESS;
}

NTSTATUS nk_interrupt_connect(IO_CONNECT_INTERRUPT_PARAMETERS *p)
{
    const UCHAR *vectors;

    nk_pnp_check_pdo(p->PhysicalDeviceObject);
    if (!p->ServiceRoutine || !p->InterruptObject)
        nk_report("argument", "an interrupt is connected without routine or result");
    if (nk_scarce())
        return STATUS_INSUFFICIENT_RESOURCES;
    switch (p->Version) {
    case CONNECT_MESSAGE_BASED:
        if (nk_pnp_message_vectors(&vectors))
            return connect_messages(p);
        if (!p->FallBackServiceRoutine)
            return STATUS_NOT_SUPPORTED;
        p->Version = CONNECT_LINE_BASED;
        return connect_line(p, (void *)p->FallBackServiceRoutine);
    case CONNECT_LINE_BASED:
        return connect_line(p, p->ServiceRoutine);
    default:
        nk_report("unsupported", "an interrupt of version %u", p->Version);
    }
}

void nk_interrupt_disconnect(const IO_DISCONNECT_INTERRUPT_PARAMETERS *p)
{
    IO_INTERRUPT_MESSAGE_INFO *info = p->ConnectionContext;
    ULONG n;

    if (p->Version != CONNECT_MESSAGE_BASED) {
        nk_pnp_line_enable(false);
        disconnect(p->ConnectionContext);
        return;
    }
    if (nk_resource_find(NK_INTERRUPT, info))
        nk_report("argument", "a line interrupt is disconnected as message based");
    for (n = 0; n < info->MessageCount; n++)
        disconnect(info->MessageInfo[n].InterruptObject);
    nk_pool_free(info, TAG_DEVICE);
}

BOOLEAN nk_interrupt_synchronize(void *object, BOOLEAN (*routine)(PVOID), PVOID context)
{
    struct nk_service service;
    struct interrupt *i = object;
    KIRQL former;
    BOOLEAN result;

    if (!nk_resource_find(NK_INTERRUPT, i))
        nk_report("argument", "synchronization with no connected interrupt");
    former = nk_lock_raise(i->lock, i->irql);
    service = nk_service_clear();
    result = routine(context);
    nk_service_set(service);
    nk_lock_lower(i->lock, former);
    return result;
}

enum { PROPERTY_BUS_NUMBER = 0x0E, PROPERTY_ADDRESS = 0x10 };

static NTSTATUS IoGetDeviceProperty(DEVICE_OBJECT *pdo, ULONG property, ULONG length, PVOID buffer,
                                    PULONG needed)
{
    ULONG value = 0;

    nk_pnp_check_pdo(pdo);
    if (property == PROPERTY_ADDRESS)
        value = (ULONG)nk_pnp_pci(pdo)->device << 16 | nk_pnp_pci(pdo)->function;
    else if (property == PROPERTY_BUS_NUMBER)
        value = nk_pnp_pci(pdo)->bus;
    else
        return STATUS_OBJECT_NAME_NOT_FOUND;
    *needed = sizeof(value);
    if (length < sizeof(value))
        return STATUS_BUFFER_TOO_SMALL;
    *(ULONG *)buffer = value;
    return STATUS_SUCCESS;
}

static const struct nk_export io_entries[] = {
    NK_EXPORT(IoCreateDevice, PASSIVE_LEVEL),
    NK_EXPORT_AS(IoDeleteDevice, nk_device_delete, PASSIVE_LEVEL),
    NK_EXPORT_AS(IoAttachDeviceToDeviceStack, nk_device_attach, PASSIVE_LEVEL),
    NK_EXPORT(IoDetachDevice, PASSIVE_LEVEL),
    NK_EXPORT_AS(IoRegisterDeviceInterface, nk_interface_register, PASSIVE_LEVEL),
    NK_EXPORT(IoSetDeviceInterfaceState, PASSIVE_LEVEL),
    NK_EXPORT_AS(IoAllocateWorkItem, nk_work_item_create, DISPATCH_LEVEL),
    NK_EXPORT(IoQueueWorkItem, DISPATCH_LEVEL),
    NK_EXPORT_AS(IoFreeWorkItem, nk_work_item_free, DISPATCH_LEVEL),
    NK_EXPORT_AS(IoConnectInterruptEx, nk_interrupt_connect, PASSIVE_LEVEL),
    NK_EXPORT_AS(IoDisconnectInterruptEx, nk_interrupt_disconnect, PASSIVE_LEVEL),
    NK_EXPORT_AS(KeSynchronizeExecution, nk_interrupt_synchronize, HIGH_LEVEL),
    NK_EXPORT(IoGetDeviceProperty, PASSIVE_LEVEL),
    NK_EXPORT_AS(IoInvalidateDeviceState, nk_pnp_state_invalid, DISPATCH_LEVEL),
};
NK_EXPORT_TABLE(nk_io_exports, "ntoskrnl.exe", io_entries);
