/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge inf lint": INF files judged by InfVerif's rules and our own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder/cli/inf_output.h"
#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "inf/lint.h"
#include "util/bytes.h"
#include "util/epoch.h"
#include "util/file.h"
#include "util/outfile.h"

#define BASELINE_MAX ((size_t)4 << 20)

static const char *const mode_names[] = {"k", "u", "w", "h"};

static void explain_rule(const struct inf_rule *rule)
{
    printf("%s  %s\n\n%s\n%s\n\n", rule->code, rule->what, rule->why, rule->fix);
    for (size_t i = 0; i < 4; i++)
        printf("  --mode %s: %s\n", mode_names[i],
               rule->levels[i] == 'E'   ? "error"
               : rule->levels[i] == 'W' ? "warning"
                                        : "not judged");
}

static enum vf_code explain(const struct cli_call *call, const char *code, struct vf_err *err)
{
    const struct inf_rule *rule = inf_rule_named(code);
    bool all = strcmp(code, "all") == 0;
    json_t *rules = json_array();

    if (!rule && !all) {
        json_decref(rules);
        return vf_fail(err, VF_USAGE, "there is no rule '%s'; --explain all lists them", code);
    }
    for (size_t i = 0; (rule = inf_rule_at(i)); i++) {
        if (!all && rule != inf_rule_named(code))
            continue;
        json_array_append_new(rules, inf_rule_json(rule));
        if (!cli_json(call) && all)
            printf("%-6s %s  %s\n", rule->code, rule->levels, rule->what);
        else if (!cli_json(call))
            explain_rule(rule);
    }
    if (cli_json(call))
        return cli_json_print("inf-rules", 1, json_pack("{s:o}", "rules", rules), err);
    json_decref(rules);
    return VF_OK;
}

/* Append text without the numbers of lines that it names, and without CR. */
static void append_unnumbered(struct vf_buf *out, struct vf_view text)
{
    static const char mark[] = "line ";
    size_t seen = 0;

    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool digit = c >= '0' && c <= '9';
        if (c == '\r' || (digit && seen == sizeof(mark) - 1))
            continue;
        vf_buf_append_byte(out, c);
        if (seen < sizeof(mark) - 1 && c == (uint8_t)mark[seen])
            seen++;
        else
            seen = c == (uint8_t)mark[0];
    }
}

/*
 * A baseline holds one finding a line: code, file name, text, tab between them. Line numbers are
 * left out, so that it stays good while the file changes elsewhere.
 */
static void baseline_line(struct vf_buf *out, const char *path, const struct inf_finding *finding)
{
    struct vf_view text = {(const uint8_t *)finding->text, strlen(finding->text)};

    vf_buf_printf(out, "%s\t%s\t", finding->rule->code, vf_path_base(path));
    append_unnumbered(out, text);
    vf_buf_append_byte(out, '\n');
}

static bool in_baseline(struct vf_buf *baseline, const char *path,
                        const struct inf_finding *finding)
{
    struct vf_buf line = VF_BUF_INIT;
    const char *text = vf_buf_text(baseline);

    vf_buf_append_byte(&line, '\n');
    baseline_line(&line, path, finding);
    const char *wanted = vf_buf_text(&line);
    bool found = text && wanted && strstr(text, wanted) != NULL;
    vf_buf_free(&line);
    return found;
}

/* Note each finding for SARIF, and drop those that the baseline accepts. */
static void accept(struct inf_report *report, struct vf_buf *baseline, const char *path,
                   struct inf_sarif *sarif)
{
    size_t kept = 0;

    for (size_t i = 0; i < report->count; i++) {
        struct inf_finding finding = report->findings[i];
        bool accepted = baseline->size && in_baseline(baseline, path, &finding);
        inf_sarif_add(sarif, path, &finding, accepted);
        if (accepted) {
            report->errors -= finding.error;
            report->warnings -= !finding.error;
        } else {
            report->findings[kept++] = finding;
        }
    }
    report->count = kept;
}

/* Has every line that is not empty two tabs? Tells of the first that has not. */
static enum vf_code check_baseline(const char *path, struct vf_view file, struct vf_err *err)
{
    const uint8_t *at = file.data, *end = file.data + file.size;

