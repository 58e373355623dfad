// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/vq_rig.h"

#include <stdlib.h>
#include <string.h>

static void rig_log(void *ctx, const struct vio_event *event)
{
    struct vq_rig *rig = ctx;

    rig->logs[event->level]++;
}

static void rig_notify(void *ctx, uint32_t value)
{
    struct vq_rig *rig = ctx;

    rig->notifies++;
    rig->notify_value = value;
}

static void rig_broken(void *ctx, uint16_t index, enum vq_fault fault)
{
    struct vq_rig *rig = ctx;

    (void)index;
    rig->broken_calls++;
    rig->broken_fault = fault;
}

enum { PRIVATE_SHIFT = 16 };

void *vq_rig_private(size_t bytes)
{
    void *room = NULL;

    if (posix_memalign(&room, 4096, bytes + PRIVATE_SHIFT) != 0)
        return NULL;
    return (uint8_t *)room + PRIVATE_SHIFT;
}

void vq_rig_private_free(void *priv)
{
    if (priv != NULL)
        free((uint8_t *)priv - PRIVATE_SHIFT);
}

static bool device_up(struct vq_rig *rig)
{
    struct vq_areas areas;

    vq_get_areas(rig->vq, &areas);
    struct sdev_ring_cfg cfg = {
        .mem = rig->mem,
        .faults = &rig->faults,
        .features = rig->features,
        .desc = areas.desc,
        .driver = areas.driver,
        .device = areas.device,
        .num = vq_size(rig->vq),
    };
    rig->ring = sdev_ring_new(&cfg);
    return rig->ring != NULL;
}

bool vq_rig_up(struct vq_rig *rig, uint16_t size, uint64_t features)
{
    memset(rig, 0, sizeof(*rig));
    rig->features = features;
    rig->os = (struct vio_os){.log = rig_log, .ctx = rig};
    rig->mem = sdev_mem_new(&rig->faults, 0);
    if (rig->mem == NULL)
        return false;

    size_t priv_bytes = vq_private_bytes(size, features);
    rig->ring_bytes = vq_ring_bytes(size, features);
    if (rig->ring_bytes == 0 || priv_bytes == 0)
        goto fail;
    rig->ring_host =
        sdev_mem_alloc(rig->mem, rig->ring_bytes, vq_ring_align(features), &rig->ring_gpa);
    rig->priv = vq_rig_private(priv_bytes);
    if (rig->ring_host == NULL || rig->priv == NULL)
        goto fail;

    struct vq_config config = {
        .os = &rig->os,
        .features = features,
        .index = 3,
        .size = size,
        .notify_data = 3,
        .ring = rig->ring_host,
        .ring_pa = rig->ring_gpa,
        .ring_bytes = rig->ring_bytes,
        .priv = rig->priv,
        .priv_bytes = priv_bytes,
        .notify = rig_notify,
        .notify_ctx = rig,
        .broken = rig_broken,
        .broken_ctx = rig,
    };
    if (vq_init(&config, &rig->vq) != VIO_OK || !device_up(rig))
        goto fail;
    return true;

fail:
    vq_rig_down(rig);
    return false;
}

void vq_rig_down(struct vq_rig *rig)
{
    sdev_ring_free(rig->ring);
    rig->ring = NULL;
    vq_rig_private_free(rig->priv);
    rig->priv = NULL;
    sdev_mem_free(rig->mem);
    rig->mem = NULL;
}

void vq_rig_stop(struct vq_rig *rig)
{
    sdev_ring_free(rig->ring);
    rig->ring = NULL;
    vq_stop(rig->vq);
}

bool vq_rig_restart(struct vq_rig *rig, uint16_t size)
{
    return vq_restart(rig->vq, size) == VIO_OK && device_up(rig);
}
