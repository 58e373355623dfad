// SPDX-License-Identifier: GPL-3.0-or-later
//
// The device life cycle over a transport made of variables, which keeps a diary of what it is
// asked to do.

#include "tests/unit/unit.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers-src/virtio/vdev.h"

#define BIT(n) ((uint64_t)1 << (n))

enum { QUEUES = 3, QUEUE_SIZE = 16, CONFIG_BYTES = 32 };

struct fake {
    struct vio_os os;
    struct vtransport_ops ops;
    struct vdev_memory memory;
    struct vdev *dev;
    char diary[4096];
    uint8_t status;
    uint64_t offered;
    uint64_t accepted;
    bool refuses;         // drops FEATURES_OK
    bool gone;            // all registers read as ones
    unsigned reset_looks; // status reads until a reset is done; UINT_MAX: never
    unsigned looks_left;
    uint8_t config[CONFIG_BYTES];
    uint32_t generation;
    unsigned generation_moves; // so many of the next reads see another generation
    uint16_t size[QUEUES];
    bool enabled[QUEUES];
    struct vq_areas areas[QUEUES];
    unsigned queue_reset_looks;
    enum vio_status prepare;
    enum vio_status enable;
    enum vio_status vector;
    uint64_t stalled_us;
    unsigned notified;
    uint32_t notify_value;
    unsigned errors;
    unsigned warnings;
    unsigned broken;
    uint8_t *ring;
    uint8_t *priv;
};

static void note(struct fake *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct fake *f, const char *format, ...)
{
    const size_t used = strlen(f->diary);
    va_list args;

    va_start(args, format);
    vsnprintf(f->diary + used, sizeof(f->diary) - used, format, args);
    va_end(args);
}

static void fake_log(void *ctx, const struct vio_event *event)
{
    struct fake *f = ctx;

    if (event->level == VIO_LOG_ERROR)
        f->errors++;
    else if (event->level == VIO_LOG_WARNING)
        f->warnings++;
}

static void fake_stall(void *ctx, uint32_t microseconds)
{
    struct fake *f = ctx;

    assert_true(microseconds >= 1 && microseconds <= 1000);
    f->stalled_us += microseconds;
}

static uint8_t status_read(void *transport)
{
    struct fake *f = transport;

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
    struct fake *f = transport;

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
    struct fake *f = transport;

    note(f, "f? ");
    return f->offered;
}

static void features_write(void *transport, uint64_t features)
{
    struct fake *f = transport;

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
    struct fake *f = transport;

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
    struct fake *f = transport;

    assert_true(offset + len <= CONFIG_BYTES);
    memcpy(f->config + offset, buffer, len);
}

static uint32_t config_generation(void *transport)
{
    const struct fake *f = transport;

    return f->ops.legacy ? 0 : f->generation;
}

static enum vio_status config_vector(void *transport, uint16_t vector)
{
    struct fake *f = transport;

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
    const struct fake *f = transport;

    assert_true(index < QUEUES);
    return f->size[index];
}

static enum vio_status queue_prepare(void *transport, uint16_t index, uint64_t features,
                                     struct vtransport_doorbell *doorbell)
{
    struct fake *f = transport;

    doorbell->offset = index;
    doorbell->notify_data = (uint16_t)(index + 100);
    doorbell->wide = features >> 38 & 1;
    return f->prepare;
}

static enum vio_status queue_enable(void *transport, uint16_t index, uint16_t size,
                                    const struct vq_areas *areas, uint16_t vector)
{
    struct fake *f = transport;

    if (f->enable != VIO_OK)
        return f->enable;
    note(f, "q%u/%u/%u ", index, size, vector);
    f->enabled[index] = true;
    f->areas[index] = *areas;
    return VIO_OK;
}

static void queue_reset(void *transport, uint16_t index)
{
    struct fake *f = transport;

    note(f, "r%u ", index);
}

static bool queue_reset_done(void *transport, uint16_t index)
{
    struct fake *f = transport;

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
    struct fake *f = transport;

    assert_true(doorbell->offset < QUEUES);
    f->notified++;
    f->notify_value = value;
}

