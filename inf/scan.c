/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From text to sections, lines and fields.
 *
 * One pass over the text, each character looked at a bounded number of times. A field's value is
 * collected in a scratch buffer while its quotes, continuations and inner spaces are resolved; its
 * span in the text is kept for messages and edits.
 */
#include "inf/inf_private.h"

#include <string.h>

#define CTRL_Z 0x1A

struct scan {
    struct inf_file *file;
    struct vf_err *err;
    const uint8_t *text;
    uint32_t end;        /* the text's size, or where Ctrl-Z ends it */
    uint32_t at;         /* the next character */
    uint32_t section;    /* the current one, INF_NONE before the first */
    struct vf_buf value; /* scratch: the field being read */
};

/* A field as it is being read. */
struct field {
    uint32_t from;       /* where it may begin: behind the comma or '=' before it */
    uint32_t begin, end; /* its span so far; begin == INF_NONE: nothing of it seen yet */
    uint32_t spaces;     /* offset of spaces that count only if more of the field follows */
    uint32_t spaces_end;
    bool quoted;
};

/* The size of the white space at an offset that does not begin as ASCII does, 0 where there is
 * none. */
static uint32_t wide_space_size(const struct scan *scan, uint32_t at)
{
    static const struct {
        uint8_t size;
        uint8_t first[3], last[3]; /* these and all between, as UTF-8 */
    } spaces[] = {
        {2, {0xC2, 0x85}, {0xC2, 0x85}},             /* U+0085 */
        {2, {0xC2, 0xA0}, {0xC2, 0xA0}},             /* U+00A0 */
        {3, {0xE1, 0x9A, 0x80}, {0xE1, 0x9A, 0x80}}, /* U+1680 */
        {3, {0xE2, 0x80, 0x80}, {0xE2, 0x80, 0x8A}}, /* U+2000 to U+200A */
        {3, {0xE2, 0x80, 0xA8}, {0xE2, 0x80, 0xA9}}, /* U+2028, U+2029 */
        {3, {0xE2, 0x80, 0xAF}, {0xE2, 0x80, 0xAF}}, /* U+202F */
        {3, {0xE2, 0x81, 0x9F}, {0xE2, 0x81, 0x9F}}, /* U+205F */
        {3, {0xE3, 0x80, 0x80}, {0xE3, 0x80, 0x80}}, /* U+3000 */
    };

    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        uint32_t size = spaces[i].size;
        if (scan->end - at >= size && memcmp(scan->text + at, spaces[i].first, size) >= 0 &&
            memcmp(scan->text + at, spaces[i].last, size) <= 0)
            return size;
    }
    return 0;
}

/*
 * The size of the white space at an offset, 0 where there is none. All that Unicode calls so
 * counts, as it does for setupapi: there are INF files with no-break spaces behind their keys.
 */
static inline uint32_t space_size(const struct scan *scan, uint32_t at)
{
    uint8_t c = scan->text[at];

    if (c < 0x80)
        return c == ' ' || c == '\t' || c == '\v' || c == '\f';
    return wide_space_size(scan, at);
}

static bool is_newline(uint8_t c)
{
    return c == '\r' || c == '\n';
}

static uint32_t skip_spaces(const struct scan *scan, uint32_t at)
{
    uint32_t size;

    while (at < scan->end && (size = space_size(scan, at)) > 0)
        at += size;
    return at;
}

static uint32_t skip_to_newline(const struct scan *scan, uint32_t at)
{
    while (at < scan->end && !is_newline(scan->text[at]))
        at++;
    return at;
}

/* Behind the line end at an offset, if there is one. */
static uint32_t skip_newline(const struct scan *scan, uint32_t at)
{
    if (at < scan->end && scan->text[at] == '\r')
        return at + 1 < scan->end && scan->text[at + 1] == '\n' ? at + 2 : at + 1;
    return at < scan->end && scan->text[at] == '\n' ? at + 1 : at;
}

static enum vf_code find_starts(struct scan *scan)
{
    struct inf_file *file = scan->file;
    uint32_t at = 0;

    do {
        if (!inf_grow((void **)&file->starts, &file->start_room, file->start_count,
                      sizeof(*file->starts)))
            return vf_fail_memory(scan->err);
        file->starts[file->start_count++] = at;
        at = skip_to_newline(scan, at);
        uint32_t next = skip_newline(scan, at);
        if (!file->newline && next > at)
            file->newline = next - at == 2 ? "\r\n" : scan->text[at] == '\r' ? "\r" : "\n";
        at = next;
    } while (at < scan->end);
    if (!file->newline)
        file->newline = "\r\n";
    return VF_OK;
}

