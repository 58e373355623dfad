/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two devices of one driver (ntrun --second): both are read at once, each from a file of its own;
 * each sleeps, stops and is removed, in order and by surprise, while the other is read, and is back
 * after that.
 */
#include "scenarios/rng.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LENGTH 512
#define LEAST  8 /* bytes that name their place */
#define ROUNDS 20

struct source {
    struct nk_pci *pci;
    FILE_OBJECT file;
    struct nk_io io;
    UCHAR *memory;
    ULONG64 seed, position;
};

static struct nk_driver driver;
static struct source sources[2];

static void start(unsigned which)
{
    nk_pnp_select(which);
    nk_pnp_add(&driver, sources[which].pci);
    nk_pnp_start();
}

static void open(unsigned which)
{
    nk_pnp_select(which);
    NK_EXPECT(NT_SUCCESS(nk_io_open(&sources[which].file)), "a device cannot be opened");
}

static void ask(unsigned which)
{
    struct source *s = &sources[which];

    nk_memset(s->memory, 0, LENGTH);
    nk_io_read(&s->io, &s->file, s->memory, LENGTH);
}

static void take(unsigned which)
{
    struct source *s = &sources[which];

    NK_EXPECT(NT_SUCCESS(nk_io_wait(&s->io)) && s->io.information >= LEAST,
              "a read ends with %08x and %llu bytes", s->io.status, s->io.information);
    s->position = rng_found(s->seed, s->position, s->memory, s->io.information);
}

static void read_both(void)
{
    unsigned round;

    for (round = 0; round < ROUNDS; round++) {
        ask(round % 2);
        ask(!(round % 2));
        take(0);
        take(1);
    }
}

enum way { SLEEP, STOP, REMOVE, SURPRISE };

/* The other has a read while this one goes, while it is away, and while it comes back. */
static void away(unsigned which, enum way way)
{
    unsigned other = !which;

    nk_pnp_select(which);
    if (way >= REMOVE)
        nk_io_close(&sources[which].file);
    ask(other);
    if (way == SLEEP)
        nk_pnp_power(4);
    else if (way == STOP)
        nk_pnp_stop();
    else
        nk_pnp_remove(way == SURPRISE);
    take(other);
    ask(other);
    take(other);
    ask(other);
    if (way == SLEEP)
        nk_pnp_power(1);
    else if (way == STOP)
        nk_pnp_start();
    else
        start(which);
    take(other);
    if (way >= REMOVE)
        open(which);
    read_both();
}

static void run(void)
{
    unsigned n;

    sources[0].pci = nk_target_pci();
    sources[1].pci = nk_second_pci();
    NK_EXPECT(sources[0].pci->line != sources[1].pci->line, "the devices share an interrupt line");
    nk_driver_load(&driver);
    for (n = 0; n < 2; n++) {
        sources[n].memory = nk_pool_own(LENGTH, 0, false);
        sources[n].seed = nk_option("seed", 1) + n;
        start(n);
    }
    open(0);
    open(1);
    read_both();
    for (n = 0; n < 2; n++) {
        away(n, SLEEP);
        away(!n, STOP);
        away(n, REMOVE);
        away(!n, SURPRISE);
    }
    for (n = 0; n < 2; n++) {
        nk_pnp_select(n);
        nk_io_close(&sources[n].file);
        nk_pnp_remove(false);
        if (!n) {
            ask(1);
            take(1);
        }
    }
    nk_driver_unload(&driver);
}

NK_SCENARIO(rng_two, "rng-two", run);