static uint8_t isr_read(void *transport)
{
    (void)transport;
    return VDEV_ISR_QUEUE | VDEV_ISR_CONFIG;
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

#define MODERN (BIT(32) | BIT(28) | BIT(29) | BIT(40))

static void up(struct fake *f)
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

static void down(struct fake *f)
{
    free(f->ring);
    free(f->priv);
}

static void on_broken(void *ctx, uint16_t index, enum vq_fault fault)
{
    struct fake *f = ctx;

    (void)index;
    assert_int_not_equal(fault, VQ_FAULT_NONE);
    f->broken++;
}

static struct vdev_queue queue_of(struct fake *f)
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

static struct vq *start_queue(struct fake *f)
{
    const struct vdev_queue queue = queue_of(f);
    struct vq *vq;

    assert_int_equal(vdev_queue_start(f->dev, &queue, &vq), VIO_OK);
    return vq;
}

static void add(struct vq *vq, uintptr_t token)
{
    const struct vq_sg sg = {0x1000, 16};

    assert_int_equal(vq_add(vq, &sg, 0, 1, (void *)token, NULL), VIO_OK);
}

static void initialisation_goes_by_the_steps(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, BIT(32)), VIO_OK);
    assert_int_equal(vdev_config_vector(f.dev, 0), VIO_OK);
    vq = start_queue(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_string_equal(f.diary, "s0 s1 s3 f? f! s11 v0 q1/16/7 s15 ");
    assert_int_equal(vq_index(vq), 1);
    assert_int_equal(f.accepted, MODERN);
    down(&f);
}

static void a_legacy_device_has_no_features_ok(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.ops.legacy = true;
    f.offered = UINT64_MAX;
    assert_int_equal(vdev_negotiate(f.dev, BIT(29) | BIT(34) | BIT(5), 0), VIO_OK);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_string_equal(f.diary, "s0 s1 s3 f? f! s7 ");
    assert_int_equal(f.accepted, BIT(29) | BIT(5));
    assert_int_equal(vdev_offered(f.dev), 0xffffffff);
    down(&f);
}

static void only_offered_bits_are_accepted(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.offered = BIT(32) | BIT(29) | BIT(3) | BIT(30) | BIT(41) | BIT(24);
    assert_int_equal(vdev_negotiate(f.dev, UINT64_MAX, BIT(32)), VIO_OK);
    assert_int_equal(f.accepted, BIT(32) | BIT(29) | BIT(3));
    assert_int_equal(vdev_features(f.dev), f.accepted);
    assert_int_equal(vdev_offered(f.dev), f.offered);
    assert_true(vdev_has(f.dev, 29));
    assert_false(vdev_has(f.dev, 30));
    assert_false(vdev_has(f.dev, 34));
    assert_false(vdev_has(f.dev, 64));
    down(&f);
}

static void version_1_is_accepted_unasked(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, 0, 0), VIO_OK);
    assert_int_equal(f.accepted, BIT(32));
    down(&f);
}

static void a_modern_device_must_offer_version_1(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.offered = BIT(29);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_NO_FEATURE);
    assert_true(f.status & VDEV_FAILED);
    assert_int_equal(f.errors, 1);
    down(&f);
}

static void a_bit_goes_with_the_one_it_needs(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.ops.legacy = true;
    f.offered = BIT(34) | BIT(29);
    assert_int_equal(vdev_negotiate(f.dev, BIT(34) | BIT(29), BIT(34)), VIO_E_NO_FEATURE);
    assert_int_equal(f.accepted, 0);
    down(&f);
}

static void a_missing_required_bit_fails_the_device(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN | BIT(5), BIT(5)), VIO_E_NO_FEATURE);
    assert_true(f.status & VDEV_FAILED);
    assert_string_equal(f.diary, "s0 s1 s3 f? s131 ");
    assert_int_equal(vdev_ready(f.dev), VIO_E_STATE);
    down(&f);
}

static void a_refused_feature_set_ends_it(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.refuses = true;
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_FEATURES);
    assert_true(f.status & VDEV_FAILED);
    assert_int_equal(vdev_ready(f.dev), VIO_E_STATE);
    assert_int_equal(vdev_features(f.dev), 0);
    down(&f);
}

