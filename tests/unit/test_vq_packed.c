// SPDX-License-Identifier: GPL-3.0-or-later
//
// The packed ring, byte by byte (virtio 1.2, 2.8).

#include "tests/unit/vq_fixture.h"

#define BASE (F_VERSION_1 | F_PACKED | F_INDIRECT)

// Descriptor flags (2.8.1 to 2.8.7).
enum { NEXT = 1, WRITE = 2, INDIRECT = 4, AVAIL = 0x80, USED = 0x8000 };

static uint8_t *desc(struct vqf *f, unsigned place)
{
    return f->desc + 16 * (size_t)(place % f->size);
}

static uint16_t desc_id(struct vqf *f, unsigned place)
{
    return get16(desc(f, place) + 12);
}

static uint16_t desc_flags(struct vqf *f, unsigned place)
{
    return get16(desc(f, place) + 14);
}

// The two bits that make the descriptor at the endless place `place` available.
static uint16_t avail_bits(struct vqf *f, unsigned place)
{
    return place / f->size % 2 == 0 ? AVAIL : USED;
}

static void expect_avail(struct vqf *f, unsigned place, uint64_t addr, uint16_t flags)
{
    assert_int_equal(get64(desc(f, place)), addr);
    assert_int_equal(get32(desc(f, place) + 8), 16);
    assert_int_equal(desc_flags(f, place), flags | avail_bits(f, place));
}

static bool is_avail(struct vqf *f, unsigned place)
{
    return (desc_flags(f, place) & (AVAIL | USED)) == avail_bits(f, place);
}

// Writes a used descriptor at the endless place `place`.
static void use(struct vqf *f, unsigned place, uint16_t id, uint32_t len)
{
    put32(desc(f, place) + 8, len);
    put16(desc(f, place) + 12, id);
    put16(desc(f, place) + 14, place / f->size % 2 == 0 ? AVAIL | USED : 0);
}

// Offset and wrap counter of the endless place `place` (2.8.14).
static uint16_t place_word(struct vqf *f, unsigned place)
{
    return (uint16_t)(place % f->size | (place / f->size % 2 == 0 ? 0x8000 : 0));
}

static void set_device_event(struct vqf *f, uint16_t place, uint16_t flags)
{
    put16(f->device, place);
    put16(f->device + 2, flags);
}

static void areas_are_aligned(void **state)
{
    static const uint16_t sizes[] = {1, 2, 3, 5, 13, 255, 256, 257, 32767, 32768};

    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct vqf f;

        vqf_up(&f, sizes[i], BASE);
        assert_int_equal((f.desc - f.ring) % 16, 0);
        assert_int_equal((f.driver - f.ring) % 4, 0);
        assert_int_equal((f.device - f.ring) % 4, 0);
        assert_true(f.driver >= f.desc + 16 * (size_t)sizes[i]);
        assert_true(f.device >= f.driver + 4);
        assert_true(f.ring + vq_ring_bytes(sizes[i], BASE) >= f.device + 4);
        vqf_down(&f);
    }
}

static void a_new_ring_is_zero(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 13, BASE);
    for (unsigned i = 0; i < 16 * 13; i++)
        assert_int_equal(f.desc[i], 0);
    assert_int_equal(get32(f.driver), 0);
    assert_int_equal(get32(f.device), 0);
    vqf_down(&f);
}

static void a_chain_has_its_flags_in_every_descriptor(void **state)
{
    struct vqf f;
    uint16_t id;

    (void)state;
    vqf_up(&f, 13, BASE);
    vqf_give(&f, 1, 2, 2);
    expect_avail(&f, 0, 0x1000, NEXT);
    expect_avail(&f, 1, 0x2000, NEXT);
    expect_avail(&f, 2, 0x3000, NEXT | WRITE);
    expect_avail(&f, 3, 0x4000, WRITE);
    id = desc_id(&f, 3);
    assert_true(id < 13);
    vqf_down(&f);
}

static void the_first_descriptor_becomes_available_last(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 13, BASE);
    for (unsigned round = 0; round < 8; round++) {
        const unsigned place = 4 * round;

        vqf_put(&f, round + 1, 2, 1);
        vqf_put(&f, 100, 1, 0);
        assert_false(is_avail(&f, place));
        assert_true(is_avail(&f, place + 1));
        // nor does it look used
        assert_false(vq_pending(f.vq));
        vq_publish(f.vq);
        assert_true(is_avail(&f, place));
        use(&f, place, desc_id(&f, place + 2), 0);
        vqf_expect(&f, round + 1, 0);
        use(&f, place + 3, desc_id(&f, place + 3), 0);
        vqf_expect(&f, 100, 0);
    }
    vqf_down(&f);
}

