// SPDX-License-Identifier: BSD-3-Clause
//
// The packed ring (virtio 1.2, 2.8).
//
// Both sides walk the descriptor ring in a circle. A batch of buffers is written with all flags
// but those of its very first descriptor, where the device waits; vq_publish() writes those.
// Buffer ids index the private slots. Without IN_ORDER free ids are a stack; with it they are
// given out in a circle, so the oldest buffer in flight is known without asking the ring.
//
// As in the split ring, buffers of at most three elements are written without a loop, by
// add_short(), and all else is left to packed_add_long().

#include "vq_private.h"

enum {
    PACKED_AVAIL = 1 << 7,
    PACKED_USED = 1 << 15,
    PACKED_BOTH = PACKED_AVAIL | PACKED_USED,
};

// Flags in the high half of a descriptor's tail.
#define TAIL_NEXT  ((uint32_t)VQ_DESC_NEXT << 16)
#define TAIL_WRITE ((uint32_t)VQ_DESC_WRITE << 16)
#define TAIL_AVAIL ((uint32_t)PACKED_AVAIL << 16)
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
    union {
        uint32_t count; // in flight: ring descriptors it takes
        uint32_t next;  // free: the next free id
    };
};

static const struct vq_ops packed_ops[2][2];
static const vq_add_fn packed_adds[VQ_ADD_WAYS];

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

// By an offset from `vq`, whose register then serves for the slots too.
static VQ_INLINE struct packed_slot *slot_of(struct vq *vq, uint32_t id)
{
    uint8_t *base = (uint8_t *)vq + id * sizeof(struct packed_slot);

    return (struct packed_slot *)(base + offsetof(struct vq, slots));
}

// In order, ids go round.
static VQ_INLINE uint32_t id_after(const struct vq *vq, uint32_t id)
{
    return id + 1 < vq->size ? id + 1 : 0;
}

void vq_packed_start(struct vq *vq, const struct vq_layout *layout)
{
    struct vq_packed *p = &vq->packed;

    p->desc = (struct packed_desc *)vq->ring;
    p->event_place = (uint32_t *)(vq->ring + layout->driver);
    p->driver_event = vq->event_idx ? p->event_place : &p->no_event;
    p->device_event = (const uint32_t *)(vq->ring + layout->device);
    p->avail_tail = TAIL_AVAIL;
    p->used_flags = PACKED_BOTH;
    p->next_event = (uint32_t)EVENT_DESC << 16 | EVENT_WRAP;
    p->used_event = p->next_event;
    p->end = p->desc + vq->size;
    p->next = p->desc;
    p->used = p->desc;
    vq->published = EVENT_WRAP;
    for (uint32_t i = 0; i < vq->size; i++)
        slot_of(vq, i)->next = id_after(vq, i);
    vq->ops = packed_ops[(vq->features & VIO_BIT(VIO_F_IN_ORDER)) != 0][vq->event_idx];
    vq->ops.add = packed_adds[vq_add_way(vq)];
    vio_store32(p->driver_event, p->used_event);
}

// Ends an add: takes the slot `id` and room for the filled chain of `count` descriptors from `head`
// on, and makes it available by `flags`, at once, or, if the device waits just there, by
// vq_publish().
static VQ_INLINE void enter(struct vq *vq, struct packed_desc *head, uint32_t flags, uint32_t id,
                            uint32_t count, uint32_t writable, void *token)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_slot *const slot = slot_of(vq, id);

    p->free_id = slot->next;
    slot->token = token;
    slot->writable = writable;
    slot->count = count;
    p->added++;
    p->unkicked += count;
    p->next_event += count;
    vq->room -= count;
    if (VQ_LIKELY(p->first == NULL)) {
        p->first = head;
        p->first_flags = (uint16_t)flags;
    } else {
        vio_store16_release(&head->flags, (uint16_t)flags, vq->platform);
    }
}

// Begins the next lap after a buffer that reached the ring's end or went beyond it. VIO_OK, for the
// caller to return.
static VQ_APART enum vio_status begin_lap(struct vq *vq)
{
    struct vq_packed *const p = &vq->packed;

    p->avail_tail ^= TAIL_LAP;
    p->next_event = (p->next_event - vq->size) ^ EVENT_WRAP;
    if (p->next == p->end)
        p->next = p->desc;
    return VIO_OK;
}

static VQ_INLINE void put(struct packed_desc *desc, uint64_t pa, uint32_t len, uint32_t tail)
{
    desc->addr = pa;
    vio_store32(&desc->len, len);
    vio_store32(&desc->tail, tail);
}

