/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/sign/spc.h"

#include <limits.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "builder/sign/sign_private.h"
#include "util/utf16.h"

#define OID_IMAGE_DATA    "1.3.6.1.4.1.311.2.1.15"
#define OID_FLAT_DATA     "1.3.6.1.4.1.311.2.1.25" /* a link to nothing */
#define OID_CABINET_DATA  "1.3.6.1.4.1.311.2.1.28" /* a link, as of a flat file */
#define OID_ENHANCED_HASH "1.3.6.1.4.1.311.2.5.1"
#define OID_PAGES_SHA1    "1.3.6.1.4.1.311.2.3.1"
#define OID_PAGES_SHA256  "1.3.6.1.4.1.311.2.3.2"
#define OBSOLETE_NAME     "<<<Obsolete>>>"
#define CLASS_ID_SIZE     16
#define CATALOG_FLAGS     0xa0 /* resources and imports are covered: the first and third bit */
#define CATALOG_FLAG_BITS 3

static const uint8_t page_class_id[CLASS_ID_SIZE] = {
    0xa6, 0xb5, 0x86, 0xd5, 0xb4, 0xa1, 0x24, 0x66, 0xae, 0x05, 0xa2, 0x17, 0xda, 0x8e, 0x60, 0xd6};

/* clang-format off: the templates' macros read as no C to it */
/* The specification's ASN.1 as OpenSSL's templates tell it; none of these types leaves this file.
 */
typedef struct {
    int type;
    union {
        ASN1_BMPSTRING *unicode;
        ASN1_IA5STRING *ascii;
    } value;
} SPC_STRING;

ASN1_CHOICE(SPC_STRING) = {
    ASN1_IMP(SPC_STRING, value.unicode, ASN1_BMPSTRING, 0),
    ASN1_IMP(SPC_STRING, value.ascii, ASN1_IA5STRING, 1),
} static_ASN1_CHOICE_END(SPC_STRING);

typedef struct {
    ASN1_OCTET_STRING *class_id;
    ASN1_OCTET_STRING *data;
} SPC_OBJECT;