static void the_wrap_counter_turns_at_any_size(void **state)
{
    static const uint16_t sizes[] = {1, 3, 5, 13, 16};

    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct vqf f;

        vqf_up(&f, sizes[i], BASE | F_EVENT);
        for (unsigned place = 0; place < 200; place++) {
            vqf_give(&f, place + 1, 0, 1);
            expect_avail(&f, place, 0x1000, WRITE);
            use(&f, place, desc_id(&f, place), 4);
            vqf_expect(&f, place + 1, 4);
            vqf_expect(&f, 0, 0);
        }
        vqf_down(&f);
    }
}

static void a_chain_goes_on_at_the_start_of_the_ring(void **state)
{
    struct vqf f;
    unsigned place = 0;

    (void)state;
    vqf_up(&f, 5, BASE);
    for (unsigned n = 1; n <= 40; n++) {
        vqf_give(&f, n, 2, 1);
        expect_avail(&f, place, 0x1000, NEXT);
        expect_avail(&f, place + 1, 0x2000, NEXT);
        expect_avail(&f, place + 2, 0x3000, WRITE);
        use(&f, place, desc_id(&f, place + 2), 16);
        vqf_expect(&f, n, 16);
        place += 3;
    }
    vqf_down(&f);
}

static void an_indirect_table_has_no_flag_but_write(void **state)
{
    _Alignas(16) uint8_t table[16 * 4];
    const struct vq_sg sg[3] = {{0x1000, 1}, {0x2000, 2}, {0x3000, 3}};
    const struct vq_table room = {table, 0x9000, 4};
    struct vqf f;

    (void)state;
    for (unsigned i = 0; i < sizeof(table); i++)
        table[i] = 0xff;
    vqf_up(&f, 3, BASE);
    assert_int_equal(vq_add(f.vq, sg, 1, 2, vqf_token(1), &room), VIO_OK);
    vq_publish(f.vq);
    assert_int_equal(get64(desc(&f, 0)), 0x9000);
    assert_int_equal(get32(desc(&f, 0) + 8), 48);
    assert_int_equal(desc_flags(&f, 0), INDIRECT | AVAIL);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(get64(table + 16 * i), sg[i].pa);
        assert_int_equal(get32(table + 16 * i + 8), sg[i].len);
        assert_int_equal(get16(table + 16 * i + 14), i == 0 ? 0 : WRITE);
    }
    assert_int_equal(vq_room(f.vq), 2);
    vqf_down(&f);
}

static void indirect_buffers_wrap_with_the_ring(void **state)
{
    _Alignas(16) uint8_t table[16 * 4];
    const struct vq_sg sg[2] = {{0x1000, 16}, {0x2000, 16}};
    const struct vq_table room = {table, 0x9000, 4};
    struct vqf f;

    (void)state;
    vqf_up(&f, 3, BASE | F_EVENT);
    for (unsigned place = 0; place < 20; place++) {
        assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(place + 1), &room), VIO_OK);
        vq_publish(f.vq);
        assert_int_equal(desc_flags(&f, place), INDIRECT | avail_bits(&f, place));
        use(&f, place, desc_id(&f, place), 7);
        vqf_expect(&f, place + 1, 7);
    }
    vqf_down(&f);
}

static void without_the_feature_no_table_is_used(void **state)
{
    _Alignas(16) uint8_t table[16 * 4] = {0};
    const struct vq_sg sg[2] = {{0x1000, 16}, {0x2000, 16}};
    const struct vq_table room = {table, 0x9000, 4};
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, F_VERSION_1 | F_PACKED);
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), &room), VIO_OK);
    vq_publish(f.vq);
    expect_avail(&f, 0, 0x1000, NEXT);
    expect_avail(&f, 1, 0x2000, WRITE);
    vqf_down(&f);
}

