// SPDX-License-Identifier: GPL-3.0-or-later
//
// The packed ring (virtio 1.2, 2.8) from the device's side.
//
// Positions are linear counts of descriptors since set-up: slot = count modulo size, and the wrap
// counter, which starts at 1, is 1 on even turns.

#include "tests/device/sdev_private.h"

#include <string.h>

static struct packed_desc *slot_at(const struct sdev_ring *ring, uint64_t position)
{
    return (struct packed_desc *)ring->desc + position % ring->cfg.num;
}

static bool wrap_at(const struct sdev_ring *ring, uint64_t position)
{
    return (position / ring->cfg.num) % 2 == 0;
}

static bool flags_available(uint16_t flags, bool wrap)
{
    bool avail = (flags & SDEV_DESC_F_AVAIL) != 0;
    bool used = (flags & SDEV_DESC_F_USED) != 0;

    return avail == wrap && used != wrap;
}

static bool packed_available(struct sdev_ring *ring)
{
    const struct packed_desc *d = slot_at(ring, ring->fetched);

    // Every slot may still be out: what lies in the next slot is then our own buffer's start.
    if (ring->fetched - ring->used == ring->cfg.num)
        return false;
    return flags_available(load16_acquire(&d->flags), wrap_at(ring, ring->fetched));
}

// An indirect table: every entry counts, only the write flag means something (2.8.7).
static void indirect_walk(struct sdev_ring *ring, struct sdev_chain *chain, uint64_t addr,
                          uint32_t len)
{
    uint32_t entries = len / sizeof(struct packed_desc);

    if (!ring_has(ring, SDEV_F_INDIRECT_DESC))
        sdev_fault(ring->cfg.faults, "indirect descriptor without the feature");
    if (entries == 0 || len % sizeof(struct packed_desc) != 0) {
        sdev_fault(ring->cfg.faults, "indirect table of %u bytes", (unsigned)len);
        return;
    }

    const uint8_t *table = sdev_mem_at(ring->cfg.mem, addr, len, "indirect table");
    if (table == NULL)
        return;
    chain->indirect = true;
    for (uint32_t i = 0; i < entries; i++) { // the table was mapped, so len bounds this
        struct packed_desc d;                // a table may lie anywhere

        memcpy(&d, table + i * sizeof(d), sizeof(d));
        if ((d.flags & ~SDEV_DESC_F_WRITE) != 0)
            sdev_fault(ring->cfg.faults, "flags 0x%x in an indirect descriptor", d.flags);
        if (!sdev_chain_add(ring, chain, d.addr, d.len, (d.flags & SDEV_DESC_F_WRITE) != 0))
            return;
    }
}

// The id stands in the last descriptor of a list, so the list is walked once to find it.
static bool list_measure(struct sdev_ring *ring, uint64_t *slots, uint16_t *id)
{
    uint64_t room = ring->cfg.num - (ring->fetched - ring->used);

    for (uint64_t n = 0; n < room; n++) { // at most the free part of the ring
        uint64_t position = ring->fetched + n;
        const struct packed_desc *d = slot_at(ring, position);
        uint16_t flags = load16_relaxed(&d->flags);

        if (!flags_available(flags, wrap_at(ring, position)))
            sdev_fault(ring->cfg.faults, "list shown before its descriptor %u of slot %u is",
                       (unsigned)n, (unsigned)(position % ring->cfg.num));
        if ((flags & SDEV_DESC_F_NEXT) == 0) {
            *slots = n + 1;
            *id = d->id;
            return true;
        }
    }
    sdev_fault(ring->cfg.faults, "list is longer than the room in the ring");
    return false;
}

static struct sdev_chain *packed_fetch(struct sdev_ring *ring)
{
    uint64_t slots = 0;
    uint16_t id = 0;

    if (!packed_available(ring) || !list_measure(ring, &slots, &id))
        return NULL;

    uint64_t first = ring->fetched;
    ring->fetched += slots;
    struct sdev_chain *chain = sdev_chain_start(ring, id);
    if (chain == NULL)
        return NULL;
    chain->slots = (uint16_t)slots;

