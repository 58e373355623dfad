/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cat/diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

typedef int finder_compare(const void *a, const void *b);

/* Items by a key of theirs; of those with equal keys only the first counts. */
struct finder {
    const void **items;
    size_t count;
    finder_compare *compare; /* of pointers to items */
};

/* qsort_r's: equal ones stay in the order that they have in their array. */
static int compare_in_order(const void *a, const void *b, void *compare)
{
    const uint8_t *const *one = a, *const *two = b;
    int order = ((struct finder *)compare)->compare(a, b);

    return order ? order : (*one > *two) - (*one < *two);
}

/* Ends with finder_free(), whatever happened. False where memory is short. */
static bool finder_make(struct finder *out, const void *items, size_t count, size_t size,
                        finder_compare *compare)
{
    *out = (struct finder){calloc(count + 1, sizeof(*out->items)), 0, compare};
    if (!out->items)
        return false;
    for (size_t i = 0; i < count; i++)
        out->items[i] = (const uint8_t *)items + i * size;
    qsort_r(out->items, count, sizeof(*out->items), compare_in_order, out);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || compare(&out->items[out->count - 1], &out->items[i]) != 0)
            out->items[out->count++] = out->items[i];
    return true;
}

static const void *finder_find(const struct finder *finder, const void *like)
{
    const void *const *found =
        bsearch(&like, finder->items, finder->count, sizeof(*finder->items), finder->compare);

    return found ? *found : NULL;
}

static void finder_free(struct finder *finder)
{
    free(finder->items);
}

static int compare_names(const void *a, const void *b)
{
    const struct cat_value *const *one = a, *const *two = b;
    return strcmp((*one)->name, (*two)->name);
}

/* Values of the lists or of two entries; where names whose they are. */
static bool diff_values(struct teller *teller, const char *where, const struct cat_value *a,
                        size_t a_count, const struct cat_value *b, size_t b_count)
{
    struct finder in_a, in_b;
    bool good = finder_make(&in_a, a, a_count, sizeof(*a), compare_names);

    good = finder_make(&in_b, b, b_count, sizeof(*b), compare_names) && good;
    for (size_t i = 0; good && i < a_count; i++) {
        const struct cat_value *other = finder_find(&in_b, &a[i]);
        if (!other)
            tell(teller, "%s: %s (\"%s\") is gone", where, a[i].name, a[i].text);
        else if (strcmp(a[i].text, other->text) != 0)
            tell(teller, "%s: %s is \"%s\", then \"%s\"", where, a[i].name, a[i].text, other->text);
        else if (a[i].flags != other->flags)
            tell(teller, "%s: %s has the flags 0x%x, then 0x%x", where, a[i].name, a[i].flags,
                 other->flags);
    }
    for (size_t i = 0; good && i < b_count; i++)
        if (!finder_find(&in_a, &b[i]))
            tell(teller, "%s: %s (\"%s\") is new", where, b[i].name, b[i].text);
    finder_free(&in_a);
    finder_free(&in_b);
    return good;
}

static const char *entry_name(const struct cat_entry *entry)
{
    const char *name = cat_entry_value(entry, "File");
    return name ? name : "a file without name";
}

static int compare_digests(const void *a, const void *b)
{
    const struct cat_entry *const *one = a, *const *two = b;
    const struct vf_digest *x = &(*one)->digest, *y = &(*two)->digest;

    return x->hash == y->hash ? memcmp(x->bytes, y->bytes, sizeof(x->bytes))
                              : (x->hash > y->hash) - (x->hash < y->hash);
}

/* The same name and kind of digest. */
static int compare_files(const void *a, const void *b)
{
    const struct cat_entry *const *one = a, *const *two = b;
    int order = strcmp(entry_name(*one), entry_name(*two));

    return order ? order
                 : ((*one)->digest.hash > (*two)->digest.hash) -
                       ((*one)->digest.hash < (*two)->digest.hash);
}

static const char *hash_name(enum vf_hash hash)
{
    return hash == VF_SHA1 ? "SHA-1" : "SHA-256";
}

static bool diff_entry(struct teller *teller, const struct cat_entry *a, const struct cat_entry *b)
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
    return diff_values(teller, where, a->values, a->value_count, b->values, b->value_count);
}

/* A list's entries by what they are found by. */
struct entries {
    struct finder by_digest, by_file;
};

static bool entries_sort(struct entries *out, const struct cat_list *list)
{
    bool good = finder_make(&out->by_digest, list->entries, list->entry_count,
                            sizeof(*list->entries), compare_digests);

    return finder_make(&out->by_file, list->entries, list->entry_count, sizeof(*list->entries),
                       compare_files) &&
           good;
}

static void entries_free(struct entries *entries)
{
    finder_free(&entries->by_digest);
    finder_free(&entries->by_file);
}

/* Is there one of the same name, for an entry that has a name? */
static bool is_named(const struct entries *entries, const struct cat_entry *entry)
{
    return cat_entry_value(entry, "File") && finder_find(&entries->by_file, entry);
}

static bool diff_entries(struct teller *teller, const struct cat_list *a, const struct cat_list *b)
{
    struct entries in_a, in_b;
    bool good = entries_sort(&in_a, a);

    good = entries_sort(&in_b, b) && good;
    for (size_t i = 0; good && i < a->entry_count; i++) {
        const struct cat_entry *entry = &a->entries[i];
        const struct cat_entry *same = finder_find(&in_b.by_digest, entry);
        const char *hash = hash_name(entry->digest.hash);
        if (same)
            good = diff_entry(teller, entry, same);
        else if (is_named(&in_b, entry))
            tell(teller, "%s, %s: other content", entry_name(entry), hash);
        else
            tell(teller, "%s, %s: no longer listed", entry_name(entry), hash);
    }
    for (size_t i = 0; good && i < b->entry_count; i++) {
        const struct cat_entry *entry = &b->entries[i];
        if (!finder_find(&in_a.by_digest, entry) && !is_named(&in_a, entry))
            tell(teller, "%s, %s: newly listed", entry_name(entry), hash_name(entry->digest.hash));
    }
    entries_free(&in_a);
    entries_free(&in_b);
    return good;
}

enum vf_code cat_diff(const struct cat_list *first, const struct cat_list *second,
                      cat_diff_seen *seen, void *context, bool *same, struct vf_err *err)
{
    struct teller teller = {seen, context, true, false};

    diff_heads(&teller, first, second);
    bool good = diff_values(&teller, "the catalog", first->values, first->value_count,
                            second->values, second->value_count) &&
                diff_entries(&teller, first, second);
    *same = teller.same;
    return good ? VF_OK : vf_fail_memory(err);
}
