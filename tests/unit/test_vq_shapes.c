// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is alike in both formats, above all buffers of every shape and length, with and without
// a table: what the device finds is walked here by the specification alone, and one rule decides
// what is refused. The core has short ways for usual buffers; the tests do not know which.

#include "tests/unit/vq_fixture.h"

#include <string.h>

// Descriptor flags of both formats (2.7.5 and 2.8.1).
enum { NEXT = 1, WRITE = 2, INDIRECT = 4, SEEN = NEXT | WRITE | INDIRECT };

// Those by which the packed ring tells laps apart (2.8.1).
enum { AVAIL = 0x80, USED = 0x8000 };

enum { SIZE = 8, ELEMENTS = 5, TABLE_PA = 0x90000 };

static const uint64_t formats[] = {
    F_VERSION_1 | F_INDIRECT,
    F_VERSION_1 | F_INDIRECT | F_EVENT | F_IN_ORDER,
    F_VERSION_1 | F_INDIRECT | F_PACKED,
    F_VERSION_1 | F_INDIRECT | F_PACKED | F_EVENT | F_IN_ORDER,
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

struct shape {
    struct vqf f;
    bool packed;
    bool table;
    unsigned out;
    unsigned in;
    unsigned place; // of the next head: available index, or the endless place in the packed ring
    struct vq_sg sg[ELEMENTS];
    _Alignas(16) uint8_t room[16 * ELEMENTS];
};

static void shape_up(struct shape *s, uint64_t features, bool table)
{
    memset(s, 0, sizeof(*s));
    vqf_up(&s->f, SIZE, features);
    s->packed = (features & F_PACKED) != 0;
    s->table = table;
    memset(s->room, 0xff, sizeof(s->room));
    for (unsigned i = 0; i < ELEMENTS; i++)
        s->sg[i] = (struct vq_sg){0x100000000 * (i + 1) + 16 * i, 100 + i};
}

static enum vio_status shape_add(struct shape *s, unsigned n)
{
    const struct vq_table table = {s->room, TABLE_PA, ELEMENTS};

    return vq_add(s->f.vq, s->sg, (uint16_t)s->out, (uint16_t)s->in, vqf_token(n),
                  s->table ? &table : NULL);
}

static uint8_t *desc(struct shape *s, unsigned i)
{
    return s->f.desc + 16 * (size_t)(i % SIZE);
}

// A descriptor's flags but those of the packed ring's laps.
static unsigned flags_of(const struct shape *s, const uint8_t *at)
{
    return get16(at + (s->packed ? 14 : 12)) & SEEN;
}

// Expects that a ring descriptor, in the packed ring at the endless place `i`, is available in its
// lap; the split ring has a list for that.
static void expect_available(struct shape *s, unsigned i)
{
    if (s->packed)
        assert_int_equal(get16(desc(s, i) + 14) & (AVAIL | USED), i / SIZE % 2 == 0 ? AVAIL : USED);
}

static void expect_element(const struct shape *s, const uint8_t *at, unsigned i, unsigned next)
{
    assert_int_equal(get64(at), s->sg[i].pa);
    assert_int_equal(get32(at + 8), s->sg[i].len);
    assert_int_equal(flags_of(s, at), next | (i < s->out ? 0 : WRITE));
}

static unsigned head_of(struct shape *s)
{
    return s->packed ? s->place : get16(s->f.driver + 4 + 2 * (size_t)(s->place % SIZE));
}

// Walks the buffer that was added last. Returns how many ring descriptors it takes.
static unsigned expect_buffer(struct shape *s)
{
    const unsigned count = s->out + s->in;
    unsigned at = head_of(s);

    expect_available(s, at);
    if (s->table && count > 1) {
        assert_int_equal(get64(desc(s, at)), TABLE_PA);
        assert_int_equal(get32(desc(s, at) + 8), 16 * count);
        assert_int_equal(flags_of(s, desc(s, at)), INDIRECT);
        for (unsigned i = 0; i < count; i++) {
            const bool next = !s->packed && i + 1 < count;

            expect_element(s, s->room + 16 * (size_t)i, i, next ? NEXT : 0);
            if (next)
                assert_int_equal(get16(s->room + 16 * (size_t)i + 14), i + 1);
        }
        return 1;
    }
    for (unsigned i = 0; i < count; i++) {
        expect_available(s, at);
        expect_element(s, desc(s, at), i, i + 1 < count ? NEXT : 0);
        at = s->packed ? at + 1 : get16(desc(s, at) + 14);
    }
    return count;
}

// Uses that buffer, of `taken` ring descriptors.
static void use(struct shape *s, unsigned taken, uint32_t len)
{
    if (s->packed) {
        uint8_t *at = desc(s, s->place);
        const uint16_t id = get16(desc(s, s->place + taken - 1) + 12);

        put32(at + 8, len);
        put16(at + 12, id);
        put16(at + 14, s->place / SIZE % 2 == 0 ? AVAIL | USED : 0);
        s->place += taken;
    } else {
        uint8_t *elem = s->f.device + 4 + 8 * (size_t)(s->place % SIZE);

        put32(elem, head_of(s));
        put32(elem + 4, len);
        s->place++;
        put16(s->f.device + 2, (uint16_t)s->place);
    }
}

// The same with a length beyond all measure, and pops it.
static void use_and_pop(struct shape *s, unsigned n, unsigned taken, uint32_t writable)
{
    use(s, taken, UINT32_MAX);
    vqf_expect(&s->f, n, writable);
    assert_int_equal(vq_room(s->f.vq), SIZE);
}

// Adds the shape, looks at it, and has it back; often enough to meet the ring's end at each place.
static void go_round(struct shape *s)
{
    uint32_t writable = 0;

    for (unsigned i = s->out; i < s->out + s->in; i++)
        writable += s->sg[i].len;
    for (unsigned n = 1; n <= 2 * SIZE; n++) {
        unsigned taken;

        assert_int_equal(shape_add(s, n), VIO_OK);
        vq_publish(s->f.vq);
        taken = expect_buffer(s);
        assert_int_equal(vq_room(s->f.vq), SIZE - taken);
        use_and_pop(s, n, taken, writable);
    }
}

static void every_shape_is_laid_out_and_comes_back(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 2 * FORMATS; k++) {
        for (unsigned out = 0; out <= ELEMENTS; out++) {
            for (unsigned in = out == 0; out + in <= ELEMENTS; in++) {
                struct shape s;

                shape_up(&s, formats[k / 2], k % 2 != 0);
                s.out = out;
                s.in = in;
                go_round(&s);
                vqf_down(&s.f);
            }
        }
    }
}

