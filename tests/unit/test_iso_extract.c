/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/iso_fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iso/reader.h"
#include "util/file.h"
#include "util/outfile.h"

static struct iso_reader *reader;

static int open_image(void **state)
{
    if (fixture_enter(state) != 0)
        return -1;
    fixture_image("disc.iso");
    return iso_reader_open("disc.iso", &reader, NULL) == VF_OK ? 0 : -1;
}

static int close_image(void **state)
{
    iso_reader_close(reader);
    return fixture_leave(state);
}

static void assert_content(const char *path, const char *expected)
{
    struct vf_buf content = fixture_load(path);
    assert_string_equal(vf_buf_text(&content), expected);
    vf_buf_free(&content);
}

static void everything_is_extracted(void **state)
{
    (void)state;
    struct iso_extracted done;
    mode_t old = umask(077);
    enum vf_code code = iso_reader_extract(reader, "out", NULL, 0, false, NULL, NULL, &done, NULL);
    umask(old);
    assert_int_equal(code, VF_OK);
    assert_int_equal(done.files, 4);
    assert_int_equal(done.bytes, 11);
    assert_content("out/readme.txt", "hello");
    assert_content("out/Drivers/w11/a.inf", "inf");
    assert_content("out/Drivers/w11/empty", "");
    struct stat st;
    assert_int_equal(stat("out/readme.txt", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(stat("out/Drivers/w11", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
}

static void named_entries_only_are_extracted(void **state)
{
    (void)state;
    static const char *const names[] = {"drivers/W11/A.INF", "/readme.txt"};
    struct iso_extracted done;
    assert_int_equal(iso_reader_extract(reader, "out", names, 2, false, NULL, NULL, &done, NULL),
                     VF_OK);
    assert_int_equal(done.files, 2);
    assert_content("out/Drivers/w11/a.inf", "inf");
    assert_content("out/readme.txt", "hello");
    assert_int_not_equal(access("out/Drivers/w11/empty", F_OK), 0);
}

static void a_folder_brings_all_below_it(void **state)
{
    (void)state;
    static const char *const names[] = {"Drivers/"};
    struct iso_extracted done;
    assert_int_equal(iso_reader_extract(reader, "out", names, 1, false, NULL, NULL, &done, NULL),
                     VF_OK);
    assert_int_equal(done.files, 3);
    assert_int_not_equal(access("out/readme.txt", F_OK), 0);
}

static void an_unknown_name_leaves_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"readme.txt", "no/such"};
    struct iso_extracted done;
    struct vf_err err;
    assert_int_equal(iso_reader_extract(reader, "out", names, 2, false, NULL, NULL, &done, &err),
                     VF_USAGE);
    assert_non_null(strstr(err.text, "no/such"));
    assert_int_not_equal(access("out", F_OK), 0);
}

static void an_existing_folder_needs_force(void **state)
{
    (void)state;
    struct iso_extracted done;
    fixture_file("out/old", "old");
    assert_int_equal(iso_reader_extract(reader, "out", NULL, 0, false, NULL, NULL, &done, NULL),
                     VF_USAGE);
    assert_content("out/old", "old");
    assert_int_equal(iso_reader_extract(reader, "out", NULL, 0, true, NULL, NULL, &done, NULL),
                     VF_OK);
    assert_int_not_equal(access("out/old", F_OK), 0);
    assert_content("out/readme.txt", "hello");
}

static void a_link_in_place_of_the_folder_is_not_followed(void **state)
{
    (void)state;
    struct iso_extracted done;
    fixture_file("elsewhere/old", "old");
    assert_int_equal(symlink("elsewhere", "out"), 0);
    assert_int_equal(iso_reader_extract(reader, "out", NULL, 0, false, NULL, NULL, &done, NULL),
                     VF_USAGE);
    assert_int_not_equal(access("elsewhere/readme.txt", F_OK), 0);
}

static void listen(void *context, uint64_t done, uint64_t total)
{
    uint64_t *last = context;
    assert_true(done > *last && done <= total);
    *last = done;
}

static void progress_counts_bytes(void **state)
{
    (void)state;
    struct iso_extracted done;
    uint64_t last = 0;
    assert_int_equal(iso_reader_extract(reader, "out", NULL, 0, false, listen, &last, &done, NULL),
                     VF_OK);
    assert_int_equal(last, 11);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_image, close_image)
    const struct CMUnitTest tests[] = {
        CASE(everything_is_extracted),        CASE(named_entries_only_are_extracted),
        CASE(a_folder_brings_all_below_it),   CASE(an_unknown_name_leaves_nothing),
        CASE(an_existing_folder_needs_force), CASE(a_link_in_place_of_the_folder_is_not_followed),
        CASE(progress_counts_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
