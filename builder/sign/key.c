/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading keys and certificates, and judging whether they may sign. */
#include "builder/sign/key.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "builder/sign/sign_private.h"
#include "util/file.h"

#define KEY_FILE_MAX     ((size_t)1 << 20)
#define RSA_BITS_MIN     2048
#define PASSPHRASE_MAX   1024
#define CERTIFICATES_MAX 64

/* One line from a descriptor, byte by byte so that what follows stays for others. */
static int read_line(int fd, char *buffer, int size)
{
    int used = 0;

    while (used < size) {
        char c;
        ssize_t got = read(fd, &c, 1);
        if (got < 0)
            return -1;
        if (got == 0 || c == '\n')
            break;
        buffer[used++] = c;
    }
    return used;
}

static int ask_terminal(char *buffer, int size)
{
    if (!isatty(STDIN_FILENO) || EVP_read_pw_string(buffer, size, "Passphrase: ", 0) != 0)
        return -1;
    return (int)strlen(buffer);
}

int sign_passphrase_read(struct sign_passphrase passphrase, char *buffer, int size)
{
    return passphrase.fd >= 0 ? read_line(passphrase.fd, buffer, size) : ask_terminal(buffer, size);
}

/* pem_password_cb: context is a struct sign_passphrase. */
static int passphrase_of(char *buffer, int size, int writing, void *context)
{
    (void)writing;
    return sign_passphrase_read(*(const struct sign_passphrase *)context, buffer, size);
}

static enum vf_code wrong_passphrase(struct vf_err *err, const char *path)
{
    return sign_fail_openssl(err, VF_POLICY,
                             "%s: cannot read the private key (is the passphrase right? It is read "
                             "from --passphrase-fd or asked for on a terminal)",
                             path);
}

/* A file as an OpenSSL memory source that borrows content. */
static enum vf_code open_file(const char *path, struct vf_buf *content, BIO **out,
                              struct vf_err *err)
{
    enum vf_code code = vf_file_read(path, KEY_FILE_MAX, content, err);
    if (code)
        return code;
    *out = BIO_new_mem_buf(content->data, (int)content->size);
    return *out ? VF_OK : vf_fail_memory(err);
}

enum vf_code sign_private_key_read(const char *path, struct sign_passphrase passphrase,
                                   EVP_PKEY **out, struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;
    BIO *source = NULL;

    enum vf_code code = open_file(path, &content, &source, err);
    if (!code) {
        *out = PEM_read_bio_PrivateKey(source, NULL, passphrase_of, &passphrase);
        if (!*out)
            code = wrong_passphrase(err, path);
    }
    BIO_free(source);
    OPENSSL_cleanse(content.data, content.size);
    vf_buf_free(&content);
    return code;
}

static enum vf_code read_certificates(const char *path, STACK_OF(X509) * out, struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;
    BIO *source = NULL;

    enum vf_code code = open_file(path, &content, &source, err);
    while (!code) {
        X509 *certificate = PEM_read_bio_X509(source, NULL, NULL, NULL);
        if (!certificate)
            break;
        if (sk_X509_num(out) == CERTIFICATES_MAX)
            code =
                vf_fail(err, VF_MALFORMED, "%s: more than %d certificates", path, CERTIFICATES_MAX);
        if (code || !sk_X509_push(out, certificate)) {
            X509_free(certificate);
            code = code ? code : vf_fail_memory(err);
        }
    }
    if (!code && sk_X509_num(out) == 0)
        code = vf_fail(err, VF_MALFORMED, "%s: expected a certificate in PEM form", path);
    ERR_clear_error();
    BIO_free(source);
    vf_buf_free(&content);
    return code;
}

static enum vf_code check(const struct sign_key *key, const char *path, struct vf_err *err)
{
    if (EVP_PKEY_get_base_id(key->key) != EVP_PKEY_RSA)
        return vf_fail(err, VF_POLICY, "%s: expected an RSA key; Windows checks drivers by RSA",
                       path);
    if (EVP_PKEY_get_bits(key->key) < RSA_BITS_MIN)
        return vf_fail(err, VF_POLICY, "%s: an RSA key of %d bits is too short, %d are needed",
                       path, EVP_PKEY_get_bits(key->key), RSA_BITS_MIN);
    if (!sign_is_for_signing(key->certificate))
        return vf_fail(err, VF_POLICY, "%s: the certificate is not for code signing", path);
    return VF_OK;
}

/* Move the certificate that fits the key out of the list, which becomes the chain. */
static enum vf_code adopt(struct sign_key *key, STACK_OF(X509) * certificates, const char *path,
                          struct vf_err *err)
{
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        if (X509_check_private_key(sk_X509_value(certificates, i), key->key) != 1)
            continue;
        key->certificate = sk_X509_delete(certificates, i);
        break;
    }
    ERR_clear_error();
    if (!key->certificate)
        return vf_fail(err, VF_POLICY, "%s: no certificate there belongs to the private key", path);
    /* roots stay out: who verifies has them, or has no reason to trust ours */
    for (int i = sk_X509_num(certificates); i-- > 0;)
        if (X509_self_signed(sk_X509_value(certificates, i), 0) == 1)
            X509_free(sk_X509_delete(certificates, i));
    return VF_OK;
}

enum vf_code sign_key_read_pair(const char *key_path, const char *certificates_path,
                                struct sign_passphrase passphrase, struct sign_key *out,
                                struct vf_err *err)
{
    const char *path = certificates_path ? certificates_path : key_path;

