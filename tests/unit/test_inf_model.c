/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/inf_make.h"

#include "inf/model.h"

static const char driver[] =
    "[Manufacturer]\n%M%=Std,NTx86.10.0,NTamd64.6.1,NTamd64.10.0,NTamd64.10.0...16299\n"
    "[Std]\nOld=Inst,OLD\n"
    "[Std.NTx86.10.0]\nThirty=Inst,ID32\n"
    "[Std.NTamd64.6.1]\nSeven=Inst,ID7\n"
    "[Std.NTamd64.10.0]\nTen=Inst,ID10\n"
    "[Std.NTamd64.10.0...16299]\nNew=Inst,IDNEW,COMPAT\nOther=Missing,IDX\n"
    "[Inst.NTx86]\nCopyFiles=@X86.SYS\n"
    "[Inst.NT]\nCopyFiles=Files,@Alone.dll\nAddReg=Soft\nInclude=machine.inf\nNeeds=More,Absent\n"
    "[Inst.NT.HW]\nAddReg=Hard\n"
    "[Inst.NT.Services]\nAddService=Drv,0x00000002,Svc,Log\n"
    "[More]\nCopyFiles=Extra\n"
    "[Files]\nDrv.SYS\nNew.dll,Old.dll,,0x2000\n"
    "[Extra]\nextra.bin\n"
    "[DestinationDirs]\nDefaultDestDir=11\nFiles=12,sub\n"
    "[Soft]\nHKR,,A,,1\n[Hard]\nHKR,,B,0x10001,2\nHKR,,C\n"
    "[Svc]\nServiceType=1\nStartType=0x0\nErrorControl=1\nServiceBinary=%12%\\Drv.sys\n"
    "LoadOrderGroup=SCSI miniport\nAddReg=Params\n"
    "[Params]\nHKR,Parameters,D\n[Log]\nAddReg=LogValues\n[LogValues]\nHKR,,E\n";

static struct inf_model *model_for(const struct inf_file *file, const char *on)
{
    struct inf_target target;
    struct inf_model *model;
    struct vf_err err;

    assert_true(inf_target_parse(on, &target));
    assert_int_equal(inf_model_make(file, &target, &model, &err), VF_OK);
    return model;
}

static void the_closest_models_section_serves(void **state)
{
    (void)state;
    static const struct {
        const char *target, *description;
    } cases[] = {
        {"w7/amd64", "Seven"}, {"w10/amd64", "Ten"}, {"w11/amd64", "New"},
        {"w10/x86", "Thirty"}, {"w7/x86", "Old"},    {"w11/arm64", NULL},
    };
    struct inf_file *file = inf_make(driver);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct inf_model *model = model_for(file, cases[i].target);
        if (cases[i].description)
            assert_string_equal(inf_key(file, model->devices[0].line), cases[i].description);
        else
            assert_int_equal(model->device_count + model->copy_count, 0);
        inf_model_free(model);
    }
    inf_free(file);
}

static void files_have_source_and_destination(void **state)
{
    (void)state;
    static const struct {
        const char *name, *source, *directory, *section;
        int64_t dirid, flags;
    } want[] = {
        {"drv.sys", "drv.sys", "sub", "Files", 12, 0},
        {"new.dll", "old.dll", "sub", "Files", 12, 0x2000},
        {"alone.dll", "alone.dll", "", "", 11, 0},
        {"extra.bin", "extra.bin", "", "Extra", 11, 0},
    };
    struct inf_file *file = inf_make(driver);
    struct inf_model *model = model_for(file, "w11/amd64");

    assert_int_equal(model->copy_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(model->copies[i].name, want[i].name);
        assert_string_equal(model->copies[i].source, want[i].source);
        assert_true(model->copies[i].placed);
        assert_string_equal(model->copies[i].directory, want[i].directory);
        assert_string_equal(model->copies[i].section, want[i].section);
        assert_int_equal(model->copies[i].dirid, want[i].dirid);
        assert_int_equal(model->copies[i].flags, want[i].flags);
    }
    inf_model_free(model);
    inf_free(file);
}

static void an_architecture_may_have_its_own_install_section(void **state)
{
    (void)state;
    struct inf_file *file = inf_make(driver);
    struct inf_model *model = model_for(file, "w10/x86");

    assert_int_equal(model->copy_count, 1);
    assert_string_equal(model->copies[0].name, "x86.sys");
    /* companions follow the name that was found: Inst.NTx86.Services does not exist */
    assert_int_equal(model->service_count, 0);
    inf_model_free(model);
    inf_free(file);
}

