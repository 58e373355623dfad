/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load the driver, run DriverEntry, unload it. */
#include "scenarios/scenario.h"

static void run(void)
{
    static struct nk_driver driver;

    nk_driver_load(&driver);
    nk_driver_unload(&driver);
}

NK_SCENARIO(load, "load", run);
