// SPDX-License-Identifier: BSD-3-Clause
//
// HwFindAdapter: from PCI resources to a described adapter with memory.

#include "vb.h"

struct probe {
    struct vb_adapter *adapter;
    PPORT_CONFIGURATION_INFORMATION config;
    uint8_t space[256]; // PCI configuration space
};

static enum vio_status config_read(void *ctx, uint32_t offset, void *buffer, uint32_t len)
{
    const struct probe *probe = ctx;

    if (offset > sizeof(probe->space) || len > sizeof(probe->space) - offset)
        return VIO_E_RANGE;
    RtlCopyMemory(buffer, probe->space + offset, len);
    return VIO_OK;
}

static enum vio_status bar_map(void *ctx, const struct vpci_bar *bar, struct vio_region *region)
{
    const struct probe *probe = ctx;
    PPORT_CONFIGURATION_INFORMATION config = probe->config;

#if defined(__aarch64__)
    if (bar->is_port)
        return VIO_E_ACCESS; // see the register functions in vb_os.c
#endif
    for (ULONG i = 0; i < config->NumberOfAccessRanges && i < VPCI_BAR_COUNT; i++) {
        const ACCESS_RANGE *range = &(*config->AccessRanges)[i];
        PVOID base;

        if (range->RangeLength == 0 || (uint64_t)range->RangeStart.QuadPart != bar->address ||
            (range->RangeInMemory == 0) != bar->is_port)
            continue;
        base = StorPortGetDeviceBase(probe->adapter, config->AdapterInterfaceType,
                                     config->SystemIoBusNumber, range->RangeStart,
                                     range->RangeLength, !range->RangeInMemory);
        if (base == NULL)
            return VIO_E_ACCESS;
        region->base = (uintptr_t)base;
        region->length = range->RangeLength;
        region->is_port = bar->is_port;
        return VIO_OK;
    }
    return VIO_E_ACCESS;
}

// Finds the transport. Returns an SP_RETURN_* value.
static ULONG find_device(struct vb_adapter *adapter, struct probe *probe)
{
    struct vpci_bus bus = {.config_read = config_read, .bar_map = bar_map, .ctx = probe};

    if (StorPortGetBusData(adapter, PCIConfiguration, probe->config->SystemIoBusNumber,
                           probe->config->SlotNumber, probe->space,
                           sizeof(probe->space)) != sizeof(probe->space))
        return SP_RETURN_ERROR;
    if (vpci_probe(&adapter->pci_memory, &adapter->os, &bus, &adapter->pci) != VIO_OK)
        return SP_RETURN_ERROR;
    if (vpci_device_type(adapter->pci) != VB_DEVICE_TYPE) {
        vio_log(&adapter->os, VIO_LOG_ERROR, "not a block device", VIO_NO_QUEUE,
                vpci_device_type(adapter->pci), VB_DEVICE_TYPE);
        return SP_RETURN_NOT_FOUND;
    }
    adapter->dev = vdev_init(&adapter->dev_memory, &adapter->os, vpci_ops(adapter->pci),
                             vpci_transport(adapter->pci));
    return SP_RETURN_FOUND;
}

static void describe(const struct vb_adapter *adapter, PPORT_CONFIGURATION_INFORMATION config)
{
    const struct vblk_limits *limits = &adapter->limits;

    config->MaximumTransferLength = limits->transfer_bytes;
    config->NumberOfPhysicalBreaks = limits->pages;
    config->AlignmentMask = FILE_LONG_ALIGNMENT;
    config->NumberOfBuses = 1;
    config->MaximumNumberOfTargets = 1;
    config->MaximumNumberOfLogicalUnits = 1;
    config->ScatterGather = TRUE;
    config->Master = TRUE;
    config->Dma32BitAddresses = TRUE;
    config->Dma64BitAddresses = SCSI_DMA64_MINIPORT_FULL64BIT_SUPPORTED;
    config->MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    config->WmiDataProvider = FALSE;
    config->SynchronizationModel = StorSynchronizeFullDuplex;
    // Storport passes on cache flushes of the file systems only to adapters with a cache.
    config->CachesData = vb_get_disk(adapter)->can_flush;
    config->SrbExtensionSize = vb_request_bytes(limits->segments);
    if (config->Length >= sizeof(*config)) {
        config->MaxNumberOfIO = adapter->queue.size;
        config->MaxIOsPerLun = adapter->queue.size;
        config->InitialLunQueueDepth = adapter->queue.size;
        config->BusResetHoldTime = 0; // there is no bus that has to settle
    }
    // Whether the system gave the device messages shows in whether it has enabled them.
    if (vpci_msix_enabled(adapter->pci)) {
        config->HwMSInterruptRoutine = vb_interrupt_message;
        config->InterruptSynchronizationMode = InterruptSynchronizePerMessage;
    }
}

