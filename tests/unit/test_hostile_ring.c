// SPDX-License-Identifier: GPL-3.0-or-later
//
// A device that lies in the memory it shares with the driver. Each attack is a test. Before it the
// device holds three buffers, of one readable and one writable element each; afterwards either
//  - the queue is broken, for the stated reason, with one log line and one call of `broken`; it
//    takes and gives nothing any more, and once stopped gives back every buffer and works again; or
//  - the attack has no effect beyond what the attack's own check looks for.

#include "tests/device/vq_rig.h"
#include "tests/unit/rig_tests.h"

#include <string.h>

enum { SIZE = 8, HELD = 3, LEN = 16 };

struct kind {
    const char *name;
    uint64_t features;
    uint16_t size;
};

static const struct kind split = {"split", SDEV_F_VERSION_1 | SDEV_F_EVENT_IDX, SIZE};
static const struct kind split_in_order = {
    "split in order", SDEV_F_VERSION_1 | SDEV_F_EVENT_IDX | SDEV_F_IN_ORDER, SIZE};
static const struct kind packed = {"packed",
                                   SDEV_F_VERSION_1 | SDEV_F_EVENT_IDX | SDEV_F_RING_PACKED, SIZE};
static const struct kind packed_odd = {"packed of 7", SDEV_F_VERSION_1 | SDEV_F_RING_PACKED, 7};
static const struct kind packed_in_order = {
    "packed in order", SDEV_F_VERSION_1 | SDEV_F_EVENT_IDX | SDEV_F_RING_PACKED | SDEV_F_IN_ORDER,
    SIZE};

struct fixture {
    struct vq_rig rig;
    uint64_t gpa;
    uint8_t token[SIZE];
    struct sdev_chain *chain[HELD];
};

struct attack {
    const char *name;
    const struct kind *kind;
    void (*strike)(struct fixture *f);
    enum vq_fault fault;              // VQ_FAULT_NONE: no effect
    void (*check)(struct fixture *f); // may be NULL
};

static uint32_t pop(struct fixture *f, unsigned n)
{
    uint32_t len = UINT32_MAX;

    assert_ptr_equal(vq_pop(f->rig.vq, &len), &f->token[n]);
    return len;
}

static void pop_nothing(struct fixture *f)
{
    uint32_t len = UINT32_MAX;

    assert_null(vq_pop(f->rig.vq, &len));
    assert_int_equal(len, 0);
}

static enum vio_status add(struct fixture *f, unsigned n)
{
    struct vq_sg sg[2] = {{.pa = f->gpa, .len = LEN}, {.pa = f->gpa, .len = LEN}};

    return vq_add(f->rig.vq, sg, 1, 1, &f->token[n], NULL);
}

static void up(struct fixture *f, const struct kind *kind)
{
    memset(f, 0, sizeof(*f));
    assert_true(vq_rig_up(&f->rig, kind->size, kind->features));
    assert_non_null(sdev_mem_alloc(f->rig.mem, LEN, 16, &f->gpa));
    for (unsigned i = 0; i < HELD; i++)
        assert_int_equal(add(f, i), VIO_OK);
    vq_kick(f->rig.vq);
    for (unsigned i = 0; i < HELD; i++) {
        f->chain[i] = sdev_ring_fetch(f->rig.ring);
        assert_non_null(f->chain[i]);
    }
    assert_int_equal(f->rig.faults.count, 0);
}

// Writes the next used entry as a device would, with any id and length.
static void forge(struct fixture *f, uint32_t id, uint32_t len)
{
    struct sdev_ring *ring = f->rig.ring;
    uint16_t slot = sdev_ring_next_used(ring);

    if (sdev_ring_is_packed(ring)) {
        sdev_packed_raw(ring, slot, (uint16_t)id, len, sdev_packed_used_flags(ring));
    } else {
        sdev_split_raw_used(ring, slot, id, len);
        sdev_split_raw_used_idx(ring, (uint16_t)(sdev_ring_used(ring) + 1));
    }
}

// Ids that do not exist, or are not with the device.
static void id_is_the_queue_size(struct fixture *f)
{
    forge(f, sdev_ring_num(f->rig.ring), 4);
}

static void id_is_all_ones(struct fixture *f)
{
    forge(f, UINT32_MAX, 4);
}

