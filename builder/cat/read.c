/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a catalog file to the list. Everything here is foreign until checked. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/objects.h>

#include "builder/cat/cat_private.h"
#include "builder/sign/sign.h"
#include "util/utf16.h"

static bool is_oid(const ASN1_OBJECT *object, const char *oid)
{
    char text[128];
    int size = OBJ_obj2txt(text, sizeof(text), object, 1);

    return size > 0 && (size_t)size < sizeof(text) && strcmp(text, oid) == 0;
}

static struct vf_view view_of(const ASN1_STRING *string)
{
    return (struct vf_view){ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string)};
}

/* Decode one item that must fill the view. */
static ASN1_VALUE *decode(struct vf_view der, const ASN1_ITEM *item)
{
    const unsigned char *p = der.data;

    ASN1_VALUE *value = der.size > INT_MAX ? NULL : ASN1_item_d2i(NULL, &p, (long)der.size, item);
    ERR_clear_error();
    if (value && p != der.data + der.size) {
        ASN1_item_free(value, item);
        value = NULL;
    }
    return value;
}

/* UTF-16 as new UTF-8 text; NULL where it is none, or holds a NUL elsewhere than at its end. */
static char *text_of(struct vf_view units, enum vf_endian endian)
{
    struct vf_buf text = VF_BUF_INIT;
    char *copy = NULL;

    if (vf_utf16_to_utf8(units, endian, &text) &&
        (!text.size || !memchr(text.data, 0, text.size)) && vf_buf_text(&text))
        copy = strdup((const char *)text.data);
    vf_buf_free(&text);
    return copy;
}

/* A name and its text; false where der is none. */
static bool read_value(struct vf_view der, struct cat_value **values, size_t *count)
{
    CAT_NAME_VALUE *pair = (CAT_NAME_VALUE *)decode(der, ASN1_ITEM_rptr(CAT_NAME_VALUE));
    char *name = NULL, *text = NULL;
    bool good = false;
    uint64_t flags;

    if (!pair)
        return false;
    struct vf_view value = view_of(pair->value);
    /* the text ends with a NUL of its own */
    if (value.size >= 2 && !value.data[value.size - 1] && !value.data[value.size - 2] &&
        ASN1_INTEGER_get_uint64(&flags, pair->flags) && flags <= UINT32_MAX) {
        value.size -= 2;
        name = text_of(view_of(pair->name), VF_BIG);
        text = text_of(value, VF_LITTLE);
        good = name && text && cat_add_value(values, count, name, text, (uint32_t)flags);
    }
    free(name);
    free(text);
    ASN1_item_free((ASN1_VALUE *)pair, ASN1_ITEM_rptr(CAT_NAME_VALUE));
    ERR_clear_error();
    return good;
}

static bool read_info_v1(const ASN1_TYPE *value, struct cat_entry *entry)
{
    bool good = false;

    if (value->type != V_ASN1_SEQUENCE)
        return false;
    CAT_MEMBER_INFO *info =
        (CAT_MEMBER_INFO *)decode(view_of(value->value.sequence), ASN1_ITEM_rptr(CAT_MEMBER_INFO));
    char *guid = info ? text_of(view_of(info->guid), VF_BIG) : NULL;
    if (guid && ASN1_INTEGER_get(info->version) == CAT_INFO_VERSION)
        good = cat_kind_by_guid(guid, &entry->kind);
    free(guid);
    ASN1_item_free((ASN1_VALUE *)info, ASN1_ITEM_rptr(CAT_MEMBER_INFO));
    ERR_clear_error();
    return good;
}

static bool read_info_v2(const ASN1_TYPE *value, struct cat_entry *entry)
{
    if (value->type != V_ASN1_OTHER)
        return false;
    struct vf_view der = view_of(value->value.asn1_string);
    return der.size == 2 && !der.data[1] && cat_kind_by_tag(der.data[0], &entry->kind);
}

static bool read_statement(const ASN1_TYPE *value, struct cat_entry *entry,
                           struct spc_statement *statement)
{
    if (value->type != V_ASN1_SEQUENCE || entry->has_statement)
        return false;
    if (spc_decode(view_of(value->value.sequence), statement, &entry->page_rows, NULL))
        return false;
    entry->has_statement = true;
    entry->obsolete_name = statement->obsolete_name;
    entry->page_hash = statement->page_hash;
    return true;
}

