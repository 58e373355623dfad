// SPDX-License-Identifier: GPL-3.0-or-later
/* Waits at DISPATCH_LEVEL, with a time-out that is not zero. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    LARGE_INTEGER none = {0}, timeout = {.QuadPart = -10000};
    KEVENT event;
    KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);

    (void)driver;
    (void)path;
    KeInitializeEvent(&event, 0, 0);
    KeWaitForSingleObject(&event, 0, 0, 0, &none); /* a mere look is allowed */
    KeWaitForSingleObject(&event, 0, 0, 0, &timeout);
    KeLowerIrql(irql);
    return STATUS_SUCCESS;
}
