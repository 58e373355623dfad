/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "tests/storport/port.h"

/* Registers: each memory BAR has an address range of its own, the ports of BAR 0 lie at one. */
enum { BAR_SHIFT = 28, PORT_BASE = 0xc000 };

/* Says that InternalStatus (SystemStatus) holds the result: for Storport itself, no miniport's. */
enum { SRB_STATUS_INTERNAL_ERROR = 0x30 };

/* Storport's services do not all say for which driver object they are called. */
static struct port *the_port;

extern DRIVER_INITIALIZE DriverEntry;

/* ---- registers and memory ---- */

uint32_t host_register_read(uintptr_t address, unsigned width)
{
    if (address < 0x10000)
        return sdev_pci_read(the_port->pci, 0, address - PORT_BASE, width);
    return sdev_pci_read(the_port->pci, (unsigned)(address >> BAR_SHIFT) - 1,
                         address & ((1u << BAR_SHIFT) - 1), width);
}

void host_register_write(uintptr_t address, unsigned width, uint32_t value)
{
    if (address < 0x10000)
        sdev_pci_write(the_port->pci, 0, address - PORT_BASE, width, value);
    else
        sdev_pci_write(the_port->pci, (unsigned)(address >> BAR_SHIFT) - 1,
                       address & ((1u << BAR_SHIFT) - 1), width, value);
}

ULONG DbgPrintEx(ULONG component, ULONG level, const char *format, ...)
{
    (void)component;
    (void)level;
    (void)format;
    return 0;
}

/* Memory for driver and device: filled with rubbish, a canary behind it. */
static struct port_memory *memory_new(struct port *port, uint32_t bytes, size_t align)
{
    for (size_t i = 0; i < PORT_ALLOCATIONS; i++) {
        struct port_memory *memory = &port->memory[i];

        if (memory->host != NULL)
            continue;
        memory->host = sdev_mem_alloc(port->dev->mem, bytes + PORT_CANARY, align, &memory->gpa);
        assert_non_null(memory->host);
        memory->bytes = bytes;
        memset(memory->host, 0xcc, bytes);
        memset(memory->host + bytes, 0xa5, PORT_CANARY);
        return memory;
    }
    fail_msg("too many allocations");
    return NULL;
}

static void memory_check(const struct port_memory *memory)
{
    for (size_t i = 0; i < PORT_CANARY; i++)
        assert_int_equal(memory->host[memory->bytes + i], 0xa5);
}

static struct port_memory *memory_of(struct port *port, const void *va)
{
    const uint8_t *at = va;

    for (size_t i = 0; i < PORT_ALLOCATIONS; i++) {
        struct port_memory *memory = &port->memory[i];

        if (memory->host != NULL && at >= memory->host && at < memory->host + memory->bytes)
            return memory;
    }
    return NULL;
}

static void memory_free(struct port *port, void *va)
{
    struct port_memory *memory = memory_of(port, va);

    assert_non_null(memory);
    memory_check(memory);
    sdev_mem_release(port->dev->mem, memory->gpa);
    memory->host = NULL;
}

/* ---- services ---- */

ULONG StorPortInitialize(PVOID argument1, PVOID argument2, HW_INITIALIZATION_DATA *data,
                         PVOID context)
{
    (void)argument1;
    (void)argument2;
    (void)context;
    the_port->data = *data;
    return 0;
}

ULONG StorPortGetBusData(PVOID extension, ULONG type, ULONG bus, ULONG slot, PVOID buffer,
                         ULONG length)
{
    assert_ptr_equal(extension, the_port->extension);
    assert_int_equal(type, PCIConfiguration);
    (void)bus;
    (void)slot;
    sdev_pci_cfg_read(the_port->pci, 0, buffer, length);
    return length;
}

PVOID StorPortGetDeviceBase(PVOID extension, INTERFACE_TYPE type, ULONG bus,
                            STOR_PHYSICAL_ADDRESS address, ULONG bytes, BOOLEAN in_io)
{
    (void)extension;
    (void)type;
    (void)bus;
    for (size_t i = 0; i < SDEV_PCI_BARS; i++) {
        const ACCESS_RANGE *range = &the_port->ranges[i];

        if (range->RangeLength == 0 || range->RangeStart.QuadPart != address.QuadPart)
            continue;
        assert_int_equal(bytes, range->RangeLength);
        assert_int_equal(in_io, !range->RangeInMemory);
        return (PVOID)(in_io ? (uintptr_t)PORT_BASE : (uintptr_t)(i + 1) << BAR_SHIFT);
    }
    return NULL;
}

