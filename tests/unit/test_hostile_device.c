// SPDX-License-Identifier: GPL-3.0-or-later
//
// Devices whose registers misbehave: resets that never end, features that are refused, a
// configuration that never settles, queues of impossible sizes, a device that is gone. Every wait
// must be bounded, every failure an error code, and a driver can start anew once the device is
// well again.

#include "tests/device/vdev_rig.h"
#include "tests/unit/rig_tests.h"

#include <string.h>

static void up(struct vdev_rig *rig, uint64_t features)
{
    struct sdev_model model = sdev_model_echo(features);

    assert_true(vdev_rig_up(rig, &model, SDEV_PCI_MODERN, 4));
}

static void expect_status(enum vio_status got, enum vio_status expected)
{
    assert_string_equal(vio_status_text(got), vio_status_text(expected));
}

static void echo_works(struct vdev_rig *rig)
{
    char answer[8] = "";
    uint32_t len = 0;

    assert_true(vdev_rig_transact(rig, 1, "echo", 5, answer, 5, &len));
    assert_int_equal(len, 5);
    assert_string_equal(answer, "echo");
}

// The device is well again: the driver resets it, starts anew and works.
static void down_after_recovery(struct vdev_rig *rig)
{
    rig->sdev->quirks = (struct sdev_quirks){0};
    vdev_rig_reset(rig);
    expect_status(vdev_rig_start(rig, UINT64_MAX), VIO_OK);
    echo_works(rig);
    vdev_rig_reset(rig);
    if (rig->sdev->faults.count != 0)
        fail_msg("the device finds fault: %s", rig->sdev->faults.first);
    vdev_rig_down(rig);
}

static void a_reset_that_never_ends_times_out(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    rig.sdev->quirks.reset_never_ends = true;
    rig.stalled_us = 0;
    expect_status(vdev_negotiate(rig.dev, UINT64_MAX, 0), VIO_E_TIMEOUT);
    assert_true(rig.stalled_us >= VDEV_RESET_US);
    assert_true(rig.stalled_us <= VDEV_RESET_US + VDEV_RESET_STEP_US);
    assert_int_equal(rig.logs[VIO_LOG_ERROR], 1);
    expect_status(vdev_ready(rig.dev), VIO_E_STATE);
    down_after_recovery(&rig);
}

static void a_slow_reset_is_waited_for(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    rig.sdev->quirks.reset_polls = 500;
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    assert_true(rig.stalled_us >= 490ull * VDEV_RESET_STEP_US);
    echo_works(&rig);
    down_after_recovery(&rig);
}

static void a_status_of_all_ones_means_gone(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_probe(&rig), VIO_OK);
    rig.sdev->quirks.status_ones = true;
    expect_status(vdev_negotiate(rig.dev, UINT64_MAX, 0), VIO_E_GONE);
    assert_int_equal(rig.stalled_us, 0);
    assert_true(vdev_gone(rig.dev));
    down_after_recovery(&rig);
}

static void a_device_that_goes_away_while_it_runs(void **state)
{
    struct vdev_rig rig;
    struct vq_sg sg = {.pa = 0x1000, .len = 4};

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    struct vq *vq = rig.queue[0].vq;
    assert_int_equal(vq_add(vq, &sg, 1, 0, &sg, NULL), VIO_OK);
    rig.sdev->quirks.gone = true;
    vq_kick(vq); // into the void

    uint32_t len = 0;
    assert_null(vq_pop(vq, &len));
    assert_true(vdev_gone(rig.dev));
    assert_true(vdev_needs_reset(rig.dev));
    expect_status(vdev_queue_reset(rig.dev, vq), VIO_E_GONE);
    expect_status(vdev_reset(rig.dev), VIO_E_GONE);
    assert_int_equal(rig.stalled_us, 0);
    expect_status(vdev_queue_stop(rig.dev, vq), VIO_OK);
    assert_ptr_equal(vq_detach(vq), &sg);
    assert_null(vq_detach(vq));
    down_after_recovery(&rig);
}

static void a_device_that_goes_away_in_a_reset(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    rig.sdev->quirks.gone_on_reset = true;
    expect_status(vdev_reset(rig.dev), VIO_E_GONE);
    assert_int_equal(rig.stalled_us, 0); // not waited for
    down_after_recovery(&rig);
}

static void a_device_that_is_gone_from_the_start(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    rig.sdev->quirks.gone = true;
    expect_status(vdev_rig_probe(&rig), VIO_E_LAYOUT);
    rig.sdev->quirks.gone = false;
    expect_status(vdev_rig_probe(&rig), VIO_OK);
    down_after_recovery(&rig);
}

