// SPDX-License-Identifier: BSD-3-Clause
//
// Between the files of the WDM skeleton.

#ifndef NT_PRIVATE_H
#define NT_PRIVATE_H

#include "nt/nt_device.h"

// nt_device.c: takes and gives back the control lock. PASSIVE_LEVEL.
void nt_control_enter(struct nt_device *dev);
void nt_control_leave(struct nt_device *dev);

// nt_device.c: finds the hardware behind the resources of an IRP_MN_START_DEVICE and enables the
// device. On error everything is undone. Under the control lock.
NTSTATUS nt_device_start(struct nt_device *dev, CM_RESOURCE_LIST *raw,
                         CM_RESOURCE_LIST *translated);

// nt_device.c: disables the device and gives its resources back. Does nothing if it is not started.
// Under the control lock.
void nt_device_stop(struct nt_device *dev);

// nt_device.c: enter and leave D0. nt_device_power_up() gives the device up if that fails. Both do
// nothing if the device is not started, or in that state. Under the control lock.
void nt_device_power_up(struct nt_device *dev);
void nt_device_power_down(struct nt_device *dev);

// nt_device.c: the work item's routine behind nt_device_reset_soon().
void NTAPI nt_device_reset_worker(DEVICE_OBJECT *self, PVOID context);

// nt_interrupt.c: connects to messages or line; sets dev->messages. PASSIVE_LEVEL.
NTSTATUS nt_interrupt_connect(struct nt_device *dev);

// nt_interrupt.c: disconnects and waits for the DPC. Does nothing if not connected. PASSIVE_LEVEL.
void nt_interrupt_disconnect(struct nt_device *dev);

// nt_interrupt.c: lets the service routine work or not. When it returns from switching off, no
// service routine touches the device and no DPC runs. PASSIVE_LEVEL.
void nt_interrupt_on(struct nt_device *dev);
void nt_interrupt_off(struct nt_device *dev);

// nt_interrupt.c: the DPC.
void NTAPI nt_interrupt_dpc(KDPC *dpc, PVOID context, PVOID unused1, PVOID unused2);

// nt_pnp.c, nt_power.c, nt_io.c: entry points.
DRIVER_ADD_DEVICE nt_add_device;
DRIVER_UNLOAD nt_unload;
DRIVER_DISPATCH nt_dispatch_pnp;
DRIVER_DISPATCH nt_dispatch_power;
DRIVER_DISPATCH nt_dispatch_pass;
DRIVER_DISPATCH nt_dispatch_open;
DRIVER_DISPATCH nt_dispatch_close;
DRIVER_DISPATCH nt_dispatch_cleanup;
DRIVER_DISPATCH nt_dispatch_request;

// nt_io.c: ends an IRP that holds the remove lock. Up to DISPATCH_LEVEL.
NTSTATUS nt_end(struct nt_device *dev, IRP *irp, NTSTATUS status);

// nt_io.c: takes the remove lock for `irp`. On error the IRP has been ended; return the status.
NTSTATUS nt_hold(struct nt_device *dev, IRP *irp);

// nt_io.c: sends `irp` down as it is and gives up the remove lock. Returns what the lower driver
// returns.
NTSTATUS nt_pass(struct nt_device *dev, IRP *irp);

#endif
