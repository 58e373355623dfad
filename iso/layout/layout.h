/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which package goes where on a driver disc.
 *
 * The places are virtio-win's, because Windows Setup, virt-v2v, packer recipes and answer files
 * know them:
 *
 *   <Driver>/<os>/<arch>/    every package
 *   amd64/<os>/ i386/<os>/ ARM64/<os>/
 *                            the storage drivers once more, where Setup's "Load driver" looks by
 *                            itself; storage only, for Setup would list any other driver twice
 *   data/info.json           all drivers with their versions, for programs
 *   cert/                    the certificate that signed, where it is one of our own making
 *   licenses/ README.txt SHA256SUMS
 *
 * Packages come from a folder of the same shape, PACKAGES/<Driver>/<os>/<arch>/. What an INF says
 * is asked of the caller, so that this library need not read INF files.
 */
#ifndef ISO_LAYOUT_LAYOUT_H
#define ISO_LAYOUT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "iso/writer.h"

/* Texts are owned by whoever asked and freed with free(). */
struct iso_layout_inf {
    char *name;    /* of the device: "VirtIO SCSI controller" */
    char *version; /* of DriverVer: "100.0.1.2" */
};

/*
 * Tell what an INF says. path names it in messages. A failure's code and message become those of
 * the layout; texts already set are freed all the same.
 */
typedef enum vf_code iso_layout_describe(void *context, const char *path, struct vf_view inf,
                                         struct iso_layout_inf *out, struct vf_err *err);

struct iso_layout {
    const char *packages;        /* the folder */
    const char *label;           /* of the disc, for README.txt */
    bool pdb;                    /* put debugging symbols on the disc too */
    const char *certificate;     /* a .cer file, or NULL */
    const char *const *licenses; /* files, put into licenses/ under their own names */
    size_t license_count;
    iso_layout_describe *describe;
    void *context;
};

/*
 * Add everything to a fresh writer. VF_MALFORMED, naming the folder, where packages holds what is
 * no <Driver>/<os>/<arch>, or a package without INF.
 */
enum vf_code iso_layout_virtio_win(const struct iso_layout *layout, struct iso_writer *writer,
                                   struct vf_err *err);

#endif
