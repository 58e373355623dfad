// SPDX-License-Identifier: GPL-3.0-or-later
//
// The device life cycle and its configuration space (virtio 1.2, 2.1 to 2.5 and 3).

#include "tests/unit/fake_dev.h"

#include <limits.h>

static void initialisation_goes_by_the_steps(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    fake_dev_up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, BIT(32)), VIO_OK);
    assert_int_equal(vdev_config_vector(f.dev, 0), VIO_OK);
    vq = fake_dev_start_queue(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_string_equal(f.diary, "s0 s1 s3 f? f! s11 v0 q1/16/7 s15 ");
    assert_int_equal(vq_index(vq), 1);
    assert_int_equal(f.accepted, MODERN);
    fake_dev_down(&f);
}

static void a_legacy_device_has_no_features_ok(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.ops.legacy = true;
    f.offered = UINT64_MAX;
    assert_int_equal(vdev_negotiate(f.dev, BIT(29) | BIT(34) | BIT(5), 0), VIO_OK);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_string_equal(f.diary, "s0 s1 s3 f? f! s7 ");
    assert_int_equal(f.accepted, BIT(29) | BIT(5));
    assert_int_equal(vdev_offered(f.dev), 0xffffffff);
    fake_dev_down(&f);
}

static void only_offered_bits_are_accepted(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.offered = BIT(32) | BIT(29) | BIT(3) | BIT(30) | BIT(41) | BIT(24);
    assert_int_equal(vdev_negotiate(f.dev, UINT64_MAX, BIT(32)), VIO_OK);
    assert_int_equal(f.accepted, BIT(32) | BIT(29) | BIT(3));
    assert_int_equal(vdev_features(f.dev), f.accepted);
    assert_int_equal(vdev_offered(f.dev), f.offered);
    assert_true(vdev_has(f.dev, 29));
    assert_false(vdev_has(f.dev, 30));
    assert_false(vdev_has(f.dev, 34));
    assert_false(vdev_has(f.dev, 64));
    fake_dev_down(&f);
}

static void version_1_is_accepted_unasked(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    assert_int_equal(vdev_negotiate(f.dev, 0, 0), VIO_OK);
    assert_int_equal(f.accepted, BIT(32));
    fake_dev_down(&f);
}

static void a_modern_device_must_offer_version_1(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.offered = BIT(29);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_NO_FEATURE);
    assert_true(f.status & VDEV_FAILED);
    assert_int_equal(f.errors, 1);
    fake_dev_down(&f);
}

static void a_bit_goes_with_the_one_it_needs(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.ops.legacy = true;
    f.offered = BIT(34) | BIT(29);
    assert_int_equal(vdev_negotiate(f.dev, BIT(34) | BIT(29), BIT(34)), VIO_E_NO_FEATURE);
    assert_int_equal(f.accepted, 0);
    fake_dev_down(&f);
}

static void a_missing_required_bit_fails_the_device(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    assert_int_equal(vdev_negotiate(f.dev, MODERN | BIT(5), BIT(5)), VIO_E_NO_FEATURE);
    assert_true(f.status & VDEV_FAILED);
    assert_string_equal(f.diary, "s0 s1 s3 f? s131 ");
    assert_int_equal(vdev_ready(f.dev), VIO_E_STATE);
    fake_dev_down(&f);
}

static void a_refused_feature_set_ends_it(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.refuses = true;
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_FEATURES);
    assert_true(f.status & VDEV_FAILED);
    assert_int_equal(vdev_ready(f.dev), VIO_E_STATE);
    assert_int_equal(vdev_features(f.dev), 0);
    fake_dev_down(&f);
}

static void after_failing_the_device_is_reset_first(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.refuses = true;
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_FEATURES);
    f.refuses = false;
    f.diary[0] = '\0';
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_string_equal(f.diary, "s0 s1 s3 f? f! s11 ");
    fake_dev_down(&f);
}

static void a_reset_waits_for_status_0(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.reset_looks = 500;
    assert_int_equal(vdev_reset(f.dev), VIO_OK);
    assert_int_equal(f.looks_left, 0);
    assert_true(f.stalled_us > 0);
    fake_dev_down(&f);
}

static void a_reset_gives_up_in_time(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.reset_looks = UINT_MAX;
    assert_int_equal(vdev_reset(f.dev), VIO_E_TIMEOUT);
    assert_true(f.stalled_us >= VDEV_RESET_US);
    assert_true(f.stalled_us <= VDEV_RESET_US + VDEV_RESET_STEP_US);
    assert_int_equal(f.errors, 1);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_TIMEOUT);
    fake_dev_down(&f);
}

static void a_removed_device_ends_every_wait(void **state)
{
    struct fake_dev f;
    struct vq *vq;

    (void)state;
    vq = fake_dev_up_ready(&f);
    assert_false(vdev_gone(f.dev));
    f.gone = true;
    assert_true(vdev_gone(f.dev));
    assert_true(vdev_needs_reset(f.dev));
    f.queue_reset_looks = UINT_MAX;
    assert_int_equal(vdev_queue_reset(f.dev, vq), VIO_E_GONE);
    assert_int_equal(vdev_reset(f.dev), VIO_E_GONE);
    assert_int_equal(f.stalled_us, 100); // the one of the first reset
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_E_GONE);
    fake_dev_down(&f);
}

static void removal_during_a_reset_is_seen(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up_agreed(&f);
    f.gone = true;
    assert_int_equal(vdev_ready(f.dev), VIO_E_GONE);
    fake_dev_down(&f);
}