static void bad_buffers_are_refused(void **state)
{
    _Alignas(16) uint8_t table[16 * 8];
    struct vq_sg sg[9] = {{0x1000, 1}, {0x2000, 0}, {0x3000, 0xffffffff}};
    struct vq_table room = {table, 0x9000, 8};
    struct vqf f;

    (void)state;
    vqf_up(&f, 7, BASE);
    assert_int_equal(vq_add(f.vq, sg, 0, 0, vqf_token(1), NULL), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 1, 0, NULL, NULL), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg + 1, 1, 0, vqf_token(1), NULL), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 2, 0, vqf_token(1), NULL), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), NULL), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 2, 0, vqf_token(1), &room), VIO_E_ARG);
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), &room), VIO_E_ARG);
    sg[1].len = 1;
    assert_int_equal(vq_add(f.vq, sg, 1, 2, vqf_token(1), NULL), VIO_E_TOO_LONG);
    assert_int_equal(vq_add(f.vq, sg, 1, 2, vqf_token(1), &room), VIO_E_TOO_LONG);
    assert_int_equal(vq_add(f.vq, sg, 4, 4, vqf_token(1), NULL), VIO_E_TOO_LONG);
    assert_int_equal(vq_add(f.vq, sg, 4, 4, vqf_token(1), &room), VIO_E_TOO_LONG);
    room.entries = 1;
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), &room), VIO_E_ARG);
    assert_int_equal(vq_room(f.vq), 7);
    assert_int_equal(vq_in_flight(f.vq), 0);
    vqf_down(&f);
}

static void a_whole_list_must_have_room(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 7, BASE);
    vqf_put(&f, 1, 3, 2);
    assert_int_equal(vqf_add(&f, 2, 2, 1), VIO_E_FULL);
    vqf_put(&f, 2, 1, 1);
    assert_int_equal(vq_room(f.vq), 0);
    assert_int_equal(vqf_add(&f, 3, 1, 0), VIO_E_FULL);
    vqf_down(&f);
}

static void a_full_ring_takes_no_table(void **state)
{
    _Alignas(16) uint8_t table[16 * 4];
    const struct vq_sg sg[2] = {{0x1000, 16}, {0x2000, 16}};
    const struct vq_table room = {table, 0x9000, 4};
    struct vqf f;

    (void)state;
    vqf_up(&f, 3, BASE);
    for (unsigned i = 1; i <= 3; i++)
        assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(i), &room), VIO_OK);
    assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(4), &room), VIO_E_FULL);
    vqf_down(&f);
}

static void a_refused_list_leaves_nothing_available(void **state)
{
    struct vq_sg sg[4] = {{0x1000, 16}, {0x2000, 16}, {0x3000, 16}, {0x4000, 0}};
    struct vqf f;

    (void)state;
    vqf_up(&f, 5, BASE);
    for (unsigned place = 0; place < 12; place++) {
        assert_int_equal(vq_add(f.vq, sg, 2, 2, vqf_token(1), NULL), VIO_E_ARG);
        for (unsigned i = 0; i < 5; i++)
            assert_false(is_avail(&f, place + i));
        vqf_give(&f, place + 1, 1, 0);
        use(&f, place, desc_id(&f, place), 0);
        vqf_expect(&f, place + 1, 0);
    }
    vqf_down(&f);
}

static void a_used_descriptor_skips_its_whole_list(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE);
    vqf_put(&f, 1, 2, 1);
    vqf_give(&f, 2, 1, 1);
    // the second comes back first, where the device waits: place 0, then 2 further on
    use(&f, 0, desc_id(&f, 4), 3);
    vqf_expect(&f, 2, 3);
    vqf_expect(&f, 0, 0);
    use(&f, 2, desc_id(&f, 2), 0);
    vqf_expect(&f, 1, 0);
    assert_int_equal(vq_room(f.vq), 8);
    vqf_down(&f);
}

static void driver_event_has_its_three_forms(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 13, BASE);
    assert_int_equal(get32(f.driver), 0);
    vq_irq_off(f.vq);
    assert_int_equal(get16(f.driver + 2), 1);
    assert_false(vq_irq_on(f.vq));
    assert_int_equal(get16(f.driver + 2), 0);
    vq_irq_off(f.vq);
    assert_false(vq_irq_on_delayed(f.vq));
    assert_int_equal(get16(f.driver + 2), 0);
    vqf_down(&f);
    vqf_up(&f, 13, BASE | F_EVENT);
    assert_int_equal(get16(f.driver + 2), 2);
    assert_int_equal(get16(f.driver), 0x8000);
    vq_irq_off(f.vq);
    assert_int_equal(get16(f.driver + 2), 1);
    assert_false(vq_irq_on(f.vq));
    assert_int_equal(get16(f.driver + 2), 2);
    assert_int_equal(get16(f.driver), 0x8000);
    vqf_down(&f);
}

