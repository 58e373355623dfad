/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help texts, made from the verbs' own tables. */
#include "builder/cli/cli.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 28

static void print_option(const struct cli_option *option)
{
    char text[96];

    int used = snprintf(text, sizeof(text), "  %c%c%s--%s%s%s", option->letter ? '-' : ' ',
                        option->letter ? option->letter : ' ', option->letter ? ", " : "  ",
                        option->name, option->value ? "=" : "", option->value ? option->value : "");
    printf("%-*s%s%s\n", HELP_COLUMN, text, used >= HELP_COLUMN ? "  " : "", option->help);
}

void cli_help_verb(const struct cli_verb *verb)
{
    printf("vioforge %s: %s\n\nUsage: vioforge %s [OPTION...]%s%s\n", verb->name, verb->summary,
           verb->name, verb->operands[0] ? " " : "", verb->operands);
    if (verb->options->name) {
        puts("\nOptions:");
        for (const struct cli_option *o = verb->options; o->name; o++)
            print_option(o);
    }
    puts("\nCommon options:");
    for (const struct cli_option *o = cli_common_options; o->name; o++)
        print_option(o);
    if (verb->examples && verb->examples[0]) {
        puts("\nExamples:");
        for (const char *const *e = verb->examples; *e; e++)
            printf("  %s\n", *e);
    }
    char page[64];
    snprintf(page, sizeof(page), "%s", verb->name);
    for (char *p = page; *p; p++)
        if (*p == ' ')
            *p = '-';
    printf("\nSee vioforge-%s(1).\n", page);
}

void cli_help_all(void)
{
    puts("vioforge: Windows virtio drivers and the discs that carry them, made on Linux\n\n"
         "Usage: vioforge VERB [OPTION...] [OPERAND...]\n\nVerbs:");
    for (const struct cli_verb *const *v = cli_verbs; *v; v++)
        printf("  %-18s%s\n", (*v)->name, (*v)->summary);
    puts("\n'vioforge VERB --help' tells more of one verb, 'vioforge --version' the version.\n"
         "Exit status: 0 good, 1 findings, 2 wrong usage, 3 malformed input, 4 input/output\n"
         "error, 5 signature or policy.");
}
