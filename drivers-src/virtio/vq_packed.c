// SPDX-License-Identifier: BSD-3-Clause
//
// The packed ring (virtio 1.2, 2.8).
//
// Both sides walk the descriptor ring in a circle. A batch of buffers is written with all flags
// but those of its very first descriptor, where the device waits; vq_publish() writes those.
// Buffer ids index the private slots. Without IN_ORDER free ids are a stack; with it they are
// given out in a circle, so the oldest buffer in flight is known without asking the ring.

#include "vq_private.h"

enum {
    PACKED_AVAIL = 1 << 7,
    PACKED_USED = 1 << 15,
    PACKED_BOTH = PACKED_AVAIL | PACKED_USED,
};

// Event suppression (virtio 1.2, 2.8.10): flags in the high half of the word, and the wrap
// counter's place in the low half.
enum {
    EVENT_ENABLE = 0,
    EVENT_DISABLE = 1,
    EVENT_DESC = 2,
    EVENT_FLAGS_MASK = 3,
    EVENT_WRAP = 0x8000,
    EVENT_OFFSET_MASK = 0x7fff,
    EVENT_NOWHERE = 0x10000, // no place in the ring
};

static const struct vq_ops packed_ops;
static const struct vq_ops packed_in_order_ops;

// The fields of `rest`: flags over id over len.
static inline uint64_t packed_rest(uint32_t flags, uint32_t id, uint32_t len)
{
    return (uint64_t)(flags << 16 | id) << 32 | len;
}

static inline uint16_t *packed_flags(struct vq_desc *desc)
{
    return (uint16_t *)&desc->rest + 3;
}

void vq_packed_layout(uint16_t size, struct vq_layout *layout)
{
    // The two event words lie on cache lines of their own, as one side writes each of them.
    layout->driver = (VQ_DESC_BYTES * (size_t)size + 63) & ~(size_t)63;
    layout->device = layout->driver + 64;
    layout->bytes = layout->device + 64;
}

void vq_packed_start(struct vq *vq, const struct vq_layout *layout)
{
    struct vq_packed *p = &vq->packed;

    p->desc = (struct vq_desc *)vq->ring;
    p->driver_event = (uint32_t *)(vq->ring + layout->driver);
    p->device_event = (const uint32_t *)(vq->ring + layout->device);
    p->avail_flags = PACKED_AVAIL;
    p->used_flags = PACKED_BOTH;
    p->armed = EVENT_WRAP;
    vq->next_off = EVENT_WRAP;
    for (uint32_t i = 0; i < vq->size; i++)
        vq->slots[i].link = (uint16_t)(i + 1 < vq->size ? i + 1 : 0);
    if (vq->features & VIO_BIT(VIO_F_IN_ORDER))
        vq->ops = &packed_in_order_ops;
    else
        vq->ops = &packed_ops;
    if (vq->event_idx)
        vio_store32(p->driver_event, (uint32_t)EVENT_DESC << 16 | EVENT_WRAP);
}

// Makes the descriptor at `place` available, or, if the device waits just there, notes what will.
// The rest of the chain has been written.
static inline void packed_hand_over(struct vq *vq, uint32_t place, uint32_t flags)
{
    struct vq_packed *p = &vq->packed;

    if (p->unpublished == 0) {
        p->first = (uint16_t)place;
        p->first_flags = (uint16_t)flags;
    } else {
        vio_store16_release(packed_flags(&p->desc[place]), (uint16_t)flags, vq->platform);
    }
}

// Writes the head of a chain that will have `flags`. Until it is handed over it must look neither
// available nor used, and the opposite pattern does neither. The device may be looking at it.
static inline void packed_write_head(struct vq_desc *desc, uint64_t pa, uint32_t len,
                                     uint32_t flags, uint32_t id)
{
    uint32_t *rest = (uint32_t *)&desc->rest;

    desc->addr = pa;
    vio_store32(rest, len);
    vio_store32(rest + 1, (flags ^ PACKED_BOTH) << 16 | id);
}

// Takes back the descriptors from behind the head to before `end` that a refused chain has left
// looking available: the device would come upon them after the next buffer. At most size steps.
static __attribute__((cold, noinline)) void packed_take_back(struct vq *vq, uint32_t end)
{
    struct vq_packed *p = &vq->packed;
    uint32_t flags = p->avail_flags;
    uint32_t place = p->next_avail;

    for (;;) {
        if (++place == vq->size) {
            place = 0;
            flags ^= PACKED_BOTH;
        }
        if (place == end)
            break;
        p->desc[place].rest = packed_rest(flags ^ PACKED_BOTH, 0, 0);
    }
}

