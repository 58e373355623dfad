// SPDX-License-Identifier: GPL-3.0-or-later
/* Finds in the registry what it is run with, and asks once with a buffer that is no registry
 * buffer. Its HwFindAdapter finds nothing if anything else is amiss. */
#define BAD_FIND_ADAPTER
#include "bad/miniport.h"

#define ROOM 32

BAD_IMPORT PUCHAR StorPortAllocateRegistryBuffer(PVOID extension, PULONG length);
BAD_IMPORT VOID StorPortFreeRegistryBuffer(PVOID extension, PUCHAR buffer);
BAD_IMPORT BOOLEAN StorPortRegistryRead(PVOID extension, const char *name, ULONG global, ULONG type,
                                        PUCHAR buffer, PULONG length);

enum { SZ = 1, DWORD = 4 };

static BOOLEAN text_is(const UCHAR *buffer, ULONG length, const char *right)
{
    for (ULONG n = 0; n < length; n++) {
        if (buffer[n] != (UCHAR)right[n])
            return 0;
    }
    return 1;
}

static BOOLEAN reads_well(PVOID extension, PUCHAR buffer)
{
    ULONG length = ROOM;

    if (!StorPortRegistryRead(extension, "Answer", 1, DWORD, buffer, &length) || length != 4 ||
        *(ULONG *)buffer != 42)
        return 0;
    length = ROOM;
    if (!StorPortRegistryRead(extension, "Motto", 0, SZ, buffer, &length) || length != 5 ||
        !text_is(buffer, 5, "ring"))
        return 0;
    length = 4; /* one too few; what is needed is told */
    if (StorPortRegistryRead(extension, "Motto", 0, SZ, buffer, &length) || length != 5)
        return 0;
    length = ROOM;
    if (StorPortRegistryRead(extension, "Answer", 1, SZ, buffer, &length) || length)
        return 0;
    length = ROOM;
    return !StorPortRegistryRead(extension, "Question", 1, DWORD, buffer, &length) && !length;
}

static ULONG find_adapter(PVOID extension)
{
    ULONG length = ROOM;
    UCHAR stack[ROOM];
    PUCHAR buffer = StorPortAllocateRegistryBuffer(extension, &length);
    BOOLEAN good = buffer && length == ROOM && reads_well(extension, buffer);

    if (!good)
        return SP_RETURN_NOT_FOUND;
    StorPortFreeRegistryBuffer(extension, buffer);
    StorPortRegistryRead(extension, "Answer", 1, DWORD, stack, &length);
    return SP_RETURN_NOT_FOUND;
}

static VOID start(PVOID extension, SCSI_REQUEST_BLOCK *srb)
{
    bad_complete(extension, srb);
}
