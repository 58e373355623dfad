// SPDX-License-Identifier: GPL-3.0-or-later
//
// The split ring, byte by byte (virtio 1.2, 2.7).

#include "tests/unit/vq_fixture.h"

#define BASE (F_VERSION_1 | F_INDIRECT)

// Descriptor fields (2.7.5).
static uint8_t *desc(struct vqf *f, unsigned i)
{
    return f->desc + 16 * (size_t)i;
}

static void expect_desc(const uint8_t *at, uint64_t addr, uint32_t len, uint16_t flags)
{
    assert_int_equal(get64(at), addr);
    assert_int_equal(get32(at + 8), len);
    assert_int_equal(get16(at + 12), flags);
}

static uint16_t avail_idx(struct vqf *f)
{
    return get16(f->driver + 2);
}

static uint16_t avail_head(struct vqf *f, unsigned place)
{
    return get16(f->driver + 4 + 2 * (size_t)(place % f->size));
}

static uint16_t used_event(struct vqf *f)
{
    return get16(f->driver + 4 + 2 * (size_t)f->size);
}

static void set_avail_event(struct vqf *f, uint16_t value)
{
    put16(f->device + 4 + 8 * (size_t)f->size, value);
}

// Writes the used entry at `place` and the index behind it.
static void use(struct vqf *f, uint16_t place, uint32_t id, uint32_t len)
{
    uint8_t *elem = f->device + 4 + 8 * (size_t)(place % f->size);

    put32(elem, id);
    put32(elem + 4, len);
    put16(f->device + 2, (uint16_t)(place + 1));
}

static void areas_are_aligned(void **state)
{
    (void)state;
    for (unsigned size = 1; size <= 32768; size *= 2) {
        struct vqf f;

        vqf_up(&f, (uint16_t)size, BASE);
        assert_int_equal((f.desc - f.ring) % 16, 0);
        assert_int_equal((f.driver - f.ring) % 2, 0);
        assert_int_equal((f.device - f.ring) % 4, 0);
        assert_true(f.driver >= f.desc + 16 * (size_t)size);
        assert_true(f.device >= f.driver + 6 + 2 * (size_t)size);
        assert_true(f.ring + vq_ring_bytes((uint16_t)size, BASE) >=
                    f.device + 6 + 8 * (size_t)size);
        vqf_down(&f);
    }
}

static void a_legacy_ring_is_laid_out_by_the_formula(void **state)
{
    (void)state;
    for (unsigned size = 1; size <= 32768; size *= 2) {
        const size_t first = (16 * (size_t)size + 2 * (3 + (size_t)size) + 4095) / 4096 * 4096;
        const size_t second = (6 + 8 * (size_t)size + 4095) / 4096 * 4096;
        struct vqf f;

        vqf_up(&f, (uint16_t)size, 0);
        assert_int_equal(vq_ring_bytes((uint16_t)size, 0), first + second);
        assert_int_equal(f.driver - f.ring, 16 * (size_t)size);
        assert_int_equal(f.device - f.ring, first);
        vqf_down(&f);
    }
}

static void a_new_ring_is_zero(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_EVENT);
    assert_int_equal(get16(f.driver), 0);
    assert_int_equal(avail_idx(&f), 0);
    assert_int_equal(get16(f.device), 0);
    assert_int_equal(get16(f.device + 2), 0);
    for (unsigned i = 0; i < 8; i++)
        expect_desc(desc(&f, i), 0, 0, 0);
    vqf_down(&f);
}

static void readable_elements_come_before_writable_ones(void **state)
{
    struct vqf f;
    unsigned i;

    (void)state;
    vqf_up(&f, 8, BASE);
    vqf_put(&f, 1, 2, 2);
    i = avail_head(&f, 0);
    expect_desc(desc(&f, i), 0x1000, 16, 1);
    i = get16(desc(&f, i) + 14);
    expect_desc(desc(&f, i), 0x2000, 16, 1);
    i = get16(desc(&f, i) + 14);
    expect_desc(desc(&f, i), 0x3000, 16, 3);
    i = get16(desc(&f, i) + 14);
    expect_desc(desc(&f, i), 0x4000, 16, 2);
    vqf_down(&f);
}

