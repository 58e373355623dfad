// SPDX-License-Identifier: GPL-3.0-or-later
/* Leaves a timer running when it is unloaded. */
#include "bad/bad.h"

static KTIMER timer;

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    LARGE_INTEGER due = {.QuadPart = -600000000ll};

    (void)path;
    driver->DriverUnload = unload;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, due, NULL);
    return STATUS_SUCCESS;
}
