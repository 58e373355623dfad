/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives for tests, good ones and such as no honest program writes, through libarchive. */
#ifndef TESTS_UNIT_ARCHIVE_FIXTURE_H
#define TESTS_UNIT_ARCHIVE_FIXTURE_H

#include <archive.h>
#include <archive_entry.h>

struct made_archive {
    struct archive *writer;
};

/* Begin path in a format and filter of libarchive's codes; options as it takes them, or NULL. */
struct made_archive archive_make(const char *path, int format, int filter, const char *options);
/* Add a file, or with other types (AE_IFLNK, AE_IFCHR, AE_IFDIR) what they are. */
void archive_put(const struct made_archive *made, const char *path, mode_t type, const void *data,
                 size_t size);
void archive_put_hardlink(const struct made_archive *made, const char *path, const char *target);
void archive_done(const struct made_archive *made);

#endif
