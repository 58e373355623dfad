// SPDX-License-Identifier: BSD-3-Clause
//
// virtio-blk as data (virtio 1.2, 5.2): features, configuration, requests, and what follows from
// them. Pure logic like scsi.h: the caller reads the configuration and runs the queue. Nothing
// that comes from the device is used before it was checked here.

#ifndef VIOSTOR_VBLK_H
#define VIOSTOR_VBLK_H

#include <stdbool.h>
#include <stdint.h>

#include "scsi.h"
#include "virtio/vq.h"

// Feature bits (virtio 1.2, 5.2.3).
enum vblk_feature {
    VBLK_F_SIZE_MAX = 1,
    VBLK_F_SEG_MAX = 2,
    VBLK_F_RO = 5,
    VBLK_F_BLK_SIZE = 6,
    VBLK_F_FLUSH = 9,
    VBLK_F_TOPOLOGY = 10,
    VBLK_F_CONFIG_WCE = 11
};

// Offsets in the device configuration (virtio 1.2, 5.2.4). A field is there only under its bit.
enum vblk_config_offset {
    VBLK_CAPACITY = 0,            // le64, in sectors
    VBLK_SIZE_MAX = 8,            // le32
    VBLK_SEG_MAX = 12,            // le32
    VBLK_BLK_SIZE = 20,           // le32
    VBLK_PHYSICAL_BLOCK_EXP = 24, // u8
    VBLK_ALIGNMENT_OFFSET = 25,   // u8
    VBLK_WRITEBACK = 32           // u8
};

// The unit of `capacity` and of every request, whatever the block size.
#define VBLK_SECTOR_BYTES 512u

// Request types (virtio 1.2, 5.2.6).
enum vblk_type { VBLK_IN = 0, VBLK_OUT = 1, VBLK_FLUSH = 4, VBLK_GET_ID = 8 };

// Status byte. A request starts with a value that no device writes, so that a device that
// "finishes" a request without writing its status is found out.
enum vblk_status { VBLK_OK = 0, VBLK_IOERR = 1, VBLK_UNSUPP = 2, VBLK_UNWRITTEN = 0xff };

#define VBLK_ID_BYTES 20u

// What goes before a request's data, all little-endian.
struct vblk_header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};

// The configuration as read, a field that is not there as 0.
struct vblk_config {
    uint64_t capacity;
    uint32_t size_max;
    uint32_t seg_max;
    uint32_t blk_size;
    uint8_t physical_block_exp;
    uint8_t alignment_offset;
    uint8_t writeback;
};

// What one request may carry.
struct vblk_limits {
    uint16_t segments;       // most pieces of data, at least 2
    uint32_t segment_bytes;  // most bytes of a piece
    uint32_t pages;          // most pages that data may touch; any such data fits `segments`
    uint32_t transfer_bytes; // most bytes, wherever in a page they start
};

// Most pieces of data of a request: a transfer of 1 MiB that starts within a page.
#define VBLK_SEGMENTS_MAX 257u

// Descriptors that a request takes besides its data: header and status.
#define VBLK_EXTRA_SEGMENTS 2u

#define VBLK_PAGE_BYTES 4096u

// Derives the limits from the configuration and the queue's size. A size_max or seg_max of 0
// states no limit. Returns false if what is left cannot carry a page that starts within a page,
// so that the device cannot serve Windows.
bool vblk_limits_make(const struct vblk_config *config, uint16_t ring_size,
                      struct vblk_limits *limits);

// Fills all of `disk` but the serial number from the configuration and the negotiated features.
// A block size that SCSI or Windows could not use is ignored, as virtio takes it for a hint.
void vblk_disk_make(const struct vblk_config *config, uint64_t features, struct scsi_disk *disk);

// Changes the disk's size to a new `capacity` in sectors.
void vblk_disk_resize(struct scsi_disk *disk, uint64_t capacity);

// Appends the bytes at `pa` to a list of `*count` pieces with room for `room`, cut into pieces of
// at most `segment_bytes`. Returns false if they do not fit; `*count` is undefined then.
bool vblk_pieces_add(struct vq_sg *list, uint16_t *count, uint16_t room, uint64_t pa,
                     uint32_t length, uint32_t segment_bytes);

// Judges a finished request: `status` is the status byte, `used` the length from the used ring,
// `bytes` how much data the device was to write. Returns true if it succeeded, else fills `*sense`.
bool vblk_judge(enum vblk_type type, uint8_t status, uint32_t used, uint32_t bytes,
                struct scsi_sense *sense);

#endif
