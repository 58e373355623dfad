// SPDX-License-Identifier: BSD-3-Clause
//
// Plug and Play: adding a device and the IRP_MJ_PNP entry point.

#include "nt/nt_private.h"

KDK_INIT NTSTATUS nt_driver_init(DRIVER_OBJECT *driver)
{
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        driver->MajorFunction[i] = nt_dispatch_request;
    driver->MajorFunction[IRP_MJ_CREATE] = nt_dispatch_open;
    driver->MajorFunction[IRP_MJ_CLOSE] = nt_dispatch_close;
    driver->MajorFunction[IRP_MJ_CLEANUP] = nt_dispatch_cleanup;
    driver->MajorFunction[IRP_MJ_PNP] = nt_dispatch_pnp;
    driver->MajorFunction[IRP_MJ_POWER] = nt_dispatch_power;
    driver->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = nt_dispatch_pass;
    driver->DriverExtension->AddDevice = nt_add_device;
    driver->DriverUnload = nt_unload;
    return STATUS_SUCCESS;
}

// All memory is held by devices, and those are gone.
KDK_PAGED VOID NTAPI nt_unload(DRIVER_OBJECT *driver)
{
    PAGED_CODE();
    UNREFERENCED_PARAMETER(driver);
}

// The driver's context follows the skeleton's, aligned for any type.
#define CONTEXT_OFFSET ((sizeof(struct nt_device) + 15) & ~(SIZE_T)15)

KDK_PAGED NTSTATUS NTAPI nt_add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *pdo)
{
    struct nt_device *dev;
    DEVICE_OBJECT *self;
    NTSTATUS status;

    PAGED_CODE();
    status = IoCreateDevice(driver, (ULONG)CONTEXT_OFFSET + nt_driver.context_bytes, NULL,
                            FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &self);
    if (!NT_SUCCESS(status))
        return status;
    dev = self->DeviceExtension;
    RtlZeroMemory(dev, CONTEXT_OFFSET + nt_driver.context_bytes);
    dev->context = (UCHAR *)dev + CONTEXT_OFFSET;
    dev->self = self;
    dev->pdo = pdo;
    nt_log_init(&dev->log, nt_driver.log_prefix);
    nt_os_init(&dev->os, &dev->log);
    IoInitializeRemoveLock(&dev->remove_lock, nt_driver.tag, 0, 0);
    KeInitializeEvent(&dev->control, SynchronizationEvent, TRUE);
    KeInitializeDpc(&dev->dpc, nt_interrupt_dpc, dev);

    status = STATUS_INSUFFICIENT_RESOURCES;
    dev->reset_work = IoAllocateWorkItem(self);
    if (dev->reset_work == NULL)
        goto fail_device;
    dev->power_work = IoAllocateWorkItem(self);
    if (dev->power_work == NULL)
        goto fail_reset_work;
    status = nt_driver.add(dev);
    if (!NT_SUCCESS(status))
        goto fail_power_work;
    if (nt_driver.interface_guid != NULL) {
        status =
            IoRegisterDeviceInterface(pdo, nt_driver.interface_guid, NULL, &dev->interface_name);
        if (!NT_SUCCESS(status))
            goto fail_add;
    }
    dev->lower = IoAttachDeviceToDeviceStack(self, pdo);
    if (dev->lower == NULL) {
        status = STATUS_NO_SUCH_DEVICE;
        goto fail_interface;
    }
    self->Flags |= DO_DIRECT_IO | DO_POWER_PAGABLE;
    self->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;

fail_interface:
    RtlFreeUnicodeString(&dev->interface_name);
fail_add:
    nt_driver.remove(dev);
fail_power_work:
    IoFreeWorkItem(dev->power_work);
fail_reset_work:
    IoFreeWorkItem(dev->reset_work);
fail_device:
    IoDeleteDevice(self);
    return status;
}

