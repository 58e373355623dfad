/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/archive_fixture.h"

#include "tests/unit/unit.h"

struct made_archive archive_make(const char *path, int format, int filter, const char *options)
{
    struct made_archive made = {archive_write_new()};

    assert_non_null(made.writer);
    assert_int_equal(archive_write_set_format(made.writer, format), ARCHIVE_OK);
    if (format == ARCHIVE_FORMAT_TAR_USTAR) /* else a small archive is filled up to 10 KiB */
        assert_int_equal(archive_write_set_bytes_in_last_block(made.writer, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter(made.writer, filter), ARCHIVE_OK);
    if (options)
        assert_int_equal(archive_write_set_options(made.writer, options), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(made.writer, path), ARCHIVE_OK);
    return made;
}

static struct archive_entry *new_entry(const char *path, mode_t type)
{
    struct archive_entry *entry = archive_entry_new();

    assert_non_null(entry);
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1700000000, 0);
    return entry;
}

void archive_put(const struct made_archive *made, const char *path, mode_t type, const void *data,
                 size_t size)
{
    struct archive_entry *entry = new_entry(path, type);

    if (type == AE_IFLNK)
        archive_entry_set_symlink(entry, data);
    else if (type == AE_IFREG)
        archive_entry_set_size(entry, (la_int64_t)size);
    assert_int_equal(archive_write_header(made->writer, entry), ARCHIVE_OK);
    if (type == AE_IFREG && size)
        assert_int_equal(archive_write_data(made->writer, data, size), size);
    archive_entry_free(entry);
}

void archive_put_hardlink(const struct made_archive *made, const char *path, const char *target)
{
    struct archive_entry *entry = new_entry(path, AE_IFREG);

    archive_entry_set_hardlink(entry, target);
    assert_int_equal(archive_write_header(made->writer, entry), ARCHIVE_OK);
    archive_entry_free(entry);
}

void archive_done(const struct made_archive *made)
{
    assert_int_equal(archive_write_close(made->writer), ARCHIVE_OK);
    assert_int_equal(archive_write_free(made->writer), ARCHIVE_OK);
}
