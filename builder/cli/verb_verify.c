/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge verify PATH": judge a driver disc, folder or archive. */
#include <stdio.h>
#include <string.h>

#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "builder/cli/verify_verdict.h"
#include "builder/verify/verify.h"

#define ROOTS_MAX 64

static const char *result_of(const struct verify_package *package, enum cli_tone *tone)
{
    if (package->errors) {
        *tone = CLI_BAD;
        return "bad";
    }
    *tone = package->warnings ? CLI_WARN : CLI_GOOD;
    return package->warnings ? "warnings" : "good";
}

static int column_width(const char *heading, int width, const char *text)
{
    int length = (int)strlen(text);
    int least = (int)strlen(heading);
    if (length < least)
        length = least;
    return length > width ? length : width;
}

static void print_packages(const struct cli_call *call, const struct verify_report *report)
{
    static const char *const headings[] = {"DRIVER", "SYSTEM", "ARCH", "DRIVERVER", "SIGNED BY"};
    int width[5] = {0};

    if (verify_package_count(report) == 0)
        return;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1)
            printf("%-*s  %-*s  %-*s  %-*s  %-*s  RESULT\n", width[0], headings[0], width[1],
                   headings[1], width[2], headings[2], width[3], headings[3], width[4],
                   headings[4]);
        for (size_t i = 0; i < verify_package_count(report); i++) {
            const struct verify_package *p = verify_package_at(report, i);
            const char *texts[] = {p->name, *p->os ? p->os : "-", *p->arch ? p->arch : "-",
                                   *p->driver_ver ? p->driver_ver : "-",
                                   *p->signer ? p->signer : "nobody"};
            for (int c = 0; c < 5 && pass == 0; c++)
                width[c] = column_width(headings[c], width[c], texts[c]);
            if (pass == 0)
                continue;
            enum cli_tone tone;
            const char *result = result_of(p, &tone);
            printf("%-*s  %-*s  %-*s  %-*s  %-*s  %s%s%s\n", width[0], texts[0], width[1], texts[1],
                   width[2], texts[2], width[3], texts[3], width[4], texts[4],
                   cli_tone_on(call, tone), result, cli_tone_off(call));
        }
    }
}

static void print_findings(const struct cli_call *call, const struct verify_report *report)
{
    if (verify_finding_count(report))
        putchar('\n');
    for (size_t i = 0; i < verify_finding_count(report); i++) {
        const struct verify_finding *f = verify_finding_at(report, i);
        const struct verify_rule *rule = verify_rule(f->rule);
        bool bad = rule->level == VERIFY_ERROR;

        fputs(*f->path ? f->path : "(whole)", stdout);
        if (f->line)
            printf(":%u", f->line);
        printf(": %s%s%s: %s [%s]\n", cli_tone_on(call, bad ? CLI_BAD : CLI_WARN),
               bad ? "error" : "warning", cli_tone_off(call), f->text, rule->name);
        printf("    expected: %s\n    to do: %s\n", rule->expected, rule->remedy);
    }
}

static json_t *package_json(const struct verify_package *p)
{
    enum cli_tone tone;
    return json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:I, s:I, s:s, s:o}", "inf",
                     cli_text_json(p->inf), "name", cli_text_json(p->name), "os",
                     cli_text_json(p->os), "arch", p->arch, "driver_ver", p->driver_ver, "signer",
                     cli_text_json(p->signer), "errors", (json_int_t)p->errors, "warnings",
                     (json_int_t)p->warnings, "result", result_of(p, &tone), "verdict",
                     verify_verdict_json(p));
}

static json_t *finding_json(const struct verify_finding *f)
{
    const struct verify_rule *rule = verify_rule(f->rule);
    return json_pack("{s:s, s:s, s:o, s:I, s:o, s:s, s:s}", "rule", rule->name, "level",
                     rule->level == VERIFY_ERROR ? "error" : "warning", "path",
                     cli_text_json(f->path), "line", (json_int_t)f->line, "text",
                     cli_text_json(f->text), "expected", rule->expected, "remedy", rule->remedy);
}

static enum vf_code print_json(const struct tree *tree, const struct verify_report *report,
                               struct vf_err *err)
{
    size_t count = verify_finding_count(report);
    json_t *packages = json_array(), *findings = json_array();

    for (size_t i = 0; i < verify_package_count(report); i++)
        json_array_append_new(packages, package_json(verify_package_at(report, i)));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(findings, finding_json(verify_finding_at(report, i)));
    bool whole = json_array_size(packages) == verify_package_count(report) &&
                 json_array_size(findings) == count;
    json_t *root = json_pack(
        "{s:o, s:s, s:o, s:I, s:I, s:I, s:o, s:o}", "path", cli_text_json(tree_path(tree)), "kind",
        tree_kind_text(tree_kind(tree)), "label", cli_text_json(tree_label(tree)), "files",
        (json_int_t)tree_count(tree), "errors", (json_int_t)verify_error_count(report), "warnings",
        (json_int_t)(count - verify_error_count(report)), "packages", packages, "findings",
        findings);
    if (root && !whole) {
        json_decref(root);
        root = NULL;
    }
    return cli_json_print("verify", 1, root, err);
}

static enum vf_code print_text(const struct cli_call *call, const struct tree *tree,
                               const struct verify_report *report)
{
    size_t errors = verify_error_count(report);
    size_t warnings = verify_finding_count(report) - errors;

    if (!cli_flag(call, "quiet"))
        print_packages(call, report);
    print_findings(call, report);
    if (cli_flag(call, "quiet"))
        return VF_OK;
    verify_print_verdicts(call, report);
    size_t packages = verify_package_count(report), files = tree_count(tree);
    printf("\n%s%s%s: %zu package%s, %zu file%s, %zu error%s, %zu warning%s\n",
           cli_tone_on(call, errors ? CLI_BAD : CLI_GOOD), tree_path(tree), cli_tone_off(call),
           packages, cli_plural(packages), files, cli_plural(files), errors, cli_plural(errors),
           warnings, cli_plural(warnings));
    return VF_OK;
}

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    const char *roots[ROOTS_MAX];
    struct verify_options settings = {roots, 0};
    struct verify_report *report;
    struct tree *tree;

    for (const char *root; (root = cli_value_at(call, "root", settings.root_count));) {
        if (settings.root_count == ROOTS_MAX)
            return vf_fail(err, VF_USAGE, "more than %d --root options", ROOTS_MAX);
        roots[settings.root_count++] = root;
    }
    enum vf_code code = tree_open(cli_operand(call, 0), &tree, err);
    if (code)
        return code;
    code = verify_run(tree, &settings, &report, err);
    if (code)
        goto close_tree;
    code = cli_json(call) ? print_json(tree, report, err) : print_text(call, tree, report);
    if (!code && verify_error_count(report))
        code = VF_FINDINGS;
    verify_report_free(report);
close_tree:
    tree_close(tree);
    return code;
}

static const struct cli_option options[] = {
    {0, "root", "FILE", "certificate that signers' chains must end in (may be given again)"},
    CLI_OPTIONS_END,
};

static const char *const examples[] = {
    "vioforge verify vioforge.iso",
    "vioforge verify build/packages",
    "vioforge verify driver.zip",
    "vioforge verify --json virtio-win.iso",
    NULL,
};

const struct cli_verb verb_verify = {
    .name = "verify",
    .summary = "judge a driver disc, folder or archive",
    .operands = "PATH",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run,
};
