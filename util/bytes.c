/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/checked.h"

#define BUF_FIRST_CAPACITY 256

bool vf_view_sub(struct vf_view view, uint64_t offset, uint64_t length, struct vf_view *out)
{
    if (!vf_range_ok(offset, length, view.size))
        return false;
    out->data = view.data ? view.data + offset : NULL;
    out->size = (size_t)length;
    return true;
}

bool vf_view_equal(struct vf_view a, struct vf_view b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

void vf_buf_free(struct vf_buf *buf)
{
    free(buf->data);
    *buf = (struct vf_buf)VF_BUF_INIT;
}

bool vf_buf_reserve(struct vf_buf *buf, size_t more)
{
    size_t need;

    if (buf->failed)
        return false;
    /* one byte beyond, so that vf_buf_text() can always end the text */
    if (!vf_add_size(buf->size, more, &need) || !vf_add_size(need, 1, &need)) {
        buf->failed = true;
        return false;
    }
    if (need <= buf->capacity)
        return true;

    size_t capacity = buf->capacity ? buf->capacity : BUF_FIRST_CAPACITY;
    while (capacity < need) {
        if (!vf_mul_size(capacity, 2, &capacity)) {
            capacity = need;
            break;
        }
    }
    uint8_t *data = realloc(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void vf_buf_append(struct vf_buf *buf, const void *data, size_t size)
{
    if (size == 0 || !vf_buf_reserve(buf, size))
        return;
    memcpy(buf->data + buf->size, data, size);
    buf->size += size;
}

void vf_buf_append_view(struct vf_buf *buf, struct vf_view view)
{
    vf_buf_append(buf, view.data, view.size);
}

void vf_buf_append_byte(struct vf_buf *buf, uint8_t byte)
{
    vf_buf_append(buf, &byte, 1);
}

void vf_buf_append_zero(struct vf_buf *buf, size_t count)
{
    if (count == 0 || !vf_buf_reserve(buf, count))
        return;
    memset(buf->data + buf->size, 0, count);
    buf->size += count;
}

void vf_buf_append_text(struct vf_buf *buf, const char *text)
{
    vf_buf_append(buf, text, strlen(text));
}

void vf_buf_printf(struct vf_buf *buf, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        buf->failed = true;
    else if (vf_buf_reserve(buf, (size_t)length)) {
        vsnprintf((char *)buf->data + buf->size, (size_t)length + 1, format, again);
        buf->size += (size_t)length;
    }
    va_end(again);
}

void vf_buf_align(struct vf_buf *buf, size_t alignment)
{
    vf_buf_append_zero(buf, (alignment - buf->size % alignment) % alignment);
}

const char *vf_buf_text(struct vf_buf *buf)
{
    if (!vf_buf_reserve(buf, 0))
        return NULL;
    buf->data[buf->size] = '\0';
    return (const char *)buf->data;
}
