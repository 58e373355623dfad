/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images bent by hand: each must be refused with the place and the reason. */
#include "tests/unit/iso_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "iso/ecma119.h"
#include "iso/reader.h"
#include "iso/reader_private.h"

static struct vf_buf image;
static size_t root, drivers, w11; /* offsets of directories in the Joliet tree */

static size_t directory_at(size_t record)
{
    return (size_t)vf_le32(image.data + record + ISO_DR_EXTENT) * ISO_BLOCK;
}

static int load(void **state)
{
    if (fixture_enter(state) != 0)
        return -1;
    fixture_image("disc.iso");
    image = fixture_load("disc.iso");
    root = fixture_root(&image, 1);
    drivers = directory_at(fixture_record(&image, root, 2));
    w11 = directory_at(fixture_record(&image, drivers, 2));
    return 0;
}

static int unload(void **state)
{
    vf_buf_free(&image);
    return fixture_leave(state);
}

static enum vf_code check_image(struct iso_checked *checked, struct vf_err *err)
{
    fixture_store("bent.iso", &image);
    struct iso_image file = {open("bent.iso", O_RDONLY), "bent.iso", image.size};
    assert_true(file.fd >= 0);
    enum vf_code code = iso_check(&file, checked, err);
    close(file.fd);
    return code;
}

static void assert_refused(const char *reason)
{
    struct iso_checked checked;
    struct vf_err err = {VF_OK, ""};
    struct iso_reader *reader;
    assert_int_equal(check_image(&checked, &err), VF_MALFORMED);
    if (!strstr(err.text, reason))
        print_error("'%s' should mention '%s'\n", err.text, reason);
    assert_non_null(strstr(err.text, reason));
    assert_non_null(strstr(err.text, "bent.iso"));
    assert_int_equal(iso_reader_open("bent.iso", &reader, NULL), VF_MALFORMED);
}

static void a_good_image_passes(void **state)
{
    (void)state;
    struct iso_checked checked;
    assert_int_equal(check_image(&checked, NULL), VF_OK);
    assert_true(checked.joliet);
    assert_int_equal(checked.entries, 6);
    assert_int_equal(checked.blocks * ISO_BLOCK, image.size);
}

static void an_image_cut_off_is_refused(void **state)
{
    (void)state;
    image.size -= ISO_BLOCK;
    assert_refused("cut off");
    image.size = 17 * ISO_BLOCK;
    assert_refused("ends here");
}

static void block_sizes_other_than_2048_are_refused(void **state)
{
    (void)state;
    vf_put_le16(image.data + 17 * ISO_BLOCK + ISO_VD_BLOCK_SIZE, 512);
    vf_put_be16(image.data + 17 * ISO_BLOCK + ISO_VD_BLOCK_SIZE + 2, 512);
    assert_refused("block size");
}

static void byte_orders_that_differ_are_refused(void **state)
{
    (void)state;
    size_t space = 17 * ISO_BLOCK + ISO_VD_SPACE;
    image.data[space + 7]++;
    assert_refused("byte orders of the volume's size");
    image.data[space + 7]--;
    size_t record = fixture_record(&image, root, 2);
    image.data[record + ISO_DR_EXTENT]++;
    assert_refused("byte orders of a record");
    image.data[record + ISO_DR_EXTENT]--;
    image.data[record + ISO_DR_SIZE + 7]++;
    assert_refused("byte orders of a record");
}

static void descriptors_without_end_are_refused(void **state)
{
    (void)state;
    image.data[18 * ISO_BLOCK] = 2;
    assert_refused("no volume descriptor");
    image.data[18 * ISO_BLOCK] = 255;
    image.data[16 * ISO_BLOCK] = 2;
    assert_refused("not the primary");
}

