/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A life of the miniport for each thing it asks the port for, with just that one refused. It may
 * then fail to start, but must say so, leak nothing, and serve a request if it did start.
 */
#include "scenarios/scsi.h"
#include "ntos/ex.h"

#define ROUNDS_LIMIT 64

static void run(void)
{
    static struct nk_driver driver;
    static struct sp_request request;
    struct sp_adapter *adapter = sp_adapter_the();
    UCHAR *buffer = scsi_buffer(2);
    ULONG round, started = 0;
    bool waits = false;

    for (round = 1; round < ROUNDS_LIMIT && !waits; round++) {
        nk_driver_load(&driver);
        nk_scarce_set(round);
        if (sp_adapter_try_start(adapter, nk_target_pci())) {
            started++;
            scsi_wait_ready(adapter, &request, NULL);
            scsi_transfer(&request, false, 0, 8, buffer);
            NK_EXPECT(sp_execute(adapter, &request) == SRB_STATUS_SUCCESS,
                      "with refusal %u a read ends with status %x", round, request.status);
        }
        waits = nk_scarce_waits();
        nk_scarce_set(0);
        sp_adapter_remove(adapter);
        nk_driver_unload(&driver);
    }
    NK_EXPECT(waits && round > 2, "%u refusals", round);
    nk_counter("refusals", round - 2);
    nk_counter("started", started);
}

NK_SCENARIO(blk_scarce, "blk-scarce", run);
