// SPDX-License-Identifier: BSD-3-Clause
//
// Starting and stopping the device, its configuration, its serial number.

#include "vb.h"

// What this driver can handle. IN_ORDER would make fast requests wait for slow ones, and
// NOTIFICATION_DATA and RING_RESET bring one queue nothing.
#define WANTED                                                                               \
    (VIO_BIT(VBLK_F_SIZE_MAX) | VIO_BIT(VBLK_F_SEG_MAX) | VIO_BIT(VBLK_F_RO) |               \
     VIO_BIT(VBLK_F_BLK_SIZE) | VIO_BIT(VBLK_F_FLUSH) | VIO_BIT(VBLK_F_TOPOLOGY) |           \
     VIO_BIT(VBLK_F_CONFIG_WCE) | VIO_BIT(VIO_F_ANY_LAYOUT) | VIO_BIT(VIO_F_INDIRECT_DESC) | \
     VIO_BIT(VIO_F_EVENT_IDX) | VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_ACCESS_PLATFORM) |  \
     VIO_BIT(VIO_F_RING_PACKED) | VIO_BIT(VIO_F_ORDER_PLATFORM))

static const struct vfeat feature_names[] = {
    {VBLK_F_SIZE_MAX, "VIRTIO_BLK_F_SIZE_MAX", "5.2.3"},
    {VBLK_F_SEG_MAX, "VIRTIO_BLK_F_SEG_MAX", "5.2.3"},
    {VBLK_F_RO, "VIRTIO_BLK_F_RO", "5.2.3"},
    {VBLK_F_BLK_SIZE, "VIRTIO_BLK_F_BLK_SIZE", "5.2.3"},
    {VBLK_F_FLUSH, "VIRTIO_BLK_F_FLUSH", "5.2.3"},
    {VBLK_F_TOPOLOGY, "VIRTIO_BLK_F_TOPOLOGY", "5.2.3"},
    {VBLK_F_CONFIG_WCE, "VIRTIO_BLK_F_CONFIG_WCE", "5.2.3"},
};

// A field of the configuration, the feature bit that it stands under, and where it goes.
struct field {
    uint8_t bit;
    uint8_t offset;
    uint8_t bytes;
    size_t member;
};

static const struct field fields[] = {
    {VBLK_F_SIZE_MAX, VBLK_SIZE_MAX, 4, offsetof(struct vblk_config, size_max)},
    {VBLK_F_SEG_MAX, VBLK_SEG_MAX, 4, offsetof(struct vblk_config, seg_max)},
    {VBLK_F_BLK_SIZE, VBLK_BLK_SIZE, 4, offsetof(struct vblk_config, blk_size)},
    {VBLK_F_TOPOLOGY, VBLK_PHYSICAL_BLOCK_EXP, 1, offsetof(struct vblk_config, physical_block_exp)},
    {VBLK_F_TOPOLOGY, VBLK_ALIGNMENT_OFFSET, 1, offsetof(struct vblk_config, alignment_offset)},
    {VBLK_F_CONFIG_WCE, VBLK_WRITEBACK, 1, offsetof(struct vblk_config, writeback)},
};

static enum vio_status read_config(struct vb_adapter *adapter, struct vblk_config *config)
{
    enum vio_status status;

    RtlZeroMemory(config, sizeof(*config));
    status = vdev_config_read64(adapter->dev, VBLK_CAPACITY, &config->capacity);
    for (size_t i = 0; i < RTL_NUMBER_OF(fields) && status == VIO_OK; i++) {
        const struct field *field = &fields[i];

        if (vdev_has(adapter->dev, field->bit))
            status = vdev_config_read(adapter->dev, field->offset,
                                      (uint8_t *)config + field->member, field->bytes);
    }
    return status;
}

static enum vio_status choose_ring_size(struct vb_adapter *adapter, uint16_t *ring_size)
{
    uint16_t size = vdev_queue_size(adapter->dev, 0);

    if (size > VB_RING_MAX && !vpci_ops(adapter->pci)->legacy)
        size = VB_RING_MAX;
    if (size == 0 || size > VB_RING_MAX) {
        vio_log(&adapter->os, VIO_LOG_ERROR, "queue size cannot be used", 0, size, VB_RING_MAX);
        return VIO_E_NO_QUEUE;
    }
    *ring_size = size;
    return VIO_OK;
}

