/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The software device (tests/device) as the kernel's PCI function, with a file behind it. */
#ifndef NK_HOSTED_DEVICE_H
#define NK_HOSTED_DEVICE_H

#include "tests/ntkernel/hosted/os.h"

#define DEVICE_PAGES 5 /* of registers: four of the main BAR, one of the MSI-X table */

/** Make the device that `text` ("virtio-blk,packed=on") names, over the open file `backend`.
 * Returns NULL, or what is wrong. */
const char *device_make(const char *text, int backend);

/** Heed what a scenario asks of the host, a command for QEMU in JSON. Returns NULL, or what is
 * wrong with it. */
const char *device_command(const char *json);

#endif
