// SPDX-License-Identifier: BSD-3-Clause
//
// A PCI function's resources as Plug and Play hands them to a WDM driver: configuration space and
// base address registers.

#ifndef NT_PCI_H
#define NT_PCI_H

#include "nt/nt_log.h"
#include "virtio/vpci.h"

struct nt_bar {
    PVOID va; // from MmMapIoSpaceEx, or NULL
    SIZE_T length;
};

struct nt_pci {
    BUS_INTERFACE_STANDARD bus;
    CM_PARTIAL_RESOURCE_LIST *raw;        // valid within nt_pci_open and vpci_probe only
    CM_PARTIAL_RESOURCE_LIST *translated; // the same
    struct nt_bar bars[VPCI_BAR_COUNT];
};

// Gets the bus driver's interface and notes the resources of an IRP_MN_START_DEVICE, which
// `raw` and `translated` must be from. `lower` is the next device of the stack.
// STATUS_DEVICE_CONFIGURATION_ERROR: no resources, or lists that do not match; else what the bus
// driver answers. To be undone by nt_pci_close(). PASSIVE_LEVEL.
NTSTATUS nt_pci_open(struct nt_pci *pci, DEVICE_OBJECT *lower, CM_RESOURCE_LIST *raw,
                     CM_RESOURCE_LIST *translated);

// Fills the table by which vpci_probe() reads configuration space and maps BARs. PASSIVE_LEVEL,
// as for its entries.
void nt_pci_bus(struct nt_pci *pci, struct vpci_bus *bus);

// Unmaps all BARs and gives the bus interface back. Does nothing the second time. PASSIVE_LEVEL.
void nt_pci_close(struct nt_pci *pci);

#endif
