/* SPDX-License-Identifier: GPL-3.0-or-later */
/* viostor: start and requests. */
#include "tests/unit/viostor_fixture.h"

/* ---- start ---- */

static void every_transport_and_interrupt_brings_the_disk_up(void **state)
{
    static const enum sdev_pci_kind kinds[] = {SDEV_PCI_MODERN, SDEV_PCI_TRANSITIONAL,
                                               SDEV_PCI_LEGACY};
    static const uint64_t features[] = {SDEV_F_VERSION_1, USUAL, USUAL | SDEV_F_RING_PACKED};

    (void)state;
    for (size_t kind = 0; kind < 3; kind++) {
        for (uint16_t vectors = 0; vectors < 4; vectors++) {
            for (size_t i = 0; i < 3; i++) {
                struct disk_fixture fix;
                uint8_t serial[64];

                disk_up(&fix, features[i], kinds[kind], vectors);
                assert_int_equal(inquiry_serial(&fix, serial), 13);
                assert_memory_equal(serial, "software disk", 13);
                expect_read(&fix, 0, 1);
                expect_read(&fix, SECTORS - 100, 100);
                disk_down(&fix);
            }
        }
    }
}

static void dump_instance_is_refused(void **state)
{
    extern DRIVER_INITIALIZE DriverEntry;

    (void)state;
    assert_int_equal(DriverEntry(NULL, NULL), STATUS_NOT_SUPPORTED);
}

static void device_that_offers_nothing_usable_is_not_found(void **state)
{
    struct disk_fixture fix;
    const uint32_t one = 1;

    (void)state;
    disk_init(&fix, USUAL | F_SEG_MAX); /* a single segment for each request */
    memcpy(fix.model.config + 12, &one, sizeof(one));
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    assert_int_equal(port_find(&fix.port), SP_RETURN_ERROR);
    disk_down(&fix);

    disk_init(&fix, USUAL);
    fix.model.device_id = 4; /* entropy */
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    assert_int_equal(port_find(&fix.port), SP_RETURN_NOT_FOUND);
    disk_down(&fix);

    disk_init(&fix, USUAL);
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    fix.port.no_common_buffer = true;
    assert_int_equal(port_find(&fix.port), SP_RETURN_ERROR);
    disk_down(&fix);
}

static void device_that_refuses_features_or_reset_is_not_found(void **state)
{
    struct disk_fixture fix;

    (void)state;
    disk_init(&fix, USUAL);
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    fix.port.dev->quirks.refuse_features = true;
    assert_int_equal(port_find(&fix.port), SP_RETURN_ERROR);
    disk_down(&fix);

    disk_init(&fix, USUAL);
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    fix.port.dev->status = 1;
    fix.port.dev->quirks.reset_never_ends = true;
    assert_int_equal(port_find(&fix.port), SP_RETURN_ERROR);
    assert_true(fix.port.stalled_us <= 3000000);
    disk_down(&fix);
}

static void limits_reach_storport(void **state)
{
    struct disk_fixture fix;
    const uint32_t seg_max = 62;

    (void)state;
    disk_init(&fix, USUAL | F_SEG_MAX);
    memcpy(fix.model.config + 12, &seg_max, sizeof(seg_max));
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    assert_int_equal(port_find(&fix.port), SP_RETURN_FOUND);
    assert_int_equal(fix.port.config.NumberOfPhysicalBreaks, 62);
    assert_int_equal(fix.port.config.MaximumTransferLength, 61 * 4096);
    assert_int_equal(fix.port.config.MaxNumberOfIO, 128);
    assert_true(fix.port.config.SrbExtensionSize < 62 * 2 * 16 + 200);
    assert_true(fix.port.config.CachesData);
    disk_down(&fix);
}

