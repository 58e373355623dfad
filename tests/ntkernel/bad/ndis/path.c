/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames' way, both directions. */
#include "net.h"

#define CLONE_EVERY 16
#define ROUNDS      1000 /* of net_serve(), which the device might keep busy for ever */

/* A NET_BUFFER keeps the next one that waits, and its list; a list counts its NET_BUFFERs. */
#define NEXT(buffer)   (*(NET_BUFFER **)&(buffer)->MiniportReserved[0])
#define PARENT(buffer) (*(NET_BUFFER_LIST **)&(buffer)->MiniportReserved[1])
#define LEFT(list)     (*(ULONG_PTR *)&(list)->MiniportReserved[0])
#define SLOT(list)     (*(struct rx **)&(list)->MiniportReserved[0])

/* The breaches that happen once do so after some frames. */
static BOOLEAN breach_now(struct net *net, enum breach which)
{
    if (breach != which || net->breached || net->statistics.ifHCOutUcastPkts < 20)
        return FALSE;
    net->breached = TRUE;
    return TRUE;
}

/* From DISPATCH_LEVEL, where the lock was left, back to the IRQL at which it was taken. */
static void to_former(struct net *net, KIRQL irql)
{
    KeAcquireSpinLockAtDpcLevel(&net->lock);
    KeReleaseSpinLock(&net->lock, irql);
}

static NDIS_STATUS page_make(struct net *net, struct page *page)
{
    NdisMAllocateSharedMemory(net->adapter, PAGE_SIZE, TRUE, (PVOID *)&page->va, &page->pa);
    if (page->va == NULL)
        return NDIS_STATUS_RESOURCES;
    RtlZeroMemory(page->va, PAGE_SIZE);
    return NDIS_STATUS_SUCCESS;
}

static void page_free(struct net *net, struct page *page)
{
    if (page->va != NULL)
        NdisMFreeSharedMemory(net->adapter, PAGE_SIZE, TRUE, page->va, page->pa);
    page->va = NULL;
}

NDIS_STATUS net_path_open(struct net *net)
{
    NDIS_STATUS status = NDIS_STATUS_SUCCESS;

    net->first = NULL;
    net->last = &net->first;
    net->free = NULL;
    for (ULONG i = 0; i < RX_SLOTS && NT_SUCCESS(status); i++) {
        struct rx *r = &net->rx[i];

        status = page_make(net, &r->page);
        if (NT_SUCCESS(status)) {
            r->mdl = NdisAllocateMdl(net->adapter, r->page.va, PAGE_SIZE);
            status = r->mdl != NULL ? status : NDIS_STATUS_RESOURCES;
        }
    }
    for (ULONG i = 0; i < TX_SLOTS && NT_SUCCESS(status); i++) {
        struct tx *t = &net->tx[i];

        status = page_make(net, &t->page);
        t->table.va = t->page.va + TABLE_AT;
        t->table.pa = (uint64_t)t->page.pa.QuadPart + TABLE_AT;
        t->table.entries = PIECES;
        t->net = net;
        t->next = net->free;
        net->free = t;
    }
    return status;
}

void net_path_close(struct net *net)
{
    for (ULONG i = 0; i < RX_SLOTS; i++) {
        if (net->rx[i].mdl != NULL)
            NdisFreeMdl(net->rx[i].mdl);
        net->rx[i].mdl = NULL;
        page_free(net, &net->rx[i].page);
    }
    for (ULONG i = 0; i < TX_SLOTS; i++) {
        if (breach == SHARED_LEFT && i == 0)
            continue;
        page_free(net, &net->tx[i].page);
    }
}

void net_settle(struct net *net)
{
    KIRQL irql;
    BOOLEAN owed;

    KeAcquireSpinLock(&net->lock, &irql);
    owed = net->pausing && net->lists_out == 0;
    if (owed) {
        net->pausing = FALSE;
        net->state = PAUSED;
    }
    KeReleaseSpinLock(&net->lock, irql);
    if (owed)
        NdisMPauseComplete(net->adapter);
}

/* Receiving. */

/* Under the lock. */
static void post(struct net *net, struct rx *r)
{
    const struct vq_sg sg[2] = {
        {(uint64_t)r->page.pa.QuadPart, net->header},
        {(uint64_t)r->page.pa.QuadPart + net->header, PAGE_SIZE - net->header},
    };

    if (!net->dead)
        vq_add(net->rx_queue.vq, sg, 0, 2, r, NULL);
}

void net_receive_fill(struct net *net)
{
    KIRQL irql;

    KeAcquireSpinLock(&net->lock, &irql);
    for (ULONG i = 0; i < RX_SLOTS; i++)
        post(net, &net->rx[i]);
    vq_publish(net->rx_queue.vq);
    KeReleaseSpinLock(&net->lock, irql);
}

static void take_back(struct net *net, struct rx *r)
{
    KIRQL irql;

    KeAcquireSpinLock(&net->lock, &irql);
    net->lists_out--;
    post(net, r);
    if (!net->dead)
        vq_kick(net->rx_queue.vq);
    KeReleaseSpinLock(&net->lock, irql);
}

