// SPDX-License-Identifier: GPL-3.0-or-later
//
// What both ring formats share: memory, states, detaching and restarting.

#include "tests/unit/vq_fixture.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t formats[] = {
    F_VERSION_1,
    F_VERSION_1 | F_EVENT | F_IN_ORDER | F_ORDER,
    F_VERSION_1 | F_PACKED,
    F_VERSION_1 | F_PACKED | F_EVENT | F_IN_ORDER | F_ORDER,
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static void nothing(void *ctx, uint32_t value)
{
    (void)ctx;
    (void)value;
}

static void sizes_are_what_the_format_allows(void **state)
{
    (void)state;
    assert_int_equal(vq_ring_bytes(0, F_VERSION_1), 0);
    assert_int_equal(vq_ring_bytes(3, F_VERSION_1), 0);
    assert_int_equal(vq_ring_bytes(32769, F_VERSION_1), 0);
    assert_int_equal(vq_private_bytes(0, F_VERSION_1), 0);
    assert_int_equal(vq_private_bytes(12, F_VERSION_1), 0);
    assert_int_equal(vq_ring_bytes(0, F_VERSION_1 | F_PACKED), 0);
    assert_int_equal(vq_ring_bytes(32769, F_VERSION_1 | F_PACKED), 0);
    assert_true(vq_ring_bytes(3, F_VERSION_1 | F_PACKED) >= 3 * 16 + 8);
    assert_true(vq_private_bytes(3, F_VERSION_1 | F_PACKED) > 0);
    assert_int_equal(vq_ring_align(0), 4096);
    assert_int_equal(vq_ring_align(F_VERSION_1), 64);
}

static void bad_configurations_are_refused(void **state)
{
    _Alignas(4096) static uint8_t ring[4096];
    _Alignas(64) static uint8_t priv[4096];
    const struct vio_os os = {0};
    const struct vq_config good = {
        .os = &os,
        .features = F_VERSION_1,
        .size = 8,
        .ring = ring,
        .ring_pa = VQF_PA,
        .ring_bytes = sizeof(ring),
        .priv = priv,
        .priv_bytes = sizeof(priv),
        .notify = nothing,
    };
    struct vq_config bad;
    struct vq *vq;

    (void)state;
    assert_int_equal(vq_init(&good, &vq), VIO_OK);
    assert_int_equal(vq_size(vq), 8);
    assert_int_equal(vq_index(vq), 0);
#define EXPECT(change, status)                          \
    do {                                                \
        bad = good;                                     \
        bad.change;                                     \
        assert_int_equal(vq_init(&bad, &vq), (status)); \
        assert_null(vq);                                \
    } while (0)
    EXPECT(os = NULL, VIO_E_ARG);
    EXPECT(notify = NULL, VIO_E_ARG);
    EXPECT(ring = NULL, VIO_E_ARG);
    EXPECT(priv = NULL, VIO_E_ARG);
    EXPECT(size = 0, VIO_E_ARG);
    EXPECT(size = 6, VIO_E_ARG);
    EXPECT(ring_bytes = vq_ring_bytes(8, F_VERSION_1) - 1, VIO_E_MEMORY);
    EXPECT(priv_bytes = vq_private_bytes(8, F_VERSION_1) - 1, VIO_E_MEMORY);
    EXPECT(ring = ring + 32, VIO_E_MEMORY);
    EXPECT(ring_pa = VQF_PA + 32, VIO_E_MEMORY);
    EXPECT(ring_pa = UINT64_MAX - 63, VIO_E_MEMORY);
    EXPECT(priv = priv + 8, VIO_E_MEMORY);
    EXPECT(features = 0; bad.ring_pa = VQF_PA + 64, VIO_E_MEMORY);
#undef EXPECT
}

static void a_stopped_queue_refuses_work(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct vqf f;

        vqf_up(&f, 8, formats[i]);
        vqf_put(&f, 1, 1, 0);
        assert_null(vq_detach(f.vq));
        assert_int_equal(vq_restart(f.vq, 8), VIO_E_STATE);
        vq_stop(f.vq);
        vq_stop(f.vq);
        assert_int_equal(vq_state(f.vq), VQ_STOPPED);
        assert_int_equal(vqf_add(&f, 2, 1, 0), VIO_E_STATE);
        vq_kick(f.vq);
        assert_int_equal(f.notified, 0);
        vqf_expect(&f, 0, 0);
        assert_false(vq_pending(f.vq));
        vq_irq_off(f.vq);
        assert_false(vq_irq_on(f.vq));
        assert_false(vq_irq_on_delayed(f.vq));
        vqf_down(&f);
    }
}

static void detaching_gives_each_buffer_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct vq_stats stats;
        unsigned seen = 0;
        struct vqf f;
        void *token;

        vqf_up(&f, 8, formats[i]);
        vqf_give(&f, 1, 1, 1);
        vqf_put(&f, 2, 0, 1);
        vqf_put(&f, 4, 3, 1);
        vq_stop(f.vq);
        assert_int_equal(vq_restart(f.vq, 8), VIO_E_BUSY);
        assert_int_equal(vq_in_flight(f.vq), 3);
        while ((token = vq_detach(f.vq)) != NULL) {
            assert_false(seen & (uintptr_t)token);
            seen |= (unsigned)(uintptr_t)token;
        }
        assert_int_equal(seen, 7);
        assert_int_equal(vq_in_flight(f.vq), 0);
        assert_null(vq_detach(f.vq));
        vq_get_stats(f.vq, &stats);
        assert_int_equal(stats.added, 3);
        assert_int_equal(stats.popped, 0);
        vqf_down(&f);
    }
}

