/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What verbs that make one INF file out of another share: where it comes from and goes to. */
#ifndef BUILDER_CLI_INF_PUT_H
#define BUILDER_CLI_INF_PUT_H

#include "builder/cli/cli.h"
#include "inf/inf.h"
#include "util/bytes.h"

/* Append the text of the new file; request is the verb's own. */
typedef enum vf_code inf_maker(const struct inf_file *file, const void *request, struct vf_buf *out,
                               struct vf_err *err);

/*
 * Read the operand, make the new file of it, and write that to --output, replacing it with --force,
 * else to standard output; schema is that of --json.
 */
enum vf_code inf_put(const struct cli_call *call, const char *schema, inf_maker *make,
                     const void *request, struct vf_err *err);

#endif
