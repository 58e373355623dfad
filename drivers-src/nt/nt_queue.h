// SPDX-License-Identifier: BSD-3-Clause
//
// Memory that a virtio device reads and writes, and a virtqueue with the memory it needs, kept over
// resets so that waking up needs no allocation.

#ifndef NT_QUEUE_H
#define NT_QUEUE_H

#include "nt/nt_device.h"

// Physically contiguous, cached memory, aligned to a page; device addresses are physical ones, so
// the INF must not opt in to DMA remapping. Zeroed.
struct nt_dma {
    PVOID va; // NULL if there is none
    uint64_t pa;
    SIZE_T bytes;
};

// Gets `bytes` of memory, unless `dma` has as much already. STATUS_INSUFFICIENT_RESOURCES; `dma` is
// empty then. PASSIVE_LEVEL.
NTSTATUS nt_dma_alloc(struct nt_dma *dma, SIZE_T bytes);

// Gives it back; does nothing if there is none. PASSIVE_LEVEL.
void nt_dma_free(struct nt_dma *dma);

// Forgets it: a device that could not be reset may still write there. Any IRQL.
void nt_dma_leak(struct nt_dma *dma);

struct nt_queue {
    struct vq *vq; // between start and stop
    struct nt_dma ring;
    PVOID priv;
    SIZE_T priv_bytes;
};

// Makes queue `index` with at most `size_limit` descriptors (a legacy device: as many as it says),
// on the vector that nt_vector() tells. A poisoned queue asks for a reset by itself. Zero the
// structure before the first time. Between vdev_negotiate() and vdev_ready(). PASSIVE_LEVEL.
NTSTATUS nt_queue_start(struct nt_device *dev, struct nt_queue *queue, uint16_t index,
                        uint16_t size_limit);

// After nt_device_quiesce() said that memory is ours again: allows vq_detach(). `vq` stays valid
// until the next start or free. Caller's queue lock, or none if the queue is out of use.
void nt_queue_stop(struct nt_device *dev, struct nt_queue *queue);

// After nt_device_quiesce() said that memory is not ours: leaves the ring to the device.
void nt_queue_leak(struct nt_queue *queue);

// Frees its memory; does nothing if there is none. PASSIVE_LEVEL.
void nt_queue_free(struct nt_queue *queue);

#endif
