/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every rule against a file that breaks it: a good INF, of which one piece of text is replaced.
 * The good INF itself, and its variants, break none.
 */
#include "tests/unit/inf_make.h"

#include <stdio.h>
#include <stdlib.h>

#include "inf/lint.h"

static const char good[] =
    "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\nClass=System\r\n"
    "ClassGuid={4d36e97d-e325-11ce-bfc1-08002be10318}\r\nProvider=%Me%\r\n"
    "CatalogFile=drv.cat\r\nDriverVer=11/22/2026,1.2.3.4\r\nPnpLockdown=1\r\n"
    "[SourceDisksNames]\r\n1=%Me%\r\n[SourceDisksFiles]\r\ndrv.sys=1\r\nmore.bin=1\r\n"
    "[DestinationDirs]\r\nDefaultDestDir=13\r\n"
    "[Manufacturer]\r\n%Me%=Std,NTamd64.10.0...16299\r\n"
    "[Std.NTamd64.10.0...16299]\r\n%Me%=Inst,PCI\\VEN_1AF4&DEV_1005,COMPAT\r\n"
    "%Me%=Inst,PCI\\VEN_1AF4&DEV_1044\r\n"
    "[Inst.NT]\r\nCopyFiles=Files,@more.bin\r\nAddReg=Soft\r\n[Files]\r\ndrv.sys\r\n"
    "[Files.security]\r\n\"D:P(A;;GA;;;SY)\"\r\n"
    "[Soft]\r\nHKR,,Plain,,text\r\nHKR,,Bytes,0x00000001,01,fF\r\n"
    "[Inst.NT.HW]\r\nAddReg=Hard\r\n"
    "[Hard]\r\nHKR,,Number,0x00010001,0xFFFFFFFF\r\nHKR,Key,,0x00000010\r\n"
    "[Inst.NT.Services]\r\nAddService=drv,0x00000002,Svc,Log\r\n"
    "[Svc]\r\nServiceType=1\r\nStartType=3\r\nErrorControl=1\r\n"
    "ServiceBinary=%13%\\drv.sys\r\nAddReg=Params\r\n"
    "[Params]\r\nHKR,Parameters,Value,0x00010001,1\r\n"
    "[Log]\r\nAddReg=LogValues\r\n[LogValues]\r\nHKR,,TypesSupported,0x00010001,7\r\n"
    "[Strings]\r\nMe=\"Someone\"\r\n[Strings.0407]\r\nMe=\"Jemand\"\r\n";

static const char primitive[] =
    "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\nClass=System\r\n"
    "ClassGuid={4d36e97d-e325-11ce-bfc1-08002be10318}\r\nProvider=Me\r\n"
    "CatalogFile=drv.cat\r\nDriverVer=11/22/2026,1.2.3.4\r\nPnpLockdown=1\r\n"
    "[SourceDisksNames]\r\n1=Me\r\n[SourceDisksFiles]\r\ndrv.sys=1\r\n"
    "[DestinationDirs]\r\nDefaultDestDir=13\r\n"
    "[DefaultInstall.NTamd64]\r\nCopyFiles=@drv.sys\r\n"
    "[DefaultUninstall.NTamd64]\r\nLegacyUninstall=1\r\n";

static const char extension[] =
    "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\nClass=Extension\r\n"
    "ClassGuid={e2f84ce7-8efa-411c-aa69-97454ca4cb57}\r\nProvider=Me\r\n"
    "ExtensionId={00000000-1111-2222-3333-444444444444}\r\n"
    "CatalogFile=drv.cat\r\nDriverVer=11/22/2026,1.2.3.4\r\nPnpLockdown=1\r\n"
    "[Manufacturer]\r\nMe=Std,NTamd64\r\n[Std.NTamd64]\r\nIt=Inst,ID\r\n"
    "[Inst.NT]\r\nAddReg=Soft\r\n[Soft]\r\nHKR,,A,,1\r\n"
    "[Inst.NT.Services]\r\nAddService=drv,0x0,Svc\r\n[Svc]\r\nServiceType=1\r\nStartType=3\r\n"
    "ErrorControl=1\r\nServiceBinary=%13%\\drv.sys\r\n"
    "[SourceDisksNames]\r\n1=Me\r\n[SourceDisksFiles]\r\ndrv.sys=1\r\n"
    "[DestinationDirs]\r\nFiles=13\r\n[Inst.NT.Software]\r\nCopyFiles=Files\r\n"
    "[Files]\r\ndrv.sys\r\n";

