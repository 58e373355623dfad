/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "tests/unit/pe_fixture.h"
#include "tests/unit/sign_fixture.h"
#include "util/outfile.h"

static const struct sign_passphrase no_passphrase = {-1};

/* stamper.key and stamper.pem: a self-signed authority for time stamping and nothing else. */
static void write_authority(const char *usage)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    X509 *certificate = X509_new();
    X509V3_CTX context;
    assert_non_null(key);
    assert_non_null(certificate);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"stamper", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, NID_ext_key_usage, usage);
    assert_non_null(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE *file = fopen("stamper.key", "w");
    assert_non_null(file);
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    file = fopen("stamper.pem", "w");
    assert_non_null(file);
    PEM_write_X509(file, certificate);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static struct sign_authority *local_authority(void)
{
    struct sign_authority *authority;
    write_authority("critical,timeStamping");
    assert_int_equal(
        sign_authority_local("stamper.key", "stamper.pem", no_passphrase, &authority, NULL), VF_OK);
    return authority;
}

/* An image signed and stamped. */
static void stamp_image(const struct sign_key *key, const struct sign_authority *authority,
                        struct vf_buf *out)
{
    struct sign_options options = {.authority = authority};
    struct vf_buf file = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    if (sign_file(vf_view_of(&file), key, &options, out, &err))
        fail_msg("%s", err.text);
    vf_buf_free(&file);
}

static void stamped_signature_tells_its_time(void **state)
{
    struct sign_authority *authority = local_authority();
    struct vf_buf out = VF_BUF_INIT;
    struct sign_report report;
    stamp_image(*state, authority, &out);
    assert_int_equal(sign_inspect(vf_view_of(&out), NULL, &report, NULL), VF_OK);
    assert_string_equal(report.why, "");
    assert_true(report.valid);
    assert_int_equal(report.timestamp, SIGN_TIME_RFC3161);
    assert_true(report.timestamp_valid);
    assert_false(report.timestamp_trusted);
    assert_string_equal(report.timestamp_signer, "CN=stamper");
    assert_true(report.timestamp_time >= (int64_t)time(NULL) - 60);
    assert_true(report.timestamp_time <= (int64_t)time(NULL) + 60);
    vf_buf_free(&out);
    sign_authority_free(authority);
}

static void stamp_of_a_root_is_trusted(void **state)
{
    struct sign_authority *authority = local_authority();
    struct sign_roots *roots = sign_fixture_roots(*state);
    struct vf_buf out = VF_BUF_INIT;
    struct sign_report report;
    assert_int_equal(sign_roots_add(roots, "stamper.pem", NULL), VF_OK);
    stamp_image(*state, authority, &out);
    assert_int_equal(sign_inspect(vf_view_of(&out), roots, &report, NULL), VF_OK);
    assert_true(report.timestamp_trusted);
    assert_int_equal(report.chain, SIGN_CHAIN_TRUSTED);
    vf_buf_free(&out);
    sign_roots_free(roots);
    sign_authority_free(authority);
}

static void changed_stamp_is_noticed(void **state)
{
    struct sign_authority *authority = local_authority();
    struct vf_buf out = VF_BUF_INIT;
    struct sign_report report;
    stamp_image(*state, authority, &out);
    /* the last bytes before the padding are the stamp's own signature */
    out.data[out.size - 20] ^= 1;
    assert_int_equal(sign_inspect(vf_view_of(&out), NULL, &report, NULL), VF_OK);
    assert_false(report.valid);
    assert_false(report.timestamp_valid);
    assert_non_null(strstr(report.why, "time stamp"));
    vf_buf_free(&out);
    sign_authority_free(authority);
}

static void certificate_for_other_uses_is_refused(void **state)
{
    (void)state;
    struct sign_authority *authority;
    struct vf_err err;
    write_authority("codeSigning");
    assert_int_equal(
        sign_authority_local("stamper.key", "stamper.pem", no_passphrase, &authority, &err),
        VF_POLICY);
    assert_non_null(strstr(err.text, "stamper.pem"));
}

static void only_http_urls_are_taken(void **state)
{
    (void)state;
    static const char *const urls[] = {"https://a/b", "ftp://a", "", "http://a:b:c"};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct sign_authority *authority;
        assert_int_equal(sign_authority_url(urls[i], &authority, NULL), VF_USAGE);
    }
}

