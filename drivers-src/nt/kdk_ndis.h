// SPDX-License-Identifier: BSD-3-Clause
//
// The interface between an NDIS 6.20 miniport driver and ndis.sys, declared from its public
// documentation (the "ndis.h", "nbl.h" and "ntddndis.h" pages of the Windows driver DDI
// reference). MinGW-w64's <ndis.h> is that of NDIS 5.
//
// Names and member names are Windows' own. Each structure that is shared with ndis.sys has its size
// and the offsets that matter asserted: 64-bit values hold for amd64 and arm64, 32-bit ones for
// x86; both were taken from symbol files of drivers built with Microsoft's kit.

#ifndef NT_KDK_NDIS_H
#define NT_KDK_NDIS_H

#include "kdk.h"

#if defined(_WIN64)
#define NDIS_ASSERT_SIZE(type, size32, size64)   C_ASSERT(sizeof(type) == (size64))
#define NDIS_ASSERT_AT(type, member, at32, at64) C_ASSERT(FIELD_OFFSET(type, member) == (at64))
#else
#define NDIS_ASSERT_SIZE(type, size32, size64)   C_ASSERT(sizeof(type) == (size32))
#define NDIS_ASSERT_AT(type, member, at32, at64) C_ASSERT(FIELD_OFFSET(type, member) == (at32))
#endif

#define NDIS_API __attribute__((dllimport))

typedef PVOID NDIS_HANDLE;
typedef NTSTATUS NDIS_STATUS;
typedef ULONG NDIS_PORT_NUMBER;

#define NDIS_STATUS_SUCCESS          ((NDIS_STATUS)STATUS_SUCCESS)
#define NDIS_STATUS_PENDING          ((NDIS_STATUS)STATUS_PENDING)
#define NDIS_STATUS_FAILURE          ((NDIS_STATUS)STATUS_UNSUCCESSFUL)
#define NDIS_STATUS_RESOURCES        ((NDIS_STATUS)STATUS_INSUFFICIENT_RESOURCES)
#define NDIS_STATUS_NOT_SUPPORTED    ((NDIS_STATUS)STATUS_NOT_SUPPORTED)
#define NDIS_STATUS_LINK_STATE       ((NDIS_STATUS)0x40010017)
#define NDIS_STATUS_INVALID_LENGTH   ((NDIS_STATUS)0xc0010014)
#define NDIS_STATUS_BUFFER_TOO_SHORT ((NDIS_STATUS)0xc0010016)
#define NDIS_STATUS_PAUSED           ((NDIS_STATUS)0xc023002a)

// What every structure begins with. Size is up to the last member of the revision, without padding.
typedef struct _NDIS_OBJECT_HEADER {
    UCHAR Type;
    UCHAR Revision;
    USHORT Size;
} NDIS_OBJECT_HEADER;

#define NDIS_OBJECT_TYPE_DEFAULT                                  0x80
#define NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION                       0x83
#define NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT                       0x84
#define NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS          0x8a
#define NDIS_OBJECT_TYPE_STATUS_INDICATION                        0x98
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES 0x9e
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES      0x9f
#define NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT                     0xa9

// The size of a structure that ends with `member`, for a header.
#define NDIS_SIZE_THROUGH(type, member) \
    ((USHORT)(FIELD_OFFSET(type, member) + sizeof(((type *)0)->member)))

// ---- Network data ---------------------------------------------------------------------------

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
    USHORT ChecksumBias __attribute__((aligned(sizeof(PVOID))));
    USHORT Reserved;
    NDIS_HANDLE NdisPoolHandle;
    PVOID NdisReserved[2] __attribute__((aligned(2 * sizeof(PVOID))));
    PVOID ProtocolReserved[6];
    PVOID MiniportReserved[4];
    PHYSICAL_ADDRESS DataPhysicalAddress;
    PVOID ScatterGatherList;
} NET_BUFFER;

NDIS_ASSERT_SIZE(NET_BUFFER, 0x60, 0xb0);
NDIS_ASSERT_AT(NET_BUFFER, DataLength, 0x0c, 0x18);
NDIS_ASSERT_AT(NET_BUFFER, MdlChain, 0x10, 0x20);
NDIS_ASSERT_AT(NET_BUFFER, NdisPoolHandle, 0x1c, 0x38);
NDIS_ASSERT_AT(NET_BUFFER, MiniportReserved, 0x40, 0x80);
NDIS_ASSERT_AT(NET_BUFFER, DataPhysicalAddress, 0x50, 0xa0);

