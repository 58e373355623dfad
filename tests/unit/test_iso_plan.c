/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of records, directories and extents. */
#include "tests/unit/iso_fixture.h"

#include <stdio.h>
#include <string.h>

#include "iso/ecma119.h"

/* Identifiers of a directory's records behind the first two, each followed by a blank. */
static void identifiers(const struct vf_buf *image, size_t directory, char *text, size_t room)
{
    text[0] = '\0';
    for (unsigned i = 2;; i++) {
        size_t at = fixture_record(image, directory, i);
        const uint8_t *record = image->data + at;
        if (!record[0])
            return;
        size_t used = strlen(text);
        snprintf(text + used, room - used, "%.*s ", record[32], (const char *)record + 33);
    }
}

static void primary_names_are_made_unique(void **state)
{
    (void)state;
    char text[512];
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "a-b.txt", "");
    fixture_add(writer, "a+b.txt", "");
    fixture_add(writer, "a_b_1.txt", "");
    fixture_add(writer, "a b.txt", "");
    assert_int_equal(iso_writer_add_directory(writer, "a.b", NULL), VF_OK);
    struct vf_buf image = fixture_bytes(writer);
    identifiers(&image, fixture_root(&image, 0), text, sizeof(text));
    assert_string_equal(text, "A_B A_B.TXT;1 A_B_1.TXT;1 A_B_1_1.TXT;1 A_B_2.TXT;1 ");
    vf_buf_free(&image);
}

static void records_are_sorted_by_name_then_extension(void **state)
{
    (void)state;
    char text[512];
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "b.a", "");
    fixture_add(writer, "ab", "");
    fixture_add(writer, "a.b", "");
    fixture_add(writer, "a", "");
    fixture_add(writer, "a.0", "");
    fixture_add(writer, "a0.a", "");
    struct vf_buf image = fixture_bytes(writer);
    identifiers(&image, fixture_root(&image, 0), text, sizeof(text));
    /* an empty extension comes before "0" although ';' is greater (9.3) */
    assert_string_equal(text, "A.;1 A.0;1 A.B;1 A0.A;1 AB.;1 B.A;1 ");
    vf_buf_free(&image);
}

static void records_do_not_cross_blocks(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    for (int i = 0; i < 100; i++) {
        char name[64];
        snprintf(name, sizeof(name), "a-file-with-quite-a-long-name-number-%03d.txt", i);
        fixture_add(writer, name, "");
    }
    struct vf_buf image = fixture_bytes(writer);
    const uint8_t *root = image.data + 17 * ISO_BLOCK + ISO_VD_ROOT;
    size_t at = fixture_root(&image, 1), end = at + vf_le32(root + ISO_DR_SIZE), records = 0;
    assert_int_equal((end - at) % ISO_BLOCK, 0);
    while (at < end) {
        size_t length = image.data[at];
        if (length == 0) {
            at += ISO_BLOCK - at % ISO_BLOCK;
            continue;
        }
        assert_true(at / ISO_BLOCK == (at + length - 1) / ISO_BLOCK);
        records++;
        at += length;
    }
    assert_int_equal(records, 102);
    vf_buf_free(&image);
}

static void path_table_goes_level_by_level(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_directory(writer, "b/d", NULL), VF_OK);
    assert_int_equal(iso_writer_add_directory(writer, "b/c", NULL), VF_OK);
    assert_int_equal(iso_writer_add_directory(writer, "a/z", NULL), VF_OK);
    struct vf_buf image = fixture_bytes(writer);
    const uint8_t *table =
        image.data + (size_t)vf_le32(image.data + 16 * ISO_BLOCK + ISO_VD_PATH_TABLE_L) * ISO_BLOCK;
    static const struct {
        char id;
        uint8_t parent;
    } expected[] = {{0, 1}, {'A', 1}, {'B', 1}, {'Z', 2}, {'C', 3}, {'D', 3}};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(table[10 * i], 1);
        assert_int_equal(vf_le16(table + 10 * i + 6), expected[i].parent);
        assert_int_equal(table[10 * i + 8], expected[i].id);
    }
    vf_buf_free(&image);
}

static void too_many_directories_are_refused(void **state)
{
    (void)state;
    struct vf_err err;
    struct iso_written written;
    struct iso_writer *writer = fixture_writer();
    for (int i = 0; i < ISO_DIRECTORIES_MAX; i++) {
        char path[32];
        snprintf(path, sizeof(path), "%d/%d", i / 256, i);
        assert_int_equal(iso_writer_add_directory(writer, path, &err), VF_OK);
    }
    assert_int_equal(iso_writer_write(writer, NULL, NULL, NULL, &written, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "at most 65535"));
    iso_writer_close(writer);
}

static void content_comes_in_the_order_of_paths(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "c", "third");
    fixture_add(writer, "a/x", "first.");
    fixture_add(writer, "b", "second..");
    struct vf_buf image = fixture_bytes(writer);
    assert_memory_equal(image.data + image.size - 3 * ISO_BLOCK, "first.", 6);
    assert_memory_equal(image.data + image.size - 2 * ISO_BLOCK, "second..", 8);
    assert_memory_equal(image.data + image.size - ISO_BLOCK, "third", 5);
    vf_buf_free(&image);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_enter, fixture_leave)
    const struct CMUnitTest tests[] = {
        CASE(primary_names_are_made_unique),    CASE(records_are_sorted_by_name_then_extension),
        CASE(records_do_not_cross_blocks),      CASE(path_table_goes_level_by_level),
        CASE(too_many_directories_are_refused), CASE(content_comes_in_the_order_of_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
