/* SPDX-License-Identifier: GPL-3.0-or-later */
/* viostor as a whole: its own sources, Storport's part played by port.c, a software device. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "drivers-src/viostor/scsi.h"
#include "tests/storport/port.h"

enum { SECTORS = 4096, F_SEG_MAX = 1 << 2, F_RO = 1 << 5, F_FLUSH = 1 << 9 };

struct disk_fixture {
    struct port port;
    struct sdev_disk disk;
    struct sdev_model model;
};

/* What the device is, apart from what a test says. */
static void disk_init(struct disk_fixture *fix, uint64_t features)
{
    memset(fix, 0, sizeof(*fix));
    fix->disk.sectors = SECTORS;
    fix->disk.data = malloc(SECTORS * 512);
    assert_non_null(fix->disk.data);
    for (size_t i = 0; i < SECTORS * 512; i++)
        fix->disk.data[i] = (uint8_t)(i * 7 + i / 512);
    fix->model = sdev_model_blk(features, &fix->disk);
}

static void disk_up(struct disk_fixture *fix, uint64_t features, enum sdev_pci_kind kind,
                    uint16_t vectors)
{
    disk_init(fix, features);
    port_up(&fix->port, &fix->model, kind, vectors);
    assert_int_equal(port_find(&fix->port), SP_RETURN_FOUND);
    assert_true(port_start(&fix->port));
}

/* The usual device: modern, every ring feature of a split ring, flush, two messages. */
#define USUAL (SDEV_F_VERSION_1 | SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX | F_FLUSH)

static void disk_up_usual(struct disk_fixture *fix)
{
    disk_up(fix, USUAL, SDEV_PCI_MODERN, 2);
}

static void disk_down(struct disk_fixture *fix)
{
    port_down(&fix->port);
    free(fix->disk.data);
}

static struct port_request *command(struct disk_fixture *fix, bool extended, const uint8_t *cdb,
                                    uint8_t length, uint32_t data_length)
{
    struct port_request *request =
        port_request_new(&fix->port, extended, SRB_FUNCTION_EXECUTE_SCSI, data_length);

    port_request_cdb(request, cdb, length);
    return request;
}

/* READ (10) or WRITE (10) of blocks. Storport maps no buffer for these. */
static struct port_request *transfer(struct disk_fixture *fix, bool write, uint8_t flags,
                                     uint32_t lba, uint16_t blocks)
{
    const uint8_t cdb[10] = {write ? 0x2a : 0x28,
                             flags,
                             (uint8_t)(lba >> 24),
                             (uint8_t)(lba >> 16),
                             (uint8_t)(lba >> 8),
                             (uint8_t)lba,
                             0,
                             (uint8_t)(blocks >> 8),
                             (uint8_t)blocks,
                             0};
    struct port_request *request = command(fix, true, cdb, sizeof(cdb), blocks * 512u);

    request->srb.extended.DataBuffer = NULL;
    return request;
}

/* Runs one command to its end and returns its SRB status. */
static uint8_t finish(struct disk_fixture *fix, struct port_request *request)
{
    uint8_t status;

    port_submit(&fix->port, request);
    port_run(&fix->port, true);
    assert_true(request->done);
    status = request->status;
    port_request_free(&fix->port, request);
    return status;
}

static void expect_read(struct disk_fixture *fix, uint32_t lba, uint16_t blocks)
{
    struct port_request *request = transfer(fix, false, 0, lba, blocks);

    port_submit(&fix->port, request);
    port_run(&fix->port, true);
    assert_true(request->done);
    assert_int_equal(request->status, SRB_STATUS_SUCCESS);
    assert_int_equal(request->scsi_status, SCSI_GOOD);
    assert_int_equal(port_request_length(request), blocks * 512u);
    assert_memory_equal(request->data, fix->disk.data + lba * 512, blocks * 512u);
    port_request_free(&fix->port, request);
}

