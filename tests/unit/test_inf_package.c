/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/inf_make.h"

#include "inf/package.h"

static struct inf_package *package_of(const char *text)
{
    struct inf_file *file = inf_make(text);
    struct inf_package *package;
    struct vf_err err;

    assert_int_equal(inf_package_make(file, &package, &err), VF_OK);
    inf_free(file); /* the package stands alone */
    return package;
}

static const char two_arches[] =
    "[Version]\nProvider=%Me%\nClass=System\nClassGuid={4D36E97D-E325-11CE-BFC1-08002BE10318}\n"
    "DriverVer=11/22/2026,1.2.3.4\nCatalogFile=Any.cat\nCatalogFile.NTamd64=Drv64.CAT\n"
    "[Manufacturer]\n%Me%=Std,NTamd64.10.0,NTarm64.10.0...16299\n"
    "[Std]\n%D%=I,PCI\\VEN_1AF4&DEV_1005&SUBSYS_00041AF4&REV_00,PCI\\VEN_1AF4&DEV_1005\n"
    "[Std.NTamd64.10.0]\n%D%=I,PCI\\VEN_1AF4&DEV_1005\n%D%=I,PCI\\VEN_1AF4&DEV_1044\n"
    "[Std.NTarm64.10.0...16299]\n%D%=I,pci\\ven_1af4&dev_1044,,ACPI\\X\n"
    "[SourceDisksNames]\n1=%Me%,,,\n2=%Me%,,,\"\\sub\\\"\n"
    "[SourceDisksFiles]\nDrv.SYS=1\nHelp.dll=2,inner,77\n"
    "[SourceDisksFiles.amd64]\nonly64.sys=2\n"
    "[SourceDisksFiles.mips]\nnever.sys=1\n"
    "[Strings]\nMe=\"Someone\"\n";

static void version_facts_are_read(void **state)
{
    (void)state;
    struct inf_package *package = package_of(two_arches);

    assert_string_equal(package->provider, "Someone");
    assert_string_equal(package->class_name, "System");
    assert_true(package->driver_ver.date_valid && package->driver_ver.version_valid);
    assert_int_equal(package->driver_ver.year, 2026);
    assert_int_equal(package->driver_ver.month, 11);
    assert_int_equal(package->driver_ver.day, 22);
    assert_int_equal(package->driver_ver.parts[3], 4);
    assert_int_equal(package->driver_ver.place.line, 5);
    assert_int_equal(package->arches, INF_ARCH_BIT(INF_ARCH_AMD64) | INF_ARCH_BIT(INF_ARCH_ARM64));
    assert_false(package->primitive);
    inf_package_free(package);
}

static void each_architecture_finds_its_catalog(void **state)
{
    (void)state;
    struct inf_package *package = package_of(two_arches);

    assert_int_equal(package->catalog_count, 2);
    assert_string_equal(inf_package_catalog(package, INF_ARCH_AMD64)->name, "drv64.cat");
    assert_string_equal(inf_package_catalog(package, INF_ARCH_ARM64)->name, "any.cat");
    assert_int_equal(inf_package_catalog(package, INF_ARCH_ARM64)->place.line, 6);
    inf_package_free(package);
    package = package_of("[Version]\n");
    assert_null(inf_package_catalog(package, INF_ARCH_X86));
    inf_package_free(package);
}

