/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From an INF and driver binaries to a package that Windows can take: a folder with the stamped
 * INF, the finished and signed binaries, and the signed catalog over both.
 *
 * Order matters and is fixed: the INF is stamped first (its hash goes into the catalog); binaries
 * get their section flags and PE checksum, then their embedded signature; the catalog is made over
 * the files as they then are, and signed last.
 */
#ifndef BUILDER_PACKAGE_PACKAGE_H
#define BUILDER_PACKAGE_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "builder/package/target.h"
#include "util/error.h"

struct sign_key;

/* No file of a package may be larger, in bytes. */
#define PACKAGE_FILE_MAX ((size_t)256 << 20)
/* No package may hold more files. */
#define PACKAGE_FILES_MAX 1024u

struct package_request {
    const char *const *inputs; /* files, or one folder of files */
    size_t input_count;
    const struct package_target *target;
    const char *version;        /* w.x.y.z for DriverVer; NULL: the INF's own */
    const char *catalog_os;     /* comma list of catalog OS names; NULL: the target's */
    const struct sign_key *key; /* NULL: nothing is signed */
    int64_t epoch;              /* seconds since 1970 for every date */
    const char *output;         /* folder to be made */
    bool force;                 /* replace it where it exists */
};

struct package_summary {
    size_t files;    /* in the package, the catalog included */
    size_t binaries; /* of these, PE images */
    size_t ids;      /* hardware ids in the catalog */
};

/*
 * Make a package. The folder appears whole or not at all. VF_MALFORMED for inputs that are not what
 * a package needs (no or two INF files, an INF that names an absent file, a damaged image or one of
 * another architecture), VF_POLICY for an image that Windows refuses to load, VF_USAGE for an
 * output that exists.
 */
enum vf_code package_make(const struct package_request *request, struct package_summary *summary,
                          struct vf_err *err);

#endif
