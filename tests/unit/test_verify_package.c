/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages laid out as others lay them out: what must not be taken for a fault. */
#include "tests/unit/scratch.h"

#include <stdio.h>

#include "builder/cat/package.h"
#include "builder/verify/verify.h"
#include "tests/unit/pe_fixture.h"
#include "util/outfile.h"

/* How often the folder "t" breaks a rule. */
static size_t broken(enum verify_rule_id rule)
{
    struct verify_options options = {NULL, 0};
    struct verify_report *report;
    struct tree *tree;
    size_t count = 0;

    assert_int_equal(tree_open("t", &tree, NULL), VF_OK);
    assert_int_equal(verify_run(tree, &options, &report, NULL), VF_OK);
    for (size_t i = 0; i < verify_finding_count(report); i++)
        count += verify_finding_at(report, i)->rule == rule;
    verify_report_free(report);
    tree_close(tree);
    return count;
}

static void put_image(const char *path, uint16_t machine, uint16_t subsystem, uint32_t checksum)
{
    struct vf_buf image = VF_BUF_INIT;

    pe_fixture_finished(machine, &image);
    vf_put_le16(image.data + 0x98 + 68, subsystem);
    if (checksum)
        vf_put_le32(image.data + 0x98 + 64, checksum);
    assert_int_equal(vf_out_file(path, true, vf_view_of(&image), NULL), VF_OK);
    vf_buf_free(&image);
}

#define HEAD                                                \
    "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\n"           \
    "DriverVer=01/02/2024,1.2.3.4\r\nCatalogFile=d.cat\r\n" \
    "[SourceDisksNames]\r\n1=disk\r\n[Manufacturer]\r\n"

/* The bare section lists the x86 files, and the decorated one takes their place on amd64. */
static void bare_sources_give_way_to_decorated_ones(void **state)
{
    (void)state;
    scratch_put("t/d.inf", HEAD "M=Models,NTamd64\r\n[Models.NTamd64]\r\nD=I,A\\B\r\n"
                                "[I]\r\nCopyFiles=@d.sys\r\n"
                                "[SourceDisksFiles]\r\nd.sys=1,i386\r\n"
                                "[SourceDisksFiles.amd64]\r\nd.sys=1,amd64\r\n");
    scratch_put("t/i386/x", "");
    scratch_put("t/amd64/x", "");
    put_image("t/i386/d.sys", PE_MACHINE_X86, PE_SUBSYSTEM_NATIVE, 0);
    put_image("t/amd64/d.sys", PE_MACHINE_AMD64, PE_SUBSYSTEM_NATIVE, 0);
    assert_int_equal(broken(RULE_PE_MACHINE), 0);
    put_image("t/amd64/d.sys", PE_MACHINE_X86, PE_SUBSYSTEM_NATIVE, 0);
    assert_int_equal(broken(RULE_PE_MACHINE), 1);
    assert_int_equal(unlink("t/i386/d.sys"), 0);
    assert_int_equal(broken(RULE_INF_FILE), 0);
    assert_int_equal(unlink("t/amd64/d.sys"), 0);
    assert_int_equal(broken(RULE_INF_FILE), 1);
}

/* The kernel checks the sums of its own images; linkers leave those of programs at zero. */
static void checksums_are_asked_of_drivers_only(void **state)
{
    enum { CONSOLE = 3 };
    (void)state;
    scratch_put("t/d.inf", HEAD "M=Models,NTamd64\r\n[Models.NTamd64]\r\nD=I,A\\B\r\n"
                                "[I]\r\nCopyFiles=@d.sys\r\n"
                                "[SourceDisksFiles]\r\nd.sys=1\r\ntool.exe=1\r\n");
    put_image("t/d.sys", PE_MACHINE_AMD64, PE_SUBSYSTEM_NATIVE, 0);
    put_image("t/tool.exe", PE_MACHINE_AMD64, CONSOLE, 1);
    assert_int_equal(broken(RULE_PE_CHECKSUM), 0);
    put_image("t/d.sys", PE_MACHINE_AMD64, PE_SUBSYSTEM_NATIVE, 1);
    assert_int_equal(broken(RULE_PE_CHECKSUM), 1);
}

