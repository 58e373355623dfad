/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge iso create|list|extract": making and reading discs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "builder/package/describe.h"
#include "iso/layout/layout.h"
#include "iso/reader.h"
#include "iso/writer.h"
#include "util/epoch.h"
#include "util/file.h"
#include "util/outfile.h"

#define LABEL_DEFAULT "DISC"

struct progress {
    const struct cli_call *call;
    const char *what;
};

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    const struct progress *progress = context;

    cli_progress(progress->call, progress->what, done, total);
}

/* iso create */

static enum vf_code fill_layout(const struct cli_call *call, const char *label,
                                struct iso_writer *writer, struct vf_err *err)
{
    size_t count = 0;

    while (cli_value_at(call, "license", count))
        count++;
    const char **licenses = calloc(count + 1, sizeof(licenses[0]));
    if (!licenses)
        return vf_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        licenses[i] = cli_value_at(call, "license", i);
    const struct iso_layout layout = {
        .packages = cli_operand(call, 0),
        .label = label,
        .pdb = cli_flag(call, "pdb"),
        .certificate = cli_value(call, "cert"),
        .licenses = licenses,
        .license_count = count,
        .describe = package_describe,
    };
    enum vf_code code = iso_layout_virtio_win(&layout, writer, err);
    free(licenses);
    return code;
}

static enum vf_code fill(const struct cli_call *call, const char *label, struct iso_writer *writer,
                         struct vf_err *err)
{
    static const char *const layout_only[] = {"cert", "license", "pdb"};
    const char *layout = cli_value(call, "layout");

    if (layout && strcmp(layout, "virtio-win") == 0)
        return fill_layout(call, label, writer, err);
    if (layout)
        return vf_fail(err, VF_USAGE, "--layout knows virtio-win only, not '%s'", layout);
    for (size_t i = 0; i < sizeof(layout_only) / sizeof(layout_only[0]); i++)
        if (cli_flag(call, layout_only[i]))
            return vf_fail(err, VF_USAGE, "--%s goes with --layout=virtio-win only",
                           layout_only[i]);
    return iso_writer_add_tree(writer, "", cli_operand(call, 0), err);
}

/* An image inside the folder it is made of would hold its own predecessor. */
static enum vf_code check_output(const char *folder, const char *path, struct vf_err *err)
{
    enum vf_code code = VF_OK;

    char *parent = strndup(path, (size_t)(vf_path_base(path) - path));
    char *inner = parent ? realpath(parent[0] ? parent : ".", NULL) : NULL;
    char *outer = realpath(folder, NULL);
    /* what is absent is reported where it is opened */
    if (inner && outer) {
        size_t size = strlen(outer);
        if (strncmp(inner, outer, size) == 0 && (inner[size] == '/' || inner[size] == '\0'))
            code = vf_fail(err, VF_USAGE,
                           "%s: lies in the folder the disc is made of, %s; put it "
                           "elsewhere",
                           path, folder);
    }
    free(parent);
    free(inner);
    free(outer);
    return code;
}

/* The image at path, whole or not at all. */
static enum vf_code write_image(const struct cli_call *call, struct iso_writer *writer,
                                const char *path, struct iso_written *written, struct vf_err *err)
{
    struct progress progress = {call, path};
    struct vf_out *out;

    enum vf_code code = vf_out_open(path, cli_flag(call, "force"), &out, err);
    if (code)
        return code;
    code = iso_writer_write(writer, out, show_progress, &progress, written, err);
    if (code) {
        vf_out_abort(out);
        return code;
    }
    return vf_out_commit(out, err);
}

/* Begin path.sha256, so that what stands in its way is found before the image is written. */
static enum vf_code open_sum(const struct cli_call *call, const char *path, struct vf_out **out,
                             struct vf_err *err)
{
    struct vf_buf name = VF_BUF_INIT;

    vf_buf_printf(&name, "%s.sha256", path);
    const char *text = vf_buf_text(&name);
    enum vf_code code =
        text ? vf_out_open(text, cli_flag(call, "force"), out, err) : vf_fail_memory(err);
    vf_buf_free(&name);
    return code;
}

/* End it with a line as sha256sum(1) reads it. */
static enum vf_code commit_sum(struct vf_out *out, const char *path, const char *hex,
                               struct vf_err *err)
{
    const char *name = vf_path_base(path);

    vf_out_write(out, hex, strlen(hex));
    vf_out_write(out, "  ", 2);
    vf_out_write(out, name, strlen(name));
    vf_out_write(out, "\n", 1);
    return vf_out_commit(out, err);
}

