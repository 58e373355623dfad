// SPDX-License-Identifier: BSD-3-Clause
//
// The headers' structures against the sizes Windows uses. Compiled for each machine, gives no code.
// amd64 and arm64 agree in all of them. The 64-bit sizes were taken from symbol files of drivers
// built with Microsoft's kit, except those marked "header", which no such file holds; the x86 sizes
// are the header's, on which gcc and clang agree.

#include "nt/kdk.h"
#include "nt/kdk_ndis.h"

#ifdef _WIN64
#define LAYOUT(type, size64, size32) _Static_assert(sizeof(type) == (size64), #type)
#define OFFSET(type, member, at64, at32) \
    _Static_assert(FIELD_OFFSET(type, member) == (at64), #type "." #member)
#else
#define LAYOUT(type, size64, size32) _Static_assert(sizeof(type) == (size32), #type)
#define OFFSET(type, member, at64, at32) \
    _Static_assert(FIELD_OFFSET(type, member) == (at32), #type "." #member)
#endif

LAYOUT(IRP, 0xd0, 0x70);
LAYOUT(IO_STACK_LOCATION, 0x48, 0x24);
OFFSET(IO_STACK_LOCATION, Parameters, 0x08, 0x04);
OFFSET(IO_STACK_LOCATION, DeviceObject, 0x28, 0x14);
LAYOUT(DRIVER_OBJECT, 0x150, 0xa8);
OFFSET(DRIVER_OBJECT, DriverExtension, 0x30, 0x18);
OFFSET(DRIVER_OBJECT, MajorFunction, 0x70, 0x38);
OFFSET(DEVICE_OBJECT, DeviceExtension, 0x40, 0x28);
LAYOUT(KEVENT, 0x18, 0x10);
LAYOUT(KDPC, 0x40, 0x20);
LAYOUT(KTIMER, 0x40, 0x28);
LAYOUT(MDL, 0x30, 0x1c);
LAYOUT(IO_CSQ, 0x40, 0x20);         // header
LAYOUT(IO_REMOVE_LOCK, 0x20, 0x18); // header
LAYOUT(CM_PARTIAL_RESOURCE_DESCRIPTOR, 0x14, 0x10);
LAYOUT(IO_RESOURCE_DESCRIPTOR, 0x20, 0x20);
LAYOUT(DEVICE_CAPABILITIES, 0x40, 0x40);
LAYOUT(IO_CONNECT_INTERRUPT_PARAMETERS, 0x50, 0x30); // header
LAYOUT(IO_INTERRUPT_MESSAGE_INFO_ENTRY, 0x30, 0x28); // header
LAYOUT(FAST_MUTEX, 0x38, 0x20);
LAYOUT(BUS_INTERFACE_STANDARD, 0x40, 0x20); // header
