/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host's half of a scenario: what stands behind the virtio device, made fresh in the run's own
 * directory, and checked when the guest is done. One table entry per kind of device.
 */
#ifndef NTRUN_PEER_H
#define NTRUN_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Sectors of the disk made for storage devices (16 MiB), bytes of the random-number file. QEMU
 * spins at that file's end, so it is far larger than any scenario reads. */
#define PEER_DISK_SECTORS 32768u
#define PEER_RANDOM_BYTES (8u << 20)

#define PEER_SECOND "second"

struct peer {
    const char *prefix;  /* of the QEMU device's name */
    const char *file;    /* what make() makes, or NULL */
    const char *backend; /* QEMU option and argument that make the backend, or NULL */
    const char *argument;
    const char *property; /* appended to the device */
    const char *child;    /* a device on the device's bus, or NULL */
    /* The same for a second device, whose file lies in the folder PEER_SECOND; NULL if there can be
     * none. */
    const char *second_argument, *second_property;
    bool network; /* the backend is a socket, descriptor 4 of QEMU (host/net.h) */
    /** Make the file in directory `dir` (an open descriptor). Returns 0 or an errno. May be NULL,
     * as check. */
    int (*make)(int dir, uint64_t seed);
    /** Check after a passed run. `expected` is what the guest says of the disk, 0 if nothing. On
     * failure writes why to `why` and returns false. */
    bool (*check)(int dir, uint64_t expected, char *why, size_t size);
};

/** The peer for a device given as "name[,properties]", or NULL if there is none. */
const struct peer *peer_for(const char *device);

#endif