/* The digest that has so many bytes. */
static bool hash_of_size(size_t size, enum vf_hash *out)
{
    static const enum vf_hash hashes[] = {VF_SHA1, VF_SHA256};

    for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        if (vf_hash_size(hashes[i]) == size) {
            *out = hashes[i];
            return true;
        }
    }
    return false;
}

/*
 * Version 1: the digest's upper-case hexadecimal text; of SHA-256 too in catalogs of 2014 that list
 * each file by both. Version 2: its bytes.
 */
static bool read_identifier(const ASN1_OCTET_STRING *identifier, int version, struct vf_digest *out)
{
    struct vf_view view = view_of(identifier);

    memset(out, 0, sizeof(*out));
    if (version == 2) {
        if (!hash_of_size(view.size, &out->hash))
            return false;
        memcpy(out->bytes, view.data, view.size);
        return true;
    }
    if (view.size % 4 != 2 || !hash_of_size(view.size / 4, &out->hash) ||
        vf_le16(view.data + view.size - 2))
        return false;
    for (size_t i = 0; i < view.size / 2 - 1; i++) {
        static const char digits[] = "0123456789ABCDEF";
        uint16_t unit = vf_le16(view.data + 2 * i);
        const char *digit = unit && unit < 0x80 ? strchr(digits, unit) : NULL;
        if (!digit)
            return false;
        out->bytes[i / 2] = (uint8_t)(out->bytes[i / 2] << 4 | (digit - digits));
    }
    return true;
}

enum attribute_result { KEPT, UNKNOWN, BROKEN };

static enum attribute_result read_attribute(const CAT_ATTRIBUTE *attribute, struct cat_entry *entry,
                                            struct spc_statement *statement)
{
    const ASN1_OBJECT *type = attribute->type;
    bool good;

    if (sk_ASN1_TYPE_num(attribute->values) != 1)
        return BROKEN;
    const ASN1_TYPE *value = sk_ASN1_TYPE_value(attribute->values, 0);
    if (is_oid(type, CAT_OID_VALUE)) {
        good = value->type == V_ASN1_SEQUENCE &&
               read_value(view_of(value->value.sequence), &entry->values, &entry->value_count);
    } else if (is_oid(type, CAT_OID_INFO_V1)) {
        good = entry->has_info = read_info_v1(value, entry);
    } else if (is_oid(type, CAT_OID_INFO_V2)) {
        good = entry->has_info = read_info_v2(value, entry);
    } else if (is_oid(type, SPC_OID_INDIRECT_DATA)) {
        good = read_statement(value, entry, statement);
    } else {
        return UNKNOWN;
    }
    return good ? KEPT : BROKEN;
}

/* The parts of an entry must not contradict each other. */
static bool is_consistent(struct cat_entry *entry, const struct spc_statement *statement)
{
    if (!entry->has_statement)
        return entry->has_info || entry->value_count;
    if (!entry->has_info)
        entry->kind = statement->kind;
    return entry->kind == statement->kind && entry->digest.hash == statement->digest.hash &&
           memcmp(entry->digest.bytes, statement->digest.bytes, VF_DIGEST_MAX) == 0;
}

static enum vf_code read_entry(struct cat_list *list, const CAT_SUBJECT *subject,
                               struct vf_err *err)
{
    struct spc_statement statement = {.kind = SPC_FLAT};
    size_t index = list->entry_count;

    if (!cat_grow((void **)&list->entries, index, sizeof(*list->entries)))
        return vf_fail_memory(err);
    struct cat_entry *entry = &list->entries[index];
    memset(entry, 0, sizeof(*entry));
    list->entry_count++;
    if (!read_identifier(subject->identifier, list->version, &entry->digest))
        return vf_fail(err, VF_MALFORMED, "entry %zu: its identifier is no digest", index + 1);
    for (int i = 0; i < sk_CAT_ATTRIBUTE_num(subject->attributes); i++) {
        switch (read_attribute(sk_CAT_ATTRIBUTE_value(subject->attributes, i), entry, &statement)) {
        case KEPT:
            break;
        case UNKNOWN:
            list->unknown++;
            break;
        case BROKEN:
            return vf_fail(err, VF_MALFORMED, "entry %zu: attribute %d is broken", index + 1,
                           i + 1);
        }
    }
    if (!is_consistent(entry, &statement))
        return vf_fail(err, VF_MALFORMED, "entry %zu: its attributes contradict each other",
                       index + 1);
    return VF_OK;
}

