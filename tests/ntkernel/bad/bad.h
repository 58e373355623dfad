/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the misbehaving drivers import. Each of them breaks one rule and is otherwise in order. */
#ifndef NK_BAD_H
#define NK_BAD_H

#include "ntos/nt_io.h"

#define BAD_IMPORT        __declspec(dllimport)
#define BAD_SECTION(name) __attribute__((section(name), noinline))
#define BAD_TAG           0x64614220u
#define NONPAGED_NX       512u
#define PAGED             1u

/* An entry of RtlQueryRegistryValues' table. */
struct query {
    PVOID routine;
    ULONG flags;
    PWCHAR name;
    PVOID context;
    ULONG default_type;
    PVOID default_data;
    ULONG default_length;
};

BAD_IMPORT PVOID ExAllocatePoolWithTag(ULONG type, SIZE_T size, ULONG tag);
BAD_IMPORT VOID ExFreePoolWithTag(PVOID block, ULONG tag);
BAD_IMPORT KIRQL KeAcquireSpinLockRaiseToDpc(KSPIN_LOCK *lock);
BAD_IMPORT VOID KeReleaseSpinLock(KSPIN_LOCK *lock, KIRQL irql);
BAD_IMPORT VOID KeAcquireSpinLockAtDpcLevel(KSPIN_LOCK *lock);
BAD_IMPORT VOID KeReleaseSpinLockFromDpcLevel(KSPIN_LOCK *lock);
BAD_IMPORT KIRQL KfRaiseIrql(KIRQL irql);
BAD_IMPORT VOID KeLowerIrql(KIRQL irql);
BAD_IMPORT VOID KeInitializeTimer(KTIMER *timer);
BAD_IMPORT BOOLEAN KeSetTimerEx(KTIMER *timer, LARGE_INTEGER due, LONG period, KDPC *dpc);
BAD_IMPORT VOID KeInitializeDpc(KDPC *dpc, KDEFERRED_ROUTINE *routine, PVOID context);
BAD_IMPORT BOOLEAN KeInsertQueueDpc(KDPC *dpc, PVOID arg1, PVOID arg2);
BAD_IMPORT VOID KeFlushQueuedDpcs(VOID);
BAD_IMPORT VOID KeBugCheckEx(ULONG code, ULONG64 p1, ULONG64 p2, ULONG64 p3, ULONG64 p4);
BAD_IMPORT NTSTATUS IoConnectInterruptEx(IO_CONNECT_INTERRUPT_PARAMETERS *parameters);
BAD_IMPORT BOOLEAN KeSetTimer(KTIMER *timer, LARGE_INTEGER due, KDPC *dpc);
BAD_IMPORT NTSTATUS KeDelayExecutionThread(CHAR mode, BOOLEAN alertable, LARGE_INTEGER *interval);
BAD_IMPORT NTSTATUS IoCreateDevice(DRIVER_OBJECT *driver, ULONG extension, UNICODE_STRING *name,
                                   ULONG type, ULONG characteristics, BOOLEAN exclusive,
                                   DEVICE_OBJECT **device);
BAD_IMPORT DEVICE_OBJECT *IoAttachDeviceToDeviceStack(DEVICE_OBJECT *device, DEVICE_OBJECT *target);
BAD_IMPORT VOID IoDeleteDevice(DEVICE_OBJECT *device);
BAD_IMPORT VOID IoInitializeRemoveLockEx(IO_REMOVE_LOCK *lock, ULONG tag, ULONG minutes, ULONG high,
                                         ULONG size);
BAD_IMPORT NTSTATUS IoAcquireRemoveLockEx(IO_REMOVE_LOCK *lock, PVOID tag, const char *file,
                                          ULONG line, ULONG size);
BAD_IMPORT VOID IoReleaseRemoveLockEx(IO_REMOVE_LOCK *lock, PVOID tag, ULONG size);
BAD_IMPORT VOID IoReleaseRemoveLockAndWaitEx(IO_REMOVE_LOCK *lock, PVOID tag, ULONG size);
BAD_IMPORT VOID IofCompleteRequest(IRP *irp, CCHAR boost);
BAD_IMPORT VOID KeInitializeEvent(KEVENT *event, ULONG type, BOOLEAN state);
BAD_IMPORT LONG KeSetEvent(KEVENT *event, LONG increment, BOOLEAN wait);
BAD_IMPORT NTSTATUS KeWaitForSingleObject(PVOID object, ULONG reason, CHAR mode, BOOLEAN alertable,
                                          LARGE_INTEGER *timeout);
BAD_IMPORT VOID KeInitializeMutex(KMUTANT *mutex, ULONG level);
BAD_IMPORT LONG KeReleaseMutex(KMUTANT *mutex, BOOLEAN wait);
BAD_IMPORT NTSTATUS PsCreateSystemThread(PVOID *handle, ULONG access, PVOID attributes,
                                         PVOID process, PVOID client, VOID (*routine)(PVOID),
                                         PVOID context);
BAD_IMPORT NTSTATUS PsTerminateSystemThread(NTSTATUS status);
BAD_IMPORT NTSTATUS ObReferenceObjectByHandle(PVOID handle, ULONG access, PVOID type, CHAR mode,
                                              PVOID *object, PVOID information);
BAD_IMPORT LONG64 ObfDereferenceObject(PVOID object);
BAD_IMPORT NTSTATUS ZwClose(PVOID handle);
BAD_IMPORT KEVENT *IoCreateNotificationEvent(UNICODE_STRING *name, PVOID *handle);
BAD_IMPORT VOID ExInitializeNPagedLookasideList(PVOID list, PVOID allocate, PVOID release,
                                                ULONG flags, SIZE_T size, ULONG tag, USHORT depth);
BAD_IMPORT VOID ExDeleteNPagedLookasideList(PVOID list);
BAD_IMPORT PVOID ExpInterlockedPopEntrySList(PVOID list);
BAD_IMPORT PVOID ExpInterlockedPushEntrySList(PVOID list, PVOID entry);
BAD_IMPORT USHORT ExQueryDepthSList(PVOID list);
BAD_IMPORT MDL *MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
                                        PHYSICAL_ADDRESS skip, SIZE_T bytes, ULONG cache,
                                        ULONG flags);
BAD_IMPORT VOID MmFreePagesFromMdl(MDL *mdl);
BAD_IMPORT PVOID MmAllocateContiguousMemory(SIZE_T size, PHYSICAL_ADDRESS highest);
BAD_IMPORT VOID MmFreeContiguousMemory(PVOID block);
BAD_IMPORT PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID address);
BAD_IMPORT PVOID MmMapIoSpace(PHYSICAL_ADDRESS physical, SIZE_T size, ULONG cache);
BAD_IMPORT NTSTATUS RtlQueryRegistryValues(ULONG relative, const WCHAR *path, PVOID table,
                                           PVOID context, PVOID environment);
BAD_IMPORT VOID RtlFreeUnicodeString(UNICODE_STRING *string);
BAD_IMPORT NTSTATUS ZwOpenKey(PVOID *handle, ULONG access, PVOID attributes);
BAD_IMPORT NTSTATUS ZwQueryValueKey(PVOID key, UNICODE_STRING *name, ULONG class, PVOID out,
                                    ULONG length, PULONG needed);
BAD_IMPORT VOID NoSuchKernelFunction(VOID);

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path);

#endif
