/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cli/inf_put.h"

#include <stdio.h>

#include "builder/cli/text.h"
#include "util/outfile.h"

static enum vf_code write_out(const struct cli_call *call, const char *schema, struct vf_view text,
                              struct vf_err *err)
{
    const char *path = cli_value(call, "output");

    if (path) {
        enum vf_code code = vf_out_file(path, cli_flag(call, "force"), text, err);
        if (code)
            return code;
        cli_note(call, "made %s, %zu bytes", path, text.size);
    } else if (!cli_json(call) && fwrite(text.data, 1, text.size, stdout) != text.size) {
        return vf_fail(err, VF_IO, "cannot write to standard output");
    }
    if (!cli_json(call))
        return VF_OK;
    if (!path)
        return vf_fail(err, VF_USAGE, "--json needs --output: the INF itself goes there");
    return cli_json_print(schema, 1,
                          json_pack("{s:o, s:o, s:I}", "input", cli_text_json(cli_operand(call, 0)),
                                    "output", cli_text_json(path), "size", (json_int_t)text.size),
                          err);
}

enum vf_code inf_put(const struct cli_call *call, const char *schema, inf_maker *make,
                     const void *request, struct vf_err *err)
{
    struct vf_buf out = VF_BUF_INIT;
    struct inf_file *file = NULL;

    enum vf_code code = inf_read(cli_operand(call, 0), &file, err);
    if (!code)
        code = make(file, request, &out, err);
    if (!code)
        code = write_out(call, schema, vf_view_of(&out), err);
    inf_free(file);
    vf_buf_free(&out);
    return code;
}