static enum vf_code print_written(const struct cli_call *call, const char *path, const char *label,
                                  const struct iso_written *written, const char *hex,
                                  struct vf_err *err)
{
    if (cli_json(call))
        return cli_json_print("iso-create", 1,
                              json_pack("{so, so, sI, ss, sI, sI, sI, sI}", "path",
                                        cli_text_json(path), "label", cli_text_json(label), "size",
                                        (json_int_t)written->size, "sha256", hex, "files",
                                        (json_int_t)written->files, "directories",
                                        (json_int_t)written->directories, "shared_files",
                                        (json_int_t)written->shared_files, "shared_bytes",
                                        (json_int_t)written->shared_bytes),
                              err);
    if (!cli_flag(call, "quiet"))
        printf("%s: %llu files, %llu bytes, SHA-256 %s\n", path, (unsigned long long)written->files,
               (unsigned long long)written->size, hex);
    return VF_OK;
}

static enum vf_code create(const struct cli_call *call, const char *path, const char *label,
                           struct iso_writer *writer, struct vf_err *err)
{
    struct vf_out *sum = NULL;
    struct iso_written written;
    char hex[VF_DIGEST_HEX_MAX];

    enum vf_code code = check_output(cli_operand(call, 0), path, err);
    if (!code)
        code = fill(call, label, writer, err);
    if (!code && cli_flag(call, "sha256"))
        code = open_sum(call, path, &sum, err);
    if (code)
        return code;
    code = write_image(call, writer, path, &written, err);
    if (code) {
        vf_out_abort(sum);
        return code;
    }
    vf_digest_hex(&written.digest, hex);
    if (sum)
        code = commit_sum(sum, path, hex, err);
    return code ? code : print_written(call, path, label, &written, hex, err);
}

static enum vf_code run_create(const struct cli_call *call, struct vf_err *err)
{
    const char *path = cli_value(call, "output");
    const char *label = cli_value(call, "label");
    struct iso_writer *writer;
    int64_t epoch;

    if (!path)
        return vf_fail(err, VF_USAGE, "--output names the image to make; it is needed");
    if (!label)
        label = LABEL_DEFAULT;
    enum vf_code code = vf_epoch(&epoch, err);
    if (!code)
        code = iso_writer_open(label, epoch, &writer, err);
    if (code)
        return code;
    code = create(call, path, label, writer, err);
    iso_writer_close(writer);
    return code;
}

static const struct cli_option create_options[] = {
    {'o', "output", "FILE", "the image to make"},
    {0, "label", "TEXT", "the disc's label, 1 to 16 characters (default: " LABEL_DEFAULT ")"},
    {0, "layout", "NAME", "virtio-win: the folder holds packages, to be laid out as there"},
    {0, "cert", "FILE.cer", "with --layout: certificate of a test signature, into cert/"},
    {0, "license", "FILE", "with --layout: a licence text, into licenses/; may be repeated"},
    {0, "pdb", NULL, "with --layout: put debugging symbols on the disc too"},
    {0, "sha256", NULL, "write FILE.sha256 beside the image"},
    {'f', "force", NULL, "replace what exists"},
    CLI_OPTIONS_END,
};

static const char *const create_examples[] = {
    "vioforge iso create folder -o disc.iso --label=MY_DISC",
    "vioforge iso create --layout=virtio-win build/packages -o drivers.iso --sha256",
    NULL,
};

const struct cli_verb verb_iso_create = {
    .name = "iso create",
    .summary = "make a disc image from a folder",
    .operands = "FOLDER",
    .operands_min = 1,
    .operands_max = 1,
    .options = create_options,
    .examples = create_examples,
    .run = run_create,
};

/* iso list */

