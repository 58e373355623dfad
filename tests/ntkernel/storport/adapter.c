/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The adapter's life: configuration, interrupts, initialization, control, removal. */
#include "storport/port.h"
#include "ntos/ex.h"
#include "ntos/mm.h"

#define PCI_BUS         5
#define UNINITIALIZED   (~0u)
#define DMA64_SUPPORTED 0x80
#define LATCHED         1

static struct sp_adapter adapters[SP_ADAPTERS], dump_adapter = {.dump = true};

struct sp_adapter *sp_adapter_the(void)
{
    return &adapters[0];
}

struct sp_adapter *sp_adapter_second(void)
{
    return &adapters[1];
}

struct sp_adapter *sp_adapter_dump(void)
{
    return &dump_adapter;
}

struct sp_adapter *sp_adapter_of(const void *extension)
{
    unsigned n;

    for (n = 0; n < SP_ADAPTERS && extension; n++) {
        if (extension == adapters[n].extension)
            return &adapters[n];
    }
    if (!extension || extension != dump_adapter.extension)
        nk_report("argument", "%p is no device extension", extension);
    return &dump_adapter;
}

/* When a dump is written, nothing else runs. */

KIRQL sp_interrupt_lock(struct sp_adapter *a)
{
    return a->dump ? nk_irql_raise(a->irql) : nk_lock_raise(&a->interrupt_lock, a->irql);
}

void sp_interrupt_unlock(struct sp_adapter *a, KIRQL former)
{
    if (a->dump)
        nk_irql_lower(former);
    else
        nk_lock_lower(&a->interrupt_lock, former);
}

static bool half_duplex(const struct sp_adapter *a)
{
    return a->dump || !a->config.SynchronizationModel;
}

KIRQL sp_start_io_lock(struct sp_adapter *a)
{
    return half_duplex(a) ? sp_interrupt_lock(a) : nk_lock_raise(&a->start_io_lock, DISPATCH_LEVEL);
}

void sp_start_io_unlock(struct sp_adapter *a, KIRQL former)
{
    if (half_duplex(a))
        sp_interrupt_unlock(a, former);
    else
        nk_lock_lower(&a->start_io_lock, former);
}

/* Interrupts. */

static void on_message(void *context)
{
    struct sp_message *m = context;
    struct sp_adapter *a = m->adapter;
    bool alone = a->config.InterruptSynchronizationMode == 2;
    KIRQL former = 0;

    __atomic_add_fetch(&a->interrupts, 1, __ATOMIC_RELAXED);
    if (alone)
        nk_lock_acquire(&m->lock);
    else
        former = sp_interrupt_lock(a);
    NK_CALL("HwMSInterruptRoutine", a->config.HwMSInterruptRoutine(a->extension, m->index));
    if (alone)
        nk_lock_release(&m->lock);
    else
        sp_interrupt_unlock(a, former);
}

static void on_line(void *context)
{
    struct sp_adapter *a = context;
    KIRQL former = sp_interrupt_lock(a);
    BOOLEAN ours = NK_CALL("HwInterrupt", a->hw.HwInterrupt(a->extension));

    a->interrupts += ours;
    sp_interrupt_unlock(a, former);
}

static void early_interrupt(void *context)
{
    nk_report("interrupt", "the device interrupts before its interrupts are connected");
}

/* Windows programs MSI-X before HwFindAdapter: the miniport reads the enable bit there. */
static void assign_interrupts(struct sp_adapter *a)
{
    UCHAR vectors[SP_MESSAGES];
    unsigned n, count = a->pci->msix_vectors < SP_MESSAGES ? a->pci->msix_vectors : SP_MESSAGES;

    if (nk_option("msix", 1) && a->pci->msix) {
        a->message_count = count;
        for (n = 0; n < count; n++) {
            vectors[n] = nk_vector_alloc();
            nk_vector_set(vectors[n], early_interrupt, NULL);
            a->message[n] = (struct sp_message){.adapter = a, .index = n, .vector = vectors[n]};
        }
        nk_pci_msix_enable(a->pci, vectors, count);
        a->irql = vectors[count - 1] >> 4;
        return;
    }
    a->line_vector = nk_vector_alloc();
    a->irql = a->line_vector >> 4;
    nk_vector_set(a->line_vector, early_interrupt, NULL);
}

static void connect_interrupts(struct sp_adapter *a)
{
    unsigned n;

    a->messages_used = a->message_count && a->config.HwMSInterruptRoutine;
    if (a->message_count && !a->messages_used)
        nk_report("check", "the adapter has MSI-X but the miniport no HwMSInterruptRoutine");
    if (a->messages_used) {
        for (n = 0; n < a->message_count; n++)
            nk_vector_set(a->message[n].vector, on_message, &a->message[n]);
        return;
    }
    nk_vector_set(a->line_vector, on_line, a);
    nk_ioapic_connect(a->pci->line, a->line_vector);
}

