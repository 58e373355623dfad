/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "builder/cli/cli.h"
#include "builder/cli/text.h"
#include "builder/cli/version.h"

/*
 * The verb whose words begin argv: "iso create" takes two, and goes before a verb of one word.
 * *words tells how many. NULL where there is none; *group is then set where the first word begins
 * some verb.
 */
static const struct cli_verb *find_verb(int argc, char **argv, int *words, bool *group)
{
    const struct cli_verb *found = NULL;

    *group = false;
    for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
        const char *name = (*v)->name;
        size_t first = strcspn(name, " ");
        if (strlen(argv[0]) != first || strncmp(name, argv[0], first) != 0)
            continue;
        if (name[first] == '\0') {
            *words = 1;
            found = *v;
            continue;
        }
        *group = true;
        if (argc > 1 && strcmp(name + first + 1, argv[1]) == 0) {
            *words = 2;
            return *v;
        }
    }
    return found;
}

static int unknown(int argc, char **argv, bool group)
{
    if (!group) {
        fprintf(stderr, "vioforge: '%s' is not a verb; see 'vioforge --help'\n", argv[0]);
        return VF_USAGE;
    }
    fprintf(stderr, "vioforge: '%s' %s", argv[0],
            argc > 1 ? "does not take that word; it goes with:" : "needs a second word:");
    for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
        size_t first = strcspn((*v)->name, " ");
        if (strlen(argv[0]) == first && strncmp((*v)->name, argv[0], first) == 0)
            fprintf(stderr, " %s", (*v)->name + first + 1);
    }
    fputc('\n', stderr);
    return VF_USAGE;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        fputs("vioforge: a verb is needed; see 'vioforge --help'\n", stderr);
        return VF_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("vioforge " VIOFORGE_VERSION);
        return VF_OK;
    }
    bool help = strcmp(argv[1], "help") == 0;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || (help && argc == 2)) {
        cli_help_all();
        return VF_OK;
    }
    argc -= 1 + help;
    argv += 1 + help;

    int words;
    bool group;
    const struct cli_verb *verb = find_verb(argc, argv, &words, &group);
    if (!verb)
        return unknown(argc, argv, group);
    if (help) {
        cli_help_verb(verb);
        return VF_OK;
    }
    return cli_run(verb, argc - words + 1, argv + words - 1);
}

int main(int argc, char **argv)
{
    cli_guard_terminals();
    int status = run(argc, argv);

    /* findings that did not get through are no findings */
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (lost && status <= VF_FINDINGS) {
        fputs("vioforge: cannot write to standard output\n", stderr);
        status = VF_IO;
    }
    return status;
}
