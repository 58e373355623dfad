/* SPDX-License-Identifier: GPL-3.0-or-later */
/* viostor as a whole: its own sources, Storport's part played by port.c, a software device. */
#ifndef TESTS_UNIT_VIOSTOR_FIXTURE_H
#define TESTS_UNIT_VIOSTOR_FIXTURE_H

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
static inline void disk_init(struct disk_fixture *fix, uint64_t features)
{
    memset(fix, 0, sizeof(*fix));
    fix->disk.sectors = SECTORS;
    fix->disk.data = malloc(SECTORS * 512);
    assert_non_null(fix->disk.data);
    for (size_t i = 0; i < SECTORS * 512; i++)
        fix->disk.data[i] = (uint8_t)(i * 7 + i / 512);
    fix->model = sdev_model_blk(features, &fix->disk);
}

static inline void disk_up(struct disk_fixture *fix, uint64_t features, enum sdev_pci_kind kind,
                           uint16_t vectors)
{
    disk_init(fix, features);
    port_up(&fix->port, &fix->model, kind, vectors);
    assert_int_equal(port_find(&fix->port), SP_RETURN_FOUND);
    assert_true(port_start(&fix->port));
}

/* The usual device: modern, every ring feature of a split ring, flush, two messages. */
#define USUAL (SDEV_F_VERSION_1 | SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX | F_FLUSH)

static inline void disk_up_usual(struct disk_fixture *fix)
{
    disk_up(fix, USUAL, SDEV_PCI_MODERN, 2);
}

static inline void disk_down(struct disk_fixture *fix)
{
    port_down(&fix->port);
    free(fix->disk.data);
}

static inline struct port_request *command(struct disk_fixture *fix, bool extended,
                                           const uint8_t *cdb, uint8_t length, uint32_t data_length)
{
    struct port_request *request =
        port_request_new(&fix->port, extended, SRB_FUNCTION_EXECUTE_SCSI, data_length);

    port_request_cdb(request, cdb, length);
    return request;
}

/* READ (10) or WRITE (10) of blocks. Storport maps no buffer for these. */
static inline struct port_request *transfer(struct disk_fixture *fix, bool write, uint8_t flags,
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
static inline uint8_t finish(struct disk_fixture *fix, struct port_request *request)
{
    uint8_t status;

    port_submit(&fix->port, request);
    port_run(&fix->port, true);
    assert_true(request->done);
    status = request->status;
    port_request_free(&fix->port, request);
    return status;
}

static inline void expect_read(struct disk_fixture *fix, uint32_t lba, uint16_t blocks)
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

static inline uint8_t inquiry_serial(struct disk_fixture *fix, uint8_t *serial)
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

/* Looks at each buffer before the disk serves it, and may then write where it should not. */
struct spy {
    sdev_handler next;
    void *next_ctx;
    unsigned direct;
    unsigned indirect;
    bool tampers; /* with all of the request that lies behind its header, but the status */
};

static inline uint32_t spy_handle(void *ctx, unsigned queue, const struct sdev_chain *chain)
{
    struct spy *spy = ctx;
    uint32_t len;

    if (chain->indirect)
        spy->indirect++;
    else
        spy->direct++;
    len = spy->next(spy->next_ctx, queue, chain);
    if (spy->tampers) {
        const uint8_t *status = chain->seg[chain->n_seg - 1].host;
        uint8_t *header = chain->seg[0].host;

        for (uint8_t *at = header + chain->seg[0].len; at < header + 128; at++) {
            if (at != status)
                *at = 0xff;
        }
    }
    return len;
}

/* The usual device, spied on. */
static inline void disk_up_spied(struct disk_fixture *fix, struct spy *spy)
{
    disk_init(fix, USUAL);
    *spy = (struct spy){.next = fix->model.handler, .next_ctx = fix->model.ctx};
    fix->model.handler = spy_handle;
    fix->model.ctx = spy;
    port_up(&fix->port, &fix->model, SDEV_PCI_MODERN, 2);
    assert_int_equal(port_find(&fix->port), SP_RETURN_FOUND);
    assert_true(port_start(&fix->port));
}

#endif