static void an_indirect_table_is_numbered(void **state)
{
    _Alignas(16) uint8_t table[16 * 4];
    const struct vq_sg sg[3] = {{0x1000, 1}, {0x2000, 2}, {0x3000, 3}};
    const struct vq_table room = {table, 0x9000, 4};
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    assert_int_equal(vq_add(f.vq, sg, 1, 2, vqf_token(1), &room), VIO_OK);
    expect_desc(desc(&f, avail_head(&f, 0)), 0x9000, 48, 4);
    expect_desc(table, 0x1000, 1, 1);
    assert_int_equal(get16(table + 14), 1);
    expect_desc(table + 16, 0x2000, 2, 3);
    assert_int_equal(get16(table + 30), 2);
    expect_desc(table + 32, 0x3000, 3, 2);
    assert_int_equal(vq_room(f.vq), 7);
    // readable elements only
    assert_int_equal(vq_add(f.vq, sg, 2, 0, vqf_token(2), &room), VIO_OK);
    expect_desc(table + 16, 0x2000, 2, 0);
    vqf_down(&f);
}

static void without_the_feature_no_table_is_used(void **state)
{
    _Alignas(16) uint8_t table[16 * 4] = {0};
    const struct vq_sg sg[2] = {{0x1000, 1}, {0x2000, 2}};
    const struct vq_table room = {table, 0x9000, 4};
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, F_VERSION_1);
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), &room), VIO_OK);
    expect_desc(desc(&f, avail_head(&f, 0)), 0x1000, 1, 1);
    assert_int_equal(vq_room(f.vq), 6);
    vqf_down(&f);
}

static void a_refused_indirect_buffer_changes_nothing(void **state)
{
    _Alignas(16) uint8_t table[16 * 8];
    struct vq_sg sg[9] = {{0x1000, 1}, {0x2000, 0}, {0x3000, 0xffffffff}};
    struct vq_table room = {table, 0x9000, 8};
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    assert_int_equal(vq_add(f.vq, sg, 2, 0, vqf_token(1), &room), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 0, 2, vqf_token(1), &room), VIO_E_ARG);
    sg[1].len = 1;
    assert_int_equal(vq_add(f.vq, sg, 1, 2, vqf_token(1), &room), VIO_E_TOO_LONG);
    assert_int_equal(vq_add(f.vq, sg, 5, 4, vqf_token(1), &room), VIO_E_TOO_LONG);
    room.entries = 1;
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), &room), VIO_E_ARG);
    assert_int_equal(vq_room(f.vq), 8);
    room.entries = 8;
    for (unsigned i = 1; i <= 8; i++)
        assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(i), &room), VIO_OK);
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(9), &room), VIO_E_FULL);
    vqf_down(&f);
}

static void a_chain_is_never_longer_than_the_queue(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    assert_int_equal(vqf_add(&f, 1, 9, 0), VIO_E_TOO_LONG);
    assert_int_equal(vqf_add(&f, 1, 4, 5), VIO_E_TOO_LONG);
    assert_int_equal(vqf_add(&f, 1, 65535, 65535), VIO_E_TOO_LONG);
    vqf_put(&f, 1, 4, 4);
    assert_int_equal(vqf_add(&f, 2, 1, 0), VIO_E_FULL);
    vqf_down(&f);
}

static void a_chain_is_never_longer_than_four_gigabytes(void **state)
{
    struct vq_sg sg[3] = {{0x1000, 0x80000000}, {0x100001000, 0x7fffffff}, {0x200001000, 1}};
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    assert_int_equal(vq_add(f.vq, sg, 1, 2, vqf_token(1), NULL), VIO_E_TOO_LONG);
    assert_int_equal(vq_add(f.vq, sg, 3, 0, vqf_token(1), NULL), VIO_E_TOO_LONG);
    assert_int_equal(vq_room(f.vq), 8);
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), NULL), VIO_OK);
    vqf_down(&f);
}

