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

/* Add a file's findings to an array of SARIF results. */
void inf_sarif_add(json_t *results, const char *path, const struct inf_report *report);
/* Write a SARIF log of one run with these results (borrowed) and all rules. */
enum vf_code inf_sarif_write(const char *path, bool force, json_t *results, struct vf_err *err);

#endif
