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

/* A file that is broken on purpose: where, with what, and what is said of it. */
struct breach {
    enum { HEADER, OPTIONAL, SECTION_2 } from;
    unsigned at, size;
    uint64_t value;
    const char *error;
};

static void put(uint8_t *p, uint64_t value, unsigned size)
{
    unsigned n;

    for (n = 0; n < size; n++)
        p[n] = (uint8_t)(value >> 8 * n);
}

static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void hostile_headers_are_refused_with_the_reason(void **state)
{
    static const struct breach breaches[] = {
        {HEADER, 2, 2, 0xFFFF, "the section table lies behind the end of the file"},
        {HEADER, 2, 2, 0, "no sections"},
        {HEADER, 16, 2, 0xFFFF, "the section table lies behind the end of the file"},
        {OPTIONAL, 0, 2, 0x10B, "not a PE32+ image"},
        {OPTIONAL, 16, 4, 0, "the entry point"},
        {OPTIONAL, 16, 4, 0xFFFFFFF0, "the entry point"},
        {OPTIONAL, 32, 4, 0x200, "the section alignment"},
        {OPTIONAL, 56, 4, 0xFFFFF000, "the image size"},
        {OPTIONAL, 56, 4, 0, "the header size"},
        {OPTIONAL, 60, 4, 0xFFFFFFFF, "the header size"},
        {OPTIONAL, 60, 4, 0, "the header size"},
        {OPTIONAL, 68, 2, 3, "the subsystem"},
        {OPTIONAL, 108, 4, 0xFFFFFFFF, "the data directories"},
        {OPTIONAL, 120, 4, 0xFFFFFFF0, "a data directory lies outside the image"},
        {OPTIONAL, 156, 4, 0xFFFFFFFF, "a data directory lies outside the image"},
        {SECTION_2, 8, 4, 0xFFFFFFFF, "a section lies outside the image"},
        {SECTION_2, 12, 4, 0x1000, "sections are not in order, overlap"},
        {SECTION_2, 12, 4, 0, "sections are not in order, overlap"},
        {SECTION_2, 12, 4, 0xFFFFF000, "a section lies outside the image"},
        {SECTION_2, 20, 4, 0xFFFFFF00, "a section's data lies behind the end of the file"},
        {SECTION_2, 36, 4, 0xE0000020, "both writable and executable"},
    };
    struct vf_buf file = VF_BUF_INIT;
    size_t n;

    (void)state;
    pe_fixture_finished(PE_MACHINE_AMD64, &file);
    for (n = 0; n < sizeof(breaches) / sizeof(breaches[0]); n++) {
        const struct breach *b = &breaches[n];
        uint8_t *copy = exact_copy(file.data, file.size), *place = copy + get32(copy + 60) + 4;
        const char *error;
        struct nk_pe pe;

        if (b->from == OPTIONAL)
            place += 20;
        if (b->from == SECTION_2)
            place += 20 + (place[16] | place[17] << 8) + 40;
        put(place + b->at, b->value, b->size);
        error = nk_pe_parse(&pe, copy, file.size);
        if (!error || !strstr(error, b->error))
            fail_msg("breach %zu is answered with: %s", n, error ? error : "nothing");
        free(copy);
    }
    vf_buf_free(&file);
}

static void relocations_out_of_range_are_refused(void **state)
{
    static const struct {
        unsigned at, size;
        uint64_t value;
        const char *error;
    } breaches[] = {
        {0, 4, 0xFFFFFFF8, "lies outside the image"},
        {4, 4, 0, "a wrong size"},
        {4, 4, 9, "a wrong size"},
        {4, 4, 0xFFFFFFF0, "a wrong size"},
        {8, 2, 0x3000, "an unknown type"},
    };
    size_t n;

    (void)state;
    for (n = 0; n < sizeof(breaches) / sizeof(breaches[0]); n++) {
        const struct nk_pe pe = {.image_size = 0x2000, .relocations = {.rva = 0x1000, .size = 12}};
        uint8_t *image = calloc(1, pe.image_size), *block = image + pe.relocations.rva;
        const char *error;

        assert_non_null(image);
        put(block + 4, 12, 4);
        put(block + 8, 0xA008, 2); /* one pointer of 64 bits, and nothing to fill up */
        assert_null(nk_pe_relocate(&pe, image, LOAD_ADDRESS));
        put(block + breaches[n].at, breaches[n].value, breaches[n].size);
        error = nk_pe_relocate(&pe, image, LOAD_ADDRESS);
        if (!error || !strstr(error, breaches[n].error))
            fail_msg("breach %zu is answered with: %s", n, error ? error : "nothing");
        free(image);
    }
}

/* Descriptors up to the image's end that all share one table, so that an image of 16 MiB would
 * have more imports than anybody can wait for. */
static void import_tables_that_repeat_are_refused(void **state)
{
    const ULONG size = NK_PE_IMAGE_SIZE, names = 0x1000, slots = 0x2000, name = 0x100, dll = 0x120;
    const struct nk_pe pe = {.image_size = size, .imports = {.rva = 0x3000, .size = 20}};
    uint8_t *image = calloc(1, size);
    unsigned missing;
    ULONG at;

    (void)state;
    assert_non_null(image);
    memcpy(image + name + 2, "DbgPrint", 9);
    memcpy(image + dll, "ntoskrnl.exe", 13);
    for (at = names; at < slots - 8; at += 8)
        put(image + at, name, 8);
    for (at = pe.imports.rva; at + 20 <= size; at += 20) {
        put(image + at, names, 4);
        put(image + at + 12, dll, 4);
        put(image + at + 16, slots, 4);
    }
    assert_string_equal(nk_pe_bind(&pe, image, resolve_dbgprint, NULL, &missing),
                        "there are more imports than any driver has");
    free(image);
}

/* The slots lie where the names are: what is written there is read as a name no more. */
static void import_tables_that_overwrite_themselves_are_refused(void **state)
{
    const ULONG size = 0x2000, names = 0x1000, name = 0x100, dll = size - 13;
    const struct nk_pe pe = {.image_size = size, .imports = {.rva = 0x200, .size = 40}};
    uint8_t *image = calloc(1, size);
    unsigned missing;

    (void)state;
    assert_non_null(image);
    memcpy(image + name + 2, "DbgPrint", 9);
    memcpy(image + dll, "ntoskrnl.exe", 13);
    put(image + names, name, 8);
    put(image + names + 8, name, 8);
    put(image + pe.imports.rva, names, 4);
    put(image + pe.imports.rva + 12, dll, 4);
    put(image + pe.imports.rva + 16, size - 16, 4);
    assert_string_equal(nk_pe_bind(&pe, image, resolve_dbgprint, NULL, &missing),
                        "an import descriptor has no readable DLL name");
    free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_image_is_taken_apart),
        cmocka_unit_test(other_machines_are_refused_by_name),
        cmocka_unit_test(truncation_at_any_length_is_refused),
        cmocka_unit_test(imports_are_bound_and_missing_ones_counted),
        cmocka_unit_test(an_import_by_ordinal_is_refused),
        cmocka_unit_test(hostile_headers_are_refused_with_the_reason),
        cmocka_unit_test(relocations_out_of_range_are_refused),
        cmocka_unit_test(import_tables_that_repeat_are_refused),
        cmocka_unit_test(import_tables_that_overwrite_themselves_are_refused),
        cmocka_unit_test(one_damaged_byte_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
