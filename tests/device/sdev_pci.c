// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/sdev_pci_private.h"

#include <stdlib.h>
#include <string.h>

// virtio 1.2, 4.1.4.3: offset and width of each register of the common configuration.
enum reg {
    REG_DEVICE_FEATURE_SELECT,
    REG_DEVICE_FEATURE,
    REG_DRIVER_FEATURE_SELECT,
    REG_DRIVER_FEATURE,
    REG_CONFIG_VECTOR,
    REG_NUM_QUEUES,
    REG_STATUS,
    REG_GENERATION,
    REG_QUEUE_SELECT,
    REG_QUEUE_SIZE,
    REG_QUEUE_VECTOR,
    REG_QUEUE_ENABLE,
    REG_QUEUE_NOTIFY_OFF,
    REG_QUEUE_DESC_LOW,
    REG_QUEUE_DESC_HIGH,
    REG_QUEUE_DRIVER_LOW,
    REG_QUEUE_DRIVER_HIGH,
    REG_QUEUE_DEVICE_LOW,
    REG_QUEUE_DEVICE_HIGH,
    REG_QUEUE_NOTIF_DATA,
    REG_QUEUE_RESET,
    REG_COUNT
};

struct reg_row {
    const char *name;
    uint8_t offset;
    uint8_t width;
    bool writable;
};

static const struct reg_row regs[REG_COUNT] = {
    [REG_DEVICE_FEATURE_SELECT] = {"device_feature_select", 0, 4, true},
    [REG_DEVICE_FEATURE] = {"device_feature", 4, 4, false},
    [REG_DRIVER_FEATURE_SELECT] = {"driver_feature_select", 8, 4, true},
    [REG_DRIVER_FEATURE] = {"driver_feature", 12, 4, true},
    [REG_CONFIG_VECTOR] = {"config_msix_vector", 16, 2, true},
    [REG_NUM_QUEUES] = {"num_queues", 18, 2, false},
    [REG_STATUS] = {"device_status", 20, 1, true},
    [REG_GENERATION] = {"config_generation", 21, 1, false},
    [REG_QUEUE_SELECT] = {"queue_select", 22, 2, true},
    [REG_QUEUE_SIZE] = {"queue_size", 24, 2, true},
    [REG_QUEUE_VECTOR] = {"queue_msix_vector", 26, 2, true},
    [REG_QUEUE_ENABLE] = {"queue_enable", 28, 2, true},
    [REG_QUEUE_NOTIFY_OFF] = {"queue_notify_off", 30, 2, false},
    [REG_QUEUE_DESC_LOW] = {"queue_desc", 32, 4, true},
    [REG_QUEUE_DESC_HIGH] = {"queue_desc high", 36, 4, true},
    [REG_QUEUE_DRIVER_LOW] = {"queue_driver", 40, 4, true},
    [REG_QUEUE_DRIVER_HIGH] = {"queue_driver high", 44, 4, true},
    [REG_QUEUE_DEVICE_LOW] = {"queue_device", 48, 4, true},
    [REG_QUEUE_DEVICE_HIGH] = {"queue_device high", 52, 4, true},
    [REG_QUEUE_NOTIF_DATA] = {"queue_notif_config_data", 56, 2, false},
    [REG_QUEUE_RESET] = {"queue_reset", 58, 2, true},
};

enum {
    COMMON_BYTES = 64,
    MSIX_BAR = 1,
    MAIN_BAR = 4,
    PAGE_ISR = 0x1000,
    PAGE_CONFIG = 0x2000,
    PAGE_NOTIFY = 0x3000,
    MAIN_BAR_BYTES = 0x4000
};

void sdev_pci_put16(struct sdev_pci *pci, uint8_t offset, uint16_t value)
{
    memcpy(pci->cfg + offset, &value, sizeof(value));
}

void sdev_pci_put32(struct sdev_pci *pci, uint8_t offset, uint32_t value)
{
    memcpy(pci->cfg + offset, &value, sizeof(value));
}

// Appends a virtio capability of len bytes at *at and links it from *link.
static void cap_add(struct sdev_pci *pci, uint8_t *link, uint8_t *at, uint8_t type, uint8_t len)
{
    const struct sdev_place *place = &pci->at[type];
    uint8_t *cap = pci->cfg + *at;

    pci->cfg[*link] = *at;
    cap[0] = 0x09; // vendor-specific
    cap[2] = len;
    cap[3] = type;
    cap[4] = place->bar;
    sdev_pci_put32(pci, (uint8_t)(*at + 8), place->offset);
    sdev_pci_put32(pci, (uint8_t)(*at + 12), place->length);
    *link = (uint8_t)(*at + 1);
    *at = (uint8_t)((*at + len + 3) & ~3);
}

