// SPDX-License-Identifier: GPL-3.0-or-later
/* Acquires a spin lock it holds. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    KSPIN_LOCK lock = 0;

    (void)driver;
    (void)path;
    KeAcquireSpinLockRaiseToDpc(&lock);
    KeAcquireSpinLockAtDpcLevel(&lock);
    return STATUS_SUCCESS;
}
