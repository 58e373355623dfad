// SPDX-License-Identifier: GPL-3.0-or-later
/* Breaks no rule: the same calls as the others make, in order. Nothing may be reported. */
#include "bad/bad.h"

static volatile ULONG calls;
static PVOID kept;

BAD_SECTION("PAGE") static VOID pageable(VOID)
{
    calls++;
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
    pageable();
    ExFreePoolWithTag(kept, BAD_TAG);
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    LARGE_INTEGER interval = {.QuadPart = -10000};
    KSPIN_LOCK lock = 0;
    KIRQL irql;

    (void)path;
    driver->DriverUnload = unload;
    pageable();
    irql = KeAcquireSpinLockRaiseToDpc(&lock);
    calls++;
    KeReleaseSpinLock(&lock, irql);
    pageable();
    KeDelayExecutionThread(0, 0, &interval);
    kept = ExAllocatePoolWithTag(PAGED, 100, BAD_TAG);
    ((volatile UCHAR *)kept)[99] = 1;
    return STATUS_SUCCESS;
}
