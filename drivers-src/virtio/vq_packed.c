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

// Flags in the high half of a descriptor's tail.
#define TAIL_NEXT  ((uint32_t)VQ_DESC_NEXT << 16)
#define TAIL_WRITE ((uint32_t)VQ_DESC_WRITE << 16)
#define TAIL_LAP   ((uint32_t)PACKED_BOTH << 16)

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

// Private state of a buffer, by id.
struct packed_slot {
    union {
        void *token; // NULL: the device does not have such a buffer
        uint64_t token_space;
    };
    uint32_t writable; // bytes in elements that the device may write
    uint16_t count;    // ring descriptors it takes
    uint16_t next;     // next free id; in order: the id after this one
};

static const struct vq_ops packed_ops[2][2];

size_t vq_packed_slot_bytes(void)
{
    return sizeof(struct packed_slot);
}

void vq_packed_layout(uint16_t size, struct vq_layout *layout)
{
    // The two event words lie on cache lines of their own, as one side writes each of them.
    layout->driver = (VQ_DESC_BYTES * (size_t)size + 63) & ~(size_t)63;
    layout->device = layout->driver + 64;
    layout->bytes = layout->device + 64;
}

static VQ_INLINE struct packed_slot *slot_of(struct vq *vq, uint32_t id)
{
    return (struct packed_slot *)vq->slots + id;
}

void vq_packed_start(struct vq *vq, const struct vq_layout *layout)
{
    struct vq_packed *p = &vq->packed;

    p->desc = (struct packed_desc *)vq->ring;
    p->event_place = (uint32_t *)(vq->ring + layout->driver);
    p->driver_event = vq->event_idx ? p->event_place : &p->no_event;
    p->device_event = (const uint32_t *)(vq->ring + layout->device);
    p->avail_flags = PACKED_AVAIL;
    p->used_flags = PACKED_BOTH;
    p->used_event = (uint32_t)EVENT_DESC << 16 | EVENT_WRAP;
    p->end = p->desc + vq->size;
    p->next = p->desc;
    p->used = p->desc;
    vq->published = EVENT_WRAP;
    for (uint32_t i = 0; i < vq->size; i++)
        slot_of(vq, i)->next = (uint16_t)(i + 1 < vq->size ? i + 1 : 0);
    vq->ops = packed_ops[(vq->features & VIO_BIT(VIO_F_IN_ORDER)) != 0][vq->event_idx];
    vio_store32(p->driver_event, p->used_event);
}

// Takes a slot and room for a buffer of `count` descriptors.
static VQ_INLINE void enter(struct vq *vq, uint32_t count, uint32_t id, void *token)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_slot *const slot = slot_of(vq, id);

    p->free_id = slot->next;
    slot->token = token;
    slot->count = (uint16_t)count;
    p->added++;
    vq->room -= count;
}

// Makes the filled chain from `head` on available by `flags`, at once, or, if the device waits just
// there, by vq_publish().
static VQ_INLINE void hand_over(struct vq *vq, struct packed_desc *head, uint32_t flags,
                                uint32_t count)
{
    struct vq_packed *const p = &vq->packed;

    if (p->unpublished == 0) {
        p->first = head;
        p->first_flags = (uint16_t)flags;
    } else {
        vio_store16_release(&head->flags, (uint16_t)flags, vq->platform);
    }
    p->unpublished += count;
}

// Undoes enter() for the buffer `id` that turned out to be impossible.
static VQ_COLD enum vio_status take_back(struct vq *vq, uint32_t id, enum vio_status status)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_slot *const slot = slot_of(vq, id);

    p->free_id = id;
    p->added--;
    vq->room += slot->count;
    slot->token = NULL;
    return status;
}

// The place after `desc`. At the ring's end `*tail`, which holds flags and id, changes its lap.
static VQ_INLINE struct packed_desc *step(const struct vq_packed *p, struct packed_desc *desc,
                                          uint32_t *tail)
{
    if (VQ_LIKELY(++desc != p->end))
        return desc;
    *tail ^= TAIL_LAP;
    return p->desc;
}

