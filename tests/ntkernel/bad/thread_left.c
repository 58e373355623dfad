// SPDX-License-Identifier: GPL-3.0-or-later
/* Is unloaded while its thread waits. */
#include "bad/bad.h"

static KEVENT never;

static VOID wait_for_ever(PVOID context)
{
    KeWaitForSingleObject(context, 0, 0, 0, NULL);
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    LARGE_INTEGER interval = {.QuadPart = -10000};
    PVOID handle;

    (void)path;
    driver->DriverUnload = unload;
    KeInitializeEvent(&never, 0, 0);
    if (PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, wait_for_ever, &never))
        return STATUS_UNSUCCESSFUL;
    ZwClose(handle);
    KeDelayExecutionThread(0, 0, &interval);
    return STATUS_SUCCESS;
}