static void silent_device_costs_the_serial_number_only(void **state)
{
    struct disk_fixture fix;
    uint8_t serial[64];

    (void)state;
    disk_init(&fix, USUAL);
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    fix.port.dev->run_on_kick = false;
    assert_int_equal(port_find(&fix.port), SP_RETURN_FOUND);
    fix.port.stalled_us = 0;
    assert_true(port_start(&fix.port));
    assert_in_range(fix.port.stalled_us, 900000, 1100000);
    assert_int_equal(inquiry_serial(&fix, serial), 0);
    expect_read(&fix, 5, 3);
    disk_down(&fix);
}

/* ---- requests ---- */

static void random_transfers_agree_with_a_reference(void **state)
{
    enum { DEPTH = 24, ROUNDS = 60 };
    struct sdev_rand rand = sdev_rand_seed(42);
    struct disk_fixture fix;
    uint8_t *reference = malloc(SECTORS * 512);

    (void)state;
    disk_up(&fix, USUAL | SDEV_F_RING_PACKED, SDEV_PCI_MODERN, 2);
    assert_non_null(reference);
    memcpy(reference, fix.disk.data, SECTORS * 512);
    fix.port.dev->run_on_kick = false;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct port_request *requests[DEPTH];
        uint32_t lbas[DEPTH];

        /* Each request has a slice of the disk, so that their order does not matter. */
        for (uint32_t i = 0; i < DEPTH; i++) {
            uint16_t blocks = (uint16_t)(1 + sdev_rand_below(&rand, 128));
            bool write = sdev_rand_percent(&rand, 50);

            lbas[i] = i * 160 + sdev_rand_below(&rand, 32);
            requests[i] = transfer(&fix, write, write && i % 3 == 0 ? 0x08 : 0, lbas[i], blocks);
            if (write) {
                for (uint32_t k = 0; k < blocks * 512u; k++)
                    requests[i]->data[k] = (uint8_t)sdev_rand_next(&rand);
                memcpy(reference + lbas[i] * 512, requests[i]->data, blocks * 512u);
            }
            port_submit(&fix.port, requests[i]);
        }
        port_run(&fix.port, true);
        for (uint32_t i = 0; i < DEPTH; i++) {
            assert_true(requests[i]->done);
            assert_int_equal(requests[i]->status, SRB_STATUS_SUCCESS);
            assert_memory_equal(requests[i]->data, reference + lbas[i] * 512,
                                requests[i]->data_length);
            port_request_free(&fix.port, requests[i]);
        }
    }
    assert_memory_equal(fix.disk.data, reference, SECTORS * 512);
    assert_true(fix.disk.flushes > 0);
    free(reference);
    disk_down(&fix);
}

static void classic_requests_work_as_extended_ones(void **state)
{
    static const uint8_t inquiry[6] = {0x12, 0, 0, 0, 36, 0};
    static const uint8_t read[10] = {0x28, 0, 0, 0, 0, 9, 0, 0, 2, 0};
    static const uint8_t unknown[6] = {0x42, 0, 0, 0, 0, 0};
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    for (int extended = 0; extended < 2; extended++) {
        struct port_request *request = command(&fix, extended, inquiry, sizeof(inquiry), 255);

        port_submit(&fix.port, request);
        assert_int_equal(request->status, SRB_STATUS_SUCCESS);
        assert_int_equal(port_request_length(request), 36);
        assert_memory_equal(request->data + 8, "Red Hat ", 8);
        port_request_free(&fix.port, request);

        request = command(&fix, extended, read, sizeof(read), 1024);
        port_submit(&fix.port, request);
        port_run(&fix.port, true);
        assert_int_equal(request->status, SRB_STATUS_SUCCESS);
        assert_memory_equal(request->data, fix.disk.data + 9 * 512, 1024);
        port_request_free(&fix.port, request);

        request = command(&fix, extended, unknown, sizeof(unknown), 0);
        port_submit(&fix.port, request);
        assert_int_equal(request->status, SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID);
        assert_int_equal(request->scsi_status, SCSI_CHECK_CONDITION);
        assert_int_equal(request->sense_length, SCSI_SENSE_BYTES);
        assert_int_equal(request->sense[2], SCSI_ILLEGAL_REQUEST);
        assert_int_equal(request->sense[12], 0x20);
        port_request_free(&fix.port, request);
    }
    assert_int_equal(fix.port.queue_depth, 128);
    disk_down(&fix);
}

