/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run counts: calls into the driver by kind, their cycles, and events. All end up as
 * "@counter" lines, in ntrun's JSON. */
#ifndef NK_COUNTERS_H
#define NK_COUNTERS_H

#include "ntos/nt_types.h"

/** A stretch of a processor's time. Stretches nest: what an inner one took (an interrupt, a call
 * back into the driver, a wait) is not part of the outer one. */
struct nk_span {
    ULONG64 start, inner;
};
void nk_span_begin(struct nk_span *span);
/** The cycles of the stretch itself. On the processor it began on. */
ULONG64 nk_span_end(struct nk_span *span);

/** One call of this kind took so many cycles. `what` is compared by address. Any IRQL. */
void nk_count_call(const char *what, ULONG64 cycles);
/** The calls of a kind since they were last taken. `what` is compared as text. */
struct nk_calls {
    ULONG64 calls, cycles, least; /* cycles in all and of the shortest call */
};
struct nk_calls nk_calls_take(const char *what);
/** Print "calls.KIND" and "cycles.KIND" for every kind so far. */
void nk_counters_print(void);

#endif
