// SPDX-License-Identifier: BSD-3-Clause
//
// A device's life cycle over any transport.

#include "vdev.h"

// Private memory of a queue starts with what its doorbell and its end need.
struct vdev_doorbell {
    struct vdev *dev;
    struct vtransport_doorbell bell;
    vq_broken_fn broken;
    void *broken_ctx;
};

#define DOORBELL_BYTES ((sizeof(struct vdev_doorbell) + 15) & ~(size_t)15)

struct vdev {
    const struct vio_os *os;
    const struct vtransport_ops *ops;
    void *transport;
    uint64_t offered;
    uint64_t features;
    bool negotiated;        // from FEATURES_OK until the next reset
    bool live;              // from DRIVER_OK until the next reset
    uint32_t broken_queues; // queues that were poisoned and not reset since
};

_Static_assert(sizeof(struct vdev) <= sizeof(struct vdev_memory), "room for the device");

// What a removed device reads as. All status bits at once is no state of a present one.
#define STATUS_GONE 0xffu
#define ISR_GONE    0xffu

struct vdev *vdev_init(struct vdev_memory *memory, const struct vio_os *os,
                       const struct vtransport_ops *ops, void *transport)
{
    struct vdev *dev = (struct vdev *)memory;

    __builtin_memset(memory, 0, sizeof(*memory));
    dev->os = os;
    dev->ops = ops;
    dev->transport = transport;
    return dev;
}

static uint8_t status_read(struct vdev *dev)
{
    return dev->ops->status_read(dev->transport);
}

// Sets status bits; those that are set stay (virtio 1.2, 2.1.1).
static void status_add(struct vdev *dev, uint8_t bits)
{
    dev->ops->status_write(dev->transport, status_read(dev) | bits);
}

enum vio_status vdev_reset(struct vdev *dev)
{
    const uint32_t looks = VDEV_RESET_US / VDEV_RESET_STEP_US;

    dev->negotiated = false;
    dev->live = false;
    if (status_read(dev) == STATUS_GONE)
        return VIO_E_GONE;
    dev->ops->status_write(dev->transport, 0);
    // Bound: `looks` steps of VDEV_RESET_STEP_US.
    for (uint32_t i = 0; i <= looks; i++) {
        const uint8_t status = status_read(dev);

        if (status == 0) {
            __atomic_store_n(&dev->broken_queues, 0, __ATOMIC_RELAXED);
            return VIO_OK;
        }
        if (status == STATUS_GONE)
            return VIO_E_GONE;
        dev->os->stall(dev->os->ctx, VDEV_RESET_STEP_US);
    }
    vio_log(dev->os, VIO_LOG_ERROR, "device reset timed out", VIO_NO_QUEUE, status_read(dev), 0);
    return VIO_E_TIMEOUT;
}

enum vio_status vdev_negotiate(struct vdev *dev, uint64_t wanted, uint64_t required)
{
    const bool legacy = dev->ops->legacy;
    uint64_t features;
    enum vio_status status;

