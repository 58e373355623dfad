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

#define VQ_COLD  __attribute__((noinline, cold))
#define VQ_APART __attribute__((noinline))

// Inlined for its constant arguments. A build that does not optimise has each such function once,
// so that who steps through it or counts its branches finds what is written.
#ifdef __OPTIMIZE__
#define VQ_INLINE inline __attribute__((always_inline))
#else
#define VQ_INLINE inline
#endif

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

// A descriptor of the split ring or of a split queue's indirect table (virtio 1.2, 2.7.5): flags in
// the low half of `link`, the following descriptor's index in the high half.
struct split_desc {
    uint64_t addr;
    uint32_t len;
    uint32_t link;
};

// A descriptor of the packed ring or of its indirect tables (virtio 1.2, 2.8.13): id in the low
// half of `tail`, flags in the high half, which alone is touched when a descriptor is handed over.
struct packed_desc {
    uint64_t addr;
    uint32_t len;
    union {
        uint32_t tail;
        struct {
            uint16_t id;
            uint16_t flags;
        };
    };
};

_Static_assert(sizeof(struct split_desc) == VQ_DESC_BYTES &&
                   sizeof(struct packed_desc) == VQ_DESC_BYTES,
               "virtio 1.2, 2.7.5 and 2.8.13");

// Available and used ring of the split format (virtio 1.2, 2.7.6 and 2.7.8).
struct split_avail {
    uint16_t flags;
    uint16_t idx;
    uint16_t ring[]; // size entries, then used_event
};

struct split_used_elem {
    uint32_t id;
    uint32_t len;
};

struct split_used {
    uint16_t flags;
    uint16_t idx;
    struct split_used_elem ring[]; // size entries, then avail_event
};

_Static_assert(sizeof(struct split_avail) == 4 && sizeof(struct split_used_elem) == 8 &&
                   offsetof(struct split_used, ring) == 4,
               "virtio 1.2, 2.7");

// Private state of a descriptor of a split ring. All but `link` and `self` belongs to the buffer
// whose head it is. Twice as long as a descriptor, see slot_at() in vq_split.c.
struct split_slot {
    union {
        void *token; // NULL: the device does not have such a buffer
        uint64_t token_space;
    };
    uint32_t writable; // bytes in elements that the device may write
    uint32_t link;     // to the following one of a chain or of the free list
    uint32_t self;     // a link to this one; never changes
    uint32_t tail;     // not in order: the chain's last one, as an offset into the table
    uint32_t count;    // descriptors in the chain
    uint32_t place;    // in order: available index
};

_Static_assert(sizeof(struct split_slot) == 2 * sizeof(struct split_desc), "vq_split.c, slot_at()");

struct vq_split {
    struct split_desc *desc;
    struct split_avail *avail;
    struct split_used *used;
    uint16_t *places;            // the available ring's entries
    uint16_t *event_place;       // used_event, in the available ring's tail
    uint16_t *used_event;        // what pops move: that place, or no_event
    const uint16_t *avail_event; // in the used ring's tail
    uint32_t mask;               // size - 1
    uint32_t used_mask;          // for offsets into the used ring's entries
    uint32_t free;               // link to the first free descriptor
    uint32_t oldest;             // in order: index of the head of the oldest buffer in flight
    uint32_t batch_len;          // in order: used length of the batch's last buffer
    // Available index, with buffers not yet published. The ring has its low half; the rest tells
    // vq_should_kick() how many there were if it was not asked for a whole round of indexes.
    uint32_t avail_idx;
    uint32_t kicked;     // published index at the last vq_should_kick()
    uint16_t known;      // used index when it was last looked at
    uint16_t batch_left; // in order: buffers of the present batch not yet popped
    uint16_t no_event;   // written by pops while interrupts are off
};

struct vq_packed {
    struct packed_desc *desc;
    struct packed_desc *end;      // of the ring
    struct packed_desc *next;     // where the next descriptor goes
    struct packed_desc *used;     // where the device writes the next used descriptor
    struct packed_desc *first;    // the first descriptor not yet published, or NULL
    uint32_t *event_place;        // driver event suppression
    uint32_t *driver_event;       // what pops write: that place, or no_event
    const uint32_t *device_event; // device event suppression
    uint32_t next_event;          // event suppression that would ask for news of `next`
    uint32_t used_event;          // event suppression that asks for an interrupt at `used`
    uint32_t avail_tail;  // AVAIL and USED bits, in a tail, that make a descriptor available
    uint32_t free_id;     // first free buffer id
    uint32_t oldest;      // in order: id of the oldest buffer in flight
    uint32_t batch_left;  // in order: buffers of the present batch not yet popped
    uint32_t batch_len;   // in order: used length of the batch's last buffer
    uint32_t unkicked;    // descriptors added since the last vq_should_kick()
    uint16_t first_flags; // flags of `first`, withheld until vq_publish()
    uint16_t used_flags;  // AVAIL and USED bits that mark a descriptor used
    uint16_t added;       // buffers
    uint32_t no_event;    // written by pops while interrupts are off
};

