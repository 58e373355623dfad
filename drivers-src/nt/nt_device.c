// SPDX-License-Identifier: BSD-3-Clause
//
// A device between start and stop: hardware, D0 and Dx, recovery. Reached on power paths, so
// nothing here is paged out but what runs at start only.

#include "nt/nt_private.h"

void nt_control_enter(struct nt_device *dev)
{
    KeWaitForSingleObject(&dev->control, Executive, KernelMode, FALSE, NULL);
}

void nt_control_leave(struct nt_device *dev)
{
    KeSetEvent(&dev->control, IO_NO_INCREMENT, FALSE);
}

// Finds out how the device is reached, and silences it: firmware may have left it running, and its
// interrupt is connected before the driver enables it.
KDK_PAGED static NTSTATUS probe(struct nt_device *dev)
{
    struct vpci_bus bus;
    enum vio_status status;

    PAGED_CODE();
    nt_pci_bus(&dev->pci, &bus);
    status = vpci_probe(&dev->vpci_memory, &dev->os, &bus, &dev->vpci);
    if (status != VIO_OK) {
        nt_log(&dev->log, VIO_LOG_ERROR, "no usable virtio device: %s\n", vio_status_text(status));
        return nt_status(status);
    }
    if (vpci_device_type(dev->vpci) != nt_driver.device_type) {
        nt_log(&dev->log, VIO_LOG_ERROR, "device of type %u, expected %u\n",
               vpci_device_type(dev->vpci), nt_driver.device_type);
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    }
    dev->vdev =
        vdev_init(&dev->vdev_memory, &dev->os, vpci_ops(dev->vpci), vpci_transport(dev->vpci));
    return nt_status(vdev_reset(dev->vdev));
}

static NTSTATUS enable(struct nt_device *dev)
{
    NTSTATUS status;

    // A device that may still write to memory it was lent must not be let go on.
    if (dev->leaked)
        return STATUS_IO_TIMEOUT;
    vpci_set_msix(dev->vpci, dev->messages > 0);
    nt_interrupt_on(dev);
    status = nt_driver.enable(dev);
    if (!NT_SUCCESS(status)) {
        nt_interrupt_off(dev);
        nt_log(&dev->log, VIO_LOG_ERROR, "the device cannot be enabled: 0x%08x\n",
               (unsigned)status);
        return status;
    }
    dev->enabled = TRUE;
    return STATUS_SUCCESS;
}

static void disable(struct nt_device *dev)
{
    if (!dev->enabled)
        return;
    nt_driver.disable(dev);
    dev->enabled = FALSE;
}

// Gives the device up for good.
static void fail(struct nt_device *dev, NTSTATUS why)
{
    dev->failed = TRUE;
    nt_driver.close(dev, why);
    IoInvalidateDeviceState(dev->pdo);
}

KDK_PAGED NTSTATUS nt_device_start(struct nt_device *dev, CM_RESOURCE_LIST *raw,
                                   CM_RESOURCE_LIST *translated)
{
    NTSTATUS status;

    PAGED_CODE();
    status = nt_pci_open(&dev->pci, dev->lower, raw, translated);
    if (!NT_SUCCESS(status))
        goto fail_pci;
    status = probe(dev);
    if (!NT_SUCCESS(status))
        goto fail_pci;
    status = nt_interrupt_connect(dev);
    if (!NT_SUCCESS(status)) {
        nt_log(&dev->log, VIO_LOG_ERROR, "no interrupt: 0x%08x\n", (unsigned)status);
        goto fail_pci;
    }
    status = enable(dev);
    if (!NT_SUCCESS(status))
        goto fail_interrupt;
    dev->started = TRUE;
    nt_log(&dev->log, VIO_LOG_INFO, "started, %s, %u interrupt messages\n",
           vpci_ops(dev->vpci)->name, (unsigned)dev->messages);
    return STATUS_SUCCESS;

fail_interrupt:
    nt_interrupt_disconnect(dev);
fail_pci:
    nt_pci_close(&dev->pci);
    dev->vdev = NULL;
    return status;
}

void nt_device_stop(struct nt_device *dev)
{
    if (!dev->started)
        return;
    disable(dev);
    nt_interrupt_disconnect(dev);
    nt_pci_close(&dev->pci);
    dev->vdev = NULL;
    dev->started = FALSE;
}

void nt_device_power_up(struct nt_device *dev)
{
    NTSTATUS status;

    if (!dev->started || dev->enabled || dev->failed)
        return;
    status = enable(dev);
    if (!NT_SUCCESS(status))
        fail(dev, status);
}

void nt_device_power_down(struct nt_device *dev)
{
    disable(dev);
}

void NTAPI nt_device_reset_worker(DEVICE_OBJECT *self, PVOID context)
{
    struct nt_device *dev = context;

    UNREFERENCED_PARAMETER(self);
    nt_control_enter(dev);
    // Cleared first: what asks from here on asks for another one.
    __atomic_store_n(&dev->reset_queued, 0, __ATOMIC_RELEASE);
    if (dev->enabled) {
        disable(dev);
        if (__atomic_add_fetch(&dev->resets, 1, __ATOMIC_RELAXED) > NT_RESETS_MAX) {
            nt_log(&dev->log, VIO_LOG_ERROR, "given up after %d resets\n", NT_RESETS_MAX);
            fail(dev, STATUS_DEVICE_PROTOCOL_ERROR);
        } else {
            nt_log(&dev->log, VIO_LOG_WARNING, "resetting the device\n");
            nt_device_power_up(dev);
        }
    }
    nt_control_leave(dev);
    IoReleaseRemoveLock(&dev->remove_lock, dev->reset_work);
}

void nt_device_reset_soon(struct nt_device *dev)
{
    if (__atomic_exchange_n(&dev->reset_queued, 1, __ATOMIC_ACQUIRE))
        return;
    if (!NT_SUCCESS(IoAcquireRemoveLock(&dev->remove_lock, dev->reset_work)))
        return;
    IoQueueWorkItem(dev->reset_work, nt_device_reset_worker, DelayedWorkQueue, dev);
}

void nt_device_progress(struct nt_device *dev)
{
    __atomic_store_n(&dev->resets, 0, __ATOMIC_RELAXED);
}

BOOLEAN nt_device_quiesce(struct nt_device *dev)
{
    const enum vio_status status = vdev_reset(dev->vdev);

    nt_interrupt_off(dev);
    if (status == VIO_E_TIMEOUT) {
        dev->leaked = TRUE;
        return FALSE;
    }
    return TRUE;
}

uint16_t nt_vector(const struct nt_device *dev, uint16_t index)
{
    if (dev->messages <= 1)
        return dev->messages == 1 ? 0 : VTRANSPORT_NO_VECTOR;
    return (uint16_t)(1 + index % (dev->messages - 1));
}

uint16_t nt_config_vector(const struct nt_device *dev)
{
    return dev->messages > 0 ? 0 : VTRANSPORT_NO_VECTOR;
}
