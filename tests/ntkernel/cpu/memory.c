/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical pages, page tables, address space.
 *
 *   0x0000000000100000  the kernel's image, each part with its own protection; the rest of the
 * lower half is unmapped 0xFFFF800000000000  all of RAM, for the kernel only, not executable
 *   0xFFFFC00000000000  reserved piece by piece, never reused: pool, images, stacks, registers
 *   0xFFFFF78000000000  the page Windows shares with user mode (time, version)
 */
#include "nk.h"
#include "cpu/memory.h"

#define DIRECT_BASE 0xFFFF800000000000ull
#define SYSTEM_BASE 0xFFFFC00000000000ull

#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_UNCACHED 0x018ull
#define PTE_LARGE    0x080ull
#define PTE_PAGEABLE 0x200ull /* ignored by the processor */
#define PTE_NX       (1ull << 63)
#define PTE_ADDRESS  0x000FFFFFFFFFF000ull

#define LARGE_PAGE_SIZE (2ull << 20)

#define RAM_LIMIT      (1024ull << 20)
#define PAGES_LIMIT    (RAM_LIMIT / NK_PAGE_SIZE)
#define PAGED_IN_LIMIT 256
#define RECENT_LIMIT   256

extern UCHAR nk_text_start[], nk_rodata_start[], nk_data_start[], nk_image_end[];

static UCHAR page_used[PAGES_LIMIT / 8];
static size_t page_count, pages_used;
static size_t next_single;
static ULONG64 recent[RECENT_LIMIT];
static unsigned recent_count;
static ULONG64 direct_base; /* 0 until the boot tables are left behind */
static ULONG64 *root;
static ULONG64 next_va = SYSTEM_BASE;
static ULONG64 paged_in[PAGED_IN_LIMIT];
static unsigned paged_in_count;

static bool used(size_t page)
{
    return page_used[page / 8] >> (page % 8) & 1;
}

static void mark(size_t page, bool in_use)
{
    if (in_use) {
        page_used[page / 8] |= (UCHAR)(1 << page % 8);
        pages_used++;
    } else {
        page_used[page / 8] &= (UCHAR) ~(1 << page % 8);
        pages_used--;
    }
}

void *nk_direct(ULONG64 physical)
{
    return (void *)(direct_base + physical);
}

/* Single pages come from the top, every third one first: neighbours are never neighbours. Pages
 * freed last are used first, for the host has to provide every page that is touched. */
ULONG64 nk_page_alloc(void)
{
    bool on = nk_critical_enter();
    size_t tried;

    if (recent_count) {
        ULONG64 page = recent[--recent_count];

        nk_critical_leave(on);
        return page;
    }
    for (tried = 0; tried < page_count + 3; tried++) {
        next_single = next_single >= 3 ? next_single - 3 : page_count - 1 - next_single;
        if (!used(next_single)) {
            ULONG64 page = next_single * (ULONG64)NK_PAGE_SIZE;

            mark(next_single, true);
            nk_critical_leave(on);
            return page;
        }
    }
    nk_report("memory", "the test kernel's RAM is used up (%llu pages); give the guest more",
              (ULONG64)pages_used);
}

void nk_page_free(ULONG64 physical)
{
    size_t page = physical / NK_PAGE_SIZE;
    bool on = nk_critical_enter();

    if (physical % NK_PAGE_SIZE || page >= page_count || !used(page))
        nk_report("kernel", "freeing page %llx that is not allocated", physical);
    if (recent_count < RECENT_LIMIT)
        recent[recent_count++] = physical;
    else
        mark(page, false);
    nk_critical_leave(on);
}

static ULONG64 find_run(size_t pages, ULONG64 highest, ULONG64 boundary)
{
    size_t start, n;

    for (start = 256; start + pages <= page_count; start += n + 1) {
        ULONG64 first = start * (ULONG64)NK_PAGE_SIZE, last = first + pages * NK_PAGE_SIZE - 1;

        for (n = 0; n < pages && !used(start + n); n++)
            ;
        if (last > highest)
            return 0;
        if (n < pages)
            continue;
        if (boundary && first / boundary != last / boundary) {
            n = 0;
            continue;
        }
        for (n = 0; n < pages; n++)
            mark(start + n, true);
        return first;
    }
    return 0;
}

