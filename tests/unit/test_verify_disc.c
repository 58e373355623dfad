/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules about a disc as a whole, on folders: each is broken once and must be named. */
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builder/verify/tree.h"
#include "builder/verify/verify.h"
#include "util/digest.h"
#include "util/outfile.h"

/* How often a rule was found broken in the folder "t"; *path is the first such file's. */
static size_t broken(enum verify_rule_id rule, char path[256])
{
    struct tree *tree;
    struct verify_report *report;
    struct verify_options options = {NULL, 0};
    size_t count = 0;

    assert_int_equal(tree_open("t", &tree, NULL), VF_OK);
    assert_int_equal(verify_run(tree, &options, &report, NULL), VF_OK);
    for (size_t i = 0; i < verify_finding_count(report); i++) {
        const struct verify_finding *f = verify_finding_at(report, i);
        if (f->rule != rule)
            continue;
        if (count++ == 0 && path)
            snprintf(path, 256, "%s", f->path);
    }
    verify_report_free(report);
    tree_close(tree);
    return count;
}

static void a_folder_without_inf_is_no_driver_disc(void **state)
{
    (void)state;
    scratch_put("t/readme.txt", "x");
    assert_int_equal(broken(RULE_NO_PACKAGE, NULL), 1);
}

static void names_windows_cannot_hold_are_found(void **state)
{
    (void)state;
    char path[256], name[80];
    scratch_put("t/good.txt", "");
    assert_int_equal(broken(RULE_NAME, NULL), 0);
    scratch_put("t/se;mi.txt", "");
    assert_int_equal(broken(RULE_NAME, path), 1);
    assert_string_equal(path, "se;mi.txt");
    scratch_put("t/\xff.txt", "");
    assert_int_equal(broken(RULE_NAME, NULL), 2);
    memset(name, 'n', sizeof(name));
    memcpy(name, "t/", 2);
    name[2 + 64] = '\0';
    scratch_put(name, "");
    assert_int_equal(broken(RULE_NAME, NULL), 2);
    name[2 + 64] = 'n';
    name[2 + 65] = '\0';
    scratch_put(name, "");
    assert_int_equal(broken(RULE_NAME, NULL), 3);
}

static void names_that_differ_in_case_only_are_found(void **state)
{
    (void)state;
    scratch_put("t/a/File", "");
    scratch_put("t/a/fILE", "");
    scratch_put("t/b/file", "");
    assert_int_equal(broken(RULE_CASE, NULL), 1);
}

static void short_trees_hold_storage_only_and_equal_the_long_one(void **state)
{
    (void)state;
    char path[256];
    scratch_put("t/viostor/w11/amd64/viostor.sys", "one");
    scratch_put("t/viorng/w11/amd64/viorng.sys", "rng");
    assert_int_equal(broken(RULE_SHORT_MISSING, NULL), 0); /* no short trees, no rule */
    scratch_put("t/amd64/w11/viostor.sys", "one");
    assert_int_equal(broken(RULE_SHORT_DRIVER, NULL), 0);
    assert_int_equal(broken(RULE_SHORT_DIFFERS, NULL), 0);
    assert_int_equal(broken(RULE_SHORT_MISSING, NULL), 0);
    scratch_put("t/amd64/w11/viorng.sys", "rng");
    assert_int_equal(broken(RULE_SHORT_DRIVER, path), 1);
    assert_string_equal(path, "amd64/w11/viorng.sys");
    scratch_put("t/amd64/w11/viostor.sys", "two");
    assert_int_equal(broken(RULE_SHORT_DIFFERS, path), 1);
    assert_string_equal(path, "amd64/w11/viostor.sys");
    scratch_put("t/viostor/w10/x86/viostor.sys", "x");
    assert_int_equal(broken(RULE_SHORT_MISSING, path), 1);
    assert_string_equal(path, "viostor/w10/x86/viostor.sys");
    scratch_put("t/i386/w10/viostor.sys", "x");
    assert_int_equal(broken(RULE_SHORT_MISSING, NULL), 0);
}

static void sums_are_held_against_every_file(void **state)
{
    (void)state;
    struct vf_digest digest;
    char hex[VF_DIGEST_HEX_MAX], sums[512], path[256];
    scratch_put("t/f", "content");
    assert_int_equal(broken(RULE_SUMS_MISSING, NULL), 0); /* a folder needs none */
    assert_int_equal(vf_digest_file(VF_SHA256, "t/f", &digest, NULL), VF_OK);
    vf_digest_hex(&digest, hex);
    snprintf(sums, sizeof(sums), "%s  f\n", hex);
    scratch_put("t/SHA256SUMS", sums);
    assert_int_equal(broken(RULE_SUMS_DIFFER, NULL), 0);
    assert_int_equal(broken(RULE_SUMS_MISSING, NULL), 0);
    scratch_put("t/f", "Content");
    assert_int_equal(broken(RULE_SUMS_DIFFER, path), 1);
    assert_string_equal(path, "f");
    scratch_put("t/g", "");
    assert_int_equal(broken(RULE_SUMS_MISSING, path), 1);
    assert_string_equal(path, "g");
    scratch_put("t/SHA256SUMS", "not a sum\n");
    assert_int_equal(broken(RULE_SUMS_DIFFER, NULL), 1);
    snprintf(sums, sizeof(sums), "%s  absent\n", hex);
    scratch_put("t/SHA256SUMS", sums);
    assert_int_equal(broken(RULE_SUMS_DIFFER, NULL), 1);
}

static void info_json_must_name_what_is_there(void **state)
{
    (void)state;
    scratch_put("t/a.inf", "");
    scratch_put("t/data/info.json", "{\"drivers\": [{\"inf_path\": \"a.inf\"}]}");
    assert_int_equal(broken(RULE_INFO, NULL), 0);
    scratch_put("t/data/info.json", "{\"drivers\": [{\"inf_path\": \"b.inf\"}]}");
    assert_int_equal(broken(RULE_INFO, NULL), 1);
    scratch_put("t/data/info.json", "{\"drivers\": [{}]}");
    assert_int_equal(broken(RULE_INFO, NULL), 1);
    scratch_put("t/data/info.json", "{\"drivers\": 1}");
    assert_int_equal(broken(RULE_INFO, NULL), 1);
    scratch_put("t/data/info.json", "{");
    assert_int_equal(broken(RULE_INFO, NULL), 1);
}

static void every_rule_has_a_name_of_its_own_and_says_what_to_do(void **state)
{
    (void)state;
    for (int a = 0; a < RULE_COUNT; a++) {
        const struct verify_rule *rule = verify_rule((enum verify_rule_id)a);
        assert_non_null(rule->name);
        assert_true(rule->expected && *rule->expected);
        assert_true(rule->remedy && *rule->remedy);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(rule->name, verify_rule((enum verify_rule_id)b)->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(a_folder_without_inf_is_no_driver_disc),
        SCRATCH_TEST(names_windows_cannot_hold_are_found),
        SCRATCH_TEST(names_that_differ_in_case_only_are_found),
        SCRATCH_TEST(short_trees_hold_storage_only_and_equal_the_long_one),
        SCRATCH_TEST(sums_are_held_against_every_file),
        SCRATCH_TEST(info_json_must_name_what_is_there),
        cmocka_unit_test(every_rule_has_a_name_of_its_own_and_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
