// SPDX-License-Identifier: BSD-3-Clause
//
// The split ring (virtio 1.2, 2.7).
//
// A descriptor has a private slot beside it. Free descriptors and chains are linked through the
// slots; the `next` field of the shared descriptor is written whenever the private link changes
// and is never read, so adding a buffer need not write it again. Without IN_ORDER the free list is
// a stack. With it the links stay the plain circle that they start as, and descriptors are taken
// and given back in ring order, which is what 2.7.5 asks for.
//
// Inside of this file a descriptor is named by its offset in the table (16 times its index): both
// the table and the slots, which are twice as large, are reached from that without a
// multiplication.

#include "vq_private.h"

enum {
    AT_SHIFT = 4,
    SLOT_PER_AT = 2,
};

// Private state of a descriptor. All but `next` belongs to the buffer whose head it is.
struct split_slot {
    union {
        void *token; // NULL: the device does not have such a buffer
        uint64_t token_space;
    };
    uint32_t writable; // bytes in elements that the device may write
    uint32_t count;    // descriptors in the chain
    uint32_t tail;     // the chain's last descriptor
    uint32_t next;     // the following descriptor of a chain or of the free list
    uint32_t place;    // in order: place in the available ring
    uint32_t unused;
};

_Static_assert(sizeof(struct split_slot) == SLOT_PER_AT * sizeof(struct split_desc),
               "see AT_SHIFT");

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

static VQ_INLINE struct split_slot *slot_at(struct vq *vq, size_t at)
{
    return (struct split_slot *)((uint8_t *)(vq + 1) + at * SLOT_PER_AT);
}

static VQ_INLINE struct split_desc *desc_at(struct split_desc *table, size_t at)
{
    return (struct split_desc *)((uint8_t *)table + at);
}

// Lets `next` follow `at`.
static VQ_INLINE void set_link(struct vq *vq, uint32_t at, uint32_t next)
{
    slot_at(vq, at)->next = next;
    desc_at(vq->split.desc, at)->next = (uint16_t)(next >> AT_SHIFT);
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
    for (uint32_t i = 0; i < size; i++)
        set_link(vq, i << AT_SHIFT, ((i + 1) & s->mask) << AT_SHIFT);
    vq->ops = split_ops[in_order][vq->event_idx];
}

// Enters the filled chain that starts at `at`, the head of the free list, for publication.
static VQ_INLINE void enter(struct vq *vq, uint32_t at, uint32_t count, void *token, bool in_order)
{
    struct vq_split *s = &vq->split;
    struct split_slot *const head = slot_at(vq, at);
    const uint32_t idx = s->avail_idx;

    vq->room -= count;
    s->avail_idx = (uint16_t)(idx + 1);
    head->token = token;
    head->count = count;
    if (in_order)
        head->place = idx;
    s->avail->ring[idx & s->mask] = (uint16_t)(at >> AT_SHIFT);
}

// Undoes enter() for a buffer that turned out to be impossible.
static VQ_COLD enum vio_status take_back(struct vq *vq, enum vio_status status)
{
    struct vq_split *s = &vq->split;
    struct split_slot *const head = slot_at(vq, s->free);

    s->avail_idx--;
    vq->room += head->count;
    head->token = NULL;
    return status;
}

