/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list as plain data: building, asking, releasing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "builder/cat/cat_private.h"
#include "builder/pe/pe.h"
#include "util/checked.h"
#include "util/file.h"

bool cat_grow(void **array, size_t count, size_t size)
{
    size_t bytes;

    /* doubled at each power of two, so that appending stays cheap */
    if (count & (count - 1))
        return true;
    if (!vf_mul_size(count ? 2 * count : 1, size, &bytes))
        return false;
    void *grown = realloc(*array, bytes);
    if (!grown)
        return false;
    *array = grown;
    return true;
}

bool cat_add_value(struct cat_value **values, size_t *count, const char *name, const char *text,
                   uint32_t flags)
{
    if (!cat_grow((void **)values, *count, sizeof(**values)))
        return false;
    struct cat_value value = {strdup(name), strdup(text), flags};
    if (!value.name || !value.text) {
        free(value.name);
        free(value.text);
        return false;
    }
    (*values)[(*count)++] = value;
    return true;
}

void cat_values_free(struct cat_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(values[i].name);
        free(values[i].text);
    }
    free(values);
}

void cat_list_free(struct cat_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->entry_count; i++) {
        cat_values_free(list->entries[i].values, list->entries[i].value_count);
        vf_buf_free(&list->entries[i].page_rows);
    }
    free(list->entries);
    cat_values_free(list->values, list->value_count);
    free(list);
}

static const char *find_value(const struct cat_value *values, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i].name, name) == 0)
            return values[i].text;
    return NULL;
}

const char *cat_list_value(const struct cat_list *list, const char *name)
{
    return find_value(list->values, list->value_count, name);
}

const char *cat_entry_value(const struct cat_entry *entry, const char *name)
{
    return find_value(entry->values, entry->value_count, name);
}

const struct cat_entry *cat_find(const struct cat_list *list, const struct vf_digest *digest)
{
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct vf_digest *have = &list->entries[i].digest;
        if (have->hash == digest->hash &&
            memcmp(have->bytes, digest->bytes, vf_hash_size(digest->hash)) == 0)
            return &list->entries[i];
    }
    return NULL;
}

/* SHA-256 wherever an entry uses it: who lists both digests of a file lists them all so. */
static enum vf_hash strongest(const struct cat_list *list)
{
    for (size_t i = 0; i < list->entry_count; i++)
        if (list->entries[i].digest.hash == VF_SHA256)
            return VF_SHA256;
    return VF_SHA1;
}

/* A text with CR LF, or LF alone, behind each of its lines. */
static void end_lines(struct vf_view text, bool with_cr, struct vf_buf *out)
{
    for (size_t i = 0; i < text.size; i++) {
        const uint8_t byte = text.data[i];
        if (byte == '\r' && i + 1 < text.size && text.data[i + 1] == '\n')
            continue;
        if (byte == '\n' && with_cr)
            vf_buf_append_byte(out, '\r');
        vf_buf_append_byte(out, byte);
    }
}

/*
 * Does the list have this text with other line ends? Version control and transfers in text mode
 * change them, in 8-bit text only.
 */
static enum vf_code other_line_ends(const struct cat_list *list, enum vf_hash hash,
                                    struct vf_view text, bool *found, struct vf_err *err)
{
    enum vf_code code = VF_OK;

    *found = false;
    if (text.size == 0 || text.size > CAT_TEXT_MAX || memchr(text.data, 0, text.size))
        return VF_OK;
    for (int with_cr = 0; with_cr < 2 && !*found && !code; with_cr++) {
        struct vf_buf other = VF_BUF_INIT;
        struct vf_digest digest;
        end_lines(text, with_cr, &other);
        code = other.failed ? vf_fail_memory(err)
                            : vf_digest_view(hash, vf_view_of(&other), &digest, err);
        *found = !code && cat_find(list, &digest);
        vf_buf_free(&other);
    }
    return code;
}

enum vf_code cat_check(const struct cat_list *list, const char *name, struct vf_view content,
                       enum cat_verdict *out, struct vf_err *err)
{
    const char *base = vf_path_base(name);
    enum vf_hash hash = strongest(list);
    struct vf_digest digest;

    enum vf_code code = cat_digest(hash, content, &digest, err);
    if (code)
        return code;
    *out = cat_find(list, &digest) ? CAT_COVERED : CAT_UNLISTED;
    for (size_t i = 0; *out == CAT_UNLISTED && i < list->entry_count; i++) {
        const char *listed = cat_entry_value(&list->entries[i], "File");
        if (listed && strcasecmp(listed, base) == 0)
            *out = CAT_CHANGED;
    }
    if (*out == CAT_CHANGED) {
        bool found;
        code = other_line_ends(list, hash, content, &found, err);
        if (!code && found)
            *out = CAT_LINE_ENDS;
    }
    return code;
}

void cat_identifier_text(const uint8_t identifier[CAT_IDENTIFIER_SIZE],
                         char out[CAT_GUID_TEXT_SIZE])
{
    const uint8_t *p = identifier;

    snprintf(out, CAT_GUID_TEXT_SIZE, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             vf_le32(p), vf_le16(p + 4), vf_le16(p + 6), p[8], p[9], p[10], p[11], p[12], p[13],
             p[14], p[15]);
}

bool cat_identifier_parse(const char *text, uint8_t identifier[CAT_IDENTIFIER_SIZE])
{
    /* which byte each pair of digits is: the first three groups are little-endian numbers */
    static const uint8_t places[CAT_IDENTIFIER_SIZE] = {3, 2, 1,  0,  5,  4,  7,  6,
                                                        8, 9, 10, 11, 12, 13, 14, 15};
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool braces = *text == '{';
    size_t digits = 0;

    text += braces;
    memset(identifier, 0, CAT_IDENTIFIER_SIZE);
    for (const char *want = shape; *want; want++, text++) {
        static const char hex[] = "0123456789abcdef";
        if (*want == '-') {
            if (*text != '-')
                return false;
            continue;
        }
        const char *digit = *text ? strchr(hex, *text | 0x20) : NULL;
        if (!digit)
            return false;
        uint8_t *byte = &identifier[places[digits++ / 2]];
        *byte = (uint8_t)(*byte << 4 | (digit - hex));
    }
    return strcmp(text, braces ? "}" : "") == 0;
}
