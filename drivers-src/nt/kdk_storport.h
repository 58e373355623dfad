// SPDX-License-Identifier: BSD-3-Clause
//
// The interface between a Storport miniport driver and storport.sys, declared from its public
// documentation (the "storport.h" and "srb.h" pages of the Windows driver DDI reference). The
// MinGW-w64 headers have an older one that does not compile.
//
// Names and member names are Windows' own. Each structure that is shared with storport.sys has its
// size and the offsets that matter asserted: 64-bit values hold for amd64 and arm64, 32-bit ones
// for x86. Callbacks and functions are __stdcall on x86 (NTAPI), but for the two that take a
// variable number of arguments.
//
// Much of Storport's interface is inline wrappers in Windows' own header, around the exported
// StorPortNotification() and StorPortExtendedFunction() with fixed codes; they are rebuilt here.

#ifndef NT_KDK_STORPORT_H
#define NT_KDK_STORPORT_H

#include "kdk.h"

#if defined(_WIN64)
#define STOR_ASSERT_SIZE(type, size32, size64)   C_ASSERT(sizeof(type) == (size64))
#define STOR_ASSERT_AT(type, member, at32, at64) C_ASSERT(FIELD_OFFSET(type, member) == (at64))
#else
#define STOR_ASSERT_SIZE(type, size32, size64)   C_ASSERT(sizeof(type) == (size32))
#define STOR_ASSERT_AT(type, member, at32, at64) C_ASSERT(FIELD_OFFSET(type, member) == (at32))
#endif

#define STOR_API __attribute__((dllimport))

typedef PHYSICAL_ADDRESS STOR_PHYSICAL_ADDRESS;

// ---- Requests -------------------------------------------------------------------------------

#define SRB_FUNCTION_EXECUTE_SCSI          0x00
#define SRB_FUNCTION_IO_CONTROL            0x02
#define SRB_FUNCTION_SHUTDOWN              0x07
#define SRB_FUNCTION_FLUSH                 0x08
#define SRB_FUNCTION_RESET_BUS             0x12
#define SRB_FUNCTION_RESET_DEVICE          0x13
#define SRB_FUNCTION_WMI                   0x17
#define SRB_FUNCTION_RESET_LOGICAL_UNIT    0x20
#define SRB_FUNCTION_POWER                 0x24
#define SRB_FUNCTION_PNP                   0x25
#define SRB_FUNCTION_STORAGE_REQUEST_BLOCK 0x28

#define SRB_STATUS_PENDING         0x00
#define SRB_STATUS_SUCCESS         0x01
#define SRB_STATUS_ERROR           0x04
#define SRB_STATUS_BUSY            0x05
#define SRB_STATUS_INVALID_REQUEST 0x06
#define SRB_STATUS_NO_DEVICE       0x08
#define SRB_STATUS_BUS_RESET       0x0e
#define SRB_STATUS_NO_HBA          0x11
#define SRB_STATUS_AUTOSENSE_VALID 0x80

#define SRB_FLAGS_DISABLE_AUTOSENSE   0x00000020
#define SRB_PNP_FLAGS_ADAPTER_REQUEST 0x0001

#define SRB_SIGNATURE 0x53524258 // "SRBX"

// The classic request.
typedef struct _SCSI_REQUEST_BLOCK {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
    UCHAR ScsiStatus;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR QueueTag;
    UCHAR QueueAction;
    UCHAR CdbLength;
    UCHAR SenseInfoBufferLength;
    ULONG SrbFlags;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    PVOID DataBuffer;
    PVOID SenseInfoBuffer;
    struct _SCSI_REQUEST_BLOCK *NextSrb;
    PVOID OriginalRequest;
    PVOID SrbExtension;
    ULONG QueueSortKey;
#if defined(_WIN64)
    ULONG Reserved;
#endif
    UCHAR Cdb[16];
} SCSI_REQUEST_BLOCK, *PSCSI_REQUEST_BLOCK;

