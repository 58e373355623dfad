/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an INF says of its package as a whole, whatever Windows it is installed on: what catalogs,
 * discs and checks of completeness need. What one Windows would install is in model.h.
 */
#ifndef INF_PACKAGE_H
#define INF_PACKAGE_H

#include "inf/inf.h"
#include "inf/target.h"

/* A CatalogFile line of [Version]. */
struct inf_catalog {
    const char *name; /* lower case */
    enum inf_arch
        arch; /* of CatalogFile.NTarch; INF_ARCH_NONE for CatalogFile and CatalogFile.NT */
    struct inf_place place;
};

/* A line of [SourceDisksFiles] or one of its decorated forms. */
struct inf_source {
    const char *name;      /* lower case, without folder */
    const char *directory; /* disk path and subdirectory below the INF, backslashes, "" for none */
    const char *disk;      /* the disk id as written */
    int64_t size;          /* -1 where the line gives none */
    enum inf_arch arch;    /* of the section's decoration */
    struct inf_place place;
};

/* A hardware or compatible id of a models section. */
struct inf_device_id {
    const char *id;         /* lower case */
    struct inf_place place; /* where it stands first */
};

/* DriverVer's date and version; year 0 and parts 0 where absent or malformed. */
struct inf_driver_ver {
    unsigned year, month, day;
    unsigned parts[4];
    unsigned part_count;
    const char *date_text;    /* "" where absent */
    const char *version_text; /* "" where absent */
    bool date_valid, version_valid;
    struct inf_place place;
};

struct inf_package {
    const char *provider, *class_name, *class_guid, *extension_id; /* "" where absent */
    struct inf_driver_ver driver_ver;

    struct inf_catalog *catalogs;
    size_t catalog_count;
    struct inf_source *sources; /* sections in file order, lines in section order */
    size_t source_count;
    struct inf_device_id *ids; /* unique; by [Manufacturer] line, models section, line, field */
    size_t id_count;

    unsigned arches; /* INF_ARCH_BIT()s the INF decorates for; undecorated counts as x86 */
    bool primitive;  /* no [Manufacturer], but a [DefaultInstall] */
};

/*
 * Gather a file's facts. The texts belong to the package, which does not need the file any more;
 * free with inf_package_free(). Fails for want of memory only: what the file lacks is left empty.
 */
enum vf_code inf_package_make(const struct inf_file *file, struct inf_package **package,
                              struct vf_err *err);
void inf_package_free(struct inf_package *package);

/*
 * The catalog that Windows uses for an architecture: the one decorated for it, else the bare one;
 * NULL where there is neither.
 */
const struct inf_catalog *inf_package_catalog(const struct inf_package *package,
                                              enum inf_arch arch);

/* Read "mm/dd/yyyy" or "mm-dd-yyyy" of a real calendar day. */
bool inf_date_parse(const char *text, unsigned *year, unsigned *month, unsigned *day);
/* Read "w[.x[.y[.z]]]", each part below 65536; returns the parts, 0 where malformed. */
unsigned inf_version_parse(const char *text, unsigned parts[4]);

/* A GUID with braces and dashes, in any case. */
bool inf_guid_valid(const char *text);

#endif
