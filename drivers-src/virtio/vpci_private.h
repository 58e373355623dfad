// SPDX-License-Identifier: BSD-3-Clause
//
// Inside of virtio-pci: what probing finds, and what the two transports run on.

#ifndef VPCI_PRIVATE_H
#define VPCI_PRIVATE_H

#include "vpci.h"

// Capability types (virtio 1.2, 4.1.4). Others are reserved, or of no use here.
enum vpci_cap_type {
    VPCI_CAP_COMMON = 1,
    VPCI_CAP_NOTIFY = 2,
    VPCI_CAP_ISR = 3,
    VPCI_CAP_DEVICE = 4,
    VPCI_CAP_TYPES = 5
};

struct vpci {
    const struct vio_os *os;
    const struct vtransport_ops *ops;
    enum vpci_kind kind;
    uint16_t device_type;
    uint16_t msix_table_size;
    bool msix_enabled;
    uint32_t notify_multiplier;
    // Modern: where each structure lies, by capability type; length 0 if it is not there.
    // Legacy: all of BAR 0 in the place of VPCI_CAP_COMMON.
    struct vio_region window[VPCI_CAP_TYPES];
};

// State of one probe.
struct vpci_probe {
    struct vpci *vpci;
    const struct vpci_bus *bus;
    struct vpci_bar bar[VPCI_BAR_COUNT];
    bool bar_valid[VPCI_BAR_COUNT]; // the device implements it and it is not an upper half
    bool bar_asked[VPCI_BAR_COUNT]; // bar_map was called
    struct vio_region region[VPCI_BAR_COUNT]; // length 0 if it could not be mapped
};

extern const struct vtransport_ops vpci_modern_ops;
extern const struct vtransport_ops vpci_legacy_ops;

// Walks the capability list and fills window, notify_multiplier and the MSI-X fields with the
// first usable instance of each structure. VIO_OK even if nothing was found; VIO_E_ACCESS.
enum vio_status vpci_walk_caps(struct vpci_probe *probe);

// The mapped BAR `index`, or NULL if there is none that can be used. Maps it at the first call.
const struct vio_region *vpci_bar_region(struct vpci_probe *probe, uint8_t index);

// Reads or writes device configuration in `region` from `base` on: one field of `len` 1, 2, 4 or 8
// if aligned, else bytes (virtio 1.2, 4.1.3.1). The range lies within the region.
void vpci_config_read(const struct vpci *vpci, const struct vio_region *region, uint32_t offset,
                      void *buffer, uint32_t len);
void vpci_config_write(const struct vpci *vpci, const struct vio_region *region, uint32_t offset,
                       const void *buffer, uint32_t len);

// Whether events may be mapped to `vector`: none at all, or one inside the MSI-X table of a device
// that has MSI-X enabled (virtio 1.2, 4.1.5.1.2.2).
bool vpci_vector_allowed(const struct vpci *vpci, uint16_t vector);

// Little-endian fields of configuration space.
static inline uint16_t vpci_le16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t vpci_le32(const uint8_t *at)
{
    return vpci_le16(at) | (uint32_t)vpci_le16(at + 2) << 16;
}

#endif
