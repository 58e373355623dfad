/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/inf_make.h"

#include "inf/stamp.h"

static const struct inf_variable arch[] = {{"ARCH", "amd64"}, {"OS", "10.0...16299"}};

static const struct inf_stamp whole = {
    .version = "1.2.3.4",
    .year = 2026,
    .month = 11,
    .day = 2,
    .catalog = "drv.cat",
    .variables = arch,
    .variable_count = 2,
};

static enum vf_code stamp_text(const char *text, const struct inf_stamp *stamp, struct vf_buf *out,
                               struct vf_err *err)
{
    struct inf_file *file = inf_make(text);
    enum vf_code code = inf_stamp(file, stamp, out, err);
    inf_free(file);
    return code;
}

static void check(const char *text, const struct inf_stamp *stamp, const char *want)
{
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};

    if (stamp_text(text, stamp, &out, &err) != VF_OK)
        fail_msg("%s", err.text);
    assert_string_equal(vf_buf_text(&out), want);
    vf_buf_free(&out);
}

static void refused(const char *text, const struct inf_stamp *stamp, enum vf_code code,
                    const char *message)
{
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};

    assert_int_equal(stamp_text(text, stamp, &out, &err), code);
    assert_non_null(strstr(err.text, message));
    vf_buf_free(&out);
}

static void values_in_place_are_replaced_and_the_rest_kept(void **state)
{
    (void)state;
    check("; $ARCH$\r\n[Version]\r\nSignature=\"$WINDOWS NT$\"\r\n"
          "CatalogFile = \"old.cat\" ; mine\r\nDriverVer=01/01/2008 , 0.0.0.1; stamped\r\n"
          "[Std.NT$ARCH$.$OS$]\r\n",
          &whole,
          "; amd64\r\n[Version]\r\nSignature=\"$WINDOWS NT$\"\r\n"
          "CatalogFile = drv.cat ; mine\r\nDriverVer=11/02/2026,1.2.3.4; stamped\r\n"
          "[Std.NTamd64.10.0...16299]\r\n");
}

static void missing_lines_are_added_behind_the_last(void **state)
{
    (void)state;
    check("[Version]\nSignature=\"$Chicago$\"\n\n[Next]\n", &whole,
          "[Version]\nSignature=\"$Chicago$\"\nDriverVer=11/02/2026,1.2.3.4\nCatalogFile=drv.cat\n"
          "\n[Next]\n");
    check("[Version]", &whole,
          "[Version]\r\nDriverVer = 11/02/2026,1.2.3.4\r\nCatalogFile = drv.cat");
    check("[Version]\nDriverVer =\nCatalogFile= ; mine\n", &whole,
          "[Version]\nDriverVer = 11/02/2026,1.2.3.4\nCatalogFile= drv.cat ; mine\n");
}

static void only_what_was_asked_for_changes(void **state)
{
    (void)state;
    static const char text[] = "[Version]\nDriverVer=02/03/2020,5.6.7.8\nCatalogFile=a.cat\n";
    static const struct inf_stamp nothing = {0};
    static const struct inf_stamp version = {.version = "9.9.9.9"};
    static const struct inf_stamp date = {.year = 2021, .month = 1, .day = 31};

    check(text, &nothing, text);
    check(text, &version, "[Version]\nDriverVer=02/03/2020,9.9.9.9\nCatalogFile=a.cat\n");
    check(text, &date, "[Version]\nDriverVer=01/31/2021,5.6.7.8\nCatalogFile=a.cat\n");
}

static void driver_ver_goes_to_the_section_named(void **state)
{
    (void)state;
    struct inf_stamp stamp = whole;
    stamp.section = "Other";
    stamp.catalog = NULL;
    check("[Version]\nx=1\n[Other]\n", &stamp,
          "[Version]\nx=1\n[Other]\nDriverVer = 11/02/2026,1.2.3.4\n");
}

static void a_variable_without_value_is_named_with_its_place(void **state)
{
    (void)state;
    refused("[Version]\nx=$ARCH$,$DIRID$\n", &whole, VF_USAGE,
            "test.inf:2:10: the variable $DIRID$");
}

