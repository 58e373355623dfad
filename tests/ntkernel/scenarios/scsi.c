/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenarios/scsi.h"

#define HOLD_LEAST     4
#define HOLD_SETTLE_MS 200
#define HOLD_ROUNDS    20
#define TIMEOUT_MS     1000 /* of the port, after which it resets */
#define RESET_MS       5000

void scsi_put32(UCHAR *p, ULONG value)
{
    p[0] = (UCHAR)(value >> 24);
    p[1] = (UCHAR)(value >> 16);
    p[2] = (UCHAR)(value >> 8);
    p[3] = (UCHAR)value;
}

ULONG scsi_get32(const UCHAR *p)
{
    return (ULONG)p[0] << 24 | (ULONG)p[1] << 16 | (ULONG)p[2] << 8 | p[3];
}

void scsi_command(struct sp_request *r, UCHAR operation, UCHAR cdb_length, void *buffer,
                  ULONG length)
{
    nk_memset(r->cdb, 0, sizeof(r->cdb));
    r->function = SRB_FUNCTION_EXECUTE_SCSI;
    r->cdb[0] = operation;
    r->cdb_length = cdb_length;
    r->buffer = buffer;
    r->length = length;
    r->path = r->target = r->lun = 0;
    r->write = false;
    r->done = NULL;
}

void scsi_transfer(struct sp_request *r, bool write, ULONG sector, ULONG count, void *buffer)
{
    scsi_command(r, write ? OP_WRITE10 : OP_READ10, 10, buffer, count * NK_SECTOR_SIZE);
    scsi_put32(r->cdb + 2, sector);
    r->cdb[7] = (UCHAR)(count >> 8);
    r->cdb[8] = (UCHAR)count;
    r->write = write;
}

void scsi_wait_ready(struct sp_adapter *a, struct sp_request *r, ULONG *attention)
{
    unsigned tries;

    for (tries = 0; tries < 4; tries++) {
        scsi_command(r, OP_TEST_UNIT_READY, 6, NULL, 0);
        if (sp_execute(a, r) == SRB_STATUS_SUCCESS)
            return;
        if (!r->sense_valid || (r->sense[2] & 15) != SENSE_UNIT_ATTENTION)
            break;
        if (attention)
            *attention = (ULONG)r->sense[12] << 8 | r->sense[13];
    }
    nk_report("check", "TEST UNIT READY ends with status %x, sense key %x", r->status,
              r->sense[2] & 15);
}

ULONG scsi_capacity(struct sp_adapter *a, struct sp_request *r, UCHAR *buffer)
{
    ULONG sectors;

    scsi_command(r, OP_READ_CAPACITY10, 10, buffer, 8);
    NK_EXPECT(sp_execute(a, r) == SRB_STATUS_SUCCESS, "READ CAPACITY ends with status %x",
              r->status);
    sectors = scsi_get32(buffer) + 1;
    NK_EXPECT(scsi_get32(buffer + 4) == NK_SECTOR_SIZE, "the block size is %u",
              scsi_get32(buffer + 4));

    scsi_command(r, OP_READ_CAPACITY16, 16, buffer, 32);
    r->cdb[1] = 0x10;
    scsi_put32(r->cdb + 10, 32);
    NK_EXPECT(sp_execute(a, r) == SRB_STATUS_SUCCESS, "READ CAPACITY(16) ends with status %x",
              r->status);
    NK_EXPECT(scsi_get32(buffer + 4) + 1 == sectors, "the two capacities differ");
    return sectors;
}

UCHAR *scsi_buffer(unsigned pages)
{
    return (UCHAR *)nk_va_map(pages, NK_FRESH, NK_MAP_WRITE);
}

#define THROTTLE                                                                               \
    "{\"execute\": \"block_set_io_throttle\", \"arguments\": {%s, \"bps\": 0, \"bps_rd\": 0, " \
    "\"bps_wr\": 0, \"iops\": %u, \"iops_rd\": 0, \"iops_wr\": 0}}"

static const char *throttled = "\"device\": \"backend\"";

void scsi_replaced(void)
{
    throttled = "\"id\": \"/machine/peripheral/dut/virtio-backend\"";
}

void scsi_throttle(unsigned iops)
{
    nk_qmp(THROTTLE, throttled, iops);
}

void scsi_throttle_crashed(unsigned iops)
{
    nk_log("@qmp " THROTTLE "\n", throttled, iops);
}

void scsi_read_all(struct sp_adapter *a, struct sp_request *requests, UCHAR *const *buffers,
                   unsigned count, ULONG sectors)
{
    unsigned n;

    for (n = 0; n < count; n++) {
        if (requests[n].state != SP_FREE)
            continue;
        scsi_transfer(&requests[n], false, 2 * n * sectors, sectors, buffers[n]);
        sp_submit(a, &requests[n]);
    }
}

unsigned scsi_hold(struct sp_adapter *a, struct sp_request *requests, UCHAR *const *buffers,
                   unsigned count, ULONG sectors)
{
    unsigned round, n, held = 0;

    scsi_throttle(1);
    for (round = 0; round < HOLD_ROUNDS; round++) {
        scsi_read_all(a, requests, buffers, count, sectors);
        nk_sleep(HOLD_SETTLE_MS);
        for (n = 0, held = 0; n < count; n++)
            held += requests[n].state != SP_FREE;
        if (held >= HOLD_LEAST)
            return held;
    }
    nk_report("check", "the throttled disk holds %u of %u requests", held, count);
}

void scsi_end_all(struct sp_adapter *a, struct sp_request *requests, unsigned count,
                  const char *when)
{
    unsigned n, resets = 0, failed = 0;

    for (n = 0; n < count; n++) {
        if (!sp_wait(&requests[n], TIMEOUT_MS)) {
            KIRQL former = sp_start_io_lock(a);

            resets++;
            NK_CALL("HwResetBus", a->hw.HwResetBus(a->extension, 0));
            sp_start_io_unlock(a, former);
            NK_EXPECT(sp_wait(&requests[n], RESET_MS),
                      "a request sent %s has not ended %u ms after a reset", when, RESET_MS);
        }
        failed += requests[n].status != SRB_STATUS_SUCCESS;
    }
    nk_log("requests sent %s: %u of %u ended with an error, after %u resets\n", when, failed, count,
           resets);
}