static NTSTATUS NTAPI wake_sender(DEVICE_OBJECT *self, IRP *irp, PVOID event)
{
    UNREFERENCED_PARAMETER(self);
    UNREFERENCED_PARAMETER(irp);
    KeSetEvent(event, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// Sends the IRP down and waits until the drivers below are through; it stays ours to end.
KDK_PAGED static NTSTATUS pass_and_wait(struct nt_device *dev, IRP *irp)
{
    KEVENT done;

    PAGED_CODE();
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, wake_sender, &done, TRUE, TRUE, TRUE);
    IoCallDriver(dev->lower, irp);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    return irp->IoStatus.Status;
}

// Lets programs find and open the device, or not. Failing to is logged, no more: the device works.
KDK_PAGED static void set_interface(struct nt_device *dev, BOOLEAN on)
{
    NTSTATUS status;

    PAGED_CODE();
    if (dev->interface_name.Buffer == NULL)
        return;
    status = IoSetDeviceInterfaceState(&dev->interface_name, on);
    if (!NT_SUCCESS(status) && on)
        nt_log(&dev->log, VIO_LOG_WARNING, "no device interface: 0x%08x\n", (unsigned)status);
}

KDK_PAGED static NTSTATUS start(struct nt_device *dev, IRP *irp)
{
    const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status;

    PAGED_CODE();
    status = pass_and_wait(dev, irp);
    if (!NT_SUCCESS(status))
        return nt_end(dev, irp, status);
    nt_control_enter(dev);
    status = nt_device_start(dev, stack->Parameters.StartDevice.AllocatedResources,
                             stack->Parameters.StartDevice.AllocatedResourcesTranslated);
    nt_control_leave(dev);
    if (NT_SUCCESS(status))
        set_interface(dev, TRUE);
    return nt_end(dev, irp, status);
}

// The driver agrees to be stopped or removed whenever it is asked, as requests can wait or fail at
// any time; so there is nothing to undo when the question is withdrawn.
KDK_PAGED static NTSTATUS agree(struct nt_device *dev, IRP *irp)
{
    PAGED_CODE();
    irp->IoStatus.Status = STATUS_SUCCESS;
    return nt_pass(dev, irp);
}

KDK_PAGED static NTSTATUS stop(struct nt_device *dev, IRP *irp)
{
    PAGED_CODE();
    nt_control_enter(dev);
    nt_device_stop(dev);
    nt_control_leave(dev);
    irp->IoStatus.Status = STATUS_SUCCESS;
    return nt_pass(dev, irp);
}

// No request is served from here on, and the hardware is let go.
KDK_PAGED static void shut(struct nt_device *dev)
{
    PAGED_CODE();
    set_interface(dev, FALSE);
    nt_control_enter(dev);
    dev->removed = TRUE;
    nt_driver.close(dev, STATUS_DEVICE_REMOVED);
    nt_device_stop(dev);
    nt_control_leave(dev);
}

KDK_PAGED static NTSTATUS surprise_removal(struct nt_device *dev, IRP *irp)
{
    PAGED_CODE();
    shut(dev);
    irp->IoStatus.Status = STATUS_SUCCESS;
    return nt_pass(dev, irp);
}

KDK_PAGED static NTSTATUS remove(struct nt_device *dev, IRP *irp)
{
    DEVICE_OBJECT *lower = dev->lower;
    NTSTATUS status;

    PAGED_CODE();
    shut(dev);
    // Waits for IRPs on their way through, and for a recovery.
    IoReleaseRemoveLockAndWait(&dev->remove_lock, irp);
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(irp);
    status = IoCallDriver(lower, irp);
    IoDetachDevice(lower);
    RtlFreeUnicodeString(&dev->interface_name);
    nt_driver.remove(dev);
    IoFreeWorkItem(dev->power_work);
    IoFreeWorkItem(dev->reset_work);
    IoDeleteDevice(dev->self);
    return status;
}

KDK_PAGED static NTSTATUS query_state(struct nt_device *dev, IRP *irp)
{
    PAGED_CODE();
    if (dev->failed)
        irp->IoStatus.Information |= PNP_DEVICE_FAILED;
    irp->IoStatus.Status = STATUS_SUCCESS;
    return nt_pass(dev, irp);
}

KDK_PAGED NTSTATUS NTAPI nt_dispatch_pnp(DEVICE_OBJECT *self, IRP *irp)
{
    static NTSTATUS (*const handlers[])(struct nt_device *, IRP *) = {
        [IRP_MN_START_DEVICE] = start,
        [IRP_MN_QUERY_REMOVE_DEVICE] = agree,
        [IRP_MN_REMOVE_DEVICE] = remove,
        [IRP_MN_CANCEL_REMOVE_DEVICE] = agree,
        [IRP_MN_STOP_DEVICE] = stop,
        [IRP_MN_QUERY_STOP_DEVICE] = agree,
        [IRP_MN_CANCEL_STOP_DEVICE] = agree,
        [IRP_MN_QUERY_PNP_DEVICE_STATE] = query_state,
        [IRP_MN_SURPRISE_REMOVAL] = surprise_removal,
    };
    const UCHAR minor = IoGetCurrentIrpStackLocation(irp)->MinorFunction;
    struct nt_device *dev = self->DeviceExtension;
    NTSTATUS status;

    PAGED_CODE();
    status = nt_hold(dev, irp);
    if (!NT_SUCCESS(status))
        return status;
    if (minor < RTL_NUMBER_OF(handlers) && handlers[minor] != NULL)
        return handlers[minor](dev, irp);
    return nt_pass(dev, irp);
}