static void after_failing_the_device_is_reset_first(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.refuses = true;
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_FEATURES);
    f.refuses = false;
    f.diary[0] = '\0';
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_string_equal(f.diary, "s0 s1 s3 f? f! s11 ");
    down(&f);
}

static void a_reset_waits_for_status_0(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.reset_looks = 500;
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    assert_int_equal(f.looks_left, 0);
    assert_true(f.stalled_us > 0);
    down(&f);
}

static void a_reset_gives_up_in_time(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.reset_looks = UINT_MAX;
    assert_int_equal(vdev_reset(f.dev), VIO_E_TIMEOUT);
    assert_true(f.stalled_us >= VDEV_RESET_US);
    assert_true(f.stalled_us <= VDEV_RESET_US + VDEV_RESET_STEP_US);
    assert_int_equal(f.errors, 1);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_TIMEOUT);
    down(&f);
}

static void a_removed_device_ends_every_wait(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    vq = start_queue(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_false(vdev_gone(f.dev));
    f.gone = true;
    assert_true(vdev_gone(f.dev));
    assert_true(vdev_needs_reset(f.dev));
    f.queue_reset_looks = UINT_MAX;
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_E_GONE);
    assert_int_equal(vdev_reset(f.dev), VIO_E_GONE);
    assert_int_equal(f.stalled_us, 100); // the one of the first reset
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_GONE);
    down(&f);
}

static void removal_during_a_reset_is_seen(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    f.gone = true;
    assert_int_equal(vdev_ready(f.dev), VIO_E_GONE);
    down(&f);
}

// Removes the device at the first stall.
static void vanish(void *ctx, uint32_t microseconds)
{
    struct fake *f = ctx;

    (void)microseconds;
    f->gone = true;
}

static void removal_between_two_looks_is_seen(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    f.os.stall = vanish;
    assert_int_equal(vdev_reset(f.dev), VIO_E_GONE);
    down(&f);
}

static void driver_ok_comes_once_and_after_the_features(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_E_STATE);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_int_equal(vdev_ready(f.dev), VIO_E_STATE);
    down(&f);
}

static void status_bits_are_never_cleared(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    f.status |= VDEV_NEEDS_RESET;
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_int_equal(f.status, 64 + 15);
    vdev_fail(f.dev);
    assert_int_equal(f.status, 128 + 64 + 15);
    down(&f);
}

static void no_doorbell_rings_before_driver_ok(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    vq = start_queue(&f);
    add(vq, 1);
    vq_kick(vq);
    assert_int_equal(f.notified, 0);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    vq_notify(vq);
    assert_int_equal(f.notified, 1);
    assert_int_equal(f.notify_value, 101);
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    vq_notify(vq);
    assert_int_equal(f.notified, 1);
    down(&f);
}

static void needs_reset_is_told(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_false(vdev_needs_reset(f.dev));
    f.status |= VDEV_NEEDS_RESET;
    assert_true(vdev_needs_reset(f.dev));
    down(&f);
}

static void poison(struct fake *f, struct vq *vq)
{
    uint32_t len;

    // a used index of 9 with nothing in flight
    f->ring[f->areas[1].device - 0x10000000 + 2] = 9;
    assert_null(vq_pop(vq, &len));
    assert_int_equal(vq_state(vq), VQ_BROKEN);
}