typedef enum _NDIS_NET_BUFFER_LIST_INFO {
    TcpIpChecksumNetBufferListInfo = 0,
    TcpLargeSendNetBufferListInfo = 2,
    Ieee8021QNetBufferListInfo = 4,
    NetBufferListCancelId = 5,
    NetBufferListHashValue = 8,
    NetBufferListHashInfo = 9
} NDIS_NET_BUFFER_LIST_INFO;

// ndis.sys allocates it and may know more than these members.
typedef struct _NET_BUFFER_LIST {
    struct _NET_BUFFER_LIST *Next;
    NET_BUFFER *FirstNetBuffer;
    PVOID Context;
    struct _NET_BUFFER_LIST *ParentNetBufferList;
    NDIS_HANDLE NdisPoolHandle;
    PVOID NdisReserved[2] __attribute__((aligned(2 * sizeof(PVOID))));
    PVOID ProtocolReserved[4];
    PVOID MiniportReserved[2];
    PVOID Scratch;
    NDIS_HANDLE SourceHandle;
    ULONG NblFlags;
    LONG ChildRefCount;
    ULONG Flags;
    NDIS_STATUS Status;
    PVOID NetBufferListInfo[];
} NET_BUFFER_LIST;

NDIS_ASSERT_AT(NET_BUFFER_LIST, NdisPoolHandle, 0x10, 0x20);
NDIS_ASSERT_AT(NET_BUFFER_LIST, MiniportReserved, 0x30, 0x60);
NDIS_ASSERT_AT(NET_BUFFER_LIST, SourceHandle, 0x3c, 0x78);
NDIS_ASSERT_AT(NET_BUFFER_LIST, Status, 0x4c, 0x8c);
NDIS_ASSERT_AT(NET_BUFFER_LIST, NetBufferListInfo, 0x50, 0x90);

#define NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL 0x01u
#define NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL       0x01u
#define NDIS_RECEIVE_FLAGS_RESOURCES            0x02u

typedef struct _NET_BUFFER_LIST_POOL_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    UCHAR ProtocolId;
    BOOLEAN fAllocateNetBuffer;
    USHORT ContextSize;
    ULONG PoolTag;
    ULONG DataSize;
} NET_BUFFER_LIST_POOL_PARAMETERS;

NDIS_ASSERT_SIZE(NET_BUFFER_LIST_POOL_PARAMETERS, 0x10, 0x10);

NDIS_API NDIS_HANDLE NTAPI NdisAllocateNetBufferListPool(
    NDIS_HANDLE NdisHandle, const NET_BUFFER_LIST_POOL_PARAMETERS *Parameters);
NDIS_API VOID NTAPI NdisFreeNetBufferListPool(NDIS_HANDLE PoolHandle);
NDIS_API NET_BUFFER_LIST *NTAPI NdisAllocateNetBufferAndNetBufferList(
    NDIS_HANDLE PoolHandle, USHORT ContextSize, USHORT ContextBackFill, MDL *MdlChain,
    ULONG DataOffset, SIZE_T DataLength);
NDIS_API VOID NTAPI NdisFreeNetBufferList(NET_BUFFER_LIST *NetBufferList);
NDIS_API NET_BUFFER_LIST *NTAPI NdisAllocateCloneNetBufferList(NET_BUFFER_LIST *Original,
                                                               NDIS_HANDLE NetBufferListPool,
                                                               NDIS_HANDLE NetBufferPool,
                                                               ULONG Flags);
NDIS_API VOID NTAPI NdisFreeCloneNetBufferList(NET_BUFFER_LIST *Clone, ULONG Flags);
NDIS_API MDL *NTAPI NdisAllocateMdl(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, ULONG Length);
NDIS_API VOID NTAPI NdisFreeMdl(MDL *Mdl);
NDIS_API VOID NTAPI NdisMSendNetBufferListsComplete(NDIS_HANDLE Adapter,
                                                    NET_BUFFER_LIST *NetBufferLists, ULONG Flags);
NDIS_API VOID NTAPI NdisMIndicateReceiveNetBufferLists(NDIS_HANDLE Adapter,
                                                       NET_BUFFER_LIST *NetBufferLists,
                                                       NDIS_PORT_NUMBER PortNumber, ULONG Number,
                                                       ULONG Flags);

