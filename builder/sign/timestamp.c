/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for time stamps, and granting them. */
#include "builder/sign/timestamp.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ts.h>

#include "builder/sign/server.h"
#include "builder/sign/sign_private.h"
#include "util/digest.h"

/* RFC 3161, 3.4 */
#define QUESTION_TYPE "application/timestamp-query"
#define ANSWER_TYPE   "application/timestamp-reply"
#define NONCE_BYTES   8
/* a stamp must name a policy: the one of RFC 3628, 5.2, which promises no more than its time */
#define LOCAL_POLICY "0.4.0.2023.1.1"

struct sign_authority {
    struct sign_server *server; /* NULL for a local one */
    struct sign_key key;        /* of a local one */
};

enum vf_code sign_authority_url(const char *url, const char *server_roots,
                                struct sign_authority **out, struct vf_err *err)
{
    struct sign_authority *authority = calloc(1, sizeof(*authority));

    if (!authority)
        return vf_fail_memory(err);
    enum vf_code code = sign_server_new(url, server_roots, &authority->server, err);
    if (code) {
        sign_authority_free(authority);
        return code;
    }
    *out = authority;
    return VF_OK;
}

enum vf_code sign_authority_local(const char *key_path, const char *certificate_path,
                                  struct sign_passphrase passphrase, struct sign_authority **out,
                                  struct vf_err *err)
{
    struct sign_authority *authority = calloc(1, sizeof(*authority));
    if (!authority)
        return vf_fail_memory(err);
    struct sign_key *key = &authority->key;
    enum vf_code code = sign_key_read_pair(key_path, certificate_path, passphrase, key, err);
    if (!code && X509_check_purpose(key->certificate, X509_PURPOSE_TIMESTAMP_SIGN, 0) != 1)
        code = vf_fail(err, VF_POLICY, "%s: the certificate is not for time stamping",
                       certificate_path ? certificate_path : key_path);
    if (code) {
        sign_authority_free(authority);
        return code;
    }
    *out = authority;
    return VF_OK;
}

void sign_authority_free(struct sign_authority *authority)
{
    if (!authority)
        return;
    sign_server_free(authority->server);
    sign_key_clear(&authority->key);
    free(authority);
}

/* A stamp's number: random, so that no state needs to be kept. */
static ASN1_INTEGER *next_serial(TS_RESP_CTX *context, void *unused)
{
    unsigned char bytes[NONCE_BYTES];
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    uint64_t value;

    (void)context;
    (void)unused;
    if (!serial || RAND_bytes(bytes, sizeof(bytes)) != 1) {
        ASN1_INTEGER_free(serial);
        return NULL;
    }
    memcpy(&value, bytes, sizeof(value));
    if (!ASN1_INTEGER_set_uint64(serial, value >> 1)) {
        ASN1_INTEGER_free(serial);
        return NULL;
    }
    return serial;
}

enum vf_code sign_authority_answer(const struct sign_authority *authority, struct vf_view request,
                                   struct vf_buf *answer, struct vf_err *err)
{
    BIO *source = request.size > INT_MAX ? NULL : BIO_new_mem_buf(request.data, (int)request.size);
    TS_RESP_CTX *context = TS_RESP_CTX_new();
    ASN1_OBJECT *policy = OBJ_txt2obj(LOCAL_POLICY, 1);
    TS_RESP *response = NULL;
    enum vf_code code;

    if (source && context && policy &&
        TS_RESP_CTX_set_signer_cert(context, authority->key.certificate) &&
        TS_RESP_CTX_set_signer_key(context, authority->key.key) &&
        TS_RESP_CTX_set_signer_digest(context, EVP_sha256()) &&
        TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256()) &&
        TS_RESP_CTX_set_def_policy(context, policy) && TS_RESP_CTX_add_md(context, EVP_sha256())) {
        TS_RESP_CTX_set_serial_cb(context, next_serial, NULL);
        response = TS_RESP_create_response(context, source);
    }
    if (response) {
        unsigned char *der = NULL;
        int size = i2d_TS_RESP(response, &der);
        code = sign_append_der(der, size, answer, err);
    } else {
        code = sign_fail_openssl(err, VF_IO, "cannot make a time stamp");
    }
    TS_RESP_free(response);
    ASN1_OBJECT_free(policy);
    TS_RESP_CTX_free(context);
    BIO_free(source);
    ERR_clear_error();
    return code;
}

