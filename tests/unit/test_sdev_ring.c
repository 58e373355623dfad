// SPDX-License-Identifier: GPL-3.0-or-later
//
// The software device against a driver written by hand, well-behaved and not: an oracle that finds
// nothing proves nothing, so each fault it claims to find is shown to it once.

#include "tests/device/sdev_ring.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { NUM = 8, BUF = 64 };

struct desc {
    uint64_t addr;
    uint32_t len;
    uint16_t a; // split: flags; packed: id
    uint16_t b; // split: next; packed: flags
};

struct fixture {
    struct sdev_faults faults;
    struct sdev_mem *mem;
    struct sdev_ring_cfg cfg;
    struct sdev_ring *ring;
    struct desc *desc;
    uint16_t *driver;
    uint16_t *device;
    uint8_t *buf;
    uint64_t buf_gpa;
    struct desc *table;
    uint64_t table_gpa;
};

static void ring_up(struct fixture *f, uint64_t features)
{
    memset(f, 0, sizeof(*f));
    f->mem = sdev_mem_new(&f->faults, 0);
    assert_non_null(f->mem);
    f->cfg = (struct sdev_ring_cfg){
        .mem = f->mem, .faults = &f->faults, .features = features, .num = NUM};
    f->desc = sdev_mem_alloc(f->mem, 16ull * NUM, 16, &f->cfg.desc);
    f->driver = sdev_mem_alloc(f->mem, 64, 16, &f->cfg.driver);
    f->device = sdev_mem_alloc(f->mem, 128, 16, &f->cfg.device);
    f->buf = sdev_mem_alloc(f->mem, BUF, 16, &f->buf_gpa);
    f->table = sdev_mem_alloc(f->mem, 16ull * NUM, 16, &f->table_gpa);
    f->ring = sdev_ring_new(&f->cfg);
    assert_non_null(f->ring);
}

static void ring_down(struct fixture *f)
{
    sdev_ring_free(f->ring);
    sdev_mem_free(f->mem);
}

static void split_show(struct fixture *f, uint16_t slot, uint16_t head)
{
    f->driver[2 + slot % NUM] = head;
    f->driver[1] = (uint16_t)(slot + 1);
}

static void put(struct desc *d, uint64_t addr, uint32_t len, unsigned a, unsigned b)
{
    *d = (struct desc){.addr = addr, .len = len, .a = (uint16_t)a, .b = (uint16_t)b};
}

static void expect_fault(const struct fixture *f, const char *text)
{
    if (strstr(f->faults.first, text) == NULL)
        fail_msg("wanted a fault with \"%s\", got \"%s\"", text, f->faults.first);
}

static void split_chain_is_read_and_given_back(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, 0);
    put(&f.desc[3], f.buf_gpa, 16, SDEV_DESC_F_NEXT, 5);
    put(&f.desc[5], f.buf_gpa + 16, 8, SDEV_DESC_F_WRITE, 0);
    split_show(&f, 0, 3);

    struct sdev_chain *chain = sdev_ring_fetch(f.ring);
    assert_non_null(chain);
    assert_int_equal(chain->id, 3);
    assert_int_equal(chain->n_seg, 2);
    assert_int_equal(chain->readable, 16);
    assert_int_equal(chain->writable, 8);
    assert_int_equal(sdev_chain_write(chain, 2, "abc", 3), 3);
    assert_memory_equal(f.buf + 18, "abc", 3);
    sdev_ring_use(f.ring, chain, 5);
    assert_int_equal(f.device[1], 1);
    assert_int_equal(f.device[2], 3);
    assert_int_equal(f.device[4], 5);
    assert_null(sdev_ring_fetch(f.ring));
    assert_int_equal(f.faults.count, 0);
    ring_down(&f);
}

