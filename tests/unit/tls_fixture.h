/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates made for a test, and a server on this machine's loopback for one connection. */
#ifndef TESTS_UNIT_TLS_FIXTURE_H
#define TESTS_UNIT_TLS_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

#include <openssl/bio.h>
#include <openssl/x509.h>

struct served {
    pid_t pid;
    unsigned port;
};

/* Talks over link, on which the handshake is done where there is TLS; runs in a child process. */
typedef void (*serve_fn)(BIO *link, const void *context);

/* A self-signed authority for servers' certificates. */
struct tls_authority {
    EVP_PKEY *key;
    X509 *certificate;
};
struct tls_authority tls_authority_make(const char *path_of_its_certificate);
void tls_authority_free(struct tls_authority *authority);

/* Files with a key and a certificate that stamps time and does nothing else, signed by itself. */
void tls_authority_stamper(const char *key_path, const char *certificate_path);

/* The same for signing code, issued by somebody who is not there. */
void tls_authority_signer(const char *key_path, const char *certificate_path);

/*
 * Serve one connection with TLS, with a certificate of the authority for `name` (as in a
 * subjectAltName: "DNS:example.org", "IP:127.0.0.1"), valid or ended yesterday. authority NULL:
 * without TLS. At 127.0.0.1; for "IP:::1", at ::1.
 */
struct served serve_once(const struct tls_authority *authority, const char *name, bool valid,
                         serve_fn serve, const void *context);

/* A port of 127.0.0.1 that nobody listens at until the socket is closed. */
int nobody_listens(unsigned *port);

/* Wait for the child: its exit status; -1 where it did not exit by itself. */
int served_end(struct served *served);

/* End a child that has no end of its own. */
void served_stop(struct served *served);

/* Read one request to its end: its size, with its body at *body of *body_size bytes. */
size_t read_request(BIO *link, char *buffer, size_t room, const char **body, size_t *body_size);

#endif
