/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NET_BUFFER_LISTs: pools, clones, sending, receiving, and DMA to what they describe. */
#include "ndis/port.h"
#include "ntos/ex.h"
#include "ntos/mm.h"
#include "image/image.h"

#define TAG_POOL    0x6C6F6F50u /* "Pool" */
#define TAG_LIST    0x204C424Eu /* "NBL " */
#define TAG_DMA     0x20414D44u /* "DMA " */
#define TAG_SG      0x204C4753u /* "SGL " */
#define RETURN_MS   5           /* how long `hold` may hold up a pause */
#define SG_ELEMENTS 32

static struct nd_pool own_pool; /* of clones for which the driver names none */

/* Data. */

ULONG nd_data_copy(const NET_BUFFER *buffer, void *out, ULONG size)
{
    ULONG at = buffer->CurrentMdlOffset, done = 0;
    const MDL *mdl;

    if (size > buffer->DataLength)
        size = buffer->DataLength;
    for (mdl = buffer->CurrentMdl; mdl && done < size; mdl = mdl->Next) {
        ULONG part = mdl->ByteCount - at;

        if (at > mdl->ByteCount)
            nk_report("nbl", "a NET_BUFFER begins at %u of an MDL of %u bytes", at, mdl->ByteCount);
        if (part > size - done)
            part = size - done;
        nk_memcpy((UCHAR *)out + done, (UCHAR *)mdl->StartVa + mdl->ByteOffset + at, part);
        done += part;
        at = 0;
    }
    if (done < size)
        nk_report("nbl", "a NET_BUFFER of %u bytes has MDLs for %u only", buffer->DataLength, done);
    return done;
}

static NET_BUFFER *buffer_make(MDL *chain, ULONG offset, SIZE_T length, NDIS_HANDLE pool)
{
    NET_BUFFER *buffer = nk_pool_own(sizeof(*buffer), ND_TAG, false);

    *buffer = (NET_BUFFER){.stDataLength = length,
                           .MdlChain = chain,
                           .CurrentMdl = chain,
                           .DataOffset = offset,
                           .CurrentMdlOffset = offset,
                           .NdisPoolHandle = pool};
    while (buffer->CurrentMdl && buffer->CurrentMdlOffset >= buffer->CurrentMdl->ByteCount) {
        buffer->CurrentMdlOffset -= buffer->CurrentMdl->ByteCount;
        buffer->CurrentMdl = buffer->CurrentMdl->Next;
    }
    return buffer;
}

/* Lists. */

static struct nd_list *list_make(struct nd_pool *pool, ULONG context_size)
{
    struct nd_list *l;

    if (pool && nk_scarce())
        return NULL;
    l = nk_pool_zero(sizeof(*l), ND_TAG);
    l->pool = pool;
    l->list.NdisPoolHandle = pool;
    if (context_size) {
        NET_BUFFER_LIST_CONTEXT *c = nk_pool_own(sizeof(*c) + context_size, ND_TAG, false);

        *c = (NET_BUFFER_LIST_CONTEXT){.Size = (USHORT)context_size};
        l->list.Context = c;
    }
    if (pool)
        __atomic_add_fetch(&pool->used, 1, __ATOMIC_RELAXED);
    nk_resource_add(NK_NETWORK, &l->list, sizeof(l->list), TAG_LIST);
    return l;
}

static struct nd_list *list_of(NET_BUFFER_LIST *list)
{
    const struct nk_resource *r = nk_resource_find(NK_NETWORK, list);

    if (!r || r->tag != TAG_LIST)
        nk_report("nbl", "%s is no live NET_BUFFER_LIST", nk_address_name((ULONG64)list));
    return NK_CONTAINER(list, struct nd_list, list);
}