static void a_broken_queue_needs_a_reset(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    vq = start_queue(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    poison(&f, vq);
    assert_int_equal(f.broken, 1);
    assert_true(vdev_needs_reset(f.dev));
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    assert_false(vdev_needs_reset(f.dev));
    down(&f);
}

static void a_queue_stops_only_after_a_reset(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    vq = start_queue(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    add(vq, 1);
    vq_kick(vq);
    assert_int_equal(vdev_queue_stop(f.dev, vq), VIO_E_STATE);
    assert_null(vq_detach(vq));
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    assert_int_equal(vdev_queue_stop(f.dev, vq), VIO_OK);
    assert_ptr_equal(vq_detach(vq), (void *)1);
    assert_null(vq_detach(vq));
    down(&f);
}

static void one_queue_is_reset_and_resized(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    vq = start_queue(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    add(vq, 1);
    poison(&f, vq);
    f.queue_reset_looks = 3;
    f.diary[0] = '\0';
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_OK);
    assert_int_equal(f.queue_reset_looks, 0);
    assert_false(vdev_needs_reset(f.dev));
    assert_int_equal(vdev_queue_restart(f.dev, vq, 8, 7), VIO_E_BUSY);
    assert_ptr_equal(vq_detach(vq), (void *)1);
    assert_int_equal(vdev_queue_restart(f.dev, vq, 32, 7), VIO_E_NO_QUEUE);
    assert_int_equal(vdev_queue_restart(f.dev, vq, 8, 6), VIO_OK);
    assert_string_equal(f.diary, "r1 q1/8/6 ");
    assert_int_equal(vq_size(vq), 8);
    add(vq, 2);
    down(&f);
}

static void a_queue_reset_gives_up_in_time(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    vq = start_queue(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    f.queue_reset_looks = UINT_MAX;
    f.stalled_us = 0;
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_E_TIMEOUT);
    assert_true(f.stalled_us <= VDEV_RESET_US + VDEV_RESET_STEP_US);
    assert_int_equal(vq_state(vq), VQ_READY);
    down(&f);
}

static void a_queue_reset_needs_the_feature_and_a_device(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN & ~BIT(40), 0), VIO_OK);
    vq = start_queue(&f);
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_E_NO_FEATURE);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_E_STATE);
    assert_int_equal(vdev_queue_restart(f.dev, vq, 8, 7), VIO_E_STATE);
    down(&f);
}

static void a_restart_that_the_device_refuses_stays_stopped(void **state)
{
    struct fake f;
    struct vq *vq;

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    vq = start_queue(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_OK);
    f.enable = VIO_E_VECTOR;
    assert_int_equal(vdev_queue_restart(f.dev, vq, 8, 7), VIO_E_VECTOR);
    assert_int_equal(vq_state(vq), VQ_STOPPED);
    down(&f);
}

static void queue_sizes_fit_the_ring_format(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    assert_int_equal(vdev_queue_size(f.dev, 0), 0);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    f.size[0] = 0;
    f.size[1] = 100;
    f.size[2] = 65535;
    assert_int_equal(vdev_queue_size(f.dev, 0), 0);
    assert_int_equal(vdev_queue_size(f.dev, 1), 64);
    assert_int_equal(vdev_queue_size(f.dev, 2), 32768);
    assert_int_equal(vdev_queue_size(f.dev, 3), 0);
    f.offered |= BIT(34);
    assert_int_equal(vdev_negotiate(f.dev, MODERN | BIT(34), 0), VIO_OK);
    assert_int_equal(vdev_queue_size(f.dev, 1), 100);
    assert_int_equal(vdev_queue_size(f.dev, 2), 32768);
    down(&f);
}

static void a_legacy_queue_has_the_devices_size(void **state)
{
    struct fake f;
    struct vdev_queue queue;
    struct vq *vq;

    (void)state;
    up(&f);
    f.ops.legacy = true;
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    f.size[0] = 100;
    f.size[2] = 65535;
    assert_int_equal(vdev_queue_size(f.dev, 0), 0);
    assert_int_equal(vdev_queue_size(f.dev, 2), 0);
    queue = queue_of(&f);
    queue.size = QUEUE_SIZE / 2;
    assert_int_equal(vdev_queue_start(f.dev, &queue, &vq), VIO_E_NO_QUEUE);
    queue.size = QUEUE_SIZE;
    assert_int_equal(vdev_queue_start(f.dev, &queue, &vq), VIO_OK);
    down(&f);
}