static enum vf_code read_extensions(struct cat_list *list, const CAT_TRUST_LIST *ctl,
                                    struct vf_err *err)
{
    for (int i = 0; i < sk_X509_EXTENSION_num(ctl->extensions); i++) {
        X509_EXTENSION *extension = sk_X509_EXTENSION_value(ctl->extensions, i);
        if (!is_oid(X509_EXTENSION_get_object(extension), CAT_OID_VALUE))
            list->unknown++;
        else if (!read_value(view_of(X509_EXTENSION_get_data(extension)), &list->values,
                             &list->value_count))
            return vf_fail(err, VF_MALFORMED, "catalog attribute %d is broken", i + 1);
    }
    return VF_OK;
}

static enum vf_code read_head(struct cat_list *list, const CAT_TRUST_LIST *ctl, struct vf_err *err)
{
    const ASN1_OBJECT *algorithm;
    struct tm fields;

    if (sk_ASN1_OBJECT_num(ctl->usage) != 1 ||
        !is_oid(sk_ASN1_OBJECT_value(ctl->usage, 0), CAT_OID_LIST))
        return vf_fail(err, VF_MALFORMED, "a trust list, but not one of files: no catalog");
    X509_ALGOR_get0(&algorithm, NULL, NULL, ctl->algorithm);
    if (is_oid(algorithm, CAT_OID_MEMBER_V1))
        list->version = 1;
    else if (is_oid(algorithm, CAT_OID_MEMBER_V2))
        list->version = 2;
    else
        return vf_fail(err, VF_MALFORMED, "a catalog of a version not known here");
    if (ctl->identifier) {
        if (ASN1_STRING_length(ctl->identifier) != CAT_IDENTIFIER_SIZE)
            return vf_fail(err, VF_MALFORMED, "the catalog's identifier is no GUID");
        memcpy(list->identifier, ASN1_STRING_get0_data(ctl->identifier), CAT_IDENTIFIER_SIZE);
    }
    if (ASN1_TIME_to_tm(ctl->this_update, &fields) != 1)
        return vf_fail(err, VF_MALFORMED, "the catalog's time is no time");
    list->time = (int64_t)timegm(&fields);
    return VF_OK;
}

static enum vf_code read_list(struct cat_list *list, const CAT_TRUST_LIST *ctl, struct vf_err *err)
{
    enum vf_code code = read_head(list, ctl, err);

    for (int i = 0; !code && i < sk_CAT_SUBJECT_num(ctl->subjects); i++)
        code = read_entry(list, sk_CAT_SUBJECT_value(ctl->subjects, i), err);
    return code ? code : read_extensions(list, ctl, err);
}

enum vf_code cat_read(struct vf_view file, struct cat_list **out, struct vf_err *err)
{
    struct vf_buf element = VF_BUF_INIT;

    enum vf_code code = sign_catalog_content(file, &element, err);
    if (code)
        return code;
    CAT_TRUST_LIST *ctl =
        (CAT_TRUST_LIST *)decode(vf_view_of(&element), ASN1_ITEM_rptr(CAT_TRUST_LIST));
    vf_buf_free(&element);
    if (!ctl)
        return vf_fail(err, VF_MALFORMED, "the content is no certificate trust list");
    struct cat_list *list = calloc(1, sizeof(*list));
    code = list ? read_list(list, ctl, err) : vf_fail_memory(err);
    ASN1_item_free((ASN1_VALUE *)ctl, ASN1_ITEM_rptr(CAT_TRUST_LIST));
    ERR_clear_error();
    if (code) {
        cat_list_free(list);
        return code;
    }
    *out = list;
    return VF_OK;
}