static void driver_event_follows_the_pops(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 5, BASE | F_EVENT);
    for (unsigned n = 0; n < 30; n++) {
        vqf_give(&f, n + 1, 1, 1);
        if (n % 3 == 1)
            vq_irq_off(f.vq);
        use(&f, 2 * n, desc_id(&f, 2 * n + 1), 0);
        vqf_expect(&f, n + 1, 0);
        if (n % 3 == 1)
            assert_int_equal(get16(f.driver + 2), 1);
        assert_false(vq_irq_on(f.vq));
        assert_int_equal(get16(f.driver), place_word(&f, 2 * n + 2));
    }
    vqf_down(&f);
}

static void a_delayed_interrupt_is_three_quarters_away(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, BASE | F_EVENT);
    for (unsigned round = 0; round < 6; round++) {
        for (unsigned i = 0; i < 4; i++)
            vqf_give(&f, 10 * round + i + 1, 1, 0);
        assert_false(vq_irq_on_delayed(f.vq));
        assert_int_equal(get16(f.driver), place_word(&f, 4 * round + 3));
        assert_int_equal(get16(f.driver + 2), 2);
        for (unsigned i = 0; i < 4; i++) {
            use(&f, 4 * round + i, desc_id(&f, 4 * round + i), 0);
            assert_true(vq_irq_on_delayed(f.vq));
            vqf_expect(&f, 10 * round + i + 1, 0);
        }
    }
    vqf_down(&f);
}

static void the_device_event_decides_the_doorbell(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 5, BASE | F_EVENT);
    assert_false(vq_should_kick(f.vq));
    for (unsigned place = 0; place < 40; place++) {
        // enabled, disabled, at this place, at the next, at this place of the lap before, reserved
        static const bool expected[6] = {true, false, true, false, false, true};
        const unsigned kind = place % 6;

        vqf_give(&f, place + 1, 1, 0);
        switch (kind) {
        case 0:
            set_device_event(&f, 0, 0);
            break;
        case 1:
            set_device_event(&f, place_word(&f, place), 1);
            break;
        case 2:
            set_device_event(&f, place_word(&f, place), 2);
            break;
        case 3:
            set_device_event(&f, place_word(&f, place + 1), 2);
            break;
        case 4:
            set_device_event(&f, place_word(&f, place) ^ 0x8000, 2);
            break;
        default:
            set_device_event(&f, 0, 3);
            break;
        }
        assert_int_equal(vq_should_kick(f.vq), expected[kind]);
        assert_false(vq_should_kick(f.vq));
        use(&f, place, desc_id(&f, place), 0);
        vqf_expect(&f, place + 1, 0);
    }
    vqf_down(&f);
}

static void a_batch_over_the_end_rings_for_a_place_before_it(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 4, BASE | F_EVENT);
    for (unsigned place = 0; place < 3; place++) {
        vqf_give(&f, place + 1, 1, 0);
        vq_should_kick(f.vq);
        use(&f, place, desc_id(&f, place), 0);
        vqf_expect(&f, place + 1, 0);
    }
    // places 3, 4 and 5, of which 4 and 5 are in the next lap
    for (unsigned i = 0; i < 3; i++)
        vqf_give(&f, 10 + i, 1, 0);
    set_device_event(&f, place_word(&f, 3), 2);
    assert_true(vq_should_kick(f.vq));
    vqf_down(&f);
}

static void without_event_index_a_wish_for_a_place_rings(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 4, BASE);
    vqf_put(&f, 1, 1, 0);
    set_device_event(&f, place_word(&f, 3), 2);
    vq_kick(f.vq);
    assert_int_equal(f.notified, 1);
    vqf_down(&f);
}

static void notification_data_is_the_next_place(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 5, BASE | F_NOTIF_DATA);
    vq_notify(f.vq);
    assert_int_equal(f.notify_value, 5 | 0x80000000);
    for (unsigned place = 0; place < 20; place++) {
        vqf_put(&f, place + 1, 1, 0);
        vq_kick(f.vq);
        assert_int_equal(f.notify_value, 5 | (uint32_t)place_word(&f, place + 1) << 16);
        use(&f, place, desc_id(&f, place), 0);
        vqf_expect(&f, place + 1, 0);
    }
    vqf_down(&f);
}

static void one_used_descriptor_ends_a_batch_in_order(void **state)
{
    struct vqf f;
    unsigned place = 0;

    (void)state;
    vqf_up(&f, 7, BASE | F_IN_ORDER | F_EVENT);
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 1; i <= 3; i++)
            vqf_give(&f, 10 * round + i, 1, 1);
        use(&f, place, desc_id(&f, place + 3), 5);
        vqf_expect(&f, 10 * round + 1, 16);
        assert_true(vq_pending(f.vq));
        vqf_expect(&f, 10 * round + 2, 5);
        vqf_expect(&f, 0, 0);
        use(&f, place + 4, desc_id(&f, place + 5), 99);
        vqf_expect(&f, 10 * round + 3, 16);
        place += 6;
    }
    assert_int_equal(vq_room(f.vq), 7);
    vqf_down(&f);
}

