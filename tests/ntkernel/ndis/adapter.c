/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registration of the miniport and its adapter's life. */
#include "ndis/port.h"
#include "ntos/ex.h"
#include "ntos/irp.h"
#include "ntos/pnp.h"
#include "image/image.h"

#define TAG_DRIVER 0x76697244u /* "Driv" */

#define OID_PNP_SET_POWER 0xFD010101u

static struct nd_adapter the_adapter;

struct nd_adapter *nd_the(void)
{
    return &the_adapter;
}

const char *nd_state_name(const struct nd_adapter *a)
{
    static const char *const names[] = {"halted",  "initializing", "paused",   "restarting",
                                        "running", "pausing",      "shut down"};

    return names[a->state];
}

struct nd_adapter *nd_adapter_of(NDIS_HANDLE handle)
{
    if (handle != &the_adapter || !the_adapter.fdo)
        nk_report("argument", "%p is no adapter's handle", handle);
    if (the_adapter.state == ND_HALTED && !the_adapter.adding)
        nk_report("state", "the adapter was halted before");
    return &the_adapter;
}

void nd_header_check(const void *structure, UCHAR type, size_t size)
{
    const NDIS_OBJECT_HEADER *h = structure;

    if (!h || h->Type != type || !h->Revision || h->Size < size)
        nk_report("argument", "a structure of type %x, revision %u, size %u", h ? h->Type : 0,
                  h ? h->Revision : 0, h ? h->Size : 0);
}

/* A call that may sleep, and must not do so for ever (NdisMSleep looks). */
#define SLOW_CALL(what, call)                    \
    ({                                           \
        the_adapter.slow = (what);               \
        the_adapter.slow_since = nk_time();      \
        __auto_type slow_ = NK_CALL(what, call); \
        the_adapter.slow = NULL;                 \
        slow_;                                   \
    })

/* What ends later: pause, restart, reset, OIDs. One at a time, as NDIS has it. */

static void begin(const char *what)
{
    struct nd_adapter *a = &the_adapter;

    NK_EXPECT(!a->pending, "%s is asked for during %s", what, a->pending);
    nk_event_init(&a->finished, false, false);
    a->finish_status = STATUS_PENDING;
    a->pending = what;
}

static NDIS_STATUS finish(NDIS_STATUS status)
{
    struct nd_adapter *a = &the_adapter;
    const char *what = a->pending;

    if (status == STATUS_PENDING) {
        if (nk_wait(&a->finished.Header, ND_WAIT_MS * 10000ull) != STATUS_SUCCESS)
            nk_report("hang", "%s has not completed in %u ms", what, ND_WAIT_MS);
        status = a->finish_status;
    } else if (a->finish_status != STATUS_PENDING) {
        nk_report("state", "%s was completed and returns %08x as well", what, status);
    }
    a->pending = NULL;
    return status;
}

static void complete(NDIS_HANDLE handle, const char *what, NDIS_STATUS status)
{
    struct nd_adapter *a = nd_adapter_of(handle);

    if (!a->pending || !nk_streq(a->pending, what) || a->finish_status != STATUS_PENDING)
        nk_report("state", "%s is completed, which is not in progress", what);
    if (status == STATUS_PENDING)
        nk_report("argument", "%s is completed as pending", what);
    a->finish_status = status;
    nk_event_set(&a->finished);
}

static const char pause_name[] = "MiniportPause", restart_name[] = "MiniportRestart",
                  reset_name[] = "MiniportResetEx", oid_name[] = "MiniportOidRequest";

static VOID NdisMPauseComplete(NDIS_HANDLE handle)
{
    complete(handle, pause_name, STATUS_SUCCESS);
}

static VOID NdisMOidRequestComplete(NDIS_HANDLE handle, NDIS_OID_REQUEST *request,
                                    NDIS_STATUS status)
{
    if (request != nd_adapter_of(handle)->oid)
        nk_report("oid", "an OID request is completed that the miniport does not have");
    complete(handle, oid_name, status);
}

