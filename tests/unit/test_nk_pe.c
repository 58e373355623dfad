/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/ntkernel/image/pe.h"
#include "tests/unit/pe_fixture.h"

#define LOAD_ADDRESS 0xFFFFC00000012000ull

/* Exactly as large as its content, so that a read behind the end is caught. */
static uint8_t *exact_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    memcpy(copy, data, size);
    return copy;
}

/* What the kernel's loader does with a file that parses. */
static uint8_t *map(const struct nk_pe *pe)
{
    uint8_t *image = calloc(1, pe->image_size);
    unsigned n;

    assert_non_null(image);
    memcpy(image, pe->data, pe->header_size);
    for (n = 0; n < pe->section_count; n++)
        memcpy(image + pe->section[n].rva, pe->data + pe->section[n].file_offset,
               pe->section[n].file_size);
    return image;
}

static ULONG64 resolve_dbgprint(void *context, const char *dll, const char *name)
{
    (void)context;
    return strcmp(dll, "ntoskrnl.exe") == 0 && strcmp(name, "DbgPrint") == 0 ? 0x1234 : 0;
}

static ULONG64 resolve_nothing(void *context, const char *dll, const char *name)
{
    (void)context;
    (void)dll;
    (void)name;
    return 0;
}

/* The fixture imports one function by ordinal, which drivers do not; end the list before it. */
static void drop_ordinal(struct vf_buf *file)
{
    static const uint8_t ordinal[8] = {7, 0, 0, 0, 0, 0, 0, 0x80};
    size_t at;

    for (at = 0; at + 8 <= file->size; at++) {
        if (memcmp(file->data + at, ordinal, 8) == 0)
            memset(file->data + at, 0, 8);
    }
}

static void a_driver_image_is_taken_apart(void **state)
{
    struct vf_buf file = VF_BUF_INIT;
    struct nk_pe pe;

    (void)state;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    assert_null(nk_pe_parse(&pe, file.data, file.size));
    assert_int_equal(pe.section_count, 6);
    assert_string_equal(pe.section[0].name, ".text");
    assert_true(pe.section[0].flags & NK_SECTION_EXECUTE);
    assert_true(pe.entry > 0 && pe.entry < pe.image_size);
    vf_buf_free(&file);
}

static void other_machines_are_refused_by_name(void **state)
{
    struct vf_buf file = VF_BUF_INIT;
    struct nk_pe pe;
    const char *error;

    (void)state;
    pe_fixture_finished(PE_MACHINE_ARM64, &file);
    error = nk_pe_parse(&pe, file.data, file.size);
    assert_non_null(error);
    assert_non_null(strstr(error, "wrong machine"));
    vf_buf_free(&file);
}

static void truncation_at_any_length_is_refused(void **state)
{
    struct vf_buf file = VF_BUF_INIT;
    struct nk_pe pe;
    size_t size;

    (void)state;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    for (size = 0; size < file.size; size++) {
        uint8_t *copy = exact_copy(file.data, size);

        assert_non_null(nk_pe_parse(&pe, copy, size));
        free(copy);
    }
    vf_buf_free(&file);
}

static void imports_are_bound_and_missing_ones_counted(void **state)
{
    struct vf_buf file = VF_BUF_INIT;
    struct nk_pe pe;
    uint8_t *image;
    unsigned missing;

    (void)state;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    drop_ordinal(&file);
    assert_null(nk_pe_parse(&pe, file.data, file.size));
    image = map(&pe);
    assert_null(nk_pe_relocate(&pe, image, LOAD_ADDRESS));
    assert_null(nk_pe_bind(&pe, image, resolve_dbgprint, NULL, &missing));
    assert_int_equal(missing, 0);
    free(image);
    image = map(&pe);
    assert_null(nk_pe_bind(&pe, image, resolve_nothing, NULL, &missing));
    assert_int_equal(missing, 1);
    free(image);
    vf_buf_free(&file);
}

static void an_import_by_ordinal_is_refused(void **state)
{
    struct vf_buf file = VF_BUF_INIT;
    struct nk_pe pe;
    uint8_t *image;
    unsigned missing;

    (void)state;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    assert_null(nk_pe_parse(&pe, file.data, file.size));
    image = map(&pe);
    assert_non_null(nk_pe_bind(&pe, image, resolve_dbgprint, NULL, &missing));
    free(image);
    vf_buf_free(&file);
}

/* Damage of one byte anywhere is either refused or loaded within bounds; the sanitizers watch. */
static void one_damaged_byte_is_survived(void **state)
{
    static const uint8_t values[] = {0x00, 0x7F, 0x80, 0xFF};
    struct vf_buf file = VF_BUF_INIT;
    unsigned refused = 0, missing;
    size_t at, v;

    (void)state;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    drop_ordinal(&file);
    for (at = 0; at < file.size; at++) {
        for (v = 0; v < sizeof(values); v++) {
            uint8_t *copy = exact_copy(file.data, file.size), *image;
            struct nk_pe pe;

            copy[at] = values[v];
            if (nk_pe_parse(&pe, copy, file.size)) {
                refused++;
                free(copy);
                continue;
            }
            image = map(&pe);
            if (!nk_pe_relocate(&pe, image, LOAD_ADDRESS) &&
                !nk_pe_bind(&pe, image, resolve_dbgprint, NULL, &missing))
                (void)nk_pe_cookie(&pe, image, LOAD_ADDRESS);
            free(image);
            free(copy);
        }
    }
    assert_true(refused > 0);
    vf_buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_image_is_taken_apart),
        cmocka_unit_test(other_machines_are_refused_by_name),
        cmocka_unit_test(truncation_at_any_length_is_refused),
        cmocka_unit_test(imports_are_bound_and_missing_ones_counted),
        cmocka_unit_test(an_import_by_ordinal_is_refused),
        cmocka_unit_test(one_damaged_byte_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
