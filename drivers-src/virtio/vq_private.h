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

#define VQ_COLD __attribute__((noinline, cold))
// Keeps the compiler from trading a loop's counter for an end pointer: buffers have one or two
// elements of a kind, and making the pointer costs more than it saves.
#define VQ_COUNTER(n) __asm__("" : "+r"(n))
#define VQ_INLINE     inline __attribute__((always_inline))

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

// A descriptor of the split ring or of a split queue's indirect table (virtio 1.2, 2.7.5). Of the
// flags only the low byte is ever used.
struct split_desc {
    uint64_t addr;
    uint32_t len;
    union {
        uint32_t link; // all of the following
        struct {
            uint8_t flags;
            uint8_t flags_high;
            uint16_t next;
        };
    };
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

// Private state of a descriptor of a split ring. All but `next` belongs to the buffer whose head it
// is.
struct split_slot {
    void *token;             // NULL: the device does not have such a buffer
    struct split_desc *desc; // the descriptor; never changes
    struct split_slot *next; // the following one of a chain or of the free list
    union {
        struct split_slot *tail; // the chain's last one
        uint16_t place;          // in order: place in the available ring
    };
    uint32_t writable; // bytes in elements that the device may write
    uint16_t count;    // descriptors in the chain
    uint16_t id;       // index of the descriptor; never changes
};

struct vq_split {
    struct split_slot anchor; // of the free list, which is what follows it
    struct split_desc *desc;
    struct split_avail *avail;
    struct split_used *used;
    uint16_t *event_place;       // used_event, in the available ring's tail
    uint16_t *used_event;        // what pops move: that place, or no_event
    const uint16_t *avail_event; // in the used ring's tail
    uint32_t mask;               // size - 1
    uint32_t oldest;             // in order: index of the head of the oldest buffer in flight
    uint32_t batch_len;          // in order: used length of the batch's last buffer
    uint32_t avail_idx;          // available index (its low half), with buffers not yet published
    uint32_t left;               // used entries known and not yet popped; 0 after an add
    uint16_t kicked;             // published index at the last vq_should_kick()
    uint16_t batch_left;         // in order: buffers of the present batch not yet popped
    uint16_t no_event;           // written by pops while interrupts are off
};

struct vq_packed {
    struct packed_desc *desc;
    struct packed_desc *end;      // of the ring
    struct packed_desc *next;     // where the next descriptor goes
    struct packed_desc *used;     // where the device writes the next used descriptor
    struct packed_desc *first;    // the first descriptor not yet published
    uint32_t *event_place;        // driver event suppression
    uint32_t *driver_event;       // what pops write: that place, or no_event
    const uint32_t *device_event; // device event suppression
    uint32_t used_event;          // event suppression that asks for an interrupt at `used`
    uint32_t free_id;             // first free buffer id
    uint32_t oldest;              // in order: id of the oldest buffer in flight
    uint32_t batch_left;          // in order: buffers of the present batch not yet popped
    uint32_t batch_len;           // in order: used length of the batch's last buffer
    uint32_t unpublished;         // descriptors added since vq_publish()
    uint32_t unkicked;            // descriptors published since the last vq_should_kick()
    uint16_t first_flags;         // flags of `first`, withheld until vq_publish()
    uint16_t avail_flags;         // AVAIL and USED bits that make a descriptor available
    uint16_t used_flags;          // AVAIL and USED bits that mark one used
    uint16_t added;               // buffers
    uint32_t no_event;            // written by pops while interrupts are off
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
    bool has_indirect;  // INDIRECT_DESC
    union {
        struct vq_split split;
        struct vq_packed packed;
    };
    uint64_t popped;        // since the start; split: its low half is the used index
    uint64_t popped_before; // in former lives of the queue
    uint64_t clamped;
    uint64_t detached;
    uintptr_t kicks; // counted outside of the queue's lock, so as wide as any machine adds at once

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

// Poisons the queue because of `value`, held against `limit`.
void vq_poison(struct vq *vq, enum vq_fault fault, uint64_t value, uint64_t limit);

// Tells why a buffer of `count` descriptors is refused that is empty or does not fit.
enum vio_status vq_add_error(const struct vq *vq, uint32_t count);

#endif
