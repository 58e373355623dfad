// SPDX-License-Identifier: GPL-3.0-or-later
//
// Queues of the core against the software device, well-behaved: each behaviour for each kind of
// ring.

#include "tests/device/sdev_worker.h"
#include "tests/device/vq_rig.h"
#include "tests/unit/rig_tests.h"

#include <string.h>

enum { SIZE = 16, CELL = 64 };

struct kind {
    const char *name;
    uint64_t features;
    uint16_t size;
};

static const struct kind kinds[] = {
    {"split", SDEV_F_VERSION_1 | SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX, SIZE},
    {"split in order", SDEV_F_VERSION_1 | SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX | SDEV_F_IN_ORDER,
     SIZE},
    {"split, no options", 0, SIZE},
    {"packed", SDEV_F_VERSION_1 | SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX | SDEV_F_RING_PACKED,
     SIZE},
    {"packed in order",
     SDEV_F_VERSION_1 | SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX | SDEV_F_RING_PACKED |
         SDEV_F_IN_ORDER,
     SIZE},
    {"packed of 13, no options", SDEV_F_VERSION_1 | SDEV_F_RING_PACKED, 13},
};

struct fixture {
    struct vq_rig rig;
    const struct kind *kind;
    uint8_t *cell; // one per buffer of the ring, CELL bytes each
    uint64_t cell_gpa;
    uint8_t *tables;
    uint64_t tables_gpa;
};

static void up(struct fixture *f, void **state)
{
    memset(f, 0, sizeof(*f));
    f->kind = *state;
    assert_true(vq_rig_up(&f->rig, f->kind->size, f->kind->features));
    f->cell = sdev_mem_alloc(f->rig.mem, (size_t)SIZE * CELL, 64, &f->cell_gpa);
    f->tables = sdev_mem_alloc(f->rig.mem, (size_t)SIZE * SIZE * VQ_DESC_BYTES, 64, &f->tables_gpa);
    assert_non_null(f->cell);
    assert_non_null(f->tables);
}

static void down(struct fixture *f)
{
    if (f->rig.faults.count != 0)
        fail_msg("the device finds fault: %s", f->rig.faults.first);
    assert_int_equal(f->rig.logs[VIO_LOG_ERROR], 0);
    vq_rig_down(&f->rig);
}

static bool has(const struct fixture *f, uint64_t feature)
{
    return (f->kind->features & feature) != 0;
}

static void *token(struct fixture *f, unsigned n)
{
    return f->cell + (size_t)n * CELL;
}

// Adds buffer n: `out` and `in` elements of 4 bytes each.
static enum vio_status add(struct fixture *f, unsigned n, uint16_t out, uint16_t in, bool table)
{
    struct vq_sg sg[SIZE + 1];
    struct vq_table room = {
        .va = f->tables + (size_t)n * SIZE * VQ_DESC_BYTES,
        .pa = f->tables_gpa + (uint64_t)n * SIZE * VQ_DESC_BYTES,
        .entries = SIZE,
    };

    for (unsigned i = 0; i < (unsigned)out + in; i++)
        sg[i] =
            (struct vq_sg){.pa = f->cell_gpa + (uint64_t)n * CELL + 4ull * (i % SIZE), .len = 4};
    return vq_add(f->rig.vq, sg, out, in, token(f, n), table ? &room : NULL);
}

static void add_shown(struct fixture *f, unsigned n)
{
    assert_int_equal(add(f, n, 1, 1, false), VIO_OK);
    vq_publish(f->rig.vq);
}

static void expect_pop(struct fixture *f, unsigned n, uint32_t len)
{
    uint32_t got = UINT32_MAX;

    assert_ptr_equal(vq_pop(f->rig.vq, &got), token(f, n));
    assert_int_equal(got, len);
}

static void expect_empty(struct fixture *f)
{
    uint32_t got = UINT32_MAX;

    assert_null(vq_pop(f->rig.vq, &got));
    assert_int_equal(got, 0);
    assert_int_equal(vq_state(f->rig.vq), VQ_READY);
}

