// SPDX-License-Identifier: BSD-3-Clause
//
// DriverEntry: what the driver is to Storport.

#include "vb.h"

DRIVER_INITIALIZE DriverEntry;

// Room for the largest queue's private memory, in either ring format.
static KDK_INIT ULONG private_bytes(void)
{
    size_t split = vq_private_bytes(VB_RING_MAX, 0);
    size_t packed =
        vq_private_bytes(VB_RING_MAX, VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_RING_PACKED));

    return (ULONG)(split > packed ? split : packed) + VB_PRIVATE_EXTRA;
}

KDK_INIT NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path)
{
    HW_INITIALIZATION_DATA data = {0};

    // Only the instance that writes dumps and hibernation files has no registry path.
    if (registry_path == NULL)
        return STATUS_NOT_SUPPORTED;

    data.HwInitializationDataSize = sizeof(data);
    data.AdapterInterfaceType = PCIBus;
    data.HwInitialize = vb_initialize;
    data.HwStartIo = vb_start_io;
    data.HwInterrupt = vb_interrupt;
    data.HwFindAdapter = vb_find_adapter;
    data.HwResetBus = vb_reset_bus;
    data.HwAdapterControl = vb_adapter_control;
    data.HwBuildIo = vb_build_io;
    data.DeviceExtensionSize = sizeof(struct vb_adapter) + private_bytes();
    data.SrbExtensionSize = vb_request_bytes(VBLK_SEGMENTS_MAX);
    data.NumberOfAccessRanges = VPCI_BAR_COUNT;
    data.MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    data.NeedPhysicalAddresses = TRUE;
    data.TaggedQueuing = TRUE;
    data.AutoRequestSense = TRUE;
    data.MultipleRequestPerLu = TRUE;
    data.SrbTypeFlags = SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    data.AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
    return (NTSTATUS)StorPortInitialize(driver, registry_path, &data, NULL);
}
