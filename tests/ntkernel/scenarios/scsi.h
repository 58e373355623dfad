/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SCSI commands for scenarios with disks. */
#ifndef NK_SCSI_H
#define NK_SCSI_H

#include "scenarios/scenario.h"
#include "storport/port.h"

enum {
    OP_TEST_UNIT_READY = 0x00,
    OP_INQUIRY = 0x12,
    OP_READ_CAPACITY10 = 0x25,
    OP_READ10 = 0x28,
    OP_WRITE10 = 0x2A,
    OP_SYNCHRONIZE_CACHE = 0x35,
    OP_READ_CAPACITY16 = 0x9E,
    OP_REPORT_LUNS = 0xA0,
};

enum { SENSE_UNIT_ATTENTION = 6 };

void scsi_put32(UCHAR *p, ULONG value);
ULONG scsi_get32(const UCHAR *p);
/** Prepare a request with an otherwise empty CDB; it reads unless the caller changes that. */
void scsi_command(struct sp_request *r, UCHAR operation, UCHAR cdb_length, void *buffer,
                  ULONG length);
/** Prepare a read or write of whole sectors. */
void scsi_transfer(struct sp_request *r, bool write, ULONG sector, ULONG count, void *buffer);
/** Test until ready; a unit may first have to tell that it was powered on, reset or changed. The
 * sense codes (ASC << 8 | ASCQ) of the last such attention are stored in *attention if not NULL. */
void scsi_wait_ready(struct sp_adapter *a, struct sp_request *r, ULONG *attention);
/** The number of sectors, by both forms of READ CAPACITY, which must agree. `buffer` holds 32
 * bytes. */
ULONG scsi_capacity(struct sp_adapter *a, struct sp_request *r, UCHAR *buffer);
/** Have the host let the disk serve so many requests a second, 0 for any number. */
void scsi_throttle(unsigned iops);
/** The same after a crash, when no answer can be waited for: it does when it gets to it. */
void scsi_throttle_crashed(unsigned iops);
/** The disk that the run began with has been replaced: from now on the other is throttled. */
void scsi_replaced(void);
/** Send reads of `sectors` sectors, the n-th at 2 * n * sectors (QEMU merges neighbours) to
 * buffers[n]; not those still in flight. */
void scsi_read_all(struct sp_adapter *a, struct sp_request *requests, UCHAR *const *buffers,
                   unsigned count, ULONG sectors);
/** Throttle the disk to one request a second and send such reads until the device keeps some;
 * returns how many it has. */
unsigned scsi_hold(struct sp_adapter *a, struct sp_request *requests, UCHAR *const *buffers,
                   unsigned count, ULONG sectors);
/** What the port does for requests that do not end, as on a device that is gone: a reset, after
 * which they must. */
void scsi_end_all(struct sp_adapter *a, struct sp_request *requests, unsigned count,
                  const char *when);
/** A buffer of `pages` physically scattered pages. */
UCHAR *scsi_buffer(unsigned pages);

#endif
