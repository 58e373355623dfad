// SPDX-License-Identifier: GPL-3.0-or-later
/* Takes it that a DPC has run as soon as the IRQL is low again: right nearly always. */
#include "bad/bad.h"

#define ROUNDS 16

static KDPC dpc;
static volatile ULONG runs;

static VOID count(KDPC *self, PVOID context, PVOID arg1, PVOID arg2)
{
    (void)self;
    (void)context;
    (void)arg1;
    (void)arg2;
    runs++;
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
    KeFlushQueuedDpcs();
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    ULONG n;

    (void)path;
    driver->DriverUnload = unload;
    KeInitializeDpc(&dpc, count, NULL);
    for (n = 1; n <= ROUNDS; n++) {
        KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);

        KeInsertQueueDpc(&dpc, NULL, NULL);
        KeLowerIrql(irql);
        if (runs != n)
            KeBugCheckEx(0xBAD, n, runs, 0, 0);
    }
    return STATUS_SUCCESS;
}
