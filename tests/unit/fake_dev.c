// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/unit/fake_dev.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note(struct fake_dev *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct fake_dev *f, const char *format, ...)
{
    const size_t used = strlen(f->diary);
    va_list args;

    va_start(args, format);
    vsnprintf(f->diary + used, sizeof(f->diary) - used, format, args);
    va_end(args);
}

static void fake_log(void *ctx, const struct vio_event *event)
{
    struct fake_dev *f = ctx;

    if (event->level == VIO_LOG_ERROR)
        f->errors++;
    else if (event->level == VIO_LOG_WARNING)
        f->warnings++;
}

static void fake_stall(void *ctx, uint32_t microseconds)
{
    struct fake_dev *f = ctx;

    assert_true(microseconds >= 1 && microseconds <= 1000);
    f->stalled_us += microseconds;
}

static uint8_t status_read(void *transport)
{
    struct fake_dev *f = transport;

    if (f->gone)
        return 0xff;
    if (f->looks_left > 0) {
        if (f->looks_left != UINT_MAX && --f->looks_left == 0)
            f->status = 0;
        return f->looks_left == 0 ? 0 : 0x10;
    }
    return f->status;
}

static void status_write(void *transport, uint8_t status)
{
    struct fake_dev *f = transport;

    note(f, "s%u ", status);
    if (status == 0) {
        f->looks_left = f->reset_looks;
        if (f->looks_left == 0)
            f->status = 0;
        memset(f->enabled, 0, sizeof(f->enabled));
        return;
    }
    if (f->refuses)
        status &= (uint8_t)~8u;
    f->status = status;
}

static uint64_t features_read(void *transport)
{
    struct fake_dev *f = transport;

    note(f, "f? ");
    return f->offered;
}

static void features_write(void *transport, uint64_t features)
{
    struct fake_dev *f = transport;

    note(f, "f! ");
    f->accepted = features;
}

static uint32_t config_length(void *transport)
{
    (void)transport;
    return CONFIG_BYTES;
}

static void config_read(void *transport, uint32_t offset, void *buffer, uint32_t len)
{
    struct fake_dev *f = transport;

    assert_true(offset + len <= CONFIG_BYTES);
    memcpy(buffer, f->config + offset, len);
    if (f->generation_moves > 0) {
        f->generation_moves--;
        f->generation++;
        f->config[offset]++;
    }
}

static void config_write(void *transport, uint32_t offset, const void *buffer, uint32_t len)
{
    struct fake_dev *f = transport;

    assert_true(offset + len <= CONFIG_BYTES);
    memcpy(f->config + offset, buffer, len);
}

static uint32_t config_generation(void *transport)
{
    const struct fake_dev *f = transport;

    return f->ops.legacy ? 0 : f->generation;
}

static enum vio_status config_vector(void *transport, uint16_t vector)
{
    struct fake_dev *f = transport;

    note(f, "v%u ", vector);
    return f->vector;
}

static uint32_t queue_count(void *transport)
{
    (void)transport;
    return QUEUES;
}

static uint16_t queue_size(void *transport, uint16_t index)
{
    const struct fake_dev *f = transport;

    assert_true(index < QUEUES);
    return f->size[index];
}

static enum vio_status queue_prepare(void *transport, uint16_t index, uint64_t features,
                                     struct vtransport_doorbell *doorbell)
{
    struct fake_dev *f = transport;

    doorbell->offset = index;
    doorbell->notify_data = (uint16_t)(index + 100);
    doorbell->wide = features >> 38 & 1;
    return f->prepare;
}

static enum vio_status queue_enable(void *transport, uint16_t index, uint16_t size,
                                    const struct vq_areas *areas, uint16_t vector)
{
    struct fake_dev *f = transport;

    if (f->enable != VIO_OK)
        return f->enable;
    note(f, "q%u/%u/%u ", index, size, vector);
    f->enabled[index] = true;
    f->areas[index] = *areas;
    return VIO_OK;
}

