/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two disks of one driver (ntrun --second): both work at once; each is stopped and removed while
 * the other has requests, and comes back with what it held. What is written names the disk, so that
 * nothing goes to the other unseen; the host checks both.
 */
#include "scenarios/scsi.h"
#include "ntos/ex.h"

#define REQUESTS  8
#define COUNT     8   /* sectors of a request */
#define PLACES    512 /* where a request may be */
#define ROUNDS    60
#define OWN       0x8000 /* in the generations of the second disk's sectors */
#define WAIT_MS   20000
#define DISK_SIZE 32768

struct disk {
    struct sp_adapter *adapter;
    struct nk_pci *pci;
    struct sp_request requests[REQUESTS];
    UCHAR *buffers[REQUESTS];
    ULONG place[REQUESTS];
    USHORT generation[PLACES]; /* 0: as the host made it */
    USHORT own, last;
    ULONG64 random_state;
};

static struct disk disks[2];

static void start(struct disk *d)
{
    ULONG sectors;

    sp_adapter_start(d->adapter, d->pci);
    scsi_wait_ready(d->adapter, &d->requests[0], NULL);
    sectors = scsi_capacity(d->adapter, &d->requests[0], d->buffers[0]);
    NK_EXPECT(sectors == DISK_SIZE, "a disk has %u sectors", sectors);
}

/* Requests at places of their own, each a read or a write. */
static void submit(struct disk *d)
{
    ULONG n, k, place;

    for (n = 0; n < REQUESTS; n++) {
        bool write;

        d->random_state = nk_mix(d->random_state);
        place = (ULONG)(d->random_state >> 33) % (PLACES / REQUESTS) * REQUESTS + n;
        write = d->random_state & 1;
        d->place[n] = place;
        if (write) {
            d->generation[place] = (USHORT)(++d->last | d->own);
            for (k = 0; k < COUNT; k++)
                nk_sector_fill((ULONG64 *)(d->buffers[n] + k * NK_SECTOR_SIZE), place * COUNT + k,
                               d->generation[place]);
        } else {
            nk_memset(d->buffers[n], 0, COUNT * NK_SECTOR_SIZE);
        }
        scsi_transfer(&d->requests[n], write, place * COUNT, COUNT, d->buffers[n]);
        sp_submit(d->adapter, &d->requests[n]);
    }
}

static void finish(struct disk *d)
{
    ULONG64 expected[NK_SECTOR_WORDS];
    ULONG n, k;

    for (n = 0; n < REQUESTS; n++) {
        NK_EXPECT(sp_wait(&d->requests[n], WAIT_MS) && d->requests[n].status == SRB_STATUS_SUCCESS,
                  "a request ends with status %x", d->requests[n].status);
        for (k = 0; k < COUNT; k++) {
            const ULONG64 *got = (const ULONG64 *)(d->buffers[n] + k * NK_SECTOR_SIZE);
            ULONG sector = d->place[n] * COUNT + k;

            nk_sector_fill(expected, sector, d->generation[d->place[n]]);
            if (nk_memcmp(got, expected, NK_SECTOR_SIZE))
                nk_report("data",
                          "sector %u (generation %x) of the %s disk says sector %llu generation "
                          "%llx",
                          sector, d->generation[d->place[n]], d->own ? "second" : "first", got[0],
                          got[1]);
        }
    }
}

static void both(void)
{
    unsigned round;

    for (round = 0; round < ROUNDS; round++) {
        submit(&disks[round % 2]);
        submit(&disks[!(round % 2)]);
        finish(&disks[0]);
        finish(&disks[1]);
    }
}

/* The other has requests while this one goes, is away, and comes back. */
static void away(struct disk *d, struct disk *other)
{
    submit(other);
    sp_adapter_remove(d->adapter);
    finish(other);
    submit(other);
    finish(other);
    submit(other);
    start(d);
    finish(other);
}

static void log_digest(const struct disk *d)
{
    ULONG64 digest = 0;
    ULONG n;

    for (n = 0; n < DISK_SIZE; n++)
        digest += nk_sector_digest(n, n < PLACES * COUNT ? d->generation[n / COUNT] : 0);
    nk_log("@disk %u %llu\n", DISK_SIZE, digest);
}

static void run(void)
{
    static struct nk_driver driver;
    unsigned n, k;

    disks[0].adapter = sp_adapter_the();
    disks[0].pci = nk_target_pci();
    disks[1].adapter = sp_adapter_second();
    disks[1].pci = nk_second_pci();
    disks[1].own = OWN;
    NK_EXPECT(disks[0].pci->line != disks[1].pci->line, "the disks share an interrupt line");
    for (n = 0; n < 2; n++) {
        disks[n].random_state = nk_option("seed", 1) + n;
        for (k = 0; k < REQUESTS; k++)
            disks[n].buffers[k] = scsi_buffer(COUNT * NK_SECTOR_SIZE / NK_PAGE_SIZE);
    }
    nk_driver_load(&driver);
    start(&disks[0]);
    start(&disks[1]);
    both();
    away(&disks[0], &disks[1]);
    both();
    away(&disks[1], &disks[0]);
    both();
    sp_adapter_remove(disks[0].adapter);
    submit(&disks[1]);
    finish(&disks[1]);
    sp_adapter_remove(disks[1].adapter);
    nk_driver_unload(&driver);
    log_digest(&disks[0]);
    log_digest(&disks[1]);
}

NK_SCENARIO(blk_two, "blk-two", run);
