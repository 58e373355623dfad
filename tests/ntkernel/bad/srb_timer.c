// SPDX-License-Identifier: GPL-3.0-or-later
/* Cancels one timer, which would touch no memory, and completes a request twice from the next. */
#include "bad/miniport.h"

static SCSI_REQUEST_BLOCK *held;

static VOID never(PVOID extension)
{
    (void)extension;
    *(volatile int *)0 = 0;
}

static VOID finish(PVOID extension)
{
    bad_complete(extension, held);
    bad_complete(extension, held);
}

static VOID start(PVOID extension, SCSI_REQUEST_BLOCK *srb)
{
    held = srb;
    StorPortNotification(NOTIFY_REQUEST_TIMER_CALL, extension, never, 1);
    StorPortNotification(NOTIFY_REQUEST_TIMER_CALL, extension, NULL, 0);
    StorPortNotification(NOTIFY_REQUEST_TIMER_CALL, extension, finish, 1000);
}
