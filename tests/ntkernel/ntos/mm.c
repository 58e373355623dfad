/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mappings, contiguous memory, memory descriptor lists: the Mm exports. */
#include "ntos/mm.h"
#include "ntos/counters.h"
#include "ntos/ex.h"
#include "image/image.h"

#define FRESH_BYTE 0xCD

/* Page protections. */
enum { PAGE_READWRITE = 0x04, PAGE_NOCACHE = 0x200, PAGE_WRITECOMBINE = 0x400 };

void *nk_contiguous_alloc(SIZE_T size, ULONG64 highest, ULONG64 boundary)
{
    SIZE_T pages = NK_PAGES(size);
    ULONG64 physical, va;

    if (!size)
        nk_report("argument", "contiguous memory of 0 bytes is asked for");
    if (nk_scarce())
        return NULL;
    physical = nk_pages_alloc(pages, highest, boundary);
    if (!physical)
        return NULL;
    va = nk_va_map(pages, physical, NK_MAP_WRITE);
    nk_memset((void *)va, FRESH_BYTE, pages * NK_PAGE_SIZE);
    nk_dma_map((void *)va, size, NK_DMA_READ | NK_DMA_WRITE);
    nk_resource_add(NK_CONTIGUOUS, (void *)va, size, 0);
    return (void *)va;
}

void nk_contiguous_free(void *address)
{
    struct nk_resource *r = nk_resource_find(NK_CONTIGUOUS, address);
    ULONG64 size;

    if (!r)
        nk_report("argument", "%s is no contiguous memory", nk_address_name((ULONG64)address));
    size = r->size;
    nk_dma_unmap(address, size, NK_DMA_READ | NK_DMA_WRITE);
    nk_resource_remove(r);
    nk_va_unmap(address, size, true);
}

static PVOID MmAllocateContiguousMemory(SIZE_T size, PHYSICAL_ADDRESS highest)
{
    return nk_contiguous_alloc(size, (ULONG64)highest.QuadPart, 0);
}

/* What `protect` may say: readable and writable, not executable, at most one kind of caching. */
static void check_protect(ULONG protect)
{
    const ULONG caching = protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE);

    if ((protect & ~caching) != PAGE_READWRITE || caching == (PAGE_NOCACHE | PAGE_WRITECOMBINE))
        nk_report("argument", "the protection is %x", protect);
}

static PVOID MmAllocateContiguousNodeMemory(SIZE_T size, PHYSICAL_ADDRESS lowest,
                                            PHYSICAL_ADDRESS highest, PHYSICAL_ADDRESS boundary,
                                            ULONG protect, ULONG node)
{
    check_protect(protect);
    return nk_contiguous_alloc(size, (ULONG64)highest.QuadPart, (ULONG64)boundary.QuadPart);
}

static PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID address)
{
    struct nk_span span;
    ULONG64 physical;

    nk_span_begin(&span); /* some miniports call it for each request */
    physical = nk_physical(address);
    nk_span_end(&span);
    if (physical == ~0ull)
        nk_report("argument", "unmapped %s", nk_address_name((ULONG64)address));
    return (PHYSICAL_ADDRESS){.QuadPart = (LONG64)physical};
}

void *nk_registers_map(PHYSICAL_ADDRESS physical, SIZE_T size)
{
    volatile void *va;

    if (!size || size > 0x10000000)
        nk_report("argument", "a mapping of %llu bytes of registers", size);
    if (nk_scarce())
        return NULL;
    va = nk_map_device((ULONG64)physical.QuadPart, size);
    nk_resource_add(NK_MAPPING, va, size, 0);
    return (PVOID)(ULONG64)va;
}

static PVOID MmMapIoSpaceEx(PHYSICAL_ADDRESS physical, SIZE_T size, ULONG protect)
{
    check_protect(protect);
    return nk_registers_map(physical, size);
}

void nk_registers_unmap(void *address, SIZE_T size)
{
    const struct nk_resource *r = nk_resource_find(NK_MAPPING, address);

    if (r && r->size != size)
        nk_report("argument", "%llu bytes are unmapped, mapped were %llu", size, r->size);
    nk_resource_drop(NK_MAPPING, address);
    nk_va_unmap(address, size, false);
}

/* Memory descriptor lists. */

static ULONG mdl_pages(const MDL *mdl)
{
    return NK_PAGES(mdl->ByteOffset + mdl->ByteCount);
}

static ULONG64 *mdl_frames(MDL *mdl)
{
    return (ULONG64 *)(mdl + 1);
}

MDL *nk_mdl_create(void *va, ULONG length)
{
    ULONG offset = (ULONG)((ULONG64)va & 0xFFF);
    ULONG pages = NK_PAGES(offset + length), n;
    ULONG size = (ULONG)sizeof(MDL) + 8 * pages;
    MDL *mdl = nk_pool_own(size, 0, false);

    *mdl = (MDL){.Size = (CSHORT)size,
                 .MdlFlags = MDL_PAGES_LOCKED,
                 .ByteCount = length,
                 .ByteOffset = offset,
                 .StartVa = (UCHAR *)va - offset};
    for (n = 0; n < pages; n++) {
        ULONG64 physical = nk_physical((UCHAR *)mdl->StartVa + n * NK_PAGE_SIZE);

        if (physical == ~0ull)
            nk_report("argument", "an MDL covers unmapped memory at %p", mdl->StartVa);
        mdl_frames(mdl)[n] = physical / NK_PAGE_SIZE;
    }
    nk_resource_add(NK_MDL, mdl, size, 0);
    return mdl;
}

