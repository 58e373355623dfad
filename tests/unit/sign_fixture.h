/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A key for tests that sign, made once per test program. */
#ifndef TESTS_UNIT_SIGN_FIXTURE_H
#define TESTS_UNIT_SIGN_FIXTURE_H

#include "builder/sign/sign.h"

/* cmocka group set-up and tear-down: *state is the struct sign_key. */
int sign_fixture_setup(void **state);
int sign_fixture_teardown(void **state);

/* Append the file signed with the key; fails the test where that fails. */
void sign_fixture_sign(struct vf_view file, const struct sign_key *key, struct vf_buf *out);

/* Roots holding the key's own certificate, by way of the file root.pem in the present directory. */
struct sign_roots *sign_fixture_roots(const struct sign_key *key);

#endif
