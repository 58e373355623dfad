/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kmdf/kmdf.h"
#include "image/image.h"
#include "ntos/ex.h"
#include "ntos/mm.h"
#include "ntos/ob.h"

#define TAG_KMDF       0x66646D4Bu
#define ITEMS_LIMIT    32
#define FUNCTION_LIMIT 512 /* of the driver's array; 1.13 has 440 */

static WDF_DRIVER_GLOBALS globals;
static struct kmdf_driver *the_driver;

struct kmdf_driver *kmdf_driver_the(void)
{
    return the_driver;
}

/* Objects. */

static void add_context(struct kmdf_object *object, const WDF_OBJECT_ATTRIBUTES *a)
{
    const WDF_CONTEXT_TYPE *type = a->ContextTypeInfo;
    SIZE_T size = type ? a->ContextSizeOverride : 0;
    struct kmdf_context *context;

    if (type && size < type->ContextSize)
        size = type->ContextSize;
    context = nk_pool_zero(sizeof(*context) + size, TAG_KMDF);
    context->type = type && type->UniqueType ? type->UniqueType : type;
    context->cleanup = a->Cleanup;
    context->destroy = a->Destroy;
    context->next = object->contexts;
    object->contexts = context;
}

void *kmdf_create(enum kmdf_kind kind, SIZE_T size, const WDF_OBJECT_ATTRIBUTES *attributes,
                  void *parent)
{
    struct kmdf_object *object = nk_object_create(size);

    object->kind = kind;
    object->parent = attributes && attributes->ParentObject ? attributes->ParentObject : parent;
    nk_list_init(&object->children);
    if (object->parent)
        nk_list_append(&object->parent->children, &object->sibling);
    if (attributes)
        add_context(object, attributes);
    return object;
}

static WDFOBJECT live(WDFOBJECT handle)
{
    if (!nk_object_is(handle))
        nk_report("argument", "%s is no object", nk_address_name((ULONG64)handle));
    return handle;
}

WDFOBJECT kmdf_parent(PVOID g, WDFOBJECT handle)
{
    return live(handle)->parent;
}

void *kmdf_object_of(WDFOBJECT handle, enum kmdf_kind kind)
{
    if (live(handle)->kind != kind)
        nk_report("argument", "%s is no handle of the right kind",
                  nk_address_name((ULONG64)handle));
    return handle;
}

/* What a kind holds besides its memory. */

struct buffer {
    struct kmdf_object object;
    void *memory;
};

static void release_kind(struct kmdf_object *object)
{
    if (object->kind == KMDF_BUFFER)
        nk_contiguous_free(((struct buffer *)object)->memory);
}

void kmdf_delete(struct kmdf_object *object)
{
    struct kmdf_context *context, *next;

    while (!nk_list_empty(&object->children))
        kmdf_delete(NK_CONTAINER(object->children.Blink, struct kmdf_object, sibling));
    for (context = object->contexts; context; context = context->next) {
        if (context->cleanup)
            NK_CALL_VOID("EvtCleanupCallback", context->cleanup(object));
    }
    for (context = object->contexts; context; context = next) {
        next = context->next;
        if (context->destroy)
            NK_CALL_VOID("EvtDestroyCallback", context->destroy(object));
        nk_pool_free(context, TAG_KMDF);
    }
    release_kind(object);
    if (object->parent)
        nk_list_remove(&object->sibling);
    nk_object_release(object);
}

static VOID WdfObjectDelete(PVOID g, WDFOBJECT handle)
{
    kmdf_delete(live(handle));
}

static PVOID WdfObjectGetTypedContextWorker(PVOID g, WDFOBJECT handle, const WDF_CONTEXT_TYPE *type)
{
    const WDF_CONTEXT_TYPE *unique = type->UniqueType ? type->UniqueType : type;
    struct kmdf_context *context;

    for (context = live(handle)->contexts; context; context = context->next) {
        if (context->type == unique)
            return context->memory;
    }
    return NULL;
}

