/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When interrupts, DPCs and timers are delivered: see delivery.c. All are false and 0 unless the
 * option delivery=SEED asks for random times. */
#ifndef NK_DELIVERY_H
#define NK_DELIVERY_H

#include "nk.h"

/** An interrupt has come: whether its routine is not to be called now. */
bool nk_delivery_holds_back(UCHAR vector);
/** Its routine was called; it may be once more. */
void nk_delivery_done(UCHAR vector);
/** At a clock tick that interrupted `former`: a held-back vector above it whose time has come. */
UCHAR nk_delivery_late(KIRQL former);
/** Another routine is connected to the vector, or none. */
void nk_delivery_forget(UCHAR vector);
/** Whether DPCs stay queued this time. */
bool nk_delivery_leaves_dpcs(void);
/** Whether a timer that is due waits for a later tick. */
bool nk_delivery_timer_late(void);
/** The processor that a message interrupt goes to; the same each time. */
unsigned nk_delivery_msi_cpu(unsigned message);

/** A call into the driver begins: whether it is stepped to a stall. */
bool nk_delivery_step_begin(void);
/** The end of one that is. */
void nk_delivery_step_end(void);
/** A debug exception: whether it is such a step. */
bool nk_delivery_step(struct nk_frame *frame);

void nk_delivery_counters(void);

#endif
