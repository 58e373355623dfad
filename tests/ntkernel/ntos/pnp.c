/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntos/pnp.h"
#include "ntos/ex.h"
#include "ntos/irp.h"
#include "ntos/mm.h"

#define TAG_PNP       0x20706E50u
#define MESSAGE_LIMIT 8
#define WAIT_MS       20000

static const GUID bus_interface_standard = {
    0x496B8280, 0x6F25, 0x11D0, {0xBE, 0xAF, 0x08, 0x00, 0x2B, 0xE2, 0x09, 0x2F}};

/* A device; the scenario has selected one. */
struct device {
    struct nk_driver *driver;
    struct nk_pci *pci;
    DEVICE_OBJECT *pdo;
    UCHAR line_vector, message_vectors[MESSAGE_LIMIT];
    unsigned message_count;
    CM_RESOURCE_LIST raw, translated;
    LONG interface_references;
    bool interface_enabled, state_invalid;
    ULONG power;
    unsigned device_questions; /* IRP_MN_QUERY_POWER for a device state, seen by the bus driver */
    unsigned objects, connected, mapped; /* what the driver has for it */
};

static DRIVER_OBJECT bus_driver;
static ULONG64 interrupts;
static struct device devices[NK_PNP_DEVICES], *pnp = &devices[0];

void nk_pnp_select(unsigned n)
{
    pnp = &devices[n];
}

static struct device *device_of(const DEVICE_OBJECT *pdo)
{
    unsigned n;

    for (n = 0; n < NK_PNP_DEVICES && pdo; n++) {
        if (devices[n].pdo == pdo)
            return &devices[n];
    }
    return NULL;
}

static bool is_device(const void *context)
{
    return context >= (void *)devices && context < (void *)(devices + NK_PNP_DEVICES);
}

/* Device objects. */

DEVICE_OBJECT *nk_device_create(DRIVER_OBJECT *driver, ULONG extension, ULONG type,
                                ULONG characteristics)
{
    DEVICE_OBJECT *device = nk_pool_zero(sizeof(*device) + extension, TAG_PNP);

    device->Type = 3;
    device->Size = (USHORT)(sizeof(*device) + extension);
    device->DriverObject = driver;
    device->DeviceExtension = extension ? device + 1 : NULL;
    device->DeviceType = type;
    device->Characteristics = characteristics;
    device->StackSize = 1;
    device->Flags = DO_DEVICE_INITIALIZING;
    device->NextDevice = driver->DeviceObject;
    driver->DeviceObject = device;
    nk_resource_add(NK_DEVICE, device, sizeof(*device) + extension, 0);
    return device;
}

void nk_device_delete(DEVICE_OBJECT *device)
{
    DEVICE_OBJECT **link;
    unsigned n;

    if (!nk_resource_find(NK_DEVICE, device) || device->AttachedDevice || device->ReferenceCount)
        nk_report("argument", "a device object that is gone, attached or referenced");
    for (n = 0; n < NK_PNP_DEVICES; n++) {
        if (devices[n].pdo && devices[n].pdo->AttachedDevice == device)
            nk_report("argument", "a device that is still in the stack");
    }
    for (link = &device->DriverObject->DeviceObject; *link && *link != device;
         link = &(*link)->NextDevice)
        ;
    if (*link)
        *link = device->NextDevice;
    nk_resource_drop(NK_DEVICE, device);
    nk_pool_free(device, TAG_PNP);
}

DEVICE_OBJECT *nk_device_top(DEVICE_OBJECT *device)
{
    while (device->AttachedDevice)
        device = device->AttachedDevice;
    return device;
}

void nk_pnp_check_pdo(const DEVICE_OBJECT *device)
{
    if (!device_of(device))
        nk_report("argument", "something other than the PDO");
}

const struct nk_pci *nk_pnp_pci(const DEVICE_OBJECT *pdo)
{
    return device_of(pdo)->pci;
}

bool nk_pnp_interface_set(bool enable)
{
    bool changed = pnp->interface_enabled != enable;

    pnp->interface_enabled = enable;
    return changed;
}

UCHAR nk_pnp_line_vector(void)
{
    return pnp->line_vector;
}

void nk_pnp_line_enable(bool enable)
{
    if (enable)
        nk_ioapic_connect(pnp->pci->line, pnp->line_vector);
    else
        nk_ioapic_disconnect(pnp->pci->line);
}

