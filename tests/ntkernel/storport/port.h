/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Storport role: one adapter, its miniport's contract, and requests for scenarios.
 *
 * Locks and IRQL as documented for the miniport routines:
 *   HwFindAdapter            PASSIVE_LEVEL, no lock
 *   HwInitialize             device IRQL, interrupts connected
 *   passive initialization   PASSIVE_LEVEL
 *   HwBuildIo                DISPATCH_LEVEL, no lock
 *   HwStartIo, HwResetBus    full duplex: DISPATCH_LEVEL under the StartIo lock;
 *                            half duplex: device IRQL under the interrupt lock
 *   interrupt routines       device IRQL under the interrupt lock (per message if so asked)
 *   DPC routines             DISPATCH_LEVEL, no lock
 *   HwStorTimer              as HwStartIo
 *   HwAdapterControl         query at PASSIVE_LEVEL, stop and restart at device IRQL
 * Completions reach the scenario from the port's own DPC.
 */
#ifndef NK_PORT_H
#define NK_PORT_H

#include "ntos/ke.h"
#include "storport/sp_types.h"

#define SP_REQUESTS 64
#define SP_MESSAGES 16
#define SP_SENSE    64
#define SP_ADAPTERS 2
#define SP_DPCS     64

struct sp_adapter;

enum sp_state { SP_FREE, SP_QUEUED, SP_BUILDING, SP_STARTED, SP_COMPLETED };

/* One request. A scenario fills the first part; the rest is the port's. */
struct sp_request {
    UCHAR function; /* SRB_FUNCTION_* */
    UCHAR cdb[16], cdb_length;
    UCHAR path, target, lun;
    bool write;
    void *buffer;
    ULONG length;
    void (*done)(struct sp_request *request); /* DISPATCH_LEVEL */
    void *context;

    /* Valid in done() and after it. */
    UCHAR status, scsi_status;
    bool sense_valid;
    UCHAR sense[SP_SENSE];
    ULONG transferred;

    enum sp_state state;
    unsigned slot;
    void *srb, *sense_buffer;
    ULONG64 extension;
    STOR_SCATTER_GATHER_LIST *sg;
    KEVENT finished;
    LIST_ENTRY entry;
};

/* What a request needs while the miniport has it. */
enum sp_memory { SP_SRB, SP_SENSE_DATA, SP_LIST, SP_MEMORY_KINDS };

struct sp_message {
    struct sp_adapter *adapter;
    ULONG index;
    UCHAR vector;
    KSPIN_LOCK lock;
};

struct sp_adapter {
    void *extension;
    HW_INITIALIZATION_DATA hw;
    PORT_CONFIGURATION_INFORMATION config;
    ACCESS_RANGE ranges[6];
    struct nk_pci *pci;

    bool messages_used;
    unsigned message_count;
    struct sp_message message[SP_MESSAGES];
    UCHAR line_vector;
    KIRQL irql; /* highest of the connected interrupts */
    KSPIN_LOCK interrupt_lock, start_io_lock;

    void *uncached;
    ULONG uncached_size;
    BOOLEAN (*passive_initialize)(PVOID extension);
    bool dump; /* writes a crash dump: no interrupts, no DPCs, no locks, no pool */
    bool in_find_adapter, in_initialize, in_passive_initialize, found, initialized, stopped, paused;
    ULONG busy; /* requests that must complete before the next is sent */
    ULONG queue_depth, outstanding;

    struct sp_request *requests[SP_REQUESTS];
    ULONG64 extension_physical[SP_REQUESTS];
    ULONG extension_pages;
    bool keeps; /* for figures: a slot's memory stays for its next request, as Windows' does */
    struct {
        void *block[SP_MEMORY_KINDS];
        ULONG size[SP_MEMORY_KINDS];
        ULONG64 extension;
    } slot[SP_REQUESTS];
    VOID (*hw_timer)(PVOID extension); /* NULL while none is asked for */
    bool timer_made;
    KTIMER timer;
    KDPC timer_dpc;
    LIST_ENTRY waiting, completed;
    KDPC completion_dpc;
    struct sp_dpc {
        const STOR_DPC *dpc;
        VOID (*routine)(STOR_DPC *dpc, PVOID extension, PVOID arg1, PVOID arg2);
    } stor_dpcs[SP_DPCS];
    KDPC resume_dpc;
    ULONG64 interrupts, dpcs, resets_detected, bus_changes;
};

/** The adapter of the driver under test; StorPortInitialize fills in hw, also the second one's. */
struct sp_adapter *sp_adapter_the(void);
struct sp_adapter *sp_adapter_second(void);
/** The one of the instance that writes a crash dump. */
struct sp_adapter *sp_adapter_dump(void);
/** By HwDeviceExtension; an unknown one is reported. */
struct sp_adapter *sp_adapter_of(const void *extension);

/** Find, connect and initialize the adapter on `pci`; reported if the miniport refuses. */
void sp_adapter_start(struct sp_adapter *adapter, struct nk_pci *pci);
/** The same where the miniport may refuse: false then, and sp_adapter_remove() still has to be
 * called. */
bool sp_adapter_try_start(struct sp_adapter *adapter, struct nk_pci *pci);
/** Take the device over to write a crash dump. At HIGH_LEVEL, interrupts off, like all that
 * follows. */
void sp_adapter_start_dump(struct sp_adapter *adapter, struct nk_pci *pci);
/** Stop (with stop and restart checks left to the scenario), free adapter resources, disconnect. */
void sp_adapter_remove(struct sp_adapter *adapter);
/** HwAdapterControl of a supported type; false if the miniport does not support it. */
bool sp_adapter_control(struct sp_adapter *adapter, ULONG type);
/** HwResetBus for path 0. */
void sp_adapter_reset(struct sp_adapter *adapter);

/** Run a miniport routine under the interrupt lock at device IRQL. */
KIRQL sp_interrupt_lock(struct sp_adapter *adapter);
void sp_interrupt_unlock(struct sp_adapter *adapter, KIRQL former);
KIRQL sp_start_io_lock(struct sp_adapter *adapter);
void sp_start_io_unlock(struct sp_adapter *adapter, KIRQL former);

/** Queue a request; done() is called once. */
void sp_submit(struct sp_adapter *adapter, struct sp_request *request);
/** Wait until a request is the scenario's again; false if that takes longer than `ms`. */
bool sp_wait(struct sp_request *request, ULONG ms);
/** Queue a request and wait for its end; returns the SRB status without flag bits. */
UCHAR sp_execute(struct sp_adapter *adapter, struct sp_request *request);
/** The same for the adapter that writes a crash dump: HwInterrupt is called until the request ends.
 */
UCHAR sp_execute_dump(struct sp_adapter *adapter, struct sp_request *request);
/** Send what waits, unless the miniport has paused the adapter. */
void sp_pump(struct sp_adapter *adapter);
/** A completion by the miniport. Any IRQL. */
void sp_complete(struct sp_adapter *adapter, void *srb);
/** The request behind an SRB that the miniport owns now; another is reported. */
struct sp_request *sp_request_of(struct sp_adapter *adapter, const void *srb);
void sp_requests_init(struct sp_adapter *adapter);
void sp_requests_free(struct sp_adapter *adapter);

#endif
