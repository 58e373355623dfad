/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads that come while the device sleeps or is stopped wait, if need be for longer than they would
 * wait for a device that works, and end well when it is back. A removal in that state ends them.
 */
#include "scenarios/scenario.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LENGTH    5000
#define IN_FLIGHT 4
#define AWAY_MS   6000 /* longer than our driver waits for a device that works */

static struct nk_driver driver;
static FILE_OBJECT file;
static struct nk_io io[IN_FLIGHT];
static UCHAR *memory;

static void begin_reads(const char *when)
{
    NTSTATUS status;

    for (unsigned n = 0; n < IN_FLIGHT; n++) {
        status = nk_io_read(&io[n], &file, memory + n * LENGTH, LENGTH);
        NK_EXPECT(status == STATUS_PENDING, "%s: a read ends at once with %08x", when, status);
    }
}

static void end_reads(const char *when)
{
    for (unsigned n = 0; n < IN_FLIGHT; n++) {
        nk_io_wait(&io[n]);
        NK_EXPECT(io[n].status == STATUS_SUCCESS, "%s: a held read ends with %08x", when,
                  io[n].status);
        NK_EXPECT(io[n].information == LENGTH || (io[n].information && nk_option("lenient", 0)),
                  "%s: a held read has %llu bytes", when, io[n].information);
    }
}

static void run(void)
{
    NTSTATUS status;

    memory = nk_pool_own(IN_FLIGHT * LENGTH, 0, false);
    nk_driver_load(&driver);
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    status = nk_io_open(&file);
    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);

    nk_pnp_power(4);
    begin_reads("asleep");
    nk_sleep((ULONG)nk_option("away", AWAY_MS));
    nk_pnp_power(1);
    end_reads("asleep");

    nk_pnp_system_power(4);
    begin_reads("system asleep");
    nk_sleep(100);
    nk_pnp_system_power(1);
    end_reads("system asleep");

    nk_pnp_stop();
    begin_reads("stopped");
    nk_sleep(100);
    nk_pnp_start();
    end_reads("stopped");

    nk_pnp_power(4);
    begin_reads("removed asleep");
    nk_pnp_remove(true);
    for (unsigned n = 0; n < IN_FLIGHT; n++) {
        nk_io_wait(&io[n]);
        NK_EXPECT(!NT_SUCCESS(io[n].status), "a read of a removed device ends well");
    }
    nk_driver_unload(&driver);
}

NK_SCENARIO(rng_hold, "rng-hold", run);
