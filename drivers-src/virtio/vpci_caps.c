// SPDX-License-Identifier: BSD-3-Clause
//
// The walk over the PCI capability list (virtio 1.2, 4.1.4; PCI 3.0, 6.7). Each structure is
// taken from the first capability that describes a usable one; unusable ones are passed over, as
// the device may offer a second way.

#include "vpci_private.h"

enum {
    CONFIG_BYTES = 256,
    HEADER_BYTES = 64, // capabilities lie behind the header
    REG_STATUS = 0x06,
    STATUS_CAP_LIST = 0x10,
    REG_CAP_POINTER = 0x34,
    CAP_ID_VENDOR = 0x09,
    CAP_ID_MSIX = 0x11,
    VIRTIO_CAP_BYTES = 16,
    NOTIFY_CAP_BYTES = 20,
    MSIX_CAP_BYTES = 4, // id, next, message control
    MSIX_ENABLE = 0x8000,
    MSIX_SIZE_MASK = 0x07ff,
};

// What a structure must offer at least, and how its start is aligned (virtio 1.2, 4.1.4.3 to
// 4.1.4.6). The common structure is taken without the fields that virtio 1.2 added at its end.
static const struct {
    uint8_t cap_bytes;
    uint8_t align;
    uint8_t min_bytes;
} structures[VPCI_CAP_TYPES] = {
    [VPCI_CAP_COMMON] = {VIRTIO_CAP_BYTES, 4, 56},
    [VPCI_CAP_NOTIFY] = {NOTIFY_CAP_BYTES, 2, 2},
    [VPCI_CAP_ISR] = {VIRTIO_CAP_BYTES, 1, 1},
    [VPCI_CAP_DEVICE] = {VIRTIO_CAP_BYTES, 4, 1},
};

// Cuts the part of a BAR that the capability names. A length beyond the BAR's end is cut there
// (virtio 1.2, 4.1.4.1: an unexpectedly large length must be handled).
static bool cut_window(const struct vio_region *bar, uint32_t offset, uint32_t length,
                       uint32_t min_bytes, struct vio_region *window)
{
    uint64_t room;

    if (offset >= bar->length)
        return false;
    room = bar->length - offset;
    if (length > room)
        length = (uint32_t)room;
    if (length < min_bytes || bar->base + offset < bar->base ||
        bar->base + offset + (length - 1) < bar->base)
        return false;
    window->base = bar->base + offset;
    window->length = length;
    window->is_port = bar->is_port;
    return true;
}

// Takes up one virtio capability, which starts at `at` and is `bytes` long.
static enum vio_status take_virtio_cap(struct vpci_probe *probe, uint8_t at, uint8_t bytes)
{
    uint8_t cap[NOTIFY_CAP_BYTES] = {0};
    struct vpci *vpci = probe->vpci;
    const struct vio_region *bar;
    struct vio_region *window;
    uint32_t offset;
    uint8_t type;

    if (bytes < VIRTIO_CAP_BYTES || at + bytes > CONFIG_BYTES)
        return VIO_OK;
    if (probe->bus->config_read(probe->bus->ctx, at, cap,
                                bytes < sizeof(cap) ? VIRTIO_CAP_BYTES : sizeof(cap)) != VIO_OK)
        return VIO_E_ACCESS;
    type = cap[3];
    if (type < VPCI_CAP_COMMON || type >= VPCI_CAP_TYPES || bytes < structures[type].cap_bytes)
        return VIO_OK;
    window = &vpci->window[type];
    if (window->length != 0)
        return VIO_OK;
    offset = vpci_le32(cap + 8);
    if (offset % structures[type].align != 0)
        return VIO_OK;
    bar = vpci_bar_region(probe, cap[4]);
    if (bar == NULL ||
        !cut_window(bar, offset, vpci_le32(cap + 12), structures[type].min_bytes, window)) {
        vio_log(vpci->os, VIO_LOG_WARNING, "virtio capability passed over: not within its BAR",
                VIO_NO_QUEUE, offset, bar ? bar->length : 0);
        return VIO_OK;
    }
    if (type == VPCI_CAP_NOTIFY)
        vpci->notify_multiplier = vpci_le32(cap + 16);
    return VIO_OK;
}

static enum vio_status take_msix_cap(struct vpci_probe *probe, uint8_t at)
{
    uint8_t cap[MSIX_CAP_BYTES];
    uint16_t control;

    if (probe->bus->config_read(probe->bus->ctx, at, cap, sizeof(cap)) != VIO_OK)
        return VIO_E_ACCESS;
    control = vpci_le16(cap + 2);
    probe->vpci->msix_table_size = (uint16_t)((control & MSIX_SIZE_MASK) + 1);
    probe->vpci->msix_enabled = control & MSIX_ENABLE;
    return VIO_OK;
}

enum vio_status vpci_walk_caps(struct vpci_probe *probe)
{
    const struct vpci_bus *bus = probe->bus;
    enum vio_status status = VIO_OK;
    uint8_t word[4];
    uint8_t at;

    if (bus->config_read(bus->ctx, REG_STATUS, word, 2) != VIO_OK)
        return VIO_E_ACCESS;
    if (!(word[0] & STATUS_CAP_LIST))
        return VIO_OK;
    if (bus->config_read(bus->ctx, REG_CAP_POINTER, word, 1) != VIO_OK)
        return VIO_E_ACCESS;
    at = word[0] & 0xfc;
    // Bound: VPCI_CAPS_MAX entries, then the list must have run into itself.
    for (uint32_t i = 0; at >= HEADER_BYTES && i < VPCI_CAPS_MAX; i++) {
        if (bus->config_read(bus->ctx, at, word, 4) != VIO_OK)
            return VIO_E_ACCESS;
        if (word[0] == CAP_ID_VENDOR)
            status = take_virtio_cap(probe, at, word[2]);
        else if (word[0] == CAP_ID_MSIX)
            status = take_msix_cap(probe, at);
        if (status != VIO_OK)
            return status;
        at = word[1] & 0xfc;
    }
    if (at >= HEADER_BYTES)
        vio_log(probe->vpci->os, VIO_LOG_WARNING, "capability list has a loop", VIO_NO_QUEUE, at,
                VPCI_CAPS_MAX);
    return VIO_OK;
}
