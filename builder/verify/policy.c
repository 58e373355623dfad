/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/verify/policy.h"

#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* first builds, as in the table of releases of inf/target.c */
#define BUILD_8    9200u
#define BUILD_10   10240u
#define BUILD_11   22000u
#define BUILD_2025 26100u

#define BIT(value) (1u << (value))

/* sets for the columns of the table; 0 stands for any */
#define UNSIGNED    BIT(CAT_UNSIGNED)
#define TEST        BIT(CAT_TEST)
#define VENDOR      BIT(CAT_VENDOR)
#define ATTESTATION BIT(CAT_ATTESTATION)
#define WHQL        BIT(CAT_WHQL)
#define SECURE      BIT(POLICY_SECURE_BOOT)
#define INSECURE    BIT(POLICY_NO_SECURE_BOOT)
#define TESTSIGNING BIT(POLICY_TEST_SIGNING)
#define S_MODE      BIT(POLICY_S_MODE)
#define X86         BIT(INF_ARCH_X86)
#define ARM64       BIT(INF_ARCH_ARM64)
#define CLIENT      BIT(INF_PRODUCT_WORKSTATION)
#define SERVER      BIT(INF_PRODUCT_SERVER)

/*
 * The first row that fits gives the answer; the last fits all that is left. Sources are pages of
 * Microsoft's Windows driver documentation, by title:
 *
 *   [policy]  "Driver Signing Policy"
 *   [kmcs]    "Kernel-Mode Code Signing Requirements" and "Installing a Boot-Start Driver"
 *   [catalog] "Catalog Files and Digital Signatures"
 *   [test]    "The TESTSIGNING Boot Configuration Option" and "Installing Test Certificates"
 *   [attest]  "Attestation Signing a Kernel Driver for Public Release"
 *   [smode]   "Windows 10 in S mode Driver Requirements"
 *   [inf]     "INF Models Section" and "INF SourceDisksFiles Section"
 *   [sha2]    "SHA-2 Code Signing Support for Windows 7 and Windows Server 2008 R2" (KB3033929)
 *   [use]     no page: packages in wide use are so
 */
static const struct row {
    unsigned facts; /* that must all hold */
    unsigned origins, states, arches, products;
    uint32_t first_build, end_build; /* [first, end); end 0: no end */
    enum policy_answer answer;
    const char *why;
} rows[] = {
    /* [smode] S mode is one of clients, from Windows 10 on */
    {0, 0, S_MODE, 0, SERVER, 0, 0, POLICY_NO_SUCH, "no server has an S mode"},
    {0, 0, S_MODE, 0, 0, 0, BUILD_10, POLICY_NO_SUCH, "S mode came with Windows 10"},
    /* Secure Boot came with Windows 8 and Server 2012 (UEFI 2.3.1) */
    {0, 0, SECURE, 0, 0, 0, BUILD_8, POLICY_NO_SUCH, "Secure Boot came with Windows 8"},

    /* [inf] [catalog] defects of the package itself, whatever its signature */
    {FACT_INCOMPLETE, 0, 0, 0, 0, 0, 0, POLICY_REFUSED,
     "the INF cannot be read or names files that are not in the package"},
    {FACT_OTHER_MACHINE, 0, 0, 0, 0, 0, 0, POLICY_REFUSED, "a driver is built for another machine"},
    {FACT_IMAGE_WRONG, 0, 0, 0, 0, 0, 0, POLICY_REFUSED,
     "a driver is damaged, or its own signature does not fit it"},
    {FACT_CATALOG_WRONG, 0, 0, 0, 0, 0, 0, POLICY_REFUSED,
     "the catalog is damaged or does not fit the files"},
    /* [kmcs] the boot loader reads no catalogs */
    {FACT_BOOT_UNSIGNED, 0, 0, 0, 0, 0, 0, POLICY_REFUSED,
     "a boot-start driver has no signature of its own"},

    /* [kmcs] [test] even with test signing on, a 64-bit kernel wants some signature */
    {FACT_KERNEL, UNSIGNED, 0, X86, 0, 0, BUILD_8, POLICY_DEPENDS,
     "not signed: installs on 32-bit Windows after a warning that an administrator accepts"},
    {FACT_KERNEL, UNSIGNED, INSECURE | TESTSIGNING, X86, 0, BUILD_8, 0, POLICY_DEPENDS,
     "not signed: a 32-bit kernel loads it, but it installs only with driver signature enforcement "
     "switched off for one start"},
    {0, UNSIGNED, 0, 0, 0, 0, 0, POLICY_REFUSED, "not signed"},

    /* [test] */
    {0, TEST, TESTSIGNING, 0, 0, 0, 0, POLICY_LOADS,
     "test-signed: once its certificate is in the machine's Root and TrustedPublisher stores"},
    /* [kmcs] 32-bit Windows asks for signatures when installing, not when loading */
    {0, TEST, INSECURE, X86, 0, 0, 0, POLICY_DEPENDS,
     "test-signed: 32-bit Windows installs it once its certificate is in the machine's Root and "
     "TrustedPublisher stores"},
    {0, TEST, 0, 0, 0, 0, 0, POLICY_REFUSED,
     "signed with a test certificate, which counts only with test signing on"},

    /* [smode] */
    {0, VENDOR | ATTESTATION, S_MODE, 0, 0, 0, 0, POLICY_REFUSED,
     "S mode takes only drivers that passed the hardware lab kit (WHQL)"},

    /* [catalog] a 64-bit kernel from Windows 8 on looks files up by SHA-256 */
    {FACT_KERNEL | FACT_SHA1_MEMBERS | FACT_NOT_EMBEDDED, 0, SECURE | INSECURE | TESTSIGNING,
     BIT(INF_ARCH_AMD64) | ARM64, 0, BUILD_8, 0, POLICY_REFUSED,
     "the catalog states SHA-1 digests only, and a driver has no signature of its own"},

    /* [test] any certificate will do */
    {0, VENDOR | ATTESTATION | WHQL, TESTSIGNING, 0, 0, 0, 0, POLICY_LOADS,
     "signed, and test signing accepts any certificate"},

    /* [sha2] */
    {FACT_SHA256_SIGNED, VENDOR | WHQL, 0, 0, 0, 0, BUILD_8, POLICY_DEPENDS,
     "signed with SHA-256, which Windows 7 and Server 2008 R2 read from update KB3033929 on"},

    /* [policy] */
    {0, WHQL, 0, 0, 0, 0, 0, POLICY_LOADS, "passed the hardware lab kit, signed by Microsoft"},

    /* [attest] for clients from Windows 10 on */
    {0, ATTESTATION, 0, 0, 0, 0, BUILD_10, POLICY_REFUSED,
     "attestation signatures are for Windows 10 and later"},
    {0, ATTESTATION, 0, 0, SERVER, BUILD_10, 0, POLICY_REFUSED,
     "servers from 2016 on take only drivers that passed the hardware lab kit (WHQL)"},
    /* [policy] [use] the page asks for WHQL outside x86 and x64; published arm64 drivers go without
     */
    {0, ATTESTATION, 0, ARM64, CLIENT, BUILD_10, 0, POLICY_DEPENDS,
     "attested: the policy's words ask for WHQL outside x86 and x64, though arm64 drivers with "
     "attestation signatures are in use"},
    {0, ATTESTATION, 0, 0, CLIENT, BUILD_10, 0, POLICY_LOADS, "attested, signed by Microsoft"},

    /* [policy] [kmcs] before Windows 10, a chain to a cross-certificate of Microsoft's was enough
     */
    {0, VENDOR, 0, 0, 0, 0, BUILD_10, POLICY_DEPENDS,
     "signed by its vendor: loads if the chain has Microsoft's cross-certificate and a time stamp "
     "from when that was valid"},
    {0, VENDOR, 0, 0, SERVER, BUILD_10, 0, POLICY_REFUSED,
     "servers from 2016 on take only drivers that passed the hardware lab kit (WHQL)"},
    /* [policy] 32-bit kernels, and Secure Boot off, are excepted from the rule of 1607 */
    {0, VENDOR, INSECURE, X86 | BIT(INF_ARCH_AMD64), CLIENT, BUILD_10, 0, POLICY_DEPENDS,
     "signed by its vendor: loads with Secure Boot off if the chain has Microsoft's "
     "cross-certificate and a time stamp from when that was valid"},
    /* [policy] certificates issued before 29 July 2015 were excepted; 1809 ended that */
    {FACT_ISSUED_BEFORE_1507, VENDOR, SECURE, X86 | BIT(INF_ARCH_AMD64), CLIENT, BUILD_10, BUILD_11,
     POLICY_DEPENDS,
     "signed by its vendor with a certificate from before 29 July 2015: up to version 1803, or on "
     "a machine upgraded from before 1607"},
    {0, VENDOR, SECURE, X86 | BIT(INF_ARCH_AMD64), CLIENT, BUILD_10, BUILD_11, POLICY_DEPENDS,
     "signed by its vendor, not by Microsoft: before version 1607, or on a machine upgraded from "
     "before it"},
    {0, 0, 0, 0, 0, 0, 0, POLICY_REFUSED, "signed by its vendor, not by Microsoft"},
};

