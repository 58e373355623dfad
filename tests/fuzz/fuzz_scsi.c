// SPDX-License-Identifier: GPL-3.0-or-later
//
// viostor's SCSI disk with a disk, a command and a buffer from the input, and the pieces of a
// transfer that it asks for.
//
// Input: capacity (8 bytes), block size exponent, flags, serial number (20 bytes), seg_max and
// size_max (4 bytes each), queue size (2), attention (2), data length (4), CDB length, CDB. What
// must hold: transfers lie within disk and buffer, answers within the buffer, sense is told if and
// only if the command failed, and every transfer that the limits allow fits a request.

#include "drivers-src/viostor/vblk.h"
#include "tests/fuzz/fuzz.h"

enum { ANSWER_ROOM = 64 };

static void check_pieces(const struct vblk_limits *limits, uint32_t bytes, uint32_t offset)
{
    static struct vq_sg list[VBLK_SEGMENTS_MAX];
    uint16_t count = 0;
    uint32_t done = 0;

    if (bytes > limits->transfer_bytes)
        return;
    while (done < bytes) {
        uint32_t piece = VBLK_PAGE_BYTES - (offset + done) % VBLK_PAGE_BYTES;

        if (piece > bytes - done)
            piece = bytes - done;
        FUZZ_CHECK(vblk_pieces_add(list, &count, limits->segments, (uint64_t)done * 3 + offset,
                                   piece, limits->segment_bytes));
        done += piece;
    }
    FUZZ_CHECK(count <= limits->segments);
}

static void check_outcome(const struct scsi_disk *disk, const struct scsi_command *command,
                          const struct scsi_outcome *outcome)
{
    uint64_t blocks = outcome->bytes / disk->block_bytes;

    FUZZ_CHECK(outcome->transferred <= outcome->answer);
    FUZZ_CHECK(outcome->transferred <= command->data_length);
    FUZZ_CHECK(outcome->status == SCSI_GOOD || outcome->action == SCSI_COMPLETE);
    FUZZ_CHECK((outcome->status == SCSI_CHECK_CONDITION) == (outcome->sense.key != 0));
    FUZZ_CHECK(!outcome->attention_told || command->attention != 0);
    FUZZ_CHECK(outcome->action != SCSI_FLUSH || disk->can_flush);
    FUZZ_CHECK(outcome->action != SCSI_WRITE || !disk->read_only);
    if (outcome->action != SCSI_READ && outcome->action != SCSI_WRITE)
        return;
    FUZZ_CHECK(outcome->bytes != 0 && outcome->bytes % disk->block_bytes == 0);
    FUZZ_CHECK(outcome->bytes <= command->data_length);
    FUZZ_CHECK(outcome->lba < disk->blocks && blocks <= disk->blocks - outcome->lba);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct vblk_config config = {0};
    struct vblk_limits limits;
    struct scsi_disk disk = {0};
    struct scsi_command command = {0};
    struct scsi_outcome outcome;
    uint8_t answer[ANSWER_ROOM + 1];
    uint8_t serial[SCSI_SERIAL_MAX];
    uint8_t cdb[SCSI_CDB_MAX];
    uint8_t sense[SCSI_SENSE_BYTES];

    config.capacity = fuzz_u32(&in);
    config.capacity |= (uint64_t)fuzz_u32(&in) << 32;
    config.blk_size = 1u << (fuzz_u8(&in) % 32);
    config.physical_block_exp = fuzz_u8(&in);
    vblk_disk_make(&config, fuzz_u8(&in) * (uint64_t)0x11, &disk);
    for (size_t i = 0; i < sizeof(serial); i++)
        serial[i] = fuzz_u8(&in);
    scsi_disk_set_serial(&disk, serial, sizeof(serial));

    config.seg_max = fuzz_u32(&in);
    config.size_max = fuzz_u32(&in);
    bool usable = vblk_limits_make(&config, fuzz_u16(&in), &limits);

    command.attention = fuzz_u16(&in);
    command.data_length = fuzz_u32(&in);
    command.cdb_length = fuzz_u8(&in) % (SCSI_CDB_MAX + 1);
    for (size_t i = 0; i < sizeof(cdb); i++)
        cdb[i] = fuzz_u8(&in);
    command.cdb = cdb;
    // Only answers go to the buffer; what lies behind them is watched.
    command.data = answer;
    uint32_t claimed = command.data_length;
    if (cdb[0] == 0x03 || cdb[0] == 0x12 || cdb[0] == 0x1a || cdb[0] == 0x25 || cdb[0] == 0x5a ||
        cdb[0] == 0x9e || cdb[0] == 0xa0)
        claimed %= ANSWER_ROOM + 1;
    command.data_length = claimed;
    answer[claimed < ANSWER_ROOM ? claimed : ANSWER_ROOM] = 0xa5;

    scsi_execute(&disk, &command, &outcome);
    FUZZ_CHECK(answer[claimed < ANSWER_ROOM ? claimed : ANSWER_ROOM] == 0xa5);
    check_outcome(&disk, &command, &outcome);
    FUZZ_CHECK(scsi_sense_fixed(&outcome.sense, sense, sizeof(sense)) == sizeof(sense));
    if (usable && (outcome.action == SCSI_READ || outcome.action == SCSI_WRITE))
        check_pieces(&limits, outcome.bytes, cdb[15] * 16u);
    return 0;
}