STOR_ASSERT_SIZE(SCSI_REQUEST_BLOCK, 0x40, 0x58);
STOR_ASSERT_AT(SCSI_REQUEST_BLOCK, SrbFlags, 0x0c, 0x0c);
STOR_ASSERT_AT(SCSI_REQUEST_BLOCK, DataBuffer, 0x18, 0x18);
STOR_ASSERT_AT(SCSI_REQUEST_BLOCK, SenseInfoBuffer, 0x1c, 0x20);
STOR_ASSERT_AT(SCSI_REQUEST_BLOCK, SrbExtension, 0x28, 0x38);
STOR_ASSERT_AT(SCSI_REQUEST_BLOCK, Cdb, 0x30, 0x48);

typedef enum _STOR_PNP_ACTION {
    StorStartDevice = 0x00,
    StorRemoveDevice = 0x02,
    StorStopDevice = 0x04,
    StorQueryCapabilities = 0x09,
    StorQueryResourceRequirements = 0x0b,
    StorFilterResourceRequirements = 0x0d,
    StorSurpriseRemoval = 0x17
} STOR_PNP_ACTION;

// The classic request as it is laid out for SRB_FUNCTION_PNP.
typedef struct _SCSI_PNP_REQUEST_BLOCK {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
    UCHAR PnPSubFunction;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    STOR_PNP_ACTION PnPAction;
    ULONG SrbFlags;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    PVOID DataBuffer;
    PVOID SenseInfoBuffer;
    struct _SCSI_REQUEST_BLOCK *NextSrb;
    PVOID OriginalRequest;
    PVOID SrbExtension;
    ULONG SrbPnPFlags;
#if defined(_WIN64)
    ULONG Reserved;
#endif
    UCHAR Reserved4[16];
} SCSI_PNP_REQUEST_BLOCK;

STOR_ASSERT_SIZE(SCSI_PNP_REQUEST_BLOCK, 0x40, 0x58);
STOR_ASSERT_AT(SCSI_PNP_REQUEST_BLOCK, PnPAction, 0x08, 0x08);
STOR_ASSERT_AT(SCSI_PNP_REQUEST_BLOCK, SrbPnPFlags, 0x2c, 0x40);

// The extended request of Windows 8 and later. It starts like the classic one as far as SrbStatus;
// Function is SRB_FUNCTION_STORAGE_REQUEST_BLOCK.
typedef struct _STORAGE_REQUEST_BLOCK {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
    ULONG ReservedUlong1;
    ULONG Signature;
    ULONG Version;
    ULONG SrbLength;
    ULONG SrbFunction;
    ULONG SrbFlags;
    ULONG ReservedUlong2;
    ULONG RequestTag;
    USHORT RequestPriority;
    USHORT RequestAttribute;
    ULONG TimeOutValue;
    ULONG SystemStatus;
    ULONG ZeroGuard1;
    ULONG AddressOffset;
    ULONG NumSrbExData;
    ULONG DataTransferLength;
    PVOID DataBuffer;
    PVOID ZeroGuard2;
    PVOID OriginalRequest;
    PVOID ClassContext;
    PVOID PortContext;
    PVOID MiniportContext;
    struct _STORAGE_REQUEST_BLOCK *NextSrb;
    ULONG SrbExDataOffset[];
} STORAGE_REQUEST_BLOCK, *PSTORAGE_REQUEST_BLOCK;

STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, Function, 0x02, 0x02);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, Signature, 0x08, 0x08);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, SrbFunction, 0x14, 0x14);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, SrbFlags, 0x18, 0x18);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, AddressOffset, 0x34, 0x34);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, NumSrbExData, 0x38, 0x38);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, DataTransferLength, 0x3c, 0x3c);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, DataBuffer, 0x40, 0x40);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, MiniportContext, 0x54, 0x68);
STOR_ASSERT_AT(STORAGE_REQUEST_BLOCK, SrbExDataOffset, 0x5c, 0x78);

typedef enum _SRBEXDATATYPE {
    SrbExDataTypeUnknown = 0,
    SrbExDataTypeScsiCdb16 = 0x40
} SRBEXDATATYPE;