ASN1_SEQUENCE(SPC_OBJECT) = {
    ASN1_SIMPLE(SPC_OBJECT, class_id, ASN1_OCTET_STRING),
    ASN1_SIMPLE(SPC_OBJECT, data, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(SPC_OBJECT);

enum { LINK_URL, LINK_OBJECT, LINK_FILE };

typedef struct {
    int type;
    union {
        ASN1_IA5STRING *url;
        SPC_OBJECT *object;
        SPC_STRING *file;
    } value;
} SPC_LINK;

ASN1_CHOICE(SPC_LINK) = {
    ASN1_IMP(SPC_LINK, value.url, ASN1_IA5STRING, 0),
    ASN1_IMP(SPC_LINK, value.object, SPC_OBJECT, 1),
    ASN1_EXP(SPC_LINK, value.file, SPC_STRING, 2),
} static_ASN1_CHOICE_END(SPC_LINK);

typedef struct {
    ASN1_BIT_STRING *flags;
    SPC_LINK *file;
} SPC_IMAGE_DATA;

ASN1_SEQUENCE(SPC_IMAGE_DATA) = {
    ASN1_SIMPLE(SPC_IMAGE_DATA, flags, ASN1_BIT_STRING),
    ASN1_EXP_OPT(SPC_IMAGE_DATA, file, SPC_LINK, 0),
} static_ASN1_SEQUENCE_END(SPC_IMAGE_DATA);

typedef struct {
    ASN1_OBJECT *type;
    ASN1_TYPE *value;
} SPC_ATTRIBUTE;

ASN1_SEQUENCE(SPC_ATTRIBUTE) = {
    ASN1_SIMPLE(SPC_ATTRIBUTE, type, ASN1_OBJECT),
    ASN1_OPT(SPC_ATTRIBUTE, value, ASN1_ANY),
} static_ASN1_SEQUENCE_END(SPC_ATTRIBUTE);

typedef struct {
    SPC_ATTRIBUTE *data;
    X509_SIG *digest;
} SPC_STATEMENT;

ASN1_SEQUENCE(SPC_STATEMENT) = {
    ASN1_SIMPLE(SPC_STATEMENT, data, SPC_ATTRIBUTE),
    ASN1_SIMPLE(SPC_STATEMENT, digest, X509_SIG),
} static_ASN1_SEQUENCE_END(SPC_STATEMENT);

typedef struct {
    SPC_STRING *name;
    SPC_LINK *url;
} SPC_OPUS;

ASN1_SEQUENCE(SPC_OPUS) = {
    ASN1_EXP_OPT(SPC_OPUS, name, SPC_STRING, 0),
    ASN1_EXP_OPT(SPC_OPUS, url, SPC_LINK, 1),
} static_ASN1_SEQUENCE_END(SPC_OPUS);
/* clang-format on */

/*
 * The page hashes inside SPC_OBJECT.data are a set of (kind, set of one OCTET STRING of rows): the
 * same ASN.1 as a set of attributes, which OpenSSL has a template for.
 */
#define PAGES_ITEM ASN1_ITEM_rptr(PKCS7_ATTR_SIGN)

static const struct page_kind {
    enum vf_hash hash;
    const char *oid;
} page_kinds[] = {{VF_SHA1, OID_PAGES_SHA1}, {VF_SHA256, OID_PAGES_SHA256}};

#define PAGE_KINDS (sizeof(page_kinds) / sizeof(page_kinds[0]))

/* Text into a string type that holds UTF-16 in big-endian order. */
static bool set_unicode(ASN1_BMPSTRING *string, const char *text)
{
    struct vf_buf units = VF_BUF_INIT;
    struct vf_view view = {(const uint8_t *)text, strlen(text)};

    bool good = vf_utf8_to_utf16(view, VF_BIG, &units) && units.size <= INT_MAX &&
                ASN1_STRING_set(string, units.size ? units.data : (uint8_t *)"", (int)units.size);
    vf_buf_free(&units);
    return good;
}

static SPC_STRING *new_string(const char *text)
{
    SPC_STRING *string = (SPC_STRING *)ASN1_item_new(ASN1_ITEM_rptr(SPC_STRING));

    if (!string)
        return NULL;
    string->type = 0;
    string->value.unicode = ASN1_BMPSTRING_new();
    if (!string->value.unicode || !set_unicode(string->value.unicode, text)) {
        ASN1_item_free((ASN1_VALUE *)string, ASN1_ITEM_rptr(SPC_STRING));
        return NULL;
    }
    return string;
}

static SPC_LINK *new_file_link(const char *name)
{
    SPC_LINK *link = (SPC_LINK *)ASN1_item_new(ASN1_ITEM_rptr(SPC_LINK));

    if (!link)
        return NULL;
    link->type = LINK_FILE;
    link->value.file = new_string(name);
    if (!link->value.file) {
        ASN1_item_free((ASN1_VALUE *)link, ASN1_ITEM_rptr(SPC_LINK));
        return NULL;
    }
    return link;
}

/* An ASN1_TYPE that holds what an encoder made; takes der over. */
static ASN1_TYPE *new_any(int type, unsigned char *der, int size)
{
    ASN1_TYPE *any = ASN1_TYPE_new();
    ASN1_STRING *string = ASN1_STRING_type_new(type);

    if (!any || !string || size < 0 || !ASN1_STRING_set(string, der, size)) {
        ASN1_TYPE_free(any);
        ASN1_STRING_free(string);
        any = NULL;
    } else {
        ASN1_TYPE_set(any, type, string);
    }
    OPENSSL_free(der);
    return any;
}

/* What the object inside the link is called. */
static const char *object_oid(const struct spc_statement *statement)
{
    return statement->kind == SPC_CABINET ? OID_ENHANCED_HASH
                                          : page_kinds[statement->page_hash].oid;
}

static bool set_pages(SPC_OBJECT *object, const struct spc_statement *statement)
{
    STACK_OF(X509_ATTRIBUTE) *pages = sk_X509_ATTRIBUTE_new_null();
    ASN1_OBJECT *oid = OBJ_txt2obj(object_oid(statement), 1);
    X509_ATTRIBUTE *attribute = NULL;
    unsigned char *der = NULL;
    bool good = false;

    if (!pages || !oid || statement->page_rows.size > INT_MAX)
        goto done;
    attribute = X509_ATTRIBUTE_create_by_OBJ(
        NULL, oid, V_ASN1_OCTET_STRING, statement->page_rows.data, (int)statement->page_rows.size);
    if (!attribute || !sk_X509_ATTRIBUTE_push(pages, attribute))
        goto done;
    attribute = NULL;
    int size = ASN1_item_i2d((ASN1_VALUE *)pages, &der, PAGES_ITEM);
    good = size > 0 && ASN1_OCTET_STRING_set(object->data, der, size) &&
           ASN1_OCTET_STRING_set(object->class_id, page_class_id, CLASS_ID_SIZE);
    OPENSSL_free(der);
done:
    X509_ATTRIBUTE_free(attribute);
    ASN1_OBJECT_free(oid);
    sk_X509_ATTRIBUTE_pop_free(pages, X509_ATTRIBUTE_free);
    return good;
}

static SPC_LINK *new_link(const struct spc_statement *statement)
{
    if (!statement->page_rows.size)
        return new_file_link(statement->obsolete_name ? OBSOLETE_NAME : "");
    SPC_LINK *link = (SPC_LINK *)ASN1_item_new(ASN1_ITEM_rptr(SPC_LINK));
    if (!link)
        return NULL;
    link->type = LINK_OBJECT;
    link->value.object = (SPC_OBJECT *)ASN1_item_new(ASN1_ITEM_rptr(SPC_OBJECT));
    if (!link->value.object || !set_pages(link->value.object, statement)) {
        ASN1_item_free((ASN1_VALUE *)link, ASN1_ITEM_rptr(SPC_LINK));
        return NULL;
    }
    return link;
}

static ASN1_TYPE *new_image_value(const struct spc_statement *statement)
{
    SPC_IMAGE_DATA *data = (SPC_IMAGE_DATA *)ASN1_item_new(ASN1_ITEM_rptr(SPC_IMAGE_DATA));
    static const uint8_t flags = CATALOG_FLAGS;
    unsigned char *der = NULL;
    int size = -1;

    if (!data)
        return NULL;
    data->file = new_link(statement);
    if (data->file &&
        ASN1_BIT_STRING_set(data->flags, (unsigned char *)&flags, statement->in_catalog)) {
        /* how many of the last byte's bits do not count, said rather than guessed */
        int unused = statement->in_catalog ? 8 - CATALOG_FLAG_BITS : 0;
        data->flags->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 7);
        data->flags->flags |= ASN1_STRING_FLAG_BITS_LEFT | unused;
        size = ASN1_item_i2d((ASN1_VALUE *)data, &der, ASN1_ITEM_rptr(SPC_IMAGE_DATA));
    }
    ASN1_item_free((ASN1_VALUE *)data, ASN1_ITEM_rptr(SPC_IMAGE_DATA));
    return new_any(V_ASN1_SEQUENCE, der, size);
}

static ASN1_TYPE *new_link_value(const struct spc_statement *statement)
{
    SPC_LINK *link = new_link(statement);
    unsigned char *der = NULL;

    if (!link)
        return NULL;
    int size = ASN1_item_i2d((ASN1_VALUE *)link, &der, ASN1_ITEM_rptr(SPC_LINK));
    ASN1_item_free((ASN1_VALUE *)link, ASN1_ITEM_rptr(SPC_LINK));
    return new_any(V_ASN1_OTHER, der, size);
}

static const struct data_kind {
    enum spc_kind kind;
    const char *oid;
} data_kinds[] = {
    {SPC_FLAT, OID_FLAT_DATA}, {SPC_IMAGE, OID_IMAGE_DATA}, {SPC_CABINET, OID_CABINET_DATA}};

#define DATA_KINDS (sizeof(data_kinds) / sizeof(data_kinds[0]))

static const char *data_oid(enum spc_kind kind)
{
    const struct data_kind *at = data_kinds;

    while (at->kind != kind)
        at++;
    return at->oid;
}

static bool set_digest(X509_SIG *signature, const struct vf_digest *digest)
{
    X509_ALGOR *algorithm;
    ASN1_OCTET_STRING *octets;
    int nid = digest->hash == VF_SHA1 ? NID_sha1 : NID_sha256;

    X509_SIG_getm(signature, &algorithm, &octets);
    return X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_NULL, NULL) &&
           ASN1_OCTET_STRING_set(octets, digest->bytes, (int)vf_hash_size(digest->hash));
}

