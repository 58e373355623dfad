// SPDX-License-Identifier: BSD-3-Clause
//
// Virtqueues: split and packed rings behind one set of calls (virtio 1.2, 2.6 to 2.8).
// The guide in virtio.h tells how the calls fit together, who owns what, and how to lock.

#ifndef VQ_H
#define VQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfeat.h"
#include "vio_os.h"
#include "vio_status.h"

// The largest ring of either format (virtio 1.2, 2.7 and 2.8).
#define VQ_SIZE_MAX 32768u

struct vq;
struct vq_sg;
struct vq_table;

// vq_add() of a format.
typedef enum vio_status (*vq_add_fn)(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                     uint32_t in, void *token, const struct vq_table *table);

// What a queue does by its format and state. It is the head of every struct vq, so that the calls
// below reach it without a detour; nothing but them and the core may touch it.
struct vq_ops {
    vq_add_fn add;
    void (*publish)(struct vq *vq);
    bool (*should_kick)(struct vq *vq);
    void *(*pop)(struct vq *vq, uint32_t *len);
    bool (*pending)(const struct vq *vq);
    void (*irq_off)(struct vq *vq);
    bool (*irq_on)(struct vq *vq, bool delayed);
    // Buffers that were added and neither popped nor taken.
    uint16_t (*in_flight)(const struct vq *vq);
    // Takes the buffer of slot `index` (below size) out of the queue; NULL if there is none.
    void *(*take)(struct vq *vq, uint32_t index);
};

// One physically contiguous piece of a buffer.
struct vq_sg {
    uint64_t pa;  // device address
    uint32_t len; // bytes, at least 1
};

// Memory for an indirect descriptor table. The caller owns it; the device reads it until the
// buffer is popped or detached.
struct vq_table {
    void *va;         // aligned to 16
    uint64_t pa;      // device address of va, aligned to 16
    uint32_t entries; // room, in descriptors of VQ_DESC_BYTES
};

#define VQ_DESC_BYTES 16u

// Where the three areas of a ring lie, for the transport (virtio 1.2, 2.6).
struct vq_areas {
    uint64_t desc;   // descriptor area
    uint64_t driver; // driver area: available ring, or driver event suppression
    uint64_t device; // device area: used ring, or device event suppression
};

// Why a queue was poisoned. Each is something the device wrote.
enum vq_fault {
    VQ_FAULT_NONE = 0,
    VQ_FAULT_USED_INDEX, // used index runs ahead of what was made available
    VQ_FAULT_USED_ID,    // used id is not below the queue size
    VQ_FAULT_IDLE_ID,    // used id is not a buffer that the device has
    VQ_FAULT_IN_ORDER,   // used id breaks the order that IN_ORDER promises
    VQ_FAULT_COUNT
};

enum vq_state {
    VQ_READY,  // may be used
    VQ_BROKEN, // poisoned: adds fail, pops give nothing; reset the device (or the queue)
    VQ_STOPPED // the device was told to forget the queue; only vq_detach and vq_restart work
};

// Rings the device's doorbell. `value` is the notification value (virtio 1.2, 2.9 and 4.1.5.2):
// 16 bits of it without NOTIFICATION_DATA, 32 with it.
typedef void (*vq_notify_fn)(void *ctx, uint32_t value);

// Tells that a queue has just been poisoned. Called once per queue life, inside the call that
// found it, so at that call's IRQL and under its lock: note it and reset the device later.
typedef void (*vq_broken_fn)(void *ctx, uint16_t index, enum vq_fault fault);

struct vq_config {
    const struct vio_os *os;
    uint64_t features;    // negotiated bits
    uint16_t index;       // queue number
    uint16_t size;        // descriptors: 1 to VQ_SIZE_MAX; a power of two unless RING_PACKED
    uint16_t notify_data; // what takes the queue number's place in a notification: `index`, or
                          // the device's value with NOTIF_CONFIG_DATA
    void *ring;           // memory for the device: vq_ring_bytes() long, aligned to
                          // vq_ring_align(), physically contiguous
    uint64_t ring_pa;     // its device address, aligned alike
    size_t ring_bytes;    // its length
    void *priv;           // memory for the core: vq_private_bytes() long, aligned to 16, not
    size_t priv_bytes;    // reachable by the device
    vq_notify_fn notify;
    void *notify_ctx;
    vq_broken_fn broken; // may be NULL
    void *broken_ctx;
};

struct vq_stats {
    uint64_t added;   // buffers
    uint64_t popped;  // buffers
    uint64_t clamped; // used lengths that exceeded the buffer's writable bytes and were cut
    uint64_t kicks;   // doorbells rung, two at the same time perhaps as one; counted to 2^32 on a
                      // 32-bit machine, then from 0
};

// Bytes of ring memory for a queue of `size` descriptors under `features` (only RING_PACKED and
// VERSION_1 matter: without VERSION_1 the legacy layout of virtio 1.2, 2.7.2 is used).
// 0 if no such queue can be. Any IRQL.
size_t vq_ring_bytes(uint16_t size, uint64_t features);

// Alignment of ring memory, in bytes: 4096 for the legacy layout, else 64. Any IRQL.
size_t vq_ring_align(uint64_t features);

// Bytes of private memory for a queue of `size` descriptors; 0 if no such queue can be. Any IRQL.
size_t vq_private_bytes(uint16_t size, uint64_t features);

