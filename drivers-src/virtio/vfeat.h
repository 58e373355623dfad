// SPDX-License-Identifier: BSD-3-Clause
//
// Feature bits that are not tied to a device type (virtio 1.2, 6 "Reserved Feature Bits"), as
// numbers for code and as a printable table for logs. Device types add their own tables.

#ifndef VFEAT_H
#define VFEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vio_os.h"

// The mask of feature bit `bit` (0 to 63).
#define VIO_BIT(bit) ((uint64_t)1 << (bit))

enum vio_feature {
    VIO_F_NOTIFY_ON_EMPTY = 24,
    VIO_F_ANY_LAYOUT = 27,
    VIO_F_INDIRECT_DESC = 28,
    VIO_F_EVENT_IDX = 29,
    VIO_F_VERSION_1 = 32,
    VIO_F_ACCESS_PLATFORM = 33,
    VIO_F_RING_PACKED = 34,
    VIO_F_IN_ORDER = 35,
    VIO_F_ORDER_PLATFORM = 36,
    VIO_F_SR_IOV = 37,
    VIO_F_NOTIFICATION_DATA = 38,
    VIO_F_NOTIF_CONFIG_DATA = 39,
    VIO_F_RING_RESET = 40,
    VIO_F_ADMIN_VQ = 41,
    VIO_F_DEVICE_TYPE_LAST = 23, // bits 0 to 23 belong to the device type ...
    VIO_F_DEVICE_TYPE_HIGH = 50  // ... and so do bits 50 to 127, of which 50 to 63 are used here
};

// The bits outside the device type's ranges that this core knows how to run. A negotiation never
// accepts any other bit of that range, whatever the driver asks for.
#define VFEAT_CORE                                                                                \
    (VIO_BIT(VIO_F_ANY_LAYOUT) | VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX) |        \
     VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_ACCESS_PLATFORM) | VIO_BIT(VIO_F_RING_PACKED) |     \
     VIO_BIT(VIO_F_IN_ORDER) | VIO_BIT(VIO_F_ORDER_PLATFORM) | VIO_BIT(VIO_F_NOTIFICATION_DATA) | \
     VIO_BIT(VIO_F_NOTIF_CONFIG_DATA) | VIO_BIT(VIO_F_RING_RESET))

// All bits that belong to a device type.
#define VFEAT_DEVICE_TYPE (((uint64_t)0x00ffffff) | ~(VIO_BIT(VIO_F_DEVICE_TYPE_HIGH) - 1))

struct vfeat {
    uint8_t bit;
    const char *name;   // as the specification spells it
    const char *clause; // of virtio 1.2, or of the version that brought it
};

// Finds the row of `bit` in a table of `count` rows; NULL if it has none. Any IRQL.
const struct vfeat *vfeat_find(const struct vfeat *table, size_t count, unsigned bit);

// The table of the bits above. `*count` receives the number of rows. Any IRQL.
const struct vfeat *vfeat_table(size_t *count);

// Takes from `wanted` what the core cannot run, and what the rest cannot stand without:
// every bit from 32 up needs VERSION_1 (virtio 1.2, 6.1), NOTIF_CONFIG_DATA and RING_RESET too.
// Returns the remaining bits. Any IRQL.
uint64_t vfeat_filter(uint64_t wanted);

// Logs one VIO_LOG_INFO event for each bit of `offered`: `what` is its name (from `device_table`,
// else from the table above, else "unknown feature"), value the bit number, limit 1 if it is in
// `negotiated`, else 0. `device_table` may be NULL when `device_count` is 0. Any IRQL.
void vfeat_log(const struct vio_os *os, uint64_t offered, uint64_t negotiated,
               const struct vfeat *device_table, size_t device_count);

#endif
