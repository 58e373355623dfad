/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for drivers-src/nt/kdk.h when a Storport driver is compiled for the host: the kernel's
 * types with their widths on 64-bit Windows, and register access that ends in the software device.
 * Included before everything else by the compiler's -include. */
#ifndef KDK_H
#define KDK_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define _WIN64 1
#define NTAPI
#define __cdecl
#define dllimport visibility("default")
#define KDK_INIT

#define VOID  void
#define TRUE  1
#define FALSE 0

typedef void *PVOID;
typedef char CCHAR;
typedef char *PCHAR;
typedef uint8_t UCHAR;
typedef uint8_t BOOLEAN, *PBOOLEAN;
typedef uint16_t USHORT;
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uintptr_t ULONG_PTR;
typedef int32_t NTSTATUS;
typedef union {
    int64_t QuadPart;
} PHYSICAL_ADDRESS;

typedef enum { PCIBus = 5 } INTERFACE_TYPE;
typedef enum { LevelSensitive, Latched } KINTERRUPT_MODE;
typedef struct {
    uint64_t opaque[8];
} KDPC;
typedef ULONG_PTR KSPIN_LOCK;
typedef struct host_driver *PDRIVER_OBJECT;
typedef struct host_string *PUNICODE_STRING;
typedef NTSTATUS DRIVER_INITIALIZE(PDRIVER_OBJECT driver, PUNICODE_STRING path);

#define PCIConfiguration     4
#define FILE_LONG_ALIGNMENT  3
#define STATUS_NOT_SUPPORTED ((NTSTATUS)0xc00000bb)

#define C_ASSERT(e)                  static_assert(e, #e)
#define FIELD_OFFSET(type, member)   ((ULONG)offsetof(type, member))
#define RTL_NUMBER_OF(array)         (sizeof(array) / sizeof((array)[0]))
#define RtlZeroMemory(to, bytes)     memset(to, 0, bytes)
#define RtlCopyMemory(to, from, len) memcpy(to, from, len)

#define DPFLTR_IHVDRIVER_ID  77
#define DPFLTR_ERROR_LEVEL   0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_INFO_LEVEL    3
ULONG DbgPrintEx(ULONG component, ULONG level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

uint32_t host_register_read(uintptr_t address, unsigned width);
void host_register_write(uintptr_t address, unsigned width, uint32_t value);

#define HOST_REGISTER(bits)                                                          \
    static inline uint##bits##_t kdk_read##bits(const volatile void *address)        \
    {                                                                                \
        return (uint##bits##_t)host_register_read((uintptr_t)address, bits / 8);     \
    }                                                                                \
    static inline void kdk_write##bits(volatile void *address, uint##bits##_t value) \
    {                                                                                \
        host_register_write((uintptr_t)address, bits / 8, value);                    \
    }                                                                                \
    static inline uint##bits##_t kdk_in##bits(USHORT port)                           \
    {                                                                                \
        return (uint##bits##_t)host_register_read(port, bits / 8);                   \
    }                                                                                \
    static inline void kdk_out##bits(USHORT port, uint##bits##_t value)              \
    {                                                                                \
        host_register_write(port, bits / 8, value);                                  \
    }
HOST_REGISTER(8)
HOST_REGISTER(16)
HOST_REGISTER(32)

#endif
