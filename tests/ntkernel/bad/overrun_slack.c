// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes one byte behind a pool block, where no page ends: seen when the block is freed. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    volatile UCHAR *block = ExAllocatePoolWithTag(NONPAGED_NX, 100, BAD_TAG);

    (void)driver;
    (void)path;
    block[100] = 0;
    ExFreePoolWithTag((PVOID)block, BAD_TAG);
    return STATUS_SUCCESS;
}
