/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files with one content share an extent; files that change while they are read are found. */
#include "tests/unit/iso_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iso/reader.h"
#include "util/outfile.h"

static uint32_t extent_of(struct iso_reader *reader, const char *path)
{
    const struct iso_entry *entry = iso_reader_find(reader, path);
    assert_non_null(entry);
    return entry->extent;
}

static void equal_files_share_an_extent(void **state)
{
    (void)state;
    fixture_file("one", "same content");
    fixture_file("two", "same content");
    fixture_file("other", "other contnt");
    assert_int_equal(link("one", "three"), 0);
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_file(writer, "b/one", "one", NULL), VF_OK);
    assert_int_equal(iso_writer_add_file(writer, "c/two", "two", NULL), VF_OK);
    assert_int_equal(iso_writer_add_file(writer, "d/three", "three", NULL), VF_OK);
    assert_int_equal(iso_writer_add_file(writer, "d/other", "other", NULL), VF_OK);
    fixture_add(writer, "e/bytes", "same content");
    fixture_add(writer, "f/longer", "same content and more");
    struct iso_written written = fixture_write(writer, "disc.iso");
    assert_int_equal(written.files, 6);
    assert_int_equal(written.shared_files, 3);
    assert_int_equal(written.shared_bytes, 36);

    struct iso_reader *reader;
    assert_int_equal(iso_reader_open("disc.iso", &reader, NULL), VF_OK);
    uint32_t extent = extent_of(reader, "b/one");
    assert_int_equal(extent_of(reader, "c/two"), extent);
    assert_int_equal(extent_of(reader, "d/three"), extent);
    assert_int_equal(extent_of(reader, "e/bytes"), extent);
    assert_int_not_equal(extent_of(reader, "d/other"), extent);
    assert_int_not_equal(extent_of(reader, "f/longer"), extent);
    iso_reader_close(reader);
}

static void empty_files_are_not_counted_as_shared(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "a", "");
    fixture_add(writer, "b", "");
    assert_int_equal(fixture_write(writer, "disc.iso").shared_files, 0);
}

/* Add the file, do something to it, and expect the writer to notice. */
static void assert_noticed(void (*spoil)(void), enum vf_code expected, const char *reason)
{
    struct vf_err err = {VF_OK, ""};
    struct iso_written written;
    struct vf_out *out;
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_file(writer, "f", "source", NULL), VF_OK);
    spoil();
    assert_int_equal(vf_out_open("disc.iso", true, &out, NULL), VF_OK);
    assert_int_equal(iso_writer_write(writer, out, NULL, NULL, &written, &err), expected);
    vf_out_abort(out);
    iso_writer_close(writer);
    if (!strstr(err.text, reason))
        print_error("'%s' should mention '%s'\n", err.text, reason);
    assert_non_null(strstr(err.text, reason));
    assert_int_not_equal(access("disc.iso", F_OK), 0);
}

static void grow_source(void)
{
    int fd = open("source", O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "more", 4), 4);
    close(fd);
}

static void touch_source(void)
{
    const struct timespec times[2] = {{1, 0}, {1, 0}};
    assert_int_equal(utimensat(AT_FDCWD, "source", times, 0), 0);
}

static void replace_source(void)
{
    fixture_file("other", "content");
    assert_int_equal(rename("other", "source"), 0);
}

static void remove_source(void)
{
    assert_int_equal(unlink("source"), 0);
}

static void link_source(void)
{
    assert_int_equal(rename("source", "target"), 0);
    assert_int_equal(symlink("target", "source"), 0);
}

static void files_that_change_are_found(void **state)
{
    (void)state;
    fixture_file("source", "content");
    assert_noticed(grow_source, VF_IO, "source: changed");
    assert_noticed(touch_source, VF_IO, "source: changed");
    assert_noticed(replace_source, VF_IO, "source: changed");
    assert_noticed(link_source, VF_IO, "source: cannot open");
    assert_int_equal(unlink("source"), 0);
    fixture_file("source", "content");
    assert_noticed(remove_source, VF_IO, "source: cannot open");
}

/* Rewrites the source as soon as the first bytes of the image are out. */
static void rewrite_once(void *context, uint64_t done, uint64_t total)
{
    bool *rewritten = context;
    (void)done;
    (void)total;
    if (!*rewritten) {
        int fd = open("source", O_WRONLY);
        assert_int_equal(pwrite(fd, "CONTENT", 7, 0), 7);
        close(fd);
    }
    *rewritten = true;
}

static void content_rewritten_between_hash_and_copy_is_found(void **state)
{
    (void)state;
    struct vf_err err = {VF_OK, ""};
    struct iso_written written;
    struct vf_out *out;
    bool rewritten = false;
    fixture_file("source", "content");
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_file(writer, "f", "source", NULL), VF_OK);
    fixture_add(writer, "g", "content");
    assert_int_equal(vf_out_open("disc.iso", true, &out, NULL), VF_OK);
    assert_int_equal(iso_writer_write(writer, out, rewrite_once, &rewritten, &written, &err),
                     VF_IO);
    vf_out_abort(out);
    iso_writer_close(writer);
    assert_true(rewritten);
    assert_non_null(strstr(err.text, "source"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_enter, fixture_leave)
    const struct CMUnitTest tests[] = {
        CASE(equal_files_share_an_extent),
        CASE(empty_files_are_not_counted_as_shared),
        CASE(files_that_change_are_found),
        CASE(content_rewritten_between_hash_and_copy_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
