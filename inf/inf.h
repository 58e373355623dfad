/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading and writing INF files without losing a byte.
 *
 * A file is parsed once into sections, lines and fields and then does not change; all that the
 * functions below hand out is borrowed from it and lives until inf_free(). Texts are UTF-8,
 * whatever the file's encoding. Changes are made as a list of edits to the text, given to
 * inf_write(), which keeps every other byte (encoding, line ends, comments, spaces).
 *
 * Grammar: Windows driver documentation, "General Syntax Rules for INF Files", with these points:
 *  - an 8-bit file without a byte order mark is read as Windows-1252, byte for character;
 *  - lines end with CR, LF or CR LF; a NUL character is refused; Ctrl-Z (0x1A) ends the file;
 *  - sections of one name (case does not count) are one section, lines in file order;
 *  - a comma separates two fields, so "key=a," has two and "key=" has one, all empty but the first;
 *  - %% stands for %, %name% for its value in the strings section, and an unknown %name% (a
 *    directory id such as %12% above all) for itself; values of strings are not expanded again.
 *
 * Names compare without case over ASCII; other characters compare exactly.
 */
#ifndef INF_INF_H
#define INF_INF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"
#include "util/error.h"

/* Bounds of what is accepted; beyond them a file is refused as malformed. */
#define INF_BYTES_MAX    (16u << 20) /* size of the file */
#define INF_SECTIONS_MAX 65536u      /* sections of different names */
#define INF_LINES_MAX    1000000u    /* lines with content, continued ones counting once */
#define INF_FIELDS_MAX   4000000u    /* fields and keys of all lines */
#define INF_NAME_MAX     255u        /* characters of a section name (documented limit) */
#define INF_FIELD_MAX    4096u       /* characters of a field before expansion (MAX_INF_STRING) */

enum inf_encoding {
    INF_ANSI,        /* 8-bit, no byte order mark, read as Windows-1252 */
    INF_UTF8_BOM,    /* UTF-8 behind its byte order mark; not a form Windows documents */
    INF_UTF16LE_BOM, /* UTF-16, little-endian, behind its byte order mark */
    INF_UTF16LE,     /* the same without the mark */
};

struct inf_file;
struct inf_section;
struct inf_line;

/*
 * Where something stands: both count from 1; columns count characters, up to INF_COLUMN_MAX, so
 * that telling a place costs little on a line of any length.
 */
#define INF_COLUMN_MAX 4096u
struct inf_place {
    uint32_t line;
    uint32_t column;
};

/* The part [begin, end) of the text of inf_text(), in bytes. */
struct inf_span {
    uint32_t begin;
    uint32_t end;
};

/* Put text in place of a part of the file; an empty part inserts. */
struct inf_edit {
    struct inf_span span;
    const char *text; /* UTF-8 */
};

/*
 * Parse an INF file. name is how messages call it and is copied; bytes are copied too. On success
 * *file is the caller's, to be freed with inf_free(). VF_MALFORMED names line and column.
 * String tokens take their values from [Strings].
 */
enum vf_code inf_parse(struct vf_view bytes, const char *name, struct inf_file **file,
                       struct vf_err *err);

/*
 * As inf_parse, with string tokens taken from the section that Windows would choose for a
 * language (a Windows LANGID such as 0x0407): [Strings.LLLL] of exactly that language, of its
 * primary language alone, of the same primary language, or else [Strings]; 0 means [Strings].
 * One section serves all tokens (INF Strings Section, Remarks).
 */
enum vf_code inf_parse_language(struct vf_view bytes, const char *name, uint16_t language,
                                struct inf_file **file, struct vf_err *err);

/* Read and parse the file at path. VF_IO where it cannot be read. */
enum vf_code inf_read(const char *path, struct inf_file **file, struct vf_err *err);

void inf_free(struct inf_file *file);

/* The name given to inf_parse. */
const char *inf_name(const struct inf_file *file);
enum inf_encoding inf_encoding(const struct inf_file *file);
/* "Windows-1252", "UTF-16LE with byte order mark", ... */
const char *inf_encoding_text(enum inf_encoding encoding);
/* The whole text as UTF-8, without a byte order mark. */
struct vf_view inf_text(const struct inf_file *file);
/* The line end the file uses first: "\r\n", "\n" or "\r"; "\r\n" for a file of one line. */
const char *inf_newline(const struct inf_file *file);

