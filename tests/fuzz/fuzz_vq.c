// SPDX-License-Identifier: GPL-3.0-or-later
//
// Input: one byte of features, one of size, then operations of a byte and its operands. What must
// hold whatever the device writes: a token comes back at most once, only if it was added, with a
// length that its buffer can hold; a broken queue is broken for good, says so once, and still
// gives every buffer back after it was stopped.

#include "tests/fuzz/fuzz_vq.h"

#include "tests/device/vq_rig.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { BUFFERS = 64, ELEMENTS = 6, MAX_SIZE = 64, ELEMENT_BYTES = 16 };

struct fuzz_vq {
    struct vq_rig rig;
    struct fuzz_input in;
    struct sdev_chain *chain[BUFFERS]; // fetched by the working device
    unsigned chains;
    uint64_t gpa;
    uint8_t *tables;
    uint64_t tables_gpa;
    bool out[BUFFERS]; // with the queue
    unsigned outs;
    uint32_t writable[BUFFERS];
    uint8_t token[BUFFERS]; // only addresses count
};

static void op_add(struct fuzz_vq *f)
{
    uint8_t shape = fuzz_u8(&f->in);
    unsigned n = 0;
    struct vq_sg sg[ELEMENTS];
    uint16_t out = shape & 3;
    uint16_t in = shape >> 2 & 3;

    while (n < BUFFERS && f->out[n]) // a free buffer, or none
        n++;
    if (n == BUFFERS)
        return;

    uint32_t writable = 0;
    for (unsigned i = 0; i < (unsigned)out + in; i++) {
        sg[i] = (struct vq_sg){.pa = f->gpa, .len = ELEMENT_BYTES};
        if (i >= out)
            writable += ELEMENT_BYTES;
    }
    struct vq_table table = {
        .va = f->tables + (size_t)n * ELEMENTS * VQ_DESC_BYTES,
        .pa = f->tables_gpa + (uint64_t)n * ELEMENTS * VQ_DESC_BYTES,
        .entries = ELEMENTS,
    };
    enum vio_status status =
        vq_add(f->rig.vq, sg, out, in, &f->token[n], (shape & 16) != 0 ? &table : NULL);

    FUZZ_CHECK((status == VIO_E_BROKEN) == (vq_state(f->rig.vq) == VQ_BROKEN));
    if (status != VIO_OK)
        return;
    f->out[n] = true;
    f->outs++;
    f->writable[n] = writable;
}

static void token_back(struct fuzz_vq *f, const uint8_t *token)
{
    size_t n = (size_t)(token - f->token);

    FUZZ_CHECK(n < BUFFERS);
    FUZZ_CHECK(f->out[n]);
    f->out[n] = false;
    f->outs--;
}

static void op_pop(struct fuzz_vq *f)
{
    for (unsigned i = 0; i <= BUFFERS; i++) {
        uint32_t len = UINT32_MAX;
        uint8_t *token = vq_pop(f->rig.vq, &len);

        if (token == NULL) {
            FUZZ_CHECK(len == 0);
            return;
        }
        FUZZ_CHECK(vq_state(f->rig.vq) == VQ_READY);
        token_back(f, token);
        FUZZ_CHECK(len <= f->writable[token - f->token]);
    }
    FUZZ_CHECK(!"a queue gives more buffers than were added");
}

static void op_take(struct fuzz_vq *f)
{
    if (f->chains == BUFFERS)
        return;
    struct sdev_chain *chain = sdev_ring_fetch(f->rig.ring);
    if (chain != NULL)
        f->chain[f->chains++] = chain;
}

// The working device: gives back one of the buffers it has, or with IN_ORDER all up to it.
static void op_give(struct fuzz_vq *f)
{
    uint8_t pick = fuzz_u8(&f->in);

    if (f->chains == 0)
        return;
    unsigned n = pick % f->chains;
    if ((f->rig.features & SDEV_F_IN_ORDER) != 0) {
        sdev_ring_use_batch(f->rig.ring, f->chain[n], pick);
        f->chains -= n + 1;
        memmove(f->chain, f->chain + n + 1, f->chains * sizeof(struct sdev_chain *));
    } else {
        sdev_ring_use(f->rig.ring, f->chain[n], pick);
        f->chain[n] = f->chain[--f->chains];
    }
}

// Writes that know where the used entries are.
static void op_used(struct fuzz_vq *f)
{
    struct sdev_ring *ring = f->rig.ring;
    uint16_t slot = (uint16_t)(fuzz_u8(&f->in) % sdev_ring_num(ring));
    uint16_t id = fuzz_u8(&f->in);
    uint16_t flags = fuzz_u8(&f->in);
    uint32_t len = (uint32_t)flags << 4;

    if (sdev_ring_is_packed(ring)) {
        uint16_t used = (flags & 1) != 0 ? SDEV_DESC_F_AVAIL | SDEV_DESC_F_USED : 0;

        sdev_packed_raw(ring, (flags & 2) != 0 ? sdev_ring_next_used(ring) : slot, id, len,
                        (flags & 4) != 0 ? (uint16_t)(flags << 8 | flags) : used);
    } else {
        uint32_t wide = (flags & 2) != 0 ? id * 0x01010101u : id;

        sdev_split_raw_used(ring, (flags & 4) != 0 ? sdev_ring_next_used(ring) : slot, wide, len);
    }
}