// ---- DMA ------------------------------------------------------------------------------------

#define NDIS_SG_DMA_64_BIT_ADDRESS   0x01u
#define NDIS_SG_LIST_WRITE_TO_DEVICE 0x01u

typedef VOID(NTAPI *MINIPORT_PROCESS_SG_LIST)(DEVICE_OBJECT *DeviceObject, PVOID Reserved,
                                              SCATTER_GATHER_LIST *ScatterGatherList,
                                              PVOID Context);
typedef VOID(NTAPI *MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE)(NDIS_HANDLE Context, PVOID Va,
                                                           PHYSICAL_ADDRESS *Pa, ULONG Length,
                                                           PVOID AllocationContext);

typedef struct _NDIS_SG_DMA_DESCRIPTION {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG MaximumPhysicalMapping;
    MINIPORT_PROCESS_SG_LIST ProcessSGListHandler;
    MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE SharedMemAllocateCompleteHandler;
    ULONG ScatterGatherListSize;
} NDIS_SG_DMA_DESCRIPTION;

NDIS_ASSERT_SIZE(NDIS_SG_DMA_DESCRIPTION, 0x18, 0x28);
NDIS_ASSERT_AT(NDIS_SG_DMA_DESCRIPTION, ScatterGatherListSize, 0x14, 0x20);

NDIS_API NDIS_STATUS NTAPI NdisMRegisterScatterGatherDma(NDIS_HANDLE Adapter,
                                                         NDIS_SG_DMA_DESCRIPTION *Description,
                                                         NDIS_HANDLE *DmaHandle);
NDIS_API VOID NTAPI NdisMDeregisterScatterGatherDma(NDIS_HANDLE DmaHandle);
// At DISPATCH_LEVEL exactly, as NdisMFreeNetBufferSGList.
NDIS_API NDIS_STATUS NTAPI NdisMAllocateNetBufferSGList(NDIS_HANDLE DmaHandle,
                                                        NET_BUFFER *NetBuffer, PVOID Context,
                                                        ULONG Flags, PVOID ListBuffer,
                                                        ULONG ListBufferSize);
NDIS_API VOID NTAPI NdisMFreeNetBufferSGList(NDIS_HANDLE DmaHandle, SCATTER_GATHER_LIST *List,
                                             NET_BUFFER *NetBuffer);
NDIS_API VOID NTAPI NdisMAllocateSharedMemory(NDIS_HANDLE Adapter, ULONG Length, BOOLEAN Cached,
                                              PVOID *VirtualAddress, PHYSICAL_ADDRESS *Physical);
NDIS_API VOID NTAPI NdisMFreeSharedMemory(NDIS_HANDLE Adapter, ULONG Length, BOOLEAN Cached,
                                          PVOID VirtualAddress, PHYSICAL_ADDRESS Physical);

// ---- The miniport driver --------------------------------------------------------------------

typedef struct _NDIS_MINIPORT_INIT_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    CM_PARTIAL_RESOURCE_LIST *AllocatedResources;
    NDIS_HANDLE IMDeviceInstanceContext;
    NDIS_HANDLE MiniportAddDeviceContext;
    ULONG IfIndex;
    ULONGLONG NetLuid;
    PVOID DefaultPortAuthStates;
    PVOID PciDeviceCustomProperties;
} NDIS_MINIPORT_INIT_PARAMETERS;

NDIS_ASSERT_SIZE(NDIS_MINIPORT_INIT_PARAMETERS, 0x28, 0x40);

typedef struct _NDIS_MINIPORT_PAUSE_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG PauseReason;
} NDIS_MINIPORT_PAUSE_PARAMETERS;

typedef struct _NDIS_MINIPORT_RESTART_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    PVOID RestartAttributes;
    ULONG Flags;
} NDIS_MINIPORT_RESTART_PARAMETERS;

typedef enum _NDIS_DEVICE_PNP_EVENT {
    NdisDevicePnPEventQueryRemoved,
    NdisDevicePnPEventRemoved,
    NdisDevicePnPEventSurpriseRemoved,
    NdisDevicePnPEventQueryStopped,
    NdisDevicePnPEventStopped,
    NdisDevicePnPEventPowerProfileChanged
} NDIS_DEVICE_PNP_EVENT;

