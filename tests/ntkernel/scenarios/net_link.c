/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host takes the link down and up again, and asks the guest to announce itself; at last the
 * machine is shut down, after which the device must be quiet.
 */
#include "scenarios/net.h"
#include "ntos/pnp.h"

#define FRAMES                          40
#define SETTLE_MS                       5000
#define LINK_MS                         5000
#define QUIET_MS                        20
#define OID_GEN_NETWORK_LAYER_ADDRESSES 0x00010118u

static void set_link(bool up)
{
    ULONG64 end = nk_time() + LINK_MS * 10000ull;
    ULONG wanted = up ? ND_LINK_UP : ND_LINK_DOWN;

    nk_log("@qmp {\"execute\": \"set_link\", \"arguments\": {\"name\": \"backend\", \"up\": %s}}\n",
           up ? "true" : "false");
    while (nd_the()->link != wanted) {
        if (nk_time() > end)
            nk_report("hang", "the link is %s and no status says so in %u ms", up ? "up" : "down",
                      LINK_MS);
        nk_sleep(1);
    }
}

/* An address to announce (NETWORK_ADDRESS_LIST of one IPv4 address), for drivers that can. */
static void announce(void)
{
    UCHAR list[] = {1, 0, 0, 0, 2, 0, 14, 0, 2, 0, 0, 0, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    NDIS_STATUS status = nd_oid(ND_SET, OID_GEN_NETWORK_LAYER_ADDRESSES, list, sizeof(list), NULL);

    nk_log("setting the address to announce: %08x\n", status);
    nk_log("@qmp {\"execute\": \"announce-self\", \"arguments\": {\"initial\": 1, \"max\": 1, "
           "\"rounds\": 2, \"step\": 1}}\n");
    nk_sleep(QUIET_MS);
}

static void exchange(void)
{
    net_send(FRAMES);
    net_settle(SETTLE_MS);
}

static void run(void)
{
    static struct nk_driver driver;
    unsigned n;

    net_start(&driver);
    NK_EXPECT(nd_the()->link == ND_LINK_UP, "the link is in state %u at the start", nd_the()->link);
    exchange();
    set_link(false);
    for (n = 0; n < FRAMES / 8; n++)
        net_send_some(); /* to nowhere */
    net_sends_home(SETTLE_MS);
    net_forget();
    set_link(true);
    exchange();
    announce();
    exchange();
    NK_EXPECT(nd_the()->link_changes == 2, "%u changes of the link are indicated",
              nd_the()->link_changes);
    net_finish(false);
    net_send_some();
    nd_shutdown();
    nk_sleep(QUIET_MS);
}

NK_SCENARIO(net_link, "net-link", run);
