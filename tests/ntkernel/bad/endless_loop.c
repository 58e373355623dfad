// SPDX-License-Identifier: GPL-3.0-or-later
/* Never returns. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    volatile bool forever = true;

    (void)driver;
    (void)path;
    while (forever)
        ;
    return STATUS_SUCCESS;
}
