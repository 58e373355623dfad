/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question to a server, over TLS or not. */
#include "builder/sign/server.h"

#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "builder/sign/sign_private.h"

/* TLS adds its certificates and frames to what the answer itself may have */
#define WIRE_MAX (2 * SIGN_SERVER_ANSWER_MAX)

struct sign_server {
    char *host, *port, *path;
    SSL_CTX *tls; /* NULL for plain HTTP */
    unsigned seconds;
};

/* What an exchange may still cost. */
struct budget {
    time_t end; /* by the monotonic clock */
    size_t bytes;
};

static time_t monotonic_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static enum vf_code trust(SSL_CTX *tls, const char *authorities, struct vf_err *err)
{
    struct sign_roots *roots = NULL;

    if (!authorities) {
        if (!SSL_CTX_set_default_verify_paths(tls))
            return sign_fail_openssl(err, VF_IO, "the system's certificates cannot be read");
        return VF_OK;
    }
    enum vf_code code = sign_roots_new(&roots, err);
    if (!code)
        code = sign_roots_add(roots, authorities, err);
    if (!code)
        SSL_CTX_set1_cert_store(tls, sign_roots_store(roots));
    sign_roots_free(roots);
    return code;
}

static enum vf_code start_tls(struct sign_server *server, const char *authorities,
                              struct vf_err *err)
{
    server->tls = SSL_CTX_new(TLS_client_method());
    if (!server->tls || !SSL_CTX_set_min_proto_version(server->tls, TLS1_2_VERSION))
        return sign_fail_openssl(err, VF_IO, "cannot prepare for TLS");
    SSL_CTX_set_verify(server->tls, SSL_VERIFY_PEER, NULL);
    return trust(server->tls, authorities, err);
}

enum vf_code sign_server_new(const char *url, const char *authorities, struct sign_server **out,
                             struct vf_err *err)
{
    struct sign_server *server = calloc(1, sizeof(*server));
    enum vf_code code = VF_OK;
    int tls = 0;

    if (!server)
        return vf_fail_memory(err);
    server->seconds = SIGN_SERVER_SECONDS;
    /* the parser takes a URL without a scheme for http */
    if (!strstr(url, "://") ||
        !OSSL_HTTP_parse_url(url, &tls, NULL, &server->host, &server->port, NULL, &server->path,
                             NULL, NULL) ||
        !*server->host)
        code = vf_fail(err, VF_USAGE, "'%s': expected an http:// or https:// URL", url);
    else if (tls)
        code = start_tls(server, authorities, err);
    ERR_clear_error();
    if (code) {
        sign_server_free(server);
        return code;
    }
    *out = server;
    return VF_OK;
}

void sign_server_free(struct sign_server *server)
{
    if (!server)
        return;
    OPENSSL_free(server->host);
    OPENSSL_free(server->port);
    OPENSSL_free(server->path);
    SSL_CTX_free(server->tls);
    free(server);
}

void sign_server_set_patience(struct sign_server *server, unsigned seconds)
{
    server->seconds = seconds;
}

