// SPDX-License-Identifier: GPL-3.0-or-later
/* Takes three spin locks two at a time, so that only all three orders together close a circle. */
#include "bad/bad.h"

static KSPIN_LOCK locks[3];

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    ULONG n;

    (void)driver;
    (void)path;
    for (n = 0; n < 3; n++) {
        KIRQL irql = KeAcquireSpinLockRaiseToDpc(&locks[n]);

        KeAcquireSpinLockAtDpcLevel(&locks[(n + 1) % 3]);
        KeReleaseSpinLockFromDpcLevel(&locks[(n + 1) % 3]);
        KeReleaseSpinLock(&locks[n], irql);
    }
    return STATUS_SUCCESS;
}
