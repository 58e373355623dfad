// SPDX-License-Identifier: GPL-3.0-or-later
//
// The split ring (virtio 1.2, 2.7) from the device's side.

#include "tests/device/sdev_private.h"

#include <string.h>

// Both rings start with flags and idx; entries follow, then the other side's event index.
static uint16_t *avail_flags(const struct sdev_ring *ring)
{
    return ring->driver;
}

static uint16_t *avail_idx(const struct sdev_ring *ring)
{
    return (uint16_t *)ring->driver + 1;
}

static uint16_t *avail_entry(const struct sdev_ring *ring, uint64_t n)
{
    return (uint16_t *)ring->driver + 2 + n % ring->cfg.num;
}

static uint16_t *used_event(const struct sdev_ring *ring)
{
    return (uint16_t *)ring->driver + 2 + ring->cfg.num;
}

static uint16_t *used_flags(const struct sdev_ring *ring)
{
    return ring->device;
}

static uint16_t *used_idx(const struct sdev_ring *ring)
{
    return (uint16_t *)ring->device + 1;
}

static struct split_used_elem *used_entry(const struct sdev_ring *ring, uint64_t n)
{
    return (struct split_used_elem *)((uint32_t *)ring->device + 1) + n % ring->cfg.num;
}

static uint16_t *avail_event(const struct sdev_ring *ring)
{
    return (uint16_t *)used_entry(ring, 0) + 4 * (size_t)ring->cfg.num;
}

static bool split_available(struct sdev_ring *ring)
{
    uint16_t idx = load16_acquire(avail_idx(ring));
    uint16_t waiting = (uint16_t)(idx - (uint16_t)ring->fetched);

    if (waiting > ring->cfg.num - ring->outstanding)
        sdev_fault(ring->cfg.faults, "available index %u is %u past %u with %u of %u buffers out",
                   idx, waiting, (uint16_t)ring->fetched, ring->outstanding, ring->cfg.num);
    return waiting != 0;
}

// An indirect table: elements chained by next from entry 0 (virtio 1.2, 2.7.5.3).
static void indirect_walk(struct sdev_ring *ring, struct sdev_chain *chain,
                          const struct split_desc *ref)
{
    uint32_t entries = ref->len / sizeof(struct split_desc);

    if (!ring_has(ring, SDEV_F_INDIRECT_DESC))
        sdev_fault(ring->cfg.faults, "indirect descriptor without the feature");
    if (entries == 0 || ref->len % sizeof(struct split_desc) != 0) {
        sdev_fault(ring->cfg.faults, "indirect table of %u bytes", (unsigned)ref->len);
        return;
    }

    const uint8_t *table = sdev_mem_at(ring->cfg.mem, ref->addr, ref->len, "indirect table");
    if (table == NULL)
        return;
    chain->indirect = true;

    uint32_t at = 0;
    for (uint32_t steps = 0; steps < entries; steps++) { // each entry at most once
        struct split_desc d;                             // copied: a table may lie anywhere
        uint16_t known = SDEV_DESC_F_NEXT | SDEV_DESC_F_WRITE;

        memcpy(&d, table + at * sizeof(d), sizeof(d));
        if ((d.flags & ~known) != 0)
            sdev_fault(ring->cfg.faults, "flags 0x%x in an indirect descriptor", d.flags);
        if (!sdev_chain_add(ring, chain, d.addr, d.len, (d.flags & SDEV_DESC_F_WRITE) != 0))
            return;
        if ((d.flags & SDEV_DESC_F_NEXT) == 0)
            return;
        if (ring_has(ring, SDEV_F_IN_ORDER) && d.next != at + 1)
            sdev_fault(ring->cfg.faults, "indirect entry %u goes on at %u with IN_ORDER",
                       (unsigned)at, d.next);
        if (d.next >= entries)
            break;
        at = d.next;
    }
    sdev_fault(ring->cfg.faults, "indirect table of %u entries does not end", (unsigned)entries);
}

static struct sdev_chain *split_fetch(struct sdev_ring *ring)
{
    if (!split_available(ring))
        return NULL;

    uint16_t num = ring->cfg.num;
    uint16_t at = *avail_entry(ring, ring->fetched);
    ring->fetched++;

    struct sdev_chain *chain = sdev_chain_start(ring, at);
    if (chain == NULL)
        return NULL;