static void sixty_four_descriptors_are_the_limit(void **state)
{
    (void)state;
    struct vf_buf longer = VF_BUF_INIT;
    vf_buf_append(&longer, image.data, 18 * ISO_BLOCK);
    for (int i = 0; i < 100; i++) {
        vf_buf_append(&longer, image.data + 18 * ISO_BLOCK, ISO_BLOCK);
        longer.data[longer.size - ISO_BLOCK] = 3;
    }
    vf_buf_free(&image);
    image = longer;
    assert_refused("first 64");
}

static void extents_outside_are_refused(void **state)
{
    (void)state;
    uint32_t blocks = (uint32_t)(image.size / ISO_BLOCK);
    size_t record = fixture_record(&image, root, 3);
    fixture_put32(&image, record + ISO_DR_EXTENT, blocks);
    assert_refused("outside the image");
    fixture_put32(&image, record + ISO_DR_EXTENT, blocks - 1);
    fixture_put32(&image, record + ISO_DR_SIZE, ISO_BLOCK + 1);
    assert_refused("outside the image");
    fixture_put32(&image, record + ISO_DR_EXTENT, UINT32_MAX);
    fixture_put32(&image, record + ISO_DR_SIZE, UINT32_MAX);
    assert_refused("outside the image");
}

static void loops_of_directories_are_refused(void **state)
{
    (void)state;
    size_t record = fixture_record(&image, drivers, 2);
    fixture_put32(&image, record + ISO_DR_EXTENT, (uint32_t)(root / ISO_BLOCK));
    assert_refused("a loop");
    fixture_put32(&image, record + ISO_DR_EXTENT, (uint32_t)(drivers / ISO_BLOCK));
    assert_refused("a loop");
}

static void directories_of_wrong_size_are_refused(void **state)
{
    (void)state;
    size_t record = fixture_record(&image, root, 2);
    fixture_put32(&image, record + ISO_DR_SIZE, 0);
    assert_refused("multiple of 2048");
    fixture_put32(&image, record + ISO_DR_SIZE, 100);
    assert_refused("multiple of 2048");
}

static void records_that_overrun_are_refused(void **state)
{
    (void)state;
    size_t record = fixture_record(&image, w11, 2);
    uint8_t was = image.data[record];
    image.data[record + ISO_DR_ID_SIZE] = was;
    assert_refused("too short for its name");
    image.data[record + ISO_DR_ID_SIZE] = 0;
    assert_refused("too short for its name");
    image.data[record] = 20;
    assert_refused("too short");
}

static void records_across_blocks_are_refused(void **state)
{
    (void)state;
    /* enough copies of a file's record to reach the end of the block, the last one too long */
    size_t record = fixture_record(&image, w11, 2), size = image.data[record], at = record;
    while (at + size <= w11 + ISO_BLOCK) {
        memcpy(image.data + at, image.data + record, size);
        at += size;
    }
    image.data[at] = (uint8_t)size;
    assert_refused("crosses a block");
}

static void data_behind_the_last_record_is_refused(void **state)
{
    (void)state;
    image.data[w11 + ISO_BLOCK - 1] = 1;
    assert_refused("behind a directory's last record");
}

static void directories_must_begin_with_themselves(void **state)
{
    (void)state;
    image.data[fixture_record(&image, w11, 0) + ISO_DR_ID] = 1;
    assert_refused("itself and its parent");
    image.data[fixture_record(&image, w11, 0) + ISO_DR_ID] = 0;
    image.data[fixture_record(&image, w11, 1) + ISO_DR_FLAGS] = 0;
    assert_refused("itself and its parent");
    fixture_put32(&image, w11 + ISO_DR_EXTENT, (uint32_t)(w11 / ISO_BLOCK) - 1);
    assert_refused("itself and its parent");
    memset(image.data + w11, 0, ISO_BLOCK);
    assert_refused("without records for itself");
}

