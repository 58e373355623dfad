/* SPDX-License-Identifier: GPL-3.0-or-later */
/* I/O manager structures on amd64: driver, device and file objects, IRPs, resources. */
#ifndef NK_NT_IO_H
#define NK_NT_IO_H

#include "ntos/nt_types.h"

enum {
    IRP_MJ_CREATE = 0x00,
    IRP_MJ_CLOSE = 0x02,
    IRP_MJ_READ = 0x03,
    IRP_MJ_WRITE = 0x04,
    IRP_MJ_CLEANUP = 0x12,
    IRP_MJ_POWER = 0x16,
    IRP_MJ_PNP = 0x1B,
    IRP_MJ_MAXIMUM_FUNCTION = 0x1B
};

enum {
    IRP_MN_START_DEVICE = 0x00,
    IRP_MN_QUERY_REMOVE_DEVICE = 0x01,
    IRP_MN_REMOVE_DEVICE = 0x02,
    IRP_MN_CANCEL_REMOVE_DEVICE = 0x03,
    IRP_MN_STOP_DEVICE = 0x04,
    IRP_MN_QUERY_STOP_DEVICE = 0x05,
    IRP_MN_CANCEL_STOP_DEVICE = 0x06,
    IRP_MN_QUERY_INTERFACE = 0x08,
    IRP_MN_QUERY_CAPABILITIES = 0x09,
    IRP_MN_SURPRISE_REMOVAL = 0x17
};

enum { IRP_MN_SET_POWER = 2, IRP_MN_QUERY_POWER = 3 };

struct _DRIVER_OBJECT;
struct _DEVICE_OBJECT;
struct _IRP;

typedef NTSTATUS DRIVER_DISPATCH(struct _DEVICE_OBJECT *device, struct _IRP *irp);
typedef NTSTATUS DRIVER_ADD_DEVICE(struct _DRIVER_OBJECT *driver, struct _DEVICE_OBJECT *pdo);
typedef VOID DRIVER_UNLOAD(struct _DRIVER_OBJECT *driver);
typedef VOID DRIVER_CANCEL(struct _DEVICE_OBJECT *device, struct _IRP *irp);
typedef NTSTATUS IO_COMPLETION_ROUTINE(struct _DEVICE_OBJECT *device, struct _IRP *irp,
                                       PVOID context);

typedef struct {
    struct _DRIVER_OBJECT *DriverObject;
    DRIVER_ADD_DEVICE *AddDevice;
    PVOID Rest[3];
} DRIVER_EXTENSION;
NK_OFFSET(DRIVER_EXTENSION, AddDevice, 8);

typedef struct _DRIVER_OBJECT {
    CSHORT Type, Size;
    struct _DEVICE_OBJECT *DeviceObject;
    ULONG Flags;
    PVOID DriverStart;
    ULONG DriverSize;
    PVOID DriverSection;
    DRIVER_EXTENSION *DriverExtension;
    UNICODE_STRING DriverName;
    PVOID HardwareDatabase, FastIoDispatch, DriverInit, DriverStartIo;
    DRIVER_UNLOAD *DriverUnload;
    DRIVER_DISPATCH *MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1];
} DRIVER_OBJECT;
NK_SIZE(DRIVER_OBJECT, 0x150);
NK_OFFSET(DRIVER_OBJECT, DriverExtension, 0x30);
NK_OFFSET(DRIVER_OBJECT, DriverUnload, 0x68);
NK_OFFSET(DRIVER_OBJECT, MajorFunction, 0x70);

typedef struct __attribute__((aligned(16))) _DEVICE_OBJECT {
    CSHORT Type;
    USHORT Size;
    LONG ReferenceCount;
    DRIVER_OBJECT *DriverObject;
    struct _DEVICE_OBJECT *NextDevice, *AttachedDevice;
    PVOID Reserved1[2];
    ULONG Flags, Characteristics;
    PVOID Vpb, DeviceExtension;
    ULONG DeviceType;
    CCHAR StackSize;
    UCHAR Queue[0x48] __attribute__((aligned(8)));
    ULONG AlignmentRequirement;
    PVOID Reserved2[22];
} DEVICE_OBJECT;
NK_SIZE(DEVICE_OBJECT, 0x150);
NK_OFFSET(DEVICE_OBJECT, AttachedDevice, 0x18);
NK_OFFSET(DEVICE_OBJECT, Flags, 0x30);
NK_OFFSET(DEVICE_OBJECT, DeviceExtension, 0x40);
NK_OFFSET(DEVICE_OBJECT, StackSize, 0x4C);
NK_OFFSET(DEVICE_OBJECT, AlignmentRequirement, 0x98);

#define DO_BUFFERED_IO         0x00000004u
#define DO_DIRECT_IO           0x00000010u
#define DO_DEVICE_INITIALIZING 0x00000080u

typedef struct {
    NTSTATUS Status;
    ULONG_PTR Information;
} IO_STATUS_BLOCK;