static void queue_depth_is_told_with_each_inquiry_and_not_before(void **state)
{
    static const uint8_t ready[6] = {0x00, 0, 0, 0, 0, 0};
    static const uint8_t inquiry[6] = {0x12, 0, 0, 0, 36, 0};
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    assert_int_equal(finish(&fix, command(&fix, true, ready, sizeof(ready), 0)),
                     SRB_STATUS_SUCCESS);
    assert_int_equal(fix.port.queue_depth, 0);
    for (int i = 0; i < 2; i++) {
        fix.port.queue_depth = 0; /* a unit that Storport found anew */
        assert_int_equal(finish(&fix, command(&fix, true, inquiry, sizeof(inquiry), 36)),
                         SRB_STATUS_SUCCESS);
        assert_int_equal(fix.port.queue_depth, 128);
    }
    disk_down(&fix);
}

static void sense_stays_within_a_small_or_absent_buffer(void **state)
{
    static const uint8_t unknown[6] = {0x42, 0, 0, 0, 0, 0};
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    request = command(&fix, false, unknown, sizeof(unknown), 0);
    request->srb.classic.SenseInfoBufferLength = 3;
    memset(request->sense, 0xa5, sizeof(request->sense));
    port_submit(&fix.port, request);
    assert_int_equal(request->sense_length, 3);
    assert_int_equal(request->sense[3], 0xa5);
    port_request_free(&fix.port, request);

    request = command(&fix, false, unknown, sizeof(unknown), 0);
    request->srb.classic.SenseInfoBuffer = NULL;
    port_submit(&fix.port, request);
    assert_int_equal(request->status, SRB_STATUS_ERROR);
    assert_int_equal(request->scsi_status, SCSI_CHECK_CONDITION);
    port_request_free(&fix.port, request);
    disk_down(&fix);
}

static void malformed_extended_requests_are_refused(void **state)
{
    static const uint8_t ready[6] = {0};
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    request = command(&fix, true, ready, sizeof(ready), 0);
    request->srb.extended.NumSrbExData = 0;
    assert_int_equal(finish(&fix, request), SRB_STATUS_INVALID_REQUEST);
    request = command(&fix, true, ready, sizeof(ready), 0);
    request->srb.extended.SrbLength = 0xa0;
    assert_int_equal(finish(&fix, request), SRB_STATUS_INVALID_REQUEST);
    disk_down(&fix);
}

static void other_addresses_have_no_device(void **state)
{
    static const uint8_t ready[6] = {0};
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    for (int extended = 0; extended < 2; extended++) {
        struct port_request *request = command(&fix, extended, ready, sizeof(ready), 0);

        port_request_address(request, 0, 0, 1);
        assert_int_equal(finish(&fix, request), SRB_STATUS_NO_DEVICE);
        request = command(&fix, extended, ready, sizeof(ready), 0);
        port_request_address(request, 0, 3, 0);
        assert_int_equal(finish(&fix, request), SRB_STATUS_NO_DEVICE);
    }
    disk_down(&fix);
}

static void functions_are_answered_each_in_its_way(void **state)
{
    static const struct {
        uint32_t function;
        uint8_t status;
    } rows[] = {
        {SRB_FUNCTION_FLUSH, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_SHUTDOWN, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_POWER, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_RESET_BUS, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_RESET_DEVICE, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_RESET_LOGICAL_UNIT, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_IO_CONTROL, SRB_STATUS_INVALID_REQUEST},
        {SRB_FUNCTION_WMI, SRB_STATUS_INVALID_REQUEST},
        {0x10, SRB_STATUS_INVALID_REQUEST},
    };
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    for (int extended = 0; extended < 2; extended++) {
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
            assert_int_equal(
                finish(&fix, port_request_new(&fix.port, extended, rows[i].function, 0)),
                rows[i].status);
    }
    assert_int_equal(fix.disk.flushes, 4);
    disk_down(&fix);
}