typedef struct _NET_DEVICE_PNP_EVENT {
    NDIS_OBJECT_HEADER Header;
    NDIS_PORT_NUMBER PortNumber;
    NDIS_DEVICE_PNP_EVENT DevicePnPEvent;
    PVOID InformationBuffer;
    ULONG InformationBufferLength;
    UCHAR NdisReserved[2 * sizeof(PVOID)];
} NET_DEVICE_PNP_EVENT;

NDIS_ASSERT_SIZE(NET_DEVICE_PNP_EVENT, 0x1c, 0x30);

typedef enum _NDIS_HALT_ACTION {
    NdisHaltDeviceDisabled,
    NdisHaltDeviceInstanceDeInitialized,
    NdisHaltDevicePoweredDown,
    NdisHaltDeviceSurpriseRemoved,
    NdisHaltDeviceFailed,
    NdisHaltDeviceInitializationFailed,
    NdisHaltDeviceStopped
} NDIS_HALT_ACTION;

typedef enum _NDIS_SHUTDOWN_ACTION {
    NdisShutdownPowerOff,
    NdisShutdownBugCheck
} NDIS_SHUTDOWN_ACTION;

typedef enum _NDIS_REQUEST_TYPE {
    NdisRequestQueryInformation = 0,
    NdisRequestSetInformation = 1,
    NdisRequestQueryStatistics = 2,
    NdisRequestMethod = 12
} NDIS_REQUEST_TYPE;

typedef ULONG NDIS_OID;

typedef struct _NDIS_OID_REQUEST {
    NDIS_OBJECT_HEADER Header;
    NDIS_REQUEST_TYPE RequestType;
    NDIS_PORT_NUMBER PortNumber;
    ULONG Timeout;
    PVOID RequestId;
    NDIS_HANDLE RequestHandle;
    union _REQUEST_DATA {
        struct _QUERY {
            NDIS_OID Oid;
            PVOID InformationBuffer;
            ULONG InformationBufferLength;
            ULONG BytesWritten;
            ULONG BytesNeeded;
        } QUERY_INFORMATION;
        struct _SET {
            NDIS_OID Oid;
            PVOID InformationBuffer;
            ULONG InformationBufferLength;
            ULONG BytesRead;
            ULONG BytesNeeded;
        } SET_INFORMATION;
        struct _METHOD {
            NDIS_OID Oid;
            PVOID InformationBuffer;
            ULONG InputBufferLength;
            ULONG OutputBufferLength;
            ULONG MethodId;
            ULONG BytesWritten;
            ULONG BytesRead;
            ULONG BytesNeeded;
        } METHOD_INFORMATION;
    } DATA;
    UCHAR NdisReserved[16 * sizeof(PVOID)] __attribute__((aligned(sizeof(PVOID))));
    UCHAR MiniportReserved[2 * sizeof(PVOID)];
    UCHAR SourceReserved[2 * sizeof(PVOID)];
    UCHAR SupportedRevision;
    UCHAR Reserved1;
    USHORT Reserved2;
} NDIS_OID_REQUEST;

NDIS_ASSERT_SIZE(NDIS_OID_REQUEST, 0x8c, 0xf0);
NDIS_ASSERT_AT(NDIS_OID_REQUEST, DATA, 0x18, 0x20);
NDIS_ASSERT_AT(NDIS_OID_REQUEST, DATA.QUERY_INFORMATION.InformationBuffer, 0x1c, 0x28);
NDIS_ASSERT_AT(NDIS_OID_REQUEST, SupportedRevision, 0x88, 0xe8);

