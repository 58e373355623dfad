/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A network driver's whole life: frames of all lengths in 1 to 4 fragments, from all processors, to
 * the host and back, contents checked on both sides; OIDs; stop and start, sleep, removal.
 */
#include "scenarios/net.h"
#include "ntos/pnp.h"

#define SETTLE_MS 10000

static void oids(void)
{
    UCHAR buffer[256], groups[12] = {0x33, 0x33, 0, 0, 0, 1, 0x01, 0x00, 0x5E, 0, 0, 1};
    NDIS_STATUS status;
    ULONG done = 0;

    status = nd_oid(ND_QUERY, OID_802_3_CURRENT_ADDRESS, buffer, 6, &done);
    NK_EXPECT(status == STATUS_SUCCESS && done == 6 &&
                  !nk_memcmp(buffer, nd_the()->general.CurrentMacAddress, 6),
              "the current address is queried with status %08x, %u bytes", status, done);
    status = nd_oid(ND_QUERY, OID_GEN_STATISTICS, buffer, sizeof(buffer), &done);
    NK_EXPECT(status == STATUS_SUCCESS && done >= 0x98, "statistics: status %08x, %u bytes", status,
              done);
    status = nd_oid(ND_QUERY, OID_GEN_STATISTICS, buffer, 4, &done);
    NK_EXPECT(!NT_SUCCESS(status), "statistics fit into four bytes");
    net_set(OID_802_3_MULTICAST_LIST, groups, sizeof(groups));
    status = nd_oid(ND_METHOD, 0xFFAABBCC, buffer, 16, &done);
    NK_EXPECT(!NT_SUCCESS(status), "an unknown method succeeds");
    status = nd_oid(ND_SET, 0xFFAABBCC, buffer, 16, &done);
    NK_EXPECT(!NT_SUCCESS(status), "an unknown OID is set");
}

static void exchange(ULONG frames)
{
    net_send(frames);
    net_settle(SETTLE_MS);
}

static void run(void)
{
    static struct nk_driver driver;
    ULONG frames = (ULONG)nk_option("frames", 2000);

    net_start(&driver);
    oids();
    exchange(frames);
    nd_check(false);

    nk_pnp_stop();
    nk_pnp_start();
    nd_restart();
    net_open_filter();
    exchange(frames / 20);

    nk_pnp_power(4);
    nk_pnp_power(1);
    nd_restart();
    net_open_filter();
    exchange(frames / 20);

    nk_pnp_remove(false);
    nk_driver_unload(&driver);
    net_finish(true);
}

NK_SCENARIO(net_echo, "net-echo", run);
