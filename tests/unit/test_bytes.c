/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "util/bytes.h"
#include "util/checked.h"

static void sub_view_stays_inside(void **state)
{
    (void)state;
    const uint8_t data[4] = {1, 2, 3, 4};
    struct vf_view part, all = {data, sizeof(data)};
    assert_true(vf_view_sub(all, 1, 3, &part));
    assert_int_equal(part.size, 3);
    assert_int_equal(part.data[0], 2);
    assert_true(vf_view_sub(all, 4, 0, &part));
    assert_false(vf_view_sub(all, 2, 3, &part));
    assert_false(vf_view_sub(all, 5, 0, &part));
    assert_false(vf_view_sub(all, UINT64_MAX, 2, &part));
}

static void buffer_grows_and_keeps_content(void **state)
{
    (void)state;
    struct vf_buf buf = VF_BUF_INIT;
    for (int i = 0; i < 1000; i++)
        vf_buf_append_byte(&buf, (uint8_t)i);
    assert_true(vf_buf_ok(&buf));
    assert_int_equal(buf.size, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buf.data[i], (uint8_t)i);
    vf_buf_free(&buf);
    assert_int_equal(buf.size, 0);
}

static void impossible_growth_is_remembered(void **state)
{
    (void)state;
    struct vf_buf buf = VF_BUF_INIT;
    vf_buf_append_text(&buf, "kept");
    assert_false(vf_buf_reserve(&buf, SIZE_MAX - 2));
    vf_buf_append_text(&buf, "dropped");
    assert_false(vf_buf_ok(&buf));
    assert_int_equal(buf.size, 4);
    assert_null(vf_buf_text(&buf));
    vf_buf_free(&buf);
}

static void printf_and_align_append(void **state)
{
    (void)state;
    struct vf_buf buf = VF_BUF_INIT;
    vf_buf_printf(&buf, "%d-%s", 42, "x");
    vf_buf_align(&buf, 8);
    assert_int_equal(buf.size, 8);
    assert_memory_equal(buf.data, "42-x\0\0\0\0", 8);
    vf_buf_align(&buf, 8);
    assert_int_equal(buf.size, 8);
    assert_string_equal(vf_buf_text(&buf), "42-x");
    vf_buf_free(&buf);
}

static void numbers_round_trip_in_both_orders(void **state)
{
    (void)state;
    uint8_t b[8];
    vf_put_le64(b, 0x0123456789abcdefu);
    assert_int_equal(b[0], 0xef);
    assert_true(vf_le64(b) == 0x0123456789abcdefu);
    vf_put_be32(b, 0xfedcba98u);
    assert_int_equal(b[0], 0xfe);
    assert_true(vf_be32(b) == 0xfedcba98u);
    assert_int_equal(vf_be16(b), 0xfedc);
}

static void checked_sums_refuse_to_wrap(void **state)
{
    (void)state;
    size_t s;
    uint64_t u;
    assert_false(vf_add_size(SIZE_MAX, 1, &s));
    assert_true(vf_add_size(SIZE_MAX - 1, 1, &s));
    assert_false(vf_mul_size(SIZE_MAX / 2, 3, &s));
    assert_false(vf_add_u64(UINT64_MAX, 1, &u));
    assert_false(vf_mul_u64(UINT64_MAX, 2, &u));
    assert_true(vf_range_ok(10, 0, 10));
    assert_false(vf_range_ok(10, 1, 10));
    assert_false(vf_range_ok(1, UINT64_MAX, 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_view_stays_inside),
        cmocka_unit_test(buffer_grows_and_keeps_content),
        cmocka_unit_test(impossible_growth_is_remembered),
        cmocka_unit_test(printf_and_align_append),
        cmocka_unit_test(numbers_round_trip_in_both_orders),
        cmocka_unit_test(checked_sums_refuse_to_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
