/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/pe_fixture.h"

#define RDATA_AT 0x600

struct seen {
    char text[256];
    unsigned limit;
};

static bool note_import(void *context, const char *dll, const char *name, uint16_t ordinal)
{
    struct seen *seen = context;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof(seen->text) - used, "%s:%s#%u ", dll, name ? name : "",
             ordinal);
    return seen->limit == 0 || --seen->limit > 0;
}

static void imports_come_by_name_and_ordinal(void **state)
{
    (void)state;
    static const uint16_t machines[] = {PE_MACHINE_AMD64, PE_MACHINE_X86};
    for (size_t i = 0; i < 2; i++) {
        struct vf_buf file = VF_BUF_INIT;
        struct pe_image image;
        struct seen seen = {"", 0};
        pe_fixture(machines[i], &file);
        assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
        assert_int_equal(pe_imports(&image, note_import, &seen, NULL), VF_OK);
        assert_string_equal(seen.text, "ntoskrnl.exe:DbgPrint#0 ntoskrnl.exe:#7 ");
        vf_buf_free(&file);
    }
}

static void walk_ends_when_the_caller_has_enough(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    struct seen seen = {"", 1};
    pe_fixture(PE_MACHINE_AMD64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_imports(&image, note_import, &seen, NULL), VF_OK);
    assert_string_equal(seen.text, "ntoskrnl.exe:DbgPrint#0 ");
    vf_buf_free(&file);
}

/* Each address of the import table in turn points nowhere. */
static void imports_outside_the_file_are_refused(void **state)
{
    (void)state;
    static const uint32_t fields[] = {RDATA_AT, RDATA_AT + 12, RDATA_AT + 0x40};
    for (size_t i = 0; i < 3; i++) {
        struct vf_buf file = VF_BUF_INIT;
        struct pe_image image;
        struct seen seen = {"", 0};
        struct vf_err err;
        pe_fixture(PE_MACHINE_AMD64, &file);
        vf_put_le32(file.data + fields[i], 0x7ffffff0);
        assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
        assert_int_equal(pe_imports(&image, note_import, &seen, &err), VF_MALFORMED);
        assert_non_null(strstr(err.text, "import table"));
        vf_buf_free(&file);
    }
}

static void unterminated_name_is_refused(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    struct seen seen = {"", 0};
    pe_fixture(PE_MACHINE_AMD64, &file);
    memset(file.data + RDATA_AT + 0x92, 'a', 0x200 - 0x92);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_imports(&image, note_import, &seen, NULL), VF_MALFORMED);
    vf_buf_free(&file);
}

static void debug_record_names_the_pdb(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    struct pe_pdb pdb;
    bool found;
    pe_fixture(PE_MACHINE_ARM64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_pdb(&image, &pdb, &found, NULL), VF_OK);
    assert_true(found);
    assert_string_equal(pdb.path, "driver.pdb");
    assert_int_equal(pdb.age, 3);
    assert_int_equal(pdb.guid[15], 15);
    vf_buf_free(&file);
}

static void debug_record_cut_short_is_refused(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    struct pe_pdb pdb;
    bool found;
    pe_fixture(PE_MACHINE_ARM64, &file);
    vf_put_le32(file.data + RDATA_AT + 0x100 + 16, 30);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_pdb(&image, &pdb, &found, NULL), VF_MALFORMED);
    assert_false(found);
    vf_buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_come_by_name_and_ordinal),
        cmocka_unit_test(walk_ends_when_the_caller_has_enough),
        cmocka_unit_test(imports_outside_the_file_are_refused),
        cmocka_unit_test(unterminated_name_is_refused),
        cmocka_unit_test(debug_record_names_the_pdb),
        cmocka_unit_test(debug_record_cut_short_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