static void id_is_right_in_16_bits_only(struct fixture *f)
{
    forge(f, 0x10000u | f->chain[0]->id, 4);
}

static void id_was_never_added(struct fixture *f)
{
    forge(f, (uint32_t)sdev_ring_num(f->rig.ring) - 1, 4);
}

// Split: the chain's second descriptor heads nothing.
static void id_is_inside_a_chain(struct fixture *f)
{
    forge(f, f->chain[0]->id + 1u, 4);
}

static void id_comes_twice(struct fixture *f)
{
    uint16_t id = f->chain[0]->id;

    sdev_ring_use(f->rig.ring, f->chain[0], 4);
    pop(f, 0);
    forge(f, id, 4);
}

static void id_comes_twice_before_the_first_is_popped(struct fixture *f)
{
    uint16_t id = f->chain[0]->id;

    sdev_ring_use(f->rig.ring, f->chain[0], 4);
    forge(f, id, 4);
    pop(f, 0);
}

static void all_used_then_one_more(struct fixture *f)
{
    for (unsigned i = 0; i < HELD; i++)
        sdev_ring_use(f->rig.ring, f->chain[i], 4);
    for (unsigned i = 0; i < HELD; i++)
        pop(f, i);
    forge(f, f->chain[0]->id, 4);
}

// Used index.
static void index_is_one_too_far(struct fixture *f)
{
    sdev_split_raw_used_idx(f->rig.ring, HELD + 1);
}

static void index_is_half_way_round(struct fixture *f)
{
    sdev_split_raw_used_idx(f->rig.ring, 0x8000);
}

static void index_goes_back(struct fixture *f)
{
    sdev_ring_use(f->rig.ring, f->chain[0], 4);
    pop(f, 0);
    sdev_split_raw_used_idx(f->rig.ring, 0);
}

static void index_goes_below_zero(struct fixture *f)
{
    sdev_split_raw_used_idx(f->rig.ring, UINT16_MAX);
}

static void index_runs_ahead_of_the_entries(struct fixture *f)
{
    sdev_ring_use(f->rig.ring, f->chain[0], 4);
    sdev_split_raw_used_idx(f->rig.ring, HELD); // entries 1 and 2 still hold zeros: id 0 again
    pop(f, 0);
}

static void batch_is_longer_than_the_index(struct fixture *f)
{
    forge(f, f->chain[2]->id, 4); // the third buffer, but the index moves by one
}

// Lengths.
static void length_is_too_long(struct fixture *f)
{
    sdev_ring_use(f->rig.ring, f->chain[0], LEN + 1);
}

static void length_is_all_ones(struct fixture *f)
{
    sdev_ring_use(f->rig.ring, f->chain[0], UINT32_MAX);
}

static void length_was_cut(struct fixture *f)
{
    struct vq_stats stats;

    assert_int_equal(pop(f, 0), LEN);
    vq_get_stats(f->rig.vq, &stats);
    assert_int_equal(stats.clamped, 1);
}

// Writes into what is the driver's to write.
static void descriptors_run_in_a_circle(struct fixture *f)
{
    for (unsigned i = 0; i < SIZE; i++)
        sdev_split_raw_desc(f->rig.ring, (uint16_t)i, 0, UINT32_MAX, SDEV_DESC_F_NEXT, (uint16_t)i);
    sdev_ring_use(f->rig.ring, f->chain[0], 4);
}

static void descriptors_point_far_out(struct fixture *f)
{
    for (unsigned i = 0; i < SIZE; i++)
        sdev_split_raw_desc(f->rig.ring, (uint16_t)i, UINT64_MAX, UINT32_MAX, UINT16_MAX,
                            UINT16_MAX);
    sdev_ring_use(f->rig.ring, f->chain[0], 4);
}

static void available_ring_is_overwritten(struct fixture *f)
{
    struct vq_areas areas;

    vq_get_areas(f->rig.vq, &areas);
    memset(sdev_mem_peek(f->rig.mem, areas.driver, 4 + 2 * SIZE), 0xff, 4 + 2 * SIZE);
    sdev_ring_use(f->rig.ring, f->chain[0], 4);
}

