/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The certificates a user trusts. */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "builder/sign/sign.h"
#include "builder/sign/sign_private.h"
#include "util/file.h"

#define ROOTS_FILE_MAX ((size_t)4 << 20)

struct sign_roots {
    X509_STORE *store;
};

enum vf_code sign_roots_new(struct sign_roots **out, struct vf_err *err)
{
    struct sign_roots *roots = calloc(1, sizeof(*roots));

    if (roots)
        roots->store = X509_STORE_new();
    if (!roots || !roots->store) {
        free(roots);
        return vf_fail_memory(err);
    }
    /* what the user trusts ends a chain, whether it signed itself or not */
    X509_STORE_set_flags(roots->store, X509_V_FLAG_PARTIAL_CHAIN);
    *out = roots;
    return VF_OK;
}

enum vf_code sign_roots_add(struct sign_roots *roots, const char *path, struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;
    unsigned added = 0;

    enum vf_code code = vf_file_read(path, ROOTS_FILE_MAX, &content, err);
    if (code)
        return code;
    const unsigned char *p = content.data;
    X509 *certificate = d2i_X509(NULL, &p, (long)content.size);
    if (certificate) {
        added += X509_STORE_add_cert(roots->store, certificate) == 1;
        X509_free(certificate);
    } else {
        BIO *source = BIO_new_mem_buf(content.data, (int)content.size);
        while (source && (certificate = PEM_read_bio_X509(source, NULL, NULL, NULL))) {
            added += X509_STORE_add_cert(roots->store, certificate) == 1;
            X509_free(certificate);
        }
        BIO_free(source);
    }
    ERR_clear_error();
    vf_buf_free(&content);
    if (!added)
        return vf_fail(err, VF_MALFORMED, "%s: expected a certificate in PEM or DER form", path);
    return VF_OK;
}

X509_STORE *sign_roots_store(const struct sign_roots *roots)
{
    return roots->store;
}

void sign_roots_free(struct sign_roots *roots)
{
    if (!roots)
        return;
    X509_STORE_free(roots->store);
    free(roots);
}
