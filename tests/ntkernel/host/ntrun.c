// SPDX-License-Identifier: GPL-3.0-or-later
/* ntrun and nthost: run one scenario of the test kernel on one driver file. */
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/ntkernel/host/guest.h"
#include "tests/ntkernel/host/symbols.h"

#define JSON_VERSION 1
#define PROBE_S      5

enum { EXIT_GOOD = 0, EXIT_FINDING = 1, EXIT_USAGE = 2, EXIT_IO = 4, EXIT_NO_KVM = 77 };
enum {
    OPTION_HELP = 256,
    OPTION_QEMU,
    OPTION_KERNEL,
    OPTION_DRIVER,
    OPTION_DEVICE,
    OPTION_SCENARIO,
    OPTION_ACCEL,
    OPTION_MACHINE,
    OPTION_CPUS,
    OPTION_ICOUNT,
    OPTION_IOMMU,
    OPTION_PORT,
    OPTION_SECOND,
    OPTION_SEED,
    OPTION_SET,
    OPTION_TIMEOUT,
    OPTION_EXPECT,
    OPTION_JSON,
    OPTION_LOG
};

static const struct option long_options[] = {
    {"help", no_argument, NULL, OPTION_HELP},
    {"qemu", required_argument, NULL, OPTION_QEMU},
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"driver", required_argument, NULL, OPTION_DRIVER},
    {"device", required_argument, NULL, OPTION_DEVICE},
    {"scenario", required_argument, NULL, OPTION_SCENARIO},
    {"accel", required_argument, NULL, OPTION_ACCEL},
    {"machine", required_argument, NULL, OPTION_MACHINE},
    {"cpus", required_argument, NULL, OPTION_CPUS},
    {"icount", no_argument, NULL, OPTION_ICOUNT},
    {"iommu", no_argument, NULL, OPTION_IOMMU},
    {"port", no_argument, NULL, OPTION_PORT},
    {"second", no_argument, NULL, OPTION_SECOND},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"set", required_argument, NULL, OPTION_SET},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"expect", required_argument, NULL, OPTION_EXPECT},
    {"json", no_argument, NULL, OPTION_JSON},
    {"log", no_argument, NULL, OPTION_LOG},
    {NULL, 0, NULL, 0},
};

struct settings {
    struct guest_options guest;
    char kernel[PATH_MAX];
    char set[768];
    const char *expect;
    bool json, log;
    unsigned tries; /* of the guest, see run_guest() */
};

static bool parse_number(const char *text, unsigned long long low, unsigned long long high,
                         unsigned long long *out)
{
    char *end;

    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && *out >= low && *out <= high;
}

static bool one_of(const char *text, const char *a, const char *b)
{
    return !strcmp(text, a) || !strcmp(text, b);
}

static bool add_setting(struct settings *s, const char *text)
{
    size_t used = strlen(s->set);

    if (!strchr(text, '=') || strpbrk(text, " ,\n") || used + strlen(text) + 2 > sizeof(s->set))
        return false;
    snprintf(s->set + used, sizeof(s->set) - used, " %s", text);
    return true;
}

static bool of_virtual_machine(int option)
{
    return option == OPTION_QEMU || option == OPTION_KERNEL || option == OPTION_ACCEL ||
           option == OPTION_MACHINE || option == OPTION_CPUS || option == OPTION_ICOUNT ||
           option == OPTION_IOMMU || option == OPTION_PORT || option == OPTION_SECOND;
}

static bool apply(struct settings *s, int option, const char *value)
{
    unsigned long long number = 0;

    if (!guest_machine.is_virtual && of_virtual_machine(option))
        return false;
    switch (option) {
    case OPTION_QEMU:
        s->guest.qemu = value;
        return true;
    case OPTION_KERNEL:
        return realpath(value, s->kernel) != NULL;
    case OPTION_DRIVER:
        s->guest.driver = value;
        return true;
    case OPTION_DEVICE:
        s->guest.device = value;
        return true;
    case OPTION_SCENARIO:
        s->guest.scenario = value;
        return !strpbrk(value, " ,=");
    case OPTION_ACCEL:
        s->guest.accel = value;
        return one_of(value, "tcg", "kvm") || !strcmp(value, "auto");
    case OPTION_MACHINE:
        s->guest.machine = value;
        return one_of(value, "q35", "pc");
    case OPTION_CPUS:
        if (!parse_number(value, 1, 8, &number))
            return false;
        s->guest.cpus = (unsigned)number;
        return true;
    case OPTION_ICOUNT:
        s->guest.icount = true;
        return true;
    case OPTION_IOMMU:
        s->guest.iommu = true;
        return true;
    case OPTION_PORT:
        s->guest.port = true;
        return true;
    case OPTION_SECOND:
        s->guest.second = true;
        return true;
    case OPTION_SEED:
        if (!parse_number(value, 0, ~0ull, &number))
            return false;
        s->guest.seed = number;
        return true;
    case OPTION_SET:
        return add_setting(s, value);
    case OPTION_TIMEOUT:
        if (!parse_number(value, 1, 3600, &number))
            return false;
        s->guest.deadline_s = (unsigned)number;
        return true;
    case OPTION_EXPECT:
        s->expect = value;
        return true;
    case OPTION_JSON:
        s->json = true;
        return true;
    case OPTION_LOG:
        s->log = true;
        return true;
    default:
        return false;
    }
}

/* The kernel lies beside this program, or is in it. */
static bool default_kernel(char *out, size_t size)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (n < 0)
        return false;
    self[n] = 0;
    if (!guest_machine.kernel)
        return snprintf(out, size, "%s", self) < (int)size;
    return snprintf(out, size, "%s/%s", dirname(self), guest_machine.kernel) < (int)size;
}

