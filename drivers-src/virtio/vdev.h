// SPDX-License-Identifier: BSD-3-Clause
//
// A virtio device's life: reset, status steps, feature negotiation, configuration space, queues
// (virtio 1.2, 2.1 to 2.5 and 3). The order of calls is drawn in the guide in virtio.h.

#ifndef VDEV_H
#define VDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfeat.h"
#include "vio_os.h"
#include "vio_status.h"
#include "vq.h"
#include "vtransport.h"

// Device status bits (virtio 1.2, 2.1).
enum vdev_status {
    VDEV_ACKNOWLEDGE = 1,
    VDEV_DRIVER = 2,
    VDEV_DRIVER_OK = 4,
    VDEV_FEATURES_OK = 8,
    VDEV_NEEDS_RESET = 64,
    VDEV_FAILED = 128
};

// Interrupt status bits (virtio 1.2, 4.1.4.5).
enum vdev_isr { VDEV_ISR_QUEUE = 1, VDEV_ISR_CONFIG = 2 };

// Longest wait for a device or queue reset, in microseconds, and the number of times the register
// is looked at in that time. Both waits are busy: a reset may be needed at DIRQL.
#define VDEV_RESET_US      1000000u
#define VDEV_RESET_STEP_US 100u

// How often a configuration read is repeated while the generation keeps changing.
#define VDEV_CONFIG_TRIES 16u

struct vdev;

// Room for a struct vdev, to be embedded in the driver's own device state.
struct vdev_memory {
    uint64_t words[16];
};

// Makes a device on `transport` in `memory`. Touches no register. `os`, `ops`, `transport` and
// `memory` stay the caller's and must outlive the device. Never fails. Any IRQL.
struct vdev *vdev_init(struct vdev_memory *memory, const struct vio_os *os,
                       const struct vtransport_ops *ops, void *transport);

// Resets the device and waits until it says so (virtio 1.2, 2.4), at most VDEV_RESET_US. After
// VIO_OK, and after VIO_E_GONE, the device touches no memory any more: stop and detach the queues
// (vdev_queue_stop). After VIO_E_TIMEOUT it may; leave ring and buffers alone. Up to DIRQL.
enum vio_status vdev_reset(struct vdev *dev);

// Resets, then goes through ACKNOWLEDGE, DRIVER, features, FEATURES_OK (virtio 1.2, 3.1.1).
//
// wanted   - all bits that the driver can handle, its device type's and the core's; what
//            vfeat_filter() takes out, and what the device does not offer, is left out silently.
//            VERSION_1 is always wanted.
// required - bits of `wanted` without which the driver cannot work.
//
// VIO_E_NO_FEATURE: a required bit (or VERSION_1 of a modern device) is missing; VIO_E_FEATURES:
// the device refused; VIO_E_TIMEOUT, VIO_E_GONE: from the reset. On error the device has been
// marked FAILED (unless it is gone). Up to DIRQL.
enum vio_status vdev_negotiate(struct vdev *dev, uint64_t wanted, uint64_t required);

// Sets DRIVER_OK: from here on the device may use its queues. No doorbell rings before: buffers may
// be added and published earlier, then call vq_notify() after this for each queue that has some.
// VIO_E_STATE before vdev_negotiate(), or a second time; VIO_E_GONE. Up to DIRQL.
enum vio_status vdev_ready(struct vdev *dev);

// Gives up on the device: sets FAILED. Up to DIRQL.
void vdev_fail(struct vdev *dev);

// Whether feature bit `bit` was negotiated. Decide by this, never by what was offered. Any IRQL.
bool vdev_has(const struct vdev *dev, unsigned bit);

// Negotiated bits; 0 before vdev_negotiate(). vq_ring_bytes() and friends want them. Any IRQL.
uint64_t vdev_features(const struct vdev *dev);

// Offered bits, for the log (vfeat_log). Any IRQL.
uint64_t vdev_offered(const struct vdev *dev);

// Whether the device must be reset: a queue was poisoned, or the device has set
// DEVICE_NEEDS_RESET, or it is gone. Reads the status register. Up to DIRQL.
bool vdev_needs_reset(struct vdev *dev);

// Whether the device was removed: status reads as all ones. Up to DIRQL.
bool vdev_gone(struct vdev *dev);