// Fills descriptors for the buffer from next_avail on and hands them over.
static inline enum vio_status packed_chain(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                           uint32_t total, uint32_t id, uint32_t *writable_bytes)
{
    struct vq_packed *p = &vq->packed;
    struct vq_desc *const ring = p->desc;
    const struct vq_sg *const end = sg + total;
    const struct vq_sg *const first_in = sg + out;
    const uint32_t size = vq->size;
    const uint32_t head = p->next_avail;
    uint32_t flags = p->avail_flags;
    uint32_t head_flags = flags | (out == 0 ? VQ_DESC_WRITE : 0) | (total > 1 ? VQ_DESC_NEXT : 0);
    uint32_t place = head;
    uint32_t last = head;
    uint64_t readable = out ? sg->len : 0;
    uint64_t writable = out ? 0 : sg->len;

    if (VQ_UNLIKELY(total > vq->room))
        return VIO_E_FULL;
    if (VQ_UNLIKELY(sg->len == 0))
        return VIO_E_ARG;
    packed_write_head(&ring[place], sg->pa, sg->len, head_flags, id);
    if (++place == size) {
        place = 0;
        flags ^= PACKED_BOTH;
    }
    if (++sg < end) {
        uint64_t rest = 0;

        flags |= VQ_DESC_NEXT;
        for (; sg < first_in; sg++) {
            if (VQ_UNLIKELY(sg->len == 0)) {
                packed_take_back(vq, place);
                return VIO_E_ARG;
            }
            readable += sg->len;
            last = place;
            ring[place].addr = sg->pa;
            rest = packed_rest(flags, id, sg->len);
            ring[place].rest = rest;
            if (++place == size) {
                place = 0;
                flags ^= PACKED_BOTH;
            }
        }
        flags |= VQ_DESC_WRITE;
        for (; sg < end; sg++) {
            if (VQ_UNLIKELY(sg->len == 0)) {
                packed_take_back(vq, place);
                return VIO_E_ARG;
            }
            writable += sg->len;
            last = place;
            ring[place].addr = sg->pa;
            rest = packed_rest(flags, id, sg->len);
            ring[place].rest = rest;
            if (++place == size) {
                place = 0;
                flags ^= PACKED_BOTH;
            }
        }
        ring[last].rest = rest & ~packed_rest(VQ_DESC_NEXT, 0, 0);
    }
    if (VQ_UNLIKELY((readable + writable) >> 32)) {
        packed_take_back(vq, place);
        return VIO_E_TOO_LONG;
    }
    packed_hand_over(vq, head, head_flags);
    p->next_avail = (uint16_t)place;
    p->avail_flags = (uint16_t)(flags & PACKED_BOTH);
    *writable_bytes = (uint32_t)writable;
    return VIO_OK;
}

static inline enum vio_status packed_indirect(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                              uint32_t total, uint32_t id,
                                              const struct vq_table *table,
                                              uint32_t *writable_bytes)
{
    struct vq_packed *p = &vq->packed;
    const uint32_t place = p->next_avail;
    const uint32_t flags = p->avail_flags | VQ_DESC_INDIRECT;
    struct vq_sums sums;

    if (VQ_UNLIKELY(table->entries < total))
        return VIO_E_ARG;
    if (VQ_UNLIKELY(vq->room == 0))
        return VIO_E_FULL;
    if (VQ_UNLIKELY(!vq_table_fill(table->va, sg, out, total, false, &sums)))
        return VIO_E_ARG;
    if (VQ_UNLIKELY((sums.readable + sums.writable) >> 32))
        return VIO_E_TOO_LONG;
    packed_write_head(&p->desc[place], table->pa, total * VQ_DESC_BYTES, flags, id);
    packed_hand_over(vq, place, flags);
    if (place + 1 == vq->size) {
        p->next_avail = 0;
        p->avail_flags ^= PACKED_BOTH;
    } else {
        p->next_avail = (uint16_t)(place + 1);
    }
    *writable_bytes = (uint32_t)sums.writable;
    return VIO_OK;
}

static enum vio_status packed_add(struct vq *vq, const struct vq_sg *sg, uint16_t out, uint16_t in,
                                  void *token, const struct vq_table *table)
{
    struct vq_packed *p = &vq->packed;
    const uint32_t total = (uint32_t)out + in;
    const uint32_t id = p->free_id;
    uint32_t count = total;
    uint32_t writable;
    struct vq_slot *slot;
    enum vio_status status;

    if (VQ_UNLIKELY(token == NULL || total - 1 >= vq->size))
        return vq_add_error(vq, total, token);
    if (table != NULL && total > 1 && vq->has_indirect) {
        status = packed_indirect(vq, sg, out, total, id, table, &writable);
        count = 1;
    } else {
        status = packed_chain(vq, sg, out, total, id, &writable);
    }
    if (VQ_UNLIKELY(status != VIO_OK))
        return status;
    p->unpublished = (uint16_t)(p->unpublished + count);
    vq->room = (uint16_t)(vq->room - count);
    vq->in_flight++;
    vq->added++;
    slot = &vq->slots[id];
    slot->token = token;
    slot->writable = writable;
    slot->count = (uint16_t)count;
    p->free_id = slot->link;
    return VIO_OK;
}

