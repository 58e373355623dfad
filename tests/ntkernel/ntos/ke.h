/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel objects as the personalities and scenarios use them themselves. */
#ifndef NK_KE_H
#define NK_KE_H

#include "ntos/verifier.h"

void nk_event_init(KEVENT *event, bool synchronization, bool signalled);
/** Returns the former state. IRQL <= DISPATCH_LEVEL. */
LONG nk_event_set(KEVENT *event);
void nk_mutex_init(KMUTANT *mutex);
LONG nk_mutex_release(KMUTANT *mutex);
/** Wait for any dispatcher object: the processor serves interrupts, DPCs, timers and work items
 * meanwhile. `timeout` in 100 ns, ~0 for no end (reported as a hang after half a minute).
 * IRQL < DISPATCH_LEVEL, or any with a timeout of 0. */
NTSTATUS nk_wait(DISPATCHER_HEADER *object, ULONG64 timeout);
/** Serve everything pending for `ms` milliseconds. PASSIVE_LEVEL. */
void nk_sleep(ULONG ms);

/** Work for PASSIVE_LEVEL; runs whenever the processor waits at PASSIVE_LEVEL. */
struct nk_work {
    LIST_ENTRY entry;
    void (*run)(struct nk_work *work);
};
void nk_work_queue(struct nk_work *work);
/** Run all queued work; false if there was none. */
bool nk_work_run(void);

/** Timers as KeInitializeTimer, KeSetTimerEx and KeCancelTimer have them. */
void nk_timer_init(KTIMER *timer);
bool nk_timer_set(KTIMER *timer, LARGE_INTEGER due, LONG period, KDPC *dpc);
bool nk_timer_cancel(KTIMER *timer);
/** True while a set timer lies inside the given memory. */
bool nk_timer_set_within(ULONG64 start, ULONG64 size);

#endif
