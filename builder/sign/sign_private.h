/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of this directory share. */
#ifndef BUILDER_SIGN_SIGN_PRIVATE_H
#define BUILDER_SIGN_SIGN_PRIVATE_H

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "builder/sign/key.h"
#include "builder/sign/sign.h"
#include "util/bytes.h"
#include "util/error.h"

struct sign_key {
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) * chain; /* intermediates; may be NULL */
};

/* vf_fail with the reason of OpenSSL's latest error appended; empties its error queue. */
enum vf_code sign_fail_openssl(struct vf_err *err, enum vf_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The private key of a PEM file; of any kind. */
enum vf_code sign_private_key_read(const char *path, struct sign_passphrase passphrase,
                                   EVP_PKEY **out, struct vf_err *err);

/* The contents octets of one BER element that fills the view: what lies behind tag and length. */
bool sign_contents(struct vf_view element, struct vf_view *out);

/* Append an OpenSSL encoding that i2d made: data is released with OPENSSL_free. size < 0 failed. */
enum vf_code sign_append_der(unsigned char *data, int size, struct vf_buf *out, struct vf_err *err);

/* Read the PKCS #7 SignedData (BER accepted) of *used bytes that der begins with; NULL if none. */
PKCS7 *sign_pkcs7_read(struct vf_view der, size_t *used);

/* The content as one whole element, borrowed from pkcs7; false where its type is not oid. */
bool sign_pkcs7_content(const PKCS7 *pkcs7, const char *oid, struct vf_view *element);

/*
 * Append the DER of a SignedData over the content element (a SEQUENCE of the type content_oid)
 * signed by key; without any signer where key is NULL (options may be NULL then).
 */
enum vf_code sign_envelope(const char *content_oid, struct vf_view element,
                           const struct sign_key *key, const struct sign_options *options,
                           struct vf_buf *out, struct vf_err *err);

/* Fill out from a certificate; texts that do not fit are cut. */
void sign_certificate_describe(X509 *certificate, struct sign_certificate *out);
void sign_name_text(const X509_NAME *name, char *out, size_t size);

/* May this certificate sign code? No restriction at all counts as yes, as it does for Windows. */
bool sign_is_for_signing(X509 *certificate);

X509_STORE *sign_roots_store(const struct sign_roots *roots);

/* Does the object carry this OID (dotted text)? */
bool sign_is_oid(const ASN1_OBJECT *object, const char *oid);

#endif
