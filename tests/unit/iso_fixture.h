/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small trees, images made from them, and images bent by hand. Failures end the test. */
#ifndef TESTS_UNIT_ISO_FIXTURE_H
#define TESTS_UNIT_ISO_FIXTURE_H

#include "tests/unit/unit.h"

#include "iso/writer.h"
#include "util/bytes.h"

#define FIXTURE_EPOCH INT64_C(1700000000) /* 2023-11-14 22:13:20 UTC */
#define FIXTURE_LABEL "Disc of tests"

/* Setup and teardown: a fresh directory to run in. */
int fixture_enter(void **state);
int fixture_leave(void **state);

/* A file of the host, with its parents. */
void fixture_file(const char *path, const char *text);

/* A writer, and a file given as text. */
struct iso_writer *fixture_writer(void);
void fixture_add(struct iso_writer *writer, const char *path, const char *text);
/* Write the image to path and close the writer. */
struct iso_written fixture_write(struct iso_writer *writer, const char *path);
/* The same into memory; free with vf_buf_free(). */
struct vf_buf fixture_bytes(struct iso_writer *writer);

/*
 * An image of readme.txt ("hello"), Drivers/w11/a.inf ("inf"), Drivers/w11/empty and Drivers/w11/
 * same.inf ("inf" again).
 */
void fixture_image(const char *path);

struct vf_buf fixture_load(const char *path);
void fixture_store(const char *path, const struct vf_buf *bytes);

/* Offset of the root directory of the primary (0) or the Joliet tree (1). */
size_t fixture_root(const struct vf_buf *image, int tree);
/* Offset of the record in a directory of one block, by its place: 0 is the directory itself. */
size_t fixture_record(const struct vf_buf *image, size_t directory, unsigned index);
/* Set a number in both byte orders. */
void fixture_put32(struct vf_buf *image, size_t offset, uint32_t value);

#endif
