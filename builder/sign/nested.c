/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signatures nested in another one: an attribute outside what that one signs, whose values are
 * PKCS #7 SignedData over the same image.
 */
#include <limits.h>

#include <openssl/err.h>
#include <openssl/objects.h>

#include "builder/sign/sign.h"
#include "builder/sign/sign_private.h"
#include "builder/sign/spc.h"

/* The time stamp of CMS (RFC 5126), which is none for Authenticode. */
#define CMS_TIMESTAMP_OID "1.2.840.113549.1.9.16.2.14"

static X509_ATTRIBUTE *nested_attribute(const PKCS7_SIGNER_INFO *signer)
{
    for (int i = 0; i < sk_X509_ATTRIBUTE_num(signer->unauth_attr); i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(signer->unauth_attr, i);
        if (sign_is_oid(X509_ATTRIBUTE_get0_object(attribute), SPC_OID_NESTED))
            return attribute;
    }
    return NULL;
}

static bool add_nested(PKCS7_SIGNER_INFO *signer, struct vf_view nested)
{
    X509_ATTRIBUTE *attribute = nested_attribute(signer);

    if (nested.size > INT_MAX)
        return false;
    if (attribute)
        return X509_ATTRIBUTE_set1_data(attribute, V_ASN1_SEQUENCE, nested.data,
                                        (int)nested.size) == 1;
    if (!signer->unauth_attr)
        signer->unauth_attr = sk_X509_ATTRIBUTE_new_null();
    ASN1_OBJECT *object = OBJ_txt2obj(SPC_OID_NESTED, 1);
    if (object)
        attribute = X509_ATTRIBUTE_create_by_OBJ(NULL, object, V_ASN1_SEQUENCE, nested.data,
                                                 (int)nested.size);
    bool good =
        signer->unauth_attr && attribute && sk_X509_ATTRIBUTE_push(signer->unauth_attr, attribute);
    if (!good)
        X509_ATTRIBUTE_free(attribute);
    ASN1_OBJECT_free(object);
    return good;
}

enum vf_code sign_nest(struct vf_view body, struct vf_view nested, struct vf_buf *out,
                       struct vf_err *err)
{
    unsigned char *der = NULL;
    enum vf_code code;
    size_t used;

    PKCS7 *pkcs7 = sign_pkcs7_read(body, &used);
    if (!pkcs7 || sk_PKCS7_SIGNER_INFO_num(pkcs7->d.sign->signer_info) != 1 ||
        !sign_pkcs7_is_der(pkcs7, (struct vf_view){body.data, used})) {
        code = vf_fail(err, VF_POLICY,
                       "the signature present is not in DER, so that none can be nested in it; "
                       "--force replaces it");
        goto done;
    }
    if (!add_nested(sk_PKCS7_SIGNER_INFO_value(pkcs7->d.sign->signer_info, 0), nested)) {
        code = sign_fail_openssl(err, VF_IO, "cannot nest the signature");
        goto done;
    }
    int size = i2d_PKCS7(pkcs7, &der);
    code = sign_append_der(der, size, out, err);
done:
    PKCS7_free(pkcs7);
    return code;
}

static struct vf_view sequence_of(const ASN1_TYPE *value)
{
    if (!value || value->type != V_ASN1_SEQUENCE)
        return (struct vf_view){NULL, 0};
    const ASN1_STRING *sequence = value->value.sequence;
    return (struct vf_view){ASN1_STRING_get0_data(sequence), (size_t)ASN1_STRING_length(sequence)};
}

void sign_nested_each(const PKCS7_SIGNER_INFO *signer,
                      void (*each)(void *context, struct vf_view der), void *context)
{
    int left = SIGN_NESTED_MAX + 1;

    for (int i = 0; left && i < sk_X509_ATTRIBUTE_num(signer->unauth_attr); i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(signer->unauth_attr, i);
        if (!sign_is_oid(X509_ATTRIBUTE_get0_object(attribute), SPC_OID_NESTED))
            continue;
        for (int j = 0; left && j < X509_ATTRIBUTE_count(attribute); j++, left--)
            each(context, sequence_of(X509_ATTRIBUTE_get0_type(attribute, j)));
    }
}

bool sign_hides_signature(const PKCS7_SIGNER_INFO *signer)
{
    for (int i = 0; i < sk_X509_ATTRIBUTE_num(signer->unauth_attr); i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(signer->unauth_attr, i);
        const ASN1_OBJECT *object = X509_ATTRIBUTE_get0_object(attribute);
        size_t used;
        if (sign_is_oid(object, SPC_OID_NESTED) || sign_is_oid(object, SPC_OID_RFC3161_TOKEN) ||
            sign_is_oid(object, CMS_TIMESTAMP_OID))
            continue;
        PKCS7 *held = sign_pkcs7_read(sequence_of(X509_ATTRIBUTE_get0_type(attribute, 0)), &used);
        PKCS7_free(held);
        if (held)
            return true;
    }
    return false;
}
