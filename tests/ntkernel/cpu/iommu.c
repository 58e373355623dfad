/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the device may reach: VT-d with one domain for all functions of bus 0, whose second-level
 * tables hold just the pages that nk_dma_map() was given. Register numbers and formats are those of
 * Intel's "Virtualization Technology for Directed I/O", chapters 9 and 11.
 *
 * Without the option iommu=1 nothing is confined, and these functions do nothing.
 */
#include "nk.h"
#include "cpu/memory.h"
#include "ntos/verifier.h"

#define VTD_PHYSICAL 0xFED90000ull
#define VECTOR_FAULT 0xD8
#define DOMAIN       1ull
#define WIDTH_39     1u /* of the addresses: three levels of tables */
#define WAIT_MS      100
#define FREED_LIMIT  256

/* Registers, as byte offsets. */
enum {
    CAPABILITY = 0x08,
    EXTENDED_CAPABILITY = 0x10,
    COMMAND = 0x18,
    STATUS = 0x1C,
    ROOT_TABLE = 0x20,
    CONTEXT_COMMAND = 0x28,
    FAULT_STATUS = 0x34,
    FAULT_CONTROL = 0x38,
    FAULT_DATA = 0x3C,
    FAULT_ADDRESS = 0x40,
    FAULT_UPPER = 0x44
};

#define COMMAND_TRANSLATE  0x80000000u
#define COMMAND_ROOT_TABLE 0x40000000u
#define INVALIDATE         (1ull << 63)
#define CONTEXT_GLOBAL     (1ull << 61)
#define IOTLB_DOMAIN       (2ull << 60)
#define FAULT_PENDING      2u
#define FAULT_RECORDED     (1ull << 63)
#define FAULT_READ         (1ull << 62)

/* How many mappings let the device read and write a page. */
struct use {
    USHORT readers, writers;
};

static volatile UCHAR *registers;
static ULONG iotlb, record; /* offsets that the capabilities state */
static ULONG64 *root;       /* of the second-level tables */
static struct use *uses;
static ULONG64 pages;

/* What was mapped last and is no more, for reports. */
static struct {
    ULONG64 physical, va;
} freed[FREED_LIMIT];
static unsigned freed_next;

static volatile ULONG *reg32(ULONG offset)
{
    return (volatile ULONG *)(registers + offset);
}

static volatile ULONG64 *reg64(ULONG offset)
{
    return (volatile ULONG64 *)(registers + offset);
}

static void wait_clear(ULONG offset)
{
    ULONG64 end = nk_tsc() + nk_tsc_hz() / 1000 * WAIT_MS;

    while (*reg64(offset) & INVALIDATE) {
        if (nk_tsc() > end)
            nk_report("kernel", "VT-d does not finish an invalidation (register %x)", offset);
    }
}

static void command(ULONG bits)
{
    ULONG64 end = nk_tsc() + nk_tsc_hz() / 1000 * WAIT_MS;

    *reg32(COMMAND) = (*reg32(STATUS) & COMMAND_TRANSLATE) | bits;
    while ((*reg32(STATUS) & bits) != bits) {
        if (nk_tsc() > end)
            nk_report("kernel", "VT-d does not take command %08x", bits);
    }
}

static ULONG64 *new_table(ULONG64 *physical)
{
    *physical = nk_page_alloc();
    return nk_memset(nk_direct(*physical), 0, NK_PAGE_SIZE);
}

static ULONG64 *entry_for(ULONG64 address)
{
    ULONG64 *table = root;
    unsigned level;

    for (level = 2; level > 0; level--) {
        ULONG64 *entry = &table[address >> (12 + 9 * level) & 511], next;

        if (!*entry) {
            new_table(&next);
            *entry = next | NK_DMA_READ | NK_DMA_WRITE;
        }
        table = nk_direct(*entry & ~0xFFFull);
    }
    return &table[address >> 12 & 511];
}

/* The device's address is all that VT-d tells. */
static const char *name_of(ULONG64 physical)
{
    unsigned n;

    for (n = 0; n < FREED_LIMIT; n++) {
        unsigned latest = (freed_next - 1 - n) % FREED_LIMIT;

        if (freed[latest].va && freed[latest].physical == physical)
            return nk_address_name(freed[latest].va);
    }
    return nk_physical_name(physical);
}

void nk_dma_check(void)
{
    ULONG64 address, high;
    const struct use *use;
    const char *why = "which is not mapped for it";

    if (!registers || !(*reg32(FAULT_STATUS) & FAULT_PENDING))
        return;
    address = *reg64(record) & ~0xFFFull;
    high = *reg64(record + 8);
    if (!(high & FAULT_RECORDED))
        return;
    use = address / NK_PAGE_SIZE < pages ? &uses[address / NK_PAGE_SIZE] : NULL;
    if (use && use->readers)
        why = "which it may only read";
    else if (use && use->writers)
        why = "which it may only write";
    nk_report("dma", "device 00:%02llx.%llu %s page %llx, %s: %s (VT-d reason %llu)",
              high >> 3 & 31, high & 7, high & FAULT_READ ? "reads" : "writes", address, why,
              name_of(address), high >> 32 & 0xFF);
}

