// SPDX-License-Identifier: GPL-3.0-or-later
/* Looks at the storage request before the one it is given, which it has completed. */
#include "bad/miniport.h"

static SCSI_REQUEST_BLOCK *former;

static VOID start(PVOID extension, SCSI_REQUEST_BLOCK *srb)
{
    if (former && former->SrbStatus == SRB_STATUS_SUCCESS)
        former->SrbStatus = 0;
    former = srb;
    bad_complete(extension, srb);
}
