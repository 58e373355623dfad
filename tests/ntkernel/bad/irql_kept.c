// SPDX-License-Identifier: GPL-3.0-or-later
/* Returns at another IRQL than it was called at. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    KfRaiseIrql(APC_LEVEL);
    return STATUS_SUCCESS;
}
