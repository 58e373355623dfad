/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/utf16.h"

uint32_t vf_utf8_next(struct vf_view text, size_t *offset)
{
    const uint8_t *p = text.data + *offset;
    size_t left = text.size - *offset;

    if (left == 0)
        return UINT32_MAX;
    if (p[0] < 0x80) {
        *offset += 1;
        return p[0];
    }

    size_t length;
    uint32_t code, least;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        length = 2, code = p[0] & 0x1Fu, least = 0x80;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        length = 3, code = p[0] & 0x0Fu, least = 0x800;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        length = 4, code = p[0] & 0x07u, least = 0x10000;
    } else {
        return UINT32_MAX;
    }
    if (left < length)
        return UINT32_MAX;
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return UINT32_MAX;
        code = code << 6 | (p[i] & 0x3Fu);
    }
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return UINT32_MAX;
    *offset += length;
    return code;
}

static void unit_append(struct vf_buf *out, enum vf_endian endian, uint32_t unit)
{
    uint8_t bytes[2];

    if (endian == VF_LITTLE)
        vf_put_le16(bytes, (uint16_t)unit);
    else
        vf_put_be16(bytes, (uint16_t)unit);
    vf_buf_append(out, bytes, 2);
}

bool vf_utf8_to_utf16(struct vf_view text, enum vf_endian endian, struct vf_buf *out)
{
    for (size_t offset = 0; offset < text.size;) {
        uint32_t code = vf_utf8_next(text, &offset);
        if (code == UINT32_MAX)
            return false;
        if (code >= 0x10000) {
            unit_append(out, endian, 0xD800 + ((code - 0x10000) >> 10));
            unit_append(out, endian, 0xDC00 + ((code - 0x10000) & 0x3FF));
        } else {
            unit_append(out, endian, code);
        }
    }
    return vf_buf_ok(out);
}

static uint32_t unit_at(struct vf_view units, enum vf_endian endian, size_t offset)
{
    const uint8_t *p = units.data + offset;
    return endian == VF_LITTLE ? vf_le16(p) : vf_be16(p);
}

bool vf_utf16_to_utf8(struct vf_view units, enum vf_endian endian, struct vf_buf *out)
{
    if (units.size % 2)
        return false;
    for (size_t offset = 0; offset < units.size; offset += 2) {
        uint32_t code = unit_at(units, endian, offset);
        if (code >= 0xDC00 && code <= 0xDFFF)
            return false;
        if (code >= 0xD800 && code <= 0xDBFF) {
            offset += 2;
            if (offset >= units.size)
                return false;
            uint32_t low = unit_at(units, endian, offset);
            if (low < 0xDC00 || low > 0xDFFF)
                return false;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        if (code < 0x80) {
            vf_buf_append_byte(out, (uint8_t)code);
        } else if (code < 0x800) {
            vf_buf_append_byte(out, (uint8_t)(0xC0 | code >> 6));
            vf_buf_append_byte(out, (uint8_t)(0x80 | (code & 0x3F)));
        } else if (code < 0x10000) {
            vf_buf_append_byte(out, (uint8_t)(0xE0 | code >> 12));
            vf_buf_append_byte(out, (uint8_t)(0x80 | (code >> 6 & 0x3F)));
            vf_buf_append_byte(out, (uint8_t)(0x80 | (code & 0x3F)));
        } else {
            vf_buf_append_byte(out, (uint8_t)(0xF0 | code >> 18));
            vf_buf_append_byte(out, (uint8_t)(0x80 | (code >> 12 & 0x3F)));
            vf_buf_append_byte(out, (uint8_t)(0x80 | (code >> 6 & 0x3F)));
            vf_buf_append_byte(out, (uint8_t)(0x80 | (code & 0x3F)));
        }
    }
    return vf_buf_ok(out);
}
