// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/unit/fake_pci.h"

#include <stdlib.h>
#include <string.h>

static void put(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get(const uint8_t *at, unsigned width)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < width; i++)
        value |= (uint32_t)at[i] << 8 * i;
    return value;
}

static struct fake_queue *selected(struct fake_pci *f)
{
    const unsigned index = get(f->bar[f->legacy ? 0 : 4] + (f->legacy ? 14 : 22), 2);

    return index < FAKE_QUEUES ? &f->queue[index] : NULL;
}

// What reading the register gives, if that is not what stands in memory.
static void before_read(struct fake_pci *f, unsigned bar, uint32_t offset)
{
    uint8_t *at = f->bar[bar];
    const struct fake_queue *q;

    if (f->legacy && bar == 0) {
        q = selected(f);
        if (offset == 0)
            put(at, (uint32_t)f->features, 4);
        else if (offset == 8)
            put(at + 8, q ? q->area[0] : 0, 4);
        else if (offset == 12)
            put(at + 12, q ? q->size : 0, 2);
        return;
    }
    if (f->legacy || bar != 4 || offset >= 60)
        return;
    q = selected(f);
    if (offset == 4)
        put(at + 4, f->features >> 32 * (get(at, 4) & 1), 4);
    else if (offset == 18)
        put(at + 18, FAKE_QUEUES, 2);
    else if (offset >= 24 && q != NULL) {
        put(at + 24, q->size, 2);
        put(at + 26, q->vector, 2);
        put(at + 28, q->enable, 2);
        put(at + 30, q->notify_off, 2);
        put(at + 56, q->notify_data, 2);
        put(at + 58, q->reset, 2);
    }
}

static uint16_t mapped(const struct fake_pci *f, uint32_t vector)
{
    return vector < f->vectors ? (uint16_t)vector : 0xffff;
}

static void after_write(struct fake_pci *f, unsigned bar, uint32_t offset, uint32_t value)
{
    uint8_t *at = f->bar[bar];
    struct fake_queue *q = selected(f);

    if (f->legacy && bar == 0) {
        if (offset == 4)
            f->driver_features = value;
        else if (offset == 8 && q != NULL)
            q->area[0] = value;
        else if (offset == 20 || offset == 22)
            put(at + offset, mapped(f, value), 2);
        return;
    }
    if (f->legacy || bar != 4 || offset >= 60)
        return;
    if (offset == 12) {
        const unsigned shift = 32 * (get(at + 8, 4) & 1);

        f->driver_features &= ~((uint64_t)0xffffffff << shift);
        f->driver_features |= (uint64_t)value << shift;
    } else if (offset == 16) {
        put(at + 16, mapped(f, value), 2);
    } else if (q != NULL) {
        if (offset == 24)
            q->size = f->last_size_limit && value > f->last_size_limit ? f->last_size_limit
                                                                       : (uint16_t)value;
        else if (offset == 26)
            q->vector = mapped(f, value);
        else if (offset == 28)
            q->enable = (uint16_t)value;
        else if (offset == 58)
            q->reset = (uint16_t)value;
        else if (offset >= 32 && offset < 56)
            put((uint8_t *)q->area + (offset - 32), value, 4);
    }
}

// Finds the BAR that an access goes to and keeps the access.
static uint8_t *enter(struct fake_pci *f, const struct vio_region *region, uint32_t offset,
                      unsigned width, bool write, uint32_t value)
{
    assert_true(offset + width <= region->length);
    for (unsigned bar = 0; bar < VPCI_BAR_COUNT; bar++) {
        const uintptr_t base = (uintptr_t)f->bar[bar];
        uint32_t at;

        if (f->bar[bar] == NULL || region->base < base || region->base >= base + FAKE_BAR_BYTES)
            continue;
        at = (uint32_t)(region->base - base) + offset;
        assert_true(at + width <= FAKE_BAR_BYTES);
        assert_int_equal(at % width, 0);
        if (!write)
            before_read(f, bar, at);
        assert_true(f->accesses < FAKE_ACCESSES);
        f->access[f->accesses++] = (struct fake_access){
            write, (uint8_t)bar, (uint8_t)width, at, write ? value : get(f->bar[bar] + at, width)};
        if (write) {
            put(f->bar[bar] + at, value, width);
            after_write(f, bar, at, value);
        }
        return f->bar[bar] + at;
    }
    fail_msg("an access outside of every BAR");
    return NULL;
}

static uint8_t read8(void *ctx, const struct vio_region *region, uint32_t offset)
{
    return *enter(ctx, region, offset, 1, false, 0);
}

static uint16_t read16(void *ctx, const struct vio_region *region, uint32_t offset)
{
    return (uint16_t)get(enter(ctx, region, offset, 2, false, 0), 2);
}

static uint32_t read32(void *ctx, const struct vio_region *region, uint32_t offset)
{
    return get(enter(ctx, region, offset, 4, false, 0), 4);
}

static void write8(void *ctx, const struct vio_region *region, uint32_t offset, uint8_t value)
{
    enter(ctx, region, offset, 1, true, value);
}

static void write16(void *ctx, const struct vio_region *region, uint32_t offset, uint16_t value)
{
    enter(ctx, region, offset, 2, true, value);
}

static void write32(void *ctx, const struct vio_region *region, uint32_t offset, uint32_t value)
{
    enter(ctx, region, offset, 4, true, value);
}

