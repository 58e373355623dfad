// SPDX-License-Identifier: BSD-3-Clause
//
// The split ring (virtio 1.2, 2.7).
//
// A descriptor has a private slot. Free descriptors and chains are linked through the slots, by
// what a descriptor's last word holds while another one follows: NEXT and that one's index. It is
// copied into the descriptor when a buffer is added, and never read back. Without IN_ORDER the free
// list is a stack. With it the links stay the plain circle that they start as, and descriptors are
// taken and given back in ring order, which is what 2.7.5 asks for.
//
// Most buffers have at most three elements, so those shapes have no loop: add_short() is made once
// for each. It takes only what nothing is wrong with, and leaves the rest to add_long(), which
// takes anything.

#include "vq_private.h"

// One more in the index part of a link.
#define LINK_STEP ((uint32_t)1 << 16)

static const struct vq_ops split_ops[2][2];
static const vq_add_fn split_adds[2][VQ_ADD_WAYS];

size_t vq_split_slot_bytes(void)
{
    return sizeof(struct split_slot);
}

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

// Offset in the descriptor table of the descriptor that a link leads to: all flags are below
// bit 12.
static VQ_INLINE size_t follow(size_t link)
{
    return link >> 12;
}

static VQ_INLINE struct split_desc *desc_at(const struct vq *vq, size_t at)
{
    return (struct split_desc *)((uint8_t *)vq->split.desc + at);
}

// Slots are twice as long as descriptors, which is what addressing modes can do.
static VQ_INLINE struct split_slot *slot_at(struct vq *vq, size_t at)
{
    uint8_t *base = (uint8_t *)vq + 2 * at;

    return (struct split_slot *)(base + offsetof(struct vq, slots));
}

static VQ_INLINE struct split_slot *slot_of(struct vq *vq, uint32_t id)
{
    return (struct split_slot *)vq->slots + id;
}

void vq_split_start(struct vq *vq, const struct vq_layout *layout)
{
    struct vq_split *s = &vq->split;
    const uint16_t size = vq->size;
    const bool in_order = vq->features & VIO_BIT(VIO_F_IN_ORDER);

    s->desc = (struct split_desc *)vq->ring;
    s->avail = (struct split_avail *)(vq->ring + layout->driver);
    s->used = (struct split_used *)(vq->ring + layout->device);
    s->places = s->avail->ring;
    s->event_place = &s->avail->ring[size];
    s->used_event = vq->event_idx ? s->event_place : &s->no_event;
    s->avail_event = (const uint16_t *)&s->used->ring[size];
    s->mask = size - 1u;
    s->used_mask = s->mask * sizeof(struct split_used_elem);
    for (uint32_t i = 0; i < size; i++) {
        struct split_slot *const slot = slot_of(vq, i);

        slot->self = LINK_STEP * i | VQ_DESC_NEXT;
        slot->link = LINK_STEP * ((i + 1) & s->mask) | VQ_DESC_NEXT;
    }
    s->free = slot_of(vq, 0)->self;
    vq->ops = split_ops[in_order][vq->event_idx];
    vq->ops.add = split_adds[in_order][vq_add_way(vq)];
}

// Ends an add: the filled chain of `count` descriptors from the head of the free list to `tail`
// leaves the list and is entered for publication.
static VQ_INLINE enum vio_status enter(struct vq *vq, size_t link, size_t tail, uint32_t count,
                                       uint32_t writable, void *token, bool in_order)
{
    struct vq_split *const s = &vq->split;
    struct split_slot *const head = slot_at(vq, follow(link));
    const uint32_t idx = s->avail_idx;

    head->token = token;
    head->writable = writable;
    head->count = count;
    if (in_order)
        head->place = idx;
    else
        head->tail = (uint32_t)tail;
    vio_store16(&s->places[idx & s->mask], (uint16_t)(link >> 16));
    s->avail_idx++;
    vq->room -= count;
    s->free = slot_at(vq, tail)->link;
    return VIO_OK;
}

static VQ_INLINE void put(struct split_desc *desc, uint64_t pa, uint32_t len, uint32_t link)
{
    desc->addr = pa;
    vio_store32(&desc->len, len);
    vio_store32(&desc->link, link);
}

