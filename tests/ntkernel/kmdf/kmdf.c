/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kmdf/kmdf.h"
#include "image/image.h"
#include "ntos/ex.h"
#include "ntos/mm.h"
#include "ntos/ob.h"

#define TAG_KMDF       0x66646D4Bu
#define ITEMS_LIMIT    32
#define FUNCTION_LIMIT 512 /* of the driver's array; 1.13 has 440 */
#define STUB_SIZE      16

extern const UCHAR kmdf_missing[]; /* a stub per index */
_Noreturn void kmdf_missing_report(ULONG index, void *caller);

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

void *kmdf_object_of(WDFOBJECT handle, enum kmdf_kind kind)
{
    if (!nk_object_is(handle) || handle->kind != kind)
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

static VOID object_delete(PVOID g, WDFOBJECT handle)
{
    (void)g;
    if (!nk_object_is(handle))
        nk_report("argument", "WdfObjectDelete of %s", nk_address_name((ULONG64)handle));
    kmdf_delete(handle);
}

static PVOID get_context(PVOID g, WDFOBJECT handle, const WDF_CONTEXT_TYPE *type)
{
    const WDF_CONTEXT_TYPE *unique = type->UniqueType ? type->UniqueType : type;
    struct kmdf_context *context;

    (void)g;
    if (!nk_object_is(handle))
        nk_report("argument", "the context of %s is asked for", nk_address_name((ULONG64)handle));
    for (context = handle->contexts; context; context = context->next) {
        if (context->type == unique)
            return context->memory;
    }
    return NULL;
}

static NTSTATUS allocate_context(PVOID g, WDFOBJECT handle, const WDF_OBJECT_ATTRIBUTES *a,
                                 PVOID *memory)
{
    (void)g;
    add_context(handle, a);
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

static NTSTATUS spin_lock_create(PVOID g, const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    (void)g;
    *out = kmdf_create(KMDF_SPIN_LOCK, sizeof(struct spin_lock), a, the_driver);
    return STATUS_SUCCESS;
}

static VOID spin_lock_acquire(PVOID g, WDFOBJECT handle)
{
    struct spin_lock *s = kmdf_object_of(handle, KMDF_SPIN_LOCK);
    KIRQL irql = nk_irql_raise(DISPATCH_LEVEL);

    (void)g;
    nk_lock_acquire(&s->lock);
    s->irql = irql;
}

static VOID spin_lock_release(PVOID g, WDFOBJECT handle)
{
    struct spin_lock *s = kmdf_object_of(handle, KMDF_SPIN_LOCK);
    KIRQL irql = s->irql;

    (void)g;
    nk_lock_release(&s->lock);
    nk_irql_lower(irql);
}

/* Collections. */

struct collection {
    struct kmdf_object object;
    ULONG count;
    WDFOBJECT items[ITEMS_LIMIT];
};

static NTSTATUS collection_create(PVOID g, const WDF_OBJECT_ATTRIBUTES *a, WDFOBJECT *out)
{
    (void)g;
    *out = kmdf_create(KMDF_COLLECTION, sizeof(struct collection), a, the_driver);
    return STATUS_SUCCESS;
}

static ULONG collection_count(PVOID g, WDFOBJECT handle)
{
    (void)g;
    return ((struct collection *)kmdf_object_of(handle, KMDF_COLLECTION))->count;
}

static NTSTATUS collection_add(PVOID g, WDFOBJECT handle, WDFOBJECT item)
{
    struct collection *c = kmdf_object_of(handle, KMDF_COLLECTION);

    (void)g;
    if (c->count == ITEMS_LIMIT)
        nk_report("unsupported", "a collection of more than %u items", ITEMS_LIMIT);
    c->items[c->count++] = item;
    return STATUS_SUCCESS;
}

static VOID collection_remove(PVOID g, WDFOBJECT handle, WDFOBJECT item)
{
    struct collection *c = kmdf_object_of(handle, KMDF_COLLECTION);
    ULONG n;

    (void)g;
    for (n = 0; n < c->count && c->items[n] != item; n++)
        ;
    if (n == c->count)
        nk_report("argument", "WdfCollectionRemove of what is not in the collection");
    for (c->count--; n < c->count; n++)
        c->items[n] = c->items[n + 1];
}

static WDFOBJECT collection_item(PVOID g, WDFOBJECT handle, ULONG index)
{
    struct collection *c = kmdf_object_of(handle, KMDF_COLLECTION);

    (void)g;
    return index < c->count ? c->items[index] : NULL;
}

/* DMA: physical addresses are bus addresses. */

static NTSTATUS dma_create(PVOID g, WDFOBJECT device, PVOID config, const WDF_OBJECT_ATTRIBUTES *a,
                           WDFOBJECT *out)
{
    (void)g;
    (void)config;
    *out = kmdf_create(KMDF_DMA, sizeof(struct kmdf_object), a, device);
    return STATUS_SUCCESS;
}

static NTSTATUS buffer_create(PVOID g, WDFOBJECT dma, SIZE_T length, const WDF_OBJECT_ATTRIBUTES *a,
                              WDFOBJECT *out)
{
    void *memory = nk_contiguous_alloc(length, ~0ull, 0);
    struct buffer *buffer;

    (void)g;
    kmdf_object_of(dma, KMDF_DMA);
    if (!memory)
        return STATUS_INSUFFICIENT_RESOURCES;
    buffer = kmdf_create(KMDF_BUFFER, sizeof(*buffer), a, dma);
    buffer->memory = memory;
    *out = &buffer->object;
    return STATUS_SUCCESS;
}

static PVOID buffer_address(PVOID g, WDFOBJECT handle)
{
    struct buffer *b = kmdf_object_of(handle, KMDF_BUFFER);

    (void)g;
    return b->memory;
}

/* The result is a union and comes back by value. */
static PHYSICAL_ADDRESS buffer_physical(PVOID g, WDFOBJECT handle)
{
    return (PHYSICAL_ADDRESS){.QuadPart = (LONG64)nk_physical(buffer_address(g, handle))};
}

/* Resources: the handle of a list is the list. */

static ULONG resource_count(PVOID g, const CM_RESOURCE_LIST *list)
{
    (void)g;
    return list->PartialCount;
}

static const CM_PARTIAL_RESOURCE_DESCRIPTOR *resource_item(PVOID g, const CM_RESOURCE_LIST *list,
                                                           ULONG index)
{
    (void)g;
    return index < list->PartialCount ? &list->Partial[index] : NULL;
}

/* The driver. */

static VOID driver_unload(DRIVER_OBJECT *wdm)
{
    (void)wdm;
    if (the_driver->config.Unload)
        NK_CALL_VOID("EvtDriverUnload", the_driver->config.Unload(&the_driver->object));
    kmdf_delete(&the_driver->object);
    the_driver = NULL;
}

static NTSTATUS driver_create(PVOID g, DRIVER_OBJECT *wdm, UNICODE_STRING *path,
                              const WDF_OBJECT_ATTRIBUTES *a, const WDF_DRIVER_CONFIG *config,
                              WDFOBJECT *out)
{
    unsigned n;

    (void)g;
    (void)path;
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

static DRIVER_OBJECT *driver_wdm(PVOID g, WDFOBJECT handle)
{
    (void)g;
    return ((struct kmdf_driver *)kmdf_object_of(handle, KMDF_DRIVER))->wdm;
}

static NTSTATUS register_trace(PVOID g, DRIVER_OBJECT *wdm, PVOID callback, PVOID block)
{
    (void)g;
    (void)wdm;
    (void)callback;
    (void)block;
    return STATUS_SUCCESS;
}

/* Binding. */

static const struct kmdf_function functions[] = {
    {13, collection_create},  {14, collection_count},   {15, collection_add},
    {16, collection_remove},  {18, collection_item},    {21, buffer_create},
    {22, buffer_address},     {23, buffer_physical},    {94, dma_create},
    {116, driver_create},     {118, driver_wdm},        {121, register_trace},
    {202, get_context},       {203, allocate_context},  {208, object_delete},
    {304, resource_count},    {305, resource_item},     {315, spin_lock_create},
    {316, spin_lock_acquire}, {317, spin_lock_release}, {0, NULL},
};

void kmdf_missing_report(ULONG index, void *caller)
{
    nk_report("unsupported", "function %u of KMDF is not implemented here", index);
}

static NTSTATUS WdfVersionBind(DRIVER_OBJECT *driver, UNICODE_STRING *path, WDF_BIND_INFO *info,
                               WDF_DRIVER_GLOBALS **out)
{
    const struct kmdf_function *const tables[] = {functions, kmdf_device_functions,
                                                  kmdf_request_functions};
    const struct kmdf_function *f;
    ULONG n;

    (void)driver;
    (void)path;
    if (info->Major != 1 || info->FuncCount > FUNCTION_LIMIT)
        nk_report("unsupported", "KMDF %u.%u with %u functions", info->Major, info->Minor,
                  info->FuncCount);
    nk_log("KMDF %u.%u, %u functions\n", info->Major, info->Minor, info->FuncCount);
    for (n = 0; n < info->FuncCount; n++)
        info->FuncTable[n] = kmdf_missing + (SIZE_T)n * STUB_SIZE;
    for (n = 0; n < NK_COUNT(tables); n++) {
        for (f = tables[n]; f->address; f++) {
            if (f->index < info->FuncCount)
                info->FuncTable[f->index] = f->address;
        }
    }
    globals = (WDF_DRIVER_GLOBALS){.DriverTag = TAG_KMDF, .DisplaceDriverUnload = true};
    *out = &globals;
    return STATUS_SUCCESS;
}

static NTSTATUS WdfVersionUnbind(UNICODE_STRING *path, WDF_BIND_INFO *info, PVOID driver_globals)
{
    (void)path;
    (void)info;
    (void)driver_globals;
    return STATUS_SUCCESS;
}

static NTSTATUS WdfVersionBindClass(WDF_BIND_INFO *info, PVOID driver_globals, PVOID class)
{
    (void)info;
    (void)driver_globals;
    (void)class;
    return STATUS_NOT_SUPPORTED;
}

static VOID WdfVersionUnbindClass(WDF_BIND_INFO *info, PVOID driver_globals, PVOID class)
{
    WdfVersionBindClass(info, driver_globals, class);
}

static const struct nk_export wdfldr_entries[] = {
    NK_EXPORT(WdfVersionBind, PASSIVE_LEVEL),
    NK_EXPORT(WdfVersionUnbind, PASSIVE_LEVEL),
    NK_EXPORT(WdfVersionBindClass, PASSIVE_LEVEL),
    NK_EXPORT(WdfVersionUnbindClass, PASSIVE_LEVEL),
};
NK_EXPORT_TABLE(nk_wdfldr_exports, "wdfldr.sys", wdfldr_entries);
