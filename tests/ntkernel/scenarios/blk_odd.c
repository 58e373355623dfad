/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests as no file system makes them: other units, unknown functions and operations, random CDBs
 * with lengths that do not fit them, of every direction, none of which may change the disk. Each
 * must end once, within its buffer; the disk must still read right after each few.
 */
#include "scenarios/scsi.h"
#include "ntos/ex.h"

#define LENGTH_LIMIT 1100
#define CHECK_EACH   20
#define TAG_BUFFER   0x66754246u

static struct sp_adapter *adapter;
static struct sp_request request;
static ULONG64 random_state;
static ULONG disk_sectors, succeeded;

/* Operations that write, format or change the unit: they are not sent. */
static const UCHAR writing[] = {
    0x04, 0x07, 0x0A, 0x0B, 0x15, 0x1B, 0x1D, 0x24, 0x2A, 0x2E, 0x2B, 0x30, 0x39, 0x3A,
    0x3B, 0x3F, 0x41, 0x42, 0x43, 0x48, 0x50, 0x51, 0x53, 0x54, 0x55, 0x56, 0x57, 0x5D,
    0x5F, 0x7F, 0x80, 0x82, 0x83, 0x86, 0x87, 0x89, 0x8A, 0x8B, 0x8D, 0x8E, 0x90, 0x91,
    0x92, 0x93, 0x94, 0x95, 0x9A, 0x9B, 0x9D, 0x9F, 0xA2, 0xA4, 0xAA, 0xAC, 0xAE, 0xB5};

/* Operations a disk's miniport is likely to know, sent more often than others. */
static const UCHAR known[] = {OP_TEST_UNIT_READY,
                              0x03,
                              OP_INQUIRY,
                              0x1A,
                              0x5A,
                              OP_READ10,
                              0x08,
                              0x88,
                              0xA8,
                              OP_READ_CAPACITY10,
                              OP_READ_CAPACITY16,
                              OP_REPORT_LUNS,
                              0x2F,
                              0x8F,
                              OP_SYNCHRONIZE_CACHE,
                              0x9E,
                              0xA3};

static const UCHAR functions[] = {SRB_FUNCTION_SHUTDOWN,           SRB_FUNCTION_FLUSH,
                                  SRB_FUNCTION_RESET_BUS,          SRB_FUNCTION_RESET_DEVICE,
                                  SRB_FUNCTION_RESET_LOGICAL_UNIT, 0x33};

static ULONG random_below(ULONG limit)
{
    random_state = nk_mix(random_state);
    return (ULONG)(random_state >> 33) % limit;
}

static bool is_writing(UCHAR operation)
{
    unsigned n;

    for (n = 0; n < sizeof(writing); n++) {
        if (writing[n] == operation)
            return true;
    }
    return false;
}

static UCHAR choose_operation(void)
{
    UCHAR operation;

    if (random_below(4))
        return known[random_below(sizeof(known))];
    do {
        operation = (UCHAR)random_below(256);
    } while (is_writing(operation));
    return operation;
}

static void choose_cdb(ULONG length)
{
    UCHAR operation = choose_operation();
    static const UCHAR sizes[] = {6, 10, 12, 16};
    ULONG n;

    scsi_command(&request, operation, sizes[random_below(sizeof(sizes))], NULL, 0);
    for (n = 1; n < sizeof(request.cdb); n++)
        request.cdb[n] = random_below(3) ? 0 : (UCHAR)random_below(256);
    if (random_below(2)) { /* where many operations have their allocation length */
        request.cdb[4] = request.cdb[8] = (UCHAR)length;
        request.cdb[7] = (UCHAR)(length >> 8);
    }
}

/* The buffer ends with its page, and what is left before it is checked when it is freed. */
static void one_request(void)
{
    ULONG length = random_below(3) ? random_below(LENGTH_LIMIT) : 0;
    void *buffer = length ? nk_pool_own(length, TAG_BUFFER, false) : NULL;

    choose_cdb(length);
    if (!random_below(12))
        request.function = functions[random_below(sizeof(functions))];
    request.buffer = buffer;
    request.length = length;
    request.write = length && !random_below(6);
    sp_execute(adapter, &request);
    succeeded += request.status == SRB_STATUS_SUCCESS;
    if (buffer)
        nk_pool_free(buffer, TAG_BUFFER);
}

static void check_disk(UCHAR *buffer)
{
    ULONG64 expected[NK_SECTOR_WORDS];
    ULONG sector = random_below(disk_sectors);

    scsi_wait_ready(adapter, &request, NULL);
    nk_memset(buffer, 0, NK_SECTOR_SIZE);
    scsi_transfer(&request, false, sector, 1, buffer);
    NK_EXPECT(sp_execute(adapter, &request) == SRB_STATUS_SUCCESS,
              "after odd requests a read ends with status %x", request.status);
    nk_sector_fill(expected, sector, 0);
    NK_EXPECT(!nk_memcmp(buffer, expected, NK_SECTOR_SIZE), "odd requests changed sector %u",
              sector);
}

/* Windows scans all addresses the miniport announces: one that answers for them makes ghosts. */
static void other_units(UCHAR *buffer)
{
    static const UCHAR addresses[][2] = {{0, 1}, {0, 7}, {1, 0}, {1, 1}, {127, 0}};
    unsigned n;

    for (n = 0; n < NK_COUNT(addresses); n++) {
        if (addresses[n][0] >= adapter->config.MaximumNumberOfTargets ||
            addresses[n][1] >= adapter->config.MaximumNumberOfLogicalUnits)
            continue;
        scsi_command(&request, OP_INQUIRY, 6, buffer, 36);
        request.cdb[4] = 36;
        request.target = addresses[n][0];
        request.lun = addresses[n][1];
        sp_execute(adapter, &request);
        NK_EXPECT(request.status != SRB_STATUS_SUCCESS || buffer[0] >> 5,
                  "INQUIRY finds a unit at target %u, unit %u", request.target, request.lun);
    }
}

static void run(void)
{
    static struct nk_driver driver;
    UCHAR *buffer = scsi_buffer(1);
    ULONG requests = (ULONG)nk_option("requests", 2000), n;

    random_state = nk_option("seed", 1);
    nk_driver_load(&driver);
    adapter = sp_adapter_the();
    sp_adapter_start(adapter, nk_target_pci());
    scsi_wait_ready(adapter, &request, NULL);
    disk_sectors = scsi_capacity(adapter, &request, buffer);
    other_units(buffer);
    for (n = 0; n < requests; n++) {
        one_request();
        if (n % CHECK_EACH == 0)
            check_disk(buffer);
    }
    check_disk(buffer);
    NK_EXPECT(succeeded > requests / 20, "only %u of %u odd requests succeeded: none got far",
              succeeded, requests);
    nk_counter("requests", requests);
    nk_counter("succeeded", succeeded);
    sp_adapter_remove(adapter);
    nk_driver_unload(&driver);
}

NK_SCENARIO(blk_odd, "blk-odd", run);
