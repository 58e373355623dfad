/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Storport miniport interface on amd64; offsets as the drivers of the Windows kit use them. */
#ifndef NK_SP_TYPES_H
#define NK_SP_TYPES_H

#include "ntos/nt_types.h"

typedef struct {
    PHYSICAL_ADDRESS PhysicalAddress;
    ULONG Length;
    ULONG_PTR Reserved;
} STOR_SCATTER_GATHER_ELEMENT;
NK_SIZE(STOR_SCATTER_GATHER_ELEMENT, 24);

typedef struct {
    ULONG NumberOfElements;
    ULONG_PTR Reserved;
    STOR_SCATTER_GATHER_ELEMENT List[];
} STOR_SCATTER_GATHER_LIST;
NK_SIZE(STOR_SCATTER_GATHER_LIST, 16);

typedef struct {
    PHYSICAL_ADDRESS RangeStart;
    ULONG RangeLength;
    BOOLEAN RangeInMemory;
} ACCESS_RANGE;
NK_SIZE(ACCESS_RANGE, 16);

typedef BOOLEAN HW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE(PVOID extension, ULONG message);

typedef struct {
    ULONG Length, SystemIoBusNumber, AdapterInterfaceType;
    ULONG BusInterruptLevel, BusInterruptVector, InterruptMode;
    ULONG MaximumTransferLength, NumberOfPhysicalBreaks;
    ULONG DmaChannel, DmaPort, Reserved1[2], AlignmentMask;
    ULONG NumberOfAccessRanges;
    ACCESS_RANGE *AccessRanges;
    PVOID Reserved2;
    UCHAR NumberOfBuses, Reserved3[8];
    BOOLEAN ScatterGather, Master, Reserved4[4], Dma32BitAddresses, Reserved5;
    UCHAR MapBuffers;
    BOOLEAN NeedPhysicalAddresses, TaggedQueuing, AutoRequestSense, MultipleRequestPerLu,
        Reserved6[3];
    UCHAR MaximumNumberOfTargets, Reserved7[2];
    ULONG SlotNumber, Reserved8[7];
    ULONG DeviceExtensionSize, SpecificLuExtensionSize, SrbExtensionSize;
    UCHAR Dma64BitAddresses, Reserved9, MaximumNumberOfLogicalUnits, Reserved10;
    ULONG SynchronizationModel; /* 0 half duplex, 1 full duplex */
    HW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE *HwMSInterruptRoutine;
    ULONG InterruptSynchronizationMode; /* 1 all messages exclude each other, 2 each by itself */
    PVOID Reserved11[3];
    UCHAR Reserved12, DumpMode;
    ULONG Reserved13[6];
} PORT_CONFIGURATION_INFORMATION;
NK_SIZE(PORT_CONFIGURATION_INFORMATION, 0xE0);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, MaximumTransferLength, 0x18);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, AlignmentMask, 0x30);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, AccessRanges, 0x38);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, NumberOfBuses, 0x48);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, ScatterGather, 0x51);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, Dma32BitAddresses, 0x57);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, MapBuffers, 0x59);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, MaximumNumberOfTargets, 0x61);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, SlotNumber, 0x64);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, Dma64BitAddresses, 0x90);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, SynchronizationModel, 0x94);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, HwMSInterruptRoutine, 0x98);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, InterruptSynchronizationMode, 0xA0);
NK_OFFSET(PORT_CONFIGURATION_INFORMATION, DumpMode, 0xC1);

typedef struct {
    ULONG HwInitializationDataSize, AdapterInterfaceType;
    BOOLEAN (*HwInitialize)(PVOID extension);
    BOOLEAN (*HwStartIo)(PVOID extension, PVOID srb);
    BOOLEAN (*HwInterrupt)(PVOID extension);
    ULONG(*HwFindAdapter)
    (PVOID extension, PVOID context, PVOID bus, const char *arguments,
     PORT_CONFIGURATION_INFORMATION *config, PBOOLEAN again);
    BOOLEAN (*HwResetBus)(PVOID extension, ULONG path);
    PVOID Reserved1[2];
    ULONG DeviceExtensionSize, SpecificLuExtensionSize, SrbExtensionSize, NumberOfAccessRanges;
    PVOID Reserved2;
    UCHAR MapBuffers;
    BOOLEAN NeedPhysicalAddresses, TaggedQueuing, AutoRequestSense, MultipleRequestPerLu;
    PVOID Reserved3[3];
    ULONG (*HwAdapterControl)(PVOID extension, ULONG type, PVOID parameters);
    BOOLEAN (*HwBuildIo)(PVOID extension, PVOID srb); /* last member of Windows 7 */
    VOID (*HwFreeAdapterResources)(PVOID extension);
    PVOID Reserved4[5];
    ULONG FeatureSupport, SrbTypeFlags;
    PVOID Reserved5[2];
} HW_INITIALIZATION_DATA;
NK_SIZE(HW_INITIALIZATION_DATA, 0xD0);
NK_OFFSET(HW_INITIALIZATION_DATA, HwFindAdapter, 0x20);
NK_OFFSET(HW_INITIALIZATION_DATA, DeviceExtensionSize, 0x40);
NK_OFFSET(HW_INITIALIZATION_DATA, SrbExtensionSize, 0x48);
NK_OFFSET(HW_INITIALIZATION_DATA, MapBuffers, 0x58);
NK_OFFSET(HW_INITIALIZATION_DATA, HwAdapterControl, 0x78);
NK_OFFSET(HW_INITIALIZATION_DATA, HwBuildIo, 0x80);
NK_OFFSET(HW_INITIALIZATION_DATA, FeatureSupport, 0xB8);
NK_OFFSET(HW_INITIALIZATION_DATA, SrbTypeFlags, 0xBC);

