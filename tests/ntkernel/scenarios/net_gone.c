/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The network device disappears: once with frames under way, once unnoticed, so that the driver
 * sends to registers that answer no more until it is told. Every list must come home, and the
 * driver work with the next device.
 */
#include "scenarios/net.h"
#include "ntos/pnp.h"

#define CHAINS       6
#define FRAMES       40
#define SETTLE_MS    5000
#define UNNOTICED_MS 20

static void traffic(void)
{
    unsigned n;

    for (n = 0; n < CHAINS; n++)
        net_send_some();
}

static void again(struct nk_driver *driver)
{
    net_forget();
    nk_pnp_add(driver, nk_target_pci());
    nk_pnp_start();
    nd_restart();
    net_open_filter();
    net_send(FRAMES);
    net_settle(SETTLE_MS);
}

static void run(void)
{
    static struct nk_driver driver;

    net_start(&driver);
    net_send(FRAMES);
    traffic();
    nk_pnp_remove(true);
    again(&driver);

    traffic();
    nk_pci_vanish(nk_target_pci());
    traffic();
    nk_sleep(UNNOTICED_MS);
    traffic();
    nk_pnp_remove(true);
    again(&driver);

    nk_pnp_remove(false);
    nk_driver_unload(&driver);
    net_finish(false);
}

NK_SCENARIO(net_gone, "net-gone", run);