PVOID StorPortGetUncachedExtension(PVOID extension, PPORT_CONFIGURATION_INFORMATION config,
                                   ULONG bytes)
{
    (void)extension;
    assert_ptr_equal(config, &the_port->config);
    if (the_port->no_common_buffer)
        return NULL;
    if (the_port->uncached == NULL) /* not at a page's start, as Storport promises none */
        the_port->uncached = memory_new(the_port, bytes + 32, SDEV_PAGE)->host + 32;
    return the_port->uncached;
}

STOR_PHYSICAL_ADDRESS StorPortGetPhysicalAddress(PVOID extension, PSCSI_REQUEST_BLOCK srb, PVOID va,
                                                 ULONG *length)
{
    struct port_memory *memory = memory_of(the_port, va);
    uint32_t offset;

    (void)extension;
    (void)srb;
    assert_non_null(memory);
    offset = (uint32_t)((uint8_t *)va - memory->host);
    *length = memory->bytes - offset;
    if (the_port->scattered_extensions && offset < memory->bytes / 4 * 3)
        *length = memory->bytes / 4 * 3 - offset;
    if (the_port->torn_extensions)
        *length = 16;
    return (STOR_PHYSICAL_ADDRESS){.QuadPart = (int64_t)(memory->gpa + offset)};
}

/* The request that holds an SRB. */
static struct port_request *request_of(void *srb)
{
    return (struct port_request *)(void *)((uint8_t *)srb - offsetof(struct port_request, srb));
}

PSTOR_SCATTER_GATHER_LIST StorPortGetScatterGatherList(PVOID extension, PSCSI_REQUEST_BLOCK srb)
{
    struct port_request *request = request_of(srb);

    (void)extension;
    assert_false(the_port->locked); /* belongs into HwBuildIo */
    return request->data_length != 0 ? (PSTOR_SCATTER_GATHER_LIST)(void *)&request->sg : NULL;
}

VOID StorPortStallExecution(ULONG delay)
{
    assert_in_range(delay, 1, 1000);
    the_port->stalled_us += delay;
}

BOOLEAN StorPortBusy(PVOID extension, ULONG requests)
{
    (void)extension;
    (void)requests;
    the_port->busy_calls++;
    return TRUE;
}

BOOLEAN StorPortSetDeviceQueueDepth(PVOID extension, UCHAR path, UCHAR target, UCHAR lun,
                                    ULONG depth)
{
    (void)extension;
    assert_int_equal(path | target | lun, 0);
    assert_true(depth > 0);
    the_port->queue_depth = depth;
    return TRUE;
}

VOID StorPortLogError(PVOID extension, PSCSI_REQUEST_BLOCK srb, UCHAR path, UCHAR target, UCHAR lun,
                      ULONG code, ULONG id)
{
    (void)extension;
    (void)srb;
    (void)path;
    (void)target;
    (void)lun;
    (void)code;
    (void)id;
    the_port->logged_errors++;
}

ULONG StorPortExtendedFunction(STORPORT_FUNCTION_CODE code, PVOID extension, ...)
{
    MESSAGE_INTERRUPT_INFORMATION *info;
    va_list args;
    ULONG message;

    (void)extension;
    assert_int_equal(code, ExtFunctionGetMessageInterruptInformation);
    va_start(args, extension);
    message = va_arg(args, ULONG);
    info = va_arg(args, MESSAGE_INTERRUPT_INFORMATION *);
    va_end(args);
    if (message >= the_port->messages)
        return 0xc1000002;
    memset(info, 0, sizeof(*info));
    info->MessageId = message;
    return STOR_STATUS_SUCCESS;
}

