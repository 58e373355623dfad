/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/unit/cat_fixture.h"
#include "tests/unit/pe_fixture.h"

static void recent_systems_get_both_digests(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    struct cat_list *list = cat_fixture_list(&fixture, "10_X64,Server10_X64");
    assert_int_equal(list->version, 2);
    assert_int_equal(list->entry_count, 4);
    for (int i = 0; i < 2; i++) {
        const struct cat_entry *weak = cat_find(list, &fixture.members[i].sha1);
        const struct cat_entry *strong = cat_find(list, &fixture.members[i].sha256);
        assert_non_null(weak);
        assert_non_null(strong);
        assert_false(weak->has_statement);
        assert_true(strong->has_statement);
        assert_int_equal(strong->kind, i ? SPC_FLAT : SPC_IMAGE);
        assert_string_equal(cat_entry_value(strong, "File"), i ? "driver.inf" : "driver.sys");
        assert_string_equal(cat_entry_value(strong, "OSAttr"), "2:10.0");
    }
    assert_string_equal(cat_list_value(list, "OS"), "_v100_X64,Server_v100_X64");
    cat_list_free(list);
    cat_fixture_free(&fixture);
}

static void an_old_system_makes_it_version_one(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    struct cat_list *list = cat_fixture_list(&fixture, "10_X64,7_X64,XP_X64");
    assert_int_equal(list->version, 1);
    assert_int_equal(list->entry_count, 2);
    assert_string_equal(cat_entry_value(&list->entries[0], "OSAttr"), "2:5.1,2:5.2,2:6.1,2:10.0");
    assert_true(list->entries[0].has_statement);
    cat_list_free(list);
    cat_fixture_free(&fixture);
}

static void hardware_ids_are_kept_once_and_stored_backwards(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    struct cat_list *list = cat_fixture_list(&fixture, "10_X64");
    assert_int_equal(list->value_count, 3);
    assert_string_equal(list->values[0].name, "OS");
    assert_string_equal(list->values[1].name, "HWID2");
    assert_string_equal(list->values[1].text, "pci\\ven_1af4&dev_1001");
    assert_string_equal(list->values[2].name, "HWID1");
    assert_string_equal(list->values[2].text, "pci\\ven_1af4&dev_1042");
    cat_list_free(list);
    cat_fixture_free(&fixture);
}

/* Comparing each id with each other one would take many seconds of the processor's time. */
static void many_hardware_ids_take_no_time_each(void **state)
{
    enum { IDS = 200000, SECONDS = 4 };
    static char texts[IDS][16];
    static const char *ids[IDS];
    const struct cat_os *systems[CAT_SYSTEMS_MAX];
    (void)state;
    struct cat_fixture fixture;
    struct cat_list *list;
    cat_fixture_make(&fixture);
    for (size_t i = 0; i < IDS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%s\\%zu", i % 2 ? "PCI" : "pci", i / 2 % (IDS / 4));
        ids[i] = texts[i];
    }
    struct cat_spec spec = {.members = fixture.members,
                            .member_count = 2,
                            .systems = systems,
                            .hardware_ids = ids,
                            .hardware_id_count = IDS};
    assert_int_equal(cat_os_parse("10_X64", systems, &spec.system_count, NULL), VF_OK);
    clock_t start = clock();
    assert_int_equal(cat_create(&spec, &list, NULL), VF_OK);
    assert_true(clock() - start < (clock_t)SECONDS * CLOCKS_PER_SEC);
    assert_int_equal(list->value_count, 1 + IDS / 4);
    assert_string_equal(list->values[1].name, "HWID50000");
    assert_string_equal(list->values[1].text, "pci\\49999");
    cat_list_free(list);
    cat_fixture_free(&fixture);
}

static void entries_ascend_by_digest(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    struct cat_list *list = cat_fixture_list(&fixture, "10_X64");
    for (size_t i = 1; i < list->entry_count; i++)
        assert_true(memcmp(list->entries[i - 1].digest.bytes, list->entries[i].digest.bytes, 20) <
                    0);
    cat_list_free(list);
    cat_fixture_free(&fixture);
}

static void identifier_is_a_guid_that_follows_from_the_content(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    struct cat_list *one = cat_fixture_list(&fixture, "10_X64");
    struct cat_list *same = cat_fixture_list(&fixture, "10_X64");
    struct cat_list *other = cat_fixture_list(&fixture, "10_X86");
    char text[CAT_GUID_TEXT_SIZE];
    assert_memory_equal(one->identifier, same->identifier, 16);
    assert_memory_not_equal(one->identifier, other->identifier, 16);
    cat_identifier_text(one->identifier, text);
    assert_int_equal(text[14], '4');
    assert_non_null(strchr("89ab", text[19]));
    cat_list_free(one);
    cat_list_free(same);
    cat_list_free(other);
    cat_fixture_free(&fixture);
}

static void impossible_specs_are_refused(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    const struct cat_os *old = cat_os_find("7_X64");
    cat_fixture_make(&fixture);
    struct cat_spec spec = {.members = fixture.members, .member_count = 2, .systems = &old};
    struct cat_list *list;
    struct vf_err err;
    assert_int_equal(cat_create(&spec, &list, &err), VF_USAGE);
    spec.system_count = 1;
    spec.version = 2;
    assert_int_equal(cat_create(&spec, &list, &err), VF_USAGE);
    assert_non_null(strstr(err.text, "7_X64"));
    spec.version = 3;
    assert_int_equal(cat_create(&spec, &list, &err), VF_USAGE);
    spec.version = 0;
    spec.member_count = 0;
    assert_int_equal(cat_create(&spec, &list, &err), VF_USAGE);
    cat_fixture_free(&fixture);
}

static void broken_image_cannot_be_a_member(void **state)
{
    (void)state;
    struct cat_member member;
    struct vf_buf image = VF_BUF_INIT;
    struct vf_err err;
    pe_fixture_finished(PE_MACHINE_AMD64, &image);
    struct vf_view cut = {image.data, image.size - 1};
    assert_int_equal(cat_member_make("cut.sys", cut, false, &member, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "cut.sys"));
    vf_buf_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recent_systems_get_both_digests),
        cmocka_unit_test(an_old_system_makes_it_version_one),
        cmocka_unit_test(hardware_ids_are_kept_once_and_stored_backwards),
        cmocka_unit_test(many_hardware_ids_take_no_time_each),
        cmocka_unit_test(entries_ascend_by_digest),
        cmocka_unit_test(identifier_is_a_guid_that_follows_from_the_content),
        cmocka_unit_test(impossible_specs_are_refused),
        cmocka_unit_test(broken_image_cannot_be_a_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
