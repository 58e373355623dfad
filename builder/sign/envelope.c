/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making the PKCS #7 SignedData of images and catalogs. */
#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>

#include "builder/pe/pe.h"
#include "builder/sign/sign.h"
#include "builder/sign/sign_private.h"
#include "builder/sign/spc.h"

enum sign_subject sign_subject_of(struct vf_view file)
{
    struct vf_view contents;

    if (pe_is_image(file))
        return SIGN_IMAGE;
    if (file.size > 1 && file.data[0] == 0x30 && sign_contents(file, &contents) &&
        contents.size > 1 && contents.data[0] == 0x06)
        return SIGN_CATALOG;
    return SIGN_NOTHING;
}

PKCS7 *sign_pkcs7_read(struct vf_view der, size_t *used)
{
    const unsigned char *p = der.data;

    if (der.size > INT_MAX)
        return NULL;
    PKCS7 *pkcs7 = d2i_PKCS7(NULL, &p, (long)der.size);
    ERR_clear_error();
    *used = pkcs7 ? (size_t)(p - der.data) : 0;
    if (pkcs7 && (!PKCS7_type_is_signed(pkcs7) || !pkcs7->d.sign || !pkcs7->d.sign->contents)) {
        PKCS7_free(pkcs7);
        return NULL;
    }
    return pkcs7;
}

bool sign_pkcs7_content(const PKCS7 *pkcs7, const char *oid, struct vf_view *element)
{
    const PKCS7 *content = pkcs7->d.sign->contents;

    if (!sign_is_oid(content->type, oid) || OBJ_obj2nid(content->type) != NID_undef ||
        !content->d.other || content->d.other->type != V_ASN1_SEQUENCE)
        return false;
    const ASN1_STRING *sequence = content->d.other->value.sequence;
    *element =
        (struct vf_view){ASN1_STRING_get0_data(sequence), (size_t)ASN1_STRING_length(sequence)};
    return true;
}

/* A SignedData with the content and no signer. */
static PKCS7 *new_signed_data(const char *oid, struct vf_view element)
{
    PKCS7 *pkcs7 = PKCS7_new();
    PKCS7 *content = PKCS7_new();
    ASN1_STRING *sequence = ASN1_STRING_type_new(V_ASN1_SEQUENCE);

    if (!pkcs7 || !content || !sequence || element.size > INT_MAX ||
        !PKCS7_set_type(pkcs7, NID_pkcs7_signed) ||
        !ASN1_STRING_set(sequence, element.data, (int)element.size))
        goto fail;
    content->type = OBJ_txt2obj(oid, 1);
    content->d.other = ASN1_TYPE_new();
    if (!content->type || !content->d.other)
        goto fail;
    ASN1_TYPE_set(content->d.other, V_ASN1_SEQUENCE, sequence);
    PKCS7_free(pkcs7->d.sign->contents);
    pkcs7->d.sign->contents = content;
    return pkcs7;
fail:
    ASN1_STRING_free(sequence);
    PKCS7_free(content);
    PKCS7_free(pkcs7);
    return NULL;
}

static bool add_attribute(STACK_OF(X509_ATTRIBUTE) * attributes, const char *oid, int type,
                          const void *data, int size)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    X509_ATTRIBUTE *attribute =
        object ? X509_ATTRIBUTE_create_by_OBJ(NULL, object, type, data, size) : NULL;
    bool good = attribute && sk_X509_ATTRIBUTE_push(attributes, attribute);

    if (!good)
        X509_ATTRIBUTE_free(attribute);
    ASN1_OBJECT_free(object);
    return good;
}

static bool add_der_attribute(STACK_OF(X509_ATTRIBUTE) * attributes, const char *oid,
                              const struct vf_buf *der)
{
    return add_attribute(attributes, oid, V_ASN1_SEQUENCE, der->data, (int)der->size);
}

