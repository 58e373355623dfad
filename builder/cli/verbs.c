/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of verbs; each entry stands in its verb's own file. */
#include "builder/cli/verbs.h"

#include <stddef.h>

/* one a line, so that two branches can both add one */
/* clang-format off */
const struct cli_verb *const cli_verbs[] = {
    &verb_catalog_create,
    &verb_catalog_diff,
    &verb_catalog_show,
    &verb_catalog_verify,
    &verb_completion,
    &verb_inf_edit,
    &verb_inf_lint,
    &verb_inf_show,
    &verb_inf_stamp,
    &verb_iso_create,
    &verb_iso_diff,
    &verb_iso_extract,
    &verb_iso_list,
    &verb_package,
    &verb_pe_check,
    &verb_pe_finish,
    &verb_pe_show,
    &verb_sign,
    &verb_sign_test_cert,
    &verb_submit,
    &verb_verify,
    NULL,
};
/* clang-format on */
