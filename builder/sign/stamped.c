/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging the time stamp that a signature carries. */
#include <limits.h>
#include <string.h>
#include <time.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>

#include "builder/sign/sign.h"
#include "builder/sign/sign_private.h"
#include "builder/sign/spc.h"

#define COUNTERSIGNATURE_OID "1.2.840.113549.1.9.6"

/* Does a certificate for time stamping lead to a root, at the time it stamped? */
static bool is_trusted(X509 *certificate, STACK_OF(X509) * carried, int64_t at,
                       const struct sign_roots *roots)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool good = false;

    if (context && X509_STORE_CTX_init(context, sign_roots_store(roots), certificate, carried)) {
        X509_STORE_CTX_set_time(context, 0, (time_t)at);
        X509_STORE_CTX_set_purpose(context, X509_PURPOSE_TIMESTAMP_SIGN);
        good = X509_verify_cert(context) == 1;
    }
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return good;
}

static bool read_time(const ASN1_TIME *time, int64_t *out)
{
    struct tm fields;

    if (!time || ASN1_TIME_to_tm(time, &fields) != 1)
        return false;
    *out = (int64_t)timegm(&fields);
    return true;
}

static void note_signer(X509 *certificate, STACK_OF(X509) * carried, const struct sign_roots *roots,
                        struct sign_report *report)
{
    report->timestamp_valid = true;
    sign_name_text(X509_get_subject_name(certificate), report->timestamp_signer,
                   sizeof(report->timestamp_signer));
    report->timestamp_trusted =
        roots && is_trusted(certificate, carried, report->timestamp_time, roots);
}

static bool digest_of(const EVP_MD *md, const unsigned char *data, size_t size,
                      const ASN1_OCTET_STRING *expected)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_size = 0;

    return EVP_Digest(data, size, digest, &digest_size, md, NULL) == 1 &&
           (unsigned)ASN1_STRING_length(expected) == digest_size &&
           memcmp(ASN1_STRING_get0_data(expected), digest, digest_size) == 0;
}

/* Is the token's imprint the digest of the signature's octets? */
static bool is_for(const TS_TST_INFO *info, const ASN1_OCTET_STRING *signature)
{
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint((TS_TST_INFO *)info);
    const EVP_MD *md = sign_signer_digest(TS_MSG_IMPRINT_get_algo(imprint));
    const ASN1_OCTET_STRING *stated = TS_MSG_IMPRINT_get_msg(imprint);

    return md && digest_of(md, ASN1_STRING_get0_data(signature),
                           (size_t)ASN1_STRING_length(signature), stated);
}

/*
 * Read a token: CMS, since those of Microsoft's authority carry an attribute certificate, which
 * PKCS #7 has no place for. NULL where der is not filled by one.
 */
static CMS_ContentInfo *read_token(struct vf_view der)
{
    const unsigned char *p = der.data;

    CMS_ContentInfo *token =
        der.size > INT_MAX ? NULL : d2i_CMS_ContentInfo(NULL, &p, (long)der.size);
    if (token && p != der.data + der.size) {
        CMS_ContentInfo_free(token);
        token = NULL;
    }
    return token;
}

/* What the token states; NULL where it is no token of RFC 3161. */
static TS_TST_INFO *token_info(CMS_ContentInfo *token)
{
    if (OBJ_obj2nid(CMS_get0_type(token)) != NID_pkcs7_signed ||
        OBJ_obj2nid(CMS_get0_eContentType(token)) != NID_id_smime_ct_TSTInfo)
        return NULL;
    ASN1_OCTET_STRING **content = CMS_get0_content(token);
    if (!content || !*content)
        return NULL;
    const unsigned char *p = ASN1_STRING_get0_data(*content);
    return d2i_TS_TST_INFO(NULL, &p, ASN1_STRING_length(*content));
}

/* Is the token right by the key of its one signer, whose certificate it carries? */
static bool is_signed(CMS_ContentInfo *token)
{
    return sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(token)) == 1 &&
           CMS_verify(token, NULL, NULL, NULL, NULL, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
}

bool sign_token_is_signed(struct vf_view der)
{
    CMS_ContentInfo *token = read_token(der);
    TS_TST_INFO *info = token ? token_info(token) : NULL;
    bool good = info && is_signed(token);

    TS_TST_INFO_free(info);
    CMS_ContentInfo_free(token);
    ERR_clear_error();
    return good;
}

static void judge_token(const ASN1_TYPE *value, const ASN1_OCTET_STRING *signature,
                        const struct sign_roots *roots, struct sign_report *report)
{
    report->timestamp = SIGN_TIME_RFC3161;
    if (!value || value->type != V_ASN1_SEQUENCE)
        return;
    CMS_ContentInfo *token =
        read_token((struct vf_view){ASN1_STRING_get0_data(value->value.sequence),
                                    (size_t)ASN1_STRING_length(value->value.sequence)});
    TS_TST_INFO *info = token ? token_info(token) : NULL;
    STACK_OF(X509) *signers = NULL, *carried = NULL;
    if (info && is_for(info, signature) && is_signed(token) &&
        (signers = CMS_get0_signers(token)) && sk_X509_num(signers) == 1 &&
        read_time(TS_TST_INFO_get_time(info), &report->timestamp_time)) {
        carried = CMS_get1_certs(token);
        note_signer(sk_X509_value(signers, 0), carried, roots, report);
    }
    sk_X509_free(signers);
    sk_X509_pop_free(carried, X509_free);
    TS_TST_INFO_free(info);
    CMS_ContentInfo_free(token);
    ERR_clear_error();
}