static void refused_features_fail_the_device(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    rig.sdev->quirks.refuse_features = true;
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_E_FEATURES);
    assert_int_not_equal(rig.sdev->status & SDEV_STATUS_FAILED, 0);
    assert_int_equal(rig.sdev->status & SDEV_STATUS_DRIVER_OK, 0);
    assert_int_equal(rig.logs[VIO_LOG_ERROR], 1);
    down_after_recovery(&rig);
}

static void a_modern_device_without_version_1_is_refused(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING & ~SDEV_F_VERSION_1);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_E_NO_FEATURE);
    assert_int_not_equal(rig.sdev->status & SDEV_STATUS_FAILED, 0);
    rig.sdev->model.features = SDEV_F_ALL_RING;
    down_after_recovery(&rig);
}

static void a_required_feature_that_is_missing(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING & ~SDEV_F_RING_RESET);
    expect_status(vdev_rig_probe(&rig), VIO_OK);
    expect_status(vdev_negotiate(rig.dev, UINT64_MAX, SDEV_F_RING_RESET), VIO_E_NO_FEATURE);
    assert_int_not_equal(rig.sdev->status & SDEV_STATUS_FAILED, 0);
    down_after_recovery(&rig);
}

static void features_that_nobody_knows_are_not_accepted(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, UINT64_MAX);
    expect_status(vdev_rig_probe(&rig), VIO_OK);
    expect_status(vdev_negotiate(rig.dev, UINT64_MAX, 0), VIO_OK);
    // Bits 42 to 49 are reserved or of no use to this core, SR_IOV (37) neither.
    for (unsigned bit = 41; bit < 50; bit++)
        assert_false(vdev_has(rig.dev, bit));
    assert_false(vdev_has(rig.dev, VIO_F_SR_IOV));
    assert_false(vdev_has(rig.dev, 30));
    rig.sdev->model.features = SDEV_F_ALL_RING;
    down_after_recovery(&rig);
}

static void a_configuration_that_never_settles(void **state)
{
    struct vdev_rig rig;
    uint64_t value = 1;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    rig.sdev->quirks.generation_runs = true;
    uint64_t before = rig.pci->bar_reads;
    expect_status(vdev_config_read64(rig.dev, 0, &value), VIO_E_UNSTABLE);
    assert_int_equal(value, 0);
    assert_true(rig.pci->bar_reads - before <= 4ull * VDEV_CONFIG_TRIES);
    assert_int_equal(rig.logs[VIO_LOG_WARNING], 1);
    down_after_recovery(&rig);
}

static void a_configuration_that_settles_late(void **state)
{
    struct vdev_rig rig;
    uint64_t value = 0;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    rig.sdev->quirks.generation_turns = 5; // reads that each find something changed
    expect_status(vdev_config_read64(rig.dev, 0, &value), VIO_OK);
    assert_memory_equal(&value, rig.sdev->model.config, sizeof(value));
    assert_int_equal(rig.sdev->quirks.generation_turns, 0);
    down_after_recovery(&rig);
}

static void a_read_beyond_the_configuration(void **state)
{
    static const struct {
        uint32_t offset;
        uint32_t len;
    } rows[] = {{16, 1}, {15, 2}, {12, 8}, {0, 17}, {UINT32_MAX, 1}, {UINT32_MAX - 3, 8}, {17, 0}};
    struct vdev_rig rig;
    uint8_t buffer[32];

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    uint64_t before = rig.pci->bar_reads;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(buffer, 0x55, sizeof(buffer));
        expect_status(vdev_config_read(rig.dev, rows[i].offset, buffer, rows[i].len), VIO_E_RANGE);
        for (uint32_t n = 0; n < rows[i].len; n++)
            assert_int_equal(buffer[n], 0);
        expect_status(vdev_config_write(rig.dev, rows[i].offset, buffer, rows[i].len), VIO_E_RANGE);
    }
    assert_int_equal(rig.pci->bar_reads, before);
    down_after_recovery(&rig);
}

struct size_row {
    const char *name;
    uint16_t offered;
    uint64_t without; // features not offered
    uint16_t usable;  // 0: the queue cannot be used
};

static const struct size_row sizes[] = {
    {"0", 0, SDEV_F_RING_PACKED, 0},
    {"0, packed", 0, 0, 0},
    {"1", 1, SDEV_F_RING_PACKED, 1},
    {"100 is rounded down to 64", 100, SDEV_F_RING_PACKED, 64},
    {"100, packed, is taken as it is", 100, 0, 100},
    {"32768", 32768, SDEV_F_RING_PACKED, 32768},
    {"32769 is cut", 32769, SDEV_F_RING_PACKED, 32768},
    {"65535 is cut", 65535, SDEV_F_RING_PACKED, 32768},
    {"65535, packed, is cut", 65535, 0, 32768},
};