// Also hides the descriptors of a refused chain, from behind the head to before `end`: they look
// available, and the device would come upon them after the next buffer. At most size steps.
static VQ_COLD enum vio_status refuse_chain(struct vq *vq, uint32_t id,
                                            const struct packed_desc *end, enum vio_status status)
{
    struct vq_packed *const p = &vq->packed;
    uint32_t tail = (uint32_t)p->avail_flags << 16;
    struct packed_desc *desc = step(p, p->next, &tail);

    while (desc != end) {
        desc->tail = tail ^ TAIL_LAP;
        desc = step(p, desc, &tail);
    }
    return take_back(vq, id, status);
}

// On an error free descriptors have been scribbled on, and nothing else.
static VQ_INLINE enum vio_status add_direct(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                            uint32_t in, void *token)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_desc *const head = p->next;
    const uint32_t id = p->free_id;
    struct packed_slot *const slot = slot_of(vq, id);
    uint32_t tail = (uint32_t)p->avail_flags << 16 | id;
    struct packed_desc *desc;
    struct packed_desc *last = head;
    uint32_t head_flags;
    uint32_t last_tail = 0;
    uint64_t bytes = sg->len;
    uint64_t readable;

    if (VQ_UNLIKELY(out + in - 1 >= vq->room))
        return vq_add_error(vq, out + in);
    if (VQ_UNLIKELY(bytes == 0))
        return VIO_E_ARG;
    // First of all, so that the loops have the registers to themselves.
    enter(vq, out + in, id, token);
    if (out + in > 1)
        tail |= TAIL_NEXT;
    if (out == 0)
        tail |= TAIL_WRITE;
    head_flags = tail >> 16;
    // The flags of the head stay as the lap before left them, neither available nor used in this
    // one, until it is handed over: the device may be looking at them.
    head->addr = sg->pa;
    head->len = (uint32_t)bytes;
    head->id = (uint16_t)id;
    desc = step(p, head, &tail);
    sg++;
    if (out != 0) {
        for (out--; out != 0; out--) {
            const uint32_t len = sg->len;

            if (VQ_UNLIKELY(len == 0))
                return refuse_chain(vq, id, desc, VIO_E_ARG);
            bytes += len;
            desc->addr = sg->pa;
            vio_store32(&desc->len, len);
            vio_store32(&desc->tail, tail);
            last = desc;
            last_tail = tail;
            desc = step(p, desc, &tail);
            sg++;
            VQ_COUNTER(out);
        }
        readable = bytes;
        tail |= TAIL_WRITE;
    } else {
        readable = 0;
        in--;
    }
    for (; in != 0; in--) {
        const uint32_t len = sg->len;

        if (VQ_UNLIKELY(len == 0))
            return refuse_chain(vq, id, desc, VIO_E_ARG);
        bytes += len;
        desc->addr = sg->pa;
        vio_store32(&desc->len, len);
        vio_store32(&desc->tail, tail);
        last = desc;
        last_tail = tail;
        desc = step(p, desc, &tail);
        sg++;
        VQ_COUNTER(in);
    }
    if (last != head)
        last->tail = last_tail & ~TAIL_NEXT;
    if (VQ_UNLIKELY(bytes >> 32))
        return refuse_chain(vq, id, desc, VIO_E_TOO_LONG);
    slot->writable = (uint32_t)(bytes - readable);
    hand_over(vq, head, head_flags, slot->count);
    p->next = desc;
    p->avail_flags = (uint16_t)(tail >> 16 & PACKED_BOTH);
    return VIO_OK;
}