// The same for a head. Its flags stay as the lap before left them, neither available nor used in
// this one, until it is handed over: the device may be looking at them.
static VQ_INLINE void put_head(struct packed_desc *desc, uint64_t pa, uint32_t len, uint32_t id)
{
    desc->addr = pa;
    vio_store32(&desc->len, len);
    vio_store16(&desc->id, (uint16_t)id);
}

// Hides the descriptors of a refused chain, from behind the head to before `end`: they look
// available, and the device would come upon them after the next buffer. At most size steps.
static VQ_COLD enum vio_status refuse_chain(struct vq *vq, const struct packed_desc *end,
                                            enum vio_status status)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_desc *desc = p->next;
    uint32_t tail = p->avail_tail ^ TAIL_LAP;

    for (;;) {
        if (++desc == p->end) {
            desc = p->desc;
            tail ^= TAIL_LAP;
        }
        if (desc == end)
            return status;
        vio_store32(&desc->tail, tail);
    }
}

// Adds a buffer of any shape. On an error free descriptors have been scribbled on, and nothing
// else.
static VQ_INLINE enum vio_status add_chain(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                           uint32_t in, void *token)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_desc *const head = p->next;
    const uint32_t id = p->free_id;
    const uint32_t count = out + in;
    struct packed_desc *desc = head;
    struct packed_desc *last = head;
    uint32_t tail = p->avail_tail | id | TAIL_NEXT | (out != 0 ? 0 : TAIL_WRITE);
    uint32_t head_flags = tail >> 16;
    uint32_t last_tail = 0;
    uint64_t readable = 0;
    uint64_t bytes;

    if (VQ_UNLIKELY(!vq_fits(vq, count, count)))
        return vq_add_error(vq, count);
    bytes = sg->len;
    if (VQ_UNLIKELY(bytes == 0))
        return VIO_E_ARG;
    put_head(head, sg->pa, sg->len, id);
    for (uint32_t i = 1;; i++) {
        uint32_t len;

        if (++desc == p->end) {
            desc = p->desc;
            tail ^= TAIL_LAP;
        }
        if (i == out) {
            readable = bytes;
            tail |= TAIL_WRITE;
        }
        if (i == count)
            break;
        len = sg[i].len;
        if (VQ_UNLIKELY(len == 0))
            return refuse_chain(vq, desc, VIO_E_ARG);
        bytes += len;
        put(desc, sg[i].pa, len, tail);
        last = desc;
        last_tail = tail;
    }
    if (VQ_UNLIKELY(bytes >> 32))
        return refuse_chain(vq, desc, VIO_E_TOO_LONG);
    if (last != head)
        vio_store32(&last->tail, last_tail & ~TAIL_NEXT);
    else
        head_flags &= ~(uint32_t)VQ_DESC_NEXT;
    p->next = desc;
    enter(vq, head, head_flags, id, count, (uint32_t)(bytes - readable), token);
    return desc > head ? VIO_OK : begin_lap(vq);
}

// Writes `count` elements into an indirect table. WRITE is the only flag there, and descriptors
// follow one another without being named (virtio 1.2, 2.8.7). Returns their bytes, or VQ_EMPTY.
static VQ_INLINE uint64_t put_table(struct packed_desc *desc, const struct vq_sg *sg,
                                    uint32_t count, uint32_t tail)
{
    uint64_t bytes = 0;

    for (; count != 0; count--) {
        const uint32_t len = sg->len;

        if (VQ_UNLIKELY(len == 0))
            return VQ_EMPTY;
        bytes += len;
        put(desc, sg->pa, len, tail);
        desc++;
        sg++;
    }
    return bytes;
}

static VQ_INLINE enum vio_status add_long_table(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                                uint32_t in, void *token,
                                                const struct vq_table *table)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_desc *const head = p->next;
    const uint32_t head_flags = p->avail_tail >> 16 | VQ_DESC_INDIRECT;
    const uint32_t id = p->free_id;
    const uint32_t count = out + in;
    struct packed_desc *const desc = table->va;
    uint64_t bytes;
    uint64_t writable;

    if (VQ_UNLIKELY(!vq_fits(vq, count, 1)))
        return vq_add_error(vq, count);
    if (VQ_UNLIKELY(table->entries < count))
        return VIO_E_ARG;
    bytes = put_table(desc, sg, out, 0);
    writable = put_table(desc + out, sg + out, in, TAIL_WRITE);
    bytes += writable;
    if (VQ_UNLIKELY(bytes >> 32))
        return vq_sum_error(bytes);
    put_head(head, table->pa, count * VQ_DESC_BYTES, id);
    p->next = head + 1;
    enter(vq, head, head_flags, id, 1, (uint32_t)writable, token);
    return p->next < p->end ? VIO_OK : begin_lap(vq);
}

