// SPDX-License-Identifier: BSD-3-Clause
//
// From Storport's request to the device's queue.

#include "vb.h"

// ---- struct vb_request ----

struct vb_request *vb_request_make(struct vb_adapter *adapter, void *memory, uint32_t segments,
                                   enum vblk_type type)
{
    struct vb_request *request = vb_align(memory, VQ_DESC_BYTES);
    uint16_t room = (uint16_t)(segments + VBLK_EXTRA_SEGMENTS);
    uint32_t front = sizeof(*request) + room * VQ_DESC_BYTES;

    if (!vb_device_address(adapter, request, front + room * VQ_DESC_BYTES, &request->pa)) {
        // Not contiguous as a whole. The header and status must be.
        if (!vb_device_address(adapter, request, sizeof(*request), &request->pa))
            return NULL;
        if (!vb_device_address(adapter, (uint8_t *)request + front, room * VQ_DESC_BYTES,
                               &request->table_pa))
            request->table_pa = 0;
    } else {
        request->table_pa = request->pa + front;
    }
    request->header.type = type;
    request->header.reserved = 0;
    request->header.sector = 0;
    request->status = VBLK_UNWRITTEN;
    request->type = type;
    request->bytes = 0;
    request->pieces = 0;
    request->force = 0;
    return request;
}

enum vio_status vb_request_add(struct vb_adapter *adapter, struct vb_request *request,
                               uint16_t segments, uint16_t pieces, void *token)
{
    uint16_t room = segments + VBLK_EXTRA_SEGMENTS;
    uint16_t elements = pieces + VBLK_EXTRA_SEGMENTS;
    uint16_t out = request->type == VBLK_OUT ? elements - 1 : 1;
    struct vq_table table = {.va = request->sg + room, .pa = request->table_pa, .entries = room};

    if (pieces > segments)
        return VIO_E_ARG;
    request->sg[0].pa = request->pa + FIELD_OFFSET(struct vb_request, header);
    request->sg[0].len = sizeof(request->header);
    request->sg[elements - 1].pa = request->pa + FIELD_OFFSET(struct vb_request, status);
    request->sg[elements - 1].len = sizeof(request->status);
    return vq_add(adapter->queue.vq, request->sg, out, elements - out, token,
                  request->table_pa != 0 ? &table : NULL);
}

struct vb_request *vb_request_of(const SRB *srb)
{
    return vb_align(srb_extension(srb), VQ_DESC_BYTES);
}

// ---- HwBuildIo ----

// Makes a request without data. Completes the SRB and returns false if that fails.
static bool build(struct vb_adapter *adapter, SRB *srb, enum vblk_type type)
{
    struct vb_request *request =
        vb_request_make(adapter, srb_extension(srb), adapter->limits.segments, type);

    if (request == NULL) {
        vio_log(&adapter->os, VIO_LOG_ERROR, "request memory is not contiguous", 0, type, 0);
        vb_complete(adapter, srb, SRB_STATUS_ERROR);
        return false;
    }
    return true;
}

// Adds the first `bytes` bytes of the SRB's data to its request.
static bool build_data(struct vb_adapter *adapter, SRB *srb, uint32_t bytes)
{
    struct vb_request *request = vb_request_of(srb);
    const STOR_SCATTER_GATHER_LIST *list = StorPortGetScatterGatherList(adapter, srb);

    if (list == NULL)
        return false;
    request->bytes = bytes;
    for (ULONG i = 0; i < list->NumberOfElements && bytes != 0; i++) {
        uint32_t length = list->List[i].Length < bytes ? list->List[i].Length : bytes;

        if (!vblk_pieces_add(request->sg + 1, &request->pieces, adapter->limits.segments,
                             (uint64_t)list->List[i].PhysicalAddress.QuadPart, length,
                             adapter->limits.segment_bytes))
            return false;
        bytes -= length;
    }
    return bytes == 0;
}

static bool build_transfer(struct vb_adapter *adapter, SRB *srb, const struct scsi_disk *disk,
                           const struct scsi_outcome *outcome)
{
    enum vblk_type type = outcome->action == SCSI_READ ? VBLK_IN : VBLK_OUT;

    struct vb_request *request = vb_request_of(srb);

    if (!build(adapter, srb, type))
        return false;
    if (!build_data(adapter, srb, outcome->bytes)) {
        vio_log(&adapter->os, VIO_LOG_ERROR, "scatter list does not fit the request", 0,
                outcome->bytes, adapter->limits.segments);
        vb_complete(adapter, srb, SRB_STATUS_INVALID_REQUEST);
        return false;
    }
    srb_set_data_length(srb, outcome->bytes);
    request->force = outcome->force;
    request->header.sector = outcome->lba * (disk->block_bytes / VBLK_SECTOR_BYTES);
    return true;
}

