/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging signatures. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>

#include "builder/pe/pe.h"
#include "builder/sign/sign.h"
#include "builder/sign/sign_private.h"
#include "builder/sign/spc.h"

#define CERTIFICATES_MAX 64

static void invalid(struct sign_report *report, const char *why)
{
    report->valid = false;
    if (!report->why[0])
        snprintf(report->why, sizeof(report->why), "%s", why);
}

/* An algorithm without parameters: absent, or the NULL that PKCS #1 wants. */
static bool has_no_parameters(const X509_ALGOR *algorithm)
{
    int type;

    X509_ALGOR_get0(NULL, &type, NULL, algorithm);
    return type == V_ASN1_UNDEF || type == V_ASN1_NULL;
}

const EVP_MD *sign_signer_digest(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *object;

    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    switch (OBJ_obj2nid(object)) {
    case NID_sha1:
        return EVP_sha1();
    case NID_sha256:
        return EVP_sha256();
    case NID_sha384:
        return EVP_sha384();
    case NID_sha512:
        return EVP_sha512();
    }
    return NULL;
}

/*
 * What the signature itself does not cover but every right SignedData has; so that a changed byte
 * there is noticed too.
 */
static bool frame_is_right(const PKCS7 *pkcs7, const PKCS7_SIGNER_INFO *signer)
{
    const PKCS7_SIGNED *data = pkcs7->d.sign;
    const ASN1_OBJECT *digest, *listed, *encryption;
    bool found = false;

    X509_ALGOR_get0(&digest, NULL, NULL, signer->digest_alg);
    for (int i = 0; i < sk_X509_ALGOR_num(data->md_algs); i++) {
        const X509_ALGOR *algorithm = sk_X509_ALGOR_value(data->md_algs, i);
        X509_ALGOR_get0(&listed, NULL, NULL, algorithm);
        if (!has_no_parameters(algorithm))
            return false;
        found = found || OBJ_cmp(listed, digest) == 0;
    }
    X509_ALGOR_get0(&encryption, NULL, NULL, signer->digest_enc_alg);
    int nid = OBJ_obj2nid(encryption), digest_nid = NID_undef, key_nid = NID_undef;
    if (nid != NID_rsaEncryption)
        OBJ_find_sigid_algs(nid, &digest_nid, &key_nid);
    return found && ASN1_INTEGER_get(data->version) == 1 &&
           ASN1_INTEGER_get(signer->version) == 1 && has_no_parameters(signer->digest_alg) &&
           has_no_parameters(signer->digest_enc_alg) &&
           (nid == NID_rsaEncryption ||
            (key_nid == NID_rsaEncryption && digest_nid == OBJ_obj2nid(digest)));
}

/*
 * Is the signature encoded as DER prescribes? OpenSSL reads much that is not; a changed byte must
 * not hide in that. Old tools' indefinite lengths (BER) are let pass.
 */
static bool is_canonical(const PKCS7 *pkcs7, struct vf_view der)
{
    return (der.size > 1 && der.data[1] == 0x80) || sign_pkcs7_is_der(pkcs7, der);
}

bool sign_pkcs7_is_der(const PKCS7 *pkcs7, struct vf_view der)
{
    unsigned char *again = NULL;

    int size = i2d_PKCS7(pkcs7, &again);
    bool same = size > 0 && vf_view_equal(der, (struct vf_view){again, (size_t)size});
    OPENSSL_free(again);
    return same;
}

/* OpenSSL compares names without regard to case and spaces; here each byte counts. */
static bool names_issuer_exactly(const PKCS7_SIGNER_INFO *signer, const X509 *certificate)
{
    struct vf_view one = {NULL, 0}, two = {NULL, 0};

    return X509_NAME_get0_der(signer->issuer_and_serial->issuer, &one.data, &one.size) &&
           X509_NAME_get0_der(X509_get_issuer_name(certificate), &two.data, &two.size) &&
           vf_view_equal(one, two);
}

/* Is the content type among the signed attributes the content's own? */
static bool content_type_is_signed(PKCS7_SIGNER_INFO *signer, const char *oid)
{
    const ASN1_TYPE *type = PKCS7_get_signed_attribute(signer, NID_pkcs9_contentType);

    return type && type->type == V_ASN1_OBJECT && sign_is_oid(type->value.object, oid);
}

