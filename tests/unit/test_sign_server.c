/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions over HTTP and HTTPS: who is believed, and what a bad server can cost. */
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <time.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

#include "builder/sign/server.h"
#include "tests/unit/tls_fixture.h"

#define PATIENCE 2u /* of a client that will have to wait for its end */
#define SHAKING  4u /* more of it, for a handshake that must not take all of it */
#define SOON     20 /* seconds: long after any patience here, before the servers end by themselves */
#define QUESTION "question/x"
#define ANSWER   "answer/x"
#define NAME     "127.1" /* a name to OpenSSL, an address to the resolver, which asks nobody then */

static const char good_head[] = "HTTP/1.0 200 OK\r\nContent-Type: answer/x\r\n";
static const struct vf_view question = {(const uint8_t *)"what?", 5};

/* Ask SCHEME://HOST:port; patience 0: as much as there is of itself. */
static enum vf_code ask_for(unsigned patience, const char *scheme, const char *host,
                            const struct served *served, const char *authorities,
                            struct vf_buf *answer, struct vf_err *err)
{
    struct sign_server *server;
    char url[96];

    snprintf(url, sizeof(url), "%s://%s:%u/stamp", scheme, host, served->port);
    assert_int_equal(sign_server_new(url, authorities, &server, NULL), VF_OK);
    if (patience)
        sign_server_set_patience(server, patience);
    enum vf_code code = sign_server_post(server, question, QUESTION, ANSWER, answer, err);
    sign_server_free(server);
    return code;
}

static enum vf_code ask(const char *scheme, const char *host, const struct served *served,
                        const char *authorities, struct vf_buf *answer, struct vf_err *err)
{
    return ask_for(0, scheme, host, served, authorities, answer, err);
}

static void read_question(BIO *link)
{
    static char buffer[4096];
    const char *body;
    size_t size;

    read_request(link, buffer, sizeof(buffer), &body, &size);
    if (size != question.size || memcmp(body, question.data, size) != 0 ||
        !strstr(buffer, "POST /stamp HTTP/1.") || !strstr(buffer, "Content-Type: " QUESTION))
        _exit(4);
}

/* Answers the empty SEQUENCE; context is the name that the client must have announced. */
static void answer_well(BIO *link, const void *context)
{
    const char *name = NULL;
    SSL *tls = NULL;

    if (BIO_get_ssl(link, &tls) > 0 && tls)
        name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
    if (context ? !name || strcmp(name, context) != 0 : name != NULL)
        _exit(5);
    read_question(link);
    BIO_puts(link, good_head);
    usleep(20000); /* the head comes in two pieces */
    BIO_write(link, "Content-Length: 2\r\n\r\n0\0", 23);
}

static void good_answers_are_taken(void **state)
{
    static const struct {
        const char *scheme, *host, *name, *announced;
    } cases[] = {
        {"http", "127.0.0.1", NULL, NULL},
        {"https", NAME, "DNS:" NAME, NAME},
        {"https", "127.0.0.1", "IP:127.0.0.1", NULL},
    };
    (void)state;
    struct tls_authority authority = tls_authority_make("ca.pem");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vf_buf answer = VF_BUF_INIT;
        struct vf_err err = {VF_OK, ""};
        struct served served = serve_once(cases[i].name ? &authority : NULL, cases[i].name, true,
                                          answer_well, cases[i].announced);
        if (ask(cases[i].scheme, cases[i].host, &served, "ca.pem", &answer, &err))
            fail_msg("case %zu: %s", i, err.text);
        assert_int_equal(answer.size, 2);
        assert_memory_equal(answer.data, "0\0", 2);
        assert_int_equal(served_end(&served), 0);
        vf_buf_free(&answer);
    }
    tls_authority_free(&authority);
}

/* The server's certificate must not do, and the question must not reach it. */
static void not_believed(const char *host, const char *name, bool valid, const char *authorities,
                         const char *words)
{
    struct tls_authority authority = tls_authority_make("ca.pem");
    struct tls_authority other = tls_authority_make("other.pem");
    struct vf_buf answer = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};
    struct served served = serve_once(&authority, name, valid, answer_well, NULL);

    assert_int_equal(ask("https", host, &served, authorities, &answer, &err), VF_POLICY);
    if (!strstr(err.text, words))
        fail_msg("no '%s' in: %s", words, err.text);
    assert_non_null(strstr(err.text, host));
    assert_int_equal(answer.size, 0);
    assert_int_not_equal(served_end(&served), 0);
    tls_authority_free(&other);
    tls_authority_free(&authority);
}

