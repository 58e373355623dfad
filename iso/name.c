/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "iso/name.h"

#include <stdio.h>
#include <string.h>

#include "iso/ecma119.h"
#include "util/utf16.h"

#define LAST_CHARACTER 0xFFFF /* of UCS-2 */

/* interchange level 2: characters of name and extension together (7.5.1, 10.2) */
#define PRIMARY_CHARACTERS 30
#define EXTENSION_MAX      8
#define DIRECTORY_MAX      31

static struct vf_view view_of_text(const char *text)
{
    return (struct vf_view){(const uint8_t *)text, strlen(text)};
}

/* Windows' own names for devices; taken with any extension too. */
static bool is_device_name(const char *name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
    static const char *const numbered[] = {"com", "lpt"};
    size_t stem = strcspn(name, ".");

    while (stem && name[stem - 1] == ' ')
        stem--;
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
        if (strlen(devices[i]) == stem && strncasecmp(name, devices[i], stem) == 0)
            return true;
    for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
        if (stem < 4 || strncasecmp(name, numbered[i], 3) != 0)
            continue;
        if (stem == 4 && name[3] >= '0' && name[3] <= '9')
            return true;
        /* the superscript digits one, two and three count as digits there */
        if (stem == 5 &&
            (strncmp(name + 3, "\xC2\xB9", 2) == 0 || strncmp(name + 3, "\xC2\xB2", 2) == 0 ||
             strncmp(name + 3, "\xC2\xB3", 2) == 0))
            return true;
    }
    return false;
}

/* Characters of a text after checking each; what names the thing checked. */
static enum vf_code check_characters(const char *what, const char *text, size_t *count,
                                     struct vf_err *err)
{
    struct vf_view view = view_of_text(text);
    size_t offset = 0;

    *count = 0;
    while (offset < view.size) {
        uint32_t c = vf_utf8_next(view, &offset);
        if (c == UINT32_MAX)
            return vf_fail(err, VF_MALFORMED, "the %s is not UTF-8 at its byte %zu; rename it",
                           what, offset + 1);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            return vf_fail(err, VF_MALFORMED,
                           "the %s holds the control character U+%04X; rename it", what, c);
        if (c < 0x80 && strchr("\"*/:;<>?\\|", (int)c))
            return vf_fail(err, VF_MALFORMED,
                           "the %s '%s' holds '%c', which Windows does not allow; rename it", what,
                           text, (char)c);
        if (c > LAST_CHARACTER)
            return vf_fail(err, VF_MALFORMED,
                           "the %s '%s' holds U+%04X; a disc has characters up to U+%04X only: "
                           "rename it",
                           what, text, c, LAST_CHARACTER);
        ++*count;
    }
    return VF_OK;
}

enum vf_code iso_name_check(const char *name, struct vf_err *err)
{
    size_t count;

    if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return vf_fail(err, VF_MALFORMED, "'%s' cannot be the name of a file on a disc", name);
    enum vf_code code = check_characters("name", name, &count, err);
    if (code)
        return code;
    if (count > ISO_JOLIET_NAME_UNITS)
        return vf_fail(err, VF_MALFORMED,
                       "the name '%s' has %zu characters, %d are possible on a disc; rename it",
                       name, count, ISO_JOLIET_NAME_UNITS);
    /* libiso9660 keeps a name's UTF-8 in as many bytes as its UCS-2 has on the disc */
    if (strlen(name) > 2 * count)
        return vf_fail(err, VF_MALFORMED,
                       "the name '%s' is cut by some readers of discs, because it needs more than "
                       "two bytes a character in UTF-8; rename it",
                       name);
    char last = name[strlen(name) - 1];
    if (last == ' ' || last == '.')
        return vf_fail(err, VF_MALFORMED,
                       "the name '%s' ends with a %s, which Windows drops; rename it", name,
                       last == '.' ? "dot" : "space");
    if (is_device_name(name))
        return vf_fail(err, VF_MALFORMED,
                       "'%s' is the name of a device to Windows, not of a file; rename it", name);
    return VF_OK;
}

enum vf_code iso_name_check_label(const char *label, struct vf_err *err)
{
    size_t count;

    enum vf_code code = check_characters("label", label, &count, err);
    if (code)
        return code;
    if (count == 0 || count > ISO_JOLIET_LABEL_MAX)
        return vf_fail(err, VF_USAGE,
                       "the label '%s' has %zu characters; a disc's label has 1 to %d", label,
                       count, ISO_JOLIET_LABEL_MAX);
    return VF_OK;
}

