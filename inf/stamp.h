/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making the INF of a package out of a template: variables filled in, DriverVer and CatalogFile
 * set, all other bytes kept. Does what Microsoft's StampInf does, on any host, with the date given.
 *
 * A variable is written $NAME$ with capital letters, digits and underscores, anywhere in the text.
 * "$WINDOWS NT$" and "$CHICAGO$" are signatures, not variables.
 */
#ifndef INF_STAMP_H
#define INF_STAMP_H

#include "inf/inf.h"
#include "inf/target.h"

/* One variable: "$name$" becomes value. */
struct inf_variable {
    const char *name;
    const char *value;
};

struct inf_stamp {
    const char *version; /* "w.x.y.z", each part below 65536; NULL keeps the file's */
    unsigned year;       /* the date of DriverVer, UTC; year 0 keeps the file's */
    unsigned month, day;
    const char *catalog; /* CatalogFile, a bare file name; NULL keeps the file's */
    const char *section; /* where DriverVer goes; NULL for Version */
    const struct inf_variable *variables;
    size_t variable_count;
    const char *newline; /* what every line end becomes; NULL keeps them */
};

/*
 * The variables by which the templates of this project differ between targets:
 *   ARCH   the architecture's name, for decorations ("NT$ARCH$.$OS$");
 *   OS     the rest of the decoration: "10.0...16299" from Windows Server 2019 and Windows 11 on,
 *          "10.0" for the releases before, whose first builds cannot read a build number;
 *   DIRID  where the driver runs: 13, the driver store, or 12, the drivers directory. The store
 *          serves from build 16299 on (Run from Driver Store), so it goes with the OS variable.
 */
#define INF_TARGET_VARIABLES 3
void inf_stamp_target(const struct inf_target *target,
                      struct inf_variable variables[INF_TARGET_VARIABLES]);

/*
 * Append the stamped file to out, in the encoding of the file given. VF_USAGE for a variable
 * without a value, a bad version, date or catalog name, or a version asked for without a date
 * where the file has none (and the reverse); VF_MALFORMED where the section is missing.
 */
enum vf_code inf_stamp(const struct inf_file *file, const struct inf_stamp *stamp,
                       struct vf_buf *out, struct vf_err *err);

/*
 * The form in which framework co-installers carry a version: "1.15" becomes "01015". False where
 * text is not MAJOR.MINOR with at most two and three digits; a third part is ignored.
 */
bool inf_coinstaller_version(const char *text, char out[6]);

#endif
