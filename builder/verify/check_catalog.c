/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family of rules about a catalog and the files of its package. */
#include "builder/verify/verify_private.h"

#include <stdlib.h>

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

/* Files that the catalog names and the folder lacks. */
static enum vf_code check_extra(struct verify_run *run, const struct tree_file *file,
                                const struct cat_list *list, struct vf_err *err)
{
    const char *last = NULL;

    char *dir = tree_dirname(file->path);
    if (!dir)
        return vf_fail_memory(err);
    for (size_t i = 0; i < list->entry_count; i++) {
        const char *name = cat_entry_value(&list->entries[i], "File");
        if (!name || tree_find(run->tree, dir, name))
            continue;
        /* version 2 lists each file twice */
        if (!last || !tree_same_name(last, name))
            verify_add(run->report, RULE_CAT_EXTRA, file->path, 0, "%s is not in the package",
                       name);
        last = name;
    }
    free(dir);
    return VF_OK;
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