static void services_and_registry_are_found(void **state)
{
    (void)state;
    struct inf_file *file = inf_make(driver);
    struct inf_model *model = model_for(file, "w11/amd64");
    static const enum inf_registry_owner owners[] = {
        INF_REGISTRY_SOFTWARE, INF_REGISTRY_HARDWARE,  INF_REGISTRY_HARDWARE,
        INF_REGISTRY_SERVICE,  INF_REGISTRY_EVENT_LOG,
    };

    assert_int_equal(model->service_count, 1);
    const struct inf_service *service = &model->services[0];
    assert_string_equal(service->name, "Drv");
    assert_int_equal(service->flags, 2);
    assert_int_equal(service->type, 1);
    assert_int_equal(service->start, 0);
    assert_string_equal(service->binary, "%12%\\Drv.sys");
    assert_string_equal(service->file, "drv.sys");
    assert_string_equal(service->group, "SCSI miniport");
    assert_string_equal(service->display_name, "");
    assert_int_equal(model->registry_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(model->registry[i].owner, owners[i]);
    assert_string_equal(model->registry[4].service, "Drv");
    assert_int_equal(model->include_count, 1);
    assert_string_equal(model->includes[0], "machine.inf");
    assert_null(model->devices[1].install);
    inf_model_free(model);
    inf_free(file);
}

static void primitive_drivers_are_installed_as_a_whole(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[DefaultInstall.NTamd64]\nCopyFiles=@a.sys\n"
                                     "[DefaultInstall.NTamd64.Services]\nAddService=a,,S\n[S]\n");
    struct inf_model *model = model_for(file, "w11/amd64");

    assert_int_equal(model->copy_count, 1);
    assert_false(model->copies[0].placed);
    assert_int_equal(model->service_count, 1);
    assert_int_equal(model->services[0].start, -1);
    inf_model_free(model);
    inf_free(file);
}

static void refused(const char *text, const char *message)
{
    struct inf_file *file = inf_make(text);
    struct inf_target target;
    struct inf_model *model;
    struct vf_err err;

    assert_true(inf_target_parse("w11/amd64", &target));
    assert_int_equal(inf_model_make(file, &target, &model, &err), VF_MALFORMED);
    assert_null(model);
    assert_non_null(strstr(err.text, message));
    inf_free(file);
}

static void a_section_may_need_its_namesake_of_an_included_inf(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[DefaultInstall.NTamd64]\nAddReg=R\nInclude=x.inf\n"
                                     "Needs=DefaultInstall.NTamd64\n[R]\nHKR,,V,,1\n");
    struct inf_target target = {.arch = INF_ARCH_AMD64, .major = 10};
    struct inf_model *model;
    struct vf_err err = {VF_OK, ""};

    if (inf_model_make(file, &target, &model, &err))
        fail_msg("%s", err.text);
    assert_int_equal(model->registry_count, 1);
    assert_int_equal(model->include_count, 1);
    inf_model_free(model);
    inf_free(file);
}

static void cycles_of_needs_end(void **state)
{
    (void)state;
    refused("[DefaultInstall.NTamd64]\nNeeds=A\n[A]\nNeeds=B\n[B]\nNeeds=A\n", "is there a cycle");
}

static void a_service_section_adds_no_services(void **state)
{
    (void)state;
    struct inf_file *file = inf_make("[DefaultInstall.NTamd64]\n"
                                     "[DefaultInstall.NTamd64.Services]\nAddService=a,2,S,S\n"
                                     "[S]\nAddService=a,2,S,S\nAddReg=R\n[R]\nHKR,,V\n");
    struct inf_model *model = model_for(file, "w11/amd64");

    assert_int_equal(model->service_count, 1);
    assert_int_equal(model->registry_count, 2);
    inf_model_free(model);
    inf_free(file);
}

static void endless_repetition_ends(void **state)
{
    (void)state;
    struct vf_buf text = VF_BUF_INIT;

    vf_buf_append_text(&text, "[DefaultInstall.NTamd64]\n");
    for (int i = 0; i < 3000; i++)
        vf_buf_append_text(&text, "AddReg=R\n");
    vf_buf_append_text(&text, "[R]\n");
    for (int i = 0; i < 3000; i++)
        vf_buf_append_text(&text, "HKR\n");
    refused(vf_buf_text(&text), "again and again");
    vf_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_closest_models_section_serves),
        cmocka_unit_test(files_have_source_and_destination),
        cmocka_unit_test(an_architecture_may_have_its_own_install_section),
        cmocka_unit_test(services_and_registry_are_found),
        cmocka_unit_test(primitive_drivers_are_installed_as_a_whole),
        cmocka_unit_test(a_section_may_need_its_namesake_of_an_included_inf),
        cmocka_unit_test(cycles_of_needs_end),
        cmocka_unit_test(a_service_section_adds_no_services),
        cmocka_unit_test(endless_repetition_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
