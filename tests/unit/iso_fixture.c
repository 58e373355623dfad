/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/iso_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iso/ecma119.h"
#include "util/file.h"
#include "util/outfile.h"

int fixture_enter(void **state)
{
    char name[] = "case.XXXXXX";
    *state = NULL;
    return mkdtemp(name) && chdir(name) == 0 ? 0 : -1;
}

int fixture_leave(void **state)
{
    (void)state;
    return chdir("..");
}

static struct vf_view view_of(const char *text)
{
    return (struct vf_view){(const uint8_t *)text, strlen(text)};
}

void fixture_file(const char *path, const char *text)
{
    char *parent = strdup(path);
    assert_non_null(parent);
    char *slash = strrchr(parent, '/');
    if (slash) {
        *slash = '\0';
        assert_int_equal(vf_make_dirs(parent, NULL), VF_OK);
    }
    free(parent);
    assert_int_equal(vf_out_file(path, true, view_of(text), NULL), VF_OK);
}

struct iso_writer *fixture_writer(void)
{
    struct iso_writer *writer;
    assert_int_equal(iso_writer_open(FIXTURE_LABEL, FIXTURE_EPOCH, &writer, NULL), VF_OK);
    return writer;
}

void fixture_add(struct iso_writer *writer, const char *path, const char *text)
{
    struct vf_err err = {VF_OK, ""};
    enum vf_code code = iso_writer_add_bytes(writer, path, view_of(text), &err);
    if (code)
        print_error("%s\n", err.text);
    assert_int_equal(code, VF_OK);
}

struct iso_written fixture_write(struct iso_writer *writer, const char *path)
{
    struct iso_written written;
    struct vf_out *out;
    assert_int_equal(vf_out_open(path, true, &out, NULL), VF_OK);
    assert_int_equal(iso_writer_write(writer, out, NULL, NULL, &written, NULL), VF_OK);
    assert_int_equal(vf_out_commit(out, NULL), VF_OK);
    iso_writer_close(writer);
    return written;
}

struct vf_buf fixture_bytes(struct iso_writer *writer)
{
    fixture_write(writer, "bytes.iso");
    return fixture_load("bytes.iso");
}

void fixture_image(const char *path)
{
    struct iso_writer *writer = fixture_writer();
    fixture_add(writer, "readme.txt", "hello");
    fixture_add(writer, "Drivers/w11/a.inf", "inf");
    fixture_add(writer, "Drivers/w11/empty", "");
    fixture_add(writer, "Drivers/w11/same.inf", "inf");
    fixture_write(writer, path);
}

struct vf_buf fixture_load(const char *path)
{
    struct vf_buf buf = VF_BUF_INIT;
    assert_int_equal(vf_file_read(path, 64u << 20, &buf, NULL), VF_OK);
    return buf;
}

void fixture_store(const char *path, const struct vf_buf *bytes)
{
    assert_int_equal(vf_out_file(path, true, vf_view_of(bytes), NULL), VF_OK);
}

size_t fixture_root(const struct vf_buf *image, int tree)
{
    const uint8_t *record =
        image->data + (size_t)(ISO_SYSTEM_BLOCKS + tree) * ISO_BLOCK + ISO_VD_ROOT;
    return (size_t)vf_le32(record + ISO_DR_EXTENT) * ISO_BLOCK;
}

size_t fixture_record(const struct vf_buf *image, size_t directory, unsigned index)
{
    size_t at = directory;
    while (index--) {
        assert_int_not_equal(image->data[at], 0);
        at += image->data[at];
    }
    return at;
}

void fixture_put32(struct vf_buf *image, size_t offset, uint32_t value)
{
    vf_put_le32(image->data + offset, value);
    vf_put_be32(image->data + offset + 4, value);
}
