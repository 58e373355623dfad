/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge catalog show" and "vioforge catalog verify". */
#include <stdio.h>
#include <string.h>

#include "builder/cat/origin.h"
#include "builder/cat/package.h"
#include "builder/cli/catalog.h"
#include "builder/cli/sign_options.h"
#include "builder/cli/sign_report.h"
#include "builder/cli/text.h"
#include "builder/cli/verbs.h"

/* A catalog and what was found out about it. */
struct catalog {
    struct vf_buf file;
    struct cat_list *list;
    struct sign_roots *roots;
    struct sign_report report;
    enum cat_origin origin;
};

static enum vf_code open_catalog(const struct cli_call *call, struct catalog *out,
                                 struct vf_err *err)
{
    const char *path = cli_operand(call, 0);

    memset(out, 0, sizeof(*out));
    enum vf_code code = cli_sign_roots(call, &out->roots, err);
    if (!code)
        code = cli_catalog_read(path, &out->file, &out->list, err);
    if (code)
        return code;
    code = sign_inspect(vf_view_of(&out->file), out->roots, &out->report, err);
    if (code)
        vf_err_prefix(err, "%s", path);
    else
        out->origin = cat_origin_of(out->list, &out->report);
    return code;
}

static void close_catalog(struct catalog *catalog)
{
    sign_roots_free(catalog->roots);
    cat_list_free(catalog->list);
    vf_buf_free(&catalog->file);
}

static const char *hash_text(enum vf_hash hash)
{
    return hash == VF_SHA1 ? "SHA1" : "SHA256";
}

static void print_head(const struct cli_call *call, const struct catalog *catalog)
{
    char id[CAT_GUID_TEXT_SIZE], time[CLI_TIME_SIZE];

    cat_identifier_text(catalog->list->identifier, id);
    cli_time_text(catalog->list->time, time);
    printf("version:     %d\nid:          %s\ntime:        %s\norigin:      %s\n",
           catalog->list->version, id, time, cat_origin_text(catalog->origin));
    cli_sign_report_print(call, &catalog->report, "");
}

static void print_list(const struct cat_list *list)
{
    puts("attributes:");
    for (size_t i = 0; i < list->value_count; i++)
        printf("  %s: %s\n", list->values[i].name, list->values[i].text);
    puts("members:");
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct cat_entry *entry = &list->entries[i];
        char hex[VF_DIGEST_HEX_MAX];
        vf_digest_hex(&entry->digest, hex);
        printf("  %-6s %s %s%s\n", hash_text(entry->digest.hash), hex, cat_kind_text(entry->kind),
               !entry->page_rows.size     ? ""
               : entry->kind == SPC_IMAGE ? ", with page hashes"
                                          : ", with an enhanced hash");
        for (size_t j = 0; j < entry->value_count; j++)
            printf("         %s: %s\n", entry->values[j].name, entry->values[j].text);
    }
    if (list->unknown)
        printf("attributes not understood: %zu\n", list->unknown);
}

static json_t *values_json(const struct cat_value *values, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < count; i++)
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:I}", "name", values[i].name, "text",
                                        values[i].text, "flags", (json_int_t)values[i].flags));
    return array;
}

static json_t *entries_json(const struct cat_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < list->entry_count; i++) {
        const struct cat_entry *entry = &list->entries[i];
        char hex[VF_DIGEST_HEX_MAX];
        vf_digest_hex(&entry->digest, hex);
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:b, s:o}", "hash", hash_text(entry->digest.hash),
                             "digest", hex, "kind", cat_kind_text(entry->kind), "page_hashes",
                             entry->kind == SPC_IMAGE && entry->page_rows.size > 0, "values",
                             values_json(entry->values, entry->value_count)));
    }
    return array;
}

