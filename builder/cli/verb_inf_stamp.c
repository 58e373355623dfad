/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge inf stamp": a package's INF out of a template. */
#include <stdio.h>
#include <string.h>

#include "builder/cli/inf_put.h"
#include "builder/cli/verbs.h"
#include "inf/package.h"
#include "inf/stamp.h"
#include "inf/target.h"
#include "util/epoch.h"

#define VARIABLES_MAX 64

/* What the options ask for; texts of --define are cut in place of a copy. */
struct request {
    struct inf_stamp stamp;
    struct inf_variable variables[VARIABLES_MAX];
    char defines[VARIABLES_MAX][256];
    char kmdf[6], umdf[6];
};

static enum vf_code add(struct request *request, const char *name, const char *value,
                        struct vf_err *err)
{
    if (request->stamp.variable_count == VARIABLES_MAX)
        return vf_fail(err, VF_USAGE, "more than %d variables", VARIABLES_MAX);
    request->variables[request->stamp.variable_count++] = (struct inf_variable){name, value};
    return VF_OK;
}

/* --define comes first, so that it wins over what --for and --arch would say. */
static enum vf_code take_defines(const struct cli_call *call, struct request *request,
                                 struct vf_err *err)
{
    enum vf_code code = VF_OK;
    const char *text;

    for (size_t i = 0; !code && (text = cli_value_at(call, "define", i)); i++) {
        const char *equals = strchr(text, '=');
        if (!equals || equals == text)
            return vf_fail(err, VF_USAGE, "--define takes NAME=VALUE, not '%s'", text);
        if (i == VARIABLES_MAX || strlen(text) >= sizeof(request->defines[0]))
            return vf_fail(err, VF_USAGE, "--define '%s': too long or too many", text);
        char *copy = request->defines[i];
        snprintf(copy, sizeof(request->defines[i]), "%s", text);
        copy[equals - text] = '\0';
        code = add(request, copy, copy + (equals - text) + 1, err);
    }
    return code;
}

static enum vf_code take_target(const struct cli_call *call, struct request *request,
                                struct vf_err *err)
{
    const char *text = cli_value(call, "for"), *arch = cli_value(call, "arch");
    struct inf_variable variables[INF_TARGET_VARIABLES];
    struct inf_target target;
    enum vf_code code = VF_OK;

    if (arch && inf_arch_named(arch) == INF_ARCH_NONE)
        return vf_fail(err, VF_USAGE, "--arch takes x86, amd64, arm or arm64, not '%s'", arch);
    if (arch)
        code = add(request, "ARCH", inf_arch_name(inf_arch_named(arch)), err);
    if (!text || code)
        return code;
    if (!inf_target_parse(text, &target))
        return vf_fail(err, VF_USAGE, "--for takes OS/ARCH such as w11/amd64, not '%s'", text);
    inf_stamp_target(&target, variables);
    for (size_t i = 0; i < INF_TARGET_VARIABLES && !code; i++)
        code = add(request, variables[i].name, variables[i].value, err);
    return code;
}

static enum vf_code take_framework(const struct cli_call *call, struct request *request,
                                   const char *option, const char *name, const char *installer,
                                   char *text, struct vf_err *err)
{
    const char *version = cli_value(call, option);

    if (!version)
        return VF_OK;
    if (!inf_coinstaller_version(version, text))
        return vf_fail(err, VF_USAGE, "--%s takes MAJOR.MINOR, not '%s'", option, version);
    enum vf_code code = add(request, name, version, err);
    return code ? code : add(request, installer, text, err);
}

/* The date: --date, or for a new version the time that all outputs are dated with. */
static enum vf_code take_date(const struct cli_call *call, struct request *request,
                              struct vf_err *err)
{
    struct inf_stamp *stamp = &request->stamp;
    const char *date = cli_value(call, "date");
    int64_t seconds;
    struct tm utc;

    if (date && !inf_date_parse(date, &stamp->year, &stamp->month, &stamp->day))
        return vf_fail(err, VF_USAGE, "--date takes mm/dd/yyyy, not '%s'", date);
    if (date || !stamp->version)
        return VF_OK;
    enum vf_code code = vf_epoch(&seconds, err);
    if (code)
        return code;
    vf_epoch_utc(seconds, &utc);
    stamp->year = (unsigned)utc.tm_year + 1900;
    stamp->month = (unsigned)utc.tm_mon + 1;
    stamp->day = (unsigned)utc.tm_mday;
    return VF_OK;
}

static enum vf_code take(const struct cli_call *call, struct request *request, struct vf_err *err)
{
    request->stamp = (struct inf_stamp){
        .version = cli_value(call, "driver-version"),
        .catalog = cli_value(call, "catalog"),
        .section = cli_value(call, "section"),
        .variables = request->variables,
        .newline = cli_flag(call, "crlf") ? "\r\n" : NULL,
    };
    enum vf_code code = take_defines(call, request, err);
    if (!code)
        code = take_target(call, request, err);
    if (!code)
        code = take_framework(call, request, "kmdf", "KMDFVERSION", "KMDFCOINSTALLERVERSION",
                              request->kmdf, err);
    if (!code)
        code = take_framework(call, request, "umdf", "UMDFVERSION", "UMDFCOINSTALLERVERSION",
                              request->umdf, err);
    return code ? code : take_date(call, request, err);
}

static enum vf_code make(const struct inf_file *file, const void *request, struct vf_buf *out,
                         struct vf_err *err)
{
    const struct request *wanted = request;

    return inf_stamp(file, &wanted->stamp, out, err);
}

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    struct request request = {0};

    enum vf_code code = take(call, &request, err);
    return code ? code : inf_put(call, "inf-stamp", make, &request, err);
}

static const struct cli_option options[] = {
    {'o', "output", "FILE", "write here instead of standard output"},
    {'f', "force", NULL, "replace FILE where it exists"},
    {0, "for", "OS/ARCH", "fill in ARCH, OS and DIRID for a target such as w11/amd64"},
    {0, "arch", "ARCH", "fill in ARCH alone: x86, amd64, arm or arm64"},
    {'D', "define", "NAME=VALUE", "fill in $NAME$; may be repeated"},
    {0, "driver-version", "W.X.Y.Z", "set DriverVer's version"},
    {0, "date", "MM/DD/YYYY", "set DriverVer's date (default: SOURCE_DATE_EPOCH or today, UTC)"},
    {0, "catalog", "NAME.cat", "set CatalogFile"},
    {0, "section", "NAME", "set DriverVer in this section instead of Version"},
    {0, "kmdf", "VERSION", "fill in KMDFVERSION and KMDFCOINSTALLERVERSION"},
    {0, "umdf", "VERSION", "fill in UMDFVERSION and UMDFCOINSTALLERVERSION"},
    {0, "crlf", NULL, "end every line with CR LF"},
    CLI_OPTIONS_END,
};

static const char *const examples[] = {
    "vioforge inf stamp --for w11/amd64 --driver-version 0.1.0.0 -o viorng.inf viorng.inf.in",
    "vioforge inf stamp --arch arm64 --date 11/22/2026 --driver-version 1.2.3.4 my.inx > my.inf",
    NULL,
};

const struct cli_verb verb_inf_stamp = {
    .name = "inf stamp",
    .summary = "make a package's INF out of a template",
    .operands = "FILE",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run,
};
