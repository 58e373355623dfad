/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/iso_fixture.h"

#include <stdio.h>
#include <string.h>

#include "iso/diff.h"
#include "iso/ecma119.h"

static enum vf_code collect(void *context, const struct iso_difference *d, struct vf_err *err)
{
    (void)err;
    vf_buf_printf(context, "%s|%s|%s\n", iso_diff_text(d->kind), d->path, d->detail);
    return VF_OK;
}

static void assert_differs(const char *expected)
{
    struct vf_buf seen = VF_BUF_INIT;
    struct iso_reader *a, *b;
    size_t count, lines = 0;
    assert_int_equal(iso_reader_open("a.iso", &a, NULL), VF_OK);
    assert_int_equal(iso_reader_open("b.iso", &b, NULL), VF_OK);
    assert_int_equal(iso_diff(a, b, collect, &seen, &count, NULL), VF_OK);
    iso_reader_close(a);
    iso_reader_close(b);
    assert_string_equal(seen.size ? vf_buf_text(&seen) : "", expected);
    for (const char *c = expected; *c; c++)
        lines += *c == '\n';
    assert_int_equal(count, lines);
    vf_buf_free(&seen);
}

static void equal_images_have_no_difference(void **state)
{
    (void)state;
    fixture_image("a.iso");
    fixture_image("b.iso");
    assert_differs("");
}

static void entries_are_compared_by_path(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "both", "same");
    fixture_add(writer, "content", "123");
    fixture_add(writer, "first", "");
    fixture_add(writer, "kind", "");
    fixture_add(writer, "size", "1");
    fixture_write(writer, "a.iso");
    writer = fixture_writer();
    fixture_add(writer, "both", "same");
    fixture_add(writer, "content", "124");
    fixture_add(writer, "kind/file", "");
    fixture_add(writer, "second", "");
    fixture_add(writer, "size", "12");
    fixture_write(writer, "b.iso");
    assert_differs("content|content|\n"
                   "only in the first|first|\n"
                   "type|kind|a file and a directory\n"
                   "only in the second|kind/file|\n"
                   "only in the second|second|\n"
                   "size|size|1 and 2 bytes\n");
}

static void labels_and_dates_are_compared(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "f", "");
    fixture_write(writer, "a.iso");
    assert_int_equal(iso_writer_open("Other", FIXTURE_EPOCH + 1, &writer, NULL), VF_OK);
    fixture_add(writer, "f", "");
    fixture_write(writer, "b.iso");
    assert_differs("label||'" FIXTURE_LABEL "' and 'Other'\n"
                   "date|f|1700000000 and 1700000001 seconds since 1970\n");
}

/* The two images differ in one byte; what is said of it? */
static void assert_place(size_t offset, const char *expected)
{
    fixture_image("a.iso");
    struct vf_buf image = fixture_load("a.iso");
    image.data[offset] ^= 1;
    fixture_store("b.iso", &image);
    vf_buf_free(&image);
    assert_differs(expected);
}

static void where_all_else_is_equal_the_byte_is_placed(void **state)
{
    (void)state;
    assert_place(100, "bytes||from offset 100, in the system area\n");
    assert_place(16 * ISO_BLOCK + ISO_VD_CREATED + 15,
                 "bytes||from offset 33596, in descriptor 0: creation date\n");
    assert_place(17 * ISO_BLOCK + ISO_VD_PUBLISHER,
                 "bytes||from offset 35134, in descriptor 1: publisher identifier\n");
    assert_place(19 * ISO_BLOCK + 2000,
                 "bytes||from offset 40912, in a path table, a directory or unused space\n");
}

static void data_behind_the_volume_are_seen(void **state)
{
    (void)state;
    fixture_image("a.iso");
    struct vf_buf image = fixture_load("a.iso");
    vf_buf_append_byte(&image, 'x');
    fixture_store("b.iso", &image);
    assert_non_null(image.data);
    vf_buf_free(&image);
    image = fixture_load("a.iso");
    char expected[80];
    snprintf(expected, sizeof(expected), "bytes||from offset %zu, behind the volume\n", image.size);
    vf_buf_free(&image);
    assert_differs(expected);
}

static enum vf_code refuse(void *context, const struct iso_difference *d, struct vf_err *err)
{
    (void)context;
    (void)d;
    return vf_fail(err, VF_IO, "cannot print");
}

static void a_visitor_that_fails_ends_the_comparison(void **state)
{
    (void)state;
    struct iso_reader *a, *b;
    size_t count;
    fixture_image("a.iso");
    fixture_write(fixture_writer(), "b.iso");
    assert_int_equal(iso_reader_open("a.iso", &a, NULL), VF_OK);
    assert_int_equal(iso_reader_open("b.iso", &b, NULL), VF_OK);
    assert_int_equal(iso_diff(a, b, refuse, NULL, &count, NULL), VF_IO);
    assert_int_equal(count, 1);
    iso_reader_close(a);
    iso_reader_close(b);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_enter, fixture_leave)
    const struct CMUnitTest tests[] = {
        CASE(equal_images_have_no_difference), CASE(entries_are_compared_by_path),
        CASE(labels_and_dates_are_compared),   CASE(where_all_else_is_equal_the_byte_is_placed),
        CASE(data_behind_the_volume_are_seen), CASE(a_visitor_that_fails_ends_the_comparison),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
