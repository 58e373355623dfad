/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/cat_fixture.h"
#include "tests/unit/pe_fixture.h"

static const char *const lists[] = {"10_X64", "7_X86,10_X86"};

static void written_catalog_reads_back(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    for (size_t i = 0; i < 2; i++) {
        struct cat_list *made = cat_fixture_list(&fixture, lists[i]), *back;
        struct vf_buf out = VF_BUF_INIT, again = VF_BUF_INIT;
        assert_int_equal(cat_write(made, &out, NULL), VF_OK);
        assert_int_equal(cat_read(vf_view_of(&out), &back, NULL), VF_OK);
        assert_int_equal(back->version, made->version);
        assert_int_equal(back->time, CAT_FIXTURE_TIME);
        assert_int_equal(back->unknown, 0);
        assert_memory_equal(back->identifier, made->identifier, 16);
        assert_int_equal(back->entry_count, made->entry_count);
        assert_int_equal(back->value_count, made->value_count);
        for (size_t j = 0; j < made->entry_count; j++) {
            assert_memory_equal(&back->entries[j].digest, &made->entries[j].digest,
                                sizeof(struct vf_digest));
            assert_int_equal(back->entries[j].kind, made->entries[j].kind);
        }
        assert_int_equal(cat_write(back, &again, NULL), VF_OK);
        assert_true(vf_view_equal(vf_view_of(&out), vf_view_of(&again)));
        vf_buf_free(&out);
        vf_buf_free(&again);
        cat_list_free(made);
        cat_list_free(back);
    }
    cat_fixture_free(&fixture);
}

static void texts_beyond_ascii_survive(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    fixture.members[0].name = "tr\xc3\xa4iber \xf0\x9f\x92\xbe.sys";
    struct cat_list *made = cat_fixture_list(&fixture, "10_X64"), *back;
    struct vf_buf out = VF_BUF_INIT;
    assert_int_equal(cat_write(made, &out, NULL), VF_OK);
    assert_int_equal(cat_read(vf_view_of(&out), &back, NULL), VF_OK);
    const struct cat_entry *entry = cat_find(back, &fixture.members[0].sha1);
    assert_non_null(entry);
    assert_string_equal(cat_entry_value(entry, "File"), fixture.members[0].name);
    vf_buf_free(&out);
    cat_list_free(made);
    cat_list_free(back);
    cat_fixture_free(&fixture);
}

static void page_hashes_survive(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    cat_member_free(&fixture.members[0]);
    assert_int_equal(
        cat_member_make("driver.sys", vf_view_of(&fixture.image), true, &fixture.members[0], NULL),
        VF_OK);
    for (size_t i = 0; i < 2; i++) {
        struct cat_list *made = cat_fixture_list(&fixture, lists[i]), *back;
        struct vf_buf out = VF_BUF_INIT;
        assert_int_equal(cat_write(made, &out, NULL), VF_OK);
        assert_int_equal(cat_read(vf_view_of(&out), &back, NULL), VF_OK);
        const struct cat_entry *entry =
            cat_find(back, i ? &fixture.members[0].sha1 : &fixture.members[0].sha256);
        assert_non_null(entry);
        assert_int_equal(entry->page_rows.size, 8 * (i ? 24 : 36));
        vf_buf_free(&out);
        cat_list_free(made);
        cat_list_free(back);
    }
    cat_fixture_free(&fixture);
}

