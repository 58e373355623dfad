// SPDX-License-Identifier: BSD-3-Clause
//
// The split ring (virtio 1.2, 2.7).
//
// Free descriptors and chains are linked by the private array `next`; the `next` fields in the
// descriptor table are written and never read. Without IN_ORDER the free list is a stack. With it,
// `next` stays the plain circle that it starts as, and descriptors are taken and given back in
// ring order, which is what 2.7.5 asks for.

#include "vq_private.h"

static const struct vq_ops split_ops;
static const struct vq_ops split_in_order_ops;

void vq_split_layout(uint16_t size, bool legacy, struct vq_layout *layout)
{
    // Legacy: the used ring starts on the next page and ends on one (virtio 1.2, 2.7.2). Else a
    // cache line of its own is enough to keep the two sides' writes apart.
    const size_t align = legacy ? 4096 : 64;
    const size_t avail_bytes = 6 + 2 * (size_t)size;
    const size_t used_bytes = 6 + 8 * (size_t)size;

    layout->driver = VQ_DESC_BYTES * (size_t)size;
    layout->device = (layout->driver + avail_bytes + align - 1) & ~(align - 1);
    layout->bytes = (layout->device + used_bytes + align - 1) & ~(align - 1);
}

void vq_split_start(struct vq *vq, const struct vq_layout *layout)
{
    struct vq_split *s = &vq->split;
    const uint16_t size = vq->size;

    s->desc = (struct vq_desc *)vq->ring;
    s->avail = (struct vq_avail *)(vq->ring + layout->driver);
    s->used = (struct vq_used *)(vq->ring + layout->device);
    s->used_event = &s->avail->ring[size];
    s->avail_event = (const uint16_t *)&s->used->ring[size];
    s->next = (uint16_t *)(vq->slots + size);
    s->mask = (uint16_t)(size - 1);
    for (uint32_t i = 0; i < size; i++)
        s->next[i] = (uint16_t)((i + 1) & s->mask);
    if (vq->features & VIO_BIT(VIO_F_IN_ORDER))
        vq->ops = &split_in_order_ops;
    else
        vq->ops = &split_ops;
}

// Takes descriptors for the buffer and fills them. On success `*tail` is the chain's last
// descriptor and the following free one becomes the head of the free list.
static inline enum vio_status split_chain(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                          uint32_t total, struct vq_sums *sums, uint16_t *tail)
{
    struct vq_split *s = &vq->split;
    const struct vq_sg *const end = sg + total;
    const struct vq_sg *const first_in = sg + out;
    const uint16_t *const next = s->next;
    struct vq_desc *const table = s->desc;
    uint64_t readable = 0;
    uint64_t writable = 0;
    uint64_t rest = 0;
    uint32_t last = 0;
    uint32_t i = s->free_head;

    if (VQ_UNLIKELY(total > vq->room))
        return VIO_E_FULL;
    for (; sg < first_in; sg++) {
        if (VQ_UNLIKELY(sg->len == 0))
            return VIO_E_ARG;
        readable += sg->len;
        last = i;
        i = next[i];
        table[last].addr = sg->pa;
        rest = (uint64_t)(i << 16 | VQ_DESC_NEXT) << 32 | sg->len;
        table[last].rest = rest;
    }
    for (; sg < end; sg++) {
        if (VQ_UNLIKELY(sg->len == 0))
            return VIO_E_ARG;
        writable += sg->len;
        last = i;
        i = next[i];
        table[last].addr = sg->pa;
        rest = (uint64_t)(i << 16 | VQ_DESC_NEXT | VQ_DESC_WRITE) << 32 | sg->len;
        table[last].rest = rest;
    }
    // `next` of the last descriptor is not zeroed: it means nothing without NEXT.
    table[last].rest = rest & ~((uint64_t)VQ_DESC_NEXT << 32);
    if (VQ_UNLIKELY((readable + writable) >> 32))
        return VIO_E_TOO_LONG;
    sums->writable = writable;
    s->free_head = (uint16_t)i;
    *tail = (uint16_t)last;
    return VIO_OK;
}

static enum vio_status split_indirect(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                      uint32_t total, const struct vq_table *table,
                                      struct vq_sums *sums)
{
    struct vq_split *s = &vq->split;
    struct vq_desc *desc = &s->desc[s->free_head];

    if (VQ_UNLIKELY(table->entries < total))
        return VIO_E_ARG;
    if (VQ_UNLIKELY(vq->room == 0))
        return VIO_E_FULL;
    if (VQ_UNLIKELY(!vq_table_fill(table->va, sg, out, total, true, sums)))
        return VIO_E_ARG;
    if (VQ_UNLIKELY((sums->readable + sums->writable) >> 32))
        return VIO_E_TOO_LONG;
    desc->addr = table->pa;
    desc->rest = (uint64_t)VQ_DESC_INDIRECT << 32 | total * VQ_DESC_BYTES;
    s->free_head = s->next[s->free_head];
    return VIO_OK;
}

