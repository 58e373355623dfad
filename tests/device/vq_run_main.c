// SPDX-License-Identifier: GPL-3.0-or-later
//
// vq_run OPS [SEED]: the random run as a program. Without a seed, or with "time", one is made of
// the clock. Exit status 0: all agreed, 1: a disagreement, 2: usage.

#include "tests/device/vq_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool parse(const char *text, uint64_t *value)
{
    char *end = NULL;

    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

static uint64_t clock_seed(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv)
{
    uint64_t ops = 0;
    uint64_t seed = clock_seed();

    if (argc < 2 || argc > 3 || !parse(argv[1], &ops) ||
        (argc == 3 && strcmp(argv[2], "time") != 0 && !parse(argv[2], &seed))) {
        fprintf(stderr, "usage: %s OPERATIONS [SEED | time]\n", argv[0]);
        return 2;
    }

    struct vq_run_report report;
    bool good = vq_run(seed, ops, &report);
    printf("seed %llu: %llu operations in %llu rounds, %llu buffers, %llu cut lengths, %llu kicks, "
           "%llu interrupts, %llu restarts\n",
           (unsigned long long)seed, (unsigned long long)report.ops,
           (unsigned long long)report.rounds, (unsigned long long)report.buffers,
           (unsigned long long)report.clamped, (unsigned long long)report.kicks,
           (unsigned long long)report.interrupts, (unsigned long long)report.restarts);
    if (!good) {
        fprintf(stderr, "%s: %s\nrepeat with: %s %d %llu\n", argv[0], report.why, argv[0],
                VQ_RUN_ROUND_OPS, (unsigned long long)report.failed_seed);
        return 1;
    }
    return 0;
}
