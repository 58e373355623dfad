// SPDX-License-Identifier: GPL-3.0-or-later
//
// A device life cycle over a transport made of variables, which keeps a diary of what it is asked
// to do: s<status>, f? and f! for features, v<vector>, q<queue>/<size>/<vector>, r<queue>.

#ifndef TESTS_UNIT_FAKE_DEV_H
#define TESTS_UNIT_FAKE_DEV_H

#include "tests/unit/unit.h"

#include <stdbool.h>

#include "drivers-src/virtio/vdev.h"

#define BIT(n) ((uint64_t)1 << (n))

enum { QUEUES = 3, QUEUE_SIZE = 16, CONFIG_BYTES = 32 };

struct fake_dev {
    struct vio_os os;
    struct vtransport_ops ops;
    struct vdev_memory memory;
    struct vdev *dev;
    char diary[4096];
    uint8_t status;
    uint64_t offered;
    uint64_t accepted;
    bool refuses;         // drops FEATURES_OK
    bool gone;            // all registers read as ones
    unsigned reset_looks; // status reads until a reset is done; UINT_MAX: never
    unsigned looks_left;
    uint8_t config[CONFIG_BYTES];
    uint32_t generation;
    unsigned generation_moves; // so many of the next reads see another generation
    uint16_t size[QUEUES];
    bool enabled[QUEUES];
    struct vq_areas areas[QUEUES];
    unsigned queue_reset_looks;
    enum vio_status prepare;
    enum vio_status enable;
    enum vio_status vector;
    uint64_t stalled_us;
    unsigned notified;
    uint32_t notify_value;
    unsigned errors;
    unsigned warnings;
    unsigned broken;
    uint8_t *ring;
    uint8_t *priv;
};

#define MODERN (BIT(32) | BIT(28) | BIT(29) | BIT(40))

void fake_dev_up(struct fake_dev *f);
void fake_dev_down(struct fake_dev *f);

// Further up: to agreed features, or to a device that runs, with queue 1, which is returned.
void fake_dev_up_agreed(struct fake_dev *f);
struct vq *fake_dev_up_ready(struct fake_dev *f);

// Parameters of queue 1 in the fixture's memory, and the queue itself.
struct vdev_queue fake_dev_queue(struct fake_dev *f);
struct vq *fake_dev_start_queue(struct fake_dev *f);

// Adds a buffer of one writable element.
void fake_dev_add(struct vq *vq, uintptr_t token);

#endif
