// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/sdev_private.h"

#include <stdlib.h>
#include <string.h>

bool sdev_event_hit(uint64_t from, uint64_t to, uint64_t event, uint64_t period)
{
    uint64_t ahead = (event % period + period - from % period) % period;

    return from + ahead < to;
}

static bool size_allowed(const struct sdev_ring_cfg *cfg)
{
    if (cfg->num == 0 || cfg->num > 32768)
        return false;
    return (cfg->features & SDEV_F_RING_PACKED) != 0 || (cfg->num & (cfg->num - 1)) == 0;
}

struct area {
    const char *name;
    uint64_t gpa;
    uint64_t len;
    uint64_t align;
    void **host;
};

struct sdev_ring *sdev_ring_new(const struct sdev_ring_cfg *cfg)
{
    if (!size_allowed(cfg)) {
        sdev_fault(cfg->faults, "queue size %u is not allowed", cfg->num);
        return NULL;
    }

    struct sdev_ring *ring = calloc(1, sizeof(*ring));
    if (ring == NULL)
        return NULL;
    ring->cfg = *cfg;

    bool packed = ring_has(ring, SDEV_F_RING_PACKED);
    uint64_t event = ring_has(ring, SDEV_F_EVENT_IDX) ? 2 : 0;
    uint64_t num = cfg->num;
    ring->ops = packed ? &sdev_packed_ops : &sdev_split_ops;

    // Sizes and alignment: virtio 1.2, 2.7 and 2.8.10.1.
    struct area areas[] = {
        {"descriptor area", cfg->desc, 16 * num, 16, &ring->desc},
        {"driver area", cfg->driver, packed ? 4 : 4 + 2 * num + event, packed ? 4 : 2,
         &ring->driver},
        {"device area", cfg->device, packed ? 4 : 4 + 8 * num + event, 4, &ring->device},
    };
    for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
        const struct area *a = &areas[i];

        if (a->gpa % a->align != 0) {
            sdev_fault(cfg->faults, "%s at 0x%llx is not a multiple of %u", a->name,
                       (unsigned long long)a->gpa, (unsigned)a->align);
            goto fail_ring;
        }
        *a->host = sdev_mem_at(cfg->mem, a->gpa, a->len, a->name);
        if (*a->host == NULL)
            goto fail_ring;
    }

    ring->by_order = calloc(num, sizeof(*ring->by_order));
    if (ring->by_order == NULL)
        goto fail_ring;
    ring->chain = calloc(num, sizeof(*ring->chain));
    if (ring->chain == NULL)
        goto fail_order;
    return ring;

fail_order:
    free(ring->by_order);
fail_ring:
    free(ring);
    return NULL;
}

void sdev_ring_free(struct sdev_ring *ring)
{
    if (ring == NULL)
        return;
    for (unsigned i = 0; i < ring->cfg.num; i++)
        free(ring->chain[i].seg);
    free(ring->chain);
    free(ring->by_order);
    free(ring);
}

struct sdev_chain *sdev_chain_start(struct sdev_ring *ring, uint32_t id)
{
    if (id >= ring->cfg.num) {
        sdev_fault(ring->cfg.faults, "buffer id %u with queue size %u", (unsigned)id,
                   ring->cfg.num);
        return NULL;
    }

    struct sdev_chain *chain = &ring->chain[id];
    if (chain->outstanding) {
        sdev_fault(ring->cfg.faults, "buffer id %u made available twice", (unsigned)id);
        return NULL;
    }
    chain->id = (uint16_t)id;
    chain->slots = 0;
    chain->indirect = false;
    chain->n_seg = 0;
    chain->readable = 0;
    chain->writable = 0;
    return chain;
}

bool sdev_chain_add(struct sdev_ring *ring, struct sdev_chain *chain, uint64_t gpa, uint32_t len,
                    bool writable)
{
    // virtio 1.2, 2.7.5.3.1 and 2.8.18: not longer than the queue size, indirect or not.
    if (chain->n_seg >= ring->cfg.num)
        sdev_fault(ring->cfg.faults, "chain is longer than the queue size %u", ring->cfg.num);
    if (!writable && chain->writable != 0)
        sdev_fault(ring->cfg.faults, "device-readable element after a device-writable one");

    if (chain->n_seg == chain->seg_room) {
        uint32_t room = chain->seg_room == 0 ? 4 : chain->seg_room * 2;
        struct sdev_seg *seg = realloc(chain->seg, room * sizeof(*seg));

        if (seg == NULL)
            return false;
        chain->seg = seg;
        chain->seg_room = room;
    }

    if (len == 0)
        sdev_fault(ring->cfg.faults, "element of length 0");
    chain->seg[chain->n_seg++] = (struct sdev_seg){
        .gpa = gpa,
        .host = sdev_mem_at(ring->cfg.mem, gpa, len, "buffer element"),
        .len = len,
        .writable = writable,
    };
    if (writable)
        chain->writable += len;
    else
        chain->readable += len;
    // virtio 1.2, 2.7.5.2
    if (chain->readable + chain->writable > (uint64_t)1 << 32)
        sdev_fault(ring->cfg.faults, "chain describes more than 2^32 bytes");
    return true;
}

bool sdev_ring_available(struct sdev_ring *ring)
{
    return ring->ops->available(ring);
}

