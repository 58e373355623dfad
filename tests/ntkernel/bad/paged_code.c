// SPDX-License-Identifier: GPL-3.0-or-later
/* Calls pageable code with a spin lock held. */
#include "bad/bad.h"

static volatile ULONG calls;

BAD_SECTION("PAGE") static VOID pageable(VOID)
{
    calls++;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    KSPIN_LOCK lock = 0;
    KIRQL irql;

    (void)driver;
    (void)path;
    pageable();
    irql = KeAcquireSpinLockRaiseToDpc(&lock);
    pageable();
    KeReleaseSpinLock(&lock, irql);
    return STATUS_SUCCESS;
}
