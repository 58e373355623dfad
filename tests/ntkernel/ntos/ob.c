/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects, handles, references: the Ob exports and the named events. */
#include "ntos/ob.h"
#include "ntos/ex.h"
#include "ntos/ke.h"
#include "ntos/nt_io.h"
#include "image/image.h"

#define TAG_OBJECT   0x206A624Fu
#define HANDLE_LIMIT 64

struct header {
    LONG references;
    UCHAR body[] __attribute__((aligned(16)));
};

/* Handles look like those of the system process; the index is in bits 2 and up. */
static void *handles[HANDLE_LIMIT];

void *nk_object_create(SIZE_T size)
{
    struct header *h = nk_pool_zero(sizeof(*h) + size, TAG_OBJECT);

    h->references = 1;
    nk_resource_add_own(NK_OBJECT, h->body, size, TAG_OBJECT);
    return h->body;
}

bool nk_object_is(const void *object)
{
    return nk_resource_find(NK_OBJECT, object);
}

static void refer(void *object)
{
    __atomic_add_fetch(&NK_CONTAINER(object, struct header, body)->references, 1, __ATOMIC_SEQ_CST);
}

void nk_object_release(void *object)
{
    struct header *h = NK_CONTAINER(object, struct header, body);

    if (__atomic_sub_fetch(&h->references, 1, __ATOMIC_SEQ_CST))
        return;
    nk_resource_drop(NK_OBJECT, object);
    nk_pool_free(h, TAG_OBJECT);
}

PVOID nk_object_handle(void *object)
{
    bool on = nk_critical_enter();
    PVOID handle;
    ULONG64 n;

    for (n = 0; n < HANDLE_LIMIT && handles[n]; n++)
        ;
    if (n == HANDLE_LIMIT)
        nk_report("memory", "more than %u handles are open", HANDLE_LIMIT);
    handles[n] = object;
    nk_critical_leave(on);
    refer(object);
    handle = (PVOID)(0xFFFFFFFF80000000ull | (n + 1) << 2);
    nk_resource_add(NK_HANDLE, handle, 0, TAG_OBJECT);
    return handle;
}

static void **handle_slot(PVOID handle)
{
    if (!nk_resource_find(NK_HANDLE, handle))
        nk_report("argument", "%p is no open handle", handle);
    return &handles[(((ULONG64)handle & 0xFFFF) >> 2) - 1];
}

static NTSTATUS ZwClose(PVOID handle)
{
    void **slot = handle_slot(handle), *object = *slot;

    nk_resource_drop(NK_HANDLE, handle);
    *slot = NULL;
    nk_object_release(object);
    return STATUS_SUCCESS;
}

static NTSTATUS ObReferenceObjectByHandle(PVOID handle, ULONG access, PVOID type, CHAR mode,
                                          PVOID *object, PVOID information)
{
    if (mode)
        nk_report("unsupported", "a reference for user mode");
    *object = *handle_slot(handle);
    refer(*object);
    nk_resource_add(NK_REFERENCE, *object, 0, TAG_OBJECT);
    return STATUS_SUCCESS;
}

static LONG64 ObfDereferenceObject(PVOID object)
{
    if (nk_object_is(object)) {
        nk_resource_drop(NK_REFERENCE, object);
        nk_object_release(object);
    } else if (nk_resource_find(NK_DEVICE, object) &&
               --((DEVICE_OBJECT *)object)->ReferenceCount < 0) {
        nk_report("argument", "a device object is dereferenced too often");
    }
    return 1;
}

/* A new named event is born signalled; those that the system has for its own conditions ("low
 * memory") are not, as long as all is well. */
static KEVENT *IoCreateNotificationEvent(const UNICODE_STRING *name, PVOID *handle)
{
    static const WCHAR system[] = L"\\KernelObjects\\";
    KEVENT *event;
    bool of_system;

    if (nk_scarce())
        return NULL;
    of_system =
        name->Length >= sizeof(system) - 2 && !nk_memcmp(name->Buffer, system, sizeof(system) - 2);
    event = nk_object_create(sizeof(*event));
    nk_event_init(event, false, !of_system);
    *handle = nk_object_handle(event);
    nk_object_release(event);
    return event;
}

static const struct nk_export ob_entries[] = {
    NK_EXPORT(ZwClose, PASSIVE_LEVEL),
    NK_EXPORT(ObReferenceObjectByHandle, PASSIVE_LEVEL),
    NK_EXPORT(ObfDereferenceObject, DISPATCH_LEVEL),
    NK_EXPORT(IoCreateNotificationEvent, PASSIVE_LEVEL),
};
NK_EXPORT_TABLE(nk_ob_exports, "ntoskrnl.exe", ob_entries);
