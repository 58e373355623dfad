// SPDX-License-Identifier: GPL-3.0-or-later
//
// The software device apart from any bus: status, features, configuration, queues, and what it
// does with the buffers. A front end (sdev_pci.h) turns register accesses into these calls.
//
//      driver under test
//        | register accesses                       | memory, by guest-physical address
//      sdev_pci    capabilities, modern and legacy |
//      sdev_dev    status, features, queues        |
//      sdev_worker order and portions of the work  |
//      sdev_ring   split and packed rings ---------+
//      sdev_mem    which memory there is
//
// Each layer can be used without those above it: vq_rig.h puts a queue of the core straight onto a
// ring, vdev_rig.h uses all of them. None of it knows the core; it was written from the
// specification, so that both would have to be wrong in the same way.
//
// Each step that the specification demands of a driver and that can be seen from here is checked;
// a breach is a fault. Quirks make the device misbehave.

#ifndef TESTS_DEVICE_SDEV_DEV_H
#define TESTS_DEVICE_SDEV_DEV_H

#include "tests/device/sdev_worker.h"

enum { SDEV_MAX_QUEUES = 16, SDEV_MAX_CONFIG = 256, SDEV_MAX_VECTORS = 64 };
enum { SDEV_NO_VECTOR = 0xffff };

enum {
    SDEV_STATUS_ACKNOWLEDGE = 1,
    SDEV_STATUS_DRIVER = 2,
    SDEV_STATUS_DRIVER_OK = 4,
    SDEV_STATUS_FEATURES_OK = 8,
    SDEV_STATUS_NEEDS_RESET = 64,
    SDEV_STATUS_FAILED = 128,
};

// What kind of device: see sdev_models.h for three.
struct sdev_model {
    const char *name;
    uint16_t device_id;       // virtio device type
    uint16_t transitional_id; // PCI device id of its transitional form (virtio 1.2, 4.1.2)
    uint64_t features;        // offered, device type's and reserved bits alike
    uint16_t queues;          // at most SDEV_MAX_QUEUES
    uint16_t queue_size;
    uint32_t config_len; // at most SDEV_MAX_CONFIG
    uint8_t config[SDEV_MAX_CONFIG];
    sdev_handler handler;
    void *ctx; // for handler
};

struct sdev_quirks {
    bool gone;                 // every read gives all ones, writes are lost
    bool status_ones;          // only the status reads as all ones
    bool reset_never_ends;     // status keeps its value
    unsigned reset_polls;      // status reads that still show the old value after a reset
    bool gone_on_reset;        // goes away while it is being reset
    bool refuse_features;      // FEATURES_OK does not stick
    bool refuse_vectors;       // a vector reads back as NO_VECTOR
    bool wrong_vectors;        // a vector reads back as another one
    bool refuse_enable;        // queue_enable stays 0
    bool enabled_at_start;     // queue_enable is 1 before anyone set it
    bool generation_runs;      // config_generation changes at each read
    unsigned generation_turns; // config changes during the first so many reads of it
    bool queue_reset_stuck;    // queue_reset stays 1
    bool queue_size_set;       // queue_size reads as the next member
    uint16_t queue_size;
    bool notify_off_set; // queue_notify_off reads as the next member
    uint16_t notify_off;
    bool num_queues_set;
    uint16_t num_queues;
};

struct sdev_vq {
    struct sdev_ring *ring;     // set while enabled
    struct sdev_worker *worker; // the same
    uint64_t desc;
    uint64_t driver;
    uint64_t device;
    uint16_t size;
    uint16_t vector;
    uint16_t notify_off;
    bool enabled;
    bool resetting;
    uint64_t kicks;
    uint32_t last_kick; // value of the last notification
};

struct sdev_dev {
    struct sdev_model model;
    struct sdev_mem *mem;
    struct sdev_faults faults;
    struct sdev_quirks quirks;
    struct sdev_policy policy;
    bool run_on_kick; // work within the notification; else only in sdev_dev_run
    bool legacy;      // driven through the legacy interface

    uint8_t status;
    bool reset_seen; // the driver read status as 0 after its last reset
    unsigned polls_left;
    uint64_t driver_features;
    uint8_t generation;
    bool config_changed; // since the configuration was last read
    uint16_t config_vector;
    struct sdev_vq vq[SDEV_MAX_QUEUES];

    uint16_t vectors; // of MSI-X; 0: INTx
    uint8_t isr;
    uint64_t irqs[SDEV_MAX_VECTORS];
    uint64_t intx;
    uint64_t resets;
    void (*irq)(void *ctx, unsigned vector); // may be NULL; vector is 0 for INTx
    void *irq_ctx;
};

// A device with its own memory map (low: below 4 GiB). NULL: out of memory.
struct sdev_dev *sdev_dev_new(const struct sdev_model *model, bool low);
void sdev_dev_free(struct sdev_dev *dev);

// The register operations, in the specification's terms.
uint8_t sdev_dev_status(struct sdev_dev *dev);
void sdev_dev_set_status(struct sdev_dev *dev, uint8_t status);
void sdev_dev_set_features(struct sdev_dev *dev, uint64_t mask, uint64_t value);
uint8_t sdev_dev_generation(struct sdev_dev *dev);
uint32_t sdev_dev_config_read(struct sdev_dev *dev, uint32_t offset, unsigned width);
void sdev_dev_config_write(struct sdev_dev *dev, uint32_t offset, unsigned width, uint32_t value);
void sdev_dev_queue_enable(struct sdev_dev *dev, unsigned queue);
void sdev_dev_queue_disable(struct sdev_dev *dev, unsigned queue);
void sdev_dev_queue_reset(struct sdev_dev *dev, unsigned queue);
uint16_t sdev_dev_set_vector(struct sdev_dev *dev, uint16_t *slot, uint16_t vector);
void sdev_dev_notify(struct sdev_dev *dev, unsigned queue, uint32_t value);

// Works on every enabled queue once; raises interrupts. True when anything was done.
bool sdev_dev_run(struct sdev_dev *dev);

// Changes configuration bytes on the device's own account and raises the interrupt.
void sdev_dev_config_change(struct sdev_dev *dev, uint32_t offset, const void *data, size_t len);

// Sets DEVICE_NEEDS_RESET and raises the configuration interrupt (virtio 1.2, 2.1.2).
void sdev_dev_fail(struct sdev_dev *dev);

#endif
