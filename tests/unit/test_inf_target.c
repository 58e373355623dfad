/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "inf/target.h"

static struct inf_target target(const char *text)
{
    struct inf_target made;

    assert_true(inf_target_parse(text, &made));
    return made;
}

static struct inf_decoration decoration(const char *text)
{
    struct inf_decoration made;

    assert_true(inf_decoration_parse(text, &made));
    return made;
}

static void targets_are_named_by_release_or_number(void **state)
{
    (void)state;
    struct inf_target made = target("W11/ARM64");
    assert_int_equal(made.arch, INF_ARCH_ARM64);
    assert_int_equal(made.build, 22000);
    assert_int_equal(made.product, INF_PRODUCT_WORKSTATION);
    made = target("10.0.19045/x86");
    assert_int_equal(made.arch, INF_ARCH_X86);
    assert_int_equal(made.build, 19045);

    static const char *const bad[] = {"w11",        "w11/",   "w12/amd64",       "10.0/x86",
                                      "10.0.x/x86", "/amd64", "10..19045/amd64", "w11/mips"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(inf_target_parse(bad[i], &made));
}

static void decorations_are_read_part_by_part(void **state)
{
    (void)state;
    struct inf_decoration made = decoration("ntAMD64.10.0...16299");
    assert_int_equal(made.arch, INF_ARCH_AMD64);
    assert_true(made.major_given && made.minor_given && made.build_given);
    assert_false(made.product_given || made.suite_given);
    assert_int_equal(made.major, 10);
    assert_int_equal(made.build, 16299);
    assert_int_equal(decoration("NT").arch, INF_ARCH_NONE);
    assert_int_equal(decoration("NT.6.1.3").product, 3);
    assert_int_equal(decoration("NTx86.0x5.1").major, 5);

    static const char *const bad[] = {"amd64",          "NTmips", "NTx86.a",
                                      "NT.1.2.3.4.5.6", "NT.-1",  "NTx86.99999999999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(inf_decoration_parse(bad[i], &made));
}

static bool fits(const char *decorated, const char *on)
{
    struct inf_decoration d = decoration(decorated);
    struct inf_target t = target(on);
    return inf_decoration_fits(&d, &t);
}

static void a_decoration_fits_its_own_and_later_windows(void **state)
{
    (void)state;
    assert_true(fits("NTamd64.10.0", "w10/amd64"));
    assert_true(fits("NTamd64.6.1", "w11/amd64"));
    assert_false(fits("NTamd64.10.0", "w8.1/amd64"));
    assert_false(fits("NTamd64.10.0", "w10/x86"));
    assert_true(fits("NT.6.0", "w10/x86"));
    assert_false(fits("NT", "w10/amd64"));
    assert_true(fits("NTarm64.10.0...16299", "w11/arm64"));
    assert_false(fits("NTamd64.10.0...22000", "2k22/amd64"));
    assert_false(fits("NTamd64.6.0...14310", "w10/amd64"));
    assert_true(fits("NTamd64.10.0.3", "2k22/amd64"));
    assert_false(fits("NTamd64.10.0.3", "w10/amd64"));
    assert_false(fits("NTamd64.10.0.3.128", "2k22/amd64"));
}

static void the_closest_decoration_is_the_highest(void **state)
{
    (void)state;
    struct inf_decoration old = decoration("NTamd64.6.1"), ten = decoration("NTamd64.10.0"),
                          built = decoration("NTamd64.10.0...16299"),
                          server = decoration("NTamd64.10.0.3");
    assert_true(inf_decoration_closer(&ten, &old));
    assert_true(inf_decoration_closer(&built, &ten));
    assert_true(inf_decoration_closer(&server, &ten));
    assert_false(inf_decoration_closer(&ten, &ten));
    assert_false(inf_decoration_closer(&old, &built));
}

static void releases_are_sorted_and_unique(void **state)
{
    (void)state;
    for (size_t i = 0; inf_release_at(i); i++) {
        const struct inf_release *release = inf_release_at(i);
        assert_ptr_equal(inf_release_named(release->name), release);
        if (i)
            assert_true(inf_release_at(i - 1)->build <= release->build);
    }
    assert_null(inf_release_named("w12"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_named_by_release_or_number),
        cmocka_unit_test(decorations_are_read_part_by_part),
        cmocka_unit_test(a_decoration_fits_its_own_and_later_windows),
        cmocka_unit_test(the_closest_decoration_is_the_highest),
        cmocka_unit_test(releases_are_sorted_and_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