    dev->features = 0;
    status = vdev_reset(dev);
    if (status != VIO_OK)
        goto fail;
    status_add(dev, VDEV_ACKNOWLEDGE);
    status_add(dev, VDEV_DRIVER);
    dev->offered = dev->ops->features_read(dev->transport);
    if (legacy)
        dev->offered &= 0xffffffffu;
    // Filtered last, so that a dependency that the device did not offer takes its dependants along.
    // VERSION_1 is no choice of the driver's (virtio 1.2, 6.1).
    features = vfeat_filter((wanted | VIO_BIT(VIO_F_VERSION_1)) & dev->offered);
    if (required & ~features) {
        vio_log(dev->os, VIO_LOG_ERROR, "required feature bits are missing", VIO_NO_QUEUE,
                required & ~features, dev->offered);
        status = VIO_E_NO_FEATURE;
        goto fail;
    }
    dev->ops->features_write(dev->transport, features);
    if (!legacy) {
        if (!(features & VIO_BIT(VIO_F_VERSION_1))) {
            vio_log(dev->os, VIO_LOG_ERROR, "modern device without VERSION_1", VIO_NO_QUEUE,
                    dev->offered, VIO_BIT(VIO_F_VERSION_1));
            status = VIO_E_NO_FEATURE;
            goto fail;
        }
        status_add(dev, VDEV_FEATURES_OK);
        if (!(status_read(dev) & VDEV_FEATURES_OK)) {
            vio_log(dev->os, VIO_LOG_ERROR, "device refused the feature bits", VIO_NO_QUEUE,
                    features, dev->offered);
            status = VIO_E_FEATURES;
            goto fail;
        }
    }
    dev->features = features;
    dev->negotiated = true;
    return VIO_OK;
fail:
    if (status != VIO_E_GONE)
        vdev_fail(dev);
    return status;
}

enum vio_status vdev_ready(struct vdev *dev)
{
    if (!dev->negotiated || dev->live)
        return VIO_E_STATE;
    if (vdev_gone(dev))
        return VIO_E_GONE;
    status_add(dev, VDEV_DRIVER_OK);
    dev->live = true;
    return VIO_OK;
}

void vdev_fail(struct vdev *dev)
{
    dev->negotiated = false;
    status_add(dev, VDEV_FAILED);
}

bool vdev_has(const struct vdev *dev, unsigned bit)
{
    return bit < 64 && (dev->features & VIO_BIT(bit));
}

uint64_t vdev_features(const struct vdev *dev)
{
    return dev->features;
}

uint64_t vdev_offered(const struct vdev *dev)
{
    return dev->offered;
}

bool vdev_gone(struct vdev *dev)
{
    return status_read(dev) == STATUS_GONE;
}

bool vdev_needs_reset(struct vdev *dev)
{
    // A removed device shows the bit as well.
    return __atomic_load_n(&dev->broken_queues, __ATOMIC_RELAXED) != 0 ||
           (status_read(dev) & VDEV_NEEDS_RESET);
}

static bool config_inside(struct vdev *dev, uint32_t offset, uint32_t len)
{
    const uint32_t length = dev->ops->config_length(dev->transport);

    return offset <= length && len <= length - offset;
}

uint32_t vdev_config_generation(struct vdev *dev)
{
    return dev->ops->config_generation(dev->transport);
}

// Whether what was just read into `buffer` reads the same again. Legacy devices have no generation
// to ask (virtio 1.2, 2.5.4); each field is compared in its own width.
static bool legacy_unchanged(struct vdev *dev, uint32_t offset, const uint8_t *buffer, uint32_t len)
{
    const uint32_t step = len == 2 || len == 4 || len == 8 ? len : 1;
    uint8_t again[8];

    for (uint32_t at = 0; at < len; at += step) {
        dev->ops->config_read(dev->transport, offset + at, again, step);
        if (__builtin_memcmp(again, buffer + at, step) != 0)
            return false;
    }
    return true;
}

enum vio_status vdev_config_read(struct vdev *dev, uint32_t offset, void *buffer, uint32_t len)
{
    if (!config_inside(dev, offset, len)) {
        __builtin_memset(buffer, 0, len);
        return VIO_E_RANGE;
    }
    for (uint32_t tries = 0; tries < VDEV_CONFIG_TRIES; tries++) {
        const uint32_t before = vdev_config_generation(dev);

        dev->ops->config_read(dev->transport, offset, buffer, len);
        if (vdev_config_generation(dev) == before &&
            (!dev->ops->legacy || legacy_unchanged(dev, offset, buffer, len)))
            return VIO_OK;
    }
    vio_log(dev->os, VIO_LOG_WARNING, "configuration kept changing", VIO_NO_QUEUE, offset,
            VDEV_CONFIG_TRIES);
    __builtin_memset(buffer, 0, len);
    return VIO_E_UNSTABLE;
}

