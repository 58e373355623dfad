// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks in a wrong way, after a routine that is called meanwhile has called other functions: what is
 * reported names the function that was asked, and no other. */
#include "bad/bad.h"

#define DELETE_VALUE 0x40u
#define REG_DWORD    4u

static NTSTATUS routine(PWCHAR name, ULONG type, PVOID data, ULONG length, PVOID context,
                        PVOID entry_context)
{
    (void)name;
    (void)type;
    (void)data;
    (void)length;
    (void)context;
    (void)entry_context;
    ExFreePoolWithTag(ExAllocatePoolWithTag(NONPAGED_NX, 64, BAD_TAG), BAD_TAG);
    return STATUS_SUCCESS;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    static WCHAR absent[] = L"Absent";
    static ULONG fallback = 7;
    static struct query table[] = {
        {(PVOID)routine, 0, absent, NULL, REG_DWORD, &fallback, sizeof(fallback)},
        {(PVOID)routine, DELETE_VALUE, absent, NULL, 0, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };

    (void)driver;
    (void)path;
    return RtlQueryRegistryValues(0, NULL, table, NULL, NULL);
}
