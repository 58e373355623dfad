/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a certificate says, as plain data. */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "builder/sign/sign.h"
#include "builder/sign/sign_private.h"

void sign_name_text(const X509_NAME *name, char *out, size_t size)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *data;

    out[0] = '\0';
    if (text && X509_NAME_print_ex(text, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        size_t length = (size_t)BIO_get_mem_data(text, &data);
        length = length < size ? length : size - 1;
        memcpy(out, data, length);
        out[length] = '\0';
    }
    BIO_free(text);
    ERR_clear_error();
}

/* Seconds since 1970; 0 for a date that is none. */
static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm fields;

    return ASN1_TIME_to_tm(time, &fields) == 1 ? (int64_t)timegm(&fields) : 0;
}

static void copy_serial(X509 *certificate, char *out, size_t size)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *text = number ? BN_bn2hex(number) : NULL;

    out[0] = '\0';
    if (text && strlen(text) < size)
        memcpy(out, text, strlen(text) + 1);
    OPENSSL_free(text);
    BN_free(number);
}

static void copy_usages(X509 *certificate, struct sign_certificate *out)
{
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);

    for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages); i++) {
        if (out->usage_count == SIGN_USAGES_MAX)
            break;
        char *oid = out->usages[out->usage_count];
        int size = OBJ_obj2txt(oid, SIGN_OID_MAX, sk_ASN1_OBJECT_value(usages, i), 1);
        if (size > 0 && size < SIGN_OID_MAX)
            out->usage_count++;
    }
    sk_ASN1_OBJECT_pop_free(usages, ASN1_OBJECT_free);
}

void sign_certificate_describe(X509 *certificate, struct sign_certificate *out)
{
    unsigned size = sizeof(out->thumbprint.bytes);

    memset(out, 0, sizeof(*out));
    sign_name_text(X509_get_subject_name(certificate), out->subject, sizeof(out->subject));
    sign_name_text(X509_get_issuer_name(certificate), out->issuer, sizeof(out->issuer));
    copy_serial(certificate, out->serial, sizeof(out->serial));
    out->thumbprint.hash = VF_SHA1;
    X509_digest(certificate, EVP_sha1(), out->thumbprint.bytes, &size);
    out->not_before = seconds_of(X509_get0_notBefore(certificate));
    out->not_after = seconds_of(X509_get0_notAfter(certificate));
    out->self_signed = X509_self_signed(certificate, 0) == 1;
    copy_usages(certificate, out);
    ERR_clear_error();
}

bool sign_is_for_signing(X509 *certificate)
{
    uint32_t flags = X509_get_extension_flags(certificate);

    if ((flags & EXFLAG_XKUSAGE) && !(X509_get_extended_key_usage(certificate) & XKU_CODE_SIGN))
        return false;
    return !(flags & EXFLAG_KUSAGE) || (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE);
}