static void a_chain_arrives_as_it_was_added(void **state)
{
    struct fixture f;

    up(&f, state);
    assert_int_equal(add(&f, 2, 2, 3, false), VIO_OK);
    assert_null(sdev_ring_fetch(f.rig.ring)); // not before it is published
    vq_publish(f.rig.vq);

    struct sdev_chain *chain = sdev_ring_fetch(f.rig.ring);
    assert_non_null(chain);
    assert_int_equal(chain->n_seg, 5);
    assert_int_equal(chain->slots, 5);
    assert_false(chain->indirect);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(chain->seg[i].gpa, f.cell_gpa + 2ull * CELL + 4ull * i);
        assert_int_equal(chain->seg[i].len, 4);
        assert_int_equal(chain->seg[i].writable, i >= 2);
    }
    sdev_ring_use(f.rig.ring, chain, 9);
    expect_pop(&f, 2, 9);
    expect_empty(&f);
    down(&f);
}

static void an_indirect_table_arrives_as_it_was_added(void **state)
{
    struct fixture f;

    up(&f, state);
    assert_int_equal(add(&f, 1, 3, 4, true), VIO_OK);
    vq_publish(f.rig.vq);

    struct sdev_chain *chain = sdev_ring_fetch(f.rig.ring);
    assert_non_null(chain);
    assert_int_equal(chain->indirect, has(&f, SDEV_F_INDIRECT_DESC));
    assert_int_equal(chain->slots, chain->indirect ? 1 : 7);
    assert_int_equal(chain->readable, 12);
    assert_int_equal(chain->writable, 16);
    assert_int_equal(chain->seg[3].gpa, f.cell_gpa + CELL + 12);
    assert_true(chain->seg[3].writable);
    sdev_ring_use(f.rig.ring, chain, 16);
    expect_pop(&f, 1, 16);
    down(&f);
}

static void a_buffer_of_one_element_needs_no_table(void **state)
{
    struct fixture f;

    up(&f, state);
    assert_int_equal(add(&f, 0, 0, 1, true), VIO_OK);
    vq_publish(f.rig.vq);
    struct sdev_chain *chain = sdev_ring_fetch(f.rig.ring);
    assert_non_null(chain);
    assert_false(chain->indirect);
    sdev_ring_use(f.rig.ring, chain, 4);
    expect_pop(&f, 0, 4);
    down(&f);
}

// Over two full turns of a 16-bit index, with a changing number of buffers out.
static void indexes_wrap(void **state)
{
    struct fixture f;
    unsigned room = 0;
    uint64_t done = 0;

    up(&f, state);
    room = f.kind->size / 2u;
    while (done < 140000) {
        unsigned batch = 1 + (unsigned)(done % room);
        struct sdev_chain *chain[SIZE];

        for (unsigned i = 0; i < batch; i++)
            assert_int_equal(add(&f, i, 1, 1, (done & 1) != 0), VIO_OK);
        vq_kick(f.rig.vq);
        for (unsigned i = 0; i < batch; i++) {
            chain[i] = sdev_ring_fetch(f.rig.ring);
            assert_non_null(chain[i]);
        }
        for (unsigned i = 0; i < batch; i++)
            sdev_ring_use(f.rig.ring, chain[i], 4);
        for (unsigned i = 0; i < batch; i++)
            expect_pop(&f, i, 4);
        expect_empty(&f);
        done += batch;
    }
    assert_int_equal(vq_room(f.rig.vq), f.kind->size);
    down(&f);
}

