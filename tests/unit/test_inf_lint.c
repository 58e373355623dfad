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

static const char display[] =
    "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\nClass=Display\r\n"
    "ClassGuid={4d36e968-e325-11ce-bfc1-08002be10318}\r\nProvider=Me\r\n"
    "CatalogFile=drv.cat\r\nDriverVer=11/22/2026,1.2.3.4\r\nPnpLockdown=1\r\n"
    "[SourceDisksNames]\r\n1=Me\r\n[SourceDisksFiles]\r\ndrv.sys=1\r\na.dll=1\r\nb.dll=1\r\n"
    "[DestinationDirs]\r\nDefaultDestDir=13\r\n"
    "[Manufacturer]\r\nMe=Std,NTamd64.10.0...16299\r\n"
    "[Std.NTamd64.10.0...16299]\r\nIt=Inst,ID\r\n"
    "[Inst.NT]\r\nCopyFiles=@drv.sys,@a.dll,@b.dll\r\nAddReg=Soft\r\n"
    "[Soft]\r\nHKR,,UserModeDriverName,0x00010000,%13%\\a.dll,%13%\\b.dll\r\n"
    "[Inst.NT.Services]\r\nAddService=drv,2,Svc\r\n[Svc]\r\nServiceType=1\r\nStartType=3\r\n"
    "ErrorControl=0\r\nServiceBinary=%13%\\drv.sys\r\n";

/* the same for every Windows 10 */
static const char display_early[] =
    "[Version]\r\nClass=Display\r\nClassGuid={4d36e968-e325-11ce-bfc1-08002be10318}\r\n"
    "[Manufacturer]\r\nMe=Std,NTamd64.10.0\r\n[Std.NTamd64.10.0]\r\nIt=Inst,ID\r\n"
    "[Inst.NT]\r\nAddReg=Soft\r\n[Soft]\r\nHKR,,UserModeDriverName,0x00010000,%13%\\b.dll\r\n"
    "[Inst.NT.Services]\r\nAddService=drv,2,Svc\r\n[Svc]\r\nServiceType=1\r\nStartType=3\r\n"
    "ErrorControl=0\r\nServiceBinary=%13%\\drv.sys\r\n";

