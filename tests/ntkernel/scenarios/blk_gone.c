/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The device disappears with requests in flight: its registers answer no more and it reaches no
 * memory. A reset, as the port sends after its time-out, must end every request, before and after;
 * the adapter must come down without hanging.
 */
#include "scenarios/scsi.h"

#define REQUESTS 8
#define COUNT    8

static struct sp_adapter *adapter;
static struct sp_request requests[REQUESTS];
static UCHAR *buffers[REQUESTS];

static void submit_all(void)
{
    unsigned n;

    for (n = 0; n < REQUESTS; n++) {
        scsi_transfer(&requests[n], false, n * COUNT, COUNT, buffers[n]);
        sp_submit(adapter, &requests[n]);
    }
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
    submit_all();
    nk_pci_vanish(adapter->pci);
    scsi_end_all(adapter, requests, REQUESTS, "before the device disappeared");
    submit_all();
    scsi_end_all(adapter, requests, REQUESTS, "after the device disappeared");
    sp_adapter_remove(adapter);
    nk_driver_unload(&driver);
}

NK_SCENARIO(blk_gone, "blk-gone", run);