static void bad_requests_are_refused(void **state)
{
    (void)state;
    struct inf_stamp stamp = whole;

    stamp.version = "1.2.3";
    refused("[Version]\n", &stamp, VF_USAGE, "'1.2.3' is no version");
    stamp.version = "0.0.0.0";
    refused("[Version]\n", &stamp, VF_USAGE, "'0.0.0.0' is no version");
    stamp = whole;
    stamp.month = 13;
    refused("[Version]\n", &stamp, VF_USAGE, "'13/02/2026' is no date");
    stamp = whole;
    stamp.catalog = "sub\\drv.cat";
    refused("[Version]\n", &stamp, VF_USAGE, "is no catalog name");
    stamp.catalog = ".cat";
    refused("[Version]\n", &stamp, VF_USAGE, "is no catalog name");
    stamp = (struct inf_stamp){.version = "1.2.3.4"};
    refused("[Version]\n", &stamp, VF_USAGE, "'' is no date");
    refused("[Other]\n", &whole, VF_MALFORMED, "no [Version] section");
}

static void line_ends_become_what_is_asked_for(void **state)
{
    (void)state;
    static const struct inf_stamp crlf = {.newline = "\r\n", .catalog = "a.cat"};
    check("[Version]\nx=1\r\ny=2\r\n", &crlf, "[Version]\r\nx=1\r\ny=2\r\nCatalogFile=a.cat\r\n");
}

static void each_target_has_its_variables(void **state)
{
    (void)state;
    static const struct {
        const char *target, *arch, *os, *dirid;
    } cases[] = {
        {"w10/x86", "x86", "10.0", "12"},
        {"2k16/amd64", "amd64", "10.0", "12"},
        {"2k19/amd64", "amd64", "10.0...16299", "13"},
        {"w11/arm64", "arm64", "10.0...16299", "13"},
    };
    struct inf_variable variables[INF_TARGET_VARIABLES];
    struct inf_target target;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(inf_target_parse(cases[i].target, &target));
        inf_stamp_target(&target, variables);
        assert_string_equal(variables[0].value, cases[i].arch);
        assert_string_equal(variables[1].value, cases[i].os);
        assert_string_equal(variables[2].value, cases[i].dirid);
    }
}

static void utf16_stays_utf16(void **state)
{
    (void)state;
    static const char text[] = "\xFF\xFE[\0V\0e\0r\0s\0i\0o\0n\0]\0\n\0";
    struct inf_file *file = inf_make_bytes(text, sizeof(text) - 1);
    struct inf_stamp stamp = {.catalog = "a.cat"};
    struct vf_buf out = VF_BUF_INIT;

    assert_int_equal(inf_stamp(file, &stamp, &out, NULL), VF_OK);
    assert_memory_equal(out.data, text, sizeof(text) - 1);
    assert_memory_equal(out.data + sizeof(text) - 1, "C\0a\0t\0", 6);
    vf_buf_free(&out);
    inf_free(file);
}

static void coinstaller_versions_have_five_digits(void **state)
{
    (void)state;
    char out[6];

    assert_true(inf_coinstaller_version("1.15", out));
    assert_string_equal(out, "01015");
    assert_true(inf_coinstaller_version("2.0.0", out));
    assert_string_equal(out, "02000");
    assert_false(inf_coinstaller_version("1", out));
    assert_false(inf_coinstaller_version("100.1", out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_in_place_are_replaced_and_the_rest_kept),
        cmocka_unit_test(missing_lines_are_added_behind_the_last),
        cmocka_unit_test(only_what_was_asked_for_changes),
        cmocka_unit_test(driver_ver_goes_to_the_section_named),
        cmocka_unit_test(a_variable_without_value_is_named_with_its_place),
        cmocka_unit_test(bad_requests_are_refused),
        cmocka_unit_test(line_ends_become_what_is_asked_for),
        cmocka_unit_test(each_target_has_its_variables),
        cmocka_unit_test(utf16_stays_utf16),
        cmocka_unit_test(coinstaller_versions_have_five_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
