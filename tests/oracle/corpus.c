/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real packages, from the folder named by VIOFORGE_CORPUS: each catalog is read and written again
 * to the same list, byte for byte, and its signature is right; each signed image's signature is
 * right; and where a package's files are as its catalog lists them, the catalog made from those
 * files, with identifier, time and systems given, is the vendor's. Images that are not as their
 * signature says are named, for corpus.sh.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "builder/cat/diff.h"
#include "builder/cat/package.h"
#include "builder/sign/sign.h"
#include "util/file.h"

#define SKIPPED 77

static struct {
    unsigned catalogs, images, altered, packages, rebuilt, of_run, changed, wrong;
} seen;

static void complain(const char *path, const char *what)
{
    printf("%s: %s\n", path, what);
    seen.wrong++;
}

/* The list inside a catalog file; empty where there is none. */
static struct vf_buf content_of(struct vf_view file)
{
    struct vf_buf element = VF_BUF_INIT;

    if (sign_catalog_content(file, &element, NULL))
        vf_buf_free(&element);
    return element;
}

/* Do both lists have the same bytes? */
static bool writes_as(const struct cat_list *list, struct vf_view vendor)
{
    struct vf_buf ours = VF_BUF_INIT;
    bool same = false;

    if (!cat_write(list, &ours, NULL)) {
        struct vf_buf one = content_of(vendor), two = content_of(vf_view_of(&ours));
        same = one.size && vf_view_equal(vf_view_of(&one), vf_view_of(&two));
        vf_buf_free(&one);
        vf_buf_free(&two);
    }
    vf_buf_free(&ours);
    return same;
}

static void check_signature(const char *path, struct vf_view file)
{
    struct sign_report report;
    struct vf_err err;

    if (sign_inspect(file, NULL, &report, &err)) {
        complain(path, err.text);
    } else if (report.present && !report.valid && strstr(report.why, "its digest differs")) {
        /* whoever published it changed it; corpus.sh asks osslsigncode whether that is so */
        printf("altered %s\n", path);
        seen.altered++;
    } else if (report.present && !report.valid) {
        complain(path, report.why);
    }
}

/* The systems whose strings the catalog's OS attribute lists. */
static size_t systems_of(const struct cat_list *list, const struct cat_os **out)
{
    const char *at = cat_list_value(list, "OS");
    size_t count = 0;

    while (at && *at) {
        size_t size = strcspn(at, ",");
        const struct cat_os *found = NULL;
        for (size_t i = 0; i < cat_system_count; i++)
            if (strlen(cat_systems[i].catalog) == size &&
                strncmp(cat_systems[i].catalog, at, size) == 0)
                found = &cat_systems[i];
        if (!found || count == CAT_SYSTEMS_MAX)
            return 0;
        out[count++] = found;
        at += size + (at[size] == ',');
    }
    return count;
}

/*
 * Does the vendor's list have each file of ours, under its name? Takes over how tools up to 2013
 * spelled the empty name.
 */
static bool is_unchanged(const struct cat_list *vendor, struct cat_list *ours)
{
    for (size_t i = 0; i < ours->entry_count; i++) {
        const struct cat_entry *theirs = cat_find(vendor, &ours->entries[i].digest);
        if (!theirs || strcmp(cat_entry_value(theirs, "File"),
                              cat_entry_value(&ours->entries[i], "File")) != 0)
            return false;
        ours->entries[i].obsolete_name = theirs->obsolete_name;
    }
    return true;
}

static bool tell_difference(void *context, const char *text)
{
    printf("%s: not as made from the package's files: %s\n", (const char *)context, text);
    return true;
}

static bool has_pages(const struct cat_list *list)
{
    for (size_t i = 0; i < list->entry_count; i++)
        if (list->entries[i].page_rows.size && list->entries[i].kind == SPC_IMAGE &&
            !cat_entry_value(&list->entries[i], "DRMLevel") &&
            !cat_entry_value(&list->entries[i], "PETrusted"))
            return true;
    return false;
}

/* Does the vendor's list have all hardware ids of ours? */
static bool has_ids(const struct cat_list *vendor, const struct cat_list *ours)
{
    for (size_t i = 0; i < ours->value_count; i++) {
        bool found = strncmp(ours->values[i].name, "HWID", 4) != 0;
        for (size_t j = 0; !found && j < vendor->value_count; j++)
            found = strcmp(vendor->values[j].text, ours->values[i].text) == 0;
        if (!found)
            return false;
    }
    return true;
}

