// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/sdev_dev.h"

#include <stdlib.h>
#include <string.h>

static void vq_default(struct sdev_dev *dev, unsigned queue)
{
    struct sdev_vq *vq = &dev->vq[queue];

    *vq = (struct sdev_vq){
        .size = dev->model.queue_size,
        .vector = SDEV_NO_VECTOR,
        .notify_off = (uint16_t)queue,
        .kicks = vq->kicks,
    };
}

static void registers_default(struct sdev_dev *dev)
{
    for (unsigned i = 0; i < dev->model.queues; i++) {
        sdev_dev_queue_disable(dev, i);
        vq_default(dev, i);
    }
    dev->driver_features = 0;
    dev->config_vector = SDEV_NO_VECTOR;
    dev->isr = 0;
}

struct sdev_dev *sdev_dev_new(const struct sdev_model *model, bool low)
{
    struct sdev_dev *dev = calloc(1, sizeof(*dev));

    if (dev == NULL)
        return NULL;
    dev->model = *model;
    dev->mem = sdev_mem_new(&dev->faults, low);
    if (dev->mem == NULL) {
        free(dev);
        return NULL;
    }
    registers_default(dev);
    return dev;
}

void sdev_dev_free(struct sdev_dev *dev)
{
    if (dev == NULL)
        return;
    for (unsigned i = 0; i < dev->model.queues; i++)
        sdev_dev_queue_disable(dev, i);
    sdev_mem_free(dev->mem);
    free(dev);
}

uint8_t sdev_dev_status(struct sdev_dev *dev)
{
    if (dev->quirks.gone || dev->quirks.status_ones)
        return 0xff;
    if (dev->polls_left != 0) {
        dev->polls_left--;
        return SDEV_STATUS_ACKNOWLEDGE;
    }
    if (dev->status == 0)
        dev->reset_seen = true;
    return dev->status;
}

static void status_reset(struct sdev_dev *dev)
{
    if (dev->quirks.reset_never_ends)
        return;
    if (dev->quirks.gone_on_reset)
        dev->quirks.gone = true;
    registers_default(dev);
    dev->status = 0;
    dev->reset_seen = false;
    dev->polls_left = dev->quirks.reset_polls;
    dev->resets++;
}

// virtio 1.2, 2.2.2: a device that cannot work with a set of features refuses it.
static bool features_acceptable(struct sdev_dev *dev)
{
    uint64_t extra = dev->driver_features & ~dev->model.features;

    if (extra != 0)
        sdev_fault(&dev->faults, "driver accepts features 0x%llx that were not offered",
                   (unsigned long long)extra);
    return extra == 0 && !dev->quirks.refuse_features &&
           (dev->driver_features & SDEV_F_VERSION_1) != 0;
}

void sdev_dev_set_status(struct sdev_dev *dev, uint8_t status)
{
    if (dev->quirks.gone)
        return;
    if (status == 0) {
        status_reset(dev);
        return;
    }

    uint8_t added = status & (uint8_t)~dev->status;
    uint8_t kept = SDEV_STATUS_ACKNOWLEDGE | SDEV_STATUS_DRIVER | SDEV_STATUS_DRIVER_OK |
                   SDEV_STATUS_FEATURES_OK | SDEV_STATUS_FAILED;

    if ((dev->status & kept & (uint8_t)~status) != 0) // virtio 1.2, 2.1.1
        sdev_fault(&dev->faults, "status goes from 0x%x to 0x%x without a reset", dev->status,
                   status);
    if (dev->resets != 0 && !dev->reset_seen && dev->status == 0) // virtio 1.2, 4.1.4.3.2
        sdev_fault(&dev->faults, "status written before the reset was seen to end");
    if ((added & SDEV_STATUS_FEATURES_OK) != 0) { // virtio 1.2, 3.1.1
        if ((status & SDEV_STATUS_DRIVER) == 0)
            sdev_fault(&dev->faults, "FEATURES_OK without DRIVER");
        if (!features_acceptable(dev))
            status &= (uint8_t)~SDEV_STATUS_FEATURES_OK;
    }
    if ((added & SDEV_STATUS_DRIVER_OK) != 0 && !dev->legacy &&
        (status & SDEV_STATUS_FEATURES_OK) == 0)
        sdev_fault(&dev->faults, "DRIVER_OK without FEATURES_OK");
    dev->status = status | (dev->status & SDEV_STATUS_NEEDS_RESET);
}

