// SPDX-License-Identifier: GPL-3.0-or-later
//
// A virtio-pci function in front of a software device: 256 bytes of configuration space with its
// capability list, and base address registers behind which the modern structures and the legacy
// header answer register by register.
//
// Reads and writes go by the layout the function really has (`at`), not by what configuration
// space says, so that a test may change configuration space at will and see where the driver goes.
// An access with a wrong width, to a register that is not there or to a read-only one is a fault.

#ifndef TESTS_DEVICE_SDEV_PCI_H
#define TESTS_DEVICE_SDEV_PCI_H

#include "tests/device/sdev_dev.h"

enum { SDEV_PCI_BARS = 6, SDEV_PCI_CFG_BYTES = 256 };

// Capability types (virtio 1.2, 4.1.4).
enum {
    SDEV_CAP_COMMON = 1,
    SDEV_CAP_NOTIFY = 2,
    SDEV_CAP_ISR = 3,
    SDEV_CAP_DEVICE = 4,
    SDEV_CAP_PCI = 5,
};

struct sdev_bar {
    uint64_t length; // 0: not there
    bool is_port;
    bool is_64;
};

struct sdev_place {
    uint8_t bar;
    uint32_t offset;
    uint32_t length; // 0: not there
};

enum sdev_pci_kind { SDEV_PCI_MODERN, SDEV_PCI_TRANSITIONAL, SDEV_PCI_LEGACY };

struct sdev_pci {
    struct sdev_dev *dev;
    uint8_t cfg[SDEV_PCI_CFG_BYTES];
    struct sdev_bar bar[SDEV_PCI_BARS];
    struct sdev_place at[SDEV_CAP_PCI]; // by capability type; [0] is the legacy header
    uint32_t notify_multiplier;
    uint32_t msix_table[SDEV_MAX_VECTORS][4]; // address low and high, data, control
    bool msix_pending[SDEV_MAX_VECTORS];
    void (*message)(void *ctx, uint64_t address, uint32_t data);
    void *message_ctx;
    uint32_t device_feature_select;
    uint32_t driver_feature_select;
    uint16_t queue_select;
    uint64_t cfg_reads;
    uint64_t bar_reads;
    uint64_t bar_writes;
};

// vectors: size of the MSI-X table, 0 for none; it is enabled then, as the system would have it.
// dev stays the caller's. NULL: out of memory.
struct sdev_pci *sdev_pci_new(struct sdev_dev *dev, enum sdev_pci_kind kind, uint16_t vectors);
void sdev_pci_free(struct sdev_pci *pci);

// Offset in configuration space of the first capability of the type (MSI-X: 0x11); 0 if none.
uint8_t sdev_pci_cap(const struct sdev_pci *pci, uint8_t type);
enum { SDEV_CAP_MSIX = 0x11 };

// Little-endian stores into configuration space, for attacks.
void sdev_pci_put16(struct sdev_pci *pci, uint8_t offset, uint16_t value);
void sdev_pci_put32(struct sdev_pci *pci, uint8_t offset, uint32_t value);

// Reads configuration space; all ones when the device is gone.
void sdev_pci_cfg_read(struct sdev_pci *pci, uint32_t offset, void *buf, uint32_t len);

// Writes configuration space: the command, base addresses, MSI-X enable and the interrupt line; the
// rest is read-only.
void sdev_pci_cfg_write(struct sdev_pci *pci, uint32_t offset, const void *buf, uint32_t len);

// Has the device's MSI-X interrupts told as the messages that the table holds, once the driver
// enables them; one whose entry is masked waits until it is not. Takes over dev->irq.
void sdev_pci_messages(struct sdev_pci *pci,
                       void (*message)(void *ctx, uint64_t address, uint32_t data), void *ctx);

// Register accesses of 1, 2 or 4 bytes.
uint32_t sdev_pci_read(struct sdev_pci *pci, unsigned bar, uint64_t offset, unsigned width);
void sdev_pci_write(struct sdev_pci *pci, unsigned bar, uint64_t offset, unsigned width,
                    uint32_t value);

#endif
