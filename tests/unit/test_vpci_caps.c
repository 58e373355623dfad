// SPDX-License-Identifier: GPL-3.0-or-later
//
// The capability list, as devices may write it (virtio 1.2, 4.1.4).

#include "tests/unit/fake_pci.h"

#include "drivers-src/virtio/vpci_private.h"

static void up(struct fake_pci *f)
{
    fake_pci_up(f, 0x1042);
    fake_pci_modern(f);
}

static void expect_window(const struct fake_pci *f, enum vpci_cap_type type, unsigned bar,
                          uint32_t offset, uint64_t length)
{
    const struct vio_region *window = &f->vpci->window[type];

    assert_int_equal(window->base, f->region[bar].base + offset);
    assert_int_equal(window->length, length);
}

static void structures_lie_where_the_capabilities_say(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    fake_pci_probe(&f);
    expect_window(&f, VPCI_CAP_COMMON, 4, FAKE_COMMON, 64);
    expect_window(&f, VPCI_CAP_ISR, 4, FAKE_ISR, 4);
    expect_window(&f, VPCI_CAP_DEVICE, 4, FAKE_DEVICE, 64);
    expect_window(&f, VPCI_CAP_NOTIFY, 4, FAKE_NOTIFY, 0x1000);
    assert_int_equal(f.vpci->notify_multiplier, 4);
    fake_pci_down(&f);
}

static void reserved_types_are_passed_over(void **state)
{
    static const uint8_t types[] = {0, 5, 6, 7, 8, 9, 0xff};
    struct fake_pci f;

    (void)state;
    for (unsigned i = 0; i < sizeof(types); i++) {
        up(&f);
        f.config[0x34] = 0xa0;
        fake_pci_cap(&f, 0xa0, 0x40, 16, types[i], 4, 0, 64);
        fake_pci_probe(&f);
        assert_int_equal(f.warnings, 0);
        fake_pci_down(&f);
    }
}

static void reserved_bars_are_passed_over(void **state)
{
    static const uint8_t bars[] = {6, 7, 0xff};
    struct fake_pci f;

    (void)state;
    for (unsigned i = 0; i < sizeof(bars); i++) {
        up(&f);
        f.config[0x34] = 0xa0;
        fake_pci_cap(&f, 0xa0, 0xb4, 16, 1, bars[i], 0, 64);
        // and once more when a BAR is mapped
        fake_pci_bar(&f, 0, 0, 0xfe000000);
        fake_pci_cap(&f, 0xb4, 0xc4, 16, VPCI_CAP_ISR, 0, 0, 1);
        fake_pci_cap(&f, 0xc4, 0x40, 16, 1, bars[i], 0, 64);
        fake_pci_probe(&f);
        expect_window(&f, VPCI_CAP_COMMON, 4, FAKE_COMMON, 64);
        for (unsigned bar = 0; bar < VPCI_BAR_COUNT; bar++)
            assert_int_equal(f.maps[bar], bar == 0 || bar == 4);
        fake_pci_down(&f);
    }
}

static void the_first_usable_structure_wins(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.config[0x34] = 0xa0;
    fake_pci_cap(&f, 0xa0, 0x40, 16, 4, 4, 0x900, 32);
    fake_pci_probe(&f);
    expect_window(&f, VPCI_CAP_DEVICE, 4, 0x900, 32);
    fake_pci_down(&f);
    // one in a BAR that the system did not map does not count
    up(&f);
    fake_pci_bar(&f, 2, 1, 0xc000);
    f.map_fails[2] = true;
    f.config[0x34] = 0xa0;
    fake_pci_cap(&f, 0xa0, 0x40, 16, 4, 2, 0, 32);
    fake_pci_probe(&f);
    expect_window(&f, VPCI_CAP_DEVICE, 4, FAKE_DEVICE, 64);
    assert_int_equal(f.warnings, 1);
    fake_pci_down(&f);
}

static void doorbells_may_be_ports(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    fake_pci_bar(&f, 2, 1, 0xc000);
    f.config[0x34] = 0xa0;
    fake_pci_cap(&f, 0xa0, 0x40, 20, 2, 2, 0x20, 32);
    fake_pci_probe(&f);
    expect_window(&f, VPCI_CAP_NOTIFY, 2, 0x20, 32);
    assert_true(f.vpci->window[VPCI_CAP_NOTIFY].is_port);
    assert_int_equal(f.vpci->notify_multiplier, 0);
    fake_pci_down(&f);
}

static void a_longer_capability_is_accepted(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.config[0x42] = 0x40;
    f.config[0x72] = 0x20;
    fake_pci_probe(&f);
    assert_int_equal(f.vpci->notify_multiplier, 4);
    fake_pci_down(&f);
}

static void a_shorter_capability_is_passed_over(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.config[0x42] = 15;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
    // the doorbells need their multiplier
    up(&f);
    f.config[0x72] = 16;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
}

static void a_capability_beyond_the_end_is_passed_over(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.config[0x34] = 0xf4;
    f.config[0xf4] = 9;
    f.config[0xf5] = 0x40;
    f.config[0xf6] = 16;
    f.config[0xf7] = 4;
    fake_pci_probe(&f);
    expect_window(&f, VPCI_CAP_DEVICE, 4, FAKE_DEVICE, 64);
    fake_pci_down(&f);
}