// Writes `count` elements from the free descriptor `*at` on, with `flags` and NEXT, and moves `*at`
// and `*tail`, the last one written. Returns their bytes, or VQ_EMPTY.
static VQ_INLINE uint64_t put_chain(struct vq *vq, const struct vq_sg *sg, uint32_t count,
                                    uint32_t flags, size_t *at, size_t *tail)
{
    uint64_t bytes = 0;

    for (; count != 0; count--) {
        const uint32_t link = slot_at(vq, *at)->link;
        const uint32_t len = sg->len;

        if (VQ_UNLIKELY(len == 0))
            return VQ_EMPTY;
        bytes += len;
        put(desc_at(vq, *at), sg->pa, len, link | flags);
        *tail = *at;
        *at = follow(link);
        sg++;
    }
    return bytes;
}

// Adds a buffer of any shape. On an error free descriptors have been scribbled on, and nothing
// else.
static VQ_INLINE enum vio_status add_chain(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                           uint32_t in, void *token, bool in_order)
{
    const uint32_t head = vq->split.free;
    size_t at = follow(head);
    size_t tail = at;
    uint64_t bytes;
    uint64_t writable;

    if (VQ_UNLIKELY(!vq_fits(vq, out + in, out + in)))
        return vq_add_error(vq, out + in);
    bytes = put_chain(vq, sg, out, 0, &at, &tail);
    writable = put_chain(vq, sg + out, in, VQ_DESC_WRITE, &at, &tail);
    bytes += writable;
    if (VQ_UNLIKELY(bytes >> 32))
        return vq_sum_error(bytes);
    vio_store32(&desc_at(vq, tail)->link, in != 0 ? VQ_DESC_WRITE : 0);
    return enter(vq, head, tail, out + in, (uint32_t)writable, token, in_order);
}

// As put_chain(), into an indirect table, where all but the last descriptor name their follower
// (virtio 1.2, 2.7.5.3): the first one by `link`.
static VQ_INLINE uint64_t put_table(struct split_desc *desc, const struct vq_sg *sg, uint32_t count,
                                    uint32_t link)
{
    uint64_t bytes = 0;

    for (; count != 0; count--) {
        const uint32_t len = sg->len;

        if (VQ_UNLIKELY(len == 0))
            return VQ_EMPTY;
        bytes += len;
        put(desc, sg->pa, len, link);
        link += LINK_STEP;
        desc++;
        sg++;
    }
    return bytes;
}

static VQ_INLINE enum vio_status add_long_table(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                                uint32_t in, void *token,
                                                const struct vq_table *table, bool in_order)
{
    const uint32_t head = vq->split.free;
    const uint32_t count = out + in;
    struct split_desc *const desc = table->va;
    uint64_t bytes;
    uint64_t writable;

    if (VQ_UNLIKELY(!vq_fits(vq, count, 1)))
        return vq_add_error(vq, count);
    if (VQ_UNLIKELY(table->entries < count))
        return VIO_E_ARG;
    bytes = put_table(desc, sg, out, LINK_STEP | VQ_DESC_NEXT);
    writable =
        put_table(desc + out, sg + out, in, LINK_STEP * (out + 1) | VQ_DESC_NEXT | VQ_DESC_WRITE);
    bytes += writable;
    if (VQ_UNLIKELY(bytes >> 32))
        return vq_sum_error(bytes);
    vio_store32(&desc[count - 1].link, in != 0 ? VQ_DESC_WRITE : 0);
    put(desc_at(vq, follow(head)), table->pa, count * VQ_DESC_BYTES, VQ_DESC_INDIRECT);
    return enter(vq, head, follow(head), 1, (uint32_t)writable, token, in_order);
}

static VQ_APART enum vio_status split_add_long(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                               uint32_t in, void *token,
                                               const struct vq_table *table)
{
    if (table != NULL && out + in > 1)
        return add_long_table(vq, sg, out, in, token, table, false);
    return add_chain(vq, sg, out, in, token, false);
}

static VQ_APART enum vio_status split_add_long_in_order(struct vq *vq, const struct vq_sg *sg,
                                                        uint32_t out, uint32_t in, void *token,
                                                        const struct vq_table *table)
{
    if (table != NULL && out + in > 1)
        return add_long_table(vq, sg, out, in, token, table, true);
    return add_chain(vq, sg, out, in, token, true);
}

