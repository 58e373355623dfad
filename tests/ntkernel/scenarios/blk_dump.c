/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system crashes while a disk has requests in flight, and a second instance of its driver takes
 * the device over to write the dump: loaded and called as Windows does for that, at HIGH_LEVEL with
 * interrupts off, one request at a time, polled. What it writes is read back and checked again by
 * the host. The first instance never runs again.
 *
 * The option dump=0 is for a driver that refuses to be loaded for dump: then it must say so.
 */
#include "scenarios/scsi.h"
#include "ntos/mm.h"

#define IN_FLIGHT     16
#define READ_SECTORS  8
#define DUMP_SECTORS  128u /* of one request, if the miniport takes as many */
#define DUMP_REQUESTS 64
#define DUMP_START    4096u /* the first sector written */
#define GENERATION    1

static struct sp_adapter *dump;
static struct sp_request in_flight[IN_FLIGHT], request;
static UCHAR *buffers[IN_FLIGHT];
static ULONG frozen, disk_sectors;

static void freeze(void *context)
{
    (void)context;
    nk_cli();
    __atomic_add_fetch(&frozen, 1, __ATOMIC_SEQ_CST);
    for (;;)
        nk_relax();
}

/* As a bug check leaves the system: this processor alone runs on, at HIGH_LEVEL. */
static void crash(void)
{
    unsigned cpu;

    for (cpu = 1; cpu < nk_cpu_count(); cpu++)
        nk_cpu_run(cpu, freeze, NULL);
    while (__atomic_load_n(&frozen, __ATOMIC_SEQ_CST) < nk_cpu_count() - 1)
        nk_relax();
    nk_irql_raise(HIGH_LEVEL);
    nk_cli();
}

static void execute(const char *what)
{
    NK_EXPECT(sp_execute_dump(dump, &request) == SRB_STATUS_SUCCESS,
              "in dump mode %s ends with status %x", what, request.status);
}

/* Before the first write: the unit may have to tell of the reset behind it, and must have the size
 * it had. That Windows asks for the size is inferred from virtio-win's viostor, which refuses every
 * write until it was asked. */
static void wait_ready(UCHAR *buffer)
{
    unsigned tries = 0;

    do
        scsi_command(&request, OP_TEST_UNIT_READY, 6, NULL, 0);
    while (sp_execute_dump(dump, &request) != SRB_STATUS_SUCCESS && ++tries < 4);
    NK_EXPECT(request.status == SRB_STATUS_SUCCESS,
              "in dump mode TEST UNIT READY ends with status %x", request.status);
    scsi_command(&request, OP_READ_CAPACITY10, 10, buffer, 8);
    execute("READ CAPACITY");
    NK_EXPECT(scsi_get32(buffer) + 1 == disk_sectors, "in dump mode the disk has %u sectors",
              scsi_get32(buffer) + 1);
}

static void transfer(bool write, ULONG sector, ULONG count, UCHAR *buffer)
{
    ULONG64 right[NK_SECTOR_WORDS];
    ULONG n;

    for (n = 0; n < count; n++) {
        if (write)
            nk_sector_fill((ULONG64 *)(buffer + n * NK_SECTOR_SIZE), sector + n, GENERATION);
    }
    if (!write)
        nk_memset(buffer, 0xEE, count * NK_SECTOR_SIZE);
    scsi_transfer(&request, write, sector, count, buffer);
    execute(write ? "a write" : "a read");
    NK_EXPECT(request.transferred == count * NK_SECTOR_SIZE, "%u bytes are transferred",
              request.transferred);
    for (n = 0; n < count; n++) {
        nk_sector_fill(right, sector + n, GENERATION);
        if (nk_memcmp(buffer + n * NK_SECTOR_SIZE, right, NK_SECTOR_SIZE))
            nk_report("data", "in dump mode sector %u is wrong after a %s", sector + n,
                      write ? "write" : "read");
    }
}

static void log_digest(ULONG written)
{
    ULONG64 digest = 0;
    ULONG n;

    for (n = 0; n < disk_sectors; n++)
        digest += nk_sector_digest(n, n - DUMP_START < written ? GENERATION : 0);
    nk_log("@disk %u %llu\n", disk_sectors, digest);
}

static void write_dump(UCHAR *buffer)
{
    ULONG count = dump->config.MaximumTransferLength / NK_SECTOR_SIZE, n;

    count = count < DUMP_SECTORS ? count : DUMP_SECTORS;
    wait_ready(buffer);
    for (n = 0; n < DUMP_REQUESTS; n++)
        transfer(true, DUMP_START + n * count, count, buffer);
    for (n = 0; n < DUMP_REQUESTS; n += 7)
        transfer(false, DUMP_START + n * count, count, buffer);
    scsi_command(&request, OP_SYNCHRONIZE_CACHE, 10, NULL, 0);
    execute("a flush");
    nk_counter("dump.requests", DUMP_REQUESTS);
    log_digest(DUMP_REQUESTS * count);
}

static void run(void)
{
    static struct nk_driver driver, dump_driver;
    struct sp_adapter *adapter = sp_adapter_the();
    UCHAR *buffer = nk_contiguous_alloc(DUMP_SECTORS * NK_SECTOR_SIZE, ~0ull, 0);
    NTSTATUS status;
    unsigned n;

    for (n = 0; n < IN_FLIGHT; n++)
        buffers[n] = scsi_buffer(READ_SECTORS * NK_SECTOR_SIZE / NK_PAGE_SIZE);

    nk_driver_load(&driver);
    sp_adapter_start(adapter, nk_target_pci());
    scsi_wait_ready(adapter, &in_flight[0], NULL);
    disk_sectors = scsi_capacity(adapter, &in_flight[0], buffer);
    n = scsi_hold(adapter, in_flight, buffers, IN_FLIGHT, READ_SECTORS);
    crash();
    nk_log("crashed with %u requests in flight\n", n);
    scsi_throttle_crashed(0);
    status = nk_driver_load_dump(&dump_driver);
    nk_counter("dump.refused", !NT_SUCCESS(status));
    if (!nk_option("dump", 1)) {
        NK_EXPECT(!NT_SUCCESS(status), "the driver does not refuse to be loaded for dump");
        return;
    }
    NK_EXPECT(NT_SUCCESS(status), "DriverEntry for dump returns %08x", status);
    dump = sp_adapter_dump();
    sp_adapter_start_dump(dump, nk_target_pci());
    write_dump(buffer);
}

NK_SCENARIO(blk_dump, "blk-dump", run);
