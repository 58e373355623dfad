// SPDX-License-Identifier: GPL-3.0-or-later
//
// Queues in the life of a device (virtio 1.2, 2.6.1 and 3).

#include "tests/unit/fake_dev.h"

#include <limits.h>

static void no_doorbell_rings_before_driver_ok(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    fake_dev_up_agreed(&f);
    vq = fake_dev_start_queue(&f);
    fake_dev_add(vq, 1);
    vq_kick(vq);
    assert_int_equal(f.notified, 0);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    vq_notify(vq);
    assert_int_equal(f.notified, 1);
    assert_int_equal(f.notify_value, 101);
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    vq_notify(vq);
    assert_int_equal(f.notified, 1);
    fake_dev_down(&f);
}

static void poison(struct fake_dev *f, struct vq *vq)
{
    uint32_t len;

    // a used index of 9 with nothing in flight
    f->ring[f->areas[1].device - 0x10000000 + 2] = 9;
    assert_null(vq_pop(vq, &len));
    assert_int_equal(vq_state(vq), VQ_BROKEN);
}

static void a_broken_queue_needs_a_reset(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    vq = fake_dev_up_ready(&f);
    poison(&f, vq);
    assert_int_equal(f.broken, 1);
    assert_true(vdev_needs_reset(f.dev));
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    assert_false(vdev_needs_reset(f.dev));
    fake_dev_down(&f);
}

static void a_queue_stops_only_after_a_reset(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    vq = fake_dev_up_ready(&f);
    fake_dev_add(vq, 1);
    vq_kick(vq);
    assert_int_equal(vdev_queue_stop(f.dev, vq), VIO_E_STATE);
    assert_null(vq_detach(vq));
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    assert_int_equal(vdev_queue_stop(f.dev, vq), VIO_OK);
    assert_ptr_equal(vq_detach(vq), (void *)1);
    assert_null(vq_detach(vq));
    fake_dev_down(&f);
}

static void one_queue_is_reset_and_resized(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    vq = fake_dev_up_ready(&f);
    fake_dev_add(vq, 1);
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
    fake_dev_add(vq, 2);
    fake_dev_down(&f);
}

static void a_queue_reset_gives_up_in_time(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    vq = fake_dev_up_ready(&f);
    f.queue_reset_looks = UINT_MAX;
    f.stalled_us = 0;
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_E_TIMEOUT);
    assert_true(f.stalled_us <= VDEV_RESET_US + VDEV_RESET_STEP_US);
    assert_int_equal(vq_state(vq), VQ_READY);
    fake_dev_down(&f);
}

static void a_queue_reset_needs_the_feature_and_a_device(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    fake_dev_up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN & ~BIT(40), 0), VIO_OK);
    vq = fake_dev_start_queue(&f);
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_E_NO_FEATURE);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_E_STATE);
    assert_int_equal(vdev_queue_restart(f.dev, vq, 8, 7), VIO_E_STATE);
    fake_dev_down(&f);
}

static void a_restart_that_the_device_refuses_stays_stopped(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    vq = fake_dev_up_ready(&f);
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_OK);
    f.enable = VIO_E_VECTOR;
    assert_int_equal(vdev_queue_restart(f.dev, vq, 8, 7), VIO_E_VECTOR);
    assert_int_equal(vq_state(vq), VQ_STOPPED);
    fake_dev_down(&f);
}

static void queue_sizes_fit_the_ring_format(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
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
    fake_dev_down(&f);
}

static void a_legacy_queue_has_the_devices_size(void **state)
{
    struct fake_dev f;
    struct vdev_queue queue;
    struct vq *vq;

    (void)state;
    fake_dev_up(&f);
    f.ops.legacy = true;
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    f.size[0] = 100;
    f.size[2] = 65535;
    assert_int_equal(vdev_queue_size(f.dev, 0), 0);
    assert_int_equal(vdev_queue_size(f.dev, 2), 0);
    queue = fake_dev_queue(&f);
    queue.size = QUEUE_SIZE / 2;
    assert_int_equal(vdev_queue_start(f.dev, &queue, &vq), VIO_E_NO_QUEUE);
    queue.size = QUEUE_SIZE;
    assert_int_equal(vdev_queue_start(f.dev, &queue, &vq), VIO_OK);
    fake_dev_down(&f);
}

static void bad_queues_are_refused(void **state)
{
    struct fake_dev f;
    struct vdev_queue queue;
    struct vq *vq;

    (void)state;
    fake_dev_up(&f);
    queue = fake_dev_queue(&f);
    assert_int_equal(vdev_queue_start(f.dev, &queue, &vq), VIO_E_STATE);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
#define EXPECT(change, status)                                            \
    do {                                                                  \
        queue = fake_dev_queue(&f);                                       \
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
    fake_dev_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_doorbell_rings_before_driver_ok),
        cmocka_unit_test(a_broken_queue_needs_a_reset),
        cmocka_unit_test(a_queue_stops_only_after_a_reset),
        cmocka_unit_test(one_queue_is_reset_and_resized),
        cmocka_unit_test(a_queue_reset_gives_up_in_time),
        cmocka_unit_test(a_queue_reset_needs_the_feature_and_a_device),
        cmocka_unit_test(a_restart_that_the_device_refuses_stays_stopped),
        cmocka_unit_test(queue_sizes_fit_the_ring_format),
        cmocka_unit_test(a_legacy_queue_has_the_devices_size),
        cmocka_unit_test(bad_queues_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