#define HW_INITIALIZATION_SIZE_WIN7 0x88
#define SRB_TYPE_FLAG_EXTENDED      2

/* Requests, the old form. */

typedef struct {
    USHORT Length;
    UCHAR Function, SrbStatus, ScsiStatus, PathId, TargetId, Lun;
    UCHAR Reserved1, QueueAction, CdbLength, SenseInfoBufferLength;
    ULONG SrbFlags, DataTransferLength, TimeOutValue;
    PVOID DataBuffer, SenseInfoBuffer, Reserved2[2], SrbExtension, Reserved3;
    UCHAR Cdb[16];
} SCSI_REQUEST_BLOCK;
NK_SIZE(SCSI_REQUEST_BLOCK, 0x58);
NK_OFFSET(SCSI_REQUEST_BLOCK, DataBuffer, 0x18);
NK_OFFSET(SCSI_REQUEST_BLOCK, SrbExtension, 0x38);
NK_OFFSET(SCSI_REQUEST_BLOCK, Cdb, 0x48);

/* Requests, the extended form. */

typedef struct {
    USHORT Length;
    UCHAR Function, SrbStatus;
    ULONG Reserved1, Signature, Version, SrbLength, SrbFunction, SrbFlags, Reserved2[3];
    ULONG TimeOutValue, Reserved3[2], AddressOffset, NumSrbExData, DataTransferLength;
    PVOID DataBuffer, Reserved4[4], MiniportContext, Reserved5;
    ULONG SrbExDataOffset[1];
} STORAGE_REQUEST_BLOCK;
NK_OFFSET(STORAGE_REQUEST_BLOCK, Signature, 0x08);
NK_OFFSET(STORAGE_REQUEST_BLOCK, SrbFunction, 0x14);
NK_OFFSET(STORAGE_REQUEST_BLOCK, SrbFlags, 0x18);
NK_OFFSET(STORAGE_REQUEST_BLOCK, AddressOffset, 0x34);
NK_OFFSET(STORAGE_REQUEST_BLOCK, NumSrbExData, 0x38);
NK_OFFSET(STORAGE_REQUEST_BLOCK, DataTransferLength, 0x3C);
NK_OFFSET(STORAGE_REQUEST_BLOCK, DataBuffer, 0x40);
NK_OFFSET(STORAGE_REQUEST_BLOCK, MiniportContext, 0x68);
NK_OFFSET(STORAGE_REQUEST_BLOCK, SrbExDataOffset, 0x78);

#define SRB_SIGNATURE_EXTENDED 0x53524258u /* 'SRBX' */

typedef struct {
    USHORT Type, Port;
    ULONG AddressLength;
    UCHAR Path, Target, Lun, Reserved;
} STOR_ADDR_BTL8;
NK_SIZE(STOR_ADDR_BTL8, 12);

typedef struct {
    ULONG Type, Length;
    UCHAR ScsiStatus, SenseInfoBufferLength, CdbLength, Reserved;
    ULONG Reserved1;
    PVOID SenseInfoBuffer;
    UCHAR Cdb[16];
} SRBEX_DATA_SCSI_CDB16;
NK_SIZE(SRBEX_DATA_SCSI_CDB16, 0x28);
NK_OFFSET(SRBEX_DATA_SCSI_CDB16, ScsiStatus, 8);
NK_OFFSET(SRBEX_DATA_SCSI_CDB16, SenseInfoBuffer, 0x10);
NK_OFFSET(SRBEX_DATA_SCSI_CDB16, Cdb, 0x18);

enum { SRB_EX_DATA_TYPE_CDB16 = 0x40, STOR_ADDRESS_TYPE_BTL8 = 1 };

enum {
    SRB_FUNCTION_EXECUTE_SCSI = 0x00,
    SRB_FUNCTION_SHUTDOWN = 0x07,
    SRB_FUNCTION_FLUSH = 0x08,
    SRB_FUNCTION_RESET_BUS = 0x12,
    SRB_FUNCTION_RESET_DEVICE = 0x13,
    SRB_FUNCTION_RESET_LOGICAL_UNIT = 0x20,
    SRB_FUNCTION_STORAGE_REQUEST_BLOCK = 0x28
};

