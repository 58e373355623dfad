/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cli/verify_verdict.h"

#include <stdio.h>
#include <string.h>

/* More reasons than one package can have: it has one origin, and few states. */
#define REASONS_MAX 16

static const char *const headings[POLICY_STATE_COUNT] = {
    [POLICY_SECURE_BOOT] = "SECURE BOOT",
    [POLICY_NO_SECURE_BOOT] = "NO SECURE BOOT",
    [POLICY_TEST_SIGNING] = "TEST SIGNING",
    [POLICY_S_MODE] = "S MODE",
};

static const enum cli_tone tones[] = {
    [POLICY_LOADS] = CLI_GOOD,
    [POLICY_DEPENDS] = CLI_WARN,
    [POLICY_REFUSED] = CLI_BAD,
    [POLICY_NO_SUCH] = CLI_WARN,
};

struct reasons {
    const char *texts[REASONS_MAX];
    size_t count;
};

/* The number that a reason is shown under, from 1; 0 where there are too many. */
static size_t reason_number(struct reasons *reasons, const char *why)
{
    size_t i = 0;

    while (i < reasons->count && strcmp(reasons->texts[i], why) != 0)
        i++;
    if (i == REASONS_MAX)
        return 0;
    if (i == reasons->count)
        reasons->texts[reasons->count++] = why;
    return i + 1;
}

static bool same_answers(const struct verify_verdict *verdict, const struct verdict_system *a,
                         const struct verdict_system *b)
{
    if (a->arch != b->arch || a->served != b->served)
        return false;
    for (int state = 0; state < POLICY_STATE_COUNT; state++) {
        struct policy_verdict x = verdict_judge(verdict, a, (enum policy_state)state);
        struct policy_verdict y = verdict_judge(verdict, b, (enum policy_state)state);
        if (x.answer != y.answer || strcmp(x.why, y.why) != 0)
            return false;
    }
    return true;
}

/* Has an earlier system the same answers, so that it stands on that one's row? */
static bool told_before(const struct verify_verdict *verdict, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same_answers(verdict, &verdict->systems[i], &verdict->systems[index]))
            return true;
    return false;
}

/* The names of all systems that answer as the one at index does, into text. */
static void names_of(const struct verify_verdict *verdict, size_t index, char *text, size_t room)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = index; i < verdict->system_count && used < room; i++) {
        const struct verdict_system *system = &verdict->systems[i];
        if (!same_answers(verdict, &verdict->systems[index], system))
            continue;
        int more =
            snprintf(text + used, room - used, "%s%s", used ? " " : "", system->release->name);
        used += more < 0 ? 0 : (size_t)more;
    }
}

static void print_row(const struct cli_call *call, const struct verify_verdict *verdict,
                      size_t index, int width, struct reasons *reasons)
{
    const struct verdict_system *system = &verdict->systems[index];
    char names[128];

    names_of(verdict, index, names, sizeof(names));
    printf("  %-5s  %-*s", inf_arch_name(system->arch), width, names);
    for (int state = 0; state < POLICY_STATE_COUNT; state++) {
        struct policy_verdict v = verdict_judge(verdict, system, (enum policy_state)state);
        char cell[32];
        if (v.answer == POLICY_NO_SUCH)
            snprintf(cell, sizeof(cell), "-");
        else
            snprintf(cell, sizeof(cell), "%s [%zu]", policy_answer_text(v.answer),
                     reason_number(reasons, v.why));
        printf("  %s%-*s%s", cli_tone_on(call, tones[v.answer]),
               state + 1 < POLICY_STATE_COUNT ? (int)strlen(headings[state]) : 0, cell,
               cli_tone_off(call));
    }
    putchar('\n');
}

static void print_package(const struct cli_call *call, const struct verify_package *package)
{
    const struct verify_verdict *verdict = &package->verdict;
    struct reasons reasons = {.count = 0};
    int width = (int)strlen("WINDOWS");

    printf("\n%s (%s):\n", package->inf, cat_origin_text(verdict->origin));
    for (size_t i = 0; i < verdict->system_count; i++) {
        char names[128];
        names_of(verdict, i, names, sizeof(names));
        if (verdict->systems[i].served && (int)strlen(names) > width)
            width = (int)strlen(names);
    }
    printf("  ARCH   %-*s", width, "WINDOWS");
    for (int state = 0; state < POLICY_STATE_COUNT; state++)
        printf("  %s", headings[state]);
    putchar('\n');
    size_t served = 0;
    for (size_t i = 0; i < verdict->system_count; i++) {
        if (!verdict->systems[i].served)
            continue;
        served++;
        if (!told_before(verdict, i))
            print_row(call, verdict, i, width, &reasons);
    }
    if (!served)
        puts("  none: the INF has models for no Windows that is known");
    for (size_t i = 0; i < reasons.count; i++)
        printf("  [%zu] %s\n", i + 1, reasons.texts[i]);
}

void verify_print_verdicts(const struct cli_call *call, const struct verify_report *report)
{
    if (verify_package_count(report) == 0)
        return;
    puts("\nWhich Windows loads what (" POLICY_CAVEAT "):");
    for (size_t i = 0; i < verify_package_count(report); i++)
        print_package(call, verify_package_at(report, i));
}

static json_t *system_json(const struct verify_verdict *verdict,
                           const struct verdict_system *system)
{
    json_t *states = json_object();

    for (int state = 0; states && state < POLICY_STATE_COUNT; state++) {
        struct policy_verdict v = verdict_judge(verdict, system, (enum policy_state)state);
        if (json_object_set_new(
                states, policy_state_name((enum policy_state)state),
                json_pack("{s:s, s:s}", "answer", policy_answer_text(v.answer), "why", v.why))) {
            json_decref(states);
            return NULL;
        }
    }
    return json_pack("{s:s, s:s, s:s, s:b, s:o}", "release", system->release->name, "title",
                     system->release->title, "arch", inf_arch_name(system->arch), "served",
                     system->served, "states", states);
}

json_t *verify_verdict_json(const struct verify_package *package)
{
    const struct verify_verdict *verdict = &package->verdict;

    json_t *systems = json_array();
    for (size_t i = 0; systems && i < verdict->system_count; i++) {
        if (json_array_append_new(systems, system_json(verdict, &verdict->systems[i]))) {
            json_decref(systems);
            return NULL;
        }
    }
    return json_pack("{s:s, s:s, s:o}", "basis", POLICY_CAVEAT, "origin",
                     cat_origin_text(verdict->origin), "systems", systems);
}
