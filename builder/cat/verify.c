/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list against the files of a folder. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "builder/cat/cat_private.h"
#include "builder/cat/package.h"
#include "inf/index.h"
#include "util/file.h"

struct walk {
    const struct cat_list *list;
    const char *root;
    struct cat_result *result;
    size_t looked_at;
};

static bool add_result(struct cat_result *result, const char *path, enum cat_file_state state)
{
    if (!cat_grow((void **)&result->files, result->count, sizeof(*result->files)))
        return false;
    struct cat_file_result *file = &result->files[result->count];
    file->path = strdup(path);
    file->state = state;
    if (!file->path)
        return false;
    result->count++;
    result->wrong += state != CAT_FILE_COVERED && state != CAT_FILE_UNLISTED;
    return true;
}

static enum vf_code check_file(struct walk *walk, const char *path, const char *below,
                               struct vf_err *err)
{
    static const enum cat_file_state states[] = {[CAT_COVERED] = CAT_FILE_COVERED,
                                                 [CAT_CHANGED] = CAT_FILE_CHANGED,
                                                 [CAT_LINE_ENDS] = CAT_FILE_LINE_ENDS,
                                                 [CAT_UNLISTED] = CAT_FILE_UNLISTED};
    struct vf_buf content = VF_BUF_INIT;
    enum cat_verdict verdict;

    enum vf_code code = vf_file_read(path, CAT_MEMBER_MAX, &content, err);
    if (!code) {
        code = cat_check(walk->list, below, vf_view_of(&content), &verdict, err);
        enum cat_file_state state = code ? CAT_FILE_CHANGED : states[verdict];
        if (code == VF_MALFORMED) /* a broken image is one finding, not the end */
            code = VF_OK;
        if (!code && !add_result(walk->result, below, state))
            code = vf_fail_memory(err);
    }
    vf_buf_free(&content);
    return code;
}

/* Catalogs never list catalogs, themselves least of all. */
static bool is_catalog(const char *name)
{
    size_t size = strlen(name);
    return size > 4 && strcasecmp(name + size - 4, ".cat") == 0;
}

/* below: the folder's path under the root, "" for the root itself. */
static enum vf_code walk_dir(struct walk *walk, const char *below, unsigned depth,
                             struct vf_err *err)
{
    char **names;
    size_t count;

    char *dir = below[0] ? vf_path_join(walk->root, below) : strdup(walk->root);
    if (!dir)
        return vf_fail_memory(err);
    enum vf_code code = vf_dir_names(dir, CAT_WALK_FILES_MAX, &names, &count, err);
    if (code) {
        free(dir);
        return code;
    }
    for (size_t i = 0; !code && i < count; i++) {
        struct stat status;
        char *path = vf_path_join(dir, names[i]), *inner = vf_path_join(below, names[i]);
        if (!path || !inner)
            code = vf_fail_memory(err);
        else if (++walk->looked_at > CAT_WALK_FILES_MAX || depth > CAT_WALK_DEPTH_MAX)
            code = vf_fail(err, VF_MALFORMED, "%s: more than %d files, or deeper than %d folders",
                           walk->root, CAT_WALK_FILES_MAX, CAT_WALK_DEPTH_MAX);
        else if (lstat(path, &status) != 0)
            code = vf_fail_errno(err, errno, "%s: cannot look at it", path);
        else if (S_ISDIR(status.st_mode))
            code = walk_dir(walk, inner, depth + 1, err);
        else if (S_ISREG(status.st_mode) && !is_catalog(names[i]))
            code = check_file(walk, path, inner, err);
        free(path);
        free(inner);
    }
    vf_names_free(names, count);
    free(dir);
    return code;
}

struct names {
    const struct cat_result *result;
    size_t found; /* results from here on are names out of the list */
};

static const char *result_name(const void *owner, uint32_t number)
{
    const struct names *names = owner;
    const char *path = names->result->files[number].path;

    return number < names->found ? vf_path_base(path) : path;
}

/* Names that entries carry and no file answered to, each once. */
static enum vf_code add_missing(const struct cat_list *list, struct cat_result *result,
                                struct vf_err *err)
{
    const struct names names = {result, result->count};
    struct inf_index known = {NULL, 0, 0};
    bool good = true;

    for (size_t i = 0; good && i < names.found; i++) {
        const char *name = result_name(&names, (uint32_t)i);
        if (result->files[i].state != CAT_FILE_UNLISTED &&
            inf_index_find(&known, 0, name, result_name, &names) == UINT32_MAX)
            good = inf_index_add(&known, 0, name, (uint32_t)i);
    }
    for (size_t i = 0; good && i < list->entry_count; i++) {
        const char *name = cat_entry_value(&list->entries[i], "File");
        if (name && inf_index_find(&known, 0, name, result_name, &names) == UINT32_MAX)
            good = add_result(result, name, CAT_FILE_MISSING) &&
                   inf_index_add(&known, 0, name, (uint32_t)(result->count - 1));
    }
    inf_index_free(&known);
    return good ? VF_OK : vf_fail_memory(err);
}

enum vf_code cat_verify_dir(const struct cat_list *list, const char *dir, struct cat_result *out,
                            struct vf_err *err)
{
    struct walk walk = {list, dir, out, 0};

    memset(out, 0, sizeof(*out));
    enum vf_code code = walk_dir(&walk, "", 0, err);
    if (!code)
        code = add_missing(list, out, err);
    if (code)
        cat_result_free(out);
    return code;
}

void cat_result_free(struct cat_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        free(result->files[i].path);
    free(result->files);
    memset(result, 0, sizeof(*result));
}
