/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "builder/package/describe.h"

static void assert_described(const char *inf, const char *name, const char *version)
{
    struct iso_layout_inf out = {NULL, NULL};
    struct vf_view view = {(const uint8_t *)inf, strlen(inf)};
    assert_int_equal(package_describe(NULL, "x.inf", view, &out, NULL), VF_OK);
    assert_string_equal(out.name, name);
    assert_string_equal(out.version, version);
    free(out.name);
    free(out.version);
}

static void name_and_version_are_those_of_the_inf(void **state)
{
    (void)state;
    assert_described("[Version]\nSignature=\"$Windows NT$\"\nDriverVer=11/22/2026,100.0.1.2\n"
                     "[Manufacturer]\n%V%=Models,NTx86.10.0,NTamd64.10.0\n"
                     "[Models.NTamd64.10.0]\n%Dev.DeviceDesc%=Install,PCI\\VEN_1AF4\n"
                     "[Strings]\nV=\"Maker\"\nDev.DeviceDesc=\"VirtIO RNG Device\"\n",
                     "VirtIO RNG Device", "100.0.1.2");
}

static void undecorated_models_are_found(void **state)
{
    (void)state;
    assert_described("[Version]\n[Manufacturer]\n\"Maker\"=Models\n[Models]\n\"Plain\"=I,ROOT\\X\n",
                     "Plain", "");
}

static void a_manufacturer_without_models_is_passed_over(void **state)
{
    (void)state;
    assert_described("[Manufacturer]\n\"A\"=None\n\"B\"=Some\n[Some]\n\"Second\"=I,ROOT\\X\n",
                     "Second", "");
}

static void what_is_not_there_is_empty(void **state)
{
    (void)state;
    assert_described("[Version]\nSignature=\"$Windows NT$\"\n", "", "");
}

static void what_is_no_inf_is_refused_by_name(void **state)
{
    (void)state;
    struct iso_layout_inf out = {NULL, NULL};
    struct vf_err err = {VF_OK, ""};
    static const uint8_t bytes[] = {'[', 0, 'x', 1, 0, 0};
    struct vf_view view = {bytes, sizeof(bytes)};
    assert_int_equal(package_describe(NULL, "dir/x.inf", view, &out, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "dir/x.inf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_and_version_are_those_of_the_inf),
        cmocka_unit_test(undecorated_models_are_found),
        cmocka_unit_test(a_manufacturer_without_models_is_passed_over),
        cmocka_unit_test(what_is_not_there_is_empty),
        cmocka_unit_test(what_is_no_inf_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
