/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-1 and SHA-256 over bytes and files (OpenSSL underneath). */
#ifndef UTIL_DIGEST_H
#define UTIL_DIGEST_H

#include <stdint.h>

#include "util/bytes.h"
#include "util/error.h"

enum vf_hash { VF_SHA1, VF_SHA256 };

#define VF_DIGEST_MAX     32
#define VF_DIGEST_HEX_MAX (2 * VF_DIGEST_MAX + 1)

struct vf_digest {
    enum vf_hash hash;
    uint8_t bytes[VF_DIGEST_MAX]; /* the first vf_hash_size(hash) count, the rest is zero */
};

/* Bytes of a digest: 20 or 32. */
size_t vf_hash_size(enum vf_hash hash);

/* A running digest; free with vf_hasher_free() whatever happened. NULL where memory is short. */
struct vf_hasher;
struct vf_hasher *vf_hasher_new(enum vf_hash hash);
void vf_hasher_update(struct vf_hasher *hasher, const void *data, size_t size);
/* Ends the digest; VF_IO where the library failed at any earlier step. */
enum vf_code vf_hasher_finish(struct vf_hasher *hasher, struct vf_digest *out, struct vf_err *err);
void vf_hasher_free(struct vf_hasher *hasher);

enum vf_code vf_digest_view(enum vf_hash hash, struct vf_view view, struct vf_digest *out,
                            struct vf_err *err);
/* The whole content of a file of any size, read in pieces. */
enum vf_code vf_digest_file(enum vf_hash hash, const char *path, struct vf_digest *out,
                            struct vf_err *err);

/* Lower-case hexadecimal text with its NUL. */
void vf_digest_hex(const struct vf_digest *digest, char text[VF_DIGEST_HEX_MAX]);

#endif
