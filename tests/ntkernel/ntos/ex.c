/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pool, lists, lookaside lists: the Ex exports.
 *
 * Each block has pages of its own between unmapped ones, and addresses are not used again: running
 * over the end, and any use after free, faults at the instruction. What lies between block and
 * page boundary is filled with a pattern and checked at the free.
 */
#include "ntos/ex.h"
#include "ntos/ke.h"
#include "image/image.h"

#define SLACK_BYTE 0xA5
#define SLACK_WORD (SLACK_BYTE * 0x0101010101010101ull)
#define FRESH_BYTE 0xCD
#define POOL_LIMIT (64ull << 20)

enum { POOL_TYPE_MASK = 7, POOL_PAGED = 1 };

static ULONG64 refuse_in = ~0ull; /* until the option is read */

bool nk_scarce(void)
{
    if (refuse_in == ~0ull)
        refuse_in = nk_option("fail_alloc", 0);
    return refuse_in && !--refuse_in;
}

void nk_scarce_set(ULONG64 nth)
{
    refuse_in = nth;
}

bool nk_scarce_waits(void)
{
    return refuse_in != 0;
}

static void *pool_take(SIZE_T size, ULONG tag, bool pageable, bool own)
{
    SIZE_T rounded = (size + 15) & ~15ull, pages, n;
    struct nk_resource *block;
    ULONG64 va, start;

    if (!size || size > POOL_LIMIT)
        nk_report("pool", "an allocation of %llu bytes is asked for", size);
    if (pageable && nk_irql() >= DISPATCH_LEVEL)
        nk_report("irql", "paged pool is allocated at IRQL %u", nk_irql());
    if (!own && nk_scarce())
        return NULL;
    pages = NK_PAGES(rounded);
    va = nk_va_map(pages, NK_FRESH, NK_MAP_WRITE);
    nk_memset((void *)va, SLACK_BYTE, pages * NK_PAGE_SIZE);
    /* Windows promises page alignment from one page on; smaller blocks end at the guard page. */
    start = size >= NK_PAGE_SIZE ? va : va + pages * NK_PAGE_SIZE - rounded;
    nk_memset((void *)start, FRESH_BYTE, size);
    block = own ? nk_resource_add_own(NK_POOL, (void *)start, size, tag)
                : nk_resource_add(NK_POOL, (void *)start, size, tag);
    block->pageable = pageable;
    for (n = 0; pageable && n < pages; n++)
        nk_pageable_set(va + n * NK_PAGE_SIZE);
    return (void *)start;
}

void *nk_pool_alloc(SIZE_T size, ULONG tag, bool pageable)
{
    return pool_take(size, tag, pageable, false);
}

void *nk_pool_own(SIZE_T size, ULONG tag, bool pageable)
{
    return pool_take(size, tag, pageable, true);
}

void *nk_pool_zero(SIZE_T size, ULONG tag)
{
    return nk_memset(pool_take(size, tag, false, true), 0, size);
}

static void check_slack(ULONG64 from, ULONG64 to)
{
    for (; from < to; from++) {
        while (from % 8 == 0 && to - from >= 8 && *(ULONG64 *)from == SLACK_WORD)
            from += 8;
        if (from < to && *(UCHAR *)from != SLACK_BYTE)
            nk_report("pool", "a write outside its bounds has hit %s", nk_address_name(from));
    }
}

void nk_pool_free(void *address, ULONG tag)
{
    struct nk_resource *block = nk_resource_find(NK_POOL, address);
    ULONG64 start = (ULONG64)address, at, end;

    if (!block)
        nk_report("pool", "free of %s, which is not an allocated block", nk_address_name(start));
    if (tag && tag != block->tag)
        nk_report("pool", "free with tag %08x of %s", tag, nk_address_name(start));
    if (block->pageable && nk_irql() >= DISPATCH_LEVEL)
        nk_report("irql", "paged pool is freed at IRQL %u", nk_irql());
    if (nk_dpc_queued_within(start, block->size) || nk_timer_set_within(start, block->size))
        nk_report("pool", "free of memory that holds a queued DPC or a set timer: %s",
                  nk_address_name(start));
    end = (start + block->size + NK_PAGE_SIZE - 1) & ~(ULONG64)(NK_PAGE_SIZE - 1);
    at = start & ~(ULONG64)(NK_PAGE_SIZE - 1);
    check_slack(at, start);
    check_slack(start + block->size, end);
    nk_lock_order_forget(address, block->size);
    nk_resource_remove(block);
    nk_va_unmap((void *)at, end - at, true);
}

static PVOID ExAllocatePoolWithTag(ULONG type, SIZE_T size, ULONG tag)
{
    return nk_pool_alloc(size, tag, (type & POOL_TYPE_MASK) == POOL_PAGED);
}

static VOID ExFreePool(PVOID address)
{
    nk_pool_free(address, 0);
}

/* Lists under a spin lock. */

static LIST_ENTRY *first_or_null(LIST_ENTRY *head)
{
    return nk_list_empty(head) ? NULL : head->Flink;
}