/* Ranges of letters whose other case lies at a fixed distance, or next to them in pairs. */
static const struct case_range {
    uint16_t first, last;
    int16_t distance; /* from small to capital; 0: pairs, the capital one even, 1: odd */
} case_ranges[] = {
    {0x61, 0x7A, -0x20},   {0xE0, 0xF6, -0x20},   {0xF8, 0xFE, -0x20},   {0x100, 0x130, 0},
    {0x132, 0x137, 0},     {0x139, 0x148, 1},     {0x14A, 0x177, 0},     {0x179, 0x17E, 1},
    {0x1CD, 0x1DC, 1},     {0x1DE, 0x1EF, 0},     {0x1F8, 0x21F, 0},     {0x222, 0x233, 0},
    {0x3AC, 0x3AC, -38},   {0x3AD, 0x3AF, -37},   {0x3B1, 0x3C1, -0x20}, {0x3C3, 0x3CB, -0x20},
    {0x3CC, 0x3CC, -64},   {0x3CD, 0x3CE, -63},   {0x3D8, 0x3EF, 0},     {0x430, 0x44F, -0x20},
    {0x450, 0x45F, -0x50}, {0x460, 0x481, 0},     {0x48A, 0x4BF, 0},     {0x4C1, 0x4CE, 1},
    {0x4D0, 0x52F, 0},     {0x561, 0x586, -0x30},
};

static uint32_t capital(uint32_t c)
{
    for (size_t i = 0; i < sizeof(case_ranges) / sizeof(case_ranges[0]); i++) {
        const struct case_range *r = &case_ranges[i];
        if (c < r->first || c > r->last)
            continue;
        if (r->distance < 0)
            return c + (uint32_t)r->distance;
        return c - ((c & 1) != (uint32_t)r->distance);
    }
    return c;
}

bool iso_name_key(const char *name, struct vf_buf *out)
{
    struct vf_view view = view_of_text(name);
    size_t offset = 0;

    while (offset < view.size) {
        size_t start = offset;
        uint32_t c = vf_utf8_next(view, &offset);
        if (c == UINT32_MAX)
            return false;
        c = capital(c);
        if (c < 0x80) {
            vf_buf_append_byte(out, (uint8_t)c);
        } else if (c < 0x800) {
            vf_buf_append_byte(out, (uint8_t)(0xC0 | c >> 6));
            vf_buf_append_byte(out, (uint8_t)(0x80 | (c & 0x3F)));
        } else {
            vf_buf_append(out, view.data + start, offset - start);
        }
    }
    vf_buf_append_byte(out, 0);
    return vf_buf_ok(out);
}

/* d-characters (7.4.1) of a text of the given size; bytes of longer characters make one each. */
static size_t to_d_characters(const char *text, size_t size, size_t room, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < size && used < room; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c & 0xC0) == 0x80)
            continue;
        if (c >= 'a' && c <= 'z')
            c = (unsigned char)(c - 'a' + 'A');
        else if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            c = '_';
        out[used++] = (char)c;
    }
    return used;
}

void iso_name_primary(const char *name, bool directory, unsigned attempt, char out[ISO_PRIMARY_MAX])
{
    char suffix[16] = "", stem[DIRECTORY_MAX + 1], extension[EXTENSION_MAX + 1] = "";
    const char *dot = strrchr(name, '.');

    if (directory || dot == name)
        dot = NULL;
    size_t stem_size = dot ? (size_t)(dot - name) : strlen(name);
    size_t extension_size = 0;
    if (dot)
        extension_size = to_d_characters(dot + 1, strlen(dot + 1), EXTENSION_MAX, extension);
    extension[extension_size] = '\0';
    if (attempt)
        snprintf(suffix, sizeof(suffix), "_%u", attempt);
    size_t room = directory ? DIRECTORY_MAX : PRIMARY_CHARACTERS - extension_size;
    stem_size = to_d_characters(name, stem_size, room - strlen(suffix), stem);
    stem[stem_size] = '\0';
    /* a file's dot is there even without an extension (7.5.1) */
    snprintf(out, ISO_PRIMARY_MAX, "%s%s%s%s", stem, suffix, directory ? "" : ".", extension);
}

void iso_name_primary_label(const char *label, char out[33])
{
    out[to_d_characters(label, strlen(label), 32, out)] = '\0';
}
