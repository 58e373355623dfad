/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family of rules about signatures, embedded ones and those of catalogs. */
#include "builder/verify/verify_private.h"

#include <stdlib.h>
#include <string.h>

/* "CN=name,O=..." of RFC 2253 to "name"; the whole text where there is no common name. */
static char *common_name(const char *subject)
{
    const char *start = strstr(subject, "CN=");
    struct vf_buf name = VF_BUF_INIT;

    if (!start || (start != subject && start[-1] != ','))
        return strdup(subject);
    for (const char *p = start + 3; *p && *p != ','; p++) {
        if (*p == '\\' && p[1])
            p++;
        vf_buf_append(&name, p, 1);
    }
    const char *text = vf_buf_text(&name);
    char *copy = text ? strdup(text) : NULL;
    vf_buf_free(&name);
    return copy;
}

/*
 * Is the signer's certificate the one that was issued? Nothing in the signature covers it: its own
 * signature must be by itself, by a certificate carried along, or by a root that was given.
 */
static const char *certificate_fault(const struct sign_report *seen)
{
    if (seen->vouched || seen->chain == SIGN_CHAIN_TRUSTED)
        return NULL;
    return "the signer's certificate was changed, or its issuer's is not carried along; give that "
           "with --root";
}

static void check_chain(struct verify_run *run, const char *path, const struct sign_report *seen)
{
    if (seen->chain == SIGN_CHAIN_UNTRUSTED)
        verify_add(run->report, RULE_CHAIN, path, 0, "signed by %s: %s", seen->signer.subject,
                   seen->why);
}

bool verify_embedded(struct verify_run *run, const char *path, struct vf_view content, bool boot)
{
    struct sign_report seen;
    struct vf_err err;

    if (sign_inspect(content, run->roots, &seen, &err)) {
        verify_add(run->report, RULE_PE_SIGNATURE, path, 0, "%s", err.text);
        return false;
    }
    if (!seen.present) {
        if (boot)
            verify_add(run->report, RULE_BOOT_SIGNATURE, path, 0,
                       "started at boot by its INF, and not signed itself");
        return false;
    }
    if (!seen.valid) {
        verify_add(run->report, RULE_PE_SIGNATURE, path, 0, "%s", seen.why);
        return false;
    }
    if (certificate_fault(&seen)) {
        verify_add(run->report, RULE_PE_SIGNATURE, path, 0, "%s", certificate_fault(&seen));
        return false;
    }
    check_chain(run, path, &seen);
    return true;
}

bool verify_catalog_signature(struct verify_run *run, const char *path, struct vf_view content,
                              struct sign_report *seen, char **signer)
{
    struct vf_err err;

    if (sign_inspect(content, run->roots, seen, &err)) {
        verify_add(run->report, RULE_CAT_FORMAT, path, 0, "%s", err.text);
        return false;
    }
    if (!seen->present) {
        verify_add(run->report, RULE_CAT_UNSIGNED, path, 0, "no signature in it");
        return true;
    }
    *signer = common_name(seen->signer.subject);
    if (!seen->valid)
        verify_add(run->report, RULE_CAT_SIGNATURE, path, 0, "%s", seen->why);
    else if (certificate_fault(seen))
        verify_add(run->report, RULE_CAT_SIGNATURE, path, 0, "%s", certificate_fault(seen));
    else
        check_chain(run, path, seen);
    return true;
}
