// SPDX-License-Identifier: GPL-3.0-or-later
/* Releases a remove lock once more than it was acquired. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    static IO_REMOVE_LOCK lock;

    (void)path;
    IoInitializeRemoveLockEx(&lock, BAD_TAG, 0, 0, sizeof(lock));
    IoAcquireRemoveLockEx(&lock, driver, "", 0, sizeof(lock));
    IoReleaseRemoveLockEx(&lock, driver, sizeof(lock));
    IoReleaseRemoveLockEx(&lock, driver, sizeof(lock));
    return STATUS_SUCCESS;
}