static void op_used_idx(struct fuzz_vq *f)
{
    uint16_t value = (uint16_t)(sdev_ring_used(f->rig.ring) + (int8_t)fuzz_u8(&f->in));

    if (sdev_ring_is_packed(f->rig.ring))
        sdev_packed_raw_event(f->rig.ring, value, fuzz_u8(&f->in));
    else
        sdev_split_raw_used_idx(f->rig.ring, value);
}

// Any two bytes of what the device shares.
static void op_poke(struct fuzz_vq *f)
{
    size_t at = fuzz_u16(&f->in) % (f->rig.ring_bytes - 1);
    uint16_t value = fuzz_u16(&f->in);

    memcpy((uint8_t *)f->rig.ring_host + at, &value, sizeof(value));
}

static void op_fill(struct fuzz_vq *f)
{
    memset(f->rig.ring_host, fuzz_u8(&f->in), f->rig.ring_bytes);
}

static void detach_all(struct fuzz_vq *f)
{
    uint8_t *token = NULL;

    while ((token = vq_detach(f->rig.vq)) != NULL) // token_back ends it if one comes twice
        token_back(f, token);
    FUZZ_CHECK(f->outs == 0);
    FUZZ_CHECK(vq_in_flight(f->rig.vq) == 0);
}

static void op_restart(struct fuzz_vq *f)
{
    uint16_t size = vq_size(f->rig.vq);

    vq_rig_stop(&f->rig);
    detach_all(f);
    f->chains = 0;
    f->rig.broken_calls = 0;
    FUZZ_CHECK(vq_rig_restart(&f->rig, size));
    FUZZ_CHECK(vq_room(f->rig.vq) == size);
}

static void op_publish(struct fuzz_vq *f)
{
    vq_publish(f->rig.vq);
}

static void op_kick(struct fuzz_vq *f)
{
    vq_kick(f->rig.vq);
}

static void op_irq(struct fuzz_vq *f)
{
    uint8_t which = fuzz_u8(&f->in) % 4;

    if (which == 0)
        vq_irq_off(f->rig.vq);
    else if (which == 1)
        vq_irq_on(f->rig.vq);
    else if (which == 2)
        vq_irq_on_delayed(f->rig.vq);
    else
        vq_pending(f->rig.vq);
}

static void (*const ops[])(struct fuzz_vq *f) = {
    op_add,  op_add,  op_publish,  op_kick, op_pop,  op_take,    op_give, op_used,
    op_used, op_poke, op_used_idx, op_irq,  op_fill, op_restart, op_take, op_give,
};

static void books_check(const struct fuzz_vq *f)
{
    bool broken = vq_state(f->rig.vq) == VQ_BROKEN;

    FUZZ_CHECK(f->rig.broken_calls == broken);
    FUZZ_CHECK((vq_fault(f->rig.vq) != VQ_FAULT_NONE) == broken);
    if (!broken)
        FUZZ_CHECK(vq_in_flight(f->rig.vq) == f->outs);
    FUZZ_CHECK(vq_room(f->rig.vq) <= vq_size(f->rig.vq));
}

void fuzz_vq(const uint8_t *data, size_t size, bool packed)
{
    static const uint64_t choices[] = {SDEV_F_EVENT_IDX, SDEV_F_INDIRECT_DESC, SDEV_F_IN_ORDER,
                                       SDEV_F_NOTIFICATION_DATA, SDEV_F_ORDER_PLATFORM};
    struct fuzz_vq f = {.in = {.at = data, .left = size}};
    uint8_t bits = fuzz_u8(&f.in);
    uint16_t num = (uint16_t)(1 + fuzz_u8(&f.in) % MAX_SIZE);
    uint64_t features = SDEV_F_VERSION_1 | (packed ? SDEV_F_RING_PACKED : 0);

    for (unsigned i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        if ((bits >> i & 1) != 0)
            features |= choices[i];
    }
    while (!packed && (num & (num - 1)) != 0) // clears one bit each time
        num &= (uint16_t)(num - 1);

    FUZZ_CHECK(vq_rig_up(&f.rig, num, features));
    FUZZ_CHECK(sdev_mem_alloc(f.rig.mem, ELEMENT_BYTES, 16, &f.gpa) != NULL);
    f.tables =
        sdev_mem_alloc(f.rig.mem, (size_t)BUFFERS * ELEMENTS * VQ_DESC_BYTES, 16, &f.tables_gpa);
    FUZZ_CHECK(f.tables != NULL);

    while (f.in.left != 0) { // each operation takes at least a byte
        ops[fuzz_u8(&f.in) % (sizeof(ops) / sizeof(ops[0]))](&f);
        books_check(&f);
    }
    vq_rig_stop(&f.rig);
    detach_all(&f);
    vq_rig_down(&f.rig);
}
