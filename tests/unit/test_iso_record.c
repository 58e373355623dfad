/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of an image at the places that ECMA-119 and Joliet give them. */
#include "tests/unit/iso_fixture.h"

#include <string.h>

#include "iso/ecma119.h"

static void assert_bytes(const uint8_t *data, const char *expected, size_t size)
{
    assert_memory_equal(data, expected, size);
}

static struct vf_buf image;

static int make_image(void **state)
{
    if (fixture_enter(state) != 0)
        return -1;
    fixture_image("disc.iso");
    image = fixture_load("disc.iso");
    return 0;
}

static int drop_image(void **state)
{
    vf_buf_free(&image);
    return fixture_leave(state);
}

static void system_area_is_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < ISO_SYSTEM_BLOCKS * ISO_BLOCK; i++)
        assert_int_equal(image.data[i], 0);
}

static void primary_descriptor_is_as_in_8_4(void **state)
{
    (void)state;
    const uint8_t *d = image.data + 16 * ISO_BLOCK;
    uint32_t blocks = (uint32_t)(image.size / ISO_BLOCK);
    assert_bytes(d, "\1CD001\1\0", 8);
    for (int i = 8; i < 40; i++)
        assert_int_equal(d[i], ' ');
    assert_bytes(d + 40, "DISC_OF_TESTS                   ", 32);
    assert_int_equal(vf_le32(d + 80), blocks);
    assert_int_equal(vf_be32(d + 84), blocks);
    assert_bytes(d + 120, "\1\0\0\1", 4);     /* volume set size */
    assert_bytes(d + 124, "\1\0\0\1", 4);     /* sequence number */
    assert_bytes(d + 128, "\0\x08\x08\0", 4); /* block size 2048 */
    assert_bytes(d + 574, "VIOFORGE  ", 10);
    assert_bytes(d + 813, "2023111422132000\0", 17); /* creation */
    assert_bytes(d + 830, "2023111422132000\0", 17); /* modification */
    assert_bytes(d + 847, "0000000000000000\0", 17); /* expiration: none */
    assert_bytes(d + 864, "0000000000000000\0", 17); /* effective: none */
    assert_int_equal(d[881], 1);
}

static void joliet_descriptor_is_as_in_8_5(void **state)
{
    (void)state;
    const uint8_t *d = image.data + 17 * ISO_BLOCK;
    assert_bytes(d, "\2CD001\1\0", 8);
    assert_bytes(d + 88, "%/E\0", 4);
    assert_bytes(d + 40, "\0D\0i\0s\0c\0 \0o\0f\0 \0t\0e\0s\0t\0s\0 \0 \0 ", 32);
    assert_bytes(d + 574, "\0V\0I\0O\0F\0O\0R\0G\0E\0 ", 18);
    assert_bytes(d + 702 + 34, "\0 \0", 3); /* 37 bytes: 18 spaces, then zero */
    assert_int_equal(d[881], 1);
}

static void descriptors_end_as_in_8_3(void **state)
{
    (void)state;
    assert_bytes(image.data + 18 * ISO_BLOCK,
                 "\xFF"
                 "CD001\1\0",
                 8);
}

static void root_record_names_the_root_directory(void **state)
{
    (void)state;
    for (int tree = 0; tree < 2; tree++) {
        const uint8_t *d = image.data + (size_t)(16 + tree) * ISO_BLOCK + 156;
        assert_int_equal(d[0], 34);
        assert_int_equal(vf_le32(d + 2), vf_be32(d + 6));
        assert_int_equal(vf_le32(d + 10), 2048);
        assert_int_equal(vf_be32(d + 14), 2048);
        assert_bytes(d + 18, "\x7B\x0B\x0E\x16\x0D\x14\0", 7); /* 2023-11-14 22:13:20 UTC */
        assert_int_equal(d[25], 2);
        assert_bytes(d + 28, "\1\0\0\1", 4);
        assert_int_equal(d[32], 1);
        /* the directory's own first record equals it (9.1) */
        assert_memory_equal(d, image.data + fixture_root(&image, tree), 34);
    }
}