/* What scenarios ask for. */

NDIS_STATUS nd_try_restart(void)
{
    struct nd_adapter *a = &the_adapter;
    NDIS_MINIPORT_RESTART_PARAMETERS parameters = {.Header = {ND_TYPE_DEFAULT, 1, 0x14}};
    NDIS_STATUS status;

    NK_EXPECT(a->state == ND_PAUSED, "a restart of an adapter that is %s", nd_state_name(a));
    a->state = ND_RESTARTING;
    begin(restart_name);
    status = finish(SLOW_CALL(restart_name, a->mini.RestartHandler(a->context, &parameters)));
    a->state = NT_SUCCESS(status) ? ND_RUNNING : ND_PAUSED;
    return status;
}

void nd_restart(void)
{
    NDIS_STATUS status = nd_try_restart();

    NK_EXPECT(NT_SUCCESS(status), "MiniportRestart ends with %08x", status);
}

void nd_pause(void)
{
    struct nd_adapter *a = &the_adapter;
    NDIS_MINIPORT_PAUSE_PARAMETERS parameters = {.Header = {ND_TYPE_DEFAULT, 1, sizeof(parameters)},
                                                 .PauseReason = 1};
    NDIS_STATUS status;

    NK_EXPECT(a->state == ND_RUNNING, "a pause of an adapter that is %s", nd_state_name(a));
    a->state = ND_PAUSING;
    if (a->hold)
        nd_release_soon();
    begin(pause_name);
    status = finish(SLOW_CALL(pause_name, a->mini.PauseHandler(a->context, &parameters)));
    NK_EXPECT(status == STATUS_SUCCESS, "MiniportPause ends with %08x", status);
    nd_buffers_home(pause_name);
    a->state = ND_PAUSED;
}

void nd_check(bool reset)
{
    struct nd_adapter *a = &the_adapter;
    BOOLEAN addressing = 0;
    NDIS_STATUS status;

    if (a->mini.CheckForHangHandlerEx &&
        NK_CALL("MiniportCheckForHangEx", a->mini.CheckForHangHandlerEx(a->context)))
        nk_report("check", "MiniportCheckForHangEx asks for a reset");
    if (!reset || !a->mini.ResetHandlerEx)
        return;
    begin(reset_name);
    status = finish(SLOW_CALL(reset_name, a->mini.ResetHandlerEx(a->context, &addressing)));
    NK_EXPECT(NT_SUCCESS(status), "MiniportResetEx ends with %08x", status);
}

void nd_shutdown(void)
{
    struct nd_adapter *a = &the_adapter;

    NK_CALL_VOID("MiniportShutdownEx", a->mini.ShutdownHandlerEx(a->context, 0));
    a->state = ND_SHUTDOWN;
}

NDIS_STATUS nd_oid(ULONG type, ULONG oid, void *buffer, ULONG length, ULONG *done)
{
    struct nd_adapter *a = &the_adapter;
    NDIS_OID_REQUEST *r = nk_pool_own(sizeof(*r), ND_TAG, false);
    void *copy = length ? nk_pool_own(length, ND_TAG, false) : NULL;
    ULONG written;
    NDIS_STATUS status;

    *r = (NDIS_OID_REQUEST){.Header = {ND_TYPE_OID_REQUEST, 1, 0xEC},
                            .RequestType = type,
                            .Oid = oid,
                            .InformationBuffer = copy};
    r->Plain.InformationBufferLength = length;
    if (type == ND_METHOD)
        r->Method.OutputBufferLength = length;
    if (length && type != ND_QUERY)
        nk_memcpy(copy, buffer, length);
    a->oid = r;
    begin(oid_name);
    status = finish(NK_CALL(oid_name, a->mini.OidRequestHandler(a->context, r)));
    a->oid = NULL;
    written = type == ND_METHOD ? r->Method.BytesWritten : r->Plain.BytesDone;
    if (NT_SUCCESS(status) && written > length)
        nk_report("oid", "OID %08x says %u bytes of a buffer of %u", oid, written, length);
    if (NT_SUCCESS(status) && type != ND_SET)
        nk_memcpy(buffer, copy, written);
    if (done)
        *done = written;
    if (copy)
        nk_pool_free(copy, ND_TAG);
    nk_pool_free(r, ND_TAG);
    return status;
}

