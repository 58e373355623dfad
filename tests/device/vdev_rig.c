// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/vdev_rig.h"
#include "tests/device/vq_rig.h"

#include <stdio.h>
#include <string.h>

// Each BAR gets an address range of its own, so that a region's base tells its BAR.
enum { BAR_SHIFT = 28 };

static void rig_log(void *ctx, const struct vio_event *event)
{
    struct vdev_rig *rig = ctx;

    rig->logs[event->level]++;
    snprintf(rig->last_log, sizeof(rig->last_log), "%s", event->what);
}

static void rig_stall(void *ctx, uint32_t microseconds)
{
    struct vdev_rig *rig = ctx;

    rig->stalled_us += microseconds;
}

// What vio_os.h promises the driver: inside the region and aligned to the width.
static unsigned access_check(struct vdev_rig *rig, const struct vio_region *region, uint32_t offset,
                             unsigned width, uint64_t *at)
{
    uint64_t address = region->base + (uint64_t)offset;

    if (offset > region->length || width > region->length - offset || address % width != 0)
        sdev_fault(&rig->sdev->faults, "register access of %u bytes at %u of %llu", width,
                   (unsigned)offset, (unsigned long long)region->length);
    *at = address & (((uint64_t)1 << BAR_SHIFT) - 1);
    return (unsigned)(address >> BAR_SHIFT) - 1;
}

static uint32_t rig_read(void *ctx, const struct vio_region *region, uint32_t offset,
                         unsigned width)
{
    struct vdev_rig *rig = ctx;
    uint64_t at = 0;
    unsigned bar = access_check(rig, region, offset, width, &at);

    return sdev_pci_read(rig->pci, bar, at, width);
}

static void rig_write(void *ctx, const struct vio_region *region, uint32_t offset, unsigned width,
                      uint32_t value)
{
    struct vdev_rig *rig = ctx;
    uint64_t at = 0;
    unsigned bar = access_check(rig, region, offset, width, &at);

    sdev_pci_write(rig->pci, bar, at, width, value);
}

static uint8_t rig_read8(void *ctx, const struct vio_region *region, uint32_t offset)
{
    return (uint8_t)rig_read(ctx, region, offset, 1);
}

static uint16_t rig_read16(void *ctx, const struct vio_region *region, uint32_t offset)
{
    return (uint16_t)rig_read(ctx, region, offset, 2);
}

static uint32_t rig_read32(void *ctx, const struct vio_region *region, uint32_t offset)
{
    return rig_read(ctx, region, offset, 4);
}

static void rig_write8(void *ctx, const struct vio_region *region, uint32_t offset, uint8_t value)
{
    rig_write(ctx, region, offset, 1, value);
}

static void rig_write16(void *ctx, const struct vio_region *region, uint32_t offset, uint16_t value)
{
    rig_write(ctx, region, offset, 2, value);
}

static void rig_write32(void *ctx, const struct vio_region *region, uint32_t offset, uint32_t value)
{
    rig_write(ctx, region, offset, 4, value);
}

static enum vio_status rig_config_read(void *ctx, uint32_t offset, void *buffer, uint32_t len)
{
    struct vdev_rig *rig = ctx;

    sdev_pci_cfg_read(rig->pci, offset, buffer, len);
    return VIO_OK;
}

static enum vio_status rig_bar_map(void *ctx, const struct vpci_bar *bar, struct vio_region *region)
{
    struct vdev_rig *rig = ctx;
    const struct sdev_bar *real = &rig->pci->bar[bar->index];

    if (rig->no_bars || real->length == 0)
        return VIO_E_ACCESS;
    *region = (struct vio_region){
        .base = (uintptr_t)(bar->index + 1u) << BAR_SHIFT,
        .length = real->length,
        .is_port = real->is_port,
    };
    return VIO_OK;
}

static void rig_broken(void *ctx, uint16_t index, enum vq_fault fault)
{
    struct vdev_rig *rig = ctx;

    (void)index;
    (void)fault;
    rig->broken_calls++;
}

bool vdev_rig_up(struct vdev_rig *rig, const struct sdev_model *model, enum sdev_pci_kind kind,
                 uint16_t vectors)
{
    memset(rig, 0, sizeof(*rig));
    rig->sdev = sdev_dev_new(model, kind != SDEV_PCI_MODERN);
    if (rig->sdev == NULL)
        return false;
    rig->pci = sdev_pci_new(rig->sdev, kind, vectors);
    if (rig->pci == NULL) {
        sdev_dev_free(rig->sdev);
        return false;
    }
    rig->os = (struct vio_os){
        .log = rig_log,
        .stall = rig_stall,
        .read8 = rig_read8,
        .read16 = rig_read16,
        .read32 = rig_read32,
        .write8 = rig_write8,
        .write16 = rig_write16,
        .write32 = rig_write32,
        .ctx = rig,
    };
    rig->bus =
        (struct vpci_bus){.config_read = rig_config_read, .bar_map = rig_bar_map, .ctx = rig};
    return true;
}