static void buffers_come_back_in_the_devices_order(void **state)
{
    struct fixture f;
    struct sdev_chain *chain[3];

    up(&f, state);
    for (unsigned i = 0; i < 3; i++) {
        add_shown(&f, i);
        chain[i] = sdev_ring_fetch(f.rig.ring);
    }
    if (has(&f, SDEV_F_IN_ORDER)) {
        // One used entry for all: those before the last count as fully written.
        assert_int_equal(sdev_ring_use_batch(f.rig.ring, chain[2], 1), 3);
        expect_pop(&f, 0, 4);
        expect_pop(&f, 1, 4);
        expect_pop(&f, 2, 1);
    } else {
        sdev_ring_use(f.rig.ring, chain[1], 1);
        sdev_ring_use(f.rig.ring, chain[2], 2);
        expect_pop(&f, 1, 1);
        sdev_ring_use(f.rig.ring, chain[0], 0);
        expect_pop(&f, 2, 2);
        expect_pop(&f, 0, 0);
    }
    expect_empty(&f);
    down(&f);
}

static void a_used_length_is_cut_to_the_writable_part(void **state)
{
    struct fixture f;
    struct vq_stats stats;

    up(&f, state);
    assert_int_equal(add(&f, 0, 2, 3, false), VIO_OK);
    assert_int_equal(add(&f, 1, 2, 0, false), VIO_OK);
    vq_publish(f.rig.vq);
    sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 13);
    sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), UINT32_MAX);
    expect_pop(&f, 0, 12);
    expect_pop(&f, 1, 0);
    vq_get_stats(f.rig.vq, &stats);
    assert_int_equal(stats.clamped, 2);
    down(&f);
}

static void a_chain_may_fill_the_ring(void **state)
{
    struct fixture f;

    up(&f, state);
    assert_int_equal(add(&f, 0, 1, f.kind->size, false), VIO_E_TOO_LONG);
    assert_int_equal(add(&f, 0, 1, (uint16_t)(f.kind->size - 1), false), VIO_OK);
    assert_int_equal(vq_room(f.rig.vq), 0);
    assert_int_equal(add(&f, 1, 1, 0, false), VIO_E_FULL);
    vq_publish(f.rig.vq);
    struct sdev_chain *chain = sdev_ring_fetch(f.rig.ring);
    assert_non_null(chain);
    assert_int_equal(chain->slots, f.kind->size);
    sdev_ring_use(f.rig.ring, chain, 1);
    expect_pop(&f, 0, 1);
    assert_int_equal(vq_room(f.rig.vq), f.kind->size);
    down(&f);
}

// A packed chain is written behind its head before it is complete: what is left of a refused one
// must not look available to the device.
static void a_refused_chain_leaves_nothing_to_find(void **state)
{
    struct fixture f;
    struct vq_sg sg[4];

    up(&f, state);
    for (unsigned turn = 0; turn < 9 * SIZE; turn++) {
        for (unsigned i = 0; i < 4; i++)
            sg[i] = (struct vq_sg){.pa = f.cell_gpa, .len = 4};
        if (turn % 3 == 2) {
            sg[2].len = UINT32_MAX;
            assert_int_equal(vq_add(f.rig.vq, sg, 0, 3, token(&f, 0), NULL), VIO_E_TOO_LONG);
        } else {
            sg[3].len = 0;
            assert_int_equal(vq_add(f.rig.vq, sg, turn % 3 == 0 ? 4 : 1, turn % 3 == 0 ? 0 : 3,
                                    token(&f, 0), NULL),
                             VIO_E_ARG);
        }

        assert_int_equal(add(&f, 0, 1, 0, false), VIO_OK);
        vq_publish(f.rig.vq);
        struct sdev_chain *chain = sdev_ring_fetch(f.rig.ring);
        assert_non_null(chain);
        assert_false(sdev_ring_available(f.rig.ring));
        sdev_ring_use(f.rig.ring, chain, 0);
        expect_pop(&f, 0, 0);
        expect_empty(&f);
    }
    down(&f);
}

