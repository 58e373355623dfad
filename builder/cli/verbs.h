/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BUILDER_CLI_VERBS_H
#define BUILDER_CLI_VERBS_H

#include "builder/cli/cli.h"

extern const struct cli_verb verb_catalog_create;
extern const struct cli_verb verb_catalog_diff;
extern const struct cli_verb verb_catalog_show;
extern const struct cli_verb verb_catalog_verify;
extern const struct cli_verb verb_completion;
extern const struct cli_verb verb_inf_edit;
extern const struct cli_verb verb_inf_lint;
extern const struct cli_verb verb_inf_show;
extern const struct cli_verb verb_inf_stamp;
extern const struct cli_verb verb_iso_create;
extern const struct cli_verb verb_iso_diff;
extern const struct cli_verb verb_iso_extract;
extern const struct cli_verb verb_iso_list;
extern const struct cli_verb verb_package;
extern const struct cli_verb verb_pe_check;
extern const struct cli_verb verb_pe_finish;
extern const struct cli_verb verb_pe_show;
extern const struct cli_verb verb_sign;
extern const struct cli_verb verb_sign_test_cert;
extern const struct cli_verb verb_submit;
extern const struct cli_verb verb_verify;

#endif
