// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads the registry values "Answer" (42) and "Motto" ("ring") in each way there is, and fails to
 * load if one does not come out as the run set it. Nothing may be reported. */
#include "bad/bad.h"

#define DIRECT    0x20u
#define REQUIRED  0x04u
#define TYPECHECK 0x100u
#define REG_SZ    1u
#define REG_DWORD 4u

struct partial {
    ULONG index, type, length;
    UCHAR data[64];
};

static WCHAR answer[] = L"answer", motto[] = L"Motto", absent[] = L"Absent";

static bool motto_is(const WCHAR *text, ULONG length)
{
    return length == 8 && text[0] == 'r' && text[1] == 'i' && text[2] == 'n' && text[3] == 'g';
}

static bool query_table(VOID)
{
    static ULONG fallback = 7;
    ULONG number = 0, other = 0;
    UNICODE_STRING text = {0, 0, NULL};
    struct query table[] = {
        {NULL, DIRECT | TYPECHECK, answer, &number, REG_DWORD << 24, NULL, 0},
        {NULL, DIRECT | TYPECHECK, motto, &text, REG_SZ << 24, NULL, 0},
        {NULL, DIRECT, absent, &other, REG_DWORD, &fallback, sizeof(fallback)},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    struct query missing[] = {
        {NULL, DIRECT | REQUIRED, absent, &other, 0, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    struct query wrong_type[] = {
        {NULL, DIRECT | TYPECHECK, motto, &other, REG_DWORD << 24, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    bool good = NT_SUCCESS(RtlQueryRegistryValues(0, NULL, table, NULL, NULL)) && number == 42 &&
                other == 7 && motto_is(text.Buffer, text.Length) &&
                !NT_SUCCESS(RtlQueryRegistryValues(0, NULL, missing, NULL, NULL)) &&
                !NT_SUCCESS(RtlQueryRegistryValues(0, NULL, wrong_type, NULL, NULL));

    RtlFreeUnicodeString(&text);
    return good;
}

static bool query_key(VOID)
{
    UNICODE_STRING name = {12, 14, answer}, second = {10, 12, motto};
    struct partial out;
    ULONG length = 0;
    PVOID key;
    bool good;

    if (!NT_SUCCESS(ZwOpenKey(&key, 1, &name)))
        return false;
    good = NT_SUCCESS(ZwQueryValueKey(key, &name, 2, &out, sizeof(out), &length)) &&
           out.type == REG_DWORD && out.length == 4 && *(ULONG *)out.data == 42 && length == 16 &&
           ZwQueryValueKey(key, &second, 2, &out, 16, &length) == STATUS_BUFFER_OVERFLOW &&
           NT_SUCCESS(ZwQueryValueKey(key, &second, 2, &out, length, &length)) &&
           out.type == REG_SZ && motto_is((WCHAR *)out.data, out.length - 2);
    ZwClose(key);
    return good;
}

static VOID unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)path;
    driver->DriverUnload = unload;
    return query_table() && query_key() ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