/* Attributes and status. */

static NDIS_STATUS NdisMSetMiniportAttributes(NDIS_HANDLE handle, const NDIS_OBJECT_HEADER *h)
{
    struct nd_adapter *a = nd_adapter_of(handle);
    const NDIS_REGISTRATION_ATTRIBUTES *registration = (const void *)h;
    const NDIS_GENERAL_ATTRIBUTES *general = (const void *)h;

    switch (h->Type) {
    case ND_TYPE_ADD_DEVICE:
        nd_header_check(h, h->Type, offsetof(NDIS_ADD_DEVICE_ATTRIBUTES, Flags) + 4);
        a->add_device_context = ((const NDIS_ADD_DEVICE_ATTRIBUTES *)h)->MiniportAddDeviceContext;
        return STATUS_SUCCESS;
    case ND_TYPE_REGISTRATION:
        nd_header_check(h, h->Type, offsetof(NDIS_REGISTRATION_ATTRIBUTES, InterfaceType) + 4);
        if (a->registered_attributes || !registration->MiniportAdapterContext ||
            !(registration->AttributeFlags & ND_HARDWARE_DEVICE))
            nk_report("argument", "registration attributes twice, without context or hardware");
        a->registration = *registration;
        a->context = registration->MiniportAdapterContext;
        a->registered_attributes = true;
        return STATUS_SUCCESS;
    case ND_TYPE_GENERAL:
        nd_header_check(h, h->Type, offsetof(NDIS_GENERAL_ATTRIBUTES, AutoNegotiationFlags) + 4);
        if (!a->registered_attributes || general->MacAddressLength != 6 || !general->MtuSize ||
            !general->SupportedOidList || !general->SupportedOidListLength)
            nk_report("argument", "general attributes too early or without address, MTU or OIDs");
        nk_memcpy(&a->general, general, offsetof(NDIS_GENERAL_ATTRIBUTES, AutoNegotiationFlags));
        a->link = general->MediaConnectState;
        return STATUS_SUCCESS;
    case ND_TYPE_OFFLOAD:
        if (!a->general.MtuSize)
            nk_report("argument", "offload attributes before the general ones");
        return STATUS_SUCCESS;
    default:
        nk_report("unsupported", "attributes of type %x", h->Type);
    }
}

static VOID NdisMIndicateStatusEx(NDIS_HANDLE handle, const NDIS_STATUS_INDICATION *status)
{
    struct nd_adapter *a = nd_adapter_of(handle);
    const NDIS_LINK_STATE *link = status->StatusBuffer;

    nd_header_check(status, ND_TYPE_STATUS, offsetof(NDIS_STATUS_INDICATION, StatusBufferSize) + 4);
    if (status->SourceHandle != a || (status->StatusBufferSize && !status->StatusBuffer))
        nk_report("argument", "a status with a wrong source or without buffer");
    if (a->state == ND_INITIALIZING && !a->general.MtuSize)
        nk_report("state", "a status before the general attributes are set");
    if (status->StatusCode == NDIS_STATUS_LINK_STATE) {
        nd_header_check(link, ND_TYPE_DEFAULT, sizeof(*link));
        if (status->StatusBufferSize < sizeof(*link))
            nk_report("argument", "a link state of %u bytes", status->StatusBufferSize);
        a->link_changes += a->link != link->MediaConnectState;
        a->link = link->MediaConnectState;
    }
}

