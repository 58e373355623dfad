/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a package's files to the list that describes them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder/cat/cat_private.h"
#include "builder/pe/pe.h"
#include "inf/index.h"
#include "util/file.h"

static enum vf_code page_hashes(struct vf_view content, struct cat_member *out, struct vf_err *err)
{
    struct pe_image image;

    enum vf_code code = pe_read(content, &image, err);
    if (!code)
        code = pe_page_hashes(&image, VF_SHA1, &out->sha1_rows, err);
    if (!code)
        code = pe_page_hashes(&image, VF_SHA256, &out->sha256_rows, err);
    return code;
}

enum vf_code cat_member_make(const char *name, struct vf_view content, bool pages,
                             struct cat_member *out, struct vf_err *err)
{
    memset(out, 0, sizeof(*out));
    out->name = name;
    out->kind = cat_kind_of(content);
    enum vf_code code = cat_digest(VF_SHA1, content, &out->sha1, err);
    if (!code)
        code = cat_digest(VF_SHA256, content, &out->sha256, err);
    if (!code && pages && out->kind == SPC_IMAGE)
        code = page_hashes(content, out, err);
    if (!code && out->kind == SPC_CABINET)
        code = cat_cabinet_mark(content, &out->sha256_rows, err);
    if (code) {
        vf_err_prefix(err, "%s", name);
        cat_member_free(out);
    }
    return code;
}

void cat_member_free(struct cat_member *member)
{
    cat_values_free(member->values, member->value_count);
    vf_buf_free(&member->sha1_rows);
    vf_buf_free(&member->sha256_rows);
}

/* ASCII lower case: the names and identifiers that catalogs hold are compared so. */
static char *lower_copy(const char *text)
{
    char *copy = strdup(text);

    for (char *p = copy; p && *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p);
    return copy;
}

/* Does the comma list already hold this element? */
static bool lists(const char *list, const char *element, size_t size)
{
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == size && strncmp(at, element, size) == 0)
            return true;
    return false;
}

/* Earlier versions first: "2:5.1" < "2:6.3" < "2:10.0". */
static int compare_versions(const void *a, const void *b)
{
    const char *const *one = a, *const *two = b;
    char *one_minor, *two_minor;
    unsigned long one_major = strtoul(*one + strlen("2:"), &one_minor, 10);
    unsigned long two_major = strtoul(*two + strlen("2:"), &two_minor, 10);

    if (one_major != two_major)
        return one_major < two_major ? -1 : 1;
    unsigned long first = strtoul(one_minor + 1, NULL, 10);
    unsigned long second = strtoul(two_minor + 1, NULL, 10);
    return (first > second) - (first < second);
}

static bool is_for(const struct cat_member *member, const struct cat_os *system)
{
    return !member->arches || (member->arches & INF_ARCH_BIT(cat_os_arch(system)));
}

/*
 * The attribute of a member: the kernel versions of the systems that it is for, each once,
 * ascending. What is for none of them counts as for all.
 */
static bool join_attributes(const struct cat_spec *spec, const struct cat_member *member,
                            struct vf_buf *out)
{
    bool any = false;
    struct vf_buf all = VF_BUF_INIT;
    char *parts[2 * CAT_SYSTEMS_MAX] = {NULL};
    size_t count = 0;
    bool good = true;

    for (size_t i = 0; i < spec->system_count; i++)
        any = any || is_for(member, spec->systems[i]);
    for (size_t i = 0; i < spec->system_count; i++) {
        const char *at = spec->systems[i]->attributes;
        while (*at && (!any || is_for(member, spec->systems[i]))) {
            size_t size = strcspn(at, ",");
            const char *sofar = vf_buf_text(&all);
            if (sofar && !lists(sofar, at, size)) {
                if (all.size)
                    vf_buf_append_byte(&all, ',');
                vf_buf_append(&all, at, size);
            }
            at += size + (at[size] == ',');
        }
    }
    char *text = (char *)vf_buf_text(&all), *rest = NULL;
    for (char *part = text ? strtok_r(text, ",", &rest) : NULL;
         part && count < sizeof(parts) / sizeof(parts[0]); part = strtok_r(NULL, ",", &rest))
        parts[count++] = part;
    good = text != NULL;
    qsort(parts, count, sizeof(parts[0]), compare_versions);
    for (size_t i = 0; i < count; i++)
        vf_buf_printf(out, "%s%s", i ? "," : "", parts[i]);
    vf_buf_free(&all);
    return good && vf_buf_text(out);
}

