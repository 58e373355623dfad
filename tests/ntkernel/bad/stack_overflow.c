// SPDX-License-Identifier: GPL-3.0-or-later
/* Recurses until the kernel stack ends. */
#include "bad/bad.h"

__attribute__((noinline)) static ULONG descend(ULONG depth)
{
    volatile UCHAR frame[512];

    frame[0] = (UCHAR)depth;
    return descend(depth + 1) + frame[0];
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    return (NTSTATUS)descend(0);
}
