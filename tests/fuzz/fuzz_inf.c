/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * INF files: the input is the file.
 *
 * What must hold: a file is refused with a message that names it, or it is written back byte for
 * byte, every line and field lies inside its text, and package facts, models, lint reports in every
 * mode, stamping and changes end well or with a message. A stamped file reads back the version it
 * was given, a changed one the value.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "inf/change.h"
#include "inf/lint.h"
#include "inf/model.h"
#include "inf/package.h"
#include "inf/stamp.h"
#include "util/utf16.h"

static void check_text(const char *text)
{
    struct vf_view view = {(const uint8_t *)text, strlen(text)};
    size_t at = 0;

    while (at < view.size)
        FUZZ_CHECK(vf_utf8_next(view, &at) != UINT32_MAX);
}

static void check_span(const struct inf_file *file, struct inf_span span)
{
    FUZZ_CHECK(span.begin <= span.end && span.end <= inf_text(file).size);
}

static void check_sections(const struct inf_file *file)
{
    for (size_t s = 0; s < inf_section_count(file); s++) {
        const struct inf_section *section = inf_section_at(file, s);
        size_t lines = 0;
        uint32_t end = 0;
        FUZZ_CHECK(inf_section_find(file, inf_section_name(file, section)) == section);
        FUZZ_CHECK(inf_heading_count(section) > 0);
        for (const struct inf_line *line = inf_line_first(file, section); line;
             line = inf_line_next(file, line)) {
            struct inf_span span = inf_line_span(line);
            check_span(file, span);
            FUZZ_CHECK(span.begin >= end && span.end > span.begin);
            end = span.end;
            lines++;
            FUZZ_CHECK(inf_line_section(file, line) == section);
            if (inf_key(file, line)) {
                check_text(inf_key(file, line));
                FUZZ_CHECK(inf_line_find(file, section, inf_key(file, line)) != NULL);
            }
            for (size_t f = 0; f < inf_field_count(line); f++) {
                struct inf_span field = inf_field_span(file, line, f);
                check_span(file, field);
                FUZZ_CHECK(field.begin >= span.begin && field.end <= span.end);
                check_text(inf_field(file, line, f));
                check_text(inf_field_raw(file, line, f));
            }
        }
        FUZZ_CHECK(lines == inf_line_count(section));
    }
}

static void check_code(enum vf_code code, const struct vf_err *err)
{
    FUZZ_CHECK(code == VF_OK || code == VF_MALFORMED);
    FUZZ_CHECK(code == VF_OK || strncmp(err->text, "fuzz.inf:", 9) == 0);
}

static void check_readers(const struct inf_file *file)
{
    static const char *const targets[] = {"w10/x86", "w11/amd64", "2k25/arm64"};
    struct inf_package *package;
    struct vf_err err;

    FUZZ_CHECK(inf_package_make(file, &package, &err) == VF_OK);
    inf_package_free(package);
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct inf_target target;
        struct inf_model *model;
        FUZZ_CHECK(inf_target_parse(targets[i], &target));
        check_code(inf_model_make(file, &target, &model, &err), &err);
        inf_model_free(model);
    }
    for (int mode = INF_MODE_K; mode <= INF_MODE_H; mode++) {
        struct inf_lint_options options = {(enum inf_mode)mode, 2026, 11, 22};
        struct inf_report *report;
        check_code(inf_lint(file, &options, &report, &err), &err);
        FUZZ_CHECK(!report || report->count <= INF_FINDINGS_MAX);
        for (size_t i = 0; report && i < report->count; i++)
            check_text(report->findings[i].text);
        inf_report_free(report);
    }
}

static void check_stamp(const struct inf_file *file)
{
    static const struct inf_variable variables[] = {{"ARCH", "amd64"}};
    static const struct inf_stamp stamp = {
        .version = "1.2.3.4",
        .year = 2026,
        .month = 11,
        .day = 22,
        .catalog = "fuzz.cat",
        .variables = variables,
        .variable_count = 1,
        .newline = "\r\n",
    };
    struct vf_buf out = VF_BUF_INIT;
    struct inf_file *again = NULL;
    struct vf_err err;

    enum vf_code code = inf_stamp(file, &stamp, &out, &err);
    FUZZ_CHECK(code == VF_OK || code == VF_MALFORMED || code == VF_USAGE);
    if (!code && inf_parse(vf_view_of(&out), "fuzz.inf", &again, &err) == VF_OK) {
        const char *version = inf_value(again, "Version", "DriverVer", 1);
        FUZZ_CHECK(version && strcmp(version, "1.2.3.4") == 0);
    }
    inf_free(again);
    vf_buf_free(&out);
}

/* The section and key changed are the file's own, so that what stands there already is met. */
static void check_change(const struct inf_file *file)
{
    const struct inf_section *section = inf_section_at(file, inf_section_count(file) / 2);
    const char *name = section ? inf_section_name(file, section) : "New";
    struct inf_change changes[] = {
        {INF_SET, name, "fuzz", "1"},
        {INF_ADD, name, NULL, "HKR,,x"},
        {INF_SET, name, "fuzz", "\"2,\""},
    };
    struct vf_buf out = VF_BUF_INIT;
    struct inf_file *again = NULL;
    struct vf_err err;

    enum vf_code code = inf_apply(file, changes, 3, &out, &err);
    FUZZ_CHECK(code == VF_OK || code == VF_MALFORMED || code == VF_USAGE);
    if (!code && inf_parse(vf_view_of(&out), "fuzz.inf", &again, &err) == VF_OK) {
        const char *value = inf_value(again, name, "fuzz", 0);
        FUZZ_CHECK(value && strcmp(value, "2,") == 0);
    }
    inf_free(again);
    vf_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vf_view bytes = {data, size};
    struct vf_buf back = VF_BUF_INIT;
    struct inf_file *file;
    struct vf_err err;

    enum vf_code code = inf_parse(bytes, "fuzz.inf", &file, &err);
    check_code(code, &err);
    if (code)
        return 0;
    FUZZ_CHECK(inf_write(file, NULL, 0, &back, &err) == VF_OK);
    FUZZ_CHECK(vf_view_equal(vf_view_of(&back), bytes));
    vf_buf_free(&back);
    check_sections(file);
    check_readers(file);
    check_stamp(file);
    check_change(file);
    inf_free(file);
    return 0;
}