enum vio_status vdev_config_read8(struct vdev *dev, uint32_t offset, uint8_t *value)
{
    return vdev_config_read(dev, offset, value, sizeof(*value));
}

enum vio_status vdev_config_read16(struct vdev *dev, uint32_t offset, uint16_t *value)
{
    return vdev_config_read(dev, offset, value, sizeof(*value));
}

enum vio_status vdev_config_read32(struct vdev *dev, uint32_t offset, uint32_t *value)
{
    return vdev_config_read(dev, offset, value, sizeof(*value));
}

enum vio_status vdev_config_read64(struct vdev *dev, uint32_t offset, uint64_t *value)
{
    return vdev_config_read(dev, offset, value, sizeof(*value));
}

enum vio_status vdev_config_write(struct vdev *dev, uint32_t offset, const void *buffer,
                                  uint32_t len)
{
    if (!dev->negotiated)
        return VIO_E_STATE;
    if (!config_inside(dev, offset, len))
        return VIO_E_RANGE;
    dev->ops->config_write(dev->transport, offset, buffer, len);
    return VIO_OK;
}

enum vio_status vdev_config_vector(struct vdev *dev, uint16_t vector)
{
    return dev->ops->config_vector(dev->transport, vector);
}

uint8_t vdev_isr(struct vdev *dev)
{
    const uint8_t causes = dev->ops->isr_read(dev->transport);

    // Only two bits have a meaning; a device that is asleep or removed reads as all ones.
    return causes == ISR_GONE ? 0 : causes;
}

uint16_t vdev_queue_size(struct vdev *dev, uint16_t index)
{
    uint32_t size;

    if (!dev->negotiated || index >= dev->ops->queue_count(dev->transport))
        return 0;
    size = dev->ops->queue_size(dev->transport, index);
    if (size > VQ_SIZE_MAX) {
        // A legacy queue has the size that the device says, or cannot be used.
        if (dev->ops->legacy)
            return 0;
        size = VQ_SIZE_MAX;
    }
    if (!vdev_has(dev, VIO_F_RING_PACKED) && (size & (size - 1)) != 0) {
        if (dev->ops->legacy)
            return 0;
        // At most 15 bits to clear.
        while (size & (size - 1))
            size &= size - 1;
    }
    return (uint16_t)size;
}

size_t vdev_queue_private_bytes(const struct vdev *dev, uint16_t size)
{
    const size_t bytes = vq_private_bytes(size, dev->features);

    return bytes == 0 ? 0 : bytes + DOORBELL_BYTES;
}

static void ring_doorbell(void *ctx, uint32_t value)
{
    struct vdev_doorbell *door = ctx;

    // Nothing may be notified before DRIVER_OK (virtio 1.2, 3.1.1).
    if (door->dev->live)
        door->dev->ops->notify(door->dev->transport, &door->bell, value);
}

static void note_broken(void *ctx, uint16_t index, enum vq_fault fault)
{
    struct vdev_doorbell *door = ctx;

    __atomic_fetch_add(&door->dev->broken_queues, 1, __ATOMIC_RELAXED);
    if (door->broken != NULL)
        door->broken(door->broken_ctx, index, fault);
}

// Gives the queue's place and vector to the device.
static enum vio_status queue_enable(struct vdev *dev, const struct vq *vq, uint16_t vector)
{
    struct vq_areas areas;
    enum vio_status status;

    vq_get_areas(vq, &areas);
    status = dev->ops->queue_enable(dev->transport, vq_index(vq), vq_size(vq), &areas, vector);
    if (status != VIO_OK)
        vio_log(dev->os, VIO_LOG_ERROR, vio_status_text(status), vq_index(vq), vector, vq_size(vq));
    return status;
}

