/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "builder/pe/check.h"
#include "tests/unit/pe_fixture.h"

static bool note(void *context, enum pe_level level, const char *code, const char *text)
{
    struct vf_buf *all = context;
    vf_buf_printf(all, "%d %s: %s\n", (int)level, code, text);
    return true;
}

/* The findings on a file, one a line, kept in text. */
static const char *findings_on(const struct vf_buf *file, const struct pe_target *target,
                               struct vf_buf *text)
{
    struct pe_image image;
    assert_int_equal(pe_read(vf_view_of(file), &image, NULL), VF_OK);
    assert_int_equal(pe_check(&image, target, note, text, NULL), VF_OK);
    return vf_buf_text(text);
}

static void finished_driver_has_only_notes_and_its_import_by_number(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT, text = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    const char *all = findings_on(&file, NULL, &text);
    assert_null(strstr(all, "2 pe."));
    assert_non_null(strstr(all, "1 pe.ordinal: imports number 7 of ntoskrnl.exe"));
    assert_non_null(strstr(all, "0 pe.cfg"));
    vf_buf_free(&file);
    vf_buf_free(&text);
}

static void put_name(struct vf_buf *file, const char *name)
{
    memcpy(file->data + 0x600 + 0x92, name, strlen(name) + 1);
}

static void imports_are_judged_by_the_target(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t build;
        const char *says;
    } cases[] = {
        {"ExAllocatePool2", 10240, "2 pe.import-new: imports ExAllocatePool2"},
        {"ExAllocatePool2", 19041, NULL},
        {"ExAllocatePool2", 0, NULL},
        {"NoSuchRoutine", 0, "1 pe.import: imports NoSuchRoutine"},
        {"DbgPrint", 7600, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vf_buf file = VF_BUF_INIT, text = VF_BUF_INIT;
        const struct pe_target target = {10, 0, cases[i].build};
        pe_fixture_finished(PE_MACHINE_AMD64, &file);
        put_name(&file, cases[i].name);
        const char *all = findings_on(&file, &target, &text);
        if (cases[i].says)
            assert_non_null(strstr(all, cases[i].says));
        else
            assert_null(strstr(all, "pe.import"));
        vf_buf_free(&file);
        vf_buf_free(&text);
    }
}

/* A program imports hundreds of names of a few modules: that is one finding for each module. */
static void foreign_modules_are_named_once(void **state)
{
    (void)state;
    static const struct {
        const char *module, *says;
    } cases[] = {
        {"KERNEL32.dll", "2 pe.user-mode: imports KERNEL32.dll (DbgPrint, for one)"},
        {"fwpkclnt.sys", "0 pe.module: imports fwpkclnt.sys (DbgPrint, for one)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vf_buf file = VF_BUF_INIT, text = VF_BUF_INIT;
        pe_fixture_finished(PE_MACHINE_AMD64, &file);
        memcpy(file.data + 0x680, cases[i].module, strlen(cases[i].module) + 1);
        /* the second of its names is the first once more, not a number */
        memcpy(file.data + 0x648, file.data + 0x640, 8);
        const char *first = strstr(findings_on(&file, NULL, &text), cases[i].says);
        assert_non_null(first);
        assert_null(strstr(first + strlen(cases[i].says), "imports"));
        vf_buf_free(&file);
        vf_buf_free(&text);
    }
}

static void each_fault_has_its_code(void **state)
{
    (void)state;
    struct pe_image image;
    struct vf_buf file = VF_BUF_INIT;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    struct pe_section data = pe_fixture_section(vf_view_of(&file), ".data");
    const uint32_t o = image.optional_offset;
    const struct {
        uint32_t offset, value;
        const char *says;
    } cases[] = {
        {image.checksum_offset, 1, "2 pe.checksum"},
        {o + 68, 3, "2 pe.subsystem"},
        {o + 32, 0x200, "2 pe.alignment"},
        {o + 16, 0x3000, "2 pe.entry"},
        {o + 16, 0x90000, "2 pe.entry"},
        {o + 56, 0x4000, "2 pe.size"},
        {o + 112 + 8 * PE_DIR_TLS + 4, 24, "2 pe.tls"},
        {data.flags_offset, 0xe0000040, "2 pe.writable-code"},
        {data.flags_offset, 0xd0000040, "1 pe.shared"},
        {data.flags_offset - 24, 0x1000, "2 pe.overlap"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vf_buf copy = VF_BUF_INIT, text = VF_BUF_INIT;
        vf_buf_append_view(&copy, vf_view_of(&file));
        vf_put_le32(copy.data + cases[i].offset, cases[i].value);
        if (!strstr(findings_on(&copy, NULL, &text), cases[i].says))
            fail_msg("no %s in: %s", cases[i].says, vf_buf_text(&text));
        vf_buf_free(&copy);
        vf_buf_free(&text);
    }
    vf_buf_free(&file);
}

static void exports_are_known_with_their_build(void **state)
{
    (void)state;
    assert_int_equal(pe_export_build("NTOSKRNL.EXE", "DbgPrint"), 7600);
    assert_int_equal(pe_export_build("ntoskrnl.exe", "ExAllocatePool2"), 19041);
    assert_int_equal(pe_export_build("storport.sys", "StorPortInitialize"), 7600);
    assert_int_equal(pe_export_build("ntoskrnl.exe", "StorPortInitialize"), 0);
    assert_int_equal(pe_export_build("ntoskrnl", "DbgPrint"), UINT32_MAX);
    assert_int_equal(pe_export_build("nosuch.sys", "DbgPrint"), UINT32_MAX);
    /* power framework: what most drivers for phones and tablets import */
    assert_int_equal(pe_export_build("ntoskrnl.exe", "PoFxRegisterDevice"), 9200);
    assert_int_equal(pe_export_build("wdfldr.sys", "WdfVersionBind"), 7600);
    /* not of the import library's age, though it lists it */
    assert_int_equal(pe_export_build("ndis.sys", "NdisSynchronousOidRequest"), 16299);
    /* as x86 decorates it */
    assert_int_equal(pe_export_build("USBD.SYS", "_USBD_ParseConfigurationDescriptorEx@28"), 7600);
    assert_int_equal(pe_export_build("USBD.SYS", "_NoSuchRoutine@28"), 0);
    assert_int_equal(pe_export_build("USBD.SYS", "_@28"), 0);
    assert_int_equal(pe_export_build("USBD.SYS", "28"), 0);
}

static void oldest_build_of_all_imports_is_found(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    uint32_t build;
    unsigned unknown;
    pe_fixture_finished(PE_MACHINE_X86, &file);
    put_name(&file, "MmMapIoSpaceEx");
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_imports_build(&image, &build, &unknown, NULL), VF_OK);
    assert_int_equal(build, 10240);
    assert_int_equal(unknown, 1);
    vf_buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finished_driver_has_only_notes_and_its_import_by_number),
        cmocka_unit_test(imports_are_judged_by_the_target),
        cmocka_unit_test(foreign_modules_are_named_once),
        cmocka_unit_test(each_fault_has_its_code),
        cmocka_unit_test(exports_are_known_with_their_build),
        cmocka_unit_test(oldest_build_of_all_imports_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
