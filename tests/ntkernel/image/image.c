/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/image.h"
#include "ntos/verifier.h"

#define IMAGE_LIMIT 4
#define THUNK_SIZE  32

extern const struct nk_export_table nk_ke_exports, nk_ex_exports, nk_mm_exports, nk_io_exports,
    nk_irp_exports, nk_ob_exports, nk_ps_exports, nk_pnp_exports, nk_rtl_exports, nk_hal_exports,
    nk_registry_exports, nk_remove_exports, nk_storport_exports, nk_wdfldr_exports,
    nk_ndis_adapter_exports, nk_ndis_buffer_exports, nk_ndis_system_exports;

static const struct nk_export_table *const tables[] = {
    &nk_ke_exports,          &nk_ex_exports,     &nk_mm_exports,           &nk_io_exports,
    &nk_irp_exports,         &nk_ob_exports,     &nk_ps_exports,           &nk_pnp_exports,
    &nk_rtl_exports,         &nk_hal_exports,    &nk_registry_exports,     &nk_remove_exports,
    &nk_storport_exports,    &nk_wdfldr_exports, &nk_ndis_adapter_exports, &nk_ndis_buffer_exports,
    &nk_ndis_system_exports,
};

static struct nk_image images[IMAGE_LIMIT];

static struct {
    const struct nk_export *export;
    void *thunk;
} thunks[1024];
static ULONG64 thunk_page;
static unsigned thunks_on_page;

/* Where thunks go on, with the IRQL in al and the export in r10. */
void nk_import(void);
_Noreturn void nk_import_denied(void);

void nk_import_denied(void)
{
    nk_report("irql", "IRQL is %u, allowed up to %u", nk_irql(), nk_service().function->max_irql);
}

static UCHAR *emit(UCHAR *p, const char *code, size_t size, const void *immediate)
{
    nk_memcpy(p, code, size);
    nk_memcpy(p + size, &immediate, sizeof(immediate));
    return p + size + sizeof(immediate);
}

static void *make_thunk(const struct nk_export *export)
{
    UCHAR *p;

    if (!thunk_page || (thunks_on_page + 1) * THUNK_SIZE > NK_PAGE_SIZE) {
        thunk_page = nk_va_map(1, NK_FRESH, NK_MAP_EXECUTE);
        thunks_on_page = 0;
    }
    p = (UCHAR *)nk_direct(nk_physical((void *)thunk_page)) + thunks_on_page * THUNK_SIZE;
    p = emit(p, NK_CODE_READ_IRQL "\x49\xBA", sizeof(NK_CODE_READ_IRQL) + 1, export); /* mov r10 */
    p = emit(p, "\x49\xBB", 2, (const void *)nk_import);                              /* mov r11 */
    nk_memcpy(p, "\x41\xFF\xE3", 3);                                                  /* jmp r11 */
    return (void *)(thunk_page + thunks_on_page++ * THUNK_SIZE);
}

void *nk_export_callable(const struct nk_export *export)
{
    unsigned n;

    for (n = 0; n < NK_COUNT(thunks) && thunks[n].export; n++) {
        if (thunks[n].export == export)
            return thunks[n].thunk;
    }
    if (n == NK_COUNT(thunks))
        nk_report("kernel", "more than %u different imports", n);
    thunks[n].export = export;
    thunks[n].thunk = make_thunk(export);
    return thunks[n].thunk;
}

void *nk_export_address(const char *dll, const char *name)
{
    size_t t, n;

    for (t = 0; t < NK_COUNT(tables); t++) {
        const char *from = tables[t]->dll;

        if (dll ? !nk_streq_nocase(from, dll)
                : !nk_streq(from, "ntoskrnl.exe") && !nk_streq(from, "hal.dll"))
            continue;
        for (n = 0; n < tables[t]->count; n++) {
            if (nk_streq(tables[t]->entries[n].name, name))
                return nk_export_callable(&tables[t]->entries[n]);
        }
    }
    return NULL;
}