typedef struct _NDIS_MINIPORT_DRIVER_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    UCHAR MajorNdisVersion;
    UCHAR MinorNdisVersion;
    UCHAR MajorDriverVersion;
    UCHAR MinorDriverVersion;
    ULONG Flags;
    NDIS_STATUS(NTAPI *SetOptionsHandler)(NDIS_HANDLE Driver, NDIS_HANDLE DriverContext);
    NDIS_STATUS(NTAPI *InitializeHandlerEx)
    (NDIS_HANDLE Adapter, NDIS_HANDLE DriverContext, NDIS_MINIPORT_INIT_PARAMETERS *Parameters);
    VOID(NTAPI *HaltHandlerEx)(NDIS_HANDLE Context, NDIS_HALT_ACTION Action);
    VOID(NTAPI *UnloadHandler)(DRIVER_OBJECT *DriverObject);
    NDIS_STATUS(NTAPI *PauseHandler)
    (NDIS_HANDLE Context, NDIS_MINIPORT_PAUSE_PARAMETERS *Parameters);
    NDIS_STATUS(NTAPI *RestartHandler)
    (NDIS_HANDLE Context, NDIS_MINIPORT_RESTART_PARAMETERS *Parameters);
    NDIS_STATUS(NTAPI *OidRequestHandler)(NDIS_HANDLE Context, NDIS_OID_REQUEST *Request);
    VOID(NTAPI *SendNetBufferListsHandler)
    (NDIS_HANDLE Context, NET_BUFFER_LIST *NetBufferLists, NDIS_PORT_NUMBER PortNumber,
     ULONG Flags);
    VOID(NTAPI *ReturnNetBufferListsHandler)
    (NDIS_HANDLE Context, NET_BUFFER_LIST *NetBufferLists, ULONG Flags);
    VOID(NTAPI *CancelSendHandler)(NDIS_HANDLE Context, PVOID CancelId);
    BOOLEAN(NTAPI *CheckForHangHandlerEx)(NDIS_HANDLE Context);
    NDIS_STATUS(NTAPI *ResetHandlerEx)(NDIS_HANDLE Context, BOOLEAN *AddressingReset);
    VOID(NTAPI *DevicePnPEventNotifyHandler)(NDIS_HANDLE Context, NET_DEVICE_PNP_EVENT *Event);
    VOID(NTAPI *ShutdownHandlerEx)(NDIS_HANDLE Context, NDIS_SHUTDOWN_ACTION Action);
    VOID(NTAPI *CancelOidRequestHandler)(NDIS_HANDLE Context, PVOID RequestId);
    NDIS_STATUS(NTAPI *DirectOidRequestHandler)(NDIS_HANDLE Context, NDIS_OID_REQUEST *Request);
    VOID(NTAPI *CancelDirectOidRequestHandler)(NDIS_HANDLE Context, PVOID RequestId);
} NDIS_MINIPORT_DRIVER_CHARACTERISTICS;

NDIS_ASSERT_SIZE(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, 0x50, 0x98);
NDIS_ASSERT_AT(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, InitializeHandlerEx, 0x10, 0x18);
NDIS_ASSERT_AT(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, SendNetBufferListsHandler, 0x28, 0x48);
NDIS_ASSERT_AT(NDIS_MINIPORT_DRIVER_CHARACTERISTICS, CancelOidRequestHandler, 0x44, 0x80);

NDIS_API NDIS_STATUS NTAPI NdisMRegisterMiniportDriver(
    DRIVER_OBJECT *DriverObject, UNICODE_STRING *RegistryPath, NDIS_HANDLE DriverContext,
    const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *Characteristics, NDIS_HANDLE *DriverHandle);
NDIS_API VOID NTAPI NdisMDeregisterMiniportDriver(NDIS_HANDLE DriverHandle);
NDIS_API VOID NTAPI NdisMPauseComplete(NDIS_HANDLE Adapter);
NDIS_API VOID NTAPI NdisMRestartComplete(NDIS_HANDLE Adapter, NDIS_STATUS Status);
NDIS_API VOID NTAPI NdisMOidRequestComplete(NDIS_HANDLE Adapter, NDIS_OID_REQUEST *Request,
                                            NDIS_STATUS Status);

// ---- Attributes -----------------------------------------------------------------------------

#define NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE    0x01u
#define NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK 0x04u
#define NDIS_MINIPORT_ATTRIBUTES_NO_HALT_ON_SUSPEND 0x20u
#define NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER         0x40u

typedef enum _NDIS_INTERFACE_TYPE { NdisInterfacePci = 5 } NDIS_INTERFACE_TYPE;

typedef struct _NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE MiniportAdapterContext;
    ULONG AttributeFlags;
    ULONG CheckForHangTimeInSeconds;
    NDIS_INTERFACE_TYPE InterfaceType;
} NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES;

NDIS_ASSERT_AT(NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES, AttributeFlags, 0x08, 0x10);
NDIS_ASSERT_AT(NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES, InterfaceType, 0x10, 0x18);

typedef enum _NET_IF_MEDIA_CONNECT_STATE {
    MediaConnectStateUnknown,
    MediaConnectStateConnected,
    MediaConnectStateDisconnected
} NET_IF_MEDIA_CONNECT_STATE;