static void bad_queues_are_refused(void **state)
{
    struct fake f;
    struct vdev_queue queue;
    struct vq *vq;

    (void)state;
    up(&f);
    queue = queue_of(&f);
    assert_int_equal(vdev_queue_start(f.dev, &queue, &vq), VIO_E_STATE);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
#define EXPECT(change, status)                                            \
    do {                                                                  \
        queue = queue_of(&f);                                             \
        change;                                                           \
        assert_int_equal(vdev_queue_start(f.dev, &queue, &vq), (status)); \
        assert_null(vq);                                                  \
    } while (0)
    EXPECT(queue.index = QUEUES, VIO_E_NO_QUEUE);
    EXPECT(queue.size = 0, VIO_E_NO_QUEUE);
    EXPECT(queue.size = QUEUE_SIZE * 2, VIO_E_NO_QUEUE);
    EXPECT(queue.size = 12, VIO_E_ARG);
    EXPECT(queue.priv = NULL, VIO_E_MEMORY);
    EXPECT(queue.priv = f.priv + 8, VIO_E_MEMORY);
    EXPECT(queue.priv_bytes = 16, VIO_E_MEMORY);
    EXPECT(queue.priv_bytes = vdev_queue_private_bytes(f.dev, QUEUE_SIZE) - 1, VIO_E_MEMORY);
    EXPECT(f.prepare = VIO_E_RANGE, VIO_E_RANGE);
    f.prepare = VIO_OK;
    EXPECT(f.enable = VIO_E_VECTOR, VIO_E_VECTOR);
#undef EXPECT
    assert_int_equal(vdev_queue_private_bytes(f.dev, 12), 0);
    down(&f);
}

static void a_stable_configuration_is_read_once(void **state)
{
    struct fake f;
    uint64_t value64;
    uint32_t value32;
    uint16_t value16;
    uint8_t value8;

    (void)state;
    up(&f);
    for (unsigned i = 0; i < CONFIG_BYTES; i++)
        f.config[i] = (uint8_t)i;
    assert_int_equal(vdev_config_read8(f.dev, 1, &value8), VIO_OK);
    assert_int_equal(value8, 1);
    assert_int_equal(vdev_config_read16(f.dev, 2, &value16), VIO_OK);
    assert_int_equal(value16, 0x0302);
    assert_int_equal(vdev_config_read32(f.dev, 4, &value32), VIO_OK);
    assert_int_equal(value32, 0x07060504);
    assert_int_equal(vdev_config_read64(f.dev, 8, &value64), VIO_OK);
    assert_int_equal(value64, 0x0f0e0d0c0b0a0908);
    assert_int_equal(vdev_config_generation(f.dev), 0);
    down(&f);
}

static void a_changing_configuration_is_read_again(void **state)
{
    struct fake f;
    uint32_t value;

    (void)state;
    up(&f);
    f.generation_moves = 3;
    assert_int_equal(vdev_config_read32(f.dev, 0, &value), VIO_OK);
    assert_int_equal(value, 3);
    down(&f);
}

static void a_restless_configuration_is_given_up(void **state)
{
    struct fake f;
    uint32_t value = 5;

    (void)state;
    up(&f);
    f.generation_moves = UINT_MAX;
    assert_int_equal(vdev_config_read32(f.dev, 0, &value), VIO_E_UNSTABLE);
    assert_int_equal(value, 0);
    assert_int_equal(UINT_MAX - f.generation_moves, VDEV_CONFIG_TRIES);
    assert_int_equal(f.warnings, 1);
    down(&f);
}

static void a_legacy_configuration_is_read_until_it_repeats(void **state)
{
    struct fake f;
    uint32_t value;
    uint8_t bytes[6];

    (void)state;
    up(&f);
    f.ops.legacy = true;
    f.generation_moves = 1;
    assert_int_equal(vdev_config_read32(f.dev, 0, &value), VIO_OK);
    assert_int_equal(value, 1);
    f.generation_moves = 2;
    assert_int_equal(vdev_config_read(f.dev, 3, bytes, sizeof(bytes)), VIO_OK);
    assert_int_equal(bytes[0], f.config[3]);
    f.generation_moves = UINT_MAX;
    assert_int_equal(vdev_config_read32(f.dev, 0, &value), VIO_E_UNSTABLE);
    down(&f);
}

