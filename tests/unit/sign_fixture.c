/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sign_fixture.h"

#include <time.h>

#include "tests/unit/unit.h"
#include "util/outfile.h"

int sign_fixture_setup(void **state)
{
    struct sign_key *key = NULL;

    if (sign_key_make("unit test", (int64_t)time(NULL) - 3600, &key, NULL))
        return -1;
    *state = key;
    return 0;
}

int sign_fixture_teardown(void **state)
{
    sign_key_free(*state);
    return 0;
}

void sign_fixture_sign(struct vf_view file, const struct sign_key *key, struct vf_buf *out)
{
    const struct sign_options options = {.name = "unit test"};
    struct vf_err err = {VF_OK, ""};

    if (sign_file(file, key, &options, out, &err))
        fail_msg("%s", err.text);
}

struct sign_roots *sign_fixture_roots(const struct sign_key *key)
{
    struct vf_buf pem = VF_BUF_INIT;
    struct sign_roots *roots;

    assert_int_equal(sign_key_certificate_pem(key, &pem, NULL), VF_OK);
    assert_int_equal(vf_out_file("root.pem", true, vf_view_of(&pem), NULL), VF_OK);
    vf_buf_free(&pem);
    assert_int_equal(sign_roots_new(&roots, NULL), VF_OK);
    assert_int_equal(sign_roots_add(roots, "root.pem", NULL), VF_OK);
    return roots;
}