static void modern_layout(struct sdev_pci *pci, uint8_t *link, uint8_t *at)
{
    const struct sdev_model *model = &pci->dev->model;

    pci->bar[MAIN_BAR] = (struct sdev_bar){.length = MAIN_BAR_BYTES, .is_64 = true};
    sdev_pci_put32(pci, 0x10 + 4 * MAIN_BAR, 0xc0000000u | 0x4);
    sdev_pci_put32(pci, 0x10 + 4 * MAIN_BAR + 4, 0x00000008u);
    pci->notify_multiplier = 4;
    pci->at[SDEV_CAP_COMMON] = (struct sdev_place){MAIN_BAR, 0, COMMON_BYTES};
    pci->at[SDEV_CAP_NOTIFY] = (struct sdev_place){MAIN_BAR, PAGE_NOTIFY, 4u * SDEV_MAX_QUEUES};
    pci->at[SDEV_CAP_ISR] = (struct sdev_place){MAIN_BAR, PAGE_ISR, 1};
    pci->at[SDEV_CAP_DEVICE] = (struct sdev_place){MAIN_BAR, PAGE_CONFIG, model->config_len};

    cap_add(pci, link, at, SDEV_CAP_COMMON, 16);
    sdev_pci_put32(pci, (uint8_t)(*at + 16), pci->notify_multiplier);
    cap_add(pci, link, at, SDEV_CAP_NOTIFY, 20);
    cap_add(pci, link, at, SDEV_CAP_ISR, 16);
    if (model->config_len != 0)
        cap_add(pci, link, at, SDEV_CAP_DEVICE, 16);

    // The window capability points at nothing of its own (virtio 1.2, 4.1.4.9).
    uint8_t window = *at;
    pci->cfg[*link] = window;
    pci->cfg[window] = 0x09;
    pci->cfg[window + 2] = 20;
    pci->cfg[window + 3] = SDEV_CAP_PCI;
    *link = (uint8_t)(window + 1);
}

struct sdev_pci *sdev_pci_new(struct sdev_dev *dev, enum sdev_pci_kind kind, uint16_t vectors)
{
    struct sdev_pci *pci = calloc(1, sizeof(*pci));

    if (pci == NULL)
        return NULL;
    pci->dev = dev;
    dev->vectors = vectors;
    dev->legacy = kind == SDEV_PCI_LEGACY;

    uint16_t type = dev->model.device_id;
    sdev_pci_put16(pci, 0x00, 0x1af4);
    sdev_pci_put16(pci, 0x02, kind == SDEV_PCI_MODERN ? 0x1040 + type : dev->model.transitional_id);
    sdev_pci_put16(pci, 0x04, 0x0007); // I/O, memory, bus master
    pci->cfg[0x08] = kind == SDEV_PCI_MODERN ? 1 : 0;
    sdev_pci_put16(pci, 0x2c, 0x1af4);
    sdev_pci_put16(pci, 0x2e, kind == SDEV_PCI_MODERN ? 0x1100 : type);

    uint8_t link = 0x34;
    uint8_t at = 0x40;
    if (vectors != 0) {
        pci->cfg[link] = at;
        pci->cfg[at] = SDEV_CAP_MSIX;
        sdev_pci_put16(pci, (uint8_t)(at + 2), (uint16_t)(0x8000 | (vectors - 1)));
        sdev_pci_put32(pci, (uint8_t)(at + 4), MSIX_BAR);
        sdev_pci_put32(pci, (uint8_t)(at + 8), 0x800 | MSIX_BAR);
        pci->bar[MSIX_BAR] = (struct sdev_bar){.length = 0x1000};
        sdev_pci_put32(pci, 0x10 + 4 * MSIX_BAR, 0xfebf0000u);
        link = (uint8_t)(at + 1);
        at += 12;
    }
    if (kind != SDEV_PCI_MODERN) {
        pci->bar[0] = (struct sdev_bar){.length = 256, .is_port = true};
        sdev_pci_put32(pci, 0x10, 0xc001);
        pci->at[0] = (struct sdev_place){0, 0, (vectors != 0 ? 24u : 20u) + dev->model.config_len};
    }
    if (kind != SDEV_PCI_LEGACY)
        modern_layout(pci, &link, &at);
    if (pci->cfg[0x34] != 0)
        sdev_pci_put16(pci, 0x06, 0x0010); // a capability list
    return pci;
}

