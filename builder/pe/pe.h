/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows executable images (PE32 and PE32+): what they say, their digests, their signatures'
 * place.
 *
 * pe_read() checks the headers once and fills a struct pe_image; every other function takes that.
 * An image borrows the bytes it was read from and owns nothing, so there is nothing to free. Each
 * offset, size and address in the file is checked against the file's length when it is followed; no
 * function here allocates in proportion to a number the file states.
 *
 * Source of all layouts: "PE Format", learn.microsoft.com/windows/win32/debug/pe-format; digests
 * and certificate table: "Windows Authenticode Portable Executable Signature Format" (2008).
 */
#ifndef BUILDER_PE_PE_H
#define BUILDER_PE_PE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/bytes.h"
#include "util/digest.h"
#include "util/error.h"

/* An image file larger than this is refused by those who read one. */
#define PE_FILE_MAX ((size_t)256 << 20)

#define PE_MACHINE_X86   0x014c
#define PE_MACHINE_ARM   0x01c4
#define PE_MACHINE_AMD64 0x8664
#define PE_MACHINE_ARM64 0xaa64

#define PE_SUBSYSTEM_NATIVE 1

#define PE_DLL_HIGH_ENTROPY_VA 0x0020
#define PE_DLL_DYNAMIC_BASE    0x0040
#define PE_DLL_FORCE_INTEGRITY 0x0080
#define PE_DLL_NX_COMPAT       0x0100
#define PE_DLL_NO_SEH          0x0400
#define PE_DLL_WDM_DRIVER      0x2000
#define PE_DLL_GUARD_CF        0x4000
#define PE_DLL_TS_AWARE        0x8000

#define PE_SECTION_CODE        0x00000020u
#define PE_SECTION_DATA        0x00000040u
#define PE_SECTION_DISCARDABLE 0x02000000u
#define PE_SECTION_NOT_PAGED   0x08000000u
#define PE_SECTION_EXECUTE     0x20000000u
#define PE_SECTION_READ        0x40000000u
#define PE_SECTION_WRITE       0x80000000u

enum pe_directory_index {
    PE_DIR_EXPORT = 0,
    PE_DIR_IMPORT = 1,
    PE_DIR_RESOURCE = 2,
    PE_DIR_CERTIFICATE = 4, /* its address is a file offset, unlike all others */
    PE_DIR_RELOCATION = 5,
    PE_DIR_DEBUG = 6,
    PE_DIR_TLS = 9,
    PE_DIR_LOAD_CONFIG = 10,
    PE_DIR_COUNT = 16
};

struct pe_directory {
    uint32_t address; /* RVA, or file offset for the certificate table */
    uint32_t size;    /* bytes; 0 where the directory is absent */
};

struct pe_image {
    struct vf_view file; /* borrowed */
    bool plus;           /* PE32+ (64-bit) */
    uint16_t machine;
    uint16_t characteristics;
    uint32_t timestamp;
    uint32_t entry; /* RVA */
    uint64_t base;
    uint32_t section_alignment, file_alignment;
    uint16_t os_major, os_minor;
    uint16_t image_major, image_minor;
    uint16_t subsystem, subsystem_major, subsystem_minor;
    uint16_t dll_characteristics;
    uint32_t image_size, headers_size;
    uint32_t checksum; /* as stored */
    uint16_t section_count;
    uint32_t directory_count; /* how many of directories[] the file has */
    struct pe_directory directories[PE_DIR_COUNT];

    /* file offsets of what signing and finishing change */
    uint32_t coff_offset, optional_offset, sections_offset;
    uint32_t checksum_offset, certificate_entry_offset; /* the latter 0 where there is none */
};

struct pe_section {
    char name[9]; /* NUL-terminated, bytes outside printable ASCII replaced by '?' */
    uint32_t address, virtual_size;
    uint32_t file_offset, file_size;
    uint32_t flags;
    uint32_t flags_offset; /* where the file stores flags */
};

/* Does the file begin as an image does (MZ, and PE where MZ points)? */
bool pe_is_image(struct vf_view file);

