/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings as SARIF: what "SARIF Version 2.1.0" (OASIS) requires of a log, property by property. */
#include "tests/unit/inf_make.h"

#include <unistd.h>

#include "builder/cli/inf_output.h"
#include "builder/cli/text.h"

static json_t *log_of(const char *path, const char *text)
{
    struct inf_file *file = inf_make(text);
    struct inf_lint_options options = {INF_MODE_W, 2026, 11, 22};
    struct inf_report *report;
    struct vf_err err = {VF_OK, ""};
    struct inf_sarif sarif;

    assert_int_equal(inf_lint(file, &options, &report, &err), VF_OK);
    inf_sarif_begin(&sarif, false);
    for (size_t i = 0; i < report->count; i++)
        inf_sarif_add(&sarif, path, &report->findings[i], false);
    assert_int_equal(json_array_size(sarif.results), report->count);
    assert_int_equal(inf_sarif_write("log.sarif", true, &sarif, &err), VF_OK);
    inf_sarif_end(&sarif);
    inf_report_free(report);
    inf_free(file);

    json_t *log = json_load_file("log.sarif", JSON_REJECT_DUPLICATES, NULL);
    unlink("log.sarif");
    assert_non_null(log);
    return log;
}

static const char *text_at(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void a_log_names_version_schema_and_tool(void **state)
{
    (void)state;
    json_t *log = log_of("a.inf", "[s]");
    json_t *run = json_array_get(json_object_get(log, "runs"), 0);

    assert_string_equal(text_at(log, "version"), "2.1.0"); /* 3.13.2 */
    assert_non_null(strstr(text_at(log, "$schema"), "sarif-2.1.0.json"));
    assert_int_equal(json_array_size(json_object_get(log, "runs")), 1); /* 3.13.4 */
    json_t *driver = json_object_get(json_object_get(run, "tool"), "driver");
    assert_string_equal(text_at(driver, "name"), "vioforge inf lint"); /* 3.19.8 */
    json_decref(log);
}

static void each_rule_has_a_unique_id_and_texts(void **state)
{
    (void)state;
    json_t *log = log_of("a.inf", "[s]");
    json_t *run = json_array_get(json_object_get(log, "runs"), 0);
    json_t *rules =
        json_object_get(json_object_get(json_object_get(run, "tool"), "driver"), "rules");
    size_t i;
    json_t *rule;

    json_array_foreach(rules, i, rule)
    {
        assert_ptr_equal(inf_rule_named(text_at(rule, "id")), inf_rule_at(i));
        text_at(json_object_get(rule, "shortDescription"), "text");
        text_at(json_object_get(rule, "fullDescription"), "text");
        text_at(json_object_get(rule, "help"), "text");
    }
    assert_null(inf_rule_at(i));
    json_decref(log);
}

static void each_result_names_rule_level_text_and_place(void **state)
{
    (void)state;
    json_t *log = log_of("my dir/\xC3\xA4.inf", "[Version]\r\n[A]\r\n[A]\r\n");
    json_t *run = json_array_get(json_object_get(log, "runs"), 0);
    size_t i;
    json_t *result;

    assert_true(json_array_size(json_object_get(run, "results")) > 3);
    json_array_foreach(json_object_get(run, "results"), i, result)
    {
        json_t *place = json_object_get(json_array_get(json_object_get(result, "locations"), 0),
                                        "physicalLocation");
        json_t *region = json_object_get(place, "region");
        const char *level = text_at(result, "level");
        assert_non_null(inf_rule_named(text_at(result, "ruleId")));
        assert_true(strcmp(level, "error") == 0 || strcmp(level, "warning") == 0);
        assert_true(strlen(text_at(json_object_get(result, "message"), "text")) > 0);
        /* 3.4.3: a URI reference, so no space and no character beyond ASCII */
        assert_string_equal(text_at(json_object_get(place, "artifactLocation"), "uri"),
                            "my%20dir/%C3%A4.inf");
        assert_true(json_integer_value(json_object_get(region, "startLine")) >= 1);
        assert_true(json_integer_value(json_object_get(region, "startColumn")) >= 1);
    }
    json_decref(log);
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
    (void)state;
    json_t *text = cli_text_json("a\xE4z\xC3\xA4\xC3");

    assert_string_equal(json_string_value(text), "a\xEF\xBF\xBDz\xC3\xA4\xEF\xBF\xBD");
    json_decref(text);
}

static void a_refusal_becomes_a_finding_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        unsigned line, column;
        const char *text;
    } cases[] = {
        {"d:1/a.inf:7:12: a NUL", 7, 12, "a NUL"},
        {"d:1/a.inf: too large", 1, 1, "too large"},
        {"other: 7:12: text", 1, 1, "other: 7:12: text"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct inf_finding finding = inf_refused_finding("d:1/a.inf", cases[i].message);
        assert_string_equal(finding.rule->code, "1002");
        assert_true(finding.error);
        assert_int_equal(finding.place.line, cases[i].line);
        assert_int_equal(finding.place.column, cases[i].column);
        assert_string_equal(finding.text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_names_version_schema_and_tool),
        cmocka_unit_test(each_rule_has_a_unique_id_and_texts),
        cmocka_unit_test(each_result_names_rule_level_text_and_place),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced),
        cmocka_unit_test(a_refusal_becomes_a_finding_at_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