void sdev_pci_free(struct sdev_pci *pci)
{
    free(pci);
}

uint8_t sdev_pci_cap(const struct sdev_pci *pci, uint8_t type)
{
    uint8_t at = pci->cfg[0x34];

    for (unsigned steps = 0; at >= 0x40 && steps < 48; steps++) { // 48 fit in 192 bytes
        bool found = type == SDEV_CAP_MSIX ? pci->cfg[at] == SDEV_CAP_MSIX
                                           : pci->cfg[at] == 0x09 && pci->cfg[at + 3] == type;
        if (found)
            return at;
        at = pci->cfg[at + 1];
    }
    return 0;
}

void sdev_pci_cfg_read(struct sdev_pci *pci, uint32_t offset, void *buf, uint32_t len)
{
    pci->cfg_reads++;
    if (pci->dev->quirks.gone) {
        memset(buf, 0xff, len);
    } else if (offset > SDEV_PCI_CFG_BYTES || len > SDEV_PCI_CFG_BYTES - offset) {
        sdev_fault(&pci->dev->faults, "configuration space read of %u bytes at 0x%x", len, offset);
        memset(buf, 0xff, len);
    } else {
        memcpy(buf, pci->cfg + offset, len);
    }
}

// Which bits of a byte of configuration space can be written.
static uint8_t cfg_writable(const struct sdev_pci *pci, uint32_t offset)
{
    uint8_t msix = sdev_pci_cap(pci, SDEV_CAP_MSIX);
    unsigned n = (offset - 0x10) / 4;
    unsigned shift = 8 * (offset % 4);

    if (offset == 0x04 || offset == 0x05)
        return offset == 0x04 ? 0x07 : 0x04;
    if (offset >= 0x10 && n < SDEV_PCI_BARS) {
        if (pci->bar[n].length != 0)
            return (uint8_t)(~(pci->bar[n].length - 1) >> shift);
        return n > 0 && pci->bar[n - 1].is_64 ? 0xff : 0;
    }
    if (offset == 0x3c)
        return 0xff;
    return msix != 0 && offset == msix + 3u ? 0xc0 : 0;
}

void sdev_pci_cfg_write(struct sdev_pci *pci, uint32_t offset, const void *buf, uint32_t len)
{
    uint8_t msix = sdev_pci_cap(pci, SDEV_CAP_MSIX);

    if (pci->dev->quirks.gone)
        return;
    if (offset > SDEV_PCI_CFG_BYTES || len > SDEV_PCI_CFG_BYTES - offset) {
        sdev_fault(&pci->dev->faults, "configuration space write of %u bytes at 0x%x", len, offset);
        return;
    }
    for (uint32_t i = 0; i < len; i++) {
        uint8_t mask = cfg_writable(pci, offset + i);
        uint8_t *byte = &pci->cfg[offset + i];

        *byte = (uint8_t)((*byte & ~mask) | (((const uint8_t *)buf)[i] & mask));
    }
    if (msix != 0)
        pci->dev->vectors =
            (pci->cfg[msix + 3] & 0x80) != 0
                ? (uint16_t)(((pci->cfg[msix + 2] | pci->cfg[msix + 3] << 8) & 0x7ff) + 1)
                : 0;
}

// PCI 3.0, 6.8.2: an entry's mask bit, and what is told when it is clear.
static void message_try(struct sdev_pci *pci, unsigned vector)
{
    const uint32_t *entry = pci->msix_table[vector];

    if (!pci->msix_pending[vector] || (entry[3] & 1) != 0)
        return;
    pci->msix_pending[vector] = false;
    pci->message(pci->message_ctx, entry[0] | (uint64_t)entry[1] << 32, entry[2]);
}

static void message_raise(void *ctx, unsigned vector)
{
    struct sdev_pci *pci = ctx;

    if (pci->dev->vectors == 0) // a line has no message
        return;
    pci->msix_pending[vector] = true;
    message_try(pci, vector);
}