static void complete(struct port_request *request)
{
    STORAGE_REQUEST_BLOCK *ex = &request->srb.extended;

    assert_false(request->done);
    assert_false(the_port->in_interrupt);
    request->done = true;
    request->status = request->srb.classic.SrbStatus;
    assert_int_not_equal(request->status, SRB_STATUS_PENDING);
    assert_int_not_equal(request->status, SRB_STATUS_INTERNAL_ERROR);
    if (request->is_extended) {
        SRBEX_DATA_SCSI_CDB16 *data =
            (SRBEX_DATA_SCSI_CDB16 *)(void *)(request->srb.bytes + ex->SrbExDataOffset[0]);

        request->scsi_status = data->ScsiStatus;
        request->sense_length = data->SenseInfoBufferLength;
    } else {
        request->scsi_status = request->srb.classic.ScsiStatus;
        request->sense_length = request->srb.classic.SenseInfoBufferLength;
    }
    the_port->outstanding--;
}

/* Storport writes 32 bits, which the driver has set to FALSE before: in a BOOLEAN's place they
 * would run over its neighbours. */
static void answer(LONG *place, bool yes)
{
    assert_int_equal((uintptr_t)place % sizeof(*place), 0);
    assert_int_equal(*place, FALSE);
    *place = yes;
}

VOID StorPortNotification(SCSI_NOTIFICATION_TYPE type, PVOID extension, ...)
{
    struct port *port = the_port;
    va_list args;

    assert_ptr_equal(extension, port->extension);
    va_start(args, extension);
    switch (type) {
    case RequestComplete:
        complete(request_of(va_arg(args, void *)));
        break;
    case EnablePassiveInitialization:
        port->passive = va_arg(args, PHW_PASSIVE_INITIALIZE_ROUTINE);
        answer(va_arg(args, LONG *), TRUE);
        break;
    case InitializeDpc:
        port->dpc = va_arg(args, PSTOR_DPC);
        port->dpc_routine = va_arg(args, PHW_DPC_ROUTINE);
        break;
    case IssueDpc:
        assert_ptr_equal(va_arg(args, PSTOR_DPC), port->dpc);
        (void)va_arg(args, PVOID);
        (void)va_arg(args, PVOID);
        answer(va_arg(args, LONG *), !port->dpc_queued);
        port->dpc_queued = true;
        break;
    case AcquireSpinLock:
        assert_int_equal(va_arg(args, STOR_SPINLOCK), StartIoLock);
        assert_null(va_arg(args, PVOID));
        assert_false(port->locked);
        assert_false(port->in_interrupt);
        port->locked = true;
        break;
    case ReleaseSpinLock:
        assert_true(port->locked);
        port->locked = false;
        break;
    default:
        fail_msg("notification 0x%x", (unsigned)type);
    }
    va_end(args);
}

/* ---- the adapter's life ---- */

static void interrupt(void *ctx, unsigned vector)
{
    struct port *port = ctx;

    if (!port->interrupts)
        return;
    assert_false(port->in_interrupt);
    port->in_interrupt = true;
    if (port->messages != 0) {
        assert_true(vector < port->messages);
        port->config.HwMSInterruptRoutine(port->extension, vector);
    } else {
        /* A line stays asserted until the driver has read the status register. */
        assert_true(port->data.HwInterrupt(port->extension));
        assert_false(port->data.HwInterrupt(port->extension));
    }
    port->in_interrupt = false;
}

static void ranges_fill(struct port *port)
{
    for (size_t i = 0; i < SDEV_PCI_BARS; i++) {
        const struct sdev_bar *bar = &port->pci->bar[i];
        uint64_t address = 0;

        if (bar->length == 0)
            continue;
        memcpy(&address, port->pci->cfg + 0x10 + 4 * i, bar->is_64 ? 8 : 4);
        address &= bar->is_port ? ~(uint64_t)3 : ~(uint64_t)15;
        port->ranges[i].RangeStart.QuadPart = (int64_t)address;
        port->ranges[i].RangeLength = (ULONG)bar->length;
        port->ranges[i].RangeInMemory = !bar->is_port;
    }
}

