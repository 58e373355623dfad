// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads the extension of a device object that it has deleted. */
#include "bad/bad.h"

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    DEVICE_OBJECT *device;
    volatile ULONG *extension;
    NTSTATUS status = IoCreateDevice(driver, 64, NULL, 0x22, 0, 0, &device);

    (void)path;
    if (!NT_SUCCESS(status))
        return status;
    extension = device->DeviceExtension;
    IoDeleteDevice(device);
    return (NTSTATUS)*extension;
}
