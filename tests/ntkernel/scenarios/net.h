/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames for the scenarios of network drivers: made, sent, answered by the host and checked. */
#ifndef NK_NET_H
#define NK_NET_H

#include "ndis/port.h"
#include "scenarios/scenario.h"

#define OID_GEN_CURRENT_PACKET_FILTER 0x0001010Eu
#define OID_GEN_STATISTICS            0x00020106u
#define OID_802_3_CURRENT_ADDRESS     0x01010102u
#define OID_802_3_MULTICAST_LIST      0x01010103u

/** Answers that came, and those that are wanted still: sent successfully and not answered. */
extern LONG net_answers, net_wanted;

/** Load the driver. */
void net_load(struct nk_driver *driver);
/** Load the driver, start its adapter and let it run. */
void net_start(struct nk_driver *driver);
/** Let frames in: broadcast, multicast and our own; what MiniportRestart does not. */
void net_open_filter(void);
/** The same where it may fail. */
bool net_try_filter(void);
/** Send `frames` more from all processors, in lists of 1 to 3 and chains of 1 to 4, with no more
 * than a window of them unanswered. Returns when all sends have completed. */
void net_send(ULONG frames);
/** One chain of a few frames from this processor, without waiting; false when no memory of the
 * scenario's is free. */
bool net_send_some(void);
/** Wait until every frame is answered; reported if that takes longer than `ms`. */
void net_settle(ULONG ms);
/** Wait until every send has completed. */
void net_sends_home(ULONG ms);
/** The answers to what was sent so far may be lost. */
void net_forget(void);
/** Tell the host what it must have got, and the run's counters. */
void net_finish(bool digest);
/** Ask for an OID that must succeed. */
void net_set(ULONG oid, void *buffer, ULONG length);

#endif