/* Replace the first find in base by put; find NULL: put stands alone. */
struct broken {
    const char *code;
    const char *base;
    const char *find;
    const char *put;
};

#define LONG_CLASS "AnExceedinglyLongClassNameOfMine"

static const struct broken cases[] = {
    {"1001", good, "$WINDOWS NT$", "$Windows 95$"},
    {"1001", good, NULL, "[Manufacturer]\r\n"},
    {"1003", good, NULL, "\xEF\xBB\xBF[Version]\r\n"},
    {"1005", good, "AddReg=Soft", "AddReg="},
    {"1005", good, "AddReg=Soft", "AddReg=Soft\r\nCopyFiles="},
    {"1008", good, "drv.sys=1", "drv.sys=one"},
    {"1010", good, "{4d36e97d-e325", "{4d36e97de325"},
    {"1011", good, "=Std,NTamd64", "=,NTamd64"},
    {"1084", good, "[Inst.NT.HW]", "[Inst.NT.Wdf]\r\nKmdfService=drv,W\r\n[W]\r\n[Inst.NT.HW]"},
    {"1088", good, "StartType=3", "StartType=3\r\nStartType=2"},
    {"1088", good, "Class=System", "Class=System\r\nClass=System"},
    {"1100", good, "\r\ndrv.sys\r\n", "\r\nother.sys,drv.sys\r\n"},
    {"1100", good, "DefaultDestDir=13", "DefaultDestDir=13,folder"},
    {"1102", good, "AddReg=Soft", "AddReg=Soft\r\nDelFiles=Files"},
    {"1201", good, "Class=System", "Class=System,Net"},
    {"1201", good, "StartType=3", "StartType=3,4"},
    {"1202", good, "AddReg=Soft", "AddReg=Soft\r\nInclude=folder\\machine.inf"},
    {"1203", good, "AddReg=Soft", "AddReg=Sofa"},
    {"1203", good, "CopyFiles=Files,", "CopyFiles=Miles,"},
    {"1203", good, "Std,NTamd64", "Std,NTarm64,NTamd64"},
    {"1203", good, ",Svc,Log", ",Svc,Lag"},
    {"1204", good, "Me=\"Someone\"", "Me=\"Microsoft Friends\""},
    {"1209", good, "[Params]", "[Soft]\r\n[Params]"},
    {"1211", good, "AddService=drv", "AddService=two,2,Svc\r\nAddService=drv"},
    {"1213", good, "more.bin=1", "more.bin=1\r\ndrv.cat=1"},
    {"1214", good, "=drv.cat", "=sub\\drv.cat"},
    {"1217", good, "1.2.3.4", "1.2.3"},
    {"1217", good, "1.2.3.4", "0.0.0.0"},
    {"1218", good, "11/22/2026", "22/11/2026"},
    {"1224", good, "HKR,,Plain", "HKEY,,Plain"},
    {"1229", good, "@more.bin", "@more.bin,@"},
    {"1230", good, "\r\ndrv.sys\r\n", "\r\ndrv.sys\r\nabsent.sys\r\n"},
    {"1230", good, "[SourceDisksFiles]", "[SourceDisksFiles.x86]"},
    {"1231", good, "more.bin=1", "more.bi_=1"},
    {"1233", good, "CatalogFile=drv.cat\r\n", ""},
    {"1234", good, "Provider=%Me%", "Provider="},
    {"1235", good, "HKR,,Plain,,text", "HKR,,Plain,,%nowhere%"},
    {"1241", good, "DefaultDestDir=13", "DefaultDestDir=40000"},
    {"1243", good, "DefaultDestDir=13", "DefaultDestDir=99"},
    {"1243", good, "DefaultDestDir=13", "DefaultDestDir=here"},
    {"1245", good, "AddReg=Soft", "AddReg=Soft\r\nFeatureScore=100"},
    {"1250", good, ",Svc,Log", ",Svc,Log,Private"},
    {"1251", good, "StartType=3", "StartType=4"},
    {"1252", good, "ServiceType=1\r\nStartType=3", "ServiceType=0x10\r\nStartType=0"},
    {"1253", good, "AddService=drv", "AddService=,0\r\nAddService=drv"},
    {"1261", good, "=Inst,", "=Instead,"},
    {"1265", good, "Plain,,text", "Plain,0x00000008,text"},
    {"1267", good, "01,fF", "01,100"},
    {"1267", good, "01,fF", "01,x"},
    {"1268", good, "0xFFFFFFFF", "0x100000000"},
    {"1268", good, "StartType=3", "StartType=demand"},
    {"1268", good, "Plain,,text", "Plain,REG_SZ,text"},
    {"1268", good, "drv,0x00000002", "drv,two"},
    {"1271", good, "=Inst,", "=,"},
    {"1272", good, "AddService=drv", "AddService=,2,Svc\r\nAddService=drv"},
    {"1273", good, "drv.sys=1", "drv.sys=2"},
    {"1274", good, "NTamd64.10.0...16299\r\n[", "NT$ARCH$.10.0...16299\r\n["},
    {"1275", good, "DefaultDestDir=13", "Elsewhere=13"},
    {"1280", good, "Class=System", "Class=Net"},
    {"1281", good, "{4d36e97d-", "{4d36e97d-0000-0000-0000-000000000000} ;"},
    {"1284", good, "Class=System", "Class=USB"},
    {"1285", good, "[Params]", "[ClassInstall32]\r\n[Params]"},
    {"1286", good, "Class=System", "Class=" LONG_CLASS},
    {"1287", good, "=Std,", "=Std,NTmips,"},
    {"1288", good, "=Std,NTamd64.10.0...16299", "=Std,NTamd64.10.0...10240"},
    {"1289", good, "StartType=3\r\n", ""},
    {"1289", good, "ServiceBinary=%13%\\drv.sys\r\n", ""},
    {"1294", good, "DEV_1044", "DEV_1005"},
    {"1295", good, "Me=\"Jemand\"", ""},
    {"1296", good, "[Inst.NT.Services]", "[Other.NT.Services]"},
    {"1296", good, "drv,0x00000002", "drv,0x00000000"},
    {"1297", good, "Inst,PCI\\VEN_1AF4&DEV_1005,COMPAT\r\n%Me%=Inst,PCI\\VEN_1AF4&DEV_1044",
     "Inst"},
    {"1297", good, NULL, "[Version]\r\n"},
    {"1300", good, "AddReg=Soft", "AddReg=Soft\r\nRegisterDlls=Soft"},
    {"1303", good, "HKR,,Plain", "HKR,,CoInstallers32"},
    {"1304", good, "HKR,,Plain", "HKLM,Software\\Mine,Plain"},
    {"1305", good, "Plain,,text", "Plain,0x00010008,text"},
    {"1306", good, "DefaultDestDir=13", "DefaultDestDir=24"},
    {"1308", good, "AddReg=Soft", "AddReg=Soft\r\nDelReg=Soft"},
    {"1309", good, "AddReg=Soft", "AddReg=Soft\r\nDelFiles=Files"},
    {"1310", good, "AddReg=Soft", "Include=x.inf\r\nNeeds=Far.HW\r\nAddReg=Soft"},
    {"1311", good, "AddReg=Hard", "Include=x.inf\r\nNeeds=Far\r\nAddReg=Hard"},
    {"1315", good, "AddReg=Soft", "Needs=Far\r\nAddReg=Soft"},
    {"1320", good, "HKR,Key,,0x00000010", "HKLM,Software\\Mine,,0x00000010"},
    {"1321", good, "HKR,,Plain", "HKLM,Software\\Mine,Plain"},
    {"1322", good, "DefaultDestDir=13", "DefaultDestDir=12"},
    {"1323", good, "HKR,Parameters,Value", "HKR,Parameter,Value"},
    {"1324", good, "PnpLockdown=1", "PnpLockdown=0"},
    {"1324", good, "PnpLockdown=1\r\n", ""},
    {"1329", good, "HKR,,Number,0x00010001,0xFFFFFFFF", "HKR,,UpperFilters,0x00010000,x"},
    {"1330", good, "\r\ndrv.sys\r\n", "\r\ndrv.sys\r\ndrv.sys,more.bin\r\n"},
    {"1331", good, "HKR,,Plain,,text", "HKLM,Soft,V,,a\r\nHKLM,Soft,v,,b"},
    {"1332", good, "HKR,Parameters,Value,0x00010001,1",
     "HKR,Parameters,Value,0x00010001,1\r\nHKR,Parameters,Value,,1"},
    {"1333", good, "AddService=drv",
     "AddService=drv,0,Two\r\n[Two]\r\nStartType=0\r\n[Inst.NT.Services]\r\nAddService=drv"},
    {"1340", good, "DefaultDestDir=13", "DefaultDestDir=24"},
    {"1380", extension, "{00000000-1111", "{0-1111"},
    {"1381", extension, "ExtensionId=", "Nothing="},
    {"1382", extension, "AddReg=Soft", "DelReg=Soft\r\nAddReg=Soft"},
    {"1383", extension, "drv,0x0,", "drv,0x2,"},
    {"1384", extension, "[Inst.NT.Software]",
     "[Inst.NT.HW]\r\nAddReg=F\r\n[F]\r\nHKR,,LowerFilters,0x00010000,x\r\n[Inst.NT.Software]"},
    {"1402", good, "[Inst.NT.HW]",
     "[Inst.NT.Wdf]\r\nUmdfService=drv,W\r\n[W]\r\nUmdfLibraryVersion=1.11.0\r\n[Inst.NT.HW]"},
    {"1421", primitive, "[DefaultInstall.NTamd64]", "[DefaultInstall]"},
    {"1422", primitive, "LegacyUninstall=1", ""},
    {"1423", primitive, "[DefaultInstall.NTamd64]", "[DefaultInstall]"},
    {"1431", good, "TypesSupported,0x00010001,7", "TypesSupported,,7"},
    {"2006", good, ",Svc,", ",Absent,"},
    {"2010", good, "=Std,", "=Std,NT.10.0,"},
    {"2010", extension, "Std,NTamd64\r\n[Std.NTamd64]", "Std\r\n[Std]"},
    {"2083", good, "[Params]", "[Nobody]\r\n[Params]"},
    {"2083", good, "[Inst.NT.HW]", "[Inst.HW]"},
    {"2084", good, "%13%\\drv.sys", "%13%\\sub\\drv.sys"},
    {"2084", good, "%13%\\drv.sys", "%12%\\drv.sys"},
    {"2085", good, "%13%\\drv.sys", "drv.sys"},
    {"VF101", good, "Class=System\r\n", "Class=System\n"},
    {"VF102", good, "11/22/2026", "11/23/2026"},
    {"VF103", good, "\"Jemand\"", "\"J\xE4mand\""},
    {"VF104", good, ",@more.bin", ""},
    {"VF105", good, "DefaultDestDir=13", "DefaultDestDir=$DIRID$"},
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

static struct inf_report *judge(const char *text, size_t size, enum inf_mode mode)
{
    struct inf_file *file = inf_make_bytes(text, size);
    struct inf_lint_options options = {mode, 2026, 11, 22};
    struct inf_report *report;
    struct vf_err err;

    assert_int_equal(inf_lint(file, &options, &report, &err), VF_OK);
    inf_free(file); /* the report stands alone */
    return report;
}

static bool has(const struct inf_report *report, const char *code)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->findings[i].rule->code, code) == 0)
            return true;
    return false;
}

