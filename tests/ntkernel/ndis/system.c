/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What NDIS passes through to the system: configuration, memory, locks, timers, registers,
 * interrupts. */
#include "ndis/port.h"
#include "ntos/ex.h"
#include "ntos/mm.h"
#include "ntos/pnp.h"
#include "ntos/registry.h"
#include "image/image.h"

#define TAG_CONFIGURATION 0x666E6F43u /* "Conf" */
#define TAG_LOCK          0x204C5752u /* "RWL " */
#define TAG_HANDLE        0x646E6148u /* "Hand" */

void *nd_object(NDIS_HANDLE handle, ULONG tag)
{
    const struct nk_resource *r = nk_resource_find(NK_NETWORK, handle);

    if (!r || r->tag != tag)
        nk_report("argument", "%s is no such handle", nk_address_name((ULONG64)handle));
    return handle;
}

void *nd_object_make(size_t size, ULONG tag)
{
    void *object;

    if (nk_scarce())
        return NULL;
    object = nk_pool_zero(size, ND_TAG);
    nk_resource_add(NK_NETWORK, object, size, tag);
    return object;
}

void nd_object_free(void *object, ULONG tag)
{
    nk_resource_drop(NK_NETWORK, nd_object(object, tag));
    nk_pool_free(object, ND_TAG);
}

/* Configuration, from the registry values. What is read lives until the handle is closed. */

struct value {
    struct value *next;
    NDIS_CONFIGURATION_PARAMETER parameter;
    WCHAR text[NK_REGISTRY_TEXT];
};

struct configuration {
    struct value *values;
};

