// SPDX-License-Identifier: GPL-3.0-or-later
//
// Probing: identification, BARs, and the choice of transport (virtio 1.2, 4.1.2 and 4.1.5.1.1).

#include "tests/unit/fake_pci.h"

static void a_modern_device_is_found(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1044);
    fake_pci_modern(&f);
    fake_pci_probe(&f);
    assert_int_equal(vpci_get_kind(f.vpci), VPCI_MODERN);
    assert_int_equal(vpci_device_type(f.vpci), 4);
    assert_false(vpci_ops(f.vpci)->legacy);
    assert_int_equal(vpci_msix_table_size(f.vpci), 8);
    assert_true(vpci_msix_enabled(f.vpci));
    assert_int_equal(f.warnings + f.errors, 0);
    fake_pci_down(&f);
}

static void a_transitional_device_is_driven_as_a_modern_one(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1001);
    fake_pci_legacy(&f, true);
    f.legacy = false;
    f.config[0x34] = 0;
    fake_pci_modern(&f);
    fake_pci_probe(&f);
    assert_int_equal(vpci_get_kind(f.vpci), VPCI_MODERN);
    assert_int_equal(vpci_device_type(f.vpci), 2);
    fake_pci_down(&f);
}

static void without_capabilities_a_transitional_device_is_legacy(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1001);
    fake_pci_legacy(&f, false);
    fake_pci_probe(&f);
    assert_int_equal(vpci_get_kind(f.vpci), VPCI_LEGACY);
    assert_int_equal(vpci_device_type(f.vpci), 2);
    assert_true(vpci_ops(f.vpci)->legacy);
    fake_pci_down(&f);
}

static void a_legacy_device_needs_no_capability_list(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1005);
    fake_pci_legacy(&f, false);
    f.config[6] = 0;
    fake_pci_probe(&f);
    assert_int_equal(vpci_msix_table_size(f.vpci), 0);
    assert_false(vpci_msix_enabled(f.vpci));
    fake_pci_down(&f);
}

static void a_modern_id_is_never_legacy(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1042);
    fake_pci_legacy(&f, false);
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    assert_int_equal(f.errors, 1);
    fake_pci_down(&f);
}

static void every_modern_id_is_a_virtio_device(void **state)
{
    struct fake_pci f;

    (void)state;
    for (uint16_t id = 0x1040; id <= 0x107f; id++) {
        fake_pci_up(&f, id);
        fake_pci_modern(&f);
        fake_pci_probe(&f);
        assert_int_equal(vpci_get_kind(f.vpci), VPCI_MODERN);
        assert_int_equal(vpci_device_type(f.vpci), id - 0x1040);
        fake_pci_down(&f);
    }
}

static void foreign_functions_are_refused(void **state)
{
    static const uint16_t ids[] = {0, 0x0fff, 0x1080, 0xffff};
    struct fake_pci f;

    (void)state;
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        fake_pci_up(&f, ids[i]);
        fake_pci_modern(&f);
        fake_pci_expect_refused(&f, VIO_E_LAYOUT);
        fake_pci_down(&f);
    }
    fake_pci_up(&f, 0x1042);
    fake_pci_modern(&f);
    f.config[0] = 0x86;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
}

static void any_revision_and_subsystem_will_do(void **state)
{
    struct fake_pci f;

    (void)state;
    for (unsigned revision = 0; revision < 256; revision += 15) {
        fake_pci_up(&f, 0x1042);
        fake_pci_modern(&f);
        f.config[8] = (uint8_t)revision;
        f.config[0x2c] = (uint8_t)revision;
        f.config[0x2e] = (uint8_t)revision;
        fake_pci_probe(&f);
        assert_int_equal(vpci_device_type(f.vpci), 2);
        fake_pci_down(&f);
    }
}

static void a_bridge_header_is_refused(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1042);
    fake_pci_modern(&f);
    f.config[0x0e] = 1;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    // the highest bit only says that there are more functions
    f.config[0x0e] = 0x80;
    fake_pci_probe(&f);
    fake_pci_down(&f);
}

static void a_wide_bar_has_the_address_of_both_halves(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1042);
    fake_pci_modern(&f);
    fake_pci_probe(&f);
    assert_int_equal(f.asked[4].address, 0x840000000);
    assert_true(f.asked[4].is_64);
    assert_false(f.asked[4].is_port);
    fake_pci_down(&f);
}

