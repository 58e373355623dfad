/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/pe_fixture.h"

static const uint8_t first[] = "first signature", second[] = "another, longer signature";

static void set_on(struct vf_view file, struct vf_view pkcs7, struct vf_buf *out)
{
    struct pe_image image;
    assert_int_equal(pe_read(file, &image, NULL), VF_OK);
    assert_int_equal(pe_certificate_set(&image, pkcs7, out, NULL), VF_OK);
}

static void signature_comes_back_as_set(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT, with = VF_BUF_INIT;
    struct pe_image image;
    struct vf_view body;
    uint16_t type;
    bool found;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    set_on(vf_view_of(&file), (struct vf_view){first, sizeof(first)}, &with);
    assert_int_equal(pe_read(vf_view_of(&with), &image, NULL), VF_OK);
    assert_int_equal(image.checksum, pe_checksum(&image));
    assert_int_equal(with.size % 8, 0);
    assert_int_equal(pe_certificate_at(&image, 0, &body, &type, &found, NULL), VF_OK);
    assert_true(found);
    assert_int_equal(type, PE_CERTIFICATE_PKCS7);
    assert_memory_equal(body.data, first, sizeof(first));
    assert_int_equal(pe_certificate_at(&image, 1, &body, &type, &found, NULL), VF_OK);
    assert_false(found);
    vf_buf_free(&file);
    vf_buf_free(&with);
}

static void replacing_and_removing_leave_no_trace(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT, one = VF_BUF_INIT, two = VF_BUF_INIT, none = VF_BUF_INIT;
    struct vf_buf direct = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    set_on(vf_view_of(&file), (struct vf_view){first, sizeof(first)}, &one);
    set_on(vf_view_of(&one), (struct vf_view){second, sizeof(second)}, &two);
    set_on(vf_view_of(&file), (struct vf_view){second, sizeof(second)}, &direct);
    assert_true(vf_view_equal(vf_view_of(&two), vf_view_of(&direct)));
    set_on(vf_view_of(&two), (struct vf_view){NULL, 0}, &none);
    assert_true(vf_view_equal(vf_view_of(&none), vf_view_of(&file)));
    vf_buf_free(&file);
    vf_buf_free(&one);
    vf_buf_free(&two);
    vf_buf_free(&none);
    vf_buf_free(&direct);
}

static void entry_longer_than_its_table_is_refused(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0, 7, 0x1000, 0xffffffff};
    for (size_t i = 0; i < 4; i++) {
        struct vf_buf file = VF_BUF_INIT, with = VF_BUF_INIT;
        struct pe_image image;
        struct vf_view body;
        uint16_t type;
        bool found;
        pe_fixture_finished(PE_MACHINE_X86, &file);
        set_on(vf_view_of(&file), (struct vf_view){first, sizeof(first)}, &with);
        assert_int_equal(pe_read(vf_view_of(&with), &image, NULL), VF_OK);
        vf_put_le32(with.data + image.directories[PE_DIR_CERTIFICATE].address, lengths[i]);
        assert_int_equal(pe_certificate_at(&image, 0, &body, &type, &found, NULL), VF_MALFORMED);
        vf_buf_free(&file);
        vf_buf_free(&with);
    }
}

static void image_without_the_directory_cannot_be_signed(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT, with = VF_BUF_INIT;
    struct pe_image image;
    struct vf_err err;
    pe_fixture(PE_MACHINE_AMD64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    vf_put_le32(file.data + image.optional_offset + 108, 4);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_certificate_set(&image, (struct vf_view){first, 8}, &with, &err),
                     VF_MALFORMED);
    assert_non_null(strstr(err.text, "4 data directories"));
    vf_buf_free(&file);
    vf_buf_free(&with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signature_comes_back_as_set),
        cmocka_unit_test(replacing_and_removing_leave_no_trace),
        cmocka_unit_test(entry_longer_than_its_table_is_refused),
        cmocka_unit_test(image_without_the_directory_cannot_be_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
