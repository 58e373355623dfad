/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests: built afresh in guarded memory each time and unmapped when complete, so that a miniport
 * that touches an SRB, its sense buffer or its extension after completing it faults. For figures a
 * scenario can have all left in place, as Windows does, for the next request of the slot.
 */
#include "storport/port.h"
#include "ntos/ex.h"

#define TAG_SRB         0x62725353u
#define WAIT_MS         20000
#define REQUEST_TIMEOUT 10 /* seconds, told to the miniport */

struct extended_srb {
    STORAGE_REQUEST_BLOCK srb;
    STOR_ADDR_BTL8 address;
    SRBEX_DATA_SCSI_CDB16 cdb;
};

static bool extended(const struct sp_adapter *a)
{
    return a->hw.HwInitializationDataSize > offsetof(HW_INITIALIZATION_DATA, SrbTypeFlags) &&
           a->hw.SrbTypeFlags & SRB_TYPE_FLAG_EXTENDED;
}

static void *take(struct sp_adapter *a, const struct sp_request *r, enum sp_memory kind, ULONG size)
{
    void **block = &a->slot[r->slot].block[kind];

    if (*block && a->slot[r->slot].size[kind] != size) {
        nk_pool_free(*block, TAG_SRB);
        *block = NULL;
    }
    if (!*block)
        *block = nk_pool_own(size, TAG_SRB, false);
    a->slot[r->slot].size[kind] = size;
    return *block;
}

static void give_back(struct sp_adapter *a, unsigned slot)
{
    unsigned kind;

    for (kind = 0; kind < SP_MEMORY_KINDS; kind++) {
        if (a->slot[slot].block[kind])
            nk_pool_free(a->slot[slot].block[kind], TAG_SRB);
        a->slot[slot].block[kind] = NULL;
    }
    if (a->slot[slot].extension)
        nk_va_unmap((void *)a->slot[slot].extension, a->extension_pages * NK_PAGE_SIZE, false);
    a->slot[slot].extension = 0;
}

static void make_sg(struct sp_adapter *a, struct sp_request *r)
{
    ULONG64 va = (ULONG64)r->buffer, end = va + r->length;
    ULONG pages = (r->length + 2 * NK_PAGE_SIZE - 1) / NK_PAGE_SIZE, n = 0;

    r->sg = take(a, r, SP_LIST, (ULONG)(sizeof(*r->sg) + pages * sizeof(r->sg->List[0])));
    while (va < end) {
        ULONG64 physical = nk_physical((void *)va);
        ULONG length = (ULONG)(NK_PAGE_SIZE - va % NK_PAGE_SIZE);
        STOR_SCATTER_GATHER_ELEMENT *last = n ? &r->sg->List[n - 1] : NULL;

        if (length > end - va)
            length = (ULONG)(end - va);
        if (last && (ULONG64)last->PhysicalAddress.QuadPart + last->Length == physical)
            last->Length += length;
        else
            r->sg->List[n++] = (STOR_SCATTER_GATHER_ELEMENT){
                .PhysicalAddress.QuadPart = (LONG64)physical, .Length = length};
        va += length;
    }
    r->sg->NumberOfElements = n;
    r->sg->Reserved = 0;
}

static ULONG srb_flags(const struct sp_request *r)
{
    ULONG flags = SRB_FLAGS_QUEUE_ACTION_ENABLE | SRB_FLAGS_DISABLE_SYNCH_TRANSFER;

    if (r->length)
        flags |= r->write ? SRB_FLAGS_DATA_OUT : SRB_FLAGS_DATA_IN;
    return flags;
}

static void make_old(struct sp_adapter *a, struct sp_request *r)
{
    SCSI_REQUEST_BLOCK *srb = take(a, r, SP_SRB, sizeof(*srb));

    *srb = (SCSI_REQUEST_BLOCK){
        .Length = sizeof(*srb),
        .Function = r->function,
        .PathId = r->path,
        .TargetId = r->target,
        .Lun = r->lun,
        .QueueAction = 0x20,
        .CdbLength = r->cdb_length,
        .SenseInfoBufferLength = r->sense_buffer ? SP_SENSE : 0,
        .SrbFlags = srb_flags(r),
        .DataTransferLength = r->length,
        .TimeOutValue = REQUEST_TIMEOUT,
        .DataBuffer = r->buffer,
        .SenseInfoBuffer = r->sense_buffer,
        .SrbExtension = (void *)r->extension,
    };
    nk_memcpy(srb->Cdb, r->cdb, sizeof(srb->Cdb));
    r->srb = srb;
}