/* where further sections are put into the good file, and one that is */
#define PART_AT "[Inst.NT.HW]"
#define WDF(kind, version) \
    "[Inst.NT.Wdf]\r\n" kind "Service=drv,W\r\n[W]\r\n" kind "LibraryVersion=" version "\r\n"

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
    {"1013", good, PART_AT, "[Inst.NT.Filters]\r\nAddFilter=drv,,F\r\n[F]\r\n" PART_AT},
    {"1013", good, PART_AT, "[Inst.NT.Software]\r\nAddSoftware=s,,F\r\n[F]\r\n" PART_AT},
    {"1013", good, PART_AT, "[Inst.NT.Components]\r\nAddComponent=s,,F\r\n[F]\r\n" PART_AT},
    {"1013", good, PART_AT,
     "[Inst.NT.Events]\r\nAddEventProvider={x},F\r\n[F]\r\nProviderName=p\r\n" PART_AT},
    {"1084", good, "[Inst.NT.HW]", "[Inst.NT.Wdf]\r\nKmdfService=drv,W\r\n[W]\r\n[Inst.NT.HW]"},
    {"1087", good, PART_AT,
     "[Inst.NT.Filters]\r\nAddFilter=drv,,F\r\n[F]\r\nFilterLevel=a\r\nFilterPosition="
     "Upper\r\n" PART_AT},
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
    {"1220", good, "AddReg=Soft", "Include=x.inf\r\nAddReg=Sofa"},
    {"1220", good, ",Svc,Log", ",Svo,Log\r\nInclude=x.inf"},
    {"1220", good, "CopyFiles=Files,", "Include=x.inf\r\nCopyFiles=Miles,"},
    {"1222", good, "HKR,,Plain", "HKLM,SYSTEM\\ControlSet001\\Services,Plain"},
    {"1222", good, "HKR,,Plain", "HKLM,SYSTEM,Plain"},
    {"1223", good, "HKR,,Plain", "HKLM,SYSTEM\\CurrentControlSet\\Enum\\PCI,Plain"},
    {"1223", good, "HKR,,Plain", "HKLM,SAM,Plain"},
    {"1224", good, "HKR,,Plain", "HKEY,,Plain"},
    {"1225", good, "HKR,,Number,0x00010001", "HKR,,DeviceType,0x00000000"},
    {"1225", good, "HKR,,Number,0x00010001,0xFFFFFFFF", "HKR,,UpperFilters,0x00000000,x"},
    {"1229", good, "@more.bin", "@more.bin,@"},
    {"1230", good, "\r\ndrv.sys\r\n", "\r\ndrv.sys\r\nabsent.sys\r\n"},
    {"1230", good, "[SourceDisksFiles]", "[SourceDisksFiles.x86]"},
    {"1231", good, "more.bin=1", "more.bi_=1"},
    {"1233", good, "CatalogFile=drv.cat\r\n", ""},
    {"1234", good, "Provider=%Me%", "Provider="},
    {"1235", good, "HKR,,Plain,,text", "HKR,,Plain,,%nowhere%"},
    {"1241", good, "DefaultDestDir=13", "DefaultDestDir=40000"},
    {"1242", good, "DefaultDestDir=13", "DefaultDestDir=-1,folder"},
    {"1242", good, "DefaultDestDir=13", "DefaultDestDir=65535"},
    {"1243", good, "DefaultDestDir=13", "DefaultDestDir=99"},
    {"1243", good, "DefaultDestDir=13", "DefaultDestDir=here"},
    {"1245", good, "AddReg=Soft", "AddReg=Soft\r\nFeatureScore=100"},
    {"1250", good, ",Svc,Log", ",Svc,Log,Private"},
    {"1251", good, "StartType=3", "StartType=4"},
    {"1252", good, "ServiceType=1\r\nStartType=3", "ServiceType=0x10\r\nStartType=0"},
    {"1253", good, "AddService=drv", "AddService=,0\r\nAddService=drv"},
    {"1254", good, "%13%\\drv.sys", "\"\"\"%13%\\drv.sys\""},
    {"1254", good, "%13%\\drv.sys", "\"\"\"\"\"\""},
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
    {"1273", good, "[SourceDisksNames]", "[SourceDisksNames.x86]"},
    {"1274", good, "NTamd64.10.0...16299\r\n[", "NT$ARCH$.10.0...16299\r\n["},
    {"1275", good, "DefaultDestDir=13", "Elsewhere=13"},
    {"1280", good, "Class=System", "Class=Net"},
    {"1281", good, "{4d36e97d-", "{4d36e97d-0000-0000-0000-000000000000} ;"},
    {"1284", good, "Class=System", "Class=Sample"},
    {"1285", good, "[Params]", "[ClassInstall32]\r\n[Params]"},
    {"1286", good, "Class=System", "Class=" LONG_CLASS},
    {"1287", good, "=Std,", "=Std,NTmips,"},
    {"1288", good, "=Std,NTamd64.10.0...16299", "=Std,NTamd64.10.0...10240"},
    {"1289", good, "StartType=3\r\n", ""},
    {"1289", good, "ServiceBinary=%13%\\drv.sys\r\n", ""},
    {"1293", good, "AddService=drv", "AddService=ntfs"},
    {"1294", good, "DEV_1044", "DEV_1005"},
    {"1295", good, "Me=\"Jemand\"", ""},
    {"1295", good, "Me=\"Jemand\"", "Du=\"Jemand\""},
    {"1296", good, "[Inst.NT.Services]", "[Other.NT.Services]"},
    {"1296", good, "drv,0x00000002", "drv,0x00000000"},
    {"1297", good, "Inst,PCI\\VEN_1AF4&DEV_1005,COMPAT\r\n%Me%=Inst,PCI\\VEN_1AF4&DEV_1044",
     "Inst"},
    {"1297", good, NULL, "[Version]\r\n"},
    {"1300", good, "AddReg=Soft", "AddReg=Soft\r\nLogConfig=Soft"},
    {"1300", good, "[Inst.NT.HW]", "[Inst.NT.FactDef]\r\n[Inst.NT.HW]"},
    {"1301", good, "AddReg=Soft", "AddReg=Soft\r\nBitReg=Soft"},
    {"1301", good, "AddReg=Soft", "AddReg=Soft\r\nUpdateInis=Soft"},
    {"1302", good, "AddReg=Soft", "AddReg=Soft\r\nRegisterDlls=Soft"},
    {"1303", good, "HKR,,Plain", "HKR,,CoInstallers32"},
    {"1303", good, "[Params]",
     "[ClassInstall32]\r\nAddReg=C\r\n[C]\r\nHKR,,Installer32,,x\r\n[Params]"},
    {"1304", good, "HKR,,Plain", "HKLM,Software\\Mine,Plain"},
    {"1305", good, "Plain,,text", "Plain,0x00010008,text"},
    {"1306", good, "DefaultDestDir=13", "DefaultDestDir=24"},
    {"1308", good, "AddReg=Soft", "AddReg=Soft\r\nDelReg=Soft"},
    {"1309", good, "AddReg=Soft", "AddReg=Soft\r\nDelFiles=Files"},
    {"1310", good, "AddReg=Soft", "Include=x.inf\r\nNeeds=Far.HW\r\nAddReg=Soft"},
    {"1311", good, "AddReg=Hard", "Include=x.inf\r\nNeeds=Far\r\nAddReg=Hard"},
    {"1312", good, "AddReg=Hard", "Needs=A\r\nAddReg=Hard\r\n[A]\r\nNeeds=B.HW\r\n[B.HW]"},
    {"1313", good, "AddReg=Soft", "Needs=A.HW\r\nAddReg=Soft\r\n[A.HW]\r\nNeeds=B\r\n[B]"},
    {"1314", good, "AddReg=Soft\r\n[Files]",
     "Needs=Far\r\n[Inst.NT.WMI]\r\nInclude=x.inf\r\n[Files]"},
    {"1315", good, "AddReg=Soft", "Needs=Far\r\nAddReg=Soft"},
    {"1316", good, "AddReg=Soft", "Needs=Near.NTamd64\r\nAddReg=Soft\r\n[Near]"},
    {"1320", good, "HKR,Key,,0x00000010", "HKLM,Software\\Mine,,0x00000010"},
    {"1321", good, "HKR,,Plain", "HKLM,Software\\Mine,Plain"},
    {"1322", good, "DefaultDestDir=13", "DefaultDestDir=12"},
    {"1323", good, "HKR,Parameters,Value", "HKR,Parameter,Value"},
    {"1324", good, "PnpLockdown=1", "PnpLockdown=0"},
    {"1324", good, "PnpLockdown=1\r\n", ""},
    {"1329", good, "HKR,,Number,0x00010001,0xFFFFFFFF", "HKR,,UpperFilters,0x00010000,x"},
    {"1330", good, "\r\ndrv.sys\r\n", "\r\ndrv.sys\r\ndrv.sys,more.bin\r\n"},
    {"1331", good, "AddReg=Soft",
     "AddReg=Soft,A,B\r\n[A]\r\nHKLM,Soft,V,,a\r\n[B]\r\nHKLM,Soft,v,,b"},
    {"1332", good, "AddReg=Params", "AddReg=Params,More\r\n[More]\r\nHKR,Parameters,Value,,1"},
    {"1333", good, "AddService=drv",
     "AddService=drv,0,Two\r\n[Two]\r\nStartType=0\r\n[Inst.NT.Services]\r\nAddService=drv"},
    {"1340", good, "DefaultDestDir=13", "DefaultDestDir=24"},
    {"1341", good, "Plain,,text", "Plain,,%24%\\file.txt"},
    {"1341", good, "%13%\\drv.sys", "%24%\\drv.sys"},
    {"1380", extension, "{00000000-1111", "{0-1111"},
    {"1381", extension, "ExtensionId=", "Nothing="},
    {"1382", extension, "AddReg=Soft", "DelReg=Soft\r\nAddReg=Soft"},
    {"1383", extension, "drv,0x0,", "drv,0x2,"},
    {"1384", extension, "[Inst.NT.Software]",
     "[Inst.NT.HW]\r\nAddReg=F\r\n[F]\r\nHKR,,LowerFilters,0x00010000,x\r\n[Inst.NT.Software]"},
    {"1402", good, "[Inst.NT.HW]",
     "[Inst.NT.Wdf]\r\nUmdfService=drv,W\r\n[W]\r\nUmdfLibraryVersion=1.11.0\r\n[Inst.NT.HW]"},
    {"1420", primitive, "[DefaultInstall.NTamd64]", "[DefaultInstall]\r\n[DefaultInstall.NTamd64]"},
    {"1421", primitive, "[DefaultUninstall.NTamd64]", "[DefaultUninstall]"},
    {"1421", primitive, "[DefaultInstall.NTamd64]", "[DefaultInstall]"},
    {"1422", primitive, "LegacyUninstall=1", ""},
    {"1423", primitive, "[DefaultInstall.NTamd64]", "[DefaultInstall]"},
    {"1430", good, "HKR,,Plain", "HKR,,DriverVersion"},
    {"1431", good, "TypesSupported,0x00010001,7", "TypesSupported,,7"},
    {"2006", good, ",Svc,", ",Absent,"},
    {"2010", good, "=Std,", "=Std,NT.10.0,"},
    {"2010", extension, "Std,NTamd64\r\n[Std.NTamd64]", "Std\r\n[Std]"},
    {"2083", good, "[Params]", "[Nobody]\r\n[Params]"},
    {"2083", good, "[Inst.NT.HW]", "[Inst.HW]"},
    {"2084", good, "%13%\\drv.sys", "%13%\\sub\\drv.sys"},
    {"2084", good, "%13%\\drv.sys", "%13%\\my drv.sys"},
    {"2084", good, "%13%\\drv.sys", "%12%\\drv.sys"},
    {"2085", good, "%13%\\drv.sys", "drv.sys"},
    {"2600", display, "ServiceBinary=%13%", "ServiceBinary=%12%"},
    {"2601", display, "DriverName,0x00010000,%13%\\a.dll", "DriverName,0x00010000,a.dll"},
    {"2601", display, "%13%\\b.dll", "%11%\\b.dll"},
    {"2602", display, "StartType=3", "StartType=1"},
    {"2602", display, "ServiceType=1", "ServiceType=2"},
    {"2603", display, "AddReg=Soft", "AddReg=Soft\r\nReboot"},
    {"2603", display, "AddReg=Soft", "AddReg=Soft\r\nRestart="},
    {"VF101", good, "Class=System\r\n", "Class=System\n"},
    {"VF102", good, "11/22/2026", "11/23/2026"},
    {"VF103", good, "\"Jemand\"", "\"J\xE4mand\""},
    {"VF104", good, ",@more.bin", ""},
    {"VF105", good, "DefaultDestDir=13", "DefaultDestDir=$DIRID$"},
    {"VF106", good, "[Version]", "/*++\r\n[Version]"},
    {"VF106", good, "[Params]", "[Params] here"},
    {"VF107", good, "Plain,,text", "Plain,,\"text"},
    {"VF108", good, PART_AT, WDF("Kmdf", "1.31") PART_AT},
    {"VF108", good, PART_AT, WDF("Umdf", "2.25.0") PART_AT},
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
    static const char *const files[] = {good, primitive, extension, display};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
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
        /* what breaks that one cannot be parsed, so nothing is there to be judged */
        if (strcmp(rule->code, "1002") == 0)
            continue;
        while (i < CASE_COUNT && strcmp(cases[i].code, rule->code) != 0)
            i++;
        if (i == CASE_COUNT)
            fail_msg("no case for rule %s", rule->code);
        assert_int_equal(strlen(rule->levels), 4);
        assert_true(r == 0 || strcmp(inf_rule_at(r - 1)->code, rule->code) < 0);
    }
}