static void directories_begin_with_themselves_and_their_parent(void **state)
{
    (void)state;
    size_t root = fixture_root(&image, 0);
    const uint8_t *drivers = image.data + fixture_record(&image, root, 2);
    assert_bytes(drivers + 32, "\7DRIVERS", 8);
    size_t directory = (size_t)vf_le32(drivers + 2) * ISO_BLOCK;
    assert_int_equal(image.data[directory + 33], 0);
    assert_int_equal(vf_le32(image.data + directory + 2) * ISO_BLOCK, directory);
    const uint8_t *parent = image.data + fixture_record(&image, directory, 1);
    assert_int_equal(parent[33], 1);
    assert_int_equal(vf_le32(parent + 2) * ISO_BLOCK, root);
}

static void files_carry_a_version_number(void **state)
{
    (void)state;
    const uint8_t *primary = image.data + fixture_record(&image, fixture_root(&image, 0), 3);
    assert_bytes(primary + 32, "\x0CREADME.TXT;1", 13);
    assert_int_equal(primary[25], 0);
    assert_int_equal(vf_le32(primary + 10), 5);
    assert_bytes(image.data + (size_t)vf_le32(primary + 2) * ISO_BLOCK, "hello\0", 6);

    const uint8_t *joliet = image.data + fixture_record(&image, fixture_root(&image, 1), 3);
    assert_bytes(joliet + 32, "\x18\0r\0e\0a\0d\0m\0e\0.\0t\0x\0t\0;\0001", 25);
    assert_int_equal(joliet[0], 58);
    assert_int_equal(vf_le32(joliet + 2), vf_le32(primary + 2));
}

static void path_tables_are_as_in_9_4(void **state)
{
    (void)state;
    const uint8_t *d = image.data + 16 * ISO_BLOCK;
    const uint8_t *little = image.data + (size_t)vf_le32(d + 140) * ISO_BLOCK;
    const uint8_t *big = image.data + (size_t)vf_be32(d + 148) * ISO_BLOCK;
    /* root 10 bytes, "DRIVERS" 8 + 7 + 1, "W11" 8 + 3 + 1 */
    assert_int_equal(vf_le32(d + 132), 38);
    assert_int_equal(vf_be32(d + 136), 38);
    assert_int_equal(vf_le32(d + 144), 0);
    assert_int_equal(vf_le32(little + 2) * ISO_BLOCK, fixture_root(&image, 0));
    assert_bytes(little + 6, "\1\0\0\0", 4);
    assert_bytes(little + 10, "\7\0", 2);
    assert_bytes(little + 16, "\1\0DRIVERS\0\3\0", 12);
    assert_bytes(little + 32, "\2\0W11\0", 6);
    assert_int_equal(vf_be32(big + 2), vf_le32(little + 2));
    assert_int_equal(vf_be32(big + 12), vf_le32(little + 12));
    assert_bytes(big + 32, "\0\2W11\0", 6);
}

static void empty_files_have_no_extent(void **state)
{
    (void)state;
    size_t drivers =
        (size_t)vf_le32(image.data + fixture_record(&image, fixture_root(&image, 0), 2) + 2) *
        ISO_BLOCK;
    size_t w11 = (size_t)vf_le32(image.data + fixture_record(&image, drivers, 2) + 2) * ISO_BLOCK;
    const uint8_t *empty = image.data + fixture_record(&image, w11, 3);
    assert_bytes(empty + 32,
                 "\x08"
                 "EMPTY.;1",
                 9);
    assert_int_equal(vf_le32(empty + 2), 0);
    assert_int_equal(vf_le32(empty + 10), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, make_image, drop_image)
    const struct CMUnitTest tests[] = {
        CASE(system_area_is_empty),
        CASE(primary_descriptor_is_as_in_8_4),
        CASE(joliet_descriptor_is_as_in_8_5),
        CASE(descriptors_end_as_in_8_3),
        CASE(root_record_names_the_root_directory),
        CASE(directories_begin_with_themselves_and_their_parent),
        CASE(files_carry_a_version_number),
        CASE(path_tables_are_as_in_9_4),
        CASE(empty_files_have_no_extent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
