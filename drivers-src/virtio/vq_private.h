// SPDX-License-Identifier: BSD-3-Clause
//
// Inside of the queues: what vq.c, vq_split.c and vq_packed.c share. Nothing else includes it.

#ifndef VQ_PRIVATE_H
#define VQ_PRIVATE_H

#include "vio_barrier.h"
#include "vq.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "rings are little-endian and are accessed without swapping"
#endif

#define VQ_LIKELY(cond)   __builtin_expect(!!(cond), 1)
#define VQ_UNLIKELY(cond) __builtin_expect(!!(cond), 0)

// A check of what the device wrote. The benchmark alone defines VQ_BENCH_UNCHECKED, in a second
// build of these files, to state what the checks cost.
#ifdef VQ_BENCH_UNCHECKED
#define VQ_VIOLATION(cond) (0 && (cond))
#else
#define VQ_VIOLATION(cond) VQ_UNLIKELY(cond)
#endif

// Descriptor flags of both formats (virtio 1.2, 2.7.5 and 2.8.1).
enum {
    VQ_DESC_NEXT = 1,
    VQ_DESC_WRITE = 2,
    VQ_DESC_INDIRECT = 4,
};

// A descriptor as two words: `rest` holds len, then flags and next (split, indirect tables) or id
// and flags (packed).
struct vq_desc {
    uint64_t addr;
    uint64_t rest;
};

_Static_assert(sizeof(struct vq_desc) == VQ_DESC_BYTES, "virtio 1.2, 2.7.5 and 2.8.13");

// Available and used ring of the split format (virtio 1.2, 2.7.6 and 2.7.8).
struct vq_avail {
    uint16_t flags;
    uint16_t idx;
    uint16_t ring[]; // size entries, then used_event
};

struct vq_used_elem {
    uint32_t id;
    uint32_t len;
};

struct vq_used {
    uint16_t flags;
    uint16_t idx;
    struct vq_used_elem ring[]; // size entries, then avail_event
};

_Static_assert(sizeof(struct vq_avail) == 4 && sizeof(struct vq_used_elem) == 8 &&
                   offsetof(struct vq_used, ring) == 4,
               "virtio 1.2, 2.7");

// Private state of one buffer: by head descriptor (split) or by buffer id (packed).
struct vq_slot {
    void *token;
    uint32_t writable; // bytes in elements that the device may write
    uint16_t count;    // ring descriptors it takes; 0: the device does not have this buffer
    uint16_t link;     // split: last descriptor of the chain; split in order: its place in the
                       // available ring; packed: next free id
};

struct vq_ops {
    enum vio_status (*add)(struct vq *vq, const struct vq_sg *sg, uint16_t out, uint16_t in,
                           void *token, const struct vq_table *table);
    void (*publish)(struct vq *vq);
    bool (*should_kick)(struct vq *vq);
    void *(*pop)(struct vq *vq, uint32_t *len);
    bool (*pending)(const struct vq *vq);
    void (*irq_off)(struct vq *vq);
    bool (*irq_on)(struct vq *vq, bool delayed);
};

struct vq_split {
    struct vq_desc *desc;
    struct vq_avail *avail;
    struct vq_used *used;
    uint16_t *used_event;        // in the available ring's tail
    const uint16_t *avail_event; // in the used ring's tail
    uint16_t *next;              // private: the descriptor after each, in chains and free list
    uint16_t mask;               // size - 1
    uint16_t free_head;          // first free descriptor
    uint16_t avail_idx;          // available index, with buffers not yet published
    uint16_t published;          // available index as the device sees it
    uint16_t kicked;             // available index at the last vq_should_kick()
    uint16_t last_used;          // used index up to which buffers were popped
    uint16_t used_seen;          // used index as last read
    uint16_t armed;              // used index that used_event held at the last fence
    uint16_t oldest;             // in order: head of the oldest buffer in flight
    uint16_t batch_left;         // in order: buffers of the present batch not yet popped
    uint32_t batch_len;          // in order: used length of the batch's last buffer
};

// Event suppression structure of the packed format (virtio 1.2, 2.8.14), as one word: offset and
// wrap counter in the low half, flags in the high half.
struct vq_packed {
    struct vq_desc *desc;
    uint32_t *driver_event;
    const uint32_t *device_event;
    uint16_t free_id;     // first free buffer id
    uint16_t next_avail;  // where the next descriptor goes
    uint16_t avail_flags; // AVAIL and USED bits that make a descriptor available in this lap
    uint16_t next_used;   // where the device writes the next used descriptor
    uint16_t used_flags;  // AVAIL and USED bits that mark one used in this lap
    uint16_t first;       // place of the first descriptor not yet published
    uint16_t first_flags; // its flags, withheld until vq_publish()
    uint16_t unpublished; // descriptors added since vq_publish()
    uint16_t unkicked;    // descriptors published since the last vq_should_kick()
    uint32_t armed;       // offset and wrap counter in driver_event at the last fence, if that was
                          // within the last two laps
    uint16_t oldest;      // in order: id of the oldest buffer in flight
    uint16_t batch_left;  // in order: buffers of the present batch not yet popped
    uint32_t batch_len;   // in order: used length of the batch's last buffer
};

