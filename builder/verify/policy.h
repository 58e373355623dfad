/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which Windows is expected to load a driver package, in which state, and why not.
 *
 * The answers follow from what Microsoft has published of its signing policy; policy.c holds them
 * as a table, each row with its source. None was tried on a Windows, and whoever shows them must
 * say so: POLICY_CAVEAT.
 */
#ifndef BUILDER_VERIFY_POLICY_H
#define BUILDER_VERIFY_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "builder/cat/origin.h"
#include "inf/target.h"

#define POLICY_CAVEAT "expected by Microsoft's published policy, not tried on Windows"

/* What is known of a package, as a set. */
enum policy_fact {
    FACT_INCOMPLETE = 1 << 0,    /* the INF cannot be read, or names files that are not there */
    FACT_CATALOG_WRONG = 1 << 1, /* the catalog is broken, or does not fit the files */
    FACT_IMAGE_WRONG = 1 << 2,   /* a driver is no whole image, or its own signature is broken */
    FACT_OTHER_MACHINE = 1 << 3, /* a driver is built for another machine */
    FACT_BOOT_UNSIGNED = 1 << 4, /* a boot-start driver without a signature of its own */
    FACT_KERNEL = 1 << 5,        /* there is a driver (.sys) */
    FACT_NOT_EMBEDDED = 1 << 6,  /* a driver has no signature of its own */
    FACT_SHA1_MEMBERS = 1 << 7,  /* the catalog states SHA-1 digests only */
    FACT_SHA256_SIGNED = 1 << 8, /* the catalog's signature uses SHA-256 or better */
    FACT_ISSUED_BEFORE_1507 = 1 << 9, /* the signer's certificate is older than 2015-07-29 */
};

/* States of the machine; test signing means with Secure Boot off, as it cannot be had otherwise. */
enum policy_state {
    POLICY_SECURE_BOOT,
    POLICY_NO_SECURE_BOOT,
    POLICY_TEST_SIGNING,
    POLICY_S_MODE, /* of a client, which has Secure Boot on */
    POLICY_STATE_COUNT
};

enum policy_answer {
    POLICY_LOADS,
    POLICY_DEPENDS, /* on what why tells */
    POLICY_REFUSED,
    POLICY_NO_SUCH, /* there is no such machine */
};

struct policy_verdict {
    enum policy_answer answer;
    const char *why; /* never NULL; static */
};

/* "secure-boot", "no-secure-boot", "test-signing", "s-mode" */
const char *policy_state_name(enum policy_state state);
/* "yes", "depends", "no", "-" */
const char *policy_answer_text(enum policy_answer answer);

/* Is there such a Windows? Windows 11 has no x86 edition, for one. */
bool policy_release_exists(const struct inf_release *release, enum inf_arch arch);

/* Judge a package (facts: a set of enum policy_fact) on a Windows that its INF serves. */
struct policy_verdict policy_judge(unsigned facts, enum cat_origin origin,
                                   const struct inf_release *release, enum inf_arch arch,
                                   enum policy_state state);

/* For tests: the table's rows, and which one answers. */
size_t policy_row_count(void);
size_t policy_row_of(unsigned facts, enum cat_origin origin, const struct inf_release *release,
                     enum inf_arch arch, enum policy_state state);

#endif