typedef struct _SRBEX_DATA_SCSI_CDB16 {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR ScsiStatus;
    UCHAR SenseInfoBufferLength;
    UCHAR CdbLength;
    UCHAR Reserved;
    ULONG Reserved1;
    PVOID SenseInfoBuffer;
    UCHAR Cdb[16];
} SRBEX_DATA_SCSI_CDB16, *PSRBEX_DATA_SCSI_CDB16;

STOR_ASSERT_SIZE(SRBEX_DATA_SCSI_CDB16, 0x24, 0x28);
STOR_ASSERT_AT(SRBEX_DATA_SCSI_CDB16, ScsiStatus, 0x08, 0x08);
STOR_ASSERT_AT(SRBEX_DATA_SCSI_CDB16, SenseInfoBufferLength, 0x09, 0x09);
STOR_ASSERT_AT(SRBEX_DATA_SCSI_CDB16, CdbLength, 0x0a, 0x0a);
STOR_ASSERT_AT(SRBEX_DATA_SCSI_CDB16, SenseInfoBuffer, 0x10, 0x10);
STOR_ASSERT_AT(SRBEX_DATA_SCSI_CDB16, Cdb, 0x14, 0x18);

typedef struct _SRBEX_DATA_PNP {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR PnPSubFunction;
    UCHAR Reserved[3];
    STOR_PNP_ACTION PnPAction;
    ULONG SrbPnPFlags;
    ULONG Reserved1;
} SRBEX_DATA_PNP, *PSRBEX_DATA_PNP;

STOR_ASSERT_SIZE(SRBEX_DATA_PNP, 0x18, 0x18);
STOR_ASSERT_AT(SRBEX_DATA_PNP, PnPAction, 0x0c, 0x0c);

// A bus-target-unit address (STOR_ADDRESS_TYPE_BTL8, 1).
typedef struct _STOR_ADDR_BTL8 {
    USHORT Type;
    USHORT Port;
    ULONG AddressLength;
    UCHAR Path;
    UCHAR Target;
    UCHAR Lun;
    UCHAR Reserved;
} STOR_ADDR_BTL8, *PSTOR_ADDR_BTL8;

#define STOR_ADDRESS_TYPE_BTL8 1

STOR_ASSERT_SIZE(STOR_ADDR_BTL8, 12, 12);
STOR_ASSERT_AT(STOR_ADDR_BTL8, Path, 8, 8);

typedef struct _STOR_SCATTER_GATHER_ELEMENT {
    STOR_PHYSICAL_ADDRESS PhysicalAddress;
    ULONG Length;
    ULONG_PTR Reserved;
} STOR_SCATTER_GATHER_ELEMENT;

typedef struct _STOR_SCATTER_GATHER_LIST {
    ULONG NumberOfElements;
    ULONG_PTR Reserved;
    STOR_SCATTER_GATHER_ELEMENT List[];
} STOR_SCATTER_GATHER_LIST, *PSTOR_SCATTER_GATHER_LIST;

STOR_ASSERT_SIZE(STOR_SCATTER_GATHER_ELEMENT, 16, 24);
STOR_ASSERT_AT(STOR_SCATTER_GATHER_LIST, List, 8, 16);

// ---- Adapter --------------------------------------------------------------------------------

typedef struct _ACCESS_RANGE {
    STOR_PHYSICAL_ADDRESS RangeStart;
    ULONG RangeLength;
    BOOLEAN RangeInMemory;
} ACCESS_RANGE;

STOR_ASSERT_SIZE(ACCESS_RANGE, 16, 16);
STOR_ASSERT_AT(ACCESS_RANGE, RangeInMemory, 12, 12);

typedef struct _MEMORY_REGION {
    PVOID VirtualBase;
    PHYSICAL_ADDRESS PhysicalBase;
    ULONG Length;
} MEMORY_REGION;

typedef enum _STOR_SYNCHRONIZATION_MODEL {
    StorSynchronizeHalfDuplex,
    StorSynchronizeFullDuplex
} STOR_SYNCHRONIZATION_MODEL;

