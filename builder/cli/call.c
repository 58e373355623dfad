/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing one verb's command line and answering the verb's questions about it. */
#include "builder/cli/cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "builder/cli/text.h"

#define CLI_OPTIONS_MAX 48
#define CLI_VALUES_MAX  1024

/* getopt_long results for long options start above every character */
#define CLI_LONG_BASE 256

struct cli_given {
    const struct cli_option *option;
    const char *value;
};

struct cli_call {
    const struct cli_verb *verb;
    const struct cli_option *options[CLI_OPTIONS_MAX];
    size_t option_count;
    struct cli_given given[CLI_VALUES_MAX];
    size_t given_count;
    char **operands;
    size_t operand_count;
    bool color;
    struct timespec *progress_at;
};

const struct cli_option cli_common_options[] = {
    {0, "json", NULL, "print one JSON document instead of text"},
    {0, "color", "WHEN", "colour the output: auto (the default), always or never"},
    {'q', "quiet", NULL, "no messages but errors"},
    {'h', "help", NULL, "show this help"},
    CLI_OPTIONS_END,
};

size_t cli_operand_count(const struct cli_call *call)
{
    return call->operand_count;
}

const char *cli_operand(const struct cli_call *call, size_t index)
{
    return index < call->operand_count ? call->operands[index] : NULL;
}