static void forced_write_is_followed_by_a_flush(void **state)
{
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    assert_int_equal(finish(&fix, transfer(&fix, true, 0x00, 7, 2)), SRB_STATUS_SUCCESS);
    assert_int_equal(fix.disk.flushes, 0);
    assert_int_equal(finish(&fix, transfer(&fix, true, 0x08, 7, 2)), SRB_STATUS_SUCCESS);
    assert_int_equal(fix.disk.flushes, 1);
    disk_down(&fix);
}

static void synchronize_cache_flushes(void **state)
{
    static const uint8_t sync[10] = {0x35};
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    assert_int_equal(finish(&fix, command(&fix, true, sync, sizeof(sync), 0)), SRB_STATUS_SUCCESS);
    assert_int_equal(fix.disk.flushes, 1);
    disk_down(&fix);
}

static void write_cache_is_flushed_without_a_command_only_if_there_is_one(void **state)
{
    static const uint8_t sync[10] = {0x35};
    struct disk_fixture fix;

    (void)state;
    disk_up(&fix, SDEV_F_VERSION_1, SDEV_PCI_MODERN, 2);
    assert_false(fix.port.config.CachesData);
    assert_int_equal(finish(&fix, command(&fix, true, sync, sizeof(sync), 0)), SRB_STATUS_SUCCESS);
    assert_int_equal(finish(&fix, transfer(&fix, true, 0x08, 7, 2)), SRB_STATUS_SUCCESS);
    assert_int_equal(finish(&fix, port_request_new(&fix.port, true, SRB_FUNCTION_FLUSH, 0)),
                     SRB_STATUS_SUCCESS);
    assert_int_equal(fix.disk.flushes, 0);
    disk_down(&fix);
}

static void full_queue_makes_storport_wait(void **state)
{
    enum { COUNT = 60 };
    struct port_request *requests[COUNT];
    struct disk_fixture fix;
    unsigned busy = 0;

    (void)state;
    disk_up(&fix, SDEV_F_VERSION_1, SDEV_PCI_MODERN, 2); /* three descriptors for each of 128 */
    fix.port.dev->run_on_kick = false;
    for (uint32_t i = 0; i < COUNT; i++) {
        requests[i] = transfer(&fix, false, 0, i, 1);
        port_submit(&fix.port, requests[i]);
        if (requests[i]->done) {
            assert_int_equal(requests[i]->status, SRB_STATUS_BUSY);
            busy++;
        }
    }
    assert_int_equal(busy, COUNT - 128 / 3);
    assert_int_equal(fix.port.busy_calls, busy);
    port_run(&fix.port, true);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(requests[i]->done);
        port_request_free(&fix.port, requests[i]);
    }
    expect_read(&fix, 3, 1);
    disk_down(&fix);
}

static void extension_that_is_not_contiguous_does_without_a_table(void **state)
{
    struct disk_fixture fix;
    struct spy spy;

    (void)state;
    disk_up_spied(&fix, &spy);
    expect_read(&fix, 17, 64);
    assert_int_equal(spy.direct, 0);
    fix.port.scattered_extensions = true;
    expect_read(&fix, 17, 64);
    assert_int_equal(spy.direct, 1);
    disk_down(&fix);
}

static void request_in_torn_memory_fails_by_itself(void **state)
{
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    fix.port.torn_extensions = true;
    assert_int_equal(finish(&fix, transfer(&fix, false, 0, 0, 1)), SRB_STATUS_ERROR);
    fix.port.torn_extensions = false;
    expect_read(&fix, 0, 1);
    disk_down(&fix);
}

