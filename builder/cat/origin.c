/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cat/origin.h"

#include <string.h>

#define USAGE_WHQL        "1.3.6.1.4.1.311.10.3.5"
#define USAGE_ATTESTATION "1.3.6.1.4.1.311.10.3.5.1"
#define QUALIFICATION     "Qualification Level"

static bool has_usage(const struct sign_certificate *certificate, const char *oid)
{
    for (unsigned i = 0; i < certificate->usage_count; i++)
        if (strcmp(certificate->usages[i], oid) == 0)
            return true;
    return false;
}

enum cat_origin cat_origin_of(const struct cat_list *list, const struct sign_report *signature)
{
    if (!signature->present)
        return CAT_UNSIGNED;
    if (signature->signer.self_signed)
        return CAT_TEST;
    if (has_usage(&signature->signer, USAGE_ATTESTATION))
        return CAT_ATTESTATION;
    if (has_usage(&signature->signer, USAGE_WHQL) && cat_list_value(list, QUALIFICATION))
        return CAT_WHQL;
    return CAT_VENDOR;
}

const char *cat_origin_text(enum cat_origin origin)
{
    static const char *const texts[] = {[CAT_UNSIGNED] = "unsigned",
                                        [CAT_WHQL] = "WHQL",
                                        [CAT_ATTESTATION] = "attestation",
                                        [CAT_VENDOR] = "vendor",
                                        [CAT_TEST] = "test"};
    return texts[origin];
}