void sdev_dev_set_features(struct sdev_dev *dev, uint64_t mask, uint64_t value)
{
    if ((dev->status & SDEV_STATUS_FEATURES_OK) != 0)
        sdev_fault(&dev->faults, "features written after FEATURES_OK");
    dev->driver_features = (dev->driver_features & ~mask) | (value & mask);
}

uint8_t sdev_dev_generation(struct sdev_dev *dev)
{
    if (dev->quirks.generation_runs)
        dev->generation++;
    return dev->generation;
}

// Generation moves when the driver reads after a change, so it cannot wrap unseen (4.1.4.3.1).
static void config_look(struct sdev_dev *dev)
{
    if (dev->quirks.generation_turns != 0) {
        dev->quirks.generation_turns--;
        dev->model.config[0]++;
        dev->generation++;
    }
    if (dev->config_changed) {
        dev->config_changed = false;
        dev->generation++;
    }
}

uint32_t sdev_dev_config_read(struct sdev_dev *dev, uint32_t offset, unsigned width)
{
    uint32_t value = 0;

    if (dev->quirks.gone)
        return UINT32_MAX;
    if (offset > dev->model.config_len || width > dev->model.config_len - offset) {
        sdev_fault(&dev->faults, "configuration read of %u bytes at %u of %u", width,
                   (unsigned)offset, (unsigned)dev->model.config_len);
        return UINT32_MAX;
    }
    config_look(dev);
    memcpy(&value, dev->model.config + offset, width);
    return value;
}

void sdev_dev_config_write(struct sdev_dev *dev, uint32_t offset, unsigned width, uint32_t value)
{
    if (dev->quirks.gone)
        return;
    if (!dev->legacy && (dev->status & SDEV_STATUS_FEATURES_OK) == 0) // virtio 1.2, 3.1.1 step 4
        sdev_fault(&dev->faults, "configuration written before FEATURES_OK");
    if (offset > dev->model.config_len || width > dev->model.config_len - offset) {
        sdev_fault(&dev->faults, "configuration write of %u bytes at %u of %u", width,
                   (unsigned)offset, (unsigned)dev->model.config_len);
        return;
    }
    memcpy(dev->model.config + offset, &value, width);
}

void sdev_dev_queue_enable(struct sdev_dev *dev, unsigned queue)
{
    struct sdev_vq *vq = &dev->vq[queue];

    if (dev->quirks.gone || dev->quirks.refuse_enable)
        return;
    if (vq->enabled) {
        sdev_fault(&dev->faults, "queue %u enabled twice", queue);
        return;
    }
    if (!dev->legacy && (dev->status & SDEV_STATUS_FEATURES_OK) == 0)
        sdev_fault(&dev->faults, "queue %u enabled before FEATURES_OK", queue);

    struct sdev_ring_cfg ring_cfg = {
        .mem = dev->mem,
        .faults = &dev->faults,
        .features = dev->driver_features,
        .desc = vq->desc,
        .driver = vq->driver,
        .device = vq->device,
        .num = vq->size,
    };
    struct sdev_worker_cfg worker_cfg = {
        .policy = dev->policy,
        .handler = dev->model.handler,
        .ctx = dev->model.ctx,
        .queue = queue,
        .seed = queue,
    };

    vq->ring = sdev_ring_new(&ring_cfg);
    if (vq->ring == NULL)
        return;
    vq->worker = sdev_worker_new(vq->ring, &worker_cfg);
    if (vq->worker == NULL) {
        sdev_ring_free(vq->ring);
        vq->ring = NULL;
        return;
    }
    vq->enabled = true;
}

