/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inf/change.h"

#include <stdlib.h>
#include <string.h>

#include "inf/inf_private.h"

/* One change on its way into a file. */
struct apply {
    const struct inf_file *file;
    const struct inf_change *change;
    const char *key;    /* the change's, without quotes */
    struct vf_buf text; /* what is put into the file */
    struct inf_edit *edits;
    size_t edit_count, edit_room;
};

static const struct inf_line *find(const struct inf_file *file, const struct inf_line *line,
                                   const char *key)
{
    while (line && !(inf_key(file, line) && (inf_name_equal(inf_key(file, line), key) ||
                                             inf_name_equal(inf_key_raw(file, line), key))))
        line = inf_line_next(file, line);
    return line;
}

/*
 * Is text one line, whole and alone, and with a key where one is written? What stands behind it in
 * a file must be read as if it were not there. The key goes to *found, without quotes.
 */
static bool is_line(const char *text, const char *key, struct vf_buf *found)
{
    struct vf_buf sample = VF_BUF_INIT;
    struct inf_file *file = NULL;
    struct vf_err err;
    bool good = false;

    vf_buf_printf(&sample, "\xEF\xBB\xBF[s]\n%s\nend=1\n", text);
    if (vf_buf_ok(&sample) && !inf_parse(vf_view_of(&sample), "", &file, &err) &&
        file->section_count == 1 && file->line_count == 2 && file->oddity_count == 0) {
        const struct inf_line *line = &file->lines[0];
        struct inf_span span = file->slots[line->first_field].span;
        size_t last = inf_field_count(line) - 1;
        good = inf_field_span(file, line, last).end == strlen("[s]\n") + strlen(text) &&
               (!key || (*key && line->has_key && span.end - span.begin == strlen(key)));
        if (key && good)
            vf_buf_append_text(found, inf_key_raw(file, line));
    }
    inf_free(file);
    vf_buf_free(&sample);
    return good;
}

static bool is_section_name(const char *name)
{
    size_t characters = 0;

    for (const char *p = name; *p; p++) {
        if (strchr("]\r\n\x1A", *p))
            return false;
        characters += ((unsigned char)*p & 0xC0) != 0x80;
    }
    return characters > 0 && characters <= INF_NAME_MAX;
}

static enum vf_code put_edit(struct apply *apply, struct inf_span span, const char *text,
                             struct vf_err *err)
{
    if (!text || !inf_grow((void **)&apply->edits, &apply->edit_room, apply->edit_count,
                           sizeof(*apply->edits)))
        return vf_fail_memory(err);
    apply->edits[apply->edit_count++] = (struct inf_edit){span, text};
    return VF_OK;
}

/* Where text ends for readers: at a Ctrl-Z, or with the file. */
static uint32_t text_end(const struct inf_file *file)
{
    struct vf_view text = inf_text(file);
    const uint8_t *stop = text.size ? memchr(text.data, 0x1A, text.size) : NULL;

    return (uint32_t)(stop ? (size_t)(stop - text.data) : text.size);
}

/* The new line, written like its neighbours: with spaces around '=' or without. */
static void compose(struct apply *apply, const struct inf_section *section)
{
    const struct inf_file *file = apply->file;
    const struct inf_change *change = apply->change;
    const char *equals = " = ";

    if (!change->key) {
        vf_buf_append_text(&apply->text, change->value);
        return;
    }
    for (const struct inf_line *line = inf_line_first(file, section); line;
         line = inf_line_next(file, line))
        if (inf_key(file, line))
            equals = file->text.data[file->slots[line->first_field].span.end] == '=' ? "=" : " = ";
    vf_buf_printf(&apply->text, "%s%s%s", change->key, equals, change->value);
}

/* Would a line put behind this one be read as a line of its own, not as the other's rest? */
static bool is_complete(const struct inf_file *file, const struct inf_line *line)
{
    struct vf_buf sample = VF_BUF_INIT;
    struct inf_file *again = NULL;
    struct vf_err err;

    vf_buf_append_text(&sample, "\xEF\xBB\xBF[s]\n");
    vf_buf_append(&sample, file->text.data + line->span.begin, line->span.end - line->span.begin);
    if (vf_buf_ok(&sample) && !strchr("\r\n", sample.data[sample.size - 1]))
        vf_buf_append_text(&sample, "\n");
    vf_buf_append_text(&sample, "end=1\n");
    bool complete = vf_buf_ok(&sample) && !inf_parse(vf_view_of(&sample), "", &again, &err) &&
                    again->line_count == 2;
    inf_free(again);
    vf_buf_free(&sample);
    return complete;
}

/* Where a line more of a section goes: behind its last one, else behind its last heading. */
static uint32_t section_end(const struct inf_file *file, const struct inf_section *section)
{
    if (section->lines && is_complete(file, &file->lines[section->last]))
        return file->lines[section->last].span.end;
    return file->headings[section->last_heading].span.end;
}