// On an error the free descriptors have been scribbled on, and nothing else.
static VQ_INLINE enum vio_status add_direct(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                            uint32_t in, void *token, bool in_order)
{
    struct vq_split *s = &vq->split;
    struct split_desc *const table = s->desc;
    struct split_slot *const head = slot_at(vq, s->free);
    size_t at = s->free;
    size_t tail = at;
    uint64_t bytes = 0;
    uint64_t readable;

    if (VQ_UNLIKELY(out + in - 1 >= vq->room))
        return vq_add_error(vq, out + in);
    // First of all, so that the loops have the registers to themselves.
    enter(vq, s->free, out + in, token, in_order);
    if (out != 0) {
        do {
            struct split_desc *const desc = desc_at(table, at);
            const uint64_t len = sg->len;

            if (VQ_UNLIKELY(len == 0))
                return take_back(vq, VIO_E_ARG);
            bytes += len;
            desc->addr = sg->pa;
            desc->len = (uint32_t)len;
            desc->flags = VQ_DESC_NEXT;
            tail = at;
            at = slot_at(vq, at)->next;
            sg++;
            VQ_COUNTER(out);
        } while (--out != 0);
    }
    readable = bytes;
    if (in != 0) {
        do {
            struct split_desc *const desc = desc_at(table, at);
            const uint64_t len = sg->len;

            if (VQ_UNLIKELY(len == 0))
                return take_back(vq, VIO_E_ARG);
            bytes += len;
            desc->addr = sg->pa;
            desc->len = (uint32_t)len;
            desc->flags = VQ_DESC_NEXT | VQ_DESC_WRITE;
            tail = at;
            at = slot_at(vq, at)->next;
            sg++;
            VQ_COUNTER(in);
        } while (--in != 0);
        desc_at(table, tail)->flags = VQ_DESC_WRITE;
    } else {
        desc_at(table, tail)->flags = 0;
    }
    if (VQ_UNLIKELY(bytes >> 32))
        return take_back(vq, VIO_E_TOO_LONG);
    head->writable = (uint32_t)(bytes - readable);
    head->tail = (uint32_t)tail;
    s->free = (uint32_t)at;
    return VIO_OK;
}

// One more in the `next` field of a descriptor's second word.
#define TABLE_STEP ((uint64_t)1 << 48)

// As above, with the elements in an indirect table, where all but the last descriptor name their
// follower (virtio 1.2, 2.7.5.3).
static __attribute__((noinline)) enum vio_status add_indirect(struct vq *vq, const struct vq_sg *sg,
                                                              uint32_t out, uint32_t in,
                                                              void *token,
                                                              const struct vq_table *room)
{
    struct vq_split *s = &vq->split;
    struct split_slot *const head = slot_at(vq, s->free);
    struct split_desc *desc = desc_at(s->desc, s->free);
    const uint32_t count = out + in;
    uint64_t bytes = 0;
    uint64_t readable;
    uint64_t link = TABLE_STEP | (uint64_t)VQ_DESC_NEXT << 32;

    if (VQ_UNLIKELY(count > vq->size || vq->room == 0))
        return vq_add_error(vq, count);
    if (VQ_UNLIKELY(room->entries < count))
        return VIO_E_ARG;
    enter(vq, s->free, 1, token, true);
    desc->addr = room->pa;
    desc->len = count * VQ_DESC_BYTES;
    desc->flags = VQ_DESC_INDIRECT;
    desc = room->va;
    if (out != 0) {
        do {
            const uint64_t len = sg->len;

            if (VQ_UNLIKELY(len == 0))
                return take_back(vq, VIO_E_ARG);
            bytes += len;
            desc->addr = sg->pa;
            desc->rest = link | len;
            link += TABLE_STEP;
            sg++;
            desc++;
        } while (--out != 0);
    }
    readable = bytes;
    if (in != 0) {
        link |= (uint64_t)VQ_DESC_WRITE << 32;
        do {
            const uint64_t len = sg->len;

            if (VQ_UNLIKELY(len == 0))
                return take_back(vq, VIO_E_ARG);
            bytes += len;
            desc->addr = sg->pa;
            desc->rest = link | len;
            link += TABLE_STEP;
            sg++;
            desc++;
        } while (--in != 0);
        desc[-1].flags = VQ_DESC_WRITE;
    } else {
        desc[-1].flags = 0;
    }
    if (VQ_UNLIKELY(bytes >> 32))
        return take_back(vq, VIO_E_TOO_LONG);
    head->writable = (uint32_t)(bytes - readable);
    head->tail = s->free;
    s->free = head->next;
    return VIO_OK;
}