static LIST_ENTRY *ExInterlockedInsertTailList(LIST_ENTRY *head, LIST_ENTRY *entry,
                                               KSPIN_LOCK *lock)
{
    bool on = nk_critical_enter();
    LIST_ENTRY *former = nk_list_empty(head) ? NULL : head->Blink;

    nk_list_append(head, entry);
    nk_critical_leave(on);
    return former;
}

static LIST_ENTRY *ExInterlockedInsertHeadList(LIST_ENTRY *head, LIST_ENTRY *entry,
                                               KSPIN_LOCK *lock)
{
    bool on = nk_critical_enter();
    LIST_ENTRY *former = first_or_null(head);

    nk_list_append(head->Flink, entry);
    nk_critical_leave(on);
    return former;
}

/* Singly linked lists: the length in the low half of the first word, the first entry in the second
 * one. */

struct slist_entry {
    struct slist_entry *next;
};

struct slist_header {
    USHORT depth, unused[3];
    struct slist_entry *first;
};
NK_SIZE(struct slist_header, 16);

static struct slist_entry *ExpInterlockedPushEntrySList(struct slist_header *list,
                                                        struct slist_entry *entry)
{
    bool on = nk_critical_enter();
    struct slist_entry *former = list->first;

    if ((ULONG64)entry & 15)
        nk_report("argument", "an entry of a singly linked list is not aligned to 16");
    entry->next = former;
    list->first = entry;
    list->depth++;
    nk_critical_leave(on);
    return former;
}

static struct slist_entry *ExpInterlockedPopEntrySList(struct slist_header *list)
{
    bool on = nk_critical_enter();
    struct slist_entry *first = list->first;

    if (first) {
        list->first = first->next;
        list->depth--;
    }
    nk_critical_leave(on);
    return first;
}

static USHORT ExQueryDepthSList(const struct slist_header *list)
{
    return list->depth;
}

/* Lookaside lists. Drivers take from and give to them inline. A depth of 0 has every block come
 * from pool and go back there, where it is watched. */

typedef PVOID LOOKASIDE_ALLOCATE(ULONG type, SIZE_T size, ULONG tag);
typedef VOID LOOKASIDE_FREE(PVOID block);

struct lookaside {
    struct slist_header list;
    USHORT depth, maximum;
    ULONG allocates, misses, frees, free_misses, type, tag, size;
    LOOKASIDE_ALLOCATE *allocate;
    LOOKASIDE_FREE *free;
    LIST_ENTRY entry;
    ULONG last[4];
} __attribute__((aligned(64)));
NK_SIZE(struct lookaside, 0x80);
NK_OFFSET(struct lookaside, type, 0x24);
NK_OFFSET(struct lookaside, allocate, 0x30);

static VOID ExInitializeNPagedLookasideList(struct lookaside *l, LOOKASIDE_ALLOCATE *allocate,
                                            LOOKASIDE_FREE *free, ULONG flags, SIZE_T size,
                                            ULONG tag, USHORT depth)
{
    (void)depth; /* reserved, by the documentation */
    if ((ULONG64)l & 15 || size < sizeof(struct slist_entry) || size > NK_PAGE_SIZE)
        nk_report("argument", "a lookaside list at %p for blocks of %llu bytes", (void *)l, size);
    nk_memset(l, 0, sizeof(*l));
    l->type = flags;
    l->tag = tag;
    l->size = (ULONG)size;
    l->allocate = allocate ? allocate : nk_export_address(NULL, "ExAllocatePoolWithTag");
    l->free = free ? free : nk_export_address(NULL, "ExFreePool");
    nk_resource_add(NK_LOOKASIDE, l, sizeof(*l), tag);
}

static VOID ExDeleteNPagedLookasideList(struct lookaside *l)
{
    struct slist_entry *entry;

    nk_resource_drop(NK_LOOKASIDE, l);
    while ((entry = ExpInterlockedPopEntrySList(&l->list)) != NULL)
        l->free(entry);
}

static const struct nk_export ex_entries[] = {
    NK_EXPORT(ExAllocatePoolWithTag, DISPATCH_LEVEL),
    NK_EXPORT_AS(ExFreePoolWithTag, nk_pool_free, DISPATCH_LEVEL),
    NK_EXPORT(ExFreePool, DISPATCH_LEVEL),
    NK_EXPORT(ExInterlockedInsertTailList, HIGH_LEVEL),
    NK_EXPORT(ExInterlockedInsertHeadList, HIGH_LEVEL),
    NK_EXPORT_AS(ExInterlockedRemoveHeadList, nk_list_take, HIGH_LEVEL),
    NK_EXPORT(ExpInterlockedPushEntrySList, HIGH_LEVEL),
    NK_EXPORT(ExpInterlockedPopEntrySList, HIGH_LEVEL),
    NK_EXPORT(ExQueryDepthSList, HIGH_LEVEL),
    NK_EXPORT(ExInitializeNPagedLookasideList, DISPATCH_LEVEL),
    NK_EXPORT(ExDeleteNPagedLookasideList, DISPATCH_LEVEL),
};
NK_EXPORT_TABLE(nk_ex_exports, "ntoskrnl.exe", ex_entries);