enum vf_code spc_encode(const struct spc_statement *statement, struct vf_buf *out,
                        struct vf_err *err)
{
    SPC_STATEMENT *spc = (SPC_STATEMENT *)ASN1_item_new(ASN1_ITEM_rptr(SPC_STATEMENT));
    unsigned char *der = NULL;
    int size = -1;

    if (!spc)
        return vf_fail_memory(err);
    ASN1_OBJECT_free(spc->data->type);
    spc->data->type = OBJ_txt2obj(data_oid(statement->kind), 1);
    spc->data->value =
        statement->kind == SPC_IMAGE ? new_image_value(statement) : new_link_value(statement);
    if (spc->data->type && spc->data->value && set_digest(spc->digest, &statement->digest))
        size = ASN1_item_i2d((ASN1_VALUE *)spc, &der, ASN1_ITEM_rptr(SPC_STATEMENT));
    ASN1_item_free((ASN1_VALUE *)spc, ASN1_ITEM_rptr(SPC_STATEMENT));
    return sign_append_der(der, size, out, err);
}

/* Decode one item that must fill the view. */
static ASN1_VALUE *decode(struct vf_view der, const ASN1_ITEM *item)
{
    const unsigned char *p = der.data;

    if (der.size > INT_MAX)
        return NULL;
    ASN1_VALUE *value = ASN1_item_d2i(NULL, &p, (long)der.size, item);
    if (value && p != der.data + der.size) {
        ASN1_item_free(value, item);
        value = NULL;
    }
    ERR_clear_error();
    return value;
}

