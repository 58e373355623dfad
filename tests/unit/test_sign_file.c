/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing images and judging the result. Catalogs are signed in test_cat_sign.c. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/pe_fixture.h"
#include "tests/unit/sign_fixture.h"

static void signed_image_is_valid_and_trusted(void **state)
{
    struct vf_buf file = VF_BUF_INIT, out = VF_BUF_INIT;
    struct sign_report report;
    struct sign_roots *roots = sign_fixture_roots(*state);
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &out);
    assert_int_equal(sign_inspect(vf_view_of(&out), roots, &report, NULL), VF_OK);
    assert_int_equal(report.subject, SIGN_IMAGE);
    assert_true(report.present);
    assert_string_equal(report.why, "");
    assert_true(report.valid);
    assert_int_equal(report.chain, SIGN_CHAIN_TRUSTED);
    assert_string_equal(report.algorithm, "SHA256");
    assert_string_equal(report.signer.subject, "CN=unit test");
    assert_true(report.signer.self_signed);
    assert_int_equal(report.signer.usage_count, 1);
    assert_string_equal(report.signer.usages[0], "1.3.6.1.5.5.7.3.3");
    sign_roots_free(roots);
    vf_buf_free(&file);
    vf_buf_free(&out);
}

static void same_key_and_file_give_the_same_bytes(void **state)
{
    struct vf_buf file = VF_BUF_INIT, one = VF_BUF_INIT, two = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_ARM64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &one);
    sign_fixture_sign(vf_view_of(&file), *state, &two);
    assert_true(vf_view_equal(vf_view_of(&one), vf_view_of(&two)));
    vf_buf_free(&file);
    vf_buf_free(&one);
    vf_buf_free(&two);
}

static void unsigned_image_is_reported_so(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct sign_report report;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    assert_int_equal(sign_inspect(vf_view_of(&file), NULL, &report, NULL), VF_OK);
    assert_false(report.present);
    assert_false(report.valid);
    vf_buf_free(&file);
}

static void signature_is_replaced_only_when_asked(void **state)
{
    struct vf_buf file = VF_BUF_INIT, one = VF_BUF_INIT, two = VF_BUF_INIT;
    struct sign_options options = {.name = NULL};
    struct vf_err err;
    pe_fixture_finished(PE_MACHINE_X86, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &one);
    assert_int_equal(sign_file(vf_view_of(&one), *state, &options, &two, &err), VF_POLICY);
    assert_int_equal(two.size, 0);
    options.replace = true;
    options.name = "unit test";
    assert_int_equal(sign_file(vf_view_of(&one), *state, &options, &two, &err), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&one), vf_view_of(&two)));
    vf_buf_free(&file);
    vf_buf_free(&one);
    vf_buf_free(&two);
}

static void stripping_gives_the_unsigned_image_back(void **state)
{
    struct vf_buf file = VF_BUF_INIT, with = VF_BUF_INIT, without = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &with);
    assert_int_equal(sign_strip(vf_view_of(&with), &without, NULL), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&file), vf_view_of(&without)));
    vf_buf_free(&file);
    vf_buf_free(&with);
    vf_buf_free(&without);
}

static void foreign_root_is_no_trust(void **state)
{
    struct vf_buf file = VF_BUF_INIT, out = VF_BUF_INIT;
    struct sign_key *other;
    struct sign_report report;
    assert_int_equal(sign_key_make("other", 1700000000, &other, NULL), VF_OK);
    struct sign_roots *roots = sign_fixture_roots(other);
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &out);
    assert_int_equal(sign_inspect(vf_view_of(&out), roots, &report, NULL), VF_OK);
    assert_true(report.valid);
    assert_int_equal(report.chain, SIGN_CHAIN_UNTRUSTED);
    assert_string_not_equal(report.why, "");
    sign_roots_free(roots);
    sign_key_free(other);
    vf_buf_free(&file);
    vf_buf_free(&out);
}

/* Without regard to roots; the checksum counts as part of the signature here. */
static bool passes(struct vf_view file)
{
    struct sign_report report;
    struct pe_image image;
    return sign_inspect(file, NULL, &report, NULL) == VF_OK && report.present && report.valid &&
           pe_read(file, &image, NULL) == VF_OK && image.checksum == pe_checksum(&image);
}

static void each_changed_byte_is_noticed(void **state)
{
    struct vf_buf file = VF_BUF_INIT, out = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &out);
    assert_true(passes(vf_view_of(&out)));
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] ^= 0x01;
        if (passes(vf_view_of(&out)))
            fail_msg("the change of the byte at 0x%zx was not noticed", i);
        out.data[i] ^= 0x01;
    }
    vf_buf_free(&file);
    vf_buf_free(&out);
}