static void popped_and_added_again(struct fixture *f)
{
    assert_int_equal(pop(f, 0), 4);
    assert_int_equal(vq_room(f->rig.vq), SIZE - 2 * (HELD - 1));
    assert_int_equal(add(f, 0), VIO_OK);
    assert_int_equal(add(f, 3), VIO_OK);
    assert_int_equal(add(f, 4), VIO_E_FULL);
}

static void whole_ring_is_all_ones(struct fixture *f)
{
    memset(f->rig.ring_host, 0xff, f->rig.ring_bytes);
}

static void whole_ring_is_zero(struct fixture *f)
{
    memset(f->rig.ring_host, 0, f->rig.ring_bytes);
}

// Packed flags.
static void used_flags_of_the_wrong_turn(struct fixture *f)
{
    sdev_packed_raw(f->rig.ring, 0, f->chain[0]->id, 4, 0);
}

static void only_used_is_set(struct fixture *f)
{
    sdev_packed_raw(f->rig.ring, 0, f->chain[0]->id, 4, SDEV_DESC_F_USED);
}

static void only_available_is_set(struct fixture *f)
{
    sdev_packed_raw(f->rig.ring, 0, f->chain[0]->id, 4, SDEV_DESC_F_AVAIL);
}

static void used_is_not_at_the_next_place(struct fixture *f)
{
    sdev_packed_raw(f->rig.ring, 1, f->chain[0]->id, 4, SDEV_DESC_F_AVAIL | SDEV_DESC_F_USED);
}

static void reserved_flags_are_set(struct fixture *f)
{
    sdev_packed_raw(f->rig.ring, 0, f->chain[0]->id, 4, UINT16_MAX);
}

static void one_comes_back(struct fixture *f)
{
    assert_int_equal(pop(f, 0), 4);
}

// The device's wishes about doorbells.
static void event_is_far_away(struct fixture *f)
{
    if (sdev_ring_is_packed(f->rig.ring))
        sdev_packed_raw_event(f->rig.ring, 0x7fff, SDEV_EVENT_DESC);
    else
        sdev_split_raw_avail_event(f->rig.ring, 0x8000);
}

static void event_flags_are_reserved(struct fixture *f)
{
    if (sdev_ring_is_packed(f->rig.ring))
        sdev_packed_raw_event(f->rig.ring, UINT16_MAX, UINT16_MAX);
    else
        sdev_split_raw_used_flags(f->rig.ring, UINT16_MAX);
}

// Whatever is wished, a submission ends, and the buffer can come back.
static void submissions_still_work(struct fixture *f)
{
    assert_int_equal(add(f, 3), VIO_OK);
    vq_kick(f->rig.vq);
    sdev_ring_use(f->rig.ring, f->chain[0], 4);
    assert_int_equal(pop(f, 0), 4);
}

