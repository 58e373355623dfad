/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a miniport imports from storport.sys. What the functions called for each request take is not
 * counted as the driver's. */
#include "storport/port.h"
#include "ntos/ex.h"
#include "ntos/mm.h"
#include "ntos/registry.h"
#include "image/image.h"
#include "ntos/counters.h"

/* Everything that is for PASSIVE_LEVEL is called at HIGH_LEVEL when a dump is written. */
static void check_passive(const struct sp_adapter *a)
{
    if (!a->dump && nk_irql() > PASSIVE_LEVEL)
        nk_report("irql", "IRQL is %u, allowed up to 0", nk_irql());
}

static struct sp_adapter *passive_adapter(const void *extension)
{
    struct sp_adapter *a = sp_adapter_of(extension);

    check_passive(a);
    return a;
}

static ULONG StorPortInitialize(PVOID driver, PVOID path, HW_INITIALIZATION_DATA *data,
                                PVOID context)
{
    bool dump = !driver && !path; /* what DriverEntry is given, and passes on */
    struct sp_adapter *a = dump ? sp_adapter_dump() : sp_adapter_the();
    ULONG size = data->HwInitializationDataSize;

    if (!dump && (!driver || !path))
        nk_report("argument", "no driver object, or no registry path");
    check_passive(a);
    if (size != HW_INITIALIZATION_SIZE_WIN7 && size != sizeof(*data))
        nk_report("argument", "HwInitializationDataSize is %u, of no known Windows", size);
    if (!data->HwInitialize || !data->HwStartIo || !data->HwFindAdapter || !data->HwResetBus ||
        !data->HwInterrupt)
        nk_report("argument", "a required routine is missing");
    if (!data->DeviceExtensionSize || !data->AutoRequestSense || !data->NeedPhysicalAddresses ||
        !data->MultipleRequestPerLu || !data->TaggedQueuing)
        nk_report("argument", "a setting is missing that Storport requires");
    nk_memset(&a->hw, 0, sizeof(a->hw));
    nk_memcpy(&a->hw, data, size);
    if (!dump)
        sp_adapter_second()->hw = a->hw;
    return STATUS_SUCCESS;
}

static ULONG StorPortGetBusData(PVOID extension, ULONG type, ULONG bus, ULONG slot, PVOID buffer,
                                ULONG length)
{
    struct sp_adapter *a = passive_adapter(extension);

    if (type != 4 || bus != a->config.SystemIoBusNumber || slot != a->config.SlotNumber)
        nk_report("argument", "data of type %u, bus %u, slot %u, are asked for", type, bus, slot);
    return nk_pci_bytes(a->pci, buffer, 0, length, false);
}

static PVOID StorPortGetDeviceBase(PVOID extension, ULONG type, ULONG bus, PHYSICAL_ADDRESS address,
                                   ULONG length, BOOLEAN in_ports)
{
    struct sp_adapter *a = passive_adapter(extension);
    ULONG64 at = (ULONG64)address.QuadPart;
    const struct nk_bar *bar = nk_pci_bar_at(a->pci, at, length);

    if (!bar || bar->memory == (bool)in_ports)
        nk_report("argument",
                  "%u bytes at %llx are not the device's, or ports mixed up with memory", length,
                  at);
    if (!bar->memory)
        return (PVOID)at;
    return nk_scarce() ? NULL : (PVOID)(ULONG64)nk_map_device(at, length);
}

static PVOID StorPortGetUncachedExtension(PVOID extension, PORT_CONFIGURATION_INFORMATION *config,
                                          ULONG size)
{
    struct sp_adapter *a = passive_adapter(extension);

    if (!a->in_find_adapter)
        nk_report("argument", "outside HwFindAdapter");
    if (config != &a->config)
        nk_report("argument", "a wrong configuration pointer");
    if (a->uncached)
        return a->uncached;
    a->uncached = nk_contiguous_alloc(size, 0xFFFFFFFF, 0);
    a->uncached_size = size;
    if (a->uncached)
        nk_memset(a->uncached, 0, size);
    return a->uncached;
}