void port_up(struct port *port, const struct sdev_model *model, enum sdev_pci_kind kind,
             uint16_t vectors)
{
    static const uint8_t path[1];

    memset(port, 0, sizeof(*port));
    the_port = port;
    port->dev = sdev_dev_new(model, kind != SDEV_PCI_MODERN);
    assert_non_null(port->dev);
    port->pci = sdev_pci_new(port->dev, kind, vectors);
    assert_non_null(port->pci);
    port->dev->irq = interrupt;
    port->dev->irq_ctx = port;
    port->dev->run_on_kick = true;
    port->messages = vectors;
    ranges_fill(port);
    assert_int_equal(DriverEntry(NULL, (PUNICODE_STRING)(uintptr_t)path), 0);
    assert_int_equal(port->data.HwInitializationDataSize, sizeof(HW_INITIALIZATION_DATA));
    port->extension = calloc(1, port->data.DeviceExtensionSize);
    assert_non_null(port->extension);
}

void port_down(struct port *port)
{
    for (size_t i = 0; i < PORT_ALLOCATIONS; i++) {
        if (port->memory[i].host != NULL)
            memory_check(&port->memory[i]);
    }
    assert_string_equal(port->dev->faults.first, "");
    sdev_pci_free(port->pci);
    sdev_dev_free(port->dev);
    free(port->extension);
    the_port = NULL;
}

ULONG port_find(struct port *port)
{
    BOOLEAN again = TRUE;
    ULONG found;

    port->interrupts = false;
    port->config = (PORT_CONFIGURATION_INFORMATION){.Length = sizeof(port->config)};
    port->config.AdapterInterfaceType = PCIBus;
    port->config.MaximumTransferLength = SP_UNINITIALIZED_VALUE;
    port->config.NumberOfPhysicalBreaks = 17;
    port->config.NumberOfAccessRanges = SDEV_PCI_BARS;
    port->config.AccessRanges = (ACCESS_RANGE(*)[])(void *)&port->ranges;
    port->config.SrbExtensionSize = port->data.SrbExtensionSize;
    found = port->data.HwFindAdapter(port->extension, NULL, NULL, NULL, &port->config, &again);
    assert_false(again);
    return found;
}

bool port_start(struct port *port)
{
    port->interrupts = true;
    if (!port->data.HwInitialize(port->extension))
        return false;
    if (port->passive != NULL && !port->passive(port->extension))
        return false;
    port_run(port, false);
    return true;
}

void port_run(struct port *port, bool device)
{
    bool busy = true;

    /* Each round finishes requests or is the last. */
    for (unsigned i = 0; i < 100000 && busy; i++) {
        busy = device && sdev_dev_run(port->dev);
        if (!port->dpc_queued)
            continue;
        busy = true;
        port->dpc_queued = false;
        port->dpc_routine(port->dpc, port->extension, NULL, NULL);
        assert_false(port->locked);
    }
    assert_false(busy);
}

void port_submit(struct port *port, struct port_request *request)
{
    port->outstanding++;
    if (!port->data.HwBuildIo(port->extension, &request->srb.classic)) {
        assert_true(request->done);
        return;
    }
    assert_false(request->done);
    port->locked = true;
    assert_true(port->data.HwStartIo(port->extension, &request->srb.classic));
    port->locked = false;
}

bool port_reset_bus(struct port *port)
{
    bool done;

    port->locked = true;
    done = port->data.HwResetBus(port->extension, 0);
    port->locked = false;
    return done;
}

bool port_control(struct port *port, SCSI_ADAPTER_CONTROL_TYPE type, void *parameters)
{
    return port->data.HwAdapterControl(port->extension, type, parameters) ==
           ScsiAdapterControlSuccess;
}

/* ---- requests ---- */

enum { EX_ADDRESS = 0x90, EX_DATA = 0xa0 };

/* Cuts the data at page borders, as if its pages lay anywhere. */
static void scatter(struct port_request *request)
{
    uint32_t done = 0;

    while (done < request->data_length) {
        STOR_SCATTER_GATHER_ELEMENT *element = &request->sg.List[request->sg.NumberOfElements++];
        uint64_t at = request->data_gpa + done;
        uint32_t length = SDEV_PAGE - (uint32_t)(at % SDEV_PAGE);

        assert_true(request->sg.NumberOfElements <= PORT_SG_MAX);
        if (length > request->data_length - done)
            length = request->data_length - done;
        element->PhysicalAddress.QuadPart = (int64_t)at;
        element->Length = length;
        done += length;
    }
}

