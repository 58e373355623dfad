/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page tables and address space of the bare machine.
 *
 *   0x0000000000100000  the kernel's image, each part with its own protection; the rest of the
 * lower half is unmapped 0xFFFF800000000000  all of RAM, for the kernel only, not executable
 *   0xFFFFC00000000000  reserved piece by piece, never reused: pool, images, stacks, registers
 *   0xFFFFF78000000000  the page Windows shares with user mode (time, version)
 */
#include "nk.h"
#include "cpu/memory.h"

#define SHARED_USER_DATA 0xFFFFF78000000000ull
#define DIRECT_BASE      0xFFFF800000000000ull

#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_UNCACHED 0x018ull
#define PTE_LARGE    0x080ull
#define PTE_PAGEABLE 0x200ull /* ignored by the processor */
#define PTE_NX       (1ull << 63)
#define PTE_ADDRESS  0x000FFFFFFFFFF000ull

#define LARGE_PAGE_SIZE (2ull << 20)

extern UCHAR nk_text_start[], nk_rodata_start[], nk_data_start[], nk_image_end[];

static ULONG64 direct_base; /* 0 until the boot tables are left behind */
static ULONG64 *root;
static UCHAR *shared_page;

void *nk_direct(ULONG64 physical)
{
    return (void *)(direct_base + physical);
}

/* The entry for `va` in the table of level `last`: 0 maps pages, 1 large ones. */
static ULONG64 *walk(ULONG64 va, int last, bool create)
{
    ULONG64 *table = root;
    int level;

    for (level = 3; level > last; level--) {
        ULONG64 *entry = &table[va >> (12 + 9 * level) & 511];

        if (!(*entry & PTE_PRESENT)) {
            ULONG64 page;

            if (!create)
                return NULL;
            page = nk_page_alloc();
            nk_memset(nk_direct(page), 0, NK_PAGE_SIZE);
            *entry = page | PTE_PRESENT | PTE_WRITE;
        } else if (*entry & PTE_LARGE) {
            return create ? NULL : entry;
        }
        table = nk_direct(*entry & PTE_ADDRESS);
    }
    return &table[va >> (12 + 9 * last) & 511];
}

static ULONG64 *entry_for(ULONG64 va, bool create)
{
    return walk(va, 0, create);
}

static void flush(ULONG64 va)
{
    __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static ULONG64 pte_bits(unsigned flags)
{
    return PTE_PRESENT | (flags & NK_MAP_WRITE ? PTE_WRITE : 0) |
           (flags & NK_MAP_EXECUTE ? 0 : PTE_NX) | (flags & NK_MAP_UNCACHED ? PTE_UNCACHED : 0);
}

void nk_map(ULONG64 va, ULONG64 physical, unsigned flags)
{
    bool on = nk_critical_enter();
    ULONG64 *entry = entry_for(va, true);

    if (!entry || *entry)
        nk_report("kernel", "page %llx is mapped already", va);
    *entry = physical | pte_bits(flags);
    nk_critical_leave(on);
}

void nk_protect(ULONG64 va, unsigned flags)
{
    ULONG64 *entry = entry_for(va, false);

    if (!entry || !*entry)
        nk_report("kernel", "page %llx to protect is not mapped", va);
    *entry = (*entry & (PTE_ADDRESS | PTE_PAGEABLE)) | pte_bits(flags);
    flush(va);
}

ULONG64 nk_unmap(ULONG64 va)
{
    ULONG64 *entry = entry_for(va, false), former;

    if (!entry || !*entry)
        return 0;
    former = *entry & PTE_ADDRESS;
    *entry = 0;
    flush(va);
    return former;
}

ULONG64 nk_physical(const volatile void *pointer)
{
    ULONG64 va = (ULONG64)pointer, *entry = entry_for(va, false);

    if (!entry || !(*entry & (PTE_PRESENT | PTE_PAGEABLE)))
        return ~0ull;
    if (*entry & PTE_LARGE)
        return (*entry & PTE_ADDRESS & ~0x1FFFFFull) | (va & 0x1FFFFF);
    return (*entry & PTE_ADDRESS) | (va & 0xFFF);
}

void nk_pageable_set(ULONG64 va)
{
    ULONG64 *entry = entry_for(va, false);

    if (!entry || !(*entry & PTE_PRESENT))
        nk_report("kernel", "page %llx to make pageable is not mapped", va);
    *entry = (*entry & ~PTE_PRESENT) | PTE_PAGEABLE;
    flush(va);
}

bool nk_pageable_is(ULONG64 va)
{
    ULONG64 *entry = entry_for(va, false);

    return entry && *entry & PTE_PAGEABLE;
}

bool nk_pageable_show(ULONG64 va, bool present)
{
    ULONG64 *entry = entry_for(va, false);

    if (!entry || !(*entry & PTE_PAGEABLE) || (bool)(*entry & PTE_PRESENT) == present)
        return false;
    *entry ^= PTE_PRESENT;
    flush(va);
    return true;
}

ULONG64 nk_memory_root(void)
{
    return (ULONG64)root - DIRECT_BASE;
}

static void map_image_part(const UCHAR *start, const UCHAR *end, unsigned flags)
{
    ULONG64 at;

    for (at = (ULONG64)start; at < (ULONG64)end; at += NK_PAGE_SIZE)
        nk_map(at, at, flags);
}

/* The page at 0xFFFFF78000000000: drivers read version and time out of it without a call. */
static void map_shared_page(void)
{
    ULONG64 page = nk_page_alloc();

    shared_page = nk_direct(page);
    nk_memset(shared_page, 0, NK_PAGE_SIZE);
    nk_map(SHARED_USER_DATA, page, 0);
}

UCHAR *nk_shared_page(void)
{
    return shared_page;
}

void nk_memory_init(ULONG memory_end, ULONG reserved_end)
{
    ULONG64 at, table, limit = memory_end < NK_RAM_LIMIT ? memory_end : NK_RAM_LIMIT;

    nk_pages_init(limit, reserved_end);
    table = nk_page_alloc();
    root = nk_direct(table);
    nk_memset(root, 0, NK_PAGE_SIZE);
    map_image_part(nk_text_start, nk_rodata_start, NK_MAP_EXECUTE);
    map_image_part(nk_rodata_start, nk_data_start, 0);
    map_image_part(nk_data_start, nk_image_end, NK_MAP_WRITE);
    for (at = 0; at < limit; at += LARGE_PAGE_SIZE)
        *walk(DIRECT_BASE + at, 1, true) = at | PTE_LARGE | pte_bits(NK_MAP_WRITE);
    __asm__ volatile("movq %0, %%cr3" : : "r"(table) : "memory");
    direct_base = DIRECT_BASE;
    root = nk_direct(table);
    map_shared_page();
}
