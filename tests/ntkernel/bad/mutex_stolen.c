// SPDX-License-Identifier: GPL-3.0-or-later
/* Releases a mutex that another thread holds. */
#include "bad/bad.h"

static KMUTANT mutex;
static KEVENT held, done;

static VOID hold(PVOID context)
{
    (void)context;
    KeWaitForSingleObject(&mutex, 0, 0, 0, NULL);
    KeSetEvent(&held, 0, 0);
    KeWaitForSingleObject(&done, 0, 0, 0, NULL);
    KeReleaseMutex(&mutex, 0);
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    PVOID handle;

    (void)driver;
    (void)path;
    KeInitializeMutex(&mutex, 0);
    KeInitializeEvent(&held, 0, 0);
    KeInitializeEvent(&done, 0, 0);
    if (PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, hold, NULL))
        return STATUS_UNSUCCESSFUL;
    ZwClose(handle);
    KeWaitForSingleObject(&held, 0, 0, 0, NULL);
    KeReleaseMutex(&mutex, 0);
    return STATUS_SUCCESS;
}
