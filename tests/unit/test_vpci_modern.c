// SPDX-License-Identifier: GPL-3.0-or-later
//
// The modern transport, access by access (virtio 1.2, 4.1.3 to 4.1.5).

#include "tests/unit/fake_pci.h"

#include <string.h>

static const struct vtransport_ops *ops;
static const struct vq_areas areas = {0x1122334455667000, 0x0000000155008000, 0x00000000fffff000};

static void up(struct fake_pci *f)
{
    fake_pci_up(f, 0x1042);
    fake_pci_modern(f);
    fake_pci_probe(f);
    ops = vpci_ops(f->vpci);
    fake_pci_forget(f);
}

static void status_is_one_byte(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    ops->status_write(f.vpci, 11);
    assert_int_equal(ops->status_read(f.vpci), 11);
    fake_pci_expect_access(&f, 0, true, 4, 1, FAKE_COMMON + 20, 11);
    fake_pci_expect_access(&f, 1, false, 4, 1, FAKE_COMMON + 20, 11);
    fake_pci_down(&f);
}

static void features_are_two_words(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.features = 0x0000000123456789;
    assert_int_equal(ops->features_read(f.vpci), f.features);
    fake_pci_expect_access(&f, 0, true, 4, 4, FAKE_COMMON + 0, 0);
    fake_pci_expect_access(&f, 1, false, 4, 4, FAKE_COMMON + 4, 0x23456789);
    fake_pci_expect_access(&f, 2, true, 4, 4, FAKE_COMMON + 0, 1);
    fake_pci_expect_access(&f, 3, false, 4, 4, FAKE_COMMON + 4, 1);
    ops->features_write(f.vpci, 0x0000000300000005);
    assert_int_equal(f.driver_features, 0x0000000300000005);
    fake_pci_down(&f);
}

static void features_without_their_registers_are_not_shown(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.features = VIO_BIT(39) | VIO_BIT(40);
    assert_int_equal(ops->features_read(f.vpci), f.features);
    fake_pci_cap(&f, 0x40, 0x50, 16, 1, 4, FAKE_COMMON, 58);
    fake_pci_probe(&f);
    assert_int_equal(ops->features_read(f.vpci), VIO_BIT(39));
    fake_pci_cap(&f, 0x40, 0x50, 16, 1, 4, FAKE_COMMON, 56);
    fake_pci_probe(&f);
    assert_int_equal(ops->features_read(f.vpci), 0);
    fake_pci_down(&f);
}

static void configuration_fields_are_read_in_their_width(void **state)
{
    static const struct {
        uint32_t offset;
        uint32_t len;
        unsigned accesses;
        unsigned width;
    } cases[] = {{1, 1, 1, 1}, {2, 2, 1, 2}, {4, 4, 1, 4}, {8, 8, 2, 4}, {12, 8, 2, 4},
                 {1, 2, 2, 1}, {2, 4, 4, 1}, {2, 8, 8, 1}, {0, 6, 6, 1}, {4, 20, 20, 1}};
    struct fake_pci f;

    (void)state;
    up(&f);
    assert_int_equal(ops->config_length(f.vpci), 64);
    for (unsigned i = 0; i < 64; i++)
        f.bar[4][FAKE_DEVICE + i] = (uint8_t)(i + 1);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t buffer[32];

        fake_pci_forget(&f);
        ops->config_read(f.vpci, cases[i].offset, buffer, cases[i].len);
        assert_memory_equal(buffer, f.bar[4] + FAKE_DEVICE + cases[i].offset, cases[i].len);
        assert_int_equal(f.accesses, cases[i].accesses);
        for (unsigned k = 0; k < f.accesses; k++)
            assert_int_equal(f.access[k].width, cases[i].width);
    }
    fake_pci_down(&f);
}

static void configuration_fields_are_written_in_their_width(void **state)
{
    const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct fake_pci f;

    (void)state;
    up(&f);
    ops->config_write(f.vpci, 8, bytes, 8);
    fake_pci_expect_access(&f, 0, true, 4, 4, FAKE_DEVICE + 8, 0x04030201);
    fake_pci_expect_access(&f, 1, true, 4, 4, FAKE_DEVICE + 12, 0x08070605);
    ops->config_write(f.vpci, 2, bytes, 2);
    fake_pci_expect_access(&f, 2, true, 4, 2, FAKE_DEVICE + 2, 0x0201);
    ops->config_write(f.vpci, 0, bytes, 1);
    fake_pci_expect_access(&f, 3, true, 4, 1, FAKE_DEVICE, 1);
    assert_int_equal(f.accesses, 4);
    fake_pci_down(&f);
}

static void the_generation_is_one_byte(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.bar[4][FAKE_COMMON + 21] = 77;
    assert_int_equal(ops->config_generation(f.vpci), 77);
    fake_pci_expect_access(&f, 0, false, 4, 1, FAKE_COMMON + 21, 77);
    fake_pci_down(&f);
}

static void a_device_without_configuration_has_length_0(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.config[0x63] = 99;
    fake_pci_probe(&f);
    assert_int_equal(ops->config_length(f.vpci), 0);
    fake_pci_down(&f);
}

