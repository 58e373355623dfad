/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/iso_fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iso/reader.h"
#include "util/epoch.h"
#include "util/outfile.h"

static const struct vf_view nothing = {NULL, 0};

static void assert_refused(const char *first, const char *second, const char *reason)
{
    struct vf_err err = {VF_OK, ""};
    struct iso_writer *writer = fixture_writer();
    if (first)
        fixture_add(writer, first, "");
    assert_int_equal(iso_writer_add_bytes(writer, second, nothing, &err), VF_MALFORMED);
    if (!strstr(err.text, reason))
        print_error("'%s' should mention '%s'\n", err.text, reason);
    assert_non_null(strstr(err.text, reason));
    iso_writer_close(writer);
}

static void a_label_or_date_out_of_range_is_refused(void **state)
{
    (void)state;
    struct iso_writer *writer;
    assert_int_equal(iso_writer_open("", 0, &writer, NULL), VF_USAGE);
    assert_int_equal(iso_writer_open("label", -1, &writer, NULL), VF_USAGE);
    assert_int_equal(iso_writer_open("label", VF_EPOCH_MAX + 1, &writer, NULL), VF_USAGE);
    assert_int_equal(iso_writer_open("label", VF_EPOCH_MAX, &writer, NULL), VF_OK);
    iso_writer_close(writer);
}

static void names_in_the_way_are_refused(void **state)
{
    (void)state;
    assert_refused("a/b.txt", "a/b.txt", "already");
    assert_refused("a/b.txt", "a/B.TXT", "ignores case");
    assert_refused("a/b.txt", "A/c.txt", "ignores case");
    assert_refused("a/b", "a/b/c", "already, as a file");
    assert_refused("a/b/c", "a/b", "already, as a directory");
}

static void bad_paths_are_refused_with_the_path(void **state)
{
    (void)state;
    assert_refused(NULL, "a//b", "a//b");
    assert_refused(NULL, "/a", "cannot be");
    assert_refused(NULL, "a/", "cannot be");
    assert_refused(NULL, "a/../b", "a/../b");
    assert_refused(NULL, "drivers/aux/x.inf", "drivers/aux/x.inf");
}

static void eight_levels_of_directories_are_the_limit(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "2/3/4/5/6/7/8/file", "");
    struct vf_err err;
    assert_int_equal(iso_writer_add_directory(writer, "2/3/4/5/6/7/8/9", &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "8 levels"));
    iso_writer_close(writer);
}

static void paths_of_240_characters_are_the_limit(void **state)
{
    (void)state;
    char path[300] = "";
    for (int i = 0; i < 4; i++) {
        memset(path + strlen(path), 'a' + i, 59);
        strcat(path, "/");
    }
    path[239] = 'e';
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, path, "");
    iso_writer_close(writer);
    path[239] = '/';
    strcat(path, "f");
    assert_refused(NULL, path, "241 characters");
}

static void a_directory_may_be_added_again(void **state)
{
    (void)state;
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_directory(writer, "a/b", NULL), VF_OK);
    assert_int_equal(iso_writer_add_directory(writer, "a", NULL), VF_OK);
    assert_int_equal(iso_writer_add_directory(writer, "a/b", NULL), VF_OK);
    assert_true(iso_writer_has(writer, "a/b"));
    assert_false(iso_writer_has(writer, "a/B"));
    assert_false(iso_writer_has(writer, "a/b/c"));
    iso_writer_close(writer);
}

static void files_of_4_gib_are_refused(void **state)
{
    (void)state;
    struct vf_err err;
    fixture_file("big", "");
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(truncate("big", (off_t)UINT32_MAX + 1), 0);
    assert_int_equal(iso_writer_add_file(writer, "big", "big", &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "less than 4 GiB"));
    assert_int_equal(truncate("big", UINT32_MAX), 0);
    assert_int_equal(iso_writer_add_file(writer, "big", "big", &err), VF_OK);
    iso_writer_close(writer);
}