bool sign_signature_is_right(PKCS7 *pkcs7, PKCS7_SIGNER_INFO *signer, const EVP_MD *digest,
                             X509 *certificate, struct vf_view content)
{
    bool good = false;

    if (!digest || content.size > INT_MAX)
        return false;
    BIO *filter = BIO_new(BIO_f_md()), *sink = BIO_new(BIO_s_null());
    if (filter && sink && BIO_set_md(filter, digest)) {
        BIO_push(filter, sink);
        if (BIO_write(filter, content.data, (int)content.size) == (int)content.size)
            good = PKCS7_signatureVerify(filter, pkcs7, signer, certificate) == 1;
    }
    BIO_free(filter);
    BIO_free(sink);
    ERR_clear_error();
    return good;
}

static void judge_chain(PKCS7 *pkcs7, X509 *certificate, const struct sign_roots *roots,
                        struct sign_report *report)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();

    report->chain = SIGN_CHAIN_UNTRUSTED;
    if (!context ||
        !X509_STORE_CTX_init(context, sign_roots_store(roots), certificate, pkcs7->d.sign->cert)) {
        snprintf(report->why, sizeof(report->why), "the chain could not be checked");
    } else {
        if (report->timestamp_trusted)
            X509_STORE_CTX_set_time(context, 0, (time_t)report->timestamp_time);
        if (X509_verify_cert(context) == 1)
            report->chain = SIGN_CHAIN_TRUSTED;
    }
    if (report->chain != SIGN_CHAIN_TRUSTED && context && !report->why[0]) {
        snprintf(report->why, sizeof(report->why), "certificate chain: %s",
                 X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
    }
    if (report->chain == SIGN_CHAIN_TRUSTED && !sign_is_for_signing(certificate)) {
        report->chain = SIGN_CHAIN_UNTRUSTED;
        snprintf(report->why, sizeof(report->why), "the certificate is not for code signing");
    }
    X509_STORE_CTX_free(context);
    ERR_clear_error();
}

/* Is the certificate's own signature by itself or by one of those carried? */
static bool is_vouched(X509 *certificate, STACK_OF(X509) * carried)
{
    bool good = X509_self_signed(certificate, 1) == 1;

    for (int i = 0; !good && i < sk_X509_num(carried); i++) {
        X509 *issuer = sk_X509_value(carried, i);
        EVP_PKEY *key = X509_get0_pubkey(issuer);
        good =
            issuer != certificate && key &&
            X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(certificate)) == 0 &&
            X509_verify(certificate, key) == 1;
    }
    ERR_clear_error();
    return good;
}

