// SPDX-License-Identifier: BSD-3-Clause
//
// A SCSI disk in front of a block device: what each command means and what is answered (SPC-4,
// SBC-3). Pure logic: no system call, no device access, no state between calls, so that it runs
// and is tested anywhere. Whoever calls it moves the data: scsi_execute() either finishes a
// command by itself or says which transfer to do.
//
//   scsi_command.c   opcode table, checks common to all commands
//   scsi_block.c     READ, WRITE, VERIFY, SYNCHRONIZE CACHE, START STOP UNIT, READ CAPACITY
//   scsi_inquiry.c   INQUIRY and the vital product data pages, REPORT LUNS
//   scsi_mode.c      MODE SENSE
//   scsi_sense.c     sense data, REQUEST SENSE
//
// Any IRQL; nothing blocks, allocates or loops over anything but constant tables and the buffers
// given.

#ifndef VIOSTOR_SCSI_H
#define VIOSTOR_SCSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Longest serial number in characters (virtio 1.2, 5.2.6: VIRTIO_BLK_T_GET_ID gives 20 bytes).
#define SCSI_SERIAL_MAX 20u

// Longest CDB that is looked at.
#define SCSI_CDB_MAX 16u

// Bytes of fixed format sense data (SPC-4, 4.5.3), the format used for automatic sense.
#define SCSI_SENSE_BYTES 18u

enum scsi_status { SCSI_GOOD = 0x00, SCSI_CHECK_CONDITION = 0x02 };

enum scsi_sense_key {
    SCSI_NO_SENSE = 0x0,
    SCSI_NOT_READY = 0x2,
    SCSI_MEDIUM_ERROR = 0x3,
    SCSI_HARDWARE_ERROR = 0x4,
    SCSI_ILLEGAL_REQUEST = 0x5,
    SCSI_UNIT_ATTENTION = 0x6,
    SCSI_DATA_PROTECT = 0x7,
    SCSI_ABORTED_COMMAND = 0xb
};

// Additional sense code and qualifier, as (ASC << 8 | ASCQ) (SPC-4, annex F).
enum scsi_asc {
    SCSI_ASC_NONE = 0x0000,
    SCSI_ASC_WRITE_ERROR = 0x0c00,
    SCSI_ASC_UNRECOVERED_READ_ERROR = 0x1100,
    SCSI_ASC_INVALID_COMMAND = 0x2000,
    SCSI_ASC_LBA_OUT_OF_RANGE = 0x2100,
    SCSI_ASC_INVALID_FIELD_IN_CDB = 0x2400,
    SCSI_ASC_WRITE_PROTECTED = 0x2700,
    SCSI_ASC_CAPACITY_CHANGED = 0x2a09,
    SCSI_ASC_SAVING_NOT_SUPPORTED = 0x3900,
    SCSI_ASC_NO_MEDIUM = 0x3a00,
    SCSI_ASC_INTERNAL_FAILURE = 0x4400
};

struct scsi_sense {
    uint8_t key;    // enum scsi_sense_key
    uint16_t asc;   // enum scsi_asc
    bool has_field; // `field` is the byte of the CDB that is wrong
    uint16_t field;
};

// The disk. A caller fills it anew whenever the device tells of a change.
struct scsi_disk {
    uint64_t blocks;           // 0: no medium
    uint32_t block_bytes;      // a power of two from 512 to 4096
    uint8_t physical_exponent; // log2 of logical blocks in a physical block, 0 to 15
    uint16_t lowest_aligned;   // first block at a physical block's start, below 16384
    bool read_only;
    bool can_flush;   // a flush command reaches the device
    bool write_cache; // finished writes may still be volatile
    uint8_t serial_length;
    char serial[SCSI_SERIAL_MAX]; // printable ASCII, not terminated
};

struct scsi_command {
    uint8_t path, target, lun;
    const uint8_t *cdb;
    uint8_t cdb_length;
    uint8_t *data;        // where answers go; not used for transfers. NULL: no room
    uint32_t data_length; // bytes of data buffer, for transfers too
    uint16_t attention;   // pending unit attention (enum scsi_asc), 0 if none
};

// What the caller has to do now.
enum scsi_action {
    SCSI_COMPLETE, // finish the command with `status`, `sense` and `transferred`
    SCSI_NO_UNIT,  // nobody is at this address
    SCSI_READ,     // move `bytes` from block `lba` on into the buffer
    SCSI_WRITE,    // move `bytes` out of the buffer to block `lba` on; flush then if `force`
    SCSI_FLUSH     // make all finished writes durable
};

struct scsi_outcome {
    enum scsi_action action;
    enum scsi_status status;
    struct scsi_sense sense;
    bool attention_told;  // the pending unit attention was reported and is no longer pending
    uint32_t answer;      // bytes of answer there are for the allocation length
    uint32_t transferred; // how many of them `data` had room for
    uint64_t lba;         // in logical blocks
    uint32_t bytes;       // never more than data_length, a multiple of block_bytes, not 0
    bool force;           // FUA on a disk with a write cache
};

// Interprets one command and fills `*outcome` wholly. A transfer that is asked for lies within the
// disk, and within the buffer. Answers longer than the allocation length or the buffer are cut,
// which is no error (SPC-4, 4.2.5.6).
void scsi_execute(const struct scsi_disk *disk, const struct scsi_command *command,
                  struct scsi_outcome *outcome);

// Whether the command, which scsi_execute() found a unit for, is an INQUIRY.
static inline bool scsi_is_inquiry(const struct scsi_command *command)
{
    return command->cdb_length != 0 && command->cdb[0] == 0x12;
}

// Writes sense data in fixed format, cut to `room` bytes. Returns the number of bytes written.
size_t scsi_sense_fixed(const struct scsi_sense *sense, void *buffer, size_t room);

// The same in descriptor format (SPC-4, 4.5.2).
size_t scsi_sense_descriptor(const struct scsi_sense *sense, void *buffer, size_t room);

// Takes a serial number as a device gives it into `disk`: up to the first NUL and `length` bytes,
// without blanks at either end; what is not printable ASCII becomes '_'.
void scsi_disk_set_serial(struct scsi_disk *disk, const void *serial, size_t length);

#endif
