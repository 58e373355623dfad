/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging a driver disc, folder or archive: is it fit to be handed to Windows?
 *
 * verify_run() walks every INF of a tree and judges the package around it (the folder the INF is
 * in), then the disc as a whole. What it finds is a list of findings, each of one rule of the table
 * in rules.c; what it saw is a list of packages. A finding says which file, what was expected and
 * what to do. Nothing here says that Windows will load a driver: only what was checked.
 */
#ifndef BUILDER_VERIFY_VERIFY_H
#define BUILDER_VERIFY_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "builder/verify/tree.h"
#include "builder/verify/verdict.h"
#include "util/error.h"

enum verify_level {
    VERIFY_WARNING, /* works, but not as it should be */
    VERIFY_ERROR,   /* Windows, or its Setup, will refuse or misread it */
};

enum verify_rule_id {
    RULE_NO_PACKAGE,
    RULE_INF_SYNTAX,
    RULE_INF_CATALOG,
    RULE_INF_FILE,
    RULE_INF_MACHINE,
    RULE_INF_DRIVERVER,
    RULE_PE_FORMAT,
    RULE_PE_MACHINE,
    RULE_PE_CHECKSUM,
    RULE_PE_WRITABLE_CODE,
    RULE_PE_SIGNATURE,
    RULE_BOOT_SIGNATURE,
    RULE_CAT_MISSING,
    RULE_CAT_FORMAT,
    RULE_CAT_UNSIGNED,
    RULE_CAT_SIGNATURE,
    RULE_CAT_MEMBER,
    RULE_CAT_HASH,
    RULE_CAT_LINE_ENDS,
    RULE_CAT_EXTRA,
    RULE_CAT_HWID,
    RULE_CAT_OS,
    RULE_CHAIN,
    RULE_NAME,
    RULE_CASE,
    RULE_LABEL,
    RULE_SHORT_DRIVER,
    RULE_SHORT_DIFFERS,
    RULE_SHORT_MISSING,
    RULE_SUMS_MISSING,
    RULE_SUMS_DIFFER,
    RULE_INFO,
    RULE_COUNT
};

struct verify_rule {
    const char *name; /* stable, for machines: "cat-hash" */
    enum verify_level level;
    const char *expected; /* what the rule demands, in a sentence */
    const char *remedy;   /* what to do where it is broken */
};

/* The rule of an id; never NULL for an id of the enumeration. */
const struct verify_rule *verify_rule(enum verify_rule_id id);

struct verify_finding {
    enum verify_rule_id rule;
    char *path;    /* of the file judged, in the tree; "" for the whole */
    unsigned line; /* 1-based, 0 where there is none */
    char *text;    /* what was seen */
};

struct verify_package {
    char *inf;        /* path in the tree */
    char *name;       /* file stem of the INF */
    char *os;         /* folder names, "" where the INF is not at <driver>/<os>/<arch>/ */
    char *arch;       /* "amd64", "x86", "arm64" by folder, else by the INF */
    char *driver_ver; /* as the INF states it */
    char *signer;     /* common name of the catalog's signer, "" where unsigned */
    size_t errors, warnings;
    struct verify_verdict verdict;
};

struct verify_options {
    const char *const *roots; /* PEM or DER certificate files that chains may end in */
    size_t root_count;        /* 0: chains are not judged */
};

struct verify_report;

/*
 * Judge a tree. VF_OK where the judging was done, whatever it found; a failure where it could not
 * be (memory, reading). The report must be freed with verify_report_free().
 */
enum vf_code verify_run(const struct tree *tree, const struct verify_options *options,
                        struct verify_report **report, struct vf_err *err);
void verify_report_free(struct verify_report *report);

size_t verify_finding_count(const struct verify_report *report);
const struct verify_finding *verify_finding_at(const struct verify_report *report, size_t index);
size_t verify_package_count(const struct verify_report *report);
const struct verify_package *verify_package_at(const struct verify_report *report, size_t index);
size_t verify_error_count(const struct verify_report *report);

#endif
