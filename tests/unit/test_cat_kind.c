/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cabinets as members of catalogs: their digest and how they are marked. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "builder/cat/cat.h"
#include "tests/unit/cat_fixture.h"

#define HEADER 36
#define BODY   100

/* Bytes that begin as a cabinet's header; room: with what a signature needs (MS-CAB 2.1). */
static void make_cabinet(struct vf_buf *out, bool room, const char *signature)
{
    size_t start = out->size;

    vf_buf_append_text(out, "MSCF");
    vf_buf_append_zero(out, HEADER - 4 + (room ? 24 : 0));
    for (unsigned i = 0; i < BODY; i++)
        vf_buf_append_byte(out, (uint8_t)(i * 7));
    vf_buf_append_text(out, signature);
    assert_true(vf_buf_ok(out));
    uint8_t *data = out->data + start;
    vf_put_le32(data + 8, HEADER + (room ? 24 : 0) + BODY);
    vf_put_le16(data + 26, 1);
    vf_put_le16(data + 28, 2);
    vf_put_le16(data + 30, room ? 4 : 0);
    vf_put_le16(data + 32, 0x1234);
    if (room) {
        vf_put_le16(data + 36, 20);
        vf_put_le32(data + 40, 0x00100000);
        vf_put_le32(data + 44, HEADER + 24 + BODY);
        vf_put_le32(data + 48, (uint32_t)strlen(signature));
    }
}

static struct cat_member member_of(const struct vf_buf *file)
{
    struct cat_member member;

    assert_int_equal(cat_member_make("Data.CAB", vf_view_of(file), true, &member, NULL), VF_OK);
    return member;
}

static void cabinet_digest_leaves_out_the_reserved_field(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT, covered = VF_BUF_INIT;
    struct vf_digest expected;
    make_cabinet(&file, false, "");
    vf_buf_append(&covered, file.data, 4);
    vf_buf_append(&covered, file.data + 8, file.size - 8);
    assert_int_equal(vf_digest_view(VF_SHA256, vf_view_of(&covered), &expected, NULL), VF_OK);
    struct cat_member member = member_of(&file);
    assert_int_equal(member.kind, SPC_CABINET);
    assert_memory_equal(member.sha256.bytes, expected.bytes, 32);
    for (size_t i = 4; i < file.size; i++) {
        file.data[i] ^= 1;
        struct cat_member changed = member_of(&file);
        assert_int_equal(memcmp(changed.sha256.bytes, expected.bytes, 32) == 0, i < 8);
        cat_member_free(&changed);
        file.data[i] ^= 1;
    }
    cat_member_free(&member);
    vf_buf_free(&covered);
    vf_buf_free(&file);
}

static void signature_behind_a_cabinet_changes_nothing(void **state)
{
    (void)state;
    struct vf_buf one = VF_BUF_INIT, two = VF_BUF_INIT;
    make_cabinet(&one, true, "a signature");
    make_cabinet(&two, true, "another, longer signature");
    struct cat_member first = member_of(&one), second = member_of(&two);
    assert_memory_equal(first.sha1.bytes, second.sha1.bytes, 20);
    two.data[90] ^= 1;
    cat_member_free(&second);
    second = member_of(&two);
    assert_memory_not_equal(first.sha1.bytes, second.sha1.bytes, 20);
    cat_member_free(&first);
    cat_member_free(&second);
    vf_buf_free(&one);
    vf_buf_free(&two);
}

/* A signature's place outside the file, and headers cut short, cost no read beyond the end. */
static void broken_cabinets_have_digests_too(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    make_cabinet(&file, true, "signature");
    vf_put_le32(file.data + 44, 0xFFFFFFF0u);
    struct cat_member member = member_of(&file);
    cat_member_free(&member);
    for (size_t size = 1; size < file.size; size++) {
        uint8_t *copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, file.data, size);
        struct vf_view cut = {copy, size};
        assert_int_equal(cat_member_make("x", cut, false, &member, NULL), VF_OK);
        assert_int_equal(member.kind, size < HEADER ? SPC_FLAT : SPC_CABINET);
        cat_member_free(&member);
        free(copy);
    }
    vf_buf_free(&file);
}

