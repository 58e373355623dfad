/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the list to its DER encoding. */
#include <limits.h>
#include <string.h>

#include <openssl/objects.h>

#include "builder/cat/cat_private.h"
#include "builder/sign/sign.h"
#include "util/utf16.h"

/* Text as UTF-16 in a byte order, with final NUL or without. */
static bool utf16(const char *text, enum vf_endian endian, bool nul, struct vf_buf *out)
{
    struct vf_view view = {(const uint8_t *)text, strlen(text)};

    if (!vf_utf8_to_utf16(view, endian, out))
        return false;
    if (nul)
        vf_buf_append_zero(out, 2);
    return vf_buf_ok(out) && out->size <= INT_MAX;
}

static bool set_bmp(ASN1_BMPSTRING *string, const char *text)
{
    struct vf_buf units = VF_BUF_INIT;
    bool good =
        utf16(text, VF_BIG, false, &units) && ASN1_STRING_set(string, units.data, (int)units.size);

    vf_buf_free(&units);
    return good;
}

/* A name and its text, encoded. */
static bool encode_value(const struct cat_value *value, unsigned char **der, int *size)
{
    CAT_NAME_VALUE *pair = (CAT_NAME_VALUE *)ASN1_item_new(ASN1_ITEM_rptr(CAT_NAME_VALUE));
    struct vf_buf units = VF_BUF_INIT;

    *der = NULL;
    *size = -1;
    if (pair && set_bmp(pair->name, value->name) &&
        ASN1_INTEGER_set_uint64(pair->flags, value->flags) &&
        utf16(value->text, VF_LITTLE, true, &units) &&
        ASN1_OCTET_STRING_set(pair->value, units.data, (int)units.size))
        *size = ASN1_item_i2d((ASN1_VALUE *)pair, der, ASN1_ITEM_rptr(CAT_NAME_VALUE));
    ASN1_item_free((ASN1_VALUE *)pair, ASN1_ITEM_rptr(CAT_NAME_VALUE));
    vf_buf_free(&units);
    return *size > 0;
}

/* An attribute of one value, given encoded: V_ASN1_SEQUENCE, or V_ASN1_OTHER for a tagged one. */
static bool push_attribute(STACK_OF(CAT_ATTRIBUTE) * attributes, const char *oid, int type,
                           const unsigned char *der, int size)
{
    CAT_ATTRIBUTE *attribute = (CAT_ATTRIBUTE *)ASN1_item_new(ASN1_ITEM_rptr(CAT_ATTRIBUTE));
    ASN1_TYPE *value = ASN1_TYPE_new();
    ASN1_STRING *string = ASN1_STRING_type_new(type);

    if (!attribute || !value || !string || !ASN1_STRING_set(string, der, size))
        goto fail;
    ASN1_TYPE_set(value, type, string);
    string = NULL;
    attribute->type = OBJ_txt2obj(oid, 1);
    if (!attribute->type || !sk_ASN1_TYPE_push(attribute->values, value))
        goto fail;
    value = NULL;
    if (sk_CAT_ATTRIBUTE_push(attributes, attribute))
        return true;
fail:
    ASN1_STRING_free(string);
    ASN1_TYPE_free(value);
    ASN1_item_free((ASN1_VALUE *)attribute, ASN1_ITEM_rptr(CAT_ATTRIBUTE));
    return false;
}

static bool push_value(STACK_OF(CAT_ATTRIBUTE) * attributes, const struct cat_value *value)
{
    unsigned char *der;
    int size;

    bool good = encode_value(value, &der, &size) &&
                push_attribute(attributes, CAT_OID_VALUE, V_ASN1_SEQUENCE, der, size);
    OPENSSL_free(der);
    return good;
}

static bool push_info(STACK_OF(CAT_ATTRIBUTE) * attributes, int version, enum spc_kind kind)
{
    if (version == 2) {
        const unsigned char tagged[2] = {cat_kind_tag(kind), 0};
        return push_attribute(attributes, CAT_OID_INFO_V2, V_ASN1_OTHER, tagged, sizeof(tagged));
    }
    CAT_MEMBER_INFO *info = (CAT_MEMBER_INFO *)ASN1_item_new(ASN1_ITEM_rptr(CAT_MEMBER_INFO));
    unsigned char *der = NULL;
    int size = -1;
    if (info && set_bmp(info->guid, cat_kind_guid(kind)) &&
        ASN1_INTEGER_set(info->version, CAT_INFO_VERSION))
        size = ASN1_item_i2d((ASN1_VALUE *)info, &der, ASN1_ITEM_rptr(CAT_MEMBER_INFO));
    bool good = size > 0 && push_attribute(attributes, CAT_OID_INFO_V1, V_ASN1_SEQUENCE, der, size);
    OPENSSL_free(der);
    ASN1_item_free((ASN1_VALUE *)info, ASN1_ITEM_rptr(CAT_MEMBER_INFO));
    return good;
}

static bool push_statement(STACK_OF(CAT_ATTRIBUTE) * attributes, const struct cat_entry *entry)
{
    const struct spc_statement statement = {
        .kind = entry->kind,
        .digest = entry->digest,
        .in_catalog = true,
        .page_hash = entry->page_hash,
        .page_rows = vf_view_of(&entry->page_rows),
        .obsolete_name = entry->obsolete_name,
    };
    struct vf_buf der = VF_BUF_INIT;

    bool good =
        spc_encode(&statement, &der, NULL) == VF_OK &&
        push_attribute(attributes, SPC_OID_INDIRECT_DATA, V_ASN1_SEQUENCE, der.data, (int)der.size);
    vf_buf_free(&der);
    return good;
}