unsigned nk_pnp_message_vectors(const UCHAR **vectors)
{
    *vectors = pnp->message_vectors;
    return pnp->message_count;
}

void nk_pnp_count_interrupt(void)
{
    interrupts++;
}

ULONG64 nk_pnp_interrupts(void)
{
    return interrupts;
}

void nk_pnp_state_invalid(const DEVICE_OBJECT *pdo)
{
    nk_pnp_check_pdo(pdo);
    device_of(pdo)->state_invalid = true;
}

bool nk_pnp_state_is_invalid(void)
{
    return pnp->state_invalid;
}

/* The bus driver. */

static VOID bus_reference(PVOID context)
{
    struct device *d = context;

    d->interface_references++;
}

static VOID bus_dereference(PVOID context)
{
    struct device *d = context;

    if (--d->interface_references < 0)
        nk_report("argument", "the bus interface is dereferenced too often");
}

static ULONG bus_data(PVOID context, ULONG type, PVOID buffer, ULONG offset, ULONG length,
                      bool write)
{
    const struct device *d = context;

    return is_device(d) && !type ? nk_pci_bytes(d->pci, buffer, offset, length, write) : 0;
}

static ULONG bus_set_data(PVOID context, ULONG type, PVOID buffer, ULONG offset, ULONG length)
{
    return bus_data(context, type, buffer, offset, length, true);
}

static ULONG bus_get_data(PVOID context, ULONG type, PVOID buffer, ULONG offset, ULONG length)
{
    return bus_data(context, type, buffer, offset, length, false);
}

static NTSTATUS query_interface(struct device *d, const IO_STACK_LOCATION *location)
{
    BUS_INTERFACE_STANDARD *out = location->Parameters.QueryInterface.Interface;

    if (nk_memcmp(location->Parameters.QueryInterface.InterfaceType, &bus_interface_standard,
                  sizeof(GUID)))
        return STATUS_NOT_SUPPORTED;
    if (location->Parameters.QueryInterface.Size < sizeof(*out))
        return STATUS_BUFFER_TOO_SMALL;
    *out = (BUS_INTERFACE_STANDARD){.Size = sizeof(*out),
                                    .Version = 1,
                                    .Context = d,
                                    .InterfaceReference = bus_reference,
                                    .InterfaceDereference = bus_dereference,
                                    .SetBusData = bus_set_data,
                                    .GetBusData = bus_get_data};
    bus_reference(d);
    return STATUS_SUCCESS;
}

static NTSTATUS pdo_pnp(DEVICE_OBJECT *device, IRP *irp)
{
    const IO_STACK_LOCATION *location = irp->CurrentStackLocation;
    NTSTATUS status = irp->IoStatus.Status;

    switch (location->MinorFunction) {
    case IRP_MN_START_DEVICE:
    case IRP_MN_STOP_DEVICE:
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_REMOVE_DEVICE:
    case IRP_MN_SURPRISE_REMOVAL:
    case IRP_MN_QUERY_CAPABILITIES:
        status = STATUS_SUCCESS;
        break;
    case IRP_MN_QUERY_INTERFACE:
        status = query_interface(device_of(device), location);
        break;
    default:
        break;
    }
    return nk_irp_finish(irp, status);
}

static NTSTATUS pdo_power(DEVICE_OBJECT *device, IRP *irp)
{
    const IO_STACK_LOCATION *location = irp->CurrentStackLocation;
    struct device *d = device_of(device);

    if (location->MinorFunction == IRP_MN_SET_POWER && location->Parameters.Power.Type == 1)
        d->power = (ULONG)location->Parameters.Power.State;
    if (location->MinorFunction == IRP_MN_QUERY_POWER && location->Parameters.Power.Type == 1)
        d->device_questions++;
    return nk_irp_finish(irp, STATUS_SUCCESS);
}

static NTSTATUS pdo_other(DEVICE_OBJECT *device, IRP *irp)
{
    return nk_irp_finish(irp, irp->IoStatus.Status);
}

/* Resources. */

static CM_PARTIAL_RESOURCE_DESCRIPTOR *append(CM_RESOURCE_LIST *list, UCHAR type, USHORT flags)
{
    CM_PARTIAL_RESOURCE_DESCRIPTOR *d = &list->Partial[list->PartialCount++];

    nk_memset(d, 0, sizeof(*d));
    d->Type = type;
    d->ShareDisposition = type == CM_RESOURCE_INTERRUPT ? 3 : 1;
    d->Flags = flags;
    return d;
}

