/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Storport miniport that touches no device: each request goes to the including file's start(). */
#ifndef NK_BAD_MINIPORT_H
#define NK_BAD_MINIPORT_H

#include "bad/bad.h"
#include "storport/sp_types.h"

BAD_IMPORT ULONG StorPortInitialize(PVOID driver, PVOID path, HW_INITIALIZATION_DATA *data,
                                    PVOID context);
BAD_IMPORT VOID StorPortNotification(ULONG type, PVOID extension, ...);

static VOID start(PVOID extension, SCSI_REQUEST_BLOCK *srb);

static VOID bad_complete(PVOID extension, SCSI_REQUEST_BLOCK *srb)
{
    srb->SrbStatus = SRB_STATUS_SUCCESS;
    StorPortNotification(NOTIFY_REQUEST_COMPLETE, extension, srb);
}

static BOOLEAN hw_initialize(PVOID extension)
{
    (void)extension;
    return 1;
}

static BOOLEAN hw_start_io(PVOID extension, PVOID srb)
{
    start(extension, srb);
    return 1;
}

static BOOLEAN hw_interrupt(PVOID extension)
{
    (void)extension;
    return 0;
}

static BOOLEAN hw_reset_bus(PVOID extension, ULONG path)
{
    (void)extension;
    (void)path;
    return 1;
}

/* A file that defines BAD_FIND_ADAPTER has this, too. */
static ULONG find_adapter(PVOID extension);

#ifndef BAD_FIND_ADAPTER
static ULONG find_adapter(PVOID extension)
{
    (void)extension;
    return SP_RETURN_FOUND;
}
#endif

static ULONG hw_find_adapter(PVOID extension, PVOID context, PVOID bus, const char *arguments,
                             PORT_CONFIGURATION_INFORMATION *config, PBOOLEAN again)
{
    (void)context;
    (void)bus;
    (void)arguments;
    config->NumberOfBuses = 1;
    config->MaximumTransferLength = 65536;
    config->NumberOfPhysicalBreaks = 17;
    config->ScatterGather = config->Master = 1;
    *again = 0;
    return find_adapter(extension);
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    static HW_INITIALIZATION_DATA data;

    data.HwInitializationDataSize = sizeof(data);
    data.AdapterInterfaceType = 5;
    data.HwInitialize = hw_initialize;
    data.HwStartIo = hw_start_io;
    data.HwInterrupt = hw_interrupt;
    data.HwFindAdapter = hw_find_adapter;
    data.HwResetBus = hw_reset_bus;
    data.DeviceExtensionSize = 64;
    data.NumberOfAccessRanges = 6;
    data.NeedPhysicalAddresses = data.TaggedQueuing = data.AutoRequestSense = 1;
    data.MultipleRequestPerLu = 1;
    return (NTSTATUS)StorPortInitialize(driver, path, &data, NULL);
}

#endif
