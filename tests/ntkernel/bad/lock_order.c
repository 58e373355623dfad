// SPDX-License-Identifier: GPL-3.0-or-later
/* Takes two spin locks in one order, later in the other. With one processor nothing ever hangs. */
#include "bad/bad.h"

static KSPIN_LOCK first, second;

static VOID take(KSPIN_LOCK *outer, KSPIN_LOCK *inner)
{
    KIRQL irql = KeAcquireSpinLockRaiseToDpc(outer);

    KeAcquireSpinLockAtDpcLevel(inner);
    KeReleaseSpinLockFromDpcLevel(inner);
    KeReleaseSpinLock(outer, irql);
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)driver;
    (void)path;
    take(&first, &second);
    take(&second, &first);
    return STATUS_SUCCESS;
}