typedef enum _NET_IF_MEDIA_DUPLEX_STATE {
    MediaDuplexStateUnknown,
    MediaDuplexStateHalf,
    MediaDuplexStateFull
} NET_IF_MEDIA_DUPLEX_STATE;

typedef enum _NDIS_MEDIUM { NdisMedium802_3 = 0 } NDIS_MEDIUM;
typedef enum _NDIS_PHYSICAL_MEDIUM { NdisPhysicalMedium802_3 = 14 } NDIS_PHYSICAL_MEDIUM;
typedef enum _NET_IF_ACCESS_TYPE { NET_IF_ACCESS_BROADCAST = 2 } NET_IF_ACCESS_TYPE;
typedef enum _NET_IF_DIRECTION_TYPE { NET_IF_DIRECTION_SENDRECEIVE = 0 } NET_IF_DIRECTION_TYPE;
typedef enum _NET_IF_CONNECTION_TYPE { NET_IF_CONNECTION_DEDICATED = 1 } NET_IF_CONNECTION_TYPE;

#define NDIS_LINK_SPEED_UNKNOWN             (~0ull)
#define IF_TYPE_ETHERNET_CSMACD             6
#define NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA 0x01u
#define NDIS_MAC_OPTION_TRANSFERS_NOT_PEND  0x04u
#define NDIS_MAC_OPTION_NO_LOOPBACK         0x08u
#define NDIS_PACKET_TYPE_DIRECTED           0x01u
#define NDIS_PACKET_TYPE_MULTICAST          0x02u
#define NDIS_PACKET_TYPE_ALL_MULTICAST      0x04u
#define NDIS_PACKET_TYPE_BROADCAST          0x08u
#define NDIS_PACKET_TYPE_PROMISCUOUS        0x20u

typedef struct _NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_MEDIUM MediaType;
    NDIS_PHYSICAL_MEDIUM PhysicalMediumType;
    ULONG MtuSize;
    ULONG64 MaxXmitLinkSpeed;
    ULONG64 XmitLinkSpeed;
    ULONG64 MaxRcvLinkSpeed;
    ULONG64 RcvLinkSpeed;
    NET_IF_MEDIA_CONNECT_STATE MediaConnectState;
    NET_IF_MEDIA_DUPLEX_STATE MediaDuplexState;
    ULONG LookaheadSize;
    PVOID PowerManagementCapabilities;
    ULONG MacOptions;
    ULONG SupportedPacketFilters;
    ULONG MaxMulticastListSize;
    USHORT MacAddressLength;
    UCHAR PermanentMacAddress[32];
    UCHAR CurrentMacAddress[32];
    PVOID RecvScaleCapabilities;
    NET_IF_ACCESS_TYPE AccessType;
    NET_IF_DIRECTION_TYPE DirectionType;
    NET_IF_CONNECTION_TYPE ConnectionType;
    USHORT IfType;
    BOOLEAN IfConnectorPresent;
    ULONG SupportedStatistics;
    ULONG SupportedPauseFunctions;
    ULONG DataBackFillSize;
    ULONG ContextBackFillSize;
    NDIS_OID *SupportedOidList;
    ULONG SupportedOidListLength;
    ULONG AutoNegotiationFlags;
    PVOID PowerManagementCapabilitiesEx;
} NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES;

NDIS_ASSERT_SIZE(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, 0xd0, 0xe0);
NDIS_ASSERT_AT(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, MediaConnectState, 0x38, 0x38);
NDIS_ASSERT_AT(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, MacAddressLength, 0x54, 0x5c);
NDIS_ASSERT_AT(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, CurrentMacAddress, 0x76, 0x7e);
NDIS_ASSERT_AT(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, IfType, 0xa8, 0xb4);
NDIS_ASSERT_AT(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, SupportedOidList, 0xbc, 0xc8);

// `Attributes` is one of the structures above.
NDIS_API NDIS_STATUS NTAPI NdisMSetMiniportAttributes(NDIS_HANDLE Adapter, PVOID Attributes);

// ---- OIDs and status ------------------------------------------------------------------------

#define OID_GEN_CURRENT_PACKET_FILTER 0x0001010eu
#define OID_GEN_CURRENT_LOOKAHEAD     0x0001010fu
#define OID_GEN_STATISTICS            0x00020106u
#define OID_802_3_PERMANENT_ADDRESS   0x01010101u
#define OID_802_3_CURRENT_ADDRESS     0x01010102u
#define OID_802_3_MULTICAST_LIST      0x01010103u

