/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ASN.1 of catalogs as OpenSSL's templates tell it, and what reading and writing share. */
#ifndef BUILDER_CAT_CAT_PRIVATE_H
#define BUILDER_CAT_CAT_PRIVATE_H

#include <openssl/asn1.h>
#include <openssl/asn1t.h>
#include <openssl/safestack.h>
#include <openssl/x509.h>

#include "builder/cat/cat.h"

#define CAT_OID_LIST      "1.3.6.1.4.1.311.12.1.1"
#define CAT_OID_MEMBER_V1 "1.3.6.1.4.1.311.12.1.2"
#define CAT_OID_MEMBER_V2 "1.3.6.1.4.1.311.12.1.3"
#define CAT_OID_VALUE     "1.3.6.1.4.1.311.12.2.1"
#define CAT_OID_INFO_V1   "1.3.6.1.4.1.311.12.2.2"
#define CAT_OID_INFO_V2   "1.3.6.1.4.1.311.12.2.3"

/* version 1 member information: the GUID of the kind of file, and this number */
#define CAT_INFO_VERSION 0x200

/* as X509_ATTRIBUTE, which cannot be made with values that are tagged NULLs */
typedef struct {
    ASN1_OBJECT *type;
    STACK_OF(ASN1_TYPE) * values;
} CAT_ATTRIBUTE;
DEFINE_STACK_OF(CAT_ATTRIBUTE);
DECLARE_ASN1_ITEM(CAT_ATTRIBUTE);

typedef struct {
    ASN1_OCTET_STRING *identifier;
    STACK_OF(CAT_ATTRIBUTE) * attributes;
} CAT_SUBJECT;
DEFINE_STACK_OF(CAT_SUBJECT);
DECLARE_ASN1_ITEM(CAT_SUBJECT);

/* CTL_INFO of wincrypt.h */
typedef struct {
    ASN1_INTEGER *version;
    STACK_OF(ASN1_OBJECT) * usage;
    ASN1_OCTET_STRING *identifier;
    ASN1_INTEGER *sequence;
    ASN1_TIME *this_update;
    ASN1_TIME *next_update;
    X509_ALGOR *algorithm;
    STACK_OF(CAT_SUBJECT) * subjects;
    STACK_OF(X509_EXTENSION) * extensions;
} CAT_TRUST_LIST;
DECLARE_ASN1_ITEM(CAT_TRUST_LIST);

/* CAT_NAMEVALUE of wintrust.h */
typedef struct {
    ASN1_BMPSTRING *name;
    ASN1_INTEGER *flags;
    ASN1_OCTET_STRING *value;
} CAT_NAME_VALUE;
DECLARE_ASN1_ITEM(CAT_NAME_VALUE);

/* CAT_MEMBERINFO of wintrust.h */
typedef struct {
    ASN1_BMPSTRING *guid;
    ASN1_INTEGER *version;
} CAT_MEMBER_INFO;
DECLARE_ASN1_ITEM(CAT_MEMBER_INFO);

struct inf_file;

/* Does [SignatureAttributes] ask for page hashes of the file? */
bool cat_attributes_pages(const struct inf_file *inf, const char *name);

/* Give the member what that section asks for it; false where memory is short. */
bool cat_attributes_add(const struct inf_file *inf, const char *name, struct cat_member *member);

/*
 * The architectures that the sections which copy files are for, as INF_ARCH_BIT()s; 0 for all, as
 * where one of them names none.
 */
unsigned cat_attributes_arches(const struct inf_file *inf);

/* Does the INF ask for a trusted PE signature? */
bool cat_attributes_trusted(const struct inf_file *inf);

/* The kind that a file's content makes it, and how catalogs mark that: GUID or tag. */
enum spc_kind cat_kind_of(struct vf_view content);
const char *cat_kind_guid(enum spc_kind kind);
uint8_t cat_kind_tag(enum spc_kind kind);
bool cat_kind_by_guid(const char *guid, enum spc_kind *kind);
bool cat_kind_by_tag(uint8_t tag, enum spc_kind *kind);

/* The digest that a catalog lists a file by. VF_MALFORMED for a broken image. */
enum vf_code cat_digest(enum vf_hash hash, struct vf_view content, struct vf_digest *out,
                        struct vf_err *err);

/* Append the "enhanced hash" that version 2 states of a cabinet: of its size field only. */
enum vf_code cat_cabinet_mark(struct vf_view content, struct vf_buf *out, struct vf_err *err);

/* Room for count elements of size bytes more in an array; false where memory is short. */
bool cat_grow(void **array, size_t count, size_t size);

/* Append a value with copies of the texts; false where memory is short. */
bool cat_add_value(struct cat_value **values, size_t *count, const char *name, const char *text,
                   uint32_t flags);
void cat_values_free(struct cat_value *values, size_t count);

#endif
