// SPDX-License-Identifier: BSD-3-Clause
//
// viorng: the entropy device (virtio 1.2, 5.4) as a file to read from.
//
// One buffer of VIORNG_PIECE_BYTES goes to the device when a read waits, and comes back with some
// random bytes. Those are dealt out to the reads that wait then, which need not be those that
// waited when the buffer was sent: no read is tied to the device, so each can be cancelled at any
// time. A read that has bytes and wants more goes to the end of the line. The buffer is wiped as
// soon as its bytes are dealt, so that none is ever given out twice or left behind.
//
// A clock runs while reads wait: a DPC every RNG_TICK_MS. It ends reads that got nothing for
// VIORNG_TIMEOUT_SECONDS, sends the buffer again after the device had returned it empty, and has
// the device reset when it keeps the buffer that long or asks for it (DEVICE_NEEDS_RESET).
//
// LOCKS, outer to inner: `lock` (virtqueue, buffer, clock, flags), `csq_lock` (waiting reads). IRPs
// are completed, and inserted, under neither: inserting one that was cancelled completes it.

#ifndef VIORNG_H
#define VIORNG_H

#include "nt/nt_queue.h"

#define RNG_TAG     0x676e7276u // "vrng"
#define RNG_TICK_MS 500

struct rng {
    struct nt_device *dev;
    KSPIN_LOCK lock;
    struct nt_queue queue;
    struct nt_dma buffer;
    BOOLEAN running;  // the device is enabled
    BOOLEAN lent;     // the device has the buffer
    BOOLEAN rest;     // it came back empty: not before the next tick again
    BOOLEAN ticking;  // the clock runs
    ULONG lent_ticks; // since the buffer was lent
    KTIMER clock;
    KDPC clock_dpc;

    KSPIN_LOCK csq_lock;
    IO_CSQ csq;
    LIST_ENTRY waiting; // IRPs, by Tail.Overlay.ListEntry
    NTSTATUS closed;    // why reads are refused, or STATUS_SUCCESS
};

// Sets up the part of `rng` that read.c keeps; the rest is zero. PASSIVE_LEVEL.
NTSTATUS rng_read_init(struct rng *rng);

// Takes an IRP_MJ_READ. Its status is returned, or STATUS_PENDING. Up to DISPATCH_LEVEL.
NTSTATUS rng_read(struct rng *rng, IRP *irp);

// Lends the buffer to the device if a read waits, and starts the clock. Up to DISPATCH_LEVEL, no
// lock.
void rng_pump(struct rng *rng);

// Deals out what the device has returned. DISPATCH_LEVEL, no lock.
void rng_deal(struct rng *rng);

// Refuses reads from now on, and ends those of `file`, or all that wait if that is NULL.
// `why` STATUS_SUCCESS refuses none. Up to DISPATCH_LEVEL, no lock.
void rng_end_reads(struct rng *rng, NTSTATUS why, FILE_OBJECT *file);

// Stops the clock. PASSIVE_LEVEL.
void rng_clock_stop(struct rng *rng);

#endif
