/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Field offsets are those of the published PE/COFF specification, PE32+ form. */
#include "image/pe.h"

#define MACHINE_AMD64 0x8664

enum { DIRECTORY_IMPORT = 1, DIRECTORY_RELOCATION = 5, DIRECTORY_TLS = 9, DIRECTORY_CONFIG = 10 };
enum { RELOCATION_NONE = 0, RELOCATION_DIR64 = 10 };

#define CONFIG_COOKIE     0x58
#define IMPORT_DESCRIPTOR 20
#define NAME_LIMIT        128
#define IMPORT_LIMIT      4096 /* some hundred are many; tables may overlap, so the file sets none */

static USHORT get16(const UCHAR *p)
{
    return (USHORT)(p[0] | p[1] << 8);
}

static ULONG get32(const UCHAR *p)
{
    return get16(p) | (ULONG)get16(p + 2) << 16;
}

static ULONG64 get64(const UCHAR *p)
{
    return get32(p) | (ULONG64)get32(p + 4) << 32;
}

static void put64(UCHAR *p, ULONG64 value)
{
    unsigned n;

    for (n = 0; n < 8; n++)
        p[n] = (UCHAR)(value >> 8 * n);
}

static bool within(ULONG64 offset, ULONG64 length, ULONG64 size)
{
    return offset <= size && length <= size - offset;
}

static bool parse_directory(const struct nk_pe *pe, const UCHAR *optional, ULONG count,
                            unsigned index, struct nk_pe_directory *out)
{
    *out = (struct nk_pe_directory){0};
    if (index >= count)
        return true;
    out->rva = get32(optional + 112 + 8 * (size_t)index);
    out->size = get32(optional + 116 + 8 * (size_t)index);
    return within(out->rva, out->size, pe->image_size);
}

static const char *parse_section(struct nk_pe *pe, const UCHAR *raw, ULONG *next_rva)
{
    struct nk_pe_section *s = &pe->section[pe->section_count];
    ULONG virtual_size = get32(raw + 8);
    unsigned n;

    for (n = 0; n < 8; n++)
        s->name[n] = (char)raw[n];
    s->rva = get32(raw + 12);
    s->file_size = get32(raw + 16);
    s->file_offset = get32(raw + 20);
    s->flags = get32(raw + 36);
    if (!virtual_size)
        virtual_size = s->file_size;
    if (!virtual_size || !within(s->rva, virtual_size, pe->image_size))
        return "a section lies outside the image";
    s->size = (virtual_size + NK_PAGE_SIZE - 1) & ~(NK_PAGE_SIZE - 1);
    if (s->rva % NK_PAGE_SIZE || s->rva < *next_rva || s->size > pe->image_size - s->rva)
        return "sections are not in order, overlap or are not page aligned";
    if (s->file_size > virtual_size)
        s->file_size = virtual_size;
    if (s->file_size && !within(s->file_offset, s->file_size, pe->size))
        return "truncated: a section's data lies behind the end of the file";
    if (s->flags & NK_SECTION_WRITE && s->flags & NK_SECTION_EXECUTE)
        return "a section is both writable and executable";
    *next_rva = s->rva + s->size;
    pe->section_count++;
    return NULL;
}

const char *nk_pe_parse(struct nk_pe *pe, const void *bytes, size_t size)
{
    const UCHAR *data = bytes, *coff, *optional;
    ULONG new_header, optional_size, count, next_rva;
    struct nk_pe_directory tls;
    unsigned sections, n;
    const char *error;

    *pe = (struct nk_pe){.data = data, .size = size};
    if (size < 64 || get16(data) != 0x5A4D)
        return "not a PE image (no MZ header)";
    new_header = get32(data + 60);
    if (!within(new_header, 24, size) || get32(data + new_header) != 0x00004550)
        return "not a PE image (no PE header)";
    coff = data + new_header + 4;
    if (get16(coff) != MACHINE_AMD64)
        return "wrong machine: this kernel runs amd64 drivers";
    sections = get16(coff + 2);
    optional_size = get16(coff + 16);
    optional = coff + 20;
    if (!within(new_header + 24ull, optional_size + 40ull * sections, size))
        return "truncated: the section table lies behind the end of the file";
    if (optional_size < 112 || get16(optional) != 0x20B)
        return "not a PE32+ image";
    pe->entry = get32(optional + 16);
    pe->base = get64(optional + 24);
    pe->image_size = get32(optional + 56);
    pe->header_size = get32(optional + 60);
    count = get32(optional + 108);
    if (get32(optional + 32) != NK_PAGE_SIZE)
        return "the section alignment is not a page";
    if (get16(optional + 68) != 1)
        return "the subsystem is not native";
    if (pe->image_size > NK_PE_IMAGE_SIZE || pe->image_size % NK_PAGE_SIZE)
        return "the image size is not believable";
    if (pe->header_size > size || pe->header_size > pe->image_size ||
        pe->header_size < new_header + 24 + optional_size + 40 * sections)
        return "the header size is wrong";
    if (!sections || sections > NK_PE_SECTIONS)
        return "no sections, or too many";
    if (count > 16 || 112 + 8ull * count > optional_size)
        return "the data directories do not fit into the header";
    if (!parse_directory(pe, optional, count, DIRECTORY_IMPORT, &pe->imports) ||
        !parse_directory(pe, optional, count, DIRECTORY_RELOCATION, &pe->relocations) ||
        !parse_directory(pe, optional, count, DIRECTORY_TLS, &tls) ||
        !parse_directory(pe, optional, count, DIRECTORY_CONFIG, &pe->config))
        return "a data directory lies outside the image";
    if (tls.rva)
        return "the image uses thread-local storage, which drivers cannot";
    next_rva = (pe->header_size + NK_PAGE_SIZE - 1) & ~(NK_PAGE_SIZE - 1);
    for (n = 0; n < sections; n++) {
        error = parse_section(pe, optional + optional_size + 40 * (size_t)n, &next_rva);
        if (error)
            return error;
    }
    for (n = 0; n < sections; n++) {
        if (pe->entry - pe->section[n].rva < pe->section[n].size &&
            pe->section[n].flags & NK_SECTION_EXECUTE)
            return NULL;
    }
    return "the entry point lies outside executable sections";
}