/* Is there an IPv6 loopback? Not on every machine. */
static bool has_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int here = socket(AF_INET6, SOCK_STREAM, 0);
    bool has = here >= 0 && bind(here, (struct sockaddr *)&address, sizeof(address)) == 0;

    if (here >= 0)
        close(here);
    return has;
}

static void address_in_brackets_is_compared_as_one(void **state)
{
    (void)state;
    if (!has_ipv6())
        skip();
    struct tls_authority authority = tls_authority_make("ca.pem");
    struct vf_buf answer = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};
    struct served served = serve_once(&authority, "IP:::1", true, answer_well, NULL);
    if (ask("https", "[::1]", &served, "ca.pem", &answer, &err))
        fail_msg("%s", err.text);
    assert_int_equal(answer.size, 2);
    assert_int_equal(served_end(&served), 0);
    vf_buf_free(&answer);
    tls_authority_free(&authority);
}

static void certificate_for_another_host_is_refused(void **state)
{
    (void)state;
    not_believed(NAME, "DNS:example.org", true, "ca.pem", "ostname mismatch");
    not_believed("127.0.0.1", "DNS:" NAME, true, "ca.pem", "IP address mismatch");
    not_believed(NAME, "DNS:*", true, "ca.pem", "ostname mismatch");
}

static void certificate_of_an_unknown_authority_is_refused(void **state)
{
    (void)state;
    not_believed(NAME, "DNS:" NAME, true, "other.pem", "local issuer certificate");
    not_believed(NAME, "DNS:" NAME, true, NULL, "local issuer certificate");
}

static void certificate_that_has_ended_is_refused(void **state)
{
    (void)state;
    not_believed(NAME, "DNS:" NAME, false, "ca.pem", "expired");
}

static void say_nothing(BIO *link, const void *context)
{
    (void)link;
    (void)context;
    for (;;)
        pause();
}

static void hang_up(BIO *link, const void *context)
{
    (void)link;
    (void)context;
}

static void say_no_dns(BIO *link, const void *context)
{
    (void)context;
    BIO_puts(link, "220 mail.example ESMTP\r\n");
    say_nothing(link, NULL);
}

/* One byte each tenth of a second: no single read has to wait long. */
static void trickle(BIO *link, const void *context)
{
    (void)context;
    read_question(link);
    BIO_puts(link, good_head);
    while (BIO_puts(link, "x") > 0 && BIO_flush(link) > 0)
        usleep(100000);
}

static void never_end_the_head(BIO *link, const void *context)
{
    char line[1024] = "X-More: "; /* long, so that the two take little time to get to the bound */

    (void)context;
    read_question(link);
    memset(line + strlen(line), 'x', sizeof(line) - strlen(line));
    memcpy(line + sizeof(line) - 2, "\r\n", 2);
    BIO_puts(link, good_head);
    while (BIO_write(link, line, sizeof(line)) > 0)
        ;
}

static void never_end_the_body(BIO *link, const void *context)
{
    static const char zeros[4096];

    (void)context;
    read_question(link);
    BIO_puts(link, good_head);
    BIO_write(link, "\r\n0\x84\x7F\xFF\xFF\xFF", 8);
    while (BIO_write(link, zeros, sizeof(zeros)) > 0)
        ;
}

static void answer_another_type(BIO *link, const void *context)
{
    (void)context;
    read_question(link);
    BIO_puts(link, "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n");
    BIO_write(link, "0\0", 2);
}