static VQ_INLINE enum vio_status add_any(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                         uint32_t in, void *token, const struct vq_table *room,
                                         bool in_order)
{
    if (VQ_UNLIKELY(token == NULL))
        return VIO_E_ARG;
    if (room != NULL && out + in > 1 && vq->has_indirect)
        return add_indirect(vq, sg, out, in, token, room);
    return add_direct(vq, sg, out, in, token, in_order);
}

static enum vio_status split_add(struct vq *vq, const struct vq_sg *sg, uint32_t out, uint32_t in,
                                 void *token, const struct vq_table *room)
{
    return add_any(vq, sg, out, in, token, room, false);
}

static enum vio_status split_add_in_order(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                          uint32_t in, void *token, const struct vq_table *room)
{
    return add_any(vq, sg, out, in, token, room, true);
}

static void split_publish(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t idx = s->avail_idx;

    vio_store16(&vq->published, idx);
    vio_store16_release(&s->avail->idx, idx, vq->platform);
}

// Notes that the device may look at what was published, and how far the index moved since the last
// time. The device must see the new index before its wish is read, or both sides may sleep (virtio
// 1.2, 2.7.13.4.1).
static VQ_INLINE uint16_t published_since(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t before = s->kicked;

    s->kicked = vq->published;
    vio_fence(vq->platform);
    return (uint16_t)(vq->published - before);
}

static bool split_should_kick_event(struct vq *vq)
{
    const uint16_t moved = published_since(vq);
    const uint16_t event = vio_load16(vq->split.avail_event);

    // The event lies among the last `moved` indexes. Never so if it did not move.
    return (uint16_t)(vq->published - event - 1) < moved;
}

static bool split_should_kick_flags(struct vq *vq)
{
    const uint16_t moved = published_since(vq);

    return moved != 0 && !(vio_load16(&vq->split.used->flags) & 1);
}

// Reads the used index anew, as none of the used buffers known so far is left. With interrupts on,
// "none" is only said after the device must have seen used_event, so that it will interrupt for the
// next one.
static VQ_INLINE uint16_t look(struct vq *vq, uint16_t last)
{
    struct vq_split *s = &vq->split;
    uint16_t seen = vio_load16_acquire(&s->used->idx, vq->platform);

    if (VQ_UNLIKELY(seen == last) && s->used_event != &s->no_event) {
        vio_fence(vq->platform);
        seen = vio_load16_acquire(&s->used->idx, vq->platform);
    }
    return seen;
}

// Whether the device claims to have used more than it was given.
static VQ_INLINE bool runs_ahead(const struct vq *vq, uint16_t seen, uint16_t last)
{
    return VQ_VIOLATION((uint16_t)(seen - last) > (uint16_t)(vq->published - last));
}

static VQ_COLD void *pop_poison(struct vq *vq, enum vq_fault fault, uint64_t value)
{
    vq_poison(vq, fault, value, fault == VQ_FAULT_USED_INDEX ? vq->published : vq->size);
    return NULL;
}

