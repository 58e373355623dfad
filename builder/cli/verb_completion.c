/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge completion SHELL": completion scripts made from the table of verbs. */
#include <stdio.h>
#include <string.h>

#include "builder/cli/verbs.h"

static void each_option(const struct cli_verb *verb,
                        void (*print)(const struct cli_verb *, const struct cli_option *))
{
    for (const struct cli_option *o = verb->options; o->name; o++)
        print(verb, o);
    for (const struct cli_option *o = cli_common_options; o->name; o++)
        print(verb, o);
}

static void bash_option(const struct cli_verb *verb, const struct cli_option *option)
{
    (void)verb;
    printf(" --%s%s", option->name, option->value ? "=" : "");
}

static void bash_print(void)
{
    puts("# bash completion for vioforge; made by 'vioforge completion bash'\n"
         "_vioforge() {\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} line words\n"
         "    line=${COMP_WORDS[*]:1:COMP_CWORD-1}\n"
         "    COMPREPLY=()\n"
         "    case \"$line\" in");
    /* verbs of two words first: 'sign' would take 'sign test-cert' for one of its operands */
    for (int words = 2; words > 0; words--) {
        for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
            if ((strchr((*v)->name, ' ') != NULL) != (words == 2))
                continue;
            printf("    '%s'|'%s '*) words='", (*v)->name, (*v)->name);
            each_option(*v, bash_option);
            puts("' ;;");
        }
    }
    for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
        size_t first = strcspn((*v)->name, " ");
        if ((*v)->name[first] == '\0')
            continue;
        if (v != cli_verbs && strncmp(v[-1]->name, (*v)->name, first + 1) == 0)
            continue;
        printf("    '%.*s') words='", (int)first, (*v)->name);
        for (const struct cli_verb *const *w = v; *w; w++)
            if (strncmp((*w)->name, (*v)->name, first + 1) == 0)
                printf(" %s", (*w)->name + first + 1);
        puts("' ;;");
    }
    fputs("    '') words='--help --version help", stdout);
    for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
        size_t first = strcspn((*v)->name, " ");
        if (v == cli_verbs || strncmp(v[-1]->name, (*v)->name, first) != 0)
            printf(" %.*s", (int)first, (*v)->name);
    }
    puts("' ;;\n"
         "    *) words= ;;\n"
         "    esac\n"
         "    if [[ $cur == -* || -z $line || -n $words && $words != *--* ]]; then\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "    fi\n"
         "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
         "    return 0\n"
         "}\n"
         "complete -o default -F _vioforge vioforge");
}

static void fish_option(const struct cli_verb *verb, const struct cli_option *option)
{
    size_t first = strcspn(verb->name, " ");

    printf("complete -c vioforge -n '__fish_seen_subcommand_from %.*s", (int)first, verb->name);
    if (verb->name[first])
        printf("; and __fish_seen_subcommand_from %s", verb->name + first + 1);
    printf("' -l %s", option->name);
    if (option->letter)
        printf(" -s %c", option->letter);
    printf("%s -d '%s'\n", option->value ? " -r" : "", option->help);
}

static void fish_print(void)
{
    puts("# fish completion for vioforge; made by 'vioforge completion fish'");
    for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
        size_t first = strcspn((*v)->name, " ");
        if ((*v)->name[first])
            printf("complete -c vioforge -n '__fish_seen_subcommand_from %.*s' -a %s -d '%s'\n",
                   (int)first, (*v)->name, (*v)->name + first + 1, (*v)->summary);
        if (v == cli_verbs || strncmp(v[-1]->name, (*v)->name, first) != 0)
            printf("complete -c vioforge -n __fish_use_subcommand -a %.*s -d '%s'\n", (int)first,
                   (*v)->name, (*v)->name[first] ? "" : (*v)->summary);
        each_option(*v, fish_option);
    }
}

static void zsh_print(void)
{
    puts("#compdef vioforge\n"
         "# zsh completion for vioforge; made by 'vioforge completion zsh'\n"
         "autoload -U +X bashcompinit && bashcompinit");
    bash_print();
}

static const struct shell {
    const char *name;
    void (*print)(void);
} shells[] = {{"bash", bash_print}, {"fish", fish_print}, {"zsh", zsh_print}};

static enum vf_code run(const struct cli_call *call, struct vf_err *err)
{
    const char *name = cli_operand(call, 0);

    if (cli_json(call))
        return vf_fail(err, VF_USAGE, "a script for a shell is no JSON document");
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(shells[i].name, name) == 0) {
            shells[i].print();
            return VF_OK;
        }
    }
    return vf_fail(err, VF_USAGE, "'%s' is not a shell known here: bash, fish or zsh", name);
}

static const struct cli_option options[] = {CLI_OPTIONS_END};

static const char *const examples[] = {
    "vioforge completion bash > /etc/bash_completion.d/vioforge",
    "vioforge completion fish > ~/.config/fish/completions/vioforge.fish",
    NULL,
};

const struct cli_verb verb_completion = {
    .name = "completion",
    .summary = "print a completion script for bash, fish or zsh",
    .operands = "bash|fish|zsh",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run,
};
