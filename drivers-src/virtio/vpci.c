// SPDX-License-Identifier: BSD-3-Clause
//
// Probing a virtio PCI function, and what its two transports share.

#include "vpci_private.h"

enum {
    REG_VENDOR = 0x00,
    REG_HEADER_TYPE = 0x0e,
    REG_BAR0 = 0x10,
    REG_SUBSYSTEM = 0x2e,
    HEADER_TYPE_MASK = 0x7f,
    BAR_IO = 1,
    BAR_TYPE_MASK = 6,
    BAR_TYPE_64 = 4,
    BAR_TYPE_RESERVED = 6,
    TRANSITIONAL_FIRST = 0x1000, // PCI device ids (virtio 1.2, 4.1.2)
    MODERN_FIRST = 0x1040,
    MODERN_LAST = 0x107f,
    LEGACY_HEADER_BYTES = 20,
};

_Static_assert(sizeof(struct vpci) <= sizeof(struct vpci_memory), "room for the transport");

static void parse_bars(struct vpci_probe *probe, const uint8_t *registers)
{
    for (uint8_t i = 0; i < VPCI_BAR_COUNT; i++) {
        const uint32_t low = vpci_le32(registers + (size_t)4 * i);
        struct vpci_bar *bar = &probe->bar[i];

        bar->index = i;
        bar->is_port = low & BAR_IO;
        if (bar->is_port) {
            bar->address = low & ~(uint32_t)3;
            probe->bar_valid[i] = bar->address != 0;
            continue;
        }
        if ((low & BAR_TYPE_MASK) == BAR_TYPE_RESERVED)
            continue;
        bar->is_64 = (low & BAR_TYPE_MASK) == BAR_TYPE_64;
        bar->address = low & ~(uint32_t)15;
        if (bar->is_64) {
            // The last register has no neighbour for its high half.
            if (i + 1u == VPCI_BAR_COUNT)
                continue;
            bar->address |= (uint64_t)vpci_le32(registers + (size_t)4 * (i + 1u)) << 32;
        }
        probe->bar_valid[i] = bar->address != 0;
        if (bar->is_64)
            i++; // the register just taken as high half
    }
}

const struct vio_region *vpci_bar_region(struct vpci_probe *probe, uint8_t index)
{
    struct vio_region *region;

    if (index >= VPCI_BAR_COUNT || !probe->bar_valid[index])
        return NULL;
    region = &probe->region[index];
    if (!probe->bar_asked[index]) {
        probe->bar_asked[index] = true;
        if (probe->bus->bar_map(probe->bus->ctx, &probe->bar[index], region) != VIO_OK)
            region->length = 0;
    }
    return region->length == 0 ? NULL : region;
}

static bool is_modern(const struct vpci *vpci)
{
    return vpci->window[VPCI_CAP_COMMON].length != 0 && vpci->window[VPCI_CAP_NOTIFY].length != 0 &&
           vpci->window[VPCI_CAP_ISR].length != 0;
}

// Makes BAR 0 the legacy window (virtio 1.2, 4.1.4.10).
static bool try_legacy(struct vpci_probe *probe)
{
    struct vpci *vpci = probe->vpci;
    const struct vio_region *bar = vpci_bar_region(probe, 0);

    if (bar == NULL || !probe->bar[0].is_port || bar->length < LEGACY_HEADER_BYTES + 4)
        return false;
    __builtin_memset(vpci->window, 0, sizeof(vpci->window));
    vpci->window[VPCI_CAP_COMMON] = *bar;
    return true;
}

