// SPDX-License-Identifier: BSD-3-Clause
//
// IRPs: holding, passing on and ending them, and the entry points that do no more than that.

#include "nt/nt_private.h"

static NTSTATUS finish(IRP *irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

NTSTATUS nt_hold(struct nt_device *dev, IRP *irp)
{
    const NTSTATUS status = IoAcquireRemoveLock(&dev->remove_lock, irp);

    if (!NT_SUCCESS(status))
        finish(irp, status, 0);
    return status;
}

NTSTATUS nt_end(struct nt_device *dev, IRP *irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    IoReleaseRemoveLock(&dev->remove_lock, irp);
    return status;
}

NTSTATUS nt_complete(struct nt_device *dev, IRP *irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Information = information;
    return nt_end(dev, irp, status);
}

NTSTATUS nt_pass(struct nt_device *dev, IRP *irp)
{
    NTSTATUS status;

    IoSkipCurrentIrpStackLocation(irp);
    status = IoCallDriver(dev->lower, irp);
    IoReleaseRemoveLock(&dev->remove_lock, irp);
    return status;
}

NTSTATUS NTAPI nt_dispatch_pass(DEVICE_OBJECT *self, IRP *irp)
{
    struct nt_device *dev = self->DeviceExtension;
    const NTSTATUS status = nt_hold(dev, irp);

    return NT_SUCCESS(status) ? nt_pass(dev, irp) : status;
}

KDK_PAGED NTSTATUS NTAPI nt_dispatch_open(DEVICE_OBJECT *self, IRP *irp)
{
    struct nt_device *dev = self->DeviceExtension;
    const FILE_OBJECT *file = IoGetCurrentIrpStackLocation(irp)->FileObject;

    PAGED_CODE();
    // There is nothing below the device itself, so no name behind its own.
    if (file != NULL && file->FileName.Length != 0)
        return finish(irp, STATUS_OBJECT_NAME_NOT_FOUND, 0);
    if (dev->removed)
        return finish(irp, STATUS_DELETE_PENDING, 0);
    if (dev->failed)
        return finish(irp, STATUS_NO_SUCH_DEVICE, 0);
    return finish(irp, STATUS_SUCCESS, 0);
}

KDK_PAGED NTSTATUS NTAPI nt_dispatch_close(DEVICE_OBJECT *self, IRP *irp)
{
    PAGED_CODE();
    UNREFERENCED_PARAMETER(self);
    return finish(irp, STATUS_SUCCESS, 0);
}

KDK_PAGED NTSTATUS NTAPI nt_dispatch_cleanup(DEVICE_OBJECT *self, IRP *irp)
{
    struct nt_device *dev = self->DeviceExtension;

    PAGED_CODE();
    if (nt_driver.cleanup != NULL)
        nt_driver.cleanup(dev, IoGetCurrentIrpStackLocation(irp)->FileObject);
    return finish(irp, STATUS_SUCCESS, 0);
}

NTSTATUS NTAPI nt_dispatch_request(DEVICE_OBJECT *self, IRP *irp)
{
    struct nt_device *dev = self->DeviceExtension;
    NTSTATUS status;

    status = nt_hold(dev, irp);
    if (!NT_SUCCESS(status))
        return status;
    if (nt_driver.request == NULL)
        return nt_complete(dev, irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    return nt_driver.request(dev, irp);
}