static inline enum vio_status split_add_any(struct vq *vq, const struct vq_sg *sg, uint16_t out,
                                            uint16_t in, void *token, const struct vq_table *table,
                                            bool in_order)
{
    struct vq_split *s = &vq->split;
    const uint32_t total = (uint32_t)out + in;
    const uint16_t head = s->free_head;
    uint16_t tail = head;
    uint32_t count = total;
    struct vq_sums sums;
    struct vq_slot *slot;
    enum vio_status status;

    if (VQ_UNLIKELY(token == NULL || total - 1 >= vq->size))
        return vq_add_error(vq, total, token);
    if (table != NULL && total > 1 && vq->has_indirect) {
        status = split_indirect(vq, sg, out, total, table, &sums);
        count = 1;
    } else {
        status = split_chain(vq, sg, out, total, &sums, &tail);
    }
    if (VQ_UNLIKELY(status != VIO_OK))
        return status;
    vq->room = (uint16_t)(vq->room - count);
    vq->in_flight++;
    vq->added++;
    slot = &vq->slots[head];
    slot->token = token;
    slot->writable = (uint32_t)sums.writable;
    slot->count = (uint16_t)count;
    slot->link = in_order ? s->avail_idx : tail;
    vio_store16(&s->avail->ring[s->avail_idx & s->mask], head);
    s->avail_idx++;
    return VIO_OK;
}

static enum vio_status split_add(struct vq *vq, const struct vq_sg *sg, uint16_t out, uint16_t in,
                                 void *token, const struct vq_table *table)
{
    return split_add_any(vq, sg, out, in, token, table, false);
}

static enum vio_status split_in_order_add(struct vq *vq, const struct vq_sg *sg, uint16_t out,
                                          uint16_t in, void *token, const struct vq_table *table)
{
    return split_add_any(vq, sg, out, in, token, table, true);
}

static void split_publish(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t idx = s->avail_idx;

    if (idx == s->published)
        return;
    s->published = idx;
    vio_store16_release(&s->avail->idx, idx, vq->platform);
    vio_store16(&vq->next_off, idx);
}

static bool split_should_kick(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t now = s->published;
    const uint16_t before = s->kicked;
    bool kick;

    if (now == before)
        return false;
    s->kicked = now;
    // The device must see the new index before its wish is read, or both sides may sleep
    // (virtio 1.2, 2.7.13.4.1).
    vio_fence(vq->platform);
    if (vq->event_idx)
        kick = vq_passed(vio_load16(s->avail_event), now, before);
    else
        kick = !(vio_load16(&s->used->flags) & 1);
    vq->kicks += kick;
    return kick;
}

// Looks for used buffers beyond those already known. With interrupts on, "none" is only said after
// the device must have seen used_event, so that it will interrupt for the next one.
static inline bool split_look(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t last = s->last_used;
    uint16_t seen = vio_load16_acquire(&s->used->idx, vq->platform);

    if (seen == last) {
        if (!vq->irq_event || s->armed == last)
            return false;
        s->armed = last;
        vio_fence(vq->platform);
        seen = vio_load16_acquire(&s->used->idx, vq->platform);
        if (seen == last)
            return false;
    }
    if (VQ_VIOLATION((uint16_t)(seen - last) > (uint16_t)(s->published - last))) {
        vq_poison(vq, VQ_FAULT_USED_INDEX, seen, s->published);
        return false;
    }
    s->used_seen = seen;
    // The event has been passed. Should the index come to where it stood in a later turn without a
    // look that found nothing, that look needs a fence of its own.
    s->armed = (uint16_t)(last - 1);
    return true;
}

static inline void split_advance(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t last = (uint16_t)(s->last_used + 1);

    s->last_used = last;
    vq->in_flight--;
    if (vq->irq_event)
        vio_store16(s->used_event, last);
}