static void make_broken(const struct broken *c, struct vf_buf *out)
{
    const char *at = c->find ? strstr(c->base, c->find) : NULL;

    if (!c->find) {
        vf_buf_append_text(out, c->put);
        return;
    }
    if (!at)
        fail_msg("%s: '%s' is not in the base", c->code, c->find);
    vf_buf_append(out, c->base, (size_t)(at - c->base));
    vf_buf_append_text(out, c->put);
    vf_buf_append_text(out, at + strlen(c->find));
}

static void good_files_have_no_findings(void **state)
{
    (void)state;
    static const char *const files[] = {good, primitive, extension};

    for (size_t i = 0; i < 3; i++) {
        for (int mode = INF_MODE_K; mode <= INF_MODE_H; mode++) {
            struct inf_report *report = judge(files[i], strlen(files[i]), (enum inf_mode)mode);
            if (report->count)
                fail_msg("file %zu, mode %d: %u:%u: %s %s", i, mode, report->findings[0].place.line,
                         report->findings[0].place.column, report->findings[0].rule->code,
                         report->findings[0].text);
            inf_report_free(report);
        }
    }
}

static void each_broken_file_breaks_its_rule_in_its_modes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        const struct inf_rule *rule = inf_rule_named(cases[i].code);
        struct vf_buf text = VF_BUF_INIT;
        assert_non_null(rule);
        make_broken(&cases[i], &text);
        for (int mode = INF_MODE_K; mode <= INF_MODE_W; mode++) {
            struct inf_report *report =
                judge((const char *)text.data, text.size, (enum inf_mode)mode);
            if (has(report, rule->code) != (rule->levels[mode] != '-'))
                fail_msg("case %zu (%s, '%s'), mode %d: level %c", i, rule->code, cases[i].put,
                         mode, rule->levels[mode]);
            inf_report_free(report);
        }
        vf_buf_free(&text);
    }
}