/* The signature alone, for what the checksum would otherwise notice first. */
static void each_changed_byte_of_the_signature_is_noticed_without_the_checksum(void **state)
{
    struct vf_buf file = VF_BUF_INIT, out = VF_BUF_INIT;
    struct sign_report report;
    struct pe_image image;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &out);
    assert_int_equal(pe_read(vf_view_of(&out), &image, NULL), VF_OK);
    size_t start = image.directories[PE_DIR_CERTIFICATE].address + 8;
    for (size_t i = start; i < out.size; i++) {
        out.data[i] ^= 0x10;
        if (sign_inspect(vf_view_of(&out), NULL, &report, NULL) == VF_OK && report.valid &&
            report.vouched)
            fail_msg("the change of the byte at 0x%zx (signature + 0x%zx) was not noticed", i,
                     i - start);
        out.data[i] ^= 0x10;
    }
    vf_buf_free(&file);
    vf_buf_free(&out);
}

/* Append the file, finished and signed, with another signature appended. */
static void make_nested(const struct sign_key *key, struct vf_buf *out)
{
    struct vf_buf file = VF_BUF_INIT, one = VF_BUF_INIT;
    struct sign_options options = {.name = "second", .append = true, .page_hashes = true};
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), key, &one);
    assert_int_equal(sign_file(vf_view_of(&one), key, &options, out, NULL), VF_OK);
    vf_buf_free(&file);
    vf_buf_free(&one);
}

static void appended_signature_is_nested_in_the_first(void **state)
{
    struct vf_buf two = VF_BUF_INIT, again = VF_BUF_INIT;
    struct sign_report report;
    make_nested(*state, &two);
    make_nested(*state, &again);
    assert_true(vf_view_equal(vf_view_of(&two), vf_view_of(&again)));
    assert_int_equal(sign_inspect(vf_view_of(&two), NULL, &report, NULL), VF_OK);
    assert_string_equal(report.why, "");
    assert_true(report.valid);
    assert_string_equal(report.name, "unit test");
    assert_int_equal(report.nested_count, 1);
    assert_true(report.nested[0].valid);
    assert_string_equal(report.nested[0].why, "");
    assert_string_equal(report.nested[0].algorithm, "SHA256");
    assert_string_equal(report.nested[0].signer, "CN=unit test");
    vf_buf_free(&two);
    vf_buf_free(&again);
}

static void appending_to_an_unsigned_image_signs_it(void **state)
{
    struct vf_buf file = VF_BUF_INIT, one = VF_BUF_INIT, two = VF_BUF_INIT;
    struct sign_options options = {.name = "unit test", .append = true};
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &one);
    assert_int_equal(sign_file(vf_view_of(&file), *state, &options, &two, NULL), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&one), vf_view_of(&two)));
    vf_buf_free(&file);
    vf_buf_free(&one);
    vf_buf_free(&two);
}

static void replacing_and_stripping_take_the_nested_ones_along(void **state)
{
    struct vf_buf file = VF_BUF_INIT, one = VF_BUF_INIT, two = VF_BUF_INIT, out = VF_BUF_INIT;
    struct sign_options options = {.name = "unit test", .replace = true};
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &one);
    make_nested(*state, &two);
    assert_int_equal(sign_file(vf_view_of(&two), *state, &options, &out, NULL), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&one), vf_view_of(&out)));
    vf_buf_free(&out);
    assert_int_equal(sign_strip(vf_view_of(&two), &out, NULL), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&file), vf_view_of(&out)));
    vf_buf_free(&file);
    vf_buf_free(&one);
    vf_buf_free(&two);
    vf_buf_free(&out);
}

static void nested_signatures_are_bounded(void **state)
{
    struct vf_buf now = VF_BUF_INIT;
    struct sign_options options = {.append = true};
    struct sign_report report;
    struct vf_err err;
    make_nested(*state, &now);
    for (unsigned count = 1; count <= SIGN_NESTED_MAX; count++) {
        struct vf_buf next = VF_BUF_INIT;
        assert_int_equal(sign_inspect(vf_view_of(&now), NULL, &report, NULL), VF_OK);
        assert_true(report.valid);
        assert_int_equal(report.nested_count, count);
        assert_int_equal(sign_file(vf_view_of(&now), *state, &options, &next, &err),
                         count < SIGN_NESTED_MAX ? VF_OK : VF_POLICY);
        if (next.size) {
            vf_buf_free(&now);
            now = next;
        }
    }
    vf_buf_free(&now);
}

static void nothing_is_appended_to_a_wrong_signature(void **state)
{
    struct vf_buf two = VF_BUF_INIT, out = VF_BUF_INIT;
    struct sign_options options = {.append = true};
    struct vf_err err;
    make_nested(*state, &two);
    two.data[0x400] ^= 1;
    assert_int_equal(sign_file(vf_view_of(&two), *state, &options, &out, &err), VF_POLICY);
    assert_int_equal(out.size, 0);
    vf_buf_free(&two);
    vf_buf_free(&out);
}