/* A listening socket on this machine; *port is its number. */
static int listen_here(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return listener;
}

/* One exchange: read the request, answer it with the authority's word, or with text. */
static void serve(int listener, const struct sign_authority *authority, const char *text)
{
    static char request[8192];
    struct vf_buf answer = VF_BUF_INIT;
    char head[160];
    size_t used = 0, length = 0, body = 0;
    int peer = accept(listener, NULL, NULL);

    while (!body || used < body + length) {
        ssize_t got = read(peer, request + used, sizeof(request) - 1 - used);
        if (got <= 0)
            _exit(1);
        used += (size_t)got;
        request[used] = '\0';
        char *end = strstr(request, "\r\n\r\n"), *field = strcasestr(request, "Content-Length:");
        if (end && field) {
            body = (size_t)(end + 4 - request);
            length = strtoul(field + 15, NULL, 10);
        }
    }
    struct vf_view question = {(const uint8_t *)request + body, length};
    if (text)
        vf_buf_append_text(&answer, text);
    else if (sign_authority_answer(authority, question, &answer, NULL))
        _exit(1);
    int size = snprintf(head, sizeof(head),
                        "HTTP/1.0 200 OK\r\nContent-Type: application/timestamp-reply\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        answer.size);
    if (write(peer, head, (size_t)size) != size ||
        write(peer, answer.data, answer.size) != (ssize_t)answer.size)
        _exit(1);
    close(peer);
    _exit(0);
}

static enum vf_code stamp_over_http(const struct sign_authority *local, const char *text,
                                    struct vf_buf *token, struct vf_err *err)
{
    struct vf_view bytes = {(const uint8_t *)"signature", 9};
    struct sign_authority *authority;
    char url[64];
    unsigned port;
    int listener = listen_here(&port);
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        serve(listener, local, text);
    }
    close(listener);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/stamp", port);
    assert_int_equal(sign_authority_url(url, &authority, NULL), VF_OK);
    enum vf_code code = sign_authority_stamp(authority, bytes, token, err);
    sign_authority_free(authority);
    waitpid(child, NULL, 0);
    return code;
}

static void authority_is_asked_over_http(void **state)
{
    (void)state;
    struct sign_authority *local = local_authority();
    struct vf_buf token = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};
    if (stamp_over_http(local, NULL, &token, &err))
        fail_msg("%s", err.text);
    assert_true(token.size > 500);
    vf_buf_free(&token);
    sign_authority_free(local);
}

static void wrong_answers_are_refused(void **state)
{
    (void)state;
    struct vf_buf token = VF_BUF_INIT;
    assert_int_not_equal(stamp_over_http(NULL, "<html>no</html>", &token, NULL), VF_OK);
    /* a TimeStampResp with the status "rejection" */
    assert_int_equal(stamp_over_http(NULL,
                                     "0\x05"
                                     "0\x03\x02\x01\x02",
                                     &token, NULL),
                     VF_POLICY);
    assert_int_equal(token.size, 0);
}

static void silent_authority_is_named(void **state)
{
    (void)state;
    struct vf_view bytes = {(const uint8_t *)"signature", 9};
    struct sign_authority *authority;
    struct vf_buf token = VF_BUF_INIT;
    struct vf_err err;
    char url[64];
    unsigned port;
    close(listen_here(&port));
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    assert_int_equal(sign_authority_url(url, &authority, NULL), VF_OK);
    assert_int_equal(sign_authority_stamp(authority, bytes, &token, &err), VF_IO);
    assert_non_null(strstr(err.text, "127.0.0.1"));
    sign_authority_free(authority);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamped_signature_tells_its_time),
        cmocka_unit_test(stamp_of_a_root_is_trusted),
        cmocka_unit_test(changed_stamp_is_noticed),
        cmocka_unit_test(certificate_for_other_uses_is_refused),
        cmocka_unit_test(only_http_urls_are_taken),
        cmocka_unit_test(authority_is_asked_over_http),
        cmocka_unit_test(wrong_answers_are_refused),
        cmocka_unit_test(silent_authority_is_named),
    };
    return cmocka_run_group_tests(tests, sign_fixture_setup, sign_fixture_teardown);
}
