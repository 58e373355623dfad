/* SPDX-License-Identifier: GPL-3.0-or-later */
/* viostor: changes, resets, removal, stop and restart. */
#include "tests/unit/viostor_fixture.h"

/* ---- changes ---- */

static void new_capacity_is_told_and_used(void **state)
{
    static const uint8_t capacity[10] = {0x25};
    static const uint16_t vectors[] = {0, 1, 2};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const uint64_t larger = SECTORS + 1000;
        struct disk_fixture fix;
        struct port_request *request;

        disk_up(&fix, USUAL, SDEV_PCI_MODERN, vectors[i]);
        fix.disk.data = realloc(fix.disk.data, larger * 512);
        fix.disk.sectors = larger;
        sdev_dev_config_change(fix.port.dev, 0, &larger, sizeof(larger));
        port_run(&fix.port, true);
        request = command(&fix, true, capacity, sizeof(capacity), 8);
        port_submit(&fix.port, request);
        assert_int_equal(request->status, SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID);
        assert_int_equal(request->sense[2], SCSI_UNIT_ATTENTION);
        assert_int_equal(request->sense[12] << 8 | request->sense[13], SCSI_ASC_CAPACITY_CHANGED);
        port_request_free(&fix.port, request);
        request = command(&fix, true, capacity, sizeof(capacity), 8);
        port_submit(&fix.port, request);
        assert_int_equal(request->status, SRB_STATUS_SUCCESS);
        assert_int_equal(request->data[2] << 8 | request->data[3], larger - 1);
        port_request_free(&fix.port, request);
        assert_int_equal(finish(&fix, transfer(&fix, true, 0, SECTORS + 500, 1)),
                         SRB_STATUS_SUCCESS);
        disk_down(&fix);
    }
}

/* ---- resets ---- */

static void reset_gives_back_what_is_outstanding_and_goes_on(void **state)
{
    enum { COUNT = 16 };
    struct port_request *requests[COUNT];
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    fix.port.dev->run_on_kick = false;
    for (uint32_t i = 0; i < COUNT; i++) {
        requests[i] = transfer(&fix, false, 0, i * 8, 8);
        port_submit(&fix.port, requests[i]);
        assert_false(requests[i]->done);
    }
    assert_true(port_reset_bus(&fix.port));
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(requests[i]->done);
        assert_int_equal(requests[i]->status, SRB_STATUS_BUS_RESET);
        port_request_free(&fix.port, requests[i]);
    }
    assert_int_equal(fix.port.outstanding, 0);
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

/* Makes the device report a buffer that it does not have. */
static void corrupt_used_ring(struct disk_fixture *fix)
{
    struct sdev_ring *ring = fix->port.dev->vq[0].ring;
    uint16_t slot = sdev_ring_next_used(ring);

    sdev_split_raw_used(ring, slot, 0x7fffffff, 1);
    sdev_split_raw_used_idx(ring, (uint16_t)(sdev_ring_used(ring) + 1));
}

