/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"

static void failure_keeps_code_and_text(void **state)
{
    (void)state;
    struct vf_err err = {VF_OK, ""};
    assert_int_equal(vf_fail(&err, VF_MALFORMED, "%s:%d: odd", "a.inf", 7), VF_MALFORMED);
    assert_int_equal(err.code, VF_MALFORMED);
    assert_string_equal(err.text, "a.inf:7: odd");
}

static void failure_without_a_place_for_text_keeps_its_code(void **state)
{
    (void)state;
    assert_int_equal(vf_fail(NULL, VF_POLICY, "x"), VF_POLICY);
    assert_int_equal(vf_fail_errno(NULL, EIO, "x"), VF_IO);
}

static void errno_text_is_appended(void **state)
{
    (void)state;
    struct vf_err err;
    assert_int_equal(vf_fail_errno(&err, ENOSPC, "%s: cannot write", "d.iso"), VF_IO);
    assert_string_equal(err.text, "d.iso: cannot write: No space left on device");
}

static void context_is_put_in_front(void **state)
{
    (void)state;
    struct vf_err err;
    vf_fail(&err, VF_MALFORMED, "not a PE image");
    assert_int_equal(vf_err_prefix(&err, "%s", "viorng.sys"), VF_MALFORMED);
    assert_string_equal(err.text, "viorng.sys: not a PE image");
}

static void overlong_text_is_cut_not_overrun(void **state)
{
    (void)state;
    struct vf_err err;
    char longish[2 * VF_ERR_TEXT_MAX];
    memset(longish, 'x', sizeof(longish) - 1);
    longish[sizeof(longish) - 1] = '\0';
    vf_fail(&err, VF_IO, "%s", longish);
    assert_int_equal(strlen(err.text), VF_ERR_TEXT_MAX - 1);
    vf_err_prefix(&err, "%s", longish);
    assert_int_equal(strlen(err.text), VF_ERR_TEXT_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failure_keeps_code_and_text),
        cmocka_unit_test(failure_without_a_place_for_text_keeps_its_code),
        cmocka_unit_test(errno_text_is_appended),
        cmocka_unit_test(context_is_put_in_front),
        cmocka_unit_test(overlong_text_is_cut_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
