// SPDX-License-Identifier: GPL-3.0-or-later
/* Calls a routine that was not found. */
#include "bad/bad.h"

static VOID (*volatile routine)(VOID);

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    routine();
    return STATUS_SUCCESS;
}
