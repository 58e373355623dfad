// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads a pool block it has freed. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    volatile UCHAR *block = ExAllocatePoolWithTag(NONPAGED_NX, 64, BAD_TAG);

    (void)driver;
    (void)path;
    ExFreePoolWithTag((PVOID)block, BAD_TAG);
    return block[0];
}