/* What comes close to breaking a rule and does not. */
static void near_misses_are_not_found(void **state)
{
    (void)state;
    static const struct broken misses[] = {
        {"1003", good, "[Version]", "[Version]"},
        {"1013", good, PART_AT,
         "[Inst.NT.Filters]\r\nAddFilter=drv,,F\r\n[F]\r\nFilterPosition=Upper\r\n" PART_AT},
        {"1013", good, PART_AT,
         "[Inst.NT.Events]\r\nAddEventProvider={x},F\r\n[F]\r\nProviderName=p\r\nResourceFile="
         "f\r\n" PART_AT},
        {"1087", good, PART_AT,
         "[Inst.NT.Filters]\r\nAddFilter=drv,,F\r\n[F]\r\nFilterLevel=a\r\n" PART_AT},
        {"1203", good, "AddReg=Soft", "Include=x.inf\r\nAddReg=Sofa"},
        {"1220", good, "AddReg=Soft", "AddReg=Sofa"},
        {"1222", good, "HKR,,Plain", "HKLM,SYSTEM\\CurrentControlSet\\Control,Plain"},
        {"1222", good, "HKR,,Plain", "HKLM,SYSTEMATIC\\ControlSet001,Plain"},
        {"1223", good, "HKR,,Plain", "HKLM,SYSTEM\\CurrentControlSet\\Enumerators,Plain"},
        {"1223", good, "HKR,,Plain", "HKCR,SAM,Plain"},
        {"1225", good, "HKR,,Number,0x00010001", "HKR,,DeviceType,0x00010001"},
        {"1225", good, "HKR,,Plain", "HKR,,DeviceType"}, /* in the software key it is anybody's */
        {"1242", good, "DefaultDestDir=13", "DefaultDestDir=-1,C:\\folder"},
        {"1254", good, "%13%\\drv.sys", "\"\"\"%13%\\drv.sys\"\" -x\""},
        {"2084", good, "%13%\\drv.sys", "\"\"\"%13%\\drv.sys\"\" -x\""},
        {"2085", good, "%13%\\drv.sys", "\"\"\"%13%\\drv.sys\"\" -x\""},
        {"2085", good, "%13%\\drv.sys", "%13%\\drv.sys -x"},
        {"1274", good, "[Params]", "; $ARCH$\r\n[Params]"},
        {"VF105", good, "[Params]", "; $OTHER$\r\n[Params]"},
        {"1284", good, "Class=System", "Class=USB"},
        {"1293", good, "AddService=drv", "AddService=ntfsx"},
        {"1296", good, "Class=System", "Class=NetTrans"},
        {"1300", good, "AddReg=Soft", "AddReg=Soft\r\nRegisterDlls=Soft"},
        {"1301", good, "AddReg=Soft", "AddReg=Soft\r\nRegisterDlls=Soft"},
        {"1302", good, "AddReg=Soft", "AddReg=Soft\r\nBitReg=Soft"},
        {"1310", good, "AddReg=Hard", "Include=x.inf\r\nNeeds=Far.HW\r\nAddReg=Hard"},
        {"1311", good, "AddReg=Soft", "Include=x.inf\r\nNeeds=Far\r\nAddReg=Soft"},
        {"1312", good, "AddReg=Hard", "Needs=A.HW\r\n[A.HW]\r\nNeeds=B.HW\r\n[B.HW]"},
        {"1313", good, "AddReg=Soft", "Needs=A\r\nAddReg=Soft\r\n[A]\r\nNeeds=B\r\n[B]"},
        {"1314", good, "AddReg=Soft", "Include=x.inf\r\nNeeds=Far\r\nAddReg=Soft"},
        {"1315", good, "AddReg=Soft\r\n[Files]",
         "Needs=Far\r\n[Inst.NT.WMI]\r\nInclude=x.inf\r\n[Files]"},
        {"1316", good, "AddReg=Soft", "Needs=Near.NTamd64\r\nAddReg=Soft"},
        /* no circle: the included INF's section of that name is meant */
        {"1315", good, "AddReg=Soft", "Include=x.inf\r\nNeeds=Inst.NT\r\nAddReg=Soft"},
        /* one section's last line wins: there are drivers signed as universal that set a value
           twice */
        {"1331", good, "HKR,,Plain,,text", "HKLM,Soft,V,,a\r\nHKLM,Soft,v,,b"},
        {"1332", good, "HKR,Parameters,Value,0x00010001,1",
         "HKR,Parameters,Value,0x00010001,1\r\nHKR,Parameters,Value,,1"},
        {"1273", good, "[SourceDisksNames]", "[SourceDisksNames.amd64]"},
        {"1341", good, "Plain,,text", "Plain,,%13%\\file.txt"},
        {"1420", primitive, "[DefaultInstall.NTamd64]",
         "[Manufacturer]\r\n[DefaultInstall]\r\n[DefaultInstall.NTamd64]"},
        {"1430", good, "HKR,,Number", "HKR,,DriverVersion"}, /* in the hardware key */
        {"1430", good, "HKR,,Plain", "HKR,Sub,DriverVersion"},
        {"2083", good, "[Params]", "[Inst.NT.Remove]\r\n[Params]"},
        /* without a build in the decoration some Windows cannot run from the store */
        {"2600", display_early, "ServiceBinary=%13%", "ServiceBinary=%12%"},
        {"2601", display_early, "%13%\\b.dll", "b.dll"},
        {"2602", good, "StartType=3", "StartType=1"},
        {"2603", good, "AddReg=Soft", "AddReg=Soft\r\nReboot"},
        {"VF106", good, "[Params]", "[Params] ; here"},
        {"VF107", good, "Plain,,text", "Plain,,\"text\" ; \""},
        {"VF108", good, PART_AT, WDF("Kmdf", "1.23") PART_AT},
        {"VF108", good, PART_AT, WDF("Umdf", "2.0") PART_AT},
    };

    for (size_t i = 0; i < sizeof(misses) / sizeof(misses[0]); i++) {
        struct vf_buf text = VF_BUF_INIT;
        assert_non_null(inf_rule_named(misses[i].code));
        make_broken(&misses[i], &text);
        struct inf_report *report = judge((const char *)text.data, text.size, INF_MODE_W);
        if (has(report, misses[i].code))
            fail_msg("case %zu: %s found ('%s')", i, misses[i].code, misses[i].put);
        inf_report_free(report);
        vf_buf_free(&text);
    }
}