static void make_extended(struct sp_adapter *a, struct sp_request *r)
{
    struct extended_srb *x = take(a, r, SP_SRB, sizeof(*x));
    bool scsi = r->function == SRB_FUNCTION_EXECUTE_SCSI;

    *x = (struct extended_srb){
        .srb = {.Length = sizeof(SCSI_REQUEST_BLOCK),
                .Function = SRB_FUNCTION_STORAGE_REQUEST_BLOCK,
                .Signature = SRB_SIGNATURE_EXTENDED,
                .Version = 1,
                .SrbLength = sizeof(*x),
                .SrbFunction = r->function,
                .SrbFlags = srb_flags(r),
                .TimeOutValue = REQUEST_TIMEOUT,
                .AddressOffset = offsetof(struct extended_srb, address),
                .NumSrbExData = scsi,
                .DataTransferLength = r->length,
                .DataBuffer = r->buffer,
                .MiniportContext = (void *)r->extension,
                .SrbExDataOffset = {scsi ? offsetof(struct extended_srb, cdb) : 0}},
        .address = {.Type = STOR_ADDRESS_TYPE_BTL8,
                    .AddressLength = 4,
                    .Path = r->path,
                    .Target = r->target,
                    .Lun = r->lun},
        .cdb = {.Type = SRB_EX_DATA_TYPE_CDB16,
                .Length = sizeof(SRBEX_DATA_SCSI_CDB16) - 8,
                .SenseInfoBufferLength = SP_SENSE,
                .CdbLength = r->cdb_length,
                .SenseInfoBuffer = r->sense_buffer},
    };
    nk_memcpy(x->cdb.Cdb, r->cdb, sizeof(x->cdb.Cdb));
    r->srb = &x->srb;
}

static void map_extension(struct sp_adapter *a, struct sp_request *r)
{
    ULONG64 *va = &a->slot[r->slot].extension;

    if (!a->extension_pages)
        return;
    if (!*va) {
        *va = nk_va_map(a->extension_pages, a->extension_physical[r->slot], NK_MAP_WRITE);
        nk_memset((void *)*va, 0xCD, NK_PAGE_SIZE);
    }
    r->extension = *va;
    nk_dma_map((void *)r->extension, a->extension_pages * NK_PAGE_SIZE, NK_DMA_READ | NK_DMA_WRITE);
}

static unsigned data_access(const struct sp_request *r)
{
    return r->write ? NK_DMA_READ : NK_DMA_WRITE;
}

static void make(struct sp_adapter *a, struct sp_request *r)
{
    r->extension = 0;
    map_extension(a, r);
    r->sense_buffer = NULL;
    if (r->function == SRB_FUNCTION_EXECUTE_SCSI) {
        r->sense_buffer = take(a, r, SP_SENSE_DATA, SP_SENSE);
        nk_memset(r->sense_buffer, 0, SP_SENSE);
        nk_dma_map(r->sense_buffer, SP_SENSE, NK_DMA_WRITE);
    }
    r->sg = NULL;
    if (r->length) {
        make_sg(a, r);
        nk_dma_map(r->buffer, r->length, data_access(r));
    }
    if (extended(a))
        make_extended(a, r);
    else
        make_old(a, r);
}