static void list_free(struct nd_list *l)
{
    NET_BUFFER *buffer, *next;
    MDL *mdl, *following;

    if (l->away)
        nk_report("nbl", "a NET_BUFFER_LIST is freed that is %s",
                  l->pool ? "indicated and not returned" : "sent and not completed");
    nk_resource_drop(NK_NETWORK, &l->list);
    for (buffer = l->list.FirstNetBuffer; buffer; buffer = next) {
        next = buffer->Next;
        if (buffer->ScatterGatherList)
            nk_report("nbl", "a NET_BUFFER_LIST is freed whose scatter/gather list is in use");
        for (mdl = l->owns_mdls ? buffer->MdlChain : NULL; mdl; mdl = following) {
            following = mdl->Next;
            nk_mdl_free(mdl);
        }
        nk_pool_free(buffer, ND_TAG);
    }
    if (l->list.Context)
        nk_pool_free(l->list.Context, ND_TAG);
    if (l->list.NdisPoolHandle)
        __atomic_sub_fetch(&((struct nd_pool *)l->list.NdisPoolHandle)->used, 1, __ATOMIC_RELAXED);
    nk_pool_free(l, ND_TAG);
}

static NDIS_HANDLE NdisAllocateNetBufferListPool(NDIS_HANDLE adapter,
                                                 const NET_BUFFER_LIST_POOL_PARAMETERS *parameters)
{
    struct nd_pool *pool;

    nd_header_check(parameters, ND_TYPE_DEFAULT, sizeof(*parameters));
    if (!parameters->PoolTag || parameters->ContextSize % 16)
        nk_report("argument", "a NET_BUFFER_LIST pool has no tag, or contexts of %u bytes",
                  parameters->ContextSize);
    if (parameters->DataSize)
        nk_report("unsupported", "a NET_BUFFER_LIST pool with data");
    pool = nd_object_make(sizeof(*pool), TAG_POOL);
    if (pool)
        pool->parameters = *parameters;
    return pool;
}

static VOID NdisFreeNetBufferListPool(NDIS_HANDLE handle)
{
    const struct nd_pool *pool = nd_object(handle, TAG_POOL);

    if (pool->used)
        nk_report("nbl", "a pool is freed with %d of its NET_BUFFER_LISTs in use", pool->used);
    nd_object_free(handle, TAG_POOL);
}

static NET_BUFFER_LIST *NdisAllocateNetBufferAndNetBufferList(NDIS_HANDLE handle,
                                                              USHORT context_size, USHORT back_fill,
                                                              MDL *chain, ULONG offset,
                                                              SIZE_T length)
{
    struct nd_pool *pool = nd_object(handle, TAG_POOL);
    struct nd_list *l;

    if (!pool->parameters.fAllocateNetBuffer)
        nk_report("argument", "the pool of a NET_BUFFER_LIST has no NET_BUFFERs");
    l = list_make(pool, (ULONG)context_size + back_fill);
    if (!l)
        return NULL;
    l->list.FirstNetBuffer = buffer_make(chain, offset, length, pool);
    return &l->list;
}

static VOID NdisFreeNetBufferList(NET_BUFFER_LIST *list)
{
    struct nd_list *l = list_of(list);

    if (!l->pool || l->owns_mdls)
        nk_report("nbl", "a NET_BUFFER_LIST is freed that is %s",
                  l->pool ? "a clone" : "the protocol's");
    list_free(l);
}

/* MDLs for the same memory, from the start of the data. */
static MDL *clone_mdls(const NET_BUFFER *buffer)
{
    ULONG offset = buffer->CurrentMdlOffset;
    MDL *first = NULL, **end = &first;
    const MDL *mdl;

    for (mdl = buffer->CurrentMdl; mdl; mdl = mdl->Next, offset = 0) {
        UCHAR *va = (UCHAR *)mdl->StartVa + mdl->ByteOffset + offset;

        *end = nk_mdl_create(va, mdl->ByteCount - offset);
        (*end)->MappedSystemVa = va;
        (*end)->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
        end = &(*end)->Next;
    }
    return first;
}