#define TWO_DEVICES(first, second)                                                          \
    "[Version]\r\nSignature=$Chicago$\r\n[Manufacturer]\r\nMe=Std," first "," second "\r\n" \
    "[Std." first "]\r\nA=One,ID1\r\n[Std." second "]\r\nB=Two,ID2\r\n"                     \
    "[DestinationDirs]\r\nDefaultDestDir=13\r\n[SourceDisksNames]\r\n1=x\r\n"               \
    "[SourceDisksFiles]\r\na.sys=1\r\nb.sys=1\r\n"                                          \
    "[One]\r\nCopyFiles=FA\r\nAddReg=RA\r\n[Two]\r\nCopyFiles=FB\r\nAddReg=RB\r\n"          \
    "[FA]\r\nd.sys,a.sys\r\n[FB]\r\nd.sys,b.sys\r\n"                                        \
    "[RA]\r\nHKLM,Soft,V,,a\r\n[RB]\r\nHKLM,Soft,V,,b\r\n"                                  \
    "[One.Services]\r\nAddService=s,2,SA\r\n[Two.Services]\r\nAddService=s,2,SB\r\n"        \
    "[SA]\r\nStartType=3\r\nAddReg=PA\r\n[SB]\r\nStartType=2\r\nAddReg=PB\r\n"              \
    "[PA]\r\nHKR,Parameters,V,,a\r\n[PB]\r\nHKR,Parameters,V,,b\r\n"

