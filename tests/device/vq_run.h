// SPDX-License-Identifier: GPL-3.0-or-later
//
// A random run of a virtqueue against the model: the core drives one end, the software device the
// other, and after each step the core must say what the model says.

#ifndef TESTS_DEVICE_VQ_RUN_H
#define TESTS_DEVICE_VQ_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vq_run_report {
    uint64_t ops;
    uint64_t rounds;
    uint64_t buffers;
    uint64_t clamped;
    uint64_t kicks;
    uint64_t interrupts;
    uint64_t restarts;
    uint64_t failed_seed; // of the round that failed
    char why[320];        // "" when all is well
};

// Runs rounds until `ops` operations are done. Round r uses seed + r alone, so a failing round can
// be run again by itself; seed modulo 32 chooses ring format and features, so 32 rounds in a row
// see every combination. False with report->why at the first disagreement.
bool vq_run(uint64_t seed, uint64_t ops, struct vq_run_report *report);

// Operations of one round.
enum { VQ_RUN_ROUND_OPS = 4000 };

#endif