static void special_files_are_refused(void **state)
{
    (void)state;
    size_t record = fixture_record(&image, root, 3);
    image.data[record + ISO_DR_FLAGS] = ISO_FLAG_MULTI_EXTENT;
    assert_refused("several extents");
    image.data[record + ISO_DR_FLAGS] = ISO_FLAG_ASSOCIATED;
    assert_refused("associated");
    image.data[record + ISO_DR_FLAGS] = 0;
    image.data[record + ISO_DR_UNIT] = 1;
    assert_refused("interleaving");
    image.data[record + ISO_DR_UNIT] = 0;
    image.data[record + ISO_DR_XATTR] = 1;
    assert_refused("extended attributes");
}

static void names_that_the_library_cuts_are_refused(void **state)
{
    (void)state;
    size_t id = fixture_record(&image, root, 3) + ISO_DR_ID;
    for (size_t i = 0; i < 20; i += 2)
        image.data[id + i] = 0x08; /* U+08xx: three bytes in UTF-8 */
    assert_refused("longer in UTF-8");
    for (size_t i = 0; i < 20; i += 2)
        image.data[id + i] = 0;
    image.data[id] = 0xD8;
    assert_refused("not UCS-2");
    image.data[id] = 0;
    image.data[id + 1] = 0;
    assert_refused("zero character");
    memset(image.data + id, 0, 24);
    image.data[id - 1] = 1;
    image.data[id] = 1;
    assert_refused("second record");
}

static void without_joliet_the_primary_tree_is_checked(void **state)
{
    (void)state;
    struct iso_checked checked;
    image.data[17 * ISO_BLOCK + ISO_VD_ESCAPES] = 0;
    assert_int_equal(check_image(&checked, NULL), VF_OK);
    assert_false(checked.joliet);
    size_t primary = fixture_root(&image, 0);
    image.data[fixture_record(&image, primary, 3) + ISO_DR_ID] = 0;
    assert_refused("zero byte");
}

static void deep_trees_are_refused(void **state)
{
    (void)state;
    /* 40 directories one in another, built of the block of w11 */
    struct vf_buf deep = VF_BUF_INIT;
    uint32_t first = (uint32_t)(image.size / ISO_BLOCK);
    vf_buf_append_view(&deep, vf_view_of(&image));
    vf_buf_append_zero(&deep, 40 * ISO_BLOCK);
    fixture_put32(&deep, fixture_record(&deep, drivers, 2) + ISO_DR_EXTENT, first);
    for (uint32_t i = 0; i < 40; i++) {
        uint8_t *block = deep.data + (size_t)(first + i) * ISO_BLOCK;
        size_t at = (size_t)(block - deep.data);
        memcpy(block, deep.data + drivers, 34 + 34);
        memcpy(block + 68, deep.data + fixture_record(&deep, drivers, 2),
               deep.data[fixture_record(&deep, drivers, 2)]);
        fixture_put32(&deep, at + ISO_DR_EXTENT, first + i);
        fixture_put32(&deep, at + 68 + ISO_DR_EXTENT, first + i + 1);
    }
    fixture_put32(&deep, 17 * ISO_BLOCK + ISO_VD_SPACE, (uint32_t)(deep.size / ISO_BLOCK));
    vf_buf_free(&image);
    image = deep;
    assert_refused("32 levels");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, load, unload)
    const struct CMUnitTest tests[] = {
        CASE(a_good_image_passes),
        CASE(an_image_cut_off_is_refused),
        CASE(block_sizes_other_than_2048_are_refused),
        CASE(byte_orders_that_differ_are_refused),
        CASE(descriptors_without_end_are_refused),
        CASE(sixty_four_descriptors_are_the_limit),
        CASE(extents_outside_are_refused),
        CASE(loops_of_directories_are_refused),
        CASE(directories_of_wrong_size_are_refused),
        CASE(records_that_overrun_are_refused),
        CASE(records_across_blocks_are_refused),
        CASE(data_behind_the_last_record_is_refused),
        CASE(directories_must_begin_with_themselves),
        CASE(special_files_are_refused),
        CASE(names_that_the_library_cuts_are_refused),
        CASE(without_joliet_the_primary_tree_is_checked),
        CASE(deep_trees_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
