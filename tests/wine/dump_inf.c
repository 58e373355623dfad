/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dump_inf INF: every section, key and field of an INF as vf_inf reads it, for a comparison. */
#include <stdio.h>
#include <string.h>

#include "inf/inf.h"

/* setupapi puts directories in place of %dirid% as it reads; these are Wine's */
static const struct {
    const char *token;
    const char *directory;
} directories[] = {
    {"%10%", "C:\\windows"},
    {"%11%", "C:\\windows\\system32"},
    {"%12%", "C:\\windows\\system32\\drivers"},
    {"%13%", "C:\\windows\\system32\\unknown"},
};

static void print_text(const char *text)
{
    while (*text) {
        size_t i = 0, count = sizeof(directories) / sizeof(directories[0]);
        while (i < count && strncmp(text, directories[i].token, 4) != 0)
            i++;
        if (i < count) {
            fputs(directories[i].directory, stdout);
            text += 4;
        } else if (*text == '\t') {
            fputs("\\t", stdout);
            text++;
        } else {
            putchar(*text++);
        }
    }
}

int main(int argc, char **argv)
{
    struct inf_file *file;
    struct vf_err err;

    if (argc != 2)
        return VF_USAGE;
    if (inf_read(argv[1], &file, &err) != VF_OK) {
        fprintf(stderr, "%s\n", err.text);
        return (int)err.code;
    }
    for (size_t i = 0; i < inf_section_count(file); i++) {
        const struct inf_section *section = inf_section_at(file, i);
        fputs("section\t", stdout);
        print_text(inf_section_name(file, section));
        putchar('\n');
        for (const struct inf_line *line = inf_line_first(file, section); line;
             line = inf_line_next(file, line)) {
            /* for setupapi, the only value of a line is its key as well */
            const char *key = inf_key(file, line);
            if (!key && inf_field_count(line) == 1)
                key = inf_field(file, line, 0);
            if (key) {
                fputs("key\t", stdout);
                print_text(key);
            } else {
                fputs("line", stdout);
            }
            for (size_t f = 0; f < inf_field_count(line); f++) {
                putchar('\t');
                print_text(inf_field(file, line, f));
            }
            putchar('\n');
        }
    }
    inf_free(file);
    return 0;
}