/* A request for the stamp of a digest, with a nonce, asking for the authority's certificate. */
static TS_REQ *new_request(const struct vf_digest *digest)
{
    unsigned char bytes[NONCE_BYTES];
    uint64_t value;
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    ASN1_INTEGER *nonce = ASN1_INTEGER_new();

    bool good = request && imprint && algorithm && nonce && RAND_bytes(bytes, sizeof(bytes)) == 1 &&
                X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) &&
                TS_MSG_IMPRINT_set_algo(imprint, algorithm) &&
                TS_MSG_IMPRINT_set_msg(imprint, (unsigned char *)digest->bytes,
                                       (int)vf_hash_size(digest->hash)) &&
                TS_REQ_set_version(request, 1) && TS_REQ_set_msg_imprint(request, imprint) &&
                TS_REQ_set_cert_req(request, 1);
    if (good) {
        memcpy(&value, bytes, sizeof(value));
        good = ASN1_INTEGER_set_uint64(nonce, value) && TS_REQ_set_nonce(request, nonce);
    }
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    ASN1_INTEGER_free(nonce);
    if (!good) {
        TS_REQ_free(request);
        return NULL;
    }
    return request;
}

/* The token of an answer to this request. */
static enum vf_code take_token(TS_REQ *request, struct vf_view answer, struct vf_buf *token,
                               struct vf_err *err)
{
    const unsigned char *p = answer.data;
    TS_RESP *response = answer.size > INT_MAX ? NULL : d2i_TS_RESP(NULL, &p, (long)answer.size);
    TS_VERIFY_CTX *check = TS_REQ_to_TS_VERIFY_CTX(request, NULL);
    enum vf_code code;

    if (!response || !check) {
        code = vf_fail(err, VF_POLICY, "the time stamp authority's answer is no TimeStampResp");
        goto done;
    }
    /* whether its signer is trusted is judged with the signature that carries the token */
    TS_VERIFY_CTX_set_flags(check, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_NONCE);
    if (TS_RESP_verify_response(check, response) != 1 || !TS_RESP_get_token(response)) {
        code = sign_fail_openssl(err, VF_POLICY, "the time stamp authority grants no stamp");
        goto done;
    }
    unsigned char *der = NULL;
    int size = i2d_PKCS7(TS_RESP_get_token(response), &der);
    if (size > 0 && !sign_token_is_signed((struct vf_view){der, (size_t)size})) {
        OPENSSL_free(der);
        code = vf_fail(err, VF_POLICY, "the time stamp authority's stamp is not signed rightly");
        goto done;
    }
    code = sign_append_der(der, size, token, err);
done:
    TS_VERIFY_CTX_free(check);
    TS_RESP_free(response);
    ERR_clear_error();
    return code;
}

enum vf_code sign_authority_stamp(const struct sign_authority *authority, struct vf_view bytes,
                                  struct vf_buf *token, struct vf_err *err)
{
    struct vf_buf question = VF_BUF_INIT, answer = VF_BUF_INIT;
    unsigned char *der = NULL;
    struct vf_digest digest;

    enum vf_code code = vf_digest_view(VF_SHA256, bytes, &digest, err);
    if (code)
        return code;
    TS_REQ *request = new_request(&digest);
    int size = request ? i2d_TS_REQ(request, &der) : -1;
    code = sign_append_der(der, size, &question, err);
    if (!code)
        code = authority->server
                   ? sign_server_post(authority->server, vf_view_of(&question), QUESTION_TYPE,
                                      ANSWER_TYPE, &answer, err)
                   : sign_authority_answer(authority, vf_view_of(&question), &answer, err);
    if (!code)
        code = take_token(request, vf_view_of(&answer), token, err);
    TS_REQ_free(request);
    vf_buf_free(&question);
    vf_buf_free(&answer);
    return code;
}
