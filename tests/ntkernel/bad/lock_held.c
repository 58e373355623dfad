// SPDX-License-Identifier: GPL-3.0-or-later
/* Returns with a spin lock held. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    static KSPIN_LOCK lock;

    (void)driver;
    (void)path;
    KeAcquireSpinLockRaiseToDpc(&lock);
    return STATUS_SUCCESS;
}