static json_t *head_json(const struct catalog *catalog)
{
    char id[CAT_GUID_TEXT_SIZE], time[CLI_TIME_SIZE];

    cat_identifier_text(catalog->list->identifier, id);
    cli_time_text(catalog->list->time, time);
    return json_pack("{s:i, s:s, s:s, s:s, s:o}", "catalog_version", catalog->list->version, "id",
                     id, "time", time, "origin", cat_origin_text(catalog->origin), "signature",
                     cli_sign_report_json(&catalog->report));
}

static enum vf_code run_show(const struct cli_call *call, struct vf_err *err)
{
    struct catalog catalog;

    enum vf_code code = open_catalog(call, &catalog, err);
    if (!code && cli_json(call)) {
        json_t *json = head_json(&catalog);
        if (json) {
            json_object_set_new(json, "attributes",
                                values_json(catalog.list->values, catalog.list->value_count));
            json_object_set_new(json, "members", entries_json(catalog.list));
        }
        code = cli_json_print("catalog.show", 1, json, err);
    } else if (!code) {
        print_head(call, &catalog);
        print_list(catalog.list);
    }
    close_catalog(&catalog);
    return code;
}

static const struct {
    const char *text;
    enum cli_tone tone;
} states[] = {
    [CAT_FILE_COVERED] = {"ok", CLI_GOOD},         [CAT_FILE_CHANGED] = {"changed", CLI_BAD},
    [CAT_FILE_LINE_ENDS] = {"line ends", CLI_BAD}, [CAT_FILE_UNLISTED] = {"not listed", CLI_DIM},
    [CAT_FILE_MISSING] = {"missing", CLI_BAD},
};

static json_t *files_json(const struct cat_result *result)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < result->count; i++)
        json_array_append_new(array,
                              json_pack("{s:o, s:s}", "path", cli_text_json(result->files[i].path),
                                        "state", states[result->files[i].state].text));
    return array;
}

static enum vf_code run_verify(const struct cli_call *call, struct vf_err *err)
{
    struct catalog catalog;
    struct cat_result result = {NULL, 0, 0};
    bool good = false;

    enum vf_code code = open_catalog(call, &catalog, err);
    if (!code)
        code = cat_verify_dir(catalog.list, cli_operand(call, 1), &result, err);
    if (!code)
        good = !result.wrong && cli_sign_report_good(&catalog.report);
    if (!code && cli_json(call)) {
        json_t *json = head_json(&catalog);
        if (json) {
            json_object_set_new(json, "good", json_boolean(good));
            json_object_set_new(json, "files", files_json(&result));
        }
        code = cli_json_print("catalog.verify", 1, json, err);
    } else if (!code) {
        print_head(call, &catalog);
        for (size_t i = 0; i < result.count; i++) {
            enum cat_file_state state = result.files[i].state;
            printf("%s%-11s%s  %s\n", cli_tone_on(call, states[state].tone), states[state].text,
                   cli_tone_off(call), result.files[i].path);
        }
    }
    cat_result_free(&result);
    close_catalog(&catalog);
    return code ? code : good ? VF_OK : VF_FINDINGS;
}

static const struct cli_option judge_options[] = {CLI_ROOT_OPTION, CLI_OPTIONS_END};

static const char *const show_examples[] = {
    "vioforge catalog show viostor.cat",
    NULL,
};

const struct cli_verb verb_catalog_show = {
    .name = "catalog show",
    .summary = "print what a catalog says and who signed it",
    .operands = "CATALOG",
    .operands_min = 1,
    .operands_max = 1,
    .options = judge_options,
    .examples = show_examples,
    .run = run_show,
};

static const char *const verify_examples[] = {
    "vioforge catalog verify viostor/viostor.cat viostor",
    "vioforge catalog verify --root microsoft-2010.pem driver/driver.cat driver",
    NULL,
};

const struct cli_verb verb_catalog_verify = {
    .name = "catalog verify",
    .summary = "hold a catalog against the files of a package",
    .operands = "CATALOG DIR",
    .operands_min = 2,
    .operands_max = 2,
    .options = judge_options,
    .examples = verify_examples,
    .run = run_verify,
};
