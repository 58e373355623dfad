/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_driver_image ARCH EPOCH FILE.sys [FILE.pdb]: a driver as its linker made it. The PDB, and
 * what only the clang build has, is looked at where one is given.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder/pe/pe.h"
#include "util/file.h"

#define PE_DIR_EXCEPTION 3

static const char *arch, *sys_path, *pdb_path;
static uint32_t epoch;
static struct vf_buf sys, pdb;
static struct pe_image image;

static bool section_named(const char *name, struct pe_section *out)
{
    for (unsigned i = 0; i < image.section_count; i++) {
        pe_section_at(&image, i, out);
        if (strcmp(out->name, name) == 0)
            return true;
    }
    return false;
}

static void machine_is_the_folders(void **state)
{
    (void)state;
    assert_string_equal(pe_machine_name(image.machine), arch);
    assert_int_equal(image.plus, strcmp(arch, "x86") != 0);
}

static void image_is_a_native_one_for_windows_10(void **state)
{
    (void)state;
    assert_int_equal(image.subsystem, PE_SUBSYSTEM_NATIVE);
    assert_int_equal(image.subsystem_major, 10);
    assert_int_equal(image.os_major, 10);
    assert_int_equal(image.section_alignment, 4096);
    assert_true(image.dll_characteristics & PE_DLL_DYNAMIC_BASE);
    assert_true(image.dll_characteristics & PE_DLL_NX_COMPAT);
    assert_false(image.dll_characteristics & PE_DLL_TS_AWARE);
    assert_int_equal(image.characteristics & 0x2000, 0); /* no DLL */
    assert_int_equal(image.base, image.plus ? 0x140000000u : 0x400000u);
}

static void no_section_is_writable_and_executable(void **state)
{
    (void)state;
    struct pe_section section;
    if (pe_writable_code(&image, &section))
        fail_msg("section %s is writable and executable", section.name);
}

static void sections_are_those_of_a_driver(void **state)
{
    (void)state;
    static const char *const known[] = {".text",  ".rdata", ".data", ".bss",  ".pdata", ".xdata",
                                        ".idata", "PAGE",   "INIT",  ".rsrc", ".reloc"};
    for (unsigned i = 0; i < image.section_count; i++) {
        struct pe_section section;
        bool found = false;
        pe_section_at(&image, i, &section);
        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
            found = found || strcmp(section.name, known[k]) == 0;
        if (!found)
            fail_msg("section %s is no driver's", section.name);
    }
}

static void entry_lies_in_discardable_init(void **state)
{
    (void)state;
    struct pe_section init;
    assert_true(section_named("INIT", &init));
    assert_true(init.flags & PE_SECTION_EXECUTE);
    assert_true(image.entry >= init.address && image.entry < init.address + init.virtual_size);
    /* GNU ld cannot; finishing does it there */
    if (pdb_path != NULL)
        assert_true(init.flags & PE_SECTION_DISCARDABLE);
}

static void code_that_may_not_be_paged_out_is_not(void **state)
{
    (void)state;
    struct pe_section text;
    assert_true(section_named(".text", &text));
    if (pdb_path == NULL)
        skip();
    assert_true(text.flags & PE_SECTION_NOT_PAGED);
}

static void nothing_is_exported_or_thread_local(void **state)
{
    (void)state;
    assert_int_equal(image.directories[PE_DIR_EXPORT].size, 0);
    assert_int_equal(image.directories[PE_DIR_TLS].size, 0);
}

static void image_can_be_relocated(void **state)
{
    (void)state;
    assert_true(image.directories[PE_DIR_RELOCATION].size > 8);
}

static void unwind_table_covers_the_code(void **state)
{
    (void)state;
    const uint32_t entry_size = strcmp(arch, "arm64") == 0 ? 8 : 12;
    struct pe_section text;
    uint32_t entries;
    assert_true(section_named(".text", &text));
    if (!image.plus) {
        assert_int_equal(image.directories[PE_DIR_EXCEPTION].size, 0);
        return;
    }
    assert_int_equal(image.directories[PE_DIR_EXCEPTION].size % entry_size, 0);
    entries = image.directories[PE_DIR_EXCEPTION].size / entry_size;
    /* a function has some 250 bytes; where a linker drops tables, many times that */
    assert_true((uint64_t)entries * 512 > text.virtual_size);
}

static bool no_decoration(void *context, const char *dll, const char *name, uint16_t ordinal)
{
    unsigned *count = context;
    (void)ordinal;
    if (name == NULL)
        fail_msg("%s: import by number", dll);
    else if (strchr(name, '@') != NULL || name[0] == '_')
        fail_msg("%s: %s is not the name the system exports", dll, name);
    ++*count;
    return true;
}

