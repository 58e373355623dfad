/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of Microsoft's policy: every row answers for a package made for it, and none other. */
#include "tests/unit/unit.h"

#include <string.h>

#include "builder/verify/policy.h"

#define KERNEL FACT_KERNEL
#define A64    INF_ARCH_AMD64
#define A32    INF_ARCH_X86
#define ARM    INF_ARCH_ARM64
#define SB     POLICY_SECURE_BOOT
#define OFF    POLICY_NO_SECURE_BOOT
#define TST    POLICY_TEST_SIGNING
#define SM     POLICY_S_MODE

/* In the table's order, one case a row and a few more behind the row they belong to. */
static const struct policy_case {
    const char *release;
    const char *words;
    unsigned facts;
    enum cat_origin origin;
    enum inf_arch arch;
    enum policy_state state;
    enum policy_answer answer;
    bool more; /* the row is that of the case before */
} cases[] = {
    {"2k22", "server", KERNEL, CAT_WHQL, A64, SM, POLICY_NO_SUCH, false},
    {"w8.1", "Windows 10", KERNEL, CAT_WHQL, A64, SM, POLICY_NO_SUCH, false},
    {"w7", "Windows 8", KERNEL, CAT_WHQL, A64, SB, POLICY_NO_SUCH, false},
    {"w11", "names files", KERNEL | FACT_INCOMPLETE, CAT_WHQL, A64, SB, POLICY_REFUSED, false},
    {"w11", "names files", KERNEL | FACT_INCOMPLETE, CAT_TEST, A64, TST, POLICY_REFUSED, true},
    {"w11", "machine", KERNEL | FACT_OTHER_MACHINE, CAT_WHQL, A64, SB, POLICY_REFUSED, false},
    {"w10", "damaged", KERNEL | FACT_IMAGE_WRONG, CAT_WHQL, A64, OFF, POLICY_REFUSED, false},
    {"w10", "catalog", KERNEL | FACT_CATALOG_WRONG, CAT_WHQL, A64, TST, POLICY_REFUSED, false},
    {"w11", "boot-start", KERNEL | FACT_BOOT_UNSIGNED, CAT_WHQL, A64, SB, POLICY_REFUSED, false},
    {"w7", "warning", KERNEL, CAT_UNSIGNED, A32, OFF, POLICY_DEPENDS, false},
    {"w10", "enforcement", KERNEL, CAT_UNSIGNED, A32, TST, POLICY_DEPENDS, false},
    {"w10", "not signed", KERNEL, CAT_UNSIGNED, A32, SB, POLICY_REFUSED, false},
    {"w11", "not signed", KERNEL, CAT_UNSIGNED, A64, TST, POLICY_REFUSED, true},
    {"w7", "not signed", KERNEL, CAT_UNSIGNED, A64, OFF, POLICY_REFUSED, true},
    {"w11", "TrustedPublisher", KERNEL, CAT_TEST, A64, TST, POLICY_LOADS, false},
    {"2k25", "TrustedPublisher", KERNEL, CAT_TEST, ARM, TST, POLICY_LOADS, true},
    {"w10", "32-bit", KERNEL, CAT_TEST, A32, OFF, POLICY_DEPENDS, false},
    {"w11", "test certificate", KERNEL, CAT_TEST, A64, SB, POLICY_REFUSED, false},
    {"w11", "test certificate", KERNEL, CAT_TEST, A64, OFF, POLICY_REFUSED, true},
    {"w11", "test certificate", KERNEL, CAT_TEST, A64, SM, POLICY_REFUSED, true},
    {"2k22", "test certificate", KERNEL, CAT_TEST, A64, OFF, POLICY_REFUSED, true},
    {"w11", "S mode", KERNEL, CAT_ATTESTATION, A64, SM, POLICY_REFUSED, false},
    {"w10", "S mode", KERNEL, CAT_VENDOR, A64, SM, POLICY_REFUSED, true},
    {"w8", "SHA-1", KERNEL | FACT_SHA1_MEMBERS | FACT_NOT_EMBEDDED, CAT_WHQL, A64, OFF,
     POLICY_REFUSED, false},
    {"2k22", "any certificate", KERNEL, CAT_ATTESTATION, A64, TST, POLICY_LOADS, false},
    {"w11", "any certificate", KERNEL | FACT_SHA1_MEMBERS, CAT_WHQL, A64, TST, POLICY_LOADS, true},
    {"w7", "any certificate", KERNEL | FACT_SHA1_MEMBERS | FACT_NOT_EMBEDDED, CAT_WHQL, A64, TST,
     POLICY_LOADS, true},
    {"2k8R2", "KB3033929", KERNEL | FACT_SHA256_SIGNED, CAT_WHQL, A64, OFF, POLICY_DEPENDS, false},
    {"w7", "KB3033929", KERNEL | FACT_SHA256_SIGNED, CAT_VENDOR, A32, OFF, POLICY_DEPENDS, true},
    {"w11", "Microsoft", KERNEL | FACT_SHA256_SIGNED, CAT_WHQL, A64, SB, POLICY_LOADS, false},
    {"w11", "Microsoft", KERNEL | FACT_SHA256_SIGNED, CAT_WHQL, A64, SM, POLICY_LOADS, true},
    {"2k25", "Microsoft", KERNEL | FACT_SHA256_SIGNED, CAT_WHQL, ARM, SB, POLICY_LOADS, true},
    {"w7", "Microsoft", KERNEL, CAT_WHQL, A64, OFF, POLICY_LOADS, true},
    {"w8.1", "Windows 10 and later", KERNEL, CAT_ATTESTATION, A64, OFF, POLICY_REFUSED, false},
    {"2k12R2", "Windows 10 and later", KERNEL, CAT_ATTESTATION, A64, SB, POLICY_REFUSED, true},
    {"2k16", "WHQL", KERNEL, CAT_ATTESTATION, A64, SB, POLICY_REFUSED, false},
    {"2k25", "WHQL", KERNEL, CAT_ATTESTATION, A64, OFF, POLICY_REFUSED, true},
    {"w11", "arm64", KERNEL, CAT_ATTESTATION, ARM, SB, POLICY_DEPENDS, false},
    {"w11", "attested", KERNEL, CAT_ATTESTATION, A64, SB, POLICY_LOADS, false},
    {"w10", "attested", KERNEL, CAT_ATTESTATION, A32, OFF, POLICY_LOADS, true},
    {"w8.1", "cross-certificate", KERNEL, CAT_VENDOR, A64, SB, POLICY_DEPENDS, false},
    {"w7", "cross-certificate", KERNEL, CAT_VENDOR, A64, OFF, POLICY_DEPENDS, true},
    {"2k19", "WHQL", KERNEL, CAT_VENDOR, A64, OFF, POLICY_REFUSED, false},
    {"w10", "Secure Boot off", KERNEL, CAT_VENDOR, A64, OFF, POLICY_DEPENDS, false},
    {"w11", "Secure Boot off", KERNEL, CAT_VENDOR, A64, OFF, POLICY_DEPENDS, true},
    {"w10", "1803", KERNEL | FACT_ISSUED_BEFORE_1507, CAT_VENDOR, A64, SB, POLICY_DEPENDS, false},
    {"w10", "1607", KERNEL, CAT_VENDOR, A64, SB, POLICY_DEPENDS, false},
    {"w11", "not by Microsoft", KERNEL, CAT_VENDOR, A64, SB, POLICY_REFUSED, false},
    {"w11", "not by Microsoft", KERNEL | FACT_ISSUED_BEFORE_1507, CAT_VENDOR, A64, SB,
     POLICY_REFUSED, true},
    {"w11", "not by Microsoft", KERNEL, CAT_VENDOR, ARM, OFF, POLICY_REFUSED, true},
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

static void every_row_answers_for_its_case(void **state)
{
    (void)state;
    size_t row = SIZE_MAX;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        const struct policy_case *c = &cases[i];
        const struct inf_release *release = inf_release_named(c->release);
        row += !c->more;
        size_t got = policy_row_of(c->facts, c->origin, release, c->arch, c->state);
        struct policy_verdict v = policy_judge(c->facts, c->origin, release, c->arch, c->state);
        if (got != row || v.answer != c->answer || !strstr(v.why, c->words))
            fail_msg("case %zu: row %zu, not %zu: %s: %s", i, got, row,
                     policy_answer_text(v.answer), v.why);
    }
    assert_int_equal(row + 1, policy_row_count());
}