// What a buffer's lengths lead to: none may be 0, and all together must stay below 2^32 (2.7.5.2).
static enum vio_status verdict(const struct shape *s)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < s->out + s->in; i++) {
        if (s->sg[i].len == 0)
            return VIO_E_ARG;
        sum += s->sg[i].len;
    }
    return sum > UINT32_MAX ? VIO_E_TOO_LONG : VIO_OK;
}

static void try_lengths(struct shape *s)
{
    static const uint32_t lens[] = {0, 1, 1u << 30, (1u << 30) + 1, 1u << 31, 0xfffffffe, ~0u};
    const unsigned kinds = sizeof(lens) / sizeof(lens[0]);
    unsigned all = 1;

    for (unsigned i = 0; i < s->out + s->in; i++)
        all *= kinds;
    for (unsigned pick = 0; pick < all; pick++) {
        uint32_t writable = 0;
        unsigned rest = pick;
        enum vio_status expected;

        for (unsigned i = 0; i < s->out + s->in; i++) {
            s->sg[i].len = lens[rest % kinds];
            rest /= kinds;
            if (i >= s->out)
                writable += s->sg[i].len;
        }
        expected = verdict(s);
        assert_int_equal(shape_add(s, 1), expected);
        if (expected != VIO_OK) {
            assert_int_equal(vq_room(s->f.vq), SIZE);
            assert_int_equal(vq_in_flight(s->f.vq), 0);
            continue;
        }
        vq_publish(s->f.vq);
        use_and_pop(s, 1, expect_buffer(s), writable);
    }
}

static void lengths_decide_alike_in_every_shape(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 2 * FORMATS; k++) {
        for (unsigned out = 0; out <= 3; out++) {
            for (unsigned in = out == 0; out + in <= 3; in++) {
                struct shape s;

                shape_up(&s, formats[k / 2], k % 2 != 0);
                s.out = out;
                s.in = in;
                try_lengths(&s);
                vqf_down(&s.f);
            }
        }
    }
}