static const struct attack attacks[] = {
    {"id is the queue size", &split, id_is_the_queue_size, VQ_FAULT_USED_ID, NULL},
    {"id is all ones", &split, id_is_all_ones, VQ_FAULT_USED_ID, NULL},
    {"id is right in 16 bits only", &split, id_is_right_in_16_bits_only, VQ_FAULT_USED_ID, NULL},
    {"id was never added", &split, id_was_never_added, VQ_FAULT_IDLE_ID, NULL},
    {"id is inside a chain", &split, id_is_inside_a_chain, VQ_FAULT_IDLE_ID, NULL},
    {"id comes twice", &split, id_comes_twice, VQ_FAULT_IDLE_ID, NULL},
    {"id comes twice before the first is popped", &split, id_comes_twice_before_the_first_is_popped,
     VQ_FAULT_IDLE_ID, NULL},
    {"all used, then one more", &split, all_used_then_one_more, VQ_FAULT_USED_INDEX, NULL},
    {"index is one too far", &split, index_is_one_too_far, VQ_FAULT_USED_INDEX, NULL},
    {"index is half way round", &split, index_is_half_way_round, VQ_FAULT_USED_INDEX, NULL},
    {"index goes back", &split, index_goes_back, VQ_FAULT_USED_INDEX, NULL},
    {"index goes below zero", &split, index_goes_below_zero, VQ_FAULT_USED_INDEX, NULL},
    {"index runs ahead of the entries", &split, index_runs_ahead_of_the_entries, VQ_FAULT_IDLE_ID,
     NULL},
    {"length is too long", &split, length_is_too_long, VQ_FAULT_NONE, length_was_cut},
    {"length is all ones", &split, length_is_all_ones, VQ_FAULT_NONE, length_was_cut},
    {"descriptors run in a circle", &split, descriptors_run_in_a_circle, VQ_FAULT_NONE,
     popped_and_added_again},
    {"descriptors point far out", &split, descriptors_point_far_out, VQ_FAULT_NONE,
     popped_and_added_again},
    {"available ring is overwritten", &split, available_ring_is_overwritten, VQ_FAULT_NONE,
     popped_and_added_again},
    {"whole ring is all ones", &split, whole_ring_is_all_ones, VQ_FAULT_USED_INDEX, NULL},
    {"whole ring is zero", &split, whole_ring_is_zero, VQ_FAULT_NONE, pop_nothing},
    {"event is far away", &split, event_is_far_away, VQ_FAULT_NONE, submissions_still_work},
    {"event flags are reserved", &split, event_flags_are_reserved, VQ_FAULT_NONE,
     submissions_still_work},

    {"id is the queue size", &split_in_order, id_is_the_queue_size, VQ_FAULT_USED_ID, NULL},
    {"id is all ones", &split_in_order, id_is_all_ones, VQ_FAULT_USED_ID, NULL},
    {"id was never added", &split_in_order, id_was_never_added, VQ_FAULT_IDLE_ID, NULL},
    {"id is inside a chain", &split_in_order, id_is_inside_a_chain, VQ_FAULT_IDLE_ID, NULL},
    {"id comes twice", &split_in_order, id_comes_twice, VQ_FAULT_IDLE_ID, NULL},
    {"batch is longer than the index", &split_in_order, batch_is_longer_than_the_index,
     VQ_FAULT_IN_ORDER, NULL},
    {"index is one too far", &split_in_order, index_is_one_too_far, VQ_FAULT_USED_INDEX, NULL},
    {"length is all ones", &split_in_order, length_is_all_ones, VQ_FAULT_NONE, length_was_cut},
    {"descriptors run in a circle", &split_in_order, descriptors_run_in_a_circle, VQ_FAULT_NONE,
     popped_and_added_again},

    {"id is the queue size", &packed, id_is_the_queue_size, VQ_FAULT_USED_ID, NULL},
    {"id is all ones", &packed, id_is_all_ones, VQ_FAULT_USED_ID, NULL},
    {"id was never added", &packed, id_was_never_added, VQ_FAULT_IDLE_ID, NULL},
    {"id comes twice", &packed, id_comes_twice, VQ_FAULT_IDLE_ID, NULL},
    {"id comes twice before the first is popped", &packed,
     id_comes_twice_before_the_first_is_popped, VQ_FAULT_IDLE_ID, NULL},
    {"all used, then one more", &packed, all_used_then_one_more, VQ_FAULT_IDLE_ID, NULL},
    {"length is too long", &packed, length_is_too_long, VQ_FAULT_NONE, length_was_cut},
    {"length is all ones", &packed, length_is_all_ones, VQ_FAULT_NONE, length_was_cut},
    {"whole ring is all ones", &packed, whole_ring_is_all_ones, VQ_FAULT_USED_ID, NULL},
    {"whole ring is zero", &packed, whole_ring_is_zero, VQ_FAULT_NONE, pop_nothing},
    {"used flags of the wrong turn", &packed, used_flags_of_the_wrong_turn, VQ_FAULT_NONE,
     pop_nothing},
    {"only used is set", &packed, only_used_is_set, VQ_FAULT_NONE, pop_nothing},
    {"only available is set", &packed, only_available_is_set, VQ_FAULT_NONE, pop_nothing},
    {"used is not at the next place", &packed, used_is_not_at_the_next_place, VQ_FAULT_NONE,
     pop_nothing},
    {"reserved flags are set", &packed, reserved_flags_are_set, VQ_FAULT_NONE, one_comes_back},
    {"event is far away", &packed, event_is_far_away, VQ_FAULT_NONE, submissions_still_work},
    {"event flags are reserved", &packed, event_flags_are_reserved, VQ_FAULT_NONE,
     submissions_still_work},

    {"id is the queue size", &packed_odd, id_is_the_queue_size, VQ_FAULT_USED_ID, NULL},
    {"id was never added", &packed_odd, id_was_never_added, VQ_FAULT_IDLE_ID, NULL},
    {"id comes twice", &packed_odd, id_comes_twice, VQ_FAULT_IDLE_ID, NULL},
    {"whole ring is all ones", &packed_odd, whole_ring_is_all_ones, VQ_FAULT_USED_ID, NULL},

    {"id is the queue size", &packed_in_order, id_is_the_queue_size, VQ_FAULT_USED_ID, NULL},
    {"id was never added", &packed_in_order, id_was_never_added, VQ_FAULT_IDLE_ID, NULL},
    {"id comes twice", &packed_in_order, id_comes_twice, VQ_FAULT_IDLE_ID, NULL},
    {"length is all ones", &packed_in_order, length_is_all_ones, VQ_FAULT_NONE, length_was_cut},
    {"whole ring is all ones", &packed_in_order, whole_ring_is_all_ones, VQ_FAULT_USED_ID, NULL},
};

