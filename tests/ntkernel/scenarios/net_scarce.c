/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A life of the miniport for each thing it asks NDIS for, with just that one refused: memory,
 * lists, mappings, interrupts. It may then fail to start, or lose frames, but must say so, keep
 * nothing, and give every list back. Option step=N leaves out N-1 of N refusals.
 */
#include "scenarios/net.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LIVES_LIMIT 20000
#define MIN_ASKS    8
#define FRAMES      12
#define SETTLE_MS   5000

static struct nk_driver driver;

/* True if the adapter came as far as to carry frames. */
static bool live(void)
{
    ULONG ms;

    if (!NT_SUCCESS(nk_pnp_try_add(&driver, nk_target_pci())))
        return false;
    if (!NT_SUCCESS(nk_pnp_try_start())) {
        nk_pnp_remove(false);
        return false;
    }
    if (NT_SUCCESS(nd_try_restart()) && net_try_filter()) {
        net_send(FRAMES);
        net_sends_home(SETTLE_MS);
        for (ms = 0; ms < SETTLE_MS && net_wanted > 0 && nk_scarce_waits(); ms++)
            nk_sleep(1);
        if (nk_scarce_waits()) /* else the refusal may have hit a frame */
            net_settle(SETTLE_MS);
    }
    nk_pnp_remove(false);
    net_forget();
    return true;
}

static void run(void)
{
    ULONG step = (ULONG)nk_option("step", 1), asks, started = 0;

    net_load(&driver);
    for (asks = 1; asks < LIVES_LIMIT; asks += step) {
        nk_scarce_set(asks);
        started += live();
        if (nk_scarce_waits())
            break;
    }
    nk_scarce_set(0);
    NK_EXPECT(asks > MIN_ASKS && asks < LIVES_LIMIT, "%u refusals", asks);
    NK_EXPECT(live(), "without a refusal the adapter does not start");
    nk_driver_unload(&driver);
    nk_counter("refusals", (asks - 1) / step);
    nk_counter("started", started);
    net_finish(false);
}

NK_SCENARIO(net_scarce, "net-scarce", run);
