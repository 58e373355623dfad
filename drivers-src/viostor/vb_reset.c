// SPDX-License-Identifier: BSD-3-Clause
//
// Resets, stop and restart, removal.

#include "vb.h"

bool vb_reset(struct vb_adapter *adapter)
{
    enum vb_state state = vb_get_state(adapter);
    enum vio_status status;

    if (state == VB_GONE || state == VB_STOPPED)
        return false;
    status = vb_device_stop(adapter, SRB_STATUS_BUS_RESET);
    if (status == VIO_E_TIMEOUT) {
        vb_store(&adapter->state, VB_STUCK);
        return false;
    }
    if (status == VIO_E_GONE) {
        vb_store(&adapter->state, VB_GONE);
        return false;
    }
    if (vb_device_start(adapter) != VIO_OK) {
        vb_store(&adapter->state, VB_FAILED);
        return false;
    }
    vb_store(&adapter->state, VB_LIVE);
    return true;
}

void vb_reset_self(struct vb_adapter *adapter)
{
    enum vq_fault fault = vq_fault(adapter->queue.vq);

    vio_log(&adapter->os, VIO_LOG_ERROR,
            fault != VQ_FAULT_NONE ? vq_fault_text(fault) : "the device asks for a reset", 0,
            adapter->resets, VB_RESETS_MAX);
    StorPortLogError(adapter, NULL, 0, 0, 0, SP_INTERNAL_ADAPTER_ERROR, (ULONG)fault);
    if (adapter->resets < VB_RESETS_MAX) {
        adapter->resets++;
        vb_reset(adapter);
        return;
    }
    if (vb_device_stop(adapter, SRB_STATUS_NO_HBA) == VIO_E_TIMEOUT)
        vb_store(&adapter->state, VB_STUCK);
    else
        vb_store(&adapter->state, VB_FAILED);
}

void vb_start_reset(struct vb_adapter *adapter, SRB *srb)
{
    bool done = vb_reset(adapter);

    vb_complete(adapter, srb, done ? SRB_STATUS_SUCCESS : SRB_STATUS_ERROR);
}

BOOLEAN NTAPI vb_reset_bus(PVOID extension, ULONG path)
{
    (void)path;
    return vb_reset(extension);
}

// The device is not there any more, or will not be used any more. StartIo lock.
static void remove_device(struct vb_adapter *adapter)
{
    // A device that is still there but does not stop keeps its requests.
    if (vb_device_stop(adapter, SRB_STATUS_NO_DEVICE) == VIO_E_TIMEOUT)
        vb_store(&adapter->state, VB_STUCK);
    else
        vb_store(&adapter->state, VB_GONE);
}

void vb_start_pnp(struct vb_adapter *adapter, SRB *srb)
{
    struct srb_pnp pnp;

    if (!srb_get_pnp(srb, &pnp)) {
        vb_complete(adapter, srb, SRB_STATUS_INVALID_REQUEST);
        return;
    }
    switch (pnp.action) {
    case StorQueryCapabilities:
        // Storport has zeroed the answer, and none of its bits is set here: the disk leaves only
        // with its adapter.
    case StorRemoveDevice:
        // Of the adapter, ScsiStopAdapter follows. Of the disk, it may be found again.
        vb_complete(adapter, srb, SRB_STATUS_SUCCESS);
        break;
    case StorSurpriseRemoval:
        if (pnp.for_adapter)
            remove_device(adapter);
        vb_complete(adapter, srb, SRB_STATUS_SUCCESS);
        break;
    default:
        vb_complete(adapter, srb, SRB_STATUS_INVALID_REQUEST);
        break;
    }
}

// Nothing is outstanding and nothing new comes, says Storport. At DIRQL under the interrupt lock,
// so without the StartIo lock; the DPC sees the state and leaves the device alone. Writes that must
// last were flushed before (SRB_FUNCTION_SHUTDOWN).
static void stop(struct vb_adapter *adapter)
{
    vb_store(&adapter->state, VB_STOPPED);
    // There may be no device any more, and to a silent one nothing can be done here.
    (void)vdev_reset(adapter->dev);
}

static bool restart(struct vb_adapter *adapter)
{
    if (vb_device_stop(adapter, SRB_STATUS_BUS_RESET) != VIO_OK ||
        vb_device_start(adapter) != VIO_OK) {
        vb_store(&adapter->state, VB_FAILED);
        return false;
    }
    vb_store(&adapter->state, VB_LIVE);
    return true;
}

static void tell_supported(SCSI_SUPPORTED_CONTROL_TYPE_LIST *list)
{
    static const uint8_t supported[] = {ScsiQuerySupportedControlTypes, ScsiStopAdapter,
                                        ScsiRestartAdapter, ScsiAdapterSurpriseRemoval};

    for (size_t i = 0; i < sizeof(supported); i++) {
        if (supported[i] < list->MaxControlType)
            list->SupportedTypeList[supported[i]] = TRUE;
    }
}

SCSI_ADAPTER_CONTROL_STATUS NTAPI vb_adapter_control(PVOID extension,
                                                     SCSI_ADAPTER_CONTROL_TYPE type,
                                                     PVOID parameters)
{
    struct vb_adapter *adapter = extension;
    STOR_LOCK_HANDLE lock;

    switch (type) {
    case ScsiQuerySupportedControlTypes:
        tell_supported(parameters);
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        stop(adapter);
        return ScsiAdapterControlSuccess;
    case ScsiRestartAdapter:
        return restart(adapter) ? ScsiAdapterControlSuccess : ScsiAdapterControlUnsuccessful;
    case ScsiAdapterSurpriseRemoval:
        StorPortAcquireSpinLock(adapter, StartIoLock, NULL, &lock);
        remove_device(adapter);
        StorPortReleaseSpinLock(adapter, &lock);
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}
