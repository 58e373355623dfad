/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads that the device does not answer (the host throttles it to nearly nothing): cancelled, then
 * ended by stop, by power-down, by removal and by surprise removal. Each must end, once, soon.
 */
#include "scenarios/scenario.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LENGTH    4096
#define IN_FLIGHT 4

static struct nk_driver driver;
static FILE_OBJECT file;
static struct nk_io io[IN_FLIGHT];
static UCHAR *memory;

static unsigned begin_reads(void)
{
    unsigned n, pending = 0;
    NTSTATUS status = nk_io_open(&file);

    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);
    for (n = 0; n < IN_FLIGHT; n++)
        pending += nk_io_read(&io[n], &file, memory + n * LENGTH, LENGTH) == STATUS_PENDING;
    nk_sleep(5);
    return pending;
}

static void end_reads(const char *what)
{
    unsigned n, cancelled = 0;

    for (n = 0; n < IN_FLIGHT; n++) {
        nk_io_wait(&io[n]);
        cancelled += !NT_SUCCESS(io[n].status);
    }
    nk_log("%s: %u of %u reads ended with an error\n", what, cancelled, IN_FLIGHT);
}

static void cancel_all(void)
{
    unsigned n, ran = 0;

    NK_EXPECT(begin_reads() > 0, "with a throttled device no read is pending");
    for (n = IN_FLIGHT; n-- > 0;)
        ran += nk_io_cancel(&io[n]);
    NK_EXPECT(ran > 0, "no pending read could be cancelled");
    end_reads("cancel");
    nk_io_close(&file);
}

/* A read that meets the end of its handle has nobody left to wait for it. That is our driver's own
 * idea: lenient=1 leaves it out. */
static void read_after_cleanup(void)
{
    NTSTATUS status = nk_io_open(&file);

    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);
    nk_io_cleanup(&file);
    nk_io_read(&io[0], &file, memory, LENGTH);
    status = nk_io_wait(&io[0]);
    NK_EXPECT(status == STATUS_CANCELLED, "a read after cleanup ends with %08x", status);
    nk_io_release(&file);
}

static void run(void)
{
    memory = nk_pool_own(IN_FLIGHT * LENGTH, 0, false);
    nk_driver_load(&driver);
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    cancel_all();
    if (!nk_option("lenient", 0))
        read_after_cleanup();

    begin_reads();
    nk_pnp_power(4);
    nk_pnp_power(1);
    for (unsigned n = 0; n < IN_FLIGHT; n++)
        nk_io_cancel(&io[n]);
    end_reads("power");
    nk_io_close(&file);

    begin_reads();
    for (unsigned n = 0; n < IN_FLIGHT; n++)
        nk_io_cancel(&io[n]);
    nk_io_close(&file);
    nk_pnp_remove(false);
    end_reads("remove");

    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    begin_reads();
    nk_pnp_remove(true);
    end_reads("surprise removal");
    nk_driver_unload(&driver);
}

NK_SCENARIO(rng_cancel, "rng-cancel", run);
