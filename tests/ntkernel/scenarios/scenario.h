/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario is one file in this folder: a function that drives the loaded driver, registered by
 * NK_SCENARIO. It loads and unloads the driver itself; returning means it passed.
 */
#ifndef NK_SCENARIO_H
#define NK_SCENARIO_H

#include "ntos/driver.h"
#include "shared/pattern.h"

struct nk_scenario {
    const char *name;
    void (*run)(void);
};

#define NK_SCENARIO(symbol, name, run)                    \
    static const struct nk_scenario symbol = {name, run}; \
    static const struct nk_scenario *const symbol##_entry \
        __attribute__((used, section("nk_scenarios"))) = &symbol

#endif
