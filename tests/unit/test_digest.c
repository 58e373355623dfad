/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "util/digest.h"
#include "util/outfile.h"

#define ABC_SHA1   "a9993e364706816aba3e25717850c26c9cd0d89d" /* FIPS 180-4 example */
#define ABC_SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static const struct vf_view abc = {(const uint8_t *)"abc", 3};

static void known_digests_come_out(void **state)
{
    (void)state;
    struct vf_digest digest;
    char hex[VF_DIGEST_HEX_MAX];
    assert_int_equal(vf_digest_view(VF_SHA1, abc, &digest, NULL), VF_OK);
    vf_digest_hex(&digest, hex);
    assert_string_equal(hex, ABC_SHA1);
    assert_int_equal(vf_digest_view(VF_SHA256, abc, &digest, NULL), VF_OK);
    vf_digest_hex(&digest, hex);
    assert_string_equal(hex, ABC_SHA256);
}

static void file_and_bytes_agree(void **state)
{
    (void)state;
    struct vf_digest of_file, of_bytes;
    assert_int_equal(vf_out_file("abc", true, abc, NULL), VF_OK);
    assert_int_equal(vf_digest_file(VF_SHA256, "abc", &of_file, NULL), VF_OK);
    assert_int_equal(vf_digest_view(VF_SHA256, abc, &of_bytes, NULL), VF_OK);
    assert_memory_equal(&of_file, &of_bytes, sizeof(of_file));
}

static void absent_file_is_named(void **state)
{
    (void)state;
    struct vf_err err;
    struct vf_digest digest;
    assert_int_equal(vf_digest_file(VF_SHA256, "no-such", &digest, &err), VF_IO);
    assert_non_null(strstr(err.text, "no-such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_digests_come_out),
        cmocka_unit_test(file_and_bytes_agree),
        cmocka_unit_test(absent_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