static void append_interrupt(UCHAR vector, USHORT flags)
{
    CM_PARTIAL_RESOURCE_DESCRIPTOR *raw = append(&pnp->raw, CM_RESOURCE_INTERRUPT, flags);
    CM_PARTIAL_RESOURCE_DESCRIPTOR *d = append(&pnp->translated, CM_RESOURCE_INTERRUPT, flags);

    if (flags & CM_INTERRUPT_MESSAGE) {
        raw->u.MessageRaw.MessageCount = 1;
        raw->u.MessageRaw.Vector = vector;
    } else {
        raw->u.Interrupt.Level = raw->u.Interrupt.Vector = pnp->pci->line;
    }
    raw->u.Interrupt.Affinity = 1;
    d->u.Interrupt.Level = vector >> 4;
    d->u.Interrupt.Vector = vector;
    d->u.Interrupt.Affinity = 1;
}

static void assign_interrupts(void)
{
    unsigned n, count = pnp->pci->msix_vectors;

    if (!pnp->line_vector) {
        pnp->line_vector = nk_vector_alloc();
        for (n = 0; n < count && n < MESSAGE_LIMIT; n++)
            pnp->message_vectors[n] = nk_vector_alloc();
    }
    pnp->message_count = 0;
    if (pnp->pci->msix && nk_option("msix", 1)) {
        pnp->message_count = count < MESSAGE_LIMIT ? count : MESSAGE_LIMIT;
        nk_pci_msix_enable(pnp->pci, pnp->message_vectors, pnp->message_count);
    }
}

static void assign_resources(void)
{
    static const CM_RESOURCE_LIST empty = {
        .Count = 1, .InterfaceType = 5, .Version = 1, .Revision = 1};
    unsigned n;

    assign_interrupts();
    nk_memcpy(&pnp->raw, &empty, sizeof(empty));
    nk_memcpy(&pnp->translated, &empty, sizeof(empty));
    for (n = 0; n < 6; n++) {
        const struct nk_bar *bar = &pnp->pci->bar[n];
        UCHAR type = bar->memory ? CM_RESOURCE_MEMORY : CM_RESOURCE_PORT;
        USHORT flags = bar->memory ? 0 : CM_PORT_IO;
        CM_PARTIAL_RESOURCE_DESCRIPTOR *d;

        if (!bar->size)
            continue;
        d = append(&pnp->raw, type, flags);
        d->u.Memory.Start = bar->address;
        d->u.Memory.Length = (ULONG)bar->size;
        *append(&pnp->translated, type, flags) = *d;
    }
    for (n = 0; n < pnp->message_count; n++)
        append_interrupt(pnp->message_vectors[n], CM_INTERRUPT_LATCHED | CM_INTERRUPT_MESSAGE);
    if (!pnp->message_count)
        append_interrupt(pnp->line_vector, 0);
}

/* The managers' requests. */

struct sync_request {
    DEVICE_OBJECT *top; /* of the stack it goes to */
    KEVENT finished;
    NTSTATUS status;
};

static void sync_done(IRP *irp, void *context)
{
    struct sync_request *r = context;

    r->status = irp->IoStatus.Status;
    nk_event_set(&r->finished);
}

static NTSTATUS send_and_wait(IRP *irp, struct sync_request *r, const char *what)
{
    nk_event_init(&r->finished, false, false);
    nk_irp_send(r->top, irp);
    if (nk_wait(&r->finished.Header, WAIT_MS * 10000ull) != STATUS_SUCCESS)
        nk_report("hang", "%s IRP has not completed in %u ms", what, WAIT_MS);
    return r->status;
}

static IRP *make_irp_to(DEVICE_OBJECT *pdo, struct sync_request *r, UCHAR major, UCHAR minor)
{
    IRP *irp;

    r->top = nk_device_top(pdo);
    irp = nk_irp_create(r->top, sync_done, r);
    nk_irp_first(irp)->MajorFunction = major;
    nk_irp_first(irp)->MinorFunction = minor;
    return irp;
}

static IRP *make_irp(struct sync_request *r, UCHAR major, UCHAR minor)
{
    return make_irp_to(pnp->pdo, r, major, minor);
}

NTSTATUS nk_pnp_send(UCHAR minor)
{
    struct sync_request r;

    return send_and_wait(make_irp(&r, IRP_MJ_PNP, minor), &r, "a PnP");
}