/* Note what lint will tell; one more than memory has room for is lost. */
static void note(struct scan *scan, enum inf_oddity_kind kind, uint32_t offset)
{
    struct inf_file *file = scan->file;

    if (inf_grow((void **)&file->oddities, &file->oddity_room, file->oddity_count,
                 sizeof(*file->oddities)))
        file->oddities[file->oddity_count++] = (struct inf_oddity){kind, offset};
}

static uint32_t characters(struct vf_view text)
{
    uint32_t count = 0;

    for (size_t i = 0; i < text.size; i++)
        count += (text.data[i] & 0xC0) != 0x80;
    return count;
}

/* Put a text with its NUL into the file's texts; INF_NONE where memory is short. */
static uint32_t keep(struct inf_file *file, struct vf_view text)
{
    if (text.size == 0)
        return 0;
    uint32_t offset = (uint32_t)file->texts.size;
    vf_buf_append_view(&file->texts, text);
    vf_buf_append_byte(&file->texts, 0);
    return vf_buf_ok(&file->texts) ? offset : INF_NONE;
}

static const char *section_name(const void *owner, uint32_t number)
{
    const struct inf_file *file = owner;
    return inf_texts_at(file, file->sections[number].name);
}

static enum vf_code section_make(struct scan *scan, struct vf_view name, uint32_t *section)
{
    struct inf_file *file = scan->file;
    uint32_t text = keep(file, name);

    if (text == INF_NONE)
        return vf_fail_memory(scan->err);
    *section = inf_index_find(&file->names, 0, inf_texts_at(file, text), section_name, file);
    if (*section != INF_NONE)
        return VF_OK;
    if (file->section_count == INF_SECTIONS_MAX)
        return inf_malformed(file, scan->at, scan->err, "more than %u sections", INF_SECTIONS_MAX);
    if (!inf_grow((void **)&file->sections, &file->section_room, file->section_count,
                  sizeof(*file->sections)) ||
        !inf_index_add(&file->names, 0, inf_texts_at(file, text), (uint32_t)file->section_count))
        return vf_fail_memory(scan->err);
    *section = (uint32_t)file->section_count++;
    file->sections[*section] = (struct inf_section){
        text, INF_NONE, INF_NONE, 0, INF_NONE, INF_NONE, 0,
    };
    return VF_OK;
}

static enum vf_code scan_heading(struct scan *scan)
{
    struct inf_file *file = scan->file;
    uint32_t begin = scan->at, close = begin + 1, number = (uint32_t)file->heading_count;

    while (close < scan->end && scan->text[close] != ']' && !is_newline(scan->text[close]))
        close++;
    if (close == scan->end || scan->text[close] != ']')
        return inf_malformed(file, begin, scan->err, "a section heading lacks its ']'");

    struct vf_view name = {scan->text + begin + 1, close - begin - 1};
    if (characters(name) > INF_NAME_MAX)
        return inf_malformed(file, begin, scan->err,
                             "a section name of %u characters; at most %u are allowed",
                             characters(name), INF_NAME_MAX);
    enum vf_code code = section_make(scan, name, &scan->section);
    if (code)
        return code;
    if (!inf_grow((void **)&file->headings, &file->heading_room, file->heading_count,
                  sizeof(*file->headings)))
        return vf_fail_memory(scan->err);

    /* whatever follows the bracket on its line is ignored */
    uint32_t behind = skip_spaces(scan, close + 1);
    if (behind < scan->end && !is_newline(scan->text[behind]) && scan->text[behind] != ';')
        note(scan, INF_STRAY_TEXT, behind);
    scan->at = skip_newline(scan, skip_to_newline(scan, close));
    file->headings[file->heading_count++] = (struct inf_heading){{begin, scan->at}, INF_NONE};
    struct inf_section *section = &file->sections[scan->section];
    if (section->headings++ == 0)
        section->heading = number;
    else
        file->headings[section->last_heading].next = number;
    section->last_heading = number;
    return VF_OK;
}

