/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What verify_run() learnt of a package that policy.h judges by. */
#ifndef BUILDER_VERIFY_VERDICT_H
#define BUILDER_VERIFY_VERDICT_H

#include "builder/verify/policy.h"

/* releases x architectures: more rows than there are of both */
#define VERDICT_SYSTEMS_MAX 48

struct verdict_system {
    const struct inf_release *release;
    enum inf_arch arch;
    bool served; /* the INF has something for it */
};

struct verify_verdict {
    unsigned facts;      /* set of enum policy_fact */
    unsigned incomplete; /* INF_ARCH_BIT()s of those whose own files are missing */
    enum cat_origin origin;
    struct verdict_system systems[VERDICT_SYSTEMS_MAX]; /* by architecture, oldest first */
    size_t system_count;
};

/* The answer for one of its systems. */
struct policy_verdict verdict_judge(const struct verify_verdict *verdict,
                                    const struct verdict_system *system, enum policy_state state);

#endif
