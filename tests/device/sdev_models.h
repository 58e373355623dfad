// SPDX-License-Identifier: GPL-3.0-or-later
//
// Three small device types: entropy, block and an echo that exists for tests only.

#ifndef TESTS_DEVICE_SDEV_MODELS_H
#define TESTS_DEVICE_SDEV_MODELS_H

#include "tests/device/sdev_dev.h"

// What every ring feature that the software device knows adds up to, VERSION_1 among them.
#define SDEV_F_ALL_RING                                                                \
    (SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX | SDEV_F_VERSION_1 | SDEV_F_RING_PACKED | \
     SDEV_F_IN_ORDER | SDEV_F_NOTIFICATION_DATA | SDEV_F_RING_RESET)

// Writes what it reads: the device-writable part gets a copy of the readable part, repeated until
// full (or 0, 1, 2, ... when nothing is readable). 4 queues, 16 bytes of configuration that count
// up from 0x10. ctx is not used.
struct sdev_model sdev_model_echo(uint64_t features);

// Entropy device (virtio 1.2, 5.4): 1 queue, no configuration; fills buffers from *rand.
struct sdev_model sdev_model_rng(uint64_t features, struct sdev_rand *rand);

// Block device (virtio 1.2, 5.2) over a disk in memory: 1 queue; read, write, flush and get id.
struct sdev_disk {
    uint8_t *data;
    uint64_t sectors; // of 512 bytes
    uint64_t flushes;
};
struct sdev_model sdev_model_blk(uint64_t features, struct sdev_disk *disk);

enum { SDEV_BLK_T_IN = 0, SDEV_BLK_T_OUT = 1, SDEV_BLK_T_FLUSH = 4, SDEV_BLK_T_GET_ID = 8 };
enum { SDEV_BLK_S_OK = 0, SDEV_BLK_S_IOERR = 1, SDEV_BLK_S_UNSUPP = 2 };

// virtio 1.2, 5.2.6
struct sdev_blk_header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};

#endif