enum {
    SRB_STATUS_PENDING = 0,
    SRB_STATUS_SUCCESS = 1,
    SRB_STATUS_BUSY = 5,
    SRB_STATUS_DATA_OVERRUN = 0x12,
    SRB_STATUS_MASK = 0x3F,
    SRB_STATUS_AUTOSENSE_VALID = 0x80
};

#define SRB_FLAGS_QUEUE_ACTION_ENABLE    0x02u
#define SRB_FLAGS_DISABLE_SYNCH_TRANSFER 0x08u
#define SRB_FLAGS_DATA_IN                0x40u
#define SRB_FLAGS_DATA_OUT               0x80u

/* Notifications: their codes are the ABI behind the kit's inline functions. */
enum {
    NOTIFY_REQUEST_COMPLETE = 0,
    NOTIFY_NEXT_REQUEST = 1,
    NOTIFY_RESET_DETECTED = 3,
    NOTIFY_REQUEST_TIMER_CALL = 6,
    NOTIFY_BUS_CHANGE_DETECTED = 7,
    NOTIFY_TRACE = 14,
    NOTIFY_ENABLE_PASSIVE_INITIALIZATION = 0x1000,
    NOTIFY_INITIALIZE_DPC = 0x1001,
    NOTIFY_ISSUE_DPC = 0x1002,
    NOTIFY_ACQUIRE_SPIN_LOCK = 0x1003,
    NOTIFY_RELEASE_SPIN_LOCK = 0x1004,
    NOTIFY_STATE_CHANGE_DETECTED = 0x1005
};

enum {
    EXTENDED_ALLOCATE_POOL = 0,
    EXTENDED_FREE_POOL = 1,
    EXTENDED_ACQUIRE_MSI_LOCK = 11,
    EXTENDED_RELEASE_MSI_LOCK = 12,
    EXTENDED_GET_MESSAGE_INFORMATION = 13,
    EXTENDED_INITIALIZE_PERFORMANCE = 14,
    EXTENDED_GET_START_IO_PERFORMANCE = 15,
    EXTENDED_LOG_SYSTEM_EVENT = 16,
    EXTENDED_GET_PROCESSOR_NUMBER = 17,
    EXTENDED_SET_UNIT_ATTRIBUTES = 46
};

#define STOR_STATUS_SUCCESS                ((ULONG)0)
#define STOR_STATUS_UNSUCCESSFUL           ((ULONG)0xC1000001)
#define STOR_STATUS_NOT_IMPLEMENTED        ((ULONG)0xC1000002)
#define STOR_STATUS_INSUFFICIENT_RESOURCES ((ULONG)0xC1000003)
#define STOR_STATUS_INVALID_PARAMETER      ((ULONG)0xC1000006)

typedef struct _STOR_DPC {
    KDPC Dpc;
    KSPIN_LOCK Lock;
} STOR_DPC;
NK_SIZE(STOR_DPC, 0x48);

enum { STOR_LOCK_DPC = 1, STOR_LOCK_START_IO = 2, STOR_LOCK_INTERRUPT = 3 };

typedef struct {
    ULONG Lock;
    struct {
        PVOID Next, LockPointer;
        KIRQL OldIrql;
    } Context;
} STOR_LOCK_HANDLE;
NK_SIZE(STOR_LOCK_HANDLE, 0x20);

typedef struct {
    ULONG MessageId, MessageData;
    PHYSICAL_ADDRESS MessageAddress;
    ULONG InterruptVector, InterruptLevel, InterruptMode;
} MESSAGE_INTERRUPT_INFORMATION;
NK_OFFSET(MESSAGE_INTERRUPT_INFORMATION, InterruptVector, 0x10);
NK_OFFSET(MESSAGE_INTERRUPT_INFORMATION, InterruptMode, 0x18);

typedef struct {
    ULONG Version, Size, Flags, Reserved[5];
    PVOID MessageTargets;
} PERF_CONFIGURATION_DATA;
NK_SIZE(PERF_CONFIGURATION_DATA, 0x28);

/* Adapter control. */
enum {
    SCSI_QUERY_SUPPORTED_CONTROL_TYPES = 0,
    SCSI_STOP_ADAPTER = 1,
    SCSI_RESTART_ADAPTER = 2,
    SCSI_CONTROL_TYPES = 8
};

typedef struct {
    ULONG MaxControlType;
    BOOLEAN SupportedTypeList[SCSI_CONTROL_TYPES];
} SCSI_SUPPORTED_CONTROL_TYPE_LIST;

enum { SP_RETURN_NOT_FOUND = 0, SP_RETURN_FOUND = 1 };

#endif
