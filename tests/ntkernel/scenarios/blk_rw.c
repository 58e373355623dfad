/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A Storport disk: inquiry, capacity, random verified reads and writes with flushes at depth 1 and
 * 16 on all processors, a read past the end, a reset with requests in flight, stop and removal.
 *
 * Every sector names itself and its generation, so that a read proves place and age of what it
 * returns. The host compares the whole image with the digest written at the end.
 */
#include "scenarios/scsi.h"
#include "ntos/ex.h"

#define DEPTH_LIMIT   16
#define SECTORS_LIMIT 128 /* of one request: 64 KiB */
#define DISK_LIMIT    (1u << 20)
#define SLOT_PAGES    (SECTORS_LIMIT * NK_SECTOR_SIZE / NK_PAGE_SIZE + 1)

struct worker;

struct slot {
    struct sp_request request;
    struct worker *worker;
    UCHAR *memory; /* SLOT_PAGES scattered pages */
    ULONG sector, count;
    bool flush;
};

/* One processor's part: requests and a part of the disk of its own. */
struct worker {
    struct slot slots[DEPTH_LIMIT];
    ULONG first, sectors;
    ULONG64 random_state;
    ULONG requests, depth, failed;
};

static struct sp_adapter *adapter;
static struct worker workers[NK_CPUS];
static struct slot *const slots = workers[0].slots;
static USHORT *generation;
static bool *sector_busy;
static ULONG disk_sectors, issued;

static ULONG random_below(struct worker *w, ULONG limit)
{
    w->random_state = nk_mix(w->random_state);
    return (ULONG)(w->random_state >> 33) % limit;
}

static void identify(struct sp_request *r, UCHAR *buffer)
{
    scsi_command(r, OP_INQUIRY, 6, buffer, 36);
    r->cdb[4] = 36;
    NK_EXPECT(sp_execute(adapter, r) == SRB_STATUS_SUCCESS, "INQUIRY ends with status %x",
              r->status);
    NK_EXPECT((buffer[0] & 0x1F) == 0, "INQUIRY reports device type %x", buffer[0]);
    scsi_wait_ready(adapter, r, NULL);
    nk_log("inquiry: %.8s %.16s\n", buffer + 8, buffer + 16);

    scsi_command(r, OP_INQUIRY, 6, buffer, 255);
    r->cdb[1] = 1;
    r->cdb[4] = 255;
    NK_EXPECT(sp_execute(adapter, r) == SRB_STATUS_SUCCESS || r->status == SRB_STATUS_DATA_OVERRUN,
              "INQUIRY for page 0 ends with status %x", r->status);
    NK_EXPECT(buffer[1] == 0 && buffer[3] >= 1, "the list of pages is empty");

    scsi_command(r, OP_REPORT_LUNS, 12, buffer, 16);
    scsi_put32(r->cdb + 6, 16);
    NK_EXPECT(sp_execute(adapter, r) == SRB_STATUS_SUCCESS || r->status == SRB_STATUS_DATA_OVERRUN,
              "REPORT LUNS ends with status %x", r->status);
    NK_EXPECT(scsi_get32(buffer) == 8, "REPORT LUNS lists %u bytes", scsi_get32(buffer));

    disk_sectors = scsi_capacity(adapter, r, buffer);
    NK_EXPECT(disk_sectors == nk_option("sectors", disk_sectors),
              "the disk has %u sectors, the host made %llu", disk_sectors, nk_option("sectors", 0));
    NK_EXPECT(disk_sectors <= DISK_LIMIT && disk_sectors >= 2 * SECTORS_LIMIT,
              "the disk has %u sectors", disk_sectors);
}

/* Check each sector of a read against its number and its generation. */
static void verify(const struct slot *s)
{
    ULONG64 expected[NK_SECTOR_WORDS];
    ULONG n;

    for (n = 0; n < s->count; n++) {
        const UCHAR *got = (const UCHAR *)s->request.buffer + n * NK_SECTOR_SIZE;

        nk_sector_fill(expected, s->sector + n, generation[s->sector + n]);
        if (nk_memcmp(got, expected, NK_SECTOR_SIZE))
            nk_report("data",
                      "sector %u (generation %u) of a read of %u at %u is wrong: "
                      "it says sector %llu generation %llu",
                      s->sector + n, generation[s->sector + n], s->count, s->sector,
                      ((const ULONG64 *)got)[0], ((const ULONG64 *)got)[1]);
    }
}