struct sdev_chain *sdev_ring_fetch(struct sdev_ring *ring)
{
    struct sdev_chain *chain = ring->ops->fetch(ring);

    if (chain == NULL)
        return NULL;
    chain->outstanding = true;
    chain->order = ring->next_order;
    ring->by_order[ring->next_order % ring->cfg.num] = chain->id;
    ring->next_order++;
    ring->outstanding++;
    return chain;
}

static bool chain_checked_out(struct sdev_ring *ring, const struct sdev_chain *chain)
{
    if (chain->outstanding)
        return true;
    sdev_fault(ring->cfg.faults, "test error: the device uses buffer id %u twice", chain->id);
    return false;
}

void sdev_ring_use(struct sdev_ring *ring, struct sdev_chain *chain, uint32_t len)
{
    if (!chain_checked_out(ring, chain))
        return;
    if (ring_has(ring, SDEV_F_IN_ORDER)) {
        if (chain->order != ring->oldest)
            sdev_fault(ring->cfg.faults, "test error: the device breaks IN_ORDER");
        ring->oldest = chain->order + 1;
    }
    chain->outstanding = false;
    ring->outstanding--;
    ring->ops->put_used(ring, chain, len, 1, chain->slots);
}

unsigned sdev_ring_use_batch(struct sdev_ring *ring, struct sdev_chain *last, uint32_t len)
{
    if (!chain_checked_out(ring, last))
        return 0;

    unsigned buffers = 0;
    unsigned slots = 0;
    for (uint64_t order = ring->oldest; order <= last->order; order++) {
        struct sdev_chain *chain = &ring->chain[ring->by_order[order % ring->cfg.num]];

        chain->outstanding = false;
        slots += chain->slots;
        buffers++;
    }
    ring->oldest = last->order + 1;
    ring->outstanding -= buffers;
    ring->ops->put_used(ring, last, len, buffers, slots);
    return buffers;
}

bool sdev_ring_should_interrupt(struct sdev_ring *ring)
{
    uint64_t from = ring->signalled;

    ring->signalled = ring->used;
    // The used entries must be out before the driver's wish is read: the driver writes its wish
    // and then looks for used entries, so one of the two sees the other.
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return from != ring->used && ring->ops->interrupt_wanted(ring, from, ring->used);
}

void sdev_ring_kick_always(struct sdev_ring *ring)
{
    ring->ops->set_event(ring, SDEV_EVENT_ENABLE, 0);
}

void sdev_ring_kick_never(struct sdev_ring *ring)
{
    ring->ops->set_event(ring, SDEV_EVENT_DISABLE, 0);
}

void sdev_ring_kick_after(struct sdev_ring *ring, uint16_t skip)
{
    ring->ops->set_event(ring, SDEV_EVENT_DESC, skip);
}

bool sdev_ring_kick_wanted(const struct sdev_ring *ring, uint64_t from, uint64_t to)
{
    return from != to && ring->ops->kick_wanted(ring, from, to);
}

bool sdev_ring_notify_data_ok(const struct sdev_ring *ring, uint16_t queue, uint64_t made,
                              uint32_t data)
{
    uint64_t num = ring->cfg.num;
    uint32_t next = sdev_ring_is_packed(ring)
                        ? (uint32_t)(made % num) | ((made / num) % 2 == 0 ? 0x8000u : 0)
                        : (uint32_t)(made & 0xffff);

    return data == (next << 16 | queue);
}

uint16_t sdev_ring_num(const struct sdev_ring *ring)
{
    return ring->cfg.num;
}

uint64_t sdev_ring_features(const struct sdev_ring *ring)
{
    return ring->cfg.features;
}

bool sdev_ring_is_packed(const struct sdev_ring *ring)
{
    return ring_has(ring, SDEV_F_RING_PACKED);
}

unsigned sdev_ring_outstanding(const struct sdev_ring *ring)
{
    return ring->outstanding;
}

uint64_t sdev_ring_fetched(const struct sdev_ring *ring)
{
    return ring->fetched;
}

uint64_t sdev_ring_used(const struct sdev_ring *ring)
{
    return ring->used;
}

uint16_t sdev_ring_next_used(const struct sdev_ring *ring)
{
    return (uint16_t)(ring->used % ring->cfg.num);
}

static size_t chain_copy(const struct sdev_chain *chain, bool writable, uint64_t offset,
                         uint8_t *out, const uint8_t *in, size_t len)
{
    size_t done = 0;

    for (uint32_t i = 0; i < chain->n_seg && done < len; i++) {
        const struct sdev_seg *seg = &chain->seg[i];

        if (seg->writable != writable || seg->host == NULL)
            continue;
        if (offset >= seg->len) {
            offset -= seg->len;
            continue;
        }

        size_t n = (size_t)(seg->len - offset);
        if (n > len - done)
            n = len - done;
        if (writable)
            memcpy(seg->host + offset, in + done, n);
        else
            memcpy(out + done, seg->host + offset, n);
        done += n;
        offset = 0;
    }
    return done;
}

size_t sdev_chain_read(const struct sdev_chain *chain, uint64_t offset, void *buf, size_t len)
{
    return chain_copy(chain, false, offset, buf, NULL, len);
}

size_t sdev_chain_write(const struct sdev_chain *chain, uint64_t offset, const void *buf,
                        size_t len)
{
    return chain_copy(chain, true, offset, NULL, buf, len);
}
