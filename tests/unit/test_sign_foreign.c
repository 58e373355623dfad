/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures and stamps as other tools and authorities make them, which ours never does. */
#include "tests/unit/unit.h"

#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "builder/sign/spc.h"
#include "builder/sign/timestamp.h"
#include "tests/unit/cat_fixture.h"
#include "tests/unit/pe_fixture.h"
#include "tests/unit/sign_fixture.h"
#include "tests/unit/tls_fixture.h"
#include "util/outfile.h"

static const struct sign_passphrase no_passphrase = {-1};

static void make_signed_catalog(const struct sign_key *key, const struct sign_authority *authority,
                                struct vf_buf *out)
{
    const struct sign_options options = {.authority = authority};
    struct cat_fixture fixture;
    struct vf_buf plain = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};

    cat_fixture_make(&fixture);
    cat_fixture_catalog(&fixture, "10_X64", &plain);
    if (sign_file(vf_view_of(&plain), key, &options, out, &err))
        fail_msg("%s", err.text);
    vf_buf_free(&plain);
    cat_fixture_free(&fixture);
}

static void inspect(const struct vf_buf *file, struct sign_report *report)
{
    assert_int_equal(sign_inspect(vf_view_of(file), NULL, report, NULL), VF_OK);
}

/* Where an OID stands behind `from`. */
static size_t find_oid(const struct vf_buf *der, size_t from, const char *text)
{
    ASN1_OBJECT *object = OBJ_txt2obj(text, 1);
    unsigned char *oid = NULL;
    int size = i2d_ASN1_OBJECT(object, &oid);
    const uint8_t *at = memmem(der->data + from, der->size - from, oid, (size_t)size);

    assert_non_null(at);
    OPENSSL_free(oid);
    ASN1_OBJECT_free(object);
    return (size_t)(at - der->data) + (size_t)size;
}

/* The end of the element at `at`, whose header is *header bytes. */
static size_t element_end(const struct vf_buf *der, size_t at, size_t *header)
{
    const unsigned char *p = der->data + at;
    long size;
    int tag, class;

    assert_int_equal(ASN1_get_object(&p, &size, &tag, &class, (long)(der->size - at)) & 0x80, 0);
    *header = (size_t)(p - der->data) - at;
    return at + *header + (size_t)size;
}

/*
 * Insert bytes at the end of the element at `at`, and lengthen it and every element around it; all
 * of these have lengths of two bytes.
 */
static void append_inside(struct vf_buf *der, size_t at, const void *bytes, size_t size)
{
    struct vf_buf out = VF_BUF_INIT;
    size_t header, start = 0, place = element_end(der, at, &header);

    while (start <= at) {
        size_t end = element_end(der, start, &header);
        if (end <= at) {
            start = end;
            continue;
        }
        assert_int_equal(der->data[start + 1], 0x82);
        size_t length = end - start - header + size;
        der->data[start + 2] = (uint8_t)(length >> 8);
        der->data[start + 3] = (uint8_t)length;
        start += header;
    }
    vf_buf_append(&out, der->data, place);
    vf_buf_append(&out, bytes, size);
    vf_buf_append(&out, der->data + place, der->size - place);
    assert_true(vf_buf_ok(&out));
    vf_buf_free(der);
    *der = out;
}

/*
 * Microsoft's time stamps up to 2021 carry an attribute certificate beside the others, in the form
 * that RFC 5652 calls obsolete ([1]).
 */
static void stamp_with_an_attribute_certificate_is_taken(void **state)
{
    static const uint8_t attribute_certificate[] = {0xA1, 0x05, 0x30, 0x03, 0x02, 0x01, 0x01};
    struct sign_authority *authority;
    struct vf_buf out = VF_BUF_INIT;
    struct sign_report report;
    size_t header;
    tls_authority_stamper("stamper.key", "stamper.pem");
    assert_int_equal(
        sign_authority_local("stamper.key", "stamper.pem", no_passphrase, &authority, NULL), VF_OK);
    make_signed_catalog(*state, authority, &out);
    inspect(&out, &report);
    assert_true(report.timestamp_valid);
    size_t at = find_oid(&out, 0, SPC_OID_RFC3161_TOKEN);
    at = find_oid(&out, at, "1.2.840.113549.1.9.16.1.4"); /* TSTInfo; then [0] with the content */
    at = element_end(&out, at, &header);
    assert_int_equal(out.data[at], 0xA0); /* the certificates */
    append_inside(&out, at, attribute_certificate, sizeof(attribute_certificate));
    inspect(&out, &report);
    assert_string_equal(report.why, "");
    assert_true(report.valid);
    assert_int_equal(report.timestamp, SIGN_TIME_RFC3161);
    assert_true(report.timestamp_valid);
    out.data[out.size - 20] ^= 1; /* the stamp's own signature */
    inspect(&out, &report);
    assert_false(report.timestamp_valid);
    vf_buf_free(&out);
    sign_authority_free(authority);
}

