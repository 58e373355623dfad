/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What signs: a private RSA key, its certificate, and the intermediate certificates that go along.
 *
 * A key is loaded from PEM files or a PKCS #12 file, or used on its token. Passphrases come from a
 * file descriptor or from the terminal, never from arguments. RSA signatures with PKCS #1 1.5
 * padding are deterministic, so the same key over the same input gives the same bytes.
 */
#ifndef BUILDER_SIGN_KEY_H
#define BUILDER_SIGN_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"
#include "util/error.h"

struct sign_key;

/* Where a passphrase comes from, should one be needed. */
struct sign_passphrase {
    int fd; /* read up to the first newline; -1: ask on the terminal, and fail where there is none
             */
};

/*
 * key_path: the private key, PEM (PKCS #8 or traditional, maybe encrypted). certificates_path: PEM
 * with the signer's certificate and, in any order, intermediates; NULL where key_path holds them
 * too. VF_POLICY where no certificate fits the key, the key is not RSA of at least 2048 bits, or
 * the certificate is not for code signing.
 */
enum vf_code sign_key_load_pem(const char *key_path, const char *certificates_path,
                               struct sign_passphrase passphrase, struct sign_key **out,
                               struct vf_err *err);

/* The same from a PKCS #12 file (.p12, .pfx). */
enum vf_code sign_key_load_pkcs12(const char *path, struct sign_passphrase passphrase,
                                  struct sign_key **out, struct vf_err *err);

/*
 * A key that stays on its token, by its PKCS #11 URI (RFC 7512); module is the path of the token's
 * library, NULL for those p11-kit knows. The passphrase is the PIN, and the certificates are in the
 * PEM file certificates_path.
 */
enum vf_code sign_key_load_pkcs11(const char *uri, const char *module,
                                  const char *certificates_path, struct sign_passphrase passphrase,
                                  struct sign_key **out, struct vf_err *err);

void sign_key_free(struct sign_key *key);

/* "CN=..." of the signer's certificate, as RFC 2253 text. out is cut at its end. */
void sign_key_subject(const struct sign_key *key, char *out, size_t size);

/*
 * Make a key and a self-signed certificate for test signing: RSA 2048, SHA-256, key usage
 * digitalSignature, extended key usage code signing, no CA; valid for 20 years from the second
 * given. The serial number is taken from the key, so that one key always gets one certificate.
 */
enum vf_code sign_key_make(const char *common_name, int64_t from, struct sign_key **out,
                           struct vf_err *err);

/* As sign_key_make, for the private key in a PEM file. */
enum vf_code sign_key_make_for(const char *key_path, struct sign_passphrase passphrase,
                               const char *common_name, int64_t from, struct sign_key **out,
                               struct vf_err *err);

/* Append the private key as PEM (PKCS #8, not encrypted), the certificate as PEM, or as DER. */
enum vf_code sign_key_pem(const struct sign_key *key, struct vf_buf *out, struct vf_err *err);
enum vf_code sign_key_certificate_pem(const struct sign_key *key, struct vf_buf *out,
                                      struct vf_err *err);
enum vf_code sign_key_certificate_der(const struct sign_key *key, struct vf_buf *out,
                                      struct vf_err *err);

/*
 * Make the directory path (with force: anew) holding test.key (readable by its owner only),
 * test.pem, test.cer and trust.cmd, the script that makes a Windows test machine accept them.
 */
enum vf_code sign_key_write_dir(const struct sign_key *key, const char *path, bool force,
                                struct vf_err *err);

#endif
