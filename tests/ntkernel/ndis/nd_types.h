/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What crosses the boundary between NDIS 6.x and a miniport, amd64, written for the test kernel
 * alone (see ntos/nt_types.h). Offsets as in the type records of miniports built by the Windows
 * kits for NDIS 6.20 and 6.30. Members nobody here looks at are left out or gathered.
 */
#ifndef NK_ND_TYPES_H
#define NK_ND_TYPES_H

#include "ntos/nt_io.h"

typedef PVOID NDIS_HANDLE;
typedef NTSTATUS NDIS_STATUS;

#define NDIS_STATUS_LINK_STATE ((NDIS_STATUS)0x40010017)

typedef struct {
    UCHAR Type, Revision;
    USHORT Size;
} NDIS_OBJECT_HEADER;

enum {
    ND_TYPE_DEFAULT = 0x80,
    ND_TYPE_INIT_PARAMETERS = 0x81,
    ND_TYPE_SG_DMA = 0x83,
    ND_TYPE_INTERRUPT = 0x84,
    ND_TYPE_DEVICE_OBJECT = 0x85,
    ND_TYPE_DRIVER = 0x8A,
    ND_TYPE_PNP_CHARACTERISTICS = 0x92,
    ND_TYPE_PROTOCOL = 0x95,
    ND_TYPE_OID_REQUEST = 0x96,
    ND_TYPE_STATUS = 0x98,
    ND_TYPE_REGISTRATION = 0x9E,
    ND_TYPE_GENERAL = 0x9F,
    ND_TYPE_OFFLOAD = 0xA0,
    ND_TYPE_ADD_DEVICE = 0xA4,
    ND_TYPE_CONFIGURATION = 0xA9
};

/* Network data. */

typedef struct _NET_BUFFER {
    struct _NET_BUFFER *Next;
    MDL *CurrentMdl;
    ULONG CurrentMdlOffset;
    union {
        ULONG DataLength;
        SIZE_T stDataLength;
    };
    MDL *MdlChain;
    ULONG DataOffset;
    ULONG64 Reserved1;
    NDIS_HANDLE NdisPoolHandle;
    PVOID Reserved2[8], MiniportReserved[4], Reserved3, ScatterGatherList;
} NET_BUFFER;
NK_SIZE(NET_BUFFER, 0xB0);
NK_OFFSET(NET_BUFFER, DataLength, 0x18);
NK_OFFSET(NET_BUFFER, MdlChain, 0x20);
NK_OFFSET(NET_BUFFER, NdisPoolHandle, 0x38);
NK_OFFSET(NET_BUFFER, MiniportReserved, 0x80);

typedef struct _NET_BUFFER_LIST_CONTEXT {
    struct _NET_BUFFER_LIST_CONTEXT *Next;
    USHORT Size, Offset;
    UCHAR ContextData[] __attribute__((aligned(16)));
} NET_BUFFER_LIST_CONTEXT;
NK_SIZE(NET_BUFFER_LIST_CONTEXT, 0x10);

typedef struct __attribute__((aligned(16))) _NET_BUFFER_LIST {
    struct _NET_BUFFER_LIST *Next;
    NET_BUFFER *FirstNetBuffer;
    NET_BUFFER_LIST_CONTEXT *Context;
    struct _NET_BUFFER_LIST *ParentNetBufferList;
    NDIS_HANDLE NdisPoolHandle;
    PVOID NdisReserved[2] __attribute__((aligned(16)));
    PVOID ProtocolReserved[4], MiniportReserved[2], Scratch;
    NDIS_HANDLE SourceHandle;
    ULONG NblFlags;
    LONG ChildRefCount;
    ULONG Flags;
    NDIS_STATUS Status;
    PVOID NetBufferListInfo[24];
} NET_BUFFER_LIST;
NK_SIZE(NET_BUFFER_LIST, 0x150);
NK_OFFSET(NET_BUFFER_LIST, ProtocolReserved, 0x40);
NK_OFFSET(NET_BUFFER_LIST, MiniportReserved, 0x60);
NK_OFFSET(NET_BUFFER_LIST, SourceHandle, 0x78);
NK_OFFSET(NET_BUFFER_LIST, Status, 0x8C);
NK_OFFSET(NET_BUFFER_LIST, NetBufferListInfo, 0x90);

#define ND_AT_DISPATCH       1u /* of send, completion, indication, return, RW lock flags */
#define ND_RECEIVE_RESOURCES 2u
#define ND_CLONE_USE_MDLS    2u

