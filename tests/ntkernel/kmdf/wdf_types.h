/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What crosses the boundary between a KMDF driver and its framework on amd64, after the public
 * headers of KMDF 1.9 to 1.13. Handles are the framework's objects. */
#ifndef KMDF_WDF_TYPES_H
#define KMDF_WDF_TYPES_H

#include "ntos/nt_io.h"

typedef struct kmdf_object *WDFOBJECT;

enum { WDF_EXECUTION_PASSIVE = 2, WDF_SCOPE_DEVICE = 2 };
enum { WDF_DISPATCH_SEQUENTIAL = 1 };
enum { WDF_IO_BUFFERED = 2, WDF_IO_DIRECT = 3 };
enum { WDF_POWER_D0 = 1, WDF_POWER_D3 = 4, WDF_POWER_D3_FINAL = 5 };
enum { WDF_STOP_SUSPEND = 1, WDF_STOP_PURGE = 2, WDF_STOP_CANCELABLE = 0x10000000 };

/* The driver's own array of functions is filled when it binds to the framework. */
typedef struct {
    ULONG Size;
    PWCHAR Component;
    ULONG Major, Minor, Build, FuncCount;
    const void **FuncTable;
    PVOID Module;
} WDF_BIND_INFO;
NK_OFFSET(WDF_BIND_INFO, FuncCount, 0x1C);
NK_OFFSET(WDF_BIND_INFO, FuncTable, 0x20);

typedef struct {
    WDFOBJECT Driver;
    ULONG DriverFlags, DriverTag;
    CHAR DriverName[32];
    BOOLEAN DisplaceDriverUnload; /* the driver's stub unloads first */
} WDF_DRIVER_GLOBALS;
NK_OFFSET(WDF_DRIVER_GLOBALS, DisplaceDriverUnload, 0x30);

typedef struct _WDF_CONTEXT_TYPE {
    ULONG Size;
    const CHAR *ContextName;
    SIZE_T ContextSize;
    const struct _WDF_CONTEXT_TYPE *UniqueType;
    PVOID GetUniqueType;
} WDF_CONTEXT_TYPE;
NK_OFFSET(WDF_CONTEXT_TYPE, UniqueType, 0x18);

typedef VOID WDF_OBJECT_CALLBACK(WDFOBJECT object);

typedef struct {
    ULONG Size;
    WDF_OBJECT_CALLBACK *Cleanup, *Destroy;
    ULONG ExecutionLevel, SynchronizationScope;
    WDFOBJECT ParentObject;
    SIZE_T ContextSizeOverride;
    const WDF_CONTEXT_TYPE *ContextTypeInfo;
} WDF_OBJECT_ATTRIBUTES;
NK_SIZE(WDF_OBJECT_ATTRIBUTES, 0x38);

struct kmdf_init;

typedef struct {
    ULONG Size;
    NTSTATUS (*DeviceAdd)(WDFOBJECT driver, struct kmdf_init *init);
    WDF_OBJECT_CALLBACK *Unload;
    ULONG DriverInitFlags, DriverPoolTag;
} WDF_DRIVER_CONFIG;

typedef NTSTATUS WDF_POWER_CALLBACK(WDFOBJECT device, ULONG state);
typedef NTSTATUS WDF_DEVICE_CALLBACK(WDFOBJECT device);

typedef struct {
    ULONG Size;
    WDF_POWER_CALLBACK *D0Entry, *D0EntryPostInterruptsEnabled, *D0Exit,
        *D0ExitPreInterruptsDisabled;
    NTSTATUS (*PrepareHardware)(WDFOBJECT device, CM_RESOURCE_LIST *raw, CM_RESOURCE_LIST *list);
    NTSTATUS (*ReleaseHardware)(WDFOBJECT device, CM_RESOURCE_LIST *list);
    WDF_OBJECT_CALLBACK *SelfManagedIoCleanup, *SelfManagedIoFlush;
    WDF_DEVICE_CALLBACK *SelfManagedIoInit, *SelfManagedIoSuspend, *SelfManagedIoRestart;
    WDF_OBJECT_CALLBACK *SurpriseRemoval;
    WDF_DEVICE_CALLBACK *QueryRemove, *QueryStop;
    PVOID Rest[3];
} WDF_PNPPOWER_EVENT_CALLBACKS;
NK_OFFSET(WDF_PNPPOWER_EVENT_CALLBACKS, PrepareHardware, 0x28);
NK_OFFSET(WDF_PNPPOWER_EVENT_CALLBACKS, SurpriseRemoval, 0x60);

typedef struct {
    ULONG Size;
    VOID (*FileCreate)(WDFOBJECT device, WDFOBJECT request, WDFOBJECT file);
    WDF_OBJECT_CALLBACK *FileClose, *FileCleanup;
    ULONG AutoForwardCleanupClose, FileObjectClass;
} WDF_FILEOBJECT_CONFIG;

typedef VOID WDF_IO_CALLBACK(WDFOBJECT queue, WDFOBJECT request, SIZE_T length);

typedef struct {
    ULONG Size, DispatchType, PowerManaged;
    BOOLEAN AllowZeroLengthRequests, DefaultQueue;
    PVOID IoDefault;
    WDF_IO_CALLBACK *IoRead, *IoWrite;
    PVOID IoDeviceControl, IoInternalDeviceControl;
    VOID (*IoStop)(WDFOBJECT queue, WDFOBJECT request, ULONG flags);
    PVOID IoResume, IoCanceledOnQueue;
} WDF_IO_QUEUE_CONFIG; /* later members differ between versions and are not used */
NK_OFFSET(WDF_IO_QUEUE_CONFIG, IoRead, 0x18);
NK_OFFSET(WDF_IO_QUEUE_CONFIG, IoStop, 0x38);

typedef struct {
    ULONG Size;
    WDFOBJECT SpinLock;
    ULONG ShareVector;
    BOOLEAN FloatingSave, AutomaticSerialization;
    BOOLEAN (*Isr)(WDFOBJECT interrupt, ULONG message);
    VOID (*Dpc)(WDFOBJECT interrupt, WDFOBJECT device);
    NTSTATUS (*Enable)(WDFOBJECT interrupt, WDFOBJECT device);
    NTSTATUS (*Disable)(WDFOBJECT interrupt, WDFOBJECT device);
} WDF_INTERRUPT_CONFIG;
NK_OFFSET(WDF_INTERRUPT_CONFIG, Isr, 0x18);

typedef struct {
    ULONG Size;
    ULONG64 Reserved1;
    KAFFINITY TargetProcessorSet;
    ULONG Reserved2, MessageNumber, Vector;
    KIRQL Irql;
    ULONG Mode, Polarity;
    BOOLEAN MessageSignaled;
    UCHAR ShareDisposition;
} WDF_INTERRUPT_INFO;
NK_OFFSET(WDF_INTERRUPT_INFO, MessageNumber, 0x1C);
NK_OFFSET(WDF_INTERRUPT_INFO, MessageSignaled, 0x30);

#endif
