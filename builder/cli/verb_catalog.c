/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge catalog create" and "vioforge catalog diff". */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "builder/cat/diff.h"
#include "builder/cat/package.h"
#include "builder/cli/catalog.h"
#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "util/epoch.h"
#include "util/file.h"
#include "util/outfile.h"

struct create {
    struct cat_package_options options;
    const struct cat_os *systems[CAT_SYSTEMS_MAX];
    uint8_t identifier[CAT_IDENTIFIER_SIZE];
    char **infs; /* owned where the operand is a folder */
    size_t inf_count;
    char *output;
};

static enum vf_code wanted_time(const struct cli_call *call, int64_t *out, struct vf_err *err)
{
    const char *text = cli_value(call, "time");
    char *end;

    if (!text)
        return vf_epoch(out, err);
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value > VF_EPOCH_MAX)
        return vf_fail(err, VF_USAGE, "--time takes seconds since 1970, not '%s'", text);
    *out = value;
    return VF_OK;
}

static enum vf_code read_options(const struct cli_call *call, struct create *create,
                                 struct vf_err *err)
{
    const char *systems = cli_value(call, "os"), *version = cli_value(call, "catalog-version");
    const char *id = cli_value(call, "id");

    if (!systems)
        return vf_fail(err, VF_USAGE,
                       "--os is needed: for which Windows is the catalog? For "
                       "example --os 10_X64,Server10_X64");
    enum vf_code code = cat_os_parse(systems, create->systems, &create->options.system_count, err);
    if (code)
        return code;
    create->options.systems = create->systems;
    if (version && strcmp(version, "1") != 0 && strcmp(version, "2") != 0)
        return vf_fail(err, VF_USAGE, "--catalog-version takes 1 or 2, not '%s'", version);
    create->options.version = version ? version[0] - '0' : 0;
    if (id && !cat_identifier_parse(id, create->identifier))
        return vf_fail(err, VF_USAGE, "--id takes a GUID, not '%s'", id);
    create->options.identifier = id ? create->identifier : NULL;
    create->options.pages = cli_flag(call, "page-hashes");
    return wanted_time(call, &create->options.time, err);
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The INFs of the operand, and where the catalog goes. */
static enum vf_code find_package(const struct cli_call *call, struct create *create,
                                 struct vf_err *err)
{
    const char *path = cli_operand(call, 0), *output = cli_value(call, "output");
    bool folder = is_folder(path);
    enum vf_code code = VF_OK;

    if (folder) {
        code = cat_package_infs(path, &create->infs, &create->inf_count, err);
    } else {
        create->infs = calloc(1, sizeof(*create->infs));
        if (create->infs && (create->infs[0] = strdup(path)))
            create->inf_count = 1;
        else
            code = vf_fail_memory(err);
    }
    if (code)
        return code;
    if (output) {
        create->output = strdup(output);
        return create->output ? VF_OK : vf_fail_memory(err);
    }
    char *name;
    code = cat_package_name((const char *const *)create->infs, create->inf_count, &name, err);
    if (code)
        return code;
    size_t size = (size_t)(vf_path_base(path) - path);
    char *dir = folder ? strdup(path) : strndup(path, size > 1 ? size - 1 : size);
    create->output = dir ? vf_path_join(dir, name) : NULL;
    free(dir);
    free(name);
    return create->output ? VF_OK : vf_fail_memory(err);
}

static enum vf_code print_created(const struct cli_call *call, const struct create *create,
                                  const struct cat_list *list, struct vf_err *err)
{
    char id[CAT_GUID_TEXT_SIZE];
    size_t files = list->entry_count / (list->version == 2 ? 2 : 1);

    cat_identifier_text(list->identifier, id);
    if (cli_json(call))
        return cli_json_print("catalog.create", 1,
                              json_pack("{s:o, s:i, s:i, s:s}", "path",
                                        cli_text_json(create->output), "catalog_version",
                                        list->version, "files", (int)files, "id", id),
                              err);
    cli_note(call, "made %s: %zu file%s, version %d, not signed yet", create->output, files,
             cli_plural(files), list->version);
    return VF_OK;
}

static enum vf_code run_create(const struct cli_call *call, struct vf_err *err)
{
    struct create create = {.infs = NULL};
    struct cat_list *list = NULL;
    struct vf_buf out = VF_BUF_INIT;

