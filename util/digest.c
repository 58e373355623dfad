/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

struct vf_hasher {
    EVP_MD_CTX *context;
    enum vf_hash hash;
    bool failed;
};

static const EVP_MD *hash_md(enum vf_hash hash)
{
    return hash == VF_SHA1 ? EVP_sha1() : EVP_sha256();
}

size_t vf_hash_size(enum vf_hash hash)
{
    return hash == VF_SHA1 ? 20 : 32;
}

struct vf_hasher *vf_hasher_new(enum vf_hash hash)
{
    struct vf_hasher *hasher = malloc(sizeof(*hasher));
    if (!hasher)
        return NULL;
    hasher->hash = hash;
    hasher->context = EVP_MD_CTX_new();
    if (!hasher->context) {
        free(hasher);
        return NULL;
    }
    hasher->failed = EVP_DigestInit_ex(hasher->context, hash_md(hash), NULL) != 1;
    return hasher;
}

void vf_hasher_update(struct vf_hasher *hasher, const void *data, size_t size)
{
    if (!hasher->failed && size && EVP_DigestUpdate(hasher->context, data, size) != 1)
        hasher->failed = true;
}

enum vf_code vf_hasher_finish(struct vf_hasher *hasher, struct vf_digest *out, struct vf_err *err)
{
    memset(out, 0, sizeof(*out));
    out->hash = hasher->hash;
    if (hasher->failed || EVP_DigestFinal_ex(hasher->context, out->bytes, NULL) != 1)
        return vf_fail(err, VF_IO, "the cryptographic library could not compute a digest");
    return VF_OK;
}

void vf_hasher_free(struct vf_hasher *hasher)
{
    if (!hasher)
        return;
    EVP_MD_CTX_free(hasher->context);
    free(hasher);
}

enum vf_code vf_digest_view(enum vf_hash hash, struct vf_view view, struct vf_digest *out,
                            struct vf_err *err)
{
    struct vf_hasher *hasher = vf_hasher_new(hash);
    if (!hasher)
        return vf_fail_memory(err);
    vf_hasher_update(hasher, view.data, view.size);
    enum vf_code code = vf_hasher_finish(hasher, out, err);
    vf_hasher_free(hasher);
    return code;
}

enum vf_code vf_digest_file(enum vf_hash hash, const char *path, struct vf_digest *out,
                            struct vf_err *err)
{
    enum vf_code code = VF_OK;
    uint8_t chunk[65536];

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return vf_fail_errno(err, errno, "%s: cannot open", path);
    struct vf_hasher *hasher = vf_hasher_new(hash);
    if (!hasher) {
        code = vf_fail_memory(err);
        goto close_file;
    }
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            code = vf_fail_errno(err, errno, "%s: cannot read", path);
        if (got <= 0)
            break;
        vf_hasher_update(hasher, chunk, (size_t)got);
    }
    if (!code)
        code = vf_hasher_finish(hasher, out, err);
    vf_hasher_free(hasher);
close_file:
    close(fd);
    return code;
}

void vf_digest_hex(const struct vf_digest *digest, char text[VF_DIGEST_HEX_MAX])
{
    static const char digits[] = "0123456789abcdef";
    size_t size = vf_hash_size(digest->hash);

    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[digest->bytes[i] >> 4];
        text[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
    text[2 * size] = '\0';
}
