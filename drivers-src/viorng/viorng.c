// SPDX-License-Identifier: BSD-3-Clause
//
// The device's side: set up, start, stop.

#include "viorng/viorng.h"

#include <initguid.h>
#include "viorng/viorng_public.h"

#define RNG_DEVICE_TYPE 4 // virtio 1.2, 5
#define RNG_QUEUE       0 // requestq (virtio 1.2, 5.4.2)
#define RNG_QUEUE_SIZE  8 // only one buffer is ever in it

// The device type has no features of its own (virtio 1.2, 5.4.3). Left out of the core's: indirect
// descriptors, event indexes and queue resets, which a queue of one buffer has no use for.
#define RNG_FEATURES \
    (VFEAT_CORE &    \
     ~(VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX) | VIO_BIT(VIO_F_RING_RESET)))

static NTSTATUS add(struct nt_device *dev)
{
    struct rng *rng = dev->context;

    rng->dev = dev;
    KeInitializeSpinLock(&rng->lock);
    return rng_read_init(rng);
}

static void remove_rng(struct nt_device *dev)
{
    struct rng *rng = dev->context;

    rng_clock_stop(rng);
    nt_queue_free(&rng->queue);
    nt_dma_free(&rng->buffer);
}

// Takes queue and buffer back from the device.
static void reclaim(struct rng *rng)
{
    if (!nt_device_quiesce(rng->dev)) {
        nt_queue_leak(&rng->queue);
        nt_dma_leak(&rng->buffer);
        rng->lent = FALSE;
        return;
    }
    nt_queue_stop(rng->dev, &rng->queue);
    if (rng->queue.vq != NULL)
        vq_detach(rng->queue.vq);
    rng->lent = FALSE;
    RtlSecureZeroMemory(rng->buffer.va, rng->buffer.bytes);
}

static NTSTATUS enable(struct nt_device *dev)
{
    struct rng *rng = dev->context;
    NTSTATUS status;
    KIRQL irql;

    status = nt_dma_alloc(&rng->buffer, VIORNG_PIECE_BYTES);
    if (!NT_SUCCESS(status))
        return status;
    status = nt_status(vdev_negotiate(dev->vdev, RNG_FEATURES, 0));
    if (!NT_SUCCESS(status))
        goto fail;
    status = nt_queue_start(dev, &rng->queue, RNG_QUEUE, RNG_QUEUE_SIZE);
    if (!NT_SUCCESS(status))
        goto fail;
    status = nt_status(vdev_ready(dev->vdev));
    if (!NT_SUCCESS(status))
        goto fail;
    KeAcquireSpinLock(&rng->lock, &irql);
    rng->rest = FALSE;
    rng->running = TRUE;
    KeReleaseSpinLock(&rng->lock, irql);
    rng_pump(rng);
    return STATUS_SUCCESS;

fail:
    reclaim(rng);
    return status;
}

static void disable(struct nt_device *dev)
{
    struct rng *rng = dev->context;
    KIRQL irql;

    KeAcquireSpinLock(&rng->lock, &irql);
    rng->running = FALSE;
    KeReleaseSpinLock(&rng->lock, irql);
    // Nobody uses the queue any more: all that do look at `running` first, under the lock.
    reclaim(rng);
}

static void close(struct nt_device *dev, NTSTATUS why)
{
    rng_end_reads(dev->context, why, NULL);
}

static void dpc(struct nt_device *dev, ULONG causes)
{
    UNREFERENCED_PARAMETER(causes);
    rng_deal(dev->context);
}

static NTSTATUS request(struct nt_device *dev, IRP *irp)
{
    if (IoGetCurrentIrpStackLocation(irp)->MajorFunction == IRP_MJ_READ)
        return rng_read(dev->context, irp);
    return nt_complete(dev, irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

static void cleanup(struct nt_device *dev, FILE_OBJECT *file)
{
    rng_end_reads(dev->context, STATUS_SUCCESS, file);
}

const struct nt_driver nt_driver = {
    .log_prefix = "viorng: ",
    .tag = RNG_TAG,
    .context_bytes = sizeof(struct rng),
    .device_type = RNG_DEVICE_TYPE,
    .interface_guid = &VIORNG_INTERFACE_GUID,
    .add = add,
    .remove = remove_rng,
    .enable = enable,
    .disable = disable,
    .close = close,
    .dpc = dpc,
    .request = request,
    .cleanup = cleanup,
};

DRIVER_INITIALIZE DriverEntry;

KDK_INIT NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *registry_path)
{
    UNREFERENCED_PARAMETER(registry_path);
    return nt_driver_init(driver);
}