void net_return(NDIS_HANDLE context, NET_BUFFER_LIST *list, ULONG flags)
{
    struct net *net = context;
    NET_BUFFER_LIST *next;

    UNREFERENCED_PARAMETER(flags);
    for (; list != NULL; list = next) {
        struct rx *r = SLOT(list);

        next = list->Next;
        if (list->ParentNetBufferList != NULL) {
            NET_BUFFER_LIST *original = list->ParentNetBufferList;

            NdisFreeCloneNetBufferList(list, 0);
            list = original;
        }
        NdisFreeNetBufferList(list);
        take_back(net, r);
    }
    net_settle(net);
}

/* Now and then a clone goes up in a list's place. */
static NET_BUFFER_LIST *cloned(struct net *net, NET_BUFFER_LIST *list)
{
    NET_BUFFER_LIST *clone = NULL;

    if (++net->indicated % CLONE_EVERY == 0)
        clone = NdisAllocateCloneNetBufferList(list, net->pool, NULL, 0);
    if (clone == NULL)
        return list;
    clone->ParentNetBufferList = list;
    return clone;
}

static void indicate(struct net *net, struct rx *r)
{
    NET_BUFFER_LIST *chain = NULL;
    NET_BUFFER_LIST **end = &chain;
    struct rx *next;
    ULONG count = 0;

    for (; r != NULL; r = next) {
        next = r->next;
        *end = NdisAllocateNetBufferAndNetBufferList(net->pool, 0, 0, r->mdl, net->header,
                                                     r->length - net->header);
        if (*end == NULL) {
            take_back(net, r);
            continue;
        }
        *end = cloned(net, *end);
        SLOT(*end) = r;
        (*end)->SourceHandle = net->adapter;
        (*end)->Status = NDIS_STATUS_SUCCESS;
        end = &(*end)->Next;
        count++;
    }
    if (chain == NULL)
        return;
    if (breach_now(net, MISCOUNT))
        count++;
    NdisMIndicateReceiveNetBufferLists(net->adapter, chain, 0, count,
                                       NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL);
    if (chain->ParentNetBufferList == NULL && breach_now(net, FREE_INDICATED))
        NdisFreeNetBufferList(chain);
}

/* Sending. */

static void complete(struct net *net, NET_BUFFER_LIST *list)
{
    KIRQL irql;
    BOOLEAN twice = breach_now(net, COMPLETE_TWICE);

    if (breach_now(net, KEEP_AT_HALT)) {
        net->lists_out--;
        return;
    }
    list->Next = NULL;
    NdisMSendNetBufferListsComplete(net->adapter, list, 0);
    if (twice)
        NdisMSendNetBufferListsComplete(net->adapter, list, 0);
    KeAcquireSpinLock(&net->lock, &irql);
    net->lists_out--;
    KeReleaseSpinLock(&net->lock, irql);
}

/* One NET_BUFFER of a list is done with; the last one ends the list. */
static void buffer_done(struct net *net, NET_BUFFER_LIST *list, NDIS_STATUS status)
{
    KIRQL irql;
    BOOLEAN last;

    KeAcquireSpinLock(&net->lock, &irql);
    if (!NT_SUCCESS(status))
        list->Status = status;
    last = --LEFT(list) == 0;
    KeReleaseSpinLock(&net->lock, irql);
    if (last)
        complete(net, list);
}

/* At DISPATCH_LEVEL. */
static void slot_done(struct net *net, struct tx *t, NDIS_STATUS status)
{
    NET_BUFFER_LIST *list = t->list;

    if (t->sg != NULL && !breach_now(net, LEAK_SG))
        NdisMFreeNetBufferSGList(net->dma, t->sg, t->buffer);
    KeAcquireSpinLockAtDpcLevel(&net->lock);
    t->sg = NULL;
    t->next = net->free;
    net->free = t;
    net->statistics.ifHCOutUcastPkts++;
    KeReleaseSpinLockFromDpcLevel(&net->lock);
    buffer_done(net, list, status);
}

/* The list begins at the current MDL, the data behind its offset. */
void net_process_sg(DEVICE_OBJECT *device, PVOID reserved, SCATTER_GATHER_LIST *sg, PVOID context)
{
    struct tx *t = context;
    struct net *net = t->net;
    struct vq_sg pieces[PIECES] = {{(uint64_t)t->page.pa.QuadPart, net->header}};
    ULONG skip = t->buffer->CurrentMdlOffset, count = 1;
    enum vio_status added = VIO_E_TOO_LONG;

    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(reserved);
    t->sg = sg;
    for (ULONG i = 0; i < sg->NumberOfElements && count < PIECES; i++) {
        const SCATTER_GATHER_ELEMENT *e = &sg->Elements[i];

        if (skip >= e->Length) {
            skip -= e->Length;
            continue;
        }
        pieces[count].pa = (uint64_t)e->Address.QuadPart + skip;
        pieces[count++].len = e->Length - skip;
        skip = 0;
    }
    KeAcquireSpinLockAtDpcLevel(&net->lock);
    if (!net->dead)
        added = vq_add(net->tx_queue.vq, pieces, count, 0, t, &t->table);
    if (added == VIO_OK)
        vq_kick(net->tx_queue.vq);
    KeReleaseSpinLockFromDpcLevel(&net->lock);
    if (added != VIO_OK)
        slot_done(net, t, NDIS_STATUS_FAILURE);
}

