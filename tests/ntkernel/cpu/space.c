/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address space handed out piece by piece, and what is put there: stacks, registers, pageable
 * memory. */
#include "nk.h"
#include "cpu/memory.h"

#define PAGED_IN_LIMIT 256

static ULONG64 next_va = NK_SYSTEM_BASE;
static ULONG64 paged_in[PAGED_IN_LIMIT];
static unsigned paged_in_count;

ULONG64 nk_va_reserve(size_t pages)
{
    return __atomic_fetch_add(&next_va, (pages + 1) * NK_PAGE_SIZE, __ATOMIC_RELAXED) +
           NK_PAGE_SIZE;
}

ULONG64 nk_va_map(size_t pages, ULONG64 physical, unsigned flags)
{
    ULONG64 va = nk_va_reserve(pages);
    size_t n;

    for (n = 0; n < pages; n++)
        nk_map(va + n * NK_PAGE_SIZE,
               physical == NK_FRESH ? nk_page_alloc() : physical + n * NK_PAGE_SIZE, flags);
    return va;
}

void nk_va_unmap(const volatile void *start, ULONG64 size, bool give_back)
{
    ULONG64 va = (ULONG64)start & ~0xFFFull, page;

    for (; va < (ULONG64)start + size; va += NK_PAGE_SIZE) {
        page = nk_unmap(va);
        if (page && give_back)
            nk_page_free(page);
    }
}

volatile void *nk_map_device(ULONG64 physical, size_t size)
{
    ULONG64 offset = physical % NK_PAGE_SIZE;

    return (volatile void *)(nk_va_map(NK_PAGES(offset + size), physical - offset,
                                       NK_MAP_WRITE | NK_MAP_UNCACHED) +
                             offset);
}

static ULONG64 guards[32];
static unsigned stack_count;

ULONG64 nk_stack_alloc(size_t pages)
{
    ULONG64 va = nk_va_map(pages, NK_FRESH, NK_MAP_WRITE);

    if (stack_count < NK_COUNT(guards))
        guards[stack_count++] = va - NK_PAGE_SIZE;
    return va + pages * NK_PAGE_SIZE;
}

bool nk_stack_guard(ULONG64 va)
{
    unsigned n;

    for (n = 0; n < stack_count; n++) {
        if (va - guards[n] < NK_PAGE_SIZE)
            return true;
    }
    return false;
}

void nk_pageable_out(void)
{
    bool on;

    if (!__atomic_load_n(&paged_in_count, __ATOMIC_RELAXED))
        return;
    on = nk_critical_enter();
    while (paged_in_count)
        nk_pageable_show(paged_in[--paged_in_count], false);
    nk_critical_leave(on);
}

bool nk_pageable_in(ULONG64 va)
{
    bool on = nk_critical_enter(), pageable = nk_pageable_is(va);

    if (paged_in_count == PAGED_IN_LIMIT)
        nk_pageable_out();
    if (pageable && nk_pageable_show(va, true)) /* else another processor was faster */
        paged_in[paged_in_count++] = va & ~0xFFFull;
    nk_critical_leave(on);
    return pageable;
}