static void queue_free(struct vdev_rig *rig, unsigned index)
{
    struct vdev_rig_queue *q = &rig->queue[index];

    vq_rig_private_free(q->priv);
    if (q->ring_gpa != 0)
        sdev_mem_release(rig->sdev->mem, q->ring_gpa);
    *q = (struct vdev_rig_queue){0};
}

void vdev_rig_down(struct vdev_rig *rig)
{
    for (unsigned i = 0; i < SDEV_MAX_QUEUES; i++)
        vq_rig_private_free(rig->queue[i].priv);
    sdev_pci_free(rig->pci);
    sdev_dev_free(rig->sdev);
}

enum vio_status vdev_rig_probe(struct vdev_rig *rig)
{
    enum vio_status status = vpci_probe(&rig->vpci_memory, &rig->os, &rig->bus, &rig->vpci);

    if (status == VIO_OK)
        rig->dev =
            vdev_init(&rig->vdev_memory, &rig->os, vpci_ops(rig->vpci), vpci_transport(rig->vpci));
    return status;
}

enum vio_status vdev_rig_queue(struct vdev_rig *rig, uint16_t index, uint16_t size, uint16_t vector)
{
    struct vdev_rig_queue *q = &rig->queue[index];
    uint64_t features = vdev_features(rig->dev);

    if (size == 0)
        size = vdev_queue_size(rig->dev, index);
    if (size == 0)
        return VIO_E_NO_QUEUE;

    struct vdev_queue queue = {
        .index = index,
        .size = size,
        .vector = vector,
        .ring_bytes = vq_ring_bytes(size, features),
        .priv_bytes = vdev_queue_private_bytes(rig->dev, size),
        .broken = rig_broken,
        .broken_ctx = rig,
    };
    queue.ring =
        sdev_mem_alloc(rig->sdev->mem, queue.ring_bytes, vq_ring_align(features), &q->ring_gpa);
    queue.ring_pa = q->ring_gpa;
    queue.priv = q->priv = vq_rig_private(queue.priv_bytes);
    enum vio_status status = vdev_queue_start(rig->dev, &queue, &q->vq);
    if (status != VIO_OK)
        queue_free(rig, index);
    return status;
}

enum vio_status vdev_rig_start(struct vdev_rig *rig, uint64_t wanted)
{
    enum vio_status status = vdev_rig_probe(rig);

    if (status == VIO_OK)
        status = vdev_negotiate(rig->dev, wanted, 0);
    for (uint16_t i = 0; status == VIO_OK && i < rig->sdev->model.queues; i++)
        status = vdev_rig_queue(rig, i, 0, rig->sdev->vectors != 0 ? 0 : VTRANSPORT_NO_VECTOR);
    return status == VIO_OK ? vdev_ready(rig->dev) : status;
}

unsigned vdev_rig_reset(struct vdev_rig *rig)
{
    unsigned detached = 0;

    vdev_reset(rig->dev);
    for (unsigned i = 0; i < SDEV_MAX_QUEUES; i++) {
        struct vq *vq = rig->queue[i].vq;

        if (vq == NULL)
            continue;
        vdev_queue_stop(rig->dev, vq);
        while (vq_detach(vq) != NULL) // at most the queue size
            detached++;
        queue_free(rig, i);
    }
    return detached;
}

bool vdev_rig_transact(struct vdev_rig *rig, uint16_t index, const void *out, uint32_t out_len,
                       void *in, uint32_t in_len, uint32_t *len)
{
    struct vq *vq = rig->queue[index].vq;
    struct vq_sg sg[2];
    uint16_t n = 0;
    uint64_t gpa = 0;
    uint8_t *host = sdev_mem_alloc(rig->sdev->mem, (size_t)out_len + in_len, 16, &gpa);
    bool back = false;

    if (host == NULL)
        return false;
    if (out_len != 0) {
        memcpy(host, out, out_len);
        sg[n++] = (struct vq_sg){.pa = gpa, .len = out_len};
    }
    if (in_len != 0)
        sg[n++] = (struct vq_sg){.pa = gpa + out_len, .len = in_len};
    if (vq_add(vq, sg, out_len != 0, in_len != 0, host, NULL) == VIO_OK) {
        vq_kick(vq);
        sdev_dev_run(rig->sdev);
        back = vq_pop(vq, len) == host;
    }
    if (back && in_len != 0)
        memcpy(in, host + out_len, in_len);
    if (back) // else it is the device's still
        sdev_mem_release(rig->sdev->mem, gpa);
    return back;
}
