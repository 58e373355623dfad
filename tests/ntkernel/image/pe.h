/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A view of an amd64 PE driver image in memory. Nothing of the file is believed: every offset and
 * count is checked against the file's or the image's size before it is followed. Depends on
 * nothing but the types, so that the unit tests run it on the host.
 */
#ifndef NK_PE_H
#define NK_PE_H

#include "ntos/nt_types.h"

#define NK_PE_SECTIONS   32
#define NK_PE_IMAGE_SIZE (16u << 20) /* largest image accepted */

#define NK_SECTION_DISCARDABLE 0x02000000u
#define NK_SECTION_NOT_PAGED   0x08000000u
#define NK_SECTION_EXECUTE     0x20000000u
#define NK_SECTION_WRITE       0x80000000u

struct nk_pe_section {
    char name[9];
    ULONG rva, size; /* in memory; size rounded up to pages */
    ULONG file_offset, file_size;
    ULONG flags;
};

struct nk_pe_directory {
    ULONG rva, size;
};

struct nk_pe {
    const UCHAR *data;
    size_t size;
    ULONG64 base;
    ULONG image_size, header_size, entry;
    struct nk_pe_directory imports, relocations, config;
    unsigned section_count;
    struct nk_pe_section section[NK_PE_SECTIONS];
};

/** Check a file's headers and section table. Returns NULL, or what is wrong with the file. `data`
 * must outlive `pe`. */
const char *nk_pe_parse(struct nk_pe *pe, const void *data, size_t size);

/** Apply base relocations to a mapped image (`image` holds image_size bytes) that will run at
 * `base`. Returns NULL or what is wrong. */
const char *nk_pe_relocate(const struct nk_pe *pe, UCHAR *image, ULONG64 base);

/** Called for each import; returns the address to bind, 0 if there is none. */
typedef ULONG64 nk_pe_resolve_fn(void *context, const char *dll, const char *name);

/** Bind all imports of a mapped image. Every import is offered to `resolve` even after a missing
 * one; *missing counts those that got 0. Returns NULL or what is wrong with the tables. */
const char *nk_pe_bind(const struct nk_pe *pe, UCHAR *image, nk_pe_resolve_fn *resolve,
                       void *context, unsigned *missing);

/** Offset of the security cookie in the image, 0 if there is none. */
ULONG nk_pe_cookie(const struct nk_pe *pe, const UCHAR *image, ULONG64 base);

#endif