    uint16_t known = SDEV_DESC_F_NEXT | SDEV_DESC_F_WRITE | SDEV_DESC_F_INDIRECT |
                     SDEV_DESC_F_AVAIL | SDEV_DESC_F_USED;
    for (uint64_t n = 0; n < slots; n++) {
        const struct packed_desc *d = slot_at(ring, first + n);
        uint16_t flags = load16_relaxed(&d->flags);

        if ((flags & ~known) != 0)
            sdev_fault(ring->cfg.faults, "descriptor has flags 0x%x", flags);
        if ((flags & SDEV_DESC_F_INDIRECT) != 0) {
            if (slots != 1) // virtio 1.2, 2.8.19
                sdev_fault(ring->cfg.faults, "indirect descriptor in a list of %u",
                           (unsigned)slots);
            indirect_walk(ring, chain, d->addr, d->len);
        } else if (!sdev_chain_add(ring, chain, d->addr, d->len,
                                   (flags & SDEV_DESC_F_WRITE) != 0)) {
            return chain;
        }
    }
    return chain;
}

static void packed_put_used(struct sdev_ring *ring, const struct sdev_chain *chain, uint32_t len,
                            unsigned buffers, unsigned slots)
{
    (void)buffers;

    struct packed_desc *d = slot_at(ring, ring->used);
    uint16_t flags = sdev_packed_used_flags(ring);

    if (chain->writable != 0)
        flags |= SDEV_DESC_F_WRITE;
    d->id = chain->id;
    d->len = len;
    store16_release(&d->flags, flags);
    ring->used += slots;
}

static bool event_wanted(const struct sdev_ring *ring, const struct packed_event *event,
                         uint64_t from, uint64_t to)
{
    uint16_t flags = load16_relaxed(&event->flags);
    uint16_t desc = load16_relaxed(&event->desc);

    switch (flags & 3) {
    case SDEV_EVENT_ENABLE:
        return true;
    case SDEV_EVENT_DESC: {
        uint64_t num = ring->cfg.num;
        uint64_t place = (desc & 0x7fff) + ((desc & 0x8000) != 0 ? 0 : num);

        return sdev_event_hit(from, to, place, 2 * num);
    }
    default:
        return false;
    }
}

static bool packed_interrupt_wanted(struct sdev_ring *ring, uint64_t from, uint64_t to)
{
    const struct packed_event *event = ring->driver;
    uint16_t flags = load16_relaxed(&event->flags);
    uint16_t desc = load16_relaxed(&event->desc);

    // virtio 1.2, 2.8.14
    if (flags > SDEV_EVENT_DESC)
        sdev_fault(ring->cfg.faults, "driver event flags 0x%x", flags);
    if (flags == SDEV_EVENT_DESC && !ring_has(ring, SDEV_F_EVENT_IDX))
        sdev_fault(ring->cfg.faults, "driver event for a descriptor without EVENT_IDX");
    if (flags == SDEV_EVENT_DESC && (desc & 0x7fff) >= ring->cfg.num)
        sdev_fault(ring->cfg.faults, "driver event offset %u with queue size %u", desc & 0x7fff,
                   ring->cfg.num);
    return event_wanted(ring, event, from, to);
}

static void packed_set_event(struct sdev_ring *ring, unsigned mode, uint16_t skip)
{
    struct packed_event *event = ring->device;

    if (mode == SDEV_EVENT_DESC && !ring_has(ring, SDEV_F_EVENT_IDX))
        mode = SDEV_EVENT_ENABLE;
    if (mode == SDEV_EVENT_DESC) {
        uint64_t position = ring->fetched + skip;
        uint16_t desc = (uint16_t)(position % ring->cfg.num);

        if (wrap_at(ring, position))
            desc |= 0x8000;
        store16_relaxed(&event->desc, desc);
    }
    store16_release(&event->flags, (uint16_t)mode);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static bool packed_kick_wanted(const struct sdev_ring *ring, uint64_t from, uint64_t to)
{
    return event_wanted(ring, ring->device, from, to);
}

const struct ring_ops sdev_packed_ops = {
    .available = packed_available,
    .fetch = packed_fetch,
    .put_used = packed_put_used,
    .interrupt_wanted = packed_interrupt_wanted,
    .set_event = packed_set_event,
    .kick_wanted = packed_kick_wanted,
};

uint16_t sdev_packed_used_flags(const struct sdev_ring *ring)
{
    return wrap_at(ring, ring->used) ? SDEV_DESC_F_AVAIL | SDEV_DESC_F_USED : 0;
}

void sdev_packed_raw(struct sdev_ring *ring, uint16_t slot, uint16_t id, uint32_t len,
                     uint16_t flags)
{
    struct packed_desc *d = slot_at(ring, slot);

    d->id = id;
    d->len = len;
    store16_release(&d->flags, flags);
}

void sdev_packed_raw_event(struct sdev_ring *ring, uint16_t desc, uint16_t flags)
{
    struct packed_event *event = ring->device;

    store16_relaxed(&event->desc, desc);
    store16_release(&event->flags, flags);
}
