/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/verify/verify_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void verify_add(struct verify_report *report, enum verify_rule_id rule, const char *path,
                unsigned line, const char *format, ...)
{
    if (report->finding_count == report->finding_room) {
        size_t room = report->finding_room ? 2 * report->finding_room : 16;
        struct verify_finding *more = reallocarray(report->findings, room, sizeof(*more));
        if (!more) {
            report->failed = true;
            return;
        }
        report->findings = more;
        report->finding_room = room;
    }
    struct verify_finding finding = {rule, strdup(path), line, NULL};
    va_list args;
    va_start(args, format);
    if (vasprintf(&finding.text, format, args) < 0)
        finding.text = NULL;
    va_end(args);
    if (!finding.path || !finding.text) {
        free(finding.path);
        free(finding.text);
        report->failed = true;
        return;
    }
    if (verify_rule(rule)->level == VERIFY_ERROR)
        report->errors++;
    report->findings[report->finding_count++] = finding;
}

enum vf_code verify_read(struct verify_run *run, const struct tree_file *file, size_t limit,
                         struct vf_buf *out, struct vf_err *err)
{
    if (file->size > run->bytes_left)
        return vf_fail(err, VF_MALFORMED,
                       "%s: more than %llu bytes to judge in all, which no driver disc has",
                       file->path, (unsigned long long)VERIFY_BYTES_MAX);
    run->bytes_left -= file->size;
    return tree_read(run->tree, file, limit, out, err);
}

enum vf_code verify_run(const struct tree *tree, const struct verify_options *options,
                        struct verify_report **out, struct vf_err *err)
{
    enum vf_code code = VF_OK;

    struct sign_roots *roots = NULL;

    struct verify_report *report = calloc(1, sizeof(*report));
    if (!report)
        return vf_fail_memory(err);
    if (options->root_count)
        code = sign_roots_new(&roots, err);
    for (size_t i = 0; i < options->root_count && !code; i++)
        code = sign_roots_add(roots, options->roots[i], err);
    struct verify_run run = {tree, roots, report, VERIFY_BYTES_MAX};
    for (size_t i = 0; i < tree_count(tree) && !code; i++)
        if (tree_has_extension(tree_at(tree, i)->path, ".inf"))
            code = verify_package(&run, tree_at(tree, i), err);
    if (!code && report->package_count == 0)
        verify_add(report, RULE_NO_PACKAGE, "", 0, "no .inf file among %zu files",
                   tree_count(tree));
    if (!code)
        code = verify_disc(&run, err);
    if (!code && report->failed)
        code = vf_fail_memory(err);
    sign_roots_free(roots);
    if (code) {
        verify_report_free(report);
        return code;
    }
    *out = report;
    return VF_OK;
}

void verify_report_free(struct verify_report *report)
{
    if (!report)
        return;
    for (size_t i = 0; i < report->finding_count; i++) {
        free(report->findings[i].path);
        free(report->findings[i].text);
    }
    for (size_t i = 0; i < report->package_count; i++) {
        struct verify_package *p = &report->packages[i];
        free(p->inf);
        free(p->name);
        free(p->os);
        free(p->arch);
        free(p->driver_ver);
        free(p->signer);
    }
    free(report->findings);
    free(report->packages);
    free(report);
}

size_t verify_finding_count(const struct verify_report *report)
{
    return report->finding_count;
}

const struct verify_finding *verify_finding_at(const struct verify_report *report, size_t index)
{
    return &report->findings[index];
}

size_t verify_package_count(const struct verify_report *report)
{
    return report->package_count;
}

const struct verify_package *verify_package_at(const struct verify_report *report, size_t index)
{
    return &report->packages[index];
}

size_t verify_error_count(const struct verify_report *report)
{
    return report->errors;
}