static void *split_pop(struct vq *vq, uint32_t *len)
{
    struct vq_split *s = &vq->split;
    const struct vq_used_elem *elem;
    struct vq_slot *slot;
    uint32_t id;
    uint32_t used_len;
    uint32_t count;

    // A device may only return what it was given: buffers added but not published are handed over
    // before its answers are looked at.
    if (VQ_UNLIKELY(s->avail_idx != s->published))
        split_publish(vq);
    if (s->last_used == s->used_seen && !split_look(vq))
        goto none;
    elem = &s->used->ring[s->last_used & s->mask];
    id = vio_load32(&elem->id);
    used_len = vio_load32(&elem->len);
    if (VQ_VIOLATION(id >= vq->size)) {
        vq_poison(vq, VQ_FAULT_USED_ID, id, vq->size);
        goto none;
    }
    slot = &vq->slots[id];
    count = slot->count;
    if (VQ_VIOLATION(count == 0)) {
        vq_poison(vq, VQ_FAULT_IDLE_ID, id, vq->size);
        goto none;
    }
    slot->count = 0;
    s->next[slot->link] = s->free_head;
    s->free_head = (uint16_t)id;
    vq->room = (uint16_t)(vq->room + count);
    if (VQ_VIOLATION(used_len > slot->writable)) {
        used_len = slot->writable;
        vq->clamped++;
    }
    split_advance(vq);
    *len = used_len;
    return slot->token;
none:
    *len = 0;
    return NULL;
}

// Reads the used entry of the next batch: it names the batch's last buffer, and those before it
// have no entry of their own (virtio 1.2, 2.7.9).
static bool split_next_batch(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const struct vq_used_elem *elem;
    uint32_t id;
    uint16_t count;

    if (s->last_used == s->used_seen && !split_look(vq))
        return false;
    elem = &s->used->ring[s->last_used & s->mask];
    id = vio_load32(&elem->id);
    if (VQ_VIOLATION(id >= vq->size)) {
        vq_poison(vq, VQ_FAULT_USED_ID, id, vq->size);
        return false;
    }
    if (VQ_VIOLATION(vq->slots[id].count == 0)) {
        vq_poison(vq, VQ_FAULT_IDLE_ID, id, vq->size);
        return false;
    }
    count = (uint16_t)(vq->slots[id].link - s->last_used + 1);
    if (VQ_VIOLATION(count > (uint16_t)(s->used_seen - s->last_used))) {
        vq_poison(vq, VQ_FAULT_IN_ORDER, count, (uint16_t)(s->used_seen - s->last_used));
        return false;
    }
    s->batch_left = count;
    s->batch_len = vio_load32(&elem->len);
    return true;
}

static void *split_in_order_pop(struct vq *vq, uint32_t *len)
{
    struct vq_split *s = &vq->split;
    struct vq_slot *slot;
    uint32_t used_len;

    if (VQ_UNLIKELY(s->avail_idx != s->published))
        split_publish(vq);
    if (s->batch_left == 0 && !split_next_batch(vq)) {
        *len = 0;
        return NULL;
    }
    s->batch_left--;
    slot = &vq->slots[s->oldest];
    // A skipped buffer counts as wholly used (virtio 1.2, 2.7.9).
    used_len = slot->writable;
    if (s->batch_left == 0) {
        if (VQ_VIOLATION(s->batch_len > used_len))
            vq->clamped++;
        else
            used_len = s->batch_len;
    }
    s->oldest = (uint16_t)((s->oldest + slot->count) & s->mask);
    vq->room = (uint16_t)(vq->room + slot->count);
    slot->count = 0;
    split_advance(vq);
    *len = used_len;
    return slot->token;
}

static bool split_pending(const struct vq *vq)
{
    const struct vq_split *s = &vq->split;

    return vio_load16_acquire(&s->used->idx, vq->platform) != s->last_used;
}

static void split_irq_off(struct vq *vq)
{
    struct vq_split *s = &vq->split;

    if (!vq->event_idx) {
        vio_store16(&s->avail->flags, 1);
        return;
    }
    // The flag must stay 0 with EVENT_IDX (virtio 1.2, 2.7.7.1): the event is put where the index
    // comes last.
    vq->irq_event = false;
    vio_store16(s->used_event, (uint16_t)(s->last_used - 1));
}

static bool split_irq_on(struct vq *vq, bool delayed)
{
    struct vq_split *s = &vq->split;
    const uint32_t flying = (uint16_t)(s->published - s->last_used);
    const uint32_t skip = delayed ? flying * 3 / 4 : 0;

    if (vq->event_idx) {
        vq->irq_event = !delayed;
        s->armed = s->last_used;
        vio_store16(s->used_event, (uint16_t)(s->last_used + skip));
    } else {
        vio_store16(&s->avail->flags, 0);
    }
    vio_fence(vq->platform);
    return split_pending(vq);
}

static const struct vq_ops split_ops = {
    .add = split_add,
    .publish = split_publish,
    .should_kick = split_should_kick,
    .pop = split_pop,
    .pending = split_pending,
    .irq_off = split_irq_off,
    .irq_on = split_irq_on,
};

static const struct vq_ops split_in_order_ops = {
    .add = split_in_order_add,
    .publish = split_publish,
    .should_kick = split_should_kick,
    .pop = split_in_order_pop,
    .pending = split_pending,
    .irq_off = split_irq_off,
    .irq_on = split_irq_on,
};
