// SPDX-License-Identifier: GPL-3.0-or-later
/* Calls a function of the INIT section when that is gone. */
#include "bad/bad.h"

static volatile ULONG calls;

BAD_SECTION("INIT") static VOID initialize(VOID)
{
    calls++;
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
    initialize();
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)path;
    initialize();
    driver->DriverUnload = unload;
    return STATUS_SUCCESS;
}