/* Add the collected field to the line and begin the next, behind the character here. */
static enum vf_code field_end(struct scan *scan, struct inf_line *line, struct field *field)
{
    struct inf_file *file = scan->file;
    struct vf_view value = vf_view_of(&scan->value);
    uint32_t begin = field->begin == INF_NONE ? field->from : field->begin;

    if (characters(value) > INF_FIELD_MAX)
        return inf_malformed(file, begin, scan->err,
                             "a value of %u characters; at most %u are allowed", characters(value),
                             INF_FIELD_MAX);
    if (file->slot_count == INF_FIELDS_MAX)
        return inf_malformed(file, begin, scan->err, "more than %u values in one file",
                             INF_FIELDS_MAX);
    uint32_t text = keep(file, value);
    if (!vf_buf_ok(&scan->value) || text == INF_NONE ||
        !inf_grow((void **)&file->slots, &file->slot_room, file->slot_count, sizeof(*file->slots)))
        return vf_fail_memory(scan->err);
    file->slots[file->slot_count++] =
        (struct inf_slot){text, text, {begin, field->begin == INF_NONE ? begin : field->end}};
    line->fields++;
    scan->value.size = 0;
    *field = (struct field){scan->at + 1, INF_NONE, 0, 0, 0, false};
    return VF_OK;
}

/* Count [begin, end) of the text to the field, with the spaces that stood before it. */
static void field_extend(struct scan *scan, struct field *field, uint32_t begin, uint32_t end)
{
    if (field->begin == INF_NONE)
        field->begin = begin;
    else
        vf_buf_append(&scan->value, scan->text + field->spaces, field->spaces_end - field->spaces);
    field->spaces = field->spaces_end = field->end = end;
}

/* A quoted part: "" inside stands for one quote; a line end closes it as well. */
static void scan_quoted(struct scan *scan, struct field *field)
{
    uint32_t at = scan->at + 1;

    field_extend(scan, field, scan->at, at);
    field->quoted = true;
    bool closed = false;
    while (at < scan->end && !is_newline(scan->text[at])) {
        uint8_t c = scan->text[at++];
        if (c == '"') {
            closed = at == scan->end || scan->text[at] != '"';
            if (closed)
                break;
            at++;
        }
        vf_buf_append_byte(&scan->value, c);
    }
    if (!closed)
        note(scan, INF_UNCLOSED_QUOTE, scan->at);
    field->spaces = field->spaces_end = field->end = at;
    scan->at = at;
}

/*
 * Is the backslash here a continuation: followed by nothing but backslashes and spaces up to a
 * comment or the line end? *next is then the first character of the continuing line; otherwise it
 * is the end of that run of backslashes and spaces, all of which belong to the value.
 */
static bool is_continuation(const struct scan *scan, uint32_t *next)
{
    uint32_t at = scan->at;

    do {
        at = skip_spaces(scan, at + 1);
    } while (at < scan->end && scan->text[at] == '\\');
    *next = at;
    if (at < scan->end && scan->text[at] == ';')
        at = skip_to_newline(scan, at);
    if (at < scan->end && !is_newline(scan->text[at]))
        return false;
    *next = skip_spaces(scan, skip_newline(scan, at));
    return true;
}

/*
 * The end of the %token% here, or of the percent sign alone where no other one follows in this
 * word of the field: a semicolon inside a token begins no comment.
 */
static uint32_t token_end(const struct scan *scan)
{
    uint32_t at = scan->at + 1;

    while (at < scan->end && !is_newline(scan->text[at]) && !space_size(scan, at) &&
           !strchr("\",=", scan->text[at])) {
        if (scan->text[at++] == '%')
            return at;
    }
    return scan->at + 1;
}

/* The end of the characters from here on that mean nothing but themselves; at least one. */
static uint32_t plain_end(const struct scan *scan)
{
    static const uint8_t marks[] = {';', '"', '\\', ',', '=', '%'};
    uint32_t at = scan->at + 1;

    while (at < scan->end && !space_size(scan, at) && !is_newline(scan->text[at]) &&
           !memchr(marks, scan->text[at], sizeof(marks)))
        at++;
    return at;
}

/* Text that stands for itself, up to end. */
static void scan_plain(struct scan *scan, struct field *field, uint32_t end)
{
    field_extend(scan, field, scan->at, end);
    vf_buf_append(&scan->value, scan->text + scan->at, end - scan->at);
    scan->at = end;
}

