/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small KMDF: what the virtio-win project's viorng and balloon use of it, on top of the same PnP
 * and I/O managers that WDM drivers meet. It serves as a reference for the scenarios, not to judge
 * KMDF drivers: much is simpler than in the real framework.
 *
 * kmdf.c has binding, the driver, objects and what is only an object; device.c the device, PnP,
 * power and interrupts; request.c files, queues and requests.
 */
#ifndef KMDF_H
#define KMDF_H

#include "kmdf/wdf_types.h"
#include "image/image.h"
#include "ntos/irp.h"
#include "ntos/ke.h"

#define KMDF_INTERRUPTS 8

enum kmdf_kind {
    KMDF_DRIVER,
    KMDF_DEVICE,
    KMDF_INTERRUPT,
    KMDF_QUEUE,
    KMDF_REQUEST,
    KMDF_FILE,
    KMDF_SPIN_LOCK,
    KMDF_COLLECTION,
    KMDF_DMA,
    KMDF_BUFFER
};

struct kmdf_context {
    struct kmdf_context *next;
    const WDF_CONTEXT_TYPE *type;
    WDF_OBJECT_CALLBACK *cleanup, *destroy;
    UCHAR memory[] __attribute__((aligned(16)));
};

/* The first part of every object. */
struct kmdf_object {
    enum kmdf_kind kind;
    struct kmdf_object *parent;
    LIST_ENTRY children, sibling;
    struct kmdf_context *contexts;
};

struct kmdf_driver {
    struct kmdf_object object;
    DRIVER_OBJECT *wdm;
    WDF_DRIVER_CONFIG config;
};

struct kmdf_device {
    struct kmdf_object object;
    DEVICE_OBJECT *wdm, *lower, *pdo;
    WDF_PNPPOWER_EVENT_CALLBACKS pnp;
    WDF_FILEOBJECT_CONFIG files;
    bool passive, synchronized; /* callbacks at PASSIVE_LEVEL, under the device's lock */
    KMUTANT mutex;              /* the lock of a passive device */
    KSPIN_LOCK spin_lock;
    KIRQL spin_irql;
    UNICODE_STRING link;

    CM_RESOURCE_LIST *resources;
    struct kmdf_interrupt *interrupts[KMDF_INTERRUPTS];
    unsigned interrupt_count;
    PVOID connection;
    ULONG connection_version; /* 0 while not connected */
    bool prepared, working, gone, self_managed;

    struct kmdf_queue *queues[IRP_MJ_MAXIMUM_FUNCTION + 1], *default_queue;
};

struct kmdf_interrupt {
    struct kmdf_object object;
    struct kmdf_device *device;
    WDF_INTERRUPT_CONFIG config;
    WDF_INTERRUPT_INFO info;
    KDPC dpc;
};

struct kmdf_queue {
    struct kmdf_object object;
    struct kmdf_device *device;
    WDF_IO_QUEUE_CONFIG config;
    LIST_ENTRY waiting, presented;
    struct nk_work work;
    bool work_queued, stopped;
    KEVENT changed; /* a presented request is completed or acknowledged */
};

struct kmdf_init {
    DEVICE_OBJECT *pdo;
    WDF_PNPPOWER_EVENT_CALLBACKS pnp;
    WDF_FILEOBJECT_CONFIG files;
    ULONG io_type;
    struct kmdf_device *device; /* once made */
};

/** An object with the attributes' context, child of their parent or of `parent`. */
void *kmdf_create(enum kmdf_kind kind, SIZE_T size, const WDF_OBJECT_ATTRIBUTES *attributes,
                  void *parent);
/** Children first: cleanup callbacks, what the kind holds, memory. */
void kmdf_delete(struct kmdf_object *object);
/** The handle as an object of this kind; another is reported. */
void *kmdf_object_of(WDFOBJECT handle, enum kmdf_kind kind);
struct kmdf_driver *kmdf_driver_the(void);
/** What Wdf...GetDevice and WdfRequestGetIoQueue return. */
WDFOBJECT kmdf_parent(PVOID globals, WDFOBJECT handle);

/* device.c */
NTSTATUS kmdf_device_add(DRIVER_OBJECT *driver, DEVICE_OBJECT *pdo);
void kmdf_device_lock(struct kmdf_device *device);
void kmdf_device_unlock(struct kmdf_device *device);
struct kmdf_device *kmdf_device_of_wdm(DEVICE_OBJECT *wdm);
NTSTATUS kmdf_dispatch_pnp(DEVICE_OBJECT *wdm, IRP *irp);
NTSTATUS kmdf_dispatch_power(DEVICE_OBJECT *wdm, IRP *irp);
NTSTATUS kmdf_dispatch_other(DEVICE_OBJECT *wdm, IRP *irp);

/* request.c */
NTSTATUS kmdf_dispatch_file(DEVICE_OBJECT *wdm, IRP *irp);
NTSTATUS kmdf_dispatch_io(DEVICE_OBJECT *wdm, IRP *irp);
/** Present what waits from now on. */
void kmdf_queues_start(struct kmdf_device *device);
/** Hold back what comes; have the driver stop what it has, and wait until it has done so. */
void kmdf_queues_stop(struct kmdf_device *device, bool for_ever);

/* Function tables: what the driver's array gets at which index. */
struct kmdf_function {
    ULONG index;
    struct nk_export export;
};
#define KMDF_FUNCTION(index, name, max_irql) \
    {                                        \
        index, NK_EXPORT(name, max_irql)     \
    }
#define KMDF_FUNCTION_AS(index, name, function, max_irql) \
    {                                                     \
        index, NK_EXPORT_AS(name, function, max_irql)     \
    }
extern const struct kmdf_function kmdf_device_functions[], kmdf_request_functions[];

#endif
