/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cat/diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/epoch.h"

struct teller {
    cat_diff_seen *seen;
    void *context;
    bool same, ended;
};

static void tell(struct teller *teller, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(struct teller *teller, const char *format, ...)
{
    char text[VF_ERR_TEXT_MAX];
    va_list args;

    teller->same = false;
    if (teller->ended)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    teller->ended = !teller->seen(teller->context, text);
}

static void time_text(int64_t seconds, char out[32])
{
    struct tm fields;

    vf_epoch_utc(seconds, &fields);
    strftime(out, 32, "%Y-%m-%d %H:%M:%S", &fields);
}

static void diff_heads(struct teller *teller, const struct cat_list *a, const struct cat_list *b)
{
    char one[CAT_GUID_TEXT_SIZE], two[CAT_GUID_TEXT_SIZE];

    if (a->version != b->version)
        tell(teller, "the version is %d, then %d", a->version, b->version);
    if (memcmp(a->identifier, b->identifier, CAT_IDENTIFIER_SIZE) != 0) {
        cat_identifier_text(a->identifier, one);
        cat_identifier_text(b->identifier, two);
        tell(teller, "the identifier is %s, then %s", one, two);
    }
    if (a->time != b->time) {
        time_text(a->time, one);
        time_text(b->time, two);
        tell(teller, "the time is %s, then %s (UTC)", one, two);
    }
}

static const struct cat_value *value_named(const struct cat_value *values, size_t count,
                                           const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i].name, name) == 0)
            return &values[i];
    return NULL;
}

/* Values of the lists or of two entries; where names whose they are. */
static void diff_values(struct teller *teller, const char *where, const struct cat_value *a,
                        size_t a_count, const struct cat_value *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++) {
        const struct cat_value *other = value_named(b, b_count, a[i].name);
        if (!other)
            tell(teller, "%s: %s (\"%s\") is gone", where, a[i].name, a[i].text);
        else if (strcmp(a[i].text, other->text) != 0)
            tell(teller, "%s: %s is \"%s\", then \"%s\"", where, a[i].name, a[i].text, other->text);
        else if (a[i].flags != other->flags)
            tell(teller, "%s: %s has the flags 0x%x, then 0x%x", where, a[i].name, a[i].flags,
                 other->flags);
    }
    for (size_t i = 0; i < b_count; i++)
        if (!value_named(a, a_count, b[i].name))
            tell(teller, "%s: %s (\"%s\") is new", where, b[i].name, b[i].text);
}

static const char *entry_name(const struct cat_entry *entry)
{
    const char *name = cat_entry_value(entry, "File");
    return name ? name : "a file without name";
}

/* An entry for the same name and kind of digest. */
static const struct cat_entry *entry_like(const struct cat_list *list,
                                          const struct cat_entry *entry)
{
    const char *name = cat_entry_value(entry, "File");

    for (size_t i = 0; name && i < list->entry_count; i++) {
        const char *other = cat_entry_value(&list->entries[i], "File");
        if (other && strcmp(name, other) == 0 && list->entries[i].digest.hash == entry->digest.hash)
            return &list->entries[i];
    }
    return NULL;
}

static const char *hash_name(enum vf_hash hash)
{
    return hash == VF_SHA1 ? "SHA-1" : "SHA-256";
}

static void diff_entry(struct teller *teller, const struct cat_entry *a, const struct cat_entry *b)
{
    char where[160];

    snprintf(where, sizeof(where), "%.120s, %s", entry_name(a), hash_name(a->digest.hash));
    if (a->kind != b->kind)
        tell(teller, "%s: listed as %s, then as %s", where, cat_kind_text(a->kind),
             cat_kind_text(b->kind));
    if (a->has_info != b->has_info || a->has_statement != b->has_statement)
        tell(teller, "%s: other kinds of attributes", where);
    if (a->obsolete_name != b->obsolete_name)
        tell(teller, "%s: the empty file name is spelled differently", where);
    if (!vf_view_equal(vf_view_of(&a->page_rows), vf_view_of(&b->page_rows)))
        tell(teller, "%s: other page hashes, or another enhanced hash", where);
    diff_values(teller, where, a->values, a->value_count, b->values, b->value_count);
}

static void diff_entries(struct teller *teller, const struct cat_list *a, const struct cat_list *b)
{
    for (size_t i = 0; i < a->entry_count; i++) {
        const struct cat_entry *entry = &a->entries[i];
        const struct cat_entry *same = cat_find(b, &entry->digest);
        const char *hash = hash_name(entry->digest.hash);
        if (same)
            diff_entry(teller, entry, same);
        else if (entry_like(b, entry))
            tell(teller, "%s, %s: other content", entry_name(entry), hash);
        else
            tell(teller, "%s, %s: no longer listed", entry_name(entry), hash);
    }
    for (size_t i = 0; i < b->entry_count; i++) {
        const struct cat_entry *entry = &b->entries[i];
        if (!cat_find(a, &entry->digest) && !entry_like(a, entry))
            tell(teller, "%s, %s: newly listed", entry_name(entry), hash_name(entry->digest.hash));
    }
}

bool cat_diff(const struct cat_list *first, const struct cat_list *second, cat_diff_seen *seen,
              void *context)
{
    struct teller teller = {seen, context, true, false};

    diff_heads(&teller, first, second);
    diff_values(&teller, "the catalog", first->values, first->value_count, second->values,
                second->value_count);
    diff_entries(&teller, first, second);
    return teller.same;
}
