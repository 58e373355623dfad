/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates for test signing, made here. */
#include <stdlib.h>

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "builder/sign/sign_private.h"
#include "util/digest.h"

#define KEY_BITS     2048
#define LIFETIME     (INT64_C(20) * 365 * 86400)
#define SERIAL_BYTES 16

static const struct {
    int nid;
    const char *value;
} extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "codeSigning"},
    {NID_subject_key_identifier, "hash"},
};

static bool add_extensions(X509 *certificate)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf_nid(NULL, &context, extensions[i].nid, extensions[i].value);
        bool added = extension && X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
        if (!added)
            return false;
    }
    return true;
}

/* The first bytes of the public key's SHA-256, made a positive number. */
static bool set_serial(X509 *certificate, EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int size = i2d_PUBKEY(key, &der);
    struct vf_digest digest;

    if (size < 0)
        return false;
    enum vf_code code =
        vf_digest_view(VF_SHA256, (struct vf_view){der, (size_t)size}, &digest, NULL);
    OPENSSL_free(der);
    digest.bytes[0] = (digest.bytes[0] & 0x7f) | 0x40;
    BIGNUM *number = code ? NULL : BN_bin2bn(digest.bytes, SERIAL_BYTES, NULL);
    bool good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return good;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *common_name, int64_t from)
{
    X509_NAME *name = X509_get_subject_name(certificate);

    return X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate, key) &&
           X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1, -1, 0) &&
           X509_set_issuer_name(certificate, name) &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), from) &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), from + LIFETIME) &&
           X509_set_pubkey(certificate, key) && add_extensions(certificate) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* Takes private_key over. */
static enum vf_code make(EVP_PKEY *private_key, const char *common_name, int64_t from,
                         struct sign_key **out, struct vf_err *err)
{
    struct sign_key *key = calloc(1, sizeof(*key));
    if (!key) {
        EVP_PKEY_free(private_key);
        return vf_fail_memory(err);
    }
    key->key = private_key;
    key->certificate = X509_new();
    if (!key->certificate || !fill(key->certificate, private_key, common_name, from)) {
        sign_key_free(key);
        return sign_fail_openssl(err, VF_IO, "cannot make a certificate for '%s'", common_name);
    }
    *out = key;
    return VF_OK;
}

enum vf_code sign_key_make(const char *common_name, int64_t from, struct sign_key **out,
                           struct vf_err *err)
{
    EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);

    return key ? make(key, common_name, from, out, err)
               : sign_fail_openssl(err, VF_IO, "cannot make an RSA key");
}

enum vf_code sign_key_make_for(const char *key_path, struct sign_passphrase passphrase,
                               const char *common_name, int64_t from, struct sign_key **out,
                               struct vf_err *err)
{
    EVP_PKEY *key;

    enum vf_code code = sign_private_key_read(key_path, passphrase, &key, err);
    if (code)
        return code;
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < KEY_BITS) {
        EVP_PKEY_free(key);
        return vf_fail(err, VF_POLICY, "%s: expected an RSA key of at least %d bits", key_path,
                       KEY_BITS);
    }
    return make(key, common_name, from, out, err);
}