void sdev_pci_messages(struct sdev_pci *pci,
                       void (*message)(void *ctx, uint64_t address, uint32_t data), void *ctx)
{
    pci->message = message;
    pci->message_ctx = ctx;
    pci->dev->irq = message_raise;
    pci->dev->irq_ctx = pci;
}

// The word of the MSI-X table at an offset in its BAR; NULL when there is none.
static uint32_t *msix_word(struct sdev_pci *pci, unsigned bar, uint64_t offset, unsigned width)
{
    uint8_t msix = sdev_pci_cap(pci, SDEV_CAP_MSIX);

    if (msix == 0 || bar != MSIX_BAR || width != 4 || offset % 4 != 0 ||
        offset / 16 > (unsigned)((pci->cfg[msix + 2] | pci->cfg[msix + 3] << 8) & 0x7ff) ||
        offset / 16 >= SDEV_MAX_VECTORS)
        return NULL;
    return &pci->msix_table[offset / 16][offset / 4 % 4];
}

static uint16_t queue_count(const struct sdev_pci *pci)
{
    const struct sdev_dev *dev = pci->dev;

    return dev->quirks.num_queues_set ? dev->quirks.num_queues : dev->model.queues;
}

struct sdev_vq *sdev_pci_selected(struct sdev_pci *pci)
{
    struct sdev_dev *dev = pci->dev;

    return pci->queue_select < dev->model.queues ? &dev->vq[pci->queue_select] : NULL;
}

uint16_t sdev_pci_queue_size(struct sdev_pci *pci)
{
    struct sdev_vq *vq = sdev_pci_selected(pci);

    if (vq == NULL)
        return 0;
    return pci->dev->quirks.queue_size_set ? pci->dev->quirks.queue_size : vq->size;
}

static uint32_t queue_reg_read(struct sdev_pci *pci, enum reg reg)
{
    const struct sdev_quirks *quirks = &pci->dev->quirks;
    const struct sdev_vq *vq = sdev_pci_selected(pci);

    if (vq == NULL)
        return 0;
    switch (reg) {
    case REG_QUEUE_SIZE:
        return sdev_pci_queue_size(pci);
    case REG_QUEUE_VECTOR:
        return vq->vector;
    case REG_QUEUE_ENABLE:
        return vq->enabled || quirks->enabled_at_start;
    case REG_QUEUE_NOTIFY_OFF:
        return quirks->notify_off_set ? quirks->notify_off : vq->notify_off;
    case REG_QUEUE_DESC_LOW:
        return (uint32_t)vq->desc;
    case REG_QUEUE_DESC_HIGH:
        return (uint32_t)(vq->desc >> 32);
    case REG_QUEUE_DRIVER_LOW:
        return (uint32_t)vq->driver;
    case REG_QUEUE_DRIVER_HIGH:
        return (uint32_t)(vq->driver >> 32);
    case REG_QUEUE_DEVICE_LOW:
        return (uint32_t)vq->device;
    case REG_QUEUE_DEVICE_HIGH:
        return (uint32_t)(vq->device >> 32);
    case REG_QUEUE_NOTIF_DATA:
        return 0x40u + pci->queue_select;
    case REG_QUEUE_RESET:
        return vq->resetting;
    default:
        return 0;
    }
}

static uint32_t common_read(struct sdev_pci *pci, enum reg reg)
{
    struct sdev_dev *dev = pci->dev;

    switch (reg) {
    case REG_DEVICE_FEATURE_SELECT:
        return pci->device_feature_select;
    case REG_DEVICE_FEATURE:
        return pci->device_feature_select > 1
                   ? 0
                   : (uint32_t)(dev->model.features >> (32 * pci->device_feature_select));
    case REG_DRIVER_FEATURE_SELECT:
        return pci->driver_feature_select;
    case REG_DRIVER_FEATURE:
        return pci->driver_feature_select > 1
                   ? 0
                   : (uint32_t)(dev->driver_features >> (32 * pci->driver_feature_select));
    case REG_CONFIG_VECTOR:
        return dev->config_vector;
    case REG_NUM_QUEUES:
        return queue_count(pci);
    case REG_STATUS:
        return sdev_dev_status(dev);
    case REG_GENERATION:
        return sdev_dev_generation(dev);
    case REG_QUEUE_SELECT:
        return pci->queue_select;
    default:
        return queue_reg_read(pci, reg);
    }
}