typedef enum _INTERRUPT_SYNCHRONIZATION_MODE {
    InterruptSupportNone,
    InterruptSynchronizeAll,
    InterruptSynchronizePerMessage
} INTERRUPT_SYNCHRONIZATION_MODE;

typedef BOOLEAN(NTAPI *PHW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE)(PVOID DeviceExtension,
                                                               ULONG MessageId);

#define SCSI_DMA64_MINIPORT_FULL64BIT_SUPPORTED 0x02
#define SP_UNINITIALIZED_VALUE                  ((ULONG)~0)

// Values of MapBuffers.
#define STOR_MAP_NON_READ_WRITE_BUFFERS 2

typedef struct _PORT_CONFIGURATION_INFORMATION {
    ULONG Length;
    ULONG SystemIoBusNumber;
    INTERFACE_TYPE AdapterInterfaceType;
    ULONG BusInterruptLevel;
    ULONG BusInterruptVector;
    KINTERRUPT_MODE InterruptMode;
    ULONG MaximumTransferLength;
    ULONG NumberOfPhysicalBreaks;
    ULONG DmaChannel;
    ULONG DmaPort;
    ULONG DmaWidth;
    ULONG DmaSpeed;
    ULONG AlignmentMask;
    ULONG NumberOfAccessRanges;
    ACCESS_RANGE (*AccessRanges)[];
    PVOID MiniportDumpData;
    UCHAR NumberOfBuses;
    CCHAR InitiatorBusId[8];
    BOOLEAN ScatterGather;
    BOOLEAN Master;
    BOOLEAN CachesData;
    BOOLEAN AdapterScansDown;
    BOOLEAN AtdiskPrimaryClaimed;
    BOOLEAN AtdiskSecondaryClaimed;
    BOOLEAN Dma32BitAddresses;
    BOOLEAN DemandMode;
    UCHAR MapBuffers;
    BOOLEAN NeedPhysicalAddresses;
    BOOLEAN TaggedQueuing;
    BOOLEAN AutoRequestSense;
    BOOLEAN MultipleRequestPerLu;
    BOOLEAN ReceiveEvent;
    BOOLEAN RealModeInitialized;
    BOOLEAN BufferAccessScsiPortControlled;
    UCHAR MaximumNumberOfTargets;
    UCHAR SrbType;
    UCHAR AddressType;
    ULONG SlotNumber;
    ULONG BusInterruptLevel2;
    ULONG BusInterruptVector2;
    KINTERRUPT_MODE InterruptMode2;
    ULONG DmaChannel2;
    ULONG DmaPort2;
    ULONG DmaWidth2;
    ULONG DmaSpeed2;
    ULONG DeviceExtensionSize;
    ULONG SpecificLuExtensionSize;
    ULONG SrbExtensionSize;
    UCHAR Dma64BitAddresses;
    BOOLEAN ResetTargetSupported;
    UCHAR MaximumNumberOfLogicalUnits;
    BOOLEAN WmiDataProvider;
    STOR_SYNCHRONIZATION_MODEL SynchronizationModel;
    PHW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE HwMSInterruptRoutine;
    INTERRUPT_SYNCHRONIZATION_MODE InterruptSynchronizationMode;
    MEMORY_REGION DumpRegion;
    ULONG RequestedDumpBufferSize;
    BOOLEAN VirtualDevice;
    UCHAR DumpMode;
    UCHAR DmaAddressWidth;
    ULONG ExtendedFlags1;
    ULONG MaxNumberOfIO;
    ULONG MaxIOsPerLun;
    ULONG InitialLunQueueDepth;
    ULONG BusResetHoldTime;
    ULONG FeatureSupport;
} PORT_CONFIGURATION_INFORMATION, *PPORT_CONFIGURATION_INFORMATION;

