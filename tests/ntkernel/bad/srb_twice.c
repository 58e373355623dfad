// SPDX-License-Identifier: GPL-3.0-or-later
/* Completes each storage request twice. */
#include "bad/miniport.h"

static VOID start(PVOID extension, SCSI_REQUEST_BLOCK *srb)
{
    bad_complete(extension, srb);
    bad_complete(extension, srb);
}
