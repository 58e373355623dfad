/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The judge: its life, its report, and the order of its checks. */
#include "inf/lint_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 512

/* The report as handed out, with what owns its texts behind it. */
struct report {
    struct inf_report report;
    struct inf_pool pool;
};

bool inf_mode_parse(const char *text, enum inf_mode *mode)
{
    static const char *const names[] = {"k", "u", "w", "h"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (inf_name_equal(names[i], text)) {
            *mode = (enum inf_mode)i;
            return true;
        }
    }
    return false;
}

static const char *finding_text(const void *owner, uint32_t number)
{
    const struct inf_report *report = owner;
    return report->findings[number].text;
}

void lint_add(struct lint *lint, enum lint_rule rule, struct inf_place place, const char *format,
              ...)
{
    const struct inf_rule *known = inf_rule_at(rule);
    struct inf_report *report = lint->report;
    char level = known->levels[lint->options->mode], text[TEXT_MAX];
    va_list args;

    if (level == '-')
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    /* a cut in the middle of a character would not be UTF-8 */
    size_t size = strlen(text);
    if (size == sizeof(text) - 1) {
        while (size && ((unsigned char)text[size - 1] & 0xC0) == 0x80)
            size--;
        text[size ? size - 1 : 0] = '\0';
    }
    /* what is judged for several systems, or stands in a line twice, is told once */
    uint32_t scope = place.line * RULE_COUNT + rule;
    if (inf_index_find(&lint->told, scope, text, finding_text, report) != INF_NONE)
        return;
    if (report->count == INF_FINDINGS_MAX) {
        report->cut = true;
        return;
    }
    if (!inf_grow((void **)&report->findings, &lint->finding_room, report->count,
                  sizeof(*report->findings)) ||
        !inf_index_add(&lint->told, scope, text, (uint32_t)report->count)) {
        lint->failed = true;
        return;
    }
    report->findings[report->count++] =
        (struct inf_finding){known, level == 'E', place, inf_pool_copy(lint->pool, text)};
    report->errors += level == 'E';
    report->warnings += level == 'W';
}

bool lint_step(struct lint *lint)
{
    lint->overrun |= ++lint->steps > INF_LINT_STEPS_MAX;
    return !lint->overrun && !lint->endless && !lint->failed && !lint->report->cut;
}

bool lint_visit(struct lint *lint, const struct inf_section *section, unsigned role, uint32_t scope)
{
    size_t number = (size_t)(section - lint->file->sections);
    uint64_t *scopes = &lint->visits[number * ROLE_COUNT + role], bit = UINT64_C(1) << scope;
    bool first = !(*scopes & bit);

    *scopes |= bit;
    return first;
}

bool lint_is_used(const struct lint *lint, const struct inf_section *section)
{
    size_t number = (size_t)(section - lint->file->sections);

    for (size_t role = 0; role < ROLE_COUNT; role++)
        if (lint->visits[number * ROLE_COUNT + role])
            return true;
    return false;
}

uint32_t lint_scope(struct lint *lint, const char *decoration)
{
    for (uint32_t i = 0; i < lint->scope_count; i++)
        if (inf_name_equal(lint->scopes[i], decoration))
            return i;
    if (lint->scope_count > LINT_SCOPES_MAX)
        return LINT_SCOPES_MAX;
    lint->scopes[lint->scope_count] = inf_pool_copy(lint->pool, decoration);
    return lint->scope_count++;
}

void lint_missing(struct lint *lint, const struct lint_at *at, struct inf_place place,
                  const char *name)
{
    lint_add(lint, at->includes ? RULE_1220 : RULE_1203, place, "there is no section [%s]%s", name,
             at->includes ? " here, and the included INF's can only be reached by Needs" : "");
}

bool lint_is_extension(const struct lint *lint)
{
    return inf_name_equal(lint->package->class_guid, "{e2f84ce7-8efa-411c-aa69-97454ca4cb57}");
}

void lint_once(struct lint *lint, const struct inf_section *section, const char *key)
{
    const struct inf_line *first = inf_line_find(lint->file, section, key);
    const struct inf_line *second = first ? inf_line_find_next(lint->file, first, key) : NULL;

    if (second)
        lint_add(lint, RULE_1088, inf_line_place(lint->file, second), "%s is also on line %u", key,
                 inf_line_place(lint->file, first).line);
}

static int compare(const void *a, const void *b)
{
    const struct inf_finding *x = a, *y = b;

    if (x->place.line != y->place.line)
        return x->place.line < y->place.line ? -1 : 1;
    if (x->place.column != y->place.column)
        return x->place.column < y->place.column ? -1 : 1;
    int order = strcmp(x->rule->code, y->rule->code);
    return order ? order : strcmp(x->text, y->text);
}

enum vf_code inf_lint(const struct inf_file *file, const struct inf_lint_options *options,
                      struct inf_report **report, struct vf_err *err)
{
    static void (*const checks[])(struct lint * lint) = {
        lint_version,  lint_strings,          lint_text, lint_devices, lint_sources,
        lint_sections, lint_service_binaries,
    };
    struct report *made = calloc(1, sizeof(*made));
    struct inf_package *package = NULL;
    struct lint lint = {.file = file, .options = options};
    enum vf_code code = VF_OK;

    *report = NULL;
    lint.visits = calloc((file->section_count + 1) * ROLE_COUNT, sizeof(*lint.visits));
    if (!made || !lint.visits) {
        code = vf_fail_memory(err);
        goto done;
    }
    lint.report = &made->report;
    lint.pool = &made->pool;
    code = inf_package_make(file, &package, err);
    if (code)
        goto done;
    lint.package = package;
    lint_scope(&lint, "");
    for (size_t i = 0; i < file->section_count && !lint.includes; i++)
        lint.includes = inf_line_find(file, &file->sections[i], "Include") != NULL;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        checks[i](&lint);
    if (lint.failed || made->pool.failed) {
        code = vf_fail_memory(err);
        goto done;
    }
    if (lint.endless) {
        code = inf_malformed(file, lint.endless->span.begin, err,
                             "Needs leads back to a section that led here, or through more than "
                             "%u sections",
                             INF_NEEDS_DEPTH_MAX);
        goto done;
    }
    if (lint.overrun) {
        code = vf_fail(err, VF_MALFORMED,
                       "%s: judging it takes more than %u steps; do sections lead to each other "
                       "again and again?",
                       file->name, INF_LINT_STEPS_MAX);
        goto done;
    }
    if (made->report.count)
        qsort(made->report.findings, made->report.count, sizeof(*made->report.findings), compare);
    *report = &made->report;
    made = NULL;
done:
    inf_index_free(&lint.told);
    inf_index_free(&lint.value_index);
    free(lint.values);
    inf_index_free(&lint.service_index);
    free(lint.services);
    inf_index_free(&lint.sources);
    inf_index_free(&lint.copied);
    inf_index_free(&lint.target_index);
    free(lint.targets);
    inf_package_free(package);
    free(lint.visits);
    inf_report_free(made ? &made->report : NULL);
    return code;
}

void inf_report_free(struct inf_report *report)
{
    /* the report is the first member */
    struct report *whole = (struct report *)report;

    if (!whole)
        return;
    free(whole->report.findings);
    inf_pool_free(&whole->pool);
    free(whole);
}
