// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs a device ring: takes buffers, lets a handler do the work, gives them back in an order and
// in portions that a policy sets.

#ifndef TESTS_DEVICE_SDEV_WORKER_H
#define TESTS_DEVICE_SDEV_WORKER_H

#include "tests/device/sdev_rand.h"
#include "tests/device/sdev_ring.h"

struct sdev_policy {
    bool shuffle;           // give back in random order (ignored with IN_ORDER)
    bool one_entry;         // IN_ORDER: one used entry for all that are given back together
    unsigned hold;          // give nothing back before so many wait (0 and 1: at once)
    unsigned short_percent; // of 100 buffers, how many report fewer bytes than were written
};

// Does the work of one buffer on a queue; returns how many bytes it wrote.
typedef uint32_t (*sdev_handler)(void *ctx, unsigned queue, const struct sdev_chain *chain);

// Told of each buffer right before it is given back, in that order. reported is the length the
// driver will be told; whole is true for a buffer that IN_ORDER skips, which counts as fully
// written.
typedef void (*sdev_observer)(void *ctx, const struct sdev_chain *chain, uint32_t reported,
                              bool whole);

struct sdev_worker_cfg {
    struct sdev_policy policy;
    sdev_handler handler;
    sdev_observer observer; // may be NULL
    void *ctx;              // for both
    unsigned queue;         // passed to the handler
    uint64_t seed;
};

struct sdev_worker;

// ring must outlive the worker. NULL: out of memory.
struct sdev_worker *sdev_worker_new(struct sdev_ring *ring, const struct sdev_worker_cfg *cfg);
void sdev_worker_free(struct sdev_worker *worker);

// Takes up to max available buffers; returns how many.
unsigned sdev_worker_take(struct sdev_worker *worker, unsigned max);

// Gives back up to max of the waiting buffers by the policy (hold is ignored); returns how many.
unsigned sdev_worker_give(struct sdev_worker *worker, unsigned max);

// Takes all there is, gives back all if hold allows. True when the driver wants an interrupt.
bool sdev_worker_step(struct sdev_worker *worker);

unsigned sdev_worker_waiting(const struct sdev_worker *worker);

#endif
