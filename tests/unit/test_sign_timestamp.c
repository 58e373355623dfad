/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/pe_fixture.h"
#include "tests/unit/sign_fixture.h"
#include "tests/unit/tls_fixture.h"
#include "util/outfile.h"

static const struct sign_passphrase no_passphrase = {-1};

static struct sign_authority *local_authority(void)
{
    struct sign_authority *authority;
    tls_authority_stamper("stamper.key", "stamper.pem");
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
    tls_authority_signer("stamper.key", "stamper.pem");
    assert_int_equal(
        sign_authority_local("stamper.key", "stamper.pem", no_passphrase, &authority, &err),
        VF_POLICY);
    assert_non_null(strstr(err.text, "stamper.pem"));
}

/* What the server answers: the authority's word, or text. */
struct stamper {
    const struct sign_authority *authority;
    const char *text;
    bool spoiled; /* a byte of the stamp's signature, which the answer ends with */
};

static void serve_stamp(BIO *link, const void *context)
{
    static char request[8192];
    const struct stamper *stamper = context;
    struct vf_buf answer = VF_BUF_INIT;
    const char *body;
    size_t size;

    read_request(link, request, sizeof(request), &body, &size);
    struct vf_view question = {(const uint8_t *)body, size};
    if (stamper->text)
        vf_buf_append_text(&answer, stamper->text);
    else if (sign_authority_answer(stamper->authority, question, &answer, NULL))
        _exit(1);
    if (stamper->spoiled)
        answer.data[answer.size - 20] ^= 1;
    BIO_printf(link,
               "HTTP/1.0 200 OK\r\nContent-Type: application/timestamp-reply\r\n"
               "Content-Length: %zu\r\n\r\n",
               answer.size);
    BIO_write(link, answer.data, (int)answer.size);
}

/* Over TLS where there is an authority for it. */
static enum vf_code stamp_from_server(const struct tls_authority *tls,
                                      const struct stamper *stamper, struct vf_buf *token,
                                      struct vf_err *err)
{
    struct vf_view bytes = {(const uint8_t *)"signature", 9};
    struct sign_authority *authority;
    char url[64];
    struct served served = serve_once(tls, "IP:127.0.0.1", true, serve_stamp, stamper);

    snprintf(url, sizeof(url), "%s://127.0.0.1:%u/stamp", tls ? "https" : "http", served.port);
    assert_int_equal(sign_authority_url(url, "ca.pem", &authority, NULL), VF_OK);
    enum vf_code code = sign_authority_stamp(authority, bytes, token, err);
    sign_authority_free(authority);
    served_end(&served);
    return code;
}

static void authority_is_asked_over_http_and_https(void **state)
{
    (void)state;
    struct tls_authority tls = tls_authority_make("ca.pem");
    struct sign_authority *local = local_authority();
    for (int safe = 0; safe < 2; safe++) {
        struct vf_buf token = VF_BUF_INIT;
        struct vf_err err = {VF_OK, ""};
        if (stamp_from_server(safe ? &tls : NULL, &(struct stamper){.authority = local}, &token,
                              &err))
            fail_msg("%s", err.text);
        assert_true(token.size > 500);
        vf_buf_free(&token);
    }
    sign_authority_free(local);
    tls_authority_free(&tls);
}

static void wrong_answers_are_refused(void **state)
{
    (void)state;
    struct vf_buf token = VF_BUF_INIT;
    assert_int_not_equal(
        stamp_from_server(NULL, &(struct stamper){.text = "<html>no</html>"}, &token, NULL), VF_OK);
    /* a TimeStampResp with the status "rejection" */
    assert_int_equal(stamp_from_server(NULL,
                                       &(struct stamper){.text = "0\x05"
                                                                 "0\x03\x02\x01\x02"},
                                       &token, NULL),
                     VF_POLICY);
    assert_int_equal(token.size, 0);
}

static void stamp_with_a_wrong_signature_is_refused(void **state)
{
    (void)state;
    struct sign_authority *local = local_authority();
    struct vf_buf token = VF_BUF_INIT;
    struct vf_err err = {VF_OK, ""};
    assert_int_equal(stamp_from_server(NULL, &(struct stamper){.authority = local, .spoiled = true},
                                       &token, &err),
                     VF_POLICY);
    assert_non_null(strstr(err.text, "not signed rightly"));
    assert_int_equal(token.size, 0);
    sign_authority_free(local);
}

static void absent_authority_is_named(void **state)
{
    (void)state;
    struct vf_view bytes = {(const uint8_t *)"signature", 9};
    struct sign_authority *authority;
    struct vf_buf token = VF_BUF_INIT;
    struct vf_err err;
    char url[64];
    unsigned port;
    int socket = nobody_listens(&port);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
    assert_int_equal(sign_authority_url(url, NULL, &authority, NULL), VF_OK);
    assert_int_equal(sign_authority_stamp(authority, bytes, &token, &err), VF_IO);
    assert_non_null(strstr(err.text, "127.0.0.1"));
    sign_authority_free(authority);
    close(socket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamped_signature_tells_its_time),
        cmocka_unit_test(stamp_of_a_root_is_trusted),
        cmocka_unit_test(changed_stamp_is_noticed),
        cmocka_unit_test(certificate_for_other_uses_is_refused),
        cmocka_unit_test(authority_is_asked_over_http_and_https),
        cmocka_unit_test(wrong_answers_are_refused),
        cmocka_unit_test(stamp_with_a_wrong_signature_is_refused),
        cmocka_unit_test(absent_authority_is_named),
    };
    return cmocka_run_group_tests(tests, sign_fixture_setup, sign_fixture_teardown);
}