/* The device's stack: NDIS's own device object, above the PDO. */

static void clear(struct nd_adapter *a)
{
    a->context = NULL;
    a->registered_attributes = false;
    a->general = (NDIS_GENERAL_ATTRIBUTES){0};
    nd_buffers_init(a);
}

static NDIS_STATUS initialize(struct nd_adapter *a)
{
    NDIS_MINIPORT_INIT_PARAMETERS parameters = {
        .Header = {ND_TYPE_INIT_PARAMETERS, 1, sizeof(parameters)},
        .AllocatedResources = &a->translated->Version,
        .MiniportAddDeviceContext = a->add_device_context,
        .IfIndex = 1,
        .NetLuid = 0x6000001000000ull};
    NDIS_STATUS status;

    clear(a);
    a->state = ND_INITIALIZING;
    status = SLOW_CALL("MiniportInitializeEx",
                       a->mini.InitializeHandlerEx(a, a->driver_context, &parameters));
    if (!NT_SUCCESS(status)) {
        nd_buffers_home("MiniportInitializeEx");
        a->state = ND_HALTED;
        return status;
    }
    NK_EXPECT(status == STATUS_SUCCESS, "MiniportInitializeEx returns %08x", status);
    NK_EXPECT(a->general.MtuSize, "MiniportInitializeEx has set no general attributes");
    a->state = ND_PAUSED;
    return status;
}

static void halt(struct nd_adapter *a, ULONG action)
{
    if (a->state == ND_HALTED)
        return;
    if (a->state == ND_RUNNING)
        nd_pause();
    SLOW_CALL("MiniportHaltEx", (a->mini.HaltHandlerEx(a->context, action), 0));
    nd_buffers_home("MiniportHaltEx");
    a->state = ND_HALTED;
}

static NTSTATUS pass(DEVICE_OBJECT *device, IRP *irp)
{
    return nk_irp_pass(the_adapter.pdo, irp);
}

static NTSTATUS fail_or_pass(DEVICE_OBJECT *device, IRP *irp, NTSTATUS status)
{
    if (!NT_SUCCESS(status))
        return nk_irp_finish(irp, status);
    irp->IoStatus.Status = status;
    return pass(device, irp);
}

static NTSTATUS start(struct nd_adapter *a, IRP *irp)
{
    const IO_STACK_LOCATION *location = irp->CurrentStackLocation;
    NTSTATUS status = STATUS_SUCCESS;

    a->raw = location->Parameters.StartDevice.AllocatedResources;
    a->translated = location->Parameters.StartDevice.AllocatedResourcesTranslated;
    if (a->pnp.MiniportStartDeviceHandler)
        status = NK_CALL("MiniportStartDevice",
                         a->pnp.MiniportStartDeviceHandler(a->add_device_context, irp));
    return NT_SUCCESS(status) ? initialize(a) : status;
}

static NTSTATUS on_pnp(DEVICE_OBJECT *device, IRP *irp)
{
    struct nd_adapter *a = &the_adapter;
    NET_DEVICE_PNP_EVENT event = {.Header = {ND_TYPE_DEFAULT, 1, 0x2C},
                                  .DevicePnPEvent = ND_EVENT_SURPRISE_REMOVED};
    NTSTATUS status;

    switch (irp->CurrentStackLocation->MinorFunction) {
    case IRP_MN_START_DEVICE:
        return fail_or_pass(device, irp, start(a, irp));
    case IRP_MN_STOP_DEVICE:
        halt(a, ND_HALT_STOPPED);
        return fail_or_pass(device, irp, STATUS_SUCCESS);
    case IRP_MN_SURPRISE_REMOVAL:
        SLOW_CALL("MiniportDevicePnPEventNotify",
                  (a->mini.DevicePnPEventNotifyHandler(a->context, &event), 0));
        halt(a, ND_HALT_SURPRISE_REMOVED);
        return fail_or_pass(device, irp, STATUS_SUCCESS);
    case IRP_MN_REMOVE_DEVICE:
        halt(a, ND_HALT_DEINITIALIZED);
        if (a->pnp.MiniportRemoveDeviceHandler)
            NK_CALL_VOID("MiniportRemoveDevice",
                         a->pnp.MiniportRemoveDeviceHandler(a->add_device_context));
        irp->IoStatus.Status = STATUS_SUCCESS;
        status = pass(device, irp);
        a->pdo->AttachedDevice = NULL;
        nk_device_delete(a->fdo);
        a->fdo = NULL;
        return status;
    default:
        return pass(device, irp);
    }
}