/* The order of a DER SET OF: by encoded bytes. */
static int compare_attributes(const X509_ATTRIBUTE *const *a, const X509_ATTRIBUTE *const *b)
{
    unsigned char *one = NULL, *two = NULL;
    int one_size = i2d_X509_ATTRIBUTE(*a, &one), two_size = i2d_X509_ATTRIBUTE(*b, &two);
    int shorter = one_size < two_size ? one_size : two_size;
    int order = shorter > 0 ? memcmp(one, two, (size_t)shorter) : 0;

    OPENSSL_free(one);
    OPENSSL_free(two);
    return order ? order : one_size - two_size;
}

static enum vf_code add_attributes(PKCS7_SIGNER_INFO *signer, const char *content_oid,
                                   struct vf_view content, const struct sign_options *options,
                                   struct vf_err *err)
{
    struct vf_buf opus = VF_BUF_INIT, statement = VF_BUF_INIT;
    ASN1_OBJECT *type = OBJ_txt2obj(content_oid, 1);
    struct vf_digest digest;

    signer->auth_attr = sk_X509_ATTRIBUTE_new(compare_attributes);
    enum vf_code code = spc_encode_opus(options->name, options->url, &opus, err);
    if (!code)
        code = spc_encode_statement_type(&statement, err);
    if (!code)
        code = vf_digest_view(VF_SHA256, content, &digest, err);
    if (code)
        goto done;
    if (!signer->auth_attr || !type ||
        !add_attribute(signer->auth_attr, "1.2.840.113549.1.9.3", V_ASN1_OBJECT, type, -1) ||
        !add_attribute(signer->auth_attr, "1.2.840.113549.1.9.4", V_ASN1_OCTET_STRING, digest.bytes,
                       (int)vf_hash_size(VF_SHA256)) ||
        !add_der_attribute(signer->auth_attr, SPC_OID_STATEMENT_TYPE, &statement) ||
        !add_der_attribute(signer->auth_attr, SPC_OID_OPUS_INFO, &opus)) {
        code = sign_fail_openssl(err, VF_IO, "cannot prepare what is to be signed");
        goto done;
    }
    sk_X509_ATTRIBUTE_sort(signer->auth_attr);
done:
    ASN1_OBJECT_free(type);
    vf_buf_free(&opus);
    vf_buf_free(&statement);
    return code;
}

static bool add_certificates(PKCS7 *pkcs7, const struct sign_key *key)
{
    if (!PKCS7_add_certificate(pkcs7, key->certificate))
        return false;
    for (int i = 0; i < sk_X509_num(key->chain); i++)
        if (!PKCS7_add_certificate(pkcs7, sk_X509_value(key->chain, i)))
            return false;
    return true;
}

/* The stamp is over the signature's own octets, and stands outside what is signed. */
static enum vf_code add_timestamp(PKCS7_SIGNER_INFO *signer, const struct sign_authority *authority,
                                  struct vf_err *err)
{
    const struct vf_view octets = {ASN1_STRING_get0_data(signer->enc_digest),
                                   (size_t)ASN1_STRING_length(signer->enc_digest)};
    struct vf_buf token = VF_BUF_INIT;

    enum vf_code code = sign_authority_stamp(authority, octets, &token, err);
    if (!code) {
        signer->unauth_attr = sk_X509_ATTRIBUTE_new_null();
        if (!signer->unauth_attr ||
            !add_der_attribute(signer->unauth_attr, SPC_OID_RFC3161_TOKEN, &token))
            code = sign_fail_openssl(err, VF_IO, "cannot add the time stamp");
    }
    vf_buf_free(&token);
    return code;
}

/* Sign the content and add the signer with all certificates. */
static enum vf_code add_signer(PKCS7 *pkcs7, const char *content_oid, struct vf_view content,
                               const struct sign_key *key, const struct sign_options *options,
                               struct vf_err *err)
{
    PKCS7_SIGNER_INFO *signer = PKCS7_SIGNER_INFO_new();
    enum vf_code code = VF_OK;