/* With test signing off, no 64-bit Windows takes what nobody but its maker has signed. */
static void only_test_signing_loads_test_signed_drivers_on_64_bit(void **state)
{
    (void)state;
    const struct inf_release *release;
    for (size_t r = 0; (release = inf_release_at(r)); r++)
        for (int s = 0; s < POLICY_STATE_COUNT; s++) {
            struct policy_verdict v = policy_judge(KERNEL | FACT_SHA256_SIGNED, CAT_TEST, release,
                                                   A64, (enum policy_state)s);
            assert_int_equal(v.answer == POLICY_LOADS, s == POLICY_TEST_SIGNING);
            assert_int_not_equal(v.answer, POLICY_DEPENDS);
        }
}

static void releases_exist_for_the_machines_they_were_made_for(void **state)
{
    (void)state;
    assert_true(policy_release_exists(inf_release_named("w10"), A32));
    assert_false(policy_release_exists(inf_release_named("w11"), A32));
    assert_false(policy_release_exists(inf_release_named("2k16"), A32));
    assert_true(policy_release_exists(inf_release_named("w7"), A64));
    assert_true(policy_release_exists(inf_release_named("w11"), ARM));
    assert_false(policy_release_exists(inf_release_named("w8.1"), ARM));
    assert_false(policy_release_exists(inf_release_named("2k22"), ARM));
    assert_true(policy_release_exists(inf_release_named("2k25"), ARM));
    assert_false(policy_release_exists(inf_release_named("w10"), INF_ARCH_IA64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_answers_for_its_case),
        cmocka_unit_test(only_test_signing_loads_test_signed_drivers_on_64_bit),
        cmocka_unit_test(releases_exist_for_the_machines_they_were_made_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