enum vio_status vpci_probe(struct vpci_memory *memory, const struct vio_os *os,
                           const struct vpci_bus *bus, struct vpci **out)
{
    struct vpci *vpci = (struct vpci *)memory;
    struct vpci_probe probe;
    uint8_t bytes[4 * VPCI_BAR_COUNT];
    uint16_t id;
    enum vio_status status;

    *out = NULL;
    __builtin_memset(memory, 0, sizeof(*memory));
    __builtin_memset(&probe, 0, sizeof(probe));
    vpci->os = os;
    probe.vpci = vpci;
    probe.bus = bus;
    if (bus->config_read(bus->ctx, REG_VENDOR, bytes, 4) != VIO_OK)
        return VIO_E_ACCESS;
    id = vpci_le16(bytes + 2);
    if (vpci_le16(bytes) != VPCI_VENDOR || id < TRANSITIONAL_FIRST || id > MODERN_LAST) {
        vio_log(os, VIO_LOG_ERROR, "not a virtio PCI function", VIO_NO_QUEUE, vpci_le32(bytes),
                VPCI_VENDOR);
        return VIO_E_LAYOUT;
    }
    if (bus->config_read(bus->ctx, REG_HEADER_TYPE, bytes, 1) != VIO_OK)
        return VIO_E_ACCESS;
    if ((bytes[0] & HEADER_TYPE_MASK) != 0) {
        vio_log(os, VIO_LOG_ERROR, "PCI header is not of type 0", VIO_NO_QUEUE, bytes[0], 0);
        return VIO_E_LAYOUT;
    }
    vpci->device_type = (uint16_t)(id - MODERN_FIRST);
    if (id < MODERN_FIRST) {
        if (bus->config_read(bus->ctx, REG_SUBSYSTEM, bytes, 2) != VIO_OK)
            return VIO_E_ACCESS;
        vpci->device_type = vpci_le16(bytes);
    }
    if (bus->config_read(bus->ctx, REG_BAR0, bytes, sizeof(bytes)) != VIO_OK)
        return VIO_E_ACCESS;
    parse_bars(&probe, bytes);
    status = vpci_walk_caps(&probe);
    if (status != VIO_OK)
        return status;
    if (is_modern(vpci)) {
        vpci->kind = VPCI_MODERN;
        vpci->ops = &vpci_modern_ops;
    } else if (id < MODERN_FIRST && try_legacy(&probe)) {
        vpci->kind = VPCI_LEGACY;
        vpci->ops = &vpci_legacy_ops;
    } else {
        vio_log(os, VIO_LOG_ERROR, "neither virtio capabilities nor a legacy BAR 0", VIO_NO_QUEUE,
                id, 0);
        return VIO_E_LAYOUT;
    }
    *out = vpci;
    return VIO_OK;
}

const struct vtransport_ops *vpci_ops(const struct vpci *vpci)
{
    return vpci->ops;
}

void *vpci_transport(struct vpci *vpci)
{
    return vpci;
}

enum vpci_kind vpci_get_kind(const struct vpci *vpci)
{
    return vpci->kind;
}

uint16_t vpci_device_type(const struct vpci *vpci)
{
    return vpci->device_type;
}

uint16_t vpci_msix_table_size(const struct vpci *vpci)
{
    return vpci->msix_table_size;
}

bool vpci_msix_enabled(const struct vpci *vpci)
{
    return vpci->msix_enabled;
}

void vpci_set_msix(struct vpci *vpci, bool enabled)
{
    vpci->msix_enabled = enabled && vpci->msix_table_size != 0;
}

bool vpci_vector_allowed(const struct vpci *vpci, uint16_t vector)
{
    return vector == VTRANSPORT_NO_VECTOR || (vpci->msix_enabled && vector < vpci->msix_table_size);
}

// One field's width, or 1 if `len` bytes at `offset` are to be moved one by one.
static uint32_t access_width(uint32_t offset, uint32_t len)
{
    if (len == 8 && offset % 4 == 0)
        return 4;
    if ((len == 4 || len == 2) && offset % len == 0)
        return len;
    return 1;
}

void vpci_config_read(const struct vpci *vpci, const struct vio_region *region, uint32_t offset,
                      void *buffer, uint32_t len)
{
    const struct vio_os *os = vpci->os;
    const uint32_t width = access_width(offset, len);
    uint8_t *to = buffer;

    for (uint32_t at = 0; at < len; at += width) {
        uint32_t value;

        if (width == 4)
            value = os->read32(os->ctx, region, offset + at);
        else if (width == 2)
            value = os->read16(os->ctx, region, offset + at);
        else
            value = os->read8(os->ctx, region, offset + at);
        __builtin_memcpy(to + at, &value, width);
    }
}

void vpci_config_write(const struct vpci *vpci, const struct vio_region *region, uint32_t offset,
                       const void *buffer, uint32_t len)
{
    const struct vio_os *os = vpci->os;
    const uint32_t width = access_width(offset, len);
    const uint8_t *from = buffer;

    for (uint32_t at = 0; at < len; at += width) {
        uint32_t value = 0;

        __builtin_memcpy(&value, from + at, width);
        if (width == 4)
            os->write32(os->ctx, region, offset + at, value);
        else if (width == 2)
            os->write16(os->ctx, region, offset + at, (uint16_t)value);
        else
            os->write8(os->ctx, region, offset + at, (uint8_t)value);
    }
}