static void a_tree_is_added_whole(void **state)
{
    (void)state;
    fixture_file("tree/a/b.txt", "b");
    fixture_file("tree/c.txt", "c");
    assert_int_equal(vf_make_dirs("tree/empty", NULL), VF_OK);
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_tree(writer, "", "tree", NULL), VF_OK);
    assert_int_equal(iso_writer_add_tree(writer, "copy", "tree/a", NULL), VF_OK);
    assert_true(iso_writer_has(writer, "a/b.txt"));
    assert_true(iso_writer_has(writer, "c.txt"));
    assert_true(iso_writer_has(writer, "empty"));
    assert_true(iso_writer_has(writer, "copy/b.txt"));
    iso_writer_close(writer);
}

static void links_and_special_files_are_refused(void **state)
{
    (void)state;
    struct vf_err err;
    fixture_file("tree/file", "");
    assert_int_equal(symlink("file", "tree/link"), 0);
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_tree(writer, "", "tree", &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "tree/link: a symbolic link"));
    iso_writer_close(writer);

    assert_int_equal(unlink("tree/link"), 0);
    assert_int_equal(mkfifo("tree/pipe", 0600), 0);
    writer = fixture_writer();
    assert_int_equal(iso_writer_add_tree(writer, "", "tree", &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "tree/pipe"));
    iso_writer_close(writer);
}

static void an_absent_source_is_named(void **state)
{
    (void)state;
    struct vf_err err;
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_file(writer, "a", "no/such", &err), VF_IO);
    assert_non_null(strstr(err.text, "no/such"));
    assert_int_equal(iso_writer_add_tree(writer, "", "no/tree", &err), VF_IO);
    iso_writer_close(writer);
}

static void the_order_of_calls_does_not_show(void **state)
{
    (void)state;
    static const char *const paths[] = {"z", "a/y", "a/x", "B/c", "a-b.txt", "a_b.txt", "a b.txt"};
    const size_t count = sizeof(paths) / sizeof(paths[0]);
    struct iso_writer *forward = fixture_writer(), *backward = fixture_writer();
    for (size_t i = 0; i < count; i++) {
        fixture_add(forward, paths[i], paths[i]);
        fixture_add(backward, paths[count - 1 - i], paths[count - 1 - i]);
    }
    struct vf_buf a = fixture_bytes(forward), b = fixture_bytes(backward);
    assert_true(vf_view_equal(vf_view_of(&a), vf_view_of(&b)));
    vf_buf_free(&a);
    vf_buf_free(&b);
}

static enum vf_code collect(void *context, const char *path, uint64_t size,
                            const struct vf_digest *digest, struct vf_err *err)
{
    (void)err;
    vf_buf_printf(context, "%s:%d:%02x ", path, (int)size, digest->bytes[0]);
    return VF_OK;
}

static enum vf_code stop(void *context, const char *path, uint64_t size,
                         const struct vf_digest *digest, struct vf_err *err)
{
    (void)path;
    (void)size;
    (void)digest;
    ++*(int *)context;
    return vf_fail(err, VF_POLICY, "enough");
}

static void each_visits_files_in_order_with_their_hash(void **state)
{
    (void)state;
    struct vf_buf seen = VF_BUF_INIT;
    int calls = 0;
    fixture_file("abc", "abc");
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "z", "");
    assert_int_equal(iso_writer_add_file(writer, "d/abc", "abc", NULL), VF_OK);
    assert_int_equal(iso_writer_each(writer, collect, &seen, NULL), VF_OK);
    /* SHA-256 of "abc" begins ba78, that of nothing e3b0 (FIPS 180-4 examples) */
    assert_string_equal(vf_buf_text(&seen), "d/abc:3:ba z:0:e3 ");
    assert_int_equal(iso_writer_each(writer, stop, &calls, NULL), VF_POLICY);
    assert_int_equal(calls, 1);
    vf_buf_free(&seen);
    iso_writer_close(writer);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_enter, fixture_leave)
    const struct CMUnitTest tests[] = {
        CASE(a_label_or_date_out_of_range_is_refused),
        CASE(names_in_the_way_are_refused),
        CASE(bad_paths_are_refused_with_the_path),
        CASE(eight_levels_of_directories_are_the_limit),
        CASE(paths_of_240_characters_are_the_limit),
        CASE(a_directory_may_be_added_again),
        CASE(files_of_4_gib_are_refused),
        CASE(a_tree_is_added_whole),
        CASE(links_and_special_files_are_refused),
        CASE(an_absent_source_is_named),
        CASE(the_order_of_calls_does_not_show),
        CASE(each_visits_files_in_order_with_their_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