/* A miniport that asks for it keeps its adapter while the device sleeps; another is halted. */
static NTSTATUS set_power(struct nd_adapter *a, ULONG state)
{
    bool keeps = a->registration.AttributeFlags & ND_NO_HALT_ON_SUSPEND;
    NTSTATUS status = STATUS_SUCCESS;

    if (state != 1 && a->state == ND_RUNNING)
        nd_pause();
    if (keeps)
        status = nd_oid(ND_SET, OID_PNP_SET_POWER, &state, sizeof(state), NULL);
    else if (state != 1)
        halt(a, ND_HALT_POWERED_DOWN);
    else if (a->state == ND_HALTED)
        status = initialize(a);
    return status;
}

static NTSTATUS on_power(DEVICE_OBJECT *device, IRP *irp)
{
    const IO_STACK_LOCATION *location = irp->CurrentStackLocation;
    NTSTATUS status = STATUS_SUCCESS;

    if (location->MinorFunction == IRP_MN_SET_POWER && location->Parameters.Power.Type == 1)
        status = set_power(&the_adapter, (ULONG)location->Parameters.Power.State);
    return fail_or_pass(device, irp, status);
}

static NTSTATUS add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *pdo)
{
    struct nd_adapter *a = &the_adapter;
    NTSTATUS status = STATUS_SUCCESS;

    a->fdo = nk_device_create(driver, 0, 0x17, 0);
    a->pdo = pdo;
    a->pci = nk_target_pci();
    a->add_device_context = NULL;
    if (a->pnp.MiniportAddDeviceHandler) {
        a->adding = true;
        status =
            NK_CALL("MiniportAddDevice", a->pnp.MiniportAddDeviceHandler(a, a->driver_context));
        a->adding = false;
    }
    if (!NT_SUCCESS(status)) {
        nk_device_delete(a->fdo);
        a->fdo = NULL;
        return status;
    }
    nk_device_attach(a->fdo, pdo);
    a->fdo->Flags &= ~DO_DEVICE_INITIALIZING;
    return status;
}

/* The driver. */

static VOID unload(DRIVER_OBJECT *driver)
{
    NK_CALL_VOID("MiniportDriverUnload", the_adapter.mini.UnloadHandler(driver));
    NK_EXPECT(!the_adapter.registered,
              "the driver is unloaded without NdisMDeregisterMiniportDriver");
}

static void check_handlers(const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *c)
{
    static const USHORT required[] = {
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, InitializeHandlerEx),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, HaltHandlerEx),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, UnloadHandler),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, PauseHandler),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, RestartHandler),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, OidRequestHandler),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, SendNetBufferListsHandler),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, ReturnNetBufferListsHandler),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, CancelSendHandler),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, DevicePnPEventNotifyHandler),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, ShutdownHandlerEx),
        offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, CancelOidRequestHandler),
    };
    unsigned n;

    for (n = 0; n < NK_COUNT(required); n++) {
        if (!*(const PVOID *)((const UCHAR *)c + required[n]))
            nk_report("argument", "the miniport lacks the routine at %x of its characteristics",
                      required[n]);
    }
    if (!c->CheckForHangHandlerEx != !c->ResetHandlerEx)
        nk_report("argument", "the miniport has one of MiniportCheckForHangEx and MiniportResetEx");
}