static void set_half(uint64_t *value, bool high, uint32_t half)
{
    if (high)
        *value = (*value & UINT32_MAX) | (uint64_t)half << 32;
    else
        *value = (*value & ~(uint64_t)UINT32_MAX) | half;
}

// virtio 1.2, 4.1.4.3.2: what a driver may put into queue_size.
static void queue_size_write(struct sdev_pci *pci, struct sdev_vq *vq, uint32_t size)
{
    struct sdev_dev *dev = pci->dev;
    bool packed = (dev->driver_features & SDEV_F_RING_PACKED) != 0;

    if (size == 0 || (!packed && (size & (size - 1)) != 0) || size > sdev_pci_queue_size(pci))
        sdev_fault(&dev->faults, "queue size %u written, at most %u", (unsigned)size,
                   sdev_pci_queue_size(pci));
    vq->size = (uint16_t)size;
}

static void queue_reg_write(struct sdev_pci *pci, enum reg reg, uint32_t value)
{
    struct sdev_dev *dev = pci->dev;
    struct sdev_vq *vq = sdev_pci_selected(pci);

    if (vq == NULL) {
        sdev_fault(&dev->faults, "%s written for queue %u of %u", regs[reg].name, pci->queue_select,
                   dev->model.queues);
        return;
    }
    // virtio 1.2, 4.1.4.3.2: everything is set up before the queue is enabled.
    if (vq->enabled && reg != REG_QUEUE_RESET && reg != REG_QUEUE_ENABLE && reg != REG_QUEUE_VECTOR)
        sdev_fault(&dev->faults, "%s written while queue %u is enabled", regs[reg].name,
                   pci->queue_select);

    switch (reg) {
    case REG_QUEUE_SIZE:
        queue_size_write(pci, vq, value);
        break;
    case REG_QUEUE_VECTOR:
        sdev_dev_set_vector(dev, &vq->vector, (uint16_t)value);
        break;
    case REG_QUEUE_ENABLE:
        if (value != 1)
            sdev_fault(&dev->faults, "queue_enable written with %u", (unsigned)value);
        else
            sdev_dev_queue_enable(dev, pci->queue_select);
        break;
    case REG_QUEUE_DESC_LOW:
    case REG_QUEUE_DESC_HIGH:
        set_half(&vq->desc, reg == REG_QUEUE_DESC_HIGH, value);
        break;
    case REG_QUEUE_DRIVER_LOW:
    case REG_QUEUE_DRIVER_HIGH:
        set_half(&vq->driver, reg == REG_QUEUE_DRIVER_HIGH, value);
        break;
    case REG_QUEUE_DEVICE_LOW:
    case REG_QUEUE_DEVICE_HIGH:
        set_half(&vq->device, reg == REG_QUEUE_DEVICE_HIGH, value);
        break;
    case REG_QUEUE_RESET:
        if (value != 1)
            sdev_fault(&dev->faults, "queue_reset written with %u", (unsigned)value);
        else
            sdev_dev_queue_reset(dev, pci->queue_select);
        break;
    default:
        break;
    }
}

static void common_write(struct sdev_pci *pci, enum reg reg, uint32_t value)
{
    struct sdev_dev *dev = pci->dev;

    switch (reg) {
    case REG_DEVICE_FEATURE_SELECT:
        pci->device_feature_select = value;
        break;
    case REG_DRIVER_FEATURE_SELECT:
        pci->driver_feature_select = value;
        break;
    case REG_DRIVER_FEATURE:
        if (pci->driver_feature_select > 1)
            sdev_fault(&dev->faults, "driver_feature written for word %u",
                       (unsigned)pci->driver_feature_select);
        else
            sdev_dev_set_features(dev, (uint64_t)UINT32_MAX << (32 * pci->driver_feature_select),
                                  (uint64_t)value << (32 * pci->driver_feature_select));
        break;
    case REG_CONFIG_VECTOR:
        sdev_dev_set_vector(dev, &dev->config_vector, (uint16_t)value);
        break;
    case REG_STATUS:
        sdev_dev_set_status(dev, (uint8_t)value);
        break;
    case REG_QUEUE_SELECT:
        pci->queue_select = (uint16_t)value;
        break;
    default:
        queue_reg_write(pci, reg, value);
        break;
    }
}

