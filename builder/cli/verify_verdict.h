/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Showing which Windows is expected to load a package. */
#ifndef BUILDER_CLI_VERIFY_VERDICT_H
#define BUILDER_CLI_VERIFY_VERDICT_H

#include <jansson.h>

#include "builder/cli/cli.h"
#include "builder/verify/verify.h"

/* Print the tables of all packages, and what the words in them mean. */
void verify_print_verdicts(const struct cli_call *call, const struct verify_report *report);

/* One package's verdict as a new object; NULL where memory is short. */
json_t *verify_verdict_json(const struct verify_package *package);

#endif
