// SPDX-License-Identifier: GPL-3.0-or-later
//
// The device's end of a virtqueue, split and packed, written from the virtio specification alone.
//
// A ring is set up over three guest-physical addresses. fetch takes the next available buffer,
// checks everything the specification demands of the driver and gives a chain; use gives it back.
// A chain stays owned by the ring and valid until it is used. Whatever the driver does wrong is
// a fault (sdev_fault.h); the buffer is still handed out when that makes sense.
//
//      fetch -> chain (device owns) -> use(len)      any order, or
//      fetch, fetch, fetch -> use_batch(last)         in order, one used entry for all
//
// One thread drives a ring. Fields that the driver may access at the same time are read and
// written atomically; the index or flag that hands over ownership with acquire or release.
//
// The raw calls at the end write what a conforming device never writes. They are how the hostile
// tests speak.

#ifndef TESTS_DEVICE_SDEV_RING_H
#define TESTS_DEVICE_SDEV_RING_H

#include "tests/device/sdev_mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Feature bits the ring acts on (virtio 1.2, 6).
#define SDEV_F_INDIRECT_DESC     ((uint64_t)1 << 28)
#define SDEV_F_EVENT_IDX         ((uint64_t)1 << 29)
#define SDEV_F_VERSION_1         ((uint64_t)1 << 32)
#define SDEV_F_ACCESS_PLATFORM   ((uint64_t)1 << 33)
#define SDEV_F_RING_PACKED       ((uint64_t)1 << 34)
#define SDEV_F_IN_ORDER          ((uint64_t)1 << 35)
#define SDEV_F_ORDER_PLATFORM    ((uint64_t)1 << 36)
#define SDEV_F_SR_IOV            ((uint64_t)1 << 37)
#define SDEV_F_NOTIFICATION_DATA ((uint64_t)1 << 38)
#define SDEV_F_NOTIF_CONFIG_DATA ((uint64_t)1 << 39)
#define SDEV_F_RING_RESET        ((uint64_t)1 << 40)

enum {
    SDEV_DESC_F_NEXT = 1,
    SDEV_DESC_F_WRITE = 2,
    SDEV_DESC_F_INDIRECT = 4,
    SDEV_DESC_F_AVAIL = 1 << 7,
    SDEV_DESC_F_USED = 1 << 15,
};

enum { SDEV_EVENT_ENABLE = 0, SDEV_EVENT_DISABLE = 1, SDEV_EVENT_DESC = 2 };

// A piece of a buffer. host is NULL when len is 0 or the address is not registered memory.
struct sdev_seg {
    uint64_t gpa;
    uint8_t *host;
    uint32_t len;
    bool writable;
};

// A buffer that the driver made available.
struct sdev_chain {
    uint16_t id;      // split: index of the head descriptor; packed: buffer id
    uint16_t slots;   // descriptors it takes in the ring itself
    bool outstanding; // fetched and not yet used
    bool indirect;
    uint32_t n_seg;
    uint64_t readable; // bytes
    uint64_t writable; // bytes
    uint64_t order;    // counts fetches, to know which chain is older
    struct sdev_seg *seg;
    uint32_t seg_room;
};

struct sdev_ring_cfg {
    struct sdev_mem *mem;
    struct sdev_faults *faults;
    uint64_t features; // negotiated
    uint64_t desc;     // descriptor area
    uint64_t driver;   // driver area: available ring, driver event suppression
    uint64_t device;   // device area: used ring, device event suppression
    uint16_t num;      // queue size
};

struct sdev_ring;

// NULL and a fault when an area is misaligned, outside memory or the size is not allowed.
struct sdev_ring *sdev_ring_new(const struct sdev_ring_cfg *cfg);
void sdev_ring_free(struct sdev_ring *ring);

// Takes the next available buffer; NULL when there is none.
struct sdev_chain *sdev_ring_fetch(struct sdev_ring *ring);

// True when fetch would give one.
bool sdev_ring_available(struct sdev_ring *ring);

// Gives one buffer back, len bytes written. With IN_ORDER it must be the oldest (else a fault).
void sdev_ring_use(struct sdev_ring *ring, struct sdev_chain *chain, uint32_t len);

// IN_ORDER only: gives back every buffer from the oldest up to last with one used entry.
// Returns how many buffers that were.
unsigned sdev_ring_use_batch(struct sdev_ring *ring, struct sdev_chain *last, uint32_t len);

// True when the buffers used since the last call want an interrupt by what the driver asked for.
bool sdev_ring_should_interrupt(struct sdev_ring *ring);

// Says when the driver shall notify: always, never, or (EVENT_IDX) once it makes available the
// buffer (split) or descriptor (packed) that is skip after the next one that fetch looks at.
void sdev_ring_kick_always(struct sdev_ring *ring);
void sdev_ring_kick_never(struct sdev_ring *ring);
void sdev_ring_kick_after(struct sdev_ring *ring, uint16_t skip);

// What the driver must do by the specification about entries [from, to), linear counts since the
// ring was set up (split: buffers, packed: descriptors). True: it must notify.
bool sdev_ring_kick_wanted(const struct sdev_ring *ring, uint64_t from, uint64_t to);

// Checks the value of an available buffer notification with NOTIFICATION_DATA (virtio 1.2, 2.9):
// made is the linear count of entries made available so far.
bool sdev_ring_notify_data_ok(const struct sdev_ring *ring, uint16_t queue, uint64_t made,
                              uint32_t data);

uint16_t sdev_ring_num(const struct sdev_ring *ring);
uint64_t sdev_ring_features(const struct sdev_ring *ring);
bool sdev_ring_is_packed(const struct sdev_ring *ring);
unsigned sdev_ring_outstanding(const struct sdev_ring *ring);

// Linear counts since set-up (split: buffers, packed: descriptors).
uint64_t sdev_ring_fetched(const struct sdev_ring *ring);
uint64_t sdev_ring_used(const struct sdev_ring *ring);

// Reads len bytes at offset of the device-readable part into buf, or writes them to the
// device-writable part. Returns how many bytes there were to copy.
size_t sdev_chain_read(const struct sdev_chain *chain, uint64_t offset, void *buf, size_t len);
size_t sdev_chain_write(const struct sdev_chain *chain, uint64_t offset, const void *buf,
                        size_t len);

// Raw access for hostile tests. Split:
void sdev_split_raw_used(struct sdev_ring *ring, uint16_t slot, uint32_t id, uint32_t len);
void sdev_split_raw_used_idx(struct sdev_ring *ring, uint16_t idx);
void sdev_split_raw_used_flags(struct sdev_ring *ring, uint16_t flags);
void sdev_split_raw_avail_event(struct sdev_ring *ring, uint16_t event);
void sdev_split_raw_desc(struct sdev_ring *ring, uint16_t slot, uint64_t addr, uint32_t len,
                         uint16_t flags, uint16_t next);
// Packed: flags is written as given, so a wrap bit of either kind can be forged.
void sdev_packed_raw(struct sdev_ring *ring, uint16_t slot, uint16_t id, uint32_t len,
                     uint16_t flags);
void sdev_packed_raw_event(struct sdev_ring *ring, uint16_t desc, uint16_t flags);
// Both: the slot the next used entry goes to, and for packed the flags that mark it used.
uint16_t sdev_ring_next_used(const struct sdev_ring *ring);
uint16_t sdev_packed_used_flags(const struct sdev_ring *ring);

#endif
