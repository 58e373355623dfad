// SPDX-License-Identifier: BSD-3-Clause
//
// What the core needs of the world around it: a log, a stall and access to device registers.
// A driver fills one constant `struct vio_os` and keeps it valid as long as any queue, device or
// transport made with it. Every entry must be callable up to DIRQL and must not block.

#ifndef VIO_OS_H
#define VIO_OS_H

#include <stdbool.h>
#include <stdint.h>

enum vio_log_level { VIO_LOG_ERROR, VIO_LOG_WARNING, VIO_LOG_INFO };

// The queue number of a log event that is not about a queue.
#define VIO_NO_QUEUE 0xffffffffu

// One line of log. The core formats nothing: kernels differ in what they can print at raised IRQL.
// A good rendering is "<what>: queue <queue>, value <value>, limit <limit>".
struct vio_event {
    enum vio_log_level level;
    const char *what; // static text
    uint32_t queue;   // queue number or VIO_NO_QUEUE
    uint64_t value;   // the value that was seen (meaning follows from `what`)
    uint64_t limit;   // the bound or the expectation it was held against
};

// A mapped range of device registers: a BAR, or a part of one.
struct vio_region {
    uintptr_t base;  // virtual address, or first port number if is_port
    uint64_t length; // bytes
    bool is_port;    // x86 I/O space instead of memory space
};

struct vio_os {
    // Writes one line. May be NULL.
    void (*log)(void *ctx, const struct vio_event *event);
    // Busy-waits for about `microseconds` (1 to 1000).
    void (*stall)(void *ctx, uint32_t microseconds);
    // Register access of exactly the named width at `region->base + offset`. `offset` is naturally
    // aligned and inside the region; the core has checked it. Accesses must reach the device in
    // program order, and a write must not pass earlier stores to ring memory (a doorbell follows
    // the ring): on arm64 this means a `dmb oshst` or stronger before, on x86 nothing more than a
    // volatile access.
    uint8_t (*read8)(void *ctx, const struct vio_region *region, uint32_t offset);
    uint16_t (*read16)(void *ctx, const struct vio_region *region, uint32_t offset);
    uint32_t (*read32)(void *ctx, const struct vio_region *region, uint32_t offset);
    void (*write8)(void *ctx, const struct vio_region *region, uint32_t offset, uint8_t value);
    void (*write16)(void *ctx, const struct vio_region *region, uint32_t offset, uint16_t value);
    void (*write32)(void *ctx, const struct vio_region *region, uint32_t offset, uint32_t value);
    // Given to every entry above.
    void *ctx;
};

// Sends one event to `os->log` if there is one. Any IRQL.
void vio_log(const struct vio_os *os, enum vio_log_level level, const char *what, uint32_t queue,
             uint64_t value, uint64_t limit);

#endif