/* Version 1 finds entries by the digest's text, version 2 by its bytes. */
static bool set_identifier(ASN1_OCTET_STRING *out, int version, const struct vf_digest *digest)
{
    size_t size = vf_hash_size(digest->hash);
    char hex[VF_DIGEST_HEX_MAX];
    struct vf_buf units = VF_BUF_INIT;

    if (version == 2)
        return ASN1_OCTET_STRING_set(out, digest->bytes, (int)size);
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = "0123456789ABCDEF"[digest->bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789ABCDEF"[digest->bytes[i] & 15];
    }
    hex[2 * size] = '\0';
    bool good = utf16(hex, VF_LITTLE, true, &units) &&
                ASN1_OCTET_STRING_set(out, units.data, (int)units.size);
    vf_buf_free(&units);
    return good;
}

static bool fill_subject(CAT_SUBJECT *subject, int version, const struct cat_entry *entry)
{
    subject->attributes = sk_CAT_ATTRIBUTE_new_null();
    bool good = subject->attributes && set_identifier(subject->identifier, version, &entry->digest);
    for (size_t i = 0; good && i < entry->value_count; i++)
        good = push_value(subject->attributes, &entry->values[i]);
    if (good && entry->has_statement)
        good = push_statement(subject->attributes, entry);
    if (good && entry->has_info)
        good = push_info(subject->attributes, version, entry->kind);
    return good;
}

static bool add_subjects(CAT_TRUST_LIST *ctl, const struct cat_list *list)
{
    ctl->subjects = sk_CAT_SUBJECT_new_null();
    if (!ctl->subjects)
        return false;
    for (size_t i = 0; i < list->entry_count; i++) {
        CAT_SUBJECT *subject = (CAT_SUBJECT *)ASN1_item_new(ASN1_ITEM_rptr(CAT_SUBJECT));
        if (!subject || !sk_CAT_SUBJECT_push(ctl->subjects, subject)) {
            ASN1_item_free((ASN1_VALUE *)subject, ASN1_ITEM_rptr(CAT_SUBJECT));
            return false;
        }
        if (!fill_subject(subject, list->version, &list->entries[i]))
            return false;
    }
    return true;
}

static bool add_extensions(CAT_TRUST_LIST *ctl, const struct cat_list *list)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(CAT_OID_VALUE, 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    bool good = oid && octets;

    if (good && list->value_count)
        good = (ctl->extensions = sk_X509_EXTENSION_new_null()) != NULL;
    for (size_t i = 0; good && i < list->value_count; i++) {
        unsigned char *der;
        int size;
        X509_EXTENSION *extension = NULL;
        good = encode_value(&list->values[i], &der, &size) &&
               ASN1_OCTET_STRING_set(octets, der, size) &&
               (extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets)) &&
               sk_X509_EXTENSION_push(ctl->extensions, extension);
        if (!good)
            X509_EXTENSION_free(extension);
        OPENSSL_free(der);
    }
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(oid);
    return good;
}

static bool fill_list(CAT_TRUST_LIST *ctl, const struct cat_list *list)
{
    ASN1_OBJECT *usage = OBJ_txt2obj(CAT_OID_LIST, 1);
    ASN1_OBJECT *algorithm =
        OBJ_txt2obj(list->version == 1 ? CAT_OID_MEMBER_V1 : CAT_OID_MEMBER_V2, 1);

    ctl->identifier = ASN1_OCTET_STRING_new();
    if (!usage || !algorithm || !ctl->identifier || !sk_ASN1_OBJECT_push(ctl->usage, usage)) {
        ASN1_OBJECT_free(usage);
        ASN1_OBJECT_free(algorithm);
        return false;
    }
    if (!X509_ALGOR_set0(ctl->algorithm, algorithm, V_ASN1_NULL, NULL)) {
        ASN1_OBJECT_free(algorithm);
        return false;
    }
    return ASN1_OCTET_STRING_set(ctl->identifier, list->identifier, CAT_IDENTIFIER_SIZE) &&
           ASN1_TIME_set(ctl->this_update, (time_t)list->time) && add_subjects(ctl, list) &&
           add_extensions(ctl, list);
}

enum vf_code cat_write(const struct cat_list *list, struct vf_buf *out, struct vf_err *err)
{
    CAT_TRUST_LIST *ctl = (CAT_TRUST_LIST *)ASN1_item_new(ASN1_ITEM_rptr(CAT_TRUST_LIST));
    unsigned char *der = NULL;
    int size = -1;

    if (ctl && fill_list(ctl, list))
        size = ASN1_item_i2d((ASN1_VALUE *)ctl, &der, ASN1_ITEM_rptr(CAT_TRUST_LIST));
    ASN1_item_free((ASN1_VALUE *)ctl, ASN1_ITEM_rptr(CAT_TRUST_LIST));
    if (size < 0)
        return vf_fail(err, VF_MALFORMED,
                       "the catalog cannot be encoded: is every name and value valid UTF-8?");
    enum vf_code code = sign_catalog_wrap((struct vf_view){der, (size_t)size}, out, err);
    OPENSSL_free(der);
    return code;
}
