// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes to its own code. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    *(volatile UCHAR *)(ULONG64)DriverEntry = 0xC3;
    return STATUS_SUCCESS;
}