static VQ_INLINE enum vio_status add_long(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                          uint32_t in, void *token, const struct vq_table *table,
                                          bool in_order)
{
    if (in_order)
        return split_add_long_in_order(vq, sg, out, in, token, table);
    return split_add_long(vq, sg, out, in, token, table);
}

static VQ_INLINE enum vio_status add_short_chain(struct vq *vq, const struct vq_sg *sg,
                                                 uint32_t out, uint32_t in, void *token,
                                                 bool in_order)
{
    const uint32_t count = out + in;
    const struct vq_lens len = vq_lens_of(sg, count);
    size_t head;
    size_t at;

    if (VQ_UNLIKELY(vq->room < count) || VQ_UNLIKELY(!vq_usual(len)))
        return add_long(vq, sg, out, in, token, NULL, in_order);
    head = vq->split.free;
    at = follow(head);
    if (count > 1) {
        const size_t link = slot_at(vq, at)->link;

        put(desc_at(vq, at), sg[0].pa, len.of[0], (uint32_t)link | (out > 0 ? 0 : VQ_DESC_WRITE));
        at = follow(link);
    }
    if (count > 2) {
        const size_t link = slot_at(vq, at)->link;

        put(desc_at(vq, at), sg[1].pa, len.of[1], (uint32_t)link | (out > 1 ? 0 : VQ_DESC_WRITE));
        at = follow(link);
    }
    put(desc_at(vq, at), sg[count - 1].pa, len.of[count - 1], in > 0 ? VQ_DESC_WRITE : 0);
    return enter(vq, head, at, count, vq_writable(len, out, in), token, in_order);
}

static VQ_INLINE enum vio_status add_short_table(struct vq *vq, const struct vq_sg *sg,
                                                 uint32_t out, uint32_t in, void *token,
                                                 const struct vq_table *table, bool in_order)
{
    const uint32_t count = out + in;
    const uint32_t second = 2 * LINK_STEP | VQ_DESC_NEXT;
    const struct vq_lens len = vq_lens_of(sg, count);
    struct split_desc *desc;
    size_t head;

    if (VQ_UNLIKELY(vq->room == 0) || VQ_UNLIKELY(table->entries < count) ||
        VQ_UNLIKELY(!vq_usual(len)))
        return add_long(vq, sg, out, in, token, table, in_order);
    desc = table->va;
    put(&desc[0], sg[0].pa, len.of[0], LINK_STEP | VQ_DESC_NEXT | (out > 0 ? 0 : VQ_DESC_WRITE));
    if (count > 2)
        put(&desc[1], sg[1].pa, len.of[1], second | (out > 1 ? 0 : VQ_DESC_WRITE));
    put(&desc[count - 1], sg[count - 1].pa, len.of[count - 1], in > 0 ? VQ_DESC_WRITE : 0);
    head = vq->split.free;
    put(desc_at(vq, follow(head)), table->pa, count * VQ_DESC_BYTES, VQ_DESC_INDIRECT);
    return enter(vq, head, follow(head), 1, vq_writable(len, out, in), token, in_order);
}

// Whether there is a table is a constant, `indirect`, so that each way has the registers to itself.
static VQ_INLINE enum vio_status add_short(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                           uint32_t in, void *token, const struct vq_table *table,
                                           bool indirect, bool in_order)
{
    if (indirect)
        return add_short_table(vq, sg, out, in, token, table, in_order);
    return add_short_chain(vq, sg, out, in, token, in_order);
}

// Buffers that go one way only. A single element needs no table.
static VQ_INLINE enum vio_status add_one_way(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                             uint32_t in, void *token, const struct vq_table *table,
                                             bool indirect, bool in_order)
{
    if (in == 0) {
        if (out == 1)
            return add_short_chain(vq, sg, 1, 0, token, in_order);
        if (out == 2)
            return add_short(vq, sg, 2, 0, token, table, indirect, in_order);
        if (out == 3)
            return add_short(vq, sg, 3, 0, token, table, indirect, in_order);
    } else if (out == 0) {
        if (in == 2)
            return add_short(vq, sg, 0, 2, token, table, indirect, in_order);
        if (in == 3)
            return add_short(vq, sg, 0, 3, token, table, indirect, in_order);
    }
    return add_long(vq, sg, out, in, token, table, in_order);
}