static void fill(struct slot *s)
{
    ULONG n;

    for (n = 0; n < s->count; n++)
        nk_sector_fill((ULONG64 *)((UCHAR *)s->request.buffer + n * NK_SECTOR_SIZE), s->sector + n,
                       ++generation[s->sector + n]);
}

static void on_done(struct sp_request *r)
{
    struct slot *s = r->context;
    ULONG n;

    if (r->status != SRB_STATUS_SUCCESS)
        __atomic_add_fetch(&s->worker->failed, 1, __ATOMIC_RELAXED);
    else if (!s->flush && !r->write)
        verify(s);
    NK_EXPECT(r->status != SRB_STATUS_SUCCESS || r->transferred == r->length,
              "a request of %u bytes reports %u transferred", r->length, r->transferred);
    for (n = 0; n < s->count; n++)
        sector_busy[s->sector + n] = false;
}

static bool range_idle(ULONG sector, ULONG count)
{
    ULONG n;

    for (n = 0; n < count; n++) {
        if (sector_busy[sector + n])
            return false;
    }
    return true;
}

/* Requests in flight never share sectors: what a read must return is then certain. */
static void choose(struct worker *w, struct slot *s)
{
    ULONG kind = random_below(w, 100), n, offset;
    ULONG mask = adapter->config.AlignmentMask | 7;

    s->flush = kind < 3;
    if (s->flush) {
        s->count = 0;
        scsi_command(&s->request, OP_SYNCHRONIZE_CACHE, 10, NULL, 0);
        if (kind == 0)
            s->request.function = SRB_FUNCTION_FLUSH;
    } else {
        do {
            s->count = kind < 40 ? 8 : 1 + random_below(w, SECTORS_LIMIT);
            s->sector = w->first + random_below(w, w->sectors - s->count + 1);
        } while (!range_idle(s->sector, s->count));
        offset = random_below(w, NK_PAGE_SIZE) & ~mask;
        scsi_transfer(&s->request, kind & 1, s->sector, s->count, s->memory + offset);
        if (s->request.write)
            fill(s);
        else
            nk_memset(s->request.buffer, 0xEE, s->request.length);
    }
    s->request.done = on_done;
    s->request.context = s;
    for (n = 0; n < s->count; n++)
        sector_busy[s->sector + n] = true;
}

static void wait_for(struct slot *s)
{
    if (!sp_wait(&s->request, 20000))
        nk_report("hang", "a %s of %u sectors at %u has not completed in 20 s",
                  s->request.write ? "write" : "read", s->count, s->sector);
}

static void run_worker(void *context)
{
    struct worker *w = context;
    unsigned n = 0;
    ULONG i;

    for (i = 0; i < w->requests; i++, n = (n + 1) % w->depth) {
        wait_for(&w->slots[n]);
        choose(w, &w->slots[n]);
        sp_submit(adapter, &w->slots[n].request);
    }
    for (n = 0; n < w->depth; n++)
        wait_for(&w->slots[n]);
}

/* All processors at once, each with its share of the requests and the disk. */
static void random_io(ULONG requests, unsigned depth)
{
    ULONG64 start = nk_time();
    unsigned cpu, cpus = nk_cpu_count();

    for (cpu = 0; cpu < cpus; cpu++) {
        struct worker *w = &workers[cpu];

        w->sectors = disk_sectors / cpus;
        w->first = cpu * w->sectors;
        w->requests = requests / cpus;
        w->depth = depth;
        w->failed = 0;
        if (cpu)
            nk_cpu_run(cpu, run_worker, w);
    }
    run_worker(&workers[0]);
    for (cpu = 1; cpu < cpus; cpu++)
        nk_cpu_wait(cpu);
    for (cpu = 0; cpu < cpus; cpu++) {
        NK_EXPECT(!workers[cpu].failed, "%u of %u requests failed", workers[cpu].failed,
                  workers[cpu].requests);
        issued += workers[cpu].requests;
    }
    nk_log("%u requests at depth %u on %u processors in %llu ms\n", requests, depth, cpus,
           (nk_time() - start) / 10000);
}