/* The bytes that a key's PKCS #1 signature holds. */
static ASN1_OCTET_STRING *recover(EVP_PKEY *key, const ASN1_OCTET_STRING *signature)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    ASN1_OCTET_STRING *held = ASN1_OCTET_STRING_new();
    unsigned char bytes[1024];
    size_t size = sizeof(bytes);

    bool good = context && held && EVP_PKEY_get_size(key) <= (int)sizeof(bytes) &&
                EVP_PKEY_verify_recover_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_verify_recover(context, bytes, &size, ASN1_STRING_get0_data(signature),
                                        (size_t)ASN1_STRING_length(signature)) == 1 &&
                ASN1_OCTET_STRING_set(held, bytes, (int)size);
    EVP_PKEY_CTX_free(context);
    if (!good) {
        ASN1_OCTET_STRING_free(held);
        return NULL;
    }
    return held;
}

/* Countersignatures of before 2009 use MD5 too, which no signer may. */
static const EVP_MD *countersigner_digest(const PKCS7_SIGNER_INFO *signer)
{
    const ASN1_OBJECT *object;

    X509_ALGOR_get0(&object, NULL, NULL, signer->digest_alg);
    return OBJ_obj2nid(object) == NID_md5 ? EVP_md5() : sign_signer_digest(signer->digest_alg);
}

/*
 * The authorities of the SHA-1 years signed the bare digest of the attributes, without the
 * DigestInfo around it that PKCS #1 wants; Windows accepts that.
 */
static bool is_bare_signature(PKCS7_SIGNER_INFO *signer, X509 *certificate, struct vf_view octets)
{
    const EVP_MD *md = countersigner_digest(signer);
    const ASN1_OCTET_STRING *message = PKCS7_digest_from_attributes(signer->auth_attr);
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    unsigned char *der = NULL;
    bool good = false;

    if (!md || !message || !key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
        return false;
    int size =
        ASN1_item_i2d((ASN1_VALUE *)signer->auth_attr, &der, ASN1_ITEM_rptr(PKCS7_ATTR_VERIFY));
    ASN1_OCTET_STRING *held = recover(key, signer->enc_digest);
    if (held && size > 0)
        good = digest_of(md, octets.data, octets.size, message) &&
               digest_of(md, der, (size_t)size, held);
    ASN1_OCTET_STRING_free(held);
    OPENSSL_free(der);
    ERR_clear_error();
    return good;
}

/* PKCS #9 countersignature: a SignerInfo over the signature's octets. */
static void judge_countersignature(PKCS7 *pkcs7, const ASN1_TYPE *value,
                                   const ASN1_OCTET_STRING *signature,
                                   const struct sign_roots *roots, struct sign_report *report)
{
    report->timestamp = SIGN_TIME_COUNTERSIGNED;
    if (!value || value->type != V_ASN1_SEQUENCE)
        return;
    const unsigned char *p = ASN1_STRING_get0_data(value->value.sequence);
    PKCS7_SIGNER_INFO *signer =
        d2i_PKCS7_SIGNER_INFO(NULL, &p, ASN1_STRING_length(value->value.sequence));
    X509 *certificate = signer ? PKCS7_cert_from_signer_info(pkcs7, signer) : NULL;
    const ASN1_TYPE *time =
        signer ? PKCS7_get_signed_attribute(signer, NID_pkcs9_signingTime) : NULL;
    const struct vf_view octets = {ASN1_STRING_get0_data(signature),
                                   (size_t)ASN1_STRING_length(signature)};
    if (certificate && time && time->type == V_ASN1_UTCTIME &&
        (sign_signature_is_right(pkcs7, signer, countersigner_digest(signer), certificate,
                                 octets) ||
         is_bare_signature(signer, certificate, octets)) &&
        read_time(time->value.utctime, &report->timestamp_time))
        note_signer(certificate, pkcs7->d.sign->cert, roots, report);
    PKCS7_SIGNER_INFO_free(signer);
    ERR_clear_error();
}

void sign_judge_timestamp(PKCS7 *pkcs7, PKCS7_SIGNER_INFO *signer, const struct sign_roots *roots,
                          struct sign_report *report)
{
    for (int i = 0; i < sk_X509_ATTRIBUTE_num(signer->unauth_attr) && !report->timestamp; i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(signer->unauth_attr, i);
        const ASN1_OBJECT *object = X509_ATTRIBUTE_get0_object(attribute);
        const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
        if (sign_is_oid(object, SPC_OID_RFC3161_TOKEN))
            judge_token(value, signer->enc_digest, roots, report);
        else if (sign_is_oid(object, COUNTERSIGNATURE_OID))
            judge_countersignature(pkcs7, value, signer->enc_digest, roots, report);
    }
}
