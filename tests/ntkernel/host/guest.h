/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of the test kernel in a process of its own, with a deadline. */
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
    bool icount; /* the clock counts instructions */
    bool iommu;  /* the device reaches only what the driver may give it */
    bool port;   /* the device is behind a PCI Express root port */
    bool second; /* there is another one of its kind */
    uint64_t seed;
};

enum guest_end {
    GUEST_PASS,    /* the scenario passed and the host's check too */
    GUEST_REPORT,  /* the kernel reported something */
    GUEST_DATA,    /* the scenario passed but the host found wrong data */
    GUEST_HANG,    /* killed at the deadline */
    GUEST_DIED,    /* it ended otherwise */
    GUEST_CRASHED, /* QEMU itself was ended by a signal, which no guest can bring about rightly */
    GUEST_FAILED,  /* it could not be started */
};

struct guest_result {
    enum guest_end end;
    char *log;            /* everything the guest wrote, NUL terminated */
    char driver_name[64]; /* what the guest calls the driver */
    char message[512];
    json_t *counters;
    uint64_t wall_ms, cpu_ms; /* processor time: QEMU's and this program's own */
};

/** What the guest's process ends with. */
enum { GUEST_STATUS_PASS = 33, GUEST_STATUS_REPORT = 35, GUEST_STATUS_NO_START = 127 };

/** The first descriptor the guest's process gets: commands; the second is the network device's
 * other end, or absent, the third the guest's serial port. */
#define GUEST_FD_FIRST 3

/** In the run's directory: a line for each doorbell that the driver rings. */
#define GUEST_TRACE_FILE "doorbells.log"

/* What the kernel runs in; which one is chosen when the program is linked. */
struct guest_machine {
    const char *program, *usage;
    const char *kernel; /* its file beside the program's; NULL if the program is the kernel */
    bool is_virtual;    /* QEMU: has its options, and takes commands */
    const char *no_start;
    /** In the child, whose output is the log and whose directory is the run's: become the guest.
     * `driver` is the driver's file there. Does not return. */
    void (*become)(const struct guest_options *options, const struct peer *peer,
                   const char *driver);
};
extern const struct guest_machine guest_machine;

/** The kernel's command line. */
void guest_command_line(const struct guest_options *options, char *out, size_t size);

const char *guest_end_name(enum guest_end end);
/** Run to the end. The result's log and counters are the caller's, freed by guest_result_free(). */
void guest_run(const struct guest_options *options, struct guest_result *result);
void guest_result_free(struct guest_result *result);

#endif