static struct vf_view string_view(const ASN1_STRING *string)
{
    return (struct vf_view){ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string)};
}

static bool is_obsolete(const SPC_LINK *link)
{
    struct vf_buf text = VF_BUF_INIT;

    if (link->type != LINK_FILE || link->value.file->type != 0)
        return false;
    bool is = vf_utf16_to_utf8(string_view(link->value.file->value.unicode), VF_BIG, &text) &&
              text.size == strlen(OBSOLETE_NAME) &&
              memcmp(text.data, OBSOLETE_NAME, text.size) == 0;
    vf_buf_free(&text);
    return is;
}

static bool read_pages(const SPC_OBJECT *object, struct spc_statement *out, struct vf_buf *rows)
{
    bool good = false;

    if (object->class_id->length != CLASS_ID_SIZE ||
        memcmp(object->class_id->data, page_class_id, CLASS_ID_SIZE) != 0)
        return false;
    STACK_OF(X509_ATTRIBUTE) *pages =
        (STACK_OF(X509_ATTRIBUTE) *)decode(string_view(object->data), PAGES_ITEM);
    if (!pages || sk_X509_ATTRIBUTE_num(pages) != 1)
        goto done;
    X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(pages, 0);
    const ASN1_OCTET_STRING *octets =
        X509_ATTRIBUTE_get0_data(attribute, 0, V_ASN1_OCTET_STRING, NULL);
    if (octets && out->kind == SPC_CABINET) {
        vf_buf_append_view(rows, string_view(octets));
        out->page_rows = vf_view_of(rows);
        good = sign_is_oid(X509_ATTRIBUTE_get0_object(attribute), OID_ENHANCED_HASH) &&
               vf_buf_ok(rows) && rows->size == vf_hash_size(VF_SHA256);
        goto done;
    }
    for (size_t i = 0; octets && i < PAGE_KINDS; i++) {
        if (!sign_is_oid(X509_ATTRIBUTE_get0_object(attribute), page_kinds[i].oid))
            continue;
        out->page_hash = page_kinds[i].hash;
        vf_buf_append_view(rows, string_view(octets));
        out->page_rows = vf_view_of(rows);
        good = vf_buf_ok(rows) && rows->size % (4 + vf_hash_size(out->page_hash)) == 0;
    }
done:
    sk_X509_ATTRIBUTE_pop_free(pages, X509_ATTRIBUTE_free);
    return good;
}

static bool read_image(const ASN1_TYPE *value, struct spc_statement *out, struct vf_buf *rows)
{
    if (value->type != V_ASN1_SEQUENCE)
        return false;
    SPC_IMAGE_DATA *data = (SPC_IMAGE_DATA *)decode(string_view(value->value.sequence),
                                                    ASN1_ITEM_rptr(SPC_IMAGE_DATA));
    if (!data)
        return false;
    out->in_catalog = data->flags->length > 0;
    bool good = data->file != NULL;
    if (good && data->file->type == LINK_OBJECT)
        good = read_pages(data->file->value.object, out, rows);
    else if (good)
        out->obsolete_name = is_obsolete(data->file);
    ASN1_item_free((ASN1_VALUE *)data, ASN1_ITEM_rptr(SPC_IMAGE_DATA));
    return good;
}

static bool read_link(const ASN1_TYPE *value, struct spc_statement *out, struct vf_buf *rows)
{
    bool good = true;

    if (value->type != V_ASN1_OTHER)
        return false;
    SPC_LINK *link =
        (SPC_LINK *)decode(string_view(value->value.asn1_string), ASN1_ITEM_rptr(SPC_LINK));
    if (!link)
        return false;
    if (out->kind == SPC_CABINET && link->type == LINK_OBJECT)
        good = read_pages(link->value.object, out, rows);
    else
        out->obsolete_name = is_obsolete(link);
    ASN1_item_free((ASN1_VALUE *)link, ASN1_ITEM_rptr(SPC_LINK));
    return good;
}