    if (!signer)
        return vf_fail_memory(err);
    if (!PKCS7_SIGNER_INFO_set(signer, key->certificate, key->key, EVP_sha256()))
        code = sign_fail_openssl(err, VF_IO, "cannot describe the signer");
    if (!code)
        code = add_attributes(signer, content_oid, content, options, err);
    if (!code && PKCS7_SIGNER_INFO_sign(signer) != 1)
        code = sign_fail_openssl(err, VF_POLICY, "the key did not sign");
    if (!code && options->authority)
        code = add_timestamp(signer, options->authority, err);
    if (!code && !PKCS7_add_signer(pkcs7, signer))
        code = sign_fail_openssl(err, VF_IO, "cannot add the signer");
    if (code) {
        PKCS7_SIGNER_INFO_free(signer);
        return code;
    }
    if (!add_certificates(pkcs7, key))
        return sign_fail_openssl(err, VF_IO, "cannot add the certificates");
    return VF_OK;
}

/*
 * Append the DER of a SignedData over the content element (a SEQUENCE of the type content_oid)
 * signed by key; without any signer where key is NULL (options may be NULL then).
 */
static enum vf_code make_envelope(const char *content_oid, struct vf_view element,
                                  const struct sign_key *key, const struct sign_options *options,
                                  struct vf_buf *out, struct vf_err *err)
{
    enum vf_code code = VF_OK;
    struct vf_view content;

    if (!sign_contents(element, &content))
        return vf_fail(err, VF_MALFORMED, "the content to be signed is no ASN.1 element");
    PKCS7 *pkcs7 = new_signed_data(content_oid, element);
    if (!pkcs7)
        return sign_fail_openssl(err, VF_IO, "cannot make a signature structure");
    if (key)
        code = add_signer(pkcs7, content_oid, content, key, options, err);
    if (!code) {
        unsigned char *der = NULL;
        int size = i2d_PKCS7(pkcs7, &der);
        code = sign_append_der(der, size, out, err);
    }
    PKCS7_free(pkcs7);
    return code;
}

static enum vf_code not_a_catalog(struct vf_err *err)
{
    return vf_fail(err, VF_MALFORMED, "not a catalog: expected a signed certificate trust list");
}

enum vf_code sign_catalog_content(struct vf_view file, struct vf_buf *element, struct vf_err *err)
{
    enum vf_code code = VF_OK;
    struct vf_view view;
    size_t used;

    PKCS7 *pkcs7 = sign_pkcs7_read(file, &used);
    if (!pkcs7 || used != file.size || !sign_pkcs7_content(pkcs7, SPC_OID_CTL, &view)) {
        code = not_a_catalog(err);
    } else {
        vf_buf_append_view(element, view);
        if (!vf_buf_ok(element))
            code = vf_fail_memory(err);
    }
    PKCS7_free(pkcs7);
    return code;
}

enum vf_code sign_catalog_wrap(struct vf_view element, struct vf_buf *out, struct vf_err *err)
{
    return make_envelope(SPC_OID_CTL, element, NULL, NULL, out, err);
}

static enum vf_code already_signed(struct vf_err *err)
{
    return vf_fail(err, VF_POLICY,
                   "signed already; --force replaces the signature, --append adds one to an image");
}

/* Append the signature present with another one nested in it. */
static enum vf_code nest_in_present(struct vf_view file, const struct pe_image *image,
                                    struct vf_view nested, struct vf_buf *out, struct vf_err *err)
{
    struct sign_report report;
    struct vf_view body;
    uint16_t type;
    bool found;

    enum vf_code code = sign_inspect(file, NULL, &report, err);
    if (!code && !report.valid)
        code = vf_fail(err, VF_POLICY, "the signature present is wrong (%s); --force replaces it",
                       report.why);
    if (!code && report.nested_count == SIGN_NESTED_MAX)
        code = vf_fail(err, VF_POLICY, "holds %u nested signatures already, and no more may follow",
                       report.nested_count);
    if (!code)
        code = pe_certificate_at(image, 0, &body, &type, &found, err);
    return code ? code : sign_nest(body, nested, out, err);
}

