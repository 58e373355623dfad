/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/iso_fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "util/outfile.h"

struct told {
    uint64_t last, total;
    bool backwards;
};

static void listen(void *context, uint64_t done, uint64_t total)
{
    struct told *told = context;
    told->backwards |= done < told->last;
    told->last = done;
    told->total = total;
}

static void size_and_hash_are_those_of_the_image(void **state)
{
    (void)state;
    struct vf_digest digest;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "f", "content");
    struct iso_written written = fixture_write(writer, "disc.iso");
    struct vf_buf image = fixture_load("disc.iso");
    assert_int_equal(written.size, image.size);
    assert_int_equal(vf_digest_view(VF_SHA256, vf_view_of(&image), &digest, NULL), VF_OK);
    assert_memory_equal(digest.bytes, written.digest.bytes, 32);
    assert_int_equal(written.files, 1);
    assert_int_equal(written.directories, 1);
    vf_buf_free(&image);
}

static void progress_ends_with_all(void **state)
{
    (void)state;
    struct told told = {0, 0, false};
    struct iso_written written;
    struct vf_out *out;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "f", "content");
    assert_int_equal(vf_out_open("disc.iso", false, &out, NULL), VF_OK);
    assert_int_equal(iso_writer_write(writer, out, listen, &told, &written, NULL), VF_OK);
    assert_int_equal(vf_out_commit(out, NULL), VF_OK);
    iso_writer_close(writer);
    assert_false(told.backwards);
    assert_int_equal(told.last, written.size);
    assert_int_equal(told.total, written.size);
}

static void an_image_may_be_written_twice(void **state)
{
    (void)state;
    struct iso_written first, second;
    struct vf_out *out;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "d/f", "content");
    fixture_add(writer, "d/g", "content");
    assert_int_equal(vf_out_open("1.iso", false, &out, NULL), VF_OK);
    assert_int_equal(iso_writer_write(writer, out, NULL, NULL, &first, NULL), VF_OK);
    assert_int_equal(vf_out_commit(out, NULL), VF_OK);
    assert_int_equal(vf_out_open("2.iso", false, &out, NULL), VF_OK);
    assert_int_equal(iso_writer_write(writer, out, NULL, NULL, &second, NULL), VF_OK);
    assert_int_equal(vf_out_commit(out, NULL), VF_OK);
    iso_writer_close(writer);
    assert_memory_equal(first.digest.bytes, second.digest.bytes, 32);
}

static void a_full_disk_ends_the_writing(void **state)
{
    (void)state;
    struct rlimit old, small;
    struct vf_err err;
    struct iso_written written;
    struct vf_out *out;
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "f", "content");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    small = old;
    small.rlim_cur = 16384;
    assert_int_equal(vf_out_open("disc.iso", false, &out, &err), VF_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum vf_code code = iso_writer_write(writer, out, NULL, NULL, &written, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(code, VF_IO);
    assert_non_null(strstr(err.text, "cannot write"));
    vf_out_abort(out);
    iso_writer_close(writer);
    assert_int_not_equal(access("disc.iso", F_OK), 0);
}

static void files_of_many_pieces_are_whole(void **state)
{
    (void)state;
    /* more than one read of the writer, and not a multiple of a block */
    static char text[600001];
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        text[i] = (char)('a' + i % 23);
    fixture_file("long", text);
    struct iso_writer *writer = fixture_writer();
    assert_int_equal(iso_writer_add_file(writer, "long", "long", NULL), VF_OK);
    struct vf_buf image = fixture_bytes(writer);
    size_t blocks = (sizeof(text) - 1 + 2047) / 2048;
    const uint8_t *content = image.data + image.size - blocks * 2048;
    assert_memory_equal(content, text, sizeof(text) - 1);
    for (size_t i = sizeof(text) - 1; i < blocks * 2048; i++)
        assert_int_equal(content[i], 0);
    vf_buf_free(&image);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_enter, fixture_leave)
    const struct CMUnitTest tests[] = {
        CASE(size_and_hash_are_those_of_the_image), CASE(progress_ends_with_all),
        CASE(an_image_may_be_written_twice),        CASE(a_full_disk_ends_the_writing),
        CASE(files_of_many_pieces_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
