// SPDX-License-Identifier: BSD-3-Clause
//
// viostor: a Storport miniport driver for virtio block devices.
//
//   vb_main.c      DriverEntry: what the driver is to Storport
//   vb_adapter.c   HwFindAdapter: finding the device, limits, memory
//   vb_device.c    starting the device, HwInitialize and the passive part of it, serial number
//   vb_io.c        HwBuildIo and HwStartIo: from request to queue
//   vb_complete.c  interrupts and the DPC: from queue to finished request
//   vb_reset.c     resets, HwResetBus, HwAdapterControl, PnP requests
//   vb_os.c        what the virtio core needs of Windows
//   srb.*          Storport's request formats
//   scsi*.*        the SCSI disk that Windows sees (no Windows in there)
//   vblk.*         virtio-blk as data (no Windows in there)
//
// A REQUEST'S WAY
//
//   HwBuildIo (no lock)   the SCSI layer interprets the command. What needs no device is finished
//                         here. For the rest, a struct vb_request is made in the SRB extension.
//   HwStartIo (StartIo)   the request goes on the queue, the doorbell rings.
//   interrupt (DIRQL)     queues the DPC, touches nothing else.
//   DPC (StartIo)         takes finished requests off the queue; a write with FUA goes back on it
//                         as a flush.
//   DPC (no lock)         judges and completes them.
//
// LOCKS AND IRQL
//
// Storport's StartIo lock protects the queue and the state. Storport holds it in HwStartIo and
// HwResetBus anyway, so submission pays for no second lock; the DPC is allowed to take it. DPC and
// interrupt locks would not do: HwResetBus may not take the former, and the latter raises to DIRQL
// for as long as requests are added. HwAdapterControl runs with no request outstanding.
// What interrupt routines tell the DPC goes through atomic flags. A second queue would bring its
// own DPC and be protected by that DPC's lock, with the queue functions taking a struct vb_queue;
// all that is per queue is in there already.
//
// The disk's description is read in HwBuildIo without a lock; it exists twice, and a change fills
// the other copy and then switches (vb_device_refresh()).
//
// WHAT IS NOT TRUSTED
//
// All that comes from the device is held against limits that the driver knows. A queue that the
// device corrupts, or DEVICE_NEEDS_RESET, leads to a device reset: everything outstanding is
// completed with SRB_STATUS_BUS_RESET, by which Storport's clients try again. Such resets are
// counted; after VB_RESETS_MAX in a row without a single finished request the device is given up
// until Windows itself asks for a reset. Every wait is bounded: a reset by VDEV_RESET_US, the
// serial number by VB_ID_US. A device that does not even acknowledge a reset may still write to
// memory, so its requests are not completed before a later reset succeeds.
//
// CRASH DUMPS
//
// Windows loads a second instance of the driver to write a dump or a hibernation file, without
// interrupts, DPCs and scatter lists. That instance is refused in DriverEntry (no dump is written)
// rather than half supported.

#ifndef VIOSTOR_VB_H
#define VIOSTOR_VB_H

#include "nt/kdk_storport.h"
#include "scsi.h"
#include "srb.h"
#include "vblk.h"
#include "virtio/virtio.h"

// The virtio device type (virtio 1.2, 5.2.1).
#define VB_DEVICE_TYPE 2u

// Largest queue used, and with it the largest that a legacy device may have, which cannot choose.
#define VB_RING_MAX 1024u

// Room for the core's private memory beyond vq_private_bytes().
#define VB_PRIVATE_EXTRA 256u

// Resets in a row that the driver starts by itself.
#define VB_RESETS_MAX 5u

// Longest wait for the serial number, in microseconds, and how often it is looked for.
#define VB_ID_US      1000000u
#define VB_ID_STEP_US 100u

// Requests that the DPC takes off the queue under one hold of the lock, and how often it does so
// before it lets other DPCs run.
#define VB_BATCH   32u
#define VB_BATCHES 8u

// A request to the device, in memory that the device reaches. Aligned to 16; behind `sg` lies the
// indirect table, with room for as many descriptors. Never zeroed: all that is used is written.
// As the device can write all of it, nothing that is read back from here decides over memory
// unchecked, nor over what happens after the device is done: that tells the queue's token
// (vb_token()).
struct vb_request {
    struct vblk_header header; // read by the device
    uint8_t status;            // written by the device
    uint8_t pad[7];
    uint64_t pa; // device address of this structure
    enum vblk_type type;
    uint32_t bytes;  // of data
    uint16_t pieces; // of data in `sg`
    uint8_t force;   // not 0: a flush has to follow
    // Device address of the table; 0 if it is not contiguous with the request.
    uint64_t table_pa __attribute__((aligned(8)));
    struct vq_sg sg[] __attribute__((aligned(16)));
};