static VQ_APART enum vio_status packed_add_long(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                                uint32_t in, void *token,
                                                const struct vq_table *table)
{
    if (table != NULL && out + in > 1)
        return add_long_table(vq, sg, out, in, token, table);
    return add_chain(vq, sg, out, in, token);
}

// Adds a buffer that does not reach the ring's end.
static VQ_INLINE enum vio_status add_short_chain(struct vq *vq, const struct vq_sg *sg,
                                                 uint32_t out, uint32_t in, void *token)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_desc *const head = p->next;
    const uint32_t count = out + in;
    const struct vq_lens len = vq_lens_of(sg, count);
    uint32_t flags;
    uint32_t tail;
    uint32_t id;

    if (VQ_UNLIKELY(vq->room < count) || VQ_UNLIKELY(!vq_usual(len)) ||
        VQ_UNLIKELY((uintptr_t)head + count * sizeof(*head) >= (uintptr_t)p->end))
        return packed_add_long(vq, sg, out, in, token, NULL);
    id = p->free_id;
    tail = p->avail_tail | id;
    flags = (tail | (count > 1 ? TAIL_NEXT : 0) | (out > 0 ? 0 : TAIL_WRITE)) >> 16;
    put_head(head, sg[0].pa, len.of[0], id);
    if (count > 2)
        put(&head[1], sg[1].pa, len.of[1], tail | TAIL_NEXT | (out > 1 ? 0 : TAIL_WRITE));
    if (count > 1)
        put(&head[count - 1], sg[count - 1].pa, len.of[count - 1],
            tail | (in > 0 ? TAIL_WRITE : 0));
    p->next = head + count;
    enter(vq, head, flags, id, count, vq_writable(len, out, in), token);
    return VIO_OK;
}

static VQ_INLINE enum vio_status add_short_table(struct vq *vq, const struct vq_sg *sg,
                                                 uint32_t out, uint32_t in, void *token,
                                                 const struct vq_table *table)
{
    struct vq_packed *const p = &vq->packed;
    const uint32_t count = out + in;
    const struct vq_lens len = vq_lens_of(sg, count);
    struct packed_desc *desc;
    uint32_t flags;
    uint32_t id;

    if (VQ_UNLIKELY(vq->room == 0) || VQ_UNLIKELY(table->entries < count) ||
        VQ_UNLIKELY(!vq_usual(len)))
        return packed_add_long(vq, sg, out, in, token, table);
    desc = table->va;
    put(&desc[0], sg[0].pa, len.of[0], out > 0 ? 0 : TAIL_WRITE);
    if (count > 2)
        put(&desc[1], sg[1].pa, len.of[1], out > 1 ? 0 : TAIL_WRITE);
    put(&desc[count - 1], sg[count - 1].pa, len.of[count - 1], in > 0 ? TAIL_WRITE : 0);
    desc = p->next;
    flags = p->avail_tail >> 16 | VQ_DESC_INDIRECT;
    id = p->free_id;
    put_head(desc, table->pa, count * VQ_DESC_BYTES, id);
    p->next = desc + 1;
    enter(vq, desc, flags, id, 1, vq_writable(len, out, in), token);
    return VQ_LIKELY(p->next < p->end) ? VIO_OK : begin_lap(vq);
}

// Whether there is a table is a constant, `indirect`, so that each way has the registers to itself.
static VQ_INLINE enum vio_status add_short(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                           uint32_t in, void *token, const struct vq_table *table,
                                           bool indirect)
{
    if (indirect)
        return add_short_table(vq, sg, out, in, token, table);
    return add_short_chain(vq, sg, out, in, token);
}

// Buffers that go one way only. A single element needs no table.
static VQ_INLINE enum vio_status add_one_way(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                             uint32_t in, void *token, const struct vq_table *table,
                                             bool indirect)
{
    if (in == 0) {
        if (out == 1)
            return add_short_chain(vq, sg, 1, 0, token);
        if (out == 2)
            return add_short(vq, sg, 2, 0, token, table, indirect);
        if (out == 3)
            return add_short(vq, sg, 3, 0, token, table, indirect);
    } else if (out == 0) {
        if (in == 2)
            return add_short(vq, sg, 0, 2, token, table, indirect);
        if (in == 3)
            return add_short(vq, sg, 0, 3, token, table, indirect);
    }
    return packed_add_long(vq, sg, out, in, token, table);
}