typedef struct {
    NDIS_OBJECT_HEADER Header;
    UCHAR ProtocolId;
    BOOLEAN fAllocateNetBuffer;
    USHORT ContextSize;
    ULONG PoolTag, DataSize;
} NET_BUFFER_LIST_POOL_PARAMETERS;
NK_SIZE(NET_BUFFER_LIST_POOL_PARAMETERS, 0x10);

#define ND_SG_WRITE_TO_DEVICE 1u

typedef struct {
    ULONG64 Address;
    ULONG Length;
    ULONG64 Reserved;
} SCATTER_GATHER_ELEMENT;

typedef struct {
    ULONG NumberOfElements;
    ULONG64 Reserved;
    SCATTER_GATHER_ELEMENT Elements[];
} SCATTER_GATHER_LIST;
NK_SIZE(SCATTER_GATHER_ELEMENT, 0x18);
NK_SIZE(SCATTER_GATHER_LIST, 0x10);

typedef VOID MINIPORT_PROCESS_SG_LIST(DEVICE_OBJECT *fdo, PVOID reserved, SCATTER_GATHER_LIST *list,
                                      PVOID context);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags, MaximumPhysicalMapping;
    MINIPORT_PROCESS_SG_LIST *ProcessSGListHandler;
    PVOID SharedMemAllocateCompleteHandler;
    ULONG ScatterGatherListSize;
} NDIS_SG_DMA_DESCRIPTION;
NK_SIZE(NDIS_SG_DMA_DESCRIPTION, 0x28);
NK_OFFSET(NDIS_SG_DMA_DESCRIPTION, ScatterGatherListSize, 0x20);

/* The miniport driver. */

typedef struct {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    PVOID AllocatedResources; /* a CM_RESOURCE_LIST from its member Version on */
    NDIS_HANDLE Reserved1, MiniportAddDeviceContext;
    ULONG IfIndex;
    ULONG64 NetLuid;
    PVOID Reserved2[2];
} NDIS_MINIPORT_INIT_PARAMETERS;
NK_SIZE(NDIS_MINIPORT_INIT_PARAMETERS, 0x40);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags, PauseReason;
} NDIS_MINIPORT_PAUSE_PARAMETERS;
NK_SIZE(NDIS_MINIPORT_PAUSE_PARAMETERS, 0x0C);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    PVOID RestartAttributes;
    ULONG Flags;
} NDIS_MINIPORT_RESTART_PARAMETERS;
NK_SIZE(NDIS_MINIPORT_RESTART_PARAMETERS, 0x18);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    ULONG PortNumber, DevicePnPEvent;
    PVOID InformationBuffer, Reserved[3];
} NET_DEVICE_PNP_EVENT;
NK_SIZE(NET_DEVICE_PNP_EVENT, 0x30);

enum { ND_EVENT_SURPRISE_REMOVED = 2 };
enum {
    ND_HALT_DEINITIALIZED = 1,
    ND_HALT_POWERED_DOWN = 2,
    ND_HALT_SURPRISE_REMOVED = 3,
    ND_HALT_STOPPED = 6
};

enum { ND_QUERY = 0, ND_SET = 1, ND_METHOD = 12 };

