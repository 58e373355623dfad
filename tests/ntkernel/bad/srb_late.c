// SPDX-License-Identifier: GPL-3.0-or-later
/* Completes the storage request before the one it is given once more: it is not the miniport's. */
#include "bad/miniport.h"

static SCSI_REQUEST_BLOCK *former;

static VOID start(PVOID extension, SCSI_REQUEST_BLOCK *srb)
{
    if (former)
        StorPortNotification(NOTIFY_REQUEST_COMPLETE, extension, former);
    former = srb;
    bad_complete(extension, srb);
}
