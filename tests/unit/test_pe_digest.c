/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/pe_fixture.h"

/* The checksum by its definition: add, fold the carry at each step, add the length. */
static uint32_t plain_checksum(struct vf_view file, uint32_t skip)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < file.size; i += 2) {
        uint32_t low = i >= skip && i < skip + 4 ? 0 : file.data[i];
        uint32_t high =
            i + 1 >= file.size || (i + 1 >= skip && i + 1 < skip + 4) ? 0 : file.data[i + 1];
        sum += low | high << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum + (uint32_t)file.size;
}

static void checksum_is_the_defined_one(void **state)
{
    (void)state;
    for (size_t tail = 0; tail < 3; tail++) {
        struct vf_buf file = VF_BUF_INIT;
        struct pe_image image;
        pe_fixture_finished(PE_MACHINE_AMD64, &file);
        for (size_t i = 0; i < tail; i++)
            vf_buf_append_byte(&file, 0xe7);
        assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
        assert_int_equal(pe_checksum(&image), plain_checksum(image.file, image.checksum_offset));
        vf_buf_free(&file);
    }
}

static void digest_of(struct vf_view file, enum vf_hash hash, struct vf_digest *out)
{
    struct pe_image image;
    assert_int_equal(pe_read(file, &image, NULL), VF_OK);
    assert_int_equal(pe_digest(&image, hash, out, NULL), VF_OK);
}

static void digest_ignores_what_signing_changes(void **state)
{
    (void)state;
    static const uint8_t signature[] = "not a real signature";
    struct vf_buf file = VF_BUF_INIT, with = VF_BUF_INIT;
    struct pe_image image;
    struct vf_digest before, after;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(
        pe_certificate_set(&image, (struct vf_view){signature, sizeof(signature)}, &with, NULL),
        VF_OK);
    digest_of(vf_view_of(&file), VF_SHA256, &before);
    digest_of(vf_view_of(&with), VF_SHA256, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    vf_buf_free(&file);
    vf_buf_free(&with);
}

static void digest_sees_every_other_byte(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct pe_image image;
    struct vf_digest before, after;
    pe_fixture_finished(PE_MACHINE_X86, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_digest(&image, VF_SHA1, &before, NULL), VF_OK);
    for (size_t i = 0; i < file.size; i++) {
        bool hole =
            (i >= image.checksum_offset && i < image.checksum_offset + 4u) ||
            (i >= image.certificate_entry_offset && i < image.certificate_entry_offset + 8u);
        file.data[i] ^= 1;
        /* the offsets read before the change still hold */
        assert_int_equal(pe_digest(&image, VF_SHA1, &after, NULL), VF_OK);
        assert_int_equal(memcmp(&before, &after, sizeof(before)) == 0, hole);
        file.data[i] ^= 1;
    }
    vf_buf_free(&file);
}

static void unsigned_odd_length_counts_as_padded(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT;
    struct vf_digest odd, padded;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    vf_buf_append(&file, "abc", 3);
    digest_of(vf_view_of(&file), VF_SHA256, &odd);
    vf_buf_align(&file, 8);
    digest_of(vf_view_of(&file), VF_SHA256, &padded);
    assert_memory_equal(&odd, &padded, sizeof(odd));
    vf_buf_free(&file);
}

static void data_behind_the_certificates_are_refused(void **state)
{
    (void)state;
    static const uint8_t signature[] = "x";
    struct vf_buf file = VF_BUF_INIT, with = VF_BUF_INIT;
    struct pe_image image;
    struct vf_digest digest;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_certificate_set(&image, (struct vf_view){signature, 1}, &with, NULL),
                     VF_OK);
    vf_buf_append(&with, "more", 4);
    assert_int_equal(pe_read(vf_view_of(&with), &image, NULL), VF_OK);
    assert_int_equal(pe_digest(&image, VF_SHA256, &digest, NULL), VF_MALFORMED);
    vf_buf_free(&file);
    vf_buf_free(&with);
}

static void page_hashes_cover_headers_and_sections(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT, rows = VF_BUF_INIT;
    struct pe_image image;
    struct vf_digest page;
    uint8_t text[4096] = {0};
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_page_hashes(&image, VF_SHA256, &rows, NULL), VF_OK);
    assert_int_equal(rows.size, (1 + 6 + 1) * 36);
    assert_int_equal(vf_le32(rows.data), 0);
    assert_int_equal(vf_le32(rows.data + 36), 0x400);
    memcpy(text, file.data + 0x400, 0x200);
    assert_int_equal(vf_digest_view(VF_SHA256, (struct vf_view){text, 4096}, &page, NULL), VF_OK);
    assert_memory_equal(rows.data + 40, page.bytes, 32);
    assert_int_equal(vf_le32(rows.data + 7 * 36), file.size);
    vf_buf_free(&rows);
    vf_buf_free(&file);
}

/* 64 KiB apart in memory, as for arm64: a page is 4 KiB all the same. */
static void pages_are_small_where_sections_are_far_apart(void **state)
{
    (void)state;
    struct vf_buf file = VF_BUF_INIT, near = VF_BUF_INIT, far = VF_BUF_INIT;
    struct pe_image image;
    pe_fixture_finished(PE_MACHINE_ARM64, &file);
    assert_int_equal(pe_read(vf_view_of(&file), &image, NULL), VF_OK);
    assert_int_equal(pe_page_hashes(&image, VF_SHA1, &near, NULL), VF_OK);
    image.section_alignment = 0x10000;
    assert_int_equal(pe_page_hashes(&image, VF_SHA1, &far, NULL), VF_OK);
    assert_true(vf_view_equal(vf_view_of(&near), vf_view_of(&far)));
    vf_buf_free(&near);
    vf_buf_free(&far);
    vf_buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_is_the_defined_one),
        cmocka_unit_test(digest_ignores_what_signing_changes),
        cmocka_unit_test(digest_sees_every_other_byte),
        cmocka_unit_test(unsigned_odd_length_counts_as_padded),
        cmocka_unit_test(data_behind_the_certificates_are_refused),
        cmocka_unit_test(page_hashes_cover_headers_and_sections),
        cmocka_unit_test(pages_are_small_where_sections_are_far_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