/* Have a read that waits come back when the time is surely over. */
static void limit_read(BIO *link, time_t left)
{
    struct timeval time = {.tv_sec = left + 1};
    int fd;

    if (BIO_get_fd(link, &fd) >= 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
}

/*
 * Sits on the socket's reads. OpenSSL looks at the time only where it has to wait, so that a server
 * which never stops sending would be listened to for ever.
 */
static long watch_reads(BIO *link, int operation, const char *data, size_t size, int argi,
                        long argl, int result, size_t *processed)
{
    struct budget *budget = (struct budget *)BIO_get_callback_arg(link);

    (void)data;
    (void)size;
    (void)argi;
    (void)argl;
    if (operation == BIO_CB_READ) {
        time_t left = budget->end - monotonic_seconds();
        if (!budget->bytes || left < 0) {
            BIO_clear_retry_flags(link);
            return -1;
        }
        limit_read(link, left);
    }
    if (operation == (BIO_CB_READ | BIO_CB_RETURN) && result > 0 && processed)
        budget->bytes -= *processed < budget->bytes ? *processed : budget->bytes;
    return result;
}

/* An address of IPv6 as it is without the brackets that a URL puts it in (RFC 3986, 3.2.2). */
static bool bare_address(const char *host, char *out, size_t room)
{
    size_t size = strlen(host);

    if (size < 2 || size - 2 >= room || host[0] != '[' || host[size - 1] != ']')
        return false;
    memcpy(out, host + 1, size - 2);
    out[size - 2] = '\0';
    return true;
}

/* Have the handshake ask for the server's host, and the answer judged by it. */
static bool expect_host(SSL *tls, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(tls);
    char address[INET6_ADDRSTRLEN];

    /* an address is no name: it is not announced (RFC 6066, 3) and is compared as one */
    if (X509_VERIFY_PARAM_set1_ip_asc(param, bare_address(host, address, sizeof(address)) ? address
                                                                                          : host))
        return true;
    ERR_clear_error();
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(tls, host) && SSL_set_tlsext_host_name(tls, host);
}

/* Why the connection failed, in words. */
static enum vf_code fail_connection(const struct sign_server *server, const struct budget *budget,
                                    SSL *tls, struct vf_err *err)
{
    long verdict = tls ? SSL_get_verify_result(tls) : X509_V_OK;

    if (verdict == X509_V_OK && monotonic_seconds() > budget->end)
        return vf_fail(err, VF_IO, "%s:%s cannot be reached%s in %u seconds", server->host,
                       server->port, tls ? " over TLS" : "", server->seconds);
    if (verdict == X509_V_OK)
        return sign_fail_openssl(err, VF_IO, "%s:%s cannot be reached%s", server->host,
                                 server->port, tls ? " over TLS" : "");
    ERR_clear_error();
    return vf_fail(err, VF_POLICY,
                   "%s:%s cannot prove who it is (%s); give the certificate of its authority, or "
                   "another server",
                   server->host, server->port, X509_verify_cert_error_string(verdict));
}

/* Connect and, through TLS, shake hands. Each turn waits, so that the time is looked at. */
static bool complete_connection(BIO *link, const struct budget *budget)
{
    BIO_set_nbio(link, 1);
    while (BIO_do_connect(link) != 1) {
        if (!BIO_should_retry(link) || monotonic_seconds() > budget->end)
            return false;
        BIO_wait(link, time(NULL) + 1, 0);
    }
    return true;
}

/* A connection to the server, through TLS where the URL says so. budget must outlive it. */
static enum vf_code connect_to(const struct sign_server *server, struct budget *budget, BIO **out,
                               struct vf_err *err)
{
    SSL *tls = NULL;

    BIO *link = BIO_new_connect(server->host);
    if (!link || BIO_set_conn_port(link, server->port) != 1) {
        BIO_free_all(link);
        return sign_fail_openssl(err, VF_IO, "%s:%s cannot be reached", server->host, server->port);
    }
    BIO_set_callback_ex(link, watch_reads);
    BIO_set_callback_arg(link, (char *)budget);
    if (server->tls) {
        BIO *layer = BIO_new_ssl(server->tls, 1);
        if (!layer) {
            BIO_free_all(link);
            return vf_fail_memory(err);
        }
        link = BIO_push(layer, link);
        BIO_get_ssl(layer, &tls);
        if (!expect_host(tls, server->host)) {
            BIO_free_all(link);
            return sign_fail_openssl(err, VF_IO, "%s: not a host name", server->host);
        }
    }
    if (!complete_connection(link, budget)) {
        enum vf_code code = fail_connection(server, budget, tls, err);
        BIO_free_all(link);
        return code;
    }
    *out = link;
    return VF_OK;
}

/*
 * From here on reads and writes wait by themselves, reads as limit_read() says: where OpenSSL 3.0
 * is sent away in the middle of an answer's head it forgets the content type that it has seen.
 */
static bool wait_in_calls(BIO *link, time_t left)
{
    struct timeval time = {.tv_sec = left + 1};
    int fd;

    return BIO_get_fd(link, &fd) >= 0 && BIO_socket_nbio(fd, 0) == 1 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)) == 0;
}

/* POST over an open connection; the answer's body, or NULL. */
static BIO *exchange(const struct sign_server *server, const struct budget *budget, BIO *link,
                     BIO *question, const char *question_type, const char *answer_type)
{
    time_t left = budget->end - monotonic_seconds();

    if (left < 1)
        left = 1;
    if (!wait_in_calls(link, left))
        return NULL;
    return OSSL_HTTP_transfer(NULL, server->host, server->port, server->path, 0, NULL, NULL, link,
                              link, NULL, NULL, 0, NULL, question_type, question, answer_type, 1,
                              SIGN_SERVER_ANSWER_MAX, (int)left, 0);
}

static enum vf_code fail_exchange(const struct sign_server *server, const struct budget *budget,
                                  struct vf_err *err)
{
    const char *host = server->host, *port = server->port;

    if (!budget->bytes)
        return vf_fail(err, VF_IO, "%s:%s sends more than an answer can have", host, port);
    if (monotonic_seconds() > budget->end ||
        ERR_GET_REASON(ERR_peek_last_error()) == BIO_R_TRANSFER_TIMEOUT)
        return vf_fail(err, VF_IO, "%s:%s gives no whole answer in %u seconds", host, port,
                       server->seconds);
    return sign_fail_openssl(err, VF_IO, "%s:%s gives no answer", host, port);
}

static enum vf_code ask(const struct sign_server *server, BIO *question, const char *question_type,
                        const char *answer_type, struct vf_buf *answer, struct vf_err *err)
{
    struct budget budget = {monotonic_seconds() + (time_t)server->seconds, WIRE_MAX};
    BIO *link = NULL;
    char piece[4096];
    int got;

    enum vf_code code = connect_to(server, &budget, &link, err);
    if (code)
        return code;
    BIO *said = exchange(server, &budget, link, question, question_type, answer_type);
    if (!said)
        code = fail_exchange(server, &budget, err);
    while (!code && answer->size < SIGN_SERVER_ANSWER_MAX &&
           (got = BIO_read(said, piece, sizeof(piece))) > 0)
        vf_buf_append(answer, piece, (size_t)got);
    if (!code && !vf_buf_ok(answer))
        code = vf_fail_memory(err);
    BIO_free_all(said);
    BIO_free_all(link);
    return code;
}

enum vf_code sign_server_post(const struct sign_server *server, struct vf_view question,
                              const char *question_type, const char *answer_type,
                              struct vf_buf *answer, struct vf_err *err)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;

    BIO *asked =
        question.size > INT_MAX ? NULL : BIO_new_mem_buf(question.data, (int)question.size);
    if (!asked)
        return vf_fail_memory(err);
    /* a server that hangs up while it is written to must not end the program */
    sigaction(SIGPIPE, &ignore, &before);
    enum vf_code code = ask(server, asked, question_type, answer_type, answer, err);
    sigaction(SIGPIPE, &before, NULL);
    BIO_free(asked);
    ERR_clear_error();
    return code;
}
