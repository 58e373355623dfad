/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family of rules about a disc as a whole. */
#include "builder/verify/verify_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "inf/target.h"
#include "util/digest.h"
#include "util/utf16.h"

#define NAME_MAX_CHARACTERS 64 /* Joliet, and what every reader of the field copes with */
#define LABEL_MAX           16 /* characters of a Joliet volume identifier (ECMA-119 8.5.6) */
#define SUMS_MAX            (16u << 20)
#define INFO_MAX            (16u << 20)

/* The short trees, and the architecture folder of the long tree that each repeats. */
static const struct {
    const char *folder;
    const char *arch;
} short_trees[] = {{"amd64", "amd64"}, {"i386", "x86"}, {"ARM64", "ARM64"}};

/* The drivers that Setup needs to see a disk; only they belong into the short trees. */
static const char *const storage_drivers[] = {"viostor", "vioscsi"};

static bool is_storage(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(storage_drivers) / sizeof(storage_drivers[0]); i++)
        if (strlen(storage_drivers[i]) == length &&
            strncasecmp(storage_drivers[i], name, length) == 0)
            return true;
    return false;
}

static void check_name(struct verify_report *report, const char *path)
{
    for (const char *part = path; *part;) {
        size_t length = strcspn(part, "/"), characters = 0;
        struct vf_view view = {(const uint8_t *)part, length};
        for (size_t offset = 0; offset < length; characters++) {
            uint32_t c = vf_utf8_next(view, &offset);
            if (c == UINT32_MAX || c < 0x20 || (c < 0x80 && strchr("\\:*?\"<>|;", (int)c))) {
                verify_add(report, RULE_NAME, path, 0,
                           c == UINT32_MAX ? "a name that is not UTF-8"
                                           : "a character that Windows or a disc cannot hold");
                return;
            }
        }
        if (characters > NAME_MAX_CHARACTERS)
            verify_add(report, RULE_NAME, path, 0, "'%.*s' has %zu characters", (int)length, part,
                       characters);
        part += length;
        part += *part == '/';
    }
}

static void check_names(struct verify_run *run)
{
    for (size_t i = 0; i < tree_count(run->tree); i++) {
        const struct tree_file *file = tree_caseless_at(run->tree, i);
        check_name(run->report, file->path);
        if (i == 0)
            continue;
        const struct tree_file *before = tree_caseless_at(run->tree, i - 1);
        if (strcasecmp(before->path, file->path) == 0)
            verify_add(run->report, RULE_CASE, file->path, 0, "stands beside '%s'", before->path);
    }
}

static enum vf_code digest_of(struct verify_run *run, const struct tree_file *file,
                              struct vf_digest *digest, struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;
    enum vf_code code = verify_read(run, file, VERIFY_MEMBER_MAX, &content, err);
    if (!code)
        code = vf_digest_view(VF_SHA256, vf_view_of(&content), digest, err);
    vf_buf_free(&content);
    return code;
}

/*
 * One line of sha256sum(1)'s format: 64 hexadecimal digits, a space, a space or '*', the name.
 * Returns the file it is about and marks it seen.
 */
static enum vf_code check_sum_line(struct verify_run *run, const char *sums, unsigned line,
                                   char *text, bool *seen, struct vf_err *err)
{
    struct vf_digest digest;
    char hex[VF_DIGEST_HEX_MAX];

    if (strspn(text, "0123456789abcdefABCDEF") != 64 || text[64] != ' ' ||
        (text[65] != ' ' && text[65] != '*')) {
        verify_add(run->report, RULE_SUMS_DIFFER, sums, line,
                   "not a line of 64 hexadecimal digits, two spaces and a name");
        return VF_OK;
    }
    const char *name = text + 66;
    const struct tree_file *file = tree_find(run->tree, "", name);
    if (!file) {
        verify_add(run->report, RULE_SUMS_DIFFER, sums, line, "'%s' is not there", name);
        return VF_OK;
    }
    seen[file - tree_at(run->tree, 0)] = true;
    enum vf_code code = digest_of(run, file, &digest, err);
    if (code)
        return code;
    vf_digest_hex(&digest, hex);
    if (strncasecmp(hex, text, 64) != 0)
        verify_add(run->report, RULE_SUMS_DIFFER, file->path, 0,
                   "its SHA-256 is %s, not the one of line %u in %s", hex, line, sums);
    return VF_OK;
}

