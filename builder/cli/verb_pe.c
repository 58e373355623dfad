/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge pe finish": what is left to do for a linked driver. */
#include <errno.h>
#include <stdlib.h>

#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "builder/pe/pe.h"
#include "util/epoch.h"
#include "util/file.h"
#include "util/outfile.h"

/* --timestamp, or the clock of every output. */
static enum vf_code wanted_timestamp(const struct cli_call *call, uint32_t *out, struct vf_err *err)
{
    const char *text = cli_value(call, "timestamp");
    int64_t seconds;

    if (!text) {
        enum vf_code code = vf_epoch(&seconds, err);
        *out = (uint32_t)seconds;
        return code;
    }
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    if (*text < '0' || *text > '9' || *end || errno || value > UINT32_MAX)
        return vf_fail(err, VF_USAGE,
                       "--timestamp takes seconds since 1970 up to 4294967295, not '%s'", text);
    *out = (uint32_t)value;
    return VF_OK;
}

static enum vf_code finish_file(const char *path, uint32_t timestamp, struct vf_err *err)
{
    struct vf_buf file = VF_BUF_INIT;

    enum vf_code code = vf_file_read(path, PE_FILE_MAX, &file, err);
    if (code)
        goto done;
    code = pe_finish(file.data, file.size, timestamp, err);
    if (code) {
        vf_err_prefix(err, "%s", path);
        goto done;
    }
    code = vf_out_file(path, true, vf_view_of(&file), err);
done:
    vf_buf_free(&file);
    return code;
}

static enum vf_code run_finish(const struct cli_call *call, struct vf_err *err)
{
    uint32_t timestamp = 0;

    enum vf_code code = wanted_timestamp(call, &timestamp, err);
    for (size_t i = 0; !code && i < cli_operand_count(call); i++) {
        code = finish_file(cli_operand(call, i), timestamp, err);
        if (!code)
            cli_note(call, "finished %s", cli_operand(call, i));
    }
    if (!code && cli_json(call))
        code = cli_json_print("pe-finish", 1,
                              json_pack("{s:I, s:o}", "timestamp", (json_int_t)timestamp, "files",
                                        cli_operands_json(call)),
                              err);
    return code;
}

static const struct cli_option finish_options[] = {
    {0, "timestamp", "SECONDS", "time stamp to store (default: SOURCE_DATE_EPOCH, else now)"},
    CLI_OPTIONS_END,
};

static const char *const finish_examples[] = {
    "vioforge pe finish build/drivers/amd64/viostor.sys",
    NULL,
};

const struct cli_verb verb_pe_finish = {
    .name = "pe finish",
    .summary = "make linked drivers what Windows expects: section flags, checksum",
    .operands = "FILE...",
    .operands_min = 1,
    .operands_max = -1,
    .options = finish_options,
    .examples = finish_examples,
    .run = run_finish,
};