static enum vf_code scan_line(struct scan *scan)
{
    struct inf_file *file = scan->file;
    struct field field = {scan->at, INF_NONE, 0, 0, 0, false};
    struct inf_line line = {scan->section, INF_NONE, {scan->at, 0}, (uint32_t)file->slot_count, 0,
                            false};
    enum vf_code code = VF_OK;
    uint32_t next;

    if (scan->section == INF_NONE) {
        /* Windows passes it over too: INF files are about that begin as a C comment does */
        if (!file->oddity_count)
            note(scan, INF_STRAY_TEXT, scan->at);
        scan->at = skip_newline(scan, skip_to_newline(scan, scan->at));
        return VF_OK;
    }
    if (file->line_count == INF_LINES_MAX)
        return inf_malformed(file, scan->at, scan->err, "more than %u lines", INF_LINES_MAX);

    while (!code && scan->at < scan->end && !is_newline(scan->text[scan->at])) {
        uint8_t c = scan->text[scan->at];
        if (c == ';') {
            scan->at = skip_to_newline(scan, scan->at);
        } else if (c == '"') {
            scan_quoted(scan, &field);
        } else if (c == '\\' && is_continuation(scan, &next)) {
            /* spaces before the backslash are dropped with it */
            field.spaces = field.spaces_end = scan->at = next;
        } else if (c == '\\') {
            uint32_t end = next;
            while (scan->text[end - 1] != '\\')
                end--;
            scan_plain(scan, &field, end);
        } else if (c == ',' || (c == '=' && line.fields == 0 && !line.has_key)) {
            line.has_key |= c == '=';
            code = field_end(scan, &line, &field);
            line.fields -= c == '=';
            scan->at++;
        } else if (space_size(scan, scan->at)) {
            field.spaces = scan->at;
            field.spaces_end = scan->at = skip_spaces(scan, scan->at);
        } else {
            scan_plain(scan, &field, c == '%' ? token_end(scan) : plain_end(scan));
        }
    }
    if (code)
        return code;
    /* nothing but a continuation of nothing is no line */
    bool any = line.fields || line.has_key || scan->value.size || field.quoted;
    if (any) {
        code = field_end(scan, &line, &field);
        if (code)
            return code;
    }
    scan->at = skip_newline(scan, scan->at);
    line.span.end = scan->at;
    if (!any)
        return VF_OK;

    if (!inf_grow((void **)&file->lines, &file->line_room, file->line_count, sizeof(*file->lines)))
        return vf_fail_memory(scan->err);
    struct inf_section *section = &file->sections[scan->section];
    uint32_t number = (uint32_t)file->line_count++;
    file->lines[number] = line;
    if (section->lines++ == 0)
        section->first = number;
    else
        file->lines[section->last].next = number;
    section->last = number;
    return VF_OK;
}

enum vf_code inf_scan(struct inf_file *file, struct vf_err *err)
{
    struct scan scan = {file, err,      file->text.data, (uint32_t)file->text.size,
                        0,    INF_NONE, VF_BUF_INIT};
    const uint8_t *stop = memchr(scan.text, CTRL_Z, scan.end);
    const uint8_t *nul = memchr(scan.text, 0, scan.end);

    if (stop)
        scan.end = (uint32_t)(stop - scan.text);
    vf_buf_append_byte(&file->texts, 0);
    enum vf_code code = vf_buf_ok(&file->texts) ? find_starts(&scan) : vf_fail_memory(err);
    if (!code && nul)
        code = inf_malformed(file, (uint32_t)(nul - scan.text), err,
                             "a NUL character; an INF file is text");

    while (!code) {
        scan.at = skip_spaces(&scan, scan.at);
        if (scan.at == scan.end)
            break;
        uint8_t c = scan.text[scan.at];
        if (is_newline(c))
            scan.at = skip_newline(&scan, scan.at);
        else if (c == ';')
            scan.at = skip_newline(&scan, skip_to_newline(&scan, scan.at));
        else if (c == '[')
            code = scan_heading(&scan);
        else
            code = scan_line(&scan);
    }
    if (!code && !file->section_count)
        code = inf_malformed(file, file->oddity_count ? file->oddities[0].offset : 0, err,
                             "%sno [section] in the whole file; this is no INF file",
                             file->oddity_count ? "text, and " : "");
    vf_buf_free(&scan.value);
    return code;
}
