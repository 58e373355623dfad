// SPDX-License-Identifier: GPL-3.0-or-later
//
// Guest memory as the software device sees it: a table of registered ranges, each with a
// guest-physical address that has nothing to do with the host pointer. Whatever the driver tells
// the device goes through this table, so a host pointer handed out as a bus address, a buffer
// that was freed or a length that runs over its end is a fault instead of a lucky access.
//
// Ranges lie above 4 GiB, in rising order with an unmapped page between any two, and addresses
// are never handed out twice: an address that was freed stays a fault for ever.

#ifndef TESTS_DEVICE_SDEV_MEM_H
#define TESTS_DEVICE_SDEV_MEM_H

#include "tests/device/sdev_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SDEV_PAGE = 4096, SDEV_MEM_MAX_RANGES = 256 };

struct sdev_mem;

// Makes an empty map that reports into faults (which must outlive it). low: start below 4 GiB,
// for the legacy transport, whose queue address is a 32-bit page number. NULL: out of memory.
struct sdev_mem *sdev_mem_new(struct sdev_faults *faults, int low);

// Frees the map and every range of its own that is still in it.
void sdev_mem_free(struct sdev_mem *mem);

// Adds a zeroed range of len bytes (> 0), address a multiple of align (a power of two, at most
// SDEV_PAGE). *gpa gets its address. Returns the host pointer, NULL when out of memory or ranges.
// Not to be called while another thread uses the map.
void *sdev_mem_alloc(struct sdev_mem *mem, size_t len, size_t align, uint64_t *gpa);

// Adds memory of the caller's, which stays the caller's, at an address of its choice: above all
// ranges there are. False when out of ranges, or when the address is not above.
bool sdev_mem_share(struct sdev_mem *mem, uint64_t gpa, void *host, size_t len);

// Removes the range that starts at gpa; a fault when there is none.
// Not to be called while another thread uses the map.
void sdev_mem_release(struct sdev_mem *mem, uint64_t gpa);

// The host pointer for len bytes at gpa, all inside one range. Else NULL and a fault naming what
// ("descriptor table", ...). len 0 gives NULL without a fault.
void *sdev_mem_at(struct sdev_mem *mem, uint64_t gpa, uint64_t len, const char *what);

// Like sdev_mem_at for len >= 1, but without a fault.
void *sdev_mem_peek(const struct sdev_mem *mem, uint64_t gpa, uint64_t len);

// The address of a host pointer into a range; 0 when it is in none.
uint64_t sdev_mem_gpa(const struct sdev_mem *mem, const void *host);

// Number of ranges, to find leaks.
size_t sdev_mem_ranges(const struct sdev_mem *mem);

#endif
