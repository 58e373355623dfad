// SPDX-License-Identifier: GPL-3.0-or-later
/* Calls code that it put into pool. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    UCHAR *code = ExAllocatePoolWithTag(NONPAGED_NX, 16, BAD_TAG);
    VOID (*function)(VOID) = (VOID(*)(VOID))code;

    (void)driver;
    (void)path;
    *code = 0xC3; /* ret */
    function();
    ExFreePoolWithTag(code, BAD_TAG);
    return STATUS_SUCCESS;
}