static void bad_ids_break_the_queue(void **state)
{
    static const struct {
        uint64_t features;
        uint16_t id;
        enum vq_fault fault;
    } cases[] = {
        {0, 7, VQ_FAULT_USED_ID},
        {0, 0xffff, VQ_FAULT_USED_ID},
        {0, 3, VQ_FAULT_IDLE_ID},
        {F_IN_ORDER, 7, VQ_FAULT_USED_ID},
        {F_IN_ORDER, 0xffff, VQ_FAULT_USED_ID},
        {F_IN_ORDER, 3, VQ_FAULT_IDLE_ID},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vqf f;

        vqf_up(&f, 7, BASE | cases[i].features);
        vqf_give(&f, 1, 1, 0);
        use(&f, 0, cases[i].id, 0);
        vqf_expect_broken(&f, cases[i].fault, cases[i].id);
        vqf_down(&f);
    }
}

static void an_id_that_comes_twice_breaks_the_queue(void **state)
{
    struct vqf f;
    uint16_t id;

    (void)state;
    vqf_up(&f, 7, BASE);
    vqf_put(&f, 1, 1, 0);
    vqf_give(&f, 2, 1, 0);
    id = desc_id(&f, 0);
    use(&f, 0, id, 0);
    vqf_expect(&f, 1, 0);
    use(&f, 1, id, 0);
    vqf_expect_broken(&f, VQ_FAULT_IDLE_ID, id);
    vqf_down(&f);
}

static void the_ring_is_never_read_back(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 6, BASE);
    for (unsigned round = 0; round < 50; round++) {
        const unsigned place = 6 * round;
        uint16_t ids[2];

        vqf_put(&f, 2 * round + 1, 1, 2);
        vqf_give(&f, 2 * round + 2, 2, 1);
        ids[0] = desc_id(&f, place + 2);
        ids[1] = desc_id(&f, place + 5);
        // all but flags, by which the sides speak, is overwritten behind the driver's back
        for (unsigned i = 0; i < 16 * 6; i++) {
            if (i % 16 < 14)
                f.desc[i] = 0xff;
        }
        use(&f, place, ids[1], 5);
        vqf_expect(&f, 2 * round + 2, 5);
        use(&f, place + 3, ids[0], 6);
        vqf_expect(&f, 2 * round + 1, 6);
        assert_int_equal(vq_room(f.vq), 6);
    }
    vqf_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_aligned),
        cmocka_unit_test(a_new_ring_is_zero),
        cmocka_unit_test(a_chain_has_its_flags_in_every_descriptor),
        cmocka_unit_test(the_first_descriptor_becomes_available_last),
        cmocka_unit_test(the_wrap_counter_turns_at_any_size),
        cmocka_unit_test(a_chain_goes_on_at_the_start_of_the_ring),
        cmocka_unit_test(an_indirect_table_has_no_flag_but_write),
        cmocka_unit_test(indirect_buffers_wrap_with_the_ring),
        cmocka_unit_test(without_the_feature_no_table_is_used),
        cmocka_unit_test(bad_buffers_are_refused),
        cmocka_unit_test(a_whole_list_must_have_room),
        cmocka_unit_test(a_full_ring_takes_no_table),
        cmocka_unit_test(a_refused_list_leaves_nothing_available),
        cmocka_unit_test(a_used_descriptor_skips_its_whole_list),
        cmocka_unit_test(driver_event_has_its_three_forms),
        cmocka_unit_test(driver_event_follows_the_pops),
        cmocka_unit_test(a_delayed_interrupt_is_three_quarters_away),
        cmocka_unit_test(the_device_event_decides_the_doorbell),
        cmocka_unit_test(a_batch_over_the_end_rings_for_a_place_before_it),
        cmocka_unit_test(without_event_index_a_wish_for_a_place_rings),
        cmocka_unit_test(notification_data_is_the_next_place),
        cmocka_unit_test(one_used_descriptor_ends_a_batch_in_order),
        cmocka_unit_test(bad_ids_break_the_queue),
        cmocka_unit_test(an_id_that_comes_twice_breaks_the_queue),
        cmocka_unit_test(the_ring_is_never_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