static void read_result(struct sp_adapter *a, struct sp_request *r)
{
    UCHAR status;

    if (extended(a)) {
        const struct extended_srb *x = r->srb;

        status = x->srb.SrbStatus;
        r->scsi_status = x->cdb.ScsiStatus;
        r->transferred = x->srb.DataTransferLength;
    } else {
        const SCSI_REQUEST_BLOCK *srb = r->srb;

        status = srb->SrbStatus;
        r->scsi_status = srb->ScsiStatus;
        r->transferred = srb->DataTransferLength;
    }
    r->status = status & SRB_STATUS_MASK;
    r->sense_valid = status & SRB_STATUS_AUTOSENSE_VALID;
    if (r->sense_buffer)
        nk_memcpy(r->sense, r->sense_buffer, SP_SENSE);
    NK_EXPECT(r->status != SRB_STATUS_PENDING, "a request is completed with status pending");
    NK_EXPECT(r->transferred <= r->length, "a request of %u bytes reports %u transferred",
              r->length, r->transferred);
}

static void dismantle(struct sp_adapter *a, struct sp_request *r)
{
    nk_dma_unmap((void *)r->extension, a->extension_pages * NK_PAGE_SIZE,
                 NK_DMA_READ | NK_DMA_WRITE);
    nk_dma_unmap(r->buffer, r->length, data_access(r));
    if (r->sense_buffer)
        nk_dma_unmap(r->sense_buffer, SP_SENSE, NK_DMA_WRITE);
    if (!a->keeps)
        give_back(a, r->slot);
    r->srb = NULL;
}

struct sp_request *sp_request_of(struct sp_adapter *a, const void *srb)
{
    bool on = nk_critical_enter();
    struct sp_request *found = NULL;
    unsigned n;

    for (n = 0; n < SP_REQUESTS && !found; n++) {
        if (srb && a->requests[n] && a->requests[n]->srb == srb)
            found = a->requests[n];
    }
    nk_critical_leave(on);
    if (!found)
        nk_report("srb", "%p is no SRB the miniport owns", srb);
    return found;
}

void sp_complete(struct sp_adapter *a, void *srb)
{
    struct sp_request *r = sp_request_of(a, srb);
    bool on = nk_critical_enter();

    if (r->state != SP_BUILDING && r->state != SP_STARTED)
        nk_report("srb", "SRB %p is completed twice", srb);
    r->state = SP_COMPLETED;
    nk_list_append(&a->completed, &r->entry);
    nk_critical_leave(on);
    if (!a->dump)
        nk_dpc_queue(&a->completion_dpc, NULL, NULL);
}

/* Give the slot back; a request the miniport was too busy for goes back into the queue. */
static bool retire(struct sp_adapter *a, struct sp_request *r)
{
    bool on = nk_critical_enter(), again = r->status == SRB_STATUS_BUSY;

    a->requests[r->slot] = NULL;
    a->outstanding--;
    if (a->busy)
        a->busy--;
    if (again) {
        r->state = SP_QUEUED;
        nk_list_append(&a->waiting, &r->entry);
    }
    nk_critical_leave(on);
    return !again;
}

static void finish(struct sp_adapter *a, struct sp_request *r)
{
    read_result(a, r);
    dismantle(a, r);
    if (!retire(a, r))
        return;
    if (r->done)
        r->done(r);
    nk_event_set(&r->finished);
    __atomic_store_n(&r->state, SP_FREE, __ATOMIC_RELEASE); /* the last touch: see sp_wait */
}

static void finish_all(struct sp_adapter *a)
{
    LIST_ENTRY *entry;

    while ((entry = nk_list_take(&a->completed)) != NULL)
        finish(a, NK_CONTAINER(entry, struct sp_request, entry));
}

static VOID complete_dpc(KDPC *dpc, PVOID context, PVOID arg1, PVOID arg2)
{
    finish_all(context);
    sp_pump(context);
}

static void start(struct sp_adapter *a, struct sp_request *r)
{
    KIRQL former;

    r->state = SP_BUILDING;
    if (a->hw.HwBuildIo && !NK_CALL("HwBuildIo", a->hw.HwBuildIo(a->extension, r->srb))) {
        if (r->state == SP_BUILDING)
            nk_report("srb", "HwBuildIo returned FALSE but did not complete the request");
        return;
    }
    if (r->state != SP_BUILDING)
        nk_report("srb", "HwBuildIo completed the request but returned TRUE");
    former = sp_start_io_lock(a);
    r->state = SP_STARTED;
    NK_CALL("HwStartIo", a->hw.HwStartIo(a->extension, r->srb));
    sp_start_io_unlock(a, former);
}