// These stand apart, so as not to lengthen the way of the others.
static VQ_APART enum vio_status packed_add_one_way(struct vq *vq, const struct vq_sg *sg,
                                                   uint32_t out, uint32_t in, void *token,
                                                   const struct vq_table *table)
{
    if (table != NULL)
        return add_one_way(vq, sg, out, in, token, table, true);
    return add_one_way(vq, sg, out, in, token, NULL, false);
}

static VQ_INLINE enum vio_status add_by_shape(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                              uint32_t in, void *token,
                                              const struct vq_table *table, bool indirect)
{
    if (out == 1) {
        if (in == 1)
            return add_short(vq, sg, 1, 1, token, table, indirect);
        if (in == 2)
            return add_short(vq, sg, 1, 2, token, table, indirect);
    } else if (out == 2 && in == 1) {
        return add_short(vq, sg, 2, 1, token, table, indirect);
    } else if (!indirect && out == 0 && in == 1) {
        return add_short_chain(vq, sg, 0, 1, token);
    }
    return packed_add_one_way(vq, sg, out, in, token, table);
}

static enum vio_status packed_add(struct vq *vq, const struct vq_sg *sg, uint32_t out, uint32_t in,
                                  void *token, const struct vq_table *table)
{
    if (VQ_UNLIKELY(token == NULL))
        return VIO_E_ARG;
    if (table != NULL)
        return add_by_shape(vq, sg, out, in, token, table, true);
    return add_by_shape(vq, sg, out, in, token, NULL, false);
}

// Without INDIRECT_DESC.
static enum vio_status packed_add_direct(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                         uint32_t in, void *token, const struct vq_table *table)
{
    (void)table;
    return packed_add(vq, sg, out, in, token, NULL);
}

// To a queue that is shorter than a short buffer.
static enum vio_status packed_add_small(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                        uint32_t in, void *token, const struct vq_table *table)
{
    return token == NULL ? VIO_E_ARG : packed_add_long(vq, sg, out, in, token, table);
}

static VQ_INLINE void publish(struct vq *vq)
{
    struct vq_packed *const p = &vq->packed;
    struct packed_desc *const first = p->first;

    if (first == NULL)
        return;
    p->first = NULL;
    vio_store16(&vq->published, (uint16_t)p->next_event);
    vio_store16_release(&first->flags, p->first_flags, vq->platform);
}

static void packed_publish(struct vq *vq)
{
    publish(vq);
}

// Asks for the device's wish, which it must have put down with the new flags in sight, or both
// sides may sleep (virtio 1.2, 2.8.21.3.1).
static VQ_INLINE uint32_t read_wish(struct vq *vq, uint32_t *moved)
{
    struct vq_packed *const p = &vq->packed;

    publish(vq);
    *moved = p->unkicked;
    p->unkicked = 0;
    vio_fence(vq->platform);
    return vio_load32(p->device_event);
}

static bool packed_should_kick_flags(struct vq *vq)
{
    uint32_t moved;
    const uint32_t word = read_wish(vq, &moved);

    // Enabled, or a value without meaning: a doorbell too many does no harm.
    return moved != 0 && (word >> 16 & EVENT_FLAGS_MASK) != EVENT_DISABLE;
}

// Decides where packed_should_kick_event() cannot: the event lies in another lap than the next
// place `now`, or there is none.
static VQ_COLD bool should_kick_far(const struct vq *vq, uint32_t word, uint32_t now,
                                    uint32_t moved)
{
    if ((word >> 16 & EVENT_FLAGS_MASK) != EVENT_DESC)
        return moved != 0 && (word >> 16 & EVENT_FLAGS_MASK) != EVENT_DISABLE;
    // A place of the lap before lies `size` further back.
    return (uint16_t)(now - word - 1 + (vq->size ^ EVENT_WRAP)) < moved;
}

static bool packed_should_kick_event(struct vq *vq)
{
    uint32_t moved;
    const uint32_t word = read_wish(vq, &moved);
    const uint32_t now = vq->packed.next_event;

    if (VQ_UNLIKELY((word ^ now) & ((uint32_t)EVENT_FLAGS_MASK << 16 | EVENT_WRAP)))
        return should_kick_far(vq, word, now, moved);
    // Places are compared as distances. The event lies among the last `moved` places: never so if
    // none was published.
    return (uint16_t)(now - word - 1) < moved;
}

// Whether the device has written `used`, where it writes next.
static VQ_INLINE bool is_used(const struct vq *vq, const struct packed_desc *used)
{
    const uint16_t flags = vio_load16_acquire(&used->flags, vq->platform);

    return (flags & PACKED_BOTH) == vq->packed.used_flags;
}