static void on_fault(void *context)
{
    nk_dma_check();
}

static void report_faults(void)
{
    nk_vector_set(VECTOR_FAULT, on_fault, NULL);
    *reg32(FAULT_DATA) = nk_msi_data(VECTOR_FAULT);
    *reg32(FAULT_ADDRESS) = (ULONG)nk_msi_address(0);
    *reg32(FAULT_UPPER) = 0;
    *reg32(FAULT_CONTROL) = 0; /* not masked */
}

static void make_uses(void)
{
    ULONG64 size, physical;

    pages = nk_page_count();
    size = NK_PAGES(pages * sizeof(*uses));
    physical = nk_pages_alloc(size, ~0ull, 0);
    if (!physical)
        nk_report("memory", "no %llu pages to count DMA mappings", size);
    uses = nk_memset(nk_direct(physical), 0, size * NK_PAGE_SIZE);
}

void nk_dma_init(void)
{
    ULONG64 table, context, roots, *entries;
    unsigned n;

    if (!nk_option("iommu", 0))
        return;
    registers = nk_map_device(VTD_PHYSICAL, NK_PAGE_SIZE);
    if (!(*reg64(CAPABILITY) >> 8 & 1 << WIDTH_39))
        nk_report("usage", "iommu=1, but the machine has no VT-d with tables of three levels");
    iotlb = (ULONG)(*reg64(EXTENDED_CAPABILITY) >> 8 & 0x3FF) * 16 + 8;
    record = (ULONG)(*reg64(CAPABILITY) >> 24 & 0x3FF) * 16;
    make_uses();
    root = new_table(&table);
    entries = new_table(&context);
    for (n = 0; n < 256; n++) { /* each function: present, its tables, width and domain */
        entries[2 * n] = table | 1;
        entries[2 * n + 1] = DOMAIN << 8 | WIDTH_39;
    }
    *new_table(&roots) = context | 1; /* bus 0 */
    *reg64(ROOT_TABLE) = roots;
    command(COMMAND_ROOT_TABLE);
    *reg64(CONTEXT_COMMAND) = INVALIDATE | CONTEXT_GLOBAL;
    wait_clear(CONTEXT_COMMAND);
    report_faults();
    /* The firmware has driven the disk and left it running: QEMU may be yet to look whether there
     * are requests in the firmware's own memory, and do so when the driver resets the device. */
    nk_pci_quiet_all();
    command(COMMAND_TRANSLATE);
}

static void note_freed(ULONG64 physical, ULONG64 va)
{
    freed[freed_next % FREED_LIMIT].physical = physical;
    freed[freed_next++ % FREED_LIMIT].va = va;
}

/* Count a mapping in or out; whether the device may do less than before. */
static bool change(ULONG64 va, ULONG64 physical, unsigned access, int by)
{
    struct use *use = &uses[physical / NK_PAGE_SIZE];
    ULONG64 *entry = entry_for(physical), former = *entry, now;

    if (access & NK_DMA_READ)
        use->readers = (USHORT)(use->readers + by);
    if (access & NK_DMA_WRITE)
        use->writers = (USHORT)(use->writers + by);
    now = (use->readers ? NK_DMA_READ : 0) | (use->writers ? NK_DMA_WRITE : 0);
    *entry = now ? physical | now : 0;
    if (!now)
        note_freed(physical, va);
    return former & ~now & (NK_DMA_READ | NK_DMA_WRITE);
}

static void change_range(const volatile void *start, ULONG64 size, unsigned access, int by)
{
    ULONG64 va = (ULONG64)start & ~0xFFFull, end = (ULONG64)start + size;
    bool on, less = false;

    if (!registers || !size)
        return;
    on = nk_critical_enter();
    for (; va < end; va += NK_PAGE_SIZE) {
        ULONG64 physical = nk_physical((void *)va);

        if (physical / NK_PAGE_SIZE >= pages)
            nk_report("kernel", "%llx is given to the device but is no memory", va);
        less = change(va, physical, access, by) || less;
    }
    if (less) {
        *reg64(iotlb) = INVALIDATE | IOTLB_DOMAIN | DOMAIN << 32;
        wait_clear(iotlb);
    }
    nk_critical_leave(on);
    if (by < 0)
        nk_dma_check();
}

void nk_dma_map(const volatile void *va, ULONG64 size, unsigned access)
{
    change_range(va, size, access, 1);
}

void nk_dma_unmap(const volatile void *va, ULONG64 size, unsigned access)
{
    change_range(va, size, access, -1);
}