static void print_json(const struct settings *s, const struct guest_result *r, bool good)
{
    json_t *line =
        json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:i, s:I, s:I, s:O}",
                  "version", JSON_VERSION, "scenario", s->guest.scenario, "driver", s->guest.driver,
                  "device", s->guest.device, "accel", s->guest.accel, "machine", s->guest.machine,
                  "cpus", (int)s->guest.cpus, "good", good, "end", guest_end_name(r->end),
                  "message", r->message, "tries", (int)s->tries, "wall_ms", (json_int_t)r->wall_ms,
                  "cpu_ms", (json_int_t)r->cpu_ms, "counters", r->counters);
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    if (text)
        puts(text);
    free(text);
    json_decref(line);
}

static int report(const struct settings *s, struct guest_result *r)
{
    bool good =
        s->expect ? r->end == GUEST_REPORT && strstr(r->message, s->expect) : r->end == GUEST_PASS;

    char symbols[PATH_MAX + 8];

    snprintf(symbols, sizeof(symbols), "%s%s", s->kernel, guest_machine.kernel ? ".debug" : "");
    if (r->log && (s->log || !good))
        symbols_print(stderr, r->log, s->guest.driver, r->driver_name, symbols);
    if (s->json)
        print_json(s, r, good);
    else
        printf("%s: %s %s %s%s%s (%llu ms, %llu ms of processor time)\n",
               good ? "good" : "NOT GOOD", s->guest.scenario, s->guest.device,
               guest_end_name(r->end), r->message[0] ? ": " : "", r->message,
               (unsigned long long)r->wall_ms, (unsigned long long)r->cpu_ms);
    if (!good && s->expect)
        fprintf(stderr, "expected was a report with: %s\n", s->expect);
    return good ? EXIT_GOOD : r->end == GUEST_FAILED ? EXIT_IO : EXIT_FINDING;
}

/* Whether KVM runs the kernel, found out by running it: that /dev/kvm can be opened says little. */
static bool kvm_works(const struct guest_options *options)
{
    struct guest_options probe = *options;
    struct guest_result result;
    bool good;

    probe.accel = "kvm";
    probe.scenario = "probe";
    probe.settings = "";
    probe.cpus = 1;
    probe.iommu = probe.port = probe.second = false;
    probe.deadline_s = PROBE_S;
    guest_run(&probe, &result);
    good = result.end == GUEST_PASS;
    if (!good)
        fprintf(stderr, "KVM does not run the test kernel here: %s %s\n",
                guest_end_name(result.end), result.message);
    guest_result_free(&result);
    return good;
}

/* QEMU 7.2 crashes once in some hundred runs with several processors. That says nothing of the
 * driver, so the run is made again, and each crash is told. */
#define TRIES_MAX 3

static unsigned run_guest(const struct guest_options *options, struct guest_result *result)
{
    unsigned tries = 1;

    for (guest_run(options, result); result->end == GUEST_CRASHED && tries < TRIES_MAX; tries++) {
        fprintf(stderr, "%s: %s; running it again\n", guest_machine.program, result->message);
        guest_result_free(result);
        guest_run(options, result);
    }
    return tries;
}

static bool choose_accelerator(struct guest_options *options)
{
    bool automatic = !strcmp(options->accel, "auto");
    bool good = !strcmp(options->accel, "tcg") || kvm_works(options);

    if (automatic)
        options->accel = good ? "kvm" : "tcg";
    return good || automatic;
}

static const char *option_name(int value)
{
    const struct option *o = long_options;

    while (o->val != value)
        o++;
    return o->name;
}

/* `option` is the one that may not have the value it has here; NULL if it is not that. */
static int wrong_usage(const char *option)
{
    if (option)
        fprintf(stderr, "%s: --%s cannot be that here\n", guest_machine.program, option);
    fputs(guest_machine.usage, stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct settings s = {.guest = {.qemu = "qemu-system-x86_64",
                                   .accel = "tcg",
                                   .machine = guest_machine.is_virtual ? "q35" : "process",
                                   .cpus = 1,
                                   .deadline_s = 60,
                                   .seed = 1}};
    struct guest_result result;
    int option, status;

    if (!default_kernel(s.kernel, sizeof(s.kernel)))
        return EXIT_IO;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            fputs(guest_machine.usage, stdout);
            return EXIT_GOOD;
        }
        if (option == '?')
            return wrong_usage(NULL);
        if (!apply(&s, option, optarg))
            return wrong_usage(option_name(option));
    }
    if (!s.guest.driver || !s.guest.device || !s.guest.scenario || optind != argc ||
        ((s.guest.iommu || s.guest.port) && strcmp(s.guest.machine, "q35") != 0) ||
        (s.guest.port && (s.guest.iommu || s.guest.second)) ||
        (s.guest.icount && (s.guest.cpus > 1 || strcmp(s.guest.accel, "tcg") != 0)))
        return wrong_usage(NULL);
    s.guest.kernel = s.kernel;
    s.guest.settings = s.set;
    if (access(s.kernel, R_OK)) {
        fprintf(stderr, "%s: %s: the test kernel is not there; build the target ntkernel\n",
                guest_machine.program, s.kernel);
        return EXIT_IO;
    }
    if (!choose_accelerator(&s.guest))
        return EXIT_NO_KVM;
    s.tries = run_guest(&s.guest, &result);
    status = report(&s, &result);
    guest_result_free(&result);
    return status;
}
