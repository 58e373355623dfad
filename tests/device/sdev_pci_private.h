// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef TESTS_DEVICE_SDEV_PCI_PRIVATE_H
#define TESTS_DEVICE_SDEV_PCI_PRIVATE_H

#include "tests/device/sdev_pci.h"

// The selected queue, NULL when there is none of that number.
struct sdev_vq *sdev_pci_selected(struct sdev_pci *pci);

// What queue_size reads as for the selected queue.
uint16_t sdev_pci_queue_size(struct sdev_pci *pci);

// The legacy header (virtio 1.2, 4.1.4.10), offset from its start.
uint32_t sdev_legacy_read(struct sdev_pci *pci, uint32_t offset, unsigned width);
void sdev_legacy_write(struct sdev_pci *pci, uint32_t offset, unsigned width, uint32_t value);

#endif
