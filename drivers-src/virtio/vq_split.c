// SPDX-License-Identifier: BSD-3-Clause
//
// The split ring (virtio 1.2, 2.7).
//
// A descriptor has a private slot, which holds where it is. Free descriptors and chains are linked
// through the slots; the `next` field of the shared descriptor is written whenever the private link
// changes and is never read, so adding a buffer need not write it again. Without IN_ORDER the free
// list is a stack. With it the links stay the plain circle that they start as, and descriptors are
// taken and given back in ring order, which is what 2.7.5 asks for.

#include "vq_private.h"

static const struct vq_ops split_ops[2][2];

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
    s->event_place = &s->avail->ring[size];
    s->used_event = vq->event_idx ? s->event_place : &s->no_event;
    s->avail_event = (const uint16_t *)&s->used->ring[size];
    s->mask = size - 1u;
    s->anchor.next = slot_of(vq, 0);
    for (uint32_t i = 0; i < size; i++) {
        const uint16_t next = (uint16_t)((i + 1) & s->mask);
        struct split_slot *const slot = slot_of(vq, i);

        slot->desc = &s->desc[i];
        slot->desc->next = next;
        slot->id = (uint16_t)i;
        slot->next = slot_of(vq, next);
    }
    vq->ops = split_ops[in_order][vq->event_idx];
}

// Takes `count` descriptors and enters the head of the free list for publication. False if there
// is no room, or nothing to add: the head of an empty free list is not free.
static VQ_INLINE bool enter(struct vq *vq, uint32_t count, void *token, bool in_order)
{
    struct vq_split *const s = &vq->split;
    struct split_slot *const head = s->anchor.next;
    const uint32_t room = vq->room;
    const uint32_t idx = s->avail_idx;

    if (VQ_UNLIKELY(count - 1 >= room))
        return false;
    vq->room = room - count;
    s->avail_idx = idx + 1;
    s->left = 0;
    head->token = token;
    head->count = (uint16_t)count;
    if (in_order)
        head->place = (uint16_t)idx;
    s->avail->ring[idx & s->mask] = head->id;
    return true;
}

// Undoes enter() for a buffer that turned out to be impossible.
static VQ_COLD enum vio_status take_back(struct vq *vq, enum vio_status status)
{
    struct split_slot *const head = vq->split.anchor.next;

    vq->split.avail_idx--;
    vq->room += head->count;
    head->token = NULL;
    return status;
}

// Ends an add: the chain up to `tail` leaves the free list.
static VQ_INLINE enum vio_status leave(struct vq *vq, struct split_slot *tail, uint64_t bytes,
                                       uint64_t readable, bool in_order)
{
    struct split_slot *const head = vq->split.anchor.next;

    if (VQ_UNLIKELY(bytes >> 32))
        return take_back(vq, VIO_E_TOO_LONG);
    head->writable = (uint32_t)(bytes - readable);
    if (!in_order)
        head->tail = tail;
    vq->split.anchor.next = tail->next;
    return VIO_OK;
}

// On an error the free descriptors have been scribbled on, and nothing else.
static VQ_INLINE enum vio_status add_direct(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                            uint32_t in, void *token, bool in_order)
{
    struct split_slot *slot = &vq->split.anchor;
    uint64_t bytes = 0;
    uint64_t readable;
    struct split_desc *desc;

    // First of all, so that the loops have the registers to themselves.
    if (VQ_UNLIKELY(!enter(vq, out + in, token, in_order)))
        return vq_add_error(vq, out + in);
    if (out != 0) {
        do {
            const uint32_t len = sg->len;

            if (VQ_UNLIKELY(len == 0))
                return take_back(vq, VIO_E_ARG);
            slot = slot->next;
            desc = slot->desc;
            bytes += len;
            desc->addr = sg->pa;
            desc->len = len;
            desc->flags = VQ_DESC_NEXT;
            sg++;
            VQ_COUNTER(out);
        } while (--out != 0);
        readable = bytes;
        if (in == 0) {
            desc->flags = 0;
            return leave(vq, slot, bytes, readable, in_order);
        }
    } else {
        readable = 0;
    }
    do {
        const uint32_t len = sg->len;

        if (VQ_UNLIKELY(len == 0))
            return take_back(vq, VIO_E_ARG);
        slot = slot->next;
        desc = slot->desc;
        bytes += len;
        desc->addr = sg->pa;
        desc->len = len;
        desc->flags = VQ_DESC_NEXT | VQ_DESC_WRITE;
        sg++;
        VQ_COUNTER(in);
    } while (--in != 0);
    desc->flags = VQ_DESC_WRITE;
    return leave(vq, slot, bytes, readable, in_order);
}

