/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A device that lies: what an honest QEMU would never write into the used ring, this scenario
 * writes there in its place. The device itself is throttled, so it stays out of the way after its
 * first byte. No interrupt comes with a forged entry, so that the driver finds it when its clock
 * ticks; with the option messages=1 each of the device's messages comes. With lengths=0 it lies
 * about ids only.
 *
 * Split rings, virtio 1.2, 2.7; the ring's place is read from the common configuration, 4.1.4.3.
 */
#include "scenarios/scenario.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LENGTH     5000
#define PIECE      4096 /* of the driver's buffer */
#define RESETS_MAX 8    /* without a byte between them */
#define MARK       0x5A

#define PCI_CAPABILITIES   0x34
#define CAPABILITY_VENDOR  9
#define CAPABILITIES_LIMIT 48

static struct nk_driver driver;
static FILE_OBJECT file;
static struct nk_io io;
static UCHAR *memory;
static volatile UCHAR *common; /* the common configuration */

struct split {
    USHORT size;
    volatile USHORT *available; /* flags, index, ring */
    volatile USHORT *used;      /* flags, index, then entries of two ULONG */
};

static void find_common(const struct nk_pci *pci)
{
    USHORT at = (USHORT)nk_pci_read(pci, PCI_CAPABILITIES, 1);
    unsigned bar, n;

    for (n = 0; at && n < CAPABILITIES_LIMIT; n++, at = (USHORT)nk_pci_read(pci, at + 1, 1)) {
        if (nk_pci_read(pci, at, 1) != CAPABILITY_VENDOR || nk_pci_read(pci, at + 3, 1) != 1)
            continue;
        bar = nk_pci_read(pci, at + 4, 1);
        NK_EXPECT(bar < NK_COUNT(pci->bar), "the common configuration is in BAR %u", bar);
        common = nk_map_device(pci->bar[bar].address + nk_pci_read(pci, at + 8, 4), 64);
        return;
    }
    nk_report("check", "the device has no common configuration: is it a modern one?");
}

static ULONG64 common_read64(unsigned offset)
{
    return *(volatile ULONG *)(common + offset) |
           (ULONG64) * (volatile ULONG *)(common + offset + 4) << 32;
}

static struct split find_ring(void)
{
    struct split ring;

    *(volatile USHORT *)(common + 22) = 0;
    ring.size = *(volatile USHORT *)(common + 24);
    ring.available = nk_direct(common_read64(40));
    ring.used = nk_direct(common_read64(48));
    return ring;
}

/* What the driver made available last. */
static ULONG last_head(const struct split *ring)
{
    return ring->available[2 + (USHORT)(ring->available[1] - 1) % ring->size];
}

static void forge(const struct split *ring, ULONG id, ULONG length)
{
    volatile ULONG *entry = (volatile ULONG *)(ring->used + 2) + 2 * (ring->used[1] % ring->size);

    entry[0] = id;
    entry[1] = length;
    __asm__ volatile("" : : : "memory");
    ring->used[1]++;
    if (nk_option("messages", 0)) {
        const UCHAR *vectors;
        unsigned n, count = nk_pnp_message_vectors(&vectors);

        NK_EXPECT(count, "messages=1 wants a device that has them");
        for (n = 0; n < count; n++)
            nk_vector_raise(vectors[n]);
    }
}

static void begin_read(ULONG length)
{
    NTSTATUS status;

    nk_memset(memory, MARK, LENGTH);
    status = nk_io_read(&io, &file, memory, length);
    NK_EXPECT(status == STATUS_PENDING, "a read ends at once with %08x", status);
}

static void expect_zeros(ULONG count)
{
    ULONG n;

    for (n = 0; n < count; n++)
        NK_EXPECT(!memory[n], "byte %u is %02x: the buffer was not wiped", n, memory[n]);
    for (; n < LENGTH; n++)
        NK_EXPECT(memory[n] == MARK, "byte %u was written, the read ended at %u", n, count);
}

