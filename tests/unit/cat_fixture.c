/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/cat_fixture.h"

#include <string.h>

#include "tests/unit/pe_fixture.h"
#include "tests/unit/unit.h"

void cat_fixture_make(struct cat_fixture *out)
{
    memset(out, 0, sizeof(*out));
    pe_fixture_finished(PE_MACHINE_AMD64, &out->image);
    vf_buf_append_text(&out->text, "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\n");
    assert_int_equal(
        cat_member_make("Driver.sys", vf_view_of(&out->image), false, &out->members[0], NULL),
        VF_OK);
    assert_int_equal(
        cat_member_make("folder/driver.inf", vf_view_of(&out->text), false, &out->members[1], NULL),
        VF_OK);
}

void cat_fixture_free(struct cat_fixture *fixture)
{
    cat_member_free(&fixture->members[0]);
    cat_member_free(&fixture->members[1]);
    vf_buf_free(&fixture->image);
    vf_buf_free(&fixture->text);
}

struct cat_list *cat_fixture_list(const struct cat_fixture *fixture, const char *systems)
{
    static const char *const ids[] = {"PCI\\VEN_1AF4&DEV_1042", "pci\\ven_1af4&dev_1042",
                                      "PCI\\VEN_1AF4&DEV_1001"};
    const struct cat_os *chosen[CAT_SYSTEMS_MAX];
    struct cat_spec spec = {
        .members = fixture->members,
        .member_count = 2,
        .hardware_ids = ids,
        .hardware_id_count = 3,
        .systems = chosen,
        .time = CAT_FIXTURE_TIME,
    };
    struct cat_list *list;

    assert_int_equal(cat_os_parse(systems, chosen, &spec.system_count, NULL), VF_OK);
    assert_int_equal(cat_create(&spec, &list, NULL), VF_OK);
    return list;
}

void cat_fixture_catalog(const struct cat_fixture *fixture, const char *systems, struct vf_buf *out)
{
    struct cat_list *list = cat_fixture_list(fixture, systems);

    assert_int_equal(cat_write(list, out, NULL), VF_OK);
    cat_list_free(list);
}