/* A list of version 1 can name files by SHA-256 beside SHA-1, as published ones of 2014 do. */
static void sha256_in_version_1_reads_back(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    struct cat_list *made = cat_fixture_list(&fixture, "7_X64"), *back;
    struct vf_buf out = VF_BUF_INIT;
    enum cat_verdict verdict;
    assert_int_equal(made->version, 1);
    for (size_t i = 0; i < made->entry_count; i++)
        if (memcmp(&made->entries[i].digest, &fixture.members[0].sha1, sizeof(struct vf_digest)) ==
            0)
            made->entries[i].digest = fixture.members[0].sha256;
    assert_int_equal(cat_write(made, &out, NULL), VF_OK);
    assert_int_equal(cat_read(vf_view_of(&out), &back, NULL), VF_OK);
    assert_non_null(cat_find(back, &fixture.members[0].sha256));
    assert_non_null(cat_find(back, &fixture.members[1].sha1));
    assert_int_equal(
        cat_check(back, fixture.members[0].name, vf_view_of(&fixture.image), &verdict, NULL),
        VF_OK);
    assert_int_equal(verdict, CAT_COVERED);
    vf_buf_free(&out);
    cat_list_free(made);
    cat_list_free(back);
    cat_fixture_free(&fixture);
}

/* Append the element at an offset with lengths left open, all the way down; the offset behind it.
 */
static size_t put_open(const uint8_t *der, size_t at, struct vf_buf *out)
{
    size_t head = at, size = der[at + 1], end;

    at += 2;
    if (size & 0x80) {
        size_t bytes = size & 0x7F;
        for (size = 0; bytes; bytes--)
            size = size << 8 | der[at++];
    }
    end = at + size;
    if (!(der[head] & 0x20)) { /* primitive ones have a length */
        vf_buf_append(out, der + head, end - head);
        return end;
    }
    vf_buf_append_byte(out, der[head]);
    vf_buf_append_byte(out, 0x80);
    while (at < end)
        at = put_open(der, at, out);
    vf_buf_append_zero(out, 2);
    return end;
}

/* X.690 8.1.3.6: very old tools wrote catalogs so. */
static void indefinite_lengths_are_read(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    for (size_t i = 0; i < 2; i++) {
        struct cat_list *made = cat_fixture_list(&fixture, lists[i]), *back;
        struct vf_buf out = VF_BUF_INIT, open = VF_BUF_INIT, again = VF_BUF_INIT;
        assert_int_equal(cat_write(made, &out, NULL), VF_OK);
        assert_int_equal(put_open(out.data, 0, &open), out.size);
        assert_true(vf_buf_ok(&open));
        assert_false(vf_view_equal(vf_view_of(&out), vf_view_of(&open)));
        assert_int_equal(cat_read(vf_view_of(&open), &back, NULL), VF_OK);
        assert_int_equal(back->unknown, 0);
        assert_int_equal(cat_write(back, &again, NULL), VF_OK);
        assert_true(vf_view_equal(vf_view_of(&out), vf_view_of(&again)));
        cat_list_free(back);
        for (size_t size = 0; size < open.size; size++)
            assert_int_equal(cat_read((struct vf_view){open.data, size}, &back, NULL),
                             VF_MALFORMED);
        vf_buf_free(&out);
        vf_buf_free(&open);
        vf_buf_free(&again);
        cat_list_free(made);
    }
    cat_fixture_free(&fixture);
}

/* Each cut is refused, each changed byte either refused or read without harm. */
static void damaged_catalogs_are_survived(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    for (size_t i = 0; i < 2; i++) {
        struct vf_buf out = VF_BUF_INIT;
        struct cat_list *list;
        cat_fixture_catalog(&fixture, lists[i], &out);
        for (size_t size = 0; size < out.size; size++) {
            uint8_t *copy = malloc(size + 1);
            assert_non_null(copy);
            memcpy(copy, out.data, size);
            assert_int_equal(cat_read((struct vf_view){copy, size}, &list, NULL), VF_MALFORMED);
            free(copy);
        }
        for (size_t at = 0; at < out.size; at++) {
            out.data[at] ^= 0x81;
            if (cat_read(vf_view_of(&out), &list, NULL) == VF_OK)
                cat_list_free(list);
            out.data[at] ^= 0x81;
        }
        vf_buf_free(&out);
    }
    cat_fixture_free(&fixture);
}