static void a_used_length_is_cut(void **state)
{
    static const struct {
        unsigned out;
        unsigned in;
        uint32_t used;
        uint32_t expected;
        bool cut;
    } cases[] = {
        {1, 1, UINT32_MAX, 101, true}, {1, 1, 102, 101, true},  {1, 1, 101, 101, false},
        {1, 1, 0, 0, false},           {1, 0, 1, 0, true},      {1, 0, 0, 0, false},
        {0, 2, 201, 201, false},       {0, 2, 200, 200, false}, {0, 2, 202, 201, true},
    };

    (void)state;
    for (unsigned k = 0; k < FORMATS; k++) {
        struct vq_stats stats;
        struct shape s;
        unsigned cut = 0;
        unsigned i;

        shape_up(&s, formats[k], false);
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            s.out = cases[i].out;
            s.in = cases[i].in;
            assert_int_equal(shape_add(&s, i + 1), VIO_OK);
            vq_publish(s.f.vq);
            use(&s, s.out + s.in, cases[i].used);
            vqf_expect(&s.f, i + 1, cases[i].expected);
            cut += cases[i].cut;
        }
        vq_get_stats(s.f.vq, &stats);
        assert_int_equal(stats.clamped, cut);
        assert_int_equal(stats.added, i);
        assert_int_equal(stats.popped, i);
        vqf_down(&s.f);
    }
}

// A queue of 1 or 2 descriptors takes no longer list in a table either (2.7.5.3.1, 2.8.17).
static void a_table_is_no_longer_than_a_small_queue(void **state)
{
    (void)state;
    for (unsigned k = 0; k < FORMATS; k++) {
        for (unsigned size = 1; size <= 2; size++) {
            _Alignas(16) uint8_t room[16 * 3];
            const struct vq_sg sg[3] = {{0x1000, 1}, {0x2000, 2}, {0x3000, 3}};
            const struct vq_table table = {room, TABLE_PA, 3};
            struct vqf f;

            vqf_up(&f, (uint16_t)size, formats[k]);
            assert_int_equal(vq_add(f.vq, sg, 1, 0, NULL, &table), VIO_E_ARG);
            assert_int_equal(vq_add(f.vq, sg, 1, 2, vqf_token(1), &table), VIO_E_TOO_LONG);
            assert_int_equal(vq_add(f.vq, sg, 2, 1, vqf_token(1), &table), VIO_E_TOO_LONG);
            assert_int_equal(vq_add(f.vq, sg, 1, 1, vqf_token(1), &table),
                             size == 2 ? VIO_OK : VIO_E_TOO_LONG);
            vqf_down(&f);
        }
    }
}

// Whether the device sees the buffer added to an empty, new queue.
static bool is_published(struct vqf *f)
{
    if (f->features & F_PACKED)
        return (get16(f->desc + 14) & (AVAIL | USED)) == AVAIL;
    return get16(f->driver + 2) == 1;
}

static void asking_for_the_doorbell_publishes(void **state)
{
    (void)state;
    for (unsigned k = 0; k < FORMATS; k++) {
        struct vqf f;

        vqf_up(&f, SIZE, formats[k]);
        vqf_put(&f, 1, 1, 1);
        assert_false(is_published(&f));
        assert_true(vq_should_kick(f.vq));
        assert_true(is_published(&f));
        assert_false(vq_should_kick(f.vq));
        vqf_down(&f);
    }
}

static void a_buffer_is_published_before_it_can_come_back(void **state)
{
    (void)state;
    for (unsigned k = 0; k < FORMATS; k++) {
        struct vqf f;

        vqf_up(&f, SIZE, formats[k]);
        vqf_put(&f, 1, 1, 0);
        vqf_expect(&f, 0, 0);
        assert_true(is_published(&f));
        // and the doorbell is still owed
        assert_true(vq_should_kick(f.vq));
        vqf_down(&f);
    }
}

static void turning_interrupts_on_publishes(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 2 * FORMATS; k++) {
        struct vqf f;

        vqf_up(&f, SIZE, formats[k / 2]);
        vq_irq_off(f.vq);
        vqf_put(&f, 1, 1, 1);
        assert_false(is_published(&f));
        assert_false(k % 2 == 0 ? vq_irq_on(f.vq) : vq_irq_on_delayed(f.vq));
        assert_true(is_published(&f));
        vqf_down(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_is_laid_out_and_comes_back),
        cmocka_unit_test(lengths_decide_alike_in_every_shape),
        cmocka_unit_test(a_used_length_is_cut),
        cmocka_unit_test(a_table_is_no_longer_than_a_small_queue),
        cmocka_unit_test(asking_for_the_doorbell_publishes),
        cmocka_unit_test(a_buffer_is_published_before_it_can_come_back),
        cmocka_unit_test(turning_interrupts_on_publishes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
