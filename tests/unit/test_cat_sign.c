/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catalogs with builder/sign's signature. */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/cat_fixture.h"
#include "tests/unit/sign_fixture.h"

static void sign_fixture_catalog(const struct sign_key *key, struct vf_buf *plain,
                                 struct vf_buf *with)
{
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    cat_fixture_catalog(&fixture, "10_X64", plain);
    sign_fixture_sign(vf_view_of(plain), key, with);
    cat_fixture_free(&fixture);
}

static void signed_catalog_is_valid_and_keeps_its_list(void **state)
{
    struct vf_buf plain = VF_BUF_INIT, with = VF_BUF_INIT, without = VF_BUF_INIT;
    struct sign_roots *roots = sign_fixture_roots(*state);
    struct sign_report report;
    struct cat_list *list;
    sign_fixture_catalog(*state, &plain, &with);
    assert_int_equal(sign_inspect(vf_view_of(&with), roots, &report, NULL), VF_OK);
    assert_int_equal(report.subject, SIGN_CATALOG);
    assert_true(report.valid);
    assert_true(report.vouched);
    assert_int_equal(report.chain, SIGN_CHAIN_TRUSTED);
    assert_int_equal(cat_read(vf_view_of(&with), &list, NULL), VF_OK);
    assert_int_equal(list->entry_count, 4);
    assert_int_equal(sign_strip(vf_view_of(&with), &without, NULL), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&plain), vf_view_of(&without)));
    cat_list_free(list);
    sign_roots_free(roots);
    vf_buf_free(&plain);
    vf_buf_free(&with);
    vf_buf_free(&without);
}

static void unsigned_catalog_is_reported_so(void **state)
{
    struct vf_buf plain = VF_BUF_INIT, with = VF_BUF_INIT;
    struct sign_report report;
    sign_fixture_catalog(*state, &plain, &with);
    assert_int_equal(sign_inspect(vf_view_of(&plain), NULL, &report, NULL), VF_OK);
    assert_false(report.present);
    assert_false(report.valid);
    vf_buf_free(&plain);
    vf_buf_free(&with);
}

static void each_changed_byte_is_noticed(void **state)
{
    struct vf_buf plain = VF_BUF_INIT, with = VF_BUF_INIT;
    struct sign_report report;
    sign_fixture_catalog(*state, &plain, &with);
    static const uint8_t masks[] = {0x01, 0x20, 0x80};
    for (size_t i = 0; i < with.size; i++) {
        uint8_t mask = masks[i % sizeof(masks)];
        with.data[i] ^= mask;
        if (sign_inspect(vf_view_of(&with), NULL, &report, NULL) == VF_OK && report.valid &&
            report.vouched)
            fail_msg("the change of the byte at 0x%zx was not noticed", i);
        with.data[i] ^= mask;
    }
    vf_buf_free(&plain);
    vf_buf_free(&with);
}

static void data_behind_a_catalog_are_refused(void **state)
{
    struct vf_buf plain = VF_BUF_INIT, with = VF_BUF_INIT;
    struct sign_report report;
    sign_fixture_catalog(*state, &plain, &with);
    vf_buf_append_byte(&with, 0);
    assert_int_equal(sign_inspect(vf_view_of(&with), NULL, &report, NULL), VF_MALFORMED);
    vf_buf_free(&plain);
    vf_buf_free(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_catalog_is_valid_and_keeps_its_list),
        cmocka_unit_test(unsigned_catalog_is_reported_so),
        cmocka_unit_test(each_changed_byte_is_noticed),
        cmocka_unit_test(data_behind_a_catalog_are_refused),
    };
    return cmocka_run_group_tests(tests, sign_fixture_setup, sign_fixture_teardown);
}
