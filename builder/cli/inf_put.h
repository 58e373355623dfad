/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where verbs that make an INF file put it. */
#ifndef BUILDER_CLI_INF_PUT_H
#define BUILDER_CLI_INF_PUT_H

#include "builder/cli/cli.h"
#include "util/bytes.h"

/* To --output, replacing it with --force, else to standard output; schema is that of --json. */
enum vf_code inf_put(const struct cli_call *call, const char *schema, struct vf_view text,
                     struct vf_err *err);

#endif