static NET_BUFFER_LIST *NdisAllocateCloneNetBufferList(NET_BUFFER_LIST *original,
                                                       NDIS_HANDLE list_pool,
                                                       NDIS_HANDLE buffer_pool, ULONG flags)
{
    const struct nd_list *from = list_of(original);
    const NET_BUFFER *buffer;
    NET_BUFFER **end;
    struct nd_list *l;

    l = list_make(list_pool ? nd_object(list_pool, TAG_POOL) : &own_pool, 0);
    if (!l)
        return NULL;
    l->owns_mdls = !(flags & ND_CLONE_USE_MDLS);
    l->cloned = true;
    end = &l->list.FirstNetBuffer;
    for (buffer = from->list.FirstNetBuffer; buffer; buffer = buffer->Next) {
        *end = l->owns_mdls
                   ? buffer_make(clone_mdls(buffer), 0, buffer->DataLength, l->list.NdisPoolHandle)
                   : buffer_make(buffer->MdlChain, buffer->DataOffset, buffer->DataLength,
                                 l->list.NdisPoolHandle);
        end = &(*end)->Next;
    }
    return &l->list;
}

static VOID NdisFreeCloneNetBufferList(NET_BUFFER_LIST *list, ULONG flags)
{
    struct nd_list *l = list_of(list);

    if (!l->cloned || l->owns_mdls != !(flags & ND_CLONE_USE_MDLS))
        nk_report("nbl", "no clone, or one with other flags");
    list_free(l);
}

static MDL *NdisAllocateMdl(NDIS_HANDLE adapter, PVOID va, ULONG length)
{
    MDL *mdl;

    if (nk_scarce())
        return NULL;
    mdl = nk_mdl_create(va, length);
    mdl->MappedSystemVa = va;
    mdl->MdlFlags = MDL_SOURCE_IS_NONPAGED_POOL;
    return mdl;
}

/* Sending. */

static void check_flags(ULONG flags)
{
    if (flags & ND_AT_DISPATCH && nk_irql() != DISPATCH_LEVEL)
        nk_report("irql", "IRQL is %u, with the flag for DISPATCH_LEVEL", nk_irql());
}

NET_BUFFER_LIST *nd_list_make(MDL *chain, ULONG offset, ULONG length, void *context)
{
    struct nd_list *l = list_make(NULL, 0);

    l->owns_mdls = true;
    l->context = context;
    l->list.SourceHandle = &own_pool; /* the protocol, which is not the miniport */
    l->list.FirstNetBuffer = buffer_make(chain, offset, length, NULL);
    return &l->list;
}

void nd_list_append(NET_BUFFER_LIST *list, MDL *chain, ULONG offset, ULONG length)
{
    NET_BUFFER **end = &list->FirstNetBuffer;

    while (*end)
        end = &(*end)->Next;
    *end = buffer_make(chain, offset, length, NULL);
}

void nd_send(NET_BUFFER_LIST *chain, bool at_dispatch)
{
    struct nd_adapter *a = nd_the();
    KIRQL former = nk_irql();
    NET_BUFFER_LIST *list;

    for (list = chain; list; list = list->Next) {
        NK_CONTAINER(list, struct nd_list, list)->away = true;
        __atomic_add_fetch(&a->sends_out, 1, __ATOMIC_RELAXED);
    }
    if (at_dispatch)
        nk_irql_raise(DISPATCH_LEVEL);
    NK_CALL_VOID(
        "MiniportSendNetBufferLists",
        a->mini.SendNetBufferListsHandler(a->context, chain, 0, at_dispatch ? ND_AT_DISPATCH : 0));
    nk_irql_lower(former);
}

static VOID NdisMSendNetBufferListsComplete(NDIS_HANDLE handle, NET_BUFFER_LIST *list, ULONG flags)
{
    struct nd_adapter *a = nd_adapter_of(handle);
    NET_BUFFER_LIST *next;

    check_flags(flags);
    for (; list; list = next) {
        struct nd_list *l = list_of(list);
        NDIS_STATUS status = list->Status;
        void *context = l->context;

        next = list->Next;
        if (l->pool || !l->away)
            nk_report("nbl", "a NET_BUFFER_LIST is completed that was not sent");
        l->away = false;
        list_free(l);
        if (a->done)
            a->done(context, status);
        __atomic_add_fetch(NT_SUCCESS(status) ? &a->sent : &a->send_errors, 1, __ATOMIC_RELAXED);
        __atomic_sub_fetch(&a->sends_out, 1, __ATOMIC_RELAXED);
    }
}

/* Receiving. */