static void a_shared_bar_is_mapped_once(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1042);
    fake_pci_modern(&f);
    fake_pci_probe(&f);
    assert_int_equal(f.maps[4], 1);
    fake_pci_down(&f);
    fake_pci_up(&f, 0x1042);
    fake_pci_modern(&f);
    f.map_fails[4] = true;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    assert_int_equal(f.maps[4], 1);
    fake_pci_down(&f);
}

// The upper half of a wide BAR, a wide one without upper half, a reserved type, and none at all.
static void bars_that_are_none_are_not_mapped(void **state)
{
    struct fake_pci f;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        fake_pci_up(&f, 0x1042);
        fake_pci_modern(&f);
        switch (i) {
        case 0:
            f.config[0x44] = 5;
            break;
        case 1:
            f.config[0x24] = 4;
            f.config[0x27] = 0x80;
            f.config[0x44] = 5;
            f.config[0x20] = 0;
            break;
        case 2:
            f.config[0x20] |= 6;
            break;
        default:
            f.config[0x23] = 0;
            f.config[0x24] = 0;
            break;
        }
        fake_pci_expect_refused(&f, VIO_E_LAYOUT);
        assert_int_equal(f.maps[5], 0);
        fake_pci_down(&f);
    }
}

static void a_legacy_window_must_be_ports_and_large_enough(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1001);
    fake_pci_legacy(&f, false);
    f.region[0].length = 23;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    f.region[0].length = 24;
    fake_pci_probe(&f);
    f.config[0x10] = 0;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    f.config[0x10] = 1;
    f.config[0x11] = 0;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
}

static void a_failing_reader_ends_the_probe(void **state)
{
    struct fake_pci f;

    (void)state;
    for (unsigned transitional = 0; transitional < 2; transitional++) {
        unsigned at;

        for (at = 1; at < 50; at++) {
            fake_pci_up(&f, transitional ? 0x1001 : 0x1042);
            fake_pci_modern(&f);
            f.config_fails_at = at;
            if (vpci_probe(&f.memory, &f.os, &f.bus, &f.vpci) == VIO_OK) {
                fake_pci_down(&f);
                break;
            }
            assert_null(f.vpci);
            assert_int_equal(vpci_probe(&f.memory, &f.os, &f.bus, &f.vpci), VIO_OK);
            fake_pci_down(&f);
        }
        assert_true(at > 10 && at < 50);
    }
}

static void msix_can_be_declared_later(void **state)
{
    struct fake_pci f;

    (void)state;
    fake_pci_up(&f, 0x1001);
    fake_pci_legacy(&f, false);
    fake_pci_probe(&f);
    assert_false(vpci_msix_enabled(f.vpci));
    vpci_set_msix(f.vpci, true);
    assert_true(vpci_msix_enabled(f.vpci));
    vpci_set_msix(f.vpci, false);
    assert_false(vpci_msix_enabled(f.vpci));
    fake_pci_down(&f);
    // not where there is no table
    fake_pci_up(&f, 0x1001);
    fake_pci_legacy(&f, false);
    f.config[6] = 0;
    fake_pci_probe(&f);
    vpci_set_msix(f.vpci, true);
    assert_false(vpci_msix_enabled(f.vpci));
    fake_pci_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_modern_device_is_found),
        cmocka_unit_test(a_transitional_device_is_driven_as_a_modern_one),
        cmocka_unit_test(without_capabilities_a_transitional_device_is_legacy),
        cmocka_unit_test(a_legacy_device_needs_no_capability_list),
        cmocka_unit_test(a_modern_id_is_never_legacy),
        cmocka_unit_test(every_modern_id_is_a_virtio_device),
        cmocka_unit_test(foreign_functions_are_refused),
        cmocka_unit_test(any_revision_and_subsystem_will_do),
        cmocka_unit_test(a_bridge_header_is_refused),
        cmocka_unit_test(a_wide_bar_has_the_address_of_both_halves),
        cmocka_unit_test(a_shared_bar_is_mapped_once),
        cmocka_unit_test(bars_that_are_none_are_not_mapped),
        cmocka_unit_test(a_legacy_window_must_be_ports_and_large_enough),
        cmocka_unit_test(a_failing_reader_ends_the_probe),
        cmocka_unit_test(msix_can_be_declared_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