// As above, with the elements in an indirect table: WRITE is its only flag, and descriptors follow
// one another without being named (virtio 1.2, 2.8.7).
static __attribute__((noinline)) enum vio_status add_indirect(struct vq *vq, const struct vq_sg *sg,
                                                              uint32_t out, uint32_t in,
                                                              void *token,
                                                              const struct vq_table *room)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_desc *const head = p->next;
    struct packed_desc *desc = room->va;
    const uint32_t id = p->free_id;
    uint32_t tail = (uint32_t)p->avail_flags << 16;
    uint64_t bytes = 0;
    uint64_t readable;

    if (VQ_UNLIKELY(out + in <= 1 || !vq->has_indirect))
        return vq->ops.add(vq, sg, out, in, token, NULL);
    if (VQ_UNLIKELY(out + in > vq->size || vq->room == 0))
        return vq_add_error(vq, out + in);
    if (VQ_UNLIKELY(room->entries < out + in))
        return VIO_E_ARG;
    enter(vq, 1, id, token);
    head->addr = room->pa;
    head->len = (out + in) * VQ_DESC_BYTES;
    head->id = (uint16_t)id;
    for (; out != 0; out--) {
        const uint32_t len = sg->len;

        if (VQ_UNLIKELY(len == 0))
            return take_back(vq, id, VIO_E_ARG);
        bytes += len;
        desc->addr = sg->pa;
        vio_store32(&desc->len, len);
        vio_store32(&desc->tail, 0);
        sg++;
        desc++;
        VQ_COUNTER(out);
    }
    readable = bytes;
    for (; in != 0; in--) {
        const uint32_t len = sg->len;

        if (VQ_UNLIKELY(len == 0))
            return take_back(vq, id, VIO_E_ARG);
        bytes += len;
        desc->addr = sg->pa;
        vio_store32(&desc->len, len);
        vio_store32(&desc->tail, TAIL_WRITE);
        sg++;
        desc++;
        VQ_COUNTER(in);
    }
    if (VQ_UNLIKELY(bytes >> 32))
        return take_back(vq, id, VIO_E_TOO_LONG);
    slot_of(vq, id)->writable = (uint32_t)(bytes - readable);
    hand_over(vq, head, p->avail_flags | VQ_DESC_INDIRECT, 1);
    p->next = step(p, head, &tail);
    p->avail_flags = (uint16_t)(tail >> 16);
    return VIO_OK;
}

static enum vio_status packed_add(struct vq *vq, const struct vq_sg *sg, uint32_t out, uint32_t in,
                                  void *token, const struct vq_table *table)
{
    if (VQ_UNLIKELY(token == NULL))
        return VIO_E_ARG;
    if (table != NULL)
        return add_indirect(vq, sg, out, in, token, table);
    return add_direct(vq, sg, out, in, token);
}

static void packed_publish(struct vq *vq)
{
    struct vq_packed *const p = &vq->packed;
    const uint32_t count = p->unpublished;

    if (count == 0)
        return;
    p->unpublished = 0;
    p->unkicked += count;
    // The wrap counter is 1 in laps where AVAIL is set.
    vio_store16(&vq->published,
                (uint16_t)((p->avail_flags & PACKED_AVAIL) << 8 | (p->next - p->desc)));
    vio_store16_release(&p->first->flags, p->first_flags, vq->platform);
}

// Asks for the device's wish, which it must have put down with the new flags in sight, or both
// sides may sleep (virtio 1.2, 2.8.21.3.1).
static VQ_INLINE uint32_t read_wish(struct vq *vq, uint16_t *moved)
{
    struct vq_packed *const p = &vq->packed;

    *moved = (uint16_t)p->unkicked;
    p->unkicked = 0;
    vio_fence(vq->platform);
    return vio_load32(p->device_event);
}

static bool packed_should_kick_flags(struct vq *vq)
{
    uint16_t moved;
    const uint32_t word = read_wish(vq, &moved);

    // Enabled, or a value without meaning: a doorbell too many does no harm.
    return moved != 0 && (word >> 16 & EVENT_FLAGS_MASK) != EVENT_DISABLE;
}

static bool packed_should_kick_event(struct vq *vq)
{
    const uint16_t now = vq->published;
    uint16_t moved;
    const uint32_t word = read_wish(vq, &moved);
    uint32_t distance = now - word - 1;

    if (VQ_UNLIKELY((word >> 16 & EVENT_FLAGS_MASK) != EVENT_DESC))
        return moved != 0 && (word >> 16 & EVENT_FLAGS_MASK) != EVENT_DISABLE;
    // Places are compared as distances; one of the lap before lies `size` further back. The event
    // lies among the last `moved` places: never so if none was published.
    if ((word ^ now) & EVENT_WRAP)
        distance += vq->size ^ EVENT_WRAP;
    return (uint16_t)distance < moved;
}