static void packed_list_is_read_and_one_slot_given_back(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, SDEV_F_RING_PACKED);
    put(&f.desc[0], f.buf_gpa, 16, 0, SDEV_DESC_F_AVAIL | SDEV_DESC_F_NEXT);
    put(&f.desc[1], f.buf_gpa + 16, 8, 6, SDEV_DESC_F_AVAIL | SDEV_DESC_F_WRITE);

    struct sdev_chain *chain = sdev_ring_fetch(f.ring);
    assert_non_null(chain);
    assert_int_equal(chain->id, 6);
    assert_int_equal(chain->slots, 2);
    sdev_ring_use(f.ring, chain, 8);
    assert_int_equal(f.desc[0].a, 6);
    assert_int_equal(f.desc[0].b, SDEV_DESC_F_AVAIL | SDEV_DESC_F_USED | SDEV_DESC_F_WRITE);
    assert_int_equal(f.desc[1].b, SDEV_DESC_F_AVAIL | SDEV_DESC_F_WRITE);
    assert_int_equal(sdev_ring_next_used(f.ring), 2);
    assert_int_equal(f.faults.count, 0);
    ring_down(&f);
}

static void in_order_batch_writes_one_used_entry(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, SDEV_F_IN_ORDER);
    struct sdev_chain *last = NULL;
    for (uint16_t i = 0; i < 3; i++) {
        put(&f.desc[i], f.buf_gpa, 16, SDEV_DESC_F_WRITE, 0);
        split_show(&f, i, i);
        last = sdev_ring_fetch(f.ring);
        assert_non_null(last);
    }
    assert_int_equal(sdev_ring_use_batch(f.ring, last, 4), 3);
    assert_int_equal(f.device[1], 3);
    assert_int_equal(f.device[2], 2);
    assert_int_equal(sdev_ring_outstanding(f.ring), 0);
    assert_int_equal(f.faults.count, 0);
    ring_down(&f);
}

static void split_event_index_decides_over_the_wrap(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, SDEV_F_EVENT_IDX);
    sdev_split_raw_avail_event(f.ring, 65535);
    assert_false(sdev_ring_kick_wanted(f.ring, 65530, 65535));
    assert_true(sdev_ring_kick_wanted(f.ring, 65535, 65536));
    assert_true(sdev_ring_kick_wanted(f.ring, 65530, 65540));
    assert_false(sdev_ring_kick_wanted(f.ring, 65536, 65540));
    assert_true(sdev_ring_kick_wanted(f.ring, 131070, 131080));
    ring_down(&f);
}

static void packed_event_needs_slot_and_turn(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, SDEV_F_RING_PACKED | SDEV_F_EVENT_IDX);
    sdev_packed_raw_event(f.ring, 3, SDEV_EVENT_DESC); // slot 3 with wrap counter 0: second turn
    assert_false(sdev_ring_kick_wanted(f.ring, 0, 8));
    assert_true(sdev_ring_kick_wanted(f.ring, 8, 12));
    assert_false(sdev_ring_kick_wanted(f.ring, 12, 27));
    assert_true(sdev_ring_kick_wanted(f.ring, 12, 28));
    ring_down(&f);
}

