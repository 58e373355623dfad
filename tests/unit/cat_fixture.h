/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A package of two files as a catalog sees it. */
#ifndef TESTS_UNIT_CAT_FIXTURE_H
#define TESTS_UNIT_CAT_FIXTURE_H

#include "builder/cat/cat.h"

#define CAT_FIXTURE_TIME INT64_C(1700000000)

struct cat_fixture {
    struct vf_buf image; /* "Driver.sys" */
    struct vf_buf text;  /* "driver.inf" */
    struct cat_member members[2];
};

/* Fill it; ends with cat_fixture_free(). */
void cat_fixture_make(struct cat_fixture *out);
void cat_fixture_free(struct cat_fixture *fixture);

/* The list for the fixture and these systems ("10_X64,10_X86"), with two hardware ids. */
struct cat_list *cat_fixture_list(const struct cat_fixture *fixture, const char *systems);

/* That list written. */
void cat_fixture_catalog(const struct cat_fixture *fixture, const char *systems,
                         struct vf_buf *out);

#endif
