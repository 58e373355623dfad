/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IRPs. Each has memory of its own that is unmapped when the last completion is done, so that a
 * driver that touches an IRP it has completed faults.
 */
#ifndef NK_IRP_H
#define NK_IRP_H

#include "ntos/nt_io.h"
#include "ntos/verifier.h"

/** Called when an IRP is finished, before it is freed; any IRQL <= DISPATCH_LEVEL. */
typedef void nk_irp_done(IRP *irp, void *context);

/** An IRP for `device`'s stack, its first location cleared. */
IRP *nk_irp_create(DEVICE_OBJECT *device, nk_irp_done *done, void *context);
/** The location the first driver will see. */
IO_STACK_LOCATION *nk_irp_first(IRP *irp);
NTSTATUS nk_irp_send(DEVICE_OBJECT *device, IRP *irp);
void nk_irp_complete(IRP *irp);
/** Complete with a status, which is returned. */
NTSTATUS nk_irp_finish(IRP *irp, NTSTATUS status);
/** Send on to the next lower device, with this driver's location. */
NTSTATUS nk_irp_pass(DEVICE_OBJECT *lower, IRP *irp);
/** Cancel as IoCancelIrp does the IRP in *slot, unless that is NULL by then: its nk_irp_done clears
 * the slot, so that a completion may come at any time. True if a cancel routine ran. */
bool nk_irp_cancel(IRP *volatile *slot);
/** What a cancel routine does first, with its IRP's CancelIrql. */
void nk_irp_cancel_unlock(KIRQL irql);
/** True if this IRP is not finished yet. */
bool nk_irp_live(const IRP *irp);

/** The driver under test: calls into it are guarded. */
void nk_irp_guard_driver(const DRIVER_OBJECT *driver);

#endif
