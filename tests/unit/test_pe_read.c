/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/pe_fixture.h"

static void headers_of_each_machine_are_read(void **state)
{
    (void)state;
    static const struct {
        uint16_t machine;
        const char *name;
    } cases[] = {{PE_MACHINE_AMD64, "amd64"}, {PE_MACHINE_X86, "x86"}, {PE_MACHINE_ARM64, "arm64"}};

    for (size_t i = 0; i < 3; i++) {
        struct vf_buf file = VF_BUF_INIT;
        struct pe_image image;
        pe_fixture(cases[i].machine, &file);
        assert_true(pe_is_image(vf_view_of(&file)));
        assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
        assert_string_equal(pe_machine_name(image.machine), cases[i].name);
        assert_int_equal(image.plus, i != 1);
        assert_int_equal(image.subsystem, PE_SUBSYSTEM_NATIVE);
        assert_int_equal(image.section_count, 6);
        assert_int_equal(image.section_alignment, 4096);
        assert_int_equal(image.directory_count, 16);
        assert_false(pe_writable_code(&image, NULL));
        vf_buf_free(&file);
    }
}

static void other_files_are_no_image(void **state)
{
    (void)state;
    static const char html[] = "<!DOCTYPE html>                                                   ";
    struct vf_view view = {(const uint8_t *)html, sizeof(html)};
    struct pe_image image;
    struct vf_err err;
    assert_false(pe_is_image(view));
    assert_int_equal(pe_read(view, &image, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "not a Windows image"));
    assert_false(pe_is_image((struct vf_view){NULL, 0}));
}

/* Every shorter file is judged without touching a byte behind its end (the heap block is exact). */
static void truncation_at_any_length_is_survived(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    pe_fixture(PE_MACHINE_AMD64, &file);
    for (size_t size = 0; size < file.size; size++) {
        uint8_t *copy = malloc(size ? size : 1);
        struct pe_image image;
        assert_non_null(copy);
        memcpy(copy, file.data, size);
        assert_int_equal(pe_read((struct vf_view){copy, size}, &image, NULL), VF_MALFORMED);
        free(copy);
    }
    vf_buf_free(&file);
}

static void section_outside_the_file_is_refused(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    struct vf_err err;
    pe_fixture(PE_MACHINE_AMD64, &file);
    struct pe_section text = pe_fixture_section(vf_view_of(&file), ".text");
    vf_put_le32(file.data + text.flags_offset - 16, 0xfffffff0);
    assert_int_equal(pe_read(vf_view_of(&file), &image, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, ".text"));
    vf_buf_free(&file);
}

static void certificate_table_outside_the_file_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t address, size;
    } cases[] = {{0xfffffff8, 16}, {0x800, 0xffffffff}, {0x10, 16}};
    for (size_t i = 0; i < 3; i++) {
        struct vf_buf file = VF_BUF_INIT;
        struct pe_image image;
        pe_fixture(PE_MACHINE_AMD64, &file);
        assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
        vf_put_le32(file.data + image.certificate_entry_offset, cases[i].address);
        vf_put_le32(file.data + image.certificate_entry_offset + 4, cases[i].size);
        assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_MALFORMED);
        vf_buf_free(&file);
    }
}

static void writable_code_is_found(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    struct pe_section found;
    pe_fixture(PE_MACHINE_X86, &file);
    struct pe_section data = pe_fixture_section(vf_view_of(&file), ".data");
    vf_put_le32(file.data + data.flags_offset, data.flags | PE_SECTION_EXECUTE);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_true(pe_writable_code(&image, &found));
    assert_string_equal(found.name, ".data");
    vf_buf_free(&file);
}

static void addresses_lead_to_bytes_only_inside_the_file(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    struct vf_view view;
    pe_fixture(PE_MACHINE_AMD64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_true(pe_at_rva(&image, 0x2000, 0x200, &view));
    assert_ptr_equal(view.data, file.data + 0x600);
    assert_false(pe_at_rva(&image, 0x2000, 0x201, &view));
    assert_false(pe_at_rva(&image, 0xfffffff0, 0x20, &view));
    assert_true(pe_at_rva(&image, 0, 2, &view));
    vf_buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_each_machine_are_read),
        cmocka_unit_test(other_files_are_no_image),
        cmocka_unit_test(truncation_at_any_length_is_survived),
        cmocka_unit_test(section_outside_the_file_is_refused),
        cmocka_unit_test(certificate_table_outside_the_file_is_refused),
        cmocka_unit_test(writable_code_is_found),
        cmocka_unit_test(addresses_lead_to_bytes_only_inside_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
