// SPDX-License-Identifier: GPL-3.0-or-later
/* Completes the IRP that starts its device twice. */
#include "bad/bad.h"

static NTSTATUS dispatch(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    irp->IoStatus.Status = STATUS_SUCCESS;
    IofCompleteRequest(irp, 0);
    IofCompleteRequest(irp, 0);
    return STATUS_SUCCESS;
}

static NTSTATUS add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *pdo)
{
    DEVICE_OBJECT *device;
    NTSTATUS status = IoCreateDevice(driver, 0, NULL, 0x22, 0, 0, &device);

    if (!NT_SUCCESS(status))
        return status;
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