static void other_files_are_no_catalog(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "MZ", "<html>", "\x30\x80", "\x30\x84\xff\xff\xff\xff"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct vf_view view = {(const uint8_t *)texts[i], strlen(texts[i])};
        struct cat_list *list;
        struct vf_err err;
        assert_int_equal(cat_read(view, &list, &err), VF_MALFORMED);
        assert_non_null(strstr(err.text, "not a catalog"));
    }
}

static void entries_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    struct vf_buf out = VF_BUF_INIT;
    struct cat_list *list;
    struct vf_err err;
    cat_fixture_catalog(&fixture, "10_X64", &out);
    /* the second place where the digest stands: inside the statement */
    const uint8_t *digest = fixture.members[0].sha256.bytes;
    uint8_t *first = memmem(out.data, out.size, digest, 32);
    assert_non_null(first);
    uint8_t *second = memmem(first + 1, out.size - (size_t)(first + 1 - out.data), digest, 32);
    assert_non_null(second);
    second[31] ^= 1;
    assert_int_equal(cat_read(vf_view_of(&out), &list, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "contradict"));
    vf_buf_free(&out);
    cat_fixture_free(&fixture);
}

static void files_are_found_by_content_and_name(void **state)
{
    (void)state;
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    for (size_t i = 0; i < 2; i++) {
        struct cat_list *list = cat_fixture_list(&fixture, lists[i]);
        enum cat_verdict verdict;
        uint8_t *byte = fixture.text.data;
        assert_int_equal(cat_check(list, "x", vf_view_of(&fixture.image), &verdict, NULL), VF_OK);
        assert_int_equal(verdict, CAT_COVERED);
        *byte ^= 1;
        assert_int_equal(
            cat_check(list, "sub/DRIVER.INF", vf_view_of(&fixture.text), &verdict, NULL), VF_OK);
        assert_int_equal(verdict, CAT_CHANGED);
        assert_int_equal(cat_check(list, "other.inf", vf_view_of(&fixture.text), &verdict, NULL),
                         VF_OK);
        assert_int_equal(verdict, CAT_UNLISTED);
        *byte ^= 1;
        cat_list_free(list);
    }
    cat_fixture_free(&fixture);
}

/* What Git or a transfer in text mode does to an INF is told apart from an edit. */
static void changed_line_ends_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text; /* the fixture's, as it may arrive */
        enum cat_verdict verdict;
    } rows[] = {
        {"[Version]\r\nSignature=\"$WINDOWS NT$\"\r\n", CAT_COVERED},
        {"[Version]\nSignature=\"$WINDOWS NT$\"\n", CAT_LINE_ENDS},
        {"[Version]\nSignature=\"$WINDOWS NT$\"\r\n", CAT_LINE_ENDS},
        {"[Version]\nSignature=\"$WINDOWS NT$\"", CAT_CHANGED},
        {"[Version]\rSignature=\"$WINDOWS NT$\"\r", CAT_CHANGED},
        {"", CAT_CHANGED},
    };
    struct cat_fixture fixture;
    cat_fixture_make(&fixture);
    for (size_t i = 0; i < 2; i++) {
        struct cat_list *list = cat_fixture_list(&fixture, lists[i]);
        for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
            struct vf_view view = {(const uint8_t *)rows[row].text, strlen(rows[row].text)};
            enum cat_verdict verdict;
            assert_int_equal(cat_check(list, "driver.inf", view, &verdict, NULL), VF_OK);
            assert_int_equal(verdict, rows[row].verdict);
        }
        cat_list_free(list);
    }
    cat_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_catalog_reads_back),
        cmocka_unit_test(texts_beyond_ascii_survive),
        cmocka_unit_test(page_hashes_survive),
        cmocka_unit_test(sha256_in_version_1_reads_back),
        cmocka_unit_test(indefinite_lengths_are_read),
        cmocka_unit_test(damaged_catalogs_are_survived),
        cmocka_unit_test(other_files_are_no_catalog),
        cmocka_unit_test(entries_that_contradict_themselves_are_refused),
        cmocka_unit_test(files_are_found_by_content_and_name),
        cmocka_unit_test(changed_line_ends_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