C_ASSERT(FIELD_OFFSET(struct vb_request, sg) == sizeof(struct vb_request));
C_ASSERT(sizeof(struct vq_sg) == VQ_DESC_BYTES);
C_ASSERT(sizeof(struct vblk_header) == 16);

enum vb_state {
    VB_STOPPED, // not started, or stopped by Windows
    VB_LIVE,
    VB_FAILED, // was reset but did not start; nothing outstanding
    VB_STUCK,  // did not acknowledge a reset; requests may be outstanding
    VB_GONE    // removed
};

struct vb_queue {
    struct vq *vq; // NULL before the first start
    uint16_t size;
    void *ring;
    uint64_t ring_pa;
    size_t ring_bytes;
    void *priv;
    size_t priv_bytes;
    STOR_DPC dpc;
};

// The device extension. The core's private memory for the queue lies behind it.
struct vb_adapter {
    // Survive a second HwFindAdapter, as Storport may hand out the same memory again.
    void *uncached;
    uint32_t uncached_bytes;

    struct vio_os os;
    struct vpci_memory pci_memory;
    struct vdev_memory dev_memory;
    struct vpci *pci;
    struct vdev *dev;
    struct vb_queue queue;
    struct vblk_limits limits;
    struct scsi_disk disks[2];
    uint32_t disk; // which of the two holds; atomic
    struct vb_request *id_request;
    uint8_t *id_buffer;
    uint64_t id_buffer_pa;

    uint32_t messages;   // MSI-X messages used: 0 (line interrupt), 1 or 2
    uint32_t dpc_ready;  // not 0: the DPC may be queued; atomic
    uint32_t state;      // enum vb_state; atomic, written under the StartIo lock
    uint32_t config_due; // the configuration changed; atomic
    uint32_t reset_due;  // the device has to be reset; atomic
    uint32_t attention;  // pending unit attention; atomic
    uint32_t resets;     // in a row, started by the driver
};

// What the queue keeps for a request, out of the device's reach: its SRB (NULL: the driver's own
// request), and in the lowest bit of the pointer, which is aligned, whether a flush has to follow.
// Never NULL, as the adapter stands for no SRB.
static inline void *vb_token(struct vb_adapter *adapter, SRB *srb, bool force)
{
    return srb != NULL ? (void *)((uintptr_t)srb | (force ? 1u : 0u)) : adapter;
}

static inline SRB *vb_token_srb(const struct vb_adapter *adapter, void *token)
{
    return token != adapter ? (SRB *)((uintptr_t)token & ~(uintptr_t)1) : NULL;
}

static inline bool vb_token_force(const struct vb_adapter *adapter, const void *token)
{
    return token != adapter && ((uintptr_t)token & 1) != 0;
}

// Bytes of a request with room for `segments` pieces of data, alignment included.
static inline uint32_t vb_request_bytes(uint32_t segments)
{
    uint32_t elements = segments + VBLK_EXTRA_SEGMENTS;

    return sizeof(struct vb_request) + elements * 2 * VQ_DESC_BYTES + (VQ_DESC_BYTES - 1);
}

static inline void *vb_align(void *p, uintptr_t alignment)
{
    return (void *)(((uintptr_t)p + alignment - 1) & ~(alignment - 1));
}