static void a_structure_that_is_missing_matters(void **state)
{
    static const struct {
        uint8_t at;
        bool needed;
    } caps[] = {{0x40, true}, {0x50, true}, {0x60, false}, {0x70, true}};
    struct fake_pci f;

    (void)state;
    for (unsigned i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        up(&f);
        f.config[caps[i].at + 3] = 99;
        if (caps[i].needed)
            fake_pci_expect_refused(&f, VIO_E_LAYOUT);
        else
            fake_pci_probe(&f);
        fake_pci_down(&f);
    }
}

static void a_structure_must_start_inside_its_bar_and_aligned(void **state)
{
    static const uint32_t offsets[] = {
        FAKE_BAR_BYTES, FAKE_BAR_BYTES - 52, 0x80000000, UINT32_MAX - 3, 2, 1};
    struct fake_pci f;

    (void)state;
    for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        up(&f);
        fake_pci_cap(&f, 0x40, 0x50, 16, 1, 4, offsets[i], 64);
        fake_pci_expect_refused(&f, VIO_E_LAYOUT);
        fake_pci_down(&f);
    }
}

static void an_overlong_structure_is_cut_at_the_end(void **state)
{
    static const uint32_t lengths[] = {0x1001, 0x80000000, UINT32_MAX};
    struct fake_pci f;

    (void)state;
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        up(&f);
        fake_pci_cap(&f, 0x70, 0x90, 20, 2, 4, FAKE_NOTIFY, lengths[i]);
        fake_pci_probe(&f);
        expect_window(&f, VPCI_CAP_NOTIFY, 4, FAKE_NOTIFY, 0x1000);
        fake_pci_down(&f);
    }
}

static void a_window_never_passes_the_end_of_the_address_space(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.region[4].base = UINTPTR_MAX - 15;
    f.region[4].length = 0x10000;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
    up(&f);
    f.region[4].base = UINTPTR_MAX - 0x3ff;
    f.region[4].length = 0x10000;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
}

static void a_short_structure_is_passed_over(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    fake_pci_cap(&f, 0x40, 0x50, 16, 1, 4, FAKE_COMMON, 55);
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_cap(&f, 0x40, 0x50, 16, 1, 4, FAKE_COMMON, 56);
    fake_pci_probe(&f);
    fake_pci_cap(&f, 0x50, 0x60, 16, 3, 4, FAKE_ISR, 0);
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
}

static void a_list_that_runs_in_a_circle_ends(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.config[0x91] = 0x40;
    fake_pci_probe(&f);
    assert_int_equal(f.warnings, 1);
    assert_true(f.config_reads < 200);
    fake_pci_down(&f);
    up(&f);
    f.config[0x41] = 0x40;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
}

static void a_list_ends_at_a_pointer_into_the_header(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.config[0x61] = 0x3c;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    // the low bits of a pointer count for nothing
    f.config[0x61] = 0x73;
    fake_pci_probe(&f);
    fake_pci_down(&f);
}

static void without_the_status_bit_there_is_no_list(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.config[6] = 0;
    fake_pci_expect_refused(&f, VIO_E_LAYOUT);
    fake_pci_down(&f);
}

static void the_msix_table_has_from_1_to_2048_entries(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    fake_pci_msix(&f, 0x90, 0, 1, false);
    fake_pci_probe(&f);
    assert_int_equal(vpci_msix_table_size(f.vpci), 1);
    assert_false(vpci_msix_enabled(f.vpci));
    fake_pci_msix(&f, 0x90, 0, 2048, true);
    fake_pci_probe(&f);
    assert_int_equal(vpci_msix_table_size(f.vpci), 2048);
    assert_true(vpci_msix_enabled(f.vpci));
    fake_pci_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structures_lie_where_the_capabilities_say),
        cmocka_unit_test(reserved_types_are_passed_over),
        cmocka_unit_test(reserved_bars_are_passed_over),
        cmocka_unit_test(the_first_usable_structure_wins),
        cmocka_unit_test(doorbells_may_be_ports),
        cmocka_unit_test(a_longer_capability_is_accepted),
        cmocka_unit_test(a_shorter_capability_is_passed_over),
        cmocka_unit_test(a_capability_beyond_the_end_is_passed_over),
        cmocka_unit_test(a_structure_that_is_missing_matters),
        cmocka_unit_test(a_structure_must_start_inside_its_bar_and_aligned),
        cmocka_unit_test(an_overlong_structure_is_cut_at_the_end),
        cmocka_unit_test(a_window_never_passes_the_end_of_the_address_space),
        cmocka_unit_test(a_short_structure_is_passed_over),
        cmocka_unit_test(a_list_that_runs_in_a_circle_ends),
        cmocka_unit_test(a_list_ends_at_a_pointer_into_the_header),
        cmocka_unit_test(without_the_status_bit_there_is_no_list),
        cmocka_unit_test(the_msix_table_has_from_1_to_2048_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