static void a_vector_is_read_back(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    assert_int_equal(ops->config_vector(f.vpci, 3), VIO_OK);
    fake_pci_expect_access(&f, 0, true, 4, 2, FAKE_COMMON + 16, 3);
    fake_pci_expect_access(&f, 1, false, 4, 2, FAKE_COMMON + 16, 3);
    assert_int_equal(ops->config_vector(f.vpci, 0xffff), VIO_OK);
    // the device runs out of vectors
    f.vectors = 2;
    assert_int_equal(ops->config_vector(f.vpci, 2), VIO_E_VECTOR);
    assert_int_equal(ops->queue_enable(f.vpci, 0, 64, &areas, 2), VIO_E_VECTOR);
    assert_int_equal(f.queue[0].enable, 0);
    fake_pci_down(&f);
}

static void no_vector_lies_outside_the_table(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.vectors = 0xffff;
    assert_int_equal(ops->config_vector(f.vpci, 7), VIO_OK);
    fake_pci_forget(&f);
    assert_int_equal(ops->config_vector(f.vpci, 8), VIO_E_VECTOR);
    assert_int_equal(f.accesses, 0);
    fake_pci_down(&f);
}

static void without_msix_no_vector_is_written(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    vpci_set_msix(f.vpci, false);
    assert_int_equal(ops->config_vector(f.vpci, 0), VIO_E_VECTOR);
    assert_int_equal(ops->config_vector(f.vpci, VTRANSPORT_NO_VECTOR), VIO_OK);
    assert_int_equal(f.accesses, 0);
    fake_pci_down(&f);
}

static void a_queue_is_enabled_after_all_else(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    assert_int_equal(ops->queue_enable(f.vpci, 2, 32, &areas, 5), VIO_OK);
    fake_pci_expect_access(&f, 0, true, 4, 2, FAKE_COMMON + 22, 2);
    assert_int_equal(f.queue[2].size, 32);
    assert_int_equal(f.queue[2].vector, 5);
    assert_int_equal(f.queue[2].area[0], areas.desc);
    assert_int_equal(f.queue[2].area[1], areas.driver);
    assert_int_equal(f.queue[2].area[2], areas.device);
    fake_pci_expect_access(&f, f.accesses - 1, true, 4, 2, FAKE_COMMON + 28, 1);
    // addresses go as two halves of 32 bits
    for (unsigned i = 0; i < f.accesses; i++) {
        if (f.access[i].offset >= FAKE_COMMON + 32 && f.access[i].offset < FAKE_COMMON + 56)
            assert_int_equal(f.access[i].width, 4);
    }
    fake_pci_down(&f);
}

static void read_only_registers_are_never_written(void **state)
{
    struct vtransport_doorbell doorbell;
    struct fake_pci f;

    (void)state;
    up(&f);
    f.features = UINT64_MAX;
    ops->features_write(f.vpci, ops->features_read(f.vpci));
    assert_int_equal(ops->queue_count(f.vpci), FAKE_QUEUES);
    assert_int_equal(ops->queue_size(f.vpci, 1), 64);
    assert_int_equal(ops->queue_prepare(f.vpci, 1, UINT64_MAX, &doorbell), VIO_OK);
    assert_int_equal(ops->queue_enable(f.vpci, 1, 64, &areas, 1), VIO_OK);
    ops->queue_reset(f.vpci, 1);
    for (unsigned i = 0; i < f.accesses; i++) {
        const uint32_t offset = f.access[i].offset;

        if (!f.access[i].write)
            continue;
        assert_true(offset != 4 && offset != 18 && offset != 21 && offset != 30 && offset != 56);
        // nor is a queue disabled by its enable register
        assert_true(offset != 28 || f.access[i].value == 1);
    }
    fake_pci_down(&f);
}

static void a_queue_that_is_enabled_already_is_refused(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.queue[0].enable = 1;
    assert_int_equal(ops->queue_enable(f.vpci, 0, 64, &areas, 0), VIO_E_STATE);
    fake_pci_down(&f);
}

static void a_size_that_does_not_stick_is_refused(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.last_size_limit = 16;
    assert_int_equal(ops->queue_enable(f.vpci, 0, 32, &areas, 0), VIO_E_NO_QUEUE);
    assert_int_equal(f.queue[0].enable, 0);
    fake_pci_down(&f);
}

static void a_doorbell_lies_at_offset_times_multiplier(void **state)
{
    struct vtransport_doorbell doorbell;
    struct fake_pci f;

    (void)state;
    up(&f);
    f.queue[3].notify_off = 6;
    assert_int_equal(ops->queue_prepare(f.vpci, 3, 0, &doorbell), VIO_OK);
    fake_pci_forget(&f);
    ops->notify(f.vpci, &doorbell, 3);
    fake_pci_expect_access(&f, 0, true, 4, 2, FAKE_NOTIFY + 24, 3);
    fake_pci_down(&f);
}

