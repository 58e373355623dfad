/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge package": from an INF and driver binaries to a signed package. */
#include "builder/cli/sign_options.h"
#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "builder/package/package.h"
#include "util/epoch.h"

#define INPUTS_MAX 1024

static enum vf_code report(const struct cli_call *call, const struct package_request *request,
                           const struct package_summary *summary, struct vf_err *err)
{
    if (cli_json(call))
        return cli_json_print("package", 1,
                              json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:b}", "output",
                                        cli_text_json(request->output), "os", request->target->os,
                                        "arch", request->target->arch, "files",
                                        (json_int_t)summary->files, "binaries",
                                        (json_int_t)summary->binaries, "hardware_ids",
                                        (json_int_t)summary->ids, "signed", request->key != NULL),
                              err);
    cli_note(call, "%s: %s package for %s/%s, %zu file%s", request->output,
             request->key ? "signed" : "unsigned", request->target->os, request->target->arch,
             summary->files, cli_plural(summary->files));
    return VF_OK;
}

/* Without any of the key's options a package is made unsigned. */
static enum vf_code load_key(const struct cli_call *call, struct sign_key **key, struct vf_err *err)
{
    *key = NULL;
    return cli_sign_key_given(call) ? cli_sign_key(call, key, err) : VF_OK;
}

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    const char *inputs[INPUTS_MAX];
    struct package_request request = {
        .inputs = inputs,
        .input_count = cli_operand_count(call),
        .version = cli_value(call, "version"),
        .catalog_os = cli_value(call, "os"),
        .output = cli_value(call, "output"),
        .force = cli_flag(call, "force"),
    };
    struct package_summary summary;
    struct sign_key *key = NULL;

    const char *target = cli_value(call, "for");
    if (!target || !request.output)
        return vf_fail(err, VF_USAGE, "give the target with --for and the folder with --output");
    request.target = package_target_find(target);
    if (!request.target)
        return vf_fail(err, VF_USAGE,
                       "--for '%s': expected OS/ARCH as in w11/amd64; OS one of "
                       "w10, w11, 2k16, 2k19, 2k22, 2k25, ARCH one of amd64, x86, "
                       "ARM64",
                       target);
    for (size_t i = 0; i < request.input_count; i++)
        inputs[i] = cli_operand(call, i);
    enum vf_code code = vf_epoch(&request.epoch, err);
    if (!code)
        code = load_key(call, &key, err);
    if (code)
        return code;
    request.key = key;
    code = package_make(&request, &summary, err);
    if (!code)
        code = report(call, &request, &summary, err);
    sign_key_free(key);
    return code;
}

static const struct cli_option options[] = {
    {0, "for", "OS/ARCH", "what the package is for, as in w11/amd64"},
    {'o', "output", "DIR", "the folder to make"},
    {0, "version", "W.X.Y.Z", "version for DriverVer (default: the INF's own)"},
    {0, "os", "LIST", "OS names for the catalog, comma-separated (default: by --for)"},
    CLI_KEY_OPTIONS,
    {'f', "force", NULL, "replace the folder where it exists"},
    CLI_OPTIONS_END,
};

static const char *const examples[] = {
    "vioforge package my.inf my.sys --for w11/amd64 --key key.pem --cert cert.pem -o out",
    "vioforge package folder --for w10/x86 --version 1.2.3.4 -o out",
    NULL,
};

const struct cli_verb verb_package = {
    .name = "package",
    .summary = "make a checked, catalogued, signed driver package",
    .operands = "FILE...|DIR",
    .operands_min = 1,
    .operands_max = INPUTS_MAX,
    .options = options,
    .examples = examples,
    .run = run,
};
