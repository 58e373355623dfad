/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "builder/sign/spc.h"

static struct vf_digest digest_of(enum vf_hash hash)
{
    struct vf_digest digest;
    struct vf_view abc = {(const uint8_t *)"abc", 3};
    assert_int_equal(vf_digest_view(hash, abc, &digest, NULL), VF_OK);
    return digest;
}

/* The octets that real catalogs hold for an image and for any other file. */
static const uint8_t image_head[] = {0x30, 0x40, 0x30, 0x1c, 0x06, 0x0a, 0x2b, 0x06, 0x01,
                                     0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x0f, 0x30, 0x0e};

static void statement_in_a_catalog_has_the_known_octets(void **state)
{
    (void)state;
    static const uint8_t image_data[] = {0x30, 0x0a, 0x03, 0x02, 0x05, 0xa0,
                                         0xa0, 0x04, 0xa2, 0x02, 0x80, 0x00};
    static const uint8_t flat_data[] = {0xa2, 0x02, 0x80, 0x00};
    struct vf_buf der = VF_BUF_INIT;
    struct spc_statement spc = {
        .kind = SPC_IMAGE, .in_catalog = true, .digest = digest_of(VF_SHA1)};
    assert_int_equal(spc_encode(&spc, &der, NULL), VF_OK);
    assert_non_null(memmem(der.data, der.size, image_data, sizeof(image_data)));
    assert_int_equal(der.data[0], image_head[0]);
    assert_memory_equal(der.data + 4, image_head + 4, 12);
    vf_buf_free(&der);
    spc.kind = SPC_FLAT;
    assert_int_equal(spc_encode(&spc, &der, NULL), VF_OK);
    assert_non_null(memmem(der.data, der.size, flat_data, sizeof(flat_data)));
    vf_buf_free(&der);
}

static void statement_comes_back_as_made(void **state)
{
    (void)state;
    uint8_t rows[2 * 36] = {0, 0, 0, 0, 7, 8, 9};
    const struct spc_statement cases[] = {
        {.kind = SPC_IMAGE, .digest = digest_of(VF_SHA256)},
        {.kind = SPC_IMAGE, .digest = digest_of(VF_SHA1), .in_catalog = true},
        {.kind = SPC_IMAGE, .digest = digest_of(VF_SHA1), .obsolete_name = true},
        {.kind = SPC_FLAT, .digest = digest_of(VF_SHA256)},
        {.kind = SPC_FLAT, .digest = digest_of(VF_SHA1), .obsolete_name = true},
        {.kind = SPC_IMAGE,
         .digest = digest_of(VF_SHA256),
         .page_hash = VF_SHA256,
         .page_rows = {rows, sizeof(rows)}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vf_buf der = VF_BUF_INIT, copy = VF_BUF_INIT;
        struct spc_statement back;
        assert_int_equal(spc_encode(&cases[i], &der, NULL), VF_OK);
        assert_int_equal(spc_decode(vf_view_of(&der), &back, &copy, NULL), VF_OK);
        assert_int_equal(back.kind, cases[i].kind);
        assert_memory_equal(&back.digest, &cases[i].digest, sizeof(back.digest));
        assert_int_equal(back.in_catalog, cases[i].in_catalog);
        assert_int_equal(back.obsolete_name, cases[i].obsolete_name);
        assert_true(vf_view_equal(back.page_rows, cases[i].page_rows));
        vf_buf_free(&copy);
        vf_buf_free(&der);
    }
}

/* Each cut and each single changed byte is either refused or decodes without harm. */
static void damaged_statements_are_survived(void **state)
{
    (void)state;
    struct spc_statement spc = {.kind = SPC_IMAGE, .digest = digest_of(VF_SHA256)}, back;
    struct vf_buf der = VF_BUF_INIT;
    assert_int_equal(spc_encode(&spc, &der, NULL), VF_OK);
    for (size_t size = 0; size < der.size; size++) {
        struct vf_buf rows = VF_BUF_INIT;
        uint8_t *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, der.data, size);
        assert_int_equal(spc_decode((struct vf_view){copy, size}, &back, &rows, NULL),
                         VF_MALFORMED);
        vf_buf_free(&rows);
        free(copy);
    }
    for (size_t i = 0; i < der.size; i++) {
        struct vf_buf rows = VF_BUF_INIT;
        der.data[i] ^= 0xff;
        spc_decode(vf_view_of(&der), &back, &rows, NULL);
        der.data[i] ^= 0xff;
        vf_buf_free(&rows);
    }
    vf_buf_free(&der);
}

static void opus_holds_what_was_given(void **state)
{
    (void)state;
    static const uint8_t nothing[] = {0x30, 0x00};
    static const uint8_t name[] = {0xa0, 0x06, 0x80, 0x04, 0, 'v', 0, 'f'};
    struct vf_buf der = VF_BUF_INIT;
    assert_int_equal(spc_encode_opus(NULL, NULL, &der, NULL), VF_OK);
    assert_int_equal(der.size, sizeof(nothing));
    assert_memory_equal(der.data, nothing, sizeof(nothing));
    vf_buf_free(&der);
    assert_int_equal(spc_encode_opus("vf", "http://a", &der, NULL), VF_OK);
    assert_memory_equal(der.data + 2, name, sizeof(name));
    assert_non_null(memmem(der.data, der.size, "http://a", 8));
    vf_buf_free(&der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statement_in_a_catalog_has_the_known_octets),
        cmocka_unit_test(statement_comes_back_as_made),
        cmocka_unit_test(damaged_statements_are_survived),
        cmocka_unit_test(opus_holds_what_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