struct vq {
    const struct vq_ops *ops; // also carries the state: broken and stopped queues have their own
    struct vq_slot *slots;
    uint16_t size;
    uint16_t room;     // free ring descriptors
    bool platform;     // ORDER_PLATFORM
    bool event_idx;    // EVENT_IDX
    bool irq_event;    // interrupts are on and told by event index: pops move it
    bool has_indirect; // INDIRECT_DESC
    union {
        struct vq_split split;
        struct vq_packed packed;
    };
    uint16_t in_flight; // buffers
    uint16_t next_off;  // what a NOTIFICATION_DATA doorbell tells: next place and wrap counter
    uint64_t added;
    uint64_t detached;
    uint64_t clamped;
    uint64_t kicks;

    uint64_t features;
    struct vq_areas areas;
    uint8_t *ring;
    uint64_t ring_pa;
    size_t ring_bytes;
    size_t priv_bytes;
    const struct vio_os *os;
    vq_notify_fn notify;
    void *notify_ctx;
    vq_broken_fn broken;
    void *broken_ctx;
    uint16_t index;
    uint16_t notify_data;
    uint16_t detach_at; // slots below were looked at by vq_detach()
    enum vq_state state;
    enum vq_fault fault;
};

// Where the areas lie in ring memory, as offsets from its start.
struct vq_layout {
    size_t driver;
    size_t device;
    size_t bytes;
};

// Lays out a ring of `size` descriptors (1 to VQ_SIZE_MAX).
void vq_split_layout(uint16_t size, bool legacy, struct vq_layout *layout);
void vq_packed_layout(uint16_t size, struct vq_layout *layout);

// Sets the format's fields and vq->ops for an empty queue over zeroed ring memory.
void vq_split_start(struct vq *vq, const struct vq_layout *layout);
void vq_packed_start(struct vq *vq, const struct vq_layout *layout);

// Poisons the queue because of `value`, held against `limit`.
void vq_poison(struct vq *vq, enum vq_fault fault, uint64_t value, uint64_t limit);

// Tells why vq_add() refuses a buffer that its quick checks did not pass.
enum vio_status vq_add_error(const struct vq *vq, uint32_t total, const void *token);

// Whether an index that moved from `before` to `now` passed `event` (virtio 1.2, 2.7.10).
static inline bool vq_passed(uint16_t event, uint16_t now, uint16_t before)
{
    return (uint16_t)(now - event - 1) < (uint16_t)(now - before);
}

static inline uint64_t vq_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// How many bytes a buffer lets the device read and write.
struct vq_sums {
    uint64_t readable;
    uint64_t writable;
};

// Fills an indirect table with `total` (at least 1) elements, the first `out` of them for reading.
// `chained` gives all but the last descriptor NEXT and the number of its follower (split: virtio
// 1.2, 2.7.5.3); a packed queue's table has neither (2.8.7). Returns false if an element is empty.
static inline bool vq_table_fill(struct vq_desc *desc, const struct vq_sg *sg, uint32_t out,
                                 uint32_t total, bool chained, struct vq_sums *sums)
{
    const uint64_t step = chained ? (uint64_t)1 << 48 : 0;
    const uint64_t write = (uint64_t)VQ_DESC_WRITE << (chained ? 32 : 48);
    uint64_t link = chained ? (uint64_t)1 << 48 | (uint64_t)VQ_DESC_NEXT << 32 : 0;
    const struct vq_sg *last = sg + total - 1;
    const struct vq_sg *first_in = sg + out;
    uint64_t readable = 0;
    uint64_t writable = 0;

    for (; sg < first_in; sg++, desc++) {
        if (sg->len == 0)
            return false;
        readable += sg->len;
        desc->addr = sg->pa;
        desc->rest = sg->len | link;
        link += step;
    }
    link |= write;
    for (; sg <= last; sg++, desc++) {
        if (sg->len == 0)
            return false;
        writable += sg->len;
        desc->addr = sg->pa;
        desc->rest = sg->len | link;
        link += step;
    }
    // The table may be device memory: what stands there is never read back, not even to clear NEXT.
    desc[-1].rest = last->len | (writable ? write : 0);
    sums->readable = readable;
    sums->writable = writable;
    return true;
}

#endif