enum vio_status vb_device_negotiate(struct vb_adapter *adapter, struct vblk_limits *limits,
                                    struct scsi_disk *disk, uint16_t *ring_size)
{
    struct vblk_config config;
    enum vio_status status;

    status = vdev_negotiate(adapter->dev, WANTED, 0);
    if (status != VIO_OK)
        return status;
    status = read_config(adapter, &config);
    if (status != VIO_OK)
        return status;
    status = choose_ring_size(adapter, ring_size);
    if (status != VIO_OK)
        return status;
    if (!vblk_limits_make(&config, *ring_size, limits)) {
        vio_log(&adapter->os, VIO_LOG_ERROR,
                "requests too small: size_max (value), seg_max (limit)", 0, config.size_max,
                config.seg_max);
        return VIO_E_RANGE;
    }
    vblk_disk_make(&config, vdev_features(adapter->dev), disk);
    return VIO_OK;
}

// Makes `disk` the current one. The serial number stays, and a new size is told as a unit
// attention.
static void publish_disk(struct vb_adapter *adapter, const struct scsi_disk *disk)
{
    uint32_t old = vb_load(&adapter->disk);
    struct scsi_disk *other = &adapter->disks[1 - old];

    *other = *disk;
    other->serial_length = adapter->disks[old].serial_length;
    RtlCopyMemory(other->serial, adapter->disks[old].serial, sizeof(other->serial));
    vb_store(&adapter->disk, 1 - old);
    if (adapter->disks[old].blocks != other->blocks) {
        vio_log(&adapter->os, VIO_LOG_INFO, "capacity in blocks: new (value), old (limit)",
                VIO_NO_QUEUE, other->blocks, adapter->disks[old].blocks);
        vb_store(&adapter->attention, SCSI_ASC_CAPACITY_CHANGED);
    }
}

static enum vio_status start_queue(struct vb_adapter *adapter)
{
    struct vb_queue *queue = &adapter->queue;
    struct vdev_queue request = {
        .index = 0,
        .size = queue->size,
        .vector = VTRANSPORT_NO_VECTOR,
        .ring = queue->ring,
        .ring_pa = queue->ring_pa,
        .ring_bytes = queue->ring_bytes,
        .priv = queue->priv,
        .priv_bytes = queue->priv_bytes,
    };

    // With two messages, 0 is for the configuration and 1 for the queue.
    if (adapter->messages != 0)
        request.vector = (uint16_t)(adapter->messages - 1);
    return vdev_queue_start(adapter->dev, &request, &queue->vq);
}

// What Storport was told must still hold: it cannot be told anew.
static bool still_fits(const struct vb_adapter *adapter, const struct vblk_limits *limits,
                       uint16_t ring_size)
{
    return limits->segments >= adapter->limits.segments &&
           limits->segment_bytes >= adapter->limits.segment_bytes &&
           ring_size >= adapter->queue.size;
}

enum vio_status vb_device_start(struct vb_adapter *adapter)
{
    struct vblk_limits limits;
    struct scsi_disk disk = {0};
    uint16_t ring_size;
    enum vio_status status;

    vpci_set_msix(adapter->pci, adapter->messages != 0);
    status = vb_device_negotiate(adapter, &limits, &disk, &ring_size);
    if (status != VIO_OK)
        goto fail;
    vfeat_log(&adapter->os, vdev_offered(adapter->dev), vdev_features(adapter->dev), feature_names,
              RTL_NUMBER_OF(feature_names));
    if (!still_fits(adapter, &limits, ring_size)) {
        status = VIO_E_RANGE;
        goto fail;
    }
    if (adapter->messages != 0) {
        status = vdev_config_vector(adapter->dev, 0);
        if (status != VIO_OK)
            goto fail;
    }
    status = start_queue(adapter);
    if (status != VIO_OK)
        goto fail;
    publish_disk(adapter, &disk);
    vb_store(&adapter->reset_due, 0);
    status = vdev_ready(adapter->dev);
    if (status != VIO_OK)
        goto fail;
    return VIO_OK;

fail:
    vio_log(&adapter->os, VIO_LOG_ERROR, vio_status_text(status), 0, status, 0);
    vdev_fail(adapter->dev);
    return status;
}