static void nothing_is_appended_to_a_catalog(void **state)
{
    static const uint8_t list[] = {0x30, 0x03, 0x02, 0x01, 0x05};
    struct vf_buf catalog = VF_BUF_INIT, out = VF_BUF_INIT;
    struct sign_options options = {.append = true};
    struct vf_err err;
    assert_int_equal(sign_catalog_wrap((struct vf_view){list, sizeof(list)}, &catalog, NULL),
                     VF_OK);
    assert_int_equal(sign_file(vf_view_of(&catalog), *state, &options, &out, &err), VF_POLICY);
    assert_int_equal(out.size, 0);
    vf_buf_free(&catalog);
}

static void each_changed_byte_of_a_nested_signature_is_noticed(void **state)
{
    static const uint8_t masks[] = {0x01, 0x02, 0x04, 0x10};
    struct vf_buf two = VF_BUF_INIT;
    struct sign_report report;
    struct pe_image image;
    make_nested(*state, &two);
    assert_int_equal(pe_read(vf_view_of(&two), &image, NULL), VF_OK);
    size_t start = image.directories[PE_DIR_CERTIFICATE].address + 8;
    for (size_t i = start; i < two.size; i++) {
        for (size_t j = 0; j < sizeof(masks); j++) {
            two.data[i] ^= masks[j];
            if (sign_inspect(vf_view_of(&two), NULL, &report, NULL) == VF_OK && report.valid &&
                report.vouched)
                fail_msg("the change of the byte at signature + 0x%zx by 0x%02x was not noticed",
                         i - start, masks[j]);
            two.data[i] ^= masks[j];
        }
    }
    vf_buf_free(&two);
}

static void truncated_signatures_are_survived(void **state)
{
    struct vf_buf file = VF_BUF_INIT, out = VF_BUF_INIT;
    struct sign_report report;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &out);
    for (size_t size = 0; size < out.size; size += size < file.size ? 64 : 1) {
        uint8_t *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, out.data, size);
        assert_int_equal(sign_inspect((struct vf_view){copy, size}, NULL, &report, NULL),
                         VF_MALFORMED);
        free(copy);
    }
    vf_buf_free(&file);
    vf_buf_free(&out);
}

static void page_hashes_are_stated_and_checked(void **state)
{
    struct vf_buf file = VF_BUF_INIT, with = VF_BUF_INIT, without = VF_BUF_INIT;
    struct sign_options options = {.page_hashes = true};
    struct sign_report report;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    assert_int_equal(sign_file(vf_view_of(&file), *state, &options, &with, NULL), VF_OK);
    sign_fixture_sign(vf_view_of(&file), *state, &without);
    assert_true(with.size > without.size + 7 * (size_t)36);
    assert_int_equal(sign_inspect(vf_view_of(&with), NULL, &report, NULL), VF_OK);
    assert_true(report.valid);
    vf_buf_free(&file);
    vf_buf_free(&with);
    vf_buf_free(&without);
}

static void other_files_cannot_be_signed(void **state)
{
    static const char *const texts[] = {"", "MZ", "0\x82", "<html>", "\x30\x03\x02\x01\x05"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct vf_view view = {(const uint8_t *)texts[i], strlen(texts[i])};
        struct sign_options options = {.name = NULL};
        struct sign_report report;
        struct vf_buf out = VF_BUF_INIT;
        assert_int_equal(sign_file(view, *state, &options, &out, NULL), VF_MALFORMED);
        assert_int_equal(sign_strip(view, &out, NULL), VF_MALFORMED);
        assert_int_equal(sign_inspect(view, NULL, &report, NULL), VF_MALFORMED);
        vf_buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_image_is_valid_and_trusted),
        cmocka_unit_test(same_key_and_file_give_the_same_bytes),
        cmocka_unit_test(unsigned_image_is_reported_so),
        cmocka_unit_test(signature_is_replaced_only_when_asked),
        cmocka_unit_test(stripping_gives_the_unsigned_image_back),
        cmocka_unit_test(foreign_root_is_no_trust),
        cmocka_unit_test(each_changed_byte_is_noticed),
        cmocka_unit_test(each_changed_byte_of_the_signature_is_noticed_without_the_checksum),
        cmocka_unit_test(appended_signature_is_nested_in_the_first),
        cmocka_unit_test(appending_to_an_unsigned_image_signs_it),
        cmocka_unit_test(replacing_and_stripping_take_the_nested_ones_along),
        cmocka_unit_test(nested_signatures_are_bounded),
        cmocka_unit_test(nothing_is_appended_to_a_wrong_signature),
        cmocka_unit_test(nothing_is_appended_to_a_catalog),
        cmocka_unit_test(each_changed_byte_of_a_nested_signature_is_noticed),
        cmocka_unit_test(truncated_signatures_are_survived),
        cmocka_unit_test(page_hashes_are_stated_and_checked),
        cmocka_unit_test(other_files_cannot_be_signed),
    };
    return cmocka_run_group_tests(tests, sign_fixture_setup, sign_fixture_teardown);
}
