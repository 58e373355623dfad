// SPDX-License-Identifier: GPL-3.0-or-later
/* Waits at DISPATCH_LEVEL. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    LARGE_INTEGER interval = {.QuadPart = -10000};
    KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);

    (void)driver;
    (void)path;
    KeDelayExecutionThread(0, 0, &interval);
    KeLowerIrql(irql);
    return STATUS_SUCCESS;
}