    for (size_t line = 1; at < end; line++) {
        const uint8_t *next = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((next ? next : end) - at), tabs = 0;
        for (size_t i = 0; i < size; i++)
            tabs += at[i] == '\t';
        if (memchr(at, 0, size) || (size && at[0] != '\r' && tabs < 2))
            return vf_fail(err, VF_MALFORMED,
                           "%s:%zu: no line of a baseline: a code, a file name and a text, with a "
                           "tab between them",
                           path, line);
        at = next ? next + 1 : end;
    }
    return VF_OK;
}

static enum vf_code read_baseline(const struct cli_call *call, struct vf_buf *baseline,
                                  struct vf_err *err)
{
    const char *path = cli_value(call, "baseline");
    struct vf_buf file = VF_BUF_INIT;

    if (!path)
        return VF_OK;
    enum vf_code code = vf_file_read(path, BASELINE_MAX, &file, err);
    if (!code)
        code = check_baseline(path, vf_view_of(&file), err);
    if (!code) {
        /* every line then begins behind a line end */
        vf_buf_append_byte(baseline, '\n');
        append_unnumbered(baseline, vf_view_of(&file));
        if (!vf_buf_ok(baseline))
            code = vf_fail_memory(err);
    }
    vf_buf_free(&file);
    return code;
}

static void print_findings(const struct cli_call *call, const char *path,
                           const struct inf_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct inf_finding *f = &report->findings[i];
        printf("%s:%u:%u: %s%s %s%s: %s\n", path, f->place.line, f->place.column,
               cli_tone_on(call, f->error ? CLI_BAD : CLI_WARN), f->error ? "error" : "warning",
               f->rule->code, cli_tone_off(call), f->text);
        printf("    %s%s %s%s\n", cli_tone_on(call, CLI_DIM), f->rule->why, f->rule->fix,
               cli_tone_off(call));
    }
    if (report->cut)
        printf("%s: more than %u findings; the rest is not shown\n", path, INF_FINDINGS_MAX);
}

/* What one run over all files adds up to. */
struct total {
    json_t *files, *unread; /* for --json */
    struct inf_sarif sarif;
    struct vf_buf accepted; /* for --write-baseline */
    size_t errors, warnings;
    enum vf_code worst;
};

/* A file that could not be judged; the others are judged all the same. */
static void refuse(const char *path, enum vf_code code, const char *message, struct total *total)
{
    fprintf(stderr, "vioforge: %s\n", message);
    total->worst = code;
    if (code == VF_MALFORMED) {
        struct inf_finding finding = inf_refused_finding(path, message);
        struct inf_report report = {.findings = &finding, .count = 1, .errors = 1};
        total->errors++;
        inf_sarif_add(&total->sarif, path, &finding, false);
        json_array_append_new(total->files, inf_report_json(path, &report));
    } else {
        inf_sarif_unread(&total->sarif, path, message);
        json_array_append_new(total->unread, json_pack("{s:o, s:o}", "file", cli_text_json(path),
                                                       "text", cli_text_json(message)));
    }
}

static enum vf_code judge(const struct cli_call *call, const char *path,
                          const struct inf_lint_options *options, struct vf_buf *baseline,
                          struct total *total, struct vf_err *err)
{
    struct inf_file *file = NULL;
    struct inf_report *report = NULL;

    enum vf_code code = inf_read(path, &file, err);
    if (!code)
        code = inf_lint(file, options, &report, err);
    if (!code) {
        accept(report, baseline, path, &total->sarif);
        total->errors += report->errors;
        total->warnings += report->warnings;
        for (size_t i = 0; i < report->count; i++)
            baseline_line(&total->accepted, path, &report->findings[i]);
        json_array_append_new(total->files, inf_report_json(path, report));
        if (!cli_json(call) && !cli_value(call, "write-baseline"))
            print_findings(call, path, report);
        if (report->errors || report->cut)
            total->worst = total->worst ? total->worst : VF_FINDINGS;
    } else if (code == VF_MALFORMED || code == VF_IO) {
        refuse(path, code, err->text, total);
        err->text[0] = '\0';
        code = VF_OK;
    }
    inf_report_free(report);
    inf_free(file);
    return code;
}