/*
 * Append the file to out in its own encoding, with the edits made. Edits must be sorted, must not
 * overlap and must lie inside the text (VF_USAGE); without any, out gets the very bytes that were
 * parsed. VF_MALFORMED where an edit's text cannot be written in the file's encoding.
 */
enum vf_code inf_write(const struct inf_file *file, const struct inf_edit *edits, size_t count,
                       struct vf_buf *out, struct vf_err *err);

/* Sections in the order of their first headings. */
size_t inf_section_count(const struct inf_file *file);
const struct inf_section *inf_section_at(const struct inf_file *file, size_t index);
/* The section of a name (case does not count); NULL where there is none. */
const struct inf_section *inf_section_find(const struct inf_file *file, const char *name);
/* The section's name as its first heading spells it. */
const char *inf_section_name(const struct inf_file *file, const struct inf_section *section);

/* How many headings of this name the file has, and where the index-th stands (its bracket). */
size_t inf_heading_count(const struct inf_section *section);
struct inf_place inf_heading_place(const struct inf_file *file, const struct inf_section *section,
                                   size_t index);

/* The lines of a section in file order; NULL ends. section may be NULL: no lines. */
const struct inf_line *inf_line_first(const struct inf_file *file,
                                      const struct inf_section *section);
const struct inf_line *inf_line_next(const struct inf_file *file, const struct inf_line *line);
size_t inf_line_count(const struct inf_section *section);
const struct inf_section *inf_line_section(const struct inf_file *file,
                                           const struct inf_line *line);
/* The first line of a section with that key, or the next one behind line; NULL ends. */
const struct inf_line *inf_line_find(const struct inf_file *file, const struct inf_section *section,
                                     const char *key);
const struct inf_line *inf_line_find_next(const struct inf_file *file, const struct inf_line *line,
                                          const char *key);

/* The key with its tokens expanded; NULL for a line without one ("HKR,,..."). */
const char *inf_key(const struct inf_file *file, const struct inf_line *line);
/* Fields behind the key, counted from 0. */
size_t inf_field_count(const struct inf_line *line);
/* A field, tokens expanded; "" for an index behind the last, as an omitted value reads. */
const char *inf_field(const struct inf_file *file, const struct inf_line *line, size_t index);
/* The same without expansion: quotes removed, %tokens% as written. inf_key_raw: NULL or the key. */
const char *inf_field_raw(const struct inf_file *file, const struct inf_line *line, size_t index);
const char *inf_key_raw(const struct inf_file *file, const struct inf_line *line);

/* Positions; a field behind the last stands where the line does. */
struct inf_place inf_line_place(const struct inf_file *file, const struct inf_line *line);
struct inf_place inf_field_place(const struct inf_file *file, const struct inf_line *line,
                                 size_t index);
/* A line from its first character to the end of its last line end, comments included. */
struct inf_span inf_line_span(const struct inf_line *line);
/* A field as written, quotes included; empty at the line's end for an index behind the last. */
struct inf_span inf_field_span(const struct inf_file *file, const struct inf_line *line,
                               size_t index);

/* Shorthand: a field of the first line with that key in that section; NULL where there is none. */
const char *inf_value(const struct inf_file *file, const char *section, const char *key,
                      size_t index);

/* The value of a string token (without percent signs); NULL where undefined. */
const char *inf_string(const struct inf_file *file, const char *token);

/* Do two names equal as Windows compares them? */
bool inf_name_equal(const char *a, const char *b);
/* Does text begin with prefix, compared that way? */
bool inf_name_begins(const char *text, const char *prefix);
/* Does text end with suffix, compared that way? */
bool inf_name_ends(const char *text, const char *suffix);

/*
 * A number as INF files write it: decimal, or hexadecimal behind 0x, with an optional sign; spaces
 * around it are allowed. False where text is no such number or it exceeds 64 bits.
 */
bool inf_number(const char *text, int64_t *number);

#endif