static bool read_digest(const X509_SIG *signature, struct vf_digest *out)
{
    const X509_ALGOR *algorithm;
    const ASN1_OCTET_STRING *octets;
    const ASN1_OBJECT *object;

    X509_SIG_get0(signature, &algorithm, &octets);
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    int nid = OBJ_obj2nid(object);
    if (nid != NID_sha1 && nid != NID_sha256)
        return false;
    memset(out, 0, sizeof(*out));
    out->hash = nid == NID_sha1 ? VF_SHA1 : VF_SHA256;
    if ((size_t)octets->length != vf_hash_size(out->hash))
        return false;
    memcpy(out->bytes, octets->data, vf_hash_size(out->hash));
    return true;
}

enum vf_code spc_decode(struct vf_view der, struct spc_statement *out, struct vf_buf *rows,
                        struct vf_err *err)
{
    memset(out, 0, sizeof(*out));
    SPC_STATEMENT *spc = (SPC_STATEMENT *)decode(der, ASN1_ITEM_rptr(SPC_STATEMENT));
    if (!spc)
        return vf_fail(err, VF_MALFORMED,
                       "no SpcIndirectDataContent where a digest should be stated");
    bool good = false;
    for (size_t i = 0; spc->data->value && i < DATA_KINDS; i++) {
        if (!sign_is_oid(spc->data->type, data_kinds[i].oid))
            continue;
        out->kind = data_kinds[i].kind;
        good = out->kind == SPC_IMAGE ? read_image(spc->data->value, out, rows)
                                      : read_link(spc->data->value, out, rows);
    }
    good = good && read_digest(spc->digest, &out->digest);
    ASN1_item_free((ASN1_VALUE *)spc, ASN1_ITEM_rptr(SPC_STATEMENT));
    if (!good)
        return vf_fail(
            err, VF_MALFORMED,
            "a digest is stated for a kind of file, or with an algorithm, not known here");
    return VF_OK;
}

enum vf_code spc_encode_opus(const char *name, const char *url, struct vf_buf *out,
                             struct vf_err *err)
{
    SPC_OPUS *opus = (SPC_OPUS *)ASN1_item_new(ASN1_ITEM_rptr(SPC_OPUS));
    unsigned char *der = NULL;
    int size = -1;
    bool good = opus != NULL;

    if (good && name)
        good = (opus->name = new_string(name)) != NULL;
    if (good && url) {
        opus->url = (SPC_LINK *)ASN1_item_new(ASN1_ITEM_rptr(SPC_LINK));
        good = opus->url != NULL;
        if (good) {
            opus->url->type = LINK_URL;
            opus->url->value.url = ASN1_IA5STRING_new();
            good = opus->url->value.url && ASN1_STRING_set(opus->url->value.url, url, -1);
        }
    }
    if (good)
        size = ASN1_item_i2d((ASN1_VALUE *)opus, &der, ASN1_ITEM_rptr(SPC_OPUS));
    ASN1_item_free((ASN1_VALUE *)opus, ASN1_ITEM_rptr(SPC_OPUS));
    return sign_append_der(der, size, out, err);
}

enum vf_code spc_decode_opus(struct vf_view der, struct vf_buf *name, struct vf_err *err)
{
    SPC_OPUS *opus = (SPC_OPUS *)decode(der, ASN1_ITEM_rptr(SPC_OPUS));
    bool good = opus != NULL;

    if (good && opus->name && opus->name->type == 0)
        good = vf_utf16_to_utf8(string_view(opus->name->value.unicode), VF_BIG, name);
    else if (good && opus->name)
        vf_buf_append_view(name, string_view(opus->name->value.ascii));
    ASN1_item_free((ASN1_VALUE *)opus, ASN1_ITEM_rptr(SPC_OPUS));
    return good ? VF_OK : vf_fail(err, VF_MALFORMED, "no SpcSpOpusInfo where a name is stated");
}

enum vf_code spc_encode_statement_type(struct vf_buf *out, struct vf_err *err)
{
    /* a sequence of purposes, which is what an extended key usage is too */
    EXTENDED_KEY_USAGE *purposes = EXTENDED_KEY_USAGE_new();
    ASN1_OBJECT *individual = OBJ_txt2obj(SPC_OID_INDIVIDUAL, 1);
    unsigned char *der = NULL;
    int size = -1;

    if (purposes && individual && sk_ASN1_OBJECT_push(purposes, individual)) {
        individual = NULL;
        size = i2d_EXTENDED_KEY_USAGE(purposes, &der);
    }
    ASN1_OBJECT_free(individual);
    EXTENDED_KEY_USAGE_free(purposes);
    return sign_append_der(der, size, out, err);
}
