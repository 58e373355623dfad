/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From findings and signatures to the facts that policy.c judges by. */
#include "builder/verify/verify_private.h"

#include <string.h>

#include "inf/model.h"

#define ISSUED_1507 INT64_C(1438128000) /* 2015-07-29 00:00 UTC */

/* What a broken rule means to Windows; rules without a row mean nothing to its loader. */
static const struct {
    enum verify_rule_id rule;
    unsigned fact;
} rule_facts[] = {
    {RULE_INF_SYNTAX, FACT_INCOMPLETE},    {RULE_INF_MACHINE, FACT_OTHER_MACHINE},
    {RULE_PE_MACHINE, FACT_OTHER_MACHINE}, {RULE_PE_FORMAT, FACT_IMAGE_WRONG},
    {RULE_PE_SIGNATURE, FACT_IMAGE_WRONG}, {RULE_BOOT_SIGNATURE, FACT_BOOT_UNSIGNED},
    {RULE_CAT_FORMAT, FACT_CATALOG_WRONG}, {RULE_CAT_SIGNATURE, FACT_CATALOG_WRONG},
    {RULE_CAT_MEMBER, FACT_CATALOG_WRONG}, {RULE_CAT_HASH, FACT_CATALOG_WRONG},
};

void verdict_add_finding(struct verify_verdict *verdict, enum verify_rule_id rule)
{
    for (size_t i = 0; i < sizeof(rule_facts) / sizeof(rule_facts[0]); i++)
        if (rule_facts[i].rule == rule)
            verdict->facts |= rule_facts[i].fact;
}

void verdict_add_missing(struct verify_verdict *verdict, enum inf_arch arch)
{
    if (arch == INF_ARCH_NONE)
        verdict->facts |= FACT_INCOMPLETE;
    else
        verdict->incomplete |= INF_ARCH_BIT(arch);
}

void verdict_add_driver(struct verify_verdict *verdict, bool embedded)
{
    verdict->facts |= FACT_KERNEL;
    if (!embedded)
        verdict->facts |= FACT_NOT_EMBEDDED;
}

void verdict_add_catalog(struct verify_verdict *verdict, const struct cat_list *list,
                         const struct sign_report *signature)
{
    verdict->origin = cat_origin_of(list, signature);
    /* whatever it claims to be: roots were given, and it leads to none of them */
    if (signature->present && signature->chain == SIGN_CHAIN_UNTRUSTED)
        verdict->origin = CAT_TEST;
    if (list->version == 1)
        verdict->facts |= FACT_SHA1_MEMBERS;
    if (!signature->present)
        return;
    if (strcmp(signature->algorithm, "SHA1") != 0 && strcmp(signature->algorithm, "MD5") != 0)
        verdict->facts |= FACT_SHA256_SIGNED;
    if (signature->signer.not_before < ISSUED_1507)
        verdict->facts |= FACT_ISSUED_BEFORE_1507;
}

enum vf_code verdict_add_systems(struct verify_verdict *verdict, const struct inf_file *inf,
                                 unsigned arches, struct vf_err *err)
{
    static const enum inf_arch all[] = {INF_ARCH_X86, INF_ARCH_AMD64, INF_ARCH_ARM64};
    const struct inf_release *release;

    for (size_t a = 0; a < sizeof(all) / sizeof(all[0]); a++) {
        for (size_t r = 0; (release = inf_release_at(r)); r++) {
            struct inf_target target = {all[a], release->major, release->minor, release->build,
                                        release->product};
            struct inf_model *model;
            if (!(arches & INF_ARCH_BIT(all[a])) || !policy_release_exists(release, all[a]) ||
                verdict->system_count == VERDICT_SYSTEMS_MAX)
                continue;
            enum vf_code code = inf_model_make(inf, &target, &model, err);
            if (code)
                return code;
            verdict->systems[verdict->system_count++] = (struct verdict_system){
                release, all[a], model->device_count || model->copy_count || model->service_count};
            inf_model_free(model);
        }
    }
    return VF_OK;
}

struct policy_verdict verdict_judge(const struct verify_verdict *verdict,
                                    const struct verdict_system *system, enum policy_state state)
{
    if (!system->served)
        return (struct policy_verdict){POLICY_REFUSED, "the INF has no models for it"};
    unsigned facts = verdict->facts;
    if (verdict->incomplete & INF_ARCH_BIT(system->arch))
        facts |= FACT_INCOMPLETE;
    return policy_judge(facts, verdict->origin, system->release, system->arch, state);
}
