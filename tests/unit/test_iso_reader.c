/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/iso_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "iso/ecma119.h"
#include "iso/reader.h"
#include "util/outfile.h"

static struct iso_reader *open_reader(const char *path)
{
    struct iso_reader *reader;
    struct vf_err err = {VF_OK, ""};
    if (iso_reader_open(path, &reader, &err))
        fail_msg("%s", err.text);
    return reader;
}

static void assert_refused(const char *path, enum vf_code expected, const char *reason)
{
    struct iso_reader *reader;
    struct vf_err err = {VF_OK, ""};
    assert_int_equal(iso_reader_open(path, &reader, &err), expected);
    if (!strstr(err.text, reason))
        print_error("'%s' should mention '%s'\n", err.text, reason);
    assert_non_null(strstr(err.text, reason));
    assert_non_null(strstr(err.text, path));
}

static void what_was_written_is_listed(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool directory;
        uint64_t size;
    } expected[] = {
        {"Drivers", true, 0},
        {"Drivers/w11", true, 0},
        {"Drivers/w11/a.inf", false, 3},
        {"Drivers/w11/empty", false, 0},
        {"Drivers/w11/same.inf", false, 3},
        {"readme.txt", false, 5},
    };
    fixture_image("disc.iso");
    struct iso_reader *reader = open_reader("disc.iso");
    assert_string_equal(iso_reader_label(reader), FIXTURE_LABEL);
    assert_true(iso_reader_is_joliet(reader));
    assert_int_equal(iso_reader_count(reader), 6);
    for (size_t i = 0; i < 6; i++) {
        const struct iso_entry *entry = iso_reader_entry(reader, i);
        assert_string_equal(entry->path, expected[i].path);
        assert_int_equal(entry->directory, expected[i].directory);
        assert_int_equal(entry->size, expected[i].size);
        assert_int_equal(entry->date, FIXTURE_EPOCH);
    }
    assert_null(iso_reader_entry(reader, 6));
    iso_reader_close(reader);
}

static void names_of_every_kind_come_back(void **state)
{
    (void)state;
    char longest[65];
    memset(longest, 'L', 64);
    longest[64] = '\0';
    const char *const names[] = {longest,
                                 "two words.txt",
                                 "\xC3\xA4\xD0\xAF.inf",
                                 "no_extension",
                                 "many.dots.in.name",
                                 ".hidden",
                                 "1"};
    struct iso_writer *writer = fixture_writer();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        fixture_add(writer, names[i], names[i]);
    fixture_write(writer, "disc.iso");
    struct iso_reader *reader = open_reader("disc.iso");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct vf_buf content = VF_BUF_INIT;
        const struct iso_entry *entry = iso_reader_find(reader, names[i]);
        assert_non_null(entry);
        assert_string_equal(entry->path, names[i]);
        assert_int_equal(iso_reader_read(reader, entry, 1000, &content, NULL), VF_OK);
        assert_string_equal(vf_buf_text(&content), names[i]);
        vf_buf_free(&content);
    }
    iso_reader_close(reader);
}

static void the_primary_tree_is_read_without_joliet(void **state)
{
    (void)state;
    fixture_image("disc.iso");
    struct vf_buf image = fixture_load("disc.iso");
    image.data[17 * ISO_BLOCK + ISO_VD_ESCAPES] = 0;
    fixture_store("plain.iso", &image);
    vf_buf_free(&image);
    struct iso_reader *reader = open_reader("plain.iso");
    assert_false(iso_reader_is_joliet(reader));
    assert_string_equal(iso_reader_label(reader), "DISC_OF_TESTS");
    assert_string_equal(iso_reader_entry(reader, 2)->path, "DRIVERS/W11/A.INF");
    assert_string_equal(iso_reader_entry(reader, 3)->path, "DRIVERS/W11/EMPTY");
    iso_reader_close(reader);
}

static void paths_are_found_as_windows_finds_them(void **state)
{
    (void)state;
    fixture_image("disc.iso");
    struct iso_reader *reader = open_reader("disc.iso");
    assert_string_equal(iso_reader_find(reader, "DRIVERS/W11/A.inf")->path, "Drivers/w11/a.inf");
    assert_null(iso_reader_find(reader, "Drivers/w11/a"));
    assert_null(iso_reader_find(reader, ""));
    assert_null(iso_reader_find(reader, "\xFF"));
    iso_reader_close(reader);
}

static void content_above_the_limit_is_refused(void **state)
{
    (void)state;
    struct vf_err err;
    struct vf_buf content = VF_BUF_INIT;
    fixture_image("disc.iso");
    struct iso_reader *reader = open_reader("disc.iso");
    const struct iso_entry *entry = iso_reader_find(reader, "readme.txt");
    assert_int_equal(iso_reader_read(reader, entry, 4, &content, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "readme.txt"));
    assert_int_equal(content.size, 0);
    assert_int_equal(iso_reader_read(reader, entry, 5, &content, &err), VF_OK);
    assert_string_equal(vf_buf_text(&content), "hello");
    vf_buf_free(&content);
    iso_reader_close(reader);
}

