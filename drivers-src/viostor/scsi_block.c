// SPDX-License-Identifier: BSD-3-Clause
//
// Commands on the blocks of the disk (SBC-3, 5).

#include "scsi_private.h"

// The block range that a command names, wherever its CDB has it (SPC-4, 4.2.5.1).
struct extent {
    uint64_t lba;
    uint32_t count;
    uint16_t count_field; // byte of the CDB
};

static struct extent extent_get(const uint8_t *cdb)
{
    struct extent extent = {0};

    switch (cdb[0] >> 5) {
    case 0: // 6 bytes: 21 bits of address, and a count in which 0 means 256
        extent.lba = (uint32_t)(cdb[1] & 0x1f) << 16 | scsi_get16(cdb + 2);
        extent.count = cdb[4] != 0 ? cdb[4] : 256;
        extent.count_field = 4;
        break;
    case 4: // 16 bytes
        extent.lba = scsi_get64(cdb + 2);
        extent.count = scsi_get32(cdb + 10);
        extent.count_field = 10;
        break;
    case 5: // 12 bytes
        extent.lba = scsi_get32(cdb + 2);
        extent.count = scsi_get32(cdb + 6);
        extent.count_field = 6;
        break;
    default: // 10 bytes
        extent.lba = scsi_get32(cdb + 2);
        extent.count = scsi_get16(cdb + 7);
        extent.count_field = 7;
        break;
    }
    return extent;
}

// Fails the command unless the extent lies on the disk. An empty one may start right at its end.
static bool extent_check(struct scsi_run *run, const struct extent *extent)
{
    uint64_t blocks = run->disk->blocks;

    if (extent->lba <= blocks && extent->count <= blocks - extent->lba)
        return true;
    scsi_fail(run, SCSI_ILLEGAL_REQUEST, SCSI_ASC_LBA_OUT_OF_RANGE);
    return false;
}

// Whether the CDB is longer than six bytes, and so has flags in its second one.
static bool has_flags(const uint8_t *cdb)
{
    return cdb[0] >> 5 != 0;
}

// What READ and WRITE have in common. Returns false if the command is already finished.
static bool transfer_prepare(struct scsi_run *run)
{
    struct extent extent = extent_get(run->cdb);
    uint64_t bytes = (uint64_t)extent.count * run->disk->block_bytes;

    if (has_flags(run->cdb) && (run->cdb[1] & 0xe0) != 0) {
        scsi_fail_field(run, 1); // RDPROTECT, WRPROTECT: no protection information is kept
        return false;
    }
    if (!extent_check(run, &extent))
        return false;
    if (bytes > run->command->data_length) {
        scsi_fail_field(run, extent.count_field);
        return false;
    }
    run->outcome->lba = extent.lba;
    run->outcome->bytes = (uint32_t)bytes;
    return bytes != 0;
}

void scsi_do_read(struct scsi_run *run)
{
    if (transfer_prepare(run))
        run->outcome->action = SCSI_READ;
}

void scsi_do_write(struct scsi_run *run)
{
    if (run->disk->read_only) {
        scsi_fail(run, SCSI_DATA_PROTECT, SCSI_ASC_WRITE_PROTECTED);
        return;
    }
    if (!transfer_prepare(run))
        return;
    run->outcome->action = SCSI_WRITE;
    run->outcome->force = has_flags(run->cdb) && (run->cdb[1] & 0x08) != 0 &&
                          run->disk->can_flush && run->disk->write_cache;
}

// VERIFY without comparison: the device has no such request, so the range is all that is checked.
void scsi_do_verify(struct scsi_run *run)
{
    struct extent extent = extent_get(run->cdb);

    if ((run->cdb[1] & 0xe6) != 0) {
        scsi_fail_field(run, 1); // VRPROTECT, BYTCHK
        return;
    }
    extent_check(run, &extent);
}

// The device flushes everything or nothing, so a flush of a range is a flush of all.
void scsi_do_synchronize_cache(struct scsi_run *run)
{
    struct extent extent = extent_get(run->cdb);

    if (extent_check(run, &extent) && run->disk->can_flush)
        run->outcome->action = SCSI_FLUSH;
}

// START STOP UNIT: there is nothing to spin down, but a stop makes writes durable (SBC-3, 5.25).
void scsi_do_start_stop(struct scsi_run *run)
{
    uint8_t flags = run->cdb[4];
    bool stop = (flags & 0xf0) == 0 && (flags & 0x01) == 0;

    if ((flags & 0x02) != 0) {
        scsi_fail_field(run, 4); // LOEJ: the medium cannot be ejected
        return;
    }
    if (stop && (flags & 0x04) == 0 && run->disk->can_flush)
        run->outcome->action = SCSI_FLUSH;
}

// PREVENT ALLOW MEDIUM REMOVAL: the medium never leaves, so either wish is granted.
void scsi_do_prevent_removal(struct scsi_run *run)
{
    (void)run;
}

void scsi_do_test_unit_ready(struct scsi_run *run)
{
    (void)run;
}

void scsi_do_read_capacity_10(struct scsi_run *run)
{
    uint8_t bytes[8];
    uint64_t last = run->disk->blocks - 1;

    // All ones tell the caller to ask with READ CAPACITY (16).
    scsi_put32(bytes, last < UINT32_MAX ? (uint32_t)last : UINT32_MAX);
    scsi_put32(bytes + 4, run->disk->block_bytes);
    scsi_answer(run, bytes, sizeof(bytes), sizeof(bytes));
}

// SERVICE ACTION IN (16), of which only READ CAPACITY (16) is there.
void scsi_do_service_action_in_16(struct scsi_run *run)
{
    uint8_t bytes[32] = {0};

    if ((run->cdb[1] & 0x1f) != 0x10) {
        scsi_fail_field(run, 1);
        return;
    }
    if (run->disk->blocks == 0) {
        scsi_fail(run, SCSI_NOT_READY, SCSI_ASC_NO_MEDIUM);
        return;
    }
    scsi_put64(bytes, run->disk->blocks - 1);
    scsi_put32(bytes + 8, run->disk->block_bytes);
    bytes[13] = run->disk->physical_exponent & 0x0f;
    scsi_put16(bytes + 14, run->disk->lowest_aligned & 0x3fff);
    scsi_answer(run, bytes, sizeof(bytes), scsi_get32(run->cdb + 10));
}
