/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small miniport for the virtio network device, upon the drivers' virtio core: enough of one to
 * try the test kernel's NDIS with. One receive and one transmit queue, no offloads. Compiled with a
 * BREACH it breaks one rule; without (NONE) it breaks none.
 *
 * One lock guards queues, slots and counters; nothing of NDIS is called under it.
 */
#ifndef NK_BAD_NET_H
#define NK_BAD_NET_H

#include "nt/kdk_ndis.h"
#include "nt/nt_os.h"
#include "virtio/virtio.h"

enum breach {
    NONE,
    COMPLETE_TWICE,  /* completes a NET_BUFFER_LIST twice */
    KEEP_AT_HALT,    /* never completes one, and pauses and halts nevertheless */
    INDICATE_PAUSED, /* indicates what arrives while it is paused */
    SLEEP_AT_DISPATCH /* waits in its DPC */,
    LEAK_SG,        /* does not free a scatter/gather list */
    FREE_INDICATED, /* frees a NET_BUFFER_LIST that is indicated */
    SHARED_LEFT,    /* keeps shared memory */
    OID_TWICE,      /* completes an OID request that it has ended already */
    MISCOUNT        /* indicates another number of lists than it says */
};

static const enum breach breach = BREACH;

#define TAG      0x74654E42u
#define RX_SLOTS 128
#define TX_SLOTS 24 /* times PIECES fits into a ring of 256 */
#define PIECES   10
#define ADDRESS  6
#define RX_QUEUE 0
#define TX_QUEUE 1
#define TABLE_AT 64 /* of the indirect table in a transmit slot's page */

/* A page that the device reads or writes. */
struct page {
    UCHAR *va;
    PHYSICAL_ADDRESS pa;
};

struct rx {
    struct page page; /* header and frame */
    MDL *mdl;
    ULONG length; /* of what came, header included */
    struct rx *next;
};

struct tx {
    struct page page; /* header and indirect table */
    struct vq_table table;
    NET_BUFFER *buffer;
    NET_BUFFER_LIST *list;
    SCATTER_GATHER_LIST *sg;
    struct net *net;
    struct tx *next;
    BOOLEAN sent;
};

struct queue {
    struct vq *vq;
    PVOID ring, priv;
    PHYSICAL_ADDRESS ring_pa;
    ULONG ring_bytes;
};

enum state { HALTED, PAUSED, RUNNING, PAUSING };

struct net {
    NDIS_HANDLE adapter, interrupt, dma, pool;
    struct nt_log log;
    struct vio_os os;
    struct vpci_memory vpci_memory;
    struct vdev_memory vdev_memory;
    struct vpci *vpci;
    struct vdev *vdev;
    CM_PARTIAL_RESOURCE_LIST *resources;
    struct vio_region bars[VPCI_BAR_COUNT];
    ULONG messages, header, bits; /* interrupt messages; bytes of a frame's header; ISR bits */
    UCHAR mac[ADDRESS];
    BOOLEAN connected, ready, dead;

    KSPIN_LOCK lock;
    enum state state;
    BOOLEAN pausing; /* NdisMPauseComplete is owed */
    LONG lists_out;  /* sent and not completed, or indicated and not returned */
    struct queue rx_queue, tx_queue;
    struct rx rx[RX_SLOTS];
    struct tx tx[TX_SLOTS], *free;
    NET_BUFFER *first, **last; /* waiting for a transmit slot */
    NDIS_STATISTICS_INFO statistics;
    ULONG indicated;
    BOOLEAN breached;
};

/* path.c. All at DISPATCH_LEVEL or below, without the lock. */

NDIS_STATUS net_path_open(struct net *net); /* slots; PASSIVE_LEVEL */
void net_path_close(struct net *net);
void net_receive_fill(struct net *net);
void net_send(NDIS_HANDLE context, NET_BUFFER_LIST *lists, NDIS_PORT_NUMBER port, ULONG flags);
void net_return(NDIS_HANDLE context, NET_BUFFER_LIST *lists, ULONG flags);
void net_process_sg(DEVICE_OBJECT *device, PVOID reserved, SCATTER_GATHER_LIST *sg, PVOID context);
/* What the device has finished. */
void net_serve(struct net *net);
/* Complete with an error what waits for a slot and, if the device forgot its queues, what it had.
 */
void net_fail_all(struct net *net);
/* Complete the pause if it is owed and nothing is out. */
void net_settle(struct net *net);

#endif
