/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the verbs of the vioforge command share.
 *
 * A verb is one table entry: its name, its options and the function that runs it. Parsing, --help,
 * "vioforge help", shell completion and the checks of the man pages all come from that entry.
 *
 * Conventions: data on stdout, messages on stderr; run() returns the exit status (enum vf_code) and
 * leaves a failure's text in err for main to print. A verb that found what it was asked to judge
 * wanting prints its findings and returns VF_FINDINGS with err->text empty.
 */
#ifndef BUILDER_CLI_CLI_H
#define BUILDER_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "util/error.h"

struct cli_option {
    char letter;       /* short form, 0 for none */
    const char *name;  /* long form without dashes */
    const char *value; /* what the value is called in help ("FILE"); NULL for a switch */
    const char *help;  /* one line */
};

#define CLI_OPTIONS_END     \
    {                       \
        0, NULL, NULL, NULL \
    }

struct cli_call;

struct cli_verb {
    const char *name;                 /* "verify" or "iso create" */
    const char *summary;              /* one line for the list of verbs */
    const char *operands;             /* "PATH" or "DISC [NAME...]"; "" for none */
    int operands_min, operands_max;   /* -1: no upper bound */
    const struct cli_option *options; /* ends with CLI_OPTIONS_END */
    const char *const *examples;      /* whole command lines, NULL-terminated */
    enum vf_code (*run)(const struct cli_call *call, struct vf_err *err);
};

/* All verbs, sorted by name, NULL-terminated. */
extern const struct cli_verb *const cli_verbs[];

/* Options that every verb takes: --json, --color, --quiet, --help. */
extern const struct cli_option cli_common_options[];

/* The operands, in order. Borrowed from the call. */
size_t cli_operand_count(const struct cli_call *call);
const char *cli_operand(const struct cli_call *call, size_t index);

/* They as a JSON array; NULL where memory is short. */
json_t *cli_operands_json(const struct cli_call *call);

/* Was the switch given? */
bool cli_flag(const struct cli_call *call, const char *name);
/* The last value given for an option, NULL where there is none. */
const char *cli_value(const struct cli_call *call, const char *name);
/* The index-th value of an option given several times, NULL behind the last. */
const char *cli_value_at(const struct cli_call *call, const char *name, size_t index);

/* Is --json in force? Then stdout carries one JSON document and nothing else. */
bool cli_json(const struct cli_call *call);
/* "s", but "" for one. */
const char *cli_plural(size_t count);

/* Messages for a person on the way ("made disc.iso, 1.2 MB"); silent with --quiet and --json. */
void cli_note(const struct cli_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Print a JSON document on stdout: object with "schema" ("vioforge.<schema>") and "version" added.
 * Takes over the reference to object; NULL (memory was short while it was built) is VF_IO.
 */
enum vf_code cli_json_print(const char *schema, int version, json_t *object, struct vf_err *err);

/* What a piece of output means; coloured on a terminal unless --color or NO_COLOR say otherwise. */
enum cli_tone { CLI_PLAIN, CLI_GOOD, CLI_WARN, CLI_BAD, CLI_DIM };
/* The escape sequences around such text on stdout; both empty where colour is off. */
const char *cli_tone_on(const struct cli_call *call, enum cli_tone tone);
const char *cli_tone_off(const struct cli_call *call);

/*
 * One line that tells how far long work has come, on stderr, only where that is a terminal and
 * neither --quiet nor --json is in force; at most ten a second. done == total ends the line.
 */
void cli_progress(const struct cli_call *call, const char *what, unsigned long long done,
                  unsigned long long total);

/* Parse argv (behind the verb) and run the verb; returns the exit status. */
int cli_run(const struct cli_verb *verb, int argc, char **argv);
/* Print the help of one verb on stdout. */
void cli_help_verb(const struct cli_verb *verb);
/* Print the list of verbs on stdout. */
void cli_help_all(void);

#endif
