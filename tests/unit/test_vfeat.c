// SPDX-License-Identifier: GPL-3.0-or-later
//
// Feature bits, by their numbers in virtio 1.2, 6.

#include "tests/unit/unit.h"

#include <stdbool.h>
#include <string.h>

#include "drivers-src/virtio/vfeat.h"

#define BIT(n) ((uint64_t)1 << (n))

static void names_and_numbers_agree_with_the_specification(void **state)
{
    static const struct {
        unsigned bit;
        const char *name;
    } expected[] = {
        {24, "VIRTIO_F_NOTIFY_ON_EMPTY"},   {27, "VIRTIO_F_ANY_LAYOUT"},
        {28, "VIRTIO_F_INDIRECT_DESC"},     {29, "VIRTIO_F_EVENT_IDX"},
        {32, "VIRTIO_F_VERSION_1"},         {33, "VIRTIO_F_ACCESS_PLATFORM"},
        {34, "VIRTIO_F_RING_PACKED"},       {35, "VIRTIO_F_IN_ORDER"},
        {36, "VIRTIO_F_ORDER_PLATFORM"},    {37, "VIRTIO_F_SR_IOV"},
        {38, "VIRTIO_F_NOTIFICATION_DATA"}, {39, "VIRTIO_F_NOTIF_CONFIG_DATA"},
        {40, "VIRTIO_F_RING_RESET"},        {41, "VIRTIO_F_ADMIN_VQ"},
    };
    const struct vfeat *table;
    size_t count;

    (void)state;
    table = vfeat_table(&count);
    assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < count; i++) {
        const struct vfeat *row = vfeat_find(table, count, expected[i].bit);

        assert_non_null(row);
        assert_string_equal(row->name, expected[i].name);
        assert_true(strlen(row->clause) > 0);
    }
    assert_null(vfeat_find(table, count, 30));
    assert_null(vfeat_find(NULL, 0, 32));
}

static void reserved_bits_are_never_wanted(void **state)
{
    const uint64_t all = UINT64_MAX;
    const uint64_t kept = vfeat_filter(all);

    (void)state;
    // 24, 30 and 31, 37, 41 and up to 49 are reserved, unsupported, or not for a driver like these
    assert_int_equal(kept & (BIT(24) | BIT(25) | BIT(26) | BIT(30) | BIT(31) | BIT(37)), 0);
    for (unsigned bit = 41; bit < 50; bit++)
        assert_int_equal(kept & BIT(bit), 0);
    assert_int_equal(kept & 0xffffff, 0xffffff);
    assert_int_equal(kept >> 50, 0x3fff);
}

static void without_version_1_nothing_above_bit_31_is_wanted(void **state)
{
    (void)state;
    assert_int_equal(vfeat_filter(~BIT(32)) >> 32, 0);
    assert_int_equal(vfeat_filter(BIT(34) | BIT(29)), BIT(29));
    assert_int_equal(vfeat_filter(BIT(34) | BIT(32)), BIT(34) | BIT(32));
}

struct lines {
    unsigned count;
    struct vio_event line[8];
};

static void keep(void *ctx, const struct vio_event *event)
{
    struct lines *lines = ctx;

    assert_true(lines->count < 8);
    lines->line[lines->count++] = *event;
}

static void every_offered_bit_is_logged_by_name(void **state)
{
    static const struct vfeat device[] = {{9, "VIRTIO_TEST_F_NINE", "5.99"}};
    struct lines lines = {0};
    const struct vio_os os = {.log = keep, .ctx = &lines};

    (void)state;
    vfeat_log(&os, BIT(9) | BIT(10) | BIT(32), BIT(32), device, 1);
    assert_int_equal(lines.count, 3);
    assert_string_equal(lines.line[0].what, "VIRTIO_TEST_F_NINE");
    assert_int_equal(lines.line[0].value, 9);
    assert_int_equal(lines.line[0].limit, 0);
    assert_string_equal(lines.line[1].what, "unknown feature");
    assert_string_equal(lines.line[2].what, "VIRTIO_F_VERSION_1");
    assert_int_equal(lines.line[2].limit, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_numbers_agree_with_the_specification),
        cmocka_unit_test(reserved_bits_are_never_wanted),
        cmocka_unit_test(without_version_1_nothing_above_bit_31_is_wanted),
        cmocka_unit_test(every_offered_bit_is_logged_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
