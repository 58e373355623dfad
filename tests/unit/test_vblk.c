/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "drivers-src/viostor/vblk.h"

#define BIT(n) ((uint64_t)1 << (n))

static void limits_of_an_ordinary_device(void **state)
{
    const struct vblk_config config = {.seg_max = 254};
    struct vblk_limits limits;

    (void)state;
    assert_true(vblk_limits_make(&config, 256, &limits));
    assert_int_equal(limits.segments, 254);
    assert_true(limits.segment_bytes == UINT32_MAX);
    assert_int_equal(limits.pages, 254);
    assert_int_equal(limits.transfer_bytes, 253 * 4096);
}

static void limits_without_statement_follow_the_ring_and_our_own(void **state)
{
    const struct vblk_config config = {0};
    struct vblk_limits limits;

    (void)state;
    assert_true(vblk_limits_make(&config, 128, &limits));
    assert_int_equal(limits.segments, 126);
    assert_true(vblk_limits_make(&config, 32768, &limits));
    assert_int_equal(limits.segments, VBLK_SEGMENTS_MAX);
    assert_int_equal(limits.transfer_bytes, 1 << 20);
}

static void small_pieces_lower_the_pages_not_below_what_windows_needs(void **state)
{
    struct vblk_config config = {.size_max = 1024, .seg_max = 16};
    struct vblk_limits limits;

    (void)state;
    assert_true(vblk_limits_make(&config, 256, &limits));
    assert_int_equal(limits.pages, 4);
    assert_int_equal(limits.transfer_bytes, 3 * 4096);
    config.size_max = 1000; /* five pieces for a page */
    assert_true(vblk_limits_make(&config, 256, &limits));
    assert_int_equal(limits.pages, 3);
    config.seg_max = 9;
    assert_false(vblk_limits_make(&config, 256, &limits));
}

static void hostile_limits_are_refused_without_underflow(void **state)
{
    struct vblk_config config = {.size_max = 1, .seg_max = 1};
    struct vblk_limits limits;

    (void)state;
    assert_false(vblk_limits_make(&config, 256, &limits));
    config = (struct vblk_config){.size_max = 1, .seg_max = UINT32_MAX};
    assert_false(vblk_limits_make(&config, 32768, &limits));
    config = (struct vblk_config){.size_max = UINT32_MAX, .seg_max = 1};
    assert_false(vblk_limits_make(&config, 256, &limits));
    config = (struct vblk_config){0};
    for (uint16_t ring = 0; ring < 4; ring++)
        assert_false(vblk_limits_make(&config, ring, &limits));
    assert_true(vblk_limits_make(&config, 4, &limits));
    assert_int_equal(limits.transfer_bytes, 4096);
}

/* Cuts the pages of a transfer as a scatter list would have them, merged where `merge` says so, and
 * counts the pieces. */
static bool pages_fit(const struct vblk_limits *limits, uint32_t offset, uint32_t merge)
{
    struct vq_sg list[VBLK_SEGMENTS_MAX];
    uint32_t left = limits->transfer_bytes;
    uint64_t pa = 0x10000 + offset;
    uint16_t count = 0;

    while (left != 0) {
        uint32_t length = merge * VBLK_PAGE_BYTES - (uint32_t)(pa % VBLK_PAGE_BYTES);

        if (length > left)
            length = left;
        if (!vblk_pieces_add(list, &count, limits->segments, pa, length, limits->segment_bytes))
            return false;
        left -= length;
        pa = (pa + length + 0x100000) & ~(uint64_t)0xfff;
    }
    return true;
}

static void largest_transfer_fits_wherever_it_starts(void **state)
{
    static const uint32_t sizes[] = {100,  511,  1000, 1024,  2048,
                                     4095, 4096, 5000, 65536, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const struct vblk_config config = {.size_max = sizes[i], .seg_max = 254};
        struct vblk_limits limits;

        assert_true(vblk_limits_make(&config, 256, &limits));
        for (uint32_t offset = 0; offset < 4096; offset += 4) {
            assert_true(pages_fit(&limits, offset, 1));
            assert_true(pages_fit(&limits, offset, 3));
        }
    }
}

static void pieces_are_cut_and_counted(void **state)
{
    struct vq_sg list[4];
    uint16_t count = 0;

    (void)state;
    assert_true(vblk_pieces_add(list, &count, 3, 0x1000, 2500, 1000));
    assert_int_equal(count, 3);
    assert_true(list[2].pa == 0x1000 + 2000);
    assert_int_equal(list[2].len, 500);
    assert_false(vblk_pieces_add(list, &count, 3, 0x9000, 1, 1000));
    assert_true(vblk_pieces_add(list, &count, 3, 0x9000, 0, 1000));
}

