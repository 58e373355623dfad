// SPDX-License-Identifier: GPL-3.0-or-later
//
// A virtio PCI function made of arrays: configuration space, BARs, and just as much behaviour
// behind the common structure as the transports can see. Every register access is kept, with its
// width, so that a test can say which ones there must be.

#ifndef TESTS_UNIT_FAKE_PCI_H
#define TESTS_UNIT_FAKE_PCI_H

#include "tests/unit/unit.h"

#include <stdbool.h>

#include "drivers-src/virtio/vpci.h"

enum {
    FAKE_BAR_BYTES = 0x2000,
    FAKE_QUEUES = 4,
    FAKE_ACCESSES = 256,
    // where fake_pci_modern() puts the structures, all in BAR 4
    FAKE_COMMON = 0x0000,
    FAKE_ISR = 0x0400,
    FAKE_DEVICE = 0x0800,
    FAKE_NOTIFY = 0x1000,
};

struct fake_access {
    bool write;
    uint8_t bar;
    uint8_t width; // bytes
    uint32_t offset;
    uint32_t value;
};

struct fake_queue {
    uint16_t size;
    uint16_t vector;
    uint16_t enable;
    uint16_t notify_off;
    uint64_t area[3];
    uint16_t notify_data;
    uint16_t reset;
};

struct fake_pci {
    struct vio_os os;
    struct vpci_bus bus;
    struct vpci_memory memory;
    struct vpci *vpci;
    uint8_t config[256];
    unsigned config_reads;
    unsigned config_fails_at; // this read fails, counted from 1; 0: none
    struct vio_region region[VPCI_BAR_COUNT];
    struct vpci_bar asked[VPCI_BAR_COUNT];
    unsigned maps[VPCI_BAR_COUNT];
    bool map_fails[VPCI_BAR_COUNT];
    uint8_t *bar[VPCI_BAR_COUNT];
    bool legacy; // BAR 0 is the legacy window; else BAR 4 holds the common structure
    uint64_t features;
    uint64_t driver_features;
    uint16_t vectors; // the device can map these; 0xffff for others
    uint16_t last_size_limit;
    struct fake_queue queue[FAKE_QUEUES];
    struct fake_access access[FAKE_ACCESSES];
    unsigned accesses;
    unsigned warnings;
    unsigned errors;
};

// A function with nothing but its ids; id is the PCI device id.
void fake_pci_up(struct fake_pci *f, uint16_t id);
void fake_pci_down(struct fake_pci *f);

// Adds a BAR: bits as in its register, with `address` put in. Its memory is FAKE_BAR_BYTES long.
void fake_pci_bar(struct fake_pci *f, unsigned index, uint32_t bits, uint64_t address);

// Writes a virtio capability at `at` in configuration space, followed by that at `next` (0: none),
// and makes the list start there if it is the first.
void fake_pci_cap(struct fake_pci *f, uint8_t at, uint8_t next, uint8_t len, uint8_t type,
                  uint8_t bar, uint32_t offset, uint32_t length);

// Writes an MSI-X capability with a table of `size` entries.
void fake_pci_msix(struct fake_pci *f, uint8_t at, uint8_t next, uint16_t size, bool enabled);

// A modern device: BAR 4 of 64 bits with all four structures at 0x40 to 0x7f and MSI-X at 0x90
// (8 entries, enabled), multiplier 4.
void fake_pci_modern(struct fake_pci *f);

// A legacy device: I/O BAR 0 and MSI-X at 0x40 (8 entries, `msix`).
void fake_pci_legacy(struct fake_pci *f, bool msix);

// Probes and expects success, or `status`.
void fake_pci_probe(struct fake_pci *f);
void fake_pci_expect_refused(struct fake_pci *f, enum vio_status status);

// Forgets the accesses so far; expects that the one numbered `i` since is this.
void fake_pci_forget(struct fake_pci *f);
void fake_pci_expect_access(const struct fake_pci *f, unsigned i, bool write, unsigned bar,
                            unsigned width, uint32_t offset, uint32_t value);

#endif