// These stand apart, so as not to lengthen the way of the others.
static VQ_APART enum vio_status split_add_one_way(struct vq *vq, const struct vq_sg *sg,
                                                  uint32_t out, uint32_t in, void *token,
                                                  const struct vq_table *table)
{
    if (table != NULL)
        return add_one_way(vq, sg, out, in, token, table, true, false);
    return add_one_way(vq, sg, out, in, token, NULL, false, false);
}

static VQ_APART enum vio_status split_add_one_way_in_order(struct vq *vq, const struct vq_sg *sg,
                                                           uint32_t out, uint32_t in, void *token,
                                                           const struct vq_table *table)
{
    if (table != NULL)
        return add_one_way(vq, sg, out, in, token, table, true, true);
    return add_one_way(vq, sg, out, in, token, NULL, false, true);
}

static VQ_INLINE enum vio_status add_by_shape(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                              uint32_t in, void *token,
                                              const struct vq_table *table, bool indirect,
                                              bool in_order)
{
    if (out == 1) {
        if (in == 1)
            return add_short(vq, sg, 1, 1, token, table, indirect, in_order);
        if (in == 2)
            return add_short(vq, sg, 1, 2, token, table, indirect, in_order);
    } else if (out == 2 && in == 1) {
        return add_short(vq, sg, 2, 1, token, table, indirect, in_order);
    } else if (!indirect && out == 0 && in == 1) {
        return add_short_chain(vq, sg, 0, 1, token, in_order);
    }
    if (in_order)
        return split_add_one_way_in_order(vq, sg, out, in, token, table);
    return split_add_one_way(vq, sg, out, in, token, table);
}

static VQ_INLINE enum vio_status add(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                     uint32_t in, void *token, const struct vq_table *table,
                                     bool in_order)
{
    if (VQ_UNLIKELY(token == NULL))
        return VIO_E_ARG;
    if (table != NULL)
        return add_by_shape(vq, sg, out, in, token, table, true, in_order);
    return add_by_shape(vq, sg, out, in, token, NULL, false, in_order);
}

static enum vio_status split_add(struct vq *vq, const struct vq_sg *sg, uint32_t out, uint32_t in,
                                 void *token, const struct vq_table *table)
{
    return add(vq, sg, out, in, token, table, false);
}

static enum vio_status split_add_in_order(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                          uint32_t in, void *token, const struct vq_table *table)
{
    return add(vq, sg, out, in, token, table, true);
}

// Without INDIRECT_DESC.
static enum vio_status split_add_direct(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                        uint32_t in, void *token, const struct vq_table *table)
{
    (void)table;
    return split_add(vq, sg, out, in, token, NULL);
}

static enum vio_status split_add_direct_in_order(struct vq *vq, const struct vq_sg *sg,
                                                 uint32_t out, uint32_t in, void *token,
                                                 const struct vq_table *table)
{
    (void)table;
    return split_add_in_order(vq, sg, out, in, token, NULL);
}

// To a queue that is shorter than a short buffer.
static enum vio_status split_add_small(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                       uint32_t in, void *token, const struct vq_table *table)
{
    return token == NULL ? VIO_E_ARG : split_add_long(vq, sg, out, in, token, table);
}

static enum vio_status split_add_small_in_order(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                                uint32_t in, void *token,
                                                const struct vq_table *table)
{
    return token == NULL ? VIO_E_ARG : split_add_long_in_order(vq, sg, out, in, token, table);
}

static void split_publish(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint32_t idx = s->avail_idx;

    vio_store16(&vq->published, (uint16_t)idx);
    vio_store16_release(&s->avail->idx, (uint16_t)idx, vq->platform);
}

// Publishes, and returns how many buffers that made since the last call.
static VQ_INLINE uint32_t count_moved(struct vq *vq)
{
    const uint32_t now = vq->split.avail_idx;
    const uint32_t before = vq->split.kicked;

    split_publish(vq);
    vq->split.kicked = now;
    return now - before;
}

// Whether the device wants to know, by a wish read after it must have seen the new index, or both
// sides may sleep (virtio 1.2, 2.7.13.4.1).
static bool split_should_kick_event(struct vq *vq)
{
    const uint16_t before = (uint16_t)vq->split.kicked;
    const uint32_t moved = count_moved(vq);

    vio_fence(vq->platform);
    // The event lies among the indexes that were passed. Never so if none was.
    return (uint16_t)(vio_load16(vq->split.avail_event) - before) < moved;
}