static uint8_t inquiry_serial(struct disk_fixture *fix, uint8_t *serial)
{
    static const uint8_t cdb[6] = {0x12, 1, 0x80, 0, 64, 0};
    struct port_request *request = command(fix, true, cdb, sizeof(cdb), 64);
    uint8_t length = 0;

    port_submit(&fix->port, request);
    assert_true(request->done);
    if (request->status == SRB_STATUS_SUCCESS) {
        length = request->data[3];
        memcpy(serial, request->data + 4, length);
    }
    port_request_free(&fix->port, request);
    return length;
}

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

/* Looks at each buffer before the disk does. */
struct spy {
    sdev_handler next;
    void *next_ctx;
    unsigned direct;
    unsigned indirect;
};

static uint32_t spy_handle(void *ctx, unsigned queue, const struct sdev_chain *chain)
{
    struct spy *spy = ctx;

    if (chain->indirect)
        spy->indirect++;
    else
        spy->direct++;
    return spy->next(spy->next_ctx, queue, chain);
}

static void extension_that_is_not_contiguous_does_without_a_table(void **state)
{
    struct disk_fixture fix;
    struct spy spy = {0};

    (void)state;
    disk_init(&fix, USUAL);
    spy.next = fix.model.handler;
    spy.next_ctx = fix.model.ctx;
    fix.model.handler = spy_handle;
    fix.model.ctx = &spy;
    port_up(&fix.port, &fix.model, SDEV_PCI_MODERN, 2);
    assert_int_equal(port_find(&fix.port), SP_RETURN_FOUND);
    assert_true(port_start(&fix.port));
    expect_read(&fix, 17, 64);
    assert_int_equal(spy.direct, 0);
    fix.port.scattered_extensions = true;
    expect_read(&fix, 17, 64);
    assert_int_equal(spy.direct, 1);
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
    struct disk_fixture fix;

    (void)state;
    disk_up_usual(&fix);
    expect_read(&fix, 1, 1);
    assert_true(port_control(&fix.port, ScsiStopAdapter, NULL));
    assert_int_equal(port_find(&fix.port), SP_RETURN_FOUND);
    assert_true(port_start(&fix.port));
    expect_read(&fix, 2, 2);
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
        cmocka_unit_test(every_transport_and_interrupt_brings_the_disk_up),
        cmocka_unit_test(dump_instance_is_refused),
        cmocka_unit_test(device_that_offers_nothing_usable_is_not_found),
        cmocka_unit_test(device_that_refuses_features_or_reset_is_not_found),
        cmocka_unit_test(limits_reach_storport),
        cmocka_unit_test(silent_device_costs_the_serial_number_only),
        cmocka_unit_test(device_that_does_not_start_fails_the_adapter),
        cmocka_unit_test(random_transfers_agree_with_a_reference),
        cmocka_unit_test(classic_requests_work_as_extended_ones),
        cmocka_unit_test(sense_stays_within_a_small_or_absent_buffer),
        cmocka_unit_test(malformed_extended_requests_are_refused),
        cmocka_unit_test(other_addresses_have_no_device),
        cmocka_unit_test(functions_are_answered_each_in_its_way),
        cmocka_unit_test(forced_write_is_followed_by_a_flush),
        cmocka_unit_test(synchronize_cache_flushes),
        cmocka_unit_test(write_cache_is_flushed_without_a_command_only_if_there_is_one),
        cmocka_unit_test(full_queue_makes_storport_wait),
        cmocka_unit_test(extension_that_is_not_contiguous_does_without_a_table),
        cmocka_unit_test(transfer_in_more_pieces_than_told_is_refused),
        cmocka_unit_test(large_queue_is_used_in_part_but_not_by_the_legacy_interface),
        cmocka_unit_test(failed_read_carries_sense),
        cmocka_unit_test(unmapped_buffer_is_tried_again),
        cmocka_unit_test(new_capacity_is_told_and_used),
        cmocka_unit_test(reset_gives_back_what_is_outstanding_and_goes_on),
        cmocka_unit_test(corrupted_queue_leads_to_a_reset_by_the_driver),
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
        cmocka_unit_test(smaller_limits_after_a_restart_are_not_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