/* "amd64/en-us" is a folder of texts, "amd64/w11" one that Setup looks into. */
static void folders_that_are_no_systems_are_no_short_tree(void **state)
{
    (void)state;
    scratch_put("t/amd64/en-us/texts.mui", "texts");
    assert_int_equal(broken(RULE_SHORT_DRIVER), 0);
    scratch_put("t/amd64/w11/texts.sys", "driver");
    assert_int_equal(broken(RULE_SHORT_DRIVER), 1);
}

/* A catalog for what lies in the folder "t" at the moment. */
static void put_catalog(const char *systems)
{
    const struct cat_os *os[CAT_SYSTEMS_MAX];
    struct cat_package_options options = {.systems = os, .time = 1};
    const char *const inf = "t/d.inf";
    struct cat_list *list;
    struct vf_buf bytes = VF_BUF_INIT;

    assert_int_equal(cat_os_parse(systems, os, &options.system_count, NULL), VF_OK);
    assert_int_equal(cat_package_create(&inf, 1, &options, &list, NULL), VF_OK);
    assert_int_equal(cat_write(list, &bytes, NULL), VF_OK);
    assert_int_equal(vf_out_file("t/d.cat", true, vf_view_of(&bytes), NULL), VF_OK);
    cat_list_free(list);
    vf_buf_free(&bytes);
}

static void a_catalog_is_for_the_devices_and_systems_of_its_inf(void **state)
{
    (void)state;
    static const char *const inf = HEAD "M=Models,NTamd64\r\n[Models.NTamd64]\r\nD=I,A\\B,C\\D\r\n"
                                        "[I]\r\nx=y\r\n";

    scratch_put("t/d.inf", inf);
    put_catalog("10_X64,Server10_X64");
    assert_int_equal(broken(RULE_CAT_HWID), 0);
    assert_int_equal(broken(RULE_CAT_OS), 0);
    put_catalog("10_X86,10_RS3_ARM64");
    assert_int_equal(broken(RULE_CAT_OS), 1);
    scratch_put("t/d.inf", HEAD "M=Models,NTamd64\r\n[Models.NTamd64]\r\nD=I,A\\B,E\\F,G\\H\r\n"
                                "[I]\r\nx=y\r\n");
    assert_int_equal(broken(RULE_CAT_HWID), 1);
}

/* Windows before 10 has no memory integrity, and linkers of its time made such sections. */
static void writable_code_counts_from_windows_10_on(void **state)
{
    enum { FLAGS = 0x98 + 240 + 36 }; /* of the first section's header */
    static const struct {
        const char *systems;
        size_t findings;
    } cases[] = {
        {"7_X64,Server2008R2_X64", 0},
        {"6_3_X64,Server6_3_X64", 0},
        {"10X64", 1},
        {"10_X64", 1},
        {"7_X64,Server10_X64", 1},
        {"7_X64,10_RS3_X64", 1},
        {"Vista_X64,XP_X64,Vista_X86", 0},
    };
    struct vf_buf image = VF_BUF_INIT;
    (void)state;

    scratch_put("t/d.inf", HEAD "M=Models,NTamd64\r\n[Models.NTamd64]\r\nD=I,A\\B\r\n"
                                "[I]\r\nCopyFiles=@d.sys\r\n[SourceDisksFiles]\r\nd.sys=1\r\n");
    pe_fixture_finished(PE_MACHINE_AMD64, &image);
    vf_put_le32(image.data + FLAGS, PE_SECTION_WRITE | PE_SECTION_EXECUTE);
    assert_int_equal(vf_out_file("t/d.sys", true, vf_view_of(&image), NULL), VF_OK);
    vf_buf_free(&image);
    assert_int_equal(broken(RULE_PE_WRITABLE_CODE), 1); /* no catalog yet */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put_catalog(cases[i].systems);
        assert_int_equal(broken(RULE_PE_WRITABLE_CODE), cases[i].findings);
    }
}