json_t *cli_operands_json(const struct cli_call *call)
{
    json_t *array = json_array();

    for (size_t i = 0; i < cli_operand_count(call); i++) {
        if (json_array_append_new(array, cli_text_json(cli_operand(call, i))) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

bool cli_flag(const struct cli_call *call, const char *name)
{
    for (size_t i = 0; i < call->given_count; i++)
        if (strcmp(call->given[i].option->name, name) == 0)
            return true;
    return false;
}

const char *cli_value(const struct cli_call *call, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < call->given_count; i++)
        if (strcmp(call->given[i].option->name, name) == 0)
            value = call->given[i].value;
    return value;
}

const char *cli_value_at(const struct cli_call *call, const char *name, size_t index)
{
    for (size_t i = 0; i < call->given_count; i++)
        if (strcmp(call->given[i].option->name, name) == 0 && index-- == 0)
            return call->given[i].value;
    return NULL;
}

bool cli_json(const struct cli_call *call)
{
    return cli_flag(call, "json");
}

void cli_note(const struct cli_call *call, const char *format, ...)
{
    if (cli_flag(call, "quiet") || cli_json(call))
        return;
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

const char *cli_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

enum vf_code cli_json_print(const char *schema, int version, json_t *object, struct vf_err *err)
{
    char name[128];

    snprintf(name, sizeof(name), "vioforge.%s", schema);
    if (!object || json_object_set_new(object, "schema", json_string(name)) != 0 ||
        json_object_set_new(object, "version", json_integer(version)) != 0) {
        json_decref(object);
        return vf_fail_memory(err);
    }
    int failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
    json_decref(object);
    if (failed || fputc('\n', stdout) == EOF)
        return vf_fail(err, VF_IO, "cannot write to standard output");
    return VF_OK;
}

const char *cli_tone_on(const struct cli_call *call, enum cli_tone tone)
{
    return call->color && tone != CLI_PLAIN ? cli_colors[tone] : "";
}

const char *cli_tone_off(const struct cli_call *call)
{
    return call->color ? cli_colors[CLI_PLAIN] : "";
}

void cli_progress(const struct cli_call *call, const char *what, unsigned long long done,
                  unsigned long long total)
{
    struct timespec now;

    if (cli_flag(call, "quiet") || cli_json(call) || !isatty(STDERR_FILENO))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long passed = (now.tv_sec - call->progress_at->tv_sec) * 1000LL +
                       (now.tv_nsec - call->progress_at->tv_nsec) / 1000000;
    if (done != total && passed < 100)
        return;
    *call->progress_at = now;
    fprintf(stderr, "\r%s: %3llu %%%s", what, total ? done * 100 / total : 100,
            done == total ? "\n" : "");
    fflush(stderr);
}

static bool color_wanted(const char *when)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");

    if (when && strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

static void collect_options(struct cli_call *call)
{
    const struct cli_option *const lists[] = {call->verb->options, cli_common_options};

    for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++)
        for (const struct cli_option *o = lists[l]; o->name && call->option_count < CLI_OPTIONS_MAX;
             o++)
            call->options[call->option_count++] = o;
}

static int usage(const struct cli_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int usage(const struct cli_call *call, const char *format, ...)
{
    va_list args;

    fputs("vioforge: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "; see 'vioforge %s --help'\n", call->verb->name);
    return VF_USAGE;
}

static int parse(struct cli_call *call, int argc, char **argv)
{
    struct option longs[CLI_OPTIONS_MAX + 1] = {{0}};
    char letters[2 * CLI_OPTIONS_MAX + 2] = ":";
    size_t used = 1;

    for (size_t i = 0; i < call->option_count; i++) {
        const struct cli_option *o = call->options[i];
        longs[i] = (struct option){o->name, o->value ? required_argument : no_argument, NULL,
                                   CLI_LONG_BASE + (int)i};
        if (o->letter) {
            letters[used++] = o->letter;
            if (o->value)
                letters[used++] = ':';
        }
    }
    letters[used] = '\0';

    optind = 1;
    opterr = 0;
    for (;;) {
        int at = optind < argc ? optind : argc - 1;
        int found = getopt_long(argc, argv, letters, longs, NULL);
        if (found == -1)
            break;
        if (found == ':')
            return usage(call, "%s needs a value", argv[at]);
        if (found == '?')
            return usage(call, "'%s' is not an option here", argv[at]);

        const struct cli_option *option = NULL;
        for (size_t i = 0; i < call->option_count && !option; i++)
            if (found == CLI_LONG_BASE + (int)i || found == call->options[i]->letter)
                option = call->options[i];
        if (!option || call->given_count == CLI_VALUES_MAX)
            return usage(call, "too many options");
        call->given[call->given_count++] = (struct cli_given){option, optarg};
    }
    call->operands = argv + optind;
    call->operand_count = (size_t)(argc - optind);
    return VF_OK;
}

static int check_operands(const struct cli_call *call)
{
    const struct cli_verb *verb = call->verb;
    const char *when = cli_value(call, "color");

    if (when && strcmp(when, "auto") != 0 && strcmp(when, "always") != 0 &&
        strcmp(when, "never") != 0)
        return usage(call, "--color takes auto, always or never, not '%s'", when);
    if (call->operand_count < (size_t)verb->operands_min)
        return usage(call, "missing operand: expected %s", verb->operands);
    if (verb->operands_max >= 0 && call->operand_count > (size_t)verb->operands_max)
        return usage(call, "unexpected '%s'", call->operands[verb->operands_max]);
    return VF_OK;
}

int cli_run(const struct cli_verb *verb, int argc, char **argv)
{
    struct timespec progress_at = {0, 0};
    struct vf_err err = {VF_OK, ""};

    struct cli_call *call = calloc(1, sizeof(*call));
    if (!call) {
        fputs("vioforge: out of memory\n", stderr);
        return VF_IO;
    }
    call->verb = verb;
    call->progress_at = &progress_at;
    collect_options(call);

    int status = parse(call, argc, argv);
    if (status == VF_OK && cli_flag(call, "help")) {
        cli_help_verb(verb);
        goto done;
    }
    if (status == VF_OK)
        status = check_operands(call);
    if (status != VF_OK)
        goto done;
    call->color = color_wanted(cli_value(call, "color"));
    status = (int)verb->run(call, &err);
    if (status != VF_OK && err.text[0])
        fprintf(stderr, "vioforge: %s\n", err.text);
done:
    free(call);
    return status;
}
