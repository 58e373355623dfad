// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the split and the packed half of the device ring share.

#ifndef TESTS_DEVICE_SDEV_PRIVATE_H
#define TESTS_DEVICE_SDEV_PRIVATE_H

#include "tests/device/sdev_ring.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the software device accesses little-endian ring fields directly"
#endif

// virtio 1.2, 2.7.5
struct split_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};

// virtio 1.2, 2.8.13
struct packed_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t id;
    uint16_t flags;
};

struct split_used_elem {
    uint32_t id;
    uint32_t len;
};

// virtio 1.2, 2.8.14
struct packed_event {
    uint16_t desc; // offset in bits 0..14, wrap counter in bit 15
    uint16_t flags;
};

struct ring_ops {
    bool (*available)(struct sdev_ring *ring);
    struct sdev_chain *(*fetch)(struct sdev_ring *ring);
    void (*put_used)(struct sdev_ring *ring, const struct sdev_chain *chain, uint32_t len,
                     unsigned buffers, unsigned slots);
    bool (*interrupt_wanted)(struct sdev_ring *ring, uint64_t from, uint64_t to);
    void (*set_event)(struct sdev_ring *ring, unsigned mode, uint16_t skip);
    bool (*kick_wanted)(const struct sdev_ring *ring, uint64_t from, uint64_t to);
};

struct sdev_ring {
    struct sdev_ring_cfg cfg;
    const struct ring_ops *ops;
    void *desc;
    void *driver;
    void *device;
    uint64_t fetched;    // linear, in the ring's own unit
    uint64_t used;       // the same
    uint64_t signalled;  // value of used at the last interrupt decision
    uint64_t next_order; // fetches so far
    uint64_t oldest;     // order of the oldest outstanding buffer, IN_ORDER only
    unsigned outstanding;
    uint16_t *by_order;       // [order % num] = id
    struct sdev_chain *chain; // [num], by id
};

extern const struct ring_ops sdev_split_ops;
extern const struct ring_ops sdev_packed_ops;

static inline bool ring_has(const struct sdev_ring *ring, uint64_t feature)
{
    return (ring->cfg.features & feature) != 0;
}

static inline uint16_t load16_relaxed(const uint16_t *p)
{
    return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline uint16_t load16_acquire(const uint16_t *p)
{
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void store16_relaxed(uint16_t *p, uint16_t value)
{
    __atomic_store_n(p, value, __ATOMIC_RELAXED);
}

static inline void store16_release(uint16_t *p, uint16_t value)
{
    __atomic_store_n(p, value, __ATOMIC_RELEASE);
}

// True when a linear position in [from, to) is congruent to event modulo period.
bool sdev_event_hit(uint64_t from, uint64_t to, uint64_t event, uint64_t period);

// Starts a chain in the slot for id. NULL and a fault when the id is not free or out of range.
struct sdev_chain *sdev_chain_start(struct sdev_ring *ring, uint32_t id);

// Adds a piece; checks memory and that readable pieces come first. False: out of memory.
bool sdev_chain_add(struct sdev_ring *ring, struct sdev_chain *chain, uint64_t gpa, uint32_t len,
                    bool writable);

#endif