// One more in the `next` field of a descriptor's link.
#define TABLE_STEP ((uint32_t)1 << 16)

// As above, with the elements in an indirect table, where all but the last descriptor name their
// follower (virtio 1.2, 2.7.5.3).
static VQ_INLINE enum vio_status add_indirect(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                              uint32_t in, void *token, const struct vq_table *room,
                                              bool in_order)
{
    struct split_desc *desc;
    uint64_t bytes = 0;
    uint64_t readable = 0;
    uint32_t link = TABLE_STEP | VQ_DESC_NEXT;
    struct split_slot *slot;

    if (VQ_UNLIKELY(out + in > vq->size || vq->room == 0))
        return vq_add_error(vq, out + in);
    if (VQ_UNLIKELY(room->entries < out + in))
        return VIO_E_ARG;
    (void)enter(vq, 1, token, in_order);
    slot = vq->split.anchor.next;
    desc = slot->desc;
    desc->addr = room->pa;
    desc->len = (out + in) * VQ_DESC_BYTES;
    desc->flags = VQ_DESC_INDIRECT;
    desc = room->va;
    if (out != 0) {
        do {
            const uint32_t len = sg->len;

            if (VQ_UNLIKELY(len == 0))
                return take_back(vq, VIO_E_ARG);
            bytes += len;
            desc->addr = sg->pa;
            vio_store32(&desc->len, len);
            vio_store32(&desc->link, link);
            link += TABLE_STEP;
            sg++;
            desc++;
            VQ_COUNTER(out);
        } while (--out != 0);
        readable = bytes;
        if (in == 0) {
            desc[-1].flags = 0;
            return leave(vq, slot, bytes, readable, in_order);
        }
    }
    link |= VQ_DESC_WRITE;
    do {
        const uint32_t len = sg->len;

        if (VQ_UNLIKELY(len == 0))
            return take_back(vq, VIO_E_ARG);
        bytes += len;
        desc->addr = sg->pa;
        vio_store32(&desc->len, len);
        vio_store32(&desc->link, link);
        link += TABLE_STEP;
        sg++;
        desc++;
        VQ_COUNTER(in);
    } while (--in != 0);
    desc[-1].flags = VQ_DESC_WRITE;
    return leave(vq, slot, bytes, readable, in_order);
}

// Adds a buffer that came with memory for a table: it is of use for more than one element.
static VQ_INLINE enum vio_status add_table(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                           uint32_t in, void *token, const struct vq_table *room,
                                           bool in_order)
{
    if (VQ_LIKELY(vq->has_indirect && out + in > 1))
        return add_indirect(vq, sg, out, in, token, room, in_order);
    return vq->ops.add(vq, sg, out, in, token, NULL);
}

static __attribute__((noinline)) enum vio_status
split_add_table(struct vq *vq, const struct vq_sg *sg, uint32_t out, uint32_t in, void *token,
                const struct vq_table *room)
{
    return add_table(vq, sg, out, in, token, room, false);
}

static __attribute__((noinline)) enum vio_status
split_add_table_in_order(struct vq *vq, const struct vq_sg *sg, uint32_t out, uint32_t in,
                         void *token, const struct vq_table *room)
{
    return add_table(vq, sg, out, in, token, room, true);
}

static enum vio_status split_add(struct vq *vq, const struct vq_sg *sg, uint32_t out, uint32_t in,
                                 void *token, const struct vq_table *room)
{
    if (VQ_UNLIKELY(token == NULL))
        return VIO_E_ARG;
    if (room != NULL)
        return split_add_table(vq, sg, out, in, token, room);
    return add_direct(vq, sg, out, in, token, false);
}

static enum vio_status split_add_in_order(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                          uint32_t in, void *token, const struct vq_table *room)
{
    if (VQ_UNLIKELY(token == NULL))
        return VIO_E_ARG;
    if (room != NULL)
        return split_add_table_in_order(vq, sg, out, in, token, room);
    return add_direct(vq, sg, out, in, token, true);
}

static void split_publish(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t idx = (uint16_t)s->avail_idx;

    vio_store16(&vq->published, idx);
    vio_store16_release(&s->avail->idx, idx, vq->platform);
}

// Whether the device wants to know, by a wish read after it must have seen the new index, or both
// sides may sleep (virtio 1.2, 2.7.13.4.1).
static bool split_should_kick_event(struct vq *vq)
{
    const uint16_t now = vq->published;
    const uint16_t before = vq->split.kicked;
    uint16_t event;

    vq->split.kicked = now;
    vio_fence(vq->platform);
    event = vio_load16(vq->split.avail_event);
    // The event lies among the indexes that were passed. Never so if none was.
    return (uint16_t)(event - before) < (uint16_t)(now - before);
}

