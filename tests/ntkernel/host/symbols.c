// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ntkernel/host/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLACES_LIMIT 64
#define PROGRAM      "llvm-symbolizer"

extern char **environ;

struct place {
    const char *line_end; /* where in the log the name is added */
    bool kernel;
    unsigned long long address;
    char text[448];
};

struct places {
    struct place place[PLACES_LIMIT];
    size_t count;
};

/* "NAME+0xHEX" in a line; a return address points behind its call, so one is taken off. */
static bool find_place(const char *line, const char *end, const char *name, unsigned long long *out)
{
    size_t length = strlen(name);
    const char *p;

    for (p = line; p + length + 3 < end; p++) {
        if (!strncmp(p, name, length) && !strncmp(p + length, "+0x", 3)) {
            *out = strtoull(p + length + 3, NULL, 16);
            if (!strncmp(line, "  stack ", 8) && *out)
                --*out;
            return true;
        }
    }
    return false;
}

static void find_places(struct places *places, const char *log, const char *name)
{
    static const char *const firsts[] = {"  rip ", "  stack ", "@report "};
    const char *line = NULL, *end;
    size_t n;

    for (n = 0; n < sizeof(firsts) / sizeof(firsts[0]); n++) {
        const char *found = strstr(log, firsts[n]);

        if (found && (!line || found < line))
            line = found;
    }
    for (; line && *line && places->count < PLACES_LIMIT; line = *end ? end + 1 : end) {
        struct place *p = &places->place[places->count];

        end = line + strcspn(line, "\n");
        p->kernel = false;
        if (!find_place(line, end, name, &p->address)) {
            p->kernel = true;
            if (!find_place(line, end, "ntkernel", &p->address))
                continue;
        }
        p->line_end = end;
        p->text[0] = 0;
        places->count++;
    }
}

/* The program prints for each address a line with the function, one with the place, an empty one.
 */
static void read_answers(FILE *in, struct places *places, bool kernel)
{
    char function[160], location[256], empty[8];
    size_t n;

    for (n = 0; n < places->count; n++) {
        struct place *p = &places->place[n];
        const char *file;

        if (p->kernel != kernel)
            continue;
        if (!fgets(function, sizeof(function), in) || !fgets(location, sizeof(location), in) ||
            !fgets(empty, sizeof(empty), in))
            return;
        function[strcspn(function, "\n")] = 0;
        location[strcspn(location, "\n")] = 0;
        if (!strncmp(function, "??", 2))
            continue;
        file = location + strlen(location); /* the driver's paths are Windows' or this system's */
        while (file > location && !strchr("/\\", file[-1]))
            file--;
        snprintf(p->text, sizeof(p->text), "%s, %s", function, file);
    }
}

static void ask(struct places *places, const char *object, bool kernel)
{
    char texts[PLACES_LIMIT][20], object_option[4200];
    const char *argv[PLACES_LIMIT + 6] = {PROGRAM, "--no-inlines", object_option};
    posix_spawn_file_actions_t actions;
    size_t n, argc = 3;
    int pipes[2], status;
    FILE *in;
    pid_t child;

    snprintf(object_option, sizeof(object_option), "--obj=%s", object);
    if (!kernel)
        argv[argc++] = "--relative-address";
    for (n = 0; n < places->count; n++) {
        if (places->place[n].kernel != kernel)
            continue;
        snprintf(texts[n], sizeof(texts[n]), "0x%llx", places->place[n].address);
        argv[argc++] = texts[n];
    }
    if (argc == (kernel ? 3u : 4u) || pipe2(pipes, O_CLOEXEC))
        return;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    status = posix_spawnp(&child, PROGRAM, &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    in = status ? NULL : fdopen(pipes[0], "r");
    if (in) {
        read_answers(in, places, kernel);
        fclose(in);
    } else {
        close(pipes[0]);
    }
    while (!status && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

void symbols_print(FILE *out, const char *log, const char *driver, const char *name,
                   const char *kernel)
{
    struct places *places = calloc(1, sizeof(*places));
    const char *from = log;
    size_t n;

    if (places) {
        find_places(places, log, name);
        ask(places, driver, false);
        ask(places, kernel, true);
        for (n = 0; n < places->count; n++) {
            const struct place *p = &places->place[n];

            fwrite(from, 1, (size_t)(p->line_end - from), out);
            from = p->line_end;
            if (p->text[0])
                fprintf(out, " = %s", p->text);
        }
    }
    fputs(from, out);
    free(places);
}
