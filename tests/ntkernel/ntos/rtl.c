/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strings, version, debug output, routine lookup: the Rtl exports and their like. */
#include "ntos/ex.h"
#include "image/image.h"

static VOID RtlInitUnicodeString(UNICODE_STRING *string, const WCHAR *text)
{
    size_t n = 0;

    while (text && text[n] && n < 0x7FFE)
        n++;
    string->Buffer = (PWCHAR)(ULONG64)text;
    string->Length = (USHORT)(2 * n);
    string->MaximumLength = text ? (USHORT)(2 * n + 2) : 0;
}

static VOID RtlCopyUnicodeString(UNICODE_STRING *to, const UNICODE_STRING *from)
{
    to->Length = 0;
    if (!from)
        return;
    to->Length = from->Length < to->MaximumLength ? from->Length : to->MaximumLength;
    nk_memcpy(to->Buffer, from->Buffer, to->Length);
}

static VOID RtlFreeUnicodeString(UNICODE_STRING *string)
{
    if (string->Buffer)
        nk_pool_free(string->Buffer, 0);
    *string = (UNICODE_STRING){0};
}

/* Latin letters only: others become question marks. */
static NTSTATUS RtlUnicodeToMultiByteN(PCHAR to, ULONG size, PULONG used, const WCHAR *from,
                                       ULONG bytes)
{
    ULONG n;

    for (n = 0; n < bytes / 2 && n < size; n++)
        to[n] = (CHAR)(from[n] < 128 ? from[n] : L'?');
    if (used)
        *used = n;
    return STATUS_SUCCESS;
}

static SIZE_T RtlCompareMemory(const VOID *a, const VOID *b, SIZE_T length)
{
    SIZE_T n;

    for (n = 0; n < length && ((const UCHAR *)a)[n] == ((const UCHAR *)b)[n]; n++)
        ;
    return n;
}

struct version_info {
    ULONG size, major, minor, build, platform;
    WCHAR service_pack[128];
};

/* Option windows=61 reports Windows 7; the default is Windows 10. */
static NTSTATUS RtlGetVersion(struct version_info *info)
{
    ULONG version = (ULONG)nk_option("windows", 100);

    info->major = version / 10;
    info->minor = version % 10;
    info->build = version == 61 ? 7601 : 19045;
    info->platform = 2;
    info->service_pack[0] = 0;
    return STATUS_SUCCESS;
}

/* Option debug=1 shows what the driver prints; some print a line per request. */
static void print(const char *format, va_list args)
{
    char text[512];

    if (!nk_option("debug", 0))
        return;
    nk_vformat(text, sizeof(text), format, args);
    nk_log("%s", text);
}

static ULONG DbgPrint(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print(format, args);
    va_end(args);
    return 0;
}

static ULONG DbgPrintEx(ULONG component, ULONG level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print(format, args);
    va_end(args);
    return 0;
}

static ULONG vDbgPrintExWithPrefix(const char *prefix, ULONG component, ULONG level,
                                   const char *format, va_list args)
{
    if (nk_option("debug", 0))
        nk_log("%s", prefix);
    print(format, args);
    return 0;
}

static int _vsnprintf(char *out, SIZE_T size, const char *format, va_list args)
{
    return size ? nk_vformat(out, size, format, args) : -1;
}

/* At most `count` characters, and never the whole buffer: the end is always written. */
static int _vsnprintf_s(char *out, SIZE_T size, SIZE_T count, const char *format, va_list args)
{
    if (!size)
        return -1;
    return nk_vformat(out, count < size - 1 ? count + 1 : size, format, args);
}

struct bit_map {
    ULONG size; /* in bits */
    PULONG buffer;
};

static VOID RtlInitializeBitMap(struct bit_map *map, PULONG buffer, ULONG size)
{
    *map = (struct bit_map){size, buffer};
}

/* What the C++ compiler puts into the place of a function that a class does not define. */
static int _purecall(VOID)
{
    nk_report("bugcheck", "a pure virtual function is called");
}

static PVOID MmGetSystemRoutineAddress(const UNICODE_STRING *name)
{
    char text[64];
    USHORT n;

    for (n = 0; n < name->Length / 2 && n < sizeof(text) - 1; n++)
        text[n] = (char)name->Buffer[n];
    text[n] = 0;
    return nk_export_address(NULL, text);
}

/* Event tracing: registration succeeds, nothing listens. Trace code calls these unchecked. */
static NTSTATUS trace(VOID)
{
    return STATUS_SUCCESS;
}

static NTSTATUS no_trace(VOID)
{
    return STATUS_NOT_SUPPORTED; /* of IoWMIWriteEvent: the event stays the driver's */
}

static const struct nk_export rtl_entries[] = {
    NK_EXPORT(RtlInitUnicodeString, DISPATCH_LEVEL),
    NK_EXPORT(RtlCopyUnicodeString, DISPATCH_LEVEL),
    NK_EXPORT(RtlFreeUnicodeString, PASSIVE_LEVEL),
    NK_EXPORT(RtlUnicodeToMultiByteN, PASSIVE_LEVEL),
    NK_EXPORT(RtlCompareMemory, HIGH_LEVEL),
    NK_EXPORT(RtlGetVersion, PASSIVE_LEVEL),
    NK_EXPORT(DbgPrint, HIGH_LEVEL),
    NK_EXPORT(DbgPrintEx, HIGH_LEVEL),
    NK_EXPORT(vDbgPrintExWithPrefix, HIGH_LEVEL),
    NK_EXPORT(_vsnprintf, HIGH_LEVEL),
    NK_EXPORT(_vsnprintf_s, HIGH_LEVEL),
    NK_EXPORT(RtlInitializeBitMap, HIGH_LEVEL),
    NK_EXPORT(_purecall, HIGH_LEVEL),
    NK_EXPORT(MmGetSystemRoutineAddress, PASSIVE_LEVEL),
    NK_EXPORT_AS(WmiTraceMessage, trace, HIGH_LEVEL),
    NK_EXPORT_AS(WmiQueryTraceInformation, no_trace, HIGH_LEVEL),
    NK_EXPORT_AS(IoWMIRegistrationControl, trace, PASSIVE_LEVEL),
    NK_EXPORT_AS(IoWMIWriteEvent, no_trace, HIGH_LEVEL),
};
NK_EXPORT_TABLE(nk_rtl_exports, "ntoskrnl.exe", rtl_entries);