static ULONG64 resolve(void *context, const char *dll, const char *name)
{
    void *address = nk_export_address(dll, name);

    if (!address)
        nk_log("%s imports %s!%s, which this kernel does not have\n", (const char *)context, dll,
               name);
    return (ULONG64)address;
}

static void fail(const char *name, const char *error)
{
    if (error)
        nk_report("image", "%s is refused: %s", name, error);
}

static unsigned protection(ULONG flags)
{
    return (flags & NK_SECTION_WRITE ? NK_MAP_WRITE : 0) |
           (flags & NK_SECTION_EXECUTE ? NK_MAP_EXECUTE : 0);
}

static void protect_sections(const struct nk_image *image, bool resident)
{
    const struct nk_pe *pe = &image->pe;
    unsigned n;
    ULONG at;

    for (at = 0; at < pe->header_size; at += NK_PAGE_SIZE)
        nk_protect(image->base + at, 0);
    for (n = 0; n < pe->section_count; n++) {
        const struct nk_pe_section *s = &pe->section[n];
        bool pageable =
            !resident && !nk_memcmp(s->name, "PAGE", 4) && !(s->flags & NK_SECTION_NOT_PAGED);

        for (at = 0; at < s->size; at += NK_PAGE_SIZE) {
            nk_protect(image->base + s->rva + at, protection(s->flags));
            if (pageable)
                nk_pageable_set(image->base + s->rva + at);
        }
    }
}

static struct nk_image *image_slot(const char *name)
{
    unsigned n;

    for (n = 0; n < IMAGE_LIMIT && images[n].base; n++)
        ;
    if (n == IMAGE_LIMIT)
        nk_report("kernel", "no place for a further image, %s", name);
    return &images[n];
}

struct nk_image *nk_image_load(const char *name, const void *data, size_t size, bool resident)
{
    struct nk_image *image = image_slot(name);
    struct nk_pe *pe = &image->pe;
    unsigned n, missing;
    ULONG64 base;
    ULONG cookie;

    fail(name, nk_pe_parse(pe, data, size));
    base = nk_va_map(pe->image_size / NK_PAGE_SIZE, NK_FRESH, NK_MAP_WRITE);
    nk_memset((void *)base, 0, pe->image_size);
    nk_memcpy((void *)base, data, pe->header_size);
    for (n = 0; n < pe->section_count; n++)
        nk_memcpy((void *)(base + pe->section[n].rva), pe->data + pe->section[n].file_offset,
                  pe->section[n].file_size);
    nk_format(image->name, sizeof(image->name), "%s", name);
    fail(name, nk_pe_relocate(pe, (UCHAR *)base, base));
    fail(name, nk_pe_bind(pe, (UCHAR *)base, resolve, image->name, &missing));
    if (missing)
        nk_report("import", "%s is refused: %u imports are missing (listed above)", name, missing);
    cookie = nk_pe_cookie(pe, (UCHAR *)base, base);
    if (cookie)
        *(ULONG64 *)(base + cookie) = nk_tsc() & 0x0000FFFFFFFFFFFFull;
    image->base = base;
    protect_sections(image, resident);
    return image;
}

void nk_image_discard_init(struct nk_image *image)
{
    unsigned n;

    for (n = 0; n < image->pe.section_count; n++) {
        const struct nk_pe_section *s = &image->pe.section[n];

        if (s->flags & NK_SECTION_DISCARDABLE)
            nk_va_unmap((void *)(image->base + s->rva), s->size, true);
    }
}

void nk_image_unload(struct nk_image *image)
{
    nk_va_unmap((void *)image->base, image->pe.image_size, true);
    image->base = 0;
}

const struct nk_image *nk_image_at(ULONG64 address, const struct nk_pe_section **section)
{
    unsigned n, s;

    for (n = 0; n < IMAGE_LIMIT; n++) {
        const struct nk_pe *pe = &images[n].pe;

        if (!images[n].base || address - images[n].base >= pe->image_size)
            continue;
        *section = NULL;
        for (s = 0; s < pe->section_count; s++) {
            if (address - images[n].base - pe->section[s].rva < pe->section[s].size)
                *section = &pe->section[s];
        }
        return &images[n];
    }
    return NULL;
}
