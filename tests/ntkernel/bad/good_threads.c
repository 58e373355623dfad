// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Breaks no rule: threads, events, a mutex, a lookaside list used inline as drivers do, and pages.
 * It checks what it gets and fails its own DriverEntry with the line of what was wrong.
 */
#include "bad/bad.h"

#define ROUNDS  100
#define THREADS 3
#define PAGES   100
#define WRONG   ((NTSTATUS)(0xE0000000u | __LINE__))

/* The first words of GENERAL_LOOKASIDE, which drivers use without a call. */
static struct {
    ULONG64 list[2];
    USHORT depth, maximum;
    ULONG counters[4], type, tag, size;
    PVOID (*allocate)(ULONG type, SIZE_T size, ULONG tag);
    VOID (*release)(PVOID block);
    ULONG64 rest[8];
} lookaside __attribute__((aligned(64)));

static KMUTANT mutex;
static KEVENT ping, pong, all_done;
static LONG rounds, inside, most_inside, left;

static VOID answer(PVOID context)
{
    (void)context;
    for (;;) {
        KeWaitForSingleObject(&ping, 0, 0, 0, NULL);
        if (++rounds == ROUNDS)
            break;
        KeSetEvent(&pong, 0, 0);
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

/* Each sleeps inside the mutex, so that without it several would be inside at once. */
static VOID compete(PVOID context)
{
    LARGE_INTEGER interval = {.QuadPart = -5000};

    (void)context;
    for (ULONG n = 0; n < 3; n++) {
        KeWaitForSingleObject(&mutex, 0, 0, 0, NULL);
        KeWaitForSingleObject(&mutex, 0, 0, 0, NULL);
        if (++inside > most_inside)
            most_inside = inside;
        KeDelayExecutionThread(0, 0, &interval);
        inside--;
        KeReleaseMutex(&mutex, 0);
        KeReleaseMutex(&mutex, 0);
    }
    if (!--left)
        KeSetEvent(&all_done, 0, 0);
}

static NTSTATUS try_events(VOID)
{
    LARGE_INTEGER none = {0}, soon = {.QuadPart = -20000};
    PVOID handle, thread;

    KeInitializeEvent(&ping, 1, 0);
    KeInitializeEvent(&pong, 1, 0);
    if (PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, answer, NULL))
        return WRONG;
    ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
    ZwClose(handle);
    if (KeWaitForSingleObject(thread, 0, 0, 0, &none) != STATUS_TIMEOUT ||
        KeWaitForSingleObject(&pong, 0, 0, 0, &soon) != STATUS_TIMEOUT)
        return WRONG;
    for (ULONG n = 1; n < ROUNDS; n++) {
        KeSetEvent(&ping, 0, 0);
        if (KeWaitForSingleObject(&pong, 0, 0, 0, NULL) != STATUS_SUCCESS)
            return WRONG;
    }
    KeSetEvent(&ping, 0, 0);
    if (KeWaitForSingleObject(thread, 0, 0, 0, NULL) != STATUS_SUCCESS || rounds != ROUNDS)
        return WRONG;
    ObfDereferenceObject(thread);
    return STATUS_SUCCESS;
}

static NTSTATUS try_mutex(VOID)
{
    PVOID handle;

    KeInitializeMutex(&mutex, 0);
    KeInitializeEvent(&all_done, 0, 0);
    left = THREADS;
    for (ULONG n = 0; n < THREADS; n++) {
        if (PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, compete, NULL))
            return WRONG;
        ZwClose(handle);
    }
    KeWaitForSingleObject(&all_done, 0, 0, 0, NULL);
    return most_inside == 1 && !left ? STATUS_SUCCESS : WRONG;
}

static NTSTATUS try_named_event(VOID)
{
    static WCHAR text[] = u"\\KernelObjects\\LowMemoryCondition";
    UNICODE_STRING name = {sizeof(text) - 2, sizeof(text), text};
    LARGE_INTEGER none = {0};
    PVOID handle;
    KEVENT *event = IoCreateNotificationEvent(&name, &handle);

    if (!event || KeWaitForSingleObject(event, 0, 0, 0, &none) != STATUS_TIMEOUT)
        return WRONG;
    ZwClose(handle);
    return STATUS_SUCCESS;
}

static NTSTATUS try_lookaside(VOID)
{
    PVOID blocks[8];

    ExInitializeNPagedLookasideList(&lookaside, NULL, NULL, NONPAGED_NX, 48, BAD_TAG, 0);
    for (ULONG n = 0; n < 8; n++) {
        blocks[n] = ExpInterlockedPopEntrySList(&lookaside);
        if (!blocks[n])
            blocks[n] = lookaside.allocate(lookaside.type, lookaside.size, lookaside.tag);
        if (!blocks[n])
            return WRONG;
        ((volatile UCHAR *)blocks[n])[47] = 1;
    }
    for (ULONG n = 0; n < 8; n++) {
        if (ExQueryDepthSList(&lookaside) >= lookaside.depth && n)
            lookaside.release(blocks[n]);
        else
            ExpInterlockedPushEntrySList(&lookaside, blocks[n]);
    }
    if (ExQueryDepthSList(&lookaside) != 1 || ExpInterlockedPopEntrySList(&lookaside) != blocks[0])
        return WRONG;
    ExpInterlockedPushEntrySList(&lookaside, blocks[0]);
    ExDeleteNPagedLookasideList(&lookaside);
    return STATUS_SUCCESS;
}

static NTSTATUS try_pages(VOID)
{
    const PHYSICAL_ADDRESS zero = {.QuadPart = 0}, all = {.QuadPart = -1};
    MDL *mdl = MmAllocatePagesForMdlEx(zero, all, zero, PAGES * NK_PAGE_SIZE, 0, 0);
    const ULONG64 *frames = (const ULONG64 *)(mdl + 1);

    if (!mdl || mdl->ByteCount != PAGES * NK_PAGE_SIZE)
        return WRONG;
    for (ULONG n = 0; n < PAGES; n++) {
        for (ULONG m = 0; m < n; m++) {
            if (frames[m] == frames[n])
                return WRONG;
        }
    }
    MmFreePagesFromMdl(mdl);
    ExFreePoolWithTag(mdl, 0);
    return STATUS_SUCCESS;
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    static NTSTATUS (*const tries[])(VOID) = {try_events, try_mutex, try_named_event, try_lookaside,
                                              try_pages};
    NTSTATUS status = STATUS_SUCCESS;

    (void)path;
    driver->DriverUnload = unload;
    for (ULONG n = 0; n < sizeof(tries) / sizeof(tries[0]) && NT_SUCCESS(status); n++)
        status = tries[n]();
    return status;
}
