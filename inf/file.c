/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A parsed file: its life, and reading it. */
#include "inf/inf_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/checked.h"
#include "util/file.h"

bool inf_grow(void **table, size_t *room, size_t count, size_t size)
{
    size_t bytes;

    if (count < *room)
        return true;
    size_t more = *room ? *room + *room / 2 : 64;
    if (!vf_mul_size(more, size, &bytes))
        return false;
    void *grown = realloc(*table, bytes);
    if (!grown)
        return false;
    *table = grown;
    *room = more;
    return true;
}

static const char *line_key(const void *owner, uint32_t number)
{
    const struct inf_file *file = owner;
    return inf_key(file, &file->lines[number]);
}

/* Index the first line of each key of each section. */
static bool index_keys(struct inf_file *file)
{
    for (size_t i = 0; i < file->line_count; i++) {
        const struct inf_line *line = &file->lines[i];
        const char *key = inf_key(file, line);
        if (key && inf_index_find(&file->keys, line->section, key, line_key, file) == INF_NONE &&
            !inf_index_add(&file->keys, line->section, key, (uint32_t)i))
            return false;
    }
    return true;
}

enum vf_code inf_parse_language(struct vf_view bytes, const char *name, uint16_t language,
                                struct inf_file **file, struct vf_err *err)
{
    struct inf_file *made = calloc(1, sizeof(*made));

    *file = NULL;
    if (!made)
        return vf_fail_memory(err);
    made->strings_section = INF_NONE;
    made->name = strdup(name);
    enum vf_code code = made->name ? inf_decode(bytes, made, err) : vf_fail_memory(err);
    if (!code)
        code = inf_scan(made, err);
    if (!code)
        code = inf_expand(made, language, err);
    if (!code && !index_keys(made))
        code = vf_fail_memory(err);
    if (code) {
        inf_free(made);
        return code;
    }
    *file = made;
    return VF_OK;
}

enum vf_code inf_parse(struct vf_view bytes, const char *name, struct inf_file **file,
                       struct vf_err *err)
{
    return inf_parse_language(bytes, name, 0, file, err);
}

enum vf_code inf_read(const char *path, struct inf_file **file, struct vf_err *err)
{
    struct vf_buf bytes = VF_BUF_INIT;

    *file = NULL;
    enum vf_code code = vf_file_read(path, INF_BYTES_MAX, &bytes, err);
    if (!code)
        code = inf_parse(vf_view_of(&bytes), path, file, err);
    vf_buf_free(&bytes);
    return code;
}

void inf_free(struct inf_file *file)
{
    if (!file)
        return;
    inf_index_free(&file->keys);
    inf_index_free(&file->strings);
    inf_index_free(&file->names);
    free(file->starts);
    free(file->oddities);
    free(file->slots);
    free(file->lines);
    free(file->headings);
    free(file->sections);
    vf_buf_free(&file->texts);
    vf_buf_free(&file->text);
    free(file->name);
    free(file);
}

const char *inf_name(const struct inf_file *file)
{
    return file->name;
}

enum inf_encoding inf_encoding(const struct inf_file *file)
{
    return file->encoding;
}

struct vf_view inf_text(const struct inf_file *file)
{
    return vf_view_of(&file->text);
}

const char *inf_newline(const struct inf_file *file)
{
    return file->newline;
}

