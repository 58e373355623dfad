/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a judged signature is shown, by every verb that shows one. */
#ifndef BUILDER_CLI_SIGN_REPORT_H
#define BUILDER_CLI_SIGN_REPORT_H

#include "builder/cli/cli.h"
#include "builder/sign/sign.h"

/* Lines of text, each beginning with the indent. */
void cli_sign_report_print(const struct cli_call *call, const struct sign_report *report,
                           const char *indent);

/* The same as a JSON object; NULL where memory is short. */
json_t *cli_sign_report_json(const struct sign_report *report);

/* Is there a signature, right, vouched for, and not known to be untrusted? */
bool cli_sign_report_good(const struct sign_report *report);

/* "2026-11-22T10:00:00Z" */
#define CLI_TIME_SIZE 24
void cli_time_text(int64_t seconds, char out[CLI_TIME_SIZE]);

#endif