static void every_rule_has_a_broken_file(void **state)
{
    (void)state;
    const struct inf_rule *rule;

    for (size_t r = 0; (rule = inf_rule_at(r)); r++) {
        size_t i = 0;
        while (i < CASE_COUNT && strcmp(cases[i].code, rule->code) != 0)
            i++;
        if (i == CASE_COUNT)
            fail_msg("no case for rule %s", rule->code);
        assert_int_equal(strlen(rule->levels), 4);
        assert_true(r == 0 || strcmp(inf_rule_at(r - 1)->code, rule->code) < 0);
    }
}

static void the_whql_rules_allow_some_places_outside(void **state)
{
    (void)state;
    static const struct {
        struct broken change;
        bool found;
    } h[] = {
        {{"1322", good, "DefaultDestDir=13", "DefaultDestDir=12"}, false},
        {{"1322", good, "DefaultDestDir=13", "DefaultDestDir=24"}, true},
        {{"1321", good, "HKR,,Plain", "HKLM,System\\CurrentControlSet\\Control,Plain"}, false},
        {{"1321", good, "HKR,,Plain", "HKLM,System\\CurrentControlSet001,Plain"}, true},
        {{"1321", good, "HKR,,Plain", "HKCR,.ext,Plain"}, false},
    };

    for (size_t i = 0; i < sizeof(h) / sizeof(h[0]); i++) {
        struct vf_buf text = VF_BUF_INIT;
        make_broken(&h[i].change, &text);
        struct inf_report *report = judge((const char *)text.data, text.size, INF_MODE_H);
        assert_int_equal(has(report, h[i].change.code), h[i].found);
        inf_report_free(report);
        vf_buf_free(&text);
    }
}