static void reads_stay_inside_the_configuration(void **state)
{
    struct fake f;
    uint8_t bytes[8] = {1, 1, 1, 1, 1, 1, 1, 1};

    (void)state;
    up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_int_equal(vdev_config_read(f.dev, CONFIG_BYTES - 8, bytes, 8), VIO_OK);
    bytes[0] = 1;
    assert_int_equal(vdev_config_read(f.dev, CONFIG_BYTES - 7, bytes, 8), VIO_E_RANGE);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(vdev_config_read(f.dev, CONFIG_BYTES + 1, bytes, 0), VIO_E_RANGE);
    assert_int_equal(vdev_config_read(f.dev, UINT32_MAX, bytes, 4), VIO_E_RANGE);
    assert_int_equal(vdev_config_write(f.dev, CONFIG_BYTES - 1, bytes, 2), VIO_E_RANGE);
    down(&f);
}

static void nothing_is_written_to_the_configuration_before_the_features(void **state)
{
    struct fake f;
    const uint8_t byte = 9;

    (void)state;
    up(&f);
    assert_int_equal(vdev_config_write(f.dev, 0, &byte, 1), VIO_E_STATE);
    assert_int_equal(f.config[0], 0);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_int_equal(vdev_config_write(f.dev, 0, &byte, 1), VIO_OK);
    assert_int_equal(f.config[0], 9);
    down(&f);
}

static void interrupt_status_can_hold_both_causes(void **state)
{
    struct fake f;

    (void)state;
    up(&f);
    assert_int_equal(vdev_isr(f.dev), 3);
    f.vector = VIO_E_VECTOR;
    assert_int_equal(vdev_config_vector(f.dev, 1), VIO_E_VECTOR);
    down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initialisation_goes_by_the_steps),
        cmocka_unit_test(a_legacy_device_has_no_features_ok),
        cmocka_unit_test(only_offered_bits_are_accepted),
        cmocka_unit_test(version_1_is_accepted_unasked),
        cmocka_unit_test(a_modern_device_must_offer_version_1),
        cmocka_unit_test(a_bit_goes_with_the_one_it_needs),
        cmocka_unit_test(a_missing_required_bit_fails_the_device),
        cmocka_unit_test(a_refused_feature_set_ends_it),
        cmocka_unit_test(after_failing_the_device_is_reset_first),
        cmocka_unit_test(a_reset_waits_for_status_0),
        cmocka_unit_test(a_reset_gives_up_in_time),
        cmocka_unit_test(a_removed_device_ends_every_wait),
        cmocka_unit_test(removal_during_a_reset_is_seen),
        cmocka_unit_test(removal_between_two_looks_is_seen),
        cmocka_unit_test(driver_ok_comes_once_and_after_the_features),
        cmocka_unit_test(status_bits_are_never_cleared),
        cmocka_unit_test(no_doorbell_rings_before_driver_ok),
        cmocka_unit_test(needs_reset_is_told),
        cmocka_unit_test(a_broken_queue_needs_a_reset),
        cmocka_unit_test(a_queue_stops_only_after_a_reset),
        cmocka_unit_test(one_queue_is_reset_and_resized),
        cmocka_unit_test(a_queue_reset_gives_up_in_time),
        cmocka_unit_test(a_queue_reset_needs_the_feature_and_a_device),
        cmocka_unit_test(a_restart_that_the_device_refuses_stays_stopped),
        cmocka_unit_test(queue_sizes_fit_the_ring_format),
        cmocka_unit_test(a_legacy_queue_has_the_devices_size),
        cmocka_unit_test(bad_queues_are_refused),
        cmocka_unit_test(a_stable_configuration_is_read_once),
        cmocka_unit_test(a_changing_configuration_is_read_again),
        cmocka_unit_test(a_restless_configuration_is_given_up),
        cmocka_unit_test(a_legacy_configuration_is_read_until_it_repeats),
        cmocka_unit_test(reads_stay_inside_the_configuration),
        cmocka_unit_test(nothing_is_written_to_the_configuration_before_the_features),
        cmocka_unit_test(interrupt_status_can_hold_both_causes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