// Looks once more before saying "none" while interrupts are on: only after the device must have
// seen the event offset will it interrupt for the next buffer.
static VQ_COLD bool look_again(struct vq *vq)
{
    const struct vq_packed *p = &vq->packed;

    if (p->driver_event == &p->no_event)
        return false;
    vio_fence(vq->platform);
    return is_used(vq, p->used);
}

// Gives back a buffer's `count` descriptors, moves from `used` to where the device writes next, and
// asks for an interrupt there if driver_event points to the device's memory.
static VQ_INLINE void advance(struct vq *vq, struct packed_desc *used, uint32_t count)
{
    struct vq_packed *const p = &vq->packed;
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

// Pops the buffer whose used descriptor was seen.
static VQ_INLINE void *pop_used(struct vq *vq, struct packed_desc *used, uint32_t *len)
{
    struct vq_packed *const p = &vq->packed;
    const uint32_t id = vio_load16(&used->id);
    uint32_t used_len = vio_load32(&used->len);
    struct packed_slot *slot;
    uint32_t count;
    void *token;

    if (VQ_VIOLATION(id >= vq->size))
        return vq_pop_poison(vq, len, VQ_FAULT_USED_ID, id);
    slot = slot_of(vq, id);
    token = slot->token;
    if (VQ_VIOLATION(token == NULL))
        return vq_pop_poison(vq, len, VQ_FAULT_IDLE_ID, id);
    slot->token = NULL;
    count = slot->count;
    slot->next = p->free_id;
    p->free_id = id;
    // The length counts whether or not the device has set WRITE: some leave the flag out, and a
    // buffer without writable elements cuts it to 0 anyway.
    if (VQ_VIOLATION(used_len > slot->writable)) {
        used_len = slot->writable;
        vq->clamped++;
    }
    *len = used_len;
    advance(vq, used, count);
    return token;
}

// Pops where the short way did not do.
static VQ_COLD void *pop_late(struct vq *vq, uint32_t *len)
{
    struct packed_desc *const used = vq->packed.used;

    publish(vq);
    if (is_used(vq, used) || look_again(vq))
        return pop_used(vq, used, len);
    *len = 0;
    return NULL;
}

static void *packed_pop(struct vq *vq, uint32_t *len)
{
    struct packed_desc *const used = vq->packed.used;

    // A device may only return what it was given: buffers added but not published are handed over
    // before its answers are looked at.
    if (VQ_UNLIKELY(vq->packed.first != NULL) || VQ_UNLIKELY(!is_used(vq, used)))
        return pop_late(vq, len);
    return pop_used(vq, used, len);
}

// Reads the used descriptor of the next batch: it names the batch's last buffer, and those before
// it have none of their own (virtio 1.2, 2.8.8).
static bool next_batch(struct vq *vq)
{
    struct vq_packed *const p = &vq->packed;
    const struct packed_desc *desc;
    uint32_t id;

    if (!is_used(vq, p->used) && !look_again(vq))
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
    publish(vq);
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
    advance(vq, p->used, slot->count);
    token = slot->token;
    slot->token = NULL;
    p->oldest = id_after(vq, p->oldest);
    slot->next = p->oldest;
    *len = used_len;
    return token;
}

static bool packed_pending(const struct vq *vq)
{
    return vq->packed.batch_left != 0 || is_used(vq, vq->packed.used);
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
    const uint32_t skip = delayed ? (vq->size - vq->room) * 3 / 4 : 0;
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

#define PACKED_OPS(kick_fn, pop_fn)                                                    \
    {                                                                                  \
        .publish = packed_publish, .should_kick = (kick_fn), .pop = (pop_fn),          \
        .pending = packed_pending, .irq_off = packed_irq_off, .irq_on = packed_irq_on, \
        .in_flight = packed_in_flight, .take = packed_take,                            \
    }

// By IN_ORDER and EVENT_IDX, without `add`.
static const struct vq_ops packed_ops[2][2] = {
    {PACKED_OPS(packed_should_kick_flags, packed_pop),
     PACKED_OPS(packed_should_kick_event, packed_pop)},
    {PACKED_OPS(packed_should_kick_flags, packed_pop_in_order),
     PACKED_OPS(packed_should_kick_event, packed_pop_in_order)},
};

static const vq_add_fn packed_adds[VQ_ADD_WAYS] = {
    [VQ_ADD_USUAL] = packed_add,
    [VQ_ADD_DIRECT] = packed_add_direct,
    [VQ_ADD_SMALL] = packed_add_small,
};
