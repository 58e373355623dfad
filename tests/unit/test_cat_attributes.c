/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the INF decides which systems a file is listed for, and what marks its entry gets. */
#include "tests/unit/scratch.h"

#include <stdio.h>

#include "builder/cat/package.h"
#include "tests/unit/pe_fixture.h"
#include "util/outfile.h"

#define HEAD                         \
    "[Version]\r\n"                  \
    "Signature=\"$WINDOWS NT$\"\r\n" \
    "CatalogFile=d.cat\r\n"          \
    "[SourceDisksNames]\r\n1=disk\r\n"
#define BARE_SOURCES "[SourceDisksFiles]\r\nd.sys=1\r\n"

/* The catalog for an INF beside d.sys. */
static struct cat_list *create(const char *inf, const char *systems, int version)
{
    const struct cat_os *chosen[CAT_SYSTEMS_MAX];
    struct cat_package_options options = {.systems = chosen, .version = version, .time = 1};
    static const char *const infs[] = {"d.inf"};
    struct vf_buf image = VF_BUF_INIT;
    struct cat_list *list;
    struct vf_err err = {VF_OK, ""};

    pe_fixture_finished(PE_MACHINE_ARM64, &image);
    assert_int_equal(vf_out_file("d.sys", true, vf_view_of(&image), NULL), VF_OK);
    vf_buf_free(&image);
    scratch_put("d.inf", inf);
    assert_int_equal(cat_os_parse(systems, chosen, &options.system_count, NULL), VF_OK);
    if (cat_package_create(infs, 1, &options, &list, &err))
        fail_msg("%s", err.text);
    return list;
}

/* The SHA-256 entry of a file where there is one, else that of SHA-1. */
static const struct cat_entry *entry_of(const struct cat_list *list, const char *name)
{
    const struct cat_entry *found = NULL;

    for (size_t i = 0; i < list->entry_count; i++)
        if (strcmp(cat_entry_value(&list->entries[i], "File"), name) == 0 &&
            (!found || list->entries[i].digest.hash == VF_SHA256))
            found = &list->entries[i];
    assert_non_null(found);
    return found;
}

