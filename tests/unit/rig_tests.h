/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests made from tables: each case becomes a named cmocka test with its row as state. */
#ifndef TESTS_UNIT_RIG_TESTS_H
#define TESTS_UNIT_RIG_TESTS_H

#include "tests/unit/unit.h"

#include <stdio.h>

enum { RIG_TESTS_MAX = 256, RIG_TEST_NAME_MAX = 96 };

struct rig_tests {
    size_t count;
    struct CMUnitTest test[RIG_TESTS_MAX];
    char name[RIG_TESTS_MAX][RIG_TEST_NAME_MAX];
};

/* Adds a test named "what: which" (or "what" alone when which is NULL) that runs on `row`. */
static inline void rig_tests_add(struct rig_tests *tests, const char *what, const char *which,
                                 CMUnitTestFunction run, const void *row)
{
    size_t n = tests->count++;

    assert_true(n < RIG_TESTS_MAX);
    snprintf(tests->name[n], RIG_TEST_NAME_MAX, "%s%s%s", what, which != NULL ? ": " : "",
             which != NULL ? which : "");
    tests->test[n] = (struct CMUnitTest){
        .name = tests->name[n], .test_func = run, .initial_state = (void *)(uintptr_t)row};
}

#endif