    enum vf_code code = read_options(call, &create, err);
    if (!code)
        code = find_package(call, &create, err);
    if (!code)
        code = cat_package_create((const char *const *)create.infs, create.inf_count,
                                  &create.options, &list, err);
    if (!code)
        code = cat_write(list, &out, err);
    if (!code)
        code = vf_out_file(create.output, cli_flag(call, "force"), vf_view_of(&out), err);
    if (!code)
        code = print_created(call, &create, list, err);
    cat_list_free(list);
    vf_names_free(create.infs, create.inf_count);
    free(create.output);
    vf_buf_free(&out);
    return code;
}

struct differences {
    json_t *texts; /* NULL: print */
};

static bool note_difference(void *context, const char *text)
{
    struct differences *differences = context;

    if (differences->texts)
        json_array_append_new(differences->texts, cli_text_json(text));
    else
        puts(text);
    return true;
}

enum vf_code cli_catalog_read(const char *path, struct vf_buf *file, struct cat_list **list,
                              struct vf_err *err)
{
    enum vf_code code = vf_file_read(path, CAT_FILE_MAX, file, err);
    if (code)
        return code;
    code = cat_read(vf_view_of(file), list, err);
    if (code)
        vf_err_prefix(err, "%s", path);
    return code;
}

static enum vf_code run_diff(const struct cli_call *call, struct vf_err *err)
{
    struct vf_buf files[2] = {VF_BUF_INIT, VF_BUF_INIT};
    struct cat_list *lists[2] = {NULL, NULL};
    struct differences differences = {cli_json(call) ? json_array() : NULL};
    bool same = true;

    enum vf_code code = VF_OK;
    for (size_t i = 0; !code && i < 2; i++)
        code = cli_catalog_read(cli_operand(call, i), &files[i], &lists[i], err);
    if (!code)
        code = cat_diff(lists[0], lists[1], note_difference, &differences, &same, err);
    if (!code && cli_json(call))
        code = cli_json_print(
            "catalog.diff", 1,
            json_pack("{s:b, s:O}", "same", same, "differences", differences.texts), err);
    json_decref(differences.texts);
    for (size_t i = 0; i < 2; i++) {
        cat_list_free(lists[i]);
        vf_buf_free(&files[i]);
    }
    return code ? code : same ? VF_OK : VF_FINDINGS;
}

static const struct cli_option create_options[] = {
    {0, "os", "LIST", "the Windows versions, as Inf2Cat names them, with commas"},
    {'o', "output", "FILE", "the catalog to write (default: the INF's CatalogFile, beside it)"},
    {0, "catalog-version", "1|2", "instead of the one the systems demand"},
    {0, "id", "GUID", "identifier (default: follows from the content)"},
    {0, "time", "SECONDS", "time since 1970 (default: SOURCE_DATE_EPOCH, else now)"},
    {0, "page-hashes", NULL, "list a digest for each page of an image too"},
    {'f', "force", NULL, "replace an existing file"},
    CLI_OPTIONS_END,
};

static const char *const create_examples[] = {
    "vioforge catalog create viostor --os 10_X64,Server10_X64",
    "vioforge catalog create viostor/viostor.inf --os 7_X64,8_X64 -o viostor.cat",
    NULL,
};

const struct cli_verb verb_catalog_create = {
    .name = "catalog create",
    .summary = "make the catalog of a driver package",
    .operands = "DIR|INF",
    .operands_min = 1,
    .operands_max = 1,
    .options = create_options,
    .examples = create_examples,
    .run = run_create,
};

static const struct cli_option diff_options[] = {CLI_OPTIONS_END};

static const char *const diff_examples[] = {
    "vioforge catalog diff vendor.cat ours.cat",
    NULL,
};

const struct cli_verb verb_catalog_diff = {
    .name = "catalog diff",
    .summary = "tell in words how two catalogs differ",
    .operands = "FIRST SECOND",
    .operands_min = 2,
    .operands_max = 2,
    .options = diff_options,
    .examples = diff_examples,
    .run = run_diff,
};
