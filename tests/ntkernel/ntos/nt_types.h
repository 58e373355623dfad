/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows types for amd64, written for the test kernel alone.
 *
 * Deliberately independent of the declarations the drivers are built with: a wrong layout there
 * would agree with itself and be seen nowhere. Every structure that crosses the boundary between
 * kernel and driver carries asserted offsets (sources: the public DDI pages and the type records
 * of drivers built by the Windows kit).
 *
 * The kernel is an LP64 ELF with the Microsoft calling convention: `long` has 8 bytes here and
 * must not appear in anything a driver sees.
 */
#ifndef NK_NT_TYPES_H
#define NK_NT_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef void VOID, *PVOID;
typedef char CHAR, *PCHAR;
typedef signed char CCHAR;
typedef unsigned char UCHAR, *PUCHAR, BOOLEAN, *PBOOLEAN, KIRQL, *PKIRQL;
typedef short SHORT, CSHORT;
typedef unsigned short USHORT, *PUSHORT, WCHAR, *PWCHAR;
typedef int LONG, *PLONG, NTSTATUS;
typedef unsigned int ULONG, *PULONG;
typedef long long LONG64;
typedef unsigned long long ULONG64, *PULONG64, ULONG_PTR, SIZE_T, KAFFINITY, KSPIN_LOCK;

typedef union {
    struct {
        ULONG LowPart;
        LONG HighPart;
    };
    LONG64 QuadPart;
} LARGE_INTEGER, PHYSICAL_ADDRESS;

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink, *Blink;
} LIST_ENTRY;

typedef struct {
    USHORT Length, MaximumLength; /* bytes */
    PWCHAR Buffer;
} UNICODE_STRING;

typedef struct {
    ULONG Data1;
    USHORT Data2, Data3;
    UCHAR Data4[8];
} GUID;

#define NK_OFFSET(type, member, offset) \
    _Static_assert(offsetof(type, member) == (offset), #type "." #member)
#define NK_SIZE(type, size)             _Static_assert(sizeof(type) == (size), #type)
#define NK_COUNT(array)                 (sizeof(array) / sizeof((array)[0]))
#define NK_CONTAINER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

enum { PASSIVE_LEVEL = 0, APC_LEVEL = 1, DISPATCH_LEVEL = 2, CLOCK_LEVEL = 13, HIGH_LEVEL = 15 };

#define NT_SUCCESS(status)              ((NTSTATUS)(status) >= 0)
#define STATUS_SUCCESS                  ((NTSTATUS)0x00000000)
#define STATUS_TIMEOUT                  ((NTSTATUS)0x00000102)
#define STATUS_PENDING                  ((NTSTATUS)0x00000103)
#define STATUS_UNSUCCESSFUL             ((NTSTATUS)0xC0000001)
#define STATUS_INVALID_PARAMETER        ((NTSTATUS)0xC000000D)
#define STATUS_NO_SUCH_DEVICE           ((NTSTATUS)0xC000000E)
#define STATUS_MORE_PROCESSING_REQUIRED ((NTSTATUS)0xC0000016)
#define STATUS_OBJECT_TYPE_MISMATCH     ((NTSTATUS)0xC0000024)
#define STATUS_BUFFER_TOO_SMALL         ((NTSTATUS)0xC0000023)
#define STATUS_OBJECT_NAME_NOT_FOUND    ((NTSTATUS)0xC0000034)
#define STATUS_DELETE_PENDING           ((NTSTATUS)0xC0000056)
#define STATUS_INSUFFICIENT_RESOURCES   ((NTSTATUS)0xC000009A)
#define STATUS_NOT_SUPPORTED            ((NTSTATUS)0xC00000BB)
#define STATUS_CANCELLED                ((NTSTATUS)0xC0000120)
#define STATUS_BUFFER_OVERFLOW          ((NTSTATUS)0x80000005)

/* Dispatcher objects, DPCs, timers. */

typedef struct {
    UCHAR Type, Reserved0, Size, Reserved1;
    LONG SignalState;
    LIST_ENTRY WaitListHead;
} DISPATCHER_HEADER;
NK_SIZE(DISPATCHER_HEADER, 0x18);

enum {
    NK_NOTIFICATION_EVENT = 0,
    NK_SYNCHRONIZATION_EVENT = 1,
    NK_MUTANT = 2,
    NK_THREAD = 6,
    NK_NOTIFICATION_TIMER = 8
};

typedef struct {
    DISPATCHER_HEADER Header;
} KEVENT;

struct _KDPC;
typedef VOID KDEFERRED_ROUTINE(struct _KDPC *dpc, PVOID context, PVOID arg1, PVOID arg2);

typedef struct _KDPC {
    UCHAR Type, Importance;
    USHORT Number;
    LIST_ENTRY DpcListEntry;
    KDEFERRED_ROUTINE *DeferredRoutine;
    PVOID DeferredContext, SystemArgument1, SystemArgument2;
    PVOID DpcData; /* non-null while queued */
} KDPC;
NK_SIZE(KDPC, 0x40);
NK_OFFSET(KDPC, DeferredRoutine, 0x18);
NK_OFFSET(KDPC, DpcData, 0x38);

typedef struct {
    DISPATCHER_HEADER Header;
    ULONG64 DueTime;
    LIST_ENTRY TimerListEntry;
    KDPC *Dpc;
    ULONG Processor, Period;
} KTIMER;
NK_SIZE(KTIMER, 0x40);
NK_OFFSET(KTIMER, Dpc, 0x30);

typedef struct {
    DISPATCHER_HEADER Header;
    LIST_ENTRY MutantListEntry;
    PVOID OwnerThread;
    BOOLEAN Abandoned;
    UCHAR ApcDisable;
} KMUTANT;
NK_SIZE(KMUTANT, 0x38);

/* Memory descriptor lists. */

typedef struct _MDL {
    struct _MDL *Next;
    CSHORT Size, MdlFlags;
    PVOID Process, MappedSystemVa, StartVa;
    ULONG ByteCount, ByteOffset;
} MDL;
NK_SIZE(MDL, 0x30);

#define MDL_MAPPED_TO_SYSTEM_VA     0x0001
#define MDL_PAGES_LOCKED            0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004

#define NK_PAGE_SIZE 0x1000u

#endif
