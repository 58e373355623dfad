// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the software device found wrong with the driver. The device never stops at a fault: it
// counts it, keeps the first text and goes on as a real device might, so that a test can make a
// whole run and then ask once whether anything was wrong.

#ifndef TESTS_DEVICE_SDEV_FAULT_H
#define TESTS_DEVICE_SDEV_FAULT_H

#include <stdint.h>

struct sdev_faults {
    uint32_t count;
    char first[200]; // text of the first fault, "" when count is 0
};

// Counts a fault; keeps the text of the first. May be called from several threads: only the
// caller that finds the count at 0 writes the text.
void sdev_fault(struct sdev_faults *faults, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