static void expect_broken(struct fixture *f, enum vq_fault fault)
{
    struct vq *vq = f->rig.vq;

    pop_nothing(f);
    assert_int_equal(vq_state(vq), VQ_BROKEN);
    assert_string_equal(vq_fault_text(vq_fault(vq)), vq_fault_text(fault));
    assert_int_equal(f->rig.broken_fault, fault);

    // Broken for good, and quiet about it.
    for (unsigned i = 0; i < 3; i++) {
        pop_nothing(f);
        assert_int_equal(add(f, HELD), VIO_E_BROKEN);
        vq_publish(vq);
        assert_false(vq_should_kick(vq));
        assert_false(vq_pending(vq));
        assert_false(vq_irq_on(vq));
        assert_false(vq_irq_on_delayed(vq));
        vq_irq_off(vq);
        assert_null(vq_detach(vq));
    }
    assert_int_equal(f->rig.broken_calls, 1);
    assert_int_equal(f->rig.logs[VIO_LOG_ERROR], 1);
}

// After a reset the driver gets back what is left, each buffer once, and can go on.
static void expect_recovery(struct fixture *f)
{
    unsigned left = vq_in_flight(f->rig.vq);
    bool seen[SIZE] = {false};

    vq_rig_stop(&f->rig);
    for (unsigned i = 0; i < left; i++) {
        const uint8_t *token = vq_detach(f->rig.vq);

        assert_non_null(token);
        assert_false(seen[token - f->token]);
        seen[token - f->token] = true;
    }
    assert_null(vq_detach(f->rig.vq));

    f->rig.faults = (struct sdev_faults){0};
    assert_true(vq_rig_restart(&f->rig, vq_size(f->rig.vq)));
    for (unsigned i = 0; i < 3 * SIZE; i++) {
        assert_int_equal(add(f, 0), VIO_OK);
        vq_publish(f->rig.vq);
        struct sdev_chain *chain = sdev_ring_fetch(f->rig.ring);
        assert_non_null(chain);
        sdev_ring_use(f->rig.ring, chain, 1);
        assert_int_equal(pop(f, 0), 1);
    }
    if (f->rig.faults.count != 0)
        fail_msg("after the restart the device finds fault: %s", f->rig.faults.first);
}

static void run_attack(void **state)
{
    const struct attack *attack = *state;
    struct fixture f;

    up(&f, attack->kind);
    attack->strike(&f);
    if (attack->fault != VQ_FAULT_NONE) {
        expect_broken(&f, attack->fault);
    } else {
        attack->check(&f);
        assert_int_equal(vq_state(f.rig.vq), VQ_READY);
        assert_int_equal(f.rig.broken_calls, 0);
        assert_int_equal(f.rig.logs[VIO_LOG_ERROR], 0);
    }
    expect_recovery(&f);
    vq_rig_down(&f.rig);
}

int main(void)
{
    static struct rig_tests tests;

    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
        rig_tests_add(&tests, attacks[i].kind->name, attacks[i].name, run_attack, &attacks[i]);
    return _cmocka_run_group_tests("hostile_ring", tests.test, tests.count, NULL, NULL);
}
