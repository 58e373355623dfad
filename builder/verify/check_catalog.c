/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family of rules about a catalog and the files of its package. */
#include "builder/verify/verify_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/file.h"

void verify_listed(struct verify_run *run, const char *catalog, const struct cat_list *list,
                   const char *path, struct vf_view content)
{
    enum cat_verdict verdict;
    struct vf_err err;

    if (cat_check(list, path, content, &verdict, &err))
        verify_add(run->report, RULE_CAT_HASH, path, 0, "%s", err.text);
    else if (verdict == CAT_CHANGED)
        verify_add(run->report, RULE_CAT_HASH, path, 0, "%s lists other content under this name",
                   catalog);
    else if (verdict == CAT_LINE_ENDS)
        verify_add(run->report, RULE_CAT_LINE_ENDS, path, 0,
                   "%s lists this text with other line ends", catalog);
    else if (verdict == CAT_UNLISTED)
        verify_add(run->report, RULE_CAT_MEMBER, path, 0, "not in %s", catalog);
}

static int name_order(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_below(const char *path, const char *dir)
{
    size_t size = strlen(dir);
    return size == 0 || (strncasecmp(path, dir, size) == 0 && path[size] == '/');
}

/* The bare names of all files below a folder, sorted; NULL where memory is short. Free the array.
 */
static const char **names_below(const struct tree *tree, const char *dir, size_t *count)
{
    const char **names = calloc(tree_count(tree) + 1, sizeof(*names));

    *count = 0;
    for (size_t i = 0; names && i < tree_count(tree); i++) {
        const char *path = tree_at(tree, i)->path;
        if (is_below(path, dir))
            names[(*count)++] = vf_path_base(path);
    }
    if (names && *count)
        qsort(names, *count, sizeof(*names), name_order);
    return names;
}

/* Files that the catalog names and the folder lacks, in it and below: each once, as of version 2 a
 * catalog lists every file twice. */
static enum vf_code check_extra(struct verify_run *run, const struct tree_file *file,
                                const struct cat_list *list, struct vf_err *err)
{
    size_t here, missing = 0;

    char *dir = tree_dirname(file->path);
    const char **names = dir ? names_below(run->tree, dir, &here) : NULL;
    const char **absent = calloc(list->entry_count + 1, sizeof(*absent));
    enum vf_code code = names && absent ? VF_OK : vf_fail_memory(err);
    for (size_t i = 0; !code && i < list->entry_count; i++) {
        const char *name = cat_entry_value(&list->entries[i], "File");
        if (name && !bsearch(&name, names, here, sizeof(*names), name_order))
            absent[missing++] = name;
    }
    if (missing)
        qsort(absent, missing, sizeof(*absent), name_order);
    for (size_t i = 0; i < missing; i++)
        if (i == 0 || !tree_same_name(absent[i - 1], absent[i]))
            verify_add(run->report, RULE_CAT_EXTRA, file->path, 0, "%s is not in the package",
                       absent[i]);
    free(absent);
    free(names);
    free(dir);
    return code;
}

enum vf_code verify_catalog(struct verify_run *run, const struct tree_file *file,
                            struct cat_list **list, struct verify_package *package,
                            struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;
    struct sign_report seen;
    struct vf_err fault;

    *list = NULL;
    enum vf_code code = verify_read(run, file, CAT_FILE_MAX, &content, err);
    if (code ||
        !verify_catalog_signature(run, file->path, vf_view_of(&content), &seen, &package->signer))
        goto release;
    if (cat_read(vf_view_of(&content), list, &fault)) {
        *list = NULL;
        verify_add(run->report, RULE_CAT_FORMAT, file->path, 0, "%s", fault.text);
        goto release;
    }
    verdict_add_catalog(&package->verdict, *list, &seen);
    code = check_extra(run, file, *list, err);
release:
    vf_buf_free(&content);
    return code;
}
