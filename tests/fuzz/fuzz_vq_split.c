// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_vq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_vq(data, size, false);
    return 0;
}
