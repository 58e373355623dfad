/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging INF files as Microsoft's InfVerif does, with its rule numbers, and by rules of our own.
 * The file is judged for every architecture and Windows it is decorated for at once.
 */
#ifndef INF_LINT_H
#define INF_LINT_H

#include "inf/inf.h"

/* InfVerif's rule sets */
enum inf_mode {
    INF_MODE_K, /* declarative driver */
    INF_MODE_U, /* universal driver */
    INF_MODE_W, /* Windows driver: isolated package */
    INF_MODE_H, /* what a WHQL signature asks for as of Windows 11 24H2 */
};

struct inf_rule {
    const char *code;   /* "1001", or "VF101" for an own rule */
    const char *levels; /* by mode: 'E' error, 'W' warning, '-' not judged */
    const char *what;   /* what a good file has, a few words */
    const char *why;    /* one sentence */
    const char *fix;    /* one sentence */
};

/* The rules in the order of their codes; NULL behind the last. */
const struct inf_rule *inf_rule_at(size_t index);
/* NULL where there is no such rule. */
const struct inf_rule *inf_rule_named(const char *code);

/* No report holds more findings than this; judging ends there, and the report says it is cut. */
#define INF_FINDINGS_MAX 1000u

struct inf_finding {
    const struct inf_rule *rule;
    bool error;             /* else a warning */
    struct inf_place place; /* 1:1 for the file as a whole */
    const char *text;       /* one sentence about this place */
};

struct inf_report {
    struct inf_finding *findings; /* by place, then by rule */
    size_t count;
    size_t errors, warnings;
    bool cut; /* there are more than INF_FINDINGS_MAX */
};

struct inf_lint_options {
    enum inf_mode mode;
    unsigned year, month, day; /* today, UTC; year 0: dates are not compared with it */
};

/*
 * Judge a parsed file. The report is freed with inf_report_free(); its rules outlive it. Fails
 * only for want of memory, or with VF_MALFORMED where sections refer to each other in a circle or
 * beyond any measure (INF_LINT_STEPS_MAX).
 */
#define INF_LINT_STEPS_MAX 2000000u
enum vf_code inf_lint(const struct inf_file *file, const struct inf_lint_options *options,
                      struct inf_report **report, struct vf_err *err);
void inf_report_free(struct inf_report *report);

/* "k", "u", "w" or "h"; false for anything else. */
bool inf_mode_parse(const char *text, enum inf_mode *mode);

#endif