struct port_request *port_request_new(struct port *port, bool extended, uint32_t function,
                                      uint32_t data_length)
{
    struct port_request *request = calloc(1, sizeof(*request));
    STORAGE_REQUEST_BLOCK *ex;

    assert_non_null(request);
    request->is_extended = extended;
    request->data_length = data_length;
    /* Aligned to 8 only, to see the driver align what it needs aligned. */
    request->extension = memory_new(port, port->config.SrbExtensionSize + 8, 16)->host + 8;
    if (data_length != 0) {
        struct port_memory *memory = memory_new(port, data_length + 12, SDEV_PAGE);

        request->data = memory->host + 12;
        request->data_gpa = memory->gpa + 12;
        scatter(request);
    }
    if (!extended) {
        request->srb.classic.Length = sizeof(request->srb.classic);
        request->srb.classic.Function = (UCHAR)function;
        request->srb.classic.DataTransferLength = data_length;
        request->srb.classic.DataBuffer = request->data;
        request->srb.classic.SrbExtension = request->extension;
        request->srb.classic.SenseInfoBuffer = request->sense;
        request->srb.classic.SenseInfoBufferLength = 18;
        return request;
    }
    ex = &request->srb.extended;
    ex->Length = 8;
    ex->Function = SRB_FUNCTION_STORAGE_REQUEST_BLOCK;
    ex->Signature = SRB_SIGNATURE;
    ex->SrbLength = sizeof(request->srb);
    ex->SrbFunction = function;
    ex->DataTransferLength = data_length;
    ex->DataBuffer = request->data;
    ex->MiniportContext = request->extension;
    ex->AddressOffset = EX_ADDRESS;
    ex->NumSrbExData = 1;
    ex->SrbExDataOffset[0] = EX_DATA;
    port_request_address(request, 0, 0, 0);
    return request;
}

void port_take_back(struct port *port)
{
    memory_free(port, port->uncached);
    port->uncached = NULL;
}

void port_request_free(struct port *port, struct port_request *request)
{
    memory_free(port, request->extension);
    if (request->data != NULL)
        memory_free(port, request->data);
    free(request);
}

void port_request_cdb(struct port_request *request, const uint8_t *cdb, uint8_t length)
{
    if (request->is_extended) {
        SRBEX_DATA_SCSI_CDB16 *data =
            (SRBEX_DATA_SCSI_CDB16 *)(void *)(request->srb.bytes + EX_DATA);

        data->Type = SrbExDataTypeScsiCdb16;
        data->SenseInfoBuffer = request->sense;
        data->SenseInfoBufferLength = 18;
        data->CdbLength = length;
        memcpy(data->Cdb, cdb, length);
    } else {
        request->srb.classic.CdbLength = length;
        memcpy(request->srb.classic.Cdb, cdb, length);
    }
}

void port_request_pnp(struct port_request *request, STOR_PNP_ACTION action, bool for_adapter)
{
    ULONG flags = for_adapter ? SRB_PNP_FLAGS_ADAPTER_REQUEST : 0;

    if (request->is_extended) {
        SRBEX_DATA_PNP *data = (SRBEX_DATA_PNP *)(void *)(request->srb.bytes + EX_DATA);

        data->PnPAction = action;
        data->SrbPnPFlags = flags;
    } else {
        request->srb.classic_pnp.PnPAction = action;
        request->srb.classic_pnp.SrbPnPFlags = flags;
    }
}

void port_request_address(struct port_request *request, uint8_t path, uint8_t target, uint8_t lun)
{
    if (request->is_extended) {
        STOR_ADDR_BTL8 *address = (STOR_ADDR_BTL8 *)(void *)(request->srb.bytes + EX_ADDRESS);

        *address = (STOR_ADDR_BTL8){.Type = STOR_ADDRESS_TYPE_BTL8,
                                    .AddressLength = 4,
                                    .Path = path,
                                    .Target = target,
                                    .Lun = lun};
    } else {
        request->srb.classic.PathId = path;
        request->srb.classic.TargetId = target;
        request->srb.classic.Lun = lun;
    }
}

uint32_t port_request_length(const struct port_request *request)
{
    return request->is_extended ? request->srb.extended.DataTransferLength
                                : request->srb.classic.DataTransferLength;
}