static void answer_not_found(BIO *link, const void *context)
{
    (void)context;
    read_question(link);
    BIO_puts(link, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static const struct {
    serve_fn serve;
    unsigned patience;
    const char *words;
} bad_servers[] = {
    {say_nothing, PATIENCE, "no whole answer in"},
    {trickle, PATIENCE, "no whole answer in"},
    {hang_up, 0, "no answer"},
    {never_end_the_head, 0, "sends more than"},
    {never_end_the_body, 0, ""},
    {answer_another_type, 0, "no answer"},
    {answer_not_found, 0, "no answer"},
};

/* Whatever the server does, the question ends in bounded time with its name in the message. */
static void bad_servers_cost_little(void **state)
{
    (void)state;
    struct tls_authority authority = tls_authority_make("ca.pem");
    for (size_t i = 0; i < 2 * sizeof(bad_servers) / sizeof(bad_servers[0]); i++) {
        bool tls = i % 2;
        struct vf_buf answer = VF_BUF_INIT;
        struct vf_err err = {VF_OK, ""};
        struct served served =
            serve_once(tls ? &authority : NULL, "DNS:" NAME, true, bad_servers[i / 2].serve, NULL);
        time_t start = time(NULL);
        unsigned patience = bad_servers[i / 2].patience;
        enum vf_code code = ask_for(patience && tls ? patience + SHAKING : patience,
                                    tls ? "https" : "http", NAME, &served, "ca.pem", &answer, &err);
        assert_true(time(NULL) - start <= SOON);
        assert_int_equal(code, VF_IO);
        assert_non_null(strstr(err.text, NAME));
        if (!strstr(err.text, bad_servers[i / 2].words))
            fail_msg("server %zu: no '%s' in: %s", i, bad_servers[i / 2].words, err.text);
        assert_true(answer.size <= SIGN_SERVER_ANSWER_MAX);
        served_stop(&served);
        vf_buf_free(&answer);
    }
    tls_authority_free(&authority);
}

static void servers_without_tls_are_refused_over_https(void **state)
{
    static const serve_fn servers[] = {answer_well, say_nothing, hang_up, say_no_dns};
    (void)state;
    struct tls_authority authority = tls_authority_make("ca.pem");
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        struct vf_buf answer = VF_BUF_INIT;
        struct vf_err err = {VF_OK, ""};
        struct served served = serve_once(NULL, NULL, true, servers[i], NULL);
        time_t start = time(NULL);
        assert_int_equal(ask_for(PATIENCE, "https", NAME, &served, "ca.pem", &answer, &err), VF_IO);
        assert_true(time(NULL) - start <= SOON);
        assert_non_null(strstr(err.text, "over TLS"));
        served_stop(&served);
    }
    tls_authority_free(&authority);
}

/* Begins at once, says a byte more shortly before the client's time is over, and falls silent. */
static void pause_late(BIO *link, const void *context)
{
    read_question(link);
    BIO_puts(link, "HTTP/1.0");
    sleep(*(const unsigned *)context);
    BIO_puts(link, " ");
    say_nothing(link, NULL);
}

static void last_wait_is_no_longer_than_the_rest(void **state)
{
    static const unsigned patience = 10, pause_after = 8;
    (void)state;
    struct vf_buf answer = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};
    struct served served = serve_once(NULL, NULL, true, pause_late, &pause_after);
    time_t start = time(NULL);
    assert_int_equal(ask_for(patience, "http", NAME, &served, NULL, &answer, &err), VF_IO);
    /* a wait as long as the first one would end at 18 seconds or later */
    assert_true(time(NULL) - start < (time_t)(pause_after + patience) - 2);
    assert_non_null(strstr(err.text, "in 10 seconds"));
    served_stop(&served);
}

static void only_http_urls_are_taken(void **state)
{
    static const char *const urls[] = {"ftp://a", "", "http://a:b:c", "localhost", "https://"};
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct sign_server *server;
        struct vf_err err;
        if (sign_server_new(urls[i], NULL, &server, &err) != VF_USAGE)
            fail_msg("%s", urls[i]);
        assert_non_null(strstr(err.text, urls[i]));
    }
}

static void authorities_that_are_none_are_named(void **state)
{
    struct sign_server *server;
    struct vf_err err;
    (void)state;
    scratch_put("text", "no certificate");
    assert_int_equal(sign_server_new("https://localhost/", "text", &server, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "text: "));
    assert_int_equal(sign_server_new("https://localhost/", "none", &server, &err), VF_IO);
    assert_non_null(strstr(err.text, "none: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(good_answers_are_taken),
        SCRATCH_TEST(address_in_brackets_is_compared_as_one),
        SCRATCH_TEST(certificate_for_another_host_is_refused),
        SCRATCH_TEST(certificate_of_an_unknown_authority_is_refused),
        SCRATCH_TEST(certificate_that_has_ended_is_refused),
        SCRATCH_TEST(bad_servers_cost_little),
        SCRATCH_TEST(servers_without_tls_are_refused_over_https),
        SCRATCH_TEST(last_wait_is_no_longer_than_the_rest),
        SCRATCH_TEST(only_http_urls_are_taken),
        SCRATCH_TEST(authorities_that_are_none_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
