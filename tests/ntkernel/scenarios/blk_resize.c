/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host makes the disk twice as large while it is in use: the driver must tell (by a unit
 * attention or a change of the bus), report the new capacity, and serve the new sectors.
 */
#include "scenarios/scsi.h"

#define WAIT_MS   5000
#define STEP_MS   5
#define COUNT     8
#define ATTENTION 0x2A09 /* capacity data has changed */

static struct sp_adapter *adapter;
static struct sp_request request;

static void check_last_sectors(UCHAR *buffer, ULONG sectors)
{
    ULONG64 expected[NK_SECTOR_WORDS];
    ULONG n, first = sectors - COUNT;

    for (n = 0; n < COUNT; n++)
        nk_sector_fill((ULONG64 *)(buffer + n * NK_SECTOR_SIZE), first + n, 1);
    scsi_transfer(&request, true, first, COUNT, buffer);
    NK_EXPECT(sp_execute(adapter, &request) == SRB_STATUS_SUCCESS,
              "a write to the new end of the disk ends with status %x", request.status);
    nk_memset(buffer, 0, COUNT * NK_SECTOR_SIZE);
    scsi_transfer(&request, false, first, COUNT, buffer);
    NK_EXPECT(sp_execute(adapter, &request) == SRB_STATUS_SUCCESS,
              "a read of the new end of the disk ends with status %x", request.status);
    for (n = 0; n < COUNT; n++) {
        nk_sector_fill(expected, first + n, 1);
        NK_EXPECT(!nk_memcmp(expected, buffer + n * NK_SECTOR_SIZE, NK_SECTOR_SIZE),
                  "sector %u of the new part reads back wrong", first + n);
    }
}

static void run(void)
{
    static struct nk_driver driver;
    UCHAR *buffer = scsi_buffer(2);
    ULONG sectors, larger, attention = 0, waited;

    nk_driver_load(&driver);
    adapter = sp_adapter_the();
    sp_adapter_start(adapter, nk_target_pci());
    scsi_wait_ready(adapter, &request, NULL);
    sectors = scsi_capacity(adapter, &request, buffer);

    nk_log("@qmp {\"execute\": \"block_resize\", \"arguments\": {\"device\": \"backend\", "
           "\"size\": %llu}}\n",
           2ull * sectors * NK_SECTOR_SIZE);
    for (waited = 0; waited < WAIT_MS && !attention && !adapter->bus_changes; waited += STEP_MS) {
        nk_sleep(STEP_MS);
        scsi_wait_ready(adapter, &request, &attention);
    }
    NK_EXPECT(adapter->bus_changes || attention == ATTENTION,
              "%u ms after the disk grew there is no notice (attention %x)", waited, attention);
    scsi_wait_ready(adapter, &request, NULL);
    larger = scsi_capacity(adapter, &request, buffer);
    NK_EXPECT(larger == 2 * sectors, "the disk grew to %u sectors, the driver says %u", 2 * sectors,
              larger);
    check_last_sectors(buffer, larger);
    sp_adapter_remove(adapter);
    nk_driver_unload(&driver);
}

NK_SCENARIO(blk_resize, "blk-resize", run);