void sdev_dev_queue_disable(struct sdev_dev *dev, unsigned queue)
{
    struct sdev_vq *vq = &dev->vq[queue];

    sdev_worker_free(vq->worker);
    sdev_ring_free(vq->ring);
    vq->worker = NULL;
    vq->ring = NULL;
    vq->enabled = false;
}

void sdev_dev_queue_reset(struct sdev_dev *dev, unsigned queue)
{
    if (dev->quirks.gone)
        return;
    if ((dev->driver_features & SDEV_F_RING_RESET) == 0) {
        sdev_fault(&dev->faults, "queue %u reset without RING_RESET", queue);
        return;
    }
    if (dev->quirks.queue_reset_stuck) {
        dev->vq[queue].resetting = true;
        return;
    }
    sdev_dev_queue_disable(dev, queue);
    vq_default(dev, queue);
}

uint16_t sdev_dev_set_vector(struct sdev_dev *dev, uint16_t *slot, uint16_t vector)
{
    if (vector != SDEV_NO_VECTOR && vector >= dev->vectors) // virtio 1.2, 4.1.5.1.2.2
        sdev_fault(&dev->faults, "vector %u of %u", vector, dev->vectors);
    if (dev->quirks.refuse_vectors)
        vector = SDEV_NO_VECTOR;
    if (dev->quirks.wrong_vectors && vector != SDEV_NO_VECTOR)
        vector ^= 1;
    *slot = vector;
    return vector;
}

static void raise_irq(struct sdev_dev *dev, uint16_t vector, uint8_t isr_bit)
{
    if (dev->vectors == 0) {
        dev->isr |= isr_bit;
        dev->intx++;
        if (dev->irq != NULL)
            dev->irq(dev->irq_ctx, 0);
    } else if (vector < SDEV_MAX_VECTORS) { // SDEV_NO_VECTOR is not
        dev->irqs[vector]++;
        if (dev->irq != NULL)
            dev->irq(dev->irq_ctx, vector);
    }
}

static bool queue_run(struct sdev_dev *dev, unsigned queue)
{
    struct sdev_vq *vq = &dev->vq[queue];

    if (!vq->enabled || (dev->status & SDEV_STATUS_DRIVER_OK) == 0 || dev->quirks.gone)
        return false;

    uint64_t before = sdev_ring_used(vq->ring);
    if (sdev_worker_step(vq->worker))
        raise_irq(dev, vq->vector, 1);
    return vq->enabled && sdev_ring_used(vq->ring) != before;
}

void sdev_dev_notify(struct sdev_dev *dev, unsigned queue, uint32_t value)
{
    if (dev->quirks.gone)
        return;
    if (queue >= dev->model.queues) {
        sdev_fault(&dev->faults, "notification for queue %u of %u", queue, dev->model.queues);
        return;
    }
    if ((dev->status & SDEV_STATUS_DRIVER_OK) == 0) // virtio 1.2, 3.1.1
        sdev_fault(&dev->faults, "queue %u notified before DRIVER_OK", queue);
    if (!dev->vq[queue].enabled)
        sdev_fault(&dev->faults, "queue %u notified while not enabled", queue);
    dev->vq[queue].kicks++;
    dev->vq[queue].last_kick = value;
    if (dev->run_on_kick)
        queue_run(dev, queue);
}

bool sdev_dev_run(struct sdev_dev *dev)
{
    bool any = false;

    for (unsigned i = 0; i < dev->model.queues; i++)
        any = queue_run(dev, i) || any;
    return any;
}

void sdev_dev_config_change(struct sdev_dev *dev, uint32_t offset, const void *data, size_t len)
{
    memcpy(dev->model.config + offset, data, len);
    dev->config_changed = true;
    if ((dev->status & SDEV_STATUS_DRIVER_OK) != 0)
        raise_irq(dev, dev->config_vector, 2);
}

void sdev_dev_fail(struct sdev_dev *dev)
{
    dev->status |= SDEV_STATUS_NEEDS_RESET;
    if ((dev->status & SDEV_STATUS_DRIVER_OK) != 0)
        raise_irq(dev, dev->config_vector, 2);
}
