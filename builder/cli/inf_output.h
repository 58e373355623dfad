/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lint findings as JSON and as SARIF 2.1.0 (OASIS). */
#ifndef BUILDER_CLI_INF_OUTPUT_H
#define BUILDER_CLI_INF_OUTPUT_H

#include <stdbool.h>

#include <jansson.h>

#include "inf/lint.h"

/* New objects; NULL where memory is short. */
json_t *inf_rule_json(const struct inf_rule *rule);
json_t *inf_report_json(const char *path, const struct inf_report *report);

/*
 * The finding that a file which cannot be parsed amounts to: rule 1002, at the place that the
 * message begins with. The text is borrowed from the message.
 */
struct inf_finding inf_refused_finding(const char *path, const char *message);

/* A run in SARIF as it grows: begun with inf_sarif_begin(), ended with inf_sarif_end(). */
struct inf_sarif {
    json_t *results;
    json_t *unread; /* notifications of files that could not be read */
    bool baseline;  /* does the run have one? Then each result says whether it is accepted. */
};

void inf_sarif_begin(struct inf_sarif *sarif, bool baseline);
void inf_sarif_end(struct inf_sarif *sarif);
void inf_sarif_add(struct inf_sarif *sarif, const char *path, const struct inf_finding *finding,
                   bool accepted);
void inf_sarif_unread(struct inf_sarif *sarif, const char *path, const char *message);
/* Write the log of the run, with all rules. */
enum vf_code inf_sarif_write(const char *path, bool force, const struct inf_sarif *sarif,
                             struct vf_err *err);

#endif