static enum vf_code add_line(struct apply *apply, struct vf_err *err)
{
    const struct inf_file *file = apply->file;
    const struct inf_section *section = inf_section_find(file, apply->change->section);
    const char *newline = inf_newline(file);
    uint32_t at = section ? section_end(file, section) : text_end(file);
    bool ended = at == 0 || strchr("\r\n", file->text.data[at - 1]) != NULL;
    if (!ended)
        vf_buf_append_text(&apply->text, newline);
    if (!section)
        vf_buf_printf(&apply->text, "%s[%s]%s", file->section_count ? newline : "",
                      apply->change->section, newline);
    compose(apply, section);
    if (ended || !section)
        vf_buf_append_text(&apply->text, newline);
    return put_edit(apply, (struct inf_span){at, at}, vf_buf_text(&apply->text), err);
}

static enum vf_code set_line(struct apply *apply, struct vf_err *err)
{
    const struct inf_file *file = apply->file;
    const struct inf_section *section = inf_section_find(file, apply->change->section);
    const struct inf_line *line = find(file, inf_line_first(file, section), apply->key);

    if (!line)
        return add_line(apply, err);
    struct inf_span span = {
        inf_field_span(file, line, 0).begin,
        inf_field_span(file, line, inf_field_count(line) - 1).end,
    };
    vf_buf_printf(&apply->text, "%s%s", span.begin == span.end ? " " : "", apply->change->value);
    return put_edit(apply, span, vf_buf_text(&apply->text), err);
}

static enum vf_code remove_lines(struct apply *apply, struct vf_err *err)
{
    const struct inf_file *file = apply->file;
    const struct inf_change *change = apply->change;
    const struct inf_section *section = inf_section_find(file, change->section);
    const struct inf_line *line = find(file, inf_line_first(file, section), apply->key);
    enum vf_code code = VF_OK;

    if (!line)
        return vf_fail(err, VF_USAGE, "%s: there is no '%s' in [%s] to remove", inf_name(file),
                       change->key, change->section);
    while (line && !code) {
        struct inf_span span = inf_line_span(line);
        while (span.begin && strchr(" \t", file->text.data[span.begin - 1]))
            span.begin--;
        code = put_edit(apply, span, "", err);
        line = find(file, inf_line_next(file, line), apply->key);
    }
    return code;
}

/* Is a change one that can be made? Its key goes to *key. */
static enum vf_code check(const struct inf_file *file, const struct inf_change *change,
                          struct vf_buf *key, struct vf_err *err)
{
    struct vf_buf line = VF_BUF_INIT;

    if (!is_section_name(change->section))
        return vf_fail(err, VF_USAGE, "%s: '%s' is no section name", inf_name(file),
                       change->section);
    vf_buf_printf(&line, "%s%s%s", change->key ? change->key : "", change->key ? "=" : "",
                  change->kind == INF_REMOVE ? "" : change->value);
    const char *text = vf_buf_text(&line);
    enum vf_code code = text ? VF_OK : vf_fail_memory(err);
    if (text && !is_line(text, change->key, key))
        code = vf_fail(err, VF_USAGE,
                       "%s: '%s' is not one line of an INF file; quote what is no plain text",
                       inf_name(file), text);
    vf_buf_free(&line);
    return code;
}

static enum vf_code apply_one(const struct inf_file *file, const struct inf_change *change,
                              struct vf_buf *out, struct vf_err *err)
{
    static enum vf_code (*const makers[])(struct apply * apply, struct vf_err * err) = {
        [INF_SET] = set_line,
        [INF_ADD] = add_line,
        [INF_REMOVE] = remove_lines,
    };
    struct apply apply = {file, change, NULL, VF_BUF_INIT, NULL, 0, 0};
    struct vf_buf key = VF_BUF_INIT;

    enum vf_code code = check(file, change, &key, err);
    apply.key = vf_buf_text(&key);
    if (!code && !apply.key)
        code = vf_fail_memory(err);
    if (!code)
        code = makers[change->kind](&apply, err);
    if (!code)
        code = inf_write(file, apply.edits, apply.edit_count, out, err);
    free(apply.edits);
    vf_buf_free(&apply.text);
    vf_buf_free(&key);
    return code;
}

enum vf_code inf_apply(const struct inf_file *file, const struct inf_change *changes, size_t count,
                       struct vf_buf *out, struct vf_err *err)
{
    struct inf_file *last = NULL;
    enum vf_code code = VF_OK;

    if (count == 0)
        return inf_write(file, NULL, 0, out, err);
    for (size_t i = 0; i + 1 < count && !code; i++) {
        struct vf_buf text = VF_BUF_INIT;
        struct inf_file *next = NULL;
        code = apply_one(last ? last : file, &changes[i], &text, err);
        if (!code)
            code = inf_parse(vf_view_of(&text), inf_name(file), &next, err);
        vf_buf_free(&text);
        inf_free(last);
        last = next;
    }
    if (!code)
        code = apply_one(last ? last : file, &changes[count - 1], out, err);
    inf_free(last);
    return code;
}