/*
 * Is the list the vendor's once the attributes of the catalog as a whole are? Those are not of the
 * package alone: Inf2Cat puts in what all INFs of its run have, and the portal adds marks.
 */
static bool is_of_run(const struct cat_list *vendor, const struct cat_list *ours,
                      struct vf_view file)
{
    struct cat_list both = *ours;

    both.values = vendor->values;
    both.value_count = vendor->value_count;
    return has_ids(vendor, ours) && writes_as(&both, file);
}

/* Which of the INFs name this catalog? They are moved to the front; how many. */
static size_t choose_infs(char **infs, size_t count, const char *catalog)
{
    size_t chosen = 0;

    for (size_t i = 0; i < count; i++) {
        const char *inf = infs[i];
        char *name = NULL;
        if (!cat_package_name(&inf, 1, &name, NULL) && strcasecmp(name, catalog) == 0) {
            infs[i] = infs[chosen];
            infs[chosen++] = (char *)inf;
        }
        free(name);
    }
    return chosen;
}

/* Hold the list made from a package's files against the vendor's. */
static void compare(const char *path, const char *dir, struct vf_view vendor,
                    const struct cat_list *list, struct cat_list *ours)
{
    struct cat_result result;
    bool same;

    seen.packages++;
    if (!is_unchanged(list, ours) || cat_verify_dir(list, dir, &result, NULL)) {
        seen.changed++;
        return;
    }
    cat_result_free(&result);
    if (writes_as(ours, vendor))
        seen.rebuilt++;
    else if (is_of_run(list, ours, vendor))
        seen.of_run++;
    else if (cat_diff(list, ours, tell_difference, (void *)path, &same, NULL) || !same)
        seen.wrong++;
}

/* Make the catalog anew from the INFs beside it that name it. */
static void rebuild(const char *path, struct vf_view vendor, const struct cat_list *list)
{
    const struct cat_os *systems[CAT_SYSTEMS_MAX];
    struct cat_package_options options = {.systems = systems,
                                          .identifier = list->identifier,
                                          .version = list->version,
                                          .time = list->time,
                                          .pages = has_pages(list)};
    struct cat_list *ours;
    char dir[4096], **infs;
    size_t count;

    options.system_count = systems_of(list, systems);
    snprintf(dir, sizeof(dir), "%.*s", (int)(vf_path_base(path) - path), path);
    if (!options.system_count || cat_package_infs(dir, &infs, &count, NULL))
        return;
    size_t chosen = choose_infs(infs, count, vf_path_base(path));
    if (chosen && !cat_package_create((const char *const *)infs, chosen, &options, &ours, NULL)) {
        compare(path, dir, vendor, list, ours);
        cat_list_free(ours);
    }
    vf_names_free(infs, count);
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    struct vf_buf file = VF_BUF_INIT;
    struct cat_list *list;
    struct vf_err err;

    (void)status;
    (void)ftw;
    if (type != FTW_F || vf_file_read(path, SIGN_FILE_MAX, &file, NULL))
        return 0;
    struct vf_view view = vf_view_of(&file);
    switch (sign_subject_of(view)) {
    case SIGN_IMAGE:
        seen.images++;
        check_signature(path, view);
        break;
    case SIGN_CATALOG:
        if (strlen(path) < 4 || strcasecmp(path + strlen(path) - 4, ".cat") != 0)
            break;
        seen.catalogs++;
        if (cat_read(view, &list, &err)) {
            complain(path, err.text);
            break;
        }
        if (!writes_as(list, view))
            complain(path, "written again, it has other bytes");
        check_signature(path, view);
        rebuild(path, view, list);
        cat_list_free(list);
        break;
    case SIGN_NOTHING:
        break;
    }
    vf_buf_free(&file);
    return 0;
}

int main(void)
{
    const char *corpus = getenv("VIOFORGE_CORPUS");

    if (!corpus) {
        puts("skipped: VIOFORGE_CORPUS names no folder of real driver packages");
        return SKIPPED;
    }
    if (nftw(corpus, visit, 32, FTW_PHYS) != 0 || !seen.catalogs) {
        printf("%s: expected a folder with driver packages\n", corpus);
        return 1;
    }
    printf("%u catalogs, %u images (%u altered), %u packages: %u catalogs made from their files, "
           "%u more "
           "with the attributes of their run, %u with changed files; %u wrong\n",
           seen.catalogs, seen.images, seen.altered, seen.packages, seen.rebuilt, seen.of_run,
           seen.changed, seen.wrong);
    return seen.wrong ? 1 : 0;
}