static void split_faults_are_found(void **state)
{
    static const struct {
        uint64_t features;
        struct desc first;
        struct desc second;
        const char *text;
    } rows[] = {
        {0, {.a = SDEV_DESC_F_NEXT, .len = 4, .b = 0}, {0}, "does not end"},
        {0, {.a = SDEV_DESC_F_NEXT, .len = 4, .b = NUM}, {0}, "goes on at 8 of 8"},
        {0, {.a = 8, .len = 4}, {0}, "has flags 0x8"},
        {0, {.a = 0, .len = 0}, {0}, "length 0"},
        {0, {.a = 0, .len = BUF + 1}, {0}, "not registered memory"},
        {0,
         {.a = SDEV_DESC_F_NEXT | SDEV_DESC_F_WRITE, .len = 4, .b = 1},
         {.len = 4},
         "readable element after"},
        {0, {.a = SDEV_DESC_F_INDIRECT, .len = 16}, {0}, "without the feature"},
        {SDEV_F_INDIRECT_DESC, {.a = SDEV_DESC_F_INDIRECT, .len = 15}, {0}, "table of 15 bytes"},
        {SDEV_F_INDIRECT_DESC,
         {.a = SDEV_DESC_F_INDIRECT | SDEV_DESC_F_NEXT, .len = 16, .b = 1},
         {0},
         "INDIRECT and NEXT"},
        {SDEV_F_IN_ORDER, {.a = SDEV_DESC_F_NEXT, .len = 4, .b = 2}, {0}, "with IN_ORDER"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;

        ring_up(&f, rows[i].features);
        f.desc[0] = rows[i].first;
        f.desc[1] = rows[i].second;
        f.desc[0].addr = f.desc[1].addr = f.buf_gpa;
        split_show(&f, 0, 0);
        sdev_ring_fetch(f.ring);
        expect_fault(&f, rows[i].text);
        ring_down(&f);
    }
}

static void split_indirect_faults_are_found(void **state)
{
    static const struct {
        struct desc entry;
        const char *text;
    } rows[] = {
        {{.a = SDEV_DESC_F_INDIRECT, .len = 4}, "flags 0x4 in an indirect"},
        {{.a = SDEV_DESC_F_NEXT, .len = 4, .b = 0}, "does not end"},
        {{.a = SDEV_DESC_F_NEXT, .len = 4, .b = 2}, "does not end"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;

        ring_up(&f, SDEV_F_INDIRECT_DESC);
        put(&f.desc[0], f.table_gpa, 32, SDEV_DESC_F_INDIRECT, 0);
        f.table[0] = rows[i].entry;
        f.table[0].addr = f.buf_gpa;
        put(&f.table[1], f.buf_gpa, 4, 0, 0);
        split_show(&f, 0, 0);
        sdev_ring_fetch(f.ring);
        expect_fault(&f, rows[i].text);
        ring_down(&f);
    }
}

static void split_head_shown_twice_is_found(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, 0);
    put(&f.desc[0], f.buf_gpa, 4, 0, 0);
    split_show(&f, 0, 0);
    assert_non_null(sdev_ring_fetch(f.ring));
    split_show(&f, 1, 0);
    assert_null(sdev_ring_fetch(f.ring));
    expect_fault(&f, "made available twice");
    ring_down(&f);
}

static void split_descriptor_changed_behind_the_device_is_found(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, 0);
    put(&f.desc[0], f.buf_gpa, 4, SDEV_DESC_F_NEXT, 1);
    put(&f.desc[1], f.buf_gpa, 4, 0, 0);
    split_show(&f, 0, 0);
    struct sdev_chain *chain = sdev_ring_fetch(f.ring);
    assert_non_null(chain);
    f.desc[1].len = 8;
    sdev_ring_use(f.ring, chain, 0);
    expect_fault(&f, "descriptor 1 changed");
    ring_down(&f);
}

static void split_available_index_that_runs_away_is_found(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, 0);
    f.driver[1] = NUM + 1;
    assert_true(sdev_ring_available(f.ring));
    expect_fault(&f, "9 past 0");
    ring_down(&f);
}

static void packed_list_shown_too_early_is_found(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, SDEV_F_RING_PACKED);
    put(&f.desc[0], f.buf_gpa, 4, 0, SDEV_DESC_F_AVAIL | SDEV_DESC_F_NEXT);
    put(&f.desc[1], f.buf_gpa, 4, 0, 0);
    sdev_ring_fetch(f.ring);
    expect_fault(&f, "list shown before");
    ring_down(&f);
}

static void packed_list_without_end_is_found(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, SDEV_F_RING_PACKED);
    for (unsigned i = 0; i < NUM; i++)
        put(&f.desc[i], f.buf_gpa, 4, 0, SDEV_DESC_F_AVAIL | SDEV_DESC_F_NEXT);
    assert_null(sdev_ring_fetch(f.ring));
    expect_fault(&f, "longer than the room");
    ring_down(&f);
}

