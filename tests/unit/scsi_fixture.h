/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk, one command at a time, and what must come back. The answer buffer ends in a canary. */
#ifndef TESTS_UNIT_SCSI_FIXTURE_H
#define TESTS_UNIT_SCSI_FIXTURE_H

#include "tests/unit/unit.h"

#include <stdbool.h>
#include <string.h>

#include "drivers-src/viostor/scsi.h"

struct scsi_fixture {
    struct scsi_disk disk;
    struct scsi_command command;
    struct scsi_outcome outcome;
    uint8_t cdb[SCSI_CDB_MAX];
    uint8_t data[512];
};

/* 1000 blocks of 512 bytes, writable, with a write cache and the serial number "SN-42". */
static inline void scsi_fixture_init(struct scsi_fixture *fix)
{
    memset(fix, 0, sizeof(*fix));
    fix->disk = (struct scsi_disk){
        .blocks = 1000, .block_bytes = 512, .can_flush = true, .write_cache = true};
    scsi_disk_set_serial(&fix->disk, "SN-42", 5);
    fix->command.cdb = fix->cdb;
    fix->command.data = fix->data;
    fix->command.data_length = 256;
}

/* Runs the CDB given as bytes. What lies behind the answer must not have been touched. */
#define SCSI_RUN(fix, ...)                          \
    do {                                            \
        const uint8_t bytes_[] = {__VA_ARGS__};     \
        memset((fix)->cdb, 0, sizeof((fix)->cdb));  \
        memcpy((fix)->cdb, bytes_, sizeof(bytes_)); \
        (fix)->command.cdb_length = sizeof(bytes_); \
        scsi_fixture_run(fix);                      \
    } while (0)

static inline void scsi_fixture_run(struct scsi_fixture *fix)
{
    memset(fix->data, 0xa5, sizeof(fix->data));
    scsi_execute(&fix->disk, &fix->command, &fix->outcome);
    for (size_t i = fix->outcome.transferred; i < sizeof(fix->data); i++)
        assert_int_equal(fix->data[i], 0xa5);
}

static inline void scsi_expect_good(const struct scsi_fixture *fix)
{
    assert_int_equal(fix->outcome.action, SCSI_COMPLETE);
    assert_int_equal(fix->outcome.status, SCSI_GOOD);
}

static inline void scsi_expect_sense(const struct scsi_fixture *fix, uint8_t key, uint16_t asc)
{
    assert_int_equal(fix->outcome.action, SCSI_COMPLETE);
    assert_int_equal(fix->outcome.status, SCSI_CHECK_CONDITION);
    assert_int_equal(fix->outcome.transferred, 0);
    assert_int_equal(fix->outcome.sense.key, key);
    assert_int_equal(fix->outcome.sense.asc, asc);
}

/* INVALID FIELD IN CDB, pointing at `field`. */
static inline void scsi_expect_bad_field(const struct scsi_fixture *fix, uint16_t field)
{
    scsi_expect_sense(fix, SCSI_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
    assert_true(fix->outcome.sense.has_field);
    assert_int_equal(fix->outcome.sense.field, field);
}

#endif
