// SPDX-License-Identifier: BSD-3-Clause

#include "nt/nt_queue.h"

NTSTATUS nt_dma_alloc(struct nt_dma *dma, SIZE_T bytes)
{
    PHYSICAL_ADDRESS lowest;
    PHYSICAL_ADDRESS highest;
    PHYSICAL_ADDRESS boundary;

    if (dma->va != NULL && dma->bytes >= bytes)
        return STATUS_SUCCESS;
    nt_dma_free(dma);
    lowest.QuadPart = 0;
    // A legacy queue's address is a 32-bit page number (virtio 1.2, 4.1.4.9).
    highest.QuadPart = ((LONGLONG)1 << 44) - 1;
    boundary.QuadPart = 0;
    dma->va = MmAllocateContiguousNodeMemory(bytes, lowest, highest, boundary, PAGE_READWRITE,
                                             MM_ANY_NODE_OK);
    if (dma->va == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(dma->va, bytes);
    dma->pa = (uint64_t)MmGetPhysicalAddress(dma->va).QuadPart;
    dma->bytes = bytes;
    return STATUS_SUCCESS;
}

void nt_dma_free(struct nt_dma *dma)
{
    if (dma->va != NULL)
        MmFreeContiguousMemory(dma->va);
    nt_dma_leak(dma);
}

void nt_dma_leak(struct nt_dma *dma)
{
    dma->va = NULL;
    dma->bytes = 0;
}

static void queue_broken(void *ctx, uint16_t index, enum vq_fault fault)
{
    struct nt_device *dev = ctx;

    UNREFERENCED_PARAMETER(index);
    UNREFERENCED_PARAMETER(fault);
    nt_device_reset_soon(dev);
}

// The size to use: no more than the limit, and for a split ring still a power of two.
static uint16_t choose_size(struct nt_device *dev, uint16_t index, uint16_t limit)
{
    uint16_t size = vdev_queue_size(dev->vdev, index);

    if (vpci_get_kind(dev->vpci) == VPCI_LEGACY)
        return size;
    // At most 15 steps.
    while (size > limit)
        size /= 2;
    return size;
}

static NTSTATUS private_alloc(struct nt_queue *queue, SIZE_T bytes)
{
    if (queue->priv != NULL && queue->priv_bytes >= bytes)
        return STATUS_SUCCESS;
    if (queue->priv != NULL)
        ExFreePoolWithTag(queue->priv, nt_driver.tag);
    queue->priv_bytes = 0;
    queue->priv = ExAllocatePoolWithTag(NonPagedPoolNx, bytes, nt_driver.tag);
    if (queue->priv == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    queue->priv_bytes = bytes;
    return STATUS_SUCCESS;
}

NTSTATUS nt_queue_start(struct nt_device *dev, struct nt_queue *queue, uint16_t index,
                        uint16_t size_limit)
{
    const uint16_t size = choose_size(dev, index, size_limit);
    const SIZE_T ring_bytes = vq_ring_bytes(size, vdev_features(dev->vdev));
    const SIZE_T priv_bytes = vdev_queue_private_bytes(dev->vdev, size);
    struct vdev_queue setup;
    enum vio_status made;
    NTSTATUS status;

    queue->vq = NULL;
    if (ring_bytes == 0 || priv_bytes == 0) {
        nt_log(&dev->log, VIO_LOG_ERROR, "queue %u cannot have %u entries\n", index, size);
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    }
    status = nt_dma_alloc(&queue->ring, ring_bytes);
    if (!NT_SUCCESS(status))
        return status;
    status = private_alloc(queue, priv_bytes);
    if (!NT_SUCCESS(status))
        return status;
    RtlZeroMemory(&setup, sizeof(setup));
    setup.index = index;
    setup.size = size;
    setup.vector = nt_vector(dev, index);
    setup.ring = queue->ring.va;
    setup.ring_pa = queue->ring.pa;
    setup.ring_bytes = queue->ring.bytes;
    setup.priv = queue->priv;
    setup.priv_bytes = queue->priv_bytes;
    setup.broken = queue_broken;
    setup.broken_ctx = dev;
    made = vdev_queue_start(dev->vdev, &setup, &queue->vq);
    if (made != VIO_OK)
        nt_log(&dev->log, VIO_LOG_ERROR, "queue %u: %s\n", index, vio_status_text(made));
    return nt_status(made);
}

void nt_queue_stop(struct nt_device *dev, struct nt_queue *queue)
{
    if (queue->vq != NULL)
        vdev_queue_stop(dev->vdev, queue->vq);
}

void nt_queue_leak(struct nt_queue *queue)
{
    nt_dma_leak(&queue->ring);
}

void nt_queue_free(struct nt_queue *queue)
{
    nt_dma_free(&queue->ring);
    if (queue->priv != NULL)
        ExFreePoolWithTag(queue->priv, nt_driver.tag);
    queue->priv = NULL;
    queue->priv_bytes = 0;
    queue->vq = NULL;
}