STOR_ASSERT_SIZE(PORT_CONFIGURATION_INFORMATION, 0xd0, 0xe0);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, MaximumTransferLength, 0x18, 0x18);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, NumberOfPhysicalBreaks, 0x1c, 0x1c);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, AlignmentMask, 0x30, 0x30);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, NumberOfAccessRanges, 0x34, 0x34);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, AccessRanges, 0x38, 0x38);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, NumberOfBuses, 0x40, 0x48);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, ScatterGather, 0x49, 0x51);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, CachesData, 0x4b, 0x53);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, Dma32BitAddresses, 0x4f, 0x57);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, MapBuffers, 0x51, 0x59);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, MaximumNumberOfTargets, 0x59, 0x61);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, SlotNumber, 0x5c, 0x64);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, Dma64BitAddresses, 0x88, 0x90);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, MaximumNumberOfLogicalUnits, 0x8a, 0x92);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, WmiDataProvider, 0x8b, 0x93);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, SynchronizationModel, 0x8c, 0x94);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, HwMSInterruptRoutine, 0x90, 0x98);
STOR_ASSERT_AT(PORT_CONFIGURATION_INFORMATION, InterruptSynchronizationMode, 0x94, 0xa0);

typedef enum _SCSI_ADAPTER_CONTROL_TYPE {
    ScsiQuerySupportedControlTypes = 0,
    ScsiStopAdapter = 1,
    ScsiRestartAdapter = 2,
    ScsiAdapterSurpriseRemoval = 16
} SCSI_ADAPTER_CONTROL_TYPE;

typedef enum _SCSI_ADAPTER_CONTROL_STATUS {
    ScsiAdapterControlSuccess = 0,
    ScsiAdapterControlUnsuccessful = 1
} SCSI_ADAPTER_CONTROL_STATUS;

typedef struct _SCSI_SUPPORTED_CONTROL_TYPE_LIST {
    ULONG MaxControlType;
    BOOLEAN SupportedTypeList[];
} SCSI_SUPPORTED_CONTROL_TYPE_LIST;

#define SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK 0x2
#define ADDRESS_TYPE_FLAG_BTL8              0x1

typedef BOOLEAN(NTAPI *PHW_INITIALIZE)(PVOID DeviceExtension);
typedef BOOLEAN(NTAPI *PHW_STARTIO)(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb);
typedef BOOLEAN(NTAPI *PHW_BUILDIO)(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb);
typedef BOOLEAN(NTAPI *PHW_INTERRUPT)(PVOID DeviceExtension);
typedef ULONG(NTAPI *PHW_FIND_ADAPTER)(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                                       PCHAR ArgumentString,
                                       PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again);
typedef BOOLEAN(NTAPI *PHW_RESET_BUS)(PVOID DeviceExtension, ULONG PathId);
typedef SCSI_ADAPTER_CONTROL_STATUS(NTAPI *PHW_ADAPTER_CONTROL)(
    PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters);

// Results of HwFindAdapter.
#define SP_RETURN_NOT_FOUND  0
#define SP_RETURN_FOUND      1
#define SP_RETURN_ERROR      2
#define SP_RETURN_BAD_CONFIG 3

// As of Windows 8. Members that are for virtual miniports only are plain pointers here.
typedef struct _HW_INITIALIZATION_DATA {
    ULONG HwInitializationDataSize;
    INTERFACE_TYPE AdapterInterfaceType;
    PHW_INITIALIZE HwInitialize;
    PHW_STARTIO HwStartIo;
    PHW_INTERRUPT HwInterrupt;
    PHW_FIND_ADAPTER HwFindAdapter;
    PHW_RESET_BUS HwResetBus;
    PVOID HwDmaStarted;
    PVOID HwAdapterState;
    ULONG DeviceExtensionSize;
    ULONG SpecificLuExtensionSize;
    ULONG SrbExtensionSize;
    ULONG NumberOfAccessRanges;
    PVOID Reserved;
    UCHAR MapBuffers;
    BOOLEAN NeedPhysicalAddresses;
    BOOLEAN TaggedQueuing;
    BOOLEAN AutoRequestSense;
    BOOLEAN MultipleRequestPerLu;
    BOOLEAN ReceiveEvent;
    USHORT VendorIdLength;
    PVOID VendorId;
    USHORT PortVersionFlags;
    USHORT DeviceIdLength;
    PVOID DeviceId;
    PHW_ADAPTER_CONTROL HwAdapterControl;
    PHW_BUILDIO HwBuildIo;
    PVOID HwFreeAdapterResources;
    PVOID HwProcessServiceRequest;
    PVOID HwCompleteServiceIrp;
    PVOID HwInitializeTracing;
    PVOID HwCleanupTracing;
    PVOID HwTracingEnabled;
    ULONG FeatureSupport;
    ULONG SrbTypeFlags;
    ULONG AddressTypeFlags;
    ULONG Reserved1;
    PVOID HwUnitControl;
} HW_INITIALIZATION_DATA;

