// SPDX-License-Identifier: BSD-3-Clause
//
// Interrupts by messages or by the line (IoConnectInterruptEx, CONNECT_MESSAGE_BASED with a
// fall-back routine).

#include "nt/nt_private.h"

static void note(struct nt_device *dev, ULONG causes)
{
    __atomic_fetch_or(&dev->causes, (LONG)causes, __ATOMIC_RELEASE);
    KeInsertQueueDpc(&dev->dpc, NULL, NULL);
}

static BOOLEAN NTAPI message_service(struct _KINTERRUPT *interrupt, PVOID context, ULONG message)
{
    struct nt_device *dev = context;

    UNREFERENCED_PARAMETER(interrupt);
    if (!__atomic_load_n(&dev->interruptible, __ATOMIC_ACQUIRE))
        return TRUE;
    if (dev->messages == 1)
        note(dev, VDEV_ISR_QUEUE | VDEV_ISR_CONFIG);
    else
        note(dev, message == 0 ? VDEV_ISR_CONFIG : VDEV_ISR_QUEUE);
    return TRUE;
}

static BOOLEAN NTAPI line_service(struct _KINTERRUPT *interrupt, PVOID context)
{
    struct nt_device *dev = context;
    ULONG causes;

    UNREFERENCED_PARAMETER(interrupt);
    // The line may be another device's while ours sleeps and cannot be asked.
    if (!__atomic_load_n(&dev->interruptible, __ATOMIC_ACQUIRE))
        return FALSE;
    causes = vdev_isr(dev->vdev) & (VDEV_ISR_QUEUE | VDEV_ISR_CONFIG);
    if (causes == 0)
        return FALSE;
    note(dev, causes);
    return TRUE;
}

void NTAPI nt_interrupt_dpc(KDPC *dpc, PVOID context, PVOID unused1, PVOID unused2)
{
    struct nt_device *dev = context;
    const LONG causes = __atomic_exchange_n(&dev->causes, 0, __ATOMIC_ACQUIRE);

    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(unused1);
    UNREFERENCED_PARAMETER(unused2);
    nt_driver.dpc(dev, (ULONG)causes);
}

KDK_PAGED NTSTATUS nt_interrupt_connect(struct nt_device *dev)
{
    IO_CONNECT_INTERRUPT_PARAMETERS connect;
    NTSTATUS status;

    PAGED_CODE();
    RtlZeroMemory(&connect, sizeof(connect));
    connect.Version = CONNECT_MESSAGE_BASED;
    connect.MessageBased.PhysicalDeviceObject = dev->pdo;
    connect.MessageBased.ConnectionContext.Generic = &dev->interrupt.any;
    connect.MessageBased.MessageServiceRoutine = message_service;
    connect.MessageBased.ServiceContext = dev;
    connect.MessageBased.FallBackServiceRoutine = line_service;
    status = IoConnectInterruptEx(&connect);
    if (!NT_SUCCESS(status)) {
        dev->interrupt.any = NULL;
        return status;
    }
    // The system states in Version which of the two it connected.
    dev->messages = 0;
    if (connect.Version == CONNECT_MESSAGE_BASED)
        dev->messages = dev->interrupt.table->MessageCount;
    return STATUS_SUCCESS;
}

KDK_PAGED void nt_interrupt_disconnect(struct nt_device *dev)
{
    IO_DISCONNECT_INTERRUPT_PARAMETERS disconnect;

    PAGED_CODE();
    if (dev->interrupt.any == NULL)
        return;
    RtlZeroMemory(&disconnect, sizeof(disconnect));
    disconnect.Version = dev->messages > 0 ? CONNECT_MESSAGE_BASED : CONNECT_LINE_BASED;
    disconnect.ConnectionContext.Generic = dev->interrupt.any;
    IoDisconnectInterruptEx(&disconnect);
    dev->interrupt.any = NULL;
    KeFlushQueuedDpcs();
}

void nt_interrupt_on(struct nt_device *dev)
{
    __atomic_store_n(&dev->interruptible, 1, __ATOMIC_RELEASE);
}

static BOOLEAN NTAPI switch_off(PVOID context)
{
    struct nt_device *dev = context;

    __atomic_store_n(&dev->interruptible, 0, __ATOMIC_RELEASE);
    return TRUE;
}

void nt_interrupt_off(struct nt_device *dev)
{
    // Held against the line's routine, as that one touches the device. A message's does not: one
    // that is just running may still queue a DPC, which finds a disabled device.
    if (dev->messages == 0 && dev->interrupt.line != NULL)
        KeSynchronizeExecution(dev->interrupt.line, switch_off, dev);
    else
        switch_off(dev);
    KeFlushQueuedDpcs();
}