/* As Inf2Cat has it: the INF is for all systems, a file for those whose sections copy it. */
static void files_are_for_the_systems_that_install_them(void **state)
{
    static const struct {
        const char *inf, *attributes;
    } cases[] = {
        {HEAD BARE_SOURCES "[DefaultInstall.NTarm64]\r\nCopyFiles=F\r\n[F]\r\nd.sys\r\n", "2:10.0"},
        {HEAD BARE_SOURCES "[DefaultInstall.NTarm]\r\nCopyFiles=F\r\n[F]\r\nd.sys\r\n", "2:6.3"},
        {HEAD BARE_SOURCES "[DefaultInstall.NTarm]\r\nCopyFiles=F\r\n[F]\r\nd.sys\r\n"
                           "[DefaultInstall.NTarm64.10.0]\r\nCopyFiles=F\r\n",
         "2:6.3,2:10.0"},
        /* an install section for every system, whatever the models are decorated with */
        {HEAD BARE_SOURCES "[Manufacturer]\r\nM=Models,NTarm64\r\n[Models.NTarm64]\r\n"
                           "D=Inst,A\\B\r\n[Inst.NT]\r\nCopyFiles=F\r\n[F]\r\nd.sys\r\n",
         "2:6.3,2:10.0"},
        /* likewise where only the list of sources names an architecture */
        {HEAD "[SourceDisksFiles.arm64]\r\nd.sys=1\r\n[Inst]\r\nCopyFiles=@d.sys\r\n",
         "2:6.3,2:10.0"},
        /* which counts once the install sections do */
        {HEAD "[SourceDisksFiles.arm64]\r\nd.sys=1\r\n[Inst.NTarm]\r\nCopyFiles=@d.sys\r\n"
              "[Inst.NTarm64]\r\nCopyFiles=@d.sys\r\n",
         "2:10.0"},
        /* for none of the systems: then the systems are what was meant */
        {HEAD BARE_SOURCES "[DefaultInstall.NTx86]\r\nCopyFiles=F\r\n[F]\r\nd.sys\r\n",
         "2:6.3,2:10.0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cat_list *list = create(cases[i].inf, "6_3_ARM,10_RS3_ARM64", 0);
        assert_string_equal(cat_entry_value(entry_of(list, "d.inf"), "OSAttr"), "2:6.3,2:10.0");
        assert_string_equal(cat_entry_value(entry_of(list, "d.sys"), "OSAttr"),
                            cases[i].attributes);
        cat_list_free(list);
    }
}

/* An INF shared between machines, in a package for some of them. */
static void files_for_other_machines_may_be_absent(void **state)
{
    static const char inf[] = HEAD "[SourceDisksFiles.arm64]\r\nd.sys=1\r\n"
                                   "[SourceDisksFiles.x86]\r\nabsent.sys=1\r\n";
    static const char *const infs[] = {"d.inf"};
    const struct cat_os *systems[] = {cat_os_find("10_X86")};
    const struct cat_package_options options = {.systems = systems, .system_count = 1, .time = 1};
    struct vf_err err;
    (void)state;
    struct cat_list *list = create(inf, "10_RS3_ARM64", 0);
    assert_int_equal(list->entry_count, 4);
    cat_list_free(list);
    assert_int_equal(cat_package_create(infs, 1, &options, &list, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "absent.sys"));
}

static void every_system_has_its_architecture(void **state)
{
    static const struct {
        const char *name;
        enum inf_arch arch;
    } cases[] = {
        {"2000", INF_ARCH_X86},          {"XP_X86", INF_ARCH_X86},
        {"10X64", INF_ARCH_AMD64},       {"Server2008R2_IA64", INF_ARCH_IA64},
        {"6_3_ARM", INF_ARCH_ARM},       {"Server2025_ARM64", INF_ARCH_ARM64},
        {"10_VB_X86", INF_ARCH_X86},     {"ServerFE_X64", INF_ARCH_AMD64},
        {"10_GE_ARM64", INF_ARCH_ARM64},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(cat_os_arch(cat_os_find(cases[i].name)), cases[i].arch);
}

static void signature_attributes_are_listed(void **state)
{
    static const struct {
        const char *attributes;
        const char *level, *trusted, *catalog; /* NULL: not there */
        bool pages;
    } cases[] = {
        {"", NULL, NULL, NULL, false},
        {"[SignatureAttributes]\r\nD.SYS=SignatureAttributes.DRM\r\n"
         "[SignatureAttributes.DRM]\r\nDRMLevel=1300\r\n",
         "1300", NULL, NULL, true},
        {"[SignatureAttributes]\r\nd.sys=SignatureAttributes.PETrust\r\n"
         "[SignatureAttributes.PETrust]\r\nPETrust=true\r\n",
         NULL, "1", "TRUSTED", true},
        {"[SignatureAttributes]\r\nd.sys=SignatureAttributes.DRM\r\n"
         "d.sys=SignatureAttributes.PETrust\r\nd.sys=SignatureAttributes.PETrust\r\n"
         "[SignatureAttributes.DRM]\r\nDRMLevel=1200\r\n"
         "[SignatureAttributes.PETrust]\r\nPETrust=TRUE\r\n",
         "1200", "1", "TRUSTED", true},
        /* asked for by no file, but the catalog says so all the same */
        {"[SignatureAttributes.PETrust]\r\nPETrust=true\r\n", NULL, NULL, "TRUSTED", false},
        {"[SignatureAttributes]\r\nd.sys=SignatureAttributes.WindowsHello\r\n"
         "[SignatureAttributes.WindowsHello]\r\nWindowsHello=true\r\n",
         NULL, NULL, NULL, true},
        {"[SignatureAttributes]\r\nd.sys=SignatureAttributes.HalExt\r\n"
         "[SignatureAttributes.HalExt]\r\nHalExt=true\r\n",
         NULL, NULL, NULL, false},
        {"[SignatureAttributes]\r\nother.sys=SignatureAttributes.DRM\r\nd.sys=None\r\n"
         "[SignatureAttributes.DRM]\r\nDRMLevel=1300\r\n",
         NULL, NULL, NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        char inf[1024];
        const char *wanted[] = {cases[i / 2].level, cases[i / 2].trusted};
        static const char *const names[] = {"DRMLevel", "PETrusted"};
        snprintf(inf, sizeof(inf), "%s%s%s", HEAD BARE_SOURCES, "[I]\r\nCopyFiles=@d.sys\r\n",
                 cases[i / 2].attributes);
        struct cat_list *list = create(inf, "10_X64", i % 2 ? 1 : 2);
        const struct cat_entry *entry = entry_of(list, "d.sys");
        for (size_t j = 0; j < 2; j++) {
            const char *value = cat_entry_value(entry, names[j]);
            if (!value != !wanted[j] || (value && strcmp(value, wanted[j]) != 0))
                fail_msg("case %zu: %s is %s", i, names[j], value ? value : "absent");
            assert_null(cat_entry_value(entry_of(list, "d.inf"), names[j]));
        }
        assert_int_equal(entry->page_rows.size != 0, cases[i / 2].pages);
        const char *value = cat_list_value(list, "PE");
        if (!value != !cases[i / 2].catalog)
            fail_msg("case %zu: PE is %s", i, value ? value : "absent");
        if (value) {
            assert_string_equal(list->values[0].name, "PE");
            assert_int_equal(list->values[0].flags, 0x10001);
        }
        cat_list_free(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(files_are_for_the_systems_that_install_them),
        SCRATCH_TEST(files_for_other_machines_may_be_absent),
        SCRATCH_TEST(every_system_has_its_architecture),
        SCRATCH_TEST(signature_attributes_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
