// SPDX-License-Identifier: GPL-3.0-or-later
/* Imports what no kernel exports. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    NoSuchKernelFunction();
    return STATUS_SUCCESS;
}
