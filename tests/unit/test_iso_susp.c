/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System use fields: what libiso9660 may be shown. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "iso/reader_private.h"

/* The area lies at the end of its own allocation, so that a sanitizer sees every step outside. */
static bool check(const char *bytes, size_t size, struct iso_continuation *next,
                  const char **reason)
{
    uint8_t *area = malloc(size + !size);
    assert_non_null(area);
    memcpy(area, bytes, size);
    bool good = iso_check_system_use((struct vf_view){area, size}, next, reason);
    free(area);
    return good;
}

#define ASSERT_GOOD(bytes)                                           \
    do {                                                             \
        const char *reason;                                          \
        assert_true(check(bytes, sizeof(bytes) - 1, NULL, &reason)); \
    } while (0)

#define ASSERT_REFUSED(bytes, expected)                               \
    do {                                                              \
        const char *reason;                                           \
        assert_false(check(bytes, sizeof(bytes) - 1, NULL, &reason)); \
        assert_non_null(strstr(reason, expected));                    \
    } while (0)

#define PX     \
    "PX\x24\1" \
    "01234567" \
    "01234567" \
    "01234567" \
    "01234567"
#define TF         \
    "TF\x1A\1\x0E" \
    "1234567"      \
    "1234567"      \
    "1234567"

static void ordinary_fields_are_good(void **state)
{
    (void)state;
    ASSERT_GOOD("");
    ASSERT_GOOD("\0");
    ASSERT_GOOD("NM\x09\1\0name");
    ASSERT_GOOD(PX TF "NM\x07\1\0ab");
    ASSERT_GOOD("RR\5\1\x89" PX "NM\6\1\0a");
}

static void lengths_below_what_is_read_are_refused(void **state)
{
    (void)state;
    ASSERT_REFUSED("NM\4\1", "malformed");
    ASSERT_REFUSED("PX\x23\1"
                   "01234567"
                   "01234567"
                   "01234567"
                   "0123456",
                   "malformed");
    ASSERT_REFUSED("TF\x0B\1\x0E"
                   "123456",
                   "malformed");
    ASSERT_REFUSED("TF\x0D\1\x81"
                   "12345678",
                   "malformed");
    ASSERT_REFUSED("SP\6\1\xBE\xEF", "malformed");
    ASSERT_REFUSED("ER\x09\1\5\5\5\1x", "malformed");
}

static void lengths_beyond_the_record_are_refused(void **state)
{
    (void)state;
    ASSERT_REFUSED("NM\x0A\1\0name", "malformed");
    ASSERT_REFUSED("ZZ\xFF\1", "malformed");
    ASSERT_REFUSED("ZZ\3\1", "malformed");
}

static void a_zero_length_ends_the_fields(void **state)
{
    (void)state;
    ASSERT_GOOD("ZZ\0\1trailing");
}

static void rests_that_would_be_read_are_refused(void **state)
{
    (void)state;
    ASSERT_REFUSED("NM\6\1\0a"
                   "NM",
                   "malformed");
    ASSERT_REFUSED("NM\6\1\0a"
                   "NM\7",
                   "malformed");
    ASSERT_GOOD("NM\6\1\0a"
                "NM\0");
}

static void names_that_are_not_whole_are_refused(void **state)
{
    (void)state;
    ASSERT_REFUSED("NM\x09\1\1name", "malformed");
    ASSERT_REFUSED("NM\x09\1\0na\0e", "malformed");
}

static void links_and_moved_directories_are_refused(void **state)
{
    (void)state;
    ASSERT_REFUSED("SL\x09\1\0\0\2..", "symbolic link");
    ASSERT_REFUSED("RE\4\1", "moved directory");
    ASSERT_REFUSED("CL\x0C\1"
                   "12345678",
                   "moved directory");
    ASSERT_REFUSED("PL\x0C\1"
                   "12345678",
                   "moved directory");
}

static void one_continuation_is_told(void **state)
{
    (void)state;
    static const char area[] = "CE\x1C\1"
                               "\1\0\0\0\0\0\0\1"
                               "\2\0\0\0\0\0\0\2"
                               "\3\0\0\0\0\0\0\3";
    char twice[2 * (sizeof(area) - 1)];
    struct iso_continuation next = {false, 0, 0, 0};
    const char *reason;
    assert_true(check(area, sizeof(area) - 1, &next, &reason));
    assert_true(next.there);
    assert_int_equal(next.extent, 1);
    assert_int_equal(next.offset, 2);
    assert_int_equal(next.size, 3);
    assert_false(check(area, sizeof(area) - 1, NULL, &reason));
    memcpy(twice, area, sizeof(area) - 1);
    memcpy(twice + sizeof(area) - 1, area, sizeof(area) - 1);
    next.there = false;
    assert_false(check(twice, sizeof(twice), &next, &reason));
    twice[4]++;
    next.there = false;
    assert_false(check(twice, sizeof(area) - 1, &next, &reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_fields_are_good),
        cmocka_unit_test(lengths_below_what_is_read_are_refused),
        cmocka_unit_test(lengths_beyond_the_record_are_refused),
        cmocka_unit_test(a_zero_length_ends_the_fields),
        cmocka_unit_test(rests_that_would_be_read_are_refused),
        cmocka_unit_test(names_that_are_not_whole_are_refused),
        cmocka_unit_test(links_and_moved_directories_are_refused),
        cmocka_unit_test(one_continuation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
