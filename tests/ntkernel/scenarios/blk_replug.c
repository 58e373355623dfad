/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host takes the disk out and puts one in again: the same with what was written to it, or a
 * smaller one. It asks for the disk while that is idle and while it has requests, which the port
 * then waits for before it lets go; and it takes one away without a word, so that the port ends
 * what the device had by a reset.
 */
#include "scenarios/replug.h"
#include "scenarios/scsi.h"
#include "ntos/ex.h"

#define REQUESTS   8
#define COUNT      8    /* sectors of a request */
#define ZONE       1024 /* sectors written, all in each session */
#define OTHER_AT   4096 /* where on the disk the smaller one begins */
#define OTHER_SIZE 8192
#define WAIT_MS    20000

static struct sp_adapter *adapter;
static struct nk_pci *pci;
static struct sp_request requests[REQUESTS];
static UCHAR *buffers[REQUESTS];
static ULONG disk_sectors;
static ULONG64 generation; /* of the zone; the rest of the disk has 0 */

static void check_sectors(const UCHAR *buffer, ULONG64 first, ULONG64 right)
{
    ULONG64 expected[NK_SECTOR_WORDS];
    ULONG n;

    for (n = 0; n < COUNT; n++) {
        const ULONG64 *got = (const ULONG64 *)(buffer + n * NK_SECTOR_SIZE);

        nk_sector_fill(expected, first + n, right);
        if (nk_memcmp(got, expected, NK_SECTOR_SIZE))
            nk_report("data", "sector %llu (generation %llu) says sector %llu generation %llu",
                      first + n, right, got[0], got[1]);
    }
}

static void transfer(bool write, ULONG sector)
{
    scsi_transfer(&requests[0], write, sector, COUNT, buffers[0]);
    NK_EXPECT(sp_execute(adapter, &requests[0]) == SRB_STATUS_SUCCESS,
              "a %s at sector %u ends with status %x", write ? "write" : "read", sector,
              requests[0].status);
}

static void read_zone(void)
{
    ULONG sector;

    for (sector = 0; sector < ZONE; sector += COUNT) {
        transfer(false, sector);
        check_sectors(buffers[0], sector, generation);
    }
}

static void write_zone(void)
{
    ULONG sector, n;

    generation++;
    for (sector = 0; sector < ZONE; sector += COUNT) {
        for (n = 0; n < COUNT; n++)
            nk_sector_fill((ULONG64 *)(buffers[0] + n * NK_SECTOR_SIZE), sector + n, generation);
        transfer(true, sector);
    }
    scsi_command(&requests[0], OP_SYNCHRONIZE_CACHE, 10, NULL, 0);
    NK_EXPECT(sp_execute(adapter, &requests[0]) == SRB_STATUS_SUCCESS,
              "a flush ends with status %x", requests[0].status);
}

static void start(ULONG sectors)
{
    ULONG found;

    sp_adapter_start(adapter, pci);
    scsi_wait_ready(adapter, &requests[0], NULL);
    found = scsi_capacity(adapter, &requests[0], buffers[0]);
    NK_EXPECT(!sectors || found == sectors, "the disk has %u sectors, the driver says %u", sectors,
              found);
    disk_sectors = sectors ? disk_sectors : found;
}

/* A life of the disk under test: what it held is there, and what is written is read back. */
static void use(void)
{
    start(disk_sectors);
    read_zone();
    write_zone();
    read_zone();
}

static void insert(const char *backend)
{
    replug_insert(pci, "virtio-blk-pci", backend);
    scsi_replaced();
}

static void replug_idle(const char *backend)
{
    replug_ask(pci);
    sp_adapter_remove(adapter);
    replug_eject(pci);
    insert(backend);
}

/* The host asks while the disk holds requests: all of them end well, then the disk goes. */
static void out_asked_and_busy(void)
{
    unsigned n, held = scsi_hold(adapter, requests, buffers, REQUESTS, COUNT);

    replug_ask(pci);
    scsi_throttle(0);
    for (n = 0; n < REQUESTS; n++) {
        NK_EXPECT(sp_wait(&requests[n], WAIT_MS) && requests[n].status == SRB_STATUS_SUCCESS,
                  "a read ends with status %x as the host has asked for the disk",
                  requests[n].status);
        check_sectors(buffers[n], 2 * n * COUNT, generation);
    }
    nk_log("the disk was asked for with %u requests in flight\n", held);
    sp_adapter_remove(adapter);
    replug_eject(pci);
}

static void out_unasked_and_busy(void)
{
    scsi_hold(adapter, requests, buffers, REQUESTS, COUNT);
    replug_eject(pci);
    scsi_end_all(adapter, requests, REQUESTS, "before the disk was taken away");
    sp_adapter_remove(adapter);
}

static void use_the_other(void)
{
    start(OTHER_SIZE);
    transfer(false, 0);
    check_sectors(buffers[0], OTHER_AT, 0);
    transfer(false, OTHER_SIZE - COUNT);
    check_sectors(buffers[0], OTHER_AT + OTHER_SIZE - COUNT, 0);
    scsi_transfer(&requests[0], false, OTHER_SIZE, COUNT, buffers[0]);
    NK_EXPECT(sp_execute(adapter, &requests[0]) != SRB_STATUS_SUCCESS,
              "a read past the end of the smaller disk succeeds");
}

static void log_digest(void)
{
    ULONG64 digest = 0;
    ULONG n;

    for (n = 0; n < disk_sectors; n++)
        digest += nk_sector_digest(n, n < ZONE ? generation : 0);
    nk_log("@disk %u %llu\n", disk_sectors, digest);
}

#define SAME  "\"drive\": \"same\""
#define OTHER "\"drive\": \"other\""

#define FILE "\"file\": {\"driver\": \"file\", \"filename\": \"disk.img\", \"locking\": \"off\"}"

/* The image again, whole and in part; now and then QEMU keeps it locked for itself. */
static void make_backends(void)
{
    nk_qmp("{\"execute\": \"blockdev-add\", \"arguments\": {\"driver\": \"raw\", "
           "\"node-name\": \"same\", " FILE "}}");
    nk_qmp("{\"execute\": \"blockdev-add\", \"arguments\": {\"driver\": \"raw\", "
           "\"node-name\": \"other\", \"offset\": %u, \"size\": %u, \"read-only\": true, " FILE
           "}}",
           OTHER_AT * NK_SECTOR_SIZE, OTHER_SIZE * NK_SECTOR_SIZE);
}

static void run(void)
{
    static struct nk_driver driver;
    unsigned n;

    for (n = 0; n < REQUESTS; n++)
        buffers[n] = scsi_buffer(COUNT * NK_SECTOR_SIZE / NK_PAGE_SIZE + 1);
    nk_driver_load(&driver);
    adapter = sp_adapter_the();
    pci = nk_target_pci();

    use();
    out_asked_and_busy();
    make_backends();
    insert(SAME);
    use();
    replug_idle(OTHER);
    use_the_other();
    replug_idle(SAME);
    use();
    out_unasked_and_busy();
    insert(SAME);
    use();
    sp_adapter_remove(adapter);
    nk_driver_unload(&driver);
    log_digest();
}

NK_SCENARIO(blk_replug, "blk-replug", run);