static void read_past_end(void)
{
    struct sp_request *r = &slots[0].request;

    scsi_transfer(r, false, disk_sectors - 1, 8, slots[0].memory);
    sp_execute(adapter, r);
    NK_EXPECT(r->status != SRB_STATUS_SUCCESS, "a read past the end succeeds");
    NK_EXPECT(r->sense_valid || nk_option("lenient", 0),
              "a read past the end fails without sense data");
    nk_log("read past the end: status %x, SCSI status %x, sense %s %x/%02x/%02x\n", r->status,
           r->scsi_status, r->sense_valid ? "valid" : "absent", r->sense[2] & 15, r->sense[12],
           r->sense[13]);
    scsi_transfer(r, false, disk_sectors - 8, 8, slots[0].memory);
    NK_EXPECT(sp_execute(adapter, r) == SRB_STATUS_SUCCESS,
              "after a failed read the next ends with status %x", r->status);
}

/* Reads only: what a write cut off by a reset leaves behind is not certain. */
static void reset_in_flight(void)
{
    unsigned n;

    for (n = 0; n < DEPTH_LIMIT; n++) {
        slots[n].sector = n * SECTORS_LIMIT;
        slots[n].count = SECTORS_LIMIT;
        slots[n].flush = false;
        scsi_transfer(&slots[n].request, false, slots[n].sector, slots[n].count, slots[n].memory);
        slots[n].request.done = on_done;
        slots[n].request.context = &slots[n];
        sp_submit(adapter, &slots[n].request);
    }
    sp_adapter_reset(adapter);
    for (n = 0; n < DEPTH_LIMIT; n++)
        wait_for(&slots[n]);
    nk_log("reset with %u requests in flight: %u failed, %llu resets reported\n", DEPTH_LIMIT,
           workers[0].failed, adapter->resets_detected);
    scsi_wait_ready(adapter, &slots[0].request, NULL);
    random_io(100, 4);
}

static void stop_and_restart(void)
{
    NK_EXPECT(sp_adapter_control(adapter, SCSI_STOP_ADAPTER), "ScsiStopAdapter is not supported");
    if (sp_adapter_control(adapter, SCSI_RESTART_ADAPTER)) {
        scsi_wait_ready(adapter, &slots[0].request, NULL);
        random_io(100, 4);
        sp_adapter_control(adapter, SCSI_STOP_ADAPTER);
    }
}

static void make_worker(struct worker *w, ULONG64 seed)
{
    unsigned n;

    w->random_state = seed;
    for (n = 0; n < DEPTH_LIMIT; n++) {
        w->slots[n].memory = scsi_buffer(SLOT_PAGES);
        w->slots[n].worker = w;
    }
}

static void log_digest(void)
{
    ULONG64 digest = 0;
    ULONG n;

    for (n = 0; n < disk_sectors; n++)
        digest += nk_sector_digest(n, generation[n]);
    nk_log("@disk %u %llu\n", disk_sectors, digest);
}

static void run(void)
{
    static struct nk_driver driver;
    ULONG requests = (ULONG)nk_option("requests", 1000);
    unsigned cpu;

    nk_driver_load(&driver);
    adapter = sp_adapter_the();
    sp_adapter_start(adapter, nk_target_pci());
    for (cpu = 0; cpu < nk_cpu_count(); cpu++)
        make_worker(&workers[cpu], nk_option("seed", 1) + cpu);
    identify(&slots[0].request, slots[0].memory);
    generation = nk_pool_own(disk_sectors * sizeof(*generation), 0, false);
    sector_busy = nk_pool_own(disk_sectors, 0, false);
    nk_memset(generation, 0, disk_sectors * sizeof(*generation));
    nk_memset(sector_busy, 0, disk_sectors);

    random_io(requests / 2, 1);
    random_io(requests - requests / 2, DEPTH_LIMIT);
    read_past_end();
    if (nk_option("reset", 1))
        reset_in_flight();
    nk_counter("requests", issued);
    nk_counter("interrupts", adapter->interrupts);
    nk_counter("dpcs", adapter->dpcs);
    stop_and_restart();
    sp_adapter_remove(adapter);
    nk_driver_unload(&driver);
    log_digest();
}

NK_SCENARIO(blk_rw, "blk-rw", run);
