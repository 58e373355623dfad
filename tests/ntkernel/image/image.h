/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loaded driver images and the tables of functions offered to them.
 *
 * Every import is bound to a small thunk that notes the call (struct nk_service) and compares the
 * IRQL with the table's limit before it jumps to the function, so that no function has to do
 * either.
 */
#ifndef NK_IMAGE_H
#define NK_IMAGE_H

#include "image/pe.h"

struct nk_export {
    const char *name;
    const void *address;
    UCHAR max_irql;
};
NK_OFFSET(struct nk_export, address, 8); /* nk_import knows them */
NK_OFFSET(struct nk_export, max_irql, 16);

struct nk_export_table {
    const char *dll;
    const struct nk_export *entries;
    size_t count;
};

#define NK_EXPORT(name, max_irql) NK_EXPORT_AS(name, name, max_irql)
#define NK_EXPORT_AS(name, function, max_irql)      \
    {                                               \
#name, (const void *)(function), (max_irql) \
    }
#define NK_EXPORT_TABLE(symbol, dll, entries) \
    const struct nk_export_table symbol = {dll, entries, NK_COUNT(entries)}

struct nk_image {
    char name[64];
    ULONG64 base;
    struct nk_pe pe;
};

/** Load a driver file: checked, mapped, relocated, bound, protected. Anything wrong is reported. No
 * section of a resident image is pageable. */
struct nk_image *nk_image_load(const char *name, const void *data, size_t size, bool resident);
/** Unmap what the linker marked discardable, so that late use faults. */
void nk_image_discard_init(struct nk_image *image);
/** Unmap everything. */
void nk_image_unload(struct nk_image *image);
/** The image that holds `address` and its section, NULL for the headers; NULL if none. */
const struct nk_image *nk_image_at(ULONG64 address, const struct nk_pe_section **section);
/** A callable address for an export, or NULL. `dll` may be NULL for ntoskrnl or HAL. */
void *nk_export_address(const char *dll, const char *name);
/** The same for one that is in no table. */
void *nk_export_callable(const struct nk_export *export);

#endif
