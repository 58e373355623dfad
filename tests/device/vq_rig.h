// SPDX-License-Identifier: GPL-3.0-or-later
//
// One virtqueue of the core and one device ring over the same memory, without a transport.

#ifndef TESTS_DEVICE_VQ_RIG_H
#define TESTS_DEVICE_VQ_RIG_H

#include "drivers-src/virtio/virtio.h"
#include "tests/device/sdev_ring.h"

struct vq_rig {
    struct sdev_faults faults;
    struct sdev_mem *mem;
    struct vio_os os;
    struct vq *vq;
    struct sdev_ring *ring;
    uint64_t features;
    void *ring_host; // what the device shares
    uint64_t ring_gpa;
    size_t ring_bytes;
    void *priv; // what it does not; see vq_rig_private()
    uint64_t notifies;
    uint32_t notify_value;
    unsigned logs[VIO_LOG_INFO + 1];
    unsigned broken_calls;
    enum vq_fault broken_fault;
};

// Memory that is aligned to 16 bytes and to no more, which is all that the core may count on, and
// ends where its room ends. NULL: out of memory.
void *vq_rig_private(size_t bytes);
void vq_rig_private_free(void *priv);

// Sets up a queue of `size` descriptors and the device's end. False with everything undone when
// the core refuses or memory is out.
bool vq_rig_up(struct vq_rig *rig, uint16_t size, uint64_t features);
void vq_rig_down(struct vq_rig *rig);

// The device forgets the queue: stops the core's queue and drops the device's ring. Buffers are to
// be detached, then the queue may go on with another size that its memory can hold.
void vq_rig_stop(struct vq_rig *rig);
bool vq_rig_restart(struct vq_rig *rig, uint16_t size);

#endif