static NDIS_STATUS NdisMRegisterMiniportDriver(DRIVER_OBJECT *driver, UNICODE_STRING *path,
                                               NDIS_HANDLE context,
                                               const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *c,
                                               NDIS_HANDLE *handle)
{
    struct nd_adapter *a = &the_adapter;
    unsigned n;

    nd_header_check(c, ND_TYPE_DRIVER,
                    offsetof(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, DirectOidRequestHandler));
    if (!driver || !path || !handle || a->registered)
        nk_report(
            "argument",
            "a miniport without driver object, path or place for the handle, or a second one");
    if (c->MajorNdisVersion != 6)
        nk_report("unsupported", "a miniport of NDIS %u.%u", c->MajorNdisVersion,
                  c->MinorNdisVersion);
    check_handlers(c);
    nk_memset(a, 0, sizeof(*a));
    nk_memcpy(&a->mini, c, c->Header.Size < sizeof(*c) ? c->Header.Size : sizeof(*c));
    a->driver = driver;
    a->driver_context = context;
    a->registered = true;
    nk_resource_add(NK_NETWORK, &a->mini, sizeof(a->mini), TAG_DRIVER);
    for (n = 0; n <= IRP_MJ_MAXIMUM_FUNCTION; n++)
        driver->MajorFunction[n] = pass;
    driver->MajorFunction[IRP_MJ_PNP] = on_pnp;
    driver->MajorFunction[IRP_MJ_POWER] = on_power;
    driver->DriverExtension->AddDevice = add_device;
    driver->DriverUnload = unload;
    *handle = &a->mini;
    if (!a->mini.SetOptionsHandler)
        return STATUS_SUCCESS;
    return NK_CALL("MiniportSetOptions", a->mini.SetOptionsHandler(&a->mini, context));
}

static struct nd_adapter *driver_of(NDIS_HANDLE handle)
{
    if (handle != &the_adapter.mini || !the_adapter.registered)
        nk_report("argument", "%p is no registered miniport driver", handle);
    return &the_adapter;
}

static VOID NdisMDeregisterMiniportDriver(NDIS_HANDLE handle)
{
    struct nd_adapter *a = driver_of(handle);

    if (a->fdo)
        nk_report("state", "a miniport is deregistered while there is an adapter");
    nk_resource_drop(NK_NETWORK, &a->mini);
    a->registered = false;
}

static NDIS_STATUS NdisSetOptionalHandlers(NDIS_HANDLE handle, const NDIS_OBJECT_HEADER *h)
{
    struct nd_adapter *a = driver_of(handle);

    nd_header_check(h, ND_TYPE_PNP_CHARACTERISTICS,
                    offsetof(NDIS_MINIPORT_PNP_CHARACTERISTICS, Flags));
    a->pnp = *(const NDIS_MINIPORT_PNP_CHARACTERISTICS *)h;
    return STATUS_SUCCESS;
}

static const struct nk_export adapter_entries[] = {
    NK_EXPORT(NdisMRegisterMiniportDriver, PASSIVE_LEVEL),
    NK_EXPORT(NdisMDeregisterMiniportDriver, PASSIVE_LEVEL),
    NK_EXPORT(NdisSetOptionalHandlers, PASSIVE_LEVEL),
    NK_EXPORT(NdisMSetMiniportAttributes, PASSIVE_LEVEL),
    NK_EXPORT(NdisMIndicateStatusEx, DISPATCH_LEVEL),
    NK_EXPORT(NdisMPauseComplete, DISPATCH_LEVEL),
    NK_EXPORT(NdisMOidRequestComplete, DISPATCH_LEVEL),
};
NK_EXPORT_TABLE(nk_ndis_adapter_exports, "ndis.sys", adapter_entries);