    out->chain = sk_X509_new_null();
    enum vf_code code = out->chain ? VF_OK : vf_fail_memory(err);
    if (!code)
        code = sign_private_key_read(key_path, passphrase, &out->key, err);
    if (!code)
        code = read_certificates(path, out->chain, err);
    if (!code)
        code = adopt(out, out->chain, path, err);
    return code;
}

enum vf_code sign_key_adopt_file(struct sign_key *key, const char *path, struct vf_err *err)
{
    key->chain = sk_X509_new_null();
    enum vf_code code = key->chain ? read_certificates(path, key->chain, err) : vf_fail_memory(err);
    if (!code)
        code = adopt(key, key->chain, path, err);
    if (!code)
        code = check(key, path, err);
    return code;
}

enum vf_code sign_key_load_pem(const char *key_path, const char *certificates_path,
                               struct sign_passphrase passphrase, struct sign_key **out,
                               struct vf_err *err)
{
    struct sign_key *key = calloc(1, sizeof(*key));
    if (!key)
        return vf_fail_memory(err);
    enum vf_code code = sign_key_read_pair(key_path, certificates_path, passphrase, key, err);
    if (!code)
        code = check(key, certificates_path ? certificates_path : key_path, err);
    if (code) {
        sign_key_free(key);
        return code;
    }
    *out = key;
    return VF_OK;
}

static enum vf_code parse_pkcs12(PKCS12 *container, const char *path,
                                 struct sign_passphrase passphrase, struct sign_key *key,
                                 struct vf_err *err)
{
    char text[PASSPHRASE_MAX + 1] = "";

    if (!PKCS12_verify_mac(container, "", 0) && !PKCS12_verify_mac(container, NULL, 0)) {
        int size = sign_passphrase_read(passphrase, text, PASSPHRASE_MAX);
        if (size < 0)
            return wrong_passphrase(err, path);
        text[size] = '\0';
    }
    bool good = PKCS12_parse(container, text, &key->key, &key->certificate, &key->chain) == 1;
    OPENSSL_cleanse(text, sizeof(text));
    if (!good)
        return wrong_passphrase(err, path);
    if (!key->key || !key->certificate)
        return vf_fail(err, VF_POLICY, "%s: expected a private key and its certificate", path);
    return check(key, path, err);
}

enum vf_code sign_key_load_pkcs12(const char *path, struct sign_passphrase passphrase,
                                  struct sign_key **out, struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;
    BIO *source = NULL;
    PKCS12 *container = NULL;

    struct sign_key *key = calloc(1, sizeof(*key));
    if (!key)
        return vf_fail_memory(err);
    enum vf_code code = open_file(path, &content, &source, err);
    if (code)
        goto done;
    container = d2i_PKCS12_bio(source, NULL);
    code = container ? parse_pkcs12(container, path, passphrase, key, err)
                     : sign_fail_openssl(err, VF_MALFORMED, "%s: not a PKCS #12 file", path);
done:
    PKCS12_free(container);
    BIO_free(source);
    /* a container without a passphrase is as good as the key */
    OPENSSL_cleanse(content.data, content.size);
    vf_buf_free(&content);
    ERR_clear_error();
    if (code)
        sign_key_free(key);
    else
        *out = key;
    return code;
}

void sign_key_clear(struct sign_key *key)
{
    sk_X509_pop_free(key->chain, X509_free);
    X509_free(key->certificate);
    EVP_PKEY_free(key->key);
    if (key->keeper)
        key->release_keeper(key->keeper);
}

void sign_key_free(struct sign_key *key)
{
    if (!key)
        return;
    sign_key_clear(key);
    free(key);
}

void sign_key_subject(const struct sign_key *key, char *out, size_t size)
{
    sign_name_text(X509_get_subject_name(key->certificate), out, size);
}

/* Append what write puts into an OpenSSL memory sink. */
static enum vf_code emit(int (*write)(BIO *, const struct sign_key *), const struct sign_key *key,
                         struct vf_buf *out, struct vf_err *err)
{
    BIO *sink = BIO_new(BIO_s_mem());
    char *data;

    if (!sink)
        return vf_fail_memory(err);
    enum vf_code code = VF_OK;
    if (write(sink, key) == 1) {
        long size = BIO_get_mem_data(sink, &data);
        vf_buf_append(out, data, (size_t)size);
        if (!vf_buf_ok(out))
            code = vf_fail_memory(err);
    } else {
        code = sign_fail_openssl(err, VF_IO, "cannot encode a key or certificate");
    }
    BIO_free(sink);
    return code;
}

static int write_key(BIO *sink, const struct sign_key *key)
{
    return PEM_write_bio_PKCS8PrivateKey(sink, key->key, NULL, NULL, 0, NULL, NULL);
}

static int write_pem(BIO *sink, const struct sign_key *key)
{
    return PEM_write_bio_X509(sink, key->certificate);
}

static int write_der(BIO *sink, const struct sign_key *key)
{
    return i2d_X509_bio(sink, key->certificate);
}

enum vf_code sign_key_pem(const struct sign_key *key, struct vf_buf *out, struct vf_err *err)
{
    return emit(write_key, key, out, err);
}

enum vf_code sign_key_certificate_pem(const struct sign_key *key, struct vf_buf *out,
                                      struct vf_err *err)
{
    return emit(write_pem, key, out, err);
}

enum vf_code sign_key_certificate_der(const struct sign_key *key, struct vf_buf *out,
                                      struct vf_err *err)
{
    return emit(write_der, key, out, err);
}