struct inf_place inf_place_of(const struct inf_file *file, uint32_t offset)
{
    size_t low = 0, high = file->start_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (file->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    struct inf_place place = {(uint32_t)low + 1, 1};
    uint32_t start = file->start_count ? file->starts[low] : 0;
    for (uint32_t i = start; i < offset && i < file->text.size && place.column < INF_COLUMN_MAX;
         i++)
        place.column += (file->text.data[i] & 0xC0) != 0x80;
    return place;
}

enum vf_code inf_malformed(const struct inf_file *file, uint32_t offset, struct vf_err *err,
                           const char *format, ...)
{
    char text[VF_ERR_TEXT_MAX];
    struct inf_place place = inf_place_of(file, offset);
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return vf_fail(err, VF_MALFORMED, "%s:%u:%u: %s", file->name, place.line, place.column, text);
}

size_t inf_section_count(const struct inf_file *file)
{
    return file->section_count;
}

const struct inf_section *inf_section_at(const struct inf_file *file, size_t index)
{
    return index < file->section_count ? &file->sections[index] : NULL;
}

static const char *section_name(const void *owner, uint32_t number)
{
    const struct inf_file *file = owner;
    return inf_texts_at(file, file->sections[number].name);
}

const struct inf_section *inf_section_find(const struct inf_file *file, const char *name)
{
    uint32_t number = inf_index_find(&file->names, 0, name, section_name, file);
    return number == INF_NONE ? NULL : &file->sections[number];
}

const char *inf_section_name(const struct inf_file *file, const struct inf_section *section)
{
    return inf_texts_at(file, section->name);
}

size_t inf_heading_count(const struct inf_section *section)
{
    return section->headings;
}

struct inf_place inf_heading_place(const struct inf_file *file, const struct inf_section *section,
                                   size_t index)
{
    uint32_t heading = section->heading;

    while (index-- && file->headings[heading].next != INF_NONE)
        heading = file->headings[heading].next;
    return inf_place_of(file, file->headings[heading].span.begin);
}

const struct inf_line *inf_line_first(const struct inf_file *file,
                                      const struct inf_section *section)
{
    return section && section->first != INF_NONE ? &file->lines[section->first] : NULL;
}

const struct inf_line *inf_line_next(const struct inf_file *file, const struct inf_line *line)
{
    return line->next == INF_NONE ? NULL : &file->lines[line->next];
}

size_t inf_line_count(const struct inf_section *section)
{
    return section->lines;
}

const struct inf_section *inf_line_section(const struct inf_file *file, const struct inf_line *line)
{
    return &file->sections[line->section];
}

const struct inf_line *inf_line_find(const struct inf_file *file, const struct inf_section *section,
                                     const char *key)
{
    uint32_t number = INF_NONE;

    if (section)
        number =
            inf_index_find(&file->keys, (uint32_t)(section - file->sections), key, line_key, file);
    return number == INF_NONE ? NULL : &file->lines[number];
}

const struct inf_line *inf_line_find_next(const struct inf_file *file, const struct inf_line *line,
                                          const char *key)
{
    do {
        line = inf_line_next(file, line);
    } while (line && !(line->has_key && inf_name_equal(inf_key(file, line), key)));
    return line;
}

const char *inf_key(const struct inf_file *file, const struct inf_line *line)
{
    return line->has_key ? inf_texts_at(file, file->slots[line->first_field].text) : NULL;
}

const char *inf_key_raw(const struct inf_file *file, const struct inf_line *line)
{
    return line->has_key ? inf_texts_at(file, file->slots[line->first_field].raw) : NULL;
}

size_t inf_field_count(const struct inf_line *line)
{
    return line->fields;
}

static const struct inf_slot *slot_at(const struct inf_file *file, const struct inf_line *line,
                                      size_t index)
{
    return index < line->fields ? &file->slots[line->first_field + line->has_key + index] : NULL;
}

const char *inf_field(const struct inf_file *file, const struct inf_line *line, size_t index)
{
    const struct inf_slot *slot = slot_at(file, line, index);
    return inf_texts_at(file, slot ? slot->text : 0);
}

const char *inf_field_raw(const struct inf_file *file, const struct inf_line *line, size_t index)
{
    const struct inf_slot *slot = slot_at(file, line, index);
    return inf_texts_at(file, slot ? slot->raw : 0);
}

struct inf_place inf_line_place(const struct inf_file *file, const struct inf_line *line)
{
    return inf_place_of(file, line->span.begin);
}

struct inf_place inf_field_place(const struct inf_file *file, const struct inf_line *line,
                                 size_t index)
{
    const struct inf_slot *slot = slot_at(file, line, index);
    return inf_place_of(file, slot ? slot->span.begin : line->span.begin);
}

struct inf_span inf_line_span(const struct inf_line *line)
{
    return line->span;
}

struct inf_span inf_field_span(const struct inf_file *file, const struct inf_line *line,
                               size_t index)
{
    const struct inf_slot *slot = slot_at(file, line, index);
    return slot ? slot->span : (struct inf_span){line->span.end, line->span.end};
}

const char *inf_value(const struct inf_file *file, const char *section, const char *key,
                      size_t index)
{
    const struct inf_line *line = inf_line_find(file, inf_section_find(file, section), key);
    return line && index < line->fields ? inf_field(file, line, index) : NULL;
}