/* A request that the driver must not refuse. */
static void send(UCHAR minor, const char *name)
{
    NTSTATUS status = nk_pnp_send(minor);

    NK_EXPECT(NT_SUCCESS(status), "%s ends with %08x", name, status);
}
#define SEND(minor) send(minor, #minor)

/* What the other devices have. */
static struct device others(void)
{
    struct device sum = {0};
    unsigned n;

    for (n = 0; n < NK_PNP_DEVICES; n++) {
        if (&devices[n] == pnp)
            continue;
        sum.objects += devices[n].objects;
        sum.connected += devices[n].connected;
        sum.mapped += devices[n].mapped;
    }
    return sum;
}

static unsigned objects_of(const struct nk_driver *driver)
{
    const DEVICE_OBJECT *device;
    unsigned n = 0;

    for (device = driver->object.DeviceObject; device; device = device->NextDevice)
        n++;
    return n;
}

static void note_resources(void)
{
    pnp->connected = nk_resource_count(NK_INTERRUPT) - others().connected;
    pnp->mapped = nk_resource_count(NK_MAPPING) - others().mapped;
}

static void check_resources_returned(const char *after)
{
    NK_EXPECT(nk_resource_count(NK_INTERRUPT) <= others().connected,
              "after %s an interrupt is still connected", after);
    NK_EXPECT(nk_resource_count(NK_MAPPING) <= others().mapped,
              "after %s registers are still mapped", after);
    pnp->connected = pnp->mapped = 0;
}

NTSTATUS nk_pnp_try_add(struct nk_driver *driver, struct nk_pci *pci)
{
    NTSTATUS status;
    unsigned n;

    NK_EXPECT(driver->extension.AddDevice, "the driver has no AddDevice");
    for (n = 0; n <= IRP_MJ_MAXIMUM_FUNCTION; n++)
        bus_driver.MajorFunction[n] = pdo_other;
    bus_driver.MajorFunction[IRP_MJ_PNP] = pdo_pnp;
    bus_driver.MajorFunction[IRP_MJ_POWER] = pdo_power;
    pnp->driver = driver;
    pnp->pci = pci;
    pnp->pdo = nk_device_create(&bus_driver, 0, 0x22, 0);
    pnp->pdo->Flags &= ~DO_DEVICE_INITIALIZING;
    nk_irp_guard_driver(&driver->object);
    status = NK_CALL("AddDevice", driver->extension.AddDevice(&driver->object, pnp->pdo));
    if (!NT_SUCCESS(status)) {
        NK_EXPECT(!pnp->pdo->AttachedDevice, "a failed AddDevice left a device attached");
        NK_EXPECT(objects_of(driver) <= others().objects,
                  "a failed AddDevice left a device object");
        nk_device_delete(pnp->pdo);
        pnp->pdo = NULL;
        return status;
    }
    NK_EXPECT(pnp->pdo->AttachedDevice, "AddDevice attached no device object");
    NK_EXPECT(!(pnp->pdo->AttachedDevice->Flags & DO_DEVICE_INITIALIZING),
              "AddDevice left DO_DEVICE_INITIALIZING set");
    pnp->objects = objects_of(driver) - others().objects;
    return status;
}

void nk_pnp_add(struct nk_driver *driver, struct nk_pci *pci)
{
    NTSTATUS status = nk_pnp_try_add(driver, pci);

    NK_EXPECT(NT_SUCCESS(status), "AddDevice returns %08x", status);
}

NTSTATUS nk_pnp_try_start(void)
{
    struct sync_request r;
    IRP *irp = make_irp(&r, IRP_MJ_PNP, IRP_MN_START_DEVICE);
    NTSTATUS status;

    nk_pci_enable(pnp->pci);
    assign_resources();
    nk_irp_first(irp)->Parameters.StartDevice.AllocatedResources = &pnp->raw;
    nk_irp_first(irp)->Parameters.StartDevice.AllocatedResourcesTranslated = &pnp->translated;
    status = send_and_wait(irp, &r, "IRP_MN_START_DEVICE");
    if (!NT_SUCCESS(status)) {
        check_resources_returned("a failed start");
        return status;
    }
    note_resources();
    NK_EXPECT(pnp->connected, "after start no interrupt is connected");
    pnp->power = 1;
    return status;
}

void nk_pnp_start(void)
{
    NTSTATUS status = nk_pnp_try_start();

    NK_EXPECT(NT_SUCCESS(status), "IRP_MN_START_DEVICE ends with %08x", status);
}

