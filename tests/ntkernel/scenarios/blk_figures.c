/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a request costs in a storage driver: random reads of 4 KiB, one at a time and 32 together
 * (or as many as the option depth says, of these two), in rounds that take turns. Of each kind of
 * call the least round and the shortest call are told: the cycles of nk_tsc(), which under QEMU's
 * -icount are instructions. The port's own functions are not counted in, and its memory stays in
 * place between requests.
 */
#include "scenarios/scsi.h"
#include "ntos/counters.h"

#define DEPTH_LIMIT 32
#define SECTORS     8 /* of each read */

#define OVERHEAD_TRIES 1000

static const char *const kinds[] = {"HwBuildIo", "HwStartIo", "HwMSInterruptRoutine", "HwInterrupt",
                                    "STOR_DPC routine"};

struct figures {
    ULONG depth;
    ULONG64 cycles; /* of the least round */
    struct nk_calls kind[NK_COUNT(kinds)];
};

static struct figures figures[] = {{.depth = 1}, {.depth = DEPTH_LIMIT}};
static struct sp_adapter *adapter;
static struct sp_request requests[DEPTH_LIMIT];
static UCHAR *buffers[DEPTH_LIMIT];
static ULONG sectors[DEPTH_LIMIT];
static ULONG64 random_state = 1;
static ULONG disk_sectors;

static void read_together(ULONG depth)
{
    ULONG n;

    for (n = 0; n < depth; n++) {
        random_state = nk_mix(random_state);
        sectors[n] = (ULONG)(random_state >> 33) % (disk_sectors / SECTORS) * SECTORS;
        scsi_transfer(&requests[n], false, sectors[n], SECTORS, buffers[n]);
        sp_submit(adapter, &requests[n]);
    }
    for (n = 0; n < depth; n++) {
        NK_EXPECT(sp_wait(&requests[n], 20000) && requests[n].status == SRB_STATUS_SUCCESS,
                  "a read ends with status %x", requests[n].status);
        if (*(ULONG64 *)buffers[n] != sectors[n])
            nk_report("data", "a read of sector %u returns sector %llu", sectors[n],
                      *(ULONG64 *)buffers[n]);
    }
}

static void least(ULONG64 *kept, ULONG64 value, bool first)
{
    if (first || value < *kept)
        *kept = value;
}

static void run_round(struct figures *f, ULONG count, bool first)
{
    ULONG64 cycles = 0;
    unsigned k;
    ULONG n;

    for (k = 0; k < NK_COUNT(kinds); k++)
        nk_calls_take(kinds[k]);
    for (n = 0; n < count; n += f->depth)
        read_together(f->depth);
    for (k = 0; k < NK_COUNT(kinds); k++) {
        struct nk_calls calls = nk_calls_take(kinds[k]);

        cycles += calls.cycles;
        least(&f->kind[k].calls, calls.calls, first);
        least(&f->kind[k].cycles, calls.cycles, first);
        least(&f->kind[k].least, calls.least, first);
    }
    least(&f->cycles, cycles, first);
}

static void print(const struct figures *f, ULONG count)
{
    char name[96];
    unsigned k;

    nk_format(name, sizeof(name), "qd%u.requests", f->depth);
    nk_counter(name, count);
    nk_format(name, sizeof(name), "qd%u.cycles", f->depth);
    nk_counter(name, f->cycles);
    for (k = 0; k < NK_COUNT(kinds); k++) {
        if (!f->kind[k].calls)
            continue;
        nk_format(name, sizeof(name), "qd%u.calls.%s", f->depth, kinds[k]);
        nk_counter(name, f->kind[k].calls);
        nk_format(name, sizeof(name), "qd%u.cycles.%s", f->depth, kinds[k]);
        nk_counter(name, f->kind[k].cycles);
        nk_format(name, sizeof(name), "qd%u.least.%s", f->depth, kinds[k]);
        nk_counter(name, f->kind[k].least);
    }
}

/* What the measuring itself takes is part of each call's figure. */
static void print_overhead(void)
{
    unsigned n;

    for (n = 0; n < OVERHEAD_TRIES; n++)
        NK_CALL_VOID("nothing", (void)0);
    nk_counter("overhead", nk_calls_take("nothing").least);
}

static void run(void)
{
    static struct nk_driver driver;
    ULONG count = (ULONG)nk_option("requests", 1024), rounds = (ULONG)nk_option("rounds", 5);
    ULONG round;
    unsigned n;

    count -= count % DEPTH_LIMIT;
    NK_EXPECT(count && rounds, "there must be at least %u requests and a round", DEPTH_LIMIT);
    for (n = 0; n < DEPTH_LIMIT; n++)
        buffers[n] = scsi_buffer(SECTORS * NK_SECTOR_SIZE / NK_PAGE_SIZE);
    nk_driver_load(&driver);
    adapter = sp_adapter_the();
    sp_adapter_start(adapter, nk_target_pci());
    scsi_wait_ready(adapter, &requests[0], NULL);
    disk_sectors = scsi_capacity(adapter, &requests[0], buffers[0]);
    adapter->keeps = true;
    for (round = 0; round < rounds; round++) {
        for (n = 0; n < NK_COUNT(figures); n++) {
            if (nk_option("depth", figures[n].depth) == figures[n].depth)
                run_round(&figures[n], count, !round);
        }
    }
    for (n = 0; n < NK_COUNT(figures); n++)
        print(&figures[n], count);
    nk_counter("interrupts", adapter->interrupts);
    print_overhead();
    sp_adapter_remove(adapter);
    nk_driver_unload(&driver);
}

NK_SCENARIO(blk_figures, "blk-figures", run);