static bool in_set(unsigned set, unsigned value)
{
    return !set || (set & BIT(value));
}

size_t policy_row_count(void)
{
    return COUNT(rows);
}

size_t policy_row_of(unsigned facts, enum cat_origin origin, const struct inf_release *release,
                     enum inf_arch arch, enum policy_state state)
{
    for (size_t i = 0; i + 1 < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        if ((facts & row->facts) == row->facts && in_set(row->origins, origin) &&
            in_set(row->states, state) && in_set(row->arches, arch) &&
            in_set(row->products, release->product) && release->build >= row->first_build &&
            (!row->end_build || release->build < row->end_build))
            return i;
    }
    return COUNT(rows) - 1;
}

struct policy_verdict policy_judge(unsigned facts, enum cat_origin origin,
                                   const struct inf_release *release, enum inf_arch arch,
                                   enum policy_state state)
{
    const struct row *row = &rows[policy_row_of(facts, origin, release, arch, state)];
    return (struct policy_verdict){row->answer, row->why};
}

bool policy_release_exists(const struct inf_release *release, enum inf_arch arch)
{
    bool server = release->product == INF_PRODUCT_SERVER;

    switch (arch) {
    case INF_ARCH_AMD64:
        return true;
    case INF_ARCH_X86: /* the last were Server 2008 and Windows 10 */
        return !server && release->build < BUILD_11;
    case INF_ARCH_ARM64:
        return server ? release->build >= BUILD_2025 : release->build >= BUILD_10;
    default:
        return false;
    }
}

const char *policy_state_name(enum policy_state state)
{
    static const char *const names[POLICY_STATE_COUNT] = {
        [POLICY_SECURE_BOOT] = "secure-boot",
        [POLICY_NO_SECURE_BOOT] = "no-secure-boot",
        [POLICY_TEST_SIGNING] = "test-signing",
        [POLICY_S_MODE] = "s-mode",
    };
    return names[state];
}

const char *policy_answer_text(enum policy_answer answer)
{
    static const char *const texts[] = {[POLICY_LOADS] = "yes",
                                        [POLICY_DEPENDS] = "depends",
                                        [POLICY_REFUSED] = "no",
                                        [POLICY_NO_SUCH] = "-"};
    return texts[answer];
}
