/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of the process: a table says what lies behind each, as page tables do on the machine. */
#include "nk.h"
#include "cpu/memory.h"
#include "hosted/os.h"

/* Addresses are never used twice: this is enough for some millions of allocations. */
#define SYSTEM_PAGES (1ull << 28)

#define ENTRY_MAPPED   1u
#define ENTRY_PAGEABLE 2u
#define ENTRY_HIDDEN   4u
#define ENTRY_WRITE    8u
#define ENTRY_EXECUTE  16u
#define ENTRY_FLAGS    0xFFFu

static ULONG64 *table;

void nk_memory_init(ULONG memory_end, ULONG reserved_end)
{
    table = os_table(SYSTEM_PAGES * sizeof(*table));
    nk_pages_init(memory_end, reserved_end);
}

static ULONG64 *entry_for(ULONG64 va)
{
    ULONG64 page = (va - NK_SYSTEM_BASE) / NK_PAGE_SIZE;

    return va >= NK_SYSTEM_BASE && page < SYSTEM_PAGES ? &table[page] : NULL;
}

static unsigned entry_use(ULONG64 entry)
{
    return (entry & ENTRY_WRITE ? OS_WRITE : 0) | (entry & ENTRY_EXECUTE ? OS_EXECUTE : 0) |
           (entry & ENTRY_HIDDEN ? OS_HIDDEN : 0);
}

static ULONG64 entry_bits(unsigned flags)
{
    return ENTRY_MAPPED | (flags & NK_MAP_WRITE ? ENTRY_WRITE : 0) |
           (flags & NK_MAP_EXECUTE ? ENTRY_EXECUTE : 0);
}

void *nk_direct(ULONG64 physical)
{
    return (UCHAR *)os_direct() + physical;
}

void nk_map(ULONG64 va, ULONG64 physical, unsigned flags)
{
    ULONG64 *entry = entry_for(va), offset = physical;
    bool trapped = false;

    if (!entry || *entry)
        nk_report("kernel", "page %llx is mapped already, or no address space is left", va);
    if (physical >= OS_RAM_SIZE) {
        offset = device_page(physical, &trapped);
        if (!offset)
            nk_report("kernel", "page %llx to map is neither RAM nor registers", physical);
    }
    *entry = physical | entry_bits(flags) | (trapped ? ENTRY_HIDDEN : 0);
    os_map(va, offset, entry_use(*entry));
}

void nk_protect(ULONG64 va, unsigned flags)
{
    ULONG64 *entry = entry_for(va);

    if (!entry || !*entry)
        nk_report("kernel", "page %llx to protect is not mapped", va);
    *entry = (*entry & ~(ULONG64)(ENTRY_WRITE | ENTRY_EXECUTE)) | entry_bits(flags);
    if (!(flags & NK_MAP_EXECUTE)) {
        os_protect(va, entry_use(*entry));
        return;
    }
    os_unmap(va);
    os_map(va, *entry & ~(ULONG64)ENTRY_FLAGS, entry_use(*entry));
}

ULONG64 nk_unmap(ULONG64 va)
{
    ULONG64 *entry = entry_for(va), former;

    if (!entry || !*entry)
        return 0;
    former = *entry & ~(ULONG64)ENTRY_FLAGS;
    *entry = 0;
    os_unmap(va);
    return former;
}

ULONG64 nk_physical(const volatile void *pointer)
{
    const ULONG64 *entry = entry_for((ULONG64)pointer);

    if (!entry || !*entry)
        return ~0ull;
    return (*entry & ~(ULONG64)ENTRY_FLAGS) | ((ULONG64)pointer & ENTRY_FLAGS);
}

void nk_pageable_set(ULONG64 va)
{
    ULONG64 *entry = entry_for(va);

    if (!entry || !*entry)
        nk_report("kernel", "page %llx to make pageable is not mapped", va);
    *entry |= ENTRY_PAGEABLE;
    nk_pageable_show(va, false);
}

bool nk_pageable_is(ULONG64 va)
{
    const ULONG64 *entry = entry_for(va);

    return entry && *entry & ENTRY_PAGEABLE;
}

bool nk_pageable_show(ULONG64 va, bool present)
{
    ULONG64 *entry = entry_for(va);

    if (!nk_pageable_is(va) || !(*entry & ENTRY_HIDDEN) == present)
        return false;
    *entry ^= ENTRY_HIDDEN;
    os_protect(va & ~(ULONG64)ENTRY_FLAGS, entry_use(*entry));
    return true;
}

/* It lies in the half of the address space that a process does not have. */
UCHAR *nk_shared_page(void)
{
    return NULL;
}