typedef struct {
    NDIS_OBJECT_HEADER Header;
    ULONG RequestType;
    PVOID Reserved1[3];
    ULONG Oid;
    PVOID InformationBuffer;
    union {
        struct {
            ULONG InformationBufferLength, BytesDone, BytesNeeded;
        } Plain; /* query and set */
        struct {
            ULONG InputBufferLength, OutputBufferLength, MethodId, BytesWritten, BytesRead,
                BytesNeeded;
        } Method;
    };
    PVOID Reserved2[21];
} NDIS_OID_REQUEST;
NK_SIZE(NDIS_OID_REQUEST, 0xF0);
NK_OFFSET(NDIS_OID_REQUEST, Oid, 0x20);
NK_OFFSET(NDIS_OID_REQUEST, InformationBuffer, 0x28);
NK_OFFSET(NDIS_OID_REQUEST, Plain, 0x30);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    UCHAR MajorNdisVersion, MinorNdisVersion, MajorDriverVersion, MinorDriverVersion;
    ULONG Flags;
    NDIS_STATUS (*SetOptionsHandler)(NDIS_HANDLE driver, NDIS_HANDLE context);
    NDIS_STATUS(*InitializeHandlerEx)
    (NDIS_HANDLE adapter, NDIS_HANDLE context, NDIS_MINIPORT_INIT_PARAMETERS *parameters);
    VOID (*HaltHandlerEx)(NDIS_HANDLE context, ULONG action);
    VOID (*UnloadHandler)(DRIVER_OBJECT *driver);
    NDIS_STATUS (*PauseHandler)(NDIS_HANDLE context, NDIS_MINIPORT_PAUSE_PARAMETERS *parameters);
    NDIS_STATUS(*RestartHandler)
    (NDIS_HANDLE context, NDIS_MINIPORT_RESTART_PARAMETERS *parameters);
    NDIS_STATUS (*OidRequestHandler)(NDIS_HANDLE context, NDIS_OID_REQUEST *request);
    VOID(*SendNetBufferListsHandler)
    (NDIS_HANDLE context, NET_BUFFER_LIST *lists, ULONG port, ULONG flags);
    VOID (*ReturnNetBufferListsHandler)(NDIS_HANDLE context, NET_BUFFER_LIST *lists, ULONG flags);
    VOID (*CancelSendHandler)(NDIS_HANDLE context, PVOID id);
    BOOLEAN (*CheckForHangHandlerEx)(NDIS_HANDLE context);
    NDIS_STATUS (*ResetHandlerEx)(NDIS_HANDLE context, BOOLEAN *addressing_reset);
    VOID (*DevicePnPEventNotifyHandler)(NDIS_HANDLE context, NET_DEVICE_PNP_EVENT *event);
    VOID (*ShutdownHandlerEx)(NDIS_HANDLE context, ULONG action);
    VOID (*CancelOidRequestHandler)(NDIS_HANDLE context, PVOID id);
    PVOID DirectOidRequestHandler, CancelDirectOidRequestHandler; /* NDIS 6.1 */
} NDIS_MINIPORT_DRIVER_CHARACTERISTICS;
NK_SIZE(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, 0x98);
NK_OFFSET(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, InitializeHandlerEx, 0x18);
NK_OFFSET(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, SendNetBufferListsHandler, 0x48);
NK_OFFSET(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, ShutdownHandlerEx, 0x78);
NK_OFFSET(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, DirectOidRequestHandler, 0x88);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    NDIS_STATUS (*MiniportAddDeviceHandler)(NDIS_HANDLE adapter, NDIS_HANDLE driver_context);
    VOID (*MiniportRemoveDeviceHandler)(NDIS_HANDLE context);
    PVOID MiniportFilterResourceRequirementsHandler;
    NDIS_STATUS (*MiniportStartDeviceHandler)(NDIS_HANDLE context, IRP *irp);
    ULONG Flags;
} NDIS_MINIPORT_PNP_CHARACTERISTICS;
NK_SIZE(NDIS_MINIPORT_PNP_CHARACTERISTICS, 0x30);

/* Attributes of an adapter. */

typedef struct {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE MiniportAddDeviceContext;
    ULONG Flags;
} NDIS_ADD_DEVICE_ATTRIBUTES;
NK_SIZE(NDIS_ADD_DEVICE_ATTRIBUTES, 0x18);

#define ND_HARDWARE_DEVICE    0x01u
#define ND_NO_HALT_ON_SUSPEND 0x20u
#define ND_BUS_MASTER         0x40u

typedef struct {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE MiniportAdapterContext;
    ULONG AttributeFlags, CheckForHangTimeInSeconds, InterfaceType;
} NDIS_REGISTRATION_ATTRIBUTES;
NK_OFFSET(NDIS_REGISTRATION_ATTRIBUTES, AttributeFlags, 0x10);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags, MediaType, PhysicalMediumType, MtuSize;
    ULONG64 MaxXmitLinkSpeed, XmitLinkSpeed, MaxRcvLinkSpeed, RcvLinkSpeed;
    ULONG MediaConnectState, MediaDuplexState, LookaheadSize;
    PVOID Reserved1;
    ULONG MacOptions, SupportedPacketFilters, MaxMulticastListSize;
    USHORT MacAddressLength;
    UCHAR PermanentMacAddress[32], CurrentMacAddress[32];
    PVOID Reserved2;
    ULONG AccessType, DirectionType, ConnectionType;
    USHORT IfType;
    BOOLEAN IfConnectorPresent;
    ULONG Reserved3[4];
    const ULONG *SupportedOidList;
    ULONG SupportedOidListLength, AutoNegotiationFlags;
    PVOID Reserved4; /* revision 2 */
} NDIS_GENERAL_ATTRIBUTES;
NK_SIZE(NDIS_GENERAL_ATTRIBUTES, 0xE0);
NK_OFFSET(NDIS_GENERAL_ATTRIBUTES, MediaConnectState, 0x38);
NK_OFFSET(NDIS_GENERAL_ATTRIBUTES, CurrentMacAddress, 0x7E);
NK_OFFSET(NDIS_GENERAL_ATTRIBUTES, IfType, 0xB4);
NK_OFFSET(NDIS_GENERAL_ATTRIBUTES, SupportedOidList, 0xC8);