static PHYSICAL_ADDRESS StorPortGetPhysicalAddress(PVOID extension, PVOID srb, PVOID va,
                                                   PULONG length)
{
    struct sp_adapter *a = sp_adapter_of(extension);
    ULONG64 at = (ULONG64)va, physical, run;
    struct nk_span span;
    struct sp_request *r;

    nk_span_begin(&span);
    physical = nk_physical(va);
    r = srb ? sp_request_of(a, srb) : NULL;

    if (physical == ~0ull)
        nk_report("argument", "unmapped %s", nk_address_name(at));
    if (r && r->length && at - (ULONG64)r->buffer >= r->length)
        nk_report("argument", "%llx is outside the SRB's buffer", at);
    for (run = NK_PAGE_SIZE - at % NK_PAGE_SIZE;
         run < 0x1000000 && nk_physical((void *)(at + run)) == physical + run; run += NK_PAGE_SIZE)
        ;
    if (r && r->length && run > (ULONG64)r->buffer + r->length - at)
        run = (ULONG64)r->buffer + r->length - at;
    *length = (ULONG)run;
    nk_span_end(&span);
    return (PHYSICAL_ADDRESS){.QuadPart = (LONG64)physical};
}

static STOR_SCATTER_GATHER_LIST *StorPortGetScatterGatherList(PVOID extension, PVOID srb)
{
    struct sp_adapter *a = sp_adapter_of(extension);
    struct nk_span span;
    struct sp_request *r;

    nk_span_begin(&span);
    r = sp_request_of(a, srb);
    nk_span_end(&span);
    return r->sg;
}

static VOID StorPortStallExecution(ULONG microseconds)
{
    if (microseconds > 1000)
        nk_report("argument", "a stall of %u us (limit 1000)", microseconds);
    nk_stall_us(microseconds);
}

static BOOLEAN StorPortPause(PVOID extension, ULONG seconds)
{
    sp_adapter_of(extension)->paused = true;
    return 1;
}

static VOID resume_dpc(KDPC *dpc, PVOID context, PVOID arg1, PVOID arg2)
{
    sp_pump(context);
}

static BOOLEAN StorPortResume(PVOID extension)
{
    struct sp_adapter *a = sp_adapter_of(extension);

    a->paused = false;
    if (!a->resume_dpc.DeferredRoutine)
        nk_dpc_init(&a->resume_dpc, resume_dpc, a);
    nk_dpc_queue(&a->resume_dpc, NULL, NULL);
    return 1;
}

static BOOLEAN StorPortBusy(PVOID extension, ULONG requests)
{
    struct sp_adapter *a = sp_adapter_of(extension);

    a->busy = requests < a->outstanding ? requests : a->outstanding;
    return 1;
}

static BOOLEAN StorPortSetDeviceQueueDepth(PVOID extension, UCHAR path, UCHAR target, UCHAR lun,
                                           ULONG depth)
{
    struct sp_adapter *a = sp_adapter_of(extension);

    if (path || target || lun || !depth || depth > 254)
        return 0;
    a->queue_depth = depth;
    return 1;
}

static BOOLEAN StorPortSynchronizeAccess(PVOID extension, BOOLEAN (*routine)(PVOID, PVOID),
                                         PVOID context)
{
    struct sp_adapter *a = sp_adapter_of(extension);
    KIRQL former = sp_interrupt_lock(a);
    struct nk_service service = nk_service_clear();
    BOOLEAN result = routine(extension, context);

    nk_service_set(service);
    sp_interrupt_unlock(a, former);
    return result;
}

static VOID StorPortLogError(PVOID extension, PVOID srb, UCHAR path, UCHAR target, UCHAR lun,
                             ULONG code, ULONG id)
{
    sp_adapter_of(extension);
    nk_log("StorPortLogError: SRB %p at %u:%u:%u, code %x, id %x\n", srb, path, target, lun, code,
           id);
}

/* Registry: texts come to the miniport without wide characters. */

#define TAG_REGISTRY 0x67655253u

static PUCHAR StorPortAllocateRegistryBuffer(PVOID extension, PULONG length)
{
    sp_adapter_of(extension);
    return nk_pool_alloc(*length, TAG_REGISTRY, false);
}

static VOID StorPortFreeRegistryBuffer(PVOID extension, PUCHAR buffer)
{
    sp_adapter_of(extension);
    nk_pool_free(buffer, TAG_REGISTRY);
}

static void check_registry_buffer(const UCHAR *buffer, ULONG length)
{
    const struct nk_resource *r = nk_resource_find(NK_POOL, buffer);

    if (!r || r->tag != TAG_REGISTRY || length > r->size)
        nk_report("argument", "%u bytes at %s, which is no registry buffer of that size", length,
                  nk_address_name((ULONG64)buffer));
}

