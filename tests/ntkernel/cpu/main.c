/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenario named on the command line. */
#include "cpu/delivery.h"
#include "ntos/counters.h"
#include "scenarios/scenario.h"

extern const struct nk_scenario *const nk_scenarios_start[], *const nk_scenarios_end[];

void nk_main(void)
{
    const struct nk_scenario *const *s;
    char name[48];

    nk_sti();
    nk_cpus_start((unsigned)nk_option("processors", 1));
    if (!nk_option_text("scenario", name, sizeof(name)))
        nk_report("usage", "no scenario= on the command line");
    for (s = nk_scenarios_start; s < nk_scenarios_end; s++) {
        if (!nk_streq((*s)->name, name))
            continue;
        (*s)->run();
        nk_dma_check();
        nk_counters_print();
        nk_delivery_counters();
        nk_pass();
    }
    nk_report("usage", "there is no scenario %s", name);
}