static bool size_allowed(struct vdev *dev, uint16_t index, uint16_t size)
{
    const uint16_t max = vdev_queue_size(dev, index);

    return size != 0 && size <= max && (!dev->ops->legacy || size == max);
}

enum vio_status vdev_queue_start(struct vdev *dev, const struct vdev_queue *queue, struct vq **out)
{
    struct vdev_doorbell *door = queue->priv;
    struct vq_config config;
    struct vq *vq;
    enum vio_status status;

    *out = NULL;
    if (!dev->negotiated)
        return VIO_E_STATE;
    if (!size_allowed(dev, queue->index, queue->size))
        return VIO_E_NO_QUEUE;
    if (door == NULL || (uintptr_t)door % 16 != 0 || queue->priv_bytes < DOORBELL_BYTES)
        return VIO_E_MEMORY;
    __builtin_memset(door, 0, sizeof(*door));
    door->dev = dev;
    door->broken = queue->broken;
    door->broken_ctx = queue->broken_ctx;
    status = dev->ops->queue_prepare(dev->transport, queue->index, dev->features, &door->bell);
    if (status != VIO_OK)
        return status;
    __builtin_memset(&config, 0, sizeof(config));
    config.os = dev->os;
    config.features = dev->features;
    config.index = queue->index;
    config.size = queue->size;
    config.notify_data = door->bell.notify_data;
    config.ring = queue->ring;
    config.ring_pa = queue->ring_pa;
    config.ring_bytes = queue->ring_bytes;
    config.priv = (uint8_t *)queue->priv + DOORBELL_BYTES;
    config.priv_bytes = queue->priv_bytes - DOORBELL_BYTES;
    config.notify = ring_doorbell;
    config.notify_ctx = door;
    config.broken = note_broken;
    config.broken_ctx = door;
    status = vq_init(&config, &vq);
    if (status != VIO_OK)
        return status;
    status = queue_enable(dev, vq, queue->vector);
    if (status != VIO_OK)
        return status;
    *out = vq;
    return VIO_OK;
}

enum vio_status vdev_queue_stop(struct vdev *dev, struct vq *vq)
{
    if (dev->negotiated)
        return VIO_E_STATE;
    vq_stop(vq);
    return VIO_OK;
}

enum vio_status vdev_queue_reset(struct vdev *dev, struct vq *vq)
{
    const uint32_t looks = VDEV_RESET_US / VDEV_RESET_STEP_US;
    const uint16_t index = vq_index(vq);

    if (!vdev_has(dev, VIO_F_RING_RESET))
        return VIO_E_NO_FEATURE;
    if (!dev->negotiated)
        return VIO_E_STATE;
    dev->ops->queue_reset(dev->transport, index);
    // Bound: `looks` steps of VDEV_RESET_STEP_US.
    for (uint32_t i = 0; i <= looks; i++) {
        if (dev->ops->queue_reset_done(dev->transport, index)) {
            if (vq_state(vq) == VQ_BROKEN)
                __atomic_fetch_sub(&dev->broken_queues, 1, __ATOMIC_RELAXED);
            vq_stop(vq);
            return VIO_OK;
        }
        if (vdev_gone(dev))
            return VIO_E_GONE;
        dev->os->stall(dev->os->ctx, VDEV_RESET_STEP_US);
    }
    vio_log(dev->os, VIO_LOG_ERROR, "queue reset timed out", index, VDEV_RESET_US, 0);
    return VIO_E_TIMEOUT;
}

enum vio_status vdev_queue_restart(struct vdev *dev, struct vq *vq, uint16_t size, uint16_t vector)
{
    enum vio_status status;

    if (!dev->negotiated)
        return VIO_E_STATE;
    if (!size_allowed(dev, vq_index(vq), size))
        return VIO_E_NO_QUEUE;
    status = vq_restart(vq, size);
    if (status != VIO_OK)
        return status;
    status = queue_enable(dev, vq, vector);
    if (status != VIO_OK)
        vq_stop(vq);
    return status;
}
