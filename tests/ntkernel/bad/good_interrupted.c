// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Breaks no rule: computes with all SSE registers, without a call, while a timer's DPC interrupts
 * it and changes those that a DPC may. It fails its own DriverEntry if it finds other values.
 */
#include "bad/registers.h"

#define ROUNDS 10
#define SPINS  4000000000ull
#define WRONG  ((NTSTATUS)(0xE0000000u | __LINE__))

static KTIMER timer;
static KDPC dpc;
static struct registers dpcs;
static volatile LONG fired;

static VOID on_timer(KDPC *self, PVOID context, PVOID arg1, PVOID arg2)
{
    (void)self;
    (void)context;
    (void)arg1;
    (void)arg2;
    registers_load_low(&dpcs);
    fired = 1;
}

static NTSTATUS try_once(ULONG64 seed)
{
    LARGE_INTEGER soon = {.QuadPart = -20000};
    struct registers values, found;

    registers_fill(&values, seed);
    registers_fill(&dpcs, ~seed);
    fired = 0;
    KeSetTimer(&timer, soon, &dpc);
    registers_load(&values);
    for (ULONG64 n = 0; n < SPINS && !fired; n++)
        ;
    registers_store(&found);
    return fired && registers_equal(&values, &found, 0) ? STATUS_SUCCESS : WRONG;
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct registers callers;

    (void)path;
    driver->DriverUnload = unload;
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, on_timer, NULL);
    registers_store(&callers);
    for (ULONG64 n = 0; n < ROUNDS && NT_SUCCESS(status); n++)
        status = try_once(n);
    registers_load(&callers);
    return status;
}
