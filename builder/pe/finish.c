/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last step of building a driver: from what the linker left to what Windows loads. */
#include "builder/pe/pe.h"

#include <string.h>

#define SECTION_PAGE     4096
#define TIMESTAMP_OFFSET 4  /* in the file header */
#define DLL_FLAGS_OFFSET 70 /* in the optional header */

/* What becomes of a section, by name; the first entry that fits counts. */
static const struct section_rule {
    const char *name;
    bool prefix; /* name begins the section's name */
    bool refused;
    uint32_t set, clear;
} rules[] = {
    {"INIT", false, false, PE_SECTION_DISCARDABLE, 0},
    {".rsrc", false, false, PE_SECTION_DISCARDABLE, PE_SECTION_WRITE},
    {".reloc", false, false, PE_SECTION_DISCARDABLE, PE_SECTION_WRITE},
    {"PAGE", true, false, 0, 0},
    {".tls", false, true, 0, 0},
    {".CRT", false, true, 0, 0},
    {".ctors", false, true, 0, 0},
    {".eh_fram", false, true, 0, 0},
    {"/", true, true, 0, 0},
    {"", true, false, PE_SECTION_NOT_PAGED, 0},
};

static const struct section_rule *rule_of(const char *name)
{
    const struct section_rule *rule = rules;

    while (rule->prefix ? strncmp(name, rule->name, strlen(rule->name)) != 0
                        : strcmp(name, rule->name) != 0)
        rule++;
    return rule;
}

static uint32_t finished_flags(const struct pe_section *section)
{
    const struct section_rule *rule = rule_of(section->name);
    return (section->flags | rule->set) & ~rule->clear;
}

static enum vf_code check(const struct pe_image *image, struct vf_err *err)
{
    const uint32_t both = PE_SECTION_WRITE | PE_SECTION_EXECUTE;

    if (image->subsystem != PE_SUBSYSTEM_NATIVE)
        return vf_fail(err, VF_POLICY,
                       "subsystem %u: a driver is a native image (subsystem 1); link it with "
                       "/subsystem:native",
                       image->subsystem);
    if (!pe_machine_name(image->machine))
        return vf_fail(err, VF_POLICY, "machine 0x%x: expected x86, amd64 or arm64",
                       image->machine);
    if (image->section_alignment != SECTION_PAGE)
        return vf_fail(err, VF_POLICY,
                       "sections are aligned to 0x%x: memory integrity demands 0x1000",
                       image->section_alignment);
    if (image->directories[PE_DIR_CERTIFICATE].size)
        return vf_fail(err, VF_POLICY, "the image is signed already; finish it before signing");
    if (image->directories[PE_DIR_TLS].size)
        return vf_fail(err, VF_POLICY,
                       "the kernel knows no thread-local storage, but the image has");
    for (unsigned i = 0; i < image->section_count; i++) {
        struct pe_section section;
        pe_section_at(image, i, &section);
        if (rule_of(section.name)->refused)
            return vf_fail(err, VF_POLICY,
                           "section %s has no place in a driver; keep the linker from emitting it",
                           section.name);
        if ((finished_flags(&section) & both) == both)
            return vf_fail(err, VF_POLICY,
                           "section %s is writable and executable; memory integrity refuses that",
                           section.name);
    }
    return VF_OK;
}

enum vf_code pe_finish(uint8_t *data, size_t size, uint32_t timestamp, struct vf_err *err)
{
    struct pe_image image;

    enum vf_code code = pe_read((struct vf_view){data, size}, &image, err);
    if (!code)
        code = check(&image, err);
    if (code)
        return code;
    for (unsigned i = 0; i < image.section_count; i++) {
        struct pe_section section;
        pe_section_at(&image, i, &section);
        vf_put_le32(data + section.flags_offset, finished_flags(&section));
    }
    vf_put_le32(data + image.coff_offset + TIMESTAMP_OFFSET, timestamp);
    vf_put_le16(data + image.optional_offset + DLL_FLAGS_OFFSET,
                (uint16_t)(image.dll_characteristics & ~PE_DLL_TS_AWARE));
    vf_put_le32(data + image.checksum_offset, pe_checksum(&image));
    return VF_OK;
}