/* Unlink all that is held, and give it back in one chain. */
static VOID return_lists(KDPC *dpc, PVOID context, PVOID arg1, PVOID arg2)
{
    struct nd_adapter *a = context;
    bool on = nk_critical_enter();
    NET_BUFFER_LIST *chain = a->held, *list;

    a->held = NULL;
    a->held_end = &a->held;
    for (list = chain; list; list = list->Next) {
        NK_CONTAINER(list, struct nd_list, list)->away = false;
        a->receives_out--;
    }
    nk_critical_leave(on);
    if (chain)
        NK_CALL_VOID("MiniportReturnNetBufferLists",
                     a->mini.ReturnNetBufferListsHandler(a->context, chain, ND_AT_DISPATCH));
}

void nd_release_soon(void)
{
    struct nd_adapter *a = nd_the();

    a->hold = false;
    nk_timer_set(&a->return_timer, (LARGE_INTEGER){.QuadPart = -RETURN_MS * 10000}, 0,
                 &a->return_dpc);
}

static void keep(struct nd_adapter *a, NET_BUFFER_LIST *list)
{
    bool on = nk_critical_enter();

    NK_CONTAINER(list, struct nd_list, list)->away = true;
    a->receives_out++;
    list->Next = NULL;
    *a->held_end = list;
    a->held_end = &list->Next;
    nk_critical_leave(on);
}

static VOID NdisMIndicateReceiveNetBufferLists(NDIS_HANDLE handle, NET_BUFFER_LIST *list,
                                               ULONG port, ULONG count, ULONG flags)
{
    struct nd_adapter *a = nd_adapter_of(handle);
    KIRQL former = nk_irql_raise(DISPATCH_LEVEL);
    NET_BUFFER_LIST *next;
    ULONG n = 0;

    if (flags & ND_AT_DISPATCH && former != DISPATCH_LEVEL)
        check_flags(flags);
    if (a->state < ND_RESTARTING || a->state > ND_PAUSING)
        nk_report("state", "frames are indicated while the adapter is %s", nd_state_name(a));
    __atomic_add_fetch(&a->indications, 1, __ATOMIC_RELAXED);
    for (; list; list = next, n++) {
        const struct nd_list *l = list_of(list);

        next = list->Next;
        if (!l->pool || l->away || !list->FirstNetBuffer)
            nk_report("nbl", "a NET_BUFFER_LIST is indicated that is %s",
                      !l->pool  ? "the protocol's"
                      : l->away ? "indicated already"
                                : "empty");
        if (a->receive)
            a->receive(list);
        __atomic_add_fetch(&a->received, 1, __ATOMIC_RELAXED);
        if (!(flags & ND_RECEIVE_RESOURCES))
            keep(a, list);
    }
    if (n != count)
        nk_report("argument", "%u lists are said to be indicated, there are %u", count, n);
    if (!a->hold)
        nk_dpc_queue(&a->return_dpc, NULL, NULL);
    nk_irql_lower(former);
}

void nd_buffers_init(struct nd_adapter *a)
{
    a->held = NULL;
    a->held_end = &a->held;
    nk_dpc_init(&a->return_dpc, return_lists, a);
    nk_timer_init(&a->return_timer);
}

void nd_buffers_home(const char *after)
{
    const struct nd_adapter *a = nd_the();

    if (a->sends_out)
        nk_report("nbl", "after %s %d NET_BUFFER_LISTs are sent and not completed", after,
                  a->sends_out);
    if (a->receives_out)
        nk_report("nbl", "%s ended with %d NET_BUFFER_LISTs indicated and not returned", after,
                  a->receives_out);
    if (a->sg_out)
        nk_report("nbl", "after %s %d scatter/gather lists are in use", after, a->sg_out);
}

/* DMA. Physical addresses are bus addresses. */

struct dma {
    MINIPORT_PROCESS_SG_LIST *process;
    LONG used;
};