static void the_doorbell_rings_when_the_device_asks(void **state)
{
    struct fixture f;
    bool event = false;

    up(&f, state);
    event = has(&f, SDEV_F_EVENT_IDX);
    add_shown(&f, 0);
    assert_true(vq_should_kick(f.rig.vq));  // a fresh device wants to hear of the first
    assert_false(vq_should_kick(f.rig.vq)); // nothing new
    sdev_ring_kick_never(f.rig.ring);
    add_shown(&f, 1);
    assert_false(vq_should_kick(f.rig.vq));
    sdev_ring_kick_always(f.rig.ring);
    add_shown(&f, 2);
    // With the event index "always" means the next that fetch would look at, which is long gone.
    assert_int_equal(vq_should_kick(f.rig.vq), !event || sdev_ring_is_packed(f.rig.ring));
    for (unsigned i = 0; i < 3; i++)
        sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 0);
    sdev_ring_kick_after(f.rig.ring, sdev_ring_is_packed(f.rig.ring) ? 2 : 1);
    add_shown(&f, 3);
    assert_int_equal(vq_should_kick(f.rig.vq), !event);
    add_shown(&f, 4);
    assert_true(vq_should_kick(f.rig.vq));
    vq_notify(f.rig.vq);
    assert_int_equal(f.rig.notifies, 1);
    assert_int_equal(f.rig.notify_value, 3); // the queue's number
    down(&f);
}

// As many buffers as there are indexes, of two descriptors each, without the question being
// asked: the device slept when the last one came.
static void no_doorbell_is_lost_after_a_whole_round(void **state)
{
    struct fixture f;

    up(&f, state);
    for (uint32_t left = 65536; left > 0; left--) {
        sdev_ring_kick_never(f.rig.ring);
        if (left == 1)
            sdev_ring_kick_after(f.rig.ring, 0);
        add_shown(&f, 0);
        if (left == 1)
            assert_true(vq_should_kick(f.rig.vq));
        sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 0);
        expect_pop(&f, 0, 0);
    }
    assert_false(vq_should_kick(f.rig.vq));
    down(&f);
}

static void no_interrupt_comes_while_they_are_off(void **state)
{
    struct fixture f;

    up(&f, state);
    add_shown(&f, 0);
    add_shown(&f, 1);
    vq_irq_off(f.rig.vq);
    sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 0);
    assert_false(sdev_ring_should_interrupt(f.rig.ring));
    assert_true(vq_irq_on(f.rig.vq)); // one is waiting already
    expect_pop(&f, 0, 0);
    assert_false(vq_irq_on(f.rig.vq));
    sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 0);
    assert_true(sdev_ring_should_interrupt(f.rig.ring));
    expect_pop(&f, 1, 0);
    down(&f);
}

static void an_empty_pop_promises_an_interrupt(void **state)
{
    struct fixture f;

    up(&f, state);
    for (unsigned turn = 0; turn < 5 * SIZE; turn++) {
        expect_empty(&f);
        add_shown(&f, 0);
        sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 0);
        assert_true(sdev_ring_should_interrupt(f.rig.ring));
        expect_pop(&f, 0, 0);
    }
    down(&f);
}

static void a_delayed_interrupt_waits_for_three_quarters(void **state)
{
    struct fixture f;
    unsigned at = 0;

    up(&f, state);
    for (unsigned i = 0; i < 4; i++)
        add_shown(&f, i);
    assert_false(vq_irq_on_delayed(f.rig.vq));
    for (unsigned i = 0; i < 4; i++) {
        sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 0);
        if (sdev_ring_should_interrupt(f.rig.ring) && at == 0)
            at = i + 1;
    }
    if (has(&f, SDEV_F_EVENT_IDX))
        assert_int_equal(at, 4); // "after three quarters are used": with the next one
    else
        assert_int_equal(at, 1);
    down(&f);
}

static void a_stopped_queue_gives_every_buffer_back_once(void **state)
{
    struct fixture f;
    bool seen[4] = {false};

    up(&f, state);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(add(&f, i, 1, 1, i == 2), VIO_OK);
    vq_publish(f.rig.vq);
    sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 4); // used, never popped
    assert_null(vq_detach(f.rig.vq));                          // not while it runs
    vq_rig_stop(&f.rig);
    for (unsigned i = 0; i < 4; i++) {
        uint8_t *cell = vq_detach(f.rig.vq);

        assert_non_null(cell);
        unsigned n = (unsigned)(cell - f.cell) / CELL;
        assert_true(n < 4 && !seen[n]);
        seen[n] = true;
    }
    assert_null(vq_detach(f.rig.vq));
    assert_int_equal(vq_in_flight(f.rig.vq), 0);
    down(&f);
}

