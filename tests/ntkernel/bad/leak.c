// SPDX-License-Identifier: GPL-3.0-or-later
/* Keeps a pool block over its unloading. */
#include "bad/bad.h"

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)path;
    driver->DriverUnload = unload;
    ExAllocatePoolWithTag(NONPAGED_NX, 64, BAD_TAG);
    return STATUS_SUCCESS;
}
