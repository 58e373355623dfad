/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A WDM random-number driver through its whole life: start, reads of odd lengths checked against
 * the host's file, stop and start, D3 and D0, remove, surprise removal, unload without leaks.
 *
 * The device hands out the host's file in order. A driver may ask for more than it was asked for
 * and drop the rest, so data is looked for at and after the place where the last read ended.
 */
#include "scenarios/scenario.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define BUFFER_SIZE 16384
#define SKIP_LIMIT  65536 /* bytes a driver may drop between two reads */
#define ANCHOR      8     /* bytes that fix a place in the file */

static struct nk_driver driver;
static FILE_OBJECT file;
static ULONG64 position, bytes_read, bytes_skipped, reads;

static bool matches(ULONG64 at, const UCHAR *data, ULONG64 length)
{
    ULONG64 seed = nk_option("seed", 1), n;

    for (n = 0; n < length; n++) {
        if (data[n] != nk_random_byte(seed, at + n))
            return false;
    }
    return true;
}

/* One read may be served by several of the device's; each piece lies behind the one before. */
static void check_data(const UCHAR *data, ULONG64 length)
{
    ULONG64 done = 0, run, skip, seed = nk_option("seed", 1);

    while (done < length) {
        run = length - done < ANCHOR ? length - done : ANCHOR;
        for (skip = 0; skip < SKIP_LIMIT && !matches(position + skip, data + done, run); skip++)
            ;
        NK_EXPECT(skip < SKIP_LIMIT,
                  "byte %llu of a read of %llu is not in the host's file "
                  "behind place %llu",
                  done, length, position);
        position += skip;
        bytes_skipped += skip;
        while (done < length && data[done] == nk_random_byte(seed, position)) {
            done++;
            position++;
        }
    }
}

static void read_once(UCHAR *buffer, ULONG length)
{
    struct nk_io io;
    ULONG n;

    nk_memset(buffer, 0, length + 1);
    buffer[length] = 0x5A;
    nk_io_read(&io, &file, buffer, length);
    nk_io_wait(&io);
    NK_EXPECT(NT_SUCCESS(io.status), "a read of %u bytes ends with %08x", length, io.status);
    NK_EXPECT(io.information > 0 || !length, "a read of %u bytes returns nothing", length);
    NK_EXPECT(buffer[length] == 0x5A, "a read of %u bytes wrote behind its buffer", length);
    for (n = (ULONG)io.information; n < length; n++)
        NK_EXPECT(!buffer[n], "a read that returned %llu bytes wrote byte %u", io.information, n);
    check_data(buffer, io.information);
    bytes_read += io.information;
    reads++;
}

static void read_lengths(UCHAR *memory, ULONG rounds)
{
    static const ULONG lengths[] = {1, 2, 3, 7, 8, 64, 100, 511, 512, 513, 4095, 4096, 4097, 10000};
    ULONG round, n;

    for (round = 0; round < rounds; round++) {
        for (n = 0; n < NK_COUNT(lengths); n++)
            read_once(memory + (round * 13 + n) % 256, lengths[n]);
    }
}

static void open_and_read(UCHAR *memory, ULONG rounds)
{
    NTSTATUS status = nk_io_open(&file);

    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);
    read_lengths(memory, rounds);
    nk_io_close(&file);
}

/* Several at once; each gets bytes of its own, but in an order nobody promises. */
static void read_parallel(UCHAR *memory)
{
    static struct nk_io io[8];
    ULONG64 start = position, furthest = position;
    NTSTATUS status = nk_io_open(&file);
    unsigned n;

    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);
    for (n = 0; n < NK_COUNT(io); n++)
        nk_io_read(&io[n], &file, memory + n * 1024, 1000);
    for (n = 0; n < NK_COUNT(io); n++) {
        nk_io_wait(&io[n]);
        NK_EXPECT(NT_SUCCESS(io[n].status), "a parallel read ends with %08x", io[n].status);
        bytes_read += io[n].information;
        position = start;
        check_data(io[n].buffer, io[n].information);
        furthest = position > furthest ? position : furthest;
    }
    position = furthest;
    nk_io_close(&file);
}

static void run(void)
{
    UCHAR *memory = nk_pool_own(BUFFER_SIZE, 0, false);

    nk_driver_load(&driver);
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    open_and_read(memory, 4);
    read_parallel(memory);

    nk_pnp_stop();
    nk_pnp_start();
    open_and_read(memory, 1);

    nk_pnp_power(4);
    nk_pnp_power(1);
    open_and_read(memory, 1);
    nk_pnp_remove(false);

    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    open_and_read(memory, 1);
    nk_pnp_remove(true);

    nk_driver_unload(&driver);
    nk_counter("reads", reads);
    nk_counter("bytes", bytes_read);
    nk_counter("bytes_skipped", bytes_skipped);
    nk_counter("interrupts", nk_pnp_interrupts());
}

NK_SCENARIO(rng_read, "rng-read", run);
