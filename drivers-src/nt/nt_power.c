// SPDX-License-Identifier: BSD-3-Clause
//
// Power. The driver owns its device's power policy, which is plain: working means D0, and any
// sleep D3. IRPs come at PASSIVE_LEVEL, as DO_POWER_PAGABLE is set; completion routines may run at
// DISPATCH_LEVEL, so what takes time there is moved to a work item.

#include "nt/nt_private.h"

static DEVICE_POWER_STATE wanted_state(SYSTEM_POWER_STATE system)
{
    return system == PowerSystemWorking ? PowerDeviceD0 : PowerDeviceD3;
}

// The device's IRP is through: end the system's, which waited for it. A driver of the stack may say
// no to the question; a failed change is no reason to keep the system from sleeping or waking.
static VOID NTAPI device_irp_done(DEVICE_OBJECT *device, UCHAR minor, POWER_STATE state,
                                  PVOID context, IO_STATUS_BLOCK *result)
{
    IRP *system_irp = context;
    struct nt_device *dev = IoGetCurrentIrpStackLocation(system_irp)->DeviceObject->DeviceExtension;

    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(state);
    nt_end(dev, system_irp, minor == IRP_MN_QUERY_POWER ? result->Status : STATUS_SUCCESS);
}

// The drivers below have handled a system IRP, question or change: ask for the device IRP of the
// same kind that follows from it.
static NTSTATUS NTAPI system_irp_passed(DEVICE_OBJECT *self, IRP *irp, PVOID context)
{
    const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
    struct nt_device *dev = context;
    POWER_STATE state;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(self);
    if (NT_SUCCESS(irp->IoStatus.Status)) {
        state.DeviceState = wanted_state(stack->Parameters.Power.State.SystemState);
        status =
            PoRequestPowerIrp(dev->pdo, stack->MinorFunction, state, device_irp_done, irp, NULL);
        if (NT_SUCCESS(status))
            return STATUS_MORE_PROCESSING_REQUIRED;
        nt_log(&dev->log, VIO_LOG_WARNING, "no power request: 0x%08x\n", (unsigned)status);
    }
    IoReleaseRemoveLock(&dev->remove_lock, irp);
    return STATUS_CONTINUE_COMPLETION;
}

static void NTAPI power_up_worker(DEVICE_OBJECT *self, PVOID context)
{
    struct nt_device *dev = context;
    IRP *irp = dev->power_irp;

    UNREFERENCED_PARAMETER(self);
    dev->power_irp = NULL;
    nt_control_enter(dev);
    nt_device_power_up(dev);
    nt_control_leave(dev);
    PoSetPowerState(dev->self, DevicePowerState,
                    IoGetCurrentIrpStackLocation(irp)->Parameters.Power.State);
    nt_end(dev, irp, irp->IoStatus.Status);
}

// The bus has powered the device: bring it to work. There is one such IRP at a time, as the power
// manager sends no other before it has ended.
static NTSTATUS NTAPI d0_irp_passed(DEVICE_OBJECT *self, IRP *irp, PVOID context)
{
    struct nt_device *dev = context;

    UNREFERENCED_PARAMETER(self);
    if (!NT_SUCCESS(irp->IoStatus.Status)) {
        IoReleaseRemoveLock(&dev->remove_lock, irp);
        return STATUS_CONTINUE_COMPLETION;
    }
    dev->power_irp = irp;
    IoQueueWorkItem(dev->power_work, power_up_worker, DelayedWorkQueue, dev);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// Sends the IRP down and has `routine` called when it comes back.
static NTSTATUS pass_and_return(struct nt_device *dev, IRP *irp, PIO_COMPLETION_ROUTINE routine)
{
    IoMarkIrpPending(irp);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, routine, dev, TRUE, TRUE, TRUE);
    IoCallDriver(dev->lower, irp);
    return STATUS_PENDING;
}

NTSTATUS NTAPI nt_dispatch_power(DEVICE_OBJECT *self, IRP *irp)
{
    const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
    struct nt_device *dev = self->DeviceExtension;
    BOOLEAN query;
    NTSTATUS status;

    status = nt_hold(dev, irp);
    if (!NT_SUCCESS(status))
        return status;
    query = stack->MinorFunction == IRP_MN_QUERY_POWER;
    if (!query && stack->MinorFunction != IRP_MN_SET_POWER)
        return nt_pass(dev, irp);
    if (query)
        irp->IoStatus.Status = STATUS_SUCCESS; // any state will do
    if (stack->Parameters.Power.Type == SystemPowerState)
        return pass_and_return(dev, irp, system_irp_passed);
    if (query)
        return nt_pass(dev, irp);
    if (stack->Parameters.Power.State.DeviceState == PowerDeviceD0)
        return pass_and_return(dev, irp, d0_irp_passed);
    // Down: the device stops before the bus takes its power.
    nt_control_enter(dev);
    nt_device_power_down(dev);
    nt_control_leave(dev);
    PoSetPowerState(self, DevicePowerState, stack->Parameters.Power.State);
    irp->IoStatus.Status = STATUS_SUCCESS;
    return nt_pass(dev, irp);
}