static int reg_find(struct sdev_pci *pci, uint32_t offset, unsigned width)
{
    for (int i = 0; i < REG_COUNT; i++) {
        if (regs[i].offset == offset && regs[i].width == width)
            return i;
    }
    sdev_fault(&pci->dev->faults, "common configuration: no register of %u bytes at %u", width,
               (unsigned)offset);
    return -1;
}

// The structure at an address: its type, or -1.
static int place_find(const struct sdev_pci *pci, unsigned bar, uint64_t offset, unsigned width,
                      uint32_t *inside)
{
    for (int type = 0; type < SDEV_CAP_PCI; type++) {
        const struct sdev_place *place = &pci->at[type];

        if (place->length == 0 || place->bar != bar || offset < place->offset)
            continue;
        if (offset - place->offset < place->length &&
            width <= place->length - (offset - place->offset)) {
            *inside = (uint32_t)(offset - place->offset);
            return type;
        }
    }
    return -1;
}

uint32_t sdev_pci_read(struct sdev_pci *pci, unsigned bar, uint64_t offset, unsigned width)
{
    struct sdev_dev *dev = pci->dev;
    uint32_t ones = width == 4 ? UINT32_MAX : (1u << (8 * width)) - 1;
    const uint32_t *word = msix_word(pci, bar, offset, width);
    uint32_t inside = 0;
    int reg = -1;

    pci->bar_reads++;
    if (dev->quirks.gone)
        return ones;
    if (word != NULL)
        return *word;

    switch (place_find(pci, bar, offset, width, &inside)) {
    case 0:
        return sdev_legacy_read(pci, inside, width) & ones;
    case SDEV_CAP_COMMON:
        reg = reg_find(pci, inside, width);
        return reg < 0 ? ones : common_read(pci, (enum reg)reg) & ones;
    case SDEV_CAP_ISR: {
        uint8_t isr = dev->isr;

        dev->isr = 0;
        return isr;
    }
    case SDEV_CAP_DEVICE:
        return sdev_dev_config_read(dev, inside, width) & ones;
    default:
        sdev_fault(&dev->faults, "read of %u bytes in BAR %u at 0x%llx, where nothing is", width,
                   bar, (unsigned long long)offset);
        return ones;
    }
}

// virtio 1.2, 4.1.5.2: value and width of a doorbell depend on two features.
static void doorbell(struct sdev_pci *pci, uint32_t inside, unsigned width, uint32_t value)
{
    struct sdev_dev *dev = pci->dev;
    bool data = (dev->driver_features & SDEV_F_NOTIFICATION_DATA) != 0;
    bool config_data = (dev->driver_features & SDEV_F_NOTIF_CONFIG_DATA) != 0;
    unsigned queue = (value & 0xffff) - (config_data ? 0x40u : 0);

    if (width != (data ? 4u : 2u))
        sdev_fault(&dev->faults, "doorbell of %u bytes", width);
    if (queue < dev->model.queues && inside != dev->vq[queue].notify_off * pci->notify_multiplier)
        sdev_fault(&dev->faults, "doorbell of queue %u at 0x%x", queue, (unsigned)inside);
    sdev_dev_notify(dev, queue, value);
}

void sdev_pci_write(struct sdev_pci *pci, unsigned bar, uint64_t offset, unsigned width,
                    uint32_t value)
{
    struct sdev_dev *dev = pci->dev;
    uint32_t *word = msix_word(pci, bar, offset, width);
    uint32_t inside = 0;
    int reg = -1;

    pci->bar_writes++;
    if (dev->quirks.gone)
        return;
    if (word != NULL) {
        *word = value;
        message_try(pci, (unsigned)(offset / 16));
        return;
    }

    switch (place_find(pci, bar, offset, width, &inside)) {
    case 0:
        sdev_legacy_write(pci, inside, width, value);
        break;
    case SDEV_CAP_COMMON:
        reg = reg_find(pci, inside, width);
        if (reg >= 0 && !regs[reg].writable)
            sdev_fault(&dev->faults, "%s is read-only", regs[reg].name);
        else if (reg >= 0)
            common_write(pci, (enum reg)reg, value);
        break;
    case SDEV_CAP_NOTIFY:
        doorbell(pci, inside, width, value);
        break;
    case SDEV_CAP_DEVICE:
        sdev_dev_config_write(dev, inside, width, value);
        break;
    default:
        sdev_fault(&dev->faults, "write of %u bytes in BAR %u at 0x%llx, where nothing is", width,
                   bar, (unsigned long long)offset);
        break;
    }
}