static bool split_should_kick_flags(struct vq *vq)
{
    const uint32_t moved = count_moved(vq);

    vio_fence(vq->platform);
    return moved != 0 && !(vio_load16(&vq->split.used->flags) & 1);
}

// Always false, for the caller to return.
static VQ_COLD bool poison(struct vq *vq, enum vq_fault fault, uint64_t value)
{
    vq_poison(vq, fault, value, fault == VQ_FAULT_USED_INDEX ? vq->published : vq->size);
    return false;
}

// Learns how many used entries there are, as none of those known so far is left. False if none, or
// if the device claims to have used more than it was given. With interrupts on, "none" is only said
// after the device must have seen used_event, so that it will interrupt for the next one.
static VQ_COLD bool look(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t last = (uint16_t)vq->popped;
    uint16_t seen;

    if (s->avail_idx != vq->published)
        split_publish(vq);
    seen = vio_load16_acquire(&s->used->idx, vq->platform);
    if (seen == last && s->used_event != &s->no_event) {
        vio_fence(vq->platform);
        seen = vio_load16_acquire(&s->used->idx, vq->platform);
    }
    if (seen == last)
        return false;
    if (VQ_VIOLATION((uint16_t)(seen - last) > (uint16_t)(vq->published - last)))
        return poison(vq, VQ_FAULT_USED_INDEX, seen);
    s->known = seen;
    return true;
}

// Pops where the short way of split_pop() did not do.
static VQ_COLD void *pop_late(struct vq *vq, uint32_t *len)
{
    *len = 0;
    return look(vq) ? vq->ops.pop(vq, len) : NULL;
}

static void *split_pop(struct vq *vq, uint32_t *len)
{
    struct vq_split *const s = &vq->split;
    const uint64_t last = vq->popped;
    const uint16_t given = s->avail_idx;
    const struct split_used *const used = s->used;
    const struct split_used_elem *elem;
    struct split_slot *head;
    uint32_t id;
    uint32_t used_len;
    void *token;

    // A device may only return what it was given: buffers added but not published are handed over
    // before its answers are looked at.
    if (VQ_UNLIKELY(given != vq->published))
        return pop_late(vq, len);
    // Nothing known is left, which under a light load is the rule.
    if (VQ_LIKELY(s->known == (uint16_t)last)) {
        const uint16_t seen = vio_load16_acquire(&used->idx, vq->platform);

        // It has some used, and no more than it was given, if fewer than before are left to it.
        if (VQ_UNLIKELY((uint16_t)(given - seen) >= (uint16_t)(given - last)))
            return pop_late(vq, len);
        s->known = seen;
    }
    elem = (const struct split_used_elem *)((const uint8_t *)used->ring +
                                            ((uint32_t)last * 8 & s->used_mask));
    id = vio_load32(&elem->id);
    used_len = vio_load32(&elem->len);
    if (VQ_VIOLATION(id >= vq->size))
        return vq_pop_poison(vq, len, VQ_FAULT_USED_ID, id);
    head = slot_at(vq, id * sizeof(struct split_desc));
    token = head->token;
    if (VQ_VIOLATION(token == NULL))
        return vq_pop_poison(vq, len, VQ_FAULT_IDLE_ID, head->self >> 16);
    head->token = NULL;
    vq->popped = last + 1;
    // A new interrupt is asked for if this points into the ring.
    vio_store16(s->used_event, (uint16_t)vq->popped);
    vq->room += head->count;
    if (VQ_VIOLATION(used_len > head->writable)) {
        used_len = head->writable;
        vq->clamped++;
    }
    *len = used_len;
    // The chain goes before the rest of the free list.
    slot_at(vq, head->tail)->link = s->free;
    s->free = head->self;
    return token;
}

// Reads the used entry of the next batch: it names the batch's last buffer, and those before it
// have no entry of their own (virtio 1.2, 2.7.9).
static bool next_batch(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t last = (uint16_t)vq->popped;
    const struct split_used_elem *elem;
    const struct split_slot *head;
    uint16_t count;
    uint32_t id;

    if (s->known == last && !look(vq))
        return false;
    elem = &s->used->ring[last & s->mask];
    id = vio_load32(&elem->id);
    if (VQ_VIOLATION(id >= vq->size))
        return poison(vq, VQ_FAULT_USED_ID, id);
    head = slot_of(vq, id);
    if (VQ_VIOLATION(head->token == NULL))
        return poison(vq, VQ_FAULT_IDLE_ID, id);
    count = (uint16_t)(head->place - last + 1);
    if (VQ_VIOLATION(count > (uint16_t)(s->known - last)))
        return poison(vq, VQ_FAULT_IN_ORDER, id);
    s->batch_left = count;
    s->batch_len = vio_load32(&elem->len);
    return true;
}

