// SPDX-License-Identifier: BSD-3-Clause
//
// The modern virtio-pci transport (virtio 1.2, 4.1.4.3 to 4.1.4.6 and 4.1.5).

#include "vpci_private.h"

// The common configuration structure (virtio 1.2, 4.1.4.3).
enum {
    COMMON_DEVICE_FEATURE_SELECT = 0,
    COMMON_DEVICE_FEATURE = 4,
    COMMON_DRIVER_FEATURE_SELECT = 8,
    COMMON_DRIVER_FEATURE = 12,
    COMMON_CONFIG_VECTOR = 16,
    COMMON_NUM_QUEUES = 18,
    COMMON_STATUS = 20,
    COMMON_GENERATION = 21,
    COMMON_QUEUE_SELECT = 22,
    COMMON_QUEUE_SIZE = 24,
    COMMON_QUEUE_VECTOR = 26,
    COMMON_QUEUE_ENABLE = 28,
    COMMON_QUEUE_NOTIFY_OFF = 30,
    COMMON_QUEUE_DESC = 32,
    COMMON_QUEUE_DRIVER = 40,
    COMMON_QUEUE_DEVICE = 48,
    COMMON_QUEUE_NOTIFY_DATA = 56,
    COMMON_QUEUE_RESET = 58,
};

static uint8_t common_read8(const struct vpci *vpci, uint32_t offset)
{
    return vpci->os->read8(vpci->os->ctx, &vpci->window[VPCI_CAP_COMMON], offset);
}

static uint16_t common_read16(const struct vpci *vpci, uint32_t offset)
{
    return vpci->os->read16(vpci->os->ctx, &vpci->window[VPCI_CAP_COMMON], offset);
}

static uint32_t common_read32(const struct vpci *vpci, uint32_t offset)
{
    return vpci->os->read32(vpci->os->ctx, &vpci->window[VPCI_CAP_COMMON], offset);
}

static void common_write16(const struct vpci *vpci, uint32_t offset, uint16_t value)
{
    vpci->os->write16(vpci->os->ctx, &vpci->window[VPCI_CAP_COMMON], offset, value);
}

static void common_write32(const struct vpci *vpci, uint32_t offset, uint32_t value)
{
    vpci->os->write32(vpci->os->ctx, &vpci->window[VPCI_CAP_COMMON], offset, value);
}

// 64-bit fields are two 32-bit ones, the low half first (virtio 1.2, 4.1.3).
static void common_write64(const struct vpci *vpci, uint32_t offset, uint64_t value)
{
    common_write32(vpci, offset, (uint32_t)value);
    common_write32(vpci, offset + 4, (uint32_t)(value >> 32));
}

static uint8_t modern_status_read(void *transport)
{
    return common_read8(transport, COMMON_STATUS);
}

static void modern_status_write(void *transport, uint8_t status)
{
    const struct vpci *vpci = transport;

    vpci->os->write8(vpci->os->ctx, &vpci->window[VPCI_CAP_COMMON], COMMON_STATUS, status);
}

// Whether the common structure reaches as far as a 16-bit field at `offset`; the last fields came
// with virtio 1.2.
static bool common_has16(const struct vpci *vpci, uint32_t offset)
{
    return vpci->window[VPCI_CAP_COMMON].length >= offset + 2;
}

static uint64_t modern_features_read(void *transport)
{
    const struct vpci *vpci = transport;
    uint64_t features;

    common_write32(vpci, COMMON_DEVICE_FEATURE_SELECT, 0);
    features = common_read32(vpci, COMMON_DEVICE_FEATURE);
    common_write32(vpci, COMMON_DEVICE_FEATURE_SELECT, 1);
    features |= (uint64_t)common_read32(vpci, COMMON_DEVICE_FEATURE) << 32;
    if (!common_has16(vpci, COMMON_QUEUE_NOTIFY_DATA))
        features &= ~VIO_BIT(VIO_F_NOTIF_CONFIG_DATA);
    if (!common_has16(vpci, COMMON_QUEUE_RESET))
        features &= ~VIO_BIT(VIO_F_RING_RESET);
    return features;
}

static void modern_features_write(void *transport, uint64_t features)
{
    common_write32(transport, COMMON_DRIVER_FEATURE_SELECT, 0);
    common_write32(transport, COMMON_DRIVER_FEATURE, (uint32_t)features);
    common_write32(transport, COMMON_DRIVER_FEATURE_SELECT, 1);
    common_write32(transport, COMMON_DRIVER_FEATURE, (uint32_t)(features >> 32));
}

static uint32_t modern_config_length(void *transport)
{
    const struct vpci *vpci = transport;

    return (uint32_t)vpci->window[VPCI_CAP_DEVICE].length;
}

static void modern_config_read(void *transport, uint32_t offset, void *buffer, uint32_t len)
{
    const struct vpci *vpci = transport;

    vpci_config_read(vpci, &vpci->window[VPCI_CAP_DEVICE], offset, buffer, len);
}

static void modern_config_write(void *transport, uint32_t offset, const void *buffer, uint32_t len)
{
    const struct vpci *vpci = transport;

    vpci_config_write(vpci, &vpci->window[VPCI_CAP_DEVICE], offset, buffer, len);
}

static uint32_t modern_config_generation(void *transport)
{
    return common_read8(transport, COMMON_GENERATION);
}