static void packed_publish(struct vq *vq)
{
    struct vq_packed *p = &vq->packed;
    const uint16_t count = p->unpublished;

    if (count == 0)
        return;
    vio_store16_release(packed_flags(&p->desc[p->first]), p->first_flags, vq->platform);
    p->unpublished = 0;
    p->unkicked = (uint16_t)(p->unkicked + count);
    // The wrap counter is 1 in laps where AVAIL is set.
    vio_store16(&vq->next_off, (uint16_t)((p->avail_flags & PACKED_AVAIL) << 8 | p->next_avail));
}

static bool packed_should_kick(struct vq *vq)
{
    struct vq_packed *p = &vq->packed;
    const uint16_t count = p->unkicked;
    uint16_t event;
    uint32_t word;
    bool kick;

    if (count == 0)
        return false;
    p->unkicked = 0;
    // The device must see the new flags before its wish is read, or both sides may sleep
    // (virtio 1.2, 2.8.21.3.1).
    vio_fence(vq->platform);
    word = vio_load32(p->device_event);
    switch (word >> 16 & EVENT_FLAGS_MASK) {
    case EVENT_DISABLE:
        kick = false;
        break;
    case EVENT_DESC:
        // Offsets are compared as distances; one from the lap before lies `size` further back.
        event = (uint16_t)(word & EVENT_OFFSET_MASK);
        if ((word ^ vq->next_off) & EVENT_WRAP)
            event = (uint16_t)(event - vq->size);
        kick = !vq->event_idx || vq_passed(event, vq->next_off & EVENT_OFFSET_MASK,
                                           (uint16_t)((vq->next_off & EVENT_OFFSET_MASK) - count));
        break;
    default:
        kick = true; // enabled, or the reserved value: a doorbell too many does no harm
        break;
    }
    vq->kicks += kick;
    return kick;
}

// Whether the device has used the descriptor at next_used.
static inline bool packed_used(const struct vq *vq)
{
    const struct vq_packed *p = &vq->packed;
    const uint16_t flags = vio_load16_acquire(packed_flags(&p->desc[p->next_used]), vq->platform);

    return (flags & PACKED_BOTH) == p->used_flags;
}

// Where the device writes next, as offset and wrap counter.
static inline uint16_t packed_used_off(const struct vq_packed *p)
{
    return (uint16_t)(p->next_used | (p->used_flags & EVENT_WRAP));
}

// Looks for a used descriptor. With interrupts on, "none" is only said after the device must have
// seen the event offset, so that it will interrupt for the next one.
static inline bool packed_look(struct vq *vq)
{
    struct vq_packed *p = &vq->packed;
    uint16_t off;

    if (VQ_LIKELY(packed_used(vq)))
        return true;
    off = packed_used_off(p);
    if (!vq->irq_event || p->armed == off)
        return false;
    p->armed = off;
    vio_fence(vq->platform);
    return packed_used(vq);
}

// Gives back the buffer's descriptors and moves to where the device writes next.
static inline void packed_advance(struct vq *vq, struct vq_slot *slot)
{
    struct vq_packed *p = &vq->packed;
    uint32_t place = (uint32_t)p->next_used + slot->count;

    if (place >= vq->size) {
        place -= vq->size;
        p->used_flags ^= PACKED_BOTH;
        // Places come again two laps later; what was fenced for this one does not count then.
        p->armed = EVENT_NOWHERE;
    }
    p->next_used = (uint16_t)place;
    vq->room = (uint16_t)(vq->room + slot->count);
    vq->in_flight--;
    slot->count = 0;
    if (vq->irq_event)
        vio_store32(p->driver_event, (uint32_t)EVENT_DESC << 16 | packed_used_off(p));
}

// Reads what the device wrote into a used descriptor, each field once.
static inline void packed_read_used(const struct vq_desc *desc, uint32_t *id, uint32_t *len)
{
    *len = vio_load32((const uint32_t *)&desc->rest);
    *id = vio_load16((const uint16_t *)&desc->rest + 2);
}

