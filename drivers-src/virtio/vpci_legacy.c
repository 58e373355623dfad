// SPDX-License-Identifier: BSD-3-Clause
//
// The legacy virtio-pci transport (virtio 1.2, 4.1.4.10): one I/O window, BAR 0. Device-specific
// configuration follows the header, which is four bytes longer while MSI-X is enabled.

#include "vpci_private.h"

enum {
    LEGACY_DEVICE_FEATURES = 0,
    LEGACY_DRIVER_FEATURES = 4,
    LEGACY_QUEUE_ADDRESS = 8,
    LEGACY_QUEUE_SIZE = 12,
    LEGACY_QUEUE_SELECT = 14,
    LEGACY_QUEUE_NOTIFY = 16,
    LEGACY_STATUS = 18,
    LEGACY_ISR = 19,
    LEGACY_CONFIG_VECTOR = 20, // only with MSI-X
    LEGACY_QUEUE_VECTOR = 22,  // only with MSI-X
    LEGACY_CONFIG = 20,
    LEGACY_CONFIG_MSIX = 24,
    LEGACY_PAGE_SHIFT = 12, // unit of the queue address
};

static const struct vio_region *legacy_window(const struct vpci *vpci)
{
    return &vpci->window[VPCI_CAP_COMMON];
}

static uint8_t legacy_read8(const struct vpci *vpci, uint32_t offset)
{
    return vpci->os->read8(vpci->os->ctx, legacy_window(vpci), offset);
}

static uint16_t legacy_read16(const struct vpci *vpci, uint32_t offset)
{
    return vpci->os->read16(vpci->os->ctx, legacy_window(vpci), offset);
}

static uint32_t legacy_read32(const struct vpci *vpci, uint32_t offset)
{
    return vpci->os->read32(vpci->os->ctx, legacy_window(vpci), offset);
}

static void legacy_write16(const struct vpci *vpci, uint32_t offset, uint16_t value)
{
    vpci->os->write16(vpci->os->ctx, legacy_window(vpci), offset, value);
}

static void legacy_write32(const struct vpci *vpci, uint32_t offset, uint32_t value)
{
    vpci->os->write32(vpci->os->ctx, legacy_window(vpci), offset, value);
}

static uint8_t legacy_status_read(void *transport)
{
    return legacy_read8(transport, LEGACY_STATUS);
}

static void legacy_status_write(void *transport, uint8_t status)
{
    const struct vpci *vpci = transport;

    vpci->os->write8(vpci->os->ctx, legacy_window(vpci), LEGACY_STATUS, status);
}

static uint64_t legacy_features_read(void *transport)
{
    return legacy_read32(transport, LEGACY_DEVICE_FEATURES);
}

static void legacy_features_write(void *transport, uint64_t features)
{
    legacy_write32(transport, LEGACY_DRIVER_FEATURES, (uint32_t)features);
}

static uint32_t legacy_config_base(const struct vpci *vpci)
{
    return vpci->msix_enabled ? LEGACY_CONFIG_MSIX : LEGACY_CONFIG;
}

static uint32_t legacy_config_length(void *transport)
{
    const struct vpci *vpci = transport;
    const uint64_t length = legacy_window(vpci)->length - legacy_config_base(vpci);

    return length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
}

static void legacy_config_read(void *transport, uint32_t offset, void *buffer, uint32_t len)
{
    const struct vpci *vpci = transport;

    vpci_config_read(vpci, legacy_window(vpci), legacy_config_base(vpci) + offset, buffer, len);
}

static void legacy_config_write(void *transport, uint32_t offset, const void *buffer, uint32_t len)
{
    const struct vpci *vpci = transport;

    vpci_config_write(vpci, legacy_window(vpci), legacy_config_base(vpci) + offset, buffer, len);
}

static uint32_t legacy_config_generation(void *transport)
{
    (void)transport;
    return 0;
}

// The vector registers are only there while MSI-X is enabled.
static enum vio_status write_vector(const struct vpci *vpci, uint32_t offset, uint16_t vector)
{
    if (!vpci_vector_allowed(vpci, vector))
        return VIO_E_VECTOR;
    if (!vpci->msix_enabled)
        return VIO_OK;
    legacy_write16(vpci, offset, vector);
    return legacy_read16(vpci, offset) == vector ? VIO_OK : VIO_E_VECTOR;
}

static enum vio_status legacy_config_vector(void *transport, uint16_t vector)
{
    return write_vector(transport, LEGACY_CONFIG_VECTOR, vector);
}

static uint32_t legacy_queue_count(void *transport)
{
    (void)transport;
    return UINT16_MAX;
}

static uint16_t legacy_queue_size(void *transport, uint16_t index)
{
    legacy_write16(transport, LEGACY_QUEUE_SELECT, index);
    return legacy_read16(transport, LEGACY_QUEUE_SIZE);
}

static enum vio_status legacy_queue_prepare(void *transport, uint16_t index, uint64_t features,
                                            struct vtransport_doorbell *doorbell)
{
    (void)transport;
    (void)features;
    doorbell->offset = LEGACY_QUEUE_NOTIFY;
    doorbell->notify_data = index;
    doorbell->wide = false;
    return VIO_OK;
}

static enum vio_status legacy_queue_enable(void *transport, uint16_t index, uint16_t size,
                                           const struct vq_areas *areas, uint16_t vector)
{
    const struct vpci *vpci = transport;
    enum vio_status status;

    // The register holds a page number of 32 bits.
    if (areas->desc >> LEGACY_PAGE_SHIFT > UINT32_MAX)
        return VIO_E_RANGE;
    legacy_write16(vpci, LEGACY_QUEUE_SELECT, index);
    if (legacy_read16(vpci, LEGACY_QUEUE_SIZE) != size)
        return VIO_E_NO_QUEUE;
    if (legacy_read32(vpci, LEGACY_QUEUE_ADDRESS) != 0)
        return VIO_E_STATE;
    status = write_vector(vpci, LEGACY_QUEUE_VECTOR, vector);
    if (status != VIO_OK)
        return status;
    legacy_write32(vpci, LEGACY_QUEUE_ADDRESS, (uint32_t)(areas->desc >> LEGACY_PAGE_SHIFT));
    return VIO_OK;
}

static void legacy_notify(void *transport, const struct vtransport_doorbell *doorbell,
                          uint32_t value)
{
    legacy_write16(transport, doorbell->offset, (uint16_t)value);
}

static uint8_t legacy_isr_read(void *transport)
{
    return legacy_read8(transport, LEGACY_ISR);
}

// No queue_reset: RING_RESET is feature bit 40, and a legacy device shows 32 bits.
const struct vtransport_ops vpci_legacy_ops = {
    .name = "virtio-pci legacy",
    .legacy = true,
    .status_read = legacy_status_read,
    .status_write = legacy_status_write,
    .features_read = legacy_features_read,
    .features_write = legacy_features_write,
    .config_length = legacy_config_length,
    .config_read = legacy_config_read,
    .config_write = legacy_config_write,
    .config_generation = legacy_config_generation,
    .config_vector = legacy_config_vector,
    .queue_count = legacy_queue_count,
    .queue_size = legacy_queue_size,
    .queue_prepare = legacy_queue_prepare,
    .queue_enable = legacy_queue_enable,
    .notify = legacy_notify,
    .isr_read = legacy_isr_read,
};