static void a_restarted_queue_is_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        struct vqf f;

        vqf_up(&f, 8, formats[i]);
        for (unsigned n = 1; n <= 8; n++)
            vqf_give(&f, n, 1, 0);
        vq_stop(f.vq);
        while (vq_detach(f.vq) != NULL)
            ;
        assert_int_equal(vq_restart(f.vq, 16), VIO_E_MEMORY);
        assert_int_equal(vq_restart(f.vq, 0), VIO_E_ARG);
        assert_int_equal(vq_restart(f.vq, 4), VIO_OK);
        assert_int_equal(vq_state(f.vq), VQ_READY);
        assert_int_equal(vq_size(f.vq), 4);
        assert_int_equal(vq_room(f.vq), 4);
        assert_int_equal(vqf_add(&f, 1, 5, 0), VIO_E_TOO_LONG);
        vqf_put(&f, 1, 4, 0);
        vqf_expect(&f, 0, 0);
        vqf_down(&f);
    }
}

// Room in one of the two memories does not make up for the other's.
static void a_restarted_queue_fits_both_its_memories(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        for (unsigned small = 0; small < 2; small++) {
            _Alignas(4096) static uint8_t ring[4096];
            _Alignas(64) static uint8_t priv[4096];
            const struct vio_os os = {0};
            struct vq_config config = {
                .os = &os,
                .features = formats[i],
                .size = 8,
                .ring = ring,
                .ring_pa = VQF_PA,
                .ring_bytes = vq_ring_bytes(small == 0 ? 8 : 16, formats[i]),
                .priv = priv,
                .priv_bytes = vq_private_bytes(small == 1 ? 8 : 16, formats[i]),
                .notify = nothing,
            };
            struct vq *vq;

            assert_int_equal(vq_init(&config, &vq), VIO_OK);
            vq_stop(vq);
            assert_int_equal(vq_restart(vq, 16), VIO_E_MEMORY);
            assert_int_equal(vq_restart(vq, 8), VIO_OK);
        }
    }
}

static void a_broken_queue_can_be_emptied_and_restarted(void **state)
{
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, F_VERSION_1);
    vqf_give(&f, 1, 1, 0);
    put16(f.device + 2, 7);
    vqf_expect_broken(&f, VQ_FAULT_USED_INDEX, 7);
    assert_null(vq_detach(f.vq));
    assert_int_equal(vq_in_flight(f.vq), 1);
    vq_stop(f.vq);
    assert_ptr_equal(vq_detach(f.vq), vqf_token(1));
    assert_null(vq_detach(f.vq));
    assert_int_equal(vq_restart(f.vq, 8), VIO_OK);
    assert_int_equal(vq_fault(f.vq), VQ_FAULT_NONE);
    vqf_put(&f, 2, 1, 0);
    vqf_down(&f);
}

static void a_broken_queue_needs_no_callback(void **state)
{
    _Alignas(4096) static uint8_t ring[4096];
    _Alignas(64) static uint8_t priv[4096];
    const struct vio_os os = {0};
    const struct vq_config config = {
        .os = &os,
        .features = F_VERSION_1,
        .size = 8,
        .ring = ring,
        .ring_pa = VQF_PA,
        .ring_bytes = sizeof(ring),
        .priv = priv,
        .priv_bytes = sizeof(priv),
        .notify = nothing,
    };
    struct vq_areas areas;
    struct vq *vq;
    uint32_t len;

    (void)state;
    assert_int_equal(vq_init(&config, &vq), VIO_OK);
    vq_get_areas(vq, &areas);
    put16(ring + (areas.device - VQF_PA) + 2, 1);
    assert_null(vq_pop(vq, &len));
    assert_int_equal(vq_state(vq), VQ_BROKEN);
}

static void counters_count(void **state)
{
    struct vq_stats stats;
    struct vqf f;

    (void)state;
    vqf_up(&f, 8, F_VERSION_1);
    vqf_put(&f, 1, 1, 0);
    vq_kick(f.vq);
    vq_notify(f.vq);
    vq_get_stats(f.vq, &stats);
    assert_int_equal(stats.added, 1);
    assert_int_equal(stats.kicks, 2);
    vqf_down(&f);
}

static void every_fault_has_a_text(void **state)
{
    (void)state;
    for (int fault = 0; fault < VQ_FAULT_COUNT; fault++) {
        assert_non_null(vq_fault_text((enum vq_fault)fault));
        assert_string_not_equal(vq_fault_text((enum vq_fault)fault), "unknown fault");
    }
    assert_string_equal(vq_fault_text(VQ_FAULT_COUNT), "unknown fault");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_what_the_format_allows),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(a_stopped_queue_refuses_work),
        cmocka_unit_test(detaching_gives_each_buffer_once),
        cmocka_unit_test(a_restarted_queue_is_new),
        cmocka_unit_test(a_restarted_queue_fits_both_its_memories),
        cmocka_unit_test(a_broken_queue_can_be_emptied_and_restarted),
        cmocka_unit_test(a_broken_queue_needs_no_callback),
        cmocka_unit_test(counters_count),
        cmocka_unit_test(every_fault_has_a_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
