/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes with their length: a view that borrows, a buffer that owns, and the two byte orders.
 *
 * Parsers take views, never bare pointers. A buffer remembers a failed allocation: appends after
 * it do nothing, so a writer checks once at its end with vf_buf_ok().
 */
#ifndef UTIL_BYTES_H
#define UTIL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vf_view {
    const uint8_t *data; /* may be NULL where size is 0 */
    size_t size;
};

struct vf_buf {
    uint8_t *data;
    size_t size;
    size_t capacity;
    bool failed;
};

#define VF_BUF_INIT       \
    {                     \
        NULL, 0, 0, false \
    }

static inline struct vf_view vf_view_of(const struct vf_buf *buf)
{
    return (struct vf_view){buf->data, buf->size};
}

/* The part [offset, offset + length) of a view; false where it does not lie inside. */
bool vf_view_sub(struct vf_view view, uint64_t offset, uint64_t length, struct vf_view *out);

/* Do both hold the same bytes? */
bool vf_view_equal(struct vf_view a, struct vf_view b);

/* Release what a buffer owns and make it empty and usable again. */
void vf_buf_free(struct vf_buf *buf);

/* Make room for more bytes behind size; false (and failed set) where memory is short. */
bool vf_buf_reserve(struct vf_buf *buf, size_t more);

/* Append bytes; data may be NULL where size is 0, and must not lie inside the buffer itself. */
void vf_buf_append(struct vf_buf *buf, const void *data, size_t size);
void vf_buf_append_view(struct vf_buf *buf, struct vf_view view);
void vf_buf_append_byte(struct vf_buf *buf, uint8_t byte);
void vf_buf_append_zero(struct vf_buf *buf, size_t count);

/* Append text without its terminating NUL. */
void vf_buf_append_text(struct vf_buf *buf, const char *text);
void vf_buf_printf(struct vf_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append zero bytes until size is a multiple of alignment (a power of two). */
void vf_buf_align(struct vf_buf *buf, size_t alignment);

/* True where every append so far succeeded. */
static inline bool vf_buf_ok(const struct vf_buf *buf)
{
    return !buf->failed;
}

/* The buffer as C text (a NUL is kept behind size); NULL after a failed append. */
const char *vf_buf_text(struct vf_buf *buf);

static inline uint16_t vf_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t vf_le32(const uint8_t *p)
{
    return (uint32_t)vf_le16(p) | (uint32_t)vf_le16(p + 2) << 16;
}

static inline uint64_t vf_le64(const uint8_t *p)
{
    return (uint64_t)vf_le32(p) | (uint64_t)vf_le32(p + 4) << 32;
}

static inline uint16_t vf_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t vf_be32(const uint8_t *p)
{
    return (uint32_t)vf_be16(p) << 16 | (uint32_t)vf_be16(p + 2);
}

static inline void vf_put_le16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void vf_put_le32(uint8_t *p, uint32_t v)
{
    vf_put_le16(p, (uint16_t)v);
    vf_put_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void vf_put_le64(uint8_t *p, uint64_t v)
{
    vf_put_le32(p, (uint32_t)v);
    vf_put_le32(p + 4, (uint32_t)(v >> 32));
}

static inline void vf_put_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void vf_put_be32(uint8_t *p, uint32_t v)
{
    vf_put_be16(p, (uint16_t)(v >> 16));
    vf_put_be16(p + 2, (uint16_t)v);
}

#endif