static NDIS_STATUS NdisMRegisterScatterGatherDma(NDIS_HANDLE adapter, NDIS_SG_DMA_DESCRIPTION *d,
                                                 NDIS_HANDLE *handle)
{
    const struct nd_adapter *a = nd_adapter_of(adapter);
    struct dma *dma;

    nd_header_check(d, ND_TYPE_SG_DMA,
                    offsetof(NDIS_SG_DMA_DESCRIPTION, ScatterGatherListSize) + 4);
    if (!d->ProcessSGListHandler || !d->SharedMemAllocateCompleteHandler ||
        !d->MaximumPhysicalMapping || !(a->registration.AttributeFlags & ND_BUS_MASTER))
        nk_report("argument", "scatter/gather DMA without handlers, length, or by no bus master");
    dma = nd_object_make(sizeof(*dma), TAG_DMA);
    if (!dma)
        return STATUS_INSUFFICIENT_RESOURCES;
    dma->process = d->ProcessSGListHandler;
    d->ScatterGatherListSize =
        sizeof(SCATTER_GATHER_LIST) + SG_ELEMENTS * sizeof(SCATTER_GATHER_ELEMENT);
    *handle = dma;
    return STATUS_SUCCESS;
}

static VOID NdisMDeregisterScatterGatherDma(NDIS_HANDLE handle)
{
    const struct dma *dma = nd_object(handle, TAG_DMA);

    if (dma->used)
        nk_report("nbl", "DMA is deregistered with %d scatter/gather lists in use", dma->used);
    nd_object_free(handle, TAG_DMA);
}

enum walk { WALK_COUNT, WALK_MAP, WALK_UNMAP };

/* Go through the physical pieces of a NET_BUFFER from the start of its current MDL; how many. */
static ULONG walk(const NET_BUFFER *buffer, enum walk what, SCATTER_GATHER_LIST *list)
{
    ULONG left = buffer->CurrentMdlOffset + buffer->DataLength, n = 0, at, part;
    const MDL *mdl;

    for (mdl = buffer->CurrentMdl; mdl && left; mdl = mdl->Next) {
        for (at = 0; at < mdl->ByteCount && left; at += part, left -= part, n++) {
            const UCHAR *va = (UCHAR *)mdl->StartVa + mdl->ByteOffset + at;

            part = NK_PAGE_SIZE - (ULONG)((ULONG64)va % NK_PAGE_SIZE);
            part = part < mdl->ByteCount - at ? part : mdl->ByteCount - at;
            part = part < left ? part : left;
            if (what == WALK_UNMAP)
                nk_dma_unmap(va, part, NK_DMA_READ);
            if (what != WALK_MAP)
                continue;
            nk_dma_map(va, part, NK_DMA_READ);
            list->Elements[n] =
                (SCATTER_GATHER_ELEMENT){.Address = nk_physical(va), .Length = part};
        }
    }
    if (left)
        nk_report("nbl", "a NET_BUFFER of %u bytes lacks MDLs for %u", buffer->DataLength, left);
    return n;
}

static NDIS_STATUS NdisMAllocateNetBufferSGList(NDIS_HANDLE handle, NET_BUFFER *buffer,
                                                PVOID context, ULONG flags, PVOID room,
                                                ULONG room_size)
{
    struct nd_adapter *a = nd_the();
    struct dma *dma = nd_object(handle, TAG_DMA);
    SCATTER_GATHER_LIST *list;
    ULONG n, size;

    if (!(flags & ND_SG_WRITE_TO_DEVICE))
        nk_report("unsupported", "a scatter/gather list for receiving");
    if (nk_irql() != DISPATCH_LEVEL)
        nk_report("irql", "IRQL is %u, not 2", nk_irql());
    if (!nk_resource_find(NK_POOL, buffer) || buffer->ScatterGatherList)
        nk_report("nbl", "a scatter/gather list is asked for %s, which %s",
                  nk_address_name((ULONG64)buffer), "is no NET_BUFFER, or has one");
    if (nk_scarce())
        return STATUS_INSUFFICIENT_RESOURCES;
    n = walk(buffer, WALK_COUNT, NULL);
    size = (ULONG)(sizeof(*list) + n * sizeof(list->Elements[0]));
    list = room && room_size >= size ? room : nk_pool_own(size, ND_TAG, false);
    nk_resource_add(NK_NETWORK, list, list == room ? 0 : size, TAG_SG);
    *list = (SCATTER_GATHER_LIST){.NumberOfElements = n};
    walk(buffer, WALK_MAP, list);
    buffer->ScatterGatherList = list;
    __atomic_add_fetch(&dma->used, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&a->sg_out, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&a->sg_lists, 1, __ATOMIC_RELAXED);
    NK_CALL_VOID("MiniportProcessSGList", dma->process(a->fdo, NULL, list, context));
    return STATUS_SUCCESS;
}