// Removes the device at the first stall.
static void vanish(void *ctx, uint32_t microseconds)
{
    struct fake_dev *f = ctx;

    (void)microseconds;
    f->gone = true;
}

static void removal_between_two_looks_is_seen(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    f.os.stall = vanish;
    assert_int_equal(vdev_reset(f.dev), VIO_E_GONE);
    fake_dev_down(&f);
}

static void driver_ok_comes_once_and_after_the_features(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    assert_int_equal(vdev_ready(f.dev), VIO_E_STATE);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_int_equal(vdev_ready(f.dev), VIO_E_STATE);
    fake_dev_down(&f);
}

static void status_bits_are_never_cleared(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up_agreed(&f);
    f.status |= VDEV_NEEDS_RESET;
    assert_int_equal(vdev_ready(f.dev), VIO_OK);
    assert_int_equal(f.status, 64 + 15);
    vdev_fail(f.dev);
    assert_int_equal(f.status, 128 + 64 + 15);
    fake_dev_down(&f);
}

static void needs_reset_is_told(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up_agreed(&f);
    assert_false(vdev_needs_reset(f.dev));
    f.status |= VDEV_NEEDS_RESET;
    assert_true(vdev_needs_reset(f.dev));
    fake_dev_down(&f);
}

static void a_stable_configuration_is_read_once(void **state)
{
    struct fake_dev f;
    uint64_t value64;
    uint32_t value32;
    uint16_t value16;
    uint8_t value8;

    (void)state;
    fake_dev_up(&f);
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
    fake_dev_down(&f);
}

static void a_changing_configuration_is_read_again(void **state)
{
    struct fake_dev f;
    uint32_t value;

    (void)state;
    fake_dev_up(&f);
    f.generation_moves = 3;
    assert_int_equal(vdev_config_read32(f.dev, 0, &value), VIO_OK);
    assert_int_equal(value, 3);
    fake_dev_down(&f);
}

static void a_restless_configuration_is_given_up(void **state)
{
    struct fake_dev f;
    uint32_t value = 5;

    (void)state;
    fake_dev_up(&f);
    f.generation_moves = UINT_MAX;
    assert_int_equal(vdev_config_read32(f.dev, 0, &value), VIO_E_UNSTABLE);
    assert_int_equal(value, 0);
    assert_int_equal(UINT_MAX - f.generation_moves, VDEV_CONFIG_TRIES);
    assert_int_equal(f.warnings, 1);
    fake_dev_down(&f);
}

static void a_legacy_configuration_is_read_until_it_repeats(void **state)
{
    struct fake_dev f;
    uint32_t value;
    uint8_t bytes[6];

    (void)state;
    fake_dev_up(&f);
    f.ops.legacy = true;
    f.generation_moves = 1;
    assert_int_equal(vdev_config_read32(f.dev, 0, &value), VIO_OK);
    assert_int_equal(value, 1);
    f.generation_moves = 2;
    assert_int_equal(vdev_config_read(f.dev, 3, bytes, sizeof(bytes)), VIO_OK);
    assert_int_equal(bytes[0], f.config[3]);
    f.generation_moves = UINT_MAX;
    assert_int_equal(vdev_config_read32(f.dev, 0, &value), VIO_E_UNSTABLE);
    fake_dev_down(&f);
}

static void reads_stay_inside_the_configuration(void **state)
{
    struct fake_dev f;
    uint8_t bytes[8] = {1, 1, 1, 1, 1, 1, 1, 1};

    (void)state;
    fake_dev_up_agreed(&f);
    assert_int_equal(vdev_config_read(f.dev, CONFIG_BYTES - 8, bytes, 8), VIO_OK);
    bytes[0] = 1;
    assert_int_equal(vdev_config_read(f.dev, CONFIG_BYTES - 7, bytes, 8), VIO_E_RANGE);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(vdev_config_read(f.dev, CONFIG_BYTES + 1, bytes, 0), VIO_E_RANGE);
    assert_int_equal(vdev_config_read(f.dev, UINT32_MAX, bytes, 4), VIO_E_RANGE);
    assert_int_equal(vdev_config_write(f.dev, CONFIG_BYTES - 1, bytes, 2), VIO_E_RANGE);
    fake_dev_down(&f);
}

static void nothing_is_written_to_the_configuration_before_the_features(void **state)
{
    struct fake_dev f;
    const uint8_t byte = 9;

    (void)state;
    fake_dev_up(&f);
    assert_int_equal(vdev_config_write(f.dev, 0, &byte, 1), VIO_E_STATE);
    assert_int_equal(f.config[0], 0);
    assert_int_equal(vdev_negotiate(f.dev, MODERN, 0), VIO_OK);
    assert_int_equal(vdev_config_write(f.dev, 0, &byte, 1), VIO_OK);
    assert_int_equal(f.config[0], 9);
    fake_dev_down(&f);
}

static void interrupt_status_can_hold_both_causes(void **state)
{
    struct fake_dev f;

    (void)state;
    fake_dev_up(&f);
    assert_int_equal(vdev_isr(f.dev), 3);
    f.gone = true;
    assert_int_equal(vdev_isr(f.dev), 0); // a shared line's other owners want to be asked
    f.gone = false;
    f.vector = VIO_E_VECTOR;
    assert_int_equal(vdev_config_vector(f.dev, 1), VIO_E_VECTOR);
    fake_dev_down(&f);
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
        cmocka_unit_test(needs_reset_is_told),
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
