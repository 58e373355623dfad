// SPDX-License-Identifier: GPL-3.0-or-later
/* Frees a pool block twice. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    PVOID block = ExAllocatePoolWithTag(NONPAGED_NX, 64, BAD_TAG);

    (void)driver;
    (void)path;
    ExFreePoolWithTag(block, BAD_TAG);
    ExFreePoolWithTag(block, BAD_TAG);
    return STATUS_SUCCESS;
}