/* Start what waits, as long as there are slots. At DISPATCH_LEVEL. */
static void pump(struct net *net)
{
    for (;;) {
        NET_BUFFER *buffer = NULL;
        struct tx *t;

        KeAcquireSpinLockAtDpcLevel(&net->lock);
        t = net->free;
        if (t != NULL && net->first != NULL) {
            buffer = net->first;
            net->first = NEXT(buffer);
            if (net->first == NULL)
                net->last = &net->first;
            net->free = t->next;
            t->buffer = buffer;
            t->list = PARENT(buffer);
        }
        KeReleaseSpinLockFromDpcLevel(&net->lock);
        if (buffer == NULL)
            return;
        if (!NT_SUCCESS(NdisMAllocateNetBufferSGList(net->dma, buffer, t,
                                                     NDIS_SG_LIST_WRITE_TO_DEVICE, NULL, 0)))
            slot_done(net, t, NDIS_STATUS_RESOURCES);
    }
}

void net_send(NDIS_HANDLE context, NET_BUFFER_LIST *list, NDIS_PORT_NUMBER port, ULONG flags)
{
    struct net *net = context;
    NET_BUFFER_LIST *next;
    KIRQL irql;

    UNREFERENCED_PARAMETER(port);
    UNREFERENCED_PARAMETER(flags);
    KeAcquireSpinLock(&net->lock, &irql);
    for (; list != NULL; list = next) {
        next = list->Next;
        list->Status = NDIS_STATUS_SUCCESS;
        LEFT(list) = 0;
        net->lists_out++;
        for (NET_BUFFER *b = list->FirstNetBuffer; b != NULL; b = b->Next) {
            LEFT(list)++;
            PARENT(b) = list;
            NEXT(b) = NULL;
            *net->last = b;
            net->last = &NEXT(b);
        }
    }
    KeReleaseSpinLockFromDpcLevel(&net->lock);
    if (net->dead)
        net_fail_all(net);
    else
        pump(net);
    to_former(net, irql);
}

void net_fail_all(struct net *net)
{
    KIRQL irql;
    NET_BUFFER *buffer;
    NET_BUFFER *next;
    struct tx *t = NULL;

    KeAcquireSpinLock(&net->lock, &irql);
    buffer = net->first;
    net->first = NULL;
    net->last = &net->first;
    KeReleaseSpinLockFromDpcLevel(&net->lock);
    for (; buffer != NULL; buffer = next) {
        next = NEXT(buffer);
        buffer_done(net, PARENT(buffer), NDIS_STATUS_PAUSED);
    }
    do {
        KeAcquireSpinLockAtDpcLevel(&net->lock);
        t = net->dead && net->tx_queue.vq != NULL ? vq_detach(net->tx_queue.vq) : NULL;
        KeReleaseSpinLockFromDpcLevel(&net->lock);
        if (t != NULL)
            slot_done(net, t, NDIS_STATUS_FAILURE);
    } while (t != NULL);
    to_former(net, irql);
}

/* Under the lock: what came in while running is on its way up from here on. */
static struct rx *pop_received(struct net *net)
{
    struct rx *chain = NULL;
    struct rx **end = &chain;
    struct rx *r;
    uint32_t length;

    while ((r = vq_pop(net->rx_queue.vq, &length)) != NULL) {
        if (length <= net->header || (net->state != RUNNING && breach != INDICATE_PAUSED)) {
            post(net, r);
            continue;
        }
        r->length = length;
        r->next = NULL;
        *end = r;
        end = &r->next;
        net->lists_out++;
        net->statistics.ifHCInUcastPkts++;
    }
    vq_kick(net->rx_queue.vq);
    return chain;
}

void net_serve(struct net *net)
{
    BOOLEAN again = !net->dead;

    if (breach_now(net, SLEEP_AT_DISPATCH))
        NdisMSleep(1000);
    for (ULONG round = 0; again && round < ROUNDS; round++) {
        struct tx *sent = NULL;
        struct rx *received;
        struct tx *t;
        uint32_t length;

        KeAcquireSpinLockAtDpcLevel(&net->lock);
        while ((t = vq_pop(net->tx_queue.vq, &length)) != NULL) {
            t->next = sent;
            sent = t;
        }
        received = pop_received(net);
        again = vq_irq_on(net->tx_queue.vq) || vq_irq_on(net->rx_queue.vq);
        KeReleaseSpinLockFromDpcLevel(&net->lock);
        for (; sent != NULL; sent = t) {
            t = sent->next;
            slot_done(net, sent, NDIS_STATUS_SUCCESS);
        }
        indicate(net, received);
    }
    pump(net);
    net_settle(net);
}