static enum vf_code sign_image(struct vf_view file, const struct sign_key *key,
                               const struct sign_options *options, struct vf_buf *out,
                               struct vf_err *err)
{
    struct vf_buf statement = VF_BUF_INIT, pkcs7 = VF_BUF_INIT, rows = VF_BUF_INIT;
    struct vf_buf both = VF_BUF_INIT;
    struct spc_statement spc = {.kind = SPC_IMAGE, .page_hash = VF_SHA256};
    struct pe_image image;

    enum vf_code code = pe_read(file, &image, err);
    bool present = !code && image.directories[PE_DIR_CERTIFICATE].size;
    bool nest = present && options->append && !options->replace;
    if (present && !options->replace && !options->append)
        code = already_signed(err);
    if (!code)
        code = pe_digest(&image, VF_SHA256, &spc.digest, err);
    if (!code && options->page_hashes)
        code = pe_page_hashes(&image, VF_SHA256, &rows, err);
    if (code)
        goto done;
    spc.page_rows = vf_view_of(&rows);
    code = spc_encode(&spc, &statement, err);
    if (!code)
        code =
            make_envelope(SPC_OID_INDIRECT_DATA, vf_view_of(&statement), key, options, &pkcs7, err);
    if (!code && nest)
        code = nest_in_present(file, &image, vf_view_of(&pkcs7), &both, err);
    if (!code)
        code = pe_certificate_set(&image, vf_view_of(nest ? &both : &pkcs7), out, err);
done:
    vf_buf_free(&both);
    vf_buf_free(&rows);
    vf_buf_free(&statement);
    vf_buf_free(&pkcs7);
    return code;
}

/* With key NULL: the catalog without any signer. */
static enum vf_code sign_catalog(struct vf_view file, const struct sign_key *key,
                                 const struct sign_options *options, struct vf_buf *out,
                                 struct vf_err *err)
{
    enum vf_code code = VF_OK;
    struct vf_view element;
    size_t used;

    PKCS7 *pkcs7 = sign_pkcs7_read(file, &used);
    if (!pkcs7 || !sign_pkcs7_content(pkcs7, SPC_OID_CTL, &element))
        code = not_a_catalog(err);
    else if (key && !options->replace && sk_PKCS7_SIGNER_INFO_num(pkcs7->d.sign->signer_info) > 0)
        code = already_signed(err);
    else
        code = make_envelope(SPC_OID_CTL, element, key, options, out, err);
    PKCS7_free(pkcs7);
    return code;
}

static enum vf_code not_signable(struct vf_err *err)
{
    return vf_fail(err, VF_MALFORMED, "expected a PE image (.sys, .dll, .exe) or a catalog (.cat)");
}

enum vf_code sign_file(struct vf_view file, const struct sign_key *key,
                       const struct sign_options *options, struct vf_buf *out, struct vf_err *err)
{
    switch (sign_subject_of(file)) {
    case SIGN_IMAGE:
        return sign_image(file, key, options, out, err);
    case SIGN_CATALOG:
        if (options->append)
            return vf_fail(err, VF_POLICY, "a catalog carries one signature: none can be appended");
        return sign_catalog(file, key, options, out, err);
    case SIGN_NOTHING:
        break;
    }
    return not_signable(err);
}

enum vf_code sign_strip(struct vf_view file, struct vf_buf *out, struct vf_err *err)
{
    struct pe_image image;

    switch (sign_subject_of(file)) {
    case SIGN_IMAGE: {
        enum vf_code code = pe_read(file, &image, err);
        return code ? code : pe_certificate_set(&image, (struct vf_view){NULL, 0}, out, err);
    }
    case SIGN_CATALOG:
        return sign_catalog(file, NULL, NULL, out, err);
    case SIGN_NOTHING:
        break;
    }
    return not_signable(err);
}