static void imported_names_carry_no_decoration(void **state)
{
    (void)state;
    unsigned count = 0;
    assert_int_equal(pe_imports(&image, no_decoration, &count, NULL), VF_OK);
    assert_true(count > 0);
}

static void version_resource_names_the_file(void **state)
{
    (void)state;
    const char *name = vf_path_base(sys_path);
    const size_t length = strlen(name);
    uint8_t wide[128];
    assert_true(image.directories[PE_DIR_RESOURCE].size > 0);
    assert_true(2 * length <= sizeof(wide));
    for (size_t i = 0; i < length; i++) {
        wide[2 * i] = (uint8_t)name[i];
        wide[2 * i + 1] = 0;
    }
    assert_non_null(memmem(sys.data, sys.size, wide, 2 * length));
}

static void time_stamp_is_the_projects(void **state)
{
    (void)state;
    assert_int_equal(image.timestamp, epoch);
}

static void no_path_of_the_tree_is_inside(void **state)
{
    (void)state;
    static const char *const paths[] = {SOURCE_DIR "/", BUILD_DIR "/"};
    if (strcmp(SOURCE_DIR, "/src") == 0) {
        print_message("the tree stands at /src, which every build states as its place\n");
        skip();
    }
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_null(memmem(sys.data, sys.size, paths[i], strlen(paths[i])));
        if (pdb_path != NULL)
            assert_null(memmem(pdb.data, pdb.size, paths[i], strlen(paths[i])));
    }
}

static void finishing_accepts_it(void **state)
{
    (void)state;
    struct vf_buf copy = VF_BUF_INIT;
    struct vf_err err;
    vf_buf_append(&copy, sys.data, sys.size);
    if (pe_finish(copy.data, copy.size, epoch, &err) != VF_OK)
        fail_msg("%s", err.text);
    vf_buf_free(&copy);
}

static void pdb_belongs_to_the_image(void **state)
{
    (void)state;
    struct pe_pdb record;
    bool found;
    char *name, *dot;
    if (pdb_path == NULL)
        skip();
    assert_int_equal(pe_pdb(&image, &record, &found, NULL), VF_OK);
    assert_true(found);
    assert_string_equal(record.path, vf_path_base(pdb_path));
    assert_non_null(memmem(pdb.data, pdb.size, record.guid, sizeof(record.guid)));

    name = strdup(vf_path_base(sys_path));
    assert_non_null(name);
    dot = strrchr(name, '.');
    assert_non_null(dot);
    assert_int_equal(strncmp(record.path, name, (size_t)(dot - name)), 0);
    free(name);
}

static void pdb_has_public_symbols(void **state)
{
    (void)state;
    char command[4096], line[4096];
    bool entry = false;
    FILE *pipe;
    if (pdb_path == NULL)
        skip();
    snprintf(command, sizeof(command), "llvm-pdbutil dump -publics '%s'", pdb_path);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof(line), pipe) != NULL)
        entry = entry || strstr(line, "DriverEntry") != NULL;
    assert_int_equal(pclose(pipe), 0);
    assert_true(entry);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine_is_the_folders),
        cmocka_unit_test(image_is_a_native_one_for_windows_10),
        cmocka_unit_test(no_section_is_writable_and_executable),
        cmocka_unit_test(sections_are_those_of_a_driver),
        cmocka_unit_test(entry_lies_in_discardable_init),
        cmocka_unit_test(code_that_may_not_be_paged_out_is_not),
        cmocka_unit_test(nothing_is_exported_or_thread_local),
        cmocka_unit_test(image_can_be_relocated),
        cmocka_unit_test(unwind_table_covers_the_code),
        cmocka_unit_test(imported_names_carry_no_decoration),
        cmocka_unit_test(version_resource_names_the_file),
        cmocka_unit_test(time_stamp_is_the_projects),
        cmocka_unit_test(no_path_of_the_tree_is_inside),
        cmocka_unit_test(finishing_accepts_it),
        cmocka_unit_test(pdb_belongs_to_the_image),
        cmocka_unit_test(pdb_has_public_symbols),
    };
    struct vf_err err;
    int failed;

    if (argc < 4) {
        fprintf(stderr, "usage: test_driver_image ARCH EPOCH FILE.sys [FILE.pdb]\n");
        return 2;
    }
    arch = argv[1];
    epoch = (uint32_t)strtoul(argv[2], NULL, 10);
    sys_path = argv[3];
    pdb_path = argc > 4 ? argv[4] : NULL;
    if (vf_file_read(sys_path, PE_FILE_MAX, &sys, &err) != VF_OK ||
        (pdb_path != NULL && vf_file_read(pdb_path, PE_FILE_MAX, &pdb, &err) != VF_OK) ||
        pe_read(vf_view_of(&sys), &image, &err) != VF_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    vf_buf_free(&sys);
    vf_buf_free(&pdb);
    return failed != 0;
}
