/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/pe_fixture.h"

#include <string.h>

#include "tests/unit/unit.h"

#define HEADERS 0x400u
#define PAGE    0x1000u
#define RAW     0x200u
#define PE_AT   0x80u

static const struct {
    const char *name;
    uint32_t flags;
} sections[] = {
    {".text", 0x60000020}, {".rdata", 0x40000040}, {".data", 0xc0000040},
    {"INIT", 0x60000020},  {".rsrc", 0xc0000040},  {".reloc", 0x42000040},
};

#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))
#define RDATA_RVA     (2 * PAGE)
#define RDATA_AT      (HEADERS + RAW)

static void put_imports(uint8_t *image, bool plus)
{
    uint8_t *r = image + RDATA_AT;
    uint32_t width = plus ? 8 : 4;

    vf_put_le32(r, RDATA_RVA + 0x40);      /* names */
    vf_put_le32(r + 12, RDATA_RVA + 0x80); /* DLL */
    vf_put_le32(r + 16, RDATA_RVA + 0x60); /* addresses */
    for (uint32_t list = 0x40; list <= 0x60; list += 0x20) {
        vf_put_le32(r + list, RDATA_RVA + 0x90);
        vf_put_le32(r + list + width, 7);
        vf_put_le32(r + list + 2 * width - 4, plus ? 0x80000000u : 0x80000007u);
    }
    memcpy(r + 0x80, "ntoskrnl.exe", 13);
    memcpy(r + 0x92, "DbgPrint", 9);
}

static void put_debug(uint8_t *image)
{
    uint8_t *r = image + RDATA_AT + 0x100;

    vf_put_le32(r + 12, 2);
    vf_put_le32(r + 16, 24 + 11);
    vf_put_le32(r + 20, RDATA_RVA + 0x140);
    vf_put_le32(r + 24, RDATA_AT + 0x140);
    r += 0x40;
    memcpy(r, "RSDS", 4);
    for (uint8_t i = 0; i < 16; i++)
        r[4 + i] = i;
    vf_put_le32(r + 20, 3);
    memcpy(r + 24, "driver.pdb", 11);
}

void pe_fixture(uint16_t machine, struct vf_buf *out)
{
    bool plus = machine != PE_MACHINE_X86;
    uint32_t fixed = plus ? 112 : 96;

    vf_buf_append_zero(out, HEADERS + RAW * SECTION_COUNT);
    assert_true(vf_buf_ok(out));
    uint8_t *image = out->data;
    memcpy(image, "MZ", 2);
    vf_put_le32(image + 0x3c, PE_AT);
    memcpy(image + PE_AT, "PE", 2);
    uint8_t *coff = image + PE_AT + 4;
    vf_put_le16(coff, machine);
    vf_put_le16(coff + 2, SECTION_COUNT);
    vf_put_le32(coff + 4, 0x5f000000);
    vf_put_le16(coff + 16, (uint16_t)(fixed + 128));
    vf_put_le16(coff + 18, plus ? 0x22 : 0x102);
    uint8_t *o = coff + 20;
    vf_put_le16(o, plus ? 0x20b : 0x10b);
    vf_put_le32(o + 16, PAGE);
    vf_put_le32(o + (plus ? 24 : 28), plus ? 0x40000000 : 0x400000);
    vf_put_le32(o + 32, PAGE);
    vf_put_le32(o + 36, RAW);
    vf_put_le16(o + 40, 10);
    vf_put_le16(o + 48, 6);
    vf_put_le16(o + 50, 1);
    vf_put_le32(o + 56, PAGE * (1 + SECTION_COUNT));
    vf_put_le32(o + 60, HEADERS);
    vf_put_le16(o + 68, PE_SUBSYSTEM_NATIVE);
    vf_put_le16(o + 70, PE_DLL_TS_AWARE | PE_DLL_NX_COMPAT | PE_DLL_DYNAMIC_BASE);
    vf_put_le32(o + fixed - 4, PE_DIR_COUNT);
    uint8_t *directories = o + fixed;
    vf_put_le32(directories + 8 * PE_DIR_IMPORT, RDATA_RVA);
    vf_put_le32(directories + 8 * PE_DIR_IMPORT + 4, 40);
    vf_put_le32(directories + 8 * PE_DIR_DEBUG, RDATA_RVA + 0x100);
    vf_put_le32(directories + 8 * PE_DIR_DEBUG + 4, 28);
    uint8_t *s = directories + 128;
    for (uint32_t i = 0; i < SECTION_COUNT; i++, s += 40) {
        memcpy(s, sections[i].name, strlen(sections[i].name));
        vf_put_le32(s + 8, RAW);
        vf_put_le32(s + 12, PAGE * (i + 1));
        vf_put_le32(s + 16, RAW);
        vf_put_le32(s + 20, HEADERS + RAW * i);
        vf_put_le32(s + 36, sections[i].flags);
    }
    memset(image + HEADERS, 0xcc, RAW);
    put_imports(image, plus);
    put_debug(image);
}

void pe_fixture_finished(uint16_t machine, struct vf_buf *out)
{
    pe_fixture(machine, out);
    assert_int_equal(pe_finish(out->data, out->size, 1, NULL), VF_OK);
}

struct pe_section pe_fixture_section(struct vf_view file, const char *name)
{
    struct pe_image image;
    struct pe_section section;

    assert_int_equal(pe_read(file, &image, NULL), VF_OK);
    for (unsigned i = 0; i < image.section_count; i++) {
        pe_section_at(&image, i, &section);
        if (strcmp(section.name, name) == 0)
            return section;
    }
    fail_msg("no section %s", name);
    return section;
}