static enum vf_code finish(const struct cli_call *call, struct total *total,
                           const struct inf_lint_options *options, struct vf_err *err)
{
    const char *sarif = cli_value(call, "sarif"), *write = cli_value(call, "write-baseline");
    bool force = cli_flag(call, "force");
    enum vf_code code = VF_OK;

    if (sarif)
        code = inf_sarif_write(sarif, force, &total->sarif, err);
    if (!code && write) {
        code = vf_out_file(write, force, vf_view_of(&total->accepted), err);
        if (!code)
            cli_note(call, "made %s, %zu finding%s accepted", write,
                     total->errors + total->warnings, cli_plural(total->errors + total->warnings));
        if (total->worst == VF_FINDINGS)
            total->worst = VF_OK;
    }
    if (!code && cli_json(call))
        code = cli_json_print(
            "inf-lint", 1,
            json_pack("{s:s, s:I, s:I, s:O, s:O}", "mode", mode_names[options->mode], "errors",
                      (json_int_t)total->errors, "warnings", (json_int_t)total->warnings, "files",
                      total->files, "unread", total->unread),
            err);
    else if (!code && !write)
        cli_note(call, "%zu file%s, %zu error%s, %zu warning%s", cli_operand_count(call),
                 cli_plural(cli_operand_count(call)), total->errors, cli_plural(total->errors),
                 total->warnings, cli_plural(total->warnings));
    return code ? code : total->worst;
}

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    const char *mode = cli_value(call, "mode");
    struct inf_lint_options options = {.mode = INF_MODE_W};
    struct total total = {.files = json_array(), .unread = json_array()};
    struct vf_buf baseline = VF_BUF_INIT;
    int64_t seconds;
    struct tm utc;
    enum vf_code code = VF_OK;

    inf_sarif_begin(&total.sarif, cli_value(call, "baseline") != NULL);
    if (cli_value(call, "explain")) {
        code = explain(call, cli_value(call, "explain"), err);
        goto done;
    }
    if (cli_operand_count(call) == 0)
        code = vf_fail(err, VF_USAGE, "no INF file is named; see 'vioforge inf lint --help'");
    else if (mode && !inf_mode_parse(mode, &options.mode))
        code = vf_fail(err, VF_USAGE, "--mode takes k, u, w or h, not '%s'", mode);
    if (!code)
        code = vf_epoch(&seconds, err);
    if (!code)
        code = read_baseline(call, &baseline, err);
    if (code)
        goto done;
    vf_epoch_utc(seconds, &utc);
    options.year = (unsigned)utc.tm_year + 1900;
    options.month = (unsigned)utc.tm_mon + 1;
    options.day = (unsigned)utc.tm_mday;
    for (size_t i = 0; i < cli_operand_count(call) && !code; i++)
        code = judge(call, cli_operand(call, i), &options, &baseline, &total, err);
    if (!code)
        code = finish(call, &total, &options, err);
done:
    vf_buf_free(&baseline);
    vf_buf_free(&total.accepted);
    inf_sarif_end(&total.sarif);
    json_decref(total.unread);
    json_decref(total.files);
    return code;
}

static const struct cli_option options[] = {
    {'m', "mode", "MODE", "rules of k declarative, u universal, w isolated (default), h WHQL"},
    {0, "explain", "CODE", "say what a rule means, and stop; 'all' lists the rules"},
    {0, "baseline", "FILE", "pass over the findings that FILE accepts"},
    {0, "write-baseline", "FILE", "write a baseline that accepts today's findings"},
    {0, "sarif", "FILE", "write the findings as SARIF 2.1.0 as well"},
    {'f', "force", NULL, "replace the files written where they exist"},
    CLI_OPTIONS_END,
};

static const char *const examples[] = {
    "vioforge inf lint viostor.inf",
    "vioforge inf lint --mode h --sarif findings.sarif drivers/*.inf",
    "vioforge inf lint --explain 1324",
    NULL,
};

const struct cli_verb verb_inf_lint = {
    .name = "inf lint",
    .summary = "judge INF files by InfVerif's rules",
    .operands = "FILE...",
    .operands_min = 0,
    .operands_max = -1,
    .options = options,
    .examples = examples,
    .run = run,
};
