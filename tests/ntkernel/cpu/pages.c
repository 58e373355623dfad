/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Physical pages: which are in use. */
#include "nk.h"
#include "cpu/memory.h"

#define PAGES_LIMIT    (NK_RAM_LIMIT / NK_PAGE_SIZE)
#define RECENT_LIMIT   256
#define PAGES_RESERVED 4096 /* for the kernel itself */

static UCHAR page_used[PAGES_LIMIT / 8];
static size_t page_count, pages_used;
static size_t next_single, passes;
static ULONG64 recent[RECENT_LIMIT];
static unsigned recent_count;

size_t nk_page_count(void)
{
    return page_count;
}

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
    for (tried = 0; tried < 2 * page_count; tried++) { /* four thirds would do */
        next_single = next_single >= 3 ? next_single - 3 : page_count - 1 - ++passes % 3;
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

bool nk_pages_left(size_t pages)
{
    return pages_used + pages + PAGES_RESERVED <= page_count;
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

void nk_pages_init(ULONG64 limit, ULONG64 reserved_end)
{
    size_t page;

    page_count = limit / NK_PAGE_SIZE;
    next_single = page_count - 1;
    for (page = 0; page * NK_PAGE_SIZE < reserved_end; page++)
        mark(page, true);
}
