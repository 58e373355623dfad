// SPDX-License-Identifier: GPL-3.0-or-later
/* Gives the device the address of a pool block, which no DMA interface has mapped for it. */
#include "bad/device.h"

static ULONG64 bad_buffer(VOID)
{
    return (ULONG64)MmGetPhysicalAddress(ExAllocatePoolWithTag(NONPAGED_NX, 64, BAD_TAG)).QuadPart;
}

static VOID bad_prepare(VOID)
{
}

static VOID bad_run(VOID)
{
    bad_offer();
}