static enum vf_code check_sums(struct verify_run *run, struct vf_err *err)
{
    const struct tree *tree = run->tree;
    struct vf_buf content = VF_BUF_INIT;
    enum vf_code code = VF_OK;
    unsigned line = 0;

    const struct tree_file *sums = tree_find(tree, "", "SHA256SUMS");
    if (!sums) {
        if (tree_kind(tree) == TREE_DISC)
            verify_add(run->report, RULE_SUMS_MISSING, "", 0, "no SHA256SUMS in the root");
        return VF_OK;
    }
    bool *seen = calloc(tree_count(tree), sizeof(*seen));
    if (!seen)
        return vf_fail_memory(err);
    code = verify_read(run, sums, SUMS_MAX, &content, err);
    if (!code && !vf_buf_text(&content))
        code = vf_fail_memory(err);
    char *rest = (char *)content.data;
    for (char *text; !code && (text = strsep(&rest, "\n"));) {
        line++;
        size_t length = strlen(text);
        if (length && text[length - 1] == '\r')
            text[length - 1] = '\0';
        if (*text)
            code = check_sum_line(run, sums->path, line, text, seen, err);
    }
    for (size_t i = 0; !code && i < tree_count(tree); i++)
        if (!seen[i] && tree_at(tree, i) != sums)
            verify_add(run->report, RULE_SUMS_MISSING, tree_at(tree, i)->path, 0, "no line in %s",
                       sums->path);
    vf_buf_free(&content);
    free(seen);
    return code;
}

/* Other packages have folders "amd64/..." too: those of a short tree are systems. */
static bool is_system(const struct tree *tree, const char *name, size_t length)
{
    char text[16];

    if (tree_kind(tree) == TREE_DISC)
        return true;
    if (length >= sizeof(text))
        return false;
    snprintf(text, sizeof(text), "%.*s", (int)length, name);
    return inf_release_named(text) != NULL;
}

/* A file of a short tree, "amd64/<os>/<name>": which driver's folder should hold the same? */
static enum vf_code check_short_file(struct verify_run *run, const struct tree_file *file,
                                     const char *arch, const char *below, struct vf_err *err)
{
    const struct tree *tree = run->tree;
    size_t os_length = strcspn(below, "/");
    const char *name = below[os_length] ? below + os_length + 1 : "";

    if (!*name || strchr(name, '/') || !is_system(tree, below, os_length))
        return VF_OK;
    size_t stem = strcspn(name, ".");
    if (!is_storage(name, stem)) {
        verify_add(run->report, RULE_SHORT_DRIVER, file->path, 0, "neither viostor nor vioscsi");
        return VF_OK;
    }
    char folder[256];
    int used = snprintf(folder, sizeof(folder), "%.*s/%.*s/%s", (int)stem, name, (int)os_length,
                        below, arch);
    if (used < 0 || (size_t)used >= sizeof(folder))
        return VF_OK;
    const struct tree_file *same = tree_find(tree, folder, name);
    if (!same) {
        verify_add(run->report, RULE_SHORT_DIFFERS, file->path, 0, "there is no %s/%s", folder,
                   name);
        return VF_OK;
    }
    struct vf_digest a, b;
    enum vf_code code = digest_of(run, file, &a, err);
    if (!code)
        code = digest_of(run, same, &b, err);
    if (!code && memcmp(a.bytes, b.bytes, sizeof(a.bytes)) != 0)
        verify_add(run->report, RULE_SHORT_DIFFERS, file->path, 0, "differs from %s", same->path);
    return code;
}

/* A file of a storage driver's long tree, "<driver>/<os>/<arch>/<name>", where the disc has a
 * short tree for that architecture and system: it must stand there too. */
