/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who stands behind a catalog, told from its signer and its marks. */
#ifndef BUILDER_CAT_ORIGIN_H
#define BUILDER_CAT_ORIGIN_H

#include "builder/cat/cat.h"
#include "builder/sign/sign.h"

enum cat_origin {
    CAT_UNSIGNED,
    CAT_WHQL,        /* tested with the hardware lab kit, signed by Microsoft */
    CAT_ATTESTATION, /* signed by Microsoft on the vendor's word */
    CAT_VENDOR,      /* signed with a certificate that an authority issued */
    CAT_TEST,        /* signed with a self-signed certificate */
};

/*
 * Judged by issuer, key usages and catalog attributes alone: it says what the catalog claims to be.
 * Only a chain to a root one trusts proves it.
 */
enum cat_origin cat_origin_of(const struct cat_list *list, const struct sign_report *signature);

/* "WHQL", "attestation", "vendor", "test", "unsigned" */
const char *cat_origin_text(enum cat_origin origin);

#endif