static void *split_pop(struct vq *vq, uint32_t *len)
{
    struct vq_split *const s = &vq->split;
    const uint32_t last = s->last_used;
    const struct split_used_elem *elem;
    struct split_slot *head;
    uint32_t used_len;
    size_t at;
    void *token;

    // Stands if nothing is popped.
    *len = 0;
    // A device may only return what it was given: buffers added but not published are handed over
    // before its answers are looked at.
    if (VQ_UNLIKELY(s->avail_idx != vq->published))
        split_publish(vq);
    if (last == s->used_seen) {
        const uint16_t seen = look(vq, (uint16_t)last);

        if (seen == last)
            return NULL;
        if (runs_ahead(vq, seen, (uint16_t)last))
            return pop_poison(vq, VQ_FAULT_USED_INDEX, seen);
        s->used_seen = seen;
    }
    elem = &s->used->ring[last & s->mask];
    at = vio_load32(&elem->id);
    used_len = vio_load32(&elem->len);
    if (VQ_VIOLATION(at >= vq->size))
        return pop_poison(vq, VQ_FAULT_USED_ID, at);
    at <<= AT_SHIFT;
    head = slot_at(vq, at);
    token = head->token;
    if (VQ_VIOLATION(token == NULL))
        return pop_poison(vq, VQ_FAULT_IDLE_ID, at >> AT_SHIFT);
    head->token = NULL;
    s->last_used = (uint16_t)(last + 1);
    // A new interrupt is asked for if this points into the ring.
    vio_store16(s->used_event, (uint16_t)(last + 1));
    vq->popped++;
    vq->room += head->count;
    set_link(vq, head->tail, s->free);
    s->free = (uint32_t)at;
    if (VQ_VIOLATION(used_len > head->writable)) {
        used_len = head->writable;
        vq->clamped++;
    }
    *len = used_len;
    return token;
}

// Reads the used entry of the next batch: it names the batch's last buffer, and those before it
// have no entry of their own (virtio 1.2, 2.7.9).
static bool next_batch(struct vq *vq)
{
    struct vq_split *s = &vq->split;
    const uint16_t last = s->last_used;
    const struct split_used_elem *elem;
    const struct split_slot *head;
    uint16_t count;
    uint32_t id;

    if (last == s->used_seen) {
        const uint16_t seen = look(vq, last);

        if (seen == last)
            return false;
        if (runs_ahead(vq, seen, last))
            return pop_poison(vq, VQ_FAULT_USED_INDEX, seen) != NULL;
        s->used_seen = seen;
    }
    elem = &s->used->ring[last & s->mask];
    id = vio_load32(&elem->id);
    if (VQ_VIOLATION(id >= vq->size))
        return pop_poison(vq, VQ_FAULT_USED_ID, id) != NULL;
    head = slot_at(vq, id << AT_SHIFT);
    if (VQ_VIOLATION(head->token == NULL))
        return pop_poison(vq, VQ_FAULT_IDLE_ID, id) != NULL;
    count = (uint16_t)(head->place - last + 1);
    if (VQ_VIOLATION(count > (uint16_t)(s->used_seen - last)))
        return pop_poison(vq, VQ_FAULT_IN_ORDER, id) != NULL;
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
    head = slot_at(vq, s->oldest);
    // A skipped buffer counts as wholly used (virtio 1.2, 2.7.9).
    used_len = head->writable;
    if (s->batch_left == 0) {
        if (VQ_VIOLATION(s->batch_len > used_len))
            vq->clamped++;
        else
            used_len = s->batch_len;
    }
    s->oldest = slot_at(vq, head->tail)->next;
    s->last_used++;
    vq->popped++;
    vq->room += head->count;
    token = head->token;
    head->token = NULL;
    vio_store16(s->used_event, s->last_used);
    *len = used_len;
    return token;
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
    // comes last, and pops move a dummy instead.
    s->used_event = &s->no_event;
    vio_store16(s->event_place, (uint16_t)(s->last_used - 1));
}

static bool split_irq_on(struct vq *vq, bool delayed)
{
    struct vq_split *s = &vq->split;
    const uint32_t flying = (uint16_t)(vq->published - s->last_used);
    const uint32_t skip = delayed ? flying * 3 / 4 : 0;

    if (vq->event_idx) {
        s->used_event = delayed ? &s->no_event : s->event_place;
        vio_store16(s->event_place, (uint16_t)(s->last_used + skip));
    } else {
        vio_store16(&s->avail->flags, 0);
    }
    vio_fence(vq->platform);
    return split_pending(vq);
}

static uint16_t split_in_flight(const struct vq *vq)
{
    return (uint16_t)(vq->split.avail_idx - vq->split.last_used);
}

static void *split_take(struct vq *vq, uint32_t index)
{
    struct split_slot *head = slot_at(vq, index << AT_SHIFT);
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