static void a_directory_has_no_content(void **state)
{
    (void)state;
    struct vf_buf content = VF_BUF_INIT;
    fixture_image("disc.iso");
    struct iso_reader *reader = open_reader("disc.iso");
    const struct iso_entry *entry = iso_reader_find(reader, "Drivers");
    assert_int_equal(iso_reader_read(reader, entry, 100, &content, NULL), VF_USAGE);
    iso_reader_close(reader);
}

static enum vf_code refuse(void *context, const uint8_t *data, size_t size, struct vf_err *err)
{
    (void)data;
    (void)size;
    ++*(int *)context;
    return vf_fail(err, VF_POLICY, "no more");
}

static void long_files_come_whole_and_can_be_stopped(void **state)
{
    (void)state;
    static char text[700001];
    struct vf_digest expected, digest;
    int calls = 0;
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        text[i] = (char)('a' + i % 19);
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "long", text);
    fixture_write(writer, "disc.iso");
    struct iso_reader *reader = open_reader("disc.iso");
    const struct iso_entry *entry = iso_reader_find(reader, "long");
    assert_int_equal(iso_reader_digest(reader, entry, VF_SHA256, &digest, NULL), VF_OK);
    struct vf_view view = {(const uint8_t *)text, sizeof(text) - 1};
    assert_int_equal(vf_digest_view(VF_SHA256, view, &expected, NULL), VF_OK);
    assert_memory_equal(digest.bytes, expected.bytes, 32);
    assert_int_equal(iso_reader_pass(reader, entry, refuse, &calls, NULL), VF_POLICY);
    assert_int_equal(calls, 1);
    iso_reader_close(reader);
}

static void what_is_no_image_is_refused_by_name(void **state)
{
    (void)state;
    fixture_file("page.iso", "<!DOCTYPE html>\n<html>");
    fixture_file("empty.iso", "");
    assert_refused("page.iso", VF_MALFORMED, "HTML page");
    assert_refused("empty.iso", VF_MALFORMED, "empty file");
    assert_refused("absent.iso", VF_IO, "cannot open");
    assert_refused(".", VF_MALFORMED, "a directory");
}

/* Bend a character of the name "a.inf" in the Joliet tree. */
static void bend_name(uint16_t first, uint16_t second)
{
    fixture_image("disc.iso");
    struct vf_buf image = fixture_load("disc.iso");
    static const uint8_t name[] = {0, 'a', 0, '.', 0, 'i', 0, 'n', 0, 'f'};
    uint8_t *at = memmem(image.data, image.size, name, sizeof(name));
    assert_non_null(at);
    vf_put_be16(at, first);
    vf_put_be16(at + 2, second);
    fixture_store("bent.iso", &image);
    vf_buf_free(&image);
}

static void names_that_lead_out_are_refused(void **state)
{
    (void)state;
    bend_name('.', '/');
    assert_refused("bent.iso", VF_MALFORMED, "slash");
    bend_name('\\', '.');
    assert_refused("bent.iso", VF_MALFORMED, "slash");
    bend_name('a', '\n');
    assert_refused("bent.iso", VF_MALFORMED, "control character");
    bend_name('a', 0x9B);
    assert_refused("bent.iso", VF_MALFORMED, "control character");
}

static void labels_are_made_printable(void **state)
{
    (void)state;
    fixture_image("disc.iso");
    struct vf_buf image = fixture_load("disc.iso");
    image.data[17 * ISO_BLOCK + ISO_VD_ESCAPES] = 0;
    image.data[16 * ISO_BLOCK + ISO_VD_LABEL] = 0xFF;
    image.data[16 * ISO_BLOCK + ISO_VD_LABEL + 1] = 0x1B;
    fixture_store("bent.iso", &image);
    vf_buf_free(&image);
    struct iso_reader *reader = open_reader("bent.iso");
    assert_string_equal(iso_reader_label(reader), "??SC_OF_TESTS");
    iso_reader_close(reader);
}

static void a_name_twice_is_refused(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "aa.inf", "1");
    fixture_add(writer, "ab.inf", "2");
    struct vf_buf image = fixture_bytes(writer);
    static const uint8_t name[] = {0, 'a', 0, 'b', 0, '.'};
    uint8_t *at = memmem(image.data, image.size, name, sizeof(name));
    assert_non_null(at);
    at[3] = 'a';
    fixture_store("bent.iso", &image);
    vf_buf_free(&image);
    assert_refused("bent.iso", VF_MALFORMED, "there twice");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_enter, fixture_leave)
    const struct CMUnitTest tests[] = {
        CASE(what_was_written_is_listed),
        CASE(names_of_every_kind_come_back),
        CASE(the_primary_tree_is_read_without_joliet),
        CASE(paths_are_found_as_windows_finds_them),
        CASE(content_above_the_limit_is_refused),
        CASE(a_directory_has_no_content),
        CASE(long_files_come_whole_and_can_be_stopped),
        CASE(what_is_no_image_is_refused_by_name),
        CASE(names_that_lead_out_are_refused),
        CASE(labels_are_made_printable),
        CASE(a_name_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