STOR_ASSERT_SIZE(HW_INITIALIZATION_DATA, 128, 208);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, HwInitialize, 0x08, 0x08);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, HwFindAdapter, 0x14, 0x20);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, DeviceExtensionSize, 0x24, 0x40);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, SrbExtensionSize, 0x2c, 0x48);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, NumberOfAccessRanges, 0x30, 0x4c);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, MapBuffers, 0x38, 0x58);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, HwAdapterControl, 0x4c, 0x78);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, HwBuildIo, 0x50, 0x80);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, HwFreeAdapterResources, 0x54, 0x88);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, FeatureSupport, 0x6c, 0xb8);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, SrbTypeFlags, 0x70, 0xbc);
STOR_ASSERT_AT(HW_INITIALIZATION_DATA, HwUnitControl, 0x7c, 0xc8);

// ---- Services -------------------------------------------------------------------------------

typedef struct _MESSAGE_INTERRUPT_INFORMATION {
    ULONG MessageId;
    ULONG MessageData;
    STOR_PHYSICAL_ADDRESS MessageAddress;
    ULONG InterruptVector;
    ULONG InterruptLevel;
    KINTERRUPT_MODE InterruptMode;
} MESSAGE_INTERRUPT_INFORMATION;

STOR_ASSERT_SIZE(MESSAGE_INTERRUPT_INFORMATION, 32, 32);
STOR_ASSERT_AT(MESSAGE_INTERRUPT_INFORMATION, MessageAddress, 0x08, 0x08);
STOR_ASSERT_AT(MESSAGE_INTERRUPT_INFORMATION, InterruptMode, 0x18, 0x18);

typedef struct _STOR_DPC {
    KDPC Dpc;
    KSPIN_LOCK Lock;
} STOR_DPC, *PSTOR_DPC;

STOR_ASSERT_SIZE(STOR_DPC, 0x24, 0x48);

typedef VOID(NTAPI *PHW_DPC_ROUTINE)(PSTOR_DPC Dpc, PVOID DeviceExtension, PVOID SystemArgument1,
                                     PVOID SystemArgument2);
typedef BOOLEAN(NTAPI *PHW_PASSIVE_INITIALIZE_ROUTINE)(PVOID DeviceExtension);

typedef enum _STOR_SPINLOCK { DpcLock = 1, StartIoLock, InterruptLock } STOR_SPINLOCK;

// What storport.sys remembers of a held lock. Its layout is not documented; this is more room than
// its largest part, a queued spin lock handle (24 bytes) with a type and an IRQL, can take.
typedef struct _STOR_LOCK_HANDLE {
    ULONG_PTR Opaque[8];
} STOR_LOCK_HANDLE, *PSTOR_LOCK_HANDLE;

typedef enum _SCSI_NOTIFICATION_TYPE {
    RequestComplete = 0x0000,
    ResetDetected = 0x0003,
    BusChangeDetected = 0x0007,
    EnablePassiveInitialization = 0x1000,
    InitializeDpc = 0x1001,
    IssueDpc = 0x1002,
    AcquireSpinLock = 0x1003,
    ReleaseSpinLock = 0x1004
} SCSI_NOTIFICATION_TYPE;

typedef enum _STORPORT_FUNCTION_CODE {
    ExtFunctionGetMessageInterruptInformation = 13
} STORPORT_FUNCTION_CODE;

#define STOR_STATUS_SUCCESS 0x00000000

// Error codes of StorPortLogError().
#define SP_INTERNAL_ADAPTER_ERROR 0x0006