static void a_queue_size_of(void **state)
{
    const struct size_row *row = *state;
    struct vdev_rig rig;

    up(&rig, SDEV_F_ALL_RING & ~row->without);
    rig.sdev->model.queue_size = row->offered;
    expect_status(vdev_rig_probe(&rig), VIO_OK);
    expect_status(vdev_negotiate(rig.dev, UINT64_MAX, 0), VIO_OK);
    assert_int_equal(vdev_queue_size(rig.dev, 0), row->usable);
    expect_status(vdev_rig_queue(&rig, 0, 0, 0), row->usable != 0 ? VIO_OK : VIO_E_NO_QUEUE);
    if (row->offered != 0 && row->usable != 32768) {
        // One more than allowed is refused as well.
        expect_status(vdev_rig_queue(&rig, 1, (uint16_t)(row->usable + 1), 0), VIO_E_NO_QUEUE);
    }
    rig.sdev->model.queue_size = 256;
    down_after_recovery(&rig);
}

static void a_queue_that_is_not_there(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    assert_int_equal(vdev_queue_size(rig.dev, 4), 0);
    assert_int_equal(vdev_queue_size(rig.dev, UINT16_MAX), 0);
    rig.sdev->quirks.num_queues_set = true;
    assert_int_equal(vdev_queue_size(rig.dev, 0), 0); // the device now says that it has none
    rig.sdev->quirks.num_queues = UINT16_MAX;
    assert_int_equal(vdev_queue_size(rig.dev, UINT16_MAX), 0);
    assert_int_equal(vdev_queue_size(rig.dev, 1000), 0); // size register says 0
    down_after_recovery(&rig);
}

static void a_queue_that_is_enabled_already(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    rig.sdev->quirks.enabled_at_start = true;
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_E_STATE);
    down_after_recovery(&rig);
}

static void a_size_that_changes_while_it_is_set_up(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_probe(&rig), VIO_OK);
    expect_status(vdev_negotiate(rig.dev, UINT64_MAX, 0), VIO_OK);
    rig.sdev->quirks.queue_size_set = true; // whatever is written, it reads as 256
    rig.sdev->quirks.queue_size = 256;
    expect_status(vdev_rig_queue(&rig, 0, 128, 0), VIO_E_NO_QUEUE);
    assert_false(rig.sdev->vq[0].enabled);
    down_after_recovery(&rig);
}

static void vectors_that_are_refused(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    rig.sdev->quirks.refuse_vectors = true;
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_E_VECTOR);
    expect_status(vdev_config_vector(rig.dev, 1), VIO_E_VECTOR);
    assert_false(rig.sdev->vq[0].enabled);
    expect_status(vdev_rig_queue(&rig, 0, 0, VTRANSPORT_NO_VECTOR), VIO_OK);
    down_after_recovery(&rig);
}

static void vectors_that_read_back_wrong(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    rig.sdev->quirks.wrong_vectors = true;
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_E_VECTOR);
    expect_status(vdev_config_vector(rig.dev, 2), VIO_E_VECTOR);
    down_after_recovery(&rig);
}

static void vectors_outside_the_table_are_not_tried(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_probe(&rig), VIO_OK);
    expect_status(vdev_negotiate(rig.dev, UINT64_MAX, 0), VIO_OK);
    assert_int_equal(vpci_msix_table_size(rig.vpci), 4);
    expect_status(vdev_config_vector(rig.dev, 4), VIO_E_VECTOR);
    expect_status(vdev_rig_queue(&rig, 0, 0, 0x7ff), VIO_E_VECTOR);
    down_after_recovery(&rig); // the device would have found fault with the write
}

static void a_queue_reset_that_never_ends_times_out(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    rig.sdev->quirks.queue_reset_stuck = true;
    rig.stalled_us = 0;
    expect_status(vdev_queue_reset(rig.dev, rig.queue[0].vq), VIO_E_TIMEOUT);
    assert_true(rig.stalled_us <= VDEV_RESET_US + VDEV_RESET_STEP_US);
    assert_null(vq_detach(rig.queue[0].vq)); // the device may still write
    down_after_recovery(&rig);
}

static void a_queue_reset_without_the_feature_is_not_tried(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING & ~SDEV_F_RING_RESET);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    expect_status(vdev_queue_reset(rig.dev, rig.queue[0].vq), VIO_E_NO_FEATURE);
    echo_works(&rig);
    down_after_recovery(&rig);
}