static NTSTATUS WdfObjectAllocateContext(PVOID g, WDFOBJECT handle, const WDF_OBJECT_ATTRIBUTES *a,
                                         PVOID *memory)
{
    add_context(live(handle), a);
    if (memory)
        *memory = handle->contexts->memory;
    return STATUS_SUCCESS;
}

/* Spin locks. */

struct spin_lock {
    struct kmdf_object object;
    KSPIN_LOCK lock;
    KIRQL irql;
};

static NTSTATUS WdfSpinLockCreate(PVOID g, const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    *out = kmdf_create(KMDF_SPIN_LOCK, sizeof(struct spin_lock), a, the_driver);
    return STATUS_SUCCESS;
}

static VOID WdfSpinLockAcquire(PVOID g, WDFOBJECT handle)
{
    struct spin_lock *s = kmdf_object_of(handle, KMDF_SPIN_LOCK);
    KIRQL irql = nk_lock_raise(&s->lock, DISPATCH_LEVEL);

    s->irql = irql; /* the lock holder's */
}

static VOID WdfSpinLockRelease(PVOID g, WDFOBJECT handle)
{
    struct spin_lock *s = kmdf_object_of(handle, KMDF_SPIN_LOCK);

    nk_lock_lower(&s->lock, s->irql);
}

/* Collections. */

struct collection {
    struct kmdf_object object;
    ULONG count;
    WDFOBJECT items[ITEMS_LIMIT];
};

static NTSTATUS WdfCollectionCreate(PVOID g, const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    *out = kmdf_create(KMDF_COLLECTION, sizeof(struct collection), a, the_driver);
    return STATUS_SUCCESS;
}

static ULONG WdfCollectionGetCount(PVOID g, WDFOBJECT handle)
{
    return ((struct collection *)kmdf_object_of(handle, KMDF_COLLECTION))->count;
}

static NTSTATUS WdfCollectionAdd(PVOID g, WDFOBJECT handle, WDFOBJECT item)
{
    struct collection *c = kmdf_object_of(handle, KMDF_COLLECTION);

    if (c->count == ITEMS_LIMIT)
        nk_report("unsupported", "a collection of more than %u items", ITEMS_LIMIT);
    c->items[c->count++] = item;
    return STATUS_SUCCESS;
}

static VOID WdfCollectionRemove(PVOID g, WDFOBJECT handle, WDFOBJECT item)
{
    struct collection *c = kmdf_object_of(handle, KMDF_COLLECTION);
    ULONG n;

    for (n = 0; n < c->count && c->items[n] != item; n++)
        ;
    if (n == c->count)
        nk_report("argument", "the item is not in the collection");
    for (c->count--; n < c->count; n++)
        c->items[n] = c->items[n + 1];
}

static WDFOBJECT WdfCollectionGetItem(PVOID g, WDFOBJECT handle, ULONG index)
{
    struct collection *c = kmdf_object_of(handle, KMDF_COLLECTION);

    return index < c->count ? c->items[index] : NULL;
}

/* DMA: physical addresses are bus addresses. */

static NTSTATUS WdfDmaEnablerCreate(PVOID g, WDFOBJECT device, PVOID config,
                                    const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    *out = kmdf_create(KMDF_DMA, sizeof(struct kmdf_object), a, device);
    return STATUS_SUCCESS;
}

static NTSTATUS WdfCommonBufferCreate(PVOID g, WDFOBJECT dma, SIZE_T length,
                                      const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    void *memory = nk_contiguous_alloc(length, ~0ull, 0);
    struct buffer *buffer;

    kmdf_object_of(dma, KMDF_DMA);
    if (!memory)
        return STATUS_INSUFFICIENT_RESOURCES;
    buffer = kmdf_create(KMDF_BUFFER, sizeof(*buffer), a, dma);
    buffer->memory = memory;
    *out = &buffer->object;
    return STATUS_SUCCESS;
}