typedef struct _IO_STACK_LOCATION {
    UCHAR MajorFunction, MinorFunction, Flags, Control;
    union {
        struct {
            ULONG Length;
        } Read;
        struct {
            const GUID *InterfaceType;
            USHORT Size, Version;
            PVOID Interface, InterfaceSpecificData;
        } QueryInterface;
        struct {
            PVOID AllocatedResources, AllocatedResourcesTranslated;
        } StartDevice;
        struct {
            ULONG64 SystemContext;
            ULONG Type; /* 0 system, 1 device */
            ULONG64 State;
        } Power;
        PVOID Arguments[4];
    } Parameters;
    DEVICE_OBJECT *DeviceObject;
    PVOID FileObject;
    IO_COMPLETION_ROUTINE *CompletionRoutine;
    PVOID Context;
} IO_STACK_LOCATION;
NK_SIZE(IO_STACK_LOCATION, 0x48);
NK_OFFSET(IO_STACK_LOCATION, Parameters, 8);
NK_OFFSET(IO_STACK_LOCATION, Parameters.QueryInterface.Version, 0x12);
NK_OFFSET(IO_STACK_LOCATION, Parameters.QueryInterface.Interface, 0x18);
NK_OFFSET(IO_STACK_LOCATION, Parameters.Power.State, 0x18);
NK_OFFSET(IO_STACK_LOCATION, CompletionRoutine, 0x38);

enum {
    SL_PENDING_RETURNED = 0x01,
    SL_INVOKE_ON_CANCEL = 0x20,
    SL_INVOKE_ON_SUCCESS = 0x40,
    SL_INVOKE_ON_ERROR = 0x80
};

typedef struct _IRP {
    CSHORT Type;
    USHORT Size;
    MDL *MdlAddress;
    ULONG Flags;
    PVOID SystemBuffer; /* AssociatedIrp */
    LIST_ENTRY ThreadListEntry;
    IO_STATUS_BLOCK IoStatus;
    CHAR RequestorMode;
    BOOLEAN PendingReturned;
    CHAR StackCount, CurrentLocation;
    BOOLEAN Cancel;
    KIRQL CancelIrql;
    CCHAR ApcEnvironment;
    UCHAR AllocationFlags;
    IO_STATUS_BLOCK *UserIosb;
    KEVENT *UserEvent;
    PVOID Overlay[2];
    DRIVER_CANCEL *CancelRoutine;
    PVOID UserBuffer, DriverContext[4], Thread[2];
    LIST_ENTRY ListEntry;
    IO_STACK_LOCATION *CurrentStackLocation;
    PVOID OriginalFileObject, IrpExtension;
} IRP;
NK_SIZE(IRP, 0xD0);
NK_OFFSET(IRP, SystemBuffer, 0x18);
NK_OFFSET(IRP, IoStatus, 0x30);
NK_OFFSET(IRP, StackCount, 0x42);
NK_OFFSET(IRP, Cancel, 0x44);
NK_OFFSET(IRP, CancelRoutine, 0x68);
NK_OFFSET(IRP, DriverContext, 0x78);
NK_OFFSET(IRP, ListEntry, 0xA8);
NK_OFFSET(IRP, CurrentStackLocation, 0xB8);

typedef struct {
    CSHORT Type, Size;
    DEVICE_OBJECT *DeviceObject;
    PVOID Vpb, FsContext, FsContext2;
    UCHAR Rest[0xD8 - 0x28];
} FILE_OBJECT;
NK_SIZE(FILE_OBJECT, 0xD8);
NK_OFFSET(FILE_OBJECT, FsContext, 0x18);

/* Resources. */

enum { CM_RESOURCE_PORT = 1, CM_RESOURCE_INTERRUPT = 2, CM_RESOURCE_MEMORY = 3 };
enum { CM_INTERRUPT_LATCHED = 1, CM_INTERRUPT_MESSAGE = 2, CM_PORT_IO = 1 };

typedef struct __attribute__((packed, aligned(4))) {
    UCHAR Type, ShareDisposition;
    USHORT Flags;
    union {
        struct __attribute__((packed)) {
            ULONG64 Start;
            ULONG Length;
        } Memory;
        struct __attribute__((packed)) {
            ULONG Level, Vector;
            ULONG64 Affinity;
        } Interrupt;
        struct __attribute__((packed)) {
            USHORT Group, MessageCount;
            ULONG Vector;
            ULONG64 Affinity;
        } MessageRaw;
    } u;
} CM_PARTIAL_RESOURCE_DESCRIPTOR;
NK_SIZE(CM_PARTIAL_RESOURCE_DESCRIPTOR, 20);
NK_OFFSET(CM_PARTIAL_RESOURCE_DESCRIPTOR, u.Memory.Length, 12);
NK_OFFSET(CM_PARTIAL_RESOURCE_DESCRIPTOR, u.Interrupt.Affinity, 12);

typedef struct {
    ULONG Count, InterfaceType, BusNumber;
    USHORT Version, Revision;
    ULONG PartialCount;
    CM_PARTIAL_RESOURCE_DESCRIPTOR Partial[24];
} CM_RESOURCE_LIST;
NK_OFFSET(CM_RESOURCE_LIST, Partial, 20);