/* The program name among the signed attributes; unprintable bytes become '?'. */
static void read_program_name(const PKCS7_SIGNER_INFO *signer, struct sign_report *report)
{
    struct vf_buf name = VF_BUF_INIT;

    for (int i = 0; i < sk_X509_ATTRIBUTE_num(signer->auth_attr); i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(signer->auth_attr, i);
        const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
        if (!sign_is_oid(X509_ATTRIBUTE_get0_object(attribute), SPC_OID_OPUS_INFO) || !value ||
            value->type != V_ASN1_SEQUENCE)
            continue;
        const struct vf_view der = {ASN1_STRING_get0_data(value->value.sequence),
                                    (size_t)ASN1_STRING_length(value->value.sequence)};
        if (spc_decode_opus(der, &name, NULL) == VF_OK && vf_buf_text(&name))
            snprintf(report->name, sizeof(report->name), "%s", (const char *)name.data);
        break;
    }
    for (char *p = report->name; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    vf_buf_free(&name);
}

/* The one signer and its certificate among those carried. */
static void judge_signer(PKCS7 *pkcs7, const char *oid, struct vf_view element,
                         const struct sign_roots *roots, struct sign_report *report)
{
    struct vf_view content;

    PKCS7_SIGNER_INFO *signer = sk_PKCS7_SIGNER_INFO_value(pkcs7->d.sign->signer_info, 0);
    X509 *certificate = sk_X509_num(pkcs7->d.sign->cert) > CERTIFICATES_MAX
                            ? NULL
                            : PKCS7_cert_from_signer_info(pkcs7, signer);
    const EVP_MD *digest = sign_signer_digest(signer->digest_alg);
    report->certificate_count = (unsigned)sk_X509_num(pkcs7->d.sign->cert);
    if (!digest) {
        invalid(report, "signed with a digest algorithm that is not accepted");
        return;
    }
    snprintf(report->algorithm, sizeof(report->algorithm), "%s", EVP_MD_get0_name(digest));
    if (!certificate) {
        invalid(report, "the signer's certificate is not among those carried");
        return;
    }
    sign_certificate_describe(certificate, &report->signer);
    report->valid = true;
    if (!frame_is_right(pkcs7, signer) || !names_issuer_exactly(signer, certificate))
        invalid(report, "the signature's frame is not that of RSA signed data");
    if (!content_type_is_signed(signer, oid))
        invalid(report, "the signature covers another type of content");
    if (!sign_contents(element, &content) ||
        !sign_signature_is_right(pkcs7, signer, digest, certificate, content))
        invalid(report, "the content is not what was signed");
    report->vouched = is_vouched(certificate, pkcs7->d.sign->cert);
    if (report->signer.self_signed && !report->vouched)
        invalid(report, "the signer's certificate was changed");
    read_program_name(signer, report);
    sign_judge_timestamp(pkcs7, signer, roots, report);
    if (report->timestamp && !report->timestamp_valid)
        invalid(report, "the time stamp is not one of this signature");
    if (roots)
        judge_chain(pkcs7, certificate, roots, report);
}

static void judge_image_digest(const struct pe_image *image, struct vf_view element,
                               struct sign_report *report)
{
    struct vf_buf rows = VF_BUF_INIT, computed_rows = VF_BUF_INIT;
    struct spc_statement statement;
    struct vf_digest computed;

    if (spc_decode(element, &statement, &rows, NULL) || statement.kind != SPC_IMAGE) {
        invalid(report, "the signature states no image digest");
        goto done;
    }
    report->stated = statement.digest;
    if (pe_digest(image, statement.digest.hash, &computed, NULL) ||
        memcmp(computed.bytes, statement.digest.bytes, sizeof(computed.bytes)) != 0)
        invalid(report, "the image is not the one that was signed: its digest differs");
    if (statement.page_rows.size &&
        (pe_page_hashes(image, statement.page_hash, &computed_rows, NULL) ||
         !vf_view_equal(vf_view_of(&computed_rows), statement.page_rows)))
        invalid(report, "the image is not the one that was signed: its page hashes differ");
done:
    vf_buf_free(&rows);
    vf_buf_free(&computed_rows);
}

/* Nothing but less than eight zero bytes may follow the signature in its table. */
static bool padding_is_right(const struct pe_image *image, struct vf_view body, size_t used)
{
    for (size_t i = used; i < body.size; i++)
        if (body.data[i])
            return false;
    return body.size - used < 8 &&
           image->directories[PE_DIR_CERTIFICATE].size - (body.size + 8) < 8;
}

struct nested_judging {
    const struct pe_image *image;
    const struct sign_roots *roots;
    struct sign_report *report; /* of the signature that holds the nested ones */
};

static void note_nested(void *context, struct vf_view der)
{
    (void)der;
    *(bool *)context = true;
}

static bool has_nested(const PKCS7_SIGNER_INFO *signer)
{
    bool found = false;

    sign_nested_each(signer, note_nested, &found);
    return found;
}

/*
 * A changed byte in a certificate that nothing vouches for goes unnoticed. Then nothing vouches for
 * the outer signature either; where that one is trusted for other reasons, the nested one is wrong.
 */
static void note_unvouched(struct sign_report *outer, struct sign_report *nested)
{
    static const char why[] = "nothing vouches for the signer's certificate";

    outer->vouched = false;
    if (outer->chain == SIGN_CHAIN_TRUSTED)
        invalid(nested, why);
    else if (!nested->why[0])
        snprintf(nested->why, sizeof(nested->why), "%s", why);
}

static void judge_nested(void *context, struct vf_view der)
{
    const struct nested_judging *judging = context;
    struct sign_report seen = {.subject = SIGN_IMAGE}, *report = judging->report;
    struct vf_view element;
    size_t used = 0;

    if (report->nested_count == SIGN_NESTED_MAX) {
        invalid(report, "the signature holds too many nested ones");
        return;
    }
    PKCS7 *pkcs7 = sign_pkcs7_read(der, &used);
    if (!pkcs7 || used != der.size || !sign_pkcs7_content(pkcs7, SPC_OID_INDIRECT_DATA, &element) ||
        sk_PKCS7_SIGNER_INFO_num(pkcs7->d.sign->signer_info) != 1) {
        invalid(&seen, "no Authenticode signature by one signer");
    } else {
        const PKCS7_SIGNER_INFO *signer = sk_PKCS7_SIGNER_INFO_value(pkcs7->d.sign->signer_info, 0);
        judge_signer(pkcs7, SPC_OID_INDIRECT_DATA, element, judging->roots, &seen);
        judge_image_digest(judging->image, element, &seen);
        if (!is_canonical(pkcs7, der))
            invalid(&seen, "the signature is not encoded as DER prescribes");
        if (has_nested(signer) || sign_hides_signature(signer))
            invalid(&seen, "the signature holds nested ones itself");
        if (!seen.vouched && seen.chain != SIGN_CHAIN_TRUSTED)
            note_unvouched(report, &seen);
    }
    PKCS7_free(pkcs7);
    struct sign_nested *nested = &report->nested[report->nested_count++];
    nested->valid = seen.valid;
    snprintf(nested->algorithm, sizeof(nested->algorithm), "%s", seen.algorithm);
    snprintf(nested->signer, sizeof(nested->signer), "%s", seen.signer.subject);
    if (!seen.valid || !seen.vouched)
        snprintf(nested->why, sizeof(nested->why), "%s", seen.why);
    if (!seen.valid)
        invalid(report, "a nested signature is wrong");
}

static void judge_all_nested(const struct pe_image *image, const PKCS7_SIGNER_INFO *signer,
                             const struct sign_roots *roots, struct sign_report *report)
{
    struct nested_judging judging = {image, roots, report};

    sign_nested_each(signer, judge_nested, &judging);
    if (sign_hides_signature(signer))
        invalid(report, "an unsigned attribute of unknown type holds a signature");
}

static enum vf_code inspect_image(struct vf_view file, const struct sign_roots *roots,
                                  struct sign_report *report, struct vf_err *err)
{
    struct pe_image image;
    struct vf_view body, element;
    uint16_t type;
    size_t used = 0;
    bool found;

    enum vf_code code = pe_read(file, &image, err);
    if (!code && image.directories[PE_DIR_CERTIFICATE].size)
        report->present = true;
    if (code || !report->present)
        return code;
    if (pe_certificate_at(&image, 0, &body, &type, &found, NULL) || !found ||
        type != PE_CERTIFICATE_PKCS7) {
        invalid(report, "the certificate table holds no PKCS #7 signature");
        return VF_OK;
    }
    PKCS7 *pkcs7 = sign_pkcs7_read(body, &used);
    if (!pkcs7 || !sign_pkcs7_content(pkcs7, SPC_OID_INDIRECT_DATA, &element) ||
        sk_PKCS7_SIGNER_INFO_num(pkcs7->d.sign->signer_info) != 1) {
        invalid(report, "the certificate table holds no Authenticode signature by one signer");
    } else {
        judge_signer(pkcs7, SPC_OID_INDIRECT_DATA, element, roots, report);
        judge_image_digest(&image, element, report);
        judge_all_nested(&image, sk_PKCS7_SIGNER_INFO_value(pkcs7->d.sign->signer_info, 0), roots,
                         report);
        if (!is_canonical(pkcs7, (struct vf_view){body.data, used}))
            invalid(report, "the signature is not encoded as DER prescribes");
        if (!padding_is_right(&image, body, used))
            invalid(report, "the certificate table holds more than the signature");
    }
    PKCS7_free(pkcs7);
    return VF_OK;
}

static enum vf_code inspect_catalog(struct vf_view file, const struct sign_roots *roots,
                                    struct sign_report *report, struct vf_err *err)
{
    struct vf_view element;
    size_t used = 0;

    PKCS7 *pkcs7 = sign_pkcs7_read(file, &used);
    if (!pkcs7 || used != file.size || !sign_pkcs7_content(pkcs7, SPC_OID_CTL, &element)) {
        PKCS7_free(pkcs7);
        return vf_fail(err, VF_MALFORMED,
                       "not a catalog: expected a signed certificate trust list");
    }
    int signers = sk_PKCS7_SIGNER_INFO_num(pkcs7->d.sign->signer_info);
    report->present = signers > 0;
    if (signers == 1) {
        judge_signer(pkcs7, SPC_OID_CTL, element, roots, report);
        if (!is_canonical(pkcs7, file))
            invalid(report, "the signature is not encoded as DER prescribes");
    }
    if (signers > 1)
        invalid(report, "the catalog has more than one signer");
    PKCS7_free(pkcs7);
    return VF_OK;
}

enum vf_code sign_inspect(struct vf_view file, const struct sign_roots *roots,
                          struct sign_report *out, struct vf_err *err)
{
    memset(out, 0, sizeof(*out));
    out->subject = sign_subject_of(file);
    switch (out->subject) {
    case SIGN_IMAGE:
        return inspect_image(file, roots, out, err);
    case SIGN_CATALOG:
        return inspect_catalog(file, roots, out, err);
    case SIGN_NOTHING:
        break;
    }
    return vf_fail(err, VF_MALFORMED, "expected a PE image (.sys, .dll, .exe) or a catalog (.cat)");
}