static void notification_data_is_a_word(void **state)
{
    struct vtransport_doorbell doorbell;
    struct fake_pci f;

    (void)state;
    up(&f);
    assert_int_equal(ops->queue_prepare(f.vpci, 1, VIO_BIT(38), &doorbell), VIO_OK);
    assert_int_equal(doorbell.notify_data, 1);
    fake_pci_forget(&f);
    ops->notify(f.vpci, &doorbell, 0x80120001);
    fake_pci_expect_access(&f, 0, true, 4, 4, FAKE_NOTIFY + 4, 0x80120001);
    fake_pci_down(&f);
}

static void the_device_may_choose_what_stands_for_the_queue(void **state)
{
    struct vtransport_doorbell doorbell;
    struct fake_pci f;

    (void)state;
    up(&f);
    f.queue[1].notify_data = 0x4321;
    assert_int_equal(ops->queue_prepare(f.vpci, 1, VIO_BIT(39), &doorbell), VIO_OK);
    assert_int_equal(doorbell.notify_data, 0x4321);
    assert_int_equal(ops->queue_prepare(f.vpci, 1, 0, &doorbell), VIO_OK);
    assert_int_equal(doorbell.notify_data, 1);
    fake_pci_down(&f);
}

static void a_doorbell_outside_its_structure_is_refused(void **state)
{
    struct vtransport_doorbell doorbell;
    struct fake_pci f;

    (void)state;
    up(&f);
    f.queue[0].notify_off = 0x3ff;
    assert_int_equal(ops->queue_prepare(f.vpci, 0, 0, &doorbell), VIO_OK);
    f.queue[0].notify_off = 0x400;
    assert_int_equal(ops->queue_prepare(f.vpci, 0, 0, &doorbell), VIO_E_RANGE);
    f.queue[0].notify_off = 0xffff;
    memset(f.config + 0x80, 0xff, 4);
    fake_pci_probe(&f);
    assert_int_equal(ops->queue_prepare(f.vpci, 0, 0, &doorbell), VIO_E_RANGE);
    // a word needs more room and more alignment
    f.queue[0].notify_off = 1;
    memset(f.config + 0x80, 0, 4);
    f.config[0x80] = 2;
    fake_pci_probe(&f);
    assert_int_equal(ops->queue_prepare(f.vpci, 0, 0, &doorbell), VIO_OK);
    assert_int_equal(ops->queue_prepare(f.vpci, 0, VIO_BIT(38), &doorbell), VIO_E_RANGE);
    fake_pci_down(&f);
}

static void all_queues_may_share_one_doorbell(void **state)
{
    struct vtransport_doorbell doorbell;
    struct fake_pci f;

    (void)state;
    up(&f);
    memset(f.config + 0x80, 0, 4);
    fake_pci_probe(&f);
    for (uint16_t i = 0; i < FAKE_QUEUES; i++) {
        assert_int_equal(ops->queue_prepare(f.vpci, i, 0, &doorbell), VIO_OK);
        assert_int_equal(doorbell.offset, 0);
        assert_int_equal(doorbell.notify_data, i);
    }
    fake_pci_down(&f);
}

static void a_queue_reset_is_over_when_it_reads_0(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    ops->queue_reset(f.vpci, 1);
    assert_int_equal(f.queue[1].reset, 1);
    assert_false(ops->queue_reset_done(f.vpci, 1));
    f.queue[1].reset = 0;
    assert_true(ops->queue_reset_done(f.vpci, 1));
    fake_pci_down(&f);
}

static void interrupt_status_is_one_byte(void **state)
{
    struct fake_pci f;

    (void)state;
    up(&f);
    f.bar[4][FAKE_ISR] = 3;
    assert_int_equal(ops->isr_read(f.vpci), 3);
    fake_pci_expect_access(&f, 0, false, 4, 1, FAKE_ISR, 3);
    assert_int_equal(f.accesses, 1);
    fake_pci_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_is_one_byte),
        cmocka_unit_test(features_are_two_words),
        cmocka_unit_test(features_without_their_registers_are_not_shown),
        cmocka_unit_test(configuration_fields_are_read_in_their_width),
        cmocka_unit_test(configuration_fields_are_written_in_their_width),
        cmocka_unit_test(the_generation_is_one_byte),
        cmocka_unit_test(a_device_without_configuration_has_length_0),
        cmocka_unit_test(a_vector_is_read_back),
        cmocka_unit_test(no_vector_lies_outside_the_table),
        cmocka_unit_test(without_msix_no_vector_is_written),
        cmocka_unit_test(a_queue_is_enabled_after_all_else),
        cmocka_unit_test(read_only_registers_are_never_written),
        cmocka_unit_test(a_queue_that_is_enabled_already_is_refused),
        cmocka_unit_test(a_size_that_does_not_stick_is_refused),
        cmocka_unit_test(a_doorbell_lies_at_offset_times_multiplier),
        cmocka_unit_test(notification_data_is_a_word),
        cmocka_unit_test(the_device_may_choose_what_stands_for_the_queue),
        cmocka_unit_test(a_doorbell_outside_its_structure_is_refused),
        cmocka_unit_test(all_queues_may_share_one_doorbell),
        cmocka_unit_test(a_queue_reset_is_over_when_it_reads_0),
        cmocka_unit_test(interrupt_status_is_one_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