static bool add_entry(struct cat_list *list, const struct cat_member *member, enum vf_hash hash,
                      const char *attributes)
{
    const struct vf_buf *rows = hash == VF_SHA1 ? &member->sha1_rows : &member->sha256_rows;

    if (!cat_grow((void **)&list->entries, list->entry_count, sizeof(*list->entries)))
        return false;
    struct cat_entry *entry = &list->entries[list->entry_count];
    memset(entry, 0, sizeof(*entry));
    list->entry_count++;
    entry->digest = hash == VF_SHA1 ? member->sha1 : member->sha256;
    entry->kind = member->kind;
    entry->has_info = true;
    /* version 2 states the digest at length in the SHA-256 entry only */
    entry->has_statement = list->version == 1 || hash == VF_SHA256;
    entry->page_hash = hash;
    if (entry->has_statement)
        vf_buf_append_view(&entry->page_rows, vf_view_of(rows));
    char *name = lower_copy(vf_path_base(member->name));
    bool good =
        name && vf_buf_ok(&entry->page_rows) &&
        cat_add_value(&entry->values, &entry->value_count, "File", name, CAT_VALUE_FLAGS) &&
        cat_add_value(&entry->values, &entry->value_count, "OSAttr", attributes, CAT_VALUE_FLAGS);
    for (size_t i = 0; good && i < member->value_count; i++)
        good = cat_add_value(&entry->values, &entry->value_count, member->values[i].name,
                             member->values[i].text, member->values[i].flags);
    free(name);
    return good;
}

static bool add_members(struct cat_list *list, const struct cat_spec *spec)
{
    bool good = true;

    for (size_t i = 0; good && i < spec->member_count; i++) {
        const struct cat_member *member = &spec->members[i];
        struct vf_buf attributes = VF_BUF_INIT;
        good = join_attributes(spec, member, &attributes) &&
               add_entry(list, member, VF_SHA1, (const char *)attributes.data) &&
               (list->version == 1 ||
                add_entry(list, member, VF_SHA256, (const char *)attributes.data));
        vf_buf_free(&attributes);
    }
    return good;
}

static const char *id_at(const void *owner, uint32_t number)
{
    const char *const *ids = owner;
    return ids[number];
}

/* HWIDn ... HWID1: each id once, in the reverse of the order in which they were thought of. */
static bool add_ids(struct cat_list *list, const struct cat_spec *spec)
{
    struct inf_index seen = {NULL, 0, 0};
    char **ids = calloc(spec->hardware_id_count + 1, sizeof(*ids));
    size_t count = 0;
    bool good = ids != NULL && spec->hardware_id_count < UINT32_MAX;

    for (size_t i = 0; good && i < spec->hardware_id_count; i++) {
        if (inf_index_find(&seen, 0, spec->hardware_ids[i], id_at, ids) != UINT32_MAX)
            continue;
        ids[count] = lower_copy(spec->hardware_ids[i]);
        good = ids[count] && inf_index_add(&seen, 0, ids[count], (uint32_t)count);
        count++;
    }
    for (size_t i = count; good && i-- > 0;) {
        char name[32];
        snprintf(name, sizeof(name), "HWID%zu", i + 1);
        good = cat_add_value(&list->values, &list->value_count, name, ids[i], CAT_VALUE_FLAGS);
    }
    for (size_t i = 0; i < count; i++)
        free(ids[i]);
    free(ids);
    inf_index_free(&seen);
    return good;
}

/* PE, OS, and the hardware ids behind them. */
static bool add_values(struct cat_list *list, const struct cat_spec *spec)
{
    struct vf_buf systems = VF_BUF_INIT;

    for (size_t i = 0; i < spec->system_count; i++)
        vf_buf_printf(&systems, "%s%s", i ? "," : "", spec->systems[i]->catalog);
    bool good = !spec->trusted ||
                cat_add_value(&list->values, &list->value_count, "PE", "TRUSTED", CAT_PE_FLAGS);
    good = good && vf_buf_text(&systems) &&
           cat_add_value(&list->values, &list->value_count, "OS", (const char *)systems.data,
                         CAT_VALUE_FLAGS) &&
           add_ids(list, spec);
    vf_buf_free(&systems);
    return good;
}

