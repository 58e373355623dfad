// SPDX-License-Identifier: BSD-3-Clause
//
// Memory order between driver and device. Two worlds (virtio 1.2, 6 VIRTIO_F_ORDER_PLATFORM):
//  - not negotiated: the device is software on another CPU of the same coherent machine, so the
//    order that CPUs keep among themselves is enough: acquire loads, release stores, and a full
//    fence only where a store must be seen before a later load;
//  - negotiated: the device may be real hardware, and barriers must reach the whole system
//    (outer shareable on arm64).
// On x86 loads and stores of ordinary memory are already ordered as acquire and release in both
// worlds; only the full fence costs an instruction.
//
// `platform` tells whether ORDER_PLATFORM was negotiated.

#ifndef VIO_BARRIER_H
#define VIO_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

// Nothing before it moves behind it and nothing behind it moves before it, a store followed by a
// load included.
static inline void vio_fence(bool platform)
{
#if defined(__x86_64__)
    // A locked operation orders all ordinary memory for CPUs and devices alike, in a third of the
    // time of mfence; only write-combined memory, where no ring is, would need the latter.
    (void)platform;
    __asm__ __volatile__("lock; addl $0, -4(%%rsp)" ::: "memory", "cc");
#elif defined(__i386__)
    (void)platform;
    __asm__ __volatile__("lock; addl $0, -4(%%esp)" ::: "memory", "cc");
#elif defined(__aarch64__)
    if (platform)
        __asm__ __volatile__("dmb osh" ::: "memory");
    else
        __asm__ __volatile__("dmb ish" ::: "memory");
#else
    (void)platform;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

// Loads before it are done before any load or store behind it.
static inline void vio_platform_read_fence(bool platform)
{
#if defined(__aarch64__)
    if (platform)
        __asm__ __volatile__("dmb oshld" ::: "memory");
#else
    (void)platform;
#endif
}

// Stores before it are seen before any store behind it.
static inline void vio_platform_write_fence(bool platform)
{
#if defined(__aarch64__)
    if (platform)
        __asm__ __volatile__("dmb oshst" ::: "memory");
#else
    (void)platform;
#endif
}

// Reads a shared field that gives no permission to look at anything else.
static inline uint16_t vio_load16(const uint16_t *field)
{
    return __atomic_load_n(field, __ATOMIC_RELAXED);
}

static inline uint32_t vio_load32(const uint32_t *field)
{
    return __atomic_load_n(field, __ATOMIC_RELAXED);
}

// Writes a shared field on which nothing else hangs.
static inline void vio_store16(uint16_t *field, uint16_t value)
{
    __atomic_store_n(field, value, __ATOMIC_RELAXED);
}

static inline void vio_store32(uint32_t *field, uint32_t value)
{
    __atomic_store_n(field, value, __ATOMIC_RELAXED);
}

// Reads an index or flags field by which the device hands something over: all that the device
// wrote before it is seen after this load.
static inline uint16_t vio_load16_acquire(const uint16_t *field, bool platform)
{
    uint16_t value = __atomic_load_n(field, __ATOMIC_ACQUIRE);

    vio_platform_read_fence(platform);
    return value;
}

// Writes an index or flags field by which something is handed to the device: all that was written
// before it is seen by a device that sees this store.
static inline void vio_store16_release(uint16_t *field, uint16_t value, bool platform)
{
    vio_platform_write_fence(platform);
    __atomic_store_n(field, value, __ATOMIC_RELEASE);
}

#endif