/*
 * Check the headers, the section table and the certificate table's place, and fill image.
 * VF_MALFORMED with the offset and what was expected otherwise.
 */
enum vf_code pe_read(struct vf_view file, struct pe_image *image, struct vf_err *err);

/* The index-th section, index < section_count. pe_read has checked that its data lie in the file.
 */
void pe_section_at(const struct pe_image *image, unsigned index, struct pe_section *out);

/* Is any section both writable and executable? The first such in *out (may be NULL). */
bool pe_writable_code(const struct pe_image *image, struct pe_section *out);

/* The bytes the file stores for [rva, rva + size); false where it does not store them all. */
bool pe_at_rva(const struct pe_image *image, uint32_t rva, uint32_t size, struct vf_view *out);

/* "amd64", "x86", "arm64", "arm", or NULL for any other machine. */
const char *pe_machine_name(uint16_t machine);

/*
 * Call seen for each imported name in file order. name is NULL for an import by ordinal. Both texts
 * lie in the file and live as long as it. At most PE_IMPORTS_MAX names, else VF_MALFORMED. seen may
 * end the walk by returning false; the walk then returns VF_OK.
 */
#define PE_IMPORTS_MAX 65536
typedef bool pe_import_seen(void *context, const char *dll, const char *name, uint16_t ordinal);
enum vf_code pe_imports(const struct pe_image *image, pe_import_seen *seen, void *context,
                        struct vf_err *err);

/* The CodeView record that names the PDB. */
struct pe_pdb {
    uint8_t guid[16]; /* as stored: little-endian GUID */
    uint32_t age;
    const char *path; /* lies in the file */
};

/* Find it; *found tells whether there is one. VF_MALFORMED where the debug directory is broken. */
enum vf_code pe_pdb(const struct pe_image *image, struct pe_pdb *out, bool *found,
                    struct vf_err *err);

/* The checksum that the file should store (as IMAGEHLP's CheckSumMappedFile). */
uint32_t pe_checksum(const struct pe_image *image);

/*
 * Authenticode digest: all of the file but the checksum, the certificate table's directory entry
 * and the table itself; an unsigned file counts as padded with zeros to a multiple of 8 bytes.
 * VF_MALFORMED where data follow the certificate table.
 */
enum vf_code pe_digest(const struct pe_image *image, enum vf_hash hash, struct vf_digest *out,
                       struct vf_err *err);

/*
 * Append page hashes: a row (file offset, 32 bits little-endian; digest) for the headers and for
 * each section_alignment bytes of every section, zero-padded, and a closing row with a zero digest.
 */
enum vf_code pe_page_hashes(const struct pe_image *image, enum vf_hash hash, struct vf_buf *out,
                            struct vf_err *err);

/* The certificate table entries. */
#define PE_CERTIFICATE_PKCS7 0x0002

/*
 * The index-th certificate: its body without the 8-byte header, and its type. *found is false
 * behind the last one. VF_MALFORMED where lengths do not fit.
 */
enum vf_code pe_certificate_at(const struct pe_image *image, unsigned index, struct vf_view *body,
                               uint16_t *type, bool *found, struct vf_err *err);

/*
 * Append to out (empty) the image with its certificate table replaced by one entry holding the
 * PKCS #7 given; an empty pkcs7 leaves an unsigned image. Padded to 8 bytes, checksum made right.
 * VF_MALFORMED for an image without room for the directory entry or with data behind its table.
 */
enum vf_code pe_certificate_set(const struct pe_image *image, struct vf_view pkcs7,
                                struct vf_buf *out, struct vf_err *err);

/*
 * Make a freshly linked kernel driver what Windows expects, in place: INIT, .rsrc and .reloc
 * discardable (the latter two read-only), every section but PAGE* and those not paged,
 * the terminal-server bit cleared, the time stamp and the checksum set.
 *
 * Refused with VF_POLICY: an image that is no native image of a known machine with 4 KiB sections,
 * has a section that is writable and executable, thread-local storage or leftover C++/DWARF
 * sections, or is signed already. data is unchanged then.
 */
enum vf_code pe_finish(uint8_t *data, size_t size, uint32_t timestamp, struct vf_err *err);

#endif
