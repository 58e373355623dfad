// SPDX-License-Identifier: GPL-3.0-or-later
/* Tells the device first, and notes after some sums that it expects an interrupt: right nearly
 * always. */
#include "bad/device.h"

static KTIMER timer;
static KDPC dpc;
static volatile bool expected;
static volatile ULONG sum;
static USHORT seen; /* of the used ring's index */

static BOOLEAN on_message(PVOID interrupt, PVOID context, ULONG message)
{
    (void)interrupt;
    (void)context;
    (void)message;
    if (*(volatile USHORT *)&rings->used[2] == seen) /* nothing is done: one interrupt too many */
        return 1;
    seen++;
    if (!expected)
        KeBugCheckEx(0xBAD, 0, 0, 0, 0);
    expected = false;
    return 1;
}

static VOID ask(KDPC *self, PVOID context, PVOID arg1, PVOID arg2)
{
    (void)self;
    (void)context;
    (void)arg1;
    (void)arg2;
    if (expected)
        return;
    bad_offer();
    /* No branch: QEMU looks for interrupts where one ends. */
    sum += 1, sum += 2, sum += 3, sum += 4, sum += 5, sum += 6, sum += 7, sum += 8;
    expected = true;
}

static ULONG64 bad_buffer(VOID)
{
    PHYSICAL_ADDRESS highest = {.QuadPart = 0xFFFFFFFF};

    return (ULONG64)MmGetPhysicalAddress(MmAllocateContiguousMemory(16, highest)).QuadPart;
}

static VOID bad_prepare(VOID)
{
    static PVOID table;
    IO_CONNECT_INTERRUPT_PARAMETERS p = {.Version = CONNECT_MESSAGE_BASED,
                                         .PhysicalDeviceObject = bad_pdo,
                                         .InterruptObject = &table,
                                         .ServiceRoutine = on_message};

    IoConnectInterruptEx(&p);
}

static VOID bad_run(VOID)
{
    LARGE_INTEGER due = {.QuadPart = -1};

    KeInitializeDpc(&dpc, ask, NULL);
    KeInitializeTimer(&timer);
    KeSetTimerEx(&timer, due, 1, &dpc);
}