static void disconnect_interrupts(struct sp_adapter *a)
{
    unsigned n;

    if (!a->messages_used) {
        nk_ioapic_disconnect(a->pci->line);
        nk_vector_close(a->line_vector);
    }
    nk_pci_msix_disable(a->pci);
    for (n = 0; n < a->message_count; n++)
        nk_vector_close(a->message[n].vector);
}

/* Start. */

static void fill_config(struct sp_adapter *a)
{
    PORT_CONFIGURATION_INFORMATION *c = &a->config;
    unsigned n;

    nk_memset(c, 0, sizeof(*c));
    c->Length = sizeof(*c);
    c->SystemIoBusNumber = a->pci->bus;
    c->AdapterInterfaceType = PCI_BUS;
    c->BusInterruptLevel = a->irql;
    c->BusInterruptVector = a->message_count ? a->message[0].vector : a->line_vector;
    c->InterruptMode = a->message_count ? LATCHED : 0;
    c->MaximumTransferLength = UNINITIALIZED;
    c->NumberOfPhysicalBreaks = UNINITIALIZED;
    c->DmaChannel = c->DmaPort = UNINITIALIZED;
    c->NumberOfAccessRanges = a->hw.NumberOfAccessRanges < 6 ? a->hw.NumberOfAccessRanges : 6;
    c->AccessRanges = a->ranges;
    for (n = 0; n < 6; n++) {
        const struct nk_bar *bar = &a->pci->bar[n];

        a->ranges[n] = (ACCESS_RANGE){.RangeStart.QuadPart = (LONG64)bar->address,
                                      .RangeLength = (ULONG)bar->size,
                                      .RangeInMemory = bar->size && bar->memory};
    }
    c->DumpMode = a->dump;
    c->Dma32BitAddresses = 1;
    c->Dma64BitAddresses = DMA64_SUPPORTED;
    c->MapBuffers = a->hw.MapBuffers;
    c->NeedPhysicalAddresses = a->hw.NeedPhysicalAddresses;
    c->TaggedQueuing = a->hw.TaggedQueuing;
    c->AutoRequestSense = a->hw.AutoRequestSense;
    c->MultipleRequestPerLu = a->hw.MultipleRequestPerLu;
    c->SlotNumber = (ULONG)(a->pci->device | a->pci->function << 5);
    c->DeviceExtensionSize = a->hw.DeviceExtensionSize;
    c->SpecificLuExtensionSize = a->hw.SpecificLuExtensionSize;
    c->SrbExtensionSize = a->hw.SrbExtensionSize;
    c->MaximumNumberOfTargets = 128;
    c->MaximumNumberOfLogicalUnits = 8;
}

static void check_config(const struct sp_adapter *a)
{
    const PORT_CONFIGURATION_INFORMATION *c = &a->config;

    NK_EXPECT(c->NumberOfBuses == 1, "the miniport reports %u buses", c->NumberOfBuses);
    NK_EXPECT(c->MaximumNumberOfTargets && c->MaximumNumberOfTargets <= 255,
              "the miniport reports %u targets", c->MaximumNumberOfTargets);
    NK_EXPECT((c->AlignmentMask & (c->AlignmentMask + 1)) == 0, "AlignmentMask is %x",
              c->AlignmentMask);
    NK_EXPECT(c->MaximumTransferLength >= (a->dump ? 4096 : 65536),
              "MaximumTransferLength is only %u", c->MaximumTransferLength);
    NK_EXPECT(c->NumberOfPhysicalBreaks >= (a->dump ? 1 : 16), "NumberOfPhysicalBreaks is only %u",
              c->NumberOfPhysicalBreaks);
    NK_EXPECT(c->ScatterGather && c->Master, "the miniport does not claim scatter-gather DMA");
}

static bool initialize(struct sp_adapter *a)
{
    KIRQL former = nk_irql_raise(a->irql);
    BOOLEAN good;

    a->in_initialize = true;
    good = NK_CALL("HwInitialize", a->hw.HwInitialize(a->extension));
    a->in_initialize = false;
    nk_irql_lower(former);
    if (good && a->passive_initialize) {
        a->in_passive_initialize = true;
        good = NK_CALL("passive initialization", a->passive_initialize(a->extension));
        a->in_passive_initialize = false;
    }
    return good;
}