void nk_pnp_stop(void)
{
    SEND(IRP_MN_QUERY_STOP_DEVICE);
    SEND(IRP_MN_STOP_DEVICE);
    check_resources_returned("stop");
    nk_pci_msix_disable(pnp->pci);
}

void nk_pnp_remove(bool surprise)
{
    if (surprise) {
        nk_pci_vanish(pnp->pci);
        SEND(IRP_MN_SURPRISE_REMOVAL);
        NK_EXPECT(!pnp->interface_enabled, "after surprise removal an interface is enabled");
    } else {
        SEND(IRP_MN_QUERY_REMOVE_DEVICE);
    }
    SEND(IRP_MN_REMOVE_DEVICE);
    check_resources_returned("removal");
    NK_EXPECT(!pnp->pdo->AttachedDevice, "after removal a device is still attached to the PDO");
    NK_EXPECT(objects_of(pnp->driver) <= others().objects, "after removal a device object exists");
    pnp->objects = 0;
    NK_EXPECT(!pnp->interface_enabled, "after removal an interface is enabled");
    if (pnp->interface_references && nk_option("lenient", 0))
        nk_log("leak: %d bus interface references\n", pnp->interface_references);
    else
        NK_EXPECT(!pnp->interface_references, "after removal %d bus interface references are held",
                  pnp->interface_references);
    pnp->interface_references = 0;
    nk_device_delete(pnp->pdo);
    pnp->pdo = NULL;
    nk_pci_msix_disable(pnp->pci);
    nk_pci_enable(pnp->pci);
}

enum { POWER_SYSTEM, POWER_DEVICE };

static void power_request(UCHAR minor, ULONG type, ULONG state)
{
    struct sync_request r;
    IRP *irp = make_irp(&r, IRP_MJ_POWER, minor);
    IO_STACK_LOCATION *location = nk_irp_first(irp);
    NTSTATUS status;

    location->Parameters.Power.Type = type;
    location->Parameters.Power.State = state;
    status = send_and_wait(irp, &r, "a power");
    NK_EXPECT(NT_SUCCESS(status), "power request %u to %c%u ends with %08x", minor,
              type == POWER_DEVICE ? 'D' : 'S', state - 1, status);
}

void nk_pnp_power(ULONG state)
{
    power_request(IRP_MN_QUERY_POWER, POWER_DEVICE, state);
    power_request(IRP_MN_SET_POWER, POWER_DEVICE, state);
    NK_EXPECT(pnp->power == state, "the bus driver did not see the change to D%u", state - 1);
}

void nk_pnp_system_power(ULONG state)
{
    const unsigned questions = pnp->device_questions;

    power_request(IRP_MN_QUERY_POWER, POWER_SYSTEM, state);
    NK_EXPECT(pnp->device_questions == questions + 1,
              "the stack was asked %u times for the device state of S%u",
              pnp->device_questions - questions, state - 1);
    power_request(IRP_MN_SET_POWER, POWER_SYSTEM, state);
    NK_EXPECT((pnp->power == 1) == (state == 1), "in S%u the device is in D%u", state - 1,
              pnp->power - 1);
}

/* Reads and writes. */

static NTSTATUS file_request(FILE_OBJECT *file, UCHAR major)
{
    struct sync_request r;
    IRP *irp = make_irp_to(file->DeviceObject, &r, major, 0);

    nk_irp_first(irp)->FileObject = file;
    irp->OriginalFileObject = file;
    return send_and_wait(irp, &r, "a create, cleanup or close");
}

NTSTATUS nk_io_open(FILE_OBJECT *file)
{
    nk_memset(file, 0, sizeof(*file));
    file->Type = 5;
    file->Size = sizeof(*file);
    file->DeviceObject = pnp->pdo;
    return file_request(file, IRP_MJ_CREATE);
}

void nk_io_cleanup(FILE_OBJECT *file)
{
    NTSTATUS status = file_request(file, IRP_MJ_CLEANUP);

    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CLEANUP ends with %08x", status);
}

void nk_io_release(FILE_OBJECT *file)
{
    NTSTATUS status = file_request(file, IRP_MJ_CLOSE);

    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CLOSE ends with %08x", status);
}

void nk_io_close(FILE_OBJECT *file)
{
    nk_io_cleanup(file);
    nk_io_release(file);
}