// Makes a queue in the caller's memory and zeroes the ring. `*vq` points into config->priv and is
// valid until the caller reuses that memory; there is no destructor. Used-buffer interrupts start
// enabled. Drivers call vdev_queue_start() instead, which calls this.
// VIO_E_ARG: size or pointers; VIO_E_MEMORY: too small or not aligned. Up to DIRQL.
enum vio_status vq_init(const struct vq_config *config, struct vq **vq);

// Device addresses of the ring's areas.
void vq_get_areas(const struct vq *vq, struct vq_areas *areas);

// Adds a buffer: `out` elements the device reads, then `in` elements it writes, in `sg` order
// (virtio 1.2, 2.6.4.2). The device sees it once it is published. `sg` is not kept.
//
// token  - returned by vq_pop() or vq_detach(); not NULL.
// table  - NULL, or room for an indirect table. It is used when INDIRECT_DESC is negotiated and
//          the buffer has more than one element; the buffer then takes a single descriptor.
//
// VIO_E_ARG: no element, an empty element, no token, or too small a table; VIO_E_TOO_LONG: more
// elements than the queue size, or more than 2^32 - 1 bytes in all; VIO_E_FULL: no room now;
// VIO_E_BROKEN, VIO_E_STATE. On any error nothing has changed. Up to DIRQL, caller's queue lock.
static inline enum vio_status vq_add(struct vq *vq, const struct vq_sg *sg, uint16_t out,
                                     uint16_t in, void *token, const struct vq_table *table)
{
    return ((const struct vq_ops *)vq)->add(vq, sg, out, in, token, table);
}

// Hands all buffers that were added to the device, as vq_should_kick(), vq_pop() and vq_irq_on()
// do too. Up to DIRQL, caller's queue lock.
static inline void vq_publish(struct vq *vq)
{
    ((const struct vq_ops *)vq)->publish(vq);
}

// Publishes, and tells whether the device wants a doorbell for what was published since the last
// call (virtio 1.2, 2.7.10 and 2.8.21). Costs the one full fence of a submission. Up to DIRQL,
// caller's queue lock.
static inline bool vq_should_kick(struct vq *vq)
{
    return ((const struct vq_ops *)vq)->should_kick(vq);
}

// Rings the doorbell. May be called after the queue lock was dropped. Up to DIRQL.
void vq_notify(struct vq *vq);

// vq_notify() if vq_should_kick(). Up to DIRQL, caller's queue lock.
void vq_kick(struct vq *vq);

// Takes one finished buffer. Returns its token, or NULL if there is none (or the queue is broken:
// see vq_state()). `*len` (may not be NULL) receives how many bytes the device says it has written,
// never more than the buffer's writable elements hold, 0 if it returned NULL.
//
// With interrupts on, NULL also means: the device will raise an interrupt for the next buffer.
// Up to DIRQL, caller's queue lock.
static inline void *vq_pop(struct vq *vq, uint32_t *len)
{
    return ((const struct vq_ops *)vq)->pop(vq, len);
}

// Whether vq_pop() has something to do. Up to DIRQL, caller's queue lock.
bool vq_pending(const struct vq *vq);

// Asks the device for no used-buffer interrupts; a hint, some may still come. Caller's queue lock.
void vq_irq_off(struct vq *vq);

// Asks for an interrupt at the next used buffer and looks once more. Returns true if buffers are
// already waiting: pop them, no interrupt need come. Caller's queue lock.
bool vq_irq_on(struct vq *vq);

// As vq_irq_on(), but asks for the interrupt only after about three quarters of what is now with
// the device is used. The same as vq_irq_on() without EVENT_IDX. Until the next vq_irq_on() a NULL
// from vq_pop() promises no interrupt. Caller's queue lock.
bool vq_irq_on_delayed(struct vq *vq);

// Takes back one buffer that the device has not returned; NULL when there is none left. Only when
// the queue is VQ_STOPPED, as the device may still write otherwise. The order is not that of
// vq_add(). Caller's queue lock.
void *vq_detach(struct vq *vq);

// Notes that the device has forgotten the queue (device reset, or queue reset). vdev does this.
void vq_stop(struct vq *vq);

// Starts a stopped queue afresh, with `size` descriptors (it may differ from before) in the memory
// it has, which must be large enough for it: zeroes the ring and all private state, heals
// VQ_BROKEN. VIO_E_BUSY: buffers were not detached; VIO_E_STATE: not stopped; VIO_E_MEMORY;
// VIO_E_ARG. Caller's queue lock.
enum vio_status vq_restart(struct vq *vq, uint16_t size);

// Present state. Up to DIRQL; safe without the lock as a hint.
enum vq_state vq_state(const struct vq *vq);

// Why the queue is broken, or VQ_FAULT_NONE. Up to DIRQL.
enum vq_fault vq_fault(const struct vq *vq);

// A short English phrase for `fault`, never NULL. Any IRQL.
const char *vq_fault_text(enum vq_fault fault);

uint16_t vq_index(const struct vq *vq);     // queue number
uint16_t vq_size(const struct vq *vq);      // descriptors in all
uint16_t vq_room(const struct vq *vq);      // descriptors free now
uint16_t vq_in_flight(const struct vq *vq); // buffers added and neither popped nor detached

// Counters since vq_init().
void vq_get_stats(const struct vq *vq, struct vq_stats *stats);

#endif
