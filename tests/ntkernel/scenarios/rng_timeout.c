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
#define SECOND            10000000ull /* of nk_time */

static struct nk_driver driver;
static FILE_OBJECT file;
static struct nk_io io;
static UCHAR *memory;

/* One read to its end, and how long that took. */
static ULONG64 timed_read(void)
{
    ULONG64 start = nk_time();

    nk_io_read(&io, &file, memory, LENGTH);
    nk_io_wait(&io);
    return nk_time() - start;
}

static void run(void)
{
    ULONG64 took;
    NTSTATUS status;

    memory = nk_pool_alloc(LENGTH, 0, false, NULL);
    nk_driver_load(&driver);
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    status = nk_io_open(&file);
    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);

    took = timed_read();
    NK_EXPECT(io.status == STATUS_SUCCESS, "a read that got a byte ends with %08x", io.status);
    NK_EXPECT(io.information > 0 && io.information < LENGTH,
              "a read of a throttled device has %llu bytes", io.information);
    NK_EXPECT(took > 4 * SECOND && took < 7 * SECOND, "the first read took %llu00 ns", took);

    took = timed_read();
    NK_EXPECT(io.status == STATUS_IO_TIMEOUT, "a read that got nothing ends with %08x", io.status);
    NK_EXPECT(io.information == 0, "a read that timed out has %llu bytes", io.information);
    NK_EXPECT(took > 4 * SECOND && took < 7 * SECOND, "the second read took %llu00 ns", took);

    nk_sleep(100); /* for the reset that follows */
    nk_io_close(&file);
    nk_pnp_remove(false);
    nk_driver_unload(&driver);
}

NK_SCENARIO(rng_timeout, "rng-timeout", run);
