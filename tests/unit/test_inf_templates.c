/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The templates of the tree, stamped for every target they serve. */
#include "tests/unit/inf_make.h"

#include "inf/lint.h"
#include "inf/model.h"
#include "inf/package.h"
#include "inf/stamp.h"

static const struct driver {
    const char *template, *binary, *catalog, *service, *group, *class_name;
    const char *ids[4];
    int64_t start;
} drivers[] = {
    {INF_TEMPLATES "/viorng.inf.in",
     "viorng.sys",
     "viorng.cat",
     "VirtRng",
     "Extended Base",
     "System",
     {"pci\\ven_1af4&dev_1005&subsys_00041af4&rev_00", "pci\\ven_1af4&dev_1005",
      "pci\\ven_1af4&dev_1044&subsys_11001af4&rev_01", "pci\\ven_1af4&dev_1044"},
     3},
    {INF_TEMPLATES "/viostor.inf.in",
     "viostor.sys",
     "viostor.cat",
     "viostor",
     "SCSI miniport",
     "SCSIAdapter",
     {"pci\\ven_1af4&dev_1001&subsys_00021af4&rev_00", "pci\\ven_1af4&dev_1001",
      "pci\\ven_1af4&dev_1042&subsys_11001af4&rev_01", "pci\\ven_1af4&dev_1042"},
     0},
};

static const char *const targets[] = {
    "w10/x86",    "w10/amd64", "2k16/amd64", "2k19/amd64", "2k22/amd64",
    "2k25/amd64", "w11/amd64", "w11/arm64",  "2k25/arm64",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct inf_file *stamped(const struct driver *driver, const struct inf_target *target)
{
    struct inf_variable variables[INF_TARGET_VARIABLES];
    struct inf_stamp stamp = {.version = "1.2.3.4",
                              .year = 2026,
                              .month = 11,
                              .day = 22,
                              .variables = variables,
                              .variable_count = INF_TARGET_VARIABLES,
                              .newline = "\r\n"};
    struct inf_file *file, *made;
    struct vf_buf out = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};

    inf_stamp_target(target, variables);
    if (inf_read(driver->template, &file, &err) || inf_stamp(file, &stamp, &out, &err))
        fail_msg("%s", err.text);
    made = inf_make_bytes(out.data, out.size);
    vf_buf_free(&out);
    inf_free(file);
    return made;
}

static void each(void (*check)(const struct driver *, const struct inf_target *,
                               const struct inf_file *))
{
    for (size_t d = 0; d < COUNT(drivers); d++) {
        for (size_t t = 0; t < COUNT(targets); t++) {
            struct inf_target target;
            assert_true(inf_target_parse(targets[t], &target));
            struct inf_file *file = stamped(&drivers[d], &target);
            check(&drivers[d], &target, file);
            inf_free(file);
        }
    }
}

static void check_package(const struct driver *driver, const struct inf_target *target,
                          const struct inf_file *file)
{
    struct inf_package *package;

    assert_int_equal(inf_package_make(file, &package, NULL), VF_OK);
    assert_int_equal(package->arches, INF_ARCH_BIT(target->arch));
    assert_string_equal(package->class_name, driver->class_name);
    assert_string_equal(inf_package_catalog(package, target->arch)->name, driver->catalog);
    assert_string_equal(package->driver_ver.version_text, "1.2.3.4");
    assert_int_equal(package->source_count, 1);
    assert_string_equal(package->sources[0].name, driver->binary);
    assert_int_equal(package->id_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(package->ids[i].id, driver->ids[i]);
    inf_package_free(package);
}

static void packages_hold_the_driver_for_its_devices(void **state)
{
    (void)state;
    each(check_package);
}

static void check_model(const struct driver *driver, const struct inf_target *target,
                        const struct inf_file *file)
{
    struct inf_model *model;

    assert_int_equal(inf_model_make(file, target, &model, NULL), VF_OK);
    assert_int_equal(model->device_count, 2);
    assert_non_null(model->devices[0].install);
    assert_int_equal(model->copy_count, 1);
    assert_string_equal(model->copies[0].name, driver->binary);
    assert_int_equal(model->copies[0].dirid, target->build >= 16299 ? 13 : 12);
    assert_int_equal(model->service_count, 1);
    assert_string_equal(model->services[0].name, driver->service);
    assert_int_equal(model->services[0].start, driver->start);
    assert_int_equal(model->services[0].type, 1);
    assert_int_equal(model->services[0].flags, 2);
    assert_string_equal(model->services[0].group, driver->group);
    assert_string_equal(model->services[0].file, driver->binary);
    inf_model_free(model);
}

static void windows_would_install_one_service(void **state)
{
    (void)state;
    each(check_model);
}

static void check_lint(const struct driver *driver, const struct inf_target *target,
                       const struct inf_file *file)
{
    for (int mode = INF_MODE_K; mode <= INF_MODE_H; mode++) {
        struct inf_lint_options options = {(enum inf_mode)mode, 2026, 11, 22};
        struct inf_report *report;
        assert_int_equal(inf_lint(file, &options, &report, NULL), VF_OK);
        /* before the driver store could hold drivers, an INF cannot be an isolated one */
        bool isolated = target->build >= 16299 || mode != INF_MODE_W;
        for (size_t i = 0; i < report->count; i++)
            if (isolated || strcmp(report->findings[i].rule->code, "1322") != 0)
                fail_msg("%s, mode %d: %u: %s %s", driver->template, mode,
                         report->findings[i].place.line, report->findings[i].rule->code,
                         report->findings[i].text);
        inf_report_free(report);
    }
}

static void no_rule_is_broken(void **state)
{
    (void)state;
    each(check_lint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_hold_the_driver_for_its_devices),
        cmocka_unit_test(windows_would_install_one_service),
        cmocka_unit_test(no_rule_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