// Followed in private memory by the format's slots.
struct vq {
    struct vq_ops ops; // first, see vq.h: the format's, or those of a broken or stopped queue
    uint32_t size;
    uint32_t room;      // free ring descriptors
    uint16_t published; // what a NOTIFICATION_DATA doorbell tells: split: available index; packed:
                        // next place and wrap counter
    bool platform;      // ORDER_PLATFORM
    bool event_idx;     // EVENT_IDX
    union {
        struct vq_split split;
        struct vq_packed packed;
    };
    uint64_t popped;        // since the start; split: its low half is the used index
    uint64_t popped_before; // in former lives of the queue
    uint64_t clamped;
    uint64_t detached;
    uintptr_t kicks; // counted outside of the lock, so as wide as any machine stores at once

    const struct vio_os *os;
    uint64_t features;
    uint8_t *ring;
    uint64_t ring_pa;
    size_t ring_bytes;
    size_t priv_bytes;
    struct vq_areas areas;
    vq_notify_fn notify;
    void *notify_ctx;
    vq_broken_fn broken;
    void *broken_ctx;
    uint16_t index;
    uint16_t notify_data;
    uint16_t in_flight; // of a stopped queue: buffers not yet detached
    uint32_t detach_at; // slots below were looked at by vq_detach()
    enum vq_state state;
    enum vq_fault fault;
    _Alignas(16) uint8_t slots[]; // no more than private memory is aligned to
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

// Bytes of private memory for each descriptor.
size_t vq_split_slot_bytes(void);
size_t vq_packed_slot_bytes(void);

// Sets the format's fields and vq->ops for an empty queue over zeroed ring memory and slots.
void vq_split_start(struct vq *vq, const struct vq_layout *layout);
void vq_packed_start(struct vq *vq, const struct vq_layout *layout);

// Ways to add a buffer, of which a format has one function each, so that the usual one need not
// ask what holds for the queue's whole life.
enum vq_add_way {
    VQ_ADD_USUAL,
    VQ_ADD_DIRECT, // without INDIRECT_DESC: no table is used
    VQ_ADD_SMALL,  // short buffers may be too long for the queue, and so for any table
    VQ_ADD_WAYS
};

enum vq_add_way vq_add_way(const struct vq *vq);

// Poisons the queue because of `value`, held against `limit`.
void vq_poison(struct vq *vq, enum vq_fault fault, uint64_t value, uint64_t limit);

// The same for a pop that came upon `id`. NULL, for it to return.
void *vq_pop_poison(struct vq *vq, uint32_t *len, enum vq_fault fault, uint32_t id);

// The most elements in a short buffer.
#define VQ_SHORT_MAX 3

// The lengths of a short buffer's elements; 1 stands for those that are not there.
struct vq_lens {
    uint32_t of[VQ_SHORT_MAX];
};

static VQ_INLINE struct vq_lens vq_lens_of(const struct vq_sg *sg, uint32_t count)
{
    return (struct vq_lens){{sg[0].len, count > 1 ? sg[1].len : 1, count > 2 ? sg[2].len : 1}};
}

// Whether they are such as usual, so that all rules are kept: none is empty, and all together stay
// below 2^32 bytes, as each has 2^30 at most.
static VQ_INLINE bool vq_usual(struct vq_lens len)
{
    return ((len.of[0] - 1) | (len.of[1] - 1) | (len.of[2] - 1)) >> 30 == 0;
}

// The bytes that the device may write into a short buffer: its last `in` elements.
static VQ_INLINE uint32_t vq_writable(struct vq_lens len, uint32_t out, uint32_t in)
{
    return (out < 1 ? len.of[0] : 0) + (out < 2 && out + in > 1 ? len.of[1] : 0) +
           (out < 3 && out + in > 2 ? len.of[2] : 0);
}

// In place of a sum of lengths: one of them is 0. Twice that does not overflow, and no true sum
// comes near to it.
#define VQ_EMPTY ((uint64_t)1 << 62)

// Tells what is wrong with a buffer whose lengths have the sum `bytes`, which does not fit 32 bits.
static VQ_INLINE enum vio_status vq_sum_error(uint64_t bytes)
{
    return bytes >= VQ_EMPTY ? VIO_E_ARG : VIO_E_TOO_LONG;
}

// Whether there is something to add and room for it: `elements`, in `count` of the queue's
// descriptors. If not, vq_add_error() tells why.
static VQ_INLINE bool vq_fits(const struct vq *vq, uint32_t elements, uint32_t count)
{
    return elements - 1 < vq->size && count <= vq->room;
}

enum vio_status vq_add_error(const struct vq *vq, uint32_t elements);

#endif
