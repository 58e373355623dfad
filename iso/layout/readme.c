/* SPDX-License-Identifier: GPL-3.0-or-later */
/* README.txt of a disc, made from the texts in iso/disc/. */
#include <string.h>

#include "iso/disc_texts.h"
#include "iso/layout/layout_private.h"
#include "util/file.h"

/* A word in a template, and what stands for it. */
struct word {
    const char *word;
    const char *text;
};

/* The word that begins here; NULL where none does. */
static const struct word *word_at(const struct word *words, const char *text)
{
    while (words->word && strncmp(text, words->word, strlen(words->word)) != 0)
        words++;
    return words->word ? words : NULL;
}

/* Append text with line ends of Windows. */
static void append_lines(struct vf_buf *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n')
            vf_buf_append_byte(out, '\r');
        vf_buf_append_byte(out, (uint8_t)text[i]);
    }
}

/* A template's lines behind its first, which carries the licence tag. */
static void append_template(struct vf_buf *out, const char *text, const struct word *words)
{
    const char *line_end = strchr(text, '\n');

    text = line_end ? line_end + 1 : text;
    while (*text) {
        const struct word *word = *text == '@' ? word_at(words, text) : NULL;
        if (word) {
            append_lines(out, word->text, strlen(word->text));
            text += strlen(word->word);
            continue;
        }
        append_lines(out, text++, 1);
    }
}

/* The table of folders and Windows versions. */
static void append_systems(struct vf_buf *out)
{
    for (const struct iso_layout_os *os = iso_layout_oses; os->folder; os++)
        if (os->short_tree)
            vf_buf_printf(out, "  %-7s %s\n", os->folder, os->windows);
}

enum vf_code iso_layout_readme(const struct iso_layout *layout,
                               const struct iso_layout_found *found, struct vf_buf *out,
                               struct vf_err *err)
{
    struct vf_buf systems = VF_BUF_INIT, listing = VF_BUF_INIT;

    append_systems(&systems);
    vf_buf_append_view(&listing, vf_view_of(&found->listing));
    const struct word words[] = {
        {"@LABEL@", layout->label},
        {"@SYSTEMS@\n", vf_buf_text(&systems)},
        {"@PACKAGES@\n", vf_buf_text(&listing)},
        {"@CERTIFICATE@", layout->certificate ? vf_path_base(layout->certificate) : ""},
        {NULL, NULL},
    };
    bool good = words[1].text && words[2].text;
    if (good) {
        append_template(out, iso_disc_readme, words);
        if (layout->certificate)
            append_template(out, iso_disc_test_signing, words);
        good = vf_buf_ok(out);
    }
    vf_buf_free(&systems);
    vf_buf_free(&listing);
    return good ? VF_OK : vf_fail_memory(err);
}
