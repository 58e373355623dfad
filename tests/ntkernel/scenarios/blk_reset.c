/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bus resets while the device really holds requests: the host throttles the disk to one request a
 * second. All must end at once, once, and the disk must serve again when the throttle is off.
 */
#include "scenarios/scsi.h"

#define REQUESTS     16
#define COUNT        8
#define HELD_LEAST   4
#define SETTLE_MS    300
#define RESET_MS     5000
#define ROUNDS_LIMIT 20
#define RESETS       3

static struct sp_adapter *adapter;
static struct sp_request requests[REQUESTS];
static UCHAR *buffers[REQUESTS];

static void throttle(unsigned iops)
{
    nk_log("@qmp {\"execute\": \"block_set_io_throttle\", \"arguments\": {\"device\": \"backend\", "
           "\"bps\": 0, \"bps_rd\": 0, \"bps_wr\": 0, \"iops\": %u, \"iops_rd\": 0, "
           "\"iops_wr\": 0}}\n",
           iops);
}

static void submit_all(void)
{
    unsigned n;

    for (n = 0; n < REQUESTS; n++) {
        if (requests[n].state != SP_FREE)
            continue;
        scsi_transfer(&requests[n], false, n * COUNT, COUNT, buffers[n]);
        sp_submit(adapter, &requests[n]);
    }
}

static unsigned held(void)
{
    unsigned n, count = 0;

    for (n = 0; n < REQUESTS; n++)
        count += requests[n].state != SP_FREE;
    return count;
}

/* The host heeds the command when it gets to it: fill up until requests stay. */
static void fill(void)
{
    unsigned round;

    for (round = 0; round < ROUNDS_LIMIT; round++) {
        submit_all();
        nk_sleep(SETTLE_MS);
        if (held() >= HELD_LEAST)
            return;
    }
    nk_report("check", "the throttled disk holds %u of %u requests", held(), REQUESTS);
}

static void check_all(void)
{
    ULONG64 expected[NK_SECTOR_WORDS];
    unsigned n;

    scsi_wait_ready(adapter, &requests[0], NULL);
    submit_all();
    for (n = 0; n < REQUESTS; n++) {
        NK_EXPECT(sp_wait(&requests[n], RESET_MS) && requests[n].status == SRB_STATUS_SUCCESS,
                  "after a reset a read ends with status %x", requests[n].status);
        nk_sector_fill(expected, n * COUNT, 0);
        NK_EXPECT(!nk_memcmp(buffers[n], expected, NK_SECTOR_SIZE),
                  "after a reset sector %u reads wrong", n * COUNT);
    }
}

static void reset_held(void)
{
    unsigned n, in_flight, failed = 0;

    throttle(1);
    fill();
    in_flight = held();
    sp_adapter_reset(adapter);
    for (n = 0; n < REQUESTS; n++) {
        NK_EXPECT(sp_wait(&requests[n], RESET_MS), "a request has not ended %u ms after a reset",
                  RESET_MS);
        failed += requests[n].status != SRB_STATUS_SUCCESS;
    }
    nk_log("reset with %u requests held: %u ended with an error\n", in_flight, failed);
    throttle(0);
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
