// SPDX-License-Identifier: BSD-3-Clause
//
// Resets, stop and restart, removal.

#include "vb.h"

// Stops the device and sets the state: `stopped` if it did. Returns whether it did.
static bool stop_device(struct vb_adapter *adapter, UCHAR srb_status, enum vb_state stopped)
{
    enum vio_status status = vb_device_stop(adapter, srb_status);

    // A device that is still there but does not stop keeps its requests.
    if (status == VIO_E_TIMEOUT)
        stopped = VB_STUCK;
    else if (status == VIO_E_GONE)
        stopped = VB_GONE;
    vb_store(&adapter->state, stopped);
    return status == VIO_OK;
}

// Stops and starts the device. Returns whether it runs.
static bool start_anew(struct vb_adapter *adapter)
{
    if (!stop_device(adapter, SRB_STATUS_BUS_RESET, VB_FAILED))
        return false;
    if (vb_device_start(adapter) != VIO_OK)
        return false;
    vb_store(&adapter->state, VB_LIVE);
    return true;
}

bool vb_reset(struct vb_adapter *adapter)
{
    enum vb_state state = vb_get_state(adapter);

    if (state == VB_GONE || state == VB_STOPPED)
        return false;
    return start_anew(adapter);
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
    stop_device(adapter, SRB_STATUS_NO_HBA, VB_FAILED);
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
            stop_device(adapter, SRB_STATUS_NO_DEVICE, VB_GONE);
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
        return start_anew(adapter) ? ScsiAdapterControlSuccess : ScsiAdapterControlUnsuccessful;
    case ScsiAdapterSurpriseRemoval:
        StorPortAcquireSpinLock(adapter, StartIoLock, NULL, &lock);
        stop_device(adapter, SRB_STATUS_NO_DEVICE, VB_GONE);
        StorPortReleaseSpinLock(adapter, &lock);
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}