/* An entry's date as ISO 8601, "-" where it has none. */
static const char *date_text(const struct iso_entry *entry, char text[32])
{
    struct tm tm;

    vf_epoch_utc(entry->date < 0 ? 0 : entry->date, &tm);
    if (entry->date < 0 || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return "-";
    return text;
}

static json_t *entry_json(const struct iso_entry *entry, const char *sha256)
{
    char date[32];

    json_t *object =
        json_pack("{so, ss, ss}", "path", cli_text_json(entry->path), "type",
                  entry->directory ? "directory" : "file", "date", date_text(entry, date));
    if (!object || entry->directory)
        return object;
    int failed = json_object_set_new(object, "size", json_integer((json_int_t)entry->size));
    if (sha256)
        failed |= json_object_set_new(object, "sha256", json_string(sha256));
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* hex: the entry's SHA-256, "" for a directory or where it is not wanted. */
static enum vf_code list_entry(const struct cli_call *call, const struct iso_entry *entry,
                               const char *hex, json_t *list, struct vf_err *err)
{
    char date[32];

    if (list)
        return json_array_append_new(list, entry_json(entry, hex[0] ? hex : NULL)) == 0
                   ? VF_OK
                   : vf_fail_memory(err);
    if (cli_flag(call, "sha256")) {
        if (!entry->directory)
            printf("%s  %s\n", hex, entry->path);
    } else {
        printf("%12llu  %-20s  %s%s\n", (unsigned long long)entry->size, date_text(entry, date),
               entry->path, entry->directory ? "/" : "");
    }
    return VF_OK;
}

static enum vf_code list_all(const struct cli_call *call, struct iso_reader *reader, json_t *list,
                             struct vf_err *err)
{
    const struct iso_entry *entry;
    enum vf_code code = VF_OK;

    for (size_t i = 0; !code && (entry = iso_reader_entry(reader, i)); i++) {
        char hex[VF_DIGEST_HEX_MAX] = "";
        if (cli_flag(call, "sha256") && !entry->directory) {
            struct vf_digest digest;
            code = iso_reader_digest(reader, entry, VF_SHA256, &digest, err);
            if (code)
                break;
            vf_digest_hex(&digest, hex);
        }
        code = list_entry(call, entry, hex, list, err);
    }
    return code;
}

static enum vf_code run_list(const struct cli_call *call, struct vf_err *err)
{
    struct iso_reader *reader;
    json_t *list = NULL;

    enum vf_code code = iso_reader_open(cli_operand(call, 0), &reader, err);
    if (code)
        return code;
    if (cli_json(call) && !(list = json_array()))
        code = vf_fail_memory(err);
    if (!code)
        code = list_all(call, reader, list, err);
    if (!code && list)
        code = cli_json_print("iso-list", 1,
                              json_pack("{so, so, ss, sI, sO}", "path",
                                        cli_text_json(cli_operand(call, 0)), "label",
                                        cli_text_json(iso_reader_label(reader)), "names",
                                        iso_reader_is_joliet(reader) ? "joliet" : "primary", "size",
                                        (json_int_t)iso_reader_size(reader), "entries", list),
                              err);
    json_decref(list);
    iso_reader_close(reader);
    return code;
}

static const struct cli_option list_options[] = {
    {0, "sha256", NULL, "files only, with their SHA-256, as sha256sum(1) writes it"},
    CLI_OPTIONS_END,
};

static const char *const list_examples[] = {
    "vioforge iso list disc.iso",
    "vioforge iso list --sha256 disc.iso > SHA256SUMS",
    NULL,
};

const struct cli_verb verb_iso_list = {
    .name = "iso list",
    .summary = "list what a disc image holds",
    .operands = "DISC",
    .operands_min = 1,
    .operands_max = 1,
    .options = list_options,
    .examples = list_examples,
    .run = run_list,
};

/* iso extract */

static enum vf_code extract(const struct cli_call *call, struct iso_reader *reader,
                            struct vf_err *err)
{
    struct progress progress = {call, cli_operand(call, 1)};
    struct iso_extracted extracted;
    size_t count = cli_operand_count(call) - 2;

    const char **names = calloc(count + 1, sizeof(names[0]));
    if (!names)
        return vf_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        names[i] = cli_operand(call, i + 2);
    enum vf_code code =
        iso_reader_extract(reader, cli_operand(call, 1), names, count, cli_flag(call, "force"),
                           show_progress, &progress, &extracted, err);
    free(names);
    if (code)
        return code;
    if (cli_json(call))
        return cli_json_print("iso-extract", 1,
                              json_pack("{so, sI, sI}", "path", cli_text_json(cli_operand(call, 1)),
                                        "files", (json_int_t)extracted.files, "bytes",
                                        (json_int_t)extracted.bytes),
                              err);
    if (!cli_flag(call, "quiet"))
        printf("%s: %llu files, %llu bytes\n", cli_operand(call, 1),
               (unsigned long long)extracted.files, (unsigned long long)extracted.bytes);
    return VF_OK;
}

static enum vf_code run_extract(const struct cli_call *call, struct vf_err *err)
{
    struct iso_reader *reader;

    enum vf_code code = iso_reader_open(cli_operand(call, 0), &reader, err);
    if (code)
        return code;
    code = extract(call, reader, err);
    iso_reader_close(reader);
    return code;
}

static const struct cli_option extract_options[] = {
    {'f', "force", NULL, "replace an existing folder"},
    CLI_OPTIONS_END,
};

static const char *const extract_examples[] = {
    "vioforge iso extract virtio-win.iso all",
    "vioforge iso extract virtio-win.iso storage viostor/w11/amd64 vioscsi/w11/amd64",
    NULL,
};

const struct cli_verb verb_iso_extract = {
    .name = "iso extract",
    .summary = "write a disc's files into a new folder",
    .operands = "DISC FOLDER [NAME...]",
    .operands_min = 2,
    .operands_max = -1,
    .options = extract_options,
    .examples = extract_examples,
    .run = run_extract,
};
