/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers, section table and the way from addresses to file bytes. */
#include "builder/pe/pe.h"

#include <string.h>

#include "util/checked.h"

#define DOS_HEADER_SIZE  64
#define DOS_PE_POINTER   0x3c
#define SIGNATURE_SIZE   4
#define COFF_SIZE        20
#define OPTIONAL_FIXED   96  /* PE32, up to the directories */
#define OPTIONAL_FIXED64 112 /* PE32+ */
#define MAGIC_PE32       0x10b
#define MAGIC_PE32PLUS   0x20b
#define CHECKSUM_OFFSET  64 /* in the optional header, both kinds */
#define SECTION_SIZE     40
#define SECTIONS_MAX     96 /* the loader's own limit */

static bool find_signature(struct vf_view file, uint32_t *offset)
{
    if (file.size < DOS_HEADER_SIZE || file.data[0] != 'M' || file.data[1] != 'Z')
        return false;
    *offset = vf_le32(file.data + DOS_PE_POINTER);
    return vf_range_ok(*offset, SIGNATURE_SIZE, file.size) &&
           memcmp(file.data + *offset, "PE\0", SIGNATURE_SIZE) == 0;
}

bool pe_is_image(struct vf_view file)
{
    uint32_t offset;
    return find_signature(file, &offset);
}

static enum vf_code read_optional(struct pe_image *image, uint32_t size, struct vf_err *err)
{
    const uint8_t *o = image->file.data + image->optional_offset;
    uint16_t magic = size >= 2 ? vf_le16(o) : 0;

    if (magic != MAGIC_PE32 && magic != MAGIC_PE32PLUS)
        return vf_fail(err, VF_MALFORMED,
                       "offset 0x%x: expected a PE32 or PE32+ optional header, found magic 0x%x",
                       image->optional_offset, magic);
    image->plus = magic == MAGIC_PE32PLUS;
    uint32_t fixed = image->plus ? OPTIONAL_FIXED64 : OPTIONAL_FIXED;
    if (size < fixed)
        return vf_fail(err, VF_MALFORMED,
                       "offset 0x%x: the optional header has %u bytes, at least %u are needed",
                       image->optional_offset, size, fixed);
    image->entry = vf_le32(o + 16);
    image->base = image->plus ? vf_le64(o + 24) : vf_le32(o + 28);
    image->section_alignment = vf_le32(o + 32);
    image->file_alignment = vf_le32(o + 36);
    image->os_major = vf_le16(o + 40);
    image->os_minor = vf_le16(o + 42);
    image->image_major = vf_le16(o + 44);
    image->image_minor = vf_le16(o + 46);
    image->subsystem_major = vf_le16(o + 48);
    image->subsystem_minor = vf_le16(o + 50);
    image->image_size = vf_le32(o + 56);
    image->headers_size = vf_le32(o + 60);
    image->checksum_offset = image->optional_offset + CHECKSUM_OFFSET;
    image->checksum = vf_le32(o + CHECKSUM_OFFSET);
    image->subsystem = vf_le16(o + 68);
    image->dll_characteristics = vf_le16(o + 70);

    uint32_t stated = vf_le32(o + fixed - 4);
    image->directory_count = stated < PE_DIR_COUNT ? stated : PE_DIR_COUNT;
    if (size - fixed < image->directory_count * 8)
        return vf_fail(
            err, VF_MALFORMED,
            "offset 0x%x: %u data directories do not fit the optional header of %u bytes",
            image->optional_offset, image->directory_count, size);
    for (uint32_t i = 0; i < image->directory_count; i++) {
        image->directories[i].address = vf_le32(o + fixed + 8 * (size_t)i);
        image->directories[i].size = vf_le32(o + fixed + 8 * (size_t)i + 4);
    }
    if (image->directory_count > PE_DIR_CERTIFICATE)
        image->certificate_entry_offset = image->optional_offset + fixed + 8 * PE_DIR_CERTIFICATE;
    return VF_OK;
}

static enum vf_code check_sections(const struct pe_image *image, struct vf_err *err)
{
    if (image->section_count > SECTIONS_MAX)
        return vf_fail(err, VF_MALFORMED, "offset 0x%x: %u sections, Windows loads at most %u",
                       image->coff_offset + 2, image->section_count, SECTIONS_MAX);
    if (!vf_range_ok(image->sections_offset, (uint64_t)image->section_count * SECTION_SIZE,
                     image->file.size))
        return vf_fail(err, VF_MALFORMED,
                       "offset 0x%x: the file ends inside its section table of %u entries",
                       image->sections_offset, image->section_count);
    for (unsigned i = 0; i < image->section_count; i++) {
        struct pe_section section;
        pe_section_at(image, i, &section);
        if (section.file_size &&
            !vf_range_ok(section.file_offset, section.file_size, image->file.size))
            return vf_fail(
                err, VF_MALFORMED,
                "section %s: 0x%x bytes at offset 0x%x lie outside the file of %zu bytes; "
                "is it truncated?",
                section.name, section.file_size, section.file_offset, image->file.size);
    }
    if (!vf_range_ok(0, image->headers_size, image->file.size))
        return vf_fail(err, VF_MALFORMED, "the headers claim 0x%x bytes, the file has %zu",
                       image->headers_size, image->file.size);
    return VF_OK;
}