// Reads one field of device configuration (`len` 1, 2, 4 or 8, read in that width, 8 as two halves)
// or an array of bytes (any other `len`, or a field that is not aligned). Repeated until the
// generation did not change, at most VDEV_CONFIG_TRIES times. Values are little-endian. The caller
// checks what they say. VIO_E_RANGE: outside of what the device has, so a field that may not exist
// is read under its feature bit; VIO_E_UNSTABLE. On error `buffer` is zeroed. Up to DIRQL.
enum vio_status vdev_config_read(struct vdev *dev, uint32_t offset, void *buffer, uint32_t len);

// The generation counter, to read several fields as one: read it before and after. Constantly 0 on
// a legacy device. Up to DIRQL.
uint32_t vdev_config_generation(struct vdev *dev);

// Single fields, read in the same way; `*value` is 0 on error. Up to DIRQL.
enum vio_status vdev_config_read8(struct vdev *dev, uint32_t offset, uint8_t *value);
enum vio_status vdev_config_read16(struct vdev *dev, uint32_t offset, uint16_t *value);
enum vio_status vdev_config_read32(struct vdev *dev, uint32_t offset, uint32_t *value);
enum vio_status vdev_config_read64(struct vdev *dev, uint32_t offset, uint64_t *value);

// Writes one field or an array of bytes, widths as above. VIO_E_RANGE; VIO_E_STATE before
// vdev_negotiate(). Up to DIRQL.
enum vio_status vdev_config_write(struct vdev *dev, uint32_t offset, const void *buffer,
                                  uint32_t len);

// Maps configuration interrupts to MSI-X vector `vector`, or to none (VTRANSPORT_NO_VECTOR).
// After vdev_negotiate(), before vdev_ready(). VIO_E_VECTOR. Up to DIRQL.
enum vio_status vdev_config_vector(struct vdev *dev, uint16_t vector);

// Reads and clears the interrupt status, for line interrupts. 0: not ours, as it is for a device
// that does not answer. At DIRQL.
uint8_t vdev_isr(struct vdev *dev);

// Largest size of queue `index`, as the device states it and the ring format allows (a split size
// that is no power of two is rounded down, over-large ones are cut); 0: no such queue. After
// vdev_negotiate(). Up to DIRQL.
uint16_t vdev_queue_size(struct vdev *dev, uint16_t index);

struct vdev_queue {
    uint16_t index;
    uint16_t size;   // from 1 to vdev_queue_size(); exactly that on a legacy device
    uint16_t vector; // MSI-X vector or VTRANSPORT_NO_VECTOR
    void *ring;      // as in struct vq_config
    uint64_t ring_pa;
    size_t ring_bytes;
    void *priv; // vdev_queue_private_bytes() long
    size_t priv_bytes;
    vq_broken_fn broken; // may be NULL; vdev notes it too
    void *broken_ctx;
};

// Bytes of private memory of a queue made by vdev_queue_start(): a little more than
// vq_private_bytes(); 0 if no such queue can be. After vdev_negotiate(). Any IRQL.
size_t vdev_queue_private_bytes(const struct vdev *dev, uint16_t size);

// Makes a queue and enables it in the device. Between vdev_negotiate() and vdev_ready() (or later
// for a queue that was never started, if the device type allows). Memory in `queue` is lent until
// the queue is stopped and detached. VIO_E_NO_QUEUE, VIO_E_VECTOR, VIO_E_RANGE (doorbell outside
// its region) and those of vq_init(). Up to DIRQL.
enum vio_status vdev_queue_start(struct vdev *dev, const struct vdev_queue *queue, struct vq **vq);

// After vdev_reset(): marks `vq` as forgotten by the device, so that vq_detach() works. VIO_E_STATE
// while the device runs. Caller's queue lock.
enum vio_status vdev_queue_stop(struct vdev *dev, struct vq *vq);

// Resets one queue of a running device (RING_RESET, virtio 1.2, 2.6.1) and marks it stopped; then
// detach its buffers. VIO_E_NO_FEATURE: not negotiated; VIO_E_TIMEOUT or VIO_E_GONE: reset the
// device instead; VIO_E_STATE: it has been already.
// Busy-waits at most VDEV_RESET_US. Up to DIRQL, caller's queue lock.
enum vio_status vdev_queue_reset(struct vdev *dev, struct vq *vq);

// Enables a queue again after vdev_queue_reset() and vq_detach(), in the same memory, with `size`
// descriptors: a resize if it differs (virtio 1.2, 2.6.1.1). Errors as of vq_restart() and
// vdev_queue_start(). Up to DIRQL, caller's queue lock.
enum vio_status vdev_queue_restart(struct vdev *dev, struct vq *vq, uint16_t size, uint16_t vector);

#endif