static inline uint32_t vb_load(const uint32_t *p)
{
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void vb_store(uint32_t *p, uint32_t value)
{
    __atomic_store_n(p, value, __ATOMIC_RELEASE);
}

static inline uint32_t vb_exchange(uint32_t *p, uint32_t value)
{
    return __atomic_exchange_n(p, value, __ATOMIC_ACQ_REL);
}

static inline enum vb_state vb_get_state(const struct vb_adapter *adapter)
{
    return (enum vb_state)vb_load(&adapter->state);
}

static inline const struct scsi_disk *vb_get_disk(const struct vb_adapter *adapter)
{
    return &adapter->disks[vb_load(&adapter->disk)];
}

// vb_os.c

// Fills adapter->os. Any IRQL.
void vb_os_init(struct vb_adapter *adapter);

// Device address of `bytes` bytes at `va`, which belong to the driver. Returns false if they are
// not contiguous for the device. Up to DISPATCH_LEVEL.
bool vb_device_address(struct vb_adapter *adapter, void *va, uint32_t bytes, uint64_t *pa);

// vb_adapter.c

// HwFindAdapter: finds the device on its bus, asks it for its limits, tells Storport, and gets
// memory. Leaves the device reset. PASSIVE_LEVEL.
ULONG NTAPI vb_find_adapter(PVOID extension, PVOID context, PVOID bus, PCHAR arguments,
                            PPORT_CONFIGURATION_INFORMATION config, PBOOLEAN again);

// vb_device.c

// Negotiates features and reads the configuration into `limits` and `disk`; the device is left
// before DRIVER_OK. `*ring_size` receives the queue size to use. Up to DIRQL.
enum vio_status vb_device_negotiate(struct vb_adapter *adapter, struct vblk_limits *limits,
                                    struct scsi_disk *disk, uint16_t *ring_size);

// Brings a device that was reset to life, with the limits that Storport was told. The state is the
// caller's to set. On error the device is marked as failed. Up to DIRQL.
enum vio_status vb_device_start(struct vb_adapter *adapter);

// Resets the device and takes everything off its queue, completing requests with `srb_status`
// (bounded by the queue's size). VIO_E_TIMEOUT: the device may still touch memory, so nothing was
// taken off; VIO_E_GONE: there is no device any more, and requests were completed with
// SRB_STATUS_NO_DEVICE. StartIo lock, or no request outstanding. Up to DIRQL; up to DISPATCH_LEVEL
// if requests may be outstanding.
enum vio_status vb_device_stop(struct vb_adapter *adapter, UCHAR srb_status);

// Reads the capacity anew after a configuration change; a new one becomes a unit attention.
// StartIo lock.
void vb_device_refresh(struct vb_adapter *adapter);

// HwInitialize. DIRQL.
BOOLEAN NTAPI vb_initialize(PVOID extension);

// vb_io.c

// HwBuildIo: no lock, up to DISPATCH_LEVEL. HwStartIo: StartIo lock, DISPATCH_LEVEL.
BOOLEAN NTAPI vb_build_io(PVOID extension, PSCSI_REQUEST_BLOCK srb);
BOOLEAN NTAPI vb_start_io(PVOID extension, PSCSI_REQUEST_BLOCK srb);

// Sets up what all requests have in common. `memory` is vb_request_bytes(segments) long and need
// not be aligned. Returns NULL if it is not contiguous for the device. Up to DISPATCH_LEVEL.
struct vb_request *vb_request_make(struct vb_adapter *adapter, void *memory, uint32_t segments,
                                   enum vblk_type type);

// Puts a request that was made for `segments` pieces of data, of which it has `pieces`, on the
// queue; vq_kick() remains to be done. VIO_E_ARG: more pieces than segments; others as of vq_add().
// StartIo lock.
enum vio_status vb_request_add(struct vb_adapter *adapter, struct vb_request *request,
                               uint16_t segments, uint16_t pieces, void *token);

// The request in the extension of an SRB. Any IRQL.
struct vb_request *vb_request_of(const SRB *srb);

// vb_complete.c

BOOLEAN NTAPI vb_interrupt(PVOID extension);
BOOLEAN NTAPI vb_interrupt_message(PVOID extension, ULONG message);
VOID NTAPI vb_dpc(PSTOR_DPC dpc, PVOID extension, PVOID argument1, PVOID argument2);

// Queues the DPC. Any IRQL.
void vb_queue_dpc(struct vb_adapter *adapter);

// Gives a request back to Storport. Up to DISPATCH_LEVEL, with or without the StartIo lock; the
// request may not be touched any more.
void vb_complete(struct vb_adapter *adapter, SRB *srb, UCHAR srb_status);

// The same for a SCSI command that failed with CHECK CONDITION.
void vb_complete_sense(struct vb_adapter *adapter, SRB *srb, const struct scsi_sense *sense);

// The SRB status of a request that the device's state forbids.
UCHAR vb_state_status(enum vb_state state);

// vb_reset.c

// Resets the device and starts it anew; everything outstanding is completed with
// SRB_STATUS_BUS_RESET. Returns whether it runs. StartIo lock.
bool vb_reset(struct vb_adapter *adapter);

// The same for the driver's own reasons: not more than VB_RESETS_MAX times in a row, and noted in
// the system's event log. StartIo lock.
void vb_reset_self(struct vb_adapter *adapter);

// Handles SRB_FUNCTION_RESET_* and SRB_FUNCTION_PNP, and completes them. StartIo lock.
void vb_start_reset(struct vb_adapter *adapter, SRB *srb);
void vb_start_pnp(struct vb_adapter *adapter, SRB *srb);

BOOLEAN NTAPI vb_reset_bus(PVOID extension, ULONG path);
SCSI_ADAPTER_CONTROL_STATUS NTAPI vb_adapter_control(PVOID extension,
                                                     SCSI_ADAPTER_CONTROL_TYPE type,
                                                     PVOID parameters);

#endif