/* Countersign the one signature of a catalog with its own key, and MD5, as was usual until 2009. */
static void countersign(const struct sign_key *key, const EVP_MD *md, struct vf_buf *catalog)
{
    struct vf_buf pem = VF_BUF_INIT;
    const unsigned char *p = catalog->data;
    unsigned char digest[EVP_MAX_MD_SIZE], *der = NULL;
    unsigned digest_size;

    assert_int_equal(sign_key_pem(key, &pem, NULL), VF_OK);
    BIO *source = BIO_new_mem_buf(pem.data, (int)pem.size);
    EVP_PKEY *private = PEM_read_bio_PrivateKey(source, NULL, NULL, NULL);
    PKCS7 *pkcs7 = d2i_PKCS7(NULL, &p, (long)catalog->size);
    PKCS7_SIGNER_INFO *signer = sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(pkcs7), 0);
    PKCS7_SIGNER_INFO *counter = PKCS7_SIGNER_INFO_new();
    assert_int_equal(PKCS7_SIGNER_INFO_set(counter, sk_X509_value(pkcs7->d.sign->cert, 0), private,
                                           EVP_sha256()),
                     1);
    X509_ALGOR_set0(counter->digest_alg, OBJ_nid2obj(EVP_MD_get_type(md)), V_ASN1_NULL, NULL);
    EVP_Digest(signer->enc_digest->data, (size_t)signer->enc_digest->length, digest, &digest_size,
               md, NULL);
    PKCS7_add_attrib_content_type(counter, NULL);
    PKCS7_add0_attrib_signing_time(counter, NULL);
    PKCS7_add1_attrib_digest(counter, digest, (int)digest_size);
    assert_int_equal(PKCS7_SIGNER_INFO_sign(counter), 1);
    ASN1_STRING *value = ASN1_STRING_new();
    int size = i2d_PKCS7_SIGNER_INFO(counter, &der);
    ASN1_STRING_set0(value, der, size);
    PKCS7_add_attribute(signer, NID_pkcs9_countersignature, V_ASN1_SEQUENCE, value);
    der = NULL;
    size = i2d_PKCS7(pkcs7, &der);
    assert_true(size > 0);
    vf_buf_free(catalog);
    vf_buf_append(catalog, der, (size_t)size);
    OPENSSL_free(der);
    PKCS7_SIGNER_INFO_free(counter);
    PKCS7_free(pkcs7);
    EVP_PKEY_free(private);
    BIO_free(source);
    vf_buf_free(&pem);
}

static void countersignatures_are_taken_also_with_md5(void **state)
{
    const EVP_MD *const digests[] = {EVP_sha1(), EVP_sha256(), EVP_md5()};
    for (size_t i = 0; i < 3; i++) {
        struct vf_buf out = VF_BUF_INIT;
        struct sign_report report;
        make_signed_catalog(*state, NULL, &out);
        countersign(*state, digests[i], &out);
        inspect(&out, &report);
        assert_string_equal(report.why, "");
        assert_true(report.valid);
        assert_int_equal(report.timestamp, SIGN_TIME_COUNTERSIGNED);
        assert_true(report.timestamp_valid);
        assert_true(report.timestamp_time >= (int64_t)time(NULL) - 60);
        out.data[out.size - 20] ^= 1;
        inspect(&out, &report);
        assert_false(report.valid);
        assert_false(report.timestamp_valid);
        vf_buf_free(&out);
    }
}

/* A nested signature may carry no issuer: Windows finds it. It is not wrong, but not vouched. */
static void nested_signature_without_its_issuer_is_not_wrong(void **state)
{
    const struct sign_options append = {.append = true};
    struct vf_buf file = VF_BUF_INIT, first = VF_BUF_INIT, out = VF_BUF_INIT;
    struct sign_roots *roots = sign_fixture_roots(*state);
    struct sign_key *issued;
    struct sign_report report;
    struct vf_err err = {VF_OK, ""};
    tls_authority_signer("issued.key", "issued.pem");
    assert_int_equal(sign_key_load_pem("issued.key", "issued.pem", no_passphrase, &issued, NULL),
                     VF_OK);
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    sign_fixture_sign(vf_view_of(&file), *state, &first);
    if (sign_file(vf_view_of(&first), issued, &append, &out, &err))
        fail_msg("%s", err.text);
    inspect(&out, &report);
    assert_true(report.valid);
    assert_false(report.vouched);
    assert_int_equal(report.nested_count, 1);
    assert_true(report.nested[0].valid);
    assert_non_null(strstr(report.nested[0].why, "vouches"));
    /* the root of the outer one says nothing of it: then it counts as wrong */
    assert_int_equal(sign_inspect(vf_view_of(&out), roots, &report, NULL), VF_OK);
    assert_false(report.valid);
    assert_false(report.nested[0].valid);
    sign_roots_free(roots);
    sign_key_free(issued);
    vf_buf_free(&file);
    vf_buf_free(&first);
    vf_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamp_with_an_attribute_certificate_is_taken),
        cmocka_unit_test(countersignatures_are_taken_also_with_md5),
        cmocka_unit_test(nested_signature_without_its_issuer_is_not_wrong),
    };
    return cmocka_run_group_tests(tests, sign_fixture_setup, sign_fixture_teardown);
}