/* Files of several architectures have one name each in as many folders. */
static void a_catalog_names_only_files_of_its_package(void **state)
{
    (void)state;
    scratch_put("t/d.inf", HEAD "M=Models,NTamd64,NTx86\r\n[Models.NTamd64]\r\nD=I,A\\B\r\n"
                                "[Models.NTx86]\r\nD=I,A\\B\r\n[I]\r\nCopyFiles=@d.sys\r\n"
                                "[SourceDisksFiles]\r\nmore.txt=1\r\nlast.txt=1,deep\\er\r\n"
                                "[SourceDisksFiles.x86]\r\nd.sys=1,i386\r\n"
                                "[SourceDisksFiles.amd64]\r\nd.sys=1,amd64\r\n");
    scratch_put("t/more.txt", "more");
    scratch_put("t/deep/er/Last.TXT", "last");
    scratch_put("t/i386/x", "");
    scratch_put("t/amd64/x", "");
    put_image("t/i386/d.sys", PE_MACHINE_X86, PE_SUBSYSTEM_NATIVE, 0);
    put_image("t/amd64/d.sys", PE_MACHINE_AMD64, PE_SUBSYSTEM_NATIVE, 0);
    put_catalog("10_X64,10_X86");
    assert_int_equal(broken(RULE_CAT_EXTRA), 0);
    assert_int_equal(unlink("t/amd64/d.sys"), 0);
    assert_int_equal(broken(RULE_CAT_EXTRA), 0); /* the other is of this name */
    assert_int_equal(unlink("t/i386/d.sys"), 0);
    assert_int_equal(broken(RULE_CAT_EXTRA), 1);
    assert_int_equal(unlink("t/more.txt"), 0);
    assert_int_equal(unlink("t/deep/er/Last.TXT"), 0);
    assert_int_equal(broken(RULE_CAT_EXTRA), 3);
    /* what lies beside the package is not in it */
    assert_int_equal(rename("t", "u"), 0);
    scratch_put("t/a/x", "");
    assert_int_equal(rename("u", "t/a/b"), 0);
    scratch_put("t/a/more.txt", "more");
    scratch_put("t/a/b-side/d.sys", "");
    assert_int_equal(broken(RULE_CAT_EXTRA), 3);
    scratch_put("t/a/b/c/More.txt", "more");
    assert_int_equal(broken(RULE_CAT_EXTRA), 2);
}

/* What the table says of a Windows on an architecture, with test signing on. */
static enum policy_answer answer_for(enum inf_arch arch, const char **why)
{
    struct verify_options options = {NULL, 0};
    struct verify_report *report;
    struct tree *tree;
    struct policy_verdict found = {POLICY_NO_SUCH, NULL};

    assert_int_equal(tree_open("t", &tree, NULL), VF_OK);
    assert_int_equal(verify_run(tree, &options, &report, NULL), VF_OK);
    const struct verify_verdict *verdict = &verify_package_at(report, 0)->verdict;
    for (size_t i = 0; i < verdict->system_count; i++)
        if (verdict->systems[i].arch == arch)
            found = verdict_judge(verdict, &verdict->systems[i], POLICY_TEST_SIGNING);
    *why = found.why;
    verify_report_free(report);
    tree_close(tree);
    return found.answer;
}

/* A package for one machine, whose INF names files for others: those others miss them. */
static void absent_files_count_where_they_would_be_used(void **state)
{
    const char *why;
    (void)state;
    scratch_put("t/d.inf", HEAD "M=Models,NTamd64,NTarm64\r\n"
                                "[Models.NTamd64]\r\nD=I,A\\B\r\n[Models.NTarm64]\r\nD=I,A\\B\r\n"
                                "[I]\r\nCopyFiles=@d.sys\r\n"
                                "[SourceDisksFiles.amd64]\r\nd.sys=1\r\n"
                                "[SourceDisksFiles.arm64]\r\nd.sys=1,arm64\r\n");
    put_image("t/d.sys", PE_MACHINE_AMD64, PE_SUBSYSTEM_NATIVE, 0);
    assert_int_equal(broken(RULE_INF_FILE), 1);
    answer_for(INF_ARCH_ARM64, &why);
    assert_non_null(strstr(why, "files that are not in the package"));
    answer_for(INF_ARCH_AMD64, &why);
    assert_null(strstr(why, "files that are not in the package"));
    /* without a decoration it is everybody's */
    scratch_put("t/d.inf", HEAD "M=Models,NTamd64,NTarm64\r\n"
                                "[Models.NTamd64]\r\nD=I,A\\B\r\n[Models.NTarm64]\r\nD=I,A\\B\r\n"
                                "[I]\r\nCopyFiles=@d.sys\r\n"
                                "[SourceDisksFiles]\r\nd.sys=1\r\nx.sys=1\r\n");
    answer_for(INF_ARCH_AMD64, &why);
    assert_non_null(strstr(why, "files that are not in the package"));
}

