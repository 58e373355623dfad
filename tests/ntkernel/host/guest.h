/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of the test kernel in QEMU, with a deadline of its own. */
#ifndef NTRUN_GUEST_H
#define NTRUN_GUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/ntkernel/host/peer.h"

struct guest_options {
    const char *qemu, *kernel, *driver, *device, *scenario, *accel, *machine;
    const char *settings; /* further kernel options, "name=value name=value" */
    unsigned cpus, deadline_s;
    bool iommu; /* the device reaches only what the driver may give it */
    uint64_t seed;
};

enum guest_end {
    GUEST_PASS,   /* the scenario passed and the host's check too */
    GUEST_REPORT, /* the kernel reported something */
    GUEST_DATA,   /* the scenario passed but the host found wrong data */
    GUEST_HANG,   /* killed at the deadline */
    GUEST_DIED,   /* QEMU ended otherwise */
    GUEST_FAILED, /* it could not be started */
};

struct guest_result {
    enum guest_end end;
    char *log;            /* everything the guest wrote, NUL terminated */
    char driver_name[64]; /* what the guest calls the driver */
    char message[512];
    json_t *counters;
    uint64_t wall_ms, cpu_ms; /* processor time: QEMU's and this program's own */
};

const char *guest_end_name(enum guest_end end);
/** Run to the end. The result's log and counters are the caller's, freed by guest_result_free(). */
void guest_run(const struct guest_options *options, struct guest_result *result);
void guest_result_free(struct guest_result *result);

#endif