static void check_long_file(struct verify_run *run, const struct tree_file *file)
{
    char os[64], arch[64], folder[160];
    const char *part[4];
    size_t length[4], count = 0;

    for (const char *p = file->path; *p && count < 4; count++) {
        part[count] = p;
        length[count] = strcspn(p, "/");
        p += length[count];
        p += *p == '/';
    }
    if (count != 4 || part[3][length[3]] || !is_storage(part[0], length[0]) ||
        length[1] >= sizeof(os) || length[2] >= sizeof(arch) || tree_has_extension(part[3], ".pdb"))
        return;
    snprintf(os, sizeof(os), "%.*s", (int)length[1], part[1]);
    snprintf(arch, sizeof(arch), "%.*s", (int)length[2], part[2]);
    for (size_t i = 0; i < sizeof(short_trees) / sizeof(short_trees[0]); i++) {
        if (strcasecmp(short_trees[i].arch, arch) != 0)
            continue;
        snprintf(folder, sizeof(folder), "%s/%s", short_trees[i].folder, os);
        if (!tree_find(run->tree, folder, part[3]))
            verify_add(run->report, RULE_SHORT_MISSING, file->path, 0, "not in %s", folder);
        return;
    }
}

static enum vf_code check_short_trees(struct verify_run *run, struct vf_err *err)
{
    bool any = false;

    for (size_t i = 0; i < tree_count(run->tree); i++) {
        const struct tree_file *file = tree_at(run->tree, i);
        for (size_t s = 0; s < sizeof(short_trees) / sizeof(short_trees[0]); s++) {
            size_t length = strlen(short_trees[s].folder);
            if (strncasecmp(file->path, short_trees[s].folder, length) != 0 ||
                file->path[length] != '/')
                continue;
            any = true;
            enum vf_code code =
                check_short_file(run, file, short_trees[s].arch, file->path + length + 1, err);
            if (code)
                return code;
        }
    }
    for (size_t i = 0; any && i < tree_count(run->tree); i++)
        check_long_file(run, tree_at(run->tree, i));
    return VF_OK;
}

static enum vf_code check_info(struct verify_run *run, struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;
    json_error_t fault;

    const struct tree_file *file = tree_find(run->tree, "data", "info.json");
    if (!file)
        return VF_OK;
    enum vf_code code = verify_read(run, file, INFO_MAX, &content, err);
    if (code) {
        vf_buf_free(&content);
        return code;
    }
    json_t *root = json_loadb((const char *)content.data, content.size, 0, &fault);
    vf_buf_free(&content);
    json_t *drivers = json_object_get(root, "drivers");
    if (!root)
        verify_add(run->report, RULE_INFO, file->path, (unsigned)fault.line, "%s", fault.text);
    else if (!json_is_array(drivers))
        verify_add(run->report, RULE_INFO, file->path, 0, "no array 'drivers'");
    size_t index;
    json_t *driver;
    json_array_foreach(drivers, index, driver)
    {
        const char *inf = json_string_value(json_object_get(driver, "inf_path"));
        if (!inf)
            verify_add(run->report, RULE_INFO, file->path, 0, "driver %zu has no inf_path", index);
        else if (!tree_find(run->tree, "", inf))
            verify_add(run->report, RULE_INFO, file->path, 0, "'%s' is not there", inf);
    }
    json_decref(root);
    return VF_OK;
}

static void check_label(struct verify_run *run)
{
    const char *label = tree_label(run->tree);

    if (tree_kind(run->tree) != TREE_DISC)
        return;
    if (!*label)
        verify_add(run->report, RULE_LABEL, "", 0, "the disc has no label");
    else if (strlen(label) > LABEL_MAX)
        verify_add(run->report, RULE_LABEL, "", 0, "'%s' has %zu characters", label, strlen(label));
}

enum vf_code verify_disc(struct verify_run *run, struct vf_err *err)
{
    check_label(run);
    check_names(run);
    enum vf_code code = check_short_trees(run, err);
    if (!code)
        code = check_info(run, err);
    if (!code)
        code = check_sums(run, err);
    return code;
}
