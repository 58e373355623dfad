/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A driver for the virtio entropy device, as short as it gets: it starts the device with one buffer
 * of 16 bytes, and leaves the rest to the file that includes this.
 */
#ifndef NK_BAD_DEVICE_H
#define NK_BAD_DEVICE_H

#include "bad/stack.h"

#define QUEUE_SIZE 8

/* QEMU's modern virtio functions have one BAR of this size, common configuration first. */
#define REGISTERS_SIZE 0x4000u
#define NOTIFY         0x3000u

struct descriptor {
    ULONG64 address;
    ULONG length;
    USHORT flags, next;
};

struct rings {
    struct descriptor table[QUEUE_SIZE];
    USHORT available_flags, available_index, available[QUEUE_SIZE], used_event;
    UCHAR used[256] __attribute__((aligned(16)));
};

static volatile UCHAR *registers;
static struct rings *rings;

/** The address of 16 bytes for the device to write. */
static ULONG64 bad_buffer(VOID);
/** Before the device is set up; called in IRP_MN_START_DEVICE. */
static VOID bad_prepare(VOID);
/** The device runs, and knows of nothing yet. One second later the start fails. */
static VOID bad_run(VOID);

/** Make the buffer available (again) and tell the device. */
static inline VOID bad_offer(VOID)
{
    rings->available[rings->available_index % QUEUE_SIZE] = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    rings->available_index++;
    *(volatile USHORT *)(registers + NOTIFY) = 0;
}

static volatile UCHAR *registers_of(const CM_RESOURCE_LIST *list)
{
    ULONG n;

    for (n = 0; n < list->PartialCount; n++) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *d = &list->Partial[n];

        if (d->Type == CM_RESOURCE_MEMORY && d->u.Memory.Length == REGISTERS_SIZE) {
            PHYSICAL_ADDRESS start = {.QuadPart = (LONG64)d->u.Memory.Start};

            return MmMapIoSpace(start, REGISTERS_SIZE, 0);
        }
    }
    return NULL;
}

#define FIELD(type, offset) (*(volatile type *)(registers + (offset)))

/* virtio 1.2, 3.1.1 and 4.1.4.3: acknowledge, negotiate VERSION_1 and ACCESS_PLATFORM, set the
 * queue up, go. */
static VOID set_up(VOID)
{
    PHYSICAL_ADDRESS highest = {.QuadPart = 0xFFFFFFFF};
    ULONG64 base;

    rings = MmAllocateContiguousMemory(sizeof(*rings), highest);
    base = (ULONG64)MmGetPhysicalAddress(rings).QuadPart;
    rings->table[0] = (struct descriptor){bad_buffer(), 16, 2, 0};
    rings->available_flags = rings->available_index = 0;
    rings->used[2] = rings->used[3] = 0;
    FIELD(UCHAR, 0x14) = 3;
    FIELD(ULONG, 0x08) = 1;
    FIELD(ULONG, 0x0C) = 3;
    FIELD(UCHAR, 0x14) = 11;
    FIELD(USHORT, 0x16) = 0;
    FIELD(USHORT, 0x18) = QUEUE_SIZE;
    FIELD(USHORT, 0x1A) = 0; /* interrupts by message 0 */
    FIELD(ULONG64, 0x20) = base;
    FIELD(ULONG64, 0x28) = base + offsetof(struct rings, available_flags);
    FIELD(ULONG64, 0x30) = base + offsetof(struct rings, used);
    FIELD(USHORT, 0x1C) = 1;
    FIELD(UCHAR, 0x14) = 15;
}

static NTSTATUS dispatch(DEVICE_OBJECT *device, IRP *irp)
{
    const IO_STACK_LOCATION *location = irp->CurrentStackLocation;
    LARGE_INTEGER second = {.QuadPart = -10000000};

    (void)device;
    registers = registers_of(location->Parameters.StartDevice.AllocatedResourcesTranslated);
    bad_prepare();
    set_up();
    bad_run();
    KeDelayExecutionThread(0, 0, &second);
    irp->IoStatus.Status = STATUS_UNSUCCESSFUL; /* nobody has stopped this */
    IofCompleteRequest(irp, 0);
    return STATUS_UNSUCCESSFUL;
}

#endif
