/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "util/utf16.h"

#define VIEW(text) ((struct vf_view){(const uint8_t *)(text), sizeof(text) - 1})

static void text_round_trips_in_both_orders(void **state)
{
    (void)state;
    /* one, two, three and four bytes a character */
    struct vf_view text = VIEW("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\xBE");
    for (int e = VF_LITTLE; e <= VF_BIG; e++) {
        struct vf_buf units = VF_BUF_INIT, back = VF_BUF_INIT;
        assert_true(vf_utf8_to_utf16(text, (enum vf_endian)e, &units));
        assert_int_equal(units.size, 10);
        assert_true(vf_utf16_to_utf8(vf_view_of(&units), (enum vf_endian)e, &back));
        assert_true(vf_view_equal(vf_view_of(&back), text));
        vf_buf_free(&units);
        vf_buf_free(&back);
    }
}

static void byte_order_is_as_asked(void **state)
{
    (void)state;
    struct vf_buf units = VF_BUF_INIT;
    assert_true(vf_utf8_to_utf16(VIEW("A"), VF_LITTLE, &units));
    assert_true(vf_utf8_to_utf16(VIEW("A"), VF_BIG, &units));
    assert_memory_equal(units.data, "A\0\0A", 4);
    vf_buf_free(&units);
}

static void malformed_utf8_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"\x80", 1},             /* continuation alone */
        {"\xC3", 1},             /* cut short */
        {"\xC0\x80", 2},         /* overlong */
        {"\xE0\x80\x80", 3},     /* overlong */
        {"\xED\xA0\x80", 3},     /* surrogate */
        {"\xF4\x90\x80\x80", 4}, /* above U+10FFFF */
        {"\xE2\x82\x41", 3},     /* continuation missing */
        {"\xFF", 1},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct vf_buf units = VF_BUF_INIT;
        struct vf_view view = {(const uint8_t *)bad[i].bytes, bad[i].size};
        assert_false(vf_utf8_to_utf16(view, VF_LITTLE, &units));
        vf_buf_free(&units);
    }
}

static void malformed_utf16_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"A", 1},                /* odd */
        {"\x00\xD8", 2},         /* high surrogate at the end */
        {"\x00\xD8\x41\x00", 4}, /* high without low */
        {"\x00\xDC", 2},         /* low alone */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct vf_buf text = VF_BUF_INIT;
        struct vf_view view = {(const uint8_t *)bad[i].bytes, bad[i].size};
        assert_false(vf_utf16_to_utf8(view, VF_LITTLE, &text));
        vf_buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_round_trips_in_both_orders),
        cmocka_unit_test(byte_order_is_as_asked),
        cmocka_unit_test(malformed_utf8_is_refused),
        cmocka_unit_test(malformed_utf16_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
