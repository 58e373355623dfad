/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fresh directory for each test that writes files, and files in it. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/outfile.h"

/* Setup: makes a fresh directory and works in it. */
static inline int scratch_enter(void **state)
{
    char name[] = "case.XXXXXX";
    *state = NULL;
    return mkdtemp(name) && chdir(name) == 0 ? 0 : -1;
}

static inline int scratch_leave(void **state)
{
    (void)state;
    return chdir("..");
}

/* A test that has a fresh directory to itself. */
#define SCRATCH_TEST(f) cmocka_unit_test_setup_teardown(f, scratch_enter, scratch_leave)

/* Write a file, with the directories it needs. */
static inline void scratch_put(const char *path, const char *text)
{
    char *slash = strrchr(path, '/');
    if (slash) {
        char *dir = strndup(path, (size_t)(slash - path));
        assert_int_equal(vf_make_dirs(dir, NULL), VF_OK);
        free(dir);
    }
    struct vf_view view = {(const uint8_t *)text, strlen(text)};
    assert_int_equal(vf_out_file(path, true, view, NULL), VF_OK);
}

#endif