static BOOLEAN StorPortRegistryRead(PVOID extension, const char *name, ULONG global, ULONG type,
                                    PUCHAR buffer, PULONG length)
{
    struct nk_registry_value value;
    ULONG room = *length;

    sp_adapter_of(extension);
    check_registry_buffer(buffer, room);
    *length = 0;
    if (!nk_registry_find(name, &value) || value.type != type)
        return 0;
    *length = type == NK_REG_DWORD ? sizeof(ULONG) : (ULONG)nk_strlen(value.text) + 1;
    if (*length > room)
        return 0;
    nk_memcpy(buffer, type == NK_REG_DWORD ? (void *)&value.number : value.text, *length);
    return 1;
}

/* Notifications. */

/* The entry of a DPC that the miniport has initialized, or a free one. */
static struct sp_dpc *stor_dpc(struct sp_adapter *a, const STOR_DPC *dpc)
{
    unsigned n;

    for (n = 0; n < SP_DPCS && a->stor_dpcs[n].dpc && a->stor_dpcs[n].dpc != dpc; n++)
        ;
    if (n == SP_DPCS)
        nk_report("unsupported", "more than %u DPCs of an adapter", SP_DPCS);
    return &a->stor_dpcs[n];
}

static VOID run_stor_dpc(KDPC *kdpc, PVOID context, PVOID arg1, PVOID arg2)
{
    STOR_DPC *dpc = NK_CONTAINER(kdpc, STOR_DPC, Dpc);
    struct sp_adapter *a = context;
    const struct sp_dpc *entry = stor_dpc(a, dpc);

    __atomic_add_fetch(&a->dpcs, 1, __ATOMIC_RELAXED);
    NK_CALL_VOID("STOR_DPC routine", entry->routine(dpc, a->extension, arg1, arg2));
}

static VOID run_hw_timer(KDPC *dpc, PVOID context, PVOID arg1, PVOID arg2)
{
    struct sp_adapter *a = context;
    KIRQL former = sp_start_io_lock(a);

    if (a->hw_timer) /* not cancelled meanwhile */
        NK_CALL_VOID("HwStorTimer", a->hw_timer(a->extension));
    sp_start_io_unlock(a, former);
}

/* There is one timer for each adapter; asking anew replaces it, and 0 microseconds cancel it. */
static void request_timer(struct sp_adapter *a, PVOID routine, ULONG microseconds)
{
    LARGE_INTEGER due = {.QuadPart = -10 * (LONG64)microseconds};

    if (a->dump)
        nk_report("argument", "a timer is asked for in dump mode");
    if (!routine && microseconds)
        nk_report("argument", "a timer without a routine is asked for");
    if (!a->timer_made) {
        nk_timer_init(&a->timer);
        nk_dpc_init(&a->timer_dpc, run_hw_timer, a);
        a->timer_made = true;
    }
    nk_timer_cancel(&a->timer);
    a->hw_timer = microseconds ? (VOID(*)(PVOID))routine : NULL;
    if (microseconds)
        nk_timer_set(&a->timer, due, 0, &a->timer_dpc);
}

static void acquire_lock(struct sp_adapter *a, ULONG lock, void *context, STOR_LOCK_HANDLE *handle)
{
    handle->Lock = lock;
    if (a->dump) /* nothing else runs */
        return;
    switch (lock) {
    case STOR_LOCK_DPC:
        handle->Context.LockPointer = &((STOR_DPC *)context)->Lock;
        handle->Context.OldIrql = nk_lock_raise(handle->Context.LockPointer, DISPATCH_LEVEL);
        break;
    case STOR_LOCK_START_IO:
        if (nk_irql() > DISPATCH_LEVEL)
            nk_report("irql", "the StartIo lock is acquired at IRQL %u", nk_irql());
        handle->Context.OldIrql = sp_start_io_lock(a);
        break;
    case STOR_LOCK_INTERRUPT:
        handle->Context.OldIrql = sp_interrupt_lock(a);
        break;
    default:
        nk_report("argument", "unknown lock %u", lock);
    }
}

static void release_lock(struct sp_adapter *a, STOR_LOCK_HANDLE *handle)
{
    if (a->dump)
        return;
    switch (handle->Lock) {
    case STOR_LOCK_DPC:
        nk_lock_lower(handle->Context.LockPointer, handle->Context.OldIrql);
        break;
    case STOR_LOCK_START_IO:
        sp_start_io_unlock(a, handle->Context.OldIrql);
        break;
    case STOR_LOCK_INTERRUPT:
        sp_interrupt_unlock(a, handle->Context.OldIrql);
        break;
    default:
        nk_report("argument", "unknown lock %u", handle->Lock);
    }
}

