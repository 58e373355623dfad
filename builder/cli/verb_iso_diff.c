/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge iso diff": in what two discs differ. */
#include <stdio.h>

#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "iso/diff.h"

struct output {
    const struct cli_call *call;
    json_t *list; /* NULL: text */
};

static enum vf_code show(void *context, const struct iso_difference *difference, struct vf_err *err)
{
    const struct output *output = context;
    const char *what = iso_diff_text(difference->kind);

    if (output->list)
        return json_array_append_new(output->list,
                                     json_pack("{ss, so, so}", "difference", what, "path",
                                               cli_text_json(difference->path), "detail",
                                               cli_text_json(difference->detail))) == 0
                   ? VF_OK
                   : vf_fail_memory(err);
    printf("%s%s%s%s%s%s%s\n", cli_tone_on(output->call, CLI_WARN), what,
           cli_tone_off(output->call), difference->path[0] ? ": " : "", difference->path,
           difference->detail[0] ? ": " : "", difference->detail);
    return VF_OK;
}

static enum vf_code compare(const struct cli_call *call, struct iso_reader *a, struct iso_reader *b,
                            struct vf_err *err)
{
    struct output output = {call, cli_json(call) ? json_array() : NULL};
    size_t count;

    if (cli_json(call) && !output.list)
        return vf_fail_memory(err);
    enum vf_code code = iso_diff(a, b, show, &output, &count, err);
    if (!code && output.list)
        code = cli_json_print("iso-diff", 1,
                              json_pack("{so, so, sO}", "first", cli_text_json(iso_reader_path(a)),
                                        "second", cli_text_json(iso_reader_path(b)), "differences",
                                        output.list),
                              err);
    json_decref(output.list);
    return code || count == 0 ? code : VF_FINDINGS;
}

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    struct iso_reader *a, *b;

    enum vf_code code = iso_reader_open(cli_operand(call, 0), &a, err);
    if (code)
        return code;
    code = iso_reader_open(cli_operand(call, 1), &b, err);
    if (!code) {
        code = compare(call, a, b, err);
        iso_reader_close(b);
    }
    iso_reader_close(a);
    return code;
}

static const struct cli_option options[] = {CLI_OPTIONS_END};

static const char *const examples[] = {
    "vioforge iso diff virtio-win-0.1.271.iso virtio-win-0.1.285.iso",
    NULL,
};

const struct cli_verb verb_iso_diff = {
    .name = "iso diff",
    .summary = "show in what two disc images differ",
    .operands = "DISC DISC",
    .operands_min = 2,
    .operands_max = 2,
    .options = options,
    .examples = examples,
    .run = run,
};
