// SPDX-License-Identifier: GPL-3.0-or-later
//
// The legacy header in I/O space (virtio 1.2, 4.1.4.10). With MSI-X two vector registers come
// before the device's configuration.

#include "tests/device/sdev_pci_private.h"

enum {
    LEGACY_DEVICE_FEATURES = 0,
    LEGACY_DRIVER_FEATURES = 4,
    LEGACY_QUEUE_ADDRESS = 8,
    LEGACY_QUEUE_SIZE = 12,
    LEGACY_QUEUE_SELECT = 14,
    LEGACY_NOTIFY = 16,
    LEGACY_STATUS = 18,
    LEGACY_ISR = 19,
    LEGACY_CONFIG_VECTOR = 20,
    LEGACY_QUEUE_VECTOR = 22,
};

static const uint8_t widths[] = {
    [LEGACY_DEVICE_FEATURES] = 4, [LEGACY_DRIVER_FEATURES] = 4,
    [LEGACY_QUEUE_ADDRESS] = 4,   [LEGACY_QUEUE_SIZE] = 2,
    [LEGACY_QUEUE_SELECT] = 2,    [LEGACY_NOTIFY] = 2,
    [LEGACY_STATUS] = 1,          [LEGACY_ISR] = 1,
    [LEGACY_CONFIG_VECTOR] = 2,   [LEGACY_QUEUE_VECTOR] = 2,
};

static uint32_t header_bytes(const struct sdev_pci *pci)
{
    return pci->dev->vectors != 0 ? 24 : 20;
}

static bool width_right(struct sdev_pci *pci, uint32_t offset, unsigned width)
{
    if (widths[offset] == width)
        return true;
    sdev_fault(&pci->dev->faults, "legacy header: no register of %u bytes at %u", width,
               (unsigned)offset);
    return false;
}

uint32_t sdev_legacy_read(struct sdev_pci *pci, uint32_t offset, unsigned width)
{
    struct sdev_dev *dev = pci->dev;
    const struct sdev_vq *vq = sdev_pci_selected(pci);

    dev->legacy = true;
    if (offset >= header_bytes(pci))
        return sdev_dev_config_read(dev, offset - header_bytes(pci), width);
    if (!width_right(pci, offset, width))
        return UINT32_MAX;

    switch (offset) {
    case LEGACY_DEVICE_FEATURES:
        return (uint32_t)dev->model.features;
    case LEGACY_DRIVER_FEATURES:
        return (uint32_t)dev->driver_features;
    case LEGACY_QUEUE_ADDRESS:
        return vq == NULL ? 0 : (uint32_t)(vq->desc / SDEV_PAGE);
    case LEGACY_QUEUE_SIZE:
        return sdev_pci_queue_size(pci);
    case LEGACY_QUEUE_SELECT:
        return pci->queue_select;
    case LEGACY_STATUS:
        return sdev_dev_status(dev);
    case LEGACY_ISR: {
        uint8_t isr = dev->isr;

        dev->isr = 0;
        return isr;
    }
    case LEGACY_CONFIG_VECTOR:
        return dev->config_vector;
    case LEGACY_QUEUE_VECTOR:
        return vq == NULL ? SDEV_NO_VECTOR : vq->vector;
    default:
        return 0;
    }
}

// The three areas follow from one page number (virtio 1.2, 2.7.2).
static void address_write(struct sdev_pci *pci, struct sdev_vq *vq, uint32_t page)
{
    uint64_t size = vq->size;

    if (page == 0) {
        sdev_dev_queue_disable(pci->dev, pci->queue_select);
        vq->desc = 0;
        return;
    }
    vq->desc = (uint64_t)page * SDEV_PAGE;
    vq->driver = vq->desc + 16 * size;
    vq->device = (vq->driver + 2 * (3 + size) + SDEV_PAGE - 1) / SDEV_PAGE * SDEV_PAGE;
    sdev_dev_queue_enable(pci->dev, pci->queue_select);
}

void sdev_legacy_write(struct sdev_pci *pci, uint32_t offset, unsigned width, uint32_t value)
{
    struct sdev_dev *dev = pci->dev;
    struct sdev_vq *vq = sdev_pci_selected(pci);

    dev->legacy = true;
    if (offset >= header_bytes(pci)) {
        sdev_dev_config_write(dev, offset - header_bytes(pci), width, value);
        return;
    }
    if (!width_right(pci, offset, width))
        return;

    switch (offset) {
    case LEGACY_DRIVER_FEATURES:
        sdev_dev_set_features(dev, UINT64_MAX, value);
        break;
    case LEGACY_QUEUE_ADDRESS:
        if (vq != NULL)
            address_write(pci, vq, value);
        else
            sdev_fault(&dev->faults, "queue address written for a queue that is not there");
        break;
    case LEGACY_QUEUE_SELECT:
        pci->queue_select = (uint16_t)value;
        break;
    case LEGACY_NOTIFY:
        sdev_dev_notify(dev, value, value);
        break;
    case LEGACY_STATUS:
        sdev_dev_set_status(dev, (uint8_t)value);
        break;
    case LEGACY_CONFIG_VECTOR:
        sdev_dev_set_vector(dev, &dev->config_vector, (uint16_t)value);
        break;
    case LEGACY_QUEUE_VECTOR:
        if (vq != NULL)
            sdev_dev_set_vector(dev, &vq->vector, (uint16_t)value);
        break;
    default:
        sdev_fault(&dev->faults, "legacy register at %u is read-only", (unsigned)offset);
        break;
    }
}