// Interprets a command. Returns true if the device has to do something for it.
static bool build_scsi(struct vb_adapter *adapter, SRB *srb)
{
    const struct scsi_disk *disk = vb_get_disk(adapter);
    struct scsi_command command = {0};
    struct scsi_outcome outcome;
    struct srb_scsi scsi;

    if (!srb_get_scsi(srb, &scsi)) {
        vb_complete(adapter, srb, SRB_STATUS_INVALID_REQUEST);
        return false;
    }
    srb_get_address(srb, &command.path, &command.target, &command.lun);
    command.cdb = scsi.cdb;
    command.cdb_length = scsi.cdb_length;
    command.data = srb_data(srb);
    command.data_length = srb_data_length(srb);
    command.attention = (uint16_t)vb_load(&adapter->attention);
    scsi_execute(disk, &command, &outcome);
    if (outcome.attention_told)
        vb_exchange(&adapter->attention, 0);
    // Storport accepts it from the unit's first INQUIRY on; a unit that is found anew forgets it.
    if (outcome.action != SCSI_NO_UNIT && scsi_is_inquiry(&command))
        StorPortSetDeviceQueueDepth(adapter, 0, 0, 0, adapter->queue.size);

    switch (outcome.action) {
    case SCSI_READ:
    case SCSI_WRITE:
        return build_transfer(adapter, srb, disk, &outcome);
    case SCSI_FLUSH:
        return build(adapter, srb, VBLK_FLUSH);
    case SCSI_NO_UNIT:
        vb_complete(adapter, srb, SRB_STATUS_NO_DEVICE);
        return false;
    case SCSI_COMPLETE:
        break;
    }
    if (outcome.answer != 0 && command.data == NULL && command.data_length != 0) {
        // Storport had no memory to map the buffer.
        vb_complete(adapter, srb, SRB_STATUS_BUSY);
        return false;
    }
    srb_set_data_length(srb, outcome.transferred);
    if (outcome.status == SCSI_GOOD) {
        *scsi.status = SCSI_GOOD;
        vb_complete(adapter, srb, SRB_STATUS_SUCCESS);
    } else {
        vb_complete_sense(adapter, srb, &outcome.sense);
    }
    return false;
}

static bool build_flush(struct vb_adapter *adapter, SRB *srb)
{
    if (vb_get_disk(adapter)->can_flush)
        return build(adapter, srb, VBLK_FLUSH);
    vb_complete(adapter, srb, SRB_STATUS_SUCCESS);
    return false;
}

// Power belongs to the adapter (HwAdapterControl); the disk has no state of its own.
static bool build_power(struct vb_adapter *adapter, SRB *srb)
{
    vb_complete(adapter, srb, SRB_STATUS_SUCCESS);
    return false;
}

// ---- HwStartIo ----

static void start_request(struct vb_adapter *adapter, SRB *srb)
{
    struct vb_request *request = vb_request_of(srb);
    enum vb_state state = vb_get_state(adapter);
    enum vio_status status;

    if (state != VB_LIVE) {
        vb_complete(adapter, srb, vb_state_status(state));
        return;
    }
    status = vb_request_add(adapter, request, adapter->limits.segments, request->pieces,
                            vb_token(adapter, srb, request->force != 0));
    switch (status) {
    case VIO_OK:
        vq_kick(adapter->queue.vq);
        break;
    case VIO_E_FULL:
        // Storport holds its requests back until one was completed, then sends this one again.
        StorPortBusy(adapter, 1);
        vb_complete(adapter, srb, SRB_STATUS_BUSY);
        break;
    case VIO_E_BROKEN:
        vb_store(&adapter->reset_due, 1);
        vb_queue_dpc(adapter);
        vb_complete(adapter, srb, SRB_STATUS_BUS_RESET);
        break;
    default:
        vio_log(&adapter->os, VIO_LOG_ERROR, vio_status_text(status), 0, status, 0);
        vb_complete(adapter, srb, SRB_STATUS_ERROR);
        break;
    }
}

// ---- Which function goes where ----

struct function {
    uint32_t code;
    // Without lock. Returns false if the request is completed; NULL: nothing to do yet.
    bool (*build)(struct vb_adapter *adapter, SRB *srb);
    // Under the StartIo lock.
    void (*start)(struct vb_adapter *adapter, SRB *srb);
};

static const struct function functions[] = {
    {SRB_FUNCTION_EXECUTE_SCSI, build_scsi, start_request},
    {SRB_FUNCTION_FLUSH, build_flush, start_request},
    {SRB_FUNCTION_SHUTDOWN, build_flush, start_request},
    {SRB_FUNCTION_RESET_BUS, NULL, vb_start_reset},
    {SRB_FUNCTION_RESET_DEVICE, NULL, vb_start_reset},
    {SRB_FUNCTION_RESET_LOGICAL_UNIT, NULL, vb_start_reset},
    {SRB_FUNCTION_PNP, NULL, vb_start_pnp},
    {SRB_FUNCTION_POWER, build_power, NULL},
};

static const struct function *function_find(const SRB *srb)
{
    uint32_t code = srb_function(srb);

    for (size_t i = 0; i < RTL_NUMBER_OF(functions); i++) {
        if (functions[i].code == code)
            return &functions[i];
    }
    return NULL;
}

BOOLEAN NTAPI vb_build_io(PVOID extension, PSCSI_REQUEST_BLOCK srb)
{
    const struct function *function = function_find(srb);

    if (function == NULL) {
        vb_complete(extension, srb, SRB_STATUS_INVALID_REQUEST);
        return FALSE;
    }
    return function->build == NULL || function->build(extension, srb);
}

BOOLEAN NTAPI vb_start_io(PVOID extension, PSCSI_REQUEST_BLOCK srb)
{
    const struct function *function = function_find(srb);

    // HwBuildIo lets nothing through that has no start.
    if (function != NULL && function->start != NULL)
        function->start(extension, srb);
    return TRUE;
}
