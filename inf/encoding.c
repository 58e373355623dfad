/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a file's bytes to UTF-8 and back. */
#include "inf/inf_private.h"

#include <string.h>

#include "util/utf16.h"

#define CP1252_FIRST 0x80u
#define CP1252_COUNT 32u

/*
 * Windows-1252, 0x80 to 0x9F (Unicode's CP1252.TXT); the five bytes it leaves open stand for the
 * control characters of the same number, as Windows reads them. All other bytes are Latin-1.
 */
static const uint16_t cp1252[CP1252_COUNT] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static const uint8_t utf8_mark[] = {0xEF, 0xBB, 0xBF};
static const uint8_t utf16le_mark[] = {0xFF, 0xFE};

static bool starts_with(struct vf_view bytes, const uint8_t *mark, size_t size)
{
    return bytes.size >= size && memcmp(bytes.data, mark, size) == 0;
}

/* Do the first two bytes hold an ASCII character as a UTF-16 unit with that byte's neighbour 0? */
static bool looks_utf16(struct vf_view bytes, size_t character)
{
    return bytes.size >= 2 && bytes.data[character] != 0 && bytes.data[character] < 0x80 &&
           bytes.data[1 - character] == 0;
}

static void ansi_to_utf8(struct vf_view bytes, struct vf_buf *out)
{
    vf_buf_reserve(out, bytes.size);
    for (size_t i = 0; i < bytes.size; i++) {
        size_t ascii = i;
        while (i < bytes.size && bytes.data[i] < 0x80)
            i++;
        vf_buf_append(out, bytes.data + ascii, i - ascii);
        if (i == bytes.size)
            break;
        uint32_t code = bytes.data[i];
        if (code < CP1252_FIRST + CP1252_COUNT)
            code = cp1252[code - CP1252_FIRST];
        uint8_t utf8[3] = {(uint8_t)(0xE0 | code >> 12), (uint8_t)(0x80 | (code >> 6 & 0x3F)),
                           (uint8_t)(0x80 | (code & 0x3F))};
        if (code < 0x800) {
            utf8[1] = (uint8_t)(0xC0 | code >> 6);
            vf_buf_append(out, utf8 + 1, 2);
        } else {
            vf_buf_append(out, utf8, 3);
        }
    }
}

static bool utf8_to_ansi(struct vf_view text, struct vf_buf *out)
{
    size_t at = 0;

    while (at < text.size) {
        uint32_t code = vf_utf8_next(text, &at);
        if (code == UINT32_MAX)
            return false;
        if (code < CP1252_FIRST || (code >= CP1252_FIRST + CP1252_COUNT && code <= 0xFF)) {
            vf_buf_append_byte(out, (uint8_t)code);
            continue;
        }
        size_t i = 0;
        while (i < CP1252_COUNT && cp1252[i] != code)
            i++;
        if (i == CP1252_COUNT)
            return false;
        vf_buf_append_byte(out, (uint8_t)(CP1252_FIRST + i));
    }
    return vf_buf_ok(out);
}

static bool utf8_valid(struct vf_view text, size_t *bad)
{
    size_t at = 0;

    while (at < text.size) {
        if (vf_utf8_next(text, &at) == UINT32_MAX) {
            *bad = at;
            return false;
        }
    }
    return true;
}

enum vf_code inf_decode(struct vf_view bytes, struct inf_file *file, struct vf_err *err)
{
    static const uint8_t utf32_mark[] = {0xFF, 0xFE, 0, 0};
    static const char want[] = "expected Windows ANSI or UTF-16LE; convert the file to UTF-16LE";
    size_t bad = 0;

    if (bytes.size > INF_BYTES_MAX)
        return vf_fail(err, VF_MALFORMED, "%s: %zu bytes; an INF file has at most %u", file->name,
                       bytes.size, INF_BYTES_MAX);
    if (starts_with(bytes, (const uint8_t[]){0xFE, 0xFF}, 2) || looks_utf16(bytes, 1))
        return vf_fail(err, VF_MALFORMED, "%s: the text is UTF-16BE; %s", file->name, want);
    if (starts_with(bytes, utf32_mark, sizeof(utf32_mark)))
        return vf_fail(err, VF_MALFORMED, "%s: the text is UTF-32; %s", file->name, want);

    file->encoding = INF_ANSI;
    if (starts_with(bytes, utf8_mark, sizeof(utf8_mark))) {
        struct vf_view text = {bytes.data + sizeof(utf8_mark), bytes.size - sizeof(utf8_mark)};
        file->encoding = INF_UTF8_BOM;
        if (!utf8_valid(text, &bad))
            return vf_fail(err, VF_MALFORMED, "%s: byte %zu is not valid UTF-8; %s", file->name,
                           bad + sizeof(utf8_mark), want);
        vf_buf_append_view(&file->text, text);
    } else if (starts_with(bytes, utf16le_mark, sizeof(utf16le_mark)) || looks_utf16(bytes, 0)) {
        file->encoding = looks_utf16(bytes, 0) ? INF_UTF16LE : INF_UTF16LE_BOM;
        size_t skip = file->encoding == INF_UTF16LE ? 0 : sizeof(utf16le_mark);
        struct vf_view units = {bytes.data + skip, bytes.size - skip};
        if (!vf_utf16_to_utf8(units, VF_LITTLE, &file->text) && vf_buf_ok(&file->text))
            return vf_fail(err, VF_MALFORMED,
                           "%s: the text is not valid UTF-16LE (an odd size or half a surrogate "
                           "pair); %s",
                           file->name, want);
    } else {
        ansi_to_utf8(bytes, &file->text);
    }
    if (!vf_buf_ok(&file->text) || !vf_buf_text(&file->text))
        return vf_fail_memory(err);
    return VF_OK;
}

bool inf_encode(struct vf_view text, enum inf_encoding encoding, struct vf_buf *out)
{
    size_t bad;

    switch (encoding) {
    case INF_ANSI:
        return utf8_to_ansi(text, out);
    case INF_UTF8_BOM:
        if (!utf8_valid(text, &bad))
            return false;
        vf_buf_append_view(out, text);
        return vf_buf_ok(out);
    case INF_UTF16LE_BOM:
    case INF_UTF16LE:
        return vf_utf8_to_utf16(text, VF_LITTLE, out);
    }
    return false;
}

void inf_encode_mark(enum inf_encoding encoding, struct vf_buf *out)
{
    if (encoding == INF_UTF8_BOM)
        vf_buf_append(out, utf8_mark, sizeof(utf8_mark));
    else if (encoding == INF_UTF16LE_BOM)
        vf_buf_append(out, utf16le_mark, sizeof(utf16le_mark));
}

const char *inf_encoding_text(enum inf_encoding encoding)
{
    static const char *const texts[] = {
        [INF_ANSI] = "Windows-1252",
        [INF_UTF8_BOM] = "UTF-8 with byte order mark",
        [INF_UTF16LE_BOM] = "UTF-16LE with byte order mark",
        [INF_UTF16LE] = "UTF-16LE without byte order mark",
    };
    return texts[encoding];
}