typedef struct {
    USHORT Size, Version;
    PVOID Context;
    VOID (*InterfaceReference)(PVOID context);
    VOID (*InterfaceDereference)(PVOID context);
    PVOID TranslateBusAddress, GetDmaAdapter;
    ULONG (*SetBusData)(PVOID context, ULONG type, PVOID buffer, ULONG offset, ULONG length);
    ULONG (*GetBusData)(PVOID context, ULONG type, PVOID buffer, ULONG offset, ULONG length);
} BUS_INTERFACE_STANDARD;
NK_SIZE(BUS_INTERFACE_STANDARD, 0x40);
NK_OFFSET(BUS_INTERFACE_STANDARD, GetBusData, 0x38);

/* Interrupts. */

typedef BOOLEAN KSERVICE_ROUTINE(PVOID interrupt, PVOID context);
typedef BOOLEAN KMESSAGE_SERVICE_ROUTINE(PVOID interrupt, PVOID context, ULONG message);

enum { CONNECT_LINE_BASED = 2, CONNECT_MESSAGE_BASED = 3 };

typedef struct {
    ULONG Version;
    DEVICE_OBJECT *PhysicalDeviceObject;
    PVOID *InterruptObject; /* message based: receives the message table or the interrupt */
    PVOID ServiceRoutine;
    PVOID ServiceContext;
    KSPIN_LOCK *SpinLock;
    KIRQL SynchronizeIrql;
    BOOLEAN FloatingSave, ShareVector;
    union {
        KSERVICE_ROUTINE *FallBackServiceRoutine; /* message based */
        struct {
            KIRQL Irql;
        };
    };
    ULONG64 Rest[2];
} IO_CONNECT_INTERRUPT_PARAMETERS;
NK_SIZE(IO_CONNECT_INTERRUPT_PARAMETERS, 0x50);
NK_OFFSET(IO_CONNECT_INTERRUPT_PARAMETERS, ServiceRoutine, 0x18);
NK_OFFSET(IO_CONNECT_INTERRUPT_PARAMETERS, SynchronizeIrql, 0x30);
NK_OFFSET(IO_CONNECT_INTERRUPT_PARAMETERS, FallBackServiceRoutine, 0x38);

typedef struct {
    ULONG Version;
    PVOID ConnectionContext;
} IO_DISCONNECT_INTERRUPT_PARAMETERS;

typedef struct {
    PHYSICAL_ADDRESS MessageAddress;
    KAFFINITY TargetProcessorSet;
    PVOID InterruptObject;
    ULONG MessageData, Vector;
    KIRQL Irql;
    ULONG Mode, Polarity;
} IO_INTERRUPT_MESSAGE_INFO_ENTRY;
NK_SIZE(IO_INTERRUPT_MESSAGE_INFO_ENTRY, 0x30);
NK_OFFSET(IO_INTERRUPT_MESSAGE_INFO_ENTRY, Vector, 0x1C);

typedef struct {
    KIRQL UnifiedIrql;
    ULONG MessageCount;
    IO_INTERRUPT_MESSAGE_INFO_ENTRY MessageInfo[];
} IO_INTERRUPT_MESSAGE_INFO;
NK_OFFSET(IO_INTERRUPT_MESSAGE_INFO, MessageInfo, 8);

/* Remove locks and cancel-safe queues. */

typedef struct {
    BOOLEAN Removed, Reserved[3];
    LONG IoCount;
    KEVENT RemoveEvent;
} IO_REMOVE_LOCK;
NK_SIZE(IO_REMOVE_LOCK, 0x20);

struct _IO_CSQ;
typedef NTSTATUS IO_CSQ_INSERT_IRP_EX(struct _IO_CSQ *csq, IRP *irp, PVOID context);
typedef VOID IO_CSQ_REMOVE_IRP(struct _IO_CSQ *csq, IRP *irp);
typedef IRP *IO_CSQ_PEEK_NEXT_IRP(struct _IO_CSQ *csq, IRP *irp, PVOID context);
typedef VOID IO_CSQ_ACQUIRE_LOCK(struct _IO_CSQ *csq, PKIRQL irql);
typedef VOID IO_CSQ_RELEASE_LOCK(struct _IO_CSQ *csq, KIRQL irql);

typedef struct _IO_CSQ {
    ULONG Type;
    IO_CSQ_INSERT_IRP_EX *CsqInsertIrp;
    IO_CSQ_REMOVE_IRP *CsqRemoveIrp;
    IO_CSQ_PEEK_NEXT_IRP *CsqPeekNextIrp;
    IO_CSQ_ACQUIRE_LOCK *CsqAcquireLock;
    IO_CSQ_RELEASE_LOCK *CsqReleaseLock;
    IO_CSQ_REMOVE_IRP *CsqCompleteCanceledIrp;
    PVOID ReservePointer;
} IO_CSQ;
NK_SIZE(IO_CSQ, 0x40);

#endif
