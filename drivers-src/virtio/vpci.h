// SPDX-License-Identifier: BSD-3-Clause
//
// virtio over PCI: finding out how a device is reached, modern or legacy (virtio 1.2, 4.1).
// vpci_probe() reads configuration space and maps BARs through the caller's table, then gives a
// transport for vdev_init(). Everything read is treated as hostile.

#ifndef VPCI_H
#define VPCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vio_os.h"
#include "vio_status.h"
#include "vtransport.h"

#define VPCI_VENDOR    0x1af4u
#define VPCI_BAR_COUNT 6u

// At most this many entries of the capability list are followed: 192 bytes of room after the
// header at 4 bytes each, so a list that is longer runs in a circle.
#define VPCI_CAPS_MAX 48u

// A base address register as the device states it.
struct vpci_bar {
    uint8_t index;    // 0 to 5
    bool is_port;     // I/O space
    bool is_64;       // takes the next register as its high half
    uint64_t address; // bus address; on Windows the raw resource's start
};

// What the driver gives for probing. `ctx` goes to both calls. They are used only within
// vpci_probe(), so they may need PASSIVE_LEVEL (StorPortGetBusData in HwFindAdapter, or
// IRP_MN_READ_CONFIG).
struct vpci_bus {
    // Reads exactly `len` bytes of configuration space at `offset` (offset + len <= 256).
    // VIO_OK, or VIO_E_ACCESS.
    enum vio_status (*config_read)(void *ctx, uint32_t offset, void *buffer, uint32_t len);
    // Finds and maps the resource that belongs to `bar` and fills `*region` with the whole of it;
    // asked once per BAR. The mapping stays the driver's to undo. VIO_OK, or VIO_E_ACCESS if the
    // system gave no such resource.
    enum vio_status (*bar_map)(void *ctx, const struct vpci_bar *bar, struct vio_region *region);
    void *ctx;
};

enum vpci_kind { VPCI_MODERN, VPCI_LEGACY };

struct vpci;

// Room for a struct vpci, to be embedded in the driver's own device state.
struct vpci_memory {
    uint64_t words[64];
};

// Reads the identification and the capability list, maps the BARs that are needed and chooses the
// transport: modern if usable virtio capabilities are there, else legacy through BAR 0 if the
// device has a transitional id (virtio 1.2, 4.1.5.1.1.1). `os` and `memory` must outlive `*vpci`.
// VIO_E_LAYOUT: neither is possible (a log line says why); VIO_E_ACCESS: from `bus`. Runs at the
// IRQL that `bus` needs.
enum vio_status vpci_probe(struct vpci_memory *memory, const struct vio_os *os,
                           const struct vpci_bus *bus, struct vpci **vpci);

// The transport found: pass both to vdev_init(). Any IRQL.
const struct vtransport_ops *vpci_ops(const struct vpci *vpci);
void *vpci_transport(struct vpci *vpci);

// Which transport it is. Any IRQL.
enum vpci_kind vpci_get_kind(const struct vpci *vpci);

// The virtio device type (virtio 1.2, 5): PCI device id minus 0x1040, or the subsystem id of a
// transitional device. Any IRQL.
uint16_t vpci_device_type(const struct vpci *vpci);

// Number of entries of the device's MSI-X table, 0 if it has none. Any IRQL.
uint16_t vpci_msix_table_size(const struct vpci *vpci);

// Whether MSI-X was enabled when probed, or was declared so since. Any IRQL.
bool vpci_msix_enabled(const struct vpci *vpci);

// Declares whether the system runs the device with MSI-X. It moves a legacy device's configuration
// (virtio 1.2, 4.1.4.10) and allows vectors. To be called before vdev_negotiate() if it may differ
// from what vpci_probe() saw. Any IRQL.
void vpci_set_msix(struct vpci *vpci, bool enabled);

#endif
