/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/tls_fixture.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tests/unit/unit.h"

#define DAY             86400
#define SERVER_LIFETIME 60

/* issuer NULL: self-signed */
static X509 *make_certificate(EVP_PKEY *key, const char *name, const char *usage_value,
                              int usage_nid, long from, long to, const struct tls_authority *issuer)
{
    X509 *made = X509_new();
    X509V3_CTX context;

    assert_non_null(made);
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), issuer ? 2 : 1);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(issuer ? issuer->certificate : made));
    X509_gmtime_adj(X509_getm_notBefore(made), from);
    X509_gmtime_adj(X509_getm_notAfter(made), to);
    X509_set_pubkey(made, key);
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer ? issuer->certificate : made, made, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, usage_nid, usage_value);
    assert_non_null(extension);
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
    assert_true(X509_sign(made, issuer ? issuer->key : key, EVP_sha256()) > 0);
    return made;
}

struct tls_authority tls_authority_make(const char *path_of_its_certificate)
{
    struct tls_authority authority = {.key = EVP_RSA_gen(2048)};

    assert_non_null(authority.key);
    authority.certificate =
        make_certificate(authority.key, path_of_its_certificate, "critical,CA:TRUE",
                         NID_basic_constraints, -DAY, DAY, NULL);
    FILE *file = fopen(path_of_its_certificate, "w");
    assert_non_null(file);
    PEM_write_X509(file, authority.certificate);
    fclose(file);
    return authority;
}

static void write_pair(EVP_PKEY *key, X509 *certificate, const char *key_path,
                       const char *certificate_path)
{
    FILE *file = fopen(key_path, "w");

    assert_non_null(file);
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    file = fopen(certificate_path, "w");
    assert_non_null(file);
    PEM_write_X509(file, certificate);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

void tls_authority_stamper(const char *key_path, const char *certificate_path)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);

    write_pair(key,
               make_certificate(key, "stamper", "critical,timeStamping", NID_ext_key_usage, -DAY,
                                DAY, NULL),
               key_path, certificate_path);
}

void tls_authority_signer(const char *key_path, const char *certificate_path)
{
    struct tls_authority absent = tls_authority_make(certificate_path);
    EVP_PKEY *key = EVP_RSA_gen(2048);

    write_pair(
        key, make_certificate(key, "issued", "codeSigning", NID_ext_key_usage, -DAY, DAY, &absent),
        key_path, certificate_path);
    tls_authority_free(&absent);
}

void tls_authority_free(struct tls_authority *authority)
{
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
}

/* A socket of its own at a loopback address. */
static int bind_here(int family, unsigned *port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    socklen_t size = sizeof(address.v4);

    if (family == AF_INET6) {
        address.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
        size = sizeof(address.v6);
    }
    int here = socket(family, SOCK_STREAM, 0);
    assert_true(here >= 0);
    assert_int_equal(bind(here, &address.any, size), 0);
    assert_int_equal(getsockname(here, &address.any, &size), 0);
    *port = ntohs(family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
    return here;
}

int nobody_listens(unsigned *port)
{
    return bind_here(AF_INET, port);
}

struct served serve_once(const struct tls_authority *authority, const char *name, bool valid,
                         serve_fn serve, const void *context)
{
    struct served served = {.pid = -1};
    SSL_CTX *tls = NULL;

    if (authority) {
        EVP_PKEY *key = EVP_RSA_gen(2048);
        X509 *certificate = make_certificate(key, "server", name, NID_subject_alt_name, -2L * DAY,
                                             valid ? DAY : -DAY, authority);
        tls = SSL_CTX_new(TLS_server_method());
        assert_non_null(tls);
        assert_int_equal(SSL_CTX_use_certificate(tls, certificate), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    bool six = name && strcmp(name, "IP:::1") == 0;
    int listener = bind_here(six ? AF_INET6 : AF_INET, &served.port);
    assert_int_equal(listen(listener, 1), 0);
    served.pid = fork();
    assert_true(served.pid >= 0);
    if (served.pid == 0) {
        alarm(SERVER_LIFETIME);
        BIO *link = BIO_new_socket(accept(listener, NULL, NULL), BIO_CLOSE);
        if (tls)
            link = BIO_push(BIO_new_ssl(tls, 0), link);
        if (tls && BIO_do_handshake(link) != 1)
            _exit(2);
        serve(link, context);
        BIO_flush(link);
        BIO_free_all(link);
        _exit(0);
    }
    close(listener);
    SSL_CTX_free(tls);
    return served;
}

int served_end(struct served *served)
{
    int status;

    assert_int_equal(waitpid(served->pid, &status, 0), served->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void served_stop(struct served *served)
{
    kill(served->pid, SIGTERM);
    served_end(served);
}

size_t read_request(BIO *link, char *buffer, size_t room, const char **body, size_t *body_size)
{
    size_t used = 0, length = 0, head = 0;

    while (!head || used < head + length) {
        int got = BIO_read(link, buffer + used, (int)(room - 1 - used));
        if (got <= 0)
            _exit(3);
        used += (size_t)got;
        buffer[used] = '\0';
        const char *end = strstr(buffer, "\r\n\r\n");
        const char *field = strcasestr(buffer, "Content-Length:");
        if (end && field) {
            head = (size_t)(end + 4 - buffer);
            length = strtoul(field + 15, NULL, 10);
        }
    }
    *body = buffer + head;
    *body_size = length;
    return used;
}
