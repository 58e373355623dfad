// SPDX-License-Identifier: BSD-3-Clause
//
// The kernel's declarations: the one header by which driver code includes MinGW-w64's <ntddk.h>.
// It repairs what is wrong or missing there; kdk_layout.c holds the structures against the sizes
// that Windows itself uses.
//
// Repaired:
//  - arm64, which <wdm.h> does not know;
//  - two objects that include <ntddk.h> with clang and would define the same functions;
//  - register and port access: <wdm.h> has bare volatile accesses, arguments in the wrong order,
//    and no order at all on arm64.
// To be kept away from, as the headers have them wrong: KeMemoryBarrier (use vio_barrier.h),
// READ_REGISTER_* and WRITE_REGISTER_*, sizeof(DEVICE_OBJECT), lookaside lists on x86, and
// KeQuerySystemTime, KeQueryTickCount and SharedUserData on arm64.
//
// The drivers run on Windows 10 (version 1507) and later, and the images say so (subsystem 10.0).
// So NonPagedPoolNx can be named as it is, and only what 1507 exports may be imported.

#ifndef KDK_H
#define KDK_H

#if defined(__aarch64__) && !defined(_M_ARM)
// _M_ARM makes <wdm.h> include <armddk.h>, which is ours. _IA64_ has one effect that matters: it
// turns off the packing that is right on x86 only, which would shift members of
// IO_STACK_LOCATION.
#define _M_ARM 1
#define _IA64_ 1
#endif

#if defined(__clang__)
// <intrin.h> declares these two as external before <wdm.h> defines them as inline, by which clang
// makes them external in every object. Included first, and renamed, <wdm.h>'s own stay unused.
#include <ntdef.h>
#include <intrin.h>
#define InterlockedBitTestAndSet   kdk_unused_bit_test_and_set
#define InterlockedBitTestAndReset kdk_unused_bit_test_and_reset
#endif
#include <ntddk.h>

// Windows 8 and later; no page that a driver maps needs to be executable.
#ifndef MdlMappingNoExecute
#define MdlMappingNoExecute 0x40000000
#endif

// The calls of Windows 8 and Windows 10 that map memory with a protection: what the older ones give
// is executable.
NTKERNELAPI PVOID NTAPI MmAllocateContiguousNodeMemory(SIZE_T NumberOfBytes,
                                                       PHYSICAL_ADDRESS LowestAcceptableAddress,
                                                       PHYSICAL_ADDRESS HighestAcceptableAddress,
                                                       PHYSICAL_ADDRESS BoundaryAddressMultiple,
                                                       ULONG Protect, ULONG PreferredNode);
NTKERNELAPI PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes,
                                       ULONG Protect);

// Code that is discarded after DriverEntry, and code that may be paged out: nothing that runs
// above APC_LEVEL, holds a spin lock, or is reached while the paging device sleeps.
#define KDK_INIT  __attribute__((section("INIT"), noinline))
#define KDK_PAGED __attribute__((section("PAGE"), noinline))

// Device registers in memory space: kdk_read8/16/32(address), kdk_write8/16/32(address, value).
// Accesses stay in program order; a write is seen by the device after all earlier stores to memory,
// so a doorbell follows its ring; loads of memory that follow a read come after it. `address` is
// naturally aligned and comes from MmMapIoSpaceEx(..., PAGE_READWRITE | PAGE_NOCACHE). Any
// IRQL.
#if defined(__aarch64__)
// The plain load and store forms are the only ones a hypervisor can emulate, hence assembler.
#define KDK_REGISTER(bits, type, width)                                    \
    static inline type kdk_read##bits(const volatile void *address)        \
    {                                                                      \
        ULONG value;                                                       \
                                                                           \
        __asm__ __volatile__("ldr" width " %w0, [%1]\n\tdmb oshld"         \
                             : "=r"(value)                                 \
                             : "r"(address)                                \
                             : "memory");                                  \
        return (type)value;                                                \
    }                                                                      \
    static inline void kdk_write##bits(volatile void *address, type value) \
    {                                                                      \
        __asm__ __volatile__("dmb oshst\n\tstr" width " %w0, [%1]"         \
                             :                                             \
                             : "r"((ULONG)value), "r"(address)             \
                             : "memory");                                  \
    }
#else
// The processor keeps the order of uncached accesses; the compiler is told to.
#define KDK_REGISTER(bits, type, width)                                    \
    static inline type kdk_read##bits(const volatile void *address)        \
    {                                                                      \
        type value = *(const volatile type *)address;                      \
                                                                           \
        __asm__ __volatile__("" ::: "memory");                             \
        return value;                                                      \
    }                                                                      \
    static inline void kdk_write##bits(volatile void *address, type value) \
    {                                                                      \
        __asm__ __volatile__("" ::: "memory");                             \
        *(volatile type *)address = value;                                 \
    }
#endif
KDK_REGISTER(8, UCHAR, "b")
KDK_REGISTER(16, USHORT, "h")
KDK_REGISTER(32, ULONG, "")
#undef KDK_REGISTER

// I/O ports: kdk_in8/16/32(port), kdk_out8/16/32(port, value). Only x86 and amd64 have them. Any
// IRQL.
#if defined(__x86_64__) || defined(__i386__)
#define KDK_PORT(bits, type, width)                                                        \
    static inline type kdk_in##bits(USHORT port)                                           \
    {                                                                                      \
        type value;                                                                        \
                                                                                           \
        __asm__ __volatile__("in" width " %1, %0" : "=a"(value) : "Nd"(port) : "memory");  \
        return value;                                                                      \
    }                                                                                      \
    static inline void kdk_out##bits(USHORT port, type value)                              \
    {                                                                                      \
        __asm__ __volatile__("out" width " %0, %1" : : "a"(value), "Nd"(port) : "memory"); \
    }
KDK_PORT(8, UCHAR, "b")
KDK_PORT(16, USHORT, "w")
KDK_PORT(32, ULONG, "l")
#undef KDK_PORT
#endif

#endif