// Whether the device has written where it writes next.
static VQ_INLINE bool is_used(const struct vq *vq)
{
    const struct vq_packed *p = &vq->packed;
    const uint16_t flags = vio_load16_acquire(&p->used->flags, vq->platform);

    return (flags & PACKED_BOTH) == p->used_flags;
}

// Looks once more before saying "none" while interrupts are on: only after the device must have
// seen the event offset will it interrupt for the next buffer.
static VQ_COLD bool look_again(struct vq *vq)
{
    const struct vq_packed *p = &vq->packed;

    if (p->driver_event == &p->no_event)
        return false;
    vio_fence(vq->platform);
    return is_used(vq);
}

// Gives back the buffer's descriptors, moves to where the device writes next, and asks for an
// interrupt there if driver_event points to the device's memory.
static VQ_INLINE void advance(struct vq *vq, uint32_t count)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_desc *const used = p->used;
    uint32_t event = p->used_event + count;

    vq->room += count;
    vq->popped++;
    if (VQ_LIKELY((uintptr_t)used + count * sizeof(*used) < (uintptr_t)p->end)) {
        p->used = used + count;
    } else {
        p->used = p->desc + (count - (size_t)(p->end - used));
        p->used_flags ^= PACKED_BOTH;
        event = (event - vq->size) ^ EVENT_WRAP;
    }
    p->used_event = event;
    vio_store32(p->driver_event, event);
}

// Always false, for the caller to return.
static VQ_COLD bool poison(struct vq *vq, enum vq_fault fault, uint32_t id)
{
    vq_poison(vq, fault, id, vq->size);
    return false;
}

static VQ_COLD void *pop_poison(struct vq *vq, uint32_t *len, enum vq_fault fault, uint32_t id)
{
    *len = 0;
    (void)poison(vq, fault, id);
    return NULL;
}

// Pops the buffer whose used descriptor was seen.
static VQ_INLINE void *pop_used(struct vq *vq, uint32_t *len)
{
    struct vq_packed *const p = &vq->packed;
    const struct packed_desc *desc;
    struct packed_slot *slot;
    uint32_t id;
    uint32_t used_len;
    void *token;

    desc = p->used;
    id = vio_load16(&desc->id);
    used_len = vio_load32(&desc->len);
    if (VQ_VIOLATION(id >= vq->size))
        return pop_poison(vq, len, VQ_FAULT_USED_ID, id);
    slot = slot_of(vq, id);
    token = slot->token;
    if (VQ_VIOLATION(token == NULL))
        return pop_poison(vq, len, VQ_FAULT_IDLE_ID, id);
    slot->token = NULL;
    slot->next = (uint16_t)p->free_id;
    p->free_id = id;
    // The length counts whether or not the device has set WRITE: some leave the flag out, and a
    // buffer without writable elements cuts it to 0 anyway.
    if (VQ_VIOLATION(used_len > slot->writable)) {
        used_len = slot->writable;
        vq->clamped++;
    }
    *len = used_len;
    advance(vq, slot->count);
    return token;
}

// Pops where the short way did not do.
static VQ_COLD void *pop_late(struct vq *vq, uint32_t *len)
{
    if (vq->packed.unpublished != 0)
        packed_publish(vq);
    if (is_used(vq) || look_again(vq))
        return pop_used(vq, len);
    *len = 0;
    return NULL;
}

static void *packed_pop(struct vq *vq, uint32_t *len)
{
    // A device may only return what it was given: buffers added but not published are handed over
    // before its answers are looked at.
    if (VQ_UNLIKELY(vq->packed.unpublished != 0) || VQ_UNLIKELY(!is_used(vq)))
        return pop_late(vq, len);
    return pop_used(vq, len);
}

