// SPDX-License-Identifier: GPL-3.0-or-later
/* Frees the pages of an MDL twice. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    const PHYSICAL_ADDRESS zero = {.QuadPart = 0}, all = {.QuadPart = -1};
    MDL *mdl = MmAllocatePagesForMdlEx(zero, all, zero, 4 * NK_PAGE_SIZE, 0, 0);

    (void)driver;
    (void)path;
    MmFreePagesFromMdl(mdl);
    MmFreePagesFromMdl(mdl);
    return STATUS_SUCCESS;
}
