/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For figures, not for verdicts: reads of `length` bytes, one after the other. */
#include "scenarios/scenario.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

static void run(void)
{
    static struct nk_driver driver;
    static FILE_OBJECT file;
    static struct nk_io io;
    ULONG length = (ULONG)nk_option("length", 1024), requests = (ULONG)nk_option("requests", 1000);
    UCHAR *memory = nk_pool_own(length, 0, false);

    nk_driver_load(&driver);
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    NK_EXPECT(NT_SUCCESS(nk_io_open(&file)), "the device cannot be opened");
    for (ULONG n = 0; n < requests; n++) {
        nk_io_read(&io, &file, memory, length);
        NK_EXPECT(NT_SUCCESS(nk_io_wait(&io)), "a read ends with %08x", io.status);
    }
    nk_counter("interrupts", nk_pnp_interrupts());
    nk_io_close(&file);
    nk_pnp_remove(false);
    nk_driver_unload(&driver);
}

NK_SCENARIO(rng_cost, "rng-cost", run);