void nk_mdl_free(MDL *mdl)
{
    nk_resource_drop(NK_MDL, mdl);
    if (mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
        nk_va_unmap(mdl->MappedSystemVa, mdl->ByteCount, false);
    nk_pool_free(mdl, 0);
}

void *nk_mdl_map(MDL *mdl, CHAR mode)
{
    ULONG64 va;
    ULONG n;

    if (mode)
        nk_report("unsupported", "an MDL is mapped into user space");
    if (!(mdl->MdlFlags & MDL_PAGES_LOCKED) || mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
        nk_report("argument", "an MDL is mapped that is not locked, or is mapped already");
    if (nk_scarce())
        return NULL;
    va = nk_va_reserve(mdl_pages(mdl));
    for (n = 0; n < mdl_pages(mdl); n++)
        nk_map(va + n * NK_PAGE_SIZE, mdl_frames(mdl)[n] * NK_PAGE_SIZE, NK_MAP_WRITE);
    mdl->MappedSystemVa = (void *)(va + mdl->ByteOffset);
    mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
    return mdl->MappedSystemVa;
}

/* Pages that no address space maps, as a balloon takes them. The MDL itself is pool, which the
 * driver frees after the pages. */

enum { MM_DONT_ZERO_ALLOCATION = 1 };

static MDL *MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
                                    PHYSICAL_ADDRESS skip, SIZE_T bytes, ULONG cache, ULONG flags)
{
    SIZE_T pages = NK_PAGES(bytes), n;
    MDL *mdl;

    if (!bytes || bytes > ~0u - NK_PAGE_SIZE)
        nk_report("argument", "%llu bytes are asked for", bytes);
    if (nk_scarce() || !nk_pages_left(pages))
        return NULL;
    mdl = nk_pool_alloc(sizeof(*mdl) + pages * 8, 0, false);
    if (!mdl)
        return NULL;
    *mdl = (MDL){.Size = (CSHORT)(sizeof(*mdl) + pages * 8),
                 .MdlFlags = MDL_PAGES_LOCKED,
                 .ByteCount = (ULONG)(pages * NK_PAGE_SIZE)};
    for (n = 0; n < pages; n++) {
        ULONG64 page = nk_page_alloc();

        nk_memset(nk_direct(page), flags & MM_DONT_ZERO_ALLOCATION ? FRESH_BYTE : 0, NK_PAGE_SIZE);
        mdl_frames(mdl)[n] = page / NK_PAGE_SIZE;
    }
    nk_resource_add(NK_PAGES, mdl, mdl->ByteCount, 0);
    return mdl;
}

static bool is_zero(const ULONG64 *page)
{
    size_t n;

    for (n = 0; n < NK_PAGE_SIZE / 8 && !page[n]; n++)
        ;
    return n == NK_PAGE_SIZE / 8;
}

static void count_pages(const struct nk_resource *r, void *context)
{
    ULONG64 *counts = context;
    MDL *mdl = (MDL *)r->address;
    ULONG n;

    for (n = 0; n < mdl_pages(mdl); n++) {
        counts[0]++;
        counts[1] += is_zero(nk_direct(mdl_frames(mdl)[n] * NK_PAGE_SIZE));
    }
}

ULONG64 nk_mdl_pages_out(ULONG64 *zero)
{
    ULONG64 counts[2] = {0, 0};

    nk_resources_visit(NK_PAGES, count_pages, counts);
    if (zero)
        *zero = counts[1];
    return counts[0];
}

static VOID MmFreePagesFromMdl(MDL *mdl)
{
    ULONG n;

    nk_resource_drop(NK_PAGES, mdl);
    if (mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
        nk_report("argument", "the MDL is mapped");
    for (n = 0; n < mdl_pages(mdl); n++)
        nk_page_free(mdl_frames(mdl)[n] * NK_PAGE_SIZE);
    mdl->MdlFlags &= (CSHORT)~MDL_PAGES_LOCKED;
}

static const struct nk_export mm_entries[] = {
    NK_EXPORT(MmAllocateContiguousMemory, DISPATCH_LEVEL),
    NK_EXPORT(MmAllocateContiguousNodeMemory, DISPATCH_LEVEL),
    NK_EXPORT_AS(MmFreeContiguousMemory, nk_contiguous_free, DISPATCH_LEVEL),
    NK_EXPORT(MmGetPhysicalAddress, HIGH_LEVEL),
    NK_EXPORT_AS(MmMapIoSpace, nk_registers_map, PASSIVE_LEVEL),
    NK_EXPORT(MmMapIoSpaceEx, PASSIVE_LEVEL),
    NK_EXPORT_AS(MmUnmapIoSpace, nk_registers_unmap, PASSIVE_LEVEL),
    NK_EXPORT_AS(MmMapLockedPagesSpecifyCache, nk_mdl_map, DISPATCH_LEVEL),
    NK_EXPORT(MmAllocatePagesForMdlEx, APC_LEVEL),
    NK_EXPORT(MmFreePagesFromMdl, APC_LEVEL),
};
NK_EXPORT_TABLE(nk_mm_exports, "ntoskrnl.exe", mm_entries);
