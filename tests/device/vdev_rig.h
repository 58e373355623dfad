// SPDX-License-Identifier: GPL-3.0-or-later
//
// A software device behind its PCI front end, and the core driving it through virtio-pci: every
// layer between the driver's calls and the device's memory.

#ifndef TESTS_DEVICE_VDEV_RIG_H
#define TESTS_DEVICE_VDEV_RIG_H

#include "drivers-src/virtio/virtio.h"
#include "tests/device/sdev_models.h"
#include "tests/device/sdev_pci.h"

struct vdev_rig_queue {
    struct vq *vq;
    uint64_t ring_gpa;
    void *priv;
};

struct vdev_rig {
    struct sdev_dev *sdev;
    struct sdev_pci *pci;
    struct vio_os os;
    struct vpci_bus bus;
    struct vpci_memory vpci_memory;
    struct vdev_memory vdev_memory;
    struct vpci *vpci;
    struct vdev *dev;
    struct vdev_rig_queue queue[SDEV_MAX_QUEUES];
    bool no_bars;        // the system gave no resources
    uint64_t stalled_us; // how long the core has waited in all
    unsigned logs[VIO_LOG_INFO + 1];
    char last_log[120];
    unsigned broken_calls;
};

// Makes the device; nothing is probed. vectors: size of the MSI-X table, 0 for line interrupts.
bool vdev_rig_up(struct vdev_rig *rig, const struct sdev_model *model, enum sdev_pci_kind kind,
                 uint16_t vectors);
void vdev_rig_down(struct vdev_rig *rig);

// vpci_probe() and vdev_init().
enum vio_status vdev_rig_probe(struct vdev_rig *rig);

// Starts one queue with memory of the right size; size 0 takes the largest.
enum vio_status vdev_rig_queue(struct vdev_rig *rig, uint16_t index, uint16_t size,
                               uint16_t vector);

// Probe, negotiate, every queue of the model on vector 0 (or none), DRIVER_OK.
enum vio_status vdev_rig_start(struct vdev_rig *rig, uint64_t wanted);

// Resets the device, stops the queues, detaches what is in them and frees their memory. Returns
// how many buffers were detached.
unsigned vdev_rig_reset(struct vdev_rig *rig);

// Sends `out` bytes and gets up to `in` bytes back through one queue: add, kick, run the device,
// pop. False when nothing comes back; *len is what vq_pop() said.
bool vdev_rig_transact(struct vdev_rig *rig, uint16_t index, const void *out, uint32_t out_len,
                       void *in, uint32_t in_len, uint32_t *len);

#endif
