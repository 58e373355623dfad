/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NDIS towards a 6.x miniport, and the one protocol above it, which is the scenario.
 *
 *   registration -> AddDevice -> start: MiniportInitializeEx -> paused
 *     nd_restart -> running:  nd_send, receive(), nd_oid in any number, from any processor
 *     nd_pause   -> paused:   every frame is back where it came from
 *   stop, removal (surprise or not): pause if need be, MiniportHaltEx
 *
 * The PnP side is that of ntos/pnp.h: NDIS is the function driver of the device's stack.
 *
 * Who has a NET_BUFFER_LIST is kept with it. Lists of the scenario go away by nd_send and come home
 * by NdisMSendNetBufferListsComplete, which frees them; lists of the miniport go away by
 * NdisMIndicateReceiveNetBufferLists and come home by MiniportReturnNetBufferLists. Freed lists are
 * unmapped, so that whoever touches one faults.
 */
#ifndef NK_ND_PORT_H
#define NK_ND_PORT_H

#include "ntos/driver.h"
#include "ndis/nd_types.h"

#define ND_MESSAGES 8
#define ND_WAIT_MS  15000 /* after which what has not ended hangs */
#define ND_TAG      0x7344446Eu

enum nd_state {
    ND_HALTED,
    ND_INITIALIZING,
    ND_PAUSED,
    ND_RESTARTING,
    ND_RUNNING,
    ND_PAUSING,
    ND_SHUTDOWN
};

/* A list with what NDIS knows of it. The driver sees `list` only. */
struct nd_list {
    const struct nd_pool *pool; /* NULL: the scenario's */
    bool away;                  /* not with who allocated it */
    bool cloned;
    bool owns_mdls; /* freed with it: the scenario's, and those of clones */
    void *context;  /* the scenario's */
    NET_BUFFER_LIST list;
};

struct nd_pool {
    NET_BUFFER_LIST_POOL_PARAMETERS parameters;
    LONG used;
};

struct nd_adapter {
    DRIVER_OBJECT *driver;
    bool registered, adding;
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS mini;
    NDIS_MINIPORT_PNP_CHARACTERISTICS pnp;
    NDIS_HANDLE driver_context, add_device_context, context; /* the miniport's */
    DEVICE_OBJECT *pdo, *fdo;
    struct nk_pci *pci;
    CM_RESOURCE_LIST *raw, *translated;
    enum nd_state state;
    NDIS_REGISTRATION_ATTRIBUTES registration;
    NDIS_GENERAL_ATTRIBUTES general;
    bool registered_attributes;

    /* What the scenario gives and reads. */
    void (*receive)(const NET_BUFFER_LIST *list);    /* DISPATCH_LEVEL; may be NULL */
    void (*done)(void *context, NDIS_STATUS status); /* of a send; <= DISPATCH_LEVEL, or NULL */
    bool hold;                                       /* keep what is indicated */
    ULONG link, link_changes;

    LONG sends_out, receives_out, sg_out; /* lists with the other side; mapped lists */
    ULONG64 sent, send_errors, received, indications, sg_lists;
    NET_BUFFER_LIST *held, **held_end;
    KDPC return_dpc;
    KTIMER return_timer;
    KEVENT finished; /* of the pending pause, restart, reset or OID */
    NDIS_STATUS finish_status;
    const char *pending;         /* which of them, NULL for none */
    const NDIS_OID_REQUEST *oid; /* with the miniport */
    const char *slow;            /* the call that is in progress and may sleep, since when */
    ULONG64 slow_since;
};

struct nd_adapter *nd_the(void);
/** By the handle the miniport was given; another is reported. */
struct nd_adapter *nd_adapter_of(NDIS_HANDLE handle);
/** Report a structure whose header has another type, or is shorter than `size`. */
void nd_header_check(const void *structure, UCHAR type, size_t size);

/* For scenarios, at PASSIVE_LEVEL. The miniport must do what it is asked, else it is reported. */

void nd_restart(void);
/** The same for a miniport that may refuse; its status. */
NDIS_STATUS nd_try_restart(void);
void nd_pause(void);
/** MiniportCheckForHangEx, and MiniportResetEx if it (or the caller) wants so. */
void nd_check(bool reset);
void nd_shutdown(void);
/** One OID request; `done` gets the bytes written or read. `length` is that of the buffer, which
 * for ND_METHOD is both input and output. */
NDIS_STATUS nd_oid(ULONG type, ULONG oid, void *buffer, ULONG length, ULONG *done);

/** A list of the scenario's with one NET_BUFFER over a chain of MDLs made by nk_mdl_create(),
 * which are freed with it. */
NET_BUFFER_LIST *nd_list_make(MDL *chain, ULONG offset, ULONG length, void *context);
/** One NET_BUFFER more. */
void nd_list_append(NET_BUFFER_LIST *list, MDL *chain, ULONG offset, ULONG length);
/** Send a chain of lists; the adapter's done() is called for each when it comes back. */
void nd_send(NET_BUFFER_LIST *chain, bool at_dispatch);
/** Copy at most `size` bytes of a NET_BUFFER's data; returns how many. */
ULONG nd_data_copy(const NET_BUFFER *buffer, void *out, ULONG size);
/** Give back what `hold` kept, from a timer, and hold no more. */
void nd_release_soon(void);
const char *nd_state_name(const struct nd_adapter *adapter);

/* Between the parts of NDIS. */

/** Things that the driver has handles of: the one of this kind, or reported; a new one, cleared,
 * NULL when refused; the end of one. */
void *nd_object(NDIS_HANDLE handle, ULONG tag);
void *nd_object_make(size_t size, ULONG tag);
void nd_object_free(void *object, ULONG tag);

void nd_buffers_init(struct nd_adapter *adapter);
/** After a pause or at the halt: report what is not where it belongs. */
void nd_buffers_home(const char *after);

#endif
