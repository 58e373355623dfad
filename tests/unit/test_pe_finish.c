/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/pe_fixture.h"

static void sections_get_the_flags_windows_expects(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t flags;
    } expected[] = {
        {".text", 0x68000020}, {".rdata", 0x48000040}, {".data", 0xc8000040},
        {"INIT", 0x62000020},  {".rsrc", 0x42000040},  {".reloc", 0x42000040},
    };
    struct vf_buf file = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct pe_section section = pe_fixture_section(vf_view_of(&file), expected[i].name);
        assert_int_equal(section.flags, expected[i].flags);
    }
    vf_buf_free(&file);
}

static void time_stamp_checksum_and_flags_are_set(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    pe_fixture(PE_MACHINE_X86, &file);
    assert_int_equal(pe_finish(file.data, file.size, 1700000000, NULL), VF_OK);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(image.timestamp, 1700000000);
    assert_int_equal(image.checksum, pe_checksum(&image));
    assert_int_equal(image.dll_characteristics, PE_DLL_NX_COMPAT | PE_DLL_DYNAMIC_BASE);
    vf_buf_free(&file);
}

static void finishing_twice_changes_nothing(void **state)
{
    (void)state;
    struct vf_buf once = VF_BUF_INIT, twice = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_AMD64, &once);
    pe_fixture_finished(PE_MACHINE_AMD64, &twice);
    assert_int_equal(pe_finish(twice.data, twice.size, 1, NULL), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&once), vf_view_of(&twice)));
    vf_buf_free(&once);
    vf_buf_free(&twice);
}

static void paged_sections_stay_paged(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    pe_fixture(PE_MACHINE_AMD64, &file);
    struct pe_section text = pe_fixture_section(vf_view_of(&file), ".text");
    memcpy(file.data + text.flags_offset - 36, "PAGEFOO\0", 8);
    assert_int_equal(pe_finish(file.data, file.size, 1, NULL), VF_OK);
    assert_int_equal(pe_fixture_section(vf_view_of(&file), "PAGEFOO").flags, 0x60000020);
    vf_buf_free(&file);
}

enum field { SUBSYSTEM, MACHINE, ALIGNMENT, TLS, DATA_FLAGS, DATA_NAME, CERTIFICATE };

static void spoil(struct vf_buf *file, enum field field)
{
    struct pe_image image;
    assert_int_equal(pe_read(vf_view_of(file), &image, NULL), VF_OK);
    struct pe_section data = pe_fixture_section(vf_view_of(file), ".data");
    uint8_t *optional = file->data + image.optional_offset;
    switch (field) {
    case SUBSYSTEM:
        vf_put_le16(optional + 68, 3);
        break;
    case MACHINE:
        vf_put_le16(file->data + image.coff_offset, 0x200);
        break;
    case ALIGNMENT:
        vf_put_le32(optional + 32, 0x200);
        break;
    case TLS:
        vf_put_le32(optional + 112 + 8 * PE_DIR_TLS + 4, 24);
        break;
    case DATA_FLAGS:
        vf_put_le32(file->data + data.flags_offset, data.flags | PE_SECTION_EXECUTE);
        break;
    case DATA_NAME:
        memcpy(file->data + data.flags_offset - 36, ".eh_fram", 8);
        break;
    case CERTIFICATE:
        vf_put_le32(file->data + image.certificate_entry_offset, 0x800);
        vf_put_le32(file->data + image.certificate_entry_offset + 4, 8);
        break;
    }
}

static void what_windows_refuses_is_refused_and_left_alone(void **state)
{
    (void)state;
    static const struct {
        enum field field;
        const char *says;
    } cases[] = {
        {SUBSYSTEM, "native"},           {MACHINE, "machine"},  {ALIGNMENT, "0x1000"},
        {TLS, "thread-local"},           {DATA_FLAGS, ".data"}, {DATA_NAME, ".eh_fram"},
        {CERTIFICATE, "signed already"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vf_buf file = VF_BUF_INIT, before = VF_BUF_INIT;
        struct vf_err err;
        pe_fixture(PE_MACHINE_AMD64, &file);
        spoil(&file, cases[i].field);
        vf_buf_append_view(&before, vf_view_of(&file));
        assert_int_equal(pe_finish(file.data, file.size, 1, &err), VF_POLICY);
        assert_non_null(strstr(err.text, cases[i].says));
        assert_true(vf_view_equal(vf_view_of(&file), vf_view_of(&before)));
        vf_buf_free(&file);
        vf_buf_free(&before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_get_the_flags_windows_expects),
        cmocka_unit_test(time_stamp_checksum_and_flags_are_set),
        cmocka_unit_test(finishing_twice_changes_nothing),
        cmocka_unit_test(paged_sections_stay_paged),
        cmocka_unit_test(what_windows_refuses_is_refused_and_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