static void bad_buffers_are_refused(void **state)
{
    struct vq_sg sg[2] = {{0x1000, 1}, {0x2000, 0}};
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    assert_int_equal(vq_add(f.vq, sg, 0, 0, vqf_token(1), NULL), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 1, 0, NULL, NULL), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 2, 0, vqf_token(1), NULL), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), NULL), VIO_E_ARG);
    assert_int_equal(vq_room(f.vq), 8);
    assert_int_equal(vq_in_flight(f.vq), 0);
    vqf_down(&f);
}

static void the_index_moves_only_when_published(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    vqf_put(&f, 1, 1, 0);
    vqf_put(&f, 2, 1, 0);
    assert_int_equal(avail_idx(&f), 0);
    vq_publish(f.vq);
    assert_int_equal(avail_idx(&f), 2);
    assert_int_not_equal(avail_head(&f, 0), avail_head(&f, 1));
    vq_publish(f.vq);
    assert_int_equal(avail_idx(&f), 2);
    vqf_down(&f);
}

static void the_index_runs_up_through_65535(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 4, BASE | F_EVENT);
    for (unsigned i = 0; i < 70000; i++) {
        vqf_give(&f, i + 1, 1, 1);
        assert_int_equal(avail_idx(&f), (uint16_t)(i + 1));
        use(&f, (uint16_t)i, avail_head(&f, i), 3);
        vqf_expect(&f, i + 1, 3);
        assert_int_equal(used_event(&f), (uint16_t)(i + 1));
    }
    vqf_expect(&f, 0, 0);
    vqf_down(&f);
}

static void driver_flags_stay_0_with_event_index(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_EVENT);
    vq_irq_off(f.vq);
    assert_int_equal(get16(f.driver), 0);
    assert_false(vq_irq_on(f.vq));
    assert_int_equal(get16(f.driver), 0);
    vqf_down(&f);
}

static void driver_flags_are_0_or_1_without_event_index(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    assert_int_equal(get16(f.driver), 0);
    vq_irq_off(f.vq);
    assert_int_equal(get16(f.driver), 1);
    assert_false(vq_irq_on(f.vq));
    assert_int_equal(get16(f.driver), 0);
    vq_irq_off(f.vq);
    assert_false(vq_irq_on_delayed(f.vq));
    assert_int_equal(get16(f.driver), 0);
    // used_event is not ours to write then
    assert_int_equal(used_event(&f), 0);
    vqf_give(&f, 1, 1, 0);
    use(&f, 0, avail_head(&f, 0), 0);
    vqf_expect(&f, 1, 0);
    assert_int_equal(used_event(&f), 0);
    vqf_down(&f);
}

static void used_event_stands_still_while_interrupts_are_off(void **state)
{
    struct vqf f;
    uint16_t event;

    (void)state;
    vqf_up(&f, 8, BASE | F_EVENT);
    for (unsigned i = 0; i < 3; i++)
        vqf_give(&f, i + 1, 1, 0);
    vq_irq_off(f.vq);
    event = used_event(&f);
    // as far away as an index can be
    assert_int_equal(event, 0xffff);
    use(&f, 0, avail_head(&f, 0), 0);
    use(&f, 1, avail_head(&f, 1), 0);
    vqf_expect(&f, 1, 0);
    assert_int_equal(used_event(&f), event);
    assert_true(vq_irq_on(f.vq));
    assert_int_equal(used_event(&f), 1);
    vqf_expect(&f, 2, 0);
    assert_false(vq_irq_on(f.vq));
    vqf_down(&f);
}

static void a_delayed_interrupt_is_three_quarters_away(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_EVENT);
    for (unsigned i = 0; i < 8; i++)
        vqf_give(&f, i + 1, 1, 0);
    assert_false(vq_irq_on_delayed(f.vq));
    assert_int_equal(used_event(&f), 6);
    use(&f, 0, avail_head(&f, 0), 0);
    vqf_expect(&f, 1, 0);
    assert_int_equal(used_event(&f), 6);
    vqf_down(&f);
}