static bool find(struct sp_adapter *a, const char *arguments)
{
    BOOLEAN again = 0;

    fill_config(a);
    a->in_find_adapter = true;
    a->found = NK_CALL("HwFindAdapter", a->hw.HwFindAdapter(a->extension, NULL, NULL, arguments,
                                                            &a->config, &again)) == SP_RETURN_FOUND;
    a->in_find_adapter = false;
    if (a->found)
        check_config(a);
    return a->found;
}

static void make_extension(struct sp_adapter *a, struct nk_pci *pci)
{
    NK_EXPECT(a->hw.HwInitializationDataSize, "the driver did not call StorPortInitialize");
    a->pci = pci;
    a->extension = nk_pool_zero(a->hw.DeviceExtensionSize, 0x74726F50);
}

void sp_adapter_start_dump(struct sp_adapter *a, struct nk_pci *pci)
{
    a->irql = HIGH_LEVEL;
    make_extension(a, pci);
    NK_EXPECT(find(a, "dump=1"), "HwFindAdapter does not find the adapter for dump");
    sp_requests_init(a);
    NK_EXPECT(initialize(a), "HwInitialize failed for dump");
    nk_counter("dump.uncached bytes", a->uncached_size);
}

bool sp_adapter_try_start(struct sp_adapter *a, struct nk_pci *pci)
{
    make_extension(a, pci);
    assign_interrupts(a);
    if (!find(a, ""))
        return false;
    sp_requests_init(a);
    connect_interrupts(a);
    a->initialized = initialize(a);
    return a->initialized;
}

void sp_adapter_start(struct sp_adapter *a, struct nk_pci *pci)
{
    bool started = sp_adapter_try_start(a, pci);

    NK_EXPECT(a->found, "HwFindAdapter does not find the adapter");
    NK_EXPECT(started, "HwInitialize or passive initialization failed");
}

/* Control. */

bool sp_adapter_control(struct sp_adapter *a, ULONG type)
{
    SCSI_SUPPORTED_CONTROL_TYPE_LIST list = {.MaxControlType = SCSI_CONTROL_TYPES};
    ULONG result;
    KIRQL former;

    NK_EXPECT(a->hw.HwAdapterControl, "the miniport has no HwAdapterControl");
    result =
        NK_CALL("HwAdapterControl query",
                a->hw.HwAdapterControl(a->extension, SCSI_QUERY_SUPPORTED_CONTROL_TYPES, &list));
    NK_EXPECT(result == 0, "the query of supported controls returns %u", result);
    if (!list.SupportedTypeList[type])
        return false;
    former = nk_irql_raise(a->irql);
    a->in_initialize = type == SCSI_RESTART_ADAPTER; /* miniports initialize again in it */
    if (type == SCSI_STOP_ADAPTER)
        result = NK_CALL("HwAdapterControl stop", a->hw.HwAdapterControl(a->extension, type, NULL));
    else
        result =
            NK_CALL("HwAdapterControl restart", a->hw.HwAdapterControl(a->extension, type, NULL));
    a->in_initialize = false;
    nk_irql_lower(former);
    NK_EXPECT(result == 0, "HwAdapterControl %u returns %u", type, result);
    a->stopped = type == SCSI_STOP_ADAPTER;
    return true;
}

void sp_adapter_reset(struct sp_adapter *a)
{
    KIRQL former = sp_start_io_lock(a);
    BOOLEAN good = NK_CALL("HwResetBus", a->hw.HwResetBus(a->extension, 0));

    sp_start_io_unlock(a, former);
    NK_EXPECT(good, "HwResetBus failed");
}

void sp_adapter_remove(struct sp_adapter *a)
{
    HW_INITIALIZATION_DATA hw;

    if (a->initialized && !a->stopped)
        sp_adapter_control(a, SCSI_STOP_ADAPTER);
    NK_EXPECT(!a->outstanding, "%u requests are outstanding at removal", a->outstanding);
    if (a->found && a->hw.HwInitializationDataSize > HW_INITIALIZATION_SIZE_WIN7 &&
        a->hw.HwFreeAdapterResources)
        NK_CALL_VOID("HwFreeAdapterResources", a->hw.HwFreeAdapterResources(a->extension));
    disconnect_interrupts(a);
    if (a->timer_made)
        nk_timer_cancel(&a->timer);
    nk_dpcs_flush();
    if (a->found)
        sp_requests_free(a);
    if (a->uncached)
        nk_contiguous_free(a->uncached);
    nk_pool_free(a->extension, 0);
    hw = a->hw; /* the driver's, for the next adapter */
    nk_memset(a, 0, sizeof(*a));
    a->hw = hw;
}
