// SPDX-License-Identifier: GPL-3.0-or-later
/* Waits for a remove lock of which it has forgotten to release one acquisition. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    static IO_REMOVE_LOCK lock;

    (void)path;
    IoInitializeRemoveLockEx(&lock, BAD_TAG, 0, 0, sizeof(lock));
    IoAcquireRemoveLockEx(&lock, NULL, "", 0, sizeof(lock));
    IoAcquireRemoveLockEx(&lock, driver, "", 0, sizeof(lock));
    IoReleaseRemoveLockAndWaitEx(&lock, driver, sizeof(lock));
    return STATUS_SUCCESS;
}