/*
 * The order of the identifiers that entries are encoded with: upper-case hexadecimal sorts as the
 * bytes themselves do. Equal content under two names: by name.
 */
static int compare_entries(const void *a, const void *b)
{
    const struct cat_entry *one = a, *two = b;
    size_t one_size = vf_hash_size(one->digest.hash), two_size = vf_hash_size(two->digest.hash);

    int order =
        memcmp(one->digest.bytes, two->digest.bytes, one_size < two_size ? one_size : two_size);
    if (!order)
        order = (one_size > two_size) - (one_size < two_size);
    return order ? order : strcmp(cat_entry_value(one, "File"), cat_entry_value(two, "File"));
}

/* SHA-256 over all that the list says, cut to 16 bytes and marked as a random (version 4) GUID. */
static enum vf_code derive_identifier(struct cat_list *list, struct vf_err *err)
{
    struct vf_digest digest;
    struct vf_buf all = VF_BUF_INIT;

    for (size_t i = 0; i < list->entry_count; i++) {
        const struct cat_entry *entry = &list->entries[i];
        vf_buf_append(&all, entry->digest.bytes, vf_hash_size(entry->digest.hash));
        vf_buf_append(&all, cat_entry_value(entry, "File"),
                      strlen(cat_entry_value(entry, "File")) + 1);
        vf_buf_append(&all, cat_entry_value(entry, "OSAttr"),
                      strlen(cat_entry_value(entry, "OSAttr")) + 1);
    }
    for (size_t i = 0; i < list->value_count; i++)
        vf_buf_append(&all, list->values[i].text, strlen(list->values[i].text) + 1);
    vf_buf_printf(&all, "%lld", (long long)list->time);
    enum vf_code code = vf_buf_ok(&all) ? vf_digest_view(VF_SHA256, vf_view_of(&all), &digest, err)
                                        : vf_fail_memory(err);
    vf_buf_free(&all);
    if (code)
        return code;
    memcpy(list->identifier, digest.bytes, CAT_IDENTIFIER_SIZE);
    list->identifier[7] = (uint8_t)((list->identifier[7] & 0x0f) | 0x40);
    list->identifier[8] = (uint8_t)((list->identifier[8] & 0x3f) | 0x80);
    return VF_OK;
}

/* The version that every system of the list understands, unless another is asked for. */
static enum vf_code choose_version(const struct cat_spec *spec, int *out, struct vf_err *err)
{
    const struct cat_os *oldest = NULL;

    for (size_t i = 0; i < spec->system_count; i++)
        if (spec->systems[i]->version == 1)
            oldest = spec->systems[i];
    *out = spec->version ? spec->version : oldest ? 1 : 2;
    if (*out != 1 && *out != 2)
        return vf_fail(err, VF_USAGE, "there is no catalog version %d", *out);
    if (*out == 2 && oldest)
        return vf_fail(err, VF_USAGE, "%s needs a catalog of version 1 (SHA-1)", oldest->name);
    return VF_OK;
}

enum vf_code cat_create(const struct cat_spec *spec, struct cat_list **out, struct vf_err *err)
{
    int version;

    if (!spec->member_count || !spec->system_count)
        return vf_fail(err, VF_USAGE, "a catalog needs at least one file and one system");
    enum vf_code code = choose_version(spec, &version, err);
    if (code)
        return code;
    struct cat_list *list = calloc(1, sizeof(*list));
    if (!list)
        return vf_fail_memory(err);
    list->version = version;
    list->time = spec->time;
    if (!add_members(list, spec) || !add_values(list, spec) || !list->entries || !list->values) {
        cat_list_free(list);
        return vf_fail_memory(err);
    }
    qsort(list->entries, list->entry_count, sizeof(*list->entries), compare_entries);
    if (spec->identifier)
        memcpy(list->identifier, spec->identifier, CAT_IDENTIFIER_SIZE);
    else
        code = derive_identifier(list, err);
    if (code) {
        cat_list_free(list);
        return code;
    }
    *out = list;
    return VF_OK;
}