static bool split_should_kick_flags(struct vq *vq)
{
    const uint16_t now = vq->published;
    const uint16_t before = vq->split.kicked;

    vq->split.kicked = now;
    vio_fence(vq->platform);
    return now != before && !(vio_load16(&vq->split.used->flags) & 1);
}

// Always false, for the caller to return.
static VQ_COLD bool poison(struct vq *vq, enum vq_fault fault, uint64_t value)
{
    vq_poison(vq, fault, value, fault == VQ_FAULT_USED_INDEX ? vq->published : vq->size);
    return false;
}

static VQ_COLD void *pop_poison(struct vq *vq, uint32_t *len, enum vq_fault fault, uint64_t value)
{
    *len = 0;
    (void)poison(vq, fault, value);
    return NULL;
}

// Learns how many used entries there are, as none of those known so far is left. False if none, or
// if the device claims to have used more than it was given. With interrupts on, "none" is only said
// after the device must have seen used_event, so that it will interrupt for the next one.
static VQ_COLD bool look(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t last = (uint16_t)vq->popped;
    uint16_t seen;

    if ((uint16_t)s->avail_idx != vq->published)
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
    s->left = (uint16_t)(seen - last);
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
    const struct split_used *const used = s->used;
    const struct split_used_elem *elem;
    struct split_slot *head;
    struct split_slot *tail;
    struct split_slot *next;
    uint32_t id;
    uint32_t used_len;
    void *token;

    if (s->left == 0) {
        // A device may only return what it was given: buffers added but not published are handed
        // over before its answers are looked at.
        const uint16_t given = (uint16_t)s->avail_idx;
        const uint16_t more =
            (uint16_t)(vio_load16_acquire(&used->idx, vq->platform) - (uint16_t)last);

        // Neither none, nor more than it was given.
        if (VQ_UNLIKELY(given != vq->published) ||
            VQ_UNLIKELY((uint16_t)(more - 1) >= (uint16_t)(given - last)))
            return pop_late(vq, len);
        s->left = more;
    }
    elem = &used->ring[(uint32_t)last & s->mask];
    id = vio_load32(&elem->id);
    used_len = vio_load32(&elem->len);
    if (VQ_VIOLATION(id >= vq->size))
        return pop_poison(vq, len, VQ_FAULT_USED_ID, id);
    head = slot_of(vq, id);
    token = head->token;
    if (VQ_VIOLATION(token == NULL))
        return pop_poison(vq, len, VQ_FAULT_IDLE_ID, id);
    head->token = NULL;
    s->left--;
    vq->popped = last + 1;
    // A new interrupt is asked for if this points into the ring.
    vio_store16(s->used_event, (uint16_t)(last + 1));
    vq->room += head->count;
    if (VQ_VIOLATION(used_len > head->writable)) {
        used_len = head->writable;
        vq->clamped++;
    }
    *len = used_len;
    // The chain goes before the rest of the free list.
    next = s->anchor.next;
    tail = head->tail;
    tail->next = next;
    tail->desc->next = next->id;
    s->anchor.next = head;
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

    if (s->left == 0 && !look(vq))
        return false;
    elem = &s->used->ring[last & s->mask];
    id = vio_load32(&elem->id);
    if (VQ_VIOLATION(id >= vq->size))
        return poison(vq, VQ_FAULT_USED_ID, id);
    head = slot_of(vq, id);
    if (VQ_VIOLATION(head->token == NULL))
        return poison(vq, VQ_FAULT_IDLE_ID, id);
    count = (uint16_t)(head->place - last + 1);
    if (VQ_VIOLATION(count > s->left))
        return poison(vq, VQ_FAULT_IN_ORDER, id);
    s->left -= count;
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
    if (VQ_UNLIKELY((uint16_t)s->avail_idx != vq->published))
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

#define SPLIT_OPS(add_fn, kick_fn, pop_fn)                                                    \
    {                                                                                         \
        .add = (add_fn), .publish = split_publish, .should_kick = (kick_fn), .pop = (pop_fn), \
        .pending = split_pending, .irq_off = split_irq_off, .irq_on = split_irq_on,           \
        .in_flight = split_in_flight, .take = split_take,                                     \
    }

// By IN_ORDER and EVENT_IDX.
static const struct vq_ops split_ops[2][2] = {
    {SPLIT_OPS(split_add, split_should_kick_flags, split_pop),
     SPLIT_OPS(split_add, split_should_kick_event, split_pop)},
    {SPLIT_OPS(split_add_in_order, split_should_kick_flags, split_pop_in_order),
     SPLIT_OPS(split_add_in_order, split_should_kick_event, split_pop_in_order)},
};
