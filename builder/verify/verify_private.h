/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the families of checks report; see verify.h for what they judge. */
#ifndef BUILDER_VERIFY_VERIFY_PRIVATE_H
#define BUILDER_VERIFY_VERIFY_PRIVATE_H

#include "builder/cat/cat.h"
#include "builder/sign/sign.h"
#include "builder/verify/verify.h"
#include "inf/package.h"
#include "inf/inf.h"

#define VERIFY_INF_MAX    (16u << 20)
#define VERIFY_MEMBER_MAX (512u << 20)
/* All that is read for one judgement. A disc can be small and have many names for one large file.
 */
#define VERIFY_BYTES_MAX ((uint64_t)16 << 30)

struct verify_report {
    struct verify_finding *findings;
    size_t finding_count, finding_room;
    struct verify_package *packages;
    size_t package_count, package_room;
    size_t errors;
    bool failed; /* memory ran short while a finding was recorded */
};

struct verify_run {
    const struct tree *tree;
    const struct sign_roots *roots; /* NULL: chains are not judged */
    struct verify_report *report;
    uint64_t bytes_left; /* of VERIFY_BYTES_MAX */
};

/* As tree_read(), within what is left to read; VF_MALFORMED beyond it. */
enum vf_code verify_read(struct verify_run *run, const struct tree_file *file, size_t limit,
                         struct vf_buf *out, struct vf_err *err);

/* Record a finding; line 0 for none. */
void verify_add(struct verify_report *report, enum verify_rule_id rule, const char *path,
                unsigned line, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The package around one INF: INF, driver files, catalog. */
enum vf_code verify_package(struct verify_run *run, const struct tree_file *inf,
                            struct vf_err *err);

/* What a package asks of one of its binaries. */
struct verify_asked {
    bool boot;        /* its INF starts it at boot */
    bool integrity;   /* it is for a Windows that has memory integrity */
    uint16_t machine; /* IMAGE_FILE_MACHINE of folder and INF, 0 where they ask for none */
};

/* One driver binary. True where it is signed itself, rightly. */
bool verify_binary(struct verify_run *run, const char *path, struct vf_view content,
                   const struct verify_asked *asked);

/* A binary's embedded signature, if there is one; boot demands it. True where it is right. */
bool verify_embedded(struct verify_run *run, const char *path, struct vf_view content, bool boot);

/*
 * A catalog's signature, as seen in *seen. False where it is no catalog. *signer is set to a new
 * string where there is a signer.
 */
bool verify_catalog_signature(struct verify_run *run, const char *path, struct vf_view content,
                              struct sign_report *seen, char **signer);

/*
 * A catalog: its signature, and that it names nothing which is not there. *list is what it says,
 * to be freed with cat_list_free(), or NULL where it cannot be read. Sets the package's signer and
 * what the catalog means to its verdict.
 */
enum vf_code verify_catalog(struct verify_run *run, const struct tree_file *file,
                            struct cat_list **list, struct verify_package *package,
                            struct vf_err *err);

/* A file of the package against its catalog's list; catalog is the latter's path. */
void verify_listed(struct verify_run *run, const char *catalog, const struct cat_list *list,
                   const char *path, struct vf_view content);

/*
 * What a catalog says it is for, against its INF: the hardware ids, and a Windows for each of a set
 * of INF_ARCH_BIT()s.
 */
enum vf_code verify_claims(struct verify_run *run, const char *catalog, const struct cat_list *list,
                           const struct inf_package *package, unsigned arches, struct vf_err *err);

/* Is a catalog for Windows 10 or later? So taken where it names no system, or one not known here.
 */
bool verify_is_for_10(const struct cat_list *list);

/* Add to a verdict: that a file of an architecture, or of all (NONE), is missing; */
void verdict_add_missing(struct verify_verdict *verdict, enum inf_arch arch);
/* what a finding means; a driver, signed itself or not; the catalog. */
void verdict_add_finding(struct verify_verdict *verdict, enum verify_rule_id rule);
void verdict_add_driver(struct verify_verdict *verdict, bool embedded);
void verdict_add_catalog(struct verify_verdict *verdict, const struct cat_list *list,
                         const struct sign_report *signature);
/* The systems of a set of INF_ARCH_BIT()s, and which of them the INF serves. */
enum vf_code verdict_add_systems(struct verify_verdict *verdict, const struct inf_file *inf,
                                 unsigned arches, struct vf_err *err);

/* What concerns the whole: names, label, sums, short trees, data/info.json. */
enum vf_code verify_disc(struct verify_run *run, struct vf_err *err);

#endif