static void queue_reset(void *transport, uint16_t index)
{
    struct fake_dev *f = transport;

    note(f, "r%u ", index);
}

static bool queue_reset_done(void *transport, uint16_t index)
{
    struct fake_dev *f = transport;

    if (f->queue_reset_looks == UINT_MAX)
        return false;
    if (f->queue_reset_looks > 0) {
        f->queue_reset_looks--;
        return false;
    }
    f->enabled[index] = false;
    return true;
}

static void notify(void *transport, const struct vtransport_doorbell *doorbell, uint32_t value)
{
    struct fake_dev *f = transport;

    assert_true(doorbell->offset < QUEUES);
    f->notified++;
    f->notify_value = value;
}

static uint8_t isr_read(void *transport)
{
    const struct fake_dev *f = transport;

    return f->gone ? 0xff : VDEV_ISR_QUEUE | VDEV_ISR_CONFIG;
}

static const struct vtransport_ops fake_ops = {
    .name = "fake",
    .status_read = status_read,
    .status_write = status_write,
    .features_read = features_read,
    .features_write = features_write,
    .config_length = config_length,
    .config_read = config_read,
    .config_write = config_write,
    .config_generation = config_generation,
    .config_vector = config_vector,
    .queue_count = queue_count,
    .queue_size = queue_size,
    .queue_prepare = queue_prepare,
    .queue_enable = queue_enable,
    .queue_reset = queue_reset,
    .queue_reset_done = queue_reset_done,
    .notify = notify,
    .isr_read = isr_read,
};

void fake_dev_up(struct fake_dev *f)
{
    memset(f, 0, sizeof(*f));
    f->os = (struct vio_os){.log = fake_log, .stall = fake_stall, .ctx = f};
    f->ops = fake_ops;
    f->offered = MODERN;
    f->reset_looks = 2;
    for (unsigned i = 0; i < QUEUES; i++)
        f->size[i] = QUEUE_SIZE;
    f->dev = vdev_init(&f->memory, &f->os, &f->ops, f);
    f->ring = aligned_alloc(4096, 16384);
    f->priv = aligned_alloc(64, 16384);
    assert_non_null(f->ring);
    assert_non_null(f->priv);
}

void fake_dev_down(struct fake_dev *f)
{
    free(f->ring);
    free(f->priv);
}

static void on_broken(void *ctx, uint16_t index, enum vq_fault fault)
{
    struct fake_dev *f = ctx;

    (void)index;
    assert_int_not_equal(fault, VQ_FAULT_NONE);
    f->broken++;
}

struct vdev_queue fake_dev_queue(struct fake_dev *f)
{
    return (struct vdev_queue){
        .index = 1,
        .size = QUEUE_SIZE,
        .vector = 7,
        .ring = f->ring,
        .ring_pa = 0x10000000,
        .ring_bytes = 16384,
        .priv = f->priv,
        .priv_bytes = 16384,
        .broken = on_broken,
        .broken_ctx = f,
    };
}

struct vq *fake_dev_start_queue(struct fake_dev *f)
{
    const struct vdev_queue queue = fake_dev_queue(f);
    struct vq *vq;

    assert_int_equal(vdev_queue_start(f->dev, &queue, &vq), VIO_OK);
    return vq;
}

void fake_dev_up_agreed(struct fake_dev *f)
{
    fake_dev_up(f);
    assert_int_equal(vdev_negotiate(f->dev, MODERN, 0), VIO_OK);
}

struct vq *fake_dev_up_ready(struct fake_dev *f)
{
    struct vq *vq;

    fake_dev_up_agreed(f);
    vq = fake_dev_start_queue(f);
    assert_int_equal(vdev_ready(f->dev), VIO_OK);
    return vq;
}

void fake_dev_add(struct vq *vq, uintptr_t token)
{
    const struct vq_sg sg = {0x1000, 16};

    assert_int_equal(vq_add(vq, &sg, 0, 1, (void *)token, NULL), VIO_OK);
}
