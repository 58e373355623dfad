// SPDX-License-Identifier: GPL-3.0-or-later
/* Touches paged pool at DISPATCH_LEVEL. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    volatile UCHAR *block = ExAllocatePoolWithTag(PAGED, 100, BAD_TAG);
    KIRQL irql;

    (void)driver;
    (void)path;
    block[0] = 1;
    irql = KfRaiseIrql(DISPATCH_LEVEL);
    block[0] = 2;
    KeLowerIrql(irql);
    ExFreePoolWithTag((PVOID)block, BAD_TAG);
    return STATUS_SUCCESS;
}
