/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Authenticode statement "this digest is of that kind of file" (SpcIndirectDataContent): what a
 * PE signature signs, and what a catalog keeps for each member.
 *
 * Source: "Windows Authenticode Portable Executable Signature Format" (2008),
 * "SpcIndirectDataContent".
 */
#ifndef BUILDER_SIGN_SPC_H
#define BUILDER_SIGN_SPC_H

#include <stdbool.h>

#include "util/bytes.h"
#include "util/digest.h"
#include "util/error.h"

#define SPC_OID_INDIRECT_DATA  "1.3.6.1.4.1.311.2.1.4"
#define SPC_OID_STATEMENT_TYPE "1.3.6.1.4.1.311.2.1.11"
#define SPC_OID_OPUS_INFO      "1.3.6.1.4.1.311.2.1.12"
#define SPC_OID_INDIVIDUAL     "1.3.6.1.4.1.311.2.1.21"
#define SPC_OID_RFC3161_TOKEN  "1.3.6.1.4.1.311.3.3.1"
#define SPC_OID_NESTED         "1.3.6.1.4.1.311.2.4.1"
#define SPC_OID_CTL            "1.3.6.1.4.1.311.10.1"

enum spc_kind {
    SPC_FLAT,    /* plain digest of all bytes */
    SPC_IMAGE,   /* Authenticode digest of a PE image */
    SPC_CABINET, /* Authenticode digest of a cabinet */
};

struct spc_statement {
    enum spc_kind kind;
    struct vf_digest digest;

    enum vf_hash page_hash;
    /* of an image rows of pe_page_hashes(), of a cabinet its "enhanced hash"; empty for none.
     * Borrowed */
    struct vf_view page_rows;

    bool in_catalog;    /* an image's covered parts are spelled out, as catalogs do */
    bool obsolete_name; /* older tools write the text "<<<Obsolete>>>" for the absent file name */
};

/* Append the statement's DER encoding. */
enum vf_code spc_encode(const struct spc_statement *statement, struct vf_buf *out,
                        struct vf_err *err);

/*
 * Read one that fills der wholly (BER is accepted). Any page rows are copied to rows, which
 * out->page_rows then borrows. VF_MALFORMED where it is none, of another kind of file, or with a
 * digest other than SHA-1 or SHA-256.
 */
enum vf_code spc_decode(struct vf_view der, struct spc_statement *out, struct vf_buf *rows,
                        struct vf_err *err);

/* Append the DER of SpcSpOpusInfo: what is signed and where to read more; either may be NULL. */
enum vf_code spc_encode_opus(const char *name, const char *url, struct vf_buf *out,
                             struct vf_err *err);

/* Append the name that a SpcSpOpusInfo states, as UTF-8; nothing where it states none. */
enum vf_code spc_decode_opus(struct vf_view der, struct vf_buf *name, struct vf_err *err);

/* Append the DER of SpcStatementType: an individual's code signing. */
enum vf_code spc_encode_statement_type(struct vf_buf *out, struct vf_err *err);

#endif