static VOID StorPortNotification(ULONG type, PVOID extension, ...)
{
    struct sp_adapter *a;
    PVOID p, arg1, arg2;
    LONG *result;
    ULONG lock;
    struct nk_span span;
    va_list args;

    if (type == NOTIFY_TRACE) /* comes from DriverEntry too, where there is no extension yet */
        return;
    a = sp_adapter_of(extension);
    nk_span_begin(&span);
    va_start(args, extension);
    switch (type) {
    case NOTIFY_REQUEST_COMPLETE:
        sp_complete(a, va_arg(args, PVOID));
        break;
    case NOTIFY_NEXT_REQUEST:
        break;
    case NOTIFY_RESET_DETECTED:
        a->resets_detected++;
        break;
    case NOTIFY_REQUEST_TIMER_CALL:
        p = va_arg(args, PVOID);
        request_timer(a, p, va_arg(args, ULONG));
        break;
    case NOTIFY_BUS_CHANGE_DETECTED:
        a->bus_changes++;
        break;
    case NOTIFY_ENABLE_PASSIVE_INITIALIZATION:
        p = va_arg(args, PVOID);
        result = va_arg(args, LONG *);
        if (!a->in_initialize)
            nk_report("argument", "passive initialization is asked for outside HwInitialize");
        if (!a->dump)
            a->passive_initialize = (BOOLEAN(*)(PVOID))p;
        *result = !a->dump;
        break;
    case NOTIFY_INITIALIZE_DPC:
        if (a->dump)
            nk_report("argument", "a DPC is initialized in dump mode");
        p = va_arg(args, PVOID);
        *stor_dpc(a, p) = (struct sp_dpc){p, va_arg(args, PVOID)};
        nk_dpc_init(&((STOR_DPC *)p)->Dpc, run_stor_dpc, a);
        ((STOR_DPC *)p)->Lock = 0;
        break;
    case NOTIFY_ISSUE_DPC:
        p = va_arg(args, PVOID);
        arg1 = va_arg(args, PVOID);
        arg2 = va_arg(args, PVOID);
        result = va_arg(args, LONG *);
        *result = nk_dpc_queue(&((STOR_DPC *)p)->Dpc, arg1, arg2);
        break;
    case NOTIFY_ACQUIRE_SPIN_LOCK:
        lock = va_arg(args, ULONG);
        p = va_arg(args, PVOID);
        acquire_lock(a, lock, p, va_arg(args, STOR_LOCK_HANDLE *));
        break;
    case NOTIFY_RELEASE_SPIN_LOCK:
        release_lock(a, va_arg(args, STOR_LOCK_HANDLE *));
        break;
    case NOTIFY_STATE_CHANGE_DETECTED:
        a->bus_changes++;
        break;
    default:
        nk_report("unsupported", "notification %x", type);
    }
    va_end(args);
    nk_span_end(&span);
}

/* Extended functions. */

static ULONG message_information(struct sp_adapter *a, ULONG id, MESSAGE_INTERRUPT_INFORMATION *out)
{
    if (id >= a->message_count)
        return STOR_STATUS_INVALID_PARAMETER;
    *out = (MESSAGE_INTERRUPT_INFORMATION){
        .MessageId = id,
        .MessageData = nk_msi_data(a->message[id].vector),
        .MessageAddress.QuadPart = (LONG64)nk_msi_address(id),
        .InterruptVector = a->message[id].vector,
        .InterruptLevel = a->message[id].vector >> 4,
        .InterruptMode = 1,
    };
    return STOR_STATUS_SUCCESS;
}

static ULONG performance(struct sp_adapter *a, bool query, PERF_CONFIGURATION_DATA *data)
{
    if (!a->in_initialize && !a->in_passive_initialize)
        nk_report("argument", "performance options are set outside initialization");
    if (data->Size < offsetof(PERF_CONFIGURATION_DATA, MessageTargets) - 8)
        nk_report("argument", "performance options have size %u", data->Size);
    if (query)
        data->Flags = 0x7F;
    return STOR_STATUS_SUCCESS;
}