static void a_restarted_queue_works_with_another_size(void **state)
{
    struct fixture f;

    up(&f, state);
    for (uint16_t size = f.kind->size; size != 0; size /= 2) {
        if (!has(&f, SDEV_F_RING_PACKED) && (size & (size - 1)) != 0)
            continue;
        vq_rig_stop(&f.rig);
        while (vq_detach(f.rig.vq) != NULL) // at most the queue size
            ;
        assert_true(vq_rig_restart(&f.rig, size));
        assert_int_equal(vq_room(f.rig.vq), size);
        for (unsigned i = 0; i < 3 * SIZE; i++) {
            assert_int_equal(add(&f, 0, 1, 0, false), VIO_OK);
            vq_publish(f.rig.vq);
            sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 0);
            expect_pop(&f, 0, 0);
        }
        assert_int_equal(add(&f, 0, 1, 0, false), VIO_OK); // for the next turn to detach
    }
    down(&f);
}

static void notifications_carry_the_next_place(void **state)
{
    struct kind kind = *(const struct kind *)*state;
    void *row = &kind;
    struct fixture f;
    uint64_t made = 0;

    kind.features |= SDEV_F_NOTIFICATION_DATA;
    up(&f, &row);
    for (unsigned i = 0; i < 4 * SIZE; i++) {
        assert_int_equal(add(&f, 0, 2, 1, false), VIO_OK);
        made += sdev_ring_is_packed(f.rig.ring) ? 3 : 1;
        vq_publish(f.rig.vq);
        vq_notify(f.rig.vq);
        assert_true(sdev_ring_notify_data_ok(f.rig.ring, 3, made, f.rig.notify_value));
        vq_notify(f.rig.vq); // a second one without new buffers says the same
        assert_true(sdev_ring_notify_data_ok(f.rig.ring, 3, made, f.rig.notify_value));
        sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 0);
        expect_pop(&f, 0, 0);
    }
    down(&f);
}

static const struct {
    const char *name;
    CMUnitTestFunction run;
} behaviours[] = {
    {"a chain arrives as it was added", a_chain_arrives_as_it_was_added},
    {"an indirect table arrives as it was added", an_indirect_table_arrives_as_it_was_added},
    {"a buffer of one element needs no table", a_buffer_of_one_element_needs_no_table},
    {"indexes wrap", indexes_wrap},
    {"buffers come back in the device's order", buffers_come_back_in_the_devices_order},
    {"a used length is cut to the writable part", a_used_length_is_cut_to_the_writable_part},
    {"a chain may fill the ring", a_chain_may_fill_the_ring},
    {"a refused chain leaves nothing to find", a_refused_chain_leaves_nothing_to_find},
    {"the doorbell rings when the device asks", the_doorbell_rings_when_the_device_asks},
    {"no doorbell is lost after a whole round", no_doorbell_is_lost_after_a_whole_round},
    {"no interrupt comes while they are off", no_interrupt_comes_while_they_are_off},
    {"an empty pop promises an interrupt", an_empty_pop_promises_an_interrupt},
    {"a delayed interrupt waits", a_delayed_interrupt_waits_for_three_quarters},
    {"a stopped queue gives every buffer back once", a_stopped_queue_gives_every_buffer_back_once},
    {"a restarted queue works with another size", a_restarted_queue_works_with_another_size},
    {"notifications carry the next place", notifications_carry_the_next_place},
};

int main(void)
{
    static struct rig_tests tests;

    for (size_t b = 0; b < sizeof(behaviours) / sizeof(behaviours[0]); b++) {
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
            rig_tests_add(&tests, behaviours[b].name, kinds[k].name, behaviours[b].run, &kinds[k]);
    }
    return _cmocka_run_group_tests("vq_device", tests.test, tests.count, NULL, NULL);
}
