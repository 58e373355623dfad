/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catalogs for packages that lie in folders: from their INFs, and against their files. */
#ifndef BUILDER_CAT_PACKAGE_H
#define BUILDER_CAT_PACKAGE_H

#include "builder/cat/cat.h"

/* Files and folders looked at in one package folder, and how deep. */
#define CAT_WALK_FILES_MAX 100000
#define CAT_WALK_DEPTH_MAX 16

struct cat_package_options {
    const struct cat_os *const *systems;
    size_t system_count;
    int version;               /* 1, 2, or 0: as the systems demand */
    const uint8_t *identifier; /* CAT_IDENTIFIER_SIZE bytes, or NULL */
    int64_t time;              /* seconds since 1970 */
    bool pages;                /* page hashes of images too */
};

/*
 * The INFs at the top of a folder, sorted, as paths; free with vf_names_free(). VF_MALFORMED where
 * there is none.
 */
enum vf_code cat_package_infs(const char *dir, char ***infs, size_t *count, struct vf_err *err);

/*
 * The catalog's file name that all these INFs agree on (their CatalogFile, lower case); free with
 * free(). VF_MALFORMED where one names none, or they name different ones.
 */
enum vf_code cat_package_name(const char *const *infs, size_t count, char **name,
                              struct vf_err *err);

/*
 * Make the list for the packages of these INFs: the INFs, every file they list as a source (found
 * without regard to case, catalogs left out), and their hardware ids. VF_MALFORMED naming INF and
 * line where a file is not there; those that are only for machines of none of the systems may be
 * absent.
 */
enum vf_code cat_package_create(const char *const *infs, size_t count,
                                const struct cat_package_options *options, struct cat_list **out,
                                struct vf_err *err);

enum cat_file_state {
    CAT_FILE_COVERED,   /* listed with this content */
    CAT_FILE_CHANGED,   /* listed with other content, or no readable image */
    CAT_FILE_LINE_ENDS, /* listed with other line ends */
    CAT_FILE_UNLISTED,  /* not listed */
    CAT_FILE_MISSING,   /* listed, but not in the folder */
};

struct cat_file_result {
    char *path; /* below the folder; of a missing file, its name in the catalog */
    enum cat_file_state state;
};

struct cat_result {
    struct cat_file_result *files; /* found ones sorted by path, missing ones behind them */
    size_t count;
    size_t wrong; /* how many are changed or missing */
};

/*
 * Hold a list against all files below a folder, other catalogs and symbolic links left out;
 * free with cat_result_free().
 */
enum vf_code cat_verify_dir(const struct cat_list *list, const char *dir, struct cat_result *out,
                            struct vf_err *err);
void cat_result_free(struct cat_result *result);

#endif