    const struct split_desc *table = ring->desc;
    for (unsigned steps = 0; steps < num; steps++) { // each descriptor at most once
        const struct split_desc *d = &table[at];
        uint16_t known = SDEV_DESC_F_NEXT | SDEV_DESC_F_WRITE | SDEV_DESC_F_INDIRECT;

        chain->slots++;
        if ((d->flags & ~known) != 0)
            sdev_fault(ring->cfg.faults, "descriptor %u has flags 0x%x", at, d->flags);
        if ((d->flags & SDEV_DESC_F_INDIRECT) != 0) {
            if ((d->flags & SDEV_DESC_F_NEXT) != 0)
                sdev_fault(ring->cfg.faults, "descriptor %u is INDIRECT and NEXT", at);
            indirect_walk(ring, chain, d);
            return chain;
        }
        if (!sdev_chain_add(ring, chain, d->addr, d->len, (d->flags & SDEV_DESC_F_WRITE) != 0))
            return chain;
        if ((d->flags & SDEV_DESC_F_NEXT) == 0)
            return chain;
        if (d->next >= num) {
            sdev_fault(ring->cfg.faults, "descriptor %u goes on at %u of %u", at, d->next, num);
            return chain;
        }
        // virtio 1.2, 2.7.5.2
        if (ring_has(ring, SDEV_F_IN_ORDER) && d->next != (at + 1) % num)
            sdev_fault(ring->cfg.faults, "descriptor %u goes on at %u with IN_ORDER", at, d->next);
        at = d->next;
    }
    sdev_fault(ring->cfg.faults, "descriptor chain from %u does not end", chain->id);
    return chain;
}

// A driver must leave what it has shown alone until it is used (virtio 1.2, 3.3.1): the chain must
// still be what was fetched.
static void unchanged_check(const struct sdev_ring *ring, const struct sdev_chain *chain)
{
    const struct split_desc *table = ring->desc;
    uint16_t at = chain->id;

    for (uint32_t n = 0; n < chain->slots && n < chain->n_seg && !chain->indirect; n++) {
        const struct split_desc *d = &table[at];
        const struct sdev_seg *seg = &chain->seg[n];

        if (d->addr != seg->gpa || d->len != seg->len ||
            ((d->flags & SDEV_DESC_F_WRITE) != 0) != seg->writable) {
            sdev_fault(ring->cfg.faults, "descriptor %u changed while the device had it", at);
            return;
        }
        at = d->next % ring->cfg.num;
    }
}

static void split_put_used(struct sdev_ring *ring, const struct sdev_chain *chain, uint32_t len,
                           unsigned buffers, unsigned slots)
{
    (void)slots;
    unchanged_check(ring, chain);
    *used_entry(ring, ring->used) = (struct split_used_elem){.id = chain->id, .len = len};
    ring->used += buffers;
    store16_release(used_idx(ring), (uint16_t)ring->used);
}

static bool split_interrupt_wanted(struct sdev_ring *ring, uint64_t from, uint64_t to)
{
    uint16_t flags = load16_relaxed(avail_flags(ring));

    if (ring_has(ring, SDEV_F_EVENT_IDX)) {
        if (flags != 0) // virtio 1.2, 2.7.7.1
            sdev_fault(ring->cfg.faults, "available flags 0x%x with EVENT_IDX", flags);
        return sdev_event_hit(from, to, load16_relaxed(used_event(ring)), 65536);
    }
    if (flags > 1)
        sdev_fault(ring->cfg.faults, "available flags 0x%x", flags);
    return (flags & 1) == 0;
}

// With the event index, "never" is a place as far away as can be: half the index range.
static void split_set_event(struct sdev_ring *ring, unsigned mode, uint16_t skip)
{
    if (!ring_has(ring, SDEV_F_EVENT_IDX)) {
        store16_relaxed(used_flags(ring), mode == SDEV_EVENT_DISABLE ? 1 : 0);
    } else {
        uint16_t ahead = mode == SDEV_EVENT_DISABLE ? 32768 : skip;

        store16_relaxed(avail_event(ring), (uint16_t)(ring->fetched + ahead));
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static bool split_kick_wanted(const struct sdev_ring *ring, uint64_t from, uint64_t to)
{
    if (ring_has(ring, SDEV_F_EVENT_IDX))
        return sdev_event_hit(from, to, load16_relaxed(avail_event(ring)), 65536);
    return (load16_relaxed(used_flags(ring)) & 1) == 0;
}

const struct ring_ops sdev_split_ops = {
    .available = split_available,
    .fetch = split_fetch,
    .put_used = split_put_used,
    .interrupt_wanted = split_interrupt_wanted,
    .set_event = split_set_event,
    .kick_wanted = split_kick_wanted,
};

void sdev_split_raw_used(struct sdev_ring *ring, uint16_t slot, uint32_t id, uint32_t len)
{
    *used_entry(ring, slot) = (struct split_used_elem){.id = id, .len = len};
}

void sdev_split_raw_used_idx(struct sdev_ring *ring, uint16_t idx)
{
    store16_release(used_idx(ring), idx);
}

void sdev_split_raw_used_flags(struct sdev_ring *ring, uint16_t flags)
{
    store16_relaxed(used_flags(ring), flags);
}

void sdev_split_raw_avail_event(struct sdev_ring *ring, uint16_t event)
{
    store16_relaxed(avail_event(ring), event);
}

void sdev_split_raw_desc(struct sdev_ring *ring, uint16_t slot, uint64_t addr, uint32_t len,
                         uint16_t flags, uint16_t next)
{
    struct split_desc *table = ring->desc;

    table[slot] = (struct split_desc){.addr = addr, .len = len, .flags = flags, .next = next};
}