static void without_event_index_the_flag_decides_the_doorbell(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    set_avail_event(&f, 0x1234);
    vqf_give(&f, 1, 1, 0);
    assert_true(vq_should_kick(f.vq));
    assert_false(vq_should_kick(f.vq));
    put16(f.device, 1);
    set_avail_event(&f, 1);
    vqf_give(&f, 2, 1, 0);
    assert_false(vq_should_kick(f.vq));
    vqf_down(&f);
}

static void with_event_index_the_event_decides_the_doorbell(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_EVENT);
    // the flag counts for nothing
    put16(f.device, 1);
    set_avail_event(&f, 0);
    vqf_give(&f, 1, 1, 0);
    assert_true(vq_should_kick(f.vq));
    assert_false(vq_should_kick(f.vq));
    put16(f.device, 0);
    set_avail_event(&f, 2);
    vqf_give(&f, 2, 1, 0);
    assert_false(vq_should_kick(f.vq));
    // the event lies within a batch
    for (unsigned i = 3; i <= 5; i++)
        vqf_give(&f, i, 1, 0);
    assert_true(vq_should_kick(f.vq));
    // and behind it
    vqf_give(&f, 6, 1, 0);
    assert_false(vq_should_kick(f.vq));
    vqf_down(&f);
}

static void a_kick_rings_once(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_EVENT);
    vq_kick(f.vq);
    assert_int_equal(f.notified, 0);
    vqf_put(&f, 1, 1, 0);
    vq_kick(f.vq);
    assert_int_equal(f.notified, 1);
    assert_int_equal(f.notify_value, 5);
    vqf_down(&f);
}

static void notification_data_is_the_available_index(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 4, BASE | F_NOTIF_DATA);
    for (unsigned i = 0; i < 40000; i++) {
        vqf_put(&f, i + 1, 1, 0);
        vq_kick(f.vq);
        // 15 bits of offset and the wrap counter are the 16 bits of the index (2.9)
        assert_int_equal(f.notify_value, 5 | (uint32_t)(uint16_t)(i + 1) << 16);
        use(&f, (uint16_t)i, avail_head(&f, i), 0);
        vqf_expect(&f, i + 1, 0);
    }
    vqf_down(&f);
}

static void spurious_interrupts_do_no_harm(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_EVENT);
    for (unsigned i = 0; i < 10; i++)
        vqf_expect(&f, 0, 0);
    vqf_give(&f, 1, 1, 0);
    vqf_expect(&f, 0, 0);
    assert_false(vq_pending(f.vq));
    use(&f, 0, avail_head(&f, 0), 0);
    assert_true(vq_pending(f.vq));
    vqf_expect(&f, 1, 0);
    vqf_down(&f);
}

static void in_order_descriptors_follow_the_table(void **state)
{
    struct vqf f;
    unsigned at = 0;
    unsigned oldest = 0;

    (void)state;
    vqf_up(&f, 8, BASE | F_IN_ORDER);
    for (unsigned n = 1; n <= 20; n++) {
        vqf_give(&f, n, 1, 2);
        assert_int_equal(avail_head(&f, n - 1), at);
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(get16(desc(&f, at) + 12) & 1, 1);
            assert_int_equal(get16(desc(&f, at) + 14), (at + 1) % 8);
            at = (at + 1) % 8;
        }
        at = (at + 1) % 8;
        use(&f, (uint16_t)(n - 1), oldest, 7);
        oldest = at;
        vqf_expect(&f, n, 7);
    }
    vqf_down(&f);
}

static void one_used_entry_ends_a_batch_in_order(void **state)
{
    struct vqf f;
    uint8_t *elem;

    (void)state;
    vqf_up(&f, 8, BASE | F_IN_ORDER | F_EVENT);
    for (unsigned i = 1; i <= 4; i++)
        vqf_give(&f, i, 1, 1);
    // at the place of the batch's first buffer, naming its third
    elem = f.device + 4;
    put32(elem, avail_head(&f, 2));
    put32(elem + 4, 9);
    put16(f.device + 2, 3);
    vqf_expect(&f, 1, 16);
    vqf_expect(&f, 2, 16);
    vqf_expect(&f, 3, 9);
    vqf_expect(&f, 0, 0);
    assert_int_equal(vq_in_flight(f.vq), 1);
    use(&f, 3, avail_head(&f, 3), 1000);
    vqf_expect(&f, 4, 16);
    assert_int_equal(vq_room(f.vq), 8);
    vqf_down(&f);
}

