// SPDX-License-Identifier: GPL-3.0-or-later
//
// PE images: the input is the file. What must hold: each is refused with a message or can be walked
// without leaving it; taking a signature away and putting one on leave the digest alone; a finished
// image is finished for good.

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "builder/pe/pe.h"
#include "builder/sign/sign.h"

static bool see_import(void *context, const char *dll, const char *name, uint16_t ordinal)
{
    size_t *length = context;

    (void)ordinal;
    *length += strlen(dll) + (name ? strlen(name) : 0);
    return true;
}

static void walk(const struct pe_image *image)
{
    struct vf_buf rows = VF_BUF_INIT;
    struct pe_pdb pdb;
    struct vf_view body;
    uint16_t type;
    size_t length = 0;
    bool found = true;

    for (unsigned i = 0; i < image->section_count; i++) {
        struct pe_section section;
        struct vf_view data;
        pe_section_at(image, i, &section);
        FUZZ_CHECK(strlen(section.name) <= 8);
        if (pe_at_rva(image, section.address, section.file_size, &data))
            FUZZ_CHECK(data.size == section.file_size);
    }
    pe_imports(image, see_import, &length, NULL);
    if (pe_pdb(image, &pdb, &found, NULL) == VF_OK && found)
        FUZZ_CHECK(strlen(pdb.path) < image->file.size);
    found = true;
    for (unsigned i = 0; found; i++)
        if (pe_certificate_at(image, i, &body, &type, &found, NULL))
            break;
    pe_page_hashes(image, VF_SHA256, &rows, NULL);
    vf_buf_free(&rows);
}

static void resign(const struct pe_image *image)
{
    static const uint8_t pkcs7[] = "signature";
    struct vf_buf plain = VF_BUF_INIT, with = VF_BUF_INIT;
    struct pe_image one, two;
    struct vf_digest first, second;

    if (pe_certificate_set(image, (struct vf_view){NULL, 0}, &plain, NULL) == VF_OK &&
        pe_read(vf_view_of(&plain), &one, NULL) == VF_OK) {
        FUZZ_CHECK(pe_digest(&one, VF_SHA256, &first, NULL) == VF_OK);
        FUZZ_CHECK(one.checksum == pe_checksum(&one));
        FUZZ_CHECK(pe_certificate_set(&one, (struct vf_view){pkcs7, sizeof(pkcs7)}, &with, NULL) ==
                   VF_OK);
        FUZZ_CHECK(pe_read(vf_view_of(&with), &two, NULL) == VF_OK);
        FUZZ_CHECK(pe_digest(&two, VF_SHA256, &second, NULL) == VF_OK);
        FUZZ_CHECK(memcmp(&first, &second, sizeof(first)) == 0);
    }
    vf_buf_free(&plain);
    vf_buf_free(&with);
}

static void finish(const struct pe_image *image)
{
    struct vf_buf once = VF_BUF_INIT, twice = VF_BUF_INIT;

    vf_buf_append_view(&once, image->file);
    FUZZ_CHECK(vf_buf_ok(&once));
    if (pe_finish(once.data, once.size, 1, NULL) == VF_OK) {
        vf_buf_append_view(&twice, vf_view_of(&once));
        FUZZ_CHECK(vf_buf_ok(&twice));
        FUZZ_CHECK(pe_finish(twice.data, twice.size, 1, NULL) == VF_OK);
        FUZZ_CHECK(vf_view_equal(vf_view_of(&once), vf_view_of(&twice)));
    }
    vf_buf_free(&once);
    vf_buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vf_view file = {data, size};
    struct pe_image image;
    struct sign_report report;
    struct vf_err err = {VF_OK, ""};

    if (pe_read(file, &image, &err)) {
        FUZZ_CHECK(err.text[0]);
        return 0;
    }
    walk(&image);
    resign(&image);
    finish(&image);
    FUZZ_CHECK(sign_inspect(file, NULL, &report, &err) == VF_OK);
    return 0;
}