typedef struct _NDIS_STATISTICS_INFO {
    NDIS_OBJECT_HEADER Header;
    ULONG SupportedStatistics;
    ULONG64 ifInDiscards, ifInErrors, ifHCInOctets, ifHCInUcastPkts, ifHCInMulticastPkts,
        ifHCInBroadcastPkts, ifHCOutOctets, ifHCOutUcastPkts, ifHCOutMulticastPkts,
        ifHCOutBroadcastPkts, ifOutErrors, ifOutDiscards, ifHCInUcastOctets, ifHCInMulticastOctets,
        ifHCInBroadcastOctets, ifHCOutUcastOctets, ifHCOutMulticastOctets, ifHCOutBroadcastOctets;
} NDIS_STATISTICS_INFO;

NDIS_ASSERT_SIZE(NDIS_STATISTICS_INFO, 0x98, 0x98);

typedef struct _NDIS_STATUS_INDICATION {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE SourceHandle;
    NDIS_PORT_NUMBER PortNumber;
    NDIS_STATUS StatusCode;
    ULONG Flags;
    NDIS_HANDLE DestinationHandle;
    PVOID RequestId;
    PVOID StatusBuffer;
    ULONG StatusBufferSize;
    GUID Guid;
    PVOID NdisReserved[4];
} NDIS_STATUS_INDICATION;

NDIS_ASSERT_SIZE(NDIS_STATUS_INDICATION, 0x44, 0x70);
NDIS_ASSERT_AT(NDIS_STATUS_INDICATION, StatusBuffer, 0x1c, 0x30);

typedef struct _NDIS_LINK_STATE {
    NDIS_OBJECT_HEADER Header;
    NET_IF_MEDIA_CONNECT_STATE MediaConnectState;
    NET_IF_MEDIA_DUPLEX_STATE MediaDuplexState;
    ULONG64 XmitLinkSpeed;
    ULONG64 RcvLinkSpeed;
    ULONG PauseFunctions;
    ULONG AutoNegotiationFlags;
} NDIS_LINK_STATE;

NDIS_ASSERT_SIZE(NDIS_LINK_STATE, 0x28, 0x28);

NDIS_API VOID NTAPI NdisMIndicateStatusEx(NDIS_HANDLE Adapter,
                                          const NDIS_STATUS_INDICATION *Indication);

// ---- Interrupts, registers, time ------------------------------------------------------------

typedef enum _NDIS_INTERRUPT_TYPE {
    NDIS_CONNECT_LINE_BASED = 1,
    NDIS_CONNECT_MESSAGE_BASED = 2
} NDIS_INTERRUPT_TYPE;

#define NDIS_INDICATE_ALL_NBLS 0xffffffffu

typedef struct _NDIS_RECEIVE_THROTTLE_PARAMETERS {
    ULONG MaxNblsToIndicate;
    ULONG MoreNblsPending;
} NDIS_RECEIVE_THROTTLE_PARAMETERS;

typedef struct _NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    BOOLEAN(NTAPI *InterruptHandler)
    (NDIS_HANDLE Context, BOOLEAN *QueueDefaultInterruptDpc, ULONG *TargetProcessors);
    VOID(NTAPI *InterruptDpcHandler)
    (NDIS_HANDLE Context, PVOID DpcContext, NDIS_RECEIVE_THROTTLE_PARAMETERS *Throttle,
     PVOID Reserved);
    VOID(NTAPI *DisableInterruptHandler)(NDIS_HANDLE Context);
    VOID(NTAPI *EnableInterruptHandler)(NDIS_HANDLE Context);
    BOOLEAN MsiSupported;
    BOOLEAN MsiSyncWithAllMessages;
    BOOLEAN(NTAPI *MessageInterruptHandler)
    (NDIS_HANDLE Context, ULONG MessageId, BOOLEAN *QueueDefaultInterruptDpc,
     ULONG *TargetProcessors);
    VOID(NTAPI *MessageInterruptDpcHandler)
    (NDIS_HANDLE Context, ULONG MessageId, PVOID DpcContext,
     NDIS_RECEIVE_THROTTLE_PARAMETERS *Throttle, PVOID Reserved);
    VOID(NTAPI *DisableMessageInterruptHandler)(NDIS_HANDLE Context, ULONG MessageId);
    VOID(NTAPI *EnableMessageInterruptHandler)(NDIS_HANDLE Context, ULONG MessageId);
    NDIS_INTERRUPT_TYPE InterruptType;
    IO_INTERRUPT_MESSAGE_INFO *MessageInfoTable;
} NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS;

