// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/sdev_fault.h"

#include <stdarg.h>
#include <stdio.h>

void sdev_fault(struct sdev_faults *faults, const char *fmt, ...)
{
    if (__atomic_fetch_add(&faults->count, 1, __ATOMIC_RELAXED) != 0)
        return;

    va_list args;
    va_start(args, fmt);
    vsnprintf(faults->first, sizeof(faults->first), fmt, args);
    va_end(args);
}
