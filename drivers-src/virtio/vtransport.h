// SPDX-License-Identifier: BSD-3-Clause
//
// The seam between device life cycle (vdev) and bus. virtio-pci modern and legacy implement it;
// tests have a fake; MMIO would be one more file. The entries are thin: policy (order of steps,
// bounds of waits, checks of what the device says) is in vdev.c, once for all transports.

#ifndef VTRANSPORT_H
#define VTRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vio_os.h"
#include "vio_status.h"
#include "vq.h"

// No interrupt for this event (virtio 1.2, 4.1.5.1.2).
#define VTRANSPORT_NO_VECTOR 0xffffu

// How the doorbell of a queue is reached; filled by queue_prepare, given to notify.
struct vtransport_doorbell {
    uint32_t offset;      // within the notification region
    uint16_t notify_data; // what stands for the queue number in a notification
    bool wide;            // 32-bit value (NOTIFICATION_DATA)
};

struct vtransport_ops {
    const char *name; // "virtio-pci modern", for logs
    // True if the device runs the legacy interface: no FEATURES_OK, no feature bits above 31, no
    // VERSION_1, no choice of queue size.
    bool legacy;

    // Device status register (virtio 1.2, 2.1). A write of 0 starts a reset.
    uint8_t (*status_read)(void *transport);
    void (*status_write)(void *transport, uint8_t status);

    // The low 64 feature bits, offered and accepted (virtio 1.2, 2.2). Bits that the transport
    // cannot carry out are not shown as offered.
    uint64_t (*features_read)(void *transport);
    void (*features_write)(void *transport, uint64_t features);

    // Device-specific configuration (virtio 1.2, 2.5). `offset` + `len` lies within
    // config_length. A `len` of 1, 2, 4 or 8 at an offset aligned to it is one field of this width
    // (8: two of 4); anything else is read as bytes. A length of 0 means there is none.
    uint32_t (*config_length)(void *transport);
    void (*config_read)(void *transport, uint32_t offset, void *buffer, uint32_t len);
    void (*config_write)(void *transport, uint32_t offset, const void *buffer, uint32_t len);
    // The generation counter; constantly 0 where there is none.
    uint32_t (*config_generation)(void *transport);
    // Vector of the configuration interrupt, read back (VIO_E_VECTOR if it did not stick).
    enum vio_status (*config_vector)(void *transport, uint16_t vector);

    // Number of queues, at most 65535; where the bus does not say, its addressing limit.
    uint32_t (*queue_count)(void *transport);
    // Largest size of queue `index`; 0 if it does not exist.
    uint16_t (*queue_size)(void *transport, uint16_t index);
    // Learns the doorbell of queue `index` under the negotiated `features`.
    // VIO_E_RANGE if it lies outside the notification region.
    enum vio_status (*queue_prepare)(void *transport, uint16_t index, uint64_t features,
                                     struct vtransport_doorbell *doorbell);
    // Programs size, areas and vector, and enables the queue; everything is read back where the
    // bus allows. On error the queue is not enabled.
    enum vio_status (*queue_enable)(void *transport, uint16_t index, uint16_t size,
                                    const struct vq_areas *areas, uint16_t vector);
    // Starts a queue reset, and tells whether it has finished. Only called when RING_RESET was
    // offered by features_read and negotiated.
    void (*queue_reset)(void *transport, uint16_t index);
    bool (*queue_reset_done)(void *transport, uint16_t index);

    // Rings a doorbell. Up to DIRQL, no lock.
    void (*notify)(void *transport, const struct vtransport_doorbell *doorbell, uint32_t value);

    // Reads and thereby clears the interrupt status: bit 0 queue, bit 1 configuration
    // (virtio 1.2, 4.1.4.5). At DIRQL.
    uint8_t (*isr_read)(void *transport);
};

#endif
