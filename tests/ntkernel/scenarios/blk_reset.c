/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bus resets while the device really holds requests: the host throttles the disk to one request a
 * second. All must end at once, once, and the disk must serve again when the throttle is off.
 */
#include "scenarios/scsi.h"

#define REQUESTS 16
#define COUNT    8
#define RESET_MS 5000
#define RESETS   3

static struct sp_adapter *adapter;
static struct sp_request requests[REQUESTS];
static UCHAR *buffers[REQUESTS];

static void check_all(void)
{
    ULONG64 expected[NK_SECTOR_WORDS];
    unsigned n;

    scsi_wait_ready(adapter, &requests[0], NULL);
    scsi_read_all(adapter, requests, buffers, REQUESTS, COUNT);
    for (n = 0; n < REQUESTS; n++) {
        NK_EXPECT(sp_wait(&requests[n], RESET_MS) && requests[n].status == SRB_STATUS_SUCCESS,
                  "after a reset a read ends with status %x", requests[n].status);
        nk_sector_fill(expected, 2 * n * COUNT, 0);
        NK_EXPECT(!nk_memcmp(buffers[n], expected, NK_SECTOR_SIZE),
                  "after a reset sector %u reads wrong", n * COUNT);
    }
}

static void reset_held(void)
{
    unsigned n, in_flight, failed = 0;

    in_flight = scsi_hold(adapter, requests, buffers, REQUESTS, COUNT);
    sp_adapter_reset(adapter);
    for (n = 0; n < REQUESTS; n++) {
        NK_EXPECT(sp_wait(&requests[n], RESET_MS), "a request has not ended %u ms after a reset",
                  RESET_MS);
        failed += requests[n].status != SRB_STATUS_SUCCESS;
    }
    nk_log("reset with %u requests held: %u ended with an error\n", in_flight, failed);
    scsi_throttle(0);
    check_all();
}

static void run(void)
{
    static struct nk_driver driver;
    unsigned n;

    for (n = 0; n < REQUESTS; n++)
        buffers[n] = scsi_buffer(COUNT * NK_SECTOR_SIZE / NK_PAGE_SIZE + 1);
    nk_driver_load(&driver);
    adapter = sp_adapter_the();
    sp_adapter_start(adapter, nk_target_pci());
    scsi_wait_ready(adapter, &requests[0], NULL);
    for (n = 0; n < RESETS; n++)
        reset_held();
    sp_adapter_remove(adapter);
    nk_driver_unload(&driver);
}

NK_SCENARIO(blk_reset, "blk-reset", run);
