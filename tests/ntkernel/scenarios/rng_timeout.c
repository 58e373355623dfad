/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A device that stops answering (the host allows it one byte, then nothing for minutes) keeps no
 * reader for ever: a read ends five seconds after its last byte, with the bytes it has, or with
 * STATUS_IO_TIMEOUT if it has none. The driver resets the device and goes on.
 */
#include "scenarios/scenario.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LENGTH            100
#define STATUS_IO_TIMEOUT ((NTSTATUS)0xC00000B5)
#define LEAST_MS          4000
#define MOST_MS           7000

static struct nk_driver driver;
static FILE_OBJECT file;
static struct nk_io io;
static UCHAR *memory;

/* One read to its end, and how long that took: at least so much time, and at most so much of it as
 * this processor had. */
static void timed_read(const char *which)
{
    ULONG64 start = nk_time(), ticks = nk_ticks(0);

    nk_io_read(&io, &file, memory, LENGTH);
    nk_io_wait(&io);
    start = nk_time() - start;
    ticks = nk_ticks(0) - ticks;
    NK_EXPECT(start > LEAST_MS * 10000ull && ticks < MOST_MS,
              "the %s read took %llu00 ns, %llu ticks", which, start, ticks);
}

static void run(void)
{
    NTSTATUS status;

    memory = nk_pool_own(LENGTH, 0, false);
    nk_driver_load(&driver);
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    status = nk_io_open(&file);
    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);

    timed_read("first");
    NK_EXPECT(io.status == STATUS_SUCCESS, "a read that got a byte ends with %08x", io.status);
    NK_EXPECT(io.information > 0 && io.information < LENGTH,
              "a read of a throttled device has %llu bytes", io.information);

    timed_read("second");
    NK_EXPECT(io.status == STATUS_IO_TIMEOUT, "a read that got nothing ends with %08x", io.status);
    NK_EXPECT(io.information == 0, "a read that timed out has %llu bytes", io.information);

    nk_sleep(100); /* for the reset that follows */
    nk_io_close(&file);
    nk_pnp_remove(false);
    nk_driver_unload(&driver);
}

NK_SCENARIO(rng_timeout, "rng-timeout", run);
