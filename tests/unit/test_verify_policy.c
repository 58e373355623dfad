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
    bool more; /* the row is that of the case before */
    unsigned facts;
    enum cat_origin origin;
    const char *release;
    enum inf_arch arch;
    enum policy_state state;
    enum policy_answer answer;
    const char *words;
} cases[] = {
    {false, KERNEL, CAT_WHQL, "2k22", A64, SM, POLICY_NO_SUCH, "server"},
    {false, KERNEL, CAT_WHQL, "w8.1", A64, SM, POLICY_NO_SUCH, "Windows 10"},
    {false, KERNEL, CAT_WHQL, "w7", A64, SB, POLICY_NO_SUCH, "Windows 8"},
    {false, KERNEL | FACT_INCOMPLETE, CAT_WHQL, "w11", A64, SB, POLICY_REFUSED, "names files"},
    {true, KERNEL | FACT_INCOMPLETE, CAT_TEST, "w11", A64, TST, POLICY_REFUSED, "names files"},
    {false, KERNEL | FACT_OTHER_MACHINE, CAT_WHQL, "w11", A64, SB, POLICY_REFUSED, "machine"},
    {false, KERNEL | FACT_IMAGE_WRONG, CAT_WHQL, "w10", A64, OFF, POLICY_REFUSED, "damaged"},
    {false, KERNEL | FACT_CATALOG_WRONG, CAT_WHQL, "w10", A64, TST, POLICY_REFUSED, "catalog"},
    {false, KERNEL | FACT_BOOT_UNSIGNED, CAT_WHQL, "w11", A64, SB, POLICY_REFUSED, "boot-start"},
    {false, KERNEL, CAT_UNSIGNED, "w7", A32, OFF, POLICY_DEPENDS, "warning"},
    {false, KERNEL, CAT_UNSIGNED, "w10", A32, TST, POLICY_DEPENDS, "enforcement"},
    {false, KERNEL, CAT_UNSIGNED, "w10", A32, SB, POLICY_REFUSED, "not signed"},
    {true, KERNEL, CAT_UNSIGNED, "w11", A64, TST, POLICY_REFUSED, "not signed"},
    {true, KERNEL, CAT_UNSIGNED, "w7", A64, OFF, POLICY_REFUSED, "not signed"},
    {false, KERNEL, CAT_TEST, "w11", A64, TST, POLICY_LOADS, "TrustedPublisher"},
    {true, KERNEL, CAT_TEST, "2k25", ARM, TST, POLICY_LOADS, "TrustedPublisher"},
    {false, KERNEL, CAT_TEST, "w10", A32, OFF, POLICY_DEPENDS, "32-bit"},
    {false, KERNEL, CAT_TEST, "w11", A64, SB, POLICY_REFUSED, "test certificate"},
    {true, KERNEL, CAT_TEST, "w11", A64, OFF, POLICY_REFUSED, "test certificate"},
    {true, KERNEL, CAT_TEST, "w11", A64, SM, POLICY_REFUSED, "test certificate"},
    {true, KERNEL, CAT_TEST, "2k22", A64, OFF, POLICY_REFUSED, "test certificate"},
    {false, KERNEL, CAT_ATTESTATION, "w11", A64, SM, POLICY_REFUSED, "S mode"},
    {true, KERNEL, CAT_VENDOR, "w10", A64, SM, POLICY_REFUSED, "S mode"},
    {false, KERNEL | FACT_SHA1_MEMBERS | FACT_NOT_EMBEDDED, CAT_WHQL, "w8", A64, OFF,
     POLICY_REFUSED, "SHA-1"},
    {false, KERNEL, CAT_ATTESTATION, "2k22", A64, TST, POLICY_LOADS, "any certificate"},
    {true, KERNEL | FACT_SHA1_MEMBERS, CAT_WHQL, "w11", A64, TST, POLICY_LOADS, "any certificate"},
    {true, KERNEL | FACT_SHA1_MEMBERS | FACT_NOT_EMBEDDED, CAT_WHQL, "w7", A64, TST, POLICY_LOADS,
     "any certificate"},
    {false, KERNEL | FACT_SHA256_SIGNED, CAT_WHQL, "2k8R2", A64, OFF, POLICY_DEPENDS, "KB3033929"},
    {true, KERNEL | FACT_SHA256_SIGNED, CAT_VENDOR, "w7", A32, OFF, POLICY_DEPENDS, "KB3033929"},
    {false, KERNEL | FACT_SHA256_SIGNED, CAT_WHQL, "w11", A64, SB, POLICY_LOADS, "Microsoft"},
    {true, KERNEL | FACT_SHA256_SIGNED, CAT_WHQL, "w11", A64, SM, POLICY_LOADS, "Microsoft"},
    {true, KERNEL | FACT_SHA256_SIGNED, CAT_WHQL, "2k25", ARM, SB, POLICY_LOADS, "Microsoft"},
    {true, KERNEL, CAT_WHQL, "w7", A64, OFF, POLICY_LOADS, "Microsoft"},
    {false, KERNEL, CAT_ATTESTATION, "w8.1", A64, OFF, POLICY_REFUSED, "Windows 10 and later"},
    {true, KERNEL, CAT_ATTESTATION, "2k12R2", A64, SB, POLICY_REFUSED, "Windows 10 and later"},
    {false, KERNEL, CAT_ATTESTATION, "2k16", A64, SB, POLICY_REFUSED, "WHQL"},
    {true, KERNEL, CAT_ATTESTATION, "2k25", A64, OFF, POLICY_REFUSED, "WHQL"},
    {false, KERNEL, CAT_ATTESTATION, "w11", ARM, SB, POLICY_DEPENDS, "arm64"},
    {false, KERNEL, CAT_ATTESTATION, "w11", A64, SB, POLICY_LOADS, "attested"},
    {true, KERNEL, CAT_ATTESTATION, "w10", A32, OFF, POLICY_LOADS, "attested"},
    {false, KERNEL, CAT_VENDOR, "w8.1", A64, SB, POLICY_DEPENDS, "cross-certificate"},
    {true, KERNEL, CAT_VENDOR, "w7", A64, OFF, POLICY_DEPENDS, "cross-certificate"},
    {false, KERNEL, CAT_VENDOR, "2k19", A64, OFF, POLICY_REFUSED, "WHQL"},
    {false, KERNEL, CAT_VENDOR, "w10", A64, OFF, POLICY_DEPENDS, "Secure Boot off"},
    {true, KERNEL, CAT_VENDOR, "w11", A64, OFF, POLICY_DEPENDS, "Secure Boot off"},
    {false, KERNEL | FACT_ISSUED_BEFORE_1507, CAT_VENDOR, "w10", A64, SB, POLICY_DEPENDS, "1803"},
    {false, KERNEL, CAT_VENDOR, "w10", A64, SB, POLICY_DEPENDS, "1607"},
    {false, KERNEL, CAT_VENDOR, "w11", A64, SB, POLICY_REFUSED, "not by Microsoft"},
    {true, KERNEL | FACT_ISSUED_BEFORE_1507, CAT_VENDOR, "w11", A64, SB, POLICY_REFUSED,
     "not by Microsoft"},
    {true, KERNEL, CAT_VENDOR, "w11", ARM, OFF, POLICY_REFUSED, "not by Microsoft"},
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
