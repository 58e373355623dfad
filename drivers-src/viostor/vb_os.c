// SPDX-License-Identifier: BSD-3-Clause
//
// What the virtio core needs of Windows: registers, a stall, a log.

#include "vb.h"

static const char *const level_names[] = {"error", "warning", "info"};

static void log_event(void *ctx, const struct vio_event *event)
{
    ULONG level = event->level == VIO_LOG_ERROR ? DPFLTR_ERROR_LEVEL : DPFLTR_INFO_LEVEL;

    (void)ctx;
    if (event->level == VIO_LOG_WARNING)
        level = DPFLTR_WARNING_LEVEL;
    // Numbers go out as halves: the length modifiers of 64-bit ones differ between compilers.
    DbgPrintEx(
        DPFLTR_IHVDRIVER_ID, level, "viostor: %s: %s: queue %d, value %08x%08x, limit %08x%08x\n",
        level_names[event->level], event->what, (int)event->queue, (unsigned)(event->value >> 32),
        (unsigned)event->value, (unsigned)(event->limit >> 32), (unsigned)event->limit);
}

static void stall(void *ctx, uint32_t microseconds)
{
    (void)ctx;
    StorPortStallExecution(microseconds);
}

#if defined(__aarch64__)
// Without I/O ports no region is ever one (bar_map in vb_adapter.c refuses it).
#define VB_REGISTER(bits)                                                                         \
    static uint##bits##_t read##bits(void *ctx, const struct vio_region *region, uint32_t offset) \
    {                                                                                             \
        (void)ctx;                                                                                \
        return kdk_read##bits((const volatile void *)(region->base + offset));                    \
    }                                                                                             \
    static void write##bits(void *ctx, const struct vio_region *region, uint32_t offset,          \
                            uint##bits##_t value)                                                 \
    {                                                                                             \
        (void)ctx;                                                                                \
        kdk_write##bits((volatile void *)(region->base + offset), value);                         \
    }
#else
#define VB_REGISTER(bits)                                                                         \
    static uint##bits##_t read##bits(void *ctx, const struct vio_region *region, uint32_t offset) \
    {                                                                                             \
        (void)ctx;                                                                                \
        if (region->is_port)                                                                      \
            return kdk_in##bits((USHORT)(region->base + offset));                                 \
        return kdk_read##bits((const volatile void *)(region->base + offset));                    \
    }                                                                                             \
    static void write##bits(void *ctx, const struct vio_region *region, uint32_t offset,          \
                            uint##bits##_t value)                                                 \
    {                                                                                             \
        (void)ctx;                                                                                \
        if (region->is_port)                                                                      \
            kdk_out##bits((USHORT)(region->base + offset), value);                                \
        else                                                                                      \
            kdk_write##bits((volatile void *)(region->base + offset), value);                     \
    }
#endif
VB_REGISTER(8)
VB_REGISTER(16)
VB_REGISTER(32)

void vb_os_init(struct vb_adapter *adapter)
{
    adapter->os = (struct vio_os){.log = log_event,
                                  .stall = stall,
                                  .read8 = read8,
                                  .read16 = read16,
                                  .read32 = read32,
                                  .write8 = write8,
                                  .write16 = write16,
                                  .write32 = write32,
                                  .ctx = adapter};
}

bool vb_device_address(struct vb_adapter *adapter, void *va, uint32_t bytes, uint64_t *pa)
{
    ULONG contiguous = 0;
    STOR_PHYSICAL_ADDRESS address = StorPortGetPhysicalAddress(adapter, NULL, va, &contiguous);

    *pa = (uint64_t)address.QuadPart;
    return *pa != 0 && contiguous >= bytes;
}