/* Take the next waiting request into a slot; NULL if there is none or it must wait. */
static struct sp_request *next_request(struct sp_adapter *a)
{
    struct sp_request *r = NULL;
    bool on = nk_critical_enter();
    unsigned slot;

    for (slot = 0; slot < SP_REQUESTS && a->requests[slot]; slot++)
        ;
    if (slot < SP_REQUESTS && !nk_list_empty(&a->waiting) && !a->paused && !a->busy &&
        (!a->queue_depth || a->outstanding < a->queue_depth)) {
        r = NK_CONTAINER(a->waiting.Flink, struct sp_request, entry);
        nk_list_remove(&r->entry);
        a->requests[slot] = r;
        r->slot = slot;
        a->outstanding++;
    }
    nk_critical_leave(on);
    return r;
}

void sp_pump(struct sp_adapter *a)
{
    KIRQL former = nk_irql_raise(a->dump ? HIGH_LEVEL : DISPATCH_LEVEL);
    struct sp_request *r;

    while ((r = next_request(a)) != NULL) {
        make(a, r);
        start(a, r);
    }
    nk_irql_lower(former);
}

void sp_requests_init(struct sp_adapter *a)
{
    ULONG size = a->config.SrbExtensionSize ? a->config.SrbExtensionSize : a->hw.SrbExtensionSize;
    unsigned n;

    nk_list_init(&a->waiting);
    nk_list_init(&a->completed);
    nk_dpc_init(&a->completion_dpc, complete_dpc, a);
    a->extension_pages = NK_PAGES(size);
    for (n = 0; n < SP_REQUESTS && a->extension_pages; n++) {
        a->extension_physical[n] = nk_pages_alloc(a->extension_pages, ~0ull, 0);
        NK_EXPECT(a->extension_physical[n], "no memory for SRB extensions of %u bytes", size);
    }
}

void sp_requests_free(struct sp_adapter *a)
{
    unsigned n, page;

    for (n = 0; n < SP_REQUESTS; n++) {
        give_back(a, n);
        for (page = 0; page < a->extension_pages; page++)
            nk_page_free(a->extension_physical[n] + page * NK_PAGE_SIZE);
    }
}

void sp_submit(struct sp_adapter *a, struct sp_request *r)
{
    bool on;

    NK_EXPECT(r->state == SP_FREE, "the scenario submits a request twice");
    nk_event_init(&r->finished, false, false);
    on = nk_critical_enter();
    r->state = SP_QUEUED;
    nk_list_append(&a->waiting, &r->entry);
    nk_critical_leave(on);
    sp_pump(a);
}

/* The event may be seen by another processor before finish() is done with the request. */
bool sp_wait(struct sp_request *r, ULONG ms)
{
    if (__atomic_load_n(&r->state, __ATOMIC_ACQUIRE) == SP_FREE)
        return true;
    if (nk_wait(&r->finished.Header, ms * 10000ull) != STATUS_SUCCESS)
        return false;
    while (__atomic_load_n(&r->state, __ATOMIC_ACQUIRE) != SP_FREE)
        nk_relax();
    return true;
}

UCHAR sp_execute(struct sp_adapter *a, struct sp_request *r)
{
    sp_submit(a, r);
    if (!sp_wait(r, WAIT_MS))
        nk_report("hang", "request with function %x, operation %02x has not completed in %u ms",
                  r->function, r->cdb[0], WAIT_MS);
    return r->status;
}

UCHAR sp_execute_dump(struct sp_adapter *a, struct sp_request *r)
{
    ULONG64 end = nk_tsc() + nk_tsc_hz() / 1000 * WAIT_MS;

    sp_submit(a, r);
    while (r->state != SP_FREE) {
        NK_CALL("HwInterrupt for dump", a->hw.HwInterrupt(a->extension));
        finish_all(a);
        if (nk_tsc() > end)
            nk_report("hang", "request with operation %02x has not completed in %u ms in dump mode",
                      r->cdb[0], WAIT_MS);
        nk_stall_us(10);
    }
    return r->status;
}