// Reads the used descriptor of the next batch: it names the batch's last buffer, and those before
// it have none of their own (virtio 1.2, 2.8.8).
static bool next_batch(struct vq *vq)
{
    struct vq_packed *const p = &vq->packed;
    const struct packed_desc *desc;
    uint32_t id;

    if (!is_used(vq) && !look_again(vq))
        return false;
    desc = p->used;
    id = vio_load16(&desc->id);
    p->batch_len = vio_load32(&desc->len);
    if (VQ_VIOLATION(id >= vq->size))
        return poison(vq, VQ_FAULT_USED_ID, id);
    if (VQ_VIOLATION(slot_of(vq, id)->token == NULL))
        return poison(vq, VQ_FAULT_IDLE_ID, id);
    // Ids in flight run from `oldest` upwards in a circle, so this one is among them.
    p->batch_left = id - p->oldest + 1;
    if (id < p->oldest)
        p->batch_left += vq->size;
    return true;
}

static void *packed_pop_in_order(struct vq *vq, uint32_t *len)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_slot *slot;
    uint32_t used_len;
    void *token;

    *len = 0;
    if (VQ_UNLIKELY(p->unpublished != 0))
        packed_publish(vq);
    if (p->batch_left == 0 && !next_batch(vq))
        return NULL;
    p->batch_left--;
    slot = slot_of(vq, p->oldest);
    // A skipped buffer counts as wholly used (virtio 1.2, 2.8.8).
    used_len = slot->writable;
    if (p->batch_left == 0) {
        if (VQ_VIOLATION(p->batch_len > used_len))
            vq->clamped++;
        else
            used_len = p->batch_len;
    }
    p->oldest = slot->next;
    token = slot->token;
    slot->token = NULL;
    advance(vq, slot->count);
    *len = used_len;
    return token;
}

static bool packed_pending(const struct vq *vq)
{
    return vq->packed.batch_left != 0 || is_used(vq);
}

static void packed_irq_off(struct vq *vq)
{
    struct vq_packed *const p = &vq->packed;

    p->driver_event = &p->no_event;
    vio_store32(p->event_place, (uint32_t)EVENT_DISABLE << 16);
}

static bool packed_irq_on(struct vq *vq, bool delayed)
{
    struct vq_packed *const p = &vq->packed;
    const uint32_t flying = vq->size - vq->room - p->unpublished;
    const uint32_t skip = delayed ? flying * 3 / 4 : 0;
    uint32_t event = p->used_event;

    if (!vq->event_idx) {
        vio_store32(p->event_place, (uint32_t)EVENT_ENABLE << 16);
    } else {
        p->driver_event = delayed ? &p->no_event : p->event_place;
        event += skip;
        if ((p->used_event & EVENT_OFFSET_MASK) + skip >= vq->size)
            event = (event - vq->size) ^ EVENT_WRAP;
        vio_store32(p->event_place, event);
    }
    vio_fence(vq->platform);
    return packed_pending(vq);
}

static uint16_t packed_in_flight(const struct vq *vq)
{
    return (uint16_t)(vq->packed.added - vq->popped);
}

static void *packed_take(struct vq *vq, uint32_t index)
{
    struct packed_slot *slot = slot_of(vq, index);
    void *token = slot->token;

    slot->token = NULL;
    return token;
}

#define PACKED_OPS(kick_fn, pop_fn)                                                              \
    {                                                                                            \
        .add = packed_add, .publish = packed_publish, .should_kick = (kick_fn), .pop = (pop_fn), \
        .pending = packed_pending, .irq_off = packed_irq_off, .irq_on = packed_irq_on,           \
        .in_flight = packed_in_flight, .take = packed_take,                                      \
    }

// By IN_ORDER and EVENT_IDX.
static const struct vq_ops packed_ops[2][2] = {
    {PACKED_OPS(packed_should_kick_flags, packed_pop),
     PACKED_OPS(packed_should_kick_event, packed_pop)},
    {PACKED_OPS(packed_should_kick_flags, packed_pop_in_order),
     PACKED_OPS(packed_should_kick_event, packed_pop_in_order)},
};