static void on_log(void *ctx, const struct vio_event *event)
{
    struct fake_pci *f = ctx;

    f->errors += event->level == VIO_LOG_ERROR;
    f->warnings += event->level == VIO_LOG_WARNING;
}

static void on_stall(void *ctx, uint32_t microseconds)
{
    (void)ctx;
    (void)microseconds;
}

static enum vio_status config_read(void *ctx, uint32_t offset, void *buffer, uint32_t len)
{
    struct fake_pci *f = ctx;

    assert_true(offset + len <= sizeof(f->config));
    if (++f->config_reads == f->config_fails_at)
        return VIO_E_ACCESS;
    memcpy(buffer, f->config + offset, len);
    return VIO_OK;
}

static enum vio_status bar_map(void *ctx, const struct vpci_bar *bar, struct vio_region *region)
{
    struct fake_pci *f = ctx;

    assert_true(bar->index < VPCI_BAR_COUNT);
    f->maps[bar->index]++;
    f->asked[bar->index] = *bar;
    if (f->map_fails[bar->index])
        return VIO_E_ACCESS;
    *region = f->region[bar->index];
    return VIO_OK;
}

void fake_pci_up(struct fake_pci *f, uint16_t id)
{
    memset(f, 0, sizeof(*f));
    f->os = (struct vio_os){on_log, on_stall, read8, read16, read32, write8, write16, write32, f};
    f->bus = (struct vpci_bus){config_read, bar_map, f};
    put(f->config, 0x1af4, 2);
    put(f->config + 2, id, 2);
    f->vectors = 8;
    for (unsigned i = 0; i < FAKE_QUEUES; i++)
        f->queue[i] = (struct fake_queue){.size = 64, .notify_off = (uint16_t)i};
}

void fake_pci_down(struct fake_pci *f)
{
    for (unsigned i = 0; i < VPCI_BAR_COUNT; i++)
        free(f->bar[i]);
}

void fake_pci_bar(struct fake_pci *f, unsigned index, uint32_t bits, uint64_t address)
{
    put(f->config + 0x10 + 4 * index, address | bits, (bits & 7) == 4 ? 8 : 4);
    f->bar[index] = calloc(1, FAKE_BAR_BYTES);
    assert_non_null(f->bar[index]);
    f->region[index] = (struct vio_region){(uintptr_t)f->bar[index], FAKE_BAR_BYTES, bits & 1};
}

static void link_cap(struct fake_pci *f, uint8_t at, uint8_t next)
{
    if (f->config[0x34] == 0)
        f->config[0x34] = at;
    f->config[6] |= 0x10;
    f->config[at + 1] = next;
}

void fake_pci_cap(struct fake_pci *f, uint8_t at, uint8_t next, uint8_t len, uint8_t type,
                  uint8_t bar, uint32_t offset, uint32_t length)
{
    link_cap(f, at, next);
    f->config[at] = 9;
    f->config[at + 2] = len;
    f->config[at + 3] = type;
    f->config[at + 4] = bar;
    put(f->config + at + 8, offset, 4);
    put(f->config + at + 12, length, 4);
}

void fake_pci_msix(struct fake_pci *f, uint8_t at, uint8_t next, uint16_t size, bool enabled)
{
    link_cap(f, at, next);
    f->config[at] = 0x11;
    put(f->config + at + 2, (uint32_t)(size - 1) | (enabled ? 0x8000 : 0), 2);
}

void fake_pci_modern(struct fake_pci *f)
{
    fake_pci_bar(f, 4, 4, 0x840000000);
    fake_pci_cap(f, 0x40, 0x50, 16, 1, 4, FAKE_COMMON, 64);
    fake_pci_cap(f, 0x50, 0x60, 16, 3, 4, FAKE_ISR, 4);
    fake_pci_cap(f, 0x60, 0x70, 16, 4, 4, FAKE_DEVICE, 64);
    fake_pci_cap(f, 0x70, 0x90, 20, 2, 4, FAKE_NOTIFY, 0x1000);
    put(f->config + 0x80, 4, 4);
    fake_pci_msix(f, 0x90, 0, 8, true);
}

void fake_pci_legacy(struct fake_pci *f, bool msix)
{
    f->legacy = true;
    put(f->config + 0x2e, 2, 2);
    fake_pci_bar(f, 0, 1, 0xc000);
    fake_pci_msix(f, 0x40, 0, 8, msix);
}

void fake_pci_probe(struct fake_pci *f)
{
    assert_int_equal(vpci_probe(&f->memory, &f->os, &f->bus, &f->vpci), VIO_OK);
    assert_non_null(f->vpci);
}

void fake_pci_expect_refused(struct fake_pci *f, enum vio_status status)
{
    assert_int_equal(vpci_probe(&f->memory, &f->os, &f->bus, &f->vpci), status);
    assert_null(f->vpci);
}

void fake_pci_forget(struct fake_pci *f)
{
    f->accesses = 0;
}

void fake_pci_expect_access(const struct fake_pci *f, unsigned i, bool write, unsigned bar,
                            unsigned width, uint32_t offset, uint32_t value)
{
    assert_true(i < f->accesses);
    assert_int_equal(f->access[i].write, write);
    assert_int_equal(f->access[i].bar, bar);
    assert_int_equal(f->access[i].width, width);
    assert_int_equal(f->access[i].offset, offset);
    assert_int_equal(f->access[i].value, value);
}
