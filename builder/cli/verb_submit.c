/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge submit": the cabinet for attestation signing. */
#include <stdio.h>
#include <stdlib.h>

#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "builder/package/submit.h"
#include "util/digest.h"
#include "util/epoch.h"
#include "util/outfile.h"

static void print_warning(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "vioforge: warning: %s\n", text);
}

static enum vf_code report(const struct cli_call *call, const char *path, struct vf_view cabinet,
                           struct vf_err *err)
{
    char hex[VF_DIGEST_HEX_MAX];
    struct vf_digest digest;

    enum vf_code code = vf_digest_view(VF_SHA256, cabinet, &digest, err);
    if (code)
        return code;
    vf_digest_hex(&digest, hex);
    if (cli_json(call))
        return cli_json_print("submit", 1,
                              json_pack("{s:o, s:I, s:s}", "path", cli_text_json(path), "size",
                                        (json_int_t)cabinet.size, "sha256", hex),
                              err);
    cli_note(call, "made %s: %zu bytes, SHA-256 %s, not signed yet", path, cabinet.size, hex);
    return VF_OK;
}

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    const char *output = cli_value(call, "output");
    size_t count = cli_operand_count(call);
    struct vf_buf cabinet = VF_BUF_INIT;
    int64_t time;

    if (!output)
        return vf_fail(err, VF_USAGE, "--output is needed: which cabinet shall be made?");
    enum vf_code code = vf_epoch(&time, err);
    if (code)
        return code;
    const char **dirs = calloc(count, sizeof(*dirs));
    if (!dirs)
        return vf_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        dirs[i] = cli_operand(call, i);
    code = package_submit(dirs, count, time, print_warning, NULL, &cabinet, err);
    if (!code)
        code = vf_out_file(output, cli_flag(call, "force"), vf_view_of(&cabinet), err);
    if (!code)
        code = report(call, output, vf_view_of(&cabinet), err);
    free(dirs);
    vf_buf_free(&cabinet);
    return code;
}

static const struct cli_option options[] = {
    {'o', "output", "FILE", "the cabinet to write"},
    {'f', "force", NULL, "replace an existing file"},
    CLI_OPTIONS_END,
};

static const char *const examples[] = {
    "vioforge submit -o drivers.cab viostor viorng",
    NULL,
};

const struct cli_verb verb_submit = {
    .name = "submit",
    .summary = "make the cabinet for attestation signing",
    .operands = "DIR...",
    .operands_min = 1,
    .operands_max = -1,
    .options = options,
    .examples = examples,
    .run = run,
};