ULONG64 nk_pages_alloc(size_t pages, ULONG64 highest, ULONG64 boundary)
{
    bool on = nk_critical_enter();
    ULONG64 first = find_run(pages, highest, boundary);

    nk_critical_leave(on);
    return first;
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

ULONG64 nk_va_reserve(size_t pages)
{
    return __atomic_fetch_add(&next_va, (pages + 1) * NK_PAGE_SIZE, __ATOMIC_RELAXED) +
           NK_PAGE_SIZE;
}

volatile void *nk_map_device(ULONG64 physical, size_t size)
{
    ULONG64 offset = physical % NK_PAGE_SIZE;
    size_t pages = (offset + size + NK_PAGE_SIZE - 1) / NK_PAGE_SIZE, n;
    ULONG64 va = nk_va_reserve(pages);

    for (n = 0; n < pages; n++)
        nk_map(va + n * NK_PAGE_SIZE, physical - offset + n * NK_PAGE_SIZE,
               NK_MAP_WRITE | NK_MAP_UNCACHED);
    return (volatile void *)(va + offset);
}

static struct {
    ULONG64 guard;
} stacks[8];
static unsigned stack_count;

ULONG64 nk_stack_alloc(size_t pages)
{
    ULONG64 va = nk_va_reserve(pages);
    size_t n;

    for (n = 0; n < pages; n++)
        nk_map(va + n * NK_PAGE_SIZE, nk_page_alloc(), NK_MAP_WRITE);
    if (stack_count < NK_COUNT(stacks))
        stacks[stack_count++].guard = va - NK_PAGE_SIZE;
    return va + pages * NK_PAGE_SIZE;
}

bool nk_stack_guard(ULONG64 va)
{
    unsigned n;

    for (n = 0; n < stack_count; n++) {
        if (va - stacks[n].guard < NK_PAGE_SIZE)
            return true;
    }
    return false;
}

void nk_pageable_set(ULONG64 va)
{
    ULONG64 *entry = entry_for(va, false);

    if (!entry || !(*entry & PTE_PRESENT))
        nk_report("kernel", "page %llx to make pageable is not mapped", va);
    *entry = (*entry & ~PTE_PRESENT) | PTE_PAGEABLE;
    flush(va);
}

void nk_pageable_out(void)
{
    bool on;

    if (!__atomic_load_n(&paged_in_count, __ATOMIC_RELAXED))
        return;
    on = nk_critical_enter();
    while (paged_in_count) {
        ULONG64 va = paged_in[--paged_in_count], *entry = entry_for(va, false);

        if (entry && *entry & PTE_PAGEABLE) {
            *entry &= ~PTE_PRESENT;
            flush(va);
        }
    }
    nk_critical_leave(on);
}

bool nk_pageable_is(ULONG64 va)
{
    ULONG64 *entry = entry_for(va, false);

    return entry && *entry & PTE_PAGEABLE;
}

bool nk_pageable_in(ULONG64 va)
{
    bool on = nk_critical_enter();
    ULONG64 *entry = entry_for(va, false);
    bool pageable = entry && *entry & PTE_PAGEABLE;

    if (pageable && !(*entry & PTE_PRESENT)) { /* else another processor was faster */
        if (paged_in_count == PAGED_IN_LIMIT)
            nk_pageable_out();
        *entry |= PTE_PRESENT;
        paged_in[paged_in_count++] = va & ~0xFFFull;
    }
    nk_critical_leave(on);
    return pageable;
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

    nk_memset(nk_direct(page), 0, NK_PAGE_SIZE);
    nk_map(NK_SHARED_USER_DATA, page, 0);
}

void nk_memory_init(ULONG memory_end, ULONG reserved_end)
{
    ULONG64 at, table, limit = memory_end < RAM_LIMIT ? memory_end : RAM_LIMIT;
    size_t page;

    page_count = limit / NK_PAGE_SIZE;
    next_single = page_count - 1;
    for (page = 0; page * NK_PAGE_SIZE < reserved_end; page++)
        mark(page, true);

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