// Writes a vector and reads it back: the device answers NO_VECTOR if it could not map the event
// (virtio 1.2, 4.1.5.1.2.2).
static enum vio_status write_vector(const struct vpci *vpci, uint32_t offset, uint16_t vector)
{
    if (!vpci_vector_allowed(vpci, vector))
        return VIO_E_VECTOR;
    if (!vpci->msix_enabled)
        return VIO_OK;
    common_write16(vpci, offset, vector);
    return common_read16(vpci, offset) == vector ? VIO_OK : VIO_E_VECTOR;
}

static enum vio_status modern_config_vector(void *transport, uint16_t vector)
{
    return write_vector(transport, COMMON_CONFIG_VECTOR, vector);
}

static uint32_t modern_queue_count(void *transport)
{
    return common_read16(transport, COMMON_NUM_QUEUES);
}

static uint16_t modern_queue_size(void *transport, uint16_t index)
{
    common_write16(transport, COMMON_QUEUE_SELECT, index);
    return common_read16(transport, COMMON_QUEUE_SIZE);
}

static enum vio_status modern_queue_prepare(void *transport, uint16_t index, uint64_t features,
                                            struct vtransport_doorbell *doorbell)
{
    const struct vpci *vpci = transport;
    const struct vio_region *window = &vpci->window[VPCI_CAP_NOTIFY];
    const bool wide = features & VIO_BIT(VIO_F_NOTIFICATION_DATA);
    const uint32_t width = wide ? 4 : 2;
    uint64_t offset;

    common_write16(vpci, COMMON_QUEUE_SELECT, index);
    offset = (uint64_t)common_read16(vpci, COMMON_QUEUE_NOTIFY_OFF) * vpci->notify_multiplier;
    if (offset > window->length || window->length - offset < width ||
        (window->base + (uintptr_t)offset) % width != 0) {
        vio_log(vpci->os, VIO_LOG_ERROR, "doorbell is outside of its structure", index, offset,
                window->length);
        return VIO_E_RANGE;
    }
    doorbell->offset = (uint32_t)offset;
    doorbell->wide = wide;
    doorbell->notify_data = index;
    if (features & VIO_BIT(VIO_F_NOTIF_CONFIG_DATA))
        doorbell->notify_data = common_read16(vpci, COMMON_QUEUE_NOTIFY_DATA);
    return VIO_OK;
}

static enum vio_status modern_queue_enable(void *transport, uint16_t index, uint16_t size,
                                           const struct vq_areas *areas, uint16_t vector)
{
    const struct vpci *vpci = transport;
    enum vio_status status;

    common_write16(vpci, COMMON_QUEUE_SELECT, index);
    // An enabled queue cannot be changed, and only a reset disables it.
    if (common_read16(vpci, COMMON_QUEUE_ENABLE) != 0)
        return VIO_E_STATE;
    common_write16(vpci, COMMON_QUEUE_SIZE, size);
    if (common_read16(vpci, COMMON_QUEUE_SIZE) != size)
        return VIO_E_NO_QUEUE;
    common_write64(vpci, COMMON_QUEUE_DESC, areas->desc);
    common_write64(vpci, COMMON_QUEUE_DRIVER, areas->driver);
    common_write64(vpci, COMMON_QUEUE_DEVICE, areas->device);
    status = write_vector(vpci, COMMON_QUEUE_VECTOR, vector);
    if (status != VIO_OK)
        return status;
    common_write16(vpci, COMMON_QUEUE_ENABLE, 1);
    return VIO_OK;
}

static void modern_queue_reset(void *transport, uint16_t index)
{
    common_write16(transport, COMMON_QUEUE_SELECT, index);
    common_write16(transport, COMMON_QUEUE_RESET, 1);
}

static bool modern_queue_reset_done(void *transport, uint16_t index)
{
    common_write16(transport, COMMON_QUEUE_SELECT, index);
    return common_read16(transport, COMMON_QUEUE_RESET) == 0;
}

static void modern_notify(void *transport, const struct vtransport_doorbell *doorbell,
                          uint32_t value)
{
    const struct vpci *vpci = transport;
    const struct vio_region *window = &vpci->window[VPCI_CAP_NOTIFY];

    if (doorbell->wide)
        vpci->os->write32(vpci->os->ctx, window, doorbell->offset, value);
    else
        vpci->os->write16(vpci->os->ctx, window, doorbell->offset, (uint16_t)value);
}

static uint8_t modern_isr_read(void *transport)
{
    const struct vpci *vpci = transport;

    return vpci->os->read8(vpci->os->ctx, &vpci->window[VPCI_CAP_ISR], 0);
}

const struct vtransport_ops vpci_modern_ops = {
    .name = "virtio-pci modern",
    .legacy = false,
    .status_read = modern_status_read,
    .status_write = modern_status_write,
    .features_read = modern_features_read,
    .features_write = modern_features_write,
    .config_length = modern_config_length,
    .config_read = modern_config_read,
    .config_write = modern_config_write,
    .config_generation = modern_config_generation,
    .config_vector = modern_config_vector,
    .queue_count = modern_queue_count,
    .queue_size = modern_queue_size,
    .queue_prepare = modern_queue_prepare,
    .queue_enable = modern_queue_enable,
    .queue_reset = modern_queue_reset,
    .queue_reset_done = modern_queue_reset_done,
    .notify = modern_notify,
    .isr_read = modern_isr_read,
};