static enum vf_code check_certificates(const struct pe_image *image, struct vf_err *err)
{
    const struct pe_directory *table = &image->directories[PE_DIR_CERTIFICATE];

    if (!table->size)
        return VF_OK;
    if (!vf_range_ok(table->address, table->size, image->file.size) ||
        table->address < image->certificate_entry_offset + 8)
        return vf_fail(err, VF_MALFORMED,
                       "the certificate table (0x%x bytes at offset 0x%x) does not lie in the file",
                       table->size, table->address);
    return VF_OK;
}

enum vf_code pe_read(struct vf_view file, struct pe_image *image, struct vf_err *err)
{
    uint32_t signature;

    memset(image, 0, sizeof(*image));
    image->file = file;
    if (!find_signature(file, &signature))
        return vf_fail(err, VF_MALFORMED,
                       "not a Windows image: expected 'MZ' at offset 0 and 'PE' where offset 0x3c "
                       "points");
    if (file.size > PE_FILE_MAX)
        return vf_fail(err, VF_MALFORMED, "the image has %zu bytes, at most %zu are read",
                       file.size, PE_FILE_MAX);
    if (!vf_range_ok((uint64_t)signature + SIGNATURE_SIZE, COFF_SIZE, file.size))
        return vf_fail(err, VF_MALFORMED, "the file ends inside its file header at offset 0x%x",
                       signature);
    image->coff_offset = signature + SIGNATURE_SIZE;
    const uint8_t *coff = file.data + image->coff_offset;
    image->machine = vf_le16(coff);
    image->section_count = vf_le16(coff + 2);
    image->timestamp = vf_le32(coff + 4);
    uint32_t optional_size = vf_le16(coff + 16);
    image->characteristics = vf_le16(coff + 18);
    image->optional_offset = image->coff_offset + COFF_SIZE;
    image->sections_offset = image->optional_offset + optional_size;
    if (!vf_range_ok(image->optional_offset, optional_size, file.size))
        return vf_fail(err, VF_MALFORMED, "the file ends inside its optional header at offset 0x%x",
                       image->optional_offset);

    enum vf_code code = read_optional(image, optional_size, err);
    if (!code)
        code = check_sections(image, err);
    if (!code)
        code = check_certificates(image, err);
    return code;
}

void pe_section_at(const struct pe_image *image, unsigned index, struct pe_section *out)
{
    const uint8_t *s = image->file.data + image->sections_offset + (size_t)index * SECTION_SIZE;

    memset(out, 0, sizeof(*out));
    for (int i = 0; i < 8 && s[i]; i++)
        out->name[i] = s[i] >= 0x20 && s[i] < 0x7f ? (char)s[i] : '?';
    out->virtual_size = vf_le32(s + 8);
    out->address = vf_le32(s + 12);
    out->file_size = vf_le32(s + 16);
    out->file_offset = vf_le32(s + 20);
    out->flags = vf_le32(s + 36);
    out->flags_offset = image->sections_offset + index * SECTION_SIZE + 36;
}

bool pe_writable_code(const struct pe_image *image, struct pe_section *out)
{
    const uint32_t both = PE_SECTION_WRITE | PE_SECTION_EXECUTE;

    for (unsigned i = 0; i < image->section_count; i++) {
        struct pe_section section;
        pe_section_at(image, i, &section);
        if ((section.flags & both) != both)
            continue;
        if (out)
            *out = section;
        return true;
    }
    return false;
}

bool pe_at_rva(const struct pe_image *image, uint32_t rva, uint32_t size, struct vf_view *out)
{
    if (vf_range_ok(rva, size, image->headers_size))
        return vf_view_sub(image->file, rva, size, out);
    for (unsigned i = 0; i < image->section_count; i++) {
        struct pe_section section;
        pe_section_at(image, i, &section);
        if (rva < section.address || !vf_range_ok(rva - section.address, size, section.file_size))
            continue;
        return vf_view_sub(image->file, (uint64_t)section.file_offset + (rva - section.address),
                           size, out);
    }
    return false;
}

const char *pe_machine_name(uint16_t machine)
{
    static const struct {
        uint16_t machine;
        const char *name;
    } names[] = {
        {PE_MACHINE_AMD64, "amd64"},
        {PE_MACHINE_X86, "x86"},
        {PE_MACHINE_ARM64, "arm64"},
        {PE_MACHINE_ARM, "arm"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].machine == machine)
            return names[i].name;
    return NULL;
}
