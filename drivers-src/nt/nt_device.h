// SPDX-License-Identifier: BSD-3-Clause
//
// The skeleton of a WDM function driver for a virtio PCI device: Plug and Play, power, interrupts,
// recovery. A driver fills `struct nt_driver`, names it nt_driver, and has a DriverEntry that calls
// nt_driver_init(); what differs between devices is in a handful of calls, all made by the
// skeleton.
//
// LIFE
//
//   add                              once per device: locks, timers, queues of requests
//     start ---> enable <---------+  hardware found; D0: negotiate, start queues, DRIVER_OK
//                 | reset wanted  |
//                 v               |
//               disable ----------+  Dx, stop, recovery: nt_device_quiesce, take buffers back
//     close                          no request is served any more: fail what waits
//   remove                           once: undo add
//
// `enable` and `disable` alternate strictly. While a device is disabled because it sleeps or is
// being moved (rebalanced), requests that come in are to be held; after `close` they are refused.
// A device that fails for good (`enable` failed, or too many resets without success between them)
// gets `close` as well, and Plug and Play is told (PNP_DEVICE_FAILED), which removes the device.
//
// LOCKS, outer to inner
//
//   control   an event, owned by the skeleton. All calls above are made under it, at PASSIVE_LEVEL,
//             so they never run at the same time for one device. The driver never takes it.
//   queue     a spin lock of the driver's for its virtqueue, if any
//   CSQ       a spin lock of the driver's for its list of waiting IRPs, if any
//
// No IRP is completed under a spin lock. The remove lock is held for each IRP from its dispatch to
// nt_complete(), and for a queued recovery.
//
// INTERRUPTS
//
// Messages (MSI-X) if the system gives any, else the line. With one message all causes share it;
// with more, number 0 is for configuration changes and the rest for queues; nt_vector() tells. The
// service routine only notes the cause and queues a DPC; it touches the device (ISR register) only
// for the line, and only between `enable` and nt_device_quiesce().

#ifndef NT_DEVICE_H
#define NT_DEVICE_H

#include "nt/kdk.h"
#include "nt/nt_log.h"
#include "nt/nt_os.h"
#include "nt/nt_pci.h"
#include "virtio/virtio.h"

// After so many resets without nt_device_progress() between them a device is given up.
#define NT_RESETS_MAX 8

struct nt_device;

struct nt_driver {
    const char *log_prefix;     // "viorng: "
    ULONG tag;                  // for pool and remove lock, as a number
    ULONG context_bytes;        // of the driver's own state
    uint16_t device_type;       // virtio 1.2, 5
    const GUID *interface_guid; // device interface that programs open, or NULL

    // See LIFE. PASSIVE_LEVEL, under the control lock (add, remove: no lock is needed).
    NTSTATUS (*add)(struct nt_device *dev);
    void (*remove)(struct nt_device *dev);
    NTSTATUS (*enable)(struct nt_device *dev); // on error it has undone what it did
    void (*disable)(struct nt_device *dev);
    void (*close)(struct nt_device *dev, NTSTATUS why); // may be called twice

    // Work for an interrupt; `causes` are VDEV_ISR_* bits. May come at any time between start and
    // the end of disable, also for no reason. DISPATCH_LEVEL.
    void (*dpc)(struct nt_device *dev, ULONG causes);

    // An IRP other than those the skeleton handles; to be ended by nt_complete(), whose status is
    // returned, or pended. NULL: there are none. At the IRQL of the sender.
    NTSTATUS (*request)(struct nt_device *dev, IRP *irp);
    // The last handle of `file` was closed: end its waiting requests. May be NULL. PASSIVE_LEVEL.
    void (*cleanup)(struct nt_device *dev, FILE_OBJECT *file);
};

// The driver's table, defined by the driver.
extern const struct nt_driver nt_driver;

struct nt_device {
    // For the driver to read.
    void *context;     // context_bytes, zeroed before `add`
    struct vdev *vdev; // between start and stop
    struct vio_os os;
    struct nt_log log;
    DEVICE_OBJECT *self;
    DEVICE_OBJECT *pdo;

    // The skeleton's own.
    DEVICE_OBJECT *lower;
    IO_REMOVE_LOCK remove_lock;
    UNICODE_STRING interface_name;
    KEVENT control;
    BOOLEAN started; // hardware is there: resources held, interrupts connected
    BOOLEAN enabled; // `enable` succeeded, `disable` not called since
    BOOLEAN removed; // surprise removal or removal has begun
    BOOLEAN failed;  // given up
    BOOLEAN leaked;  // a reset timed out: the device may still write to memory
    LONG resets;     // since the last progress
    LONG reset_queued;
    PIO_WORKITEM reset_work;
    PIO_WORKITEM power_work;
    IRP *power_irp; // IRP_MN_SET_POWER to D0 that power_work ends
    struct nt_pci pci;
    struct vpci *vpci;
    struct vpci_memory vpci_memory;
    struct vdev_memory vdev_memory;
    KDPC dpc;
    LONG causes;        // VDEV_ISR_*, for the DPC
    LONG interruptible; // the service routine may do its work
    ULONG messages;     // interrupt messages, 0 with a line
    union {
        IO_INTERRUPT_MESSAGE_INFO *table; // messages > 0
        PKINTERRUPT line;                 // messages == 0
        PVOID any;
    } interrupt;
};

// Sets the driver object's entry points. For DriverEntry.
NTSTATUS nt_driver_init(DRIVER_OBJECT *driver);

// MSI-X vector for queue `index`, or VTRANSPORT_NO_VECTOR with a line. Between start and stop; any
// IRQL.
uint16_t nt_vector(const struct nt_device *dev, uint16_t index);

// MSI-X vector for configuration changes, or VTRANSPORT_NO_VECTOR. As nt_vector().
uint16_t nt_config_vector(const struct nt_device *dev);

// Resets the device and waits until no service routine and no DPC of it runs, for `disable` and the
// error path of `enable`. Returns whether the device is known to be off all memory: if not, rings
// and buffers must be left to it for ever (leaked). Not under a spin lock. PASSIVE_LEVEL.
BOOLEAN nt_device_quiesce(struct nt_device *dev);

// Wants the device reset: disable and enable again, soon, on a system thread. For a poisoned queue,
// an unresponsive device, or DEVICE_NEEDS_RESET. Requests made until it starts count as one. Up to
// DISPATCH_LEVEL, any lock.
void nt_device_reset_soon(struct nt_device *dev);

// Notes that the device does its work. Up to DISPATCH_LEVEL, any lock.
void nt_device_progress(struct nt_device *dev);

// Ends an IRP that came to `request`, and returns `status`. Up to DISPATCH_LEVEL, no spin lock.
NTSTATUS nt_complete(struct nt_device *dev, IRP *irp, NTSTATUS status, ULONG_PTR information);

#endif
