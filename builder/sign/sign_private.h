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
    void *keeper;           /* what must outlive the key, NULL for nothing */
    void (*release_keeper)(void *keeper);
};

/* vf_fail with the reason of OpenSSL's latest error appended; empties its error queue. */
enum vf_code sign_fail_openssl(struct vf_err *err, enum vf_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#if defined(__clang_analyzer__) && !defined(__cppcheck__)
/* as in util/error.h */
#define sign_fail_openssl(err, code, ...)          \
    ({                                             \
        sign_fail_openssl(err, code, __VA_ARGS__); \
        (code);                                    \
    })
#endif

/*
 * Fill out, which is all zero, from PEM files without judging what the key may do. Ends with
 * sign_key_clear() whatever happened, which releases what the structure holds.
 */
enum vf_code sign_key_read_pair(const char *key_path, const char *certificates_path,
                                struct sign_passphrase passphrase, struct sign_key *out,
                                struct vf_err *err);
void sign_key_clear(struct sign_key *key);

/* Read the certificates of a PEM file, take the key's own and judge whether it may sign. */
enum vf_code sign_key_adopt_file(struct sign_key *key, const char *path, struct vf_err *err);

/* The passphrase into buffer, without a NUL: its length, or -1 where there is nobody to ask. */
int sign_passphrase_read(struct sign_passphrase passphrase, char *buffer, int size);

/* The private key of a PEM file; of any kind. */
enum vf_code sign_private_key_read(const char *path, struct sign_passphrase passphrase,
                                   EVP_PKEY **out, struct vf_err *err);

/* The contents octets of one BER element that fills the view: what lies behind tag and length. */
bool sign_contents(struct vf_view element, struct vf_view *out);

/* Append an OpenSSL encoding that i2d made: data is released with OPENSSL_free. size < 0 failed. */
enum vf_code sign_append_der(unsigned char *data, int size, struct vf_buf *out, struct vf_err *err);

/* Read the PKCS #7 SignedData (BER accepted) of *used bytes that der begins with; NULL if none. */
PKCS7 *sign_pkcs7_read(struct vf_view der, size_t *used);

/* Is der what pkcs7, read from it, is in DER? Then writing it again changes nothing. */
bool sign_pkcs7_is_der(const PKCS7 *pkcs7, struct vf_view der);

/* The content as one whole element, borrowed from pkcs7; false where its type is not oid. */
bool sign_pkcs7_content(const PKCS7 *pkcs7, const char *oid, struct vf_view *element);

/* Fill out from a certificate; texts that do not fit are cut. */
void sign_certificate_describe(X509 *certificate, struct sign_certificate *out);
void sign_name_text(const X509_NAME *name, char *out, size_t size);

/* May this certificate sign code? No restriction at all counts as yes, as it does for Windows. */
bool sign_is_for_signing(X509 *certificate);

/*
 * Judge the time stamp of a signer, if it has one, and note it in the report: an RFC 3161 token, or
 * a PKCS #9 countersignature by one of the certificates that pkcs7 carries.
 */
void sign_judge_timestamp(PKCS7 *pkcs7, PKCS7_SIGNER_INFO *signer, const struct sign_roots *roots,
                          struct sign_report *report);

/* Is der a time stamp's token, right by its signer's key? Whether that one is trusted is not asked.
 */
bool sign_token_is_signed(struct vf_view der);

/*
 * Append the right signature of an image, body, with another one nested in it. VF_POLICY where body
 * is not in DER.
 */
enum vf_code sign_nest(struct vf_view body, struct vf_view nested, struct vf_buf *out,
                       struct vf_err *err);

/*
 * Call each for every value of the signer's nested signatures, at most SIGN_NESTED_MAX + 1 times;
 * a value that is no SEQUENCE comes as an empty view.
 */
void sign_nested_each(const PKCS7_SIGNER_INFO *signer,
                      void (*each)(void *context, struct vf_view der), void *context);

/* Does an unsigned attribute of a type unknown here hold SignedData, which nobody would judge? */
bool sign_hides_signature(const PKCS7_SIGNER_INFO *signer);

/* The one digest algorithm of those that signers may use, NULL for any other. */
const EVP_MD *sign_signer_digest(const X509_ALGOR *algorithm);

/*
 * Is the signature of signer over these bytes right by the certificate's key? digest: the one that
 * the signer names; NULL, for one that is not accepted, is never right.
 */
bool sign_signature_is_right(PKCS7 *pkcs7, PKCS7_SIGNER_INFO *signer, const EVP_MD *digest,
                             X509 *certificate, struct vf_view bytes);

X509_STORE *sign_roots_store(const struct sign_roots *roots);

/* Does the object carry this OID (dotted text)? */
bool sign_is_oid(const ASN1_OBJECT *object, const char *oid);

#endif