static void transfer_done(IRP *irp, void *context)
{
    struct nk_io *io = context;

    io->status = irp->IoStatus.Status;
    io->information = irp->IoStatus.Information;
    NK_EXPECT(io->information <= io->length, "a transfer of %u bytes returns %llu", io->length,
              io->information);
    if (io->system_buffer) {
        if (!io->write)
            nk_memcpy(io->buffer, io->system_buffer, io->information);
        nk_pool_free(io->system_buffer, TAG_PNP);
    }
    io->irp = NULL;
    nk_event_set(&io->finished);
}

static NTSTATUS transfer(struct nk_io *io, FILE_OBJECT *file, void *buffer, ULONG length,
                         bool write)
{
    DEVICE_OBJECT *top = nk_device_top(file->DeviceObject);
    IO_STACK_LOCATION *location;
    IRP *irp = nk_irp_create(top, transfer_done, io);

    *io = (struct nk_io){
        .file = file, .buffer = buffer, .length = length, .irp = irp, .write = write};
    nk_event_init(&io->finished, false, false);
    irp->OriginalFileObject = file;
    if (top->Flags & DO_DIRECT_IO && length) {
        irp->MdlAddress = nk_mdl_create(buffer, length);
    } else if (top->Flags & DO_BUFFERED_IO && length) {
        io->system_buffer = nk_pool_own(length, TAG_PNP, false);
        irp->SystemBuffer = io->system_buffer;
        if (write)
            nk_memcpy(io->system_buffer, buffer, length);
    }
    irp->UserBuffer = buffer;
    location = nk_irp_first(irp);
    location->MajorFunction = write ? IRP_MJ_WRITE : IRP_MJ_READ;
    location->FileObject = file;
    location->Parameters.Read.Length = length;
    return nk_irp_send(top, irp);
}

NTSTATUS nk_io_read(struct nk_io *io, FILE_OBJECT *file, void *buffer, ULONG length)
{
    return transfer(io, file, buffer, length, false);
}

NTSTATUS nk_io_write(struct nk_io *io, FILE_OBJECT *file, void *buffer, ULONG length)
{
    return transfer(io, file, buffer, length, true);
}

NTSTATUS nk_io_wait(struct nk_io *io)
{
    if (nk_wait(&io->finished.Header, WAIT_MS * 10000ull) != STATUS_SUCCESS)
        nk_report("hang", "a %s of %u bytes has not completed in %u ms",
                  io->write ? "write" : "read", io->length, WAIT_MS);
    return io->status;
}

bool nk_io_cancel(struct nk_io *io)
{
    return nk_irp_cancel(&io->irp);
}

/* Power requests by the driver. */

struct driver_power {
    REQUEST_POWER_COMPLETE *routine;
    PVOID context;
    UCHAR minor;
    ULONG64 state;
    DEVICE_OBJECT *device;
};

static void driver_power_done(IRP *irp, void *context)
{
    struct driver_power *p = context;

    if (p->routine)
        NK_CALL_VOID("power completion",
                     p->routine(p->device, p->minor, p->state, p->context, &irp->IoStatus));
    nk_pool_free(p, TAG_PNP);
}

NTSTATUS nk_power_request(DEVICE_OBJECT *device, UCHAR minor, ULONG64 state,
                          REQUEST_POWER_COMPLETE *routine, PVOID context, IRP **out)
{
    struct driver_power *p;
    IO_STACK_LOCATION *location;
    IRP *irp;

    if (nk_scarce())
        return STATUS_INSUFFICIENT_RESOURCES;
    p = nk_pool_own(sizeof(*p), TAG_PNP, false);
    irp = nk_irp_create(nk_device_top(device), driver_power_done, p);
    location = nk_irp_first(irp);
    *p = (struct driver_power){routine, context, minor, (ULONG)state, device};
    location->MajorFunction = IRP_MJ_POWER;
    location->MinorFunction = minor;
    location->Parameters.Power.Type = 1;
    location->Parameters.Power.State = (ULONG)state;
    if (out)
        *out = irp;
    nk_irp_send(nk_device_top(device), irp);
    return STATUS_PENDING;
}

static ULONG64 PoSetPowerState(DEVICE_OBJECT *device, ULONG type, ULONG64 state)
{
    return 1;
}

static const struct nk_export pnp_entries[] = {
    NK_EXPORT_AS(PoRequestPowerIrp, nk_power_request, DISPATCH_LEVEL),
    NK_EXPORT(PoSetPowerState, DISPATCH_LEVEL),
};
NK_EXPORT_TABLE(nk_pnp_exports, "ntoskrnl.exe", pnp_entries);