STOR_API ULONG NTAPI StorPortInitialize(PVOID Argument1, PVOID Argument2,
                                        HW_INITIALIZATION_DATA *HwInitializationData,
                                        PVOID HwContext);
STOR_API VOID __cdecl StorPortNotification(SCSI_NOTIFICATION_TYPE NotificationType,
                                           PVOID HwDeviceExtension, ...);
STOR_API ULONG __cdecl StorPortExtendedFunction(STORPORT_FUNCTION_CODE FunctionCode,
                                                PVOID HwDeviceExtension, ...);
STOR_API VOID NTAPI StorPortLogError(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb, UCHAR PathId,
                                     UCHAR TargetId, UCHAR Lun, ULONG ErrorCode, ULONG UniqueId);
STOR_API ULONG NTAPI StorPortGetBusData(PVOID DeviceExtension, ULONG BusDataType,
                                        ULONG SystemIoBusNumber, ULONG SlotNumber, PVOID Buffer,
                                        ULONG Length);
STOR_API PVOID NTAPI StorPortGetDeviceBase(PVOID HwDeviceExtension, INTERFACE_TYPE BusType,
                                           ULONG SystemIoBusNumber, STOR_PHYSICAL_ADDRESS IoAddress,
                                           ULONG NumberOfBytes, BOOLEAN InIoSpace);
STOR_API PVOID NTAPI StorPortGetUncachedExtension(PVOID HwDeviceExtension,
                                                  PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                                                  ULONG NumberOfBytes);
STOR_API STOR_PHYSICAL_ADDRESS NTAPI StorPortGetPhysicalAddress(PVOID HwDeviceExtension,
                                                                PSCSI_REQUEST_BLOCK Srb,
                                                                PVOID VirtualAddress,
                                                                ULONG *Length);
STOR_API PSTOR_SCATTER_GATHER_LIST NTAPI StorPortGetScatterGatherList(PVOID DeviceExtension,
                                                                      PSCSI_REQUEST_BLOCK Srb);
STOR_API VOID NTAPI StorPortStallExecution(ULONG Delay);
STOR_API BOOLEAN NTAPI StorPortBusy(PVOID HwDeviceExtension, ULONG RequestsToComplete);
STOR_API BOOLEAN NTAPI StorPortSetDeviceQueueDepth(PVOID HwDeviceExtension, UCHAR PathId,
                                                   UCHAR TargetId, UCHAR Lun, ULONG Depth);

// The notifications that have a result write it as a LONG.
static inline BOOLEAN StorPortEnablePassiveInitialization(PVOID extension,
                                                          PHW_PASSIVE_INITIALIZE_ROUTINE routine)
{
    LONG done = FALSE;

    StorPortNotification(EnablePassiveInitialization, extension, routine, &done);
    return done != FALSE;
}

static inline VOID StorPortInitializeDpc(PVOID extension, PSTOR_DPC dpc, PHW_DPC_ROUTINE routine)
{
    StorPortNotification(InitializeDpc, extension, dpc, routine);
}

static inline BOOLEAN StorPortIssueDpc(PVOID extension, PSTOR_DPC dpc, PVOID argument1,
                                       PVOID argument2)
{
    LONG queued = FALSE;

    StorPortNotification(IssueDpc, extension, dpc, argument1, argument2, &queued);
    return queued != FALSE;
}

// `context` is the DPC for DpcLock, else NULL.
static inline VOID StorPortAcquireSpinLock(PVOID extension, STOR_SPINLOCK lock, PVOID context,
                                           PSTOR_LOCK_HANDLE handle)
{
    StorPortNotification(AcquireSpinLock, extension, lock, context, handle);
}

static inline VOID StorPortReleaseSpinLock(PVOID extension, PSTOR_LOCK_HANDLE handle)
{
    StorPortNotification(ReleaseSpinLock, extension, handle);
}

static inline ULONG StorPortGetMSIInfo(PVOID extension, ULONG message,
                                       MESSAGE_INTERRUPT_INFORMATION *info)
{
    return StorPortExtendedFunction(ExtFunctionGetMessageInterruptInformation, extension, message,
                                    info);
}

#endif
