/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the data directories lead to: imports and the debug record. */
#include "builder/pe/pe.h"

#include <string.h>

#define DESCRIPTOR_SIZE   20
#define DESCRIPTORS_MAX   1024 /* DLLs imported from */
#define NAME_MAX_BYTES    4096
#define DEBUG_ENTRY_SIZE  28
#define DEBUG_ENTRIES_MAX 64
#define DEBUG_CODEVIEW    2
#define CODEVIEW_FIXED    24 /* "RSDS", GUID, age */
#define ORDINAL_FLAG      0x80000000u

/* The NUL-terminated text at rva, NULL where there is none of at most NAME_MAX_BYTES. */
static const char *text_at(const struct pe_image *image, uint32_t rva)
{
    struct vf_view view = {NULL, 0};

    for (unsigned i = 0; i < image->section_count && !view.data; i++) {
        struct pe_section section;
        pe_section_at(image, i, &section);
        if (rva >= section.address && rva - section.address < section.file_size)
            vf_view_sub(image->file, (uint64_t)section.file_offset + (rva - section.address),
                        section.file_size - (rva - section.address), &view);
    }
    size_t limit = view.size < NAME_MAX_BYTES ? view.size : NAME_MAX_BYTES;
    return view.data && memchr(view.data, 0, limit) ? (const char *)view.data : NULL;
}

static enum vf_code broken(struct vf_err *err, const char *what, uint32_t rva)
{
    return vf_fail(err, VF_MALFORMED, "import table: the %s at address 0x%x is not in the file",
                   what, rva);
}

struct import_walk {
    const struct pe_image *image;
    pe_import_seen *seen;
    void *context;
    unsigned total;
    bool ended;
};

/* The names of one DLL: thunks of 4 or 8 bytes up to a zero one. */
static enum vf_code walk_thunks(struct import_walk *walk, const char *dll, uint32_t rva,
                                struct vf_err *err)
{
    uint32_t width = walk->image->plus ? 8 : 4;

    for (; !walk->ended; rva += width) {
        struct vf_view thunk;
        if (!pe_at_rva(walk->image, rva, width, &thunk))
            return broken(err, "list of names", rva);
        uint32_t low = vf_le32(thunk.data);
        uint32_t high = walk->image->plus ? vf_le32(thunk.data + 4) : low;
        if (!low && !high)
            return VF_OK;
        if (walk->total++ == PE_IMPORTS_MAX)
            return vf_fail(err, VF_MALFORMED, "import table: more than %u names", PE_IMPORTS_MAX);
        if (high & ORDINAL_FLAG) {
            walk->ended = !walk->seen(walk->context, dll, NULL, (uint16_t)low);
            continue;
        }
        const char *name = low < UINT32_MAX - 2 ? text_at(walk->image, low + 2) : NULL;
        if (!name)
            return broken(err, "name", low);
        walk->ended = !walk->seen(walk->context, dll, name, 0);
    }
    return VF_OK;
}

enum vf_code pe_imports(const struct pe_image *image, pe_import_seen *seen, void *context,
                        struct vf_err *err)
{
    const struct pe_directory *table = &image->directories[PE_DIR_IMPORT];
    struct import_walk walk = {image, seen, context, 0, false};

    if (!table->size)
        return VF_OK;
    for (uint32_t i = 0; !walk.ended; i++) {
        struct vf_view descriptor;
        uint32_t rva = table->address + i * DESCRIPTOR_SIZE;
        if (i == DESCRIPTORS_MAX)
            return vf_fail(err, VF_MALFORMED, "import table: more than %u DLLs", DESCRIPTORS_MAX);
        if (!pe_at_rva(image, rva, DESCRIPTOR_SIZE, &descriptor))
            return broken(err, "entry", rva);
        uint32_t names = vf_le32(descriptor.data);
        uint32_t dll_rva = vf_le32(descriptor.data + 12);
        uint32_t addresses = vf_le32(descriptor.data + 16);
        if (!dll_rva || !addresses)
            return VF_OK;
        const char *dll = text_at(image, dll_rva);
        if (!dll)
            return broken(err, "DLL name", dll_rva);
        enum vf_code code = walk_thunks(&walk, dll, names ? names : addresses, err);
        if (code)
            return code;
    }
    return VF_OK;
}

enum vf_code pe_pdb(const struct pe_image *image, struct pe_pdb *out, bool *found,
                    struct vf_err *err)
{
    const struct pe_directory *table = &image->directories[PE_DIR_DEBUG];
    uint32_t count = table->size / DEBUG_ENTRY_SIZE;

    *found = false;
    if (count > DEBUG_ENTRIES_MAX)
        return vf_fail(err, VF_MALFORMED, "debug directory: %u entries, at most %u are read", count,
                       DEBUG_ENTRIES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        struct vf_view entry, record;
        if (!pe_at_rva(image, table->address + i * DEBUG_ENTRY_SIZE, DEBUG_ENTRY_SIZE, &entry))
            return vf_fail(err, VF_MALFORMED, "debug directory: address 0x%x is not in the file",
                           table->address);
        if (vf_le32(entry.data + 12) != DEBUG_CODEVIEW)
            continue;
        uint32_t size = vf_le32(entry.data + 16), offset = vf_le32(entry.data + 24);
        if (!vf_view_sub(image->file, offset, size, &record) || size <= CODEVIEW_FIXED ||
            memcmp(record.data, "RSDS", 4) != 0 ||
            !memchr(record.data + CODEVIEW_FIXED, 0, size - CODEVIEW_FIXED))
            return vf_fail(err, VF_MALFORMED,
                           "debug directory: no whole RSDS record at offset 0x%x", offset);
        memcpy(out->guid, record.data + 4, sizeof(out->guid));
        out->age = vf_le32(record.data + 20);
        out->path = (const char *)record.data + CODEVIEW_FIXED;
        *found = true;
        return VF_OK;
    }
    return VF_OK;
}