static void a_batch_longer_than_the_index_breaks_the_queue(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_IN_ORDER);
    for (unsigned i = 1; i <= 4; i++)
        vqf_give(&f, i, 1, 0);
    use(&f, 0, avail_head(&f, 2), 0);
    vqf_expect_broken(&f, VQ_FAULT_IN_ORDER, avail_head(&f, 2));
    vqf_down(&f);
}

static void bad_ids_break_a_queue_in_order(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_IN_ORDER);
    vqf_give(&f, 1, 1, 0);
    use(&f, 0, 8, 0);
    vqf_expect_broken(&f, VQ_FAULT_USED_ID, 8);
    vqf_down(&f);
    vqf_up(&f, 8, BASE | F_IN_ORDER);
    vqf_give(&f, 1, 1, 0);
    use(&f, 0, 3, 0);
    vqf_expect_broken(&f, VQ_FAULT_IDLE_ID, 3);
    vqf_down(&f);
    vqf_up(&f, 8, BASE | F_IN_ORDER);
    use(&f, 0, 0, 0);
    vqf_expect_broken(&f, VQ_FAULT_USED_INDEX, 1);
    vqf_down(&f);
}

static void an_index_that_runs_ahead_breaks_the_queue(void **state)
{
    static const uint16_t steps[] = {2, 3, 0x7fff, 0x8000, 0xffff};

    (void)state;
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct vqf f;

        vqf_up(&f, 8, BASE);
        vqf_give(&f, 1, 1, 0);
        put16(f.device + 2, steps[i]);
        assert_true(vq_pending(f.vq));
        vqf_expect_broken(&f, VQ_FAULT_USED_INDEX, steps[i]);
        vqf_down(&f);
    }
}

static void an_id_outside_the_table_breaks_the_queue(void **state)
{
    static const uint32_t ids[] = {8, 9, 0xffff, 0x10000, 0x10000000, 0xffffffff};

    (void)state;
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct vqf f;

        vqf_up(&f, 8, BASE);
        vqf_give(&f, 1, 1, 0);
        use(&f, 0, ids[i], 0);
        vqf_expect_broken(&f, VQ_FAULT_USED_ID, ids[i]);
        vqf_down(&f);
    }
}

static void an_id_that_is_not_in_flight_breaks_the_queue(void **state)
{
    struct vqf f;
    uint16_t head;

    (void)state;
    vqf_up(&f, 8, BASE);
    vqf_put(&f, 1, 2, 0);
    vqf_give(&f, 2, 1, 0);
    head = avail_head(&f, 0);
    // the middle of a chain is not its head
    use(&f, 0, get16(desc(&f, head) + 14), 0);
    vqf_expect_broken(&f, VQ_FAULT_IDLE_ID, get16(desc(&f, head) + 14));
    vqf_down(&f);
    vqf_up(&f, 8, BASE);
    vqf_put(&f, 1, 1, 0);
    vqf_give(&f, 2, 1, 0);
    head = avail_head(&f, 0);
    use(&f, 0, head, 0);
    vqf_expect(&f, 1, 0);
    // twice the same
    use(&f, 1, head, 0);
    vqf_expect_broken(&f, VQ_FAULT_IDLE_ID, head);
    vqf_down(&f);
}

