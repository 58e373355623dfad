/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AddDevice of a WDM driver whose device has no extension, for the file's own dispatch(). */
#ifndef NK_BAD_STACK_H
#define NK_BAD_STACK_H

#include "bad/bad.h"

static DEVICE_OBJECT *bad_pdo;

static NTSTATUS dispatch(DEVICE_OBJECT *device, IRP *irp);

static NTSTATUS add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *pdo)
{
    DEVICE_OBJECT *device;
    NTSTATUS status = IoCreateDevice(driver, 0, NULL, 0x22, 0, 0, &device);

    if (!NT_SUCCESS(status))
        return status;
    bad_pdo = pdo;
    IoAttachDeviceToDeviceStack(device, pdo);
    device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    (void)path;
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_PNP] = dispatch;
    return STATUS_SUCCESS;
}

#endif
