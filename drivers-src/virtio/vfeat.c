// SPDX-License-Identifier: BSD-3-Clause
//
// The table of general feature bits, and what follows from their dependencies.

#include "vfeat.h"

static const struct vfeat core_table[] = {
    {VIO_F_NOTIFY_ON_EMPTY, "VIRTIO_F_NOTIFY_ON_EMPTY", "1.2, 6.3"},
    {VIO_F_ANY_LAYOUT, "VIRTIO_F_ANY_LAYOUT", "1.2, 6.3"},
    {VIO_F_INDIRECT_DESC, "VIRTIO_F_INDIRECT_DESC", "1.2, 6 (2.7.5.3, 2.8.7)"},
    {VIO_F_EVENT_IDX, "VIRTIO_F_EVENT_IDX", "1.2, 6 (2.7.7, 2.8.10)"},
    {VIO_F_VERSION_1, "VIRTIO_F_VERSION_1", "1.2, 6"},
    {VIO_F_ACCESS_PLATFORM, "VIRTIO_F_ACCESS_PLATFORM", "1.2, 6"},
    {VIO_F_RING_PACKED, "VIRTIO_F_RING_PACKED", "1.2, 6 (2.8)"},
    {VIO_F_IN_ORDER, "VIRTIO_F_IN_ORDER", "1.2, 6 (2.7.9, 2.8.8)"},
    {VIO_F_ORDER_PLATFORM, "VIRTIO_F_ORDER_PLATFORM", "1.2, 6"},
    {VIO_F_SR_IOV, "VIRTIO_F_SR_IOV", "1.2, 6"},
    {VIO_F_NOTIFICATION_DATA, "VIRTIO_F_NOTIFICATION_DATA", "1.2, 6 (2.9)"},
    {VIO_F_NOTIF_CONFIG_DATA, "VIRTIO_F_NOTIF_CONFIG_DATA", "1.2, 6 (4.1.5.2)"},
    {VIO_F_RING_RESET, "VIRTIO_F_RING_RESET", "1.2, 6 (2.6.1)"},
    {VIO_F_ADMIN_VQ, "VIRTIO_F_ADMIN_VQ", "1.3, 6 (2.13)"},
};

const struct vfeat *vfeat_find(const struct vfeat *table, size_t count, unsigned bit)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].bit == bit)
            return &table[i];
    }
    return NULL;
}

const struct vfeat *vfeat_table(size_t *count)
{
    *count = sizeof(core_table) / sizeof(core_table[0]);
    return core_table;
}

uint64_t vfeat_filter(uint64_t wanted)
{
    uint64_t bits = wanted & (VFEAT_CORE | VFEAT_DEVICE_TYPE);

    // A device without VERSION_1 is a legacy one, and those have 32 feature bits (virtio 1.2, 6.1).
    if (!(bits & VIO_BIT(VIO_F_VERSION_1)))
        bits &= 0xffffffffu;
    return bits;
}

void vfeat_log(const struct vio_os *os, uint64_t offered, uint64_t negotiated,
               const struct vfeat *device_table, size_t device_count)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        const struct vfeat *row;

        if (!(offered & VIO_BIT(bit)))
            continue;
        row = vfeat_find(device_table, device_count, bit);
        if (row == NULL)
            row = vfeat_find(core_table, sizeof(core_table) / sizeof(core_table[0]), bit);
        vio_log(os, VIO_LOG_INFO, row ? row->name : "unknown feature", VIO_NO_QUEUE, bit,
                negotiated >> bit & 1);
    }
}
