/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Catalogs (.cat): the lists of file digests that Windows checks driver packages against.
 *
 * A catalog is a certificate trust list with one entry per file (version 1, SHA-1) or two (version
 * 2, SHA-1 and SHA-256), inside PKCS #7 SignedData. struct cat_list is what such a list says, as
 * plain data: cat_read() makes one from a file, cat_create() from a package's files, cat_write()
 * encodes one, so that a catalog read and written again has the same bytes. Writing gives a catalog
 * without signer; builder/sign signs it.
 *
 * Sources: the structures of wintrust.h and mscat.h ("Catalog Definition Function", Inf2Cat) and
 * the catalogs of published drivers.
 */
#ifndef BUILDER_CAT_CAT_H
#define BUILDER_CAT_CAT_H

#include <stdbool.h>
#include <stdint.h>

#include "builder/cat/os.h"
#include "builder/sign/spc.h"
#include "util/bytes.h"
#include "util/digest.h"
#include "util/error.h"

/* A catalog file larger than this is refused by those who read one. */
#define CAT_FILE_MAX ((size_t)64 << 20)
/* A member file larger than this is refused by those who read one. */
#define CAT_MEMBER_MAX ((size_t)256 << 20)

#define CAT_IDENTIFIER_SIZE 16

/* The flags of values in driver catalogs: authenticated, plain text, plain name. */
#define CAT_VALUE_FLAGS 0x10010001u
/* Of "PE": plain text and name only. */
#define CAT_PE_FLAGS 0x00010001u

/* A named text: of the catalog as a whole ("OS", "HWID1"), or of an entry ("File", "OSAttr"). */
struct cat_value {
    char *name;
    char *text;
    uint32_t flags;
};

struct cat_entry {
    struct vf_digest digest; /* that the entry is found by */
    enum spc_kind kind;
    struct cat_value *values; /* order does not matter: they are encoded sorted */
    size_t value_count;

    bool has_info;      /* kind is stated on its own, as Windows's tools do */
    bool has_statement; /* the digest is stated once more as SpcIndirectDataContent: these: */
    bool obsolete_name;
    enum vf_hash page_hash;
    struct vf_buf page_rows; /* an image's page hashes, a cabinet's "enhanced hash" */
};

struct cat_list {
    int version;                             /* 1 or 2 */
    uint8_t identifier[CAT_IDENTIFIER_SIZE]; /* a GUID in Windows's byte order */
    int64_t time;                            /* seconds since 1970 */
    struct cat_entry *entries;               /* in file order */
    size_t entry_count;
    struct cat_value *values; /* in file order: the reverse of the order of insertion */
    size_t value_count;
    size_t unknown; /* attributes that were not understood and are not kept */
};

/* A file of a package as its catalog will name it. */
struct cat_member {
    const char *name; /* any case, with folders or without: written lower-case and bare */
    enum spc_kind kind;
    struct vf_digest sha1, sha256;
    struct vf_buf sha1_rows, sha256_rows; /* as page_rows above; empty for none */
    unsigned arches;          /* INF_ARCH_BIT()s of the systems that use the file; 0: all */
    struct cat_value *values; /* of its entry besides File and OSAttr */
    size_t value_count;
};

/*
 * Judge a file by its content and compute its digests; with pages, the page hashes of an image too.
 * name is borrowed. Ends with cat_member_free(). VF_MALFORMED for a broken image.
 */
enum vf_code cat_member_make(const char *name, struct vf_view content, bool pages,
                             struct cat_member *out, struct vf_err *err);
void cat_member_free(struct cat_member *member);

struct cat_spec {
    const struct cat_member *members;
    size_t member_count;
    const char *const *hardware_ids; /* in INF order; written lower-case, equal ones once */
    size_t hardware_id_count;
    const struct cat_os *const *systems; /* at least one; written in this order */
    size_t system_count;
    int version;               /* 1, 2, or 0: as the systems demand */
    const uint8_t *identifier; /* CAT_IDENTIFIER_SIZE bytes; NULL: made from all the rest */
    int64_t time;              /* seconds since 1970 */
    bool trusted;              /* the catalog says "PE: TRUSTED" */
};

/*
 * Make the list that describes a package; free with cat_list_free(). VF_USAGE for a spec without
 * members or systems, or version 2 asked for a system that knows only version 1.
 */
enum vf_code cat_create(const struct cat_spec *spec, struct cat_list **out, struct vf_err *err);

/* Read the list of a catalog file; free with cat_list_free(). Signatures are not looked at. */
enum vf_code cat_read(struct vf_view file, struct cat_list **out, struct vf_err *err);

/* Append the catalog without signer. Entries and values are written in the order they have. */
enum vf_code cat_write(const struct cat_list *list, struct vf_buf *out, struct vf_err *err);

void cat_list_free(struct cat_list *list);

/* "image", "cabinet" or "file". */
const char *cat_kind_text(enum spc_kind kind);

/* The text of a value, by name as written; NULL where there is none. */
const char *cat_list_value(const struct cat_list *list, const char *name);
const char *cat_entry_value(const struct cat_entry *entry, const char *name);

/* The entry for a digest, NULL where there is none. */
const struct cat_entry *cat_find(const struct cat_list *list, const struct vf_digest *digest);

/* What a catalog says of a file. */
enum cat_verdict {
    CAT_COVERED,   /* it lists this content */
    CAT_CHANGED,   /* it lists a file of this name with other content */
    CAT_LINE_ENDS, /* it lists this text with other line ends: changed on the way here */
    CAT_UNLISTED,  /* it lists neither */
};

/* Text that is looked up with other line ends too is at most so long. */
#define CAT_TEXT_MAX ((size_t)4 << 20)

/*
 * Look a file up: by its strongest digest that the list uses, and by its bare name without regard
 * to case. VF_MALFORMED for a broken image, which no catalog can cover.
 */
enum vf_code cat_check(const struct cat_list *list, const char *name, struct vf_view content,
                       enum cat_verdict *out, struct vf_err *err);

/* "5b1ec1a0-..." in the usual form, with its NUL. */
#define CAT_GUID_TEXT_SIZE 37
void cat_identifier_text(const uint8_t identifier[CAT_IDENTIFIER_SIZE],
                         char out[CAT_GUID_TEXT_SIZE]);

/* Read that form, with braces around it or without; false where text is none. */
bool cat_identifier_parse(const char *text, uint8_t identifier[CAT_IDENTIFIER_SIZE]);

#endif