static void *packed_pop(struct vq *vq, uint32_t *len)
{
    struct vq_packed *p = &vq->packed;
    struct vq_slot *slot;
    uint32_t id;
    uint32_t used_len;

    // A device may only return what it was given: buffers added but not published are handed over
    // before its answers are looked at.
    if (VQ_UNLIKELY(p->unpublished != 0))
        packed_publish(vq);
    if (!packed_look(vq))
        goto none;
    packed_read_used(&p->desc[p->next_used], &id, &used_len);
    if (VQ_VIOLATION(id >= vq->size)) {
        vq_poison(vq, VQ_FAULT_USED_ID, id, vq->size);
        goto none;
    }
    slot = &vq->slots[id];
    if (VQ_VIOLATION(slot->count == 0)) {
        vq_poison(vq, VQ_FAULT_IDLE_ID, id, vq->size);
        goto none;
    }
    slot->link = p->free_id;
    p->free_id = (uint16_t)id;
    packed_advance(vq, slot);
    // The length counts whether or not the device has set WRITE: some leave the flag out, and a
    // buffer without writable elements cuts it to 0 anyway.
    if (VQ_VIOLATION(used_len > slot->writable)) {
        used_len = slot->writable;
        vq->clamped++;
    }
    *len = used_len;
    return slot->token;
none:
    *len = 0;
    return NULL;
}

// Reads the used descriptor of the next batch: it names the batch's last buffer, and those before
// it have none of their own (virtio 1.2, 2.8.8).
static bool packed_next_batch(struct vq *vq)
{
    struct vq_packed *p = &vq->packed;
    uint32_t id;

    if (!packed_look(vq))
        return false;
    packed_read_used(&p->desc[p->next_used], &id, &p->batch_len);
    if (VQ_VIOLATION(id >= vq->size)) {
        vq_poison(vq, VQ_FAULT_USED_ID, id, vq->size);
        return false;
    }
    if (VQ_VIOLATION(vq->slots[id].count == 0)) {
        vq_poison(vq, VQ_FAULT_IDLE_ID, id, vq->size);
        return false;
    }
    // Ids in flight run from `oldest` upwards in a circle, so this one is among them.
    p->batch_left = (uint16_t)(id - p->oldest + 1);
    if (id < p->oldest)
        p->batch_left = (uint16_t)(p->batch_left + vq->size);
    return true;
}

static void *packed_in_order_pop(struct vq *vq, uint32_t *len)
{
    struct vq_packed *p = &vq->packed;
    struct vq_slot *slot;
    uint32_t used_len;

    if (VQ_UNLIKELY(p->unpublished != 0))
        packed_publish(vq);
    if (p->batch_left == 0 && !packed_next_batch(vq)) {
        *len = 0;
        return NULL;
    }
    p->batch_left--;
    slot = &vq->slots[p->oldest];
    // A skipped buffer counts as wholly used (virtio 1.2, 2.8.8).
    used_len = slot->writable;
    if (p->batch_left == 0) {
        if (VQ_VIOLATION(p->batch_len > used_len))
            vq->clamped++;
        else
            used_len = p->batch_len;
    }
    p->oldest = slot->link;
    packed_advance(vq, slot);
    *len = used_len;
    return slot->token;
}

static bool packed_pending(const struct vq *vq)
{
    return vq->packed.batch_left != 0 || packed_used(vq);
}

static void packed_irq_off(struct vq *vq)
{
    vq->irq_event = false;
    vio_store32(vq->packed.driver_event, (uint32_t)EVENT_DISABLE << 16);
}

static bool packed_irq_on(struct vq *vq, bool delayed)
{
    struct vq_packed *p = &vq->packed;
    const uint32_t flying = (uint32_t)(vq->size - vq->room - p->unpublished);
    uint16_t off = packed_used_off(p);
    uint32_t place;

    if (!vq->event_idx) {
        vio_store32(p->driver_event, (uint32_t)EVENT_ENABLE << 16);
    } else {
        vq->irq_event = !delayed;
        p->armed = off;
        place = p->next_used + (delayed ? flying * 3 / 4 : 0);
        if (place >= vq->size)
            off = (uint16_t)((place - vq->size) | (~p->used_flags & EVENT_WRAP));
        else
            off = (uint16_t)(place | (p->used_flags & EVENT_WRAP));
        vio_store32(p->driver_event, (uint32_t)EVENT_DESC << 16 | off);
    }
    vio_fence(vq->platform);
    return packed_pending(vq);
}

static const struct vq_ops packed_ops = {
    .add = packed_add,
    .publish = packed_publish,
    .should_kick = packed_should_kick,
    .pop = packed_pop,
    .pending = packed_pending,
    .irq_off = packed_irq_off,
    .irq_on = packed_irq_on,
};

static const struct vq_ops packed_in_order_ops = {
    .add = packed_add,
    .publish = packed_publish,
    .should_kick = packed_should_kick,
    .pop = packed_in_order_pop,
    .pending = packed_pending,
    .irq_off = packed_irq_off,
    .irq_on = packed_irq_on,
};
