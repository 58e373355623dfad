// SPDX-License-Identifier: GPL-3.0-or-later
/* Frees an MDL but not the pages it stands for. */
#include "bad/bad.h"

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    const PHYSICAL_ADDRESS zero = {.QuadPart = 0}, all = {.QuadPart = -1};

    (void)path;
    driver->DriverUnload = unload;
    ExFreePoolWithTag(MmAllocatePagesForMdlEx(zero, all, zero, NK_PAGE_SIZE, 0, 0), 0);
    return STATUS_SUCCESS;
}