static void *split_pop_in_order(struct vq *vq, uint32_t *len)
{
    struct vq_split *s = &vq->split;
    struct split_slot *head;
    uint32_t used_len;
    void *token;

    *len = 0;
    if (VQ_UNLIKELY(s->avail_idx != vq->published))
        split_publish(vq);
    if (s->batch_left == 0 && !next_batch(vq))
        return NULL;
    s->batch_left--;
    head = slot_of(vq, s->oldest);
    // A skipped buffer counts as wholly used (virtio 1.2, 2.7.9).
    used_len = head->writable;
    if (s->batch_left == 0) {
        if (VQ_VIOLATION(s->batch_len > used_len))
            vq->clamped++;
        else
            used_len = s->batch_len;
    }
    s->oldest = (s->oldest + head->count) & s->mask;
    vq->popped++;
    vq->room += head->count;
    token = head->token;
    head->token = NULL;
    vio_store16(s->used_event, (uint16_t)vq->popped);
    *len = used_len;
    return token;
}

static bool split_pending(const struct vq *vq)
{
    const struct vq_split *s = &vq->split;

    return vio_load16_acquire(&s->used->idx, vq->platform) != (uint16_t)vq->popped;
}

static void split_irq_off(struct vq *vq)
{
    struct vq_split *s = &vq->split;

    if (!vq->event_idx) {
        vio_store16(&s->avail->flags, 1);
        return;
    }
    // The flag must stay 0 with EVENT_IDX (virtio 1.2, 2.7.7.1): the event is put where the index
    // comes last, and pops move a dummy instead.
    s->used_event = &s->no_event;
    vio_store16(s->event_place, (uint16_t)(vq->popped - 1));
}

static bool split_irq_on(struct vq *vq, bool delayed)
{
    struct vq_split *s = &vq->split;
    const uint32_t flying = (uint16_t)(vq->published - vq->popped);
    const uint32_t skip = delayed ? flying * 3 / 4 : 0;

    if (vq->event_idx) {
        s->used_event = delayed ? &s->no_event : s->event_place;
        vio_store16(s->event_place, (uint16_t)(vq->popped + skip));
    } else {
        vio_store16(&s->avail->flags, 0);
    }
    vio_fence(vq->platform);
    return split_pending(vq);
}

static uint16_t split_in_flight(const struct vq *vq)
{
    return (uint16_t)(vq->split.avail_idx - vq->popped);
}

static void *split_take(struct vq *vq, uint32_t index)
{
    struct split_slot *head = slot_of(vq, index);
    void *token = head->token;

    head->token = NULL;
    return token;
}

#define SPLIT_OPS(kick_fn, pop_fn)                                                  \
    {                                                                               \
        .publish = split_publish, .should_kick = (kick_fn), .pop = (pop_fn),        \
        .pending = split_pending, .irq_off = split_irq_off, .irq_on = split_irq_on, \
        .in_flight = split_in_flight, .take = split_take,                           \
    }

// By IN_ORDER and EVENT_IDX, without `add`.
static const struct vq_ops split_ops[2][2] = {
    {SPLIT_OPS(split_should_kick_flags, split_pop), SPLIT_OPS(split_should_kick_event, split_pop)},
    {SPLIT_OPS(split_should_kick_flags, split_pop_in_order),
     SPLIT_OPS(split_should_kick_event, split_pop_in_order)},
};

// By IN_ORDER.
static const vq_add_fn split_adds[2][VQ_ADD_WAYS] = {
    {
        [VQ_ADD_USUAL] = split_add,
        [VQ_ADD_DIRECT] = split_add_direct,
        [VQ_ADD_SMALL] = split_add_small,
    },
    {
        [VQ_ADD_USUAL] = split_add_in_order,
        [VQ_ADD_DIRECT] = split_add_direct_in_order,
        [VQ_ADD_SMALL] = split_add_small_in_order,
    },
};