static ULONG StorPortExtendedFunction(ULONG code, PVOID extension, ...)
{
    struct sp_adapter *a = sp_adapter_of(extension);
    ULONG status = STOR_STATUS_SUCCESS, first, tag;
    PVOID *out, p;
    PULONG number;
    struct nk_span span;
    va_list args;

    if (a->dump) /* no pool, no messages, nothing to optimize */
        return STOR_STATUS_NOT_IMPLEMENTED;
    nk_span_begin(&span);
    va_start(args, extension);
    switch (code) {
    case EXTENDED_ALLOCATE_POOL:
        first = va_arg(args, ULONG);
        tag = va_arg(args, ULONG);
        out = va_arg(args, PVOID *);
        *out = nk_pool_alloc(first, tag, false);
        status = *out ? STOR_STATUS_SUCCESS : STOR_STATUS_INSUFFICIENT_RESOURCES;
        break;
    case EXTENDED_FREE_POOL:
        nk_pool_free(va_arg(args, PVOID), 0);
        break;
    case EXTENDED_ACQUIRE_MSI_LOCK:
        first = va_arg(args, ULONG);
        number = va_arg(args, PULONG);
        if (first >= a->message_count)
            nk_report("argument", "the lock of message %u of %u is acquired", first,
                      a->message_count);
        *number = nk_lock_raise(&a->message[first].lock, a->message[first].vector >> 4);
        break;
    case EXTENDED_RELEASE_MSI_LOCK:
        first = va_arg(args, ULONG);
        tag = va_arg(args, ULONG);
        nk_lock_lower(&a->message[first % SP_MESSAGES].lock, (KIRQL)tag);
        break;
    case EXTENDED_GET_MESSAGE_INFORMATION:
        first = va_arg(args, ULONG);
        status = message_information(a, first, va_arg(args, MESSAGE_INTERRUPT_INFORMATION *));
        break;
    case EXTENDED_INITIALIZE_PERFORMANCE:
        first = (UCHAR)va_arg(args, ULONG);
        status = performance(a, first, va_arg(args, PERF_CONFIGURATION_DATA *));
        break;
    case EXTENDED_GET_START_IO_PERFORMANCE:
        status = STOR_STATUS_UNSUCCESSFUL;
        break;
    case EXTENDED_LOG_SYSTEM_EVENT:
    case EXTENDED_SET_UNIT_ATTRIBUTES:
        break;
    case EXTENDED_GET_PROCESSOR_NUMBER:
        p = va_arg(args, PVOID);
        *(ULONG *)p = nk_cpu_index() << 16; /* group, number, reserved */
        break;
    default:
        nk_log("StorPortExtendedFunction %u is not implemented here\n", code);
        status = STOR_STATUS_NOT_IMPLEMENTED;
    }
    va_end(args);
    nk_span_end(&span);
    return status;
}

static const struct nk_export storport_entries[] = {
    NK_EXPORT(StorPortInitialize, HIGH_LEVEL),
    NK_EXPORT(StorPortGetBusData, HIGH_LEVEL),
    NK_EXPORT(StorPortGetDeviceBase, HIGH_LEVEL),
    NK_EXPORT(StorPortGetUncachedExtension, HIGH_LEVEL),
    NK_EXPORT(StorPortGetPhysicalAddress, HIGH_LEVEL),
    NK_EXPORT(StorPortGetScatterGatherList, HIGH_LEVEL),
    NK_EXPORT(StorPortStallExecution, HIGH_LEVEL),
    NK_EXPORT(StorPortPause, HIGH_LEVEL),
    NK_EXPORT(StorPortResume, HIGH_LEVEL),
    NK_EXPORT(StorPortBusy, HIGH_LEVEL),
    NK_EXPORT(StorPortSetDeviceQueueDepth, HIGH_LEVEL),
    NK_EXPORT(StorPortSynchronizeAccess, HIGH_LEVEL),
    NK_EXPORT(StorPortLogError, HIGH_LEVEL),
    NK_EXPORT(StorPortAllocateRegistryBuffer, PASSIVE_LEVEL),
    NK_EXPORT(StorPortFreeRegistryBuffer, PASSIVE_LEVEL),
    NK_EXPORT(StorPortRegistryRead, PASSIVE_LEVEL),
    NK_EXPORT(StorPortNotification, HIGH_LEVEL),
    NK_EXPORT(StorPortExtendedFunction, HIGH_LEVEL),
};
NK_EXPORT_TABLE(nk_storport_exports, "storport.sys", storport_entries);