static void a_broken_queue_asks_for_a_reset(void **state)
{
    struct vdev_rig rig;
    struct vq_sg sg = {.pa = 0, .len = 4};
    uint32_t len = 0;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    struct vq *vq = rig.queue[2].vq;
    assert_int_equal(vq_add(vq, &sg, 1, 0, &sg, NULL), VIO_OK);
    assert_false(vdev_needs_reset(rig.dev));
    vq_publish(vq);
    struct sdev_ring *ring = rig.sdev->vq[2].ring;
    sdev_packed_raw(ring, 0, 0xffff, 0, sdev_packed_used_flags(ring));
    assert_null(vq_pop(vq, &len));
    assert_int_equal(vq_state(vq), VQ_BROKEN);
    assert_int_equal(rig.broken_calls, 1);
    assert_true(vdev_needs_reset(rig.dev));
    echo_works(&rig); // the other queues are not touched by it

    // A reset of this queue alone heals it.
    expect_status(vdev_queue_reset(rig.dev, vq), VIO_OK);
    assert_ptr_equal(vq_detach(vq), &sg);
    expect_status(vdev_queue_restart(rig.dev, vq, vq_size(vq), 0), VIO_OK);
    assert_false(vdev_needs_reset(rig.dev));
    down_after_recovery(&rig);
}

static void a_device_that_asks_for_a_reset_gets_one(void **state)
{
    struct vdev_rig rig;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    expect_status(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
    sdev_dev_fail(rig.sdev);
    assert_true(vdev_needs_reset(rig.dev));
    assert_false(vdev_gone(rig.dev));
    expect_status(vdev_reset(rig.dev), VIO_OK);
    assert_false(vdev_needs_reset(rig.dev));
    down_after_recovery(&rig);
}

static void a_device_that_never_answers_hangs_nobody(void **state)
{
    struct vdev_rig rig;
    struct vq_sg sg = {.pa = 0, .len = 4};
    uint32_t len = 0;

    (void)state;
    up(&rig, SDEV_F_ALL_RING);
    rig.sdev->quirks.refuse_enable = true; // the queues are never really there
    expect_status(vdev_rig_probe(&rig), VIO_OK);
    expect_status(vdev_negotiate(rig.dev, UINT64_MAX, 0), VIO_OK);
    expect_status(vdev_rig_queue(&rig, 0, 0, 0), VIO_OK);
    expect_status(vdev_ready(rig.dev), VIO_OK);
    assert_int_equal(vq_add(rig.queue[0].vq, &sg, 1, 0, &sg, NULL), VIO_OK);
    vq_publish(rig.queue[0].vq);
    for (unsigned i = 0; i < 100; i++)
        assert_null(vq_pop(rig.queue[0].vq, &len));
    assert_int_equal(rig.stalled_us, 0);
    assert_int_equal(vdev_rig_reset(&rig), 1);
    down_after_recovery(&rig);
}

static const struct {
    const char *name;
    CMUnitTestFunction run;
} cases[] = {
    {"a reset that never ends times out", a_reset_that_never_ends_times_out},
    {"a slow reset is waited for", a_slow_reset_is_waited_for},
    {"a status of all ones means gone", a_status_of_all_ones_means_gone},
    {"a device that goes away while it runs", a_device_that_goes_away_while_it_runs},
    {"a device that goes away in a reset", a_device_that_goes_away_in_a_reset},
    {"a device that is gone from the start", a_device_that_is_gone_from_the_start},
    {"refused features fail the device", refused_features_fail_the_device},
    {"a modern device without VERSION_1 is refused", a_modern_device_without_version_1_is_refused},
    {"a required feature that is missing", a_required_feature_that_is_missing},
    {"features that nobody knows are not accepted", features_that_nobody_knows_are_not_accepted},
    {"a configuration that never settles", a_configuration_that_never_settles},
    {"a configuration that settles late", a_configuration_that_settles_late},
    {"a read beyond the configuration", a_read_beyond_the_configuration},
    {"a queue that is not there", a_queue_that_is_not_there},
    {"a queue that is enabled already", a_queue_that_is_enabled_already},
    {"a size that changes while it is set up", a_size_that_changes_while_it_is_set_up},
    {"vectors that are refused", vectors_that_are_refused},
    {"vectors that read back wrong", vectors_that_read_back_wrong},
    {"vectors outside the table are not tried", vectors_outside_the_table_are_not_tried},
    {"a queue reset that never ends times out", a_queue_reset_that_never_ends_times_out},
    {"a queue reset without the feature is not tried",
     a_queue_reset_without_the_feature_is_not_tried},
    {"a broken queue asks for a reset", a_broken_queue_asks_for_a_reset},
    {"a device that asks for a reset gets one", a_device_that_asks_for_a_reset_gets_one},
    {"a device that never answers hangs nobody", a_device_that_never_answers_hangs_nobody},
};

int main(void)
{
    static struct rig_tests tests;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        rig_tests_add(&tests, cases[i].name, NULL, cases[i].run, NULL);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        rig_tests_add(&tests, "a queue size of", sizes[i].name, a_queue_size_of, &sizes[i]);
    return _cmocka_run_group_tests("hostile_device", tests.test, tests.count, NULL, NULL);
}
