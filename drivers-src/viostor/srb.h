// SPDX-License-Identifier: BSD-3-Clause
//
// One view of Storport's two request formats: the classic SCSI_REQUEST_BLOCK and, from Windows 8
// on, the STORAGE_REQUEST_BLOCK with its data in attached blocks. The rest of the driver never
// looks into either. All calls: any IRQL, by whoever owns the request.

#ifndef VIOSTOR_SRB_H
#define VIOSTOR_SRB_H

#include <stdbool.h>
#include <stdint.h>

#include "nt/kdk_storport.h"

typedef SCSI_REQUEST_BLOCK SRB;

// The part of a request that only SRB_FUNCTION_EXECUTE_SCSI has. Pointers lead into the request.
struct srb_scsi {
    const uint8_t *cdb;
    uint8_t cdb_length;
    uint8_t *status;       // the SCSI status byte
    void *sense;           // NULL: none wanted
    uint8_t *sense_length; // room, to be replaced by what was written
};

struct srb_pnp {
    STOR_PNP_ACTION action;
    bool for_adapter;
};

// SRB_FUNCTION_* in either format.
uint32_t srb_function(const SRB *srb);

// Finds the SCSI part. Returns false if the request has none that is whole.
bool srb_get_scsi(SRB *srb, struct srb_scsi *scsi);

// Finds the PnP part of an SRB_FUNCTION_PNP. Returns false if there is none that is whole.
bool srb_get_pnp(const SRB *srb, struct srb_pnp *pnp);

// The addressed unit. An extended request with another kind of address gives 0xff for all three,
// at which there is nothing.
void srb_get_address(const SRB *srb, uint8_t *path, uint8_t *target, uint8_t *lun);

// The data buffer's address, NULL if Storport did not map it, and its length in bytes.
void *srb_data(const SRB *srb);
uint32_t srb_data_length(const SRB *srb);
void srb_set_data_length(SRB *srb, uint32_t length);

// The driver's own memory of this request.
void *srb_extension(const SRB *srb);

#endif
