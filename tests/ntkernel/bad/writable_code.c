// SPDX-License-Identifier: GPL-3.0-or-later
/* Linked with a code section that is writable: a loader that enforces memory integrity refuses. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    return STATUS_SUCCESS;
}
