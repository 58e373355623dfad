// SPDX-License-Identifier: GPL-3.0-or-later
//
// The legacy transport, access by access (virtio 1.2, 4.1.4.10).

#include "tests/unit/fake_pci.h"

static const struct vtransport_ops *ops;
static const struct vq_areas areas = {0x12345000, 0, 0};

static void up(struct fake_pci *f, bool msix)
{
    fake_pci_up(f, 0x1001);
    fake_pci_legacy(f, msix);
    fake_pci_probe(f);
    ops = vpci_ops(f->vpci);
    fake_pci_forget(f);
}

static void there_are_32_feature_bits(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f, false);
    f.features = UINT64_MAX;
    assert_int_equal(ops->features_read(f.vpci), 0xffffffff);
    ops->features_write(f.vpci, 0x300000005);
    assert_int_equal(f.driver_features, 5);
    fake_pci_expect_access(&f, 1, true, 0, 4, 4, 5);
    fake_pci_down(&f);
}

static void status_and_interrupt_status_are_bytes(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f, false);
    ops->status_write(f.vpci, 7);
    assert_int_equal(ops->status_read(f.vpci), 7);
    fake_pci_expect_access(&f, 0, true, 0, 1, 18, 7);
    f.bar[0][19] = 2;
    assert_int_equal(ops->isr_read(f.vpci), 2);
    fake_pci_expect_access(&f, 2, false, 0, 1, 19, 2);
    fake_pci_down(&f);
}

static void configuration_starts_at_20_without_msix(void **state)
{
    struct fake_pci f;
    uint32_t value;

    (void)state;
    up(&f, false);
    assert_int_equal(ops->config_length(f.vpci), FAKE_BAR_BYTES - 20);
    ops->config_read(f.vpci, 4, &value, 4);
    fake_pci_expect_access(&f, 0, false, 0, 4, 24, 0);
    fake_pci_down(&f);
}

static void configuration_starts_at_24_with_msix(void **state)
{
    struct fake_pci f;
    uint32_t value = 9;

    (void)state;
    up(&f, true);
    assert_int_equal(ops->config_length(f.vpci), FAKE_BAR_BYTES - 24);
    ops->config_write(f.vpci, 4, &value, 4);
    fake_pci_expect_access(&f, 0, true, 0, 4, 28, 9);
    // and moves back when it is turned off
    vpci_set_msix(f.vpci, false);
    assert_int_equal(ops->config_length(f.vpci), FAKE_BAR_BYTES - 20);
    f.region[0].length = 0x200000000;
    fake_pci_probe(&f);
    assert_int_equal(ops->config_length(f.vpci), UINT32_MAX);
    fake_pci_down(&f);
}

static void there_is_no_generation(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f, false);
    assert_int_equal(ops->config_generation(f.vpci), 0);
    assert_int_equal(f.accesses, 0);
    fake_pci_down(&f);
}

static void a_queue_address_is_a_page_number(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f, false);
    assert_int_equal(ops->queue_count(f.vpci), 65535);
    assert_int_equal(ops->queue_size(f.vpci, 1), 64);
    assert_int_equal(ops->queue_size(f.vpci, FAKE_QUEUES), 0);
    assert_int_equal(ops->queue_enable(f.vpci, 1, 64, &areas, VTRANSPORT_NO_VECTOR), VIO_OK);
    assert_int_equal(f.queue[1].area[0], 0x12345);
    fake_pci_expect_access(&f, f.accesses - 1, true, 0, 4, 8, 0x12345);
    fake_pci_down(&f);
}

static void an_address_above_16_terabytes_is_refused(void **state)
{
    const struct vq_areas high = {0x100000000000, 0, 0};
    const struct vq_areas highest = {0xffffffff000, 0, 0};
    struct fake_pci f;

    (void)state;
    up(&f, false);
    assert_int_equal(ops->queue_enable(f.vpci, 0, 64, &high, VTRANSPORT_NO_VECTOR), VIO_E_RANGE);
    assert_int_equal(ops->queue_enable(f.vpci, 0, 64, &highest, VTRANSPORT_NO_VECTOR), VIO_OK);
    fake_pci_down(&f);
}

static void the_size_is_the_devices(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f, false);
    assert_int_equal(ops->queue_enable(f.vpci, 0, 32, &areas, VTRANSPORT_NO_VECTOR),
                     VIO_E_NO_QUEUE);
    for (unsigned i = 0; i < f.accesses; i++)
        assert_false(f.access[i].write && f.access[i].offset == 12);
    fake_pci_down(&f);
}

static void an_active_queue_is_refused(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f, false);
    f.queue[0].area[0] = 1;
    assert_int_equal(ops->queue_enable(f.vpci, 0, 64, &areas, VTRANSPORT_NO_VECTOR), VIO_E_STATE);
    fake_pci_down(&f);
}

static void vectors_are_read_back(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f, true);
    assert_int_equal(ops->config_vector(f.vpci, 1), VIO_OK);
    fake_pci_expect_access(&f, 0, true, 0, 2, 20, 1);
    assert_int_equal(ops->queue_enable(f.vpci, 0, 64, &areas, 2), VIO_OK);
    f.vectors = 1;
    assert_int_equal(ops->config_vector(f.vpci, 1), VIO_E_VECTOR);
    assert_int_equal(ops->queue_enable(f.vpci, 1, 64, &areas, 2), VIO_E_VECTOR);
    assert_int_equal(f.queue[1].area[0], 0);
    // outside of the table, which would be fine with the device
    f.vectors = 0xffff;
    fake_pci_forget(&f);
    assert_int_equal(ops->config_vector(f.vpci, 8), VIO_E_VECTOR);
    assert_int_equal(f.accesses, 0);
    fake_pci_down(&f);
}

static void without_msix_there_are_no_vector_registers(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f, false);
    assert_int_equal(ops->config_vector(f.vpci, 0), VIO_E_VECTOR);
    assert_int_equal(ops->config_vector(f.vpci, VTRANSPORT_NO_VECTOR), VIO_OK);
    assert_int_equal(f.accesses, 0);
    fake_pci_down(&f);
}

static void a_doorbell_is_the_queue_number(void **state)
{
    struct vtransport_doorbell doorbell;
    struct fake_pci f;

    (void)state;
    up(&f, false);
    assert_int_equal(ops->queue_prepare(f.vpci, 3, UINT64_MAX, &doorbell), VIO_OK);
    ops->notify(f.vpci, &doorbell, doorbell.notify_data);
    fake_pci_expect_access(&f, 0, true, 0, 2, 16, 3);
    fake_pci_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_32_feature_bits),
        cmocka_unit_test(status_and_interrupt_status_are_bytes),
        cmocka_unit_test(configuration_starts_at_20_without_msix),
        cmocka_unit_test(configuration_starts_at_24_with_msix),
        cmocka_unit_test(there_is_no_generation),
        cmocka_unit_test(a_queue_address_is_a_page_number),
        cmocka_unit_test(an_address_above_16_terabytes_is_refused),
        cmocka_unit_test(the_size_is_the_devices),
        cmocka_unit_test(an_active_queue_is_refused),
        cmocka_unit_test(vectors_are_read_back),
        cmocka_unit_test(without_msix_there_are_no_vector_registers),
        cmocka_unit_test(a_doorbell_is_the_queue_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
