/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dump_catalog CATALOG: the list of a catalog as we read it, in the form of dump_crypt32.exe. */
#include <stdio.h>

#include "builder/cat/cat.h"
#include "util/file.h"

static void print_values(const char *indent, const struct cat_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%svalue %s %x %s\n", indent, values[i].name, values[i].flags, values[i].text);
}

static void print_entry(const struct cat_entry *entry)
{
    const char *kind = cat_kind_text(entry->kind);
    char hex[VF_DIGEST_HEX_MAX];

    vf_digest_hex(&entry->digest, hex);
    printf("entry %s\n", hex);
    print_values(" ", entry->values, entry->value_count);
    if (entry->has_statement)
        printf(" statement %s %s %s\n", kind, entry->digest.hash == VF_SHA1 ? "sha1" : "sha256",
               hex);
    if (entry->has_info)
        printf(" info %s\n", kind);
}

int main(int argc, char **argv)
{
    struct vf_buf file = VF_BUF_INIT;
    struct cat_list *list = NULL;
    struct vf_err err = {VF_USAGE, "usage: dump_catalog CATALOG"};
    enum vf_code code = VF_USAGE;

    if (argc == 2)
        code = vf_file_read(argv[1], CAT_FILE_MAX, &file, &err);
    if (!code)
        code = cat_read(vf_view_of(&file), &list, &err);
    if (code) {
        fprintf(stderr, "dump_catalog: %s\n", err.text);
        vf_buf_free(&file);
        return (int)code;
    }
    printf("version %d\nid ", list->version);
    for (size_t i = 0; i < CAT_IDENTIFIER_SIZE; i++)
        printf("%02x", list->identifier[i]);
    printf("\ntime %lld\n", (long long)list->time);
    print_values("", list->values, list->value_count);
    for (size_t i = 0; i < list->entry_count; i++)
        print_entry(&list->entries[i]);
    cat_list_free(list);
    vf_buf_free(&file);
    return 0;
}