NDIS_ASSERT_SIZE(NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS, 0x30, 0x60);
NDIS_ASSERT_AT(NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS, MsiSupported, 0x14, 0x28);
NDIS_ASSERT_AT(NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS, InterruptType, 0x28, 0x50);

NDIS_API NDIS_STATUS NTAPI NdisMRegisterInterruptEx(
    NDIS_HANDLE Adapter, NDIS_HANDLE Context,
    NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS *Characteristics, NDIS_HANDLE *InterruptHandle);
NDIS_API VOID NTAPI NdisMDeregisterInterruptEx(NDIS_HANDLE InterruptHandle);
NDIS_API NDIS_STATUS NTAPI NdisMMapIoSpace(PVOID *VirtualAddress, NDIS_HANDLE Adapter,
                                           PHYSICAL_ADDRESS PhysicalAddress, ULONG Length);
NDIS_API VOID NTAPI NdisMUnmapIoSpace(NDIS_HANDLE Adapter, PVOID VirtualAddress, ULONG Length);
NDIS_API NDIS_STATUS NTAPI NdisMRegisterIoPortRange(PVOID *PortOffset, NDIS_HANDLE Adapter,
                                                    ULONG InitialPort, ULONG NumberOfPorts);
NDIS_API VOID NTAPI NdisMDeregisterIoPortRange(NDIS_HANDLE Adapter, ULONG InitialPort,
                                               ULONG NumberOfPorts, PVOID PortOffset);
NDIS_API ULONG NTAPI NdisMGetBusData(NDIS_HANDLE Adapter, ULONG WhichSpace, ULONG Offset,
                                     PVOID Buffer, ULONG Length);
NDIS_API VOID NTAPI NdisMSleep(ULONG MicrosecondsToSleep);

// ---- Memory and configuration ---------------------------------------------------------------

NDIS_API PVOID NTAPI NdisAllocateMemoryWithTagPriority(NDIS_HANDLE NdisHandle, ULONG Length,
                                                       ULONG Tag, EX_POOL_PRIORITY Priority);
NDIS_API VOID NTAPI NdisFreeMemory(PVOID VirtualAddress, ULONG Length, ULONG MemoryFlags);

typedef struct _NDIS_CONFIGURATION_OBJECT {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE NdisHandle;
    ULONG Flags;
} NDIS_CONFIGURATION_OBJECT;

NDIS_ASSERT_SIZE(NDIS_CONFIGURATION_OBJECT, 0x0c, 0x18);

typedef enum _NDIS_PARAMETER_TYPE {
    NdisParameterInteger,
    NdisParameterHexInteger,
    NdisParameterString
} NDIS_PARAMETER_TYPE;

typedef struct _NDIS_CONFIGURATION_PARAMETER {
    NDIS_PARAMETER_TYPE ParameterType;
    union {
        ULONG IntegerData;
        UNICODE_STRING StringData;
    } ParameterData;
} NDIS_CONFIGURATION_PARAMETER;

NDIS_ASSERT_SIZE(NDIS_CONFIGURATION_PARAMETER, 0x0c, 0x18);

NDIS_API NDIS_STATUS NTAPI NdisOpenConfigurationEx(NDIS_CONFIGURATION_OBJECT *Object,
                                                   NDIS_HANDLE *ConfigurationHandle);
NDIS_API VOID NTAPI NdisReadConfiguration(NDIS_STATUS *Status, NDIS_CONFIGURATION_PARAMETER **Value,
                                          NDIS_HANDLE ConfigurationHandle, UNICODE_STRING *Keyword,
                                          NDIS_PARAMETER_TYPE Type);
NDIS_API VOID NTAPI NdisReadNetworkAddress(NDIS_STATUS *Status, PVOID *NetworkAddress,
                                           ULONG *NetworkAddressLength,
                                           NDIS_HANDLE ConfigurationHandle);
NDIS_API VOID NTAPI NdisCloseConfiguration(NDIS_HANDLE ConfigurationHandle);

#endif
