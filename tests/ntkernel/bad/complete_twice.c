// SPDX-License-Identifier: GPL-3.0-or-later
/* Completes the IRP that starts its device twice. */
#include "bad/stack.h"

static NTSTATUS dispatch(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    irp->IoStatus.Status = STATUS_SUCCESS;
    IofCompleteRequest(irp, 0);
    IofCompleteRequest(irp, 0);
    return STATUS_SUCCESS;
}