// Gets and divides the memory that is shared with the device: the ring, and what the serial number
// is asked for with.
static bool get_memory(struct vb_adapter *adapter, PPORT_CONFIGURATION_INFORMATION config)
{
    struct vb_queue *queue = &adapter->queue;
    uint64_t features = vdev_features(adapter->dev);
    size_t align = vq_ring_align(features);
    ULONG ring_bytes = (ULONG)vq_ring_bytes(queue->size, features);
    ULONG id_at = ring_bytes;
    ULONG bytes = id_at + vb_request_bytes(1) + VBLK_ID_BYTES + (ULONG)align;
    void *uncached;
    void *id;

    if (ring_bytes == 0)
        return false;
    // An adapter that is found a second time gets the memory that it has, in the size of then,
    // unless Storport took that back when it stopped the adapter.
    uncached = StorPortGetUncachedExtension(adapter, config, bytes);
    if (uncached != adapter->uncached) {
        adapter->uncached = uncached;
        adapter->uncached_bytes = bytes;
    }
    if (uncached == NULL || adapter->uncached_bytes < bytes)
        return false;

    queue->ring = vb_align(adapter->uncached, align);
    queue->ring_bytes = ring_bytes;
    if (!vb_device_address(adapter, queue->ring, ring_bytes, &queue->ring_pa) ||
        (queue->ring_pa & (align - 1)) != 0)
        return false;

    adapter->id_buffer = (uint8_t *)queue->ring + id_at;
    if (!vb_device_address(adapter, adapter->id_buffer, VBLK_ID_BYTES, &adapter->id_buffer_pa))
        return false;
    id = adapter->id_buffer + VBLK_ID_BYTES;
    adapter->id_request = vb_request_make(adapter, id, 1, VBLK_GET_ID);

    queue->priv = vb_align(adapter + 1, 16);
    queue->priv_bytes = vdev_queue_private_bytes(adapter->dev, queue->size);
    return adapter->id_request != NULL && queue->priv_bytes != 0;
}

// Whether the queue's private memory fits into what DriverEntry reserved.
static bool private_fits(const struct vb_adapter *adapter)
{
    uint64_t features = vdev_features(adapter->dev);
    size_t reserved = vq_private_bytes(VB_RING_MAX, features) + VB_PRIVATE_EXTRA;

    return vdev_queue_private_bytes(adapter->dev, adapter->queue.size) + 16 <= reserved;
}

ULONG NTAPI vb_find_adapter(PVOID extension, PVOID context, PVOID bus, PCHAR arguments,
                            PPORT_CONFIGURATION_INFORMATION config, PBOOLEAN again)
{
    struct vb_adapter *adapter = extension;
    void *uncached = adapter->uncached;
    uint32_t uncached_bytes = adapter->uncached_bytes;
    struct probe probe = {.adapter = adapter, .config = config};
    ULONG found;

    (void)context;
    (void)bus;
    (void)arguments;
    *again = FALSE;
    // What lies behind, describe() writes only if it is there.
    if (config->Length < FIELD_OFFSET(PORT_CONFIGURATION_INFORMATION, DumpRegion))
        return SP_RETURN_BAD_CONFIG;

    // After a change of resources all is found anew; of the memory its size must be remembered.
    RtlZeroMemory(adapter, sizeof(*adapter));
    adapter->uncached = uncached;
    adapter->uncached_bytes = uncached_bytes;
    vb_os_init(adapter);
    found = find_device(adapter, &probe);
    if (found != SP_RETURN_FOUND)
        return found;

    if (vb_device_negotiate(adapter, &adapter->limits, &adapter->disks[0], &adapter->queue.size) !=
        VIO_OK) {
        vdev_fail(adapter->dev);
        return SP_RETURN_ERROR;
    }
    describe(adapter, config);
    if (!private_fits(adapter) || !get_memory(adapter, config)) {
        vio_log(&adapter->os, VIO_LOG_ERROR, "no memory for the queue", 0, adapter->queue.size,
                VB_RING_MAX);
        vdev_fail(adapter->dev);
        return SP_RETURN_ERROR;
    }
    // Quiet until HwInitialize; a device that does not come to rest is not started.
    if (vdev_reset(adapter->dev) != VIO_OK)
        return SP_RETURN_ERROR;
    return SP_RETURN_FOUND;
}
