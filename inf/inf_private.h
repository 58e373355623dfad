/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a parsed file is made of. All tables are arrays of plain records that refer to each other
 * by index and to texts by offset, so that a hostile file costs little more than its own size.
 */
#ifndef INF_INF_PRIVATE_H
#define INF_INF_PRIVATE_H

#include "inf/inf.h"
#include "inf/index.h"

#define INF_NONE UINT32_MAX

struct inf_section {
    uint32_t name;    /* in texts */
    uint32_t first;   /* line, INF_NONE for none */
    uint32_t last;    /* line */
    uint32_t lines;   /* how many */
    uint32_t heading; /* the first in headings */
    uint32_t last_heading;
    uint32_t headings; /* how many */
};

struct inf_heading {
    struct inf_span span; /* from the bracket to the end of the line end */
    uint32_t next;        /* the next heading of the same name, INF_NONE for none */
};

struct inf_line {
    uint32_t section;
    uint32_t next; /* in the same section */
    struct inf_span span;
    uint32_t first_field; /* the key where there is one */
    uint32_t fields;      /* the key not counted */
    bool has_key;
};

struct inf_slot {
    uint32_t raw;  /* in texts, before expansion */
    uint32_t text; /* in texts, after */
    struct inf_span span;
};

/* Text that is read, but surely not as it was meant. */
enum inf_oddity_kind {
    INF_STRAY_TEXT,     /* before the first heading, or behind one on its line: passed over */
    INF_UNCLOSED_QUOTE, /* closed by the line's end */
};

struct inf_oddity {
    enum inf_oddity_kind kind;
    uint32_t offset;
};

struct inf_file {
    char *name;
    enum inf_encoding encoding;
    struct vf_buf text;  /* the decoded file */
    struct vf_buf texts; /* names and values, each with its NUL; offset 0 holds "" */

    struct inf_section *sections;
    size_t section_count, section_room;
    struct inf_heading *headings;
    size_t heading_count, heading_room;
    struct inf_line *lines;
    size_t line_count, line_room;
    struct inf_slot *slots;
    size_t slot_count, slot_room;
    struct inf_oddity *oddities;
    size_t oddity_count, oddity_room;
    uint32_t *starts; /* where each physical line begins in text */
    size_t start_count, start_room;

    struct inf_index names;   /* section names -> sections */
    struct inf_index keys;    /* keys of each section -> lines */
    struct inf_index strings; /* string tokens -> lines of the strings section */
    uint32_t strings_section; /* INF_NONE for none */
    const char *newline;
};

/* Make room for one more record in a table; false where memory is short. */
bool inf_grow(void **table, size_t *room, size_t count, size_t size);

/*
 * Turn a file's bytes into UTF-8 in file->text and tell its encoding; VF_MALFORMED for encodings
 * Windows refuses (UTF-16BE, UTF-32) and for bytes that are not well formed in the one found.
 */
enum vf_code inf_decode(struct vf_view bytes, struct inf_file *file, struct vf_err *err);
/* Append text (UTF-8) in an encoding, without byte order mark; false where it has no such form. */
bool inf_encode(struct vf_view text, enum inf_encoding encoding, struct vf_buf *out);
/* Append the byte order mark of an encoding, if it has one. */
void inf_encode_mark(enum inf_encoding encoding, struct vf_buf *out);

/* Fill sections, headings, lines and slots from file->text. */
enum vf_code inf_scan(struct inf_file *file, struct vf_err *err);

/* Choose the strings section for a language and expand every slot's text. */
enum vf_code inf_expand(struct inf_file *file, uint16_t language, struct vf_err *err);

/* "NAME:LINE:COLUMN: " in front of a message about the text at offset; VF_MALFORMED. */
enum vf_code inf_malformed(const struct inf_file *file, uint32_t offset, struct vf_err *err,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Line and column of an offset in the text. */
struct inf_place inf_place_of(const struct inf_file *file, uint32_t offset);

static inline const char *inf_texts_at(const struct inf_file *file, uint32_t offset)
{
    return (const char *)file->texts.data + offset;
}

#endif