static void packed_indirect_entry_with_flags_is_found(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, SDEV_F_RING_PACKED | SDEV_F_INDIRECT_DESC);
    put(&f.table[0], f.buf_gpa, 4, 0, SDEV_DESC_F_NEXT);
    put(&f.desc[0], f.table_gpa, 16, 0, SDEV_DESC_F_AVAIL | SDEV_DESC_F_INDIRECT);
    sdev_ring_fetch(f.ring);
    expect_fault(&f, "flags 0x1 in an indirect");
    ring_down(&f);
}

static void reserved_interrupt_wishes_are_found(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, SDEV_F_EVENT_IDX);
    put(&f.desc[0], f.buf_gpa, 4, 0, 0);
    split_show(&f, 0, 0);
    sdev_ring_use(f.ring, sdev_ring_fetch(f.ring), 0);
    f.driver[0] = 1;
    sdev_ring_should_interrupt(f.ring);
    expect_fault(&f, "with EVENT_IDX");
    ring_down(&f);
}

static void areas_must_be_aligned_and_inside_memory(void **state)
{
    struct fixture f;

    (void)state;
    ring_up(&f, 0);
    struct sdev_ring_cfg cfg = f.cfg;
    cfg.desc += 8;
    assert_null(sdev_ring_new(&cfg));
    expect_fault(&f, "not a multiple of 16");
    cfg = f.cfg;
    cfg.num = 6;
    assert_null(sdev_ring_new(&cfg));
    cfg = f.cfg;
    cfg.device += SDEV_PAGE - 16;
    assert_null(sdev_ring_new(&cfg));
    assert_int_equal(f.faults.count, 3);
    ring_down(&f);
}

static void freed_memory_is_never_valid_again(void **state)
{
    struct sdev_faults faults = {0};
    struct sdev_mem *mem = sdev_mem_new(&faults, 1);
    uint64_t first = 0;
    uint64_t second = 0;

    (void)state;
    assert_non_null(sdev_mem_alloc(mem, 100, 8, &first));
    uint8_t *host = sdev_mem_alloc(mem, 100, 8, &second);
    assert_ptr_equal(sdev_mem_at(mem, second + 99, 1, "test"), host + 99);
    assert_int_equal(sdev_mem_gpa(mem, host + 7), second + 7);
    assert_int_equal(faults.count, 0);
    assert_null(sdev_mem_at(mem, second + 99, 2, "test"));
    assert_null(sdev_mem_at(mem, UINT64_MAX, UINT64_MAX, "test"));
    sdev_mem_release(mem, first);
    assert_null(sdev_mem_at(mem, first, 1, "test"));
    assert_int_equal(faults.count, 3);
    assert_int_equal(sdev_mem_ranges(mem), 1);
    sdev_mem_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_chain_is_read_and_given_back),
        cmocka_unit_test(packed_list_is_read_and_one_slot_given_back),
        cmocka_unit_test(in_order_batch_writes_one_used_entry),
        cmocka_unit_test(split_event_index_decides_over_the_wrap),
        cmocka_unit_test(packed_event_needs_slot_and_turn),
        cmocka_unit_test(split_faults_are_found),
        cmocka_unit_test(split_indirect_faults_are_found),
        cmocka_unit_test(split_head_shown_twice_is_found),
        cmocka_unit_test(split_descriptor_changed_behind_the_device_is_found),
        cmocka_unit_test(split_available_index_that_runs_away_is_found),
        cmocka_unit_test(packed_list_shown_too_early_is_found),
        cmocka_unit_test(packed_list_without_end_is_found),
        cmocka_unit_test(packed_indirect_entry_with_flags_is_found),
        cmocka_unit_test(reserved_interrupt_wishes_are_found),
        cmocka_unit_test(areas_must_be_aligned_and_inside_memory),
        cmocka_unit_test(freed_memory_is_never_valid_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
