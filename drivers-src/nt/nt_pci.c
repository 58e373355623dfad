// SPDX-License-Identifier: BSD-3-Clause

#include "nt/nt_pci.h"

static const GUID bus_interface_guid = {
    0x496b8280, 0x6f25, 0x11d0, {0xbe, 0xaf, 0x08, 0x00, 0x2b, 0xe2, 0x09, 0x2f}};

// Asks the bus driver for its standard interface (IRP_MN_QUERY_INTERFACE).
KDK_PAGED static NTSTATUS query_bus_interface(DEVICE_OBJECT *lower, BUS_INTERFACE_STANDARD *bus)
{
    IO_STATUS_BLOCK result;
    IO_STACK_LOCATION *stack;
    NTSTATUS status;
    KEVENT done;
    IRP *irp;

    PAGED_CODE();
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    irp = IoBuildSynchronousFsdRequest(IRP_MJ_PNP, lower, NULL, 0, NULL, &done, &result);
    if (irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    stack = IoGetNextIrpStackLocation(irp);
    stack->MinorFunction = IRP_MN_QUERY_INTERFACE;
    stack->Parameters.QueryInterface.InterfaceType = &bus_interface_guid;
    stack->Parameters.QueryInterface.Size = sizeof(*bus);
    stack->Parameters.QueryInterface.Version = 1;
    stack->Parameters.QueryInterface.Interface = (PINTERFACE)bus;
    stack->Parameters.QueryInterface.InterfaceSpecificData = NULL;
    status = IoCallDriver(lower, irp);
    if (status == STATUS_PENDING) {
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
        status = result.Status;
    }
    return status;
}

KDK_PAGED NTSTATUS nt_pci_open(struct nt_pci *pci, DEVICE_OBJECT *lower, CM_RESOURCE_LIST *raw,
                               CM_RESOURCE_LIST *translated)
{
    PAGED_CODE();
    RtlZeroMemory(pci, sizeof(*pci));
    if (raw == NULL || translated == NULL || raw->Count == 0 || translated->Count == 0)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    // A PCI function's resources are all on one bus: the first list has them.
    pci->raw = &raw->List[0].PartialResourceList;
    pci->translated = &translated->List[0].PartialResourceList;
    if (pci->raw->Count != pci->translated->Count)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    return query_bus_interface(lower, &pci->bus);
}

KDK_PAGED static enum vio_status config_read(void *ctx, uint32_t offset, void *buffer, uint32_t len)
{
    struct nt_pci *pci = ctx;
    const ULONG got =
        pci->bus.GetBusData(pci->bus.Context, PCI_WHICHSPACE_CONFIG, buffer, offset, len);

    PAGED_CODE();
    return got == len ? VIO_OK : VIO_E_ACCESS;
}

// The raw list holds bus addresses, as the BAR does; the translated one, in the same order, what
// the processor uses.
KDK_PAGED static enum vio_status bar_map(void *ctx, const struct vpci_bar *bar,
                                         struct vio_region *region)
{
    const UCHAR type = bar->is_port ? CmResourceTypePort : CmResourceTypeMemory;
    struct nt_pci *pci = ctx;
    struct nt_bar *slot = &pci->bars[bar->index];

    PAGED_CODE();
    for (ULONG i = 0; i < pci->raw->Count; i++) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *r = &pci->raw->PartialDescriptors[i];
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *t = &pci->translated->PartialDescriptors[i];

        // Ports and memory have their start and length in the same place.
        if (r->Type != type || (ULONGLONG)r->u.Generic.Start.QuadPart != bar->address)
            continue;
        region->length = t->u.Generic.Length;
        region->is_port = t->Type == CmResourceTypePort;
        if (region->is_port) {
            region->base = (uintptr_t)t->u.Generic.Start.QuadPart;
            return VIO_OK;
        }
        slot->va =
            MmMapIoSpaceEx(t->u.Generic.Start, t->u.Generic.Length, PAGE_READWRITE | PAGE_NOCACHE);
        if (slot->va == NULL)
            return VIO_E_ACCESS;
        slot->length = t->u.Generic.Length;
        region->base = (uintptr_t)slot->va;
        return VIO_OK;
    }
    return VIO_E_ACCESS;
}

KDK_PAGED void nt_pci_bus(struct nt_pci *pci, struct vpci_bus *bus)
{
    PAGED_CODE();
    bus->config_read = config_read;
    bus->bar_map = bar_map;
    bus->ctx = pci;
}

KDK_PAGED void nt_pci_close(struct nt_pci *pci)
{
    PAGED_CODE();
    for (ULONG i = 0; i < VPCI_BAR_COUNT; i++) {
        if (pci->bars[i].va != NULL)
            MmUnmapIoSpace(pci->bars[i].va, pci->bars[i].length);
        pci->bars[i].va = NULL;
    }
    if (pci->bus.InterfaceDereference != NULL)
        pci->bus.InterfaceDereference(pci->bus.Context);
    RtlZeroMemory(&pci->bus, sizeof(pci->bus));
}
