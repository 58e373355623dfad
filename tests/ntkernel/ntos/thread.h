/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads of the first processor. They are switched only where one waits or ends, so that a thread
 * runs undisturbed, but for interrupts and DPCs, from wait to wait. The other processors have one
 * thread each, for the scenario's work.
 */
#ifndef NK_THREAD_H
#define NK_THREAD_H

#include "ntos/verifier.h"

/** The running thread's object; on other processors, what stands for theirs. */
void *nk_thread_current(void);
/** The scenario's own thread, or one of another processor. */
bool nk_thread_is_main(void);
/** The running thread waits for `object` or until `wake_at` (nk_time): run another that need not,
 * or rest until the next interrupt. May return early. */
void nk_thread_rest(DISPATCHER_HEADER *object, ULONG64 wake_at);

#endif
