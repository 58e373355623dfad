// SPDX-License-Identifier: GPL-3.0-or-later
//
// A queue of the core over plain memory, looked at byte by byte: the ring tests play the device by
// hand, with offsets and values taken from the specification and not from the core's headers.

#ifndef TESTS_UNIT_VQ_FIXTURE_H
#define TESTS_UNIT_VQ_FIXTURE_H

#include "tests/unit/unit.h"

#include <stdbool.h>

#include "drivers-src/virtio/vq.h"

// Feature bits by number, as virtio 1.2, 6 lists them.
#define BIT(n)       ((uint64_t)1 << (n))
#define F_INDIRECT   BIT(28)
#define F_EVENT      BIT(29)
#define F_VERSION_1  BIT(32)
#define F_PACKED     BIT(34)
#define F_IN_ORDER   BIT(35)
#define F_ORDER      BIT(36)
#define F_NOTIF_DATA BIT(38)

// Device address of the ring's first byte.
#define VQF_PA 0x40000000u

struct vqf {
    struct vio_os os;
    uint64_t features;
    uint16_t size;
    uint8_t *ring;
    void *priv;
    struct vq *vq;
    uint8_t *desc; // the areas, as the device finds them
    uint8_t *driver;
    uint8_t *device;
    unsigned errors;      // log lines of that level
    uint64_t error_value; // of the last one
    unsigned notified;
    uint32_t notify_value;
    unsigned broken;
    enum vq_fault fault;
};

// Makes and removes a queue; failures fail the test.
void vqf_up(struct vqf *f, uint16_t size, uint64_t features);
void vqf_down(struct vqf *f);

// Little-endian fields.
uint16_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
uint64_t get64(const uint8_t *at);
void put16(uint8_t *at, uint16_t value);
void put32(uint8_t *at, uint32_t value);

// Adds a buffer of out + in elements of 16 bytes each, at 0x1000, 0x2000, and so on, without a
// table; its token is `n`, from 1 up.
enum vio_status vqf_add(struct vqf *f, unsigned n, uint16_t out, uint16_t in);
void *vqf_token(unsigned n);

// The same where it must succeed; the second publishes too.
void vqf_put(struct vqf *f, unsigned n, uint16_t out, uint16_t in);
void vqf_give(struct vqf *f, unsigned n, uint16_t out, uint16_t in);

// Pops and expects buffer `n` with `len` bytes written, or, with n = 0, nothing.
void vqf_expect(struct vqf *f, unsigned n, uint32_t len);

// Expects that the queue is broken, for `fault` and because of `value`, and that this was told
// once.
void vqf_expect_broken(struct vqf *f, enum vq_fault fault, uint32_t value);

#endif
