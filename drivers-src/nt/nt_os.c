// SPDX-License-Identifier: BSD-3-Clause

#include "nt/nt_os.h"

static void os_log(void *ctx, const struct vio_event *event)
{
    struct nt_log *log = ctx;

    if (event->queue == VIO_NO_QUEUE)
        nt_log(log, event->level, "%s: value 0x%llx, limit 0x%llx\n", event->what, event->value,
               event->limit);
    else
        nt_log(log, event->level, "%s: queue %u, value 0x%llx, limit 0x%llx\n", event->what,
               event->queue, event->value, event->limit);
}

static void os_stall(void *ctx, uint32_t microseconds)
{
    UNREFERENCED_PARAMETER(ctx);
    KeStallExecutionProcessor(microseconds);
}

#if defined(__x86_64__) || defined(__i386__)
#define OS_ACCESS(bits)                                                                     \
    static uint##bits##_t os_read##bits(void *ctx, const struct vio_region *region,         \
                                        uint32_t offset)                                    \
    {                                                                                       \
        UNREFERENCED_PARAMETER(ctx);                                                        \
        if (region->is_port)                                                                \
            return kdk_in##bits((USHORT)(region->base + offset));                           \
        return (uint##bits##_t)kdk_read##bits((const void *)(region->base + offset));       \
    }                                                                                       \
    static void os_write##bits(void *ctx, const struct vio_region *region, uint32_t offset, \
                               uint##bits##_t value)                                        \
    {                                                                                       \
        UNREFERENCED_PARAMETER(ctx);                                                        \
        if (region->is_port)                                                                \
            kdk_out##bits((USHORT)(region->base + offset), value);                          \
        else                                                                                \
            kdk_write##bits((void *)(region->base + offset), value);                        \
    }
#else
// Without port instructions the system translates I/O space to memory, which makes it no port.
#define OS_ACCESS(bits)                                                                     \
    static uint##bits##_t os_read##bits(void *ctx, const struct vio_region *region,         \
                                        uint32_t offset)                                    \
    {                                                                                       \
        UNREFERENCED_PARAMETER(ctx);                                                        \
        return (uint##bits##_t)kdk_read##bits((const void *)(region->base + offset));       \
    }                                                                                       \
    static void os_write##bits(void *ctx, const struct vio_region *region, uint32_t offset, \
                               uint##bits##_t value)                                        \
    {                                                                                       \
        UNREFERENCED_PARAMETER(ctx);                                                        \
        kdk_write##bits((void *)(region->base + offset), value);                            \
    }
#endif
OS_ACCESS(8)
OS_ACCESS(16)
OS_ACCESS(32)

void nt_os_init(struct vio_os *os, struct nt_log *log)
{
    os->log = os_log;
    os->stall = os_stall;
    os->read8 = os_read8;
    os->read16 = os_read16;
    os->read32 = os_read32;
    os->write8 = os_write8;
    os->write16 = os_write16;
    os->write32 = os_write32;
    os->ctx = log;
}

NTSTATUS nt_status(enum vio_status status)
{
    static const NTSTATUS table[VIO_STATUS_COUNT] = {
        [VIO_OK] = STATUS_SUCCESS,
        [VIO_E_ARG] = STATUS_INVALID_PARAMETER,
        [VIO_E_FULL] = STATUS_DEVICE_BUSY,
        [VIO_E_TOO_LONG] = STATUS_INVALID_BUFFER_SIZE,
        [VIO_E_BROKEN] = STATUS_DEVICE_PROTOCOL_ERROR,
        [VIO_E_STATE] = STATUS_INVALID_DEVICE_STATE,
        [VIO_E_BUSY] = STATUS_DEVICE_BUSY,
        [VIO_E_MEMORY] = STATUS_INSUFFICIENT_RESOURCES,
        [VIO_E_NO_QUEUE] = STATUS_DEVICE_CONFIGURATION_ERROR,
        [VIO_E_NO_FEATURE] = STATUS_NOT_SUPPORTED,
        [VIO_E_FEATURES] = STATUS_NOT_SUPPORTED,
        [VIO_E_VECTOR] = STATUS_DEVICE_CONFIGURATION_ERROR,
        [VIO_E_TIMEOUT] = STATUS_IO_TIMEOUT,
        [VIO_E_GONE] = STATUS_DEVICE_REMOVED,
        [VIO_E_RANGE] = STATUS_DEVICE_CONFIGURATION_ERROR,
        [VIO_E_UNSTABLE] = STATUS_DEVICE_PROTOCOL_ERROR,
        [VIO_E_LAYOUT] = STATUS_DEVICE_CONFIGURATION_ERROR,
        [VIO_E_ACCESS] = STATUS_DEVICE_CONFIGURATION_ERROR,
    };

    // A row that is missing would read as success.
    _Static_assert(VIO_STATUS_COUNT == 18, "a new status needs a row");
    if ((unsigned)status >= VIO_STATUS_COUNT)
        return STATUS_UNSUCCESSFUL;
    return table[status];
}