static void transfer_in_more_pieces_than_told_is_refused(void **state)
{
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix); /* 128 descriptors, so 126 pieces of data */
    assert_int_equal(fix.port.config.NumberOfPhysicalBreaks, 126);
    expect_read(&fix, 0, 125 * 8);
    assert_int_equal(finish(&fix, transfer(&fix, false, 0, 0, 126 * 8)),
                     SRB_STATUS_INVALID_REQUEST);
    expect_read(&fix, 1, 1);
    disk_down(&fix);
}

static void large_queue_is_used_in_part_but_not_by_the_legacy_interface(void **state)
{
    struct disk_fixture fix;

    (void)state;
    disk_init(&fix, USUAL);
    fix.model.queue_size = 4096;
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    assert_int_equal(port_find(&fix.port), SP_RETURN_FOUND);
    assert_true(port_start(&fix.port));
    assert_int_equal(fix.port.config.MaxNumberOfIO, 1024);
    expect_read(&fix, 0, 2048); /* 1 MiB, which starts within a page */
    disk_down(&fix);

    disk_init(&fix, 0);
    fix.model.queue_size = 4096;
    port_up(&fix.port, &fix.model, SDEV_PCI_LEGACY, 2);
    assert_int_equal(port_find(&fix.port), SP_RETURN_ERROR);
    disk_down(&fix);
}

static void failed_read_carries_sense(void **state)
{
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    fix.disk.sectors = 10; /* the host's file shrank, the device did not say so */
    request = transfer(&fix, false, 0, 20, 1);
    port_submit(&fix.port, request);
    port_run(&fix.port, true);
    assert_int_equal(request->status, SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID);
    assert_int_equal(request->sense[2], SCSI_MEDIUM_ERROR);
    assert_int_equal(request->sense[12], 0x11);
    port_request_free(&fix.port, request);
    disk_down(&fix);
}

static void unmapped_buffer_is_tried_again(void **state)
{
    static const uint8_t inquiry[6] = {0x12, 0, 0, 0, 36, 0};
    struct disk_fixture fix;
    struct port_request *request;

    (void)state;
    disk_up_usual(&fix);
    request = command(&fix, true, inquiry, sizeof(inquiry), 36);
    request->srb.extended.DataBuffer = NULL;
    assert_int_equal(finish(&fix, request), SRB_STATUS_BUSY);
    disk_down(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_transport_and_interrupt_brings_the_disk_up),
        cmocka_unit_test(dump_instance_is_refused),
        cmocka_unit_test(device_that_offers_nothing_usable_is_not_found),
        cmocka_unit_test(device_that_refuses_features_or_reset_is_not_found),
        cmocka_unit_test(limits_reach_storport),
        cmocka_unit_test(silent_device_costs_the_serial_number_only),
        cmocka_unit_test(random_transfers_agree_with_a_reference),
        cmocka_unit_test(classic_requests_work_as_extended_ones),
        cmocka_unit_test(queue_depth_is_told_with_each_inquiry_and_not_before),
        cmocka_unit_test(sense_stays_within_a_small_or_absent_buffer),
        cmocka_unit_test(malformed_extended_requests_are_refused),
        cmocka_unit_test(other_addresses_have_no_device),
        cmocka_unit_test(functions_are_answered_each_in_its_way),
        cmocka_unit_test(forced_write_is_followed_by_a_flush),
        cmocka_unit_test(synchronize_cache_flushes),
        cmocka_unit_test(write_cache_is_flushed_without_a_command_only_if_there_is_one),
        cmocka_unit_test(full_queue_makes_storport_wait),
        cmocka_unit_test(extension_that_is_not_contiguous_does_without_a_table),
        cmocka_unit_test(request_in_torn_memory_fails_by_itself),
        cmocka_unit_test(transfer_in_more_pieces_than_told_is_refused),
        cmocka_unit_test(large_queue_is_used_in_part_but_not_by_the_legacy_interface),
        cmocka_unit_test(failed_read_carries_sense),
        cmocka_unit_test(unmapped_buffer_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