static void disk_takes_a_usable_block_size_only(void **state)
{
    static const uint32_t bad[] = {0, 1, 511, 513, 1000, 8192, UINT32_MAX};
    struct vblk_config config = {.capacity = 80001, .blk_size = 4096};
    struct scsi_disk disk = {0};

    (void)state;
    vblk_disk_make(&config, BIT(VBLK_F_BLK_SIZE), &disk);
    assert_int_equal(disk.block_bytes, 4096);
    assert_int_equal(disk.blocks, 10000);
    vblk_disk_make(&config, 0, &disk);
    assert_int_equal(disk.block_bytes, 512);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        config.blk_size = bad[i];
        vblk_disk_make(&config, BIT(VBLK_F_BLK_SIZE), &disk);
        assert_int_equal(disk.block_bytes, 512);
        assert_int_equal(disk.blocks, 80001);
    }
}

static void disk_follows_negotiated_bits_not_fields(void **state)
{
    const struct vblk_config config = {
        .capacity = 8, .physical_block_exp = 3, .alignment_offset = 1, .writeback = 1};
    struct scsi_disk disk = {0};

    (void)state;
    vblk_disk_make(&config, 0, &disk);
    assert_false(disk.read_only);
    assert_false(disk.can_flush);
    assert_false(disk.write_cache);
    assert_int_equal(disk.physical_exponent, 0);
    vblk_disk_make(&config, BIT(VBLK_F_RO) | BIT(VBLK_F_TOPOLOGY), &disk);
    assert_true(disk.read_only);
    assert_int_equal(disk.physical_exponent, 3);
    assert_int_equal(disk.lowest_aligned, 1);
}

static void physical_block_beyond_scsi_is_ignored(void **state)
{
    const struct vblk_config config = {.capacity = 8, .physical_block_exp = 16};
    struct scsi_disk disk = {0};

    (void)state;
    vblk_disk_make(&config, BIT(VBLK_F_TOPOLOGY), &disk);
    assert_int_equal(disk.physical_exponent, 0);
}

static void write_cache_follows_flush_and_config_wce(void **state)
{
    struct vblk_config config = {.capacity = 8};
    struct scsi_disk disk = {0};

    (void)state;
    vblk_disk_make(&config, BIT(VBLK_F_FLUSH), &disk);
    assert_true(disk.can_flush && disk.write_cache);
    vblk_disk_make(&config, BIT(VBLK_F_FLUSH) | BIT(VBLK_F_CONFIG_WCE), &disk);
    assert_true(disk.can_flush && !disk.write_cache);
    config.writeback = 1;
    vblk_disk_make(&config, BIT(VBLK_F_FLUSH) | BIT(VBLK_F_CONFIG_WCE), &disk);
    assert_true(disk.write_cache);
}

static void status_byte_decides(void **state)
{
    struct scsi_sense sense = {0};

    (void)state;
    assert_true(vblk_judge(VBLK_IN, VBLK_OK, 513, 512, &sense));
    assert_false(vblk_judge(VBLK_IN, VBLK_IOERR, 513, 512, &sense));
    assert_int_equal(sense.key, SCSI_MEDIUM_ERROR);
    assert_int_equal(sense.asc, SCSI_ASC_UNRECOVERED_READ_ERROR);
    assert_false(vblk_judge(VBLK_OUT, VBLK_IOERR, 1, 0, &sense));
    assert_int_equal(sense.asc, SCSI_ASC_WRITE_ERROR);
    assert_false(vblk_judge(VBLK_FLUSH, VBLK_UNSUPP, 1, 0, &sense));
    assert_int_equal(sense.key, SCSI_ILLEGAL_REQUEST);
    assert_false(vblk_judge(VBLK_OUT, 3, 1, 0, &sense));
    assert_int_equal(sense.key, SCSI_HARDWARE_ERROR);
}

static void unwritten_status_is_a_failure(void **state)
{
    struct scsi_sense sense = {0};

    (void)state;
    assert_false(vblk_judge(VBLK_IN, VBLK_UNWRITTEN, 513, 512, &sense));
    assert_int_equal(sense.key, SCSI_HARDWARE_ERROR);
}

static void read_that_counts_too_little_is_a_failure(void **state)
{
    struct scsi_sense sense = {0};

    (void)state;
    assert_false(vblk_judge(VBLK_IN, VBLK_OK, 512, 512, &sense));
    assert_int_equal(sense.key, SCSI_ABORTED_COMMAND);
    assert_true(vblk_judge(VBLK_IN, VBLK_OK, 1, 512, &sense)); /* does not count data at all */
    assert_true(vblk_judge(VBLK_IN, VBLK_OK, 0, 512, &sense));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_of_an_ordinary_device),
        cmocka_unit_test(limits_without_statement_follow_the_ring_and_our_own),
        cmocka_unit_test(small_pieces_lower_the_pages_not_below_what_windows_needs),
        cmocka_unit_test(hostile_limits_are_refused_without_underflow),
        cmocka_unit_test(largest_transfer_fits_wherever_it_starts),
        cmocka_unit_test(pieces_are_cut_and_counted),
        cmocka_unit_test(disk_takes_a_usable_block_size_only),
        cmocka_unit_test(disk_follows_negotiated_bits_not_fields),
        cmocka_unit_test(physical_block_beyond_scsi_is_ignored),
        cmocka_unit_test(write_cache_follows_flush_and_config_wce),
        cmocka_unit_test(status_byte_decides),
        cmocka_unit_test(unwritten_status_is_a_failure),
        cmocka_unit_test(read_that_counts_too_little_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
