// SPDX-License-Identifier: GPL-3.0-or-later
/* Gives the device memory that it has freed. */
#include "bad/device.h"

static ULONG64 bad_buffer(VOID)
{
    PHYSICAL_ADDRESS highest = {.QuadPart = 0xFFFFFFFF};
    PVOID buffer = MmAllocateContiguousMemory(4096, highest);
    ULONG64 address = (ULONG64)MmGetPhysicalAddress(buffer).QuadPart;

    MmFreeContiguousMemory(buffer);
    return address;
}

static VOID bad_prepare(VOID)
{
}

static VOID bad_run(VOID)
{
    bad_offer();
}