const char *nk_pe_relocate(const struct nk_pe *pe, UCHAR *image, ULONG64 base)
{
    const UCHAR *p = image + pe->relocations.rva;
    ULONG left = pe->relocations.size, at;

    while (left >= 8) {
        ULONG page = get32(p), block = get32(p + 4);

        if (block < 8 || block > left || block % 2)
            return "a relocation block has a wrong size";
        for (at = 8; at < block; at += 2) {
            USHORT entry = get16(p + at);
            ULONG64 target = (ULONG64)page + (entry & 0xFFF);

            if (entry >> 12 == RELOCATION_NONE)
                continue;
            if (entry >> 12 != RELOCATION_DIR64 || !within(target, 8, pe->image_size))
                return "a relocation has an unknown type or lies outside the image";
            put64(image + target, get64(image + target) + base - pe->base);
        }
        p += block;
        left -= block;
    }
    return NULL;
}

/* A NUL-terminated printable name at `rva`; NULL if there is none. */
static const char *name_at(const struct nk_pe *pe, const UCHAR *image, ULONG64 rva)
{
    size_t n;

    for (n = 0; n < NAME_LIMIT && rva + n < pe->image_size; n++) {
        UCHAR c = image[rva + n];

        if (!c)
            return n ? (const char *)image + rva : NULL;
        if (c <= 32 || c > 126)
            return NULL;
    }
    return NULL;
}

static const char *bind_dll(const struct nk_pe *pe, UCHAR *image, const UCHAR *descriptor,
                            nk_pe_resolve_fn *resolve, void *context, unsigned *missing,
                            ULONG *left)
{
    ULONG names = get32(descriptor), slots = get32(descriptor + 16), dll_rva, n;

    dll_rva = get32(descriptor + 12);
    if (!names)
        names = slots;
    for (n = 0;; n += 8) {
        const char *dll = name_at(pe, image, dll_rva), *name; /* a slot may lie in it */
        ULONG64 value, address;

        if (!dll)
            return "an import descriptor has no readable DLL name";
        if (!--*left)
            return "there are more imports than any driver has";

        if (!within((ULONG64)names + n, 8, pe->image_size) ||
            !within((ULONG64)slots + n, 8, pe->image_size))
            return "an import table runs out of the image";
        value = get64(image + names + n);
        if (!value)
            return NULL;
        if (value >> 63)
            return "an import is by ordinal";
        name = name_at(pe, image, value + 2);
        if (!name)
            return "an import has no readable name";
        address = resolve(context, dll, name);
        if (!address)
            ++*missing;
        put64(image + slots + n, address);
    }
}

const char *nk_pe_bind(const struct nk_pe *pe, UCHAR *image, nk_pe_resolve_fn *resolve,
                       void *context, unsigned *missing)
{
    ULONG at = pe->imports.rva, left = IMPORT_LIMIT;

    *missing = 0;
    if (!at)
        return NULL;
    for (;; at += IMPORT_DESCRIPTOR) {
        const char *error;

        if (!within(at, IMPORT_DESCRIPTOR, pe->image_size))
            return "the import directory runs out of the image";
        if (!get32(image + at + 12) && !get32(image + at + 16))
            return NULL;
        error = bind_dll(pe, image, image + at, resolve, context, missing, &left);
        if (error)
            return error;
    }
}

ULONG nk_pe_cookie(const struct nk_pe *pe, const UCHAR *image, ULONG64 base)
{
    ULONG64 va;

    if (!pe->config.rva || !within(pe->config.rva, CONFIG_COOKIE + 8, pe->image_size) ||
        get32(image + pe->config.rva) < CONFIG_COOKIE + 8)
        return 0;
    va = get64(image + pe->config.rva + CONFIG_COOKIE); /* relocated already */
    return va > base && within(va - base, 8, pe->image_size) ? (ULONG)(va - base) : 0;
}
