/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pause and restart with traffic in flight in both directions, every other time with received
 * frames that come back only during the pause; OIDs between; a reset; sleep and removal out of full
 * traffic. What is under way at a pause may be lost, but each list must be back at its end.
 */
#include "scenarios/net.h"
#include "ntos/pnp.h"

#define ROUNDS    24
#define CHAINS    6
#define FRAMES    40 /* between two pauses, all of which must be answered */
#define SETTLE_MS 5000
#define PAUSED_MS 2
#define BURST     4

static void traffic(void)
{
    unsigned n;

    for (n = 0; n < CHAINS; n++)
        net_send_some();
}

static void ask(void)
{
    UCHAR statistics[256];
    ULONG done;
    NDIS_STATUS status =
        nd_oid(ND_QUERY, OID_GEN_STATISTICS, statistics, sizeof(statistics), &done);

    NK_EXPECT(status == STATUS_SUCCESS, "statistics are queried with status %08x", status);
}

static void round_of(unsigned n)
{
    nd_the()->hold = n & 1;
    traffic();
    ask();
    nk_sleep(n % 3);
    nd_check(false);
    traffic();
    nd_pause();
    net_forget();
    ask();
    nk_log("@frames %u\n", BURST); /* to an adapter that must keep them to itself */
    nk_sleep(PAUSED_MS);
    nd_restart();
    net_send(FRAMES);
    net_settle(SETTLE_MS);
}

static void run(void)
{
    static struct nk_driver driver;
    ULONG rounds = (ULONG)nk_option("rounds", ROUNDS), n;

    net_start(&driver);
    for (n = 0; n < rounds; n++)
        round_of(n);
    if (nk_option("reset", 1)) {
        traffic();
        nd_check(true);
        net_sends_home(SETTLE_MS);
        net_forget();
        net_open_filter();
        net_send(FRAMES);
        net_settle(SETTLE_MS);
    }
    traffic();
    nk_pnp_power(4);
    net_forget();
    nk_pnp_power(1);
    nd_restart();
    net_open_filter();
    net_send(FRAMES);
    net_settle(SETTLE_MS);
    traffic();
    nk_pnp_remove(false);
    nk_driver_unload(&driver);
    net_finish(false);
}

NK_SCENARIO(net_pause, "net-pause", run);