/* Sections that no one machine installs both of cannot be in each other's way. */
static void conflicts_are_told_within_one_windows(void **state)
{
    (void)state;
    static const char *const codes[] = {"1330", "1331", "1332", "1333"};
    static const char *const apart[] = {TWO_DEVICES("NTamd64.10.0", "NTarm64.10.0"),
                                        TWO_DEVICES("NTamd64.6.1", "NTamd64.10.0")};
    const char *two = TWO_DEVICES("NTamd64", "NTamd64");

    struct inf_report *report = judge(two, strlen(two), INF_MODE_W);
    for (size_t i = 0; i < 4; i++)
        assert_true(has(report, codes[i]));
    inf_report_free(report);
    for (size_t a = 0; a < 2; a++) {
        report = judge(apart[a], strlen(apart[a]), INF_MODE_W);
        for (size_t i = 0; i < 4; i++)
            if (has(report, codes[i]))
                fail_msg("file %zu: %s found", a, codes[i]);
        inf_report_free(report);
    }
}

/* A section that serves two architectures is judged for both, and what is alike told once. */
static void each_architecture_is_judged(void **state)
{
    (void)state;
    struct vf_buf text = VF_BUF_INIT;
    static const struct broken both = {"1230", good, "[SourceDisksFiles]\r\n",
                                       "[SourceDisksFiles.amd64]\r\n"};
    struct vf_buf x86 = VF_BUF_INIT;

    make_broken(&both, &text);
    const char *models = "Std,NTamd64.10.0...16299\r\n";
    const char *at = strstr((const char *)vf_buf_text(&text), models);
    assert_non_null(at);
    vf_buf_append(&x86, text.data, (size_t)(at - (const char *)text.data));
    vf_buf_append_text(&x86,
                       "Std,NTamd64.10.0...16299,NTx86\r\n[Std.NTx86]\r\n%Me%=Inst,OTHER\r\n");
    vf_buf_append_text(&x86, at + strlen(models));
    struct inf_report *report = judge((const char *)x86.data, x86.size, INF_MODE_W);
    size_t missing = 0;
    for (size_t i = 0; i < report->count; i++) {
        bool source = strcmp(report->findings[i].rule->code, "1230") == 0;
        missing += source;
        if (source)
            assert_non_null(strstr(report->findings[i].text, "for x86"));
    }
    assert_int_equal(missing, 2);
    inf_report_free(report);
    vf_buf_free(&x86);
    vf_buf_free(&text);
}

