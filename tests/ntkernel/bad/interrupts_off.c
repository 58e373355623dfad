// SPDX-License-Identifier: GPL-3.0-or-later
/* Never returns, with interrupts off: no watchdog inside the machine can see it. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    volatile bool forever = true;

    (void)driver;
    (void)path;
    __asm__ volatile("cli");
    while (forever)
        ;
    return STATUS_SUCCESS;
}