/* Interrupts. */

typedef struct {
    ULONG MaxNblsToIndicate, MoreNblsPending;
} NDIS_RECEIVE_THROTTLE_PARAMETERS;

#define ND_INDICATE_ALL 0xFFFFFFFFu

typedef struct {
    NDIS_OBJECT_HEADER Header;
    BOOLEAN (*InterruptHandler)(NDIS_HANDLE context, BOOLEAN *queue_dpc, PULONG targets);
    VOID(*InterruptDpcHandler)
    (NDIS_HANDLE context, PVOID dpc_context, NDIS_RECEIVE_THROTTLE_PARAMETERS *throttle,
     PVOID reserved);
    PVOID DisableInterruptHandler, EnableInterruptHandler;
    BOOLEAN MsiSupported, MsiSyncWithAllMessages;
    BOOLEAN(*MessageInterruptHandler)
    (NDIS_HANDLE context, ULONG message, BOOLEAN *queue_dpc, PULONG targets);
    VOID(*MessageInterruptDpcHandler)
    (NDIS_HANDLE context, ULONG message, PVOID dpc_context,
     NDIS_RECEIVE_THROTTLE_PARAMETERS *throttle, PVOID reserved);
    PVOID DisableMessageInterruptHandler, EnableMessageInterruptHandler;
    ULONG InterruptType;                         /* out: 1 line, 2 messages */
    IO_INTERRUPT_MESSAGE_INFO *MessageInfoTable; /* out */
} NDIS_INTERRUPT_CHARACTERISTICS;
NK_SIZE(NDIS_INTERRUPT_CHARACTERISTICS, 0x60);
NK_OFFSET(NDIS_INTERRUPT_CHARACTERISTICS, MsiSupported, 0x28);
NK_OFFSET(NDIS_INTERRUPT_CHARACTERISTICS, MessageInterruptHandler, 0x30);
NK_OFFSET(NDIS_INTERRUPT_CHARACTERISTICS, InterruptType, 0x50);

typedef struct {
    KAFFINITY Mask;
    USHORT Group, Reserved[3];
} GROUP_AFFINITY;

/* Status, configuration, the rest. */

typedef struct {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE SourceHandle;
    ULONG PortNumber;
    NDIS_STATUS StatusCode;
    ULONG Flags;
    PVOID Reserved1[2], StatusBuffer;
    ULONG StatusBufferSize, Reserved2[13];
} NDIS_STATUS_INDICATION;
NK_SIZE(NDIS_STATUS_INDICATION, 0x70);
NK_OFFSET(NDIS_STATUS_INDICATION, StatusBuffer, 0x30);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    ULONG MediaConnectState, MediaDuplexState;
    ULONG64 XmitLinkSpeed, RcvLinkSpeed;
    ULONG PauseFunctions, AutoNegotiationFlags;
} NDIS_LINK_STATE;
NK_SIZE(NDIS_LINK_STATE, 0x28);

enum { ND_LINK_UP = 1, ND_LINK_DOWN = 2 };

typedef struct {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE NdisHandle;
    ULONG Flags;
} NDIS_CONFIGURATION_OBJECT;
NK_SIZE(NDIS_CONFIGURATION_OBJECT, 0x18);

enum { ND_PARAMETER_INTEGER = 0, ND_PARAMETER_STRING = 2 };

typedef struct {
    ULONG ParameterType;
    union {
        ULONG IntegerData;
        UNICODE_STRING StringData;
    };
} NDIS_CONFIGURATION_PARAMETER;
NK_SIZE(NDIS_CONFIGURATION_PARAMETER, 0x18);

typedef struct {
    UCHAR OldIrql, LockState, Flags;
} LOCK_STATE_EX;
NK_SIZE(LOCK_STATE_EX, 3);

typedef struct {
    NDIS_OBJECT_HEADER Header;
    UNICODE_STRING *DeviceName, *SymbolicName;
    PVOID *MajorFunctions;
    ULONG ExtensionSize;
    PVOID DefaultSDDLString, DeviceClassGuid;
} NDIS_DEVICE_OBJECT_ATTRIBUTES;
NK_SIZE(NDIS_DEVICE_OBJECT_ATTRIBUTES, 0x38);

#endif
