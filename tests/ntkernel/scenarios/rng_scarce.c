/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A life of the driver for each thing it asks the system for, with just that one refused: memory,
 * mappings, work items, interrupts. What the refusal hits fails, and nothing else: the driver
 * neither crashes nor keeps anything, and works when asked again. With lenient=1 a driver may start
 * without what it was refused, and then fail all reads of that life; with sleep=0 the device is not
 * put to sleep.
 */
#include "scenarios/scenario.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LENGTH   5000 /* unless length=N says otherwise */
#define LIVES    100  /* more than any driver asks for */
#define MIN_ASKS 8    /* fewer, and nothing was refused at all */

static struct nk_driver driver;
static FILE_OBJECT file;
static struct nk_io io;
static UCHAR *memory;
static unsigned asks; /* this one is refused; 0 for none */

static void read_once(void)
{
    ULONG length = (ULONG)nk_option("length", LENGTH);
    bool waits = nk_scarce_waits(), refused;

    nk_io_read(&io, &file, memory, length);
    nk_io_wait(&io);
    refused = !nk_scarce_waits() && (waits || (asks && nk_option("lenient", 0)));
    NK_EXPECT(NT_SUCCESS(io.status) || refused, "a read ends with %08x", io.status);
    NK_EXPECT(io.information == (NT_SUCCESS(io.status) ? length : 0), "a read has %llu bytes",
              io.information);
}

/* The whole life, as far as the driver comes. */
static void live(void)
{
    NTSTATUS status = nk_pnp_try_add(&driver, nk_target_pci());

    if (!NT_SUCCESS(status))
        return;
    status = nk_pnp_try_start();
    if (NT_SUCCESS(status)) {
        status = nk_io_open(&file);
        NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);
        read_once();
        if (nk_option("sleep", 1)) {
            nk_pnp_power(4);
            nk_pnp_power(1);
            read_once();
        }
        nk_io_close(&file);
    }
    nk_pnp_remove(false);
}

static void run(void)
{
    unsigned refusals;

    memory = nk_pool_own(nk_option("length", LENGTH), 0, false);
    nk_driver_load(&driver);
    for (asks = 1; asks < LIVES; asks++) {
        nk_scarce_set(asks);
        live();
        if (nk_scarce_waits())
            break;
    }
    refusals = asks - 1;
    NK_EXPECT(refusals >= MIN_ASKS && asks < LIVES, "%u lives with a refusal", refusals);
    asks = 0;
    nk_scarce_set(asks);
    live();
    nk_driver_unload(&driver);
    nk_counter("refusals", refusals);
}

NK_SCENARIO(rng_scarce, "rng-scarce", run);
