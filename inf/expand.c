/* SPDX-License-Identifier: GPL-3.0-or-later */
/* String tokens: which strings section serves, and what the tokens stand for. */
#include "inf/inf_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LANGID: the primary language in the low 10 bits, the sublanguage above (winnt.h) */
#define LANGUAGE_PRIMARY 0x3FFu

/*
 * All expanded values together take at most this many times the text, plus a floor for small
 * files, so that a short file cannot make a huge one out of one long string.
 */
#define EXPAND_TIMES 8u
#define EXPAND_FLOOR (1u << 20)

static const char *string_name(const void *owner, uint32_t number)
{
    const struct inf_file *file = owner;
    return inf_texts_at(file, file->slots[file->lines[number].first_field].raw);
}

/* The language a section's name carries behind "Strings."; 0 where it is no such section. */
static uint16_t section_language(const char *name)
{
    char *end;

    if (!inf_name_begins(name, "Strings.") || strlen(name) != strlen("Strings.") + 4)
        return 0;
    unsigned long language = strtoul(name + strlen("Strings."), &end, 16);
    return *end ? 0 : (uint16_t)language;
}

/* How well a section's language serves the one asked for: 0 not at all, 3 exactly. */
static int language_rank(uint16_t have, uint16_t want)
{
    if (!have || !want || ((have ^ want) & LANGUAGE_PRIMARY))
        return 0;
    return have == want ? 3 : have == (want & LANGUAGE_PRIMARY) ? 2 : 1;
}

static void choose_strings(struct inf_file *file, uint16_t language)
{
    const struct inf_section *plain = inf_section_find(file, "Strings");
    int best = 0;

    file->strings_section = plain ? (uint32_t)(plain - file->sections) : INF_NONE;
    for (size_t i = 0; i < file->section_count; i++) {
        int rank =
            language_rank(section_language(inf_texts_at(file, file->sections[i].name)), language);
        if (rank > best) {
            best = rank;
            file->strings_section = (uint32_t)i;
        }
    }
}

static bool index_strings(struct inf_file *file)
{
    if (file->strings_section == INF_NONE)
        return true;
    /* the first of two definitions counts */
    uint32_t number = file->sections[file->strings_section].first;
    for (; number != INF_NONE; number = file->lines[number].next) {
        if (!file->lines[number].has_key)
            continue;
        const char *name = string_name(file, number);
        if (inf_index_find(&file->strings, 0, name, string_name, file) == INF_NONE &&
            !inf_index_add(&file->strings, 0, name, number))
            return false;
    }
    return true;
}

const char *inf_string(const struct inf_file *file, const char *token)
{
    uint32_t number = inf_index_find(&file->strings, 0, token, string_name, file);

    if (number == INF_NONE)
        return NULL;
    const struct inf_line *line = &file->lines[number];
    return line->fields ? inf_texts_at(file, file->slots[line->first_field + 1].raw) : "";
}

/* Expand one value into out, which has been emptied. */
static void expand(const struct inf_file *file, const char *raw, struct vf_buf *token,
                   struct vf_buf *out)
{
    bool closed = true; /* is there another percent sign ahead? Searched once without success. */

    for (const char *p = raw; *p;) {
        const char *close = *p == '%' && closed ? strchr(p + 1, '%') : NULL;
        if (*p == '%')
            closed = close != NULL;
        if (!close) {
            vf_buf_append_byte(out, (uint8_t)*p++);
            continue;
        }
        token->size = 0;
        vf_buf_append(token, p + 1, (size_t)(close - p - 1));
        const char *name = vf_buf_text(token);
        const char *value = close == p + 1 ? "%" : name ? inf_string(file, name) : NULL;
        if (value)
            vf_buf_append_text(out, value);
        else
            vf_buf_append(out, p, (size_t)(close + 1 - p));
        p = close + 1;
    }
}

enum vf_code inf_expand(struct inf_file *file, uint16_t language, struct vf_err *err)
{
    struct vf_buf token = VF_BUF_INIT, out = VF_BUF_INIT;
    size_t limit = file->text.size * EXPAND_TIMES + EXPAND_FLOOR, total = 0;
    enum vf_code code = VF_OK;

    choose_strings(file, language);
    if (!index_strings(file))
        return vf_fail_memory(err);
    for (size_t i = 0; i < file->slot_count && !code; i++) {
        struct inf_slot *slot = &file->slots[i];
        const char *raw = inf_texts_at(file, slot->raw);
        if (!strchr(raw, '%'))
            continue;
        out.size = 0;
        expand(file, raw, &token, &out);
        vf_buf_append_byte(&out, 0);
        total += out.size;
        if (total > limit) {
            code = inf_malformed(file, slot->span.begin, err,
                                 "string tokens expand to more than %zu bytes", limit);
        } else {
            slot->text = (uint32_t)file->texts.size;
            vf_buf_append_view(&file->texts, vf_view_of(&out));
            if (!vf_buf_ok(&token) || !vf_buf_ok(&out) || !vf_buf_ok(&file->texts))
                code = vf_fail_memory(err);
        }
    }
    vf_buf_free(&token);
    vf_buf_free(&out);
    return code;
}