static PVOID WdfCommonBufferGetAlignedVirtualAddress(PVOID g, WDFOBJECT handle)
{
    struct buffer *b = kmdf_object_of(handle, KMDF_BUFFER);

    return b->memory;
}

/* The result is a union and comes back by value. */
static PHYSICAL_ADDRESS WdfCommonBufferGetAlignedLogicalAddress(PVOID g, WDFOBJECT handle)
{
    return (PHYSICAL_ADDRESS){
        .QuadPart = (LONG64)nk_physical(WdfCommonBufferGetAlignedVirtualAddress(g, handle))};
}

/* Resources: the handle of a list is the list. */

static ULONG WdfCmResourceListGetCount(PVOID g, const CM_RESOURCE_LIST *list)
{
    return list->PartialCount;
}

static const CM_PARTIAL_RESOURCE_DESCRIPTOR *
WdfCmResourceListGetDescriptor(PVOID g, const CM_RESOURCE_LIST *list, ULONG index)
{
    return index < list->PartialCount ? &list->Partial[index] : NULL;
}

/* The driver. */

static VOID driver_unload(DRIVER_OBJECT *wdm)
{
    if (the_driver->config.Unload)
        NK_CALL_VOID("EvtDriverUnload", the_driver->config.Unload(&the_driver->object));
    kmdf_delete(&the_driver->object);
    the_driver = NULL;
}

static NTSTATUS WdfDriverCreate(PVOID g, DRIVER_OBJECT *wdm, UNICODE_STRING *path,
                                const WDF_OBJECT_ATTRIBUTES *a, const WDF_DRIVER_CONFIG *config,
                                WDFOBJECT *out)
{
    unsigned n;

    the_driver = kmdf_create(KMDF_DRIVER, sizeof(*the_driver), a, NULL);
    the_driver->wdm = wdm;
    the_driver->config = *config;
    wdm->DriverExtension->AddDevice = kmdf_device_add;
    wdm->DriverUnload = driver_unload;
    for (n = 0; n <= IRP_MJ_MAXIMUM_FUNCTION; n++)
        wdm->MajorFunction[n] = kmdf_dispatch_other;
    wdm->MajorFunction[IRP_MJ_PNP] = kmdf_dispatch_pnp;
    wdm->MajorFunction[IRP_MJ_POWER] = kmdf_dispatch_power;
    wdm->MajorFunction[IRP_MJ_CREATE] = wdm->MajorFunction[IRP_MJ_CLEANUP] =
        wdm->MajorFunction[IRP_MJ_CLOSE] = kmdf_dispatch_file;
    wdm->MajorFunction[IRP_MJ_READ] = wdm->MajorFunction[IRP_MJ_WRITE] = kmdf_dispatch_io;
    globals.Driver = &the_driver->object;
    if (out)
        *out = &the_driver->object;
    return STATUS_SUCCESS;
}

static DRIVER_OBJECT *WdfDriverWdmGetDriverObject(PVOID g, WDFOBJECT handle)
{
    return ((struct kmdf_driver *)kmdf_object_of(handle, KMDF_DRIVER))->wdm;
}

/* Binding. */

static NTSTATUS nothing_to_do(VOID)
{
    return STATUS_SUCCESS;
}

