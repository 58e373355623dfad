/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order in which spin locks are taken, as a graph: an edge leads from a lock held to one taken
 * meanwhile. A new edge that closes a circle is an inversion: two processors that take the locks
 * at the same time, each in its order, wait for each other for ever.
 */
#include "ntos/verifier.h"

#define EDGE_LIMIT  256
#define TRACE_LIMIT 8

static struct edge {
    const KSPIN_LOCK *held, *taken;
    void *held_at, *taken_at;
    void *trace[TRACE_LIMIT]; /* code addresses on the stack when it was first seen */
    unsigned mark;            /* of the search that has passed here */
} edges[EDGE_LIMIT];
static unsigned edge_count, search;
static bool overflown;

/* An edge by which a way begins that leads from one lock to another; NULL if there is none. */
static struct edge *way(const KSPIN_LOCK *from, const KSPIN_LOCK *to)
{
    unsigned n;

    for (n = 0; n < edge_count; n++) {
        struct edge *e = &edges[n];

        if (e->held != from || e->mark == search)
            continue;
        e->mark = search;
        if (e->taken == to || way(e->taken, to))
            return e;
    }
    return NULL;
}

static _Noreturn void report(const struct edge *former, const struct edge *now)
{
    unsigned n;

    nk_log("\nThe other order, when it was first seen:\n");
    for (n = 0; n < TRACE_LIMIT && former->trace[n]; n++)
        nk_log("  stack %s\n", nk_code_name(former->trace[n]));
    nk_report("lock",
              "order: spin lock %p is taken at %s while %p is held (taken at %s), but %p was taken "
              "at %s with %p held (taken at %s)",
              (const void *)now->taken, nk_code_name(now->taken_at), (const void *)now->held,
              nk_code_name(now->held_at), (const void *)former->taken,
              nk_code_name(former->taken_at), (const void *)former->held,
              nk_code_name(former->held_at));
}

static bool known(const KSPIN_LOCK *held, const KSPIN_LOCK *taken)
{
    unsigned n;

    for (n = 0; n < edge_count; n++) {
        if (edges[n].held == held && edges[n].taken == taken)
            return true;
    }
    return false;
}

static void add(struct edge e)
{
    const struct edge *former;

    if (edge_count == EDGE_LIMIT) {
        if (!overflown)
            nk_log("more than %u pairs of locks: later ones are not followed\n", EDGE_LIMIT);
        overflown = true;
        return;
    }
    search++;
    former = way(e.taken, e.held);
    if (former)
        report(former, &e);
    nk_trace_collect((ULONG64)__builtin_frame_address(0), e.trace, TRACE_LIMIT);
    edges[edge_count++] = e;
}

void nk_lock_order(const KSPIN_LOCK *held, void *held_at, const KSPIN_LOCK *taken, void *taken_at)
{
    bool on = nk_critical_enter();

    if (!known(held, taken))
        add((struct edge){.held = held, .taken = taken, .held_at = held_at, .taken_at = taken_at});
    nk_critical_leave(on);
}

void nk_lock_order_forget(const volatile void *start, ULONG64 size)
{
    bool on = nk_critical_enter();
    unsigned n;

    for (n = edge_count; n-- > 0;) {
        if ((ULONG64)edges[n].held - (ULONG64)start < size ||
            (ULONG64)edges[n].taken - (ULONG64)start < size)
            edges[n] = edges[--edge_count];
    }
    nk_critical_leave(on);
}
