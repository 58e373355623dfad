// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef TESTS_FUZZ_FUZZ_VQ_H
#define TESTS_FUZZ_FUZZ_VQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Runs a queue against a device that does what the input says: works, or writes anywhere into the
// memory that it shares with the driver.
void fuzz_vq(const uint8_t *data, size_t size, bool packed);

#endif