static void ids_are_unique_lower_case_and_in_file_order(void **state)
{
    (void)state;
    static const char *const want[] = {
        "pci\\ven_1af4&dev_1005&subsys_00041af4&rev_00",
        "pci\\ven_1af4&dev_1005",
        "pci\\ven_1af4&dev_1044",
        "acpi\\x",
    };
    struct inf_package *package = package_of(two_arches);

    assert_int_equal(package->id_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(package->ids[i].id, want[i]);
    inf_package_free(package);
}

static void sources_carry_folder_architecture_and_line(void **state)
{
    (void)state;
    struct inf_package *package = package_of(two_arches);

    assert_int_equal(package->source_count, 3);
    assert_string_equal(package->sources[0].name, "drv.sys");
    assert_string_equal(package->sources[0].directory, "");
    assert_int_equal(package->sources[0].size, -1);
    assert_int_equal(package->sources[0].place.line, 21);
    assert_string_equal(package->sources[1].directory, "sub\\inner");
    assert_int_equal(package->sources[1].size, 77);
    assert_string_equal(package->sources[2].name, "only64.sys");
    assert_int_equal(package->sources[2].arch, INF_ARCH_AMD64);
    inf_package_free(package);
}

static void undecorated_manufacturers_count_as_x86(void **state)
{
    (void)state;
    struct inf_package *package = package_of("[Manufacturer]\n%M%=Std\n[Std]\n%D%=I,ID1\n");

    assert_int_equal(package->arches, INF_ARCH_BIT(INF_ARCH_X86));
    assert_string_equal(package->ids[0].id, "id1");
    inf_package_free(package);
}

static void primitive_drivers_are_told_by_their_default_install(void **state)
{
    (void)state;
    struct inf_package *package = package_of("[DefaultInstall.NTamd64]\n[DefaultInstall.NTx86]\n"
                                             "[DefaultInstall.NTx86.Services]\n");

    assert_true(package->primitive);
    assert_int_equal(package->arches, INF_ARCH_BIT(INF_ARCH_AMD64) | INF_ARCH_BIT(INF_ARCH_X86));
    inf_package_free(package);
}

static void an_empty_section_makes_an_empty_package(void **state)
{
    (void)state;
    struct inf_package *package = package_of("[Version]");

    assert_string_equal(package->provider, "");
    assert_string_equal(package->driver_ver.version_text, "");
    assert_false(package->driver_ver.date_valid);
    assert_int_equal(package->source_count + package->id_count + package->catalog_count, 0);
    assert_int_equal(package->arches, 0);
    inf_package_free(package);
}

static void dates_must_be_real_days(void **state)
{
    (void)state;
    unsigned y, m, d;
    static const char *const bad[] = {"13/01/2020", "02/29/2023",  "00/10/2020",
                                      "1/1",        "01/01/2020x", "01/01-2020",
                                      "",           "01.01.2020",  "01/32/2020"};

    assert_true(inf_date_parse("02/29/2024", &y, &m, &d));
    assert_true(inf_date_parse("1-2-2024", &y, &m, &d));
    assert_int_equal(d, 2);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(inf_date_parse(bad[i], &y, &m, &d));
}

static void versions_have_up_to_four_small_parts(void **state)
{
    (void)state;
    unsigned parts[4];
    static const char *const bad[] = {"",    ".",    "1.",        "1.2.3.4.5", "65536.0.0.0",
                                      "1.a", "1..2", "9999999999"};

    assert_int_equal(inf_version_parse("1.2.3.65535", parts), 4);
    assert_int_equal(parts[3], 65535);
    assert_int_equal(inf_version_parse("7", parts), 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(inf_version_parse(bad[i], parts), 0);
}

static void guids_have_one_form(void **state)
{
    (void)state;
    assert_true(inf_guid_valid("{4d36e97D-E325-11CE-BFC1-08002BE10318}"));
    assert_false(inf_guid_valid("4D36E97D-E325-11CE-BFC1-08002BE10318"));
    assert_false(inf_guid_valid("{4D36E97D-E325-11CE-BFC1-08002BE1031G}"));
    assert_false(inf_guid_valid(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_facts_are_read),
        cmocka_unit_test(each_architecture_finds_its_catalog),
        cmocka_unit_test(ids_are_unique_lower_case_and_in_file_order),
        cmocka_unit_test(sources_carry_folder_architecture_and_line),
        cmocka_unit_test(undecorated_manufacturers_count_as_x86),
        cmocka_unit_test(primitive_drivers_are_told_by_their_default_install),
        cmocka_unit_test(an_empty_section_makes_an_empty_package),
        cmocka_unit_test(dates_must_be_real_days),
        cmocka_unit_test(versions_have_up_to_four_small_parts),
        cmocka_unit_test(guids_have_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