static void a_file_not_stamped_yet_is_judged_all_the_same(void **state)
{
    (void)state;
    struct vf_buf text = VF_BUF_INIT;
    const char *rest = good;

    for (const char *at; (at = strstr(rest, "NTamd64")); rest = at + strlen("NTamd64")) {
        vf_buf_append(&text, rest, (size_t)(at - rest));
        vf_buf_append_text(&text, "NT$ARCH$");
    }
    vf_buf_append_text(&text, rest);
    struct inf_report *report = judge((const char *)text.data, text.size, INF_MODE_W);
    for (size_t i = 0; i < report->count; i++)
        assert_string_equal(report->findings[i].rule->code, "1274");
    assert_int_equal(report->count, 2);
    inf_report_free(report);
    vf_buf_free(&text);
}

static void findings_are_sorted_counted_and_placed(void **state)
{
    (void)state;
    static const char text[] = "[Version]\r\nSignature=x\r\n[A]\r\n[B]\r\n[A]\r\n";
    struct inf_report *report = judge(text, strlen(text), INF_MODE_W);

    assert_true(report->count > 3);
    assert_int_equal(report->errors + report->warnings, report->count);
    for (size_t i = 1; i < report->count; i++)
        assert_true(report->findings[i - 1].place.line <= report->findings[i].place.line);
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->findings[i].rule->code, "1209") == 0)
            assert_int_equal(report->findings[i].place.line, 5);
    inf_report_free(report);
}

static void a_report_is_bounded(void **state)
{
    (void)state;
    struct vf_buf text = VF_BUF_INIT;

    for (int i = 0; i < 3000; i++)
        vf_buf_printf(&text, "[S%d]\r\n", i);
    struct inf_report *report = judge((const char *)text.data, text.size, INF_MODE_W);
    assert_int_equal(report->count, INF_FINDINGS_MAX);
    assert_true(report->cut);
    inf_report_free(report);
    vf_buf_free(&text);
}

static void an_empty_file_is_judged(void **state)
{
    (void)state;
    struct inf_report *report = judge("", 0, INF_MODE_K);

    assert_true(has(report, "1001"));
    inf_report_free(report);
}

static void modes_are_named_by_a_letter(void **state)
{
    (void)state;
    enum inf_mode mode;

    assert_true(inf_mode_parse("W", &mode));
    assert_int_equal(mode, INF_MODE_W);
    assert_false(inf_mode_parse("x", &mode));
    assert_false(inf_mode_parse("", &mode));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files_have_no_findings),
        cmocka_unit_test(each_broken_file_breaks_its_rule_in_its_modes),
        cmocka_unit_test(every_rule_has_a_broken_file),
        cmocka_unit_test(the_whql_rules_allow_some_places_outside),
        cmocka_unit_test(a_file_not_stamped_yet_is_judged_all_the_same),
        cmocka_unit_test(findings_are_sorted_counted_and_placed),
        cmocka_unit_test(a_report_is_bounded),
        cmocka_unit_test(an_empty_file_is_judged),
        cmocka_unit_test(modes_are_named_by_a_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