static void the_ring_is_never_read_back(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    for (unsigned round = 0; round < 50; round++) {
        const unsigned n = 2 * round + 1;
        uint16_t heads[2];

        vqf_put(&f, n, 1, 2);
        vqf_give(&f, n + 1, 2, 2);
        heads[0] = avail_head(&f, 2 * round);
        heads[1] = avail_head(&f, 2 * round + 1);
        // all that the driver wrote is overwritten behind its back
        for (unsigned i = 0; i < 16 * 8; i++)
            f.desc[i] = 0xff;
        for (unsigned i = 4; i < 4 + 2 * 8; i++)
            f.driver[i] = 0xff;
        use(&f, (uint16_t)(2 * round), heads[1], 5);
        use(&f, (uint16_t)(2 * round + 1), heads[0], 6);
        vqf_expect(&f, n + 1, 5);
        vqf_expect(&f, n, 6);
        assert_int_equal(vq_room(f.vq), 8);
    }
    vqf_down(&f);
}

static void a_queue_of_one_works(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 1, BASE | F_EVENT);
    for (unsigned i = 0; i < 5; i++) {
        vqf_put(&f, i + 1, 0, 1);
        assert_int_equal(vqf_add(&f, 100, 0, 1), VIO_E_FULL);
        // nothing is refused too, and leaves alone what the device has
        assert_int_equal(vqf_add(&f, 100, 0, 0), VIO_E_ARG);
        vq_kick(f.vq);
        use(&f, (uint16_t)i, 0, 2);
        vqf_expect(&f, i + 1, 2);
    }
    vqf_down(&f);
}

static void the_largest_queue_can_be_filled(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 32768, BASE);
    for (unsigned i = 0; i < 32768; i++)
        vqf_put(&f, i + 1, 1, 0);
    assert_int_equal(vqf_add(&f, 40000, 1, 0), VIO_E_FULL);
    vq_publish(f.vq);
    for (unsigned i = 0; i < 32768; i++) {
        use(&f, (uint16_t)i, avail_head(&f, i), 0);
        vqf_expect(&f, i + 1, 0);
    }
    vqf_expect(&f, 0, 0);
    vqf_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_aligned),
        cmocka_unit_test(a_legacy_ring_is_laid_out_by_the_formula),
        cmocka_unit_test(a_new_ring_is_zero),
        cmocka_unit_test(readable_elements_come_before_writable_ones),
        cmocka_unit_test(an_indirect_table_is_numbered),
        cmocka_unit_test(without_the_feature_no_table_is_used),
        cmocka_unit_test(a_refused_indirect_buffer_changes_nothing),
        cmocka_unit_test(a_chain_is_never_longer_than_the_queue),
        cmocka_unit_test(a_chain_is_never_longer_than_four_gigabytes),
        cmocka_unit_test(bad_buffers_are_refused),
        cmocka_unit_test(the_index_moves_only_when_published),
        cmocka_unit_test(the_index_runs_up_through_65535),
        cmocka_unit_test(driver_flags_stay_0_with_event_index),
        cmocka_unit_test(driver_flags_are_0_or_1_without_event_index),
        cmocka_unit_test(used_event_stands_still_while_interrupts_are_off),
        cmocka_unit_test(a_delayed_interrupt_is_three_quarters_away),
        cmocka_unit_test(without_event_index_the_flag_decides_the_doorbell),
        cmocka_unit_test(with_event_index_the_event_decides_the_doorbell),
        cmocka_unit_test(a_kick_rings_once),
        cmocka_unit_test(notification_data_is_the_available_index),
        cmocka_unit_test(spurious_interrupts_do_no_harm),
        cmocka_unit_test(in_order_descriptors_follow_the_table),
        cmocka_unit_test(one_used_entry_ends_a_batch_in_order),
        cmocka_unit_test(a_batch_longer_than_the_index_breaks_the_queue),
        cmocka_unit_test(bad_ids_break_a_queue_in_order),
        cmocka_unit_test(an_index_that_runs_ahead_breaks_the_queue),
        cmocka_unit_test(an_id_outside_the_table_breaks_the_queue),
        cmocka_unit_test(an_id_that_is_not_in_flight_breaks_the_queue),
        cmocka_unit_test(the_ring_is_never_read_back),
        cmocka_unit_test(a_queue_of_one_works),
        cmocka_unit_test(the_largest_queue_can_be_filled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