static VOID NdisMFreeNetBufferSGList(NDIS_HANDLE handle, SCATTER_GATHER_LIST *list,
                                     NET_BUFFER *buffer)
{
    struct dma *dma = nd_object(handle, TAG_DMA);
    const struct nk_resource *r = nk_resource_find(NK_NETWORK, list);
    bool ours = r && r->size;

    if (nk_irql() != DISPATCH_LEVEL)
        nk_report("irql", "IRQL is %u, not 2", nk_irql());
    if (!r || r->tag != TAG_SG || buffer->ScatterGatherList != list)
        nk_report("nbl", "%s is not the NET_BUFFER's list", nk_address_name((ULONG64)list));
    walk(buffer, WALK_UNMAP, NULL);
    nk_resource_drop(NK_NETWORK, list);
    if (ours)
        nk_pool_free(list, ND_TAG);
    buffer->ScatterGatherList = NULL;
    __atomic_sub_fetch(&dma->used, 1, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&nd_the()->sg_out, 1, __ATOMIC_RELAXED);
}

static VOID NdisMAllocateSharedMemory(NDIS_HANDLE adapter, ULONG length, BOOLEAN cached, PVOID *va,
                                      PHYSICAL_ADDRESS *physical)
{
    nd_adapter_of(adapter);
    *va = nk_contiguous_alloc(length, ~0ull, 0);
    if (*va)
        physical->QuadPart = (LONG64)nk_physical(*va);
}

static VOID NdisMFreeSharedMemory(NDIS_HANDLE adapter, ULONG length, BOOLEAN cached, PVOID va,
                                  PHYSICAL_ADDRESS physical)
{
    const struct nk_resource *r = nk_resource_find(NK_CONTIGUOUS, va);

    nd_adapter_of(adapter);
    if (!r || r->size != length || (ULONG64)physical.QuadPart != nk_physical(va))
        nk_report("argument", "%u bytes at %s do not match", length, nk_address_name((ULONG64)va));
    nk_contiguous_free(va);
}

static const struct nk_export buffer_entries[] = {
    NK_EXPORT(NdisAllocateNetBufferListPool, DISPATCH_LEVEL),
    NK_EXPORT(NdisFreeNetBufferListPool, DISPATCH_LEVEL),
    NK_EXPORT(NdisAllocateNetBufferAndNetBufferList, DISPATCH_LEVEL),
    NK_EXPORT(NdisFreeNetBufferList, DISPATCH_LEVEL),
    NK_EXPORT(NdisAllocateCloneNetBufferList, DISPATCH_LEVEL),
    NK_EXPORT(NdisFreeCloneNetBufferList, DISPATCH_LEVEL),
    NK_EXPORT(NdisAllocateMdl, DISPATCH_LEVEL),
    NK_EXPORT_AS(NdisFreeMdl, nk_mdl_free, DISPATCH_LEVEL),
    NK_EXPORT(NdisMSendNetBufferListsComplete, DISPATCH_LEVEL),
    NK_EXPORT(NdisMIndicateReceiveNetBufferLists, DISPATCH_LEVEL),
    NK_EXPORT(NdisMRegisterScatterGatherDma, PASSIVE_LEVEL),
    NK_EXPORT(NdisMDeregisterScatterGatherDma, PASSIVE_LEVEL),
    NK_EXPORT(NdisMAllocateNetBufferSGList, DISPATCH_LEVEL),
    NK_EXPORT(NdisMFreeNetBufferSGList, DISPATCH_LEVEL),
    NK_EXPORT(NdisMAllocateSharedMemory, PASSIVE_LEVEL),
    NK_EXPORT(NdisMFreeSharedMemory, DISPATCH_LEVEL),
};
NK_EXPORT_TABLE(nk_ndis_buffer_exports, "ndis.sys", buffer_entries);