/* Directives of a needed section count as those of the one that needs it. */
static void needed_sections_are_judged(void **state)
{
    (void)state;
    static const struct broken needed = {"1224", good, "AddReg=Soft\r\n[Files]",
                                         "Needs=More\r\n[More]\r\nAddReg=Soft,Odd\r\n"
                                         "[Odd]\r\nHKEY,x\r\n[Files]"};
    struct vf_buf text = VF_BUF_INIT;

    make_broken(&needed, &text);
    struct inf_report *report = judge((const char *)text.data, text.size, INF_MODE_W);
    assert_int_equal(report->count, 1);
    assert_string_equal(report->findings[0].rule->code, "1224");
    inf_report_free(report);
    vf_buf_free(&text);
}

static void needs_in_a_circle_or_too_deep_are_refused(void **state)
{
    (void)state;
    static const char start[] = "[Manufacturer]\r\nM=Std,NTamd64\r\n[Std.NTamd64]\r\nD=S0,ID\r\n"
                                "[S0.Services]\r\nAddService=,2\r\n";
    static const struct {
        const char *text;
        int chain; /* further sections, each needing the next */
        const char *message;
    } circles[] = {
        {"[S0]\r\nNeeds=S0\r\n", 0, "test.inf:8:1: Needs leads back"},
        {"[S0]\r\nNeeds=A\r\n[A]\r\nNeeds=B\r\n[B]\r\nx=1\r\nNeeds=A\r\n", 0,
         "test.inf:13:1: Needs"},
        {"", 10000, "test.inf:40:1: Needs"},
    };

    for (size_t i = 0; i < sizeof(circles) / sizeof(circles[0]); i++) {
        struct inf_lint_options options = {INF_MODE_W, 2026, 11, 22};
        struct inf_report *report;
        struct vf_buf text = VF_BUF_INIT;
        struct vf_err err;
        vf_buf_printf(&text, "%s%s", start, circles[i].text);
        for (int n = 0; n < circles[i].chain; n++)
            vf_buf_printf(&text, "[S%d]\r\nNeeds=S%d\r\n", n, n + 1);
        struct inf_file *file = inf_make_bytes(text.data, text.size);
        assert_int_equal(inf_lint(file, &options, &report, &err), VF_MALFORMED);
        assert_null(report);
        assert_memory_equal(err.text, circles[i].message, strlen(circles[i].message));
        inf_free(file);
        vf_buf_free(&text);
    }
}