/* A length far beyond the buffer is cut to it, and what the buffer holds is no old byte. */
static void lengths_that_lie(void)
{
    struct split ring;

    begin_read(PIECE);
    ring = find_ring();
    forge(&ring, last_head(&ring), 0xffffffff);
    nk_io_wait(&io);
    NK_EXPECT(io.status == STATUS_SUCCESS, "a read ends with %08x", io.status);
    NK_EXPECT(io.information == PIECE, "a read has %llu bytes", io.information);
    expect_zeros(PIECE);

    /* An empty answer is no end, and no reason to ask without rest. */
    begin_read(100);
    ring = find_ring();
    forge(&ring, last_head(&ring), 0);
    nk_sleep(700);
    NK_EXPECT(!io.finished.Header.SignalState, "an empty answer ended a read");
    forge(&ring, last_head(&ring), 100);
    nk_io_wait(&io);
    NK_EXPECT(io.status == STATUS_SUCCESS && io.information == 100,
              "a read ends with %08x and %llu bytes", io.status, io.information);
    expect_zeros(100);
}

/* An id that names no buffer of the device's leads to a reset, after which all is well. */
static void ids_that_lie(void)
{
    static const ULONG ids[] = {0xdeadbeef, 0x10000, 0xffff};
    struct split ring;

    for (unsigned n = 0; n <= NK_COUNT(ids); n++) {
        begin_read(100);
        ring = find_ring();
        /* the last one is in range, and not lent */
        forge(&ring, n < NK_COUNT(ids) ? ids[n] : (last_head(&ring) + 1) % ring.size, 100);
        nk_sleep(700);
        NK_EXPECT(!io.finished.Header.SignalState, "a wrong id ended a read");
        ring = find_ring();
        forge(&ring, last_head(&ring), 100);
        nk_io_wait(&io);
        NK_EXPECT(io.status == STATUS_SUCCESS && io.information == 100,
                  "after a reset a read ends with %08x and %llu bytes", io.status, io.information);
        expect_zeros(100);
    }
}

/* One that does nothing else is given up, and says so to Plug and Play. */
static void nothing_but_lies(void)
{
    struct split ring;
    unsigned n;

    begin_read(100);
    for (n = 0; n <= RESETS_MAX && !io.finished.Header.SignalState; n++) {
        NK_EXPECT(!nk_pnp_state_is_invalid(), "given up after %u resets", n);
        ring = find_ring();
        forge(&ring, 0xdeadbeef, 100);
        nk_sleep(600);
        /* Each read is ended in time; it is the resets that are counted here. */
        if (io.finished.Header.SignalState && !nk_pnp_state_is_invalid())
            begin_read(100);
    }
    nk_io_wait(&io);
    NK_EXPECT(!NT_SUCCESS(io.status), "a read ends with %08x", io.status);
    NK_EXPECT(nk_pnp_state_is_invalid(), "a device that only lies was not given up");
    nk_io_close(&file);
    NK_EXPECT(!NT_SUCCESS(nk_io_open(&file)), "a device that was given up can be opened");
}

static void run(void)
{
    NTSTATUS status;

    memory = nk_pool_own(LENGTH, 0, false);
    nk_driver_load(&driver);
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    find_common(nk_target_pci());
    status = nk_io_open(&file);
    NK_EXPECT(NT_SUCCESS(status), "IRP_MJ_CREATE ends with %08x", status);
    /* the one byte that the device is allowed */
    nk_io_read(&io, &file, memory, 1);
    nk_io_wait(&io);
    NK_EXPECT(io.status == STATUS_SUCCESS, "the first read ends with %08x", io.status);

    if (nk_option("lengths", 1))
        lengths_that_lie();
    ids_that_lie();
    nothing_but_lies();
    nk_pnp_remove(true);
    nk_driver_unload(&driver);
}

NK_SCENARIO(rng_hostile, "rng-hostile", run);
