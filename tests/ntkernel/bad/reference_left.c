// SPDX-License-Identifier: GPL-3.0-or-later
/* Keeps a reference to a thread that has long ended. */
#include "bad/bad.h"

static VOID nothing(PVOID context)
{
    (void)context;
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    PVOID handle, thread;

    (void)path;
    driver->DriverUnload = unload;
    if (PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, nothing, NULL))
        return STATUS_UNSUCCESSFUL;
    ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
    ZwClose(handle);
    KeWaitForSingleObject(thread, 0, 0, 0, NULL);
    return STATUS_SUCCESS;
}
