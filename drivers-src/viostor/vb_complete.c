// SPDX-License-Identifier: BSD-3-Clause
//
// Interrupts, the DPC, and giving requests back.

#include "vb.h"

struct finished {
    SRB *srb;
    uint32_t used;
    uint8_t status; // as read once: the device could still change the byte
};

void vb_complete(struct vb_adapter *adapter, SRB *srb, UCHAR srb_status)
{
    srb->SrbStatus = srb_status;
    StorPortNotification(RequestComplete, adapter, srb);
}

void vb_complete_sense(struct vb_adapter *adapter, SRB *srb, const struct scsi_sense *sense)
{
    struct srb_scsi scsi;
    UCHAR srb_status = SRB_STATUS_ERROR;

    // Flushes can come as requests that are no SCSI command.
    if (srb_function(srb) == SRB_FUNCTION_EXECUTE_SCSI && srb_get_scsi(srb, &scsi)) {
        *scsi.status = SCSI_CHECK_CONDITION;
        if (scsi.sense != NULL) {
            *scsi.sense_length = (uint8_t)scsi_sense_fixed(sense, scsi.sense, *scsi.sense_length);
            srb_status |= SRB_STATUS_AUTOSENSE_VALID;
        }
    }
    vb_complete(adapter, srb, srb_status);
}

UCHAR vb_state_status(enum vb_state state)
{
    return state == VB_GONE ? SRB_STATUS_NO_DEVICE : SRB_STATUS_NO_HBA;
}

void vb_queue_dpc(struct vb_adapter *adapter)
{
    if (vb_load(&adapter->dpc_ready) != 0)
        StorPortIssueDpc(adapter, &adapter->queue.dpc, NULL, NULL);
}

// The line may be shared, also before HwFindAdapter is done with the device.
BOOLEAN NTAPI vb_interrupt(PVOID extension)
{
    struct vb_adapter *adapter = extension;
    uint8_t isr;

    if (adapter->dev == NULL || adapter->messages != 0)
        return FALSE;
    isr = vdev_isr(adapter->dev);
    if (isr == 0)
        return FALSE;
    if ((isr & VDEV_ISR_CONFIG) != 0)
        vb_store(&adapter->config_due, 1);
    vb_queue_dpc(adapter);
    return TRUE;
}

BOOLEAN NTAPI vb_interrupt_message(PVOID extension, ULONG message)
{
    struct vb_adapter *adapter = extension;

    // A single message stands for both, and does not tell for which it came.
    if (message == 0)
        vb_store(&adapter->config_due, 1);
    vb_queue_dpc(adapter);
    return TRUE;
}

// A finished write that has to reach the medium goes back on the queue as a flush, made afresh in
// the same memory. Its descriptors were just freed, and a flush needs no more than they were.
// StartIo lock.
static bool follow_with_flush(struct vb_adapter *adapter, struct finished *finished)
{
    struct vb_request *request;
    struct scsi_sense sense;

    if (!vblk_judge(VBLK_OUT, finished->status, finished->used, 0, &sense))
        return false;
    request = vb_request_make(adapter, srb_extension(finished->srb), adapter->limits.segments,
                              VBLK_FLUSH);
    if (request != NULL && vb_request_add(adapter, request, adapter->limits.segments, 0,
                                          vb_token(adapter, finished->srb, false)) == VIO_OK)
        return true;
    // Only a broken queue refuses: the write fails as if the flush had not been answered.
    finished->status = VBLK_UNWRITTEN;
    return false;
}

// Takes at most VB_BATCH requests off the queue; `*count` of them are finished. Returns whether
// there may be more.
static bool take(struct vb_adapter *adapter, struct finished *batch, uint32_t *count)
{
    struct vq *vq = adapter->queue.vq;
    bool flushes = false;
    uint32_t taken;

    *count = 0;
    for (taken = 0; taken < VB_BATCH; taken++) {
        struct finished *next = &batch[*count];
        void *token = vq_pop(vq, &next->used);

        if (token == NULL)
            break;
        next->srb = vb_token_srb(adapter, token);
        if (next->srb == NULL)
            continue;
        next->status = *(volatile uint8_t *)&vb_request_of(next->srb)->status;
        if (vb_token_force(adapter, token) && follow_with_flush(adapter, next))
            flushes = true;
        else
            (*count)++;
    }
    if (flushes)
        vq_kick(vq);
    return taken == VB_BATCH;
}

static void finish(struct vb_adapter *adapter, const struct finished *finished)
{
    struct vb_request *request = vb_request_of(finished->srb);
    uint32_t expected = request->type == VBLK_IN ? request->bytes : 0;
    struct scsi_sense sense;
    struct srb_scsi scsi;

    if (!vblk_judge(request->type, finished->status, finished->used, expected, &sense)) {
        vb_complete_sense(adapter, finished->srb, &sense);
        return;
    }
    if (srb_function(finished->srb) == SRB_FUNCTION_EXECUTE_SCSI &&
        srb_get_scsi(finished->srb, &scsi))
        *scsi.status = SCSI_GOOD;
    vb_complete(adapter, finished->srb, SRB_STATUS_SUCCESS);
}

// What an interrupt may have told besides finished requests. StartIo lock.
static void look_after_device(struct vb_adapter *adapter)
{
    bool reset = vb_exchange(&adapter->reset_due, 0) != 0;

    if (vb_exchange(&adapter->config_due, 0) != 0) {
        // DEVICE_NEEDS_RESET comes as a configuration change (virtio 1.2, 2.1.1).
        if (vdev_needs_reset(adapter->dev))
            reset = true;
        else
            vb_device_refresh(adapter);
    }
    if (vq_state(adapter->queue.vq) == VQ_BROKEN)
        reset = true;
    if (reset)
        vb_reset_self(adapter);
}

VOID NTAPI vb_dpc(PSTOR_DPC dpc, PVOID extension, PVOID argument1, PVOID argument2)
{
    struct vb_adapter *adapter = extension;
    struct finished batch[VB_BATCH];
    STOR_LOCK_HANDLE lock;
    bool more = true;

    (void)dpc;
    (void)argument1;
    (void)argument2;
    for (uint32_t i = 0; i < VB_BATCHES && more; i++) {
        uint32_t count;

        StorPortAcquireSpinLock(adapter, StartIoLock, NULL, &lock);
        if (vb_get_state(adapter) != VB_LIVE) {
            StorPortReleaseSpinLock(adapter, &lock);
            return;
        }
        vq_irq_off(adapter->queue.vq);
        more = take(adapter, batch, &count) || vq_irq_on(adapter->queue.vq);
        if (count != 0)
            adapter->resets = 0;
        look_after_device(adapter);
        StorPortReleaseSpinLock(adapter, &lock);
        for (uint32_t k = 0; k < count; k++)
            finish(adapter, &batch[k]);
    }
    if (more)
        vb_queue_dpc(adapter);
}
