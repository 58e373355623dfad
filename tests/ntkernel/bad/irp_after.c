// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads an IRP that it has completed. */
#include "bad/stack.h"

static NTSTATUS dispatch(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    irp->IoStatus.Status = STATUS_SUCCESS;
    IofCompleteRequest(irp, 0);
    return irp->IoStatus.Status;
}