static void corrupted_queue_leads_to_a_reset_by_the_driver(void **state)
{
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    fix.port.dev->run_on_kick = false;
    request = transfer(&fix, false, 0, 0, 1);
    port_submit(&fix.port, request);
    corrupt_used_ring(&fix);
    fix.port.config.HwMSInterruptRoutine(fix.port.extension, 1);
    port_run(&fix.port, false);
    assert_true(request->done);
    assert_int_equal(request->status, SRB_STATUS_BUS_RESET);
    port_request_free(&fix.port, request);
    assert_int_equal(fix.port.logged_errors, 1);
    fix.port.dev->run_on_kick = true;
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

static void device_that_writes_over_requests_harms_only_itself(void **state)
{
    struct disk_fixture fix;
    struct spy spy;

    (void)state;
    disk_up_spied(&fix, &spy);
    spy.tampers = true;
    for (uint32_t i = 0; i < 200; i++)
        (void)finish(&fix, transfer(&fix, i % 2 != 0, (uint8_t)(i % 3 == 0 ? 0x08 : 0), i, 2));
    spy.tampers = false;
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

static void request_that_meets_a_corrupted_queue_is_tried_again(void **state)
{
    struct disk_fixture fix;
    struct port_request *requests[2];

    (void)state;
    disk_up_usual(&fix);
    fix.port.dev->run_on_kick = false;
    requests[0] = transfer(&fix, false, 0, 0, 1);
    port_submit(&fix.port, requests[0]);
    corrupt_used_ring(&fix);
    /* The corruption is found by the DPC; until it has run, requests go on the queue. */
    fix.port.config.HwMSInterruptRoutine(fix.port.extension, 1);
    requests[1] = transfer(&fix, false, 0, 0, 1);
    port_submit(&fix.port, requests[1]);
    port_run(&fix.port, false);
    for (size_t i = 0; i < 2; i++) {
        assert_true(requests[i]->done);
        assert_int_equal(requests[i]->status, SRB_STATUS_BUS_RESET);
        port_request_free(&fix.port, requests[i]);
    }
    disk_down(&fix);
}

static void device_that_always_fails_is_given_up_until_windows_resets_it(void **state)
{
    struct disk_fixture fix;
    unsigned resets = 0;

    (void)state;
    disk_up_usual(&fix);
    for (unsigned i = 0; i < 20; i++) {
        uint64_t before = fix.port.dev->resets;

        sdev_dev_fail(fix.port.dev);
        port_run(&fix.port, false);
        if (fix.port.dev->resets != before)
            resets++;
    }
    assert_in_range(resets, 1, 6);
    assert_int_equal(finish(&fix, transfer(&fix, false, 0, 0, 1)), SRB_STATUS_NO_HBA);
    assert_true(port_reset_bus(&fix.port));
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

static void finished_requests_make_the_driver_patient_again(void **state)
{
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    for (unsigned i = 0; i < 20; i++) {
        sdev_dev_fail(fix.port.dev);
        port_run(&fix.port, false);
        expect_read(&fix, i, 1);
    }
    disk_down(&fix);
}

static void requests_stay_with_a_device_that_does_not_acknowledge_a_reset(void **state)
{
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    fix.port.dev->run_on_kick = false;
    request = transfer(&fix, false, 0, 0, 1);
    port_submit(&fix.port, request);
    fix.port.dev->quirks.reset_never_ends = true;
    fix.port.stalled_us = 0;
    assert_false(port_reset_bus(&fix.port));
    assert_true(fix.port.stalled_us <= 1100000);
    assert_false(request->done);
    assert_int_equal(finish(&fix, transfer(&fix, false, 0, 0, 1)), SRB_STATUS_NO_HBA);
    fix.port.dev->quirks.reset_never_ends = false;
    assert_true(port_reset_bus(&fix.port));
    assert_true(request->done);
    assert_int_equal(request->status, SRB_STATUS_BUS_RESET);
    port_request_free(&fix.port, request);
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

static void vanished_device_ends_all_requests(void **state)
{
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    fix.port.dev->run_on_kick = false;
    request = transfer(&fix, false, 0, 0, 1);
    port_submit(&fix.port, request);
    fix.port.dev->quirks.gone = true;
    assert_false(port_reset_bus(&fix.port));
    assert_true(request->done);
    port_request_free(&fix.port, request);
    assert_int_equal(finish(&fix, transfer(&fix, false, 0, 0, 1)), SRB_STATUS_NO_DEVICE);
    assert_false(port_reset_bus(&fix.port));
    assert_true(port_control(&fix.port, ScsiStopAdapter, NULL));
    disk_down(&fix);
}

static void surprise_removal_ends_all_requests(void **state)
{
    struct disk_fixture fix;
    struct port_request *request;
    struct port_request *removal;

    (void)state;
    for (int extended = 0; extended < 2; extended++) {
        disk_up_usual(&fix);
        fix.port.dev->run_on_kick = false;
        request = transfer(&fix, false, 0, 0, 1);
        port_submit(&fix.port, request);
        removal = port_request_new(&fix.port, extended, SRB_FUNCTION_PNP, 0);
        port_request_pnp(removal, StorSurpriseRemoval, true);
        assert_int_equal(finish(&fix, removal), SRB_STATUS_SUCCESS);
        assert_true(request->done);
        assert_int_equal(request->status, SRB_STATUS_NO_DEVICE);
        port_request_free(&fix.port, request);
        disk_down(&fix);
    }
}

static void surprise_removal_by_adapter_control_ends_all_requests(void **state)
{
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    fix.port.dev->run_on_kick = false;
    request = transfer(&fix, true, 0, 0, 1);
    port_submit(&fix.port, request);
    assert_true(port_control(&fix.port, ScsiAdapterSurpriseRemoval, NULL));
    assert_true(request->done);
    assert_int_equal(request->status, SRB_STATUS_NO_DEVICE);
    port_request_free(&fix.port, request);
    disk_down(&fix);
}

static void removal_of_the_unit_leaves_the_adapter_working(void **state)
{
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    request = port_request_new(&fix.port, true, SRB_FUNCTION_PNP, 0);
    port_request_pnp(request, StorRemoveDevice, false);
    assert_int_equal(finish(&fix, request), SRB_STATUS_SUCCESS);
    request = port_request_new(&fix.port, true, SRB_FUNCTION_PNP, 0);
    port_request_pnp(request, StorQueryCapabilities, false);
    assert_int_equal(finish(&fix, request), SRB_STATUS_SUCCESS);
    request = port_request_new(&fix.port, true, SRB_FUNCTION_PNP, 0);
    port_request_pnp(request, StorFilterResourceRequirements, true);
    assert_int_equal(finish(&fix, request), SRB_STATUS_INVALID_REQUEST);
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

/* ---- stop and restart ---- */

static void adapter_tells_which_controls_it_has(void **state)
{
    struct {
        ULONG max;
        BOOLEAN list[32];
    } types = {.max = 3};
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    assert_true(port_control(&fix.port, ScsiQuerySupportedControlTypes, &types));
    assert_true(types.list[ScsiStopAdapter] && types.list[ScsiRestartAdapter]);
    assert_false(types.list[ScsiAdapterSurpriseRemoval]); /* beyond the list */
    types.max = 32;
    assert_true(port_control(&fix.port, ScsiQuerySupportedControlTypes, &types));
    assert_true(types.list[ScsiAdapterSurpriseRemoval]);
    assert_false(port_control(&fix.port, (SCSI_ADAPTER_CONTROL_TYPE)6, NULL));
    disk_down(&fix);
}

static void stopped_adapter_restarts(void **state)
{
    struct disk_fixture fix;
    uint8_t serial[64];

    (void)state;
    disk_up_usual(&fix);
    assert_true(port_control(&fix.port, ScsiStopAdapter, NULL));
    assert_int_equal(fix.port.dev->status, 0);
    assert_int_equal(finish(&fix, transfer(&fix, false, 0, 0, 1)), SRB_STATUS_NO_HBA);
    assert_true(port_control(&fix.port, ScsiRestartAdapter, NULL));
    expect_read(&fix, 1, 1);
    assert_int_equal(inquiry_serial(&fix, serial), 13);
    disk_down(&fix);
}

static void adapter_that_does_not_restart_serves_nothing(void **state)
{
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    assert_true(port_control(&fix.port, ScsiStopAdapter, NULL));
    fix.port.dev->quirks.refuse_vectors = true;
    assert_false(port_control(&fix.port, ScsiRestartAdapter, NULL));
    assert_int_equal(finish(&fix, transfer(&fix, false, 0, 0, 1)), SRB_STATUS_NO_HBA);
    fix.port.dev->quirks.refuse_vectors = false;
    assert_true(port_reset_bus(&fix.port));
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

static void device_that_does_not_start_fails_the_adapter(void **state)
{
    struct disk_fixture fix;

    (void)state;
    disk_init(&fix, USUAL);
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    assert_int_equal(port_find(&fix.port), SP_RETURN_FOUND);
    fix.port.dev->quirks.enabled_at_start = true;
    assert_false(port_start(&fix.port));
    disk_down(&fix);
}

static void adapter_is_found_again_after_new_resources(void **state)
{
    (void)state;
    for (int taken = 0; taken < 2; taken++) { /* Storport keeps the memory, or takes it back */
        struct disk_fixture fix;

        disk_up_usual(&fix);
        expect_read(&fix, 1, 1);
        assert_true(port_control(&fix.port, ScsiStopAdapter, NULL));
        if (taken)
            port_take_back(&fix.port);
        assert_int_equal(port_find(&fix.port), SP_RETURN_FOUND);
        assert_true(port_start(&fix.port));
        expect_read(&fix, 2, 2);
        disk_down(&fix);
    }
}

static void stopped_adapter_can_be_initialized_again(void **state)
{
    struct disk_fixture fix;
    uint8_t serial[64];

    (void)state;
    disk_up_usual(&fix);
    expect_read(&fix, 1, 1);
    assert_true(port_control(&fix.port, ScsiStopAdapter, NULL));
    assert_true(port_start(&fix.port));
    expect_read(&fix, 2, 2);
    assert_int_equal(inquiry_serial(&fix, serial), 13);
    disk_down(&fix);
}

static void smaller_limits_after_a_restart_are_not_accepted(void **state)
{
    const uint32_t many = 62;
    const uint32_t few = 10;
    struct disk_fixture fix;

    (void)state;
    disk_init(&fix, USUAL | F_SEG_MAX);
    memcpy(fix.model.config + 12, &many, sizeof(many));
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    assert_int_equal(port_find(&fix.port), SP_RETURN_FOUND);
    assert_true(port_start(&fix.port));
    memcpy(fix.port.dev->model.config + 12, &few, sizeof(few));
    assert_false(port_reset_bus(&fix.port));
    assert_int_equal(finish(&fix, transfer(&fix, false, 0, 0, 1)), SRB_STATUS_NO_HBA);
    memcpy(fix.port.dev->model.config + 12, &many, sizeof(many));
    assert_true(port_reset_bus(&fix.port));
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_that_does_not_start_fails_the_adapter),
        cmocka_unit_test(new_capacity_is_told_and_used),
        cmocka_unit_test(reset_gives_back_what_is_outstanding_and_goes_on),
        cmocka_unit_test(corrupted_queue_leads_to_a_reset_by_the_driver),
        cmocka_unit_test(device_that_writes_over_requests_harms_only_itself),
        cmocka_unit_test(request_that_meets_a_corrupted_queue_is_tried_again),
        cmocka_unit_test(device_that_always_fails_is_given_up_until_windows_resets_it),
        cmocka_unit_test(finished_requests_make_the_driver_patient_again),
        cmocka_unit_test(requests_stay_with_a_device_that_does_not_acknowledge_a_reset),
        cmocka_unit_test(vanished_device_ends_all_requests),
        cmocka_unit_test(surprise_removal_ends_all_requests),
        cmocka_unit_test(surprise_removal_by_adapter_control_ends_all_requests),
        cmocka_unit_test(removal_of_the_unit_leaves_the_adapter_working),
        cmocka_unit_test(adapter_tells_which_controls_it_has),
        cmocka_unit_test(stopped_adapter_restarts),
        cmocka_unit_test(adapter_that_does_not_restart_serves_nothing),
        cmocka_unit_test(adapter_is_found_again_after_new_resources),
        cmocka_unit_test(stopped_adapter_can_be_initialized_again),
        cmocka_unit_test(smaller_limits_after_a_restart_are_not_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