static NDIS_STATUS NdisOpenConfigurationEx(const NDIS_CONFIGURATION_OBJECT *object,
                                           NDIS_HANDLE *handle)
{
    nd_header_check(object, ND_TYPE_CONFIGURATION, offsetof(NDIS_CONFIGURATION_OBJECT, Flags) + 4);
    if (object->NdisHandle != nd_the() && object->NdisHandle != &nd_the()->mini)
        nk_report("argument", "a wrong handle");
    *handle = nd_object_make(sizeof(struct configuration), TAG_CONFIGURATION);
    return *handle ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* There are no keys below the adapter's. */
static VOID NdisOpenConfigurationKeyByName(NDIS_STATUS *status, NDIS_HANDLE handle,
                                           const UNICODE_STRING *name, NDIS_HANDLE *key)
{
    nd_object(handle, TAG_CONFIGURATION);
    *key = NULL;
    *status = STATUS_OBJECT_NAME_NOT_FOUND;
}

static struct value *read_value(NDIS_HANDLE handle, const struct nk_registry_value *from,
                                ULONG type)
{
    struct configuration *c = handle;
    struct value *v = nk_pool_own(sizeof(*v), ND_TAG, true);
    ULONG n;

    *v = (struct value){.next = c->values, .parameter = {.ParameterType = type}};
    c->values = v;
    for (n = 0; from->text[n]; n++)
        v->text[n] = (WCHAR)from->text[n];
    if (type == ND_PARAMETER_STRING)
        v->parameter.StringData = (UNICODE_STRING){(USHORT)(2 * n), (USHORT)(2 * n + 2), v->text};
    else
        v->parameter.IntegerData = from->number;
    return v;
}

static VOID NdisReadConfiguration(NDIS_STATUS *status, NDIS_CONFIGURATION_PARAMETER **out,
                                  NDIS_HANDLE handle, const UNICODE_STRING *name, ULONG type)
{
    struct nk_registry_value found;

    nd_object(handle, TAG_CONFIGURATION);
    *out = NULL;
    *status = STATUS_UNSUCCESSFUL;
    if (type != ND_PARAMETER_INTEGER && type != ND_PARAMETER_STRING)
        nk_report("unsupported", "a parameter of type %u", type);
    if (!nk_registry_find_wide(name, &found))
        return;
    *out = &read_value(handle, &found, type)->parameter;
    *status = STATUS_SUCCESS;
}

/* The keyword NetworkAddress is twelve hex digits. */
static VOID NdisReadNetworkAddress(NDIS_STATUS *status, PVOID *address, PULONG length,
                                   NDIS_HANDLE handle)
{
    static UCHAR bytes[6];
    struct nk_registry_value found;
    unsigned n;

    nd_object(handle, TAG_CONFIGURATION);
    *status = STATUS_UNSUCCESSFUL;
    if (!nk_registry_find("NetworkAddress", &found) || nk_strlen(found.text) != 12)
        return;
    for (n = 0; n < 12; n++) {
        char c = found.text[n];

        bytes[n / 2] = (UCHAR)(bytes[n / 2] << 4 | (c <= '9' ? c - '0' : (c | 32) - 'a' + 10));
    }
    *address = bytes;
    *length = sizeof(bytes);
    *status = STATUS_SUCCESS;
}

static VOID NdisCloseConfiguration(NDIS_HANDLE handle)
{
    struct configuration *c = nd_object(handle, TAG_CONFIGURATION);

    while (c->values) {
        struct value *v = c->values;

        c->values = v->next;
        nk_pool_free(v, ND_TAG);
    }
    nd_object_free(c, TAG_CONFIGURATION);
}

/* Memory and strings. */

static PVOID NdisAllocateMemoryWithTagPriority(NDIS_HANDLE handle, ULONG length, ULONG tag,
                                               ULONG priority)
{
    if (handle != nd_the() && handle != &nd_the()->mini)
        nk_report("argument", "a wrong handle");
    return nk_pool_alloc(length, tag, false);
}

static VOID NdisFreeMemory(PVOID address, ULONG length, ULONG flags)
{
    const struct nk_resource *r = nk_resource_find(NK_POOL, address);

    if (flags || (r && length && r->size != length))
        nk_report("argument", "%u bytes, flags %x", length, flags);
    nk_pool_free(address, 0);
}

static VOID NdisFreeMemoryWithTagPriority(NDIS_HANDLE handle, PVOID address, ULONG tag)
{
    nk_pool_free(address, tag);
}

static VOID NdisInitializeString(UNICODE_STRING *string, const UCHAR *text)
{
    USHORT n = (USHORT)nk_strlen((const char *)text), at;

    *string = (UNICODE_STRING){.MaximumLength = (USHORT)(2 * n + 2)};
    string->Buffer = nk_pool_alloc(string->MaximumLength, ND_TAG, false);
    for (at = 0; string->Buffer && at <= n; at++)
        string->Buffer[at] = text[at];
    string->Length = string->Buffer ? (USHORT)(2 * n) : 0;
}

/* Reader/writer locks: readers take a word of their processor's, a writer takes all of them, so
 * that both count among the spin locks held. */

struct rw_lock {
    KSPIN_LOCK word[NK_CPUS];
};

enum { LOCK_READ = 1, LOCK_WRITE = 2 };

static struct rw_lock *NdisAllocateRWLock(NDIS_HANDLE handle)
{
    return nd_object_make(sizeof(struct rw_lock), TAG_LOCK);
}

static VOID NdisFreeRWLock(struct rw_lock *lock)
{
    nd_object_free(lock, TAG_LOCK);
}

static void rw_acquire(struct rw_lock *lock, LOCK_STATE_EX *state, ULONG flags, UCHAR how)
{
    unsigned n, self;

    nd_object(lock, TAG_LOCK);
    if (flags & ND_AT_DISPATCH && nk_irql() != DISPATCH_LEVEL)
        nk_report("irql",
                  "a reader/writer lock is acquired at IRQL %u with the flag for "
                  "DISPATCH_LEVEL",
                  nk_irql());
    *state = (LOCK_STATE_EX){nk_irql_raise(DISPATCH_LEVEL), how, (UCHAR)flags};
    self = nk_cpu_index();
    for (n = 0; n < nk_cpu_count(); n++) {
        if (how == LOCK_WRITE || n == self)
            nk_lock_acquire(&lock->word[n]);
    }
}

static VOID NdisAcquireRWLockRead(struct rw_lock *lock, LOCK_STATE_EX *state, UCHAR flags)
{
    rw_acquire(lock, state, flags, LOCK_READ);
}

static VOID NdisAcquireRWLockWrite(struct rw_lock *lock, LOCK_STATE_EX *state, UCHAR flags)
{
    rw_acquire(lock, state, flags, LOCK_WRITE);
}

static VOID NdisReleaseRWLock(struct rw_lock *lock, LOCK_STATE_EX *state)
{
    unsigned n, self = nk_cpu_index();

    nd_object(lock, TAG_LOCK);
    for (n = nk_cpu_count(); n-- > 0;) {
        if (state->LockState == LOCK_WRITE || n == self)
            nk_lock_release(&lock->word[n]);
    }
    state->LockState = 0;
    nk_irql_lower(state->OldIrql);
}

static VOID NdisQueueIoWorkItem(struct work_item *item, nk_work_routine *routine, PVOID context)
{
    nk_work_item_queue(item, routine, context, item);
}

/* Events. */

static VOID NdisInitializeEvent(KEVENT *event)
{
    nk_event_init(event, false, false);
}

static VOID NdisResetEvent(KEVENT *event)
{
    __atomic_store_n(&event->Header.SignalState, 0, __ATOMIC_SEQ_CST);
}

/* Who waits in a loop has to end it. */
static void check_patience(void)
{
    const struct nd_adapter *a = nd_the();

    if (a->slow && nk_time() - a->slow_since > ND_WAIT_MS * 10000ull)
        nk_report("hang", "%s has waited for %u ms", a->slow, ND_WAIT_MS);
}

static BOOLEAN NdisWaitEvent(KEVENT *event, ULONG ms)
{
    check_patience();
    return nk_wait(&event->Header, ms ? ms * 10000ull : ~0ull) == STATUS_SUCCESS;
}

static VOID NdisMSleep(ULONG microseconds)
{
    KEVENT never;

    check_patience();
    nk_event_init(&never, false, false);
    nk_wait(&never.Header, microseconds * 10ull);
}

/* Registers and configuration space. */

static void check_bar(NDIS_HANDLE handle, ULONG64 at, ULONG length, bool memory)
{
    const struct nk_bar *bar = nk_pci_bar_at(nd_adapter_of(handle)->pci, at, length);

    if (!bar || bar->memory != memory)
        nk_report("argument", "%u bytes at %llx are not the device's", length, at);
}

static NDIS_STATUS NdisMMapIoSpace(PVOID *va, NDIS_HANDLE handle, PHYSICAL_ADDRESS at, ULONG length)
{
    check_bar(handle, (ULONG64)at.QuadPart, length, true);
    *va = nk_registers_map(at, length);
    return *va ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static VOID NdisMUnmapIoSpace(NDIS_HANDLE handle, PVOID va, ULONG length)
{
    nd_adapter_of(handle);
    nk_registers_unmap(va, length);
}

static NDIS_STATUS NdisMRegisterIoPortRange(PVOID *offset, NDIS_HANDLE handle, ULONG port,
                                            ULONG count)
{
    check_bar(handle, port, count, false);
    if (nk_scarce())
        return STATUS_INSUFFICIENT_RESOURCES;
    nk_resource_add(NK_MAPPING, (PVOID)(ULONG64)port, count, 0);
    *offset = (PVOID)(ULONG64)port;
    return STATUS_SUCCESS;
}

static VOID NdisMDeregisterIoPortRange(NDIS_HANDLE handle, ULONG port, ULONG count, PVOID offset)
{
    const struct nk_resource *r = nk_resource_find(NK_MAPPING, offset);

    nd_adapter_of(handle);
    if (!r || (ULONG64)offset != port || r->size != count)
        nk_report("argument", "%x, %u ports, do not match", port, count);
    nk_resource_drop(NK_MAPPING, offset);
}

static ULONG NdisMGetBusData(NDIS_HANDLE handle, ULONG space, ULONG offset, PVOID buffer,
                             ULONG length)
{
    const struct nk_pci *pci = nd_adapter_of(handle)->pci;

    return space ? 0 : nk_pci_bytes(pci, buffer, offset, length, false);
}

static VOID NdisMGetDeviceProperty(NDIS_HANDLE handle, DEVICE_OBJECT **pdo, DEVICE_OBJECT **fdo,
                                   DEVICE_OBJECT **next, CM_RESOURCE_LIST **raw,
                                   CM_RESOURCE_LIST **translated)
{
    const struct nd_adapter *a = nd_adapter_of(handle);

    if (pdo)
        *pdo = a->pdo;
    if (fdo)
        *fdo = a->fdo;
    if (next)
        *next = a->pdo;
    if (raw)
        *raw = a->raw;
    if (translated)
        *translated = a->translated;
}

/* Interrupts: the service routine's wish for a DPC is what NDIS adds. */

struct line {
    struct interrupt *interrupt;
    KDPC dpc;
    ULONG message;
};

struct interrupt {
    NDIS_INTERRUPT_CHARACTERISTICS how;
    NDIS_HANDLE context;
    PVOID connection;
    ULONG version, count; /* of messages, 1 for a line */
    struct line lines[ND_MESSAGES];
};

static VOID run_dpc(KDPC *dpc, PVOID context, PVOID arg1, PVOID arg2)
{
    struct line *l = context;
    struct interrupt *i = l->interrupt;
    NDIS_RECEIVE_THROTTLE_PARAMETERS throttle = {.MaxNblsToIndicate =
                                                     (ULONG)nk_option("throttle", ND_INDICATE_ALL)};

    if (i->version == CONNECT_MESSAGE_BASED)
        NK_CALL_VOID(
            "MiniportMessageInterruptDPC",
            i->how.MessageInterruptDpcHandler(i->context, l->message, arg1, &throttle, NULL));
    else
        NK_CALL_VOID("MiniportInterruptDPC",
                     i->how.InterruptDpcHandler(i->context, arg1, &throttle, NULL));
    if (throttle.MoreNblsPending)
        nk_dpc_queue(dpc, arg1, NULL);
}

static BOOLEAN on_message(PVOID object, PVOID context, ULONG message)
{
    struct interrupt *i = context;
    BOOLEAN queue = 0, claimed;
    ULONG targets = 0;

    claimed = NK_CALL("MiniportMessageInterrupt",
                      i->how.MessageInterruptHandler(i->context, message, &queue, &targets));
    if (queue)
        nk_dpc_queue(&i->lines[message].dpc, NULL, NULL);
    return claimed;
}

static BOOLEAN on_line(PVOID object, PVOID context)
{
    struct interrupt *i = context;
    BOOLEAN queue = 0, claimed;
    ULONG targets = 0;

    claimed = NK_CALL("MiniportInterrupt", i->how.InterruptHandler(i->context, &queue, &targets));
    if (queue)
        nk_dpc_queue(&i->lines[0].dpc, NULL, NULL);
    return claimed;
}

static NDIS_STATUS NdisMRegisterInterruptEx(NDIS_HANDLE handle, NDIS_HANDLE context,
                                            NDIS_INTERRUPT_CHARACTERISTICS *how, NDIS_HANDLE *out)
{
    const struct nd_adapter *a = nd_adapter_of(handle);
    struct interrupt *i;
    IO_CONNECT_INTERRUPT_PARAMETERS p = {.PhysicalDeviceObject = a->pdo,
                                         .Version = CONNECT_MESSAGE_BASED,
                                         .ServiceRoutine = (PVOID)on_message,
                                         .FallBackServiceRoutine = on_line};
    NDIS_STATUS status;
    ULONG n;

    nd_header_check(how, ND_TYPE_INTERRUPT, sizeof(*how));
    if (!how->InterruptHandler || !how->InterruptDpcHandler ||
        (how->MsiSupported && (!how->MessageInterruptHandler || !how->MessageInterruptDpcHandler)))
        nk_report("argument", "an interrupt without a required routine");
    if (!a->registered_attributes)
        nk_report("state", "an interrupt before the registration attributes are set");
    i = nk_pool_zero(sizeof(*i), ND_TAG);
    i->how = *how;
    i->context = context;
    for (n = 0; n < ND_MESSAGES; n++) {
        i->lines[n].interrupt = i;
        i->lines[n].message = n;
        nk_dpc_init(&i->lines[n].dpc, run_dpc, &i->lines[n]);
    }
    if (!how->MsiSupported) {
        p.Version = CONNECT_LINE_BASED;
        p.ServiceRoutine = (PVOID)on_line;
    }
    p.ServiceContext = i;
    p.InterruptObject = &i->connection;
    status = nk_interrupt_connect(&p);
    if (!NT_SUCCESS(status)) {
        nk_pool_free(i, ND_TAG);
        return status;
    }
    i->version = p.Version;
    i->count = 1;
    how->InterruptType = 1;
    if (p.Version == CONNECT_MESSAGE_BASED) {
        how->InterruptType = 2;
        how->MessageInfoTable = i->connection;
        i->count = how->MessageInfoTable->MessageCount;
    }
    nk_resource_add(NK_NETWORK, i, sizeof(*i), TAG_HANDLE);
    *out = i;
    return STATUS_SUCCESS;
}

static VOID NdisMDeregisterInterruptEx(NDIS_HANDLE handle)
{
    struct interrupt *i = nd_object(handle, TAG_HANDLE);
    IO_DISCONNECT_INTERRUPT_PARAMETERS p = {i->version, i->connection};

    nk_interrupt_disconnect(&p);
    nk_dpcs_flush();
    nd_object_free(i, TAG_HANDLE);
}

static struct interrupt *interrupt_of(NDIS_HANDLE handle, ULONG message)
{
    struct interrupt *i = nd_object(handle, TAG_HANDLE);

    if (i->version == CONNECT_MESSAGE_BASED && message >= i->count)
        nk_report("argument", "message %u of %u is asked for", message, i->count);
    return i;
}

/* Which processors have the DPC queued now by this call: ours, or none. */
static ULONG NdisMQueueDpcEx(NDIS_HANDLE handle, ULONG message, const GROUP_AFFINITY *targets,
                             PVOID context)
{
    struct interrupt *i = interrupt_of(handle, message);
    KDPC *dpc = &i->lines[i->version == CONNECT_MESSAGE_BASED ? message : 0].dpc;

    if (!targets || targets->Group || !(targets->Mask & ((1ull << nk_cpu_count()) - 1)))
        nk_report("argument", "for no processor there is");
    return nk_dpc_queue(dpc, context, NULL) ? 1u << nk_cpu_index() : 0;
}

static BOOLEAN NdisMSynchronizeWithInterruptEx(NDIS_HANDLE handle, ULONG message,
                                               BOOLEAN (*routine)(PVOID), PVOID context)
{
    const struct interrupt *i = interrupt_of(handle, message);
    const IO_INTERRUPT_MESSAGE_INFO *table = i->connection;

    return nk_interrupt_synchronize(i->version == CONNECT_MESSAGE_BASED
                                        ? table->MessageInfo[message].InterruptObject
                                        : i->connection,
                                    routine, context);
}

/* Processors. */

static ULONG NdisGetSharedDataAlignment(VOID)
{
    return 64;
}

static ULONG NdisGroupActiveProcessorCount(USHORT group)
{
    return group && group != 0xFFFF ? 0 : nk_cpu_count();
}

/* A PROCESSOR_NUMBER by value: group, number, reserved. */
static ULONG NdisProcessorNumberToIndex(ULONG processor)
{
    return processor & 0xFFFF || (processor >> 16 & 0xFF) >= nk_cpu_count() ? ~0u : processor >> 16;
}

/* Device objects of the driver's own, and its protocol half. No program opens the one, and no
 * adapter binds to the other, so that what a bound protocol would call is never called. */

static NDIS_STATUS NdisRegisterDeviceEx(NDIS_HANDLE driver,
                                        const NDIS_DEVICE_OBJECT_ATTRIBUTES *what,
                                        DEVICE_OBJECT **device, NDIS_HANDLE *handle)
{
    static DRIVER_OBJECT owner;

    nd_header_check(what, ND_TYPE_DEVICE_OBJECT,
                    offsetof(NDIS_DEVICE_OBJECT_ATTRIBUTES, DeviceClassGuid));
    if (!what->DeviceName || !what->SymbolicName || !what->MajorFunctions)
        nk_report("argument", "no names or routines are given");
    if (nk_scarce())
        return STATUS_INSUFFICIENT_RESOURCES;
    *device = *handle = nk_device_create(&owner, what->ExtensionSize, 0x17, 0);
    return STATUS_SUCCESS;
}

static PVOID NdisGetDeviceReservedExtension(const DEVICE_OBJECT *device)
{
    return device->DeviceExtension;
}

static NDIS_STATUS NdisRegisterProtocolDriver(NDIS_HANDLE context, const NDIS_OBJECT_HEADER *what,
                                              NDIS_HANDLE *handle)
{
    nd_header_check(what, ND_TYPE_PROTOCOL, 0x78);
    *handle = nd_object_make(16, TAG_HANDLE);
    return *handle ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static VOID NdisDeregisterProtocolDriver(NDIS_HANDLE handle)
{
    nd_object_free(handle, TAG_HANDLE);
}

static VOID unbound(VOID)
{
    nk_report("state", "nothing is bound to the protocol");
}

static const struct nk_export system_entries[] = {
    NK_EXPORT(NdisOpenConfigurationEx, PASSIVE_LEVEL),
    NK_EXPORT(NdisOpenConfigurationKeyByName, APC_LEVEL),
    NK_EXPORT(NdisReadConfiguration, PASSIVE_LEVEL),
    NK_EXPORT(NdisReadNetworkAddress, PASSIVE_LEVEL),
    NK_EXPORT(NdisCloseConfiguration, PASSIVE_LEVEL),
    NK_EXPORT(NdisAllocateMemoryWithTagPriority, DISPATCH_LEVEL),
    NK_EXPORT(NdisFreeMemory, DISPATCH_LEVEL),
    NK_EXPORT(NdisFreeMemoryWithTagPriority, DISPATCH_LEVEL),
    NK_EXPORT(NdisInitializeString, PASSIVE_LEVEL),
    NK_EXPORT(NdisAllocateRWLock, DISPATCH_LEVEL),
    NK_EXPORT(NdisFreeRWLock, DISPATCH_LEVEL),
    NK_EXPORT(NdisAcquireRWLockRead, DISPATCH_LEVEL),
    NK_EXPORT(NdisAcquireRWLockWrite, DISPATCH_LEVEL),
    NK_EXPORT(NdisReleaseRWLock, DISPATCH_LEVEL),
    NK_EXPORT_AS(NdisAllocateIoWorkItem, nk_work_item_create, DISPATCH_LEVEL),
    NK_EXPORT(NdisQueueIoWorkItem, DISPATCH_LEVEL),
    NK_EXPORT_AS(NdisFreeIoWorkItem, nk_work_item_free, DISPATCH_LEVEL),
    NK_EXPORT(NdisInitializeEvent, HIGH_LEVEL),
    NK_EXPORT_AS(NdisSetEvent, nk_event_set, DISPATCH_LEVEL),
    NK_EXPORT(NdisResetEvent, DISPATCH_LEVEL),
    NK_EXPORT(NdisWaitEvent, PASSIVE_LEVEL),
    NK_EXPORT(NdisMSleep, APC_LEVEL),
    NK_EXPORT(NdisMMapIoSpace, PASSIVE_LEVEL),
    NK_EXPORT(NdisMUnmapIoSpace, PASSIVE_LEVEL),
    NK_EXPORT(NdisMRegisterIoPortRange, PASSIVE_LEVEL),
    NK_EXPORT(NdisMDeregisterIoPortRange, PASSIVE_LEVEL),
    NK_EXPORT(NdisMGetBusData, HIGH_LEVEL),
    NK_EXPORT(NdisMGetDeviceProperty, PASSIVE_LEVEL),
    NK_EXPORT(NdisMRegisterInterruptEx, PASSIVE_LEVEL),
    NK_EXPORT(NdisMDeregisterInterruptEx, PASSIVE_LEVEL),
    NK_EXPORT(NdisMQueueDpcEx, HIGH_LEVEL),
    NK_EXPORT(NdisMSynchronizeWithInterruptEx, HIGH_LEVEL),
    NK_EXPORT(NdisGetSharedDataAlignment, DISPATCH_LEVEL),
    NK_EXPORT(NdisGroupActiveProcessorCount, HIGH_LEVEL),
    NK_EXPORT(NdisProcessorNumberToIndex, HIGH_LEVEL),
    NK_EXPORT(NdisRegisterDeviceEx, PASSIVE_LEVEL),
    NK_EXPORT_AS(NdisDeregisterDeviceEx, nk_device_delete, PASSIVE_LEVEL),
    NK_EXPORT(NdisGetDeviceReservedExtension, HIGH_LEVEL),
    NK_EXPORT(NdisRegisterProtocolDriver, PASSIVE_LEVEL),
    NK_EXPORT(NdisDeregisterProtocolDriver, PASSIVE_LEVEL),
    NK_EXPORT_AS(NdisOpenAdapterEx, unbound, PASSIVE_LEVEL),
    NK_EXPORT_AS(NdisCloseAdapterEx, unbound, PASSIVE_LEVEL),
    NK_EXPORT_AS(NdisOidRequest, unbound, DISPATCH_LEVEL),
    NK_EXPORT_AS(NdisSendNetBufferLists, unbound, DISPATCH_LEVEL),
    NK_EXPORT_AS(NdisReturnNetBufferLists, unbound, DISPATCH_LEVEL),
};
NK_EXPORT_TABLE(nk_ndis_system_exports, "ndis.sys", system_entries);
