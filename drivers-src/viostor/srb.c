// SPDX-License-Identifier: BSD-3-Clause
//
// Storport's two request formats.

#include "srb.h"

// More attached blocks than any request has; a bound for the search.
#define BLOCKS_MAX 16u

static const STORAGE_REQUEST_BLOCK *extended(const SRB *srb)
{
    // Function lies at the same place in both formats.
    if (srb->Function != SRB_FUNCTION_STORAGE_REQUEST_BLOCK)
        return NULL;
    return (const STORAGE_REQUEST_BLOCK *)srb;
}

// The bytes from `offset` to `offset` + `length` of an extended request, or NULL.
static void *part(const STORAGE_REQUEST_BLOCK *srb, uint32_t offset, uint32_t length)
{
    if (offset < sizeof(*srb) || offset > srb->SrbLength || length > srb->SrbLength - offset)
        return NULL;
    return (uint8_t *)(uintptr_t)srb + offset;
}

uint32_t srb_function(const SRB *srb)
{
    const STORAGE_REQUEST_BLOCK *ex = extended(srb);

    return ex != NULL ? ex->SrbFunction : srb->Function;
}

static bool sense_wanted(uint32_t flags, const void *buffer, uint8_t length)
{
    return (flags & SRB_FLAGS_DISABLE_AUTOSENSE) == 0 && buffer != NULL && length != 0;
}

bool srb_get_scsi(SRB *srb, struct srb_scsi *scsi)
{
    const STORAGE_REQUEST_BLOCK *ex = extended(srb);

    if (ex == NULL) {
        scsi->cdb = srb->Cdb;
        scsi->cdb_length = srb->CdbLength;
        scsi->status = &srb->ScsiStatus;
        scsi->sense_length = &srb->SenseInfoBufferLength;
        scsi->sense = srb->SenseInfoBuffer;
        if (!sense_wanted(srb->SrbFlags, srb->SenseInfoBuffer, srb->SenseInfoBufferLength))
            scsi->sense = NULL;
    } else {
        SRBEX_DATA_SCSI_CDB16 *data = NULL;

        for (uint32_t i = 0; i < ex->NumSrbExData && i < BLOCKS_MAX && data == NULL; i++) {
            data = part(ex, ex->SrbExDataOffset[i], sizeof(*data));
            if (data != NULL && data->Type != SrbExDataTypeScsiCdb16)
                data = NULL;
        }
        if (data == NULL)
            return false;
        scsi->cdb = data->Cdb;
        scsi->cdb_length = data->CdbLength;
        scsi->status = &data->ScsiStatus;
        scsi->sense_length = &data->SenseInfoBufferLength;
        scsi->sense = data->SenseInfoBuffer;
        if (!sense_wanted(ex->SrbFlags, data->SenseInfoBuffer, data->SenseInfoBufferLength))
            scsi->sense = NULL;
    }
    return scsi->cdb_length <= sizeof(srb->Cdb);
}

bool srb_get_pnp(const SRB *srb, struct srb_pnp *pnp)
{
    const STORAGE_REQUEST_BLOCK *ex = extended(srb);
    uint32_t flags;

    if (ex == NULL) {
        const SCSI_PNP_REQUEST_BLOCK *classic = (const SCSI_PNP_REQUEST_BLOCK *)srb;

        pnp->action = classic->PnPAction;
        flags = classic->SrbPnPFlags;
    } else {
        const SRBEX_DATA_PNP *data = NULL;

        // The PnP block is the first one.
        if (ex->NumSrbExData != 0)
            data = part(ex, ex->SrbExDataOffset[0], sizeof(*data));
        if (data == NULL)
            return false;
        pnp->action = data->PnPAction;
        flags = data->SrbPnPFlags;
    }
    pnp->for_adapter = (flags & SRB_PNP_FLAGS_ADAPTER_REQUEST) != 0;
    return true;
}

void srb_get_address(const SRB *srb, uint8_t *path, uint8_t *target, uint8_t *lun)
{
    const STORAGE_REQUEST_BLOCK *ex = extended(srb);
    const STOR_ADDR_BTL8 *address;

    *path = srb->PathId;
    *target = srb->TargetId;
    *lun = srb->Lun;
    if (ex == NULL)
        return;
    address = part(ex, ex->AddressOffset, sizeof(*address));
    if (address == NULL || address->Type != STOR_ADDRESS_TYPE_BTL8) {
        *path = *target = *lun = 0xff;
        return;
    }
    *path = address->Path;
    *target = address->Target;
    *lun = address->Lun;
}

void *srb_data(const SRB *srb)
{
    const STORAGE_REQUEST_BLOCK *ex = extended(srb);

    return ex != NULL ? ex->DataBuffer : srb->DataBuffer;
}

uint32_t srb_data_length(const SRB *srb)
{
    const STORAGE_REQUEST_BLOCK *ex = extended(srb);

    return ex != NULL ? ex->DataTransferLength : srb->DataTransferLength;
}

void srb_set_data_length(SRB *srb, uint32_t length)
{
    if (extended(srb) != NULL)
        ((STORAGE_REQUEST_BLOCK *)srb)->DataTransferLength = length;
    else
        srb->DataTransferLength = length;
}

void *srb_extension(const SRB *srb)
{
    const STORAGE_REQUEST_BLOCK *ex = extended(srb);

    return ex != NULL ? ex->MiniportContext : srb->SrbExtension;
}