enum vio_status vb_device_stop(struct vb_adapter *adapter, UCHAR srb_status)
{
    enum vio_status status = vdev_reset(adapter->dev);
    void *token;
    SRB *srb;

    if (status == VIO_E_TIMEOUT || adapter->queue.vq == NULL)
        return status;
    if (status == VIO_E_GONE)
        srb_status = SRB_STATUS_NO_DEVICE;
    vdev_queue_stop(adapter->dev, adapter->queue.vq);
    while ((token = vq_detach(adapter->queue.vq)) != NULL) {
        srb = vb_token_srb(adapter, token);
        if (srb != NULL)
            vb_complete(adapter, srb, srb_status);
    }
    return status;
}

void vb_device_refresh(struct vb_adapter *adapter)
{
    struct scsi_disk disk = *vb_get_disk(adapter);
    uint64_t capacity;

    if (vdev_config_read64(adapter->dev, VBLK_CAPACITY, &capacity) != VIO_OK)
        return;
    vblk_disk_resize(&disk, capacity);
    if (disk.blocks != vb_get_disk(adapter)->blocks)
        publish_disk(adapter, &disk);
}

// Asks for the serial number and waits for it. Returns false if the device must be reset.
static bool ask_serial(struct vb_adapter *adapter)
{
    struct vb_request *request = adapter->id_request;
    struct vq *vq = adapter->queue.vq;
    struct scsi_disk disk = *vb_get_disk(adapter);
    struct scsi_sense sense;
    uint32_t used = 0;

    // A single piece: no size_max that was accepted is smaller.
    request->status = VBLK_UNWRITTEN;
    request->sg[1].pa = adapter->id_buffer_pa;
    request->sg[1].len = VBLK_ID_BYTES;
    RtlZeroMemory(adapter->id_buffer, VBLK_ID_BYTES);
    vq_irq_off(vq);
    if (vb_request_add(adapter, request, 1, 1, vb_token(adapter, NULL, false)) != VIO_OK)
        return false;
    vq_kick(vq);
    for (uint32_t waited = 0; waited < VB_ID_US; waited += VB_ID_STEP_US) {
        if (vq_pop(vq, &used) == NULL) {
            StorPortStallExecution(VB_ID_STEP_US);
            continue;
        }
        if (vblk_judge(VBLK_GET_ID, *(volatile uint8_t *)&request->status, used, 0, &sense)) {
            uint8_t id[VBLK_ID_BYTES];

            RtlCopyMemory(id, adapter->id_buffer, sizeof(id));
            scsi_disk_set_serial(&disk, id, sizeof(id));
        }
        adapter->disks[vb_load(&adapter->disk)] = disk;
        // Nothing else is outstanding, so there is nothing to pop.
        vq_irq_on(vq);
        return true;
    }
    vio_log(&adapter->os, VIO_LOG_WARNING, "no serial number in time", 0, VB_ID_US, VB_ID_US);
    return false;
}

// Runs once, at PASSIVE_LEVEL, after HwInitialize and before any request.
static BOOLEAN NTAPI passive_initialize(PVOID extension)
{
    struct vb_adapter *adapter = extension;

    StorPortInitializeDpc(adapter, &adapter->queue.dpc, vb_dpc);
    if (vb_device_start(adapter) != VIO_OK)
        return FALSE;
    if (!ask_serial(adapter)) {
        // The disk is still of use without its serial number.
        if (vb_device_stop(adapter, SRB_STATUS_BUS_RESET) != VIO_OK ||
            vb_device_start(adapter) != VIO_OK)
            return FALSE;
    }
    vb_store(&adapter->state, VB_LIVE);
    vb_store(&adapter->dpc_ready, 1);
    // For what interrupts told before the DPC could be queued.
    vb_queue_dpc(adapter);
    return TRUE;
}

BOOLEAN NTAPI vb_initialize(PVOID extension)
{
    struct vb_adapter *adapter = extension;
    MESSAGE_INTERRUPT_INFORMATION info;

    adapter->messages = 0;
    if (vpci_msix_enabled(adapter->pci)) {
        while (adapter->messages < 2 &&
               StorPortGetMSIInfo(adapter, adapter->messages, &info) == STOR_STATUS_SUCCESS)
            adapter->messages++;
    }
    return StorPortEnablePassiveInitialization(adapter, passive_initialize);
}
