/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge inf edit": lines of an INF changed, every other byte kept. */
#include <stdio.h>
#include <string.h>

#include "builder/cli/inf_put.h"
#include "builder/cli/verbs.h"
#include "inf/change.h"

#define CHANGES_MAX 64
#define TEXT_MAX    4096

/* What the options ask for, cut out of copies of their texts. */
struct request {
    struct inf_change changes[CHANGES_MAX];
    char texts[CHANGES_MAX][TEXT_MAX];
    size_t count;
};

/* The '=' that ends a key: none inside quotes counts. */
static char *key_end(char *text)
{
    bool quoted = false;

    for (; *text; text++) {
        quoted ^= *text == '"';
        if (*text == '=' && !quoted)
            return text;
    }
    return NULL;
}

/* Cut spaces off both ends. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    for (size_t size = strlen(text); size && strchr(" \t", text[size - 1]); size--)
        text[size - 1] = '\0';
    return text;
}

/* "[SECTION]KEY=VALUE", "[SECTION]KEY" to remove, "[SECTION]LINE" to add. */
static enum vf_code take(struct request *request, enum inf_change_kind kind, const char *option,
                         const char *text, struct vf_err *err)
{
    if (request->count == CHANGES_MAX || strlen(text) >= TEXT_MAX)
        return vf_fail(err, VF_USAGE, "--%s '%.60s': too long, or more than %d changes", option,
                       text, CHANGES_MAX);
    char *copy = request->texts[request->count];
    snprintf(copy, TEXT_MAX, "%s", text);
    char *close = *copy == '[' ? strchr(copy, ']') : NULL;
    char *equals = close ? key_end(close + 1) : NULL;
    struct inf_change change = {kind, copy + 1, NULL, NULL};
    if (close && equals) {
        *equals = '\0';
        change.key = trim(close + 1);
        change.value = trim(equals + 1);
    } else if (close) {
        change.value = trim(close + 1);
    }
    if (!close || (kind == INF_SET && !equals) ||
        (kind == INF_REMOVE && (equals || !*change.value)))
        return vf_fail(err, VF_USAGE, "--%s takes %s, not '%s'", option,
                       kind == INF_SET      ? "[SECTION]KEY=VALUE"
                       : kind == INF_REMOVE ? "[SECTION]KEY"
                                            : "[SECTION]LINE",
                       text);
    if (kind == INF_REMOVE)
        change.key = change.value;
    *close = '\0';
    request->changes[request->count++] = change;
    return VF_OK;
}

static enum vf_code make(const struct inf_file *file, const void *request, struct vf_buf *out,
                         struct vf_err *err)
{
    const struct request *wanted = request;

    return inf_apply(file, wanted->changes, wanted->count, out, err);
}

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    static const struct {
        const char *option;
        enum inf_change_kind kind;
    } kinds[] = {{"remove", INF_REMOVE}, {"set", INF_SET}, {"add", INF_ADD}};
    struct request request = {.count = 0};
    enum vf_code code = VF_OK;

    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const char *text;
        for (size_t i = 0; !code && (text = cli_value_at(call, kinds[k].option, i)); i++)
            code = take(&request, kinds[k].kind, kinds[k].option, text, err);
    }
    if (!code && request.count == 0)
        code = vf_fail(err, VF_USAGE, "nothing to change; see 'vioforge inf edit --help'");
    return code ? code : inf_put(call, "inf-edit", make, &request, err);
}

static const struct cli_option options[] = {
    {'o', "output", "FILE", "write here instead of standard output"},
    {'f', "force", NULL, "replace FILE where it exists"},
    {'r', "remove", "[SECTION]KEY", "remove every line of a key; may be repeated"},
    {'s', "set", "[SECTION]KEY=VALUE", "give a key its value, or add it; may be repeated"},
    {'a', "add", "[SECTION]LINE", "add a line to a section; may be repeated"},
    CLI_OPTIONS_END,
};

static const char *const examples[] = {
    "vioforge inf edit --set '[Version]PnpLockdown=1' -o fixed.inf viostor.inf",
    "vioforge inf edit --remove '[Version]CatalogFile' --add '[Strings]Maker=\"Me\"' viostor.inf",
    NULL,
};

const struct cli_verb verb_inf_edit = {
    .name = "inf edit",
    .summary = "change lines of an INF file and keep every other byte",
    .operands = "FILE",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run,
};