static void every_kind_survives_in_both_versions(void **state)
{
    static const char *const systems[] = {"10_X64", "7_X64,10_X64"};
    static const enum spc_kind kinds[] = {SPC_IMAGE, SPC_CABINET};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct cat_fixture fixture;
        struct vf_buf file = VF_BUF_INIT, out = VF_BUF_INIT, again = VF_BUF_INIT;
        struct cat_list *back;
        enum cat_verdict verdict;
        cat_fixture_make(&fixture);
        make_cabinet(&file, false, "");
        cat_member_free(&fixture.members[1]);
        fixture.members[1] = member_of(&file);
        cat_fixture_catalog(&fixture, systems[i], &out);
        assert_int_equal(cat_read(vf_view_of(&out), &back, NULL), VF_OK);
        for (size_t j = 0; j < 2; j++) {
            const struct vf_digest *digest =
                i ? &fixture.members[j].sha1 : &fixture.members[j].sha256;
            const struct cat_entry *entry = cat_find(back, digest);
            assert_non_null(entry);
            assert_int_equal(entry->kind, kinds[j]);
            /* the enhanced hash, which version 1 knows nothing of */
            assert_int_equal(entry->page_rows.size, j && !i ? 32 : 0);
        }
        assert_int_equal(cat_check(back, "data.cab", vf_view_of(&file), &verdict, NULL), VF_OK);
        assert_int_equal(verdict, CAT_COVERED);
        file.data[50] ^= 1;
        assert_int_equal(cat_check(back, "data.cab", vf_view_of(&file), &verdict, NULL), VF_OK);
        assert_int_equal(verdict, CAT_CHANGED);
        assert_int_equal(cat_write(back, &again, NULL), VF_OK);
        assert_true(vf_view_equal(vf_view_of(&out), vf_view_of(&again)));
        cat_list_free(back);
        vf_buf_free(&file);
        vf_buf_free(&out);
        vf_buf_free(&again);
        cat_fixture_free(&fixture);
    }
}

/* Tag, "enhanced hash" and all, as catalogs of 2024 have them. */
static void cabinet_is_marked_as_others_mark_it(void **state)
{
    static const uint8_t marks[] = {0x31, 0x02, 0x81, 0x00};
    static const uint8_t link[] = {0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01,
                                   0x1c, 0xa1, 0x48, 0x04, 0x10, 0xa6, 0xb5, 0x86, 0xd5, 0xb4, 0xa1,
                                   0x24, 0x66, 0xae, 0x05, 0xa2, 0x17, 0xda, 0x8e, 0x60, 0xd6, 0x04,
                                   0x34, 0x31, 0x32, 0x30, 0x30, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04,
                                   0x01, 0x82, 0x37, 0x02, 0x05, 0x01, 0x31, 0x22, 0x04, 0x20};
    (void)state;
    struct cat_fixture fixture;
    struct vf_buf file = VF_BUF_INIT, out = VF_BUF_INIT;
    struct vf_digest size;
    cat_fixture_make(&fixture);
    make_cabinet(&file, false, "");
    cat_member_free(&fixture.members[1]);
    fixture.members[1] = member_of(&file);
    cat_fixture_catalog(&fixture, "10_X64", &out);
    assert_non_null(memmem(out.data, out.size, marks, sizeof(marks)));
    const uint8_t *at = memmem(out.data, out.size, link, sizeof(link));
    assert_non_null(at);
    assert_int_equal(vf_digest_view(VF_SHA256, (struct vf_view){file.data + 8, 4}, &size, NULL),
                     VF_OK);
    assert_memory_equal(at + sizeof(link), size.bytes, 32);
    vf_buf_free(&file);
    vf_buf_free(&out);
    cat_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cabinet_digest_leaves_out_the_reserved_field),
        cmocka_unit_test(signature_behind_a_cabinet_changes_nothing),
        cmocka_unit_test(broken_cabinets_have_digests_too),
        cmocka_unit_test(every_kind_survives_in_both_versions),
        cmocka_unit_test(cabinet_is_marked_as_others_mark_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
