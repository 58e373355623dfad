// SPDX-License-Identifier: BSD-3-Clause
//
// virtio-blk as data: limits, disk, verdict on a finished request.

#include "vblk.h"

#define BIT(n) ((uint64_t)1 << (n))

// The block sizes that Windows works with.
#define BLOCK_BYTES_MAX 4096u

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

bool vblk_limits_make(const struct vblk_config *config, uint16_t ring_size,
                      struct vblk_limits *limits)
{
    uint32_t segments = VBLK_SEGMENTS_MAX;
    uint32_t segment_bytes = config->size_max != 0 ? config->size_max : UINT32_MAX;
    uint32_t pieces_per_page;

    // No chain may be longer than the queue, indirect tables included (virtio 1.2, 2.7.5.3.1).
    if (ring_size <= VBLK_EXTRA_SEGMENTS)
        return false;
    segments = least(segments, ring_size - VBLK_EXTRA_SEGMENTS);
    if (config->seg_max != 0)
        segments = least(segments, config->seg_max);

    // A run of n whole pages takes at most n times the pieces of one page, so counting pages is
    // enough. From a page up, a piece holds at least one.
    pieces_per_page = 1;
    if (segment_bytes < VBLK_PAGE_BYTES)
        pieces_per_page = (VBLK_PAGE_BYTES + segment_bytes - 1) / segment_bytes;
    limits->pages = segments / pieces_per_page;
    if (limits->pages < 2)
        return false;
    limits->segments = (uint16_t)segments;
    limits->segment_bytes = segment_bytes;
    limits->transfer_bytes = (limits->pages - 1) * VBLK_PAGE_BYTES;
    return true;
}

static bool block_bytes_usable(uint32_t bytes)
{
    return bytes >= VBLK_SECTOR_BYTES && bytes <= BLOCK_BYTES_MAX && (bytes & (bytes - 1)) == 0;
}

void vblk_disk_resize(struct scsi_disk *disk, uint64_t capacity)
{
    disk->blocks = capacity;
    // Halved instead of divided: 64-bit division is not there on x86. At most three rounds.
    for (uint32_t size = disk->block_bytes; size > VBLK_SECTOR_BYTES; size /= 2)
        disk->blocks /= 2;
}

void vblk_disk_make(const struct vblk_config *config, uint64_t features, struct scsi_disk *disk)
{
    disk->block_bytes = VBLK_SECTOR_BYTES;
    if ((features & BIT(VBLK_F_BLK_SIZE)) != 0 && block_bytes_usable(config->blk_size))
        disk->block_bytes = config->blk_size;
    vblk_disk_resize(disk, config->capacity);

    disk->physical_exponent = 0;
    disk->lowest_aligned = 0;
    if ((features & BIT(VBLK_F_TOPOLOGY)) != 0 && config->physical_block_exp <= 15) {
        disk->physical_exponent = config->physical_block_exp;
        disk->lowest_aligned = config->alignment_offset;
    }
    disk->read_only = (features & BIT(VBLK_F_RO)) != 0;
    // Without FLUSH every finished write is durable (virtio 1.2, 5.2.5.1); without CONFIG_WCE the
    // cache must be taken for a write-back one.
    disk->can_flush = (features & BIT(VBLK_F_FLUSH)) != 0;
    disk->write_cache = disk->can_flush;
    if ((features & BIT(VBLK_F_CONFIG_WCE)) != 0 && config->writeback == 0)
        disk->write_cache = false;
}

bool vblk_pieces_add(struct vq_sg *list, uint16_t *count, uint16_t room, uint64_t pa,
                     uint32_t length, uint32_t segment_bytes)
{
    // At most `room` rounds, as each takes a place in the list.
    while (length != 0) {
        uint32_t piece = least(length, segment_bytes);

        if (*count >= room)
            return false;
        list[*count].pa = pa;
        list[*count].len = piece;
        (*count)++;
        pa += piece;
        length -= piece;
    }
    return true;
}

static bool fail(struct scsi_sense *sense, enum scsi_sense_key key, enum scsi_asc asc)
{
    *sense = (struct scsi_sense){.key = (uint8_t)key, .asc = (uint16_t)asc};
    return false;
}

bool vblk_judge(enum vblk_type type, uint8_t status, uint32_t used, uint32_t bytes,
                struct scsi_sense *sense)
{
    switch (status) {
    case VBLK_OK:
        break;
    case VBLK_IOERR:
        if (type == VBLK_IN)
            return fail(sense, SCSI_MEDIUM_ERROR, SCSI_ASC_UNRECOVERED_READ_ERROR);
        return fail(sense, SCSI_MEDIUM_ERROR, SCSI_ASC_WRITE_ERROR);
    case VBLK_UNSUPP:
        return fail(sense, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_COMMAND);
    default:
        return fail(sense, SCSI_HARDWARE_ERROR, SCSI_ASC_INTERNAL_FAILURE);
    }
    // The used length counts the status byte after the data. Some hypervisors always say 1, or 0,
    // so a length that counts no data proves nothing; but one that counts less data than was
    // asked for says itself that the buffer was not filled.
    if (used > 1 && used - 1 < bytes)
        return fail(sense, SCSI_ABORTED_COMMAND, SCSI_ASC_INTERNAL_FAILURE);
    return true;
}