static const struct kmdf_function functions[] = {
    KMDF_FUNCTION(13, WdfCollectionCreate, DISPATCH_LEVEL),
    KMDF_FUNCTION(14, WdfCollectionGetCount, HIGH_LEVEL),
    KMDF_FUNCTION(15, WdfCollectionAdd, DISPATCH_LEVEL),
    KMDF_FUNCTION(16, WdfCollectionRemove, DISPATCH_LEVEL),
    KMDF_FUNCTION(18, WdfCollectionGetItem, HIGH_LEVEL),
    KMDF_FUNCTION(21, WdfCommonBufferCreate, PASSIVE_LEVEL),
    KMDF_FUNCTION(22, WdfCommonBufferGetAlignedVirtualAddress, HIGH_LEVEL),
    KMDF_FUNCTION(23, WdfCommonBufferGetAlignedLogicalAddress, HIGH_LEVEL),
    KMDF_FUNCTION(94, WdfDmaEnablerCreate, PASSIVE_LEVEL),
    KMDF_FUNCTION(116, WdfDriverCreate, PASSIVE_LEVEL),
    KMDF_FUNCTION(118, WdfDriverWdmGetDriverObject, HIGH_LEVEL),
    KMDF_FUNCTION_AS(121, WdfDriverRegisterTraceInfo, nothing_to_do, PASSIVE_LEVEL),
    KMDF_FUNCTION(202, WdfObjectGetTypedContextWorker, HIGH_LEVEL),
    KMDF_FUNCTION(203, WdfObjectAllocateContext, DISPATCH_LEVEL),
    KMDF_FUNCTION(208, WdfObjectDelete, DISPATCH_LEVEL),
    KMDF_FUNCTION(304, WdfCmResourceListGetCount, HIGH_LEVEL),
    KMDF_FUNCTION(305, WdfCmResourceListGetDescriptor, HIGH_LEVEL),
    KMDF_FUNCTION(315, WdfSpinLockCreate, DISPATCH_LEVEL),
    KMDF_FUNCTION(316, WdfSpinLockAcquire, DISPATCH_LEVEL),
    KMDF_FUNCTION(317, WdfSpinLockRelease, DISPATCH_LEVEL),
    {0, {NULL, NULL, 0}},
};

/* In the place of each function that is not here. */
static struct nk_export missing[FUNCTION_LIMIT];

static VOID report_missing(VOID)
{
    nk_report("unsupported", "function %u of KMDF is not implemented here",
              (unsigned)(nk_service().function - missing));
}

static NTSTATUS WdfVersionBind(DRIVER_OBJECT *driver, UNICODE_STRING *path, WDF_BIND_INFO *info,
                               WDF_DRIVER_GLOBALS **out)
{
    const struct kmdf_function *const tables[] = {functions, kmdf_device_functions,
                                                  kmdf_request_functions};
    const struct kmdf_function *f;
    ULONG n;

    if (info->Major != 1 || info->FuncCount > FUNCTION_LIMIT)
        nk_report("unsupported", "KMDF %u.%u with %u functions", info->Major, info->Minor,
                  info->FuncCount);
    nk_log("KMDF %u.%u, %u functions\n", info->Major, info->Minor, info->FuncCount);
    for (n = 0; n < info->FuncCount; n++) {
        missing[n] =
            (struct nk_export){"a missing function", (const void *)report_missing, HIGH_LEVEL};
        info->FuncTable[n] = nk_export_callable(&missing[n]);
    }
    for (n = 0; n < NK_COUNT(tables); n++) {
        for (f = tables[n]; f->index; f++) {
            if (f->index < info->FuncCount)
                info->FuncTable[f->index] = nk_export_callable(&f->export);
        }
    }
    globals = (WDF_DRIVER_GLOBALS){.DriverTag = TAG_KMDF, .DisplaceDriverUnload = true};
    *out = &globals;
    return STATUS_SUCCESS;
}

static NTSTATUS no_class(VOID)
{
    return STATUS_NOT_SUPPORTED;
}

static const struct nk_export wdfldr_entries[] = {
    NK_EXPORT(WdfVersionBind, PASSIVE_LEVEL),
    NK_EXPORT_AS(WdfVersionUnbind, nothing_to_do, PASSIVE_LEVEL),
    NK_EXPORT_AS(WdfVersionBindClass, no_class, PASSIVE_LEVEL),
    NK_EXPORT_AS(WdfVersionUnbindClass, no_class, PASSIVE_LEVEL),
};
NK_EXPORT_TABLE(nk_wdfldr_exports, "wdfldr.sys", wdfldr_entries);
