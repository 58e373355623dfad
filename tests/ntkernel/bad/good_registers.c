// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Breaks no rule: two threads take turns, each with values of its own in xmm6 to xmm15, which a
 * wait must not change. It fails its own DriverEntry if one finds others.
 */
#include "bad/registers.h"

#define ROUNDS 50
#define WRONG  ((NTSTATUS)(0xE0000000u | __LINE__))
#define FIRST  6 /* register that a call keeps */

static KEVENT mine, theirs;
static ULONG wrong;

/* Let the other go on, and wait for it, with these values. */
static VOID turn(ULONG64 seed, KEVENT *own, KEVENT *other)
{
    struct registers values, found;

    registers_fill(&values, seed);
    registers_load(&values);
    KeSetEvent(other, 0, 0);
    KeWaitForSingleObject(own, 0, 0, 0, NULL);
    registers_store(&found);
    wrong += !registers_equal(&values, &found, FIRST);
}

static VOID other_thread(PVOID context)
{
    (void)context;
    KeWaitForSingleObject(&theirs, 0, 0, 0, NULL);
    for (ULONG n = 0; n < ROUNDS; n++)
        turn(1000 + n, &theirs, &mine);
    KeSetEvent(&mine, 0, 0);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    struct registers callers;
    PVOID handle, thread;

    (void)path;
    driver->DriverUnload = unload;
    KeInitializeEvent(&mine, 1, 0);
    KeInitializeEvent(&theirs, 1, 0);
    if (PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, other_thread, NULL))
        return WRONG;
    ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
    ZwClose(handle);
    registers_store(&callers);
    for (ULONG n = 0; n <= ROUNDS; n++)
        turn(n, &mine, &theirs);
    registers_load(&callers);
    KeWaitForSingleObject(thread, 0, 0, 0, NULL);
    ObfDereferenceObject(thread);
    return wrong ? WRONG : STATUS_SUCCESS;
}