/* CatalogFile.NTarch: each architecture's files are listed in its own catalog only. */
static void each_architecture_has_its_own_catalog(void **state)
{
    static const char *const arches[] = {"amd64", "arm64"};
    static const uint16_t machines[] = {PE_MACHINE_AMD64, PE_MACHINE_ARM64};
    static const char inf[] = "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\n"
                              "DriverVer=01/02/2024,1.2.3.4\r\nCatalogFile.NTamd64=amd64.cat\r\n"
                              "CatalogFile.NTarm64=arm64.cat\r\n[SourceDisksNames]\r\n1=disk\r\n"
                              "[Manufacturer]\r\nM=Models,NTamd64,NTarm64\r\n"
                              "[Models.NTamd64]\r\nD=I,A\\B\r\n[Models.NTarm64]\r\nD=I,A\\B\r\n"
                              "[I]\r\nCopyFiles=@d.sys\r\n"
                              "[SourceDisksFiles.amd64]\r\nd.sys=1,amd64\r\n"
                              "[SourceDisksFiles.arm64]\r\nd.sys=1,arm64\r\n";
    (void)state;
    scratch_put("t/d.inf", inf);
    for (size_t i = 0; i < 2; i++) {
        char path[64];
        scratch_put("t/amd64/x", "");
        scratch_put("t/arm64/x", "");
        snprintf(path, sizeof(path), "t/%s/d.sys", arches[i]);
        put_image(path, machines[i], PE_SUBSYSTEM_NATIVE, 0);
    }
    for (size_t i = 0; i < 2; i++) {
        /* a catalog of the INF and one machine's driver */
        char path[64];
        struct vf_buf image = VF_BUF_INIT, content = VF_BUF_INIT, bytes = VF_BUF_INIT;
        struct cat_member members[2];
        const struct cat_os *os = cat_os_find(i ? "10_RS3_ARM64" : "10_X64");
        struct cat_spec spec = {
            .members = members, .member_count = 2, .systems = &os, .system_count = 1, .time = 1};
        struct cat_list *list;
        pe_fixture_finished(machines[i], &image);
        vf_buf_append_text(&content, inf);
        cat_member_make("d.sys", vf_view_of(&image), false, &members[0], NULL);
        cat_member_make("d.inf", vf_view_of(&content), false, &members[1], NULL);
        assert_int_equal(cat_create(&spec, &list, NULL), VF_OK);
        assert_int_equal(cat_write(list, &bytes, NULL), VF_OK);
        snprintf(path, sizeof(path), "t/%s.cat", arches[i]);
        assert_int_equal(vf_out_file(path, true, vf_view_of(&bytes), NULL), VF_OK);
        cat_list_free(list);
        cat_member_free(&members[0]);
        cat_member_free(&members[1]);
        vf_buf_free(&image);
        vf_buf_free(&content);
        vf_buf_free(&bytes);
    }
    assert_int_equal(broken(RULE_CAT_HASH) + broken(RULE_CAT_MEMBER), 0);
    put_image("t/arm64/d.sys", PE_MACHINE_AMD64, PE_SUBSYSTEM_NATIVE, 0);
    assert_int_equal(broken(RULE_CAT_HASH), 1); /* the other machine's, which its catalog lacks */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(bare_sources_give_way_to_decorated_ones),
        SCRATCH_TEST(checksums_are_asked_of_drivers_only),
        SCRATCH_TEST(absent_files_count_where_they_would_be_used),
        SCRATCH_TEST(each_architecture_has_its_own_catalog),
        SCRATCH_TEST(folders_that_are_no_systems_are_no_short_tree),
        SCRATCH_TEST(writable_code_counts_from_windows_10_on),
        SCRATCH_TEST(a_catalog_names_only_files_of_its_package),
        SCRATCH_TEST(a_catalog_is_for_the_devices_and_systems_of_its_inf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