/* Each of the later services is looked for a function driver among the earlier ones. */
static void endless_lists_of_services_are_refused(void **state)
{
    (void)state;
    struct inf_lint_options options = {INF_MODE_W, 2026, 11, 22};
    struct inf_report *report;
    struct vf_buf text = VF_BUF_INIT;
    struct vf_err err;

    vf_buf_append_text(&text, "[Manufacturer]\r\nM=Std,NTamd64\r\n[Std.NTamd64]\r\nD=A,ID\r\n"
                              "[A]\r\n[S]\r\n[A.Services]\r\n");
    for (int i = 0; i < 5000; i++)
        vf_buf_append_text(&text, "AddService=a,0,S\r\n");
    for (int i = 0; i < 500; i++)
        vf_buf_printf(&text, "AddService=b%d,2,S\r\n", i);
    struct inf_file *file = inf_make_bytes(text.data, text.size);
    assert_int_equal(inf_lint(file, &options, &report, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "steps"));
    inf_free(file);
    vf_buf_free(&text);
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
        {{"1304", good, "HKR,,Plain", "HKLM,System\\CurrentControlSet\\Control,Plain"}, false},
        {{"1306", good, "DefaultDestDir=13", "DefaultDestDir=16422"}, false},
        {{"1340", good, "DefaultDestDir=13", "DefaultDestDir=24"}, true},
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

static void an_empty_section_is_judged(void **state)
{
    (void)state;
    struct inf_report *report = judge("[s]", 3, INF_MODE_K);

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
        cmocka_unit_test(near_misses_are_not_found),
        cmocka_unit_test(conflicts_are_told_within_one_windows),
        cmocka_unit_test(each_architecture_is_judged),
        cmocka_unit_test(needed_sections_are_judged),
        cmocka_unit_test(needs_in_a_circle_or_too_deep_are_refused),
        cmocka_unit_test(endless_lists_of_services_are_refused),
        cmocka_unit_test(the_whql_rules_allow_some_places_outside),
        cmocka_unit_test(a_file_not_stamped_yet_is_judged_all_the_same),
        cmocka_unit_test(findings_are_sorted_counted_and_placed),
        cmocka_unit_test(a_report_is_bounded),
        cmocka_unit_test(an_empty_section_is_judged),
        cmocka_unit_test(modes_are_named_by_a_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
